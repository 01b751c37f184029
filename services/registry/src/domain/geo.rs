//! Places, boundaries and the index that finds the area holding a place.
//!
//! Coordinates are WGS-84 inside the service; GCJ-02 (国测局坐标) is converted at the door ([`Datum`]). Edges run
//! straight in longitude and latitude, as GeoJSON (RFC 7946) says. All of it is pure: no clock, no storage.

mod area;
mod boundary;
mod datum;
mod fault;
mod feature;
mod index;
mod latlng;
mod overlap;
mod parse;
mod segments;
mod topology;

pub use boundary::{Boundary, POSITIONS_MAX};
pub use datum::Datum;
pub use fault::{Fault, Place, Problem};
pub use feature::{FEATURES_MAX, FaultyFile, Feature, FeatureFault, FeatureProblem, features};
pub use index::{Area, Conflict, Index};
pub use latlng::{LatLng, OutOfRange};
pub use overlap::{OVERLAP_TOLERANCE_M2, Overlap, overlap, union};

#[cfg(test)]
mod tests;
