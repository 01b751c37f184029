//! ListCertificateRequests.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use crate::store::certificate::Filter;
use crate::{Volunteers, convert};

const ACTION: &str = "ListCertificateRequests";
/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 200);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListCertificateRequestsRequest>,
) -> Result<proto::ListCertificateRequestsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let state = convert::optional_member("state", request.state)?;
    volunteers.authorize(&call, ACTION, Target { division: None, own: true })?;
    let after = page.after.as_deref().map(|key| {
        key.parse::<Uuid>()
            .map_err(|_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))
    });
    let held = call.caller.roles();
    let of_area = held.iter().filter(|held| volunteers.policy.allows(held.role, ACTION, true, false));
    let within = of_area.map(|held| held.division.clone()).collect();
    let own = volunteers.own_volunteer(&call).await?.map(|own| own.number);
    let filter = Filter { within, own, state };
    let mut found = volunteers.store.certificate_requests(&filter, after.transpose()?, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |request| request.id.to_string());
    Ok(proto::ListCertificateRequestsResponse {
        certificate_requests: found.iter().map(convert::certificate_request).collect(),
        next_page_token,
    })
}
