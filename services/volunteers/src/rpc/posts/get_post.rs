//! GetPost.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetPostRequest>,
) -> Result<proto::Post, Error> {
    let (call, request) = Call::open(request);
    let id = convert::post_name("name", &request.name)?;
    if request.version < 0 {
        return Err(Violation::new("version", "OUT_OF_RANGE", "must not be negative").into());
    }
    volunteers.authorize(&call, "GetPost", Target::NOWHERE)?;
    let version = (request.version > 0).then(|| i64::from(request.version));
    let found = volunteers.store.post(&id, version).await?;
    let missing = || match version {
        Some(version) => Refusal::missing(format!("version {version} of posts/{id}")),
        None => Refusal::missing(format!("posts/{id}")),
    };
    Ok(convert::post_message(found.ok_or_else(missing)?))
}
