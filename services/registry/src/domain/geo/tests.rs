//! Behaviour of boundaries, files and the index, seen from outside.

mod features;
mod index;
mod overlap;
mod roundtrip;
mod validity;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Boundary;

/// A corner of Danyang; shapes are drawn east and north of it in thousandths of a degree.
const ORIGIN: (f64, f64) = (119.5, 32.0);

/// Positions from thousandths of a degree.
fn positions(points: &[(f64, f64)]) -> Vec<[f64; 2]> {
    points.iter().map(|(x, y)| [ORIGIN.0 + x / 1000.0, ORIGIN.1 + y / 1000.0]).collect()
}

fn polygon(rings: &[&[(f64, f64)]]) -> Value {
    let rings: Vec<_> = rings.iter().map(|ring| positions(ring)).collect();
    json!({"type": "Polygon", "coordinates": rings})
}

fn rectangle(x: f64, y: f64, width: f64, height: f64) -> [(f64, f64); 5] {
    [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
}

fn boundary(rings: &[&[(f64, f64)]]) -> Boundary {
    Boundary::from_value(polygon(rings)).unwrap()
}

/// Rings around a centre, with growing angles and radii of their own: never crossing themselves.
fn stars(centre: (f64, f64)) -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec(0.2..1.0f64, 4..40).prop_map(move |radii| {
        let count = radii.len() as f64;
        let mut ring: Vec<(f64, f64)> = radii
            .iter()
            .enumerate()
            .map(|(i, radius)| {
                let angle = std::f64::consts::TAU * i as f64 / count;
                (centre.0 + radius * angle.cos(), centre.1 + radius * angle.sin())
            })
            .collect();
        ring.push(ring[0]);
        ring
    })
}
