//! Cases.

mod accept_case;
mod answer_question;
mod close_case;
mod decide_owner;
mod dispatch_case;
mod find_similar_cases;
mod get_case;
mod list_case_history;
mod list_cases;
mod merge_case;
mod rate_case;
mod record_callback;
mod reject_case;
mod reopen_case;
mod reply_to_case;
mod retype_case;
mod reveal_reporter;
mod review_retype;
mod search_cases;
mod split_case;
pub(super) mod submit_case;
mod track_case;
mod tracked;
mod withdraw_case;

use std::sync::Arc;

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::identity::{Appointment, Caller, Role};
use minqing_platform::journal::Change;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::case_service_server::CaseService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::domain::calendar::{self, Calendar};
use crate::domain::case::{Case, Command, Party, Sight, handles, sight};
use crate::domain::search;
use crate::store::case::{Act, Reporter};
use crate::{Cases, convert};

/// The most characters of what somebody is told, and of a reason.
const REPLY_MAX: usize = 5_000;
const REASON_MAX: usize = 1_000;

/// Whom and what a request is about.
struct Asked {
    number: String,
    version: Option<i64>,
}

impl Asked {
    fn read(name: &str, etag: &str) -> Result<Self, Violation> {
        let number = convert::case_number("name", name)?.to_owned();
        Ok(Self { number, version: convert::etag("etag", etag)? })
    }
}

/// A case that a caller may see and do something to.
pub(super) struct Seen {
    /// The case.
    pub case: Case,
    /// The calendar it runs by.
    pub calendar: Arc<Calendar>,
    /// How much of it the caller sees.
    pub sight: Sight,
    /// As whom the caller acts.
    pub by: Party,
}

/// Finds a case, if the caller may do something to it.
pub(super) async fn seen(cases: &Cases, call: &Call, action: &str, number: &str) -> Result<Seen, Error> {
    let missing = || Refusal::missing(format!("case {number}"));
    // Whoever may do this to no case at all is told so, whether there is this one or not.
    cases.authorize(call, action, Target { division: None, own: true })?;
    let case = cases.store.case(number).await?.ok_or_else(missing)?;
    let sight = sight_of(&call.caller, &case);
    if sight == Sight::Nothing {
        return Err(missing().into());
    }
    let target =
        Target { division: Some(case.place.code.as_str()), own: is_own(&call.caller, &case, action) };
    let appointment = cases.policy.decide(&call.caller, action, target)?;
    let by = party(call, appointment);
    let calendar = calendar_of(cases, &case).await?;
    Ok(Seen { case, calendar, sight, by })
}

/// What a request led to that was sent before, and how much of the case the caller sees now: the same request has the same
/// answer, though the case has moved on and its caller could not do it any more. Whoever may not see the case any more is
/// not told.
pub(super) async fn replayed(
    cases: &Cases,
    call: &Call,
    action: &str,
    change: &Change,
    number: &str,
) -> Result<Option<(Sight, Vec<Case>)>, Error> {
    if change.request.is_none() {
        return Ok(None);
    }
    cases.authorize(call, action, Target { division: None, own: true })?;
    let Some(were) = cases.store.replayed(change).await? else { return Ok(None) };
    let missing = || Refusal::missing(format!("case {number}"));
    let case = cases.store.case(number).await?.ok_or_else(missing)?;
    match sight_of(&call.caller, &case) {
        Sight::Nothing => Err(missing().into()),
        sight => Ok(Some((sight, were))),
    }
}

/// The answer to a request that was sent before.
async fn again(
    cases: &Cases,
    call: &Call,
    action: &str,
    change: &Change,
    number: &str,
) -> Result<Option<proto::Case>, Error> {
    let Some((sight, were)) = replayed(cases, call, action, change, number).await? else { return Ok(None) };
    let Some(case) = were.first() else { return Ok(None) };
    let calendar = calendar_of(cases, case).await?;
    shown(cases, case, &calendar, sight).await.map(Some)
}

/// The calendar by which a case runs.
pub(crate) async fn calendar_of(cases: &Cases, case: &Case) -> Result<Arc<Calendar>, Error> {
    match &case.calendar {
        Some(kept) => cases.calendars.calendar(&kept.id, Some(kept.version)).await,
        None => cases.calendars.calendar(calendar::CHINA, None).await,
    }
}

