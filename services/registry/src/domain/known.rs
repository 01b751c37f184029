//! Names of divisions that are carried with the program: where a file of towns implies the city above them, the city
//! has its name at once. See `data/SOURCE.md`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::division_file::{self, File};
use minqing_platform::code::Code;

/// The province's own row.
pub const PROVINCE: (&str, &str) = ("province_jiangsu.csv", include_str!("../../data/province_jiangsu.csv"));
/// Its prefecture-level cities.
pub const CITIES: (&str, &str) = ("cities_jiangsu.csv", include_str!("../../data/cities_jiangsu.csv"));
/// Its counties.
pub const AREAS: (&str, &str) = ("areas_jiangsu.csv", include_str!("../../data/areas_jiangsu.csv"));
/// The towns of Danyang.
pub const STREETS: (&str, &str) = ("streets_danyang.csv", include_str!("../../data/streets_danyang.csv"));
/// The villages of Danyang.
pub const VILLAGES: (&str, &str) = ("villages_danyang.csv", include_str!("../../data/villages_danyang.csv"));

/// Reads files that are carried; a test reads them all.
pub fn files(files: &[(&str, &str)]) -> Vec<File> {
    files.iter().filter_map(|(name, content)| division_file::read(name, content.as_bytes()).ok()).collect()
}

static NAMES: LazyLock<HashMap<Code, String>> = LazyLock::new(|| {
    let rows = files(&[PROVINCE, CITIES, AREAS]).into_iter().flat_map(|file| file.rows);
    rows.map(|row| (row.code, row.display_name)).collect()
});

/// The name of a division above the towns, where it is carried.
pub fn name(code: &Code) -> Option<String> {
    NAMES.get(code).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_is_carried_can_be_read() {
        let rows = |file| files(&[file]).iter().map(|file| file.rows.len()).sum::<usize>();
        assert_eq!([PROVINCE, CITIES, AREAS, STREETS, VILLAGES].map(rows), [1, 13, 104, 12, 229]);
        assert_eq!(name(&"321181".parse().unwrap()).as_deref(), Some("丹阳市"));
    }
}
