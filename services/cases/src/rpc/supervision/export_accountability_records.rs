//! ExportAccountabilityRecords.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Narrowed, filter};
use crate::domain::case::{Sight, ToldKind};
use crate::rpc::cases::sight_of;
use crate::{Cases, convert};

/// The most rows of one file: of about 200 bytes each, with room to spare in a message of 4 MiB.
const ROWS_MAX: usize = 10_000;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ExportAccountabilityRecordsRequest>,
) -> Result<proto::ExportAccountabilityRecordsResponse, Error> {
    let (call, request) = Call::open(request);
    let narrowed = Narrowed {
        case: "",
        organization: &request.organization,
        division_code: &request.division_code,
        kind: request.kind,
        from: request.from_time.as_ref(),
        to: request.to_time.as_ref(),
    };
    let filter = filter(cases, &call, "ExportAccountabilityRecords", ToldKind::ACCOUNTABLE, &narrowed)?;
    let limit = i64::try_from(ROWS_MAX).unwrap_or(i64::MAX - 1) + 1;
    let found = cases.store.told(&filter, None, limit).await?;
    if found.len() > ROWS_MAX {
        let message = format!("more than {ROWS_MAX} rows; name a shorter period").into();
        return Err(Refusal { kind: Kind::Limit, reason: "EXPORT_TOO_LARGE", message }.into());
    }
    let seen = found.iter().filter(|(_, case)| sight_of(&call.caller, case) != Sight::Nothing);
    let records: Vec<_> = seen.map(|(told, _)| told).collect();
    let content = convert::supervision_csv(&records)?;
    Ok(proto::ExportAccountabilityRecordsResponse {
        content,
        rows: i32::try_from(records.len()).unwrap_or(i32::MAX),
    })
}
