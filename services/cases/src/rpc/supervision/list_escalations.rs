//! ListEscalations.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Narrowed, PAGE_SIZES, filter, page};
use crate::Cases;
use crate::domain::case::ToldKind;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ListEscalationsRequest>,
) -> Result<proto::ListEscalationsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let asked = Page::read(size, &token, PAGE_SIZES, &request)?;
    let narrowed = Narrowed {
        case: &request.case,
        organization: &request.organization,
        division_code: &request.division_code,
        kind: request.kind,
        from: request.from_time.as_ref(),
        to: request.to_time.as_ref(),
    };
    let filter = filter(cases, &call, "ListEscalations", ToldKind::ESCALATIONS, &narrowed)?;
    let (escalations, next_page_token) = page(cases, &call, &filter, &asked).await?;
    Ok(proto::ListEscalationsResponse { escalations, next_page_token })
}
