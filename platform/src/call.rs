//! What a handler knows of the call beside its message: who calls, by which RPC.

use chrono::{DateTime, Utc};
use prost::Message;
use tonic::Request;

use crate::identity::Caller;
use crate::journal::{Change, RequestKey};
use crate::status::Violation;

/// A call, with its message taken out.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who calls. The identity layer puts it there; without that layer every caller is anonymous.
    pub caller: Caller,
}

impl Call {
    /// Parts a request into the call and its message.
    pub fn open<T>(request: Request<T>) -> (Self, T) {
        let (_, mut extensions, message) = request.into_parts();
        let caller = extensions.remove::<Caller>().unwrap_or_else(Caller::anonymous);
        (Self { caller }, message)
    }

    /// The change this call makes, for the store. `request_id` and `request` give the idempotency key.
    ///
    /// # Errors
    /// The request id is no UUID.
    pub fn change(
        &self,
        method: &'static str,
        request_id: &str,
        request: &impl Message,
        now: DateTime<Utc>,
    ) -> Result<Change, Violation> {
        let request = RequestKey::of(request_id, method, request)
            .map_err(|_| Violation::new("request_id", "INVALID_REQUEST_ID", "must be a UUID"))?;
        Ok(Change { actor: self.caller.name_for_audit().into_owned(), now, request })
    }
}
