//! Hours.

mod correct_hour_entry;
mod get_hour_chain_head;
mod get_hour_entry;
mod get_hour_entry_proof;
mod get_hour_summary;
mod give_award;
mod list_honours;
mod list_hour_entries;
mod thank_volunteer;
mod verify_hour_chain;

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::hour_service_server::HourService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::domain::hour::Entry;
use crate::domain::volunteer::Volunteer;
use crate::{Volunteers, convert};

/// The most characters of what is said to a volunteer.
const TEXT_MAX: usize = 500;

/// Finds a volunteer, if the caller may do something about them. One about whom they may do nothing is not there for them.
pub(super) async fn volunteer(
    volunteers: &Volunteers,
    call: &Call,
    action: &str,
    field: &str,
    name: &str,
) -> Result<Volunteer, Error> {
    let number = convert::volunteer_name(field, name)?;
    let missing = || Refusal::missing(format!("volunteers/{number}"));
    // Whoever may do this to nobody at all is told so, whether there is this volunteer or not.
    volunteers.authorize(call, action, Target { division: None, own: true })?;
    let found = volunteers.store.volunteer(&number).await?.ok_or_else(missing)?;
    let own = volunteers.own_volunteer(call).await?.is_some_and(|own| own.number == found.number);
    let target = Target { division: Some(found.home.as_str()), own };
    match volunteers.authorize(call, action, target) {
        Ok(()) => Ok(found),
        // They know of themselves anyhow; of others they learn nothing.
        Err(denied) if own => Err(denied),
        Err(_) => Err(missing().into()),
    }
}

/// Finds an entry, if the caller may do something to it.
async fn seen(volunteers: &Volunteers, call: &Call, action: &str, seq: i64) -> Result<Entry, Error> {
    let missing = || Refusal::missing(format!("hourEntries/{seq}"));
    volunteers.authorize(call, action, Target { division: None, own: true })?;
    let entry = volunteers.store.hour_entry(seq).await?.ok_or_else(missing)?;
    let own = is_theirs(volunteers, call, &entry).await?;
    let target = Target { division: Some(&entry.facts.division_code), own };
    match volunteers.authorize(call, action, target) {
        Ok(()) => Ok(entry),
        Err(denied) if own => Err(denied),
        Err(_) => Err(missing().into()),
    }
}

/// Whether an entry is the caller's own: of themselves, or for a team they lead.
async fn is_theirs(volunteers: &Volunteers, call: &Call, entry: &Entry) -> Result<bool, Error> {
    let own = volunteers.own_volunteer(call).await?;
    if own.is_some_and(|own| own.number == entry.facts.volunteer) {
        return Ok(true);
    }
    match volunteers.store.team(&entry.facts.team).await? {
        Some(team) => volunteers.leads(call, &team).await,
        None => Ok(false),
    }
}

#[tonic::async_trait]
impl HourService for Volunteers {
    async fn list_hour_entries(
        &self,
        request: Request<proto::ListHourEntriesRequest>,
    ) -> Result<Response<proto::ListHourEntriesResponse>, Status> {
        answer(list_hour_entries::handle(self, request).await)
    }

    async fn get_hour_entry(
        &self,
        request: Request<proto::GetHourEntryRequest>,
    ) -> Result<Response<proto::HourEntry>, Status> {
        answer(get_hour_entry::handle(self, request).await)
    }

    async fn correct_hour_entry(
        &self,
        request: Request<proto::CorrectHourEntryRequest>,
    ) -> Result<Response<proto::HourEntry>, Status> {
        answer(correct_hour_entry::handle(self, request).await)
    }

    async fn get_hour_summary(
        &self,
        request: Request<proto::GetHourSummaryRequest>,
    ) -> Result<Response<proto::HourSummary>, Status> {
        answer(get_hour_summary::handle(self, request).await)
    }

    async fn get_hour_chain_head(
        &self,
        request: Request<proto::GetHourChainHeadRequest>,
    ) -> Result<Response<proto::HourChainHead>, Status> {
        answer(get_hour_chain_head::handle(self, request).await)
    }

    async fn get_hour_entry_proof(
        &self,
        request: Request<proto::GetHourEntryProofRequest>,
    ) -> Result<Response<proto::HourEntryProof>, Status> {
        answer(get_hour_entry_proof::handle(self, request).await)
    }

    async fn verify_hour_chain(
        &self,
        request: Request<proto::VerifyHourChainRequest>,
    ) -> Result<Response<proto::VerifyHourChainResponse>, Status> {
        answer(verify_hour_chain::handle(self, request).await)
    }

    async fn thank_volunteer(
        &self,
        request: Request<proto::ThankVolunteerRequest>,
    ) -> Result<Response<proto::Honour>, Status> {
        answer(thank_volunteer::handle(self, request).await)
    }

    async fn give_award(
        &self,
        request: Request<proto::GiveAwardRequest>,
    ) -> Result<Response<proto::Honour>, Status> {
        answer(give_award::handle(self, request).await)
    }

    async fn list_honours(
        &self,
        request: Request<proto::ListHonoursRequest>,
    ) -> Result<Response<proto::ListHonoursResponse>, Status> {
        answer(list_honours::handle(self, request).await)
    }
}
