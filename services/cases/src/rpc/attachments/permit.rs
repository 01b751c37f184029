//! Who may read an attachment. Who may not is told that it does not exist.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use uuid::Uuid;

use crate::Cases;
use crate::domain::attachment::{self, Attachment, Kept};
use crate::rpc::cases::seen;

/// The attachment, if the caller may read it: while it is pending whoever uploaded it, by account or token; then whoever
/// may see what the case holds.
pub async fn readable(
    cases: &Cases,
    call: &Call,
    action: &str,
    id: Uuid,
    token: &str,
) -> Result<Kept, Error> {
    cases.authorize(call, action, Target::NOWHERE)?;
    let kept = cases.store.attachment(id).await?.ok_or_else(|| attachment::missing(id))?;
    let permitted = match &kept.attachment.case_number {
        None => kept.is_own(&call.caller.name_for_audit(), token),
        Some(number) => of_case(cases, call, number, &kept.attachment).await?,
    };
    if permitted { Ok(kept) } else { Err(attachment::missing(id).into()) }
}

/// Whether the caller may see what a case holds: as the one who uploaded the file, or as whoever sees the case.
async fn of_case(cases: &Cases, call: &Call, number: &str, attachment: &Attachment) -> Result<bool, Error> {
    let actor = call.caller.name_for_audit();
    let own = actor != attachment::ANONYMOUS && actor == attachment.uploader;
    if own {
        return Ok(true);
    }
    match seen(cases, call, "GetCase", number).await {
        Ok(_) => Ok(true),
        Err(Error::Denied(_) | Error::Refused(_)) => Ok(false),
        Err(failed) => Err(failed),
    }
}
