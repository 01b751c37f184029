//! What a case is found by: its words, and facts about it that are written like words.
//!
//! A fact holds `=`, which is in no word, so the two are never taken for one another. What belongs to whoever raised a
//! case is no term, and neither is a person's number that somebody wrote into a text: a search box is no way to follow
//! a person through the years, whatever may be read in each single case.

use std::collections::BTreeSet;

use minqing_platform::code::{Code, Level};

use super::case::{Case, CaseType, Door, Status};
use super::words;

/// The most words of one case; what is beyond them in a long text is not found.
const WORDS_MAX: usize = 4_000;
/// The most different words of a query.
pub const QUERY_WORDS_MAX: usize = 20;
/// From so many digits on a word is the number of a telephone, an identity card, an account.
const PERSONAL_DIGITS: usize = 11;
/// Cells of the map have sides of a hundredth of a degree: about a kilometre.
const CELLS_PER_DEGREE: f64 = 100.0;
/// The widest circle that cells are looked up for, in metres.
pub const RADIUS_MAX_M: f64 = 1_000.0;
/// Metres of a degree of latitude, at the least.
const DEGREE_M: f64 = 110_570.0;

/// Why there is nothing to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoQuery {
    /// It holds no word, or only such as say nothing (`的`, `the`).
    NoWords,
    /// It holds more than [`QUERY_WORDS_MAX`].
    TooManyWords,
}

/// Every term of a case.
pub fn terms(case: &Case) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    let texts = [&case.title, &case.place.address, &case.content];
    let all = texts.into_iter().flat_map(|text| [words::words(text), words::overlapping(text)]).flatten();
    for word in all.filter(|word| !is_personal(word)) {
        if terms.len() == WORDS_MAX {
            break;
        }
        terms.insert(word);
    }
    // Villages and people's own names for places are in no dictionary; by their characters they are found whatever the
    // characters around them happen to make.
    terms.extend([&case.title, &case.place.address].into_iter().flat_map(|text| words::characters(text)));
    terms.insert(case.number.clone());
    terms.extend(areas(&case.place.code));
    terms.extend(case.place.position.map(cell));
    terms.extend([kind(case.first_kind), door(case.door)]);
    terms.extend(moving(case));
    terms.extend(case.against.iter().map(|name| against(name)));
    terms
}

/// Which terms something changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moves {
    /// Terms that took the place of others: before and after.
    pub replaced: Vec<(String, String)>,
    /// Terms that were not there: whom a case is against that was carried on in this one.
    pub added: BTreeSet<String>,
}

/// The terms that change while a case goes its way.
pub fn moves(before: &Case, after: &Case) -> Moves {
    let replaced = moving(before).into_iter().zip(moving(after)).filter(|(old, new)| old != new).collect();
    let added = after.against.iter().filter(|name| !before.against.contains(name));
    Moves { replaced, added: added.map(|name| against(name)).collect() }
}

/// Terms that a case had once or could have by mistake, and does not have now: where it stood, who owned it.
pub fn outdated(case: &Case) -> BTreeSet<String> {
    let owners = case.owners.iter().map(|held| owner(held.by.organization.as_deref().unwrap_or_default()));
    let once = Status::ALL.iter().map(|stood| status(*stood)).chain(owners);
    let now = moving(case);
    once.chain(std::iter::once(item(""))).filter(|term| !now.contains(term)).collect()
}

fn moving(case: &Case) -> [String; 3] {
    [
        status(case.status),
        owner(case.owner.organization.as_deref().unwrap_or_default()),
        item(case.item.as_ref().map_or("", |item| item.name.as_str())),
    ]
}

/// The words of a query.
///
/// # Errors
/// There are none, or too many.
pub fn query(text: &str) -> Result<BTreeSet<String>, NoQuery> {
    let words: BTreeSet<String> = words::words(text).into_iter().collect();
    match words.len() {
        0 => Err(NoQuery::NoWords),
        1..=QUERY_WORDS_MAX => Ok(words),
        _ => Err(NoQuery::TooManyWords),
    }
}

fn is_personal(word: &str) -> bool {
    word.chars().filter(|character| character.is_numeric()).count() >= PERSONAL_DIGITS
}

/// The fact that a case stands somewhere.
pub fn status(status: Status) -> String {
    format!("status={status}")
}

/// The facts that say of a case that somebody still owes something.
pub fn open_statuses() -> impl Iterator<Item = String> {
    Status::ALL.iter().filter(|status| status.is_open()).map(|open| status(*open))
}

/// The fact that a case came in as of a type.
pub fn kind(kind: CaseType) -> String {
    format!("type={kind}")
}

/// The fact that a case came in through a door.
pub fn door(door: Door) -> String {
    format!("door={door}")
}

/// The fact that a case is of an item (`items/x`).
pub fn item(name: &str) -> String {
    format!("item={name}")
}

/// The fact that an organization (`organizations/x`) owns a case.
pub fn owner(name: &str) -> String {
    format!("owner={name}")
}

/// The fact that a case is against somebody (`organizations/x`, `people/x`).
pub fn against(name: &str) -> String {
    format!("against={name}")
}

/// The fact that a case lies in an area. There is none for areas wider than a county, in which all cases of a city lie,
/// and none for what is no area.
pub fn area(prefix: &str) -> Option<String> {
    let level = Level::of_digits(prefix.len())?;
    (level >= Level::County).then(|| format!("area={prefix}"))
}

fn areas(code: &Code) -> impl Iterator<Item = String> {
    std::iter::once(code.clone()).chain(code.ancestors()).filter_map(|code| area(code.as_str()))
}

/// The fact that a case lies in a cell of the map: latitude and longitude, WGS-84.
fn cell(position: (f64, f64)) -> String {
    let (north, east) = place_of(position);
    cell_at(north, east)
}

/// The cells that hold every point within a distance of a position; a radius above [`RADIUS_MAX_M`] is taken as that.
pub fn cells_around((latitude, longitude): (f64, f64), radius_m: f64) -> Vec<String> {
    let radius_m = radius_m.min(RADIUS_MAX_M);
    let high = radius_m / DEGREE_M;
    // Meridians draw nearer to each other towards the poles, so the circle is widest at its end that is nearer to one.
    let narrowest = (latitude.abs() + high).min(85.0).to_radians().cos();
    let wide = high / narrowest;
    let (south, west) = place_of((latitude - high, longitude - wide));
    let (north, east) = place_of((latitude + high, longitude + wide));
    (south..=north).flat_map(|row| (west..=east).map(move |column| cell_at(row, column))).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "degrees are at most 180")]
fn place_of((latitude, longitude): (f64, f64)) -> (i64, i64) {
    let place = |degrees: f64| (degrees * CELLS_PER_DEGREE).floor() as i64;
    (place(latitude), place(longitude))
}

fn cell_at(north: i64, east: i64) -> String {
    format!("cell={north}:{east}")
}

#[cfg(test)]
mod tests;
