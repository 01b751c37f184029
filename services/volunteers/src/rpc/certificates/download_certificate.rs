//! DownloadCertificate.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status;
use minqing_proto::google::api::HttpBody;
use minqing_proto::volunteers::v1 as proto;
use tonic::metadata::AsciiMetadataValue;
use tonic::{Request, Response, Status};

use super::print::{Sheet, html, pdf};
use super::{holder, seen};
use crate::domain::certificate::{Format, number};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::DownloadCertificateRequest>,
) -> Result<Response<HttpBody>, Status> {
    let (call, request) = Call::open(request);
    let name = convert::certificate_number("name", &request.name).map_err(Error::from)?;
    let format = convert::optional_member("format", request.format).map_err(Error::from)?;
    let format = format.unwrap_or(Format::Html);
    let sheet = sheet(volunteers, &call, &name).await?;
    let (content_type, data) = match format {
        Format::Html => ("text/html; charset=utf-8", html::print(&sheet).into_bytes()),
        // It takes some milliseconds of computing, which other calls should not wait for.
        Format::Pdf => {
            let printed = tokio::task::spawn_blocking(move || pdf::print(&sheet)).await;
            ("application/pdf", printed.map_err(|error| status::internal(&error))??)
        }
    };
    let body = HttpBody { content_type: content_type.to_owned(), data: data.into(), extensions: Vec::new() };
    let mut response = Response::new(body);
    let disposition = convert::content_disposition(&format!("certificate-{name}.{format}"));
    let disposition = AsciiMetadataValue::try_from(disposition).map_err(|error| status::internal(&error))?;
    response.metadata_mut().insert("content-disposition", disposition);
    Ok(response)
}

/// All that is printed.
async fn sheet(volunteers: &Volunteers, call: &Call, name: &str) -> Result<Sheet, Error> {
    let seen = seen(volunteers, call, "DownloadCertificate", name).await?;
    let holder = holder(&volunteers.keyring, &seen.stored)?;
    let mut lines = Vec::new();
    for line in &seen.stored.certificate.lines {
        let team = volunteers.store.team(&line.team).await?.map(|team| team.display_name);
        let post = volunteers.store.post(&line.post, None).await?.map(|post| post.display_name);
        let content = [post.unwrap_or_else(|| line.post.clone()), team.unwrap_or_else(|| line.team.clone())];
        lines.push((content.join(" · "), line.minutes, line.times));
    }
    // The code opens what the holder shows: whoever prints it for them hands it to them.
    let code = number::code(&volunteers.keyring, name);
    let check = format!("{}/v1/certificates/{name}:verify?code={code}", volunteers.hours.check_address);
    Ok(Sheet { stored: seen.stored, holder, lines, code, check })
}
