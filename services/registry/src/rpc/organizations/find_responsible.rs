//! FindResponsible.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::store::organization::Wanted;

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (20, 100);

pub async fn handle(
    registry: &Registry,
    request: Request<proto::FindResponsibleRequest>,
) -> Result<proto::FindResponsibleResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    registry.authorize(&call, "FindResponsible", Target::NOWHERE)?;
    let wanted = wanted(registry, &request)?;
    let after = page.after.as_deref().and_then(|key| key.split_once(' '));
    let mut found = registry.store.responsible(&wanted, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |(organization, code)| format!("{code} {}", organization.id));
    let responsible = found.into_iter().map(|(organization, code)| proto::Responsible {
        organization: Some(convert::organization(organization)),
        jurisdiction_code: code.into(),
    });
    Ok(proto::FindResponsibleResponse { responsible: responsible.collect(), next_page_token })
}

fn wanted(registry: &Registry, request: &proto::FindResponsibleRequest) -> Result<Wanted, Violation> {
    Ok(Wanted {
        code: convert::code("division_code", &request.division_code)?,
        function: convert::function("function", &request.function)?,
        kind: convert::kind_of("kind", request.kind)?,
        on: convert::date("effective_on", &request.effective_on)?.unwrap_or_else(|| registry.today()),
    })
}
