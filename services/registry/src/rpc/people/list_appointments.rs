//! ListAppointments.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::store::person::AppointmentFilter;

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ListAppointmentsRequest>,
) -> Result<proto::ListAppointmentsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    registry.authorize(&call, "ListAppointments", Target::NOWHERE)?;
    let filter = filter(registry, &request)?;
    let after = page.after.clone().unwrap_or_default();
    let mut found = registry.store.appointments(&filter, &after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |held| held.id.clone());
    Ok(proto::ListAppointmentsResponse {
        appointments: found.into_iter().map(convert::appointment).collect(),
        next_page_token,
    })
}

fn filter(
    registry: &Registry,
    request: &proto::ListAppointmentsRequest,
) -> Result<AppointmentFilter, Violation> {
    let person = match request.parent.as_str() {
        "people/-" => None,
        name => Some(convert::person_name("parent", name)?),
    };
    Ok(AppointmentFilter {
        person,
        within: convert::optional_code("division_code", &request.division_code)?,
        role: convert::role_of("role", request.role)?,
        organization: convert::optional_organization("organization", &request.organization)?,
        on: convert::effective_on("effective_on", &request.effective_on, registry.today())?,
    })
}
