//! Civic information.

mod archive_observation;
mod batch_create_observations;
mod classify_observation;
mod get_observation;
mod get_observation_figures;
mod list_observations;
mod raise_case;

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::identity::{Appointment, Caller, Role};
use minqing_platform::journal::Change;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::observation_service_server::ObservationService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::answer;
use super::cases::{party, sight_of};
use crate::domain::case::{Party, Sight};
use crate::domain::observation::{Command, is_kept_close};
use crate::store::observation::Stored;
use crate::{Cases, convert};

/// How much of an observation somebody sees who may otherwise read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// Nothing: as if it were not there.
    Nothing,
    /// What they wrote themselves, but not which case it became.
    WithoutCase,
    /// All.
    Whole,
}

/// An observation that a caller may see and do something to.
struct Seen {
    stored: Stored,
    view: View,
    by: Party,
}

impl Seen {
    fn message(&self) -> proto::Observation {
        convert::observation(&self.stored.observation, self.view == View::Whole)
    }
}

/// Finds an observation, if the caller may do something to it.
async fn seen(cases: &Cases, call: &Call, action: &str, id: Uuid) -> Result<Seen, Error> {
    let missing = || Refusal::missing(format!("observation {id}"));
    // Whoever may do this to no observation at all is told so, whether there is this one or not.
    cases.authorize(call, action, Target { division: None, own: true })?;
    let stored = cases.store.observation(id).await?.ok_or_else(missing)?;
    let facts = &stored.observation.facts;
    let own = facts.officer.name == call.caller.name_for_audit();
    let target = Target { division: Some(facts.grid.as_str()), own };
    let appointment = cases.policy.decide(&call.caller, action, target)?;
    let by = party(call, appointment);
    let view = view(&call.caller, &stored);
    if view == View::Nothing {
        return Err(missing().into());
    }
    Ok(Seen { stored, view, by })
}

/// How much somebody sees. What became a complaint, or a case of somebody who does not want to be known, was told to the
/// officer, perhaps at home; those of the area may be the very ones it is about.
fn view(caller: &Caller, stored: &Stored) -> View {
    let Some(case) = &stored.case else { return View::Whole };
    let (facts, handling) = (&stored.observation.facts, &stored.observation.handling);
    let name = caller.name_for_audit();
    let is_officer = facts.officer.name == name;
    if sight_of(caller, case) == Sight::Nothing {
        return if is_officer { View::WithoutCase } else { View::Nothing };
    }
    let centre = |held: &Appointment| {
        matches!(held.role, Role::Dispatcher | Role::Supervisor | Role::Auditor)
            && held.covers(facts.grid.as_str())
    };
    let is_raiser = handling.handler.as_deref() == Some(&*name);
    let knows = is_officer || is_raiser || caller.appointments.iter().any(centre);
    if knows || !is_kept_close(case) { View::Whole } else { View::Nothing }
}

/// Whom and what a request is about.
struct Asked {
    id: Uuid,
    version: Option<i64>,
}

/// Lets something become of an observation, but no case.
async fn handled(
    cases: &Cases,
    change: &Change,
    asked: &Asked,
    command: &Command,
) -> Result<proto::Observation, Error> {
    let after = cases.store.handle_observation(change, asked.id, asked.version, command).await?;
    Ok(convert::observation(&after, true))
}

#[tonic::async_trait]
impl ObservationService for Cases {
    async fn batch_create_observations(
        &self,
        request: Request<proto::BatchCreateObservationsRequest>,
    ) -> Result<Response<proto::BatchCreateObservationsResponse>, Status> {
        answer(batch_create_observations::handle(self, request).await)
    }

    async fn get_observation(
        &self,
        request: Request<proto::GetObservationRequest>,
    ) -> Result<Response<proto::Observation>, Status> {
        answer(get_observation::handle(self, request).await)
    }

    async fn list_observations(
        &self,
        request: Request<proto::ListObservationsRequest>,
    ) -> Result<Response<proto::ListObservationsResponse>, Status> {
        answer(list_observations::handle(self, request).await)
    }

    async fn classify_observation(
        &self,
        request: Request<proto::ClassifyObservationRequest>,
    ) -> Result<Response<proto::Observation>, Status> {
        answer(classify_observation::handle(self, request).await)
    }

    async fn archive_observation(
        &self,
        request: Request<proto::ArchiveObservationRequest>,
    ) -> Result<Response<proto::Observation>, Status> {
        answer(archive_observation::handle(self, request).await)
    }

    async fn raise_case(
        &self,
        request: Request<proto::RaiseCaseRequest>,
    ) -> Result<Response<proto::RaiseCaseResponse>, Status> {
        answer(raise_case::handle(self, request).await)
    }

    async fn get_observation_figures(
        &self,
        request: Request<proto::GetObservationFiguresRequest>,
    ) -> Result<Response<proto::ObservationFigures>, Status> {
        answer(get_observation_figures::handle(self, request).await)
    }
}
