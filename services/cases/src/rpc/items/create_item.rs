//! CreateItem.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::places;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::check_calendar;
use crate::{Cases, convert};

pub async fn handle(cases: &Cases, request: Request<proto::CreateItemRequest>) -> Result<proto::Item, Error> {
    let (call, request) = Call::open(request);
    let new = convert::new_item(&request, cases.today())?;
    cases.authorize(&call, "CreateItem", Target::within(new.division.as_str()))?;
    let (department, from) = (&new.facts.department, new.effective.from);
    places::check_organization(&cases.registry, "item.department", department, from).await?;
    check_calendar(cases, "item.calendar", &new.facts.calendar).await?;
    let change = call.change("CreateItem", &request.request_id, &request, cases.clock.now())?;
    Ok(convert::item(cases.store.create_item(&change, &new).await?))
}
