//! Boundaries by rule: villages are the cells of a lattice, and each is cut into grids.
//!
//! Real boundaries have more corners than four, so each side of a grid is given in several pieces.

use std::fmt::Write as _;

/// A lattice, in millionths of a degree.
#[derive(Debug, Clone, Copy)]
pub struct Lattice {
    /// Its western edge.
    pub west: i64,
    /// Its southern edge.
    pub south: i64,
    /// Cells in one row.
    pub columns: usize,
    /// The width of a cell.
    pub width: i64,
    /// The height of a cell.
    pub height: i64,
}

/// A grid to be.
#[derive(Debug, Clone)]
pub struct Grid {
    /// 15 digits.
    pub code: String,
    /// West, south, east and north, in millionths of a degree.
    pub extent: [i64; 4],
}

/// Rows of two grids in a cell, and one row more for a grid of the whole width.
const ROWS: i64 = 6;

/// The grids that every village has.
pub const GRIDS_A_VILLAGE: usize = 10;

/// Pieces of each side of a boundary.
const PIECES: i64 = 4;

/// Bytes of one feature at most: 17 positions of at most 24 bytes, and what is around them.
pub const FEATURE_BYTES_MAX: usize = 640;

impl Lattice {
    /// The grids of the village with an index: ten, or eleven.
    pub fn grids(&self, index: usize, village: &str, eleventh: bool) -> Vec<Grid> {
        let (column, row) = (integer(index % self.columns), integer(index / self.columns));
        let (west, south) = (self.west + column * self.width, self.south + row * self.height);
        let (width, height) = (self.width / 2, self.height / ROWS);
        let part = |number: usize| {
            let last = number == GRIDS_A_VILLAGE;
            let (x, y) = if last { (0, ROWS - 1) } else { (integer(number % 2), integer(number / 2)) };
            let (west, south) = (west + x * width, south + y * height);
            let width = if last { 2 * width } else { width };
            Grid {
                code: format!("{village}{:03}", number + 1),
                extent: [west, south, west + width, south + height],
            }
        };
        (0..GRIDS_A_VILLAGE + usize::from(eleventh)).map(part).collect()
    }
}

impl Grid {
    /// A place inside it: latitude and longitude in degrees. Different numbers give different places.
    #[expect(clippy::cast_precision_loss, reason = "millionths of a degree are far below 2^52")]
    pub fn place(&self, number: usize) -> (f64, f64) {
        let [west, south, east, north] = self.extent;
        let within = |low: i64, high: i64, part: i64| (low + (high - low) * part / 100) as f64 / 1e6;
        let (x, y) = (integer(number % 97) + 1, integer(number % 89) + 1);
        (within(south, north, y), within(west, east, x))
    }
}

/// Grids as a GeoJSON feature collection.
pub fn collection(grids: &[Grid]) -> String {
    let mut text = String::with_capacity(grids.len() * FEATURE_BYTES_MAX);
    text.push_str(r#"{"type":"FeatureCollection","features":["#);
    for (index, grid) in grids.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        feature(&mut text, grid);
    }
    text.push_str("]}");
    text
}

fn feature(text: &mut String, grid: &Grid) {
    let name = grid.code.get(12..).unwrap_or_default();
    // Writing to a string does not fail.
    let _ = write!(
        text,
        r#"{{"type":"Feature","properties":{{"code":"{}","name":"第{name}网格"}},"geometry":{{"type":"Polygon","coordinates":[["#,
        grid.code
    );
    let [west, south, east, north] = grid.extent;
    let corners = [(west, south), (east, south), (east, north), (west, north), (west, south)];
    for side in corners.windows(2) {
        let ((x0, y0), (x1, y1)) = (side[0], side[1]);
        for piece in 0..PIECES {
            position(text, x0 + (x1 - x0) * piece / PIECES, y0 + (y1 - y0) * piece / PIECES);
            text.push(',');
        }
    }
    position(text, west, south);
    text.push_str("]]}}");
}

fn position(text: &mut String, x: i64, y: i64) {
    let _ = write!(text, "[{}.{:06},{}.{:06}]", x / 1_000_000, x % 1_000_000, y / 1_000_000, y % 1_000_000);
}

fn integer(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATTICE: Lattice =
        Lattice { west: 119_400_000, south: 31_760_000, columns: 16, width: 30_000, height: 27_000 };

    #[test]
    fn a_feature_is_json_with_a_closed_ring_and_not_longer_than_said() {
        let grids = LATTICE.grids(17, "321181001001", true);
        assert_eq!(grids.len(), 11);
        let text = collection(&grids);
        assert!(text.len() < 11 * FEATURE_BYTES_MAX);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let ring = json["features"][10]["geometry"]["coordinates"][0].as_array().unwrap().clone();
        assert_eq!(ring.len(), 17);
        assert_eq!(ring.first(), ring.last());
    }

    #[test]
    fn a_place_lies_inside() {
        let grid = &LATTICE.grids(3, "321181001001", false)[9];
        let [west, south, east, north] = grid.extent.map(|edge| edge as f64 / 1e6);
        for number in 0..1_000 {
            let (latitude, longitude) = grid.place(number);
            assert!(south < latitude && latitude < north && west < longitude && longitude < east);
        }
    }
}
