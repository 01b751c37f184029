//! ExportPosts.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::field::effective_on;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::Volunteers;
use crate::domain::post::file::{self, BYTES_MAX, ROWS_MAX};
use crate::store::post::Filter;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ExportPostsRequest>,
) -> Result<proto::ExportPostsResponse, Error> {
    let (call, request) = Call::open(request);
    volunteers.authorize(&call, "ExportPosts", Target::NOWHERE)?;
    let on = effective_on("effective_on", &request.effective_on, volunteers.today())?;
    let limit = i64::try_from(ROWS_MAX).unwrap_or(i64::MAX - 1) + 1;
    let posts = volunteers.store.posts(&Filter { on, category: None }, "", limit).await?;
    let content = file::write(&posts);
    if posts.len() > ROWS_MAX || content.len() > BYTES_MAX {
        let message = format!("more than {ROWS_MAX} rows or {BYTES_MAX} bytes");
        return Err(Refusal { kind: Kind::Limit, reason: "EXPORT_TOO_LARGE", message: message.into() }.into());
    }
    Ok(proto::ExportPostsResponse { content, rows: i32::try_from(posts.len()).unwrap_or(i32::MAX) })
}
