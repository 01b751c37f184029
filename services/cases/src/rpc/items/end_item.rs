//! EndItem.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::present;
use crate::{Cases, convert};

pub async fn handle(cases: &Cases, request: Request<proto::EndItemRequest>) -> Result<proto::Item, Error> {
    let (call, request) = Call::open(request);
    let id = convert::item_name("name", &request.name)?;
    let day = convert::date("effective_to", &request.effective_to)?.unwrap_or_else(|| cases.today());
    let there = present(cases, &id).await?;
    cases.authorize(&call, "EndItem", Target::within(there.division.as_str()))?;
    let change = call.change("EndItem", &request.request_id, &request, cases.clock.now())?;
    Ok(convert::item(cases.store.end_item(&change, &id, day).await?))
}
