//! A place on the earth.

/// A place in WGS-84, checked to be on the earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LatLng {
    latitude: f64,
    longitude: f64,
}

/// A latitude or longitude that is not on the earth.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum OutOfRange {
    /// Not between -90 and 90, or not a number.
    #[error("latitude {latitude} is not between -90 and 90{}", hint(.exchanged))]
    Latitude {
        /// What was given.
        latitude: f64,
        /// The two given the other way round would be a place in China.
        exchanged: bool,
    },
    /// Not between -180 and 180, or not a number.
    #[error("longitude {longitude} is not between -180 and 180")]
    Longitude {
        /// What was given.
        longitude: f64,
    },
}

fn hint(exchanged: &bool) -> &'static str {
    if *exchanged { "; latitude and longitude seem to be exchanged" } else { "" }
}

impl LatLng {
    /// A place, from degrees north and degrees east.
    ///
    /// # Errors
    /// [`OutOfRange`] when either is not a number or not on the earth.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, OutOfRange> {
        // A range never contains NaN, so that needs no test of its own.
        if !(-90.0..=90.0).contains(&latitude) {
            let exchanged = likely_in_china(longitude, latitude);
            return Err(OutOfRange::Latitude { latitude, exchanged });
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(OutOfRange::Longitude { longitude });
        }
        Ok(Self { latitude, longitude })
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        self.longitude
    }

    /// From a coordinate that was computed from checked ones.
    pub(super) fn from_coord(coord: geo::Coord) -> Self {
        Self { latitude: coord.y.clamp(-90.0, 90.0), longitude: coord.x.clamp(-180.0, 180.0) }
    }

    /// As the coordinate of planar geometry: x is east, y is north.
    pub(super) fn coord(self) -> geo::Coord {
        geo::Coord { x: self.longitude, y: self.latitude }
    }
}

/// Whether a place lies in the rectangle around China's land. Only for hints; it holds parts of the neighbours.
pub(super) fn likely_in_china(latitude: f64, longitude: f64) -> bool {
    (3.0..=54.0).contains(&latitude) && (73.0..=136.0).contains(&longitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanged_coordinates_of_danyang_are_refused_with_the_hint() {
        let refusal = LatLng::new(119.58, 32.0).unwrap_err();
        assert_eq!(refusal, OutOfRange::Latitude { latitude: 119.58, exchanged: true });
        assert!(refusal.to_string().contains("exchanged"));
    }

    #[test]
    fn what_is_not_a_number_is_not_a_place() {
        assert!(LatLng::new(f64::NAN, 0.0).is_err());
        assert!(LatLng::new(0.0, f64::INFINITY).is_err());
        assert!(LatLng::new(-90.0, 180.0).is_ok());
    }
}
