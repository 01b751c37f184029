//! AcceptCase.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Asked, act, again, seen};
use crate::domain::calendar;
use crate::domain::case::{Case, Command, ItemRef};
use crate::domain::item::Item;
use crate::{Cases, convert};

pub async fn handle(cases: &Cases, request: Request<proto::AcceptCaseRequest>) -> Result<proto::Case, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let given = convert::optional_named("item", "items", &request.item)?;
    let change = call.change("AcceptCase", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "AcceptCase", &change, &asked.number).await? {
        return Ok(answer);
    }
    let mut seen = seen(cases, &call, "AcceptCase", &asked.number).await?;
    let item = match given.or_else(|| of_case(&seen.case)) {
        Some(id) => Some(item(cases, "item", &id).await?),
        None => None,
    };
    let kept = item.as_ref().map_or(calendar::CHINA, |item| item.facts.calendar.as_str());
    seen.calendar = cases.calendars.calendar(kept, None).await?;
    let calendar = seen.calendar.reference().clone();
    let item = item.map(|item| {
        let reference = ItemRef { name: format!("items/{}", item.id), version: item.version };
        (reference, item.facts.promised)
    });
    act(cases, &change, &asked, seen, Command::Accept { calendar, item }).await
}

/// The item of the catalogue as it is today.
pub(super) async fn item(cases: &Cases, field: &str, id: &str) -> Result<Item, Error> {
    let found = cases.store.item(id, None).await?;
    let found = found.ok_or_else(|| Violation::new(field, "REFERENCE_MISSING", "is not in the catalogue"))?;
    if !found.effective.holds(cases.today()) {
        let text = format!("items/{id} is not in force");
        return Err(Refusal::rule("ITEM_NOT_IN_FORCE", text).into());
    }
    Ok(found)
}

/// The item with which it came in.
fn of_case(case: &Case) -> Option<String> {
    case.item.as_ref().and_then(|item| item.name.strip_prefix("items/")).map(str::to_owned)
}