/// How much of a case somebody sees.
pub(super) fn sight_of(caller: &Caller, case: &Case) -> Sight {
    let centre = |held: &Appointment| {
        matches!(held.role, Role::Dispatcher | Role::Supervisor | Role::Auditor)
            && held.covers(case.place.code.as_str())
    };
    let is_centre = caller.appointments.iter().any(centre);
    sight(case, caller.person.as_deref(), &organizations(caller), is_centre)
}

/// The organizations for which a caller works.
fn organizations(caller: &Caller) -> Vec<&str> {
    caller.appointments.iter().filter_map(|held| held.organization.as_deref()).collect()
}

/// Whether a case is the caller's own: they own it or took it down, or their organization has or had a part in it. To be
/// told who raised it, it must be theirs to handle now.
fn is_own(caller: &Caller, case: &Case, action: &str) -> bool {
    if action == "RevealReporter" {
        return handles(case, caller.person.as_deref(), &organizations(caller));
    }
    let name = caller.name_for_audit();
    let is_ours =
        |unit: &str| caller.appointments.iter().any(|held| held.organization.as_deref() == Some(unit));
    let held = |by: &Party| by.name == name || by.organization.as_deref().is_some_and(is_ours);
    !caller.is_anonymous()
        && (case.owners.iter().any(|owner| held(&owner.by)) || case.organizations().any(is_ours))
}

/// The areas of those appointments by which somebody may do something.
fn reach(cases: &Cases, call: &Call, action: &str) -> Vec<String> {
    let may = |held: &&Appointment| cases.policy.allows(held.role, action, true, false);
    call.caller.roles().iter().filter(may).map(|held| held.division.clone()).collect()
}

/// What cases that are against somebody are marked by, whose eyes they are kept from.
pub(super) fn hidden(caller: &Caller) -> Vec<String> {
    organizations(caller).into_iter().chain(caller.person.as_deref()).map(search::against).collect()
}

/// As whom somebody acts by an appointment.
pub(super) fn party(call: &Call, appointment: &Appointment) -> Party {
    Party { name: call.caller.name_for_audit().into_owned(), organization: appointment.organization.clone() }
}

/// Lets something happen to a case, and answers with the case.
async fn act(
    cases: &Cases,
    change: &Change,
    asked: &Asked,
    seen: Seen,
    command: Command,
) -> Result<proto::Case, Error> {
    let act =
        Act { number: &asked.number, version: asked.version, command, by: seen.by, calendar: &seen.calendar };
    let after = cases.store.act(change, act).await?;
    shown(cases, &after, &seen.calendar, seen.sight).await
}

/// A case as a message, with who raised it where the caller may know.
async fn shown(cases: &Cases, case: &Case, calendar: &Calendar, sight: Sight) -> Result<proto::Case, Error> {
    let reporter = match sight {
        Sight::Whole => cases.store.reporter(&case.number).await?,
        Sight::Matter | Sight::Nothing => None,
    };
    let reporter = reporter.map(|sealed| opened(cases, &case.number, &sealed)).transpose()?;
    Ok(convert::case(case, calendar, sight, reporter.as_ref()))
}

/// Cases that were found, as messages. What is against the caller was left out already; should one way of telling it ever
/// miss what the other sees, nothing is shown either.
async fn shown_to(
    cases: &Cases,
    call: &Call,
    found: impl Iterator<Item = Case>,
) -> Result<Vec<proto::Case>, Error> {
    let mut answer = Vec::new();
    for case in found {
        let sight = sight_of(&call.caller, &case);
        if sight != Sight::Nothing {
            let calendar = calendar_of(cases, &case).await?;
            answer.push(shown(cases, &case, &calendar, sight).await?);
        }
    }
    Ok(answer)
}

/// Opens who raised a case.
fn opened(cases: &Cases, number: &str, sealed: &Reporter) -> Result<convert::OpenReporter, Error> {
    let open = |bytes: &Option<Vec<u8>>, column: &str| match bytes {
        None => Ok(String::new()),
        Some(bytes) => cases
            .keyring
            .open(bytes, &format!("reporters.{column}:{number}"))
            .map_err(|error| Error::Internal(format!("reporters.{column} of {number}: {error}"))),
    };
    Ok(convert::OpenReporter {
        name: open(&sealed.name, "name")?,
        phone: open(&sealed.phone, "phone")?,
        proxy: sealed.proxy.clone().unwrap_or_default(),
    })
}

