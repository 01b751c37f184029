//! The places of a batch, asked of the registry once each, a few at a time.

use std::collections::{BTreeMap, HashMap};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;

use crate::Cases;
use crate::convert::Whereabouts;
use minqing_platform::places::{self, Point};

/// How many are asked at a time.
const ASKED: usize = 8;

/// Where something lies.
#[derive(Debug, Clone)]
pub struct Located {
    /// The grid.
    pub grid: Code,
    /// Latitude and longitude in WGS-84, where a point was given.
    pub position: Option<(f64, f64)>,
}

/// By which equal places are asked once: a grid, or the bits of a point.
type Key = Result<Code, (u64, u64, i32)>;

fn key(whereabouts: &Whereabouts) -> Key {
    match whereabouts {
        Whereabouts::Grid(code) => Ok(code.clone()),
        Whereabouts::Point(point) => Err((point.latitude.to_bits(), point.longitude.to_bits(), point.datum)),
    }
}

/// What the registry said of places.
pub struct Places(HashMap<Key, Result<Located, Violation>>);

impl Places {
    /// Where it lies.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(&self, whereabouts: &Whereabouts) -> Result<Located, Vec<Violation>> {
        let asked = self.0.get(&key(whereabouts)).cloned();
        asked.unwrap_or_else(|| Err(Violation::required("grid"))).map_err(|fault| vec![fault])
    }
}

/// Asks for places.
///
/// # Errors
/// The registry does not answer.
pub async fn places<'a>(
    cases: &Cases,
    whereabouts: impl Iterator<Item = &'a Whereabouts>,
) -> Result<Places, Error> {
    let asked: BTreeMap<Key, Whereabouts> = whereabouts.map(|place| (key(place), place.clone())).collect();
    // Owned, because the compiler cannot see that a future over borrowed ones may move between threads.
    let asked = stream::iter(asked).map(|(key, place)| located(cases.clone(), key, place));
    Ok(Places(asked.buffer_unordered(ASKED).try_collect().await?))
}

/// What is wrong with a place is told of it; anything else is an error of the whole.
async fn located(
    cases: Cases,
    key: Key,
    place: Whereabouts,
) -> Result<(Key, Result<Located, Violation>), Error> {
    let found = match place {
        Whereabouts::Grid(code) => in_grid(&cases, code).await,
        Whereabouts::Point(point) => at_point(&cases, point).await,
    };
    match found {
        Ok(located) => Ok((key, Ok(located))),
        Err(Error::Invalid(faults)) => {
            let fault = faults.into_iter().next().unwrap_or_else(|| Violation::required("grid"));
            Ok((key, Err(fault)))
        }
        Err(error) => Err(error),
    }
}

async fn in_grid(cases: &Cases, grid: Code) -> Result<Located, Error> {
    check_city(cases, "grid", &grid)?;
    places::check_area(&cases.registry, "grid", &format!("grids/{grid}")).await?;
    Ok(Located { grid, position: None })
}

async fn at_point(cases: &Cases, point: Point) -> Result<Located, Error> {
    let (grid, at) = places::grid_at(&cases.registry, "latitude", point).await?;
    check_city(cases, "latitude", &grid)?;
    Ok(Located { grid, position: Some(at) })
}

fn check_city(cases: &Cases, field: &str, grid: &Code) -> Result<(), Violation> {
    if cases.practice.city.contains(grid) {
        return Ok(());
    }
    Err(Violation::new(field, "PLACE_OUTSIDE_CITY", format!("lies outside {}", cases.practice.city)))
}
