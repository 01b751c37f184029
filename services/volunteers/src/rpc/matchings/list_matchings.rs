//! ListMatchings.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::identity::Appointment;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::{Volunteers, convert};

const ACTION: &str = "ListMatchings";
/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 500);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListMatchingsRequest>,
) -> Result<proto::ListMatchingsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    volunteers.authorize(&call, ACTION, Target::NOWHERE)?;
    let area = convert::optional_code("division_code", &request.division_code)?;
    let before = page.after.as_deref().map(str::parse).transpose();
    let before =
        before.map_err(|_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))?;
    let may = |held: &&Appointment| volunteers.policy.allows(held.role, ACTION, true, false);
    let within: Vec<String> =
        call.caller.appointments.iter().filter(may).map(|held| held.division.clone()).collect();
    let mut found = volunteers.store.matchings(&within, area.as_ref(), before, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |stored| stored.seq.to_string());
    let matchings = found.iter().map(convert::matching).collect();
    Ok(proto::ListMatchingsResponse { matchings, next_page_token })
}
