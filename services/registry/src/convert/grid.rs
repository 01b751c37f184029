//! Grids between messages and domain.

use std::sync::Arc;

use minqing_platform::json;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;

use super::{grid_code, text, timestamp};
use crate::domain::geo::{Boundary, Datum, Fault as GeoFault, LatLng, OutOfRange, Place};
use crate::domain::grid::{DISPLAY_NAME_MAX, Grid, NewGrid};
use crate::domain::grid_file::Fault;
use crate::domain::grid_import::Report;

/// A grid as a message, with its boundary if it has one.
pub fn grid(mut grid: Grid) -> proto::Grid {
    let boundary = grid.boundary.take().and_then(|boundary| json::to_struct(boundary.to_value()));
    proto::Grid { boundary, ..grid_basic(grid) }
}

/// A grid as a message, without its boundary.
pub fn grid_basic(grid: Grid) -> proto::Grid {
    proto::Grid {
        name: format!("grids/{}", grid.code),
        division: grid.code.parent().map(|code| format!("divisions/{code}")).unwrap_or_default(),
        code: grid.code.into(),
        display_name: grid.display_name,
        boundary: None,
        effective_from: grid.effective.from.to_string(),
        effective_to: grid.effective.to.map(|day| day.to_string()).unwrap_or_default(),
        successors: grid.successors.iter().map(|code| format!("grids/{code}")).collect(),
        area_m2: grid.area_m2,
        centroid: grid.centroid.map(lat_lng),
        create_time: Some(timestamp(grid.create_time)),
        update_time: Some(timestamp(grid.update_time)),
        etag: grid.version.to_string(),
    }
}

/// A place as a message.
pub fn lat_lng(place: LatLng) -> proto::LatLng {
    proto::LatLng { latitude: place.latitude(), longitude: place.longitude() }
}

/// Reads a grid that is to begin; `field` is the path of its message.
///
/// # Errors
/// Every field that is not valid.
pub fn new_grid(
    field: &str,
    code: &str,
    display_name: &str,
    shape: Option<prost_types::Struct>,
) -> Result<NewGrid, Vec<Violation>> {
    let code = grid_code(&format!("{field}.code"), code);
    let display_name = text(&format!("{field}.display_name"), display_name, DISPLAY_NAME_MAX);
    let shape = shape.map(|shape| boundary(&format!("{field}.boundary"), shape)).transpose();
    match (code, display_name, shape) {
        (Ok(code), Ok(display_name), Ok(boundary)) => Ok(NewGrid { code, display_name, boundary }),
        (code, name, shape) => Err([code.err(), name.err(), shape.err()].into_iter().flatten().collect()),
    }
}

/// Reads a boundary.
///
/// # Errors
/// It is no valid area; the violation names the place of the fault.
pub fn boundary(field: &str, shape: prost_types::Struct) -> Result<Arc<Boundary>, Violation> {
    Boundary::from_value(json::from_struct(shape)).map(Arc::new).map_err(|fault| {
        let GeoFault { place, problem } = &fault;
        // A fault of the whole boundary has no place below it.
        let field = if *place == Place::default() { field.to_owned() } else { format!("{field}.{place}") };
        Violation::new(field, "INVALID_BOUNDARY", problem)
    })
}

/// Reads a place and the datum it is given in; gives it in WGS-84.
///
/// # Errors
/// A number or the datum is missing, or the place is not on the earth.
pub fn datum(request: &proto::LocateGridRequest) -> Result<LatLng, Vec<Violation>> {
    let datum = match proto::Datum::try_from(request.datum) {
        Ok(proto::Datum::Wgs84) => Ok(Datum::Wgs84),
        Ok(proto::Datum::Gcj02) => Ok(Datum::Gcj02),
        Ok(proto::Datum::Unspecified) => Err(Violation::required("datum")),
        Err(_) => Err(Violation::new("datum", "INVALID_ENUM", format!("{} is no datum", request.datum))),
    };
    let latitude = request.latitude.ok_or_else(|| Violation::required("latitude"));
    let longitude = request.longitude.ok_or_else(|| Violation::required("longitude"));
    match (latitude, longitude, datum) {
        (Ok(latitude), Ok(longitude), Ok(datum)) => match LatLng::new(latitude, longitude) {
            Ok(place) => Ok(datum.to_wgs84(place)),
            Err(error @ OutOfRange::Latitude { .. }) => {
                Err(vec![Violation::new("latitude", "OUT_OF_RANGE", error)])
            }
            Err(error @ OutOfRange::Longitude { .. }) => {
                Err(vec![Violation::new("longitude", "OUT_OF_RANGE", error)])
            }
        },
        (latitude, longitude, datum) => {
            Err([latitude.err(), longitude.err(), datum.err()].into_iter().flatten().collect())
        }
    }
}

/// A fault in a file of grids, as a violation that names the file and the place in it.
pub fn grid_fault(fault: &Fault) -> Violation {
    Violation::new("files", fault.reason, fault)
}

/// A report as a message.
pub fn grid_report(report: Report) -> proto::GridFileReport {
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    proto::GridFileReport {
        file_name: report.file_name,
        features: count(report.features),
        created: count(report.created),
        updated: count(report.updated),
        unchanged: count(report.unchanged),
        ended: count(report.ended),
    }
}
