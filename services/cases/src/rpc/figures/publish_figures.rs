//! PublishFigures.

use minqing_platform::call::Call;
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::field;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::store::figures::NewSnapshot;
use crate::{Cases, convert};

/// The most characters of a title.
const DISPLAY_NAME_MAX: usize = 100;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::PublishFiguresRequest>,
) -> Result<proto::FigureSnapshot, Error> {
    let (call, request) = Call::open(request);
    // Whoever may publish nothing at all is told so before anything else.
    cases.authorize(&call, "PublishFigures", Target::NOWHERE)?;
    let query = request.query.as_ref().ok_or_else(|| Violation::required("query"))?;
    let query = convert::figure_query("query.", query)?;
    let display_name = convert::text("display_name", &request.display_name, DISPLAY_NAME_MAX)?;
    // An id that is made is not part of what is asked: the same call again finds the one that was made first.
    let id = field::new_id("figure_snapshot_id", &request.figure_snapshot_id)?;
    let area = query.area.as_ref().map_or("", Code::as_str);
    cases.authorize(&call, "PublishFigures", Target::within(area))?;
    let change = call.change("PublishFigures", &request.request_id, &request, cases.clock.now())?;
    let snapshot = cases.store.publish_figures(&change, NewSnapshot { id, display_name, query }).await?;
    Ok(convert::figure_snapshot(&snapshot, false, false))
}
