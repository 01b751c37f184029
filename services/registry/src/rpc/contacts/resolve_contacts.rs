//! ResolveContacts.

use std::sync::Arc;

use chrono::NaiveDate;
use minqing_platform::call::Call;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use crate::Registry;
use crate::convert;
use crate::domain::code::{self, Code};
use crate::domain::contact::{self, Level, Station};
use crate::domain::contact_link;
use crate::domain::geo::LatLng;
use crate::roster::Chain;

/// The levels above a grid, and the divisions at which their cadres are appointed.
const ABOVE: [(Level, code::Level); 3] = [
    (Level::Village, code::Level::Village),
    (Level::Town, code::Level::Town),
    (Level::City, code::Level::County),
];

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ResolveContactsRequest>,
) -> Result<proto::ResolveContactsResponse, Error> {
    let (call, request) = Call::open(request);
    let asked = asked(&request)?;
    let today = registry.today();
    let day = convert::date_or_today("effective_on", &request.effective_on, today)?;
    registry.authorize(&call, "ResolveContacts", Target::NOWHERE)?;
    registry.roster.freshen(&registry.store).await?;
    let days = Days { day, today };
    let (chain, household) = match asked {
        Asked::Household(id) => {
            let (chain, place) = permitted(registry, &call, id, days).await?;
            (chain, Some(place))
        }
        Asked::Grid(grid) => (of_grid(registry, &grid, days).await?, None),
        Asked::Place(place) => {
            let found = registry.atlas.locate(place, day).await?.ok_or_else(|| Refusal {
                kind: Kind::Missing,
                reason: "PLACE_NOT_IN_A_GRID",
                message: "no grid in force on that day holds this place".into(),
            })?;
            (of_grid(registry, &found.grid.code, days).await?, None)
        }
    };
    let mut stations = chain.stations(household, day);
    for above in above(registry, &chain.grid, days).await? {
        stations.push(above);
    }
    let levels = contact::resolve(stations).into_iter().map(convert::answer).collect();
    Ok(proto::ResolveContactsResponse { grid: format!("grids/{}", chain.grid), levels })
}

/// The day asked about, and today.
#[derive(Clone, Copy)]
struct Days {
    day: NaiveDate,
    today: NaiveDate,
}

/// What was asked about.
#[derive(Debug, Clone, PartialEq)]
enum Asked {
    Household(Uuid),
    Grid(Code),
    Place(LatLng),
}

fn asked(request: &proto::ResolveContactsRequest) -> Result<Asked, Vec<Violation>> {
    let place = request.latitude.is_some() || request.longitude.is_some() || request.datum != 0;
    match (!request.household.is_empty(), !request.grid.is_empty(), place) {
        (true, false, false) => {
            let id = convert::household_name("household", &request.household).map_err(|wrong| vec![wrong])?;
            let no_uuid = |_| vec![Violation::new("household", "INVALID_NAME", "must end in a UUID")];
            id.parse().map(Asked::Household).map_err(no_uuid)
        }
        (false, true, false) => {
            convert::grid_name("grid", &request.grid).map(Asked::Grid).map_err(|wrong| vec![wrong])
        }
        (false, false, true) => convert::datum(&proto::LocateGridRequest {
            latitude: request.latitude,
            longitude: request.longitude,
            datum: request.datum,
            effective_on: String::new(),
        })
        .map(Asked::Place),
        _ => {
            let text =
                "exactly one of household, grid and a place (latitude, longitude, datum) must be given";
            Err(["household", "grid", "latitude"]
                .map(|field| Violation::new(field, "EXACTLY_ONE", text))
                .into())
        }
    }
}

async fn of_grid(registry: &Registry, grid: &Code, days: Days) -> Result<Arc<Chain>, Error> {
    let chain = registry.roster.of_grid(&registry.store, grid, days.day, days.today).await?;
    let chain = chain.ok_or_else(|| Refusal::missing(format!("grid {grid}")))?;
    contact_link::may_assign(grid, &chain.effective, days.day)?;
    Ok(chain)
}

/// The chain of a household's grid and the household's place in it, if the caller may know.
async fn permitted(
    registry: &Registry,
    call: &Call,
    id: Uuid,
    days: Days,
) -> Result<(Arc<Chain>, usize), Error> {
    const ACTION: &str = "ResolveHouseholdContacts";
    // Whoever may ask about no household at all is told so, whether this one exists or not.
    registry.authorize(call, ACTION, Target { division: None, own: true })?;
    let missing = || Refusal::missing(format!("household {id}"));
    let found = registry.roster.of_household(&registry.store, id, days.day, days.today).await?;
    let (chain, place) = found.ok_or_else(missing)?;
    let within = Target::within(chain.grid.as_str());
    if let Err(denied) = registry.authorize(call, ACTION, within) {
        let person = call.caller.person.as_deref().and_then(|name| name.strip_prefix("people/"));
        let own = match person {
            Some(person) => registry.store.lives_in(person, &id.to_string()).await?,
            None => false,
        };
        if !own {
            return Err(denied);
        }
        registry.authorize(call, ACTION, Target { own, ..within })?;
    }
    let effective = chain.household_effective(place).ok_or_else(missing)?;
    if !effective.holds(days.day) {
        let text = format!("household {id} is not in force on {}", days.day);
        return Err(Refusal::rule("HOUSEHOLD_NOT_IN_FORCE", text).into());
    }
    Ok((chain, place))
}

/// The cadres of the village, the town and the city.
async fn above(registry: &Registry, grid: &Code, days: Days) -> Result<Vec<Station>, Error> {
    let mut stations = Vec::with_capacity(ABOVE.len());
    for area in grid.ancestors() {
        let Some((level, _)) = ABOVE.iter().find(|(_, of)| *of == area.level()) else { continue };
        let cadres = registry.roster.cadres(&registry.store, &area, days.day, days.today).await?;
        stations.push(cadres.station(*level, area, days.day));
    }
    Ok(stations)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(request: &proto::ResolveContactsRequest) -> &'static str {
        asked(request).unwrap_err()[0].reason
    }

    #[test]
    fn exactly_one_thing_is_asked_about() {
        let nothing = proto::ResolveContactsRequest::default();
        assert_eq!(reason(&nothing), "EXACTLY_ONE");
        let grid = proto::ResolveContactsRequest { grid: "grids/321181100201001".into(), ..nothing.clone() };
        assert_eq!(asked(&grid).unwrap(), Asked::Grid("321181100201001".parse().unwrap()));
        let both = proto::ResolveContactsRequest { datum: 1, ..grid };
        assert_eq!(reason(&both), "EXACTLY_ONE");
        let half = proto::ResolveContactsRequest { latitude: Some(32.0), ..nothing.clone() };
        assert_eq!(asked(&half).unwrap_err().len(), 2, "longitude and datum are missing");
        let household = proto::ResolveContactsRequest { household: "households/x".into(), ..nothing };
        assert_eq!(reason(&household), "INVALID_NAME");
    }
}
