//! FindPerson.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{access, view};
use crate::Registry;
use crate::convert;
use crate::domain::access::NOBODY;
use crate::store::person::Number;

/// The most people with one number that are looked at; a phone may be a family's.
const FOUND_MAX: i64 = 20;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::FindPersonRequest>,
) -> Result<proto::Person, Error> {
    let (call, request) = Call::open(request);
    registry.authorize(&call, "FindPerson", Target::NOWHERE)?;
    let (field, number) = match request.key.as_ref().ok_or_else(|| Violation::required("identity_number"))? {
        proto::find_person_request::Key::IdentityNumber(text) => {
            let index = convert::identity_index(&registry.keyring, "identity_number", text)?;
            ("find:identity_number", Number::Identity(index))
        }
        proto::find_person_request::Key::Phone(text) => {
            ("find:phone", Number::Phone(convert::phone_index(&registry.keyring, "phone", text)?))
        }
    };
    let purpose = convert::purpose("purpose", &request.purpose)?;
    let found = registry.store.people_with(&number, registry.today(), FOUND_MAX).await?;
    // Searches that find nobody, or somebody out of the caller's reach, are recorded as well: whoever tries out numbers
    // is to be seen.
    let mut subjects: Vec<String> = found.iter().map(|person| format!("people/{}", person.id)).collect();
    if subjects.is_empty() {
        subjects.push(NOBODY.to_owned());
    }
    let records = subjects.into_iter().map(|subject| access(registry, &call, subject, &purpose, &[field]));
    registry.store.record_access(&records.collect::<Vec<_>>()).await?;
    let within = |code: &str| registry.authorize(&call, "FindPerson", Target::within(code)).is_ok();
    let mut visible = found.into_iter().filter(|person| within(person.division.as_str()));
    let person = visible.next().ok_or_else(|| Refusal::missing("a person with this number"))?;
    if visible.next().is_some() {
        return Err(Refusal::rule("NUMBER_SHARED", "several people have this number").into());
    }
    let view = view(registry, &call, &person);
    convert::person(&registry.keyring, person, view)
}
