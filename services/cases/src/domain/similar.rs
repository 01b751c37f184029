//! How likely two cases are about one matter: by their words, how far apart they are, and how long ago it was.
//!
//! Whoever takes a case down is shown what came in already, with the reasons, and decides. Nothing is merged by itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::code::{Code, Level};

use super::case::{Case, CaseType};
use super::words;

/// The most characters of a text that are compared: what a matter is about is said at the beginning.
const TEXT_MAX: usize = 1_000;
/// The words by which candidates are looked up: the rarest.
pub const PROBES_MAX: usize = 8;
/// The most common words that are told as a reason.
const COMMON_MAX: usize = 10;
/// Below so much likeness of the words nothing is suggested.
const LIKENESS_MIN: f64 = 0.2;
/// The Earth's mean radius in metres.
const EARTH_M: f64 = 6_371_008.8;
/// How much of a score the words decide alone, and what is added where place, time and type speak for it too.
const SHARES: Shares = Shares { words: 0.5, place: 0.3, time: 0.1, kind: 0.1 };

struct Shares {
    words: f64,
    place: f64,
    time: f64,
    kind: f64,
}

/// A case that is being taken down.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The words that tell what it is about.
    pub words: BTreeSet<String>,
    /// What is wanted, if it is known.
    pub kind: Option<CaseType>,
    /// The narrowest area that is known; of a whole county or more it says nothing.
    pub area: Code,
    /// Latitude and longitude, WGS-84, where a point was given.
    pub position: Option<(f64, f64)>,
    /// When it is taken down.
    pub time: DateTime<Utc>,
}

/// How far back and how far around is looked.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// How far back, for cases that have ended; open ones are looked at whatever their age.
    pub window: TimeDelta,
    /// How far around a point, in metres.
    pub radius_m: f64,
}

/// In how many of the newest cases each word is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frequencies {
    /// How many cases were looked at.
    pub sample: u32,
    /// Words and in how many of them they are; a word that is in none may be left out.
    pub counts: BTreeMap<String, u32>,
}

impl Frequencies {
    /// What a word tells (inverse document frequency): much when it is rare, little when every other case has it.
    pub fn weight(&self, word: &str) -> f64 {
        let count = self.counts.get(word).copied().unwrap_or(0);
        (f64::from(self.sample.max(1)) / (1.0 + f64::from(count))).ln_1p()
    }

    /// The rarest of some words, at most [`PROBES_MAX`]; of equally rare ones the first.
    pub fn rarest(&self, words: &BTreeSet<String>) -> Vec<String> {
        let count = |word: &String| self.counts.get(word).copied().unwrap_or(0);
        let mut sorted: Vec<&String> = words.iter().collect();
        sorted.sort_by_key(|word| count(word));
        sorted.into_iter().take(PROBES_MAX).cloned().collect()
    }
}

/// A case that may be about the same matter, and why.
#[derive(Debug, Clone)]
pub struct Match<'a> {
    /// The case.
    pub case: &'a Case,
    /// From 0 to 1.
    pub score: f64,
    /// Words that both have, the most telling first.
    pub common_words: Vec<String>,
    /// The narrowest area that both lie in; none when that is wider than what was asked about.
    pub common_area: Option<Code>,
    /// How far apart they are in metres, where both have a point.
    pub distance_m: Option<f64>,
    /// How long ago it came in.
    pub age: TimeDelta,
}

/// The words of a matter that are compared.
pub fn words_of(title: &str, content: &str) -> BTreeSet<String> {
    let text: String =
        title.chars().chain(std::iter::once('\n')).chain(content.chars()).take(TEXT_MAX).collect();
    words::telling(&text)
}

/// How alike two sets of words are, from 0 (none in common) to 1 (the same): the cosine of the angle between them, each
/// word weighing what it tells. Unlike the share of common words it forgives that one of two people says more.
pub fn likeness(one: &BTreeSet<String>, other: &BTreeSet<String>, frequencies: &Frequencies) -> f64 {
    let square = |word: &String| frequencies.weight(word).powi(2);
    let common: f64 = one.intersection(other).map(square).sum();
    let length = |words: &BTreeSet<String>| words.iter().map(square).sum::<f64>().sqrt();
    let both = length(one) * length(other);
    if both > 0.0 { (common / both).min(1.0) } else { 0.0 }
}

