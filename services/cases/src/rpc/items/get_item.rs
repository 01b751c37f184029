//! GetItem.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::{Cases, convert};

pub async fn handle(cases: &Cases, request: Request<proto::GetItemRequest>) -> Result<proto::Item, Error> {
    let (call, request) = Call::open(request);
    let id = convert::item_name("name", &request.name)?;
    if request.version < 0 {
        return Err(Violation::new("version", "OUT_OF_RANGE", "must not be negative").into());
    }
    cases.authorize(&call, "GetItem", Target::NOWHERE)?;
    let version = (request.version > 0).then(|| i64::from(request.version));
    let found = cases.store.item(&id, version).await?;
    let missing = || match version {
        Some(version) => Refusal::missing(format!("version {version} of item {id}")),
        None => Refusal::missing(format!("item {id}")),
    };
    Ok(convert::item(found.ok_or_else(missing)?))
}
