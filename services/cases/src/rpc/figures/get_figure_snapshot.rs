//! GetFigureSnapshot.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{found, is_public};
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::GetFigureSnapshotRequest>,
) -> Result<proto::FigureSnapshot, Error> {
    let (call, request) = Call::open(request);
    cases.authorize(&call, "GetFigureSnapshot", Target::NOWHERE)?;
    let id = convert::named("name", "figureSnapshots", &request.name)?;
    let snapshot = found(cases, &id).await?;
    Ok(convert::figure_snapshot(&snapshot, is_public(cases, &call, &snapshot), false))
}