/// The distance between two points (latitude, longitude in degrees) in metres, along a great circle (haversine).
pub fn distance_m(one: (f64, f64), other: (f64, f64)) -> f64 {
    let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let across = one.0.to_radians().cos() * other.0.to_radians().cos() * half(one.1, other.1);
    2.0 * EARTH_M * (half(one.0, other.0) + across).clamp(0.0, 1.0).sqrt().asin()
}

/// The narrowest area in which something is looked for: the village of a grid, a village, a town; none is the whole.
pub fn searched_area(area: &Code) -> Option<Code> {
    let whole = std::iter::once(area.clone()).chain(area.ancestors());
    whole.into_iter().find(|area| matches!(area.level(), Level::Village | Level::Town))
}

/// Cases that may be about the same matter as a draft, the likeliest first; of equally likely ones the newest.
/// `candidates` come with their words.
pub fn rank<'a>(
    draft: &Draft,
    reach: Reach,
    candidates: &'a [(Case, BTreeSet<String>)],
    frequencies: &Frequencies,
) -> Vec<Match<'a>> {
    let compared =
        candidates.iter().filter_map(|(case, words)| compare(draft, reach, case, words, frequencies));
    let mut ranked: Vec<Match<'a>> = compared.collect();
    ranked.sort_by(|one, other| {
        let newest =
            || (other.case.create_time, &other.case.number).cmp(&(one.case.create_time, &one.case.number));
        other.score.total_cmp(&one.score).then_with(newest)
    });
    ranked
}

fn compare<'a>(
    draft: &Draft,
    reach: Reach,
    case: &'a Case,
    words: &BTreeSet<String>,
    frequencies: &Frequencies,
) -> Option<Match<'a>> {
    let age = draft.time - case.create_time;
    if !case.status.is_open() && age > reach.window {
        return None;
    }
    let likeness = likeness(&draft.words, words, frequencies);
    let distance_m = draft.position.zip(case.place.position).map(|(one, other)| distance_m(one, other));
    let common_area = common_area(&draft.area, &case.place.code);
    let near = nearness(draft, reach, common_area.as_ref(), distance_m)?;
    if likeness < LIKENESS_MIN {
        return None;
    }
    let fresh = 1.0 - (minutes(age) / minutes(reach.window).max(1.0)).clamp(0.0, 1.0);
    let same_kind = if draft.kind == Some(case.kind) { 1.0 } else { 0.0 };
    let share = SHARES.words + SHARES.place * near + SHARES.time * fresh + SHARES.kind * same_kind;
    let mut common_words: Vec<String> = draft.words.intersection(words).cloned().collect();
    common_words.sort_by(|one, other| frequencies.weight(other).total_cmp(&frequencies.weight(one)));
    common_words.truncate(COMMON_MAX);
    Some(Match { case, score: likeness * share, common_words, common_area, distance_m, age })
}

/// From 0 (a place was not asked about) to 1; none where the place is another one.
fn nearness(draft: &Draft, reach: Reach, common: Option<&Code>, distance_m: Option<f64>) -> Option<f64> {
    let by_area = common.map(|area| match area.level() {
        Level::Grid => 0.8,
        Level::Village => 0.5,
        _ => 0.2,
    });
    // Two points tell more than the areas they lie in: a grid ends in the middle of a road.
    let close = distance_m.filter(|distance| *distance <= reach.radius_m);
    let by_distance = close.map(|distance| 1.0 - 0.5 * distance / reach.radius_m.max(1.0));
    let asked = searched_area(&draft.area).is_some() || draft.position.is_some();
    let near = by_area.into_iter().chain(by_distance).reduce(f64::max);
    if asked { near } else { Some(0.0) }
}

/// The narrowest of the areas that both lie in, as far as it was asked about: the grid, the village, the town.
fn common_area(asked: &Code, other: &Code) -> Option<Code> {
    let searched = searched_area(asked)?;
    if asked.level() == Level::Grid && asked == other {
        return Some(asked.clone());
    }
    searched.contains(other).then_some(searched)
}

fn minutes(span: TimeDelta) -> f64 {
    // A window of a hundred years has fewer than 2^53 of them.
    #[expect(clippy::cast_precision_loss, reason = "far fewer minutes than a float can count")]
    let minutes = span.num_minutes() as f64;
    minutes
}

#[cfg(test)]
mod tests;
