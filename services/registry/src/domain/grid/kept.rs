//! A grid as JSON, for the answers that are remembered.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Grid;
use crate::domain::geo::{Boundary, LatLng};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// An area to the square centimetre. So few digits come back unchanged from JSON, whose reader may miss the last of
/// seventeen: an answer that is given again is the same to the bit.
pub(super) fn area(area_m2: f64) -> f64 {
    (area_m2 * 1e4).round() / 1e4
}

/// A place to 9 decimals of a degree, a tenth of a millimetre, for the same reason.
pub(super) fn place(place: LatLng) -> LatLng {
    let rounded = |degrees: f64| (degrees * 1e9).round() / 1e9;
    LatLng::new(rounded(place.latitude()), rounded(place.longitude())).unwrap_or(place)
}

#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    code: Code,
    display_name: String,
    effective: Period,
    successors: Vec<Code>,
    boundary: Option<Value>,
    area_m2: f64,
    /// Latitude and longitude.
    centroid: Option<(f64, f64)>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl From<Grid> for Kept {
    fn from(grid: Grid) -> Self {
        Self {
            code: grid.code,
            display_name: grid.display_name,
            effective: grid.effective,
            successors: grid.successors,
            boundary: grid.boundary.as_deref().map(Boundary::to_value),
            area_m2: grid.area_m2,
            centroid: grid.centroid.map(|place| (place.latitude(), place.longitude())),
            create_time: grid.create_time,
            update_time: grid.update_time,
            version: grid.version,
        }
    }
}

impl TryFrom<Kept> for Grid {
    type Error = String;

    fn try_from(kept: Kept) -> Result<Self, String> {
        let centroid = |(latitude, longitude)| {
            LatLng::new(latitude, longitude).map(place).map_err(|error| error.to_string())
        };
        let boundary = kept.boundary.map(Boundary::restore).transpose().map_err(|fault| fault.to_string())?;
        Ok(Self {
            code: kept.code,
            display_name: kept.display_name,
            effective: kept.effective,
            successors: kept.successors,
            boundary: boundary.map(Arc::new),
            area_m2: area(kept.area_m2),
            centroid: kept.centroid.map(centroid).transpose()?,
            create_time: kept.create_time,
            update_time: kept.update_time,
            version: kept.version,
        })
    }
}
