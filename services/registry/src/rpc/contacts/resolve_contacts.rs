//! ResolveContacts.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use crate::Registry;
use crate::convert;
use crate::domain::contact;
use crate::domain::contact_link;
use crate::domain::geo::LatLng;
use crate::roster::{By, Days, Known};
use minqing_platform::code::Code;

/// What is in memory is answered without waiting. What waits is boxed, so that the answer to most questions need not
/// carry the room for it.
pub async fn handle(
    registry: &Registry,
    request: Request<proto::ResolveContactsRequest>,
) -> Result<proto::ResolveContactsResponse, Error> {
    let (call, request) = Call::open(request);
    let asked = asked(&request)?;
    let today = registry.today();
    let days = Days { day: convert::date_or_today("effective_on", &request.effective_on, today)?, today };
    registry.authorize(&call, "ResolveContacts", Target::NOWHERE)?;
    if registry.roster.is_stale() {
        Box::pin(registry.roster.freshen(&registry.store)).await?;
    }
    let known = match asked {
        Asked::Household(id) => permitted(registry, &call, id, days).await?,
        Asked::Grid(grid) => of_grid(registry, &grid, days).await?,
        Asked::Place(place) => {
            let grid = registry.atlas.code_at(place, days.day).await?.ok_or_else(|| Refusal {
                kind: Kind::Missing,
                reason: "PLACE_NOT_IN_A_GRID",
                message: "no grid in force on that day holds this place".into(),
            })?;
            of_grid(registry, &grid, days).await?
        }
    };
    let levels = contact::resolve(known.stations(days.day)).into_iter().map(convert::answer).collect();
    Ok(proto::ResolveContactsResponse { grid: format!("grids/{}", known.chain.grid), levels })
}

/// What answers a question, from memory or read.
async fn known(registry: &Registry, by: By<'_>, days: Days) -> Result<Option<Known>, Error> {
    match registry.roster.known(by, days.day) {
        Some(known) => Ok(Some(known)),
        None => Box::pin(registry.roster.find(&registry.store, by, days)).await,
    }
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

async fn of_grid(registry: &Registry, grid: &Code, days: Days) -> Result<Known, Error> {
    let known = known(registry, By::Grid(grid), days).await?;
    let known = known.ok_or_else(|| Refusal::missing(format!("grid {grid}")))?;
    contact_link::may_assign(grid, &known.chain.effective, days.day)?;
    Ok(known)
}

/// What answers for a household, if the caller may know.
async fn permitted(registry: &Registry, call: &Call, id: Uuid, days: Days) -> Result<Known, Error> {
    const ACTION: &str = "ResolveHouseholdContacts";
    // Whoever may ask about no household at all is told so, whether this one exists or not.
    registry.authorize(call, ACTION, Target { division: None, own: true })?;
    let missing = || Refusal::missing(format!("household {id}"));
    let known = known(registry, By::Household(id), days).await?.ok_or_else(missing)?;
    let within = Target::within(known.chain.grid.as_str());
    if let Err(denied) = registry.authorize(call, ACTION, within) {
        if !Box::pin(is_own(registry, call, id)).await? {
            return Err(denied);
        }
        registry.authorize(call, ACTION, Target { own: true, ..within })?;
    }
    let effective = known.place.and_then(|place| known.chain.household_effective(place));
    if !effective.ok_or_else(missing)?.holds(days.day) {
        let text = format!("household {id} is not in force on {}", days.day);
        return Err(Refusal::rule("HOUSEHOLD_NOT_IN_FORCE", text).into());
    }
    Ok(known)
}

/// Whether the caller lives in a household.
async fn is_own(registry: &Registry, call: &Call, household: Uuid) -> Result<bool, Error> {
    match call.caller.person.as_deref().and_then(|name| name.strip_prefix("people/")) {
        Some(person) => registry.store.lives_in(person, &household.to_string()).await,
        None => Ok(false),
    }
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
