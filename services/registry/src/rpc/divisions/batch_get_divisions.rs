//! BatchGetDivisions.

use std::collections::HashMap;

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;

/// The most divisions of one request.
const NAMES_MAX: usize = 1_000;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::BatchGetDivisionsRequest>,
) -> Result<proto::BatchGetDivisionsResponse, Error> {
    let (call, request) = Call::open(request);
    convert::count("names", request.names.len(), 1, NAMES_MAX)?;
    let codes = convert::each("names", &request.names, |field, name| convert::division_name(field, name))?;
    for code in &codes {
        registry.authorize(&call, "BatchGetDivisions", Target::within(code.as_str()))?;
    }
    let found = registry.store.divisions_of(&codes).await?;
    let by_code: HashMap<_, _> =
        found.into_iter().map(|division| (division.code.clone(), convert::division(division))).collect();
    // A name given twice is answered twice.
    let divisions = codes
        .iter()
        .map(|code| by_code.get(code).cloned().ok_or_else(|| Refusal::missing(format!("division {code}"))));
    Ok(proto::BatchGetDivisionsResponse { divisions: divisions.collect::<Result<_, _>>()? })
}
