//! ListAssignments.

use chrono::{DateTime, Utc};
use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Reach, calendar_of, hidden, sight_of};
use crate::domain::case::Sight;
use crate::store::case::{PartFilter, PartKey};
use crate::{Cases, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 500);

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ListAssignmentsRequest>,
) -> Result<proto::ListAssignmentsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let filter = filter(cases, &call, &request)?;
    let before = page.after.as_deref().map(key).transpose()?;
    let mut found = cases.store.parts(&filter, before.as_ref(), page.limit()).await?;
    let next_page_token =
        page.cut(&mut found, |((time, number, id), _)| format!("{} {number} {id}", time.timestamp_micros()));
    let mut answer =
        proto::ListAssignmentsResponse { assignments: Vec::with_capacity(found.len()), next_page_token };
    for ((_, _, id), case) in found {
        let sight = sight_of(&call.caller, &case);
        let Some(part) = u32::try_from(id).ok().and_then(|id| case.assignment(id)) else { continue };
        if sight != Sight::Nothing {
            let calendar = calendar_of(cases, &case).await?;
            answer.assignments.push(convert::assignment(&case, part, &calendar, sight, cases.clock.now()));
        }
    }
    Ok(answer)
}

/// A unit lists its own parts; the centre those of its area.
fn filter(cases: &Cases, call: &Call, request: &proto::ListAssignmentsRequest) -> Result<PartFilter, Error> {
    let organization = convert::optional_named("organization", "organizations", &request.organization)?;
    let organization = organization.map(|id| format!("organizations/{id}"));
    let Reach { units, within } = Reach::of(cases, call, "ListAssignments")?;
    let case = match request.parent.as_str() {
        "" | "cases/-" => None,
        name => Some(convert::case_number("parent", name)?.to_owned()),
    };
    let status = convert::optional_member("status", request.status)?;
    let due_before = convert::instant("due_before", request.due_before.as_ref())?;
    let hidden = hidden(&call.caller);
    Ok(PartFilter { case, units, within, organization, status, due_before, hidden })
}

fn key(text: &str) -> Result<PartKey, Violation> {
    let parts: Vec<&str> = text.split(' ').collect();
    let read = || {
        let [time, number, id] = parts.as_slice() else { return None };
        let time: DateTime<Utc> = DateTime::from_timestamp_micros(time.parse().ok()?)?;
        Some((time, (*number).to_owned(), id.parse().ok()?))
    };
    read().ok_or_else(|| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))
}
