//! What the registry says about places and organizations.

use crate::client::Peer;
use crate::code::Code;
use crate::error::{Error, Refusal};
use crate::field;
use crate::status::Violation;
use chrono::NaiveDate;
use minqing_proto::registry::v1 as registry;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_proto::registry::v1::organization_service_client::OrganizationServiceClient;
use tonic::{Code as GrpcCode, Response, Status};

/// A point: degrees, and their datum as a message has it.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// The datum.
    pub datum: i32,
}

/// Where something is, as a message has it: a point, else an area, else the whole city.
#[derive(Debug, Clone, Copy, Default)]
pub struct Whereabouts<'a> {
    /// `divisions/x` or `grids/x`; empty for none.
    pub area: &'a str,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// The datum of the point.
    pub datum: i32,
}

/// The division or grid of whereabouts within a city, and the point in WGS-84 where one was given. `prefix` stands before the
/// names of the fields.
///
/// # Errors
/// Half a point, a point without its datum, an area that is not in force, a place outside the city, or a registry that does
/// not answer.
pub async fn find(
    peer: &Peer,
    prefix: &str,
    city: &Code,
    given: Whereabouts<'_>,
    day: NaiveDate,
) -> Result<(Code, Option<(f64, f64)>), Error> {
    let at = |field: &str| format!("{prefix}{field}");
    let (code, position) = match (given.latitude, given.longitude) {
        (Some(latitude), Some(longitude)) => {
            if !matches!(registry::Datum::try_from(given.datum), Ok(datum) if datum != registry::Datum::Unspecified)
            {
                return Err(Violation::required(at("datum")).into());
            }
            let point = Point { latitude, longitude, datum: given.datum };
            let (grid, position) = grid_at(peer, &at("latitude"), point).await?;
            (grid, Some(position))
        }
        (None, None) => (area(peer, &at("area"), city, given.area, day).await?, None),
        (Some(_), None) => return Err(Violation::required(at("longitude")).into()),
        (None, Some(_)) => return Err(Violation::required(at("latitude")).into()),
    };
    if !city.contains(&code) {
        let text = format!("lies outside {city}");
        return Err(Violation::new(at("area"), "PLACE_OUTSIDE_CITY", text).into());
    }
    Ok((code, position))
}

async fn area(peer: &Peer, field: &str, city: &Code, name: &str, day: NaiveDate) -> Result<Code, Error> {
    let code = match name {
        "" => return Ok(city.clone()),
        grid if grid.starts_with("grids/") => field::grid_name(field, grid)?,
        division => field::division_name(field, division)?,
    };
    check_area_in_force(peer, field, name, day).await?;
    Ok(code)
}

/// The grid that holds a point, and the point in WGS-84. `field` is that of the latitude.
///
/// # Errors
/// No grid holds it, or the registry does not answer.
pub async fn grid_at(peer: &Peer, field: &str, point: Point) -> Result<(Code, (f64, f64)), Error> {
    let request = registry::LocateGridRequest {
        latitude: Some(point.latitude),
        longitude: Some(point.longitude),
        datum: point.datum,
        ..Default::default()
    };
    let found = GridServiceClient::new(peer.clone()).locate_grid(request).await;
    let found = found.map_err(|status| match status.code() {
        GrpcCode::NotFound => {
            let text = "lies in no grid of the city";
            Violation::new(field, "PLACE_NOT_IN_A_GRID", text).into()
        }
        GrpcCode::InvalidArgument => Violation::new(field, "INVALID_PLACE", status.message()).into(),
        _ => unavailable(&status),
    })?;
    let found = found.into_inner();
    let grid = found.grid.unwrap_or_default();
    let code = field::grid_name("grid", &grid.name).map_err(|wrong| Error::Internal(wrong.to_string()))?;
    let at = found.location.map_or((point.latitude, point.longitude), |at| (at.latitude, at.longitude));
    Ok((code, at))
}

/// Checks that a division or grid is there, in force or not.
///
/// # Errors
/// It is not there, or the registry does not answer.
pub async fn check_area(peer: &Peer, field: &str, name: &str) -> Result<(), Error> {
    period(peer, field, name).await.map(drop)
}

/// Checks that a division or grid is there and in force on a day.
///
/// # Errors
/// It is not there, it has ended or not begun, or the registry does not answer.
pub async fn check_area_in_force(peer: &Peer, field: &str, name: &str, day: NaiveDate) -> Result<(), Error> {
    let (from, to) = period(peer, field, name).await?;
    if is_in_force(&from, &to, day) {
        return Ok(());
    }
    Err(Violation::new(field, "AREA_NOT_IN_FORCE", format!("{name} is not in force on {day}")).into())
}

/// From when and until when a division or grid is in force.
async fn period(peer: &Peer, field: &str, name: &str) -> Result<(String, String), Error> {
    let of = name.to_owned();
    let found = if name.starts_with("grids/") {
        let request = registry::GetGridRequest { name: of };
        let found = GridServiceClient::new(peer.clone()).get_grid(request).await;
        found.map(Response::into_inner).map(|grid| (grid.effective_from, grid.effective_to))
    } else {
        let request = registry::GetDivisionRequest { name: of };
        let found = DivisionServiceClient::new(peer.clone()).get_division(request).await;
        found.map(Response::into_inner).map(|division| (division.effective_from, division.effective_to))
    };
    found.map_err(|status| absent(field, &status))
}

/// Checks that an organization is there, in force or not.
///
/// # Errors
/// It is not there, or the registry does not answer.
pub async fn check_organization_known(peer: &Peer, field: &str, name: &str) -> Result<(), Error> {
    organization(peer, field, name).await.map(drop)
}

/// Checks that an organization is there and in force on a day.
///
/// # Errors
/// It is not there, it has ended or not begun, or the registry does not answer.
pub async fn check_organization(peer: &Peer, field: &str, name: &str, day: NaiveDate) -> Result<(), Error> {
    let found = organization(peer, field, name).await?;
    if is_in_force(&found.effective_from, &found.effective_to, day) {
        return Ok(());
    }
    let text = format!("{name} is not in force on {day}");
    Err(Refusal::rule("ORGANIZATION_NOT_IN_FORCE", text).into())
}

async fn organization(peer: &Peer, field: &str, name: &str) -> Result<registry::Organization, Error> {
    let request = registry::GetOrganizationRequest { name: name.to_owned() };
    let found = OrganizationServiceClient::new(peer.clone()).get_organization(request).await;
    Ok(found.map_err(|status| absent(field, &status))?.into_inner())
}

/// Whether a day lies between two dates as the registry tells them; the last is the first day it is no longer.
fn is_in_force(from: &str, to: &str, day: NaiveDate) -> bool {
    let date = |text| field::date("date", text).ok().flatten();
    date(from).is_none_or(|from| from <= day) && date(to).is_none_or(|to| day < to)
}

fn absent(field: &str, status: &Status) -> Error {
    match status.code() {
        GrpcCode::NotFound | GrpcCode::InvalidArgument => {
            Violation::new(field, "REFERENCE_MISSING", "is not in the registry").into()
        }
        _ => unavailable(status),
    }
}

fn unavailable(status: &Status) -> Error {
    Error::Unavailable("registry", status.to_string())
}
