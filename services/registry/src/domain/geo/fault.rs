//! What is wrong with a boundary, and where.

use std::fmt;

use super::LatLng;

/// A fault of a boundary: what, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Fault {
    /// Where in the GeoJSON.
    pub place: Place,
    /// What is wrong there.
    pub problem: Problem,
}

/// A place in a GeoJSON geometry, by the indices of its arrays, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Which polygon of a MultiPolygon; absent for a Polygon.
    pub polygon: Option<usize>,
    /// Which ring of the polygon: 0 is the outer one. Absent when the fault is of the whole.
    pub ring: Option<usize>,
    /// Which position of the ring. Absent when the fault is of the whole ring.
    pub position: Option<usize>,
}

impl Place {
    /// The same place, at one of its positions.
    pub(super) fn at(self, position: usize) -> Self {
        Self { position: Some(position), ..self }
    }
}

/// As a field path below the geometry: `coordinates[0][1][17]`; `coordinates` when nothing narrower is known.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("coordinates")?;
        for index in [self.polygon, self.ring, self.position].into_iter().flatten() {
            write!(f, "[{index}]")?;
        }
        Ok(())
    }
}

/// What can be wrong with a boundary.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// It is not the JSON of a geometry: a member is absent, of another type, or there twice.
    #[error("not a GeoJSON geometry: {0}")]
    Malformed(String),
    /// A geometry that is not an area.
    #[error("a boundary is a Polygon or a MultiPolygon, not a {0}")]
    NotAnArea(String),
    /// Another coordinate reference system than WGS-84.
    #[error("coordinates are in WGS-84, not in {0}")]
    ForeignSystem(String),
    /// Something that must be an array of something is not.
    #[error("{0} is expected here")]
    Expected(&'static str),
    /// No polygon, or a polygon without a ring.
    #[error("it is empty")]
    Empty,
    /// More positions than [`super::POSITIONS_MAX`].
    #[error("it has {found} positions, more than {max}")]
    TooManyPositions {
        /// How many there are.
        found: usize,
        /// How many there may be.
        max: usize,
    },
    /// Its edges lie so tangled that checking them would take too long; no map looks like this.
    #[error("its edges are too tangled to check")]
    TooTangled,
    /// A coordinate that is not on the earth.
    #[error("longitude {longitude}, latitude {latitude} is not on the earth{}", hint(.exchanged))]
    OutOfRange {
        /// The first number.
        longitude: f64,
        /// The second number.
        latitude: f64,
        /// The other way round it would be a place in China.
        exchanged: bool,
    },
    /// A coordinate far from China that would be in China the other way round.
    #[error("longitude {longitude}, latitude {latitude} is not in China{}", hint(&true))]
    Exchanged {
        /// The first number.
        longitude: f64,
        /// The second number.
        latitude: f64,
    },
    /// Fewer than 4 positions, or fewer than 3 different ones.
    #[error("a ring has at least 4 positions, 3 of them different; this one has {found} and {different}")]
    TooFewPositions {
        /// How many it has.
        found: usize,
        /// How many differ from the one before.
        different: usize,
    },
    /// The last position of a ring is not the first.
    #[error("the ring is open: it begins at {} and ends at {}", Degrees(.first), Degrees(.last))]
    OpenRing {
        /// Where it begins.
        first: LatLng,
        /// Where it ends.
        last: LatLng,
    },
    /// Two edges of a ring meet where they must not.
    #[error("the ring crosses or touches itself at {}, where it meets its edge {other}", Degrees(.at))]
    SelfIntersection {
        /// Where they meet.
        at: LatLng,
        /// The position that the other edge begins at.
        other: usize,
    },
    /// Two rings of a polygon cross, run along each other, or touch more than once.
    #[error("the ring meets ring {other} at {}", Degrees(.at))]
    RingsMeet {
        /// Where they meet.
        at: LatLng,
        /// The other ring.
        other: usize,
    },
    /// A hole that is not in the outer ring.
    #[error("the hole lies outside the outer ring at {}", Degrees(.at))]
    HoleOutside {
        /// A position of it that is outside.
        at: LatLng,
    },
    /// A hole inside another hole.
    #[error("the hole lies inside hole {other} at {}", Degrees(.at))]
    NestedHoles {
        /// The hole around it.
        other: usize,
        /// A position of it.
        at: LatLng,
    },
    /// Two polygons of a MultiPolygon lie over each other.
    #[error("the polygon lies over polygon {other} at {}", Degrees(.at))]
    PolygonsOverlap {
        /// The other polygon.
        other: usize,
        /// A place inside both.
        at: LatLng,
    },
}

impl Problem {
    pub(super) fn at(self, place: Place) -> Fault {
        Fault { place, problem: self }
    }
}

fn hint(exchanged: &bool) -> &'static str {
    if *exchanged { "; GeoJSON gives longitude first, these seem to be exchanged" } else { "" }
}

/// A place as people read it, longitude first as in the file.
struct Degrees<'a>(&'a LatLng);

impl fmt::Display for Degrees<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "longitude {:.7}, latitude {:.7}", self.0.longitude(), self.0.latitude())
    }
}
