//! ImportDivisions.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::domain::division_file;

/// The most files of one request.
const FILES_MAX: usize = 20;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ImportDivisionsRequest>,
) -> Result<proto::ImportDivisionsResponse, Error> {
    let (call, request) = Call::open(request);
    // Codes of any place may be in the files, so only an appointment for everywhere will do.
    registry.authorize(&call, "ImportDivisions", Target::within(""))?;
    convert::count("files", request.files.len(), 1, FILES_MAX)?;
    let mut files = Vec::new();
    for (index, file) in request.files.iter().enumerate() {
        let read = division_file::read(&file.file_name, &file.content).map_err(|fault| {
            let mut violation = convert::fault(&fault);
            violation.field = format!("files[{index}].content");
            violation
        })?;
        files.push(read);
    }
    let from = convert::date("effective_from", &request.effective_from)?.unwrap_or_else(|| registry.today());
    let change = call.change("ImportDivisions", &request.request_id, &request, registry.clock.now())?;
    let reports = registry.store.import_divisions(&change, &files, from, request.validate_only).await?;
    Ok(proto::ImportDivisionsResponse { reports: reports.into_iter().map(convert::report).collect() })
}
