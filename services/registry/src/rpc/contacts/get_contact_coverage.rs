//! GetContactCoverage.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::PAGE_SIZES;
use crate::Registry;
use crate::convert;
use crate::store::contact::{Lacking, Uncovered};
use minqing_platform::code::{Code, Level};

pub async fn handle(
    registry: &Registry,
    request: Request<proto::GetContactCoverageRequest>,
) -> Result<proto::ContactCoverage, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let scope = convert::scope("scope", &request.scope)?;
    let day = convert::date_or_today("effective_on", &request.effective_on, registry.today())?;
    registry.authorize(&call, "GetContactCoverage", Target::within(scope.as_str()))?;
    if !exists(registry, &scope).await? {
        return Err(Refusal::missing(&request.scope).into());
    }
    let (coverage, lacking) = registry.store.contact_coverage(&scope, day).await?;
    let after = page.after.as_deref().map_or_else(Uncovered::default, convert::uncovered_position);
    let grids = enough(lacking, &after, page.limit());
    let mut uncovered = registry.store.uncovered_households(&grids, day, &after, page.limit()).await?;
    let next_page_token = page.cut(&mut uncovered, convert::uncovered_token);
    let uncovered = uncovered.into_iter().map(|place| place.household).collect();
    Ok(convert::coverage(&scope, coverage, uncovered, next_page_token))
}

async fn exists(registry: &Registry, scope: &Code) -> Result<bool, Error> {
    if scope.level() == Level::Grid {
        return Ok(registry.store.grid(scope).await?.is_some());
    }
    Ok(registry.store.division(scope).await?.is_some())
}

/// The grids that fill a page: looking only into them spares looking at every household of the area. Of the grid where
/// the page before ended it is not known how many households are left, so that it does not count.
fn enough(lacking: Vec<Lacking>, after: &Uncovered, limit: i64) -> Vec<String> {
    let (mut found, mut grids) = (0, Vec::new());
    for grid in lacking.into_iter().skip_while(|grid| grid.grid < after.grid) {
        if found >= limit {
            break;
        }
        if grid.grid != after.grid {
            found += i64::from(grid.households);
        }
        grids.push(grid.grid);
    }
    grids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_looks_into_the_grids_that_fill_it() {
        let lacking = || {
            let grids = [("a", 3), ("b", 2), ("c", 4), ("d", 1)];
            grids.map(|(grid, households)| Lacking { grid: grid.into(), households }).to_vec()
        };
        let from = |grid: &str| Uncovered { grid: grid.into(), ..Uncovered::default() };
        assert_eq!(enough(lacking(), &from(""), 3), ["a"]);
        assert_eq!(enough(lacking(), &from(""), 4), ["a", "b"]);
        assert_eq!(enough(lacking(), &from("b"), 3), ["b", "c"]);
        assert_eq!(enough(lacking(), &from("d"), 9), ["d"]);
        assert!(enough(lacking(), &from("e"), 9).is_empty());
    }
}
