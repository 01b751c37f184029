//! ExportVolunteerFigures.

use minqing_platform::call::Call;
use minqing_platform::status;
use minqing_proto::google::api::HttpBody;
use minqing_proto::volunteers::v1 as proto;
use tonic::metadata::AsciiMetadataValue;
use tonic::{Request, Response, Status};

use super::told;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ExportVolunteerFiguresRequest>,
) -> Result<Response<HttpBody>, Status> {
    let (call, request) = Call::open(request);
    let proto::ExportVolunteerFiguresRequest { from_day, to_day, grouping, division_code } = request;
    let request = proto::GetVolunteerFiguresRequest { from_day, to_day, grouping, division_code };
    let told = told(volunteers, &call, "ExportVolunteerFigures", &request).await?;
    let data = convert::volunteer_figures_csv(told.query.grouping, &told.groups)?.into();
    let content_type = "text/csv; charset=utf-8".to_owned();
    let mut response = Response::new(HttpBody { content_type, data, extensions: Vec::new() });
    let name = format!("volunteers-{}-{}.csv", told.query.from, told.query.to);
    let disposition = AsciiMetadataValue::try_from(convert::content_disposition(&name));
    let disposition = disposition.map_err(|error| status::internal(&error))?;
    response.metadata_mut().insert("content-disposition", disposition);
    Ok(response)
}
