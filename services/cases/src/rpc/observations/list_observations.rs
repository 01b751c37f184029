//! ListObservations.

use chrono::DateTime;
use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{View, view};
use crate::store::observation::{Filter, Key, Stored};
use crate::{Cases, convert};

const ACTION: &str = "ListObservations";
/// Rows on a page when the caller does not say, and at most: as many of the longest as one answer holds.
const PAGE_SIZES: (usize, usize) = (50, 200);
/// The most characters of an officer's name.
const OFFICER_MAX: usize = 500;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ListObservationsRequest>,
) -> Result<proto::ListObservationsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    cases.authorize(&call, ACTION, Target { division: None, own: true })?;
    let filter = filter(cases, &call, &request)?;
    let after = page.after.as_deref().map(key).transpose()?;
    let mut found = cases.store.observations(&filter, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, key_of);
    let shown = found.iter().filter_map(|stored| match view(&call.caller, stored) {
        View::Nothing => None,
        view => Some(convert::observation(&stored.observation, view == View::Whole)),
    });
    Ok(proto::ListObservationsResponse { observations: shown.collect(), next_page_token })
}

fn filter(cases: &Cases, call: &Call, request: &proto::ListObservationsRequest) -> Result<Filter, Violation> {
    let held = call.caller.roles();
    let of_area = held.iter().filter(|held| cases.policy.allows(held.role, ACTION, true, false));
    let may_own = held.iter().any(|held| cases.policy.allows(held.role, ACTION, false, true));
    let officer = convert::optional_text("officer", &request.officer, OFFICER_MAX)?;
    Ok(Filter {
        within: of_area.map(|held| held.division.clone()).collect(),
        own: may_own.then(|| call.caller.name_for_audit().into_owned()),
        area: convert::optional_code("division_code", &request.division_code)?,
        officer: (!officer.is_empty()).then_some(officer),
        kind: convert::optional_member("kind", request.kind)?,
        class: convert::optional_member("class", request.class)?,
        state: convert::optional_member("state", request.state)?,
        needs_action: request.needs_action,
        from: convert::instant("observed_from", request.observed_from.as_ref())?,
        before: convert::instant("observed_before", request.observed_before.as_ref())?,
    })
}

fn key_of(stored: &Stored) -> String {
    let facts = &stored.observation.facts;
    format!("{} {}", facts.observe_time.timestamp_micros(), facts.id)
}

fn key(text: &str) -> Result<Key, Violation> {
    let read = || {
        let (micros, id) = text.split_once(' ')?;
        Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, id.parse().ok()?))
    };
    read().ok_or_else(|| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))
}
