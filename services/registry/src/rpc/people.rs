//! People and their appointments.

mod batch_create_people;
mod create_appointment;
mod create_person;
mod end_appointment;
mod end_person;
mod find_person;
mod get_appointment;
mod get_person;
mod list_access_records;
mod list_appointments;
mod list_people;
mod resolve_subject;
mod reveal_person;
mod update_person;

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::person_service_server::PersonService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::answer;
use crate::Registry;
use crate::convert::View;
use crate::domain::access::Access;
use crate::domain::appointment::NewAppointment;
use crate::domain::person::Person;

#[tonic::async_trait]
impl PersonService for Registry {
    async fn get_person(
        &self,
        request: Request<proto::GetPersonRequest>,
    ) -> Result<Response<proto::Person>, Status> {
        answer(get_person::handle(self, request).await)
    }

    async fn reveal_person(
        &self,
        request: Request<proto::RevealPersonRequest>,
    ) -> Result<Response<proto::Person>, Status> {
        answer(reveal_person::handle(self, request).await)
    }

    async fn list_people(
        &self,
        request: Request<proto::ListPeopleRequest>,
    ) -> Result<Response<proto::ListPeopleResponse>, Status> {
        answer(list_people::handle(self, request).await)
    }

    async fn create_person(
        &self,
        request: Request<proto::CreatePersonRequest>,
    ) -> Result<Response<proto::Person>, Status> {
        answer(create_person::handle(self, request).await)
    }

    async fn batch_create_people(
        &self,
        request: Request<proto::BatchCreatePeopleRequest>,
    ) -> Result<Response<proto::BatchCreatePeopleResponse>, Status> {
        answer(batch_create_people::handle(self, request).await)
    }

    async fn update_person(
        &self,
        request: Request<proto::UpdatePersonRequest>,
    ) -> Result<Response<proto::Person>, Status> {
        answer(update_person::handle(self, request).await)
    }

    async fn end_person(
        &self,
        request: Request<proto::EndPersonRequest>,
    ) -> Result<Response<proto::Person>, Status> {
        answer(end_person::handle(self, request).await)
    }

    async fn find_person(
        &self,
        request: Request<proto::FindPersonRequest>,
    ) -> Result<Response<proto::Person>, Status> {
        answer(find_person::handle(self, request).await)
    }

    async fn resolve_subject(
        &self,
        request: Request<proto::ResolveSubjectRequest>,
    ) -> Result<Response<proto::ResolveSubjectResponse>, Status> {
        answer(resolve_subject::handle(self, request).await)
    }

    async fn get_appointment(
        &self,
        request: Request<proto::GetAppointmentRequest>,
    ) -> Result<Response<proto::Appointment>, Status> {
        answer(get_appointment::handle(self, request).await)
    }

    async fn list_appointments(
        &self,
        request: Request<proto::ListAppointmentsRequest>,
    ) -> Result<Response<proto::ListAppointmentsResponse>, Status> {
        answer(list_appointments::handle(self, request).await)
    }

    async fn create_appointment(
        &self,
        request: Request<proto::CreateAppointmentRequest>,
    ) -> Result<Response<proto::Appointment>, Status> {
        answer(create_appointment::handle(self, request).await)
    }

    async fn end_appointment(
        &self,
        request: Request<proto::EndAppointmentRequest>,
    ) -> Result<Response<proto::Appointment>, Status> {
        answer(end_appointment::handle(self, request).await)
    }

    async fn list_access_records(
        &self,
        request: Request<proto::ListAccessRecordsRequest>,
    ) -> Result<Response<proto::ListAccessRecordsResponse>, Status> {
        answer(list_access_records::handle(self, request).await)
    }
}

/// The permission to see the record of somebody who is no officer, numbers masked.
const READ: &str = "ReadPerson";

/// Whether the caller is this person.
fn is_own(call: &Call, person: &str) -> bool {
    call.caller.person.as_deref().and_then(|name| name.strip_prefix("people/")) == Some(person)
}

/// What an action on a person is done to.
fn target<'a>(call: &Call, person: &'a Person) -> Target<'a> {
    Target { division: Some(person.division.as_str()), own: is_own(call, &person.id) }
}

/// How much of a person the caller sees without stating a purpose.
fn view(registry: &Registry, call: &Call, person: &Person) -> View {
    match registry.authorize(call, READ, target(call, person)) {
        Ok(()) => View::Masked,
        Err(_) => View::Public,
    }
}

/// A person on whom the caller may act. Of one who does not exist nobody without any such appointment learns it.
async fn permitted(registry: &Registry, call: &Call, action: &str, id: &str) -> Result<Person, Error> {
    match registry.store.person(id).await? {
        Some(person) => {
            registry.authorize(call, action, target(call, &person))?;
            Ok(person)
        }
        None => {
            registry.authorize(call, action, Target::NOWHERE)?;
            Err(missing(id))
        }
    }
}

fn missing(id: &str) -> Error {
    Refusal::missing(format!("person {id}")).into()
}

/// Refuses appointments that reach further than the caller's own.
fn authorize_appointments<'a>(
    registry: &Registry,
    call: &Call,
    action: &str,
    appointments: impl IntoIterator<Item = &'a NewAppointment>,
) -> Result<(), Error> {
    appointments
        .into_iter()
        .try_for_each(|new| registry.authorize(call, action, Target::within(new.office.division_code())))
}

/// Records that the caller reads something of somebody.
fn access(registry: &Registry, call: &Call, subject: String, purpose: &str, fields: &[&str]) -> Access {
    Access {
        id: Uuid::now_v7(),
        subject,
        actor: call.caller.name_for_audit().into_owned(),
        purpose: purpose.to_owned(),
        fields: fields.iter().map(ToString::to_string).collect(),
        occur_time: registry.clock.now(),
    }
}
