//! UpdateItem.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::places;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{check_calendar, present};
use crate::{Cases, convert};

pub async fn handle(cases: &Cases, request: Request<proto::UpdateItemRequest>) -> Result<proto::Item, Error> {
    let (call, request) = Call::open(request);
    let given = request.item.as_ref().ok_or_else(|| Violation::required("item"))?;
    let id = convert::item_name("item.name", &given.name)?;
    let changes = convert::item_changes(given, request.update_mask.as_ref())?;
    let version = convert::etag("item.etag", &given.etag)?;
    let there = present(cases, &id).await?;
    // An item stays in its area, so what is read here holds for the change as well.
    cases.authorize(&call, "UpdateItem", Target::within(there.division.as_str()))?;
    if let Some(department) = &changes.department {
        places::check_organization(&cases.registry, "item.department", department, cases.today()).await?;
    }
    if let Some(calendar) = &changes.calendar {
        check_calendar(cases, "item.calendar", calendar).await?;
    }
    let change = call.change("UpdateItem", &request.request_id, &request, cases.clock.now())?;
    Ok(convert::item(cases.store.update_item(&change, &id, changes, version).await?))
}
