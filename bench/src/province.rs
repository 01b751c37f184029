//! A province of Jiangsu's size: the official codes from files, or made up by rule.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use minqing_proto::registry::v1 as proto;
use minqing_registry::domain::known;

use crate::lattice::{Grid, Lattice};

/// How many towns and villages Jiangsu has.
const TOWNS: usize = 1_487;
const VILLAGES: usize = 21_958;

/// Over the extent of Jiangsu: 149 columns and as many rows as it takes.
const LATTICE: Lattice =
    Lattice { west: 116_300_000, south: 30_750_000, columns: 149, width: 36_000, height: 28_800 };

/// Files of codes, and what they are.
pub struct Divisions {
    /// The files, of every level from the province down.
    pub files: Vec<proto::DivisionFile>,
    /// The codes of the villages, in order.
    pub villages: Vec<String>,
    /// Rows of all files.
    pub rows: u64,
    /// Where they come from, for the table.
    pub source: String,
}

/// Reads files, or makes a province up.
///
/// # Errors
/// A file cannot be read.
pub fn divisions(paths: &[std::path::PathBuf]) -> anyhow::Result<Divisions> {
    let carried = [known::PROVINCE, known::CITIES, known::AREAS];
    let mut texts: Vec<(String, String)> =
        carried.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let source = if paths.is_empty() {
        texts.extend(made_up());
        "towns and villages made up by rule below Jiangsu's real counties".to_owned()
    } else {
        for path in paths {
            texts.push((
                name_of(path),
                std::fs::read_to_string(path).with_context(|| path.display().to_string())?,
            ));
        }
        "towns and villages from the files given".to_owned()
    };
    texts.sort();
    texts.dedup_by(|one, other| one.0 == other.0);
    let codes = |text: &str| {
        text.lines().skip(1).filter_map(|row| row.split(',').next().map(str::to_owned)).collect::<Vec<_>>()
    };
    let all: Vec<String> = texts.iter().flat_map(|(_, text)| codes(text)).collect();
    let rows = all.len() as u64;
    let mut villages: Vec<String> = all.into_iter().filter(|code| code.len() == 12).collect();
    villages.sort();
    let file =
        |(file_name, text): (String, String)| proto::DivisionFile { file_name, content: text.into_bytes() };
    Ok(Divisions { files: texts.into_iter().map(file).collect(), villages, rows, source })
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Towns and villages spread evenly over the counties.
fn made_up() -> [(String, String); 2] {
    let counties: Vec<String> = known::files(&[known::AREAS])
        .into_iter()
        .flat_map(|file| file.rows)
        .map(|row| row.code.to_string())
        .collect();
    let mut towns = "code,name,areaCode,provinceCode,cityCode\n".to_owned();
    let mut villages = "code,name,streetCode,provinceCode,cityCode,areaCode\n".to_owned();
    let mut codes = Vec::with_capacity(TOWNS);
    for number in 0..TOWNS {
        // Writing to a string does not fail.
        let county = &counties[number % counties.len()];
        let code = format!("{county}{:03}", number / counties.len() + 1);
        let _ = writeln!(towns, "{code},\"第{number}镇\",{county},32,{}", &county[..4]);
        codes.push(code);
    }
    for number in 0..VILLAGES {
        let town = &codes[number % TOWNS];
        let code = format!("{town}{:03}", number / TOWNS + 1);
        let _ = writeln!(villages, "{code},\"第{number}村\",{town},32,{},{}", &town[..4], &town[..6]);
    }
    [("streets_made_up.csv".to_owned(), towns), ("villages_made_up.csv".to_owned(), villages)]
}

/// The grids of all villages: ten each, with boundaries.
pub fn grids(villages: &[String]) -> Vec<Grid> {
    villages.iter().enumerate().flat_map(|(index, village)| LATTICE.grids(index, village, false)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_up_has_jiangsus_size() {
        let divisions = divisions(&[]).unwrap();
        assert_eq!(divisions.villages.len(), VILLAGES);
        assert_eq!(divisions.rows, (1 + 13 + 104 + TOWNS + VILLAGES) as u64);
        let mut codes = divisions.villages.clone();
        codes.dedup();
        assert_eq!(codes.len(), VILLAGES);
    }
}
