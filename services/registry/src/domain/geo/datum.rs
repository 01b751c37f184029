//! WGS-84 and GCJ-02, one into the other.
//!
//! GCJ-02 shifts every place in China by up to about 700 m, by an obfuscating formula over the Krasovsky 1940
//! ellipsoid that has long been public. The forward formula is exact by definition; the way back has no closed form
//! and is found by iteration. Outside a rectangle around China the two are the same.

use std::f64::consts::PI;

use super::LatLng;

/// The datum that degrees are given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Datum {
    /// WGS-84: GPS, GeoJSON, and everything in this service.
    Wgs84,
    /// GCJ-02 (国测局坐标): the maps published in China.
    Gcj02,
}

/// Semi-major axis of Krasovsky 1940, metres.
const AXIS_M: f64 = 6_378_245.0;
/// First eccentricity of Krasovsky 1940, squared.
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;
/// The iteration ends when a step is smaller than this, in degrees: a tenth of a millimetre.
const STEP_MIN_DEGREES: f64 = 1e-9;
/// Each step gains more than two decimal digits, so six reach the limits of the numbers.
const STEPS_MAX: usize = 10;

impl Datum {
    /// The place in WGS-84. For GCJ-02 the answer is the place whose [`Datum::from_wgs84`] is the place given, to
    /// within 1e-7 degrees (about a centimetre), everywhere but within a kilometre of the rectangle's edge, where
    /// the shift itself jumps.
    pub fn to_wgs84(self, place: LatLng) -> LatLng {
        match self {
            Self::Wgs84 => place,
            Self::Gcj02 => unshift(place),
        }
    }

    /// A place in WGS-84, in this datum.
    pub fn from_wgs84(self, place: LatLng) -> LatLng {
        match self {
            Self::Wgs84 => place,
            Self::Gcj02 if shifted(place) => {
                let (north, east) = offset(place.latitude(), place.longitude());
                moved(place, north, east)
            }
            Self::Gcj02 => place,
        }
    }
}

/// Finds the place that shifts to the one given: guess, shift, correct by the difference. The shift changes by less
/// than one part in a hundred over any distance, so this converges fast.
fn unshift(target: LatLng) -> LatLng {
    if !shifted(target) {
        return target;
    }
    let mut guess = target;
    for _ in 0..STEPS_MAX {
        let (north, east) = offset(guess.latitude(), guess.longitude());
        let next = moved(target, -north, -east);
        let step =
            (next.latitude() - guess.latitude()).abs().max((next.longitude() - guess.longitude()).abs());
        guess = next;
        if step < STEP_MIN_DEGREES {
            break;
        }
    }
    guess
}

fn moved(place: LatLng, north: f64, east: f64) -> LatLng {
    LatLng::from_coord(geo::Coord { x: place.longitude() + east, y: place.latitude() + north })
}

/// Whether the formula applies: the rectangle that its implementations agree on.
fn shifted(place: LatLng) -> bool {
    (0.8293..=55.8271).contains(&place.latitude()) && (72.004..=137.8347).contains(&place.longitude())
}

/// How far GCJ-02 lies north and east of WGS-84, in degrees.
fn offset(latitude: f64, longitude: f64) -> (f64, f64) {
    let (x, y) = (longitude - 105.0, latitude - 35.0);
    let radians = latitude.to_radians();
    let magic = 1.0 - ECCENTRICITY_SQUARED * radians.sin().powi(2);
    let meridian_m = AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (magic * magic.sqrt());
    let parallel_m = AXIS_M / magic.sqrt() * radians.cos();
    let north = (north_m(x, y) / meridian_m).to_degrees();
    let east = (east_m(x, y) / parallel_m).to_degrees();
    (north, east)
}

/// The shift to the north, in metres on the formula's own plane.
fn north_m(x: f64, y: f64) -> f64 {
    -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0
}

/// The shift to the east, in metres on the formula's own plane.
fn east_m(x: f64, y: f64) -> f64 {
    300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// WGS-84 and GCJ-02 of the same places, as the Python package coord-convert gives them too.
    const PAIRS: [((f64, f64), (f64, f64)); 3] = [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ];

    fn distance_degrees(a: LatLng, b: LatLng) -> f64 {
        (a.latitude() - b.latitude()).abs().max((a.longitude() - b.longitude()).abs())
    }

    #[test]
    fn known_places_are_shifted_as_other_converters_shift_them() {
        for ((latitude, longitude), (to_latitude, to_longitude)) in PAIRS {
            let from = LatLng::new(latitude, longitude).unwrap();
            let to = LatLng::new(to_latitude, to_longitude).unwrap();
            assert!(distance_degrees(Datum::Gcj02.from_wgs84(from), to) < 1e-9);
            assert!(distance_degrees(Datum::Gcj02.to_wgs84(to), from) < 1e-7);
        }
    }

    #[test]
    fn places_outside_china_are_not_shifted() {
        for (latitude, longitude) in [(51.5, -0.12), (-33.9, 151.2), (0.0, 110.0), (60.0, 100.0)] {
            let place = LatLng::new(latitude, longitude).unwrap();
            assert_eq!(Datum::Gcj02.from_wgs84(place), place);
            assert_eq!(Datum::Gcj02.to_wgs84(place), place);
        }
    }

    proptest! {
        #[test]
        fn a_place_comes_back_from_gcj_02(latitude in 1.0..55.5f64, longitude in 72.5..137.5f64) {
            let place = LatLng::new(latitude, longitude).unwrap();
            let there = Datum::Gcj02.from_wgs84(place);
            prop_assert!(distance_degrees(place, there) > 1e-6, "it was not shifted at all");
            prop_assert!(distance_degrees(Datum::Gcj02.to_wgs84(there), place) < 1e-7);
        }

        #[test]
        fn a_place_comes_back_from_wgs_84(latitude in 1.0..55.5f64, longitude in 72.5..137.5f64) {
            let place = LatLng::new(latitude, longitude).unwrap();
            let there = Datum::Gcj02.to_wgs84(place);
            prop_assert!(distance_degrees(Datum::Gcj02.from_wgs84(there), place) < 1e-7);
        }
    }
}
