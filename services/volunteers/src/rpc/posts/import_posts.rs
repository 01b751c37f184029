//! ImportPosts.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::field::optional_text;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::domain::post::file::{self, Fault};
use crate::{Volunteers, convert};

/// The most characters of a file's name.
const FILE_NAME_MAX: usize = 200;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ImportPostsRequest>,
) -> Result<proto::ImportPostsResponse, Error> {
    let (call, request) = Call::open(request);
    let file_name = optional_text("file_name", &request.file_name, FILE_NAME_MAX)?;
    // Posts belong to the whole city; whoever may import nothing is told so before what is wrong with the file.
    volunteers.authorize(&call, "ImportPosts", Target::within(volunteers.city()))?;
    let refuse = |faults: Vec<Fault>| -> Vec<Violation> {
        faults.iter().map(|fault| fault.violation("content", &file_name)).collect()
    };
    let rows = file::read(&request.content).map_err(refuse)?;
    let change = call.change("ImportPosts", &request.request_id, &request, volunteers.clock.now())?;
    let (today, validate_only) = (volunteers.today(), request.validate_only);
    let imported = volunteers.store.import_posts(&change, &rows, today, validate_only).await?;
    Ok(convert::post_report(imported.map_err(refuse)?))
}
