//! GetFigures.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{groups, scope};
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::GetFiguresRequest>,
) -> Result<proto::Figures, Error> {
    let (call, request) = Call::open(request);
    let scope = scope(cases, &call, "GetFigures")?;
    let query = convert::figure_query("", &convert::flat!(request))?;
    let groups = groups(cases, &query, &scope).await?;
    Ok(convert::figures(&query, scope, &groups))
}
