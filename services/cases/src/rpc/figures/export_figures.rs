//! ExportFigures.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status;
use minqing_proto::cases::v1 as proto;
use minqing_proto::google::api::HttpBody;
use tonic::metadata::AsciiMetadataValue;
use tonic::{Request, Response, Status};

use super::{groups, scope};
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ExportFiguresRequest>,
) -> Result<Response<HttpBody>, Status> {
    let (call, request) = Call::open(request);
    let scope = scope(cases, &call, "ExportFigures")?;
    let query = convert::figure_query("", &convert::flat!(request)).map_err(Error::from)?;
    let groups = groups(cases, &query, &scope).await?;
    let data = convert::figures_csv(&query, &groups)?.into();
    let content_type = "text/csv; charset=utf-8".to_owned();
    let mut response = Response::new(HttpBody { content_type, data, extensions: Vec::new() });
    let name = format!("figures-{}-{}.csv", query.from, query.to);
    let disposition = AsciiMetadataValue::try_from(convert::content_disposition(&name));
    let disposition = disposition.map_err(|error| status::internal(&error))?;
    response.metadata_mut().insert("content-disposition", disposition);
    Ok(response)
}
