//! Grids (网格) of the demo: about ten for each village, drawn by rule.
//!
//! No survey of the real lines is public. The villages are laid out in the order of their codes on a lattice over the
//! city's extent, so that those of one town lie together, and each is cut into equal grids.

use serde_json::{Value, json};

/// The extent of Danyang, in millionths of a degree: west, south, and the size of a village's cell.
const WEST: i64 = 119_400_000;
const SOUTH: i64 = 31_760_000;
const CELL_WIDTH: i64 = 30_000;
const CELL_HEIGHT: i64 = 27_000;

/// Villages in one row of the lattice.
const COLUMNS: usize = 16;

/// Grids of a village: as many rows of two.
const ROWS: usize = 5;
const GRIDS: usize = 2 * ROWS;

/// One more grid for each so many villages: a hamlet outside, so that the city has somewhat over 2,300.
const HAMLET_EVERY: usize = 14;

/// A grid that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// 15 digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// West, south, east and north, in millionths of a degree.
    extent: [i64; 4],
}

/// The grids of villages that are given by their codes, in order.
pub fn plan(villages: &[&str]) -> Vec<Planned> {
    villages.iter().enumerate().flat_map(|(index, village)| of_village(index, village)).collect()
}

fn of_village(index: usize, village: &str) -> Vec<Planned> {
    let (row, column) = (index / COLUMNS, index % COLUMNS);
    // Every other row runs back, so that neighbours in the order are neighbours on the ground.
    let column = if row.is_multiple_of(2) { column } else { COLUMNS - 1 - column };
    let west = WEST + integer(column) * CELL_WIDTH;
    let south = SOUTH + integer(row) * CELL_HEIGHT;
    // Where there is a hamlet, it takes the northern sixth of the cell.
    let hamlet = index.is_multiple_of(HAMLET_EVERY);
    let height = CELL_HEIGHT / integer(ROWS + usize::from(hamlet));
    let width = CELL_WIDTH / 2;
    let part = |number: usize| {
        let (x, y) = (integer(number % 2), integer(number / 2));
        let (west, south) = (west + x * width, south + y * height);
        Planned {
            code: format!("{village}{:03}", number + 1),
            name: format!("第{}网格", number + 1),
            extent: [west, south, west + width, south + height],
        }
    };
    let mut parts: Vec<Planned> = (0..GRIDS).map(part).collect();
    if hamlet {
        let south = south + integer(ROWS) * height;
        parts.push(Planned {
            code: format!("{village}{:03}", GRIDS + 1),
            name: format!("第{}网格", GRIDS + 1),
            extent: [west, south, west + CELL_WIDTH, south + height],
        });
    }
    parts
}

/// The grids as a GeoJSON feature collection.
pub fn collection(grids: &[Planned]) -> Value {
    let feature = |grid: &Planned| {
        let [west, south, east, north] = grid.extent.map(degrees);
        json!({
            "type": "Feature",
            "properties": {"code": grid.code, "name": grid.name},
            "geometry": {"type": "Polygon", "coordinates": [[
                [west, south], [east, south], [east, north], [west, north], [west, south],
            ]]},
        })
    };
    json!({"type": "FeatureCollection", "features": grids.iter().map(feature).collect::<Vec<_>>()})
}

#[expect(clippy::cast_precision_loss, reason = "millionths of a degree are far below 2^52")]
fn degrees(millionths: i64) -> f64 {
    millionths as f64 / 1e6
}

fn integer(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_city_has_somewhat_over_two_thousand_three_hundred_grids() {
        let villages: Vec<String> = (0..229).map(|number| format!("321181001{number:03}")).collect();
        let villages: Vec<&str> = villages.iter().map(String::as_str).collect();
        let grids = plan(&villages);
        assert_eq!(grids.len(), 2_307);
        for (index, one) in grids.iter().enumerate() {
            for other in &grids[..index] {
                let apart = one.extent[2] <= other.extent[0]
                    || other.extent[2] <= one.extent[0]
                    || one.extent[3] <= other.extent[1]
                    || other.extent[3] <= one.extent[1];
                assert!(apart, "{} lies on {}", one.code, other.code);
            }
        }
    }
}
