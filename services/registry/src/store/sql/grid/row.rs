//! A grid as a row.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db;
use sqlx::FromRow;

use super::super::division::code_of;
use crate::domain::geo::{Area, Boundary, LatLng};
use crate::domain::grid::Grid;
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// The columns of a row without its boundary.
macro_rules! columns {
    () => {
        "code, display_name, effective_from, effective_to, successors, area_m2, latitude, longitude, create_time, \
         update_time, version"
    };
}
pub(super) use columns;

#[derive(FromRow)]
pub(super) struct Row {
    code: String,
    display_name: String,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    successors: String,
    boundary: Option<String>,
    area_m2: f64,
    latitude: Option<f64>,
    longitude: Option<f64>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Grid {
    type Error = db::Error;

    fn try_from(row: Row) -> Result<Self, db::Error> {
        let successors = row.successors.split(',').filter(|code| !code.is_empty()).map(code_of);
        let place = row.latitude.zip(row.longitude).map(|(latitude, longitude)| {
            LatLng::new(latitude, longitude).map_err(|error| db::Error::Corrupt(error.to_string()))
        });
        Ok(Self {
            code: code_of(&row.code)?,
            display_name: row.display_name,
            effective: Period { from: row.effective_from, to: row.effective_to },
            successors: successors.collect::<Result<_, _>>()?,
            boundary: row.boundary.as_deref().map(boundary_of).transpose()?,
            area_m2: row.area_m2,
            centroid: place.transpose()?,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// A boundary with the days on which it counts.
#[derive(FromRow)]
pub(super) struct AreaRow {
    code: String,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    boundary: String,
}

impl TryFrom<AreaRow> for Area {
    type Error = db::Error;

    fn try_from(row: AreaRow) -> Result<Self, db::Error> {
        Ok(Self {
            code: code_of(&row.code)?,
            effective: Period { from: row.effective_from, to: row.effective_to },
            boundary: boundary_of(&row.boundary)?,
        })
    }
}

/// What the columns of a boundary hold: the text, the rectangle around it.
#[derive(Default)]
pub(super) struct Drawn {
    pub text: Option<String>,
    pub west: Option<f64>,
    pub south: Option<f64>,
    pub east: Option<f64>,
    pub north: Option<f64>,
}

impl Drawn {
    pub fn of(boundary: Option<&Boundary>) -> Self {
        let Some(boundary) = boundary else { return Self::default() };
        let ([west, south], [east, north]) = boundary.corners();
        Self {
            text: Some(boundary.to_value().to_string()),
            west: Some(west),
            south: Some(south),
            east: Some(east),
            north: Some(north),
        }
    }
}

fn boundary_of(text: &str) -> Result<Arc<Boundary>, db::Error> {
    let value = serde_json::from_str(text).map_err(|error| db::Error::Corrupt(error.to_string()))?;
    Boundary::restore(value).map(Arc::new).map_err(|fault| db::Error::Corrupt(fault.to_string()))
}

/// Codes as the column of successors holds them.
pub(super) fn joined(codes: &[Code]) -> String {
    codes.iter().map(Code::as_str).collect::<Vec<_>>().join(",")
}
