//! What those above see and do.

mod export_accountability_records;
mod find_orphans;
mod list_accountability_records;
mod list_escalations;
mod supervise_case;

use chrono::{DateTime, Utc};
use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::identity::Appointment;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::supervision_service_server::SupervisionService;
use tonic::{Request, Response, Status};

use super::answer;
use super::cases::sight_of;
use crate::domain::case::{Sight, Told, ToldKind};
use crate::store::told::{ToldFilter, ToldKey};
use crate::{Cases, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 500);

/// What a list is narrowed by.
struct Narrowed<'a> {
    case: &'a str,
    organization: &'a str,
    division_code: &'a str,
    kind: i32,
    from: Option<&'a prost_types::Timestamp>,
    to: Option<&'a prost_types::Timestamp>,
}

/// The records that a caller may list: of the areas of their appointments, and of their own organizations.
fn filter(
    cases: &Cases,
    call: &Call,
    action: &str,
    kinds: &[ToldKind],
    narrowed: &Narrowed<'_>,
) -> Result<ToldFilter, Error> {
    cases.authorize(call, action, Target { division: None, own: true })?;
    let held = call.caller.roles();
    let of_area = |held: &&Appointment| cases.policy.allows(held.role, action, true, false);
    let of_unit = |held: &&Appointment| cases.policy.allows(held.role, action, false, true);
    let kind = convert::optional_member::<ToldKind>("kind", narrowed.kind)?;
    if kind.is_some_and(|kind| !kinds.contains(&kind)) {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        let text = format!("must be one of {}", kinds.join(", "));
        return Err(Violation::new("kind", "INVALID_ENUM", text).into());
    }
    let organization = convert::optional_named("organization", "organizations", narrowed.organization)?;
    let case = match narrowed.case {
        "" => None,
        name => Some(convert::case_number("case", name)?.to_owned()),
    };
    Ok(ToldFilter {
        kinds: kind.map_or_else(|| kinds.to_vec(), |kind| vec![kind]),
        within: held.iter().filter(of_area).map(|held| held.division.clone()).collect(),
        organizations: held.iter().filter(of_unit).filter_map(|held| held.organization.clone()).collect(),
        case,
        organization: organization.map(|id| format!("organizations/{id}")),
        area: convert::optional_code("division_code", narrowed.division_code)?,
        from: convert::instant("from_time", narrowed.from)?,
        to: convert::instant("to_time", narrowed.to)?,
    })
}

/// A page of records. Those of cases against the caller are left out, as if they were not there.
async fn page(
    cases: &Cases,
    call: &Call,
    filter: &ToldFilter,
    page: &Page,
) -> Result<(Vec<proto::SupervisionRecord>, String), Error> {
    let before = page.after.as_deref().map(key).transpose()?;
    let mut found = cases.store.told(filter, before.as_ref(), page.limit()).await?;
    let next = page.cut(&mut found, |(told, _)| key_of(told));
    let seen = found.into_iter().filter(|(_, case)| sight_of(&call.caller, case) != Sight::Nothing);
    Ok((seen.map(|(told, _)| convert::supervision_record(told)).collect(), next))
}

fn key_of(told: &Told) -> String {
    format!("{} {} {}", told.time.timestamp_micros(), told.number, told.version)
}

fn key(text: &str) -> Result<ToldKey, Violation> {
    let parts: Vec<&str> = text.split(' ').collect();
    let read = || {
        let [time, number, version] = parts.as_slice() else { return None };
        let time: DateTime<Utc> = DateTime::from_timestamp_micros(time.parse().ok()?)?;
        Some((time, (*number).to_owned(), version.parse().ok()?))
    };
    read().ok_or_else(|| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))
}

#[tonic::async_trait]
impl SupervisionService for Cases {
    async fn supervise_case(
        &self,
        request: Request<proto::SuperviseCaseRequest>,
    ) -> Result<Response<proto::SupervisionRecord>, Status> {
        answer(supervise_case::handle(self, request).await)
    }

    async fn list_accountability_records(
        &self,
        request: Request<proto::ListAccountabilityRecordsRequest>,
    ) -> Result<Response<proto::ListAccountabilityRecordsResponse>, Status> {
        answer(list_accountability_records::handle(self, request).await)
    }

    async fn export_accountability_records(
        &self,
        request: Request<proto::ExportAccountabilityRecordsRequest>,
    ) -> Result<Response<proto::ExportAccountabilityRecordsResponse>, Status> {
        answer(export_accountability_records::handle(self, request).await)
    }

    async fn list_escalations(
        &self,
        request: Request<proto::ListEscalationsRequest>,
    ) -> Result<Response<proto::ListEscalationsResponse>, Status> {
        answer(list_escalations::handle(self, request).await)
    }

    async fn find_orphans(
        &self,
        request: Request<proto::FindOrphansRequest>,
    ) -> Result<Response<proto::FindOrphansResponse>, Status> {
        answer(find_orphans::handle(self, request).await)
    }
}
