//! ListHouseholds.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::PAGE_SIZES;
use crate::Registry;
use crate::convert;
use crate::convert::Sight;
use crate::domain::address;
use crate::domain::household::Household;
use crate::store::household::{Filter, Position};
use minqing_platform::code::Code;

/// What stands between the parts of a page token's key; no part holds it.
const SEPARATOR: char = '\u{1f}';

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ListHouseholdsRequest>,
) -> Result<proto::ListHouseholdsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let within = area("parent", &request.parent)?;
    registry.authorize(&call, "ListHouseholds", Target::within(within.as_str()))?;
    let on = convert::effective_on("effective_on", &request.effective_on, registry.today())?;
    let after = page.after.as_deref().map(position).unwrap_or_default();
    let mut found = registry.store.households(&Filter { within, on }, &after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, key);
    // Whoever may list an area is permitted in all of it, so no address is masked.
    let household = |household| convert::household(&registry.keyring, household, Sight::Whole);
    let households = found.into_iter().map(household).collect::<Result<_, _>>()?;
    Ok(proto::ListHouseholdsResponse { households, next_page_token })
}

/// Reads a grid or a division.
fn area(field: &str, text: &str) -> Result<Code, Violation> {
    if text.starts_with("grids/") {
        convert::grid_name(field, text)
    } else {
        convert::division_name(field, text)
    }
}

fn key(household: &Household) -> String {
    let address_key = address::key(&household.address);
    format!("{}{SEPARATOR}{address_key}{SEPARATOR}{}", household.grid, household.id)
}

fn position(key: &str) -> Position {
    let mut parts = key.split(SEPARATOR).map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    Position { grid: next(), address_key: next(), id: next() }
}
