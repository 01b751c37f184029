//! ListGrids.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::domain::geo::Boundary;
use crate::domain::grid::Grid;
use crate::store::grid::{Filter, POSITIONS_A_PAGE};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);
/// The most characters of a query.
const QUERY_MAX: usize = 100;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ListGridsRequest>,
) -> Result<proto::ListGridsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let mut page = Page::read(size, &token, PAGE_SIZES, &request)?;
    registry.authorize(&call, "ListGrids", Target::NOWHERE)?;
    let filter = filter(registry, &request)?;
    let after = page.after.clone().unwrap_or_default();
    let mut found = registry.store.grids(&filter, &after, page.limit()).await?;
    page.size = page.size.min(fitting(&found));
    let next_page_token = page.cut(&mut found, |grid| grid.code.to_string());
    Ok(proto::ListGridsResponse { grids: found.into_iter().map(convert::grid).collect(), next_page_token })
}

/// How many grids fit into an answer, one at least. The store gives one more than fit, if there is one.
fn fitting(grids: &[Grid]) -> usize {
    let mut positions = 0;
    let fits = |grid: &&Grid| {
        positions += grid.boundary.as_deref().map_or(0, Boundary::positions);
        positions <= POSITIONS_A_PAGE
    };
    grids.iter().take_while(fits).count().max(1)
}

fn filter(registry: &Registry, request: &proto::ListGridsRequest) -> Result<Filter, Violation> {
    let within = (!request.division.is_empty())
        .then(|| convert::division_name("division", &request.division))
        .transpose()?;
    if request.query.chars().count() > QUERY_MAX {
        return Err(Violation::new("query", "TOO_LONG", format!("at most {QUERY_MAX} characters")));
    }
    let boundaries = match proto::GridView::try_from(request.view) {
        Ok(proto::GridView::Unspecified | proto::GridView::Basic) => false,
        Ok(proto::GridView::Full) => true,
        Err(_) => return Err(Violation::new("view", "INVALID_ENUM", format!("{} is no view", request.view))),
    };
    let on = convert::effective_on("effective_on", &request.effective_on, registry.today())?;
    Ok(Filter { within, query: request.query.clone(), on, boundaries })
}
