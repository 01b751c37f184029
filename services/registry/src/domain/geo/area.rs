//! The size of areas on the ellipsoid.

use geo::{GeodesicArea, LineString, MultiPolygon, Polygon};

/// The size of a polygon on the WGS-84 ellipsoid, its holes left out, in square metres.
pub(super) fn polygon_m2(polygon: &Polygon) -> f64 {
    ring_m2(polygon.exterior()) - polygon.interiors().iter().map(ring_m2).sum::<f64>()
}

/// The size of polygons that lie apart, in square metres.
pub(super) fn polygons_m2(polygons: &MultiPolygon) -> f64 {
    polygons.iter().map(polygon_m2).sum()
}

/// What a ring encloses, whichever way it runs. An unsigned area would take a ring that runs the other way for all of
/// the earth but its inside; and which way a sliver of no width runs is a matter of the last digit.
pub(super) fn ring_m2(ring: &LineString) -> f64 {
    Polygon::new(ring.clone(), Vec::new()).geodesic_area_signed().abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_encloses_the_same_whichever_way_it_runs() {
        let corners = [(119.5, 32.0), (119.501, 32.0), (119.501, 32.001), (119.5, 32.001), (119.5, 32.0)];
        let forth = LineString::from(corners.to_vec());
        let back = LineString::from(corners.iter().rev().copied().collect::<Vec<_>>());
        assert!((ring_m2(&forth) - ring_m2(&back)).abs() < 1e-3);
        assert!((10_000.0..11_000.0).contains(&ring_m2(&forth)), "{}", ring_m2(&forth));
    }
}
