//! The boundary of a grid: a checked area.

use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::orient::{Direction, Orient};
use geo::{BoundingRect, Centroid, InteriorPoint, LineString, MultiPolygon, Polygon};
use rstar::AABB;
use serde_json::{Value, json};

use super::area;
use super::fault::{Fault, Place, Problem};
use super::latlng::LatLng;
use super::parse::{self, Geometry, RawPolygon};
use super::topology;

/// The most positions of a boundary. The city's own boundary has fewer; a grid has some hundred.
pub const POSITIONS_MAX: usize = 20_000;

/// An area in WGS-84: polygons with holes, whose rings neither cross nor touch themselves.
///
/// Positions are kept to 9 decimals and outer rings run counterclockwise (RFC 7946), so that equal areas drawn from
/// the same positions are equal, and stay so when written and read.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary {
    shape: MultiPolygon,
    bounds: AABB<[f64; 2]>,
}

impl Boundary {
    /// From a GeoJSON Polygon or MultiPolygon. Heights are dropped, as are positions that repeat the one before.
    ///
    /// # Errors
    /// [`Fault`] with the first thing that is wrong and its place.
    pub fn from_value(value: Value) -> Result<Self, Fault> {
        Self::from_geometry(&geometry(value)?)
    }

    /// From what [`Boundary::to_value`] gave and a database kept: read without the checks that take time.
    ///
    /// # Errors
    /// [`Fault`] when it is not even a geometry.
    pub fn restore(value: Value) -> Result<Self, Fault> {
        Self::of(shape(&parse::polygons(&geometry(value)?)?))
    }

    pub(super) fn from_geometry(geometry: &Geometry) -> Result<Self, Fault> {
        let raw = parse::polygons(geometry)?;
        raw.iter().try_for_each(topology::check_polygon)?;
        let shape = shape(&raw);
        topology::check_apart(&shape.0)?;
        Self::of(shape)
    }

    /// From a shape that is known to be valid.
    fn of(shape: MultiPolygon) -> Result<Self, Fault> {
        let rect = shape.bounding_rect().ok_or(Problem::Empty.at(Place::default()))?;
        let bounds = AABB::from_corners(rect.min().into(), rect.max().into());
        Ok(Self { shape: shape.orient(Direction::Default), bounds })
    }

    /// As GeoJSON: a Polygon when there is one, else a MultiPolygon.
    pub fn to_value(&self) -> Value {
        match self.shape.0.as_slice() {
            [polygon] => json!({"type": "Polygon", "coordinates": rings(polygon)}),
            polygons => {
                let coordinates: Vec<_> = polygons.iter().map(rings).collect();
                json!({"type": "MultiPolygon", "coordinates": coordinates})
            }
        }
    }

    /// The size of the area on the WGS-84 ellipsoid, in square metres. Costs about a microsecond a position.
    pub fn area_m2(&self) -> f64 {
        area::polygons_m2(&self.shape)
    }

    /// A place that stands for the area: its centroid where that lies inside, else some place inside.
    pub fn centroid(&self) -> LatLng {
        let centroid = self
            .shape
            .centroid()
            .filter(|point| self.shape.coordinate_position(&point.0) == CoordPos::Inside);
        let point = centroid.or_else(|| self.shape.interior_point());
        let anywhere = geo::Coord { x: self.bounds.lower()[0], y: self.bounds.lower()[1] };
        LatLng::from_coord(point.map_or(anywhere, |point| point.0))
    }

    /// Whether a place in WGS-84 lies inside or on the border.
    pub fn contains(&self, place: LatLng) -> bool {
        self.shape.coordinate_position(&place.coord()) != CoordPos::Outside
    }

    /// How many positions it has.
    pub fn positions(&self) -> usize {
        self.rings().map(|ring| ring.0.len()).sum()
    }

    /// The least rectangle around it, in degrees: west and south, east and north.
    pub fn corners(&self) -> ([f64; 2], [f64; 2]) {
        (self.bounds.lower(), self.bounds.upper())
    }

    pub(super) fn rings(&self) -> impl Iterator<Item = &LineString> {
        self.shape.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
    }

    pub(super) fn shape(&self) -> &MultiPolygon {
        &self.shape
    }

    pub(super) fn bounds(&self) -> AABB<[f64; 2]> {
        self.bounds
    }
}

fn geometry(value: Value) -> Result<Geometry, Fault> {
    serde_json::from_value(value).map_err(|error| {
        Problem::Malformed(error.to_string().chars().take(200).collect()).at(Place::default())
    })
}

fn shape(raw: &[RawPolygon]) -> MultiPolygon {
    let polygon = |raw: &RawPolygon| {
        let mut rings = raw.rings.iter().map(|ring| ring.line.clone());
        let outer = rings.next().unwrap_or_else(LineString::empty);
        Polygon::new(outer, rings.collect())
    };
    MultiPolygon(raw.iter().map(polygon).collect())
}

fn rings(polygon: &Polygon) -> Vec<Vec<[f64; 2]>> {
    let ring = |line: &LineString| line.0.iter().map(|coord| [coord.x, coord.y]).collect();
    std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect()
}