fn organization_or_person(field: &str, text: &str) -> Result<String, Violation> {
    let read = |collection| convert::named(field, collection, text).map(|id| format!("{collection}/{id}"));
    if text.starts_with("people/") { read("people") } else { read("organizations") }
}

#[tonic::async_trait]
impl CaseService for Cases {
    async fn submit_case(
        &self,
        request: Request<proto::SubmitCaseRequest>,
    ) -> Result<Response<proto::SubmitCaseResponse>, Status> {
        answer(submit_case::handle(self, request).await)
    }

    async fn get_case(
        &self,
        request: Request<proto::GetCaseRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(get_case::handle(self, request).await)
    }

    async fn list_cases(
        &self,
        request: Request<proto::ListCasesRequest>,
    ) -> Result<Response<proto::ListCasesResponse>, Status> {
        answer(list_cases::handle(self, request).await)
    }

    async fn search_cases(
        &self,
        request: Request<proto::SearchCasesRequest>,
    ) -> Result<Response<proto::SearchCasesResponse>, Status> {
        answer(search_cases::handle(self, request).await)
    }

    async fn find_similar_cases(
        &self,
        request: Request<proto::FindSimilarCasesRequest>,
    ) -> Result<Response<proto::FindSimilarCasesResponse>, Status> {
        answer(find_similar_cases::handle(self, request).await)
    }

    async fn list_case_history(
        &self,
        request: Request<proto::ListCaseHistoryRequest>,
    ) -> Result<Response<proto::ListCaseHistoryResponse>, Status> {
        answer(list_case_history::handle(self, request).await)
    }

    async fn accept_case(
        &self,
        request: Request<proto::AcceptCaseRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(accept_case::handle(self, request).await)
    }

    async fn reject_case(
        &self,
        request: Request<proto::RejectCaseRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(reject_case::handle(self, request).await)
    }

    async fn retype_case(
        &self,
        request: Request<proto::RetypeCaseRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(retype_case::handle(self, request).await)
    }

    async fn review_retype(
        &self,
        request: Request<proto::ReviewRetypeRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(review_retype::handle(self, request).await)
    }

    async fn dispatch_case(
        &self,
        request: Request<proto::DispatchCaseRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(dispatch_case::handle(self, request).await)
    }

    async fn decide_owner(
        &self,
        request: Request<proto::DecideOwnerRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(decide_owner::handle(self, request).await)
    }

    async fn merge_case(
        &self,
        request: Request<proto::MergeCaseRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(merge_case::handle(self, request).await)
    }

    async fn split_case(
        &self,
        request: Request<proto::SplitCaseRequest>,
    ) -> Result<Response<proto::SplitCaseResponse>, Status> {
        answer(split_case::handle(self, request).await)
    }

    async fn reply_to_case(
        &self,
        request: Request<proto::ReplyToCaseRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(reply_to_case::handle(self, request).await)
    }

    async fn record_callback(
        &self,
        request: Request<proto::RecordCallbackRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(record_callback::handle(self, request).await)
    }

    async fn close_case(
        &self,
        request: Request<proto::CloseCaseRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(close_case::handle(self, request).await)
    }

    async fn reopen_case(
        &self,
        request: Request<proto::ReopenCaseRequest>,
    ) -> Result<Response<proto::Case>, Status> {
        answer(reopen_case::handle(self, request).await)
    }

    async fn reveal_reporter(
        &self,
        request: Request<proto::RevealReporterRequest>,
    ) -> Result<Response<proto::Reporter>, Status> {
        answer(reveal_reporter::handle(self, request).await)
    }

    async fn track_case(
        &self,
        request: Request<proto::TrackCaseRequest>,
    ) -> Result<Response<proto::TrackedCase>, Status> {
        answer(track_case::handle(self, request).await)
    }

    async fn answer_question(
        &self,
        request: Request<proto::AnswerQuestionRequest>,
    ) -> Result<Response<proto::TrackedCase>, Status> {
        answer(answer_question::handle(self, request).await)
    }

    async fn rate_case(
        &self,
        request: Request<proto::RateCaseRequest>,
    ) -> Result<Response<proto::TrackedCase>, Status> {
        answer(rate_case::handle(self, request).await)
    }

    async fn withdraw_case(
        &self,
        request: Request<proto::WithdrawCaseRequest>,
    ) -> Result<Response<proto::TrackedCase>, Status> {
        answer(withdraw_case::handle(self, request).await)
    }
}
