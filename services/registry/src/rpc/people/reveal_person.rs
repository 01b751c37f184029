//! RevealPerson.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{access, permitted};
use crate::Registry;
use crate::convert;
use crate::convert::View;
use crate::domain::person::Person;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::RevealPersonRequest>,
) -> Result<proto::Person, Error> {
    let (call, request) = Call::open(request);
    let id = convert::person_name("name", &request.name)?;
    let person = permitted(registry, &call, "RevealPerson", &id).await?;
    let purpose = convert::purpose("purpose", &request.purpose)?;
    let record = access(registry, &call, format!("people/{id}"), &purpose, &shown(&person));
    // Nothing is opened before the record of it is kept.
    registry.store.record_access(&[record]).await?;
    convert::person(&registry.keyring, person, View::Full)
}

/// The fields that are shown in full, of those that are there.
fn shown(person: &Person) -> Vec<&'static str> {
    let there = [("phone", person.phone.is_some()), ("identity_number", person.identity_number.is_some())];
    there.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}
