//! What is learnt from matters that were dispatched, and what it suggests for the next one: naive Bayes over the words
//! of the text, the place, the item and the type of case. Simple on purpose: every suggestion can be told in counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use minqing_platform::code::{Code, Level};

use crate::domain::case::CaseType;
use crate::domain::words;

/// The most words that are remembered; the rarest are forgotten first.
pub const VOCABULARY_MAX: usize = 20_000;
/// The most characters of a text that are read: what a matter is about is said at its beginning.
pub const TEXT_MAX: usize = 5_000;
/// The most pieces of evidence that a suggestion tells.
pub const EVIDENCE_MAX: usize = 10;

/// How many cases' worth of doubt there is about an organization that had few: its rates are drawn towards those of all
/// by so much.
const DOUBT: f64 = 2.0;
/// How many cases' worth of chance an organization has that never had one yet. What little was learnt is little sure.
const UNSEEN: f64 = 3.0;
/// Words of a text lean on each other, so that each counts less the more there are: a text of so many words counts whole,
/// one of four times as many counts for two such.
const WORDS_WHOLE: f64 = 4.0;
/// In how many cases a fact must have occurred to tell something.
const OCCURRENCES_MIN: i64 = 2;

/// A fact of a matter that may tell who handles it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// A word of the text.
    Word(String),
    /// The town, village or grid, by its code.
    Place(String),
    /// The item of the catalogue (`items/x`).
    Item(String),
    /// The type of case.
    Type(CaseType),
}

impl Feature {
    /// What kind of fact it is.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Word(_) => "word",
            Self::Place(_) => "place",
            Self::Item(_) => "item",
            Self::Type(_) => "type",
        }
    }

    /// The fact.
    pub fn value(&self) -> &str {
        match self {
            Self::Word(value) | Self::Place(value) | Self::Item(value) => value,
            Self::Type(case_type) => case_type.as_str(),
        }
    }

    /// The feature as one text: its kind, a blank, its value.
    pub fn text(&self) -> String {
        format!("{} {}", self.kind(), self.value())
    }

    /// The feature of a text; `None` when it is none.
    pub fn of(text: &str) -> Option<Self> {
        let (kind, value) = text.split_once(' ')?;
        match kind {
            "word" => Some(Self::Word(value.to_owned())),
            "place" => Some(Self::Place(value.to_owned())),
            "item" => Some(Self::Item(value.to_owned())),
            "type" => value.parse().ok().map(Self::Type),
            _ => None,
        }
    }
}

/// The facts of a matter that may tell who handles it. Of the text only words that say what it is about are taken: no
/// numbers, no names of people ([`words::telling`]).
pub fn features(
    text: &str,
    case_type: Option<CaseType>,
    item: Option<&str>,
    place: &Code,
) -> BTreeSet<Feature> {
    let places =
        std::iter::once(place.clone()).chain(place.ancestors()).filter(|code| code.level() >= Level::Town);
    let end = text.char_indices().nth(TEXT_MAX).map_or(text.len(), |(end, _)| end);
    let words = words::telling(&text[..end]).into_iter().map(Feature::Word);
    words
        .chain(places.map(|code| Feature::Place(code.into())))
        .chain(item.map(|item| Feature::Item(item.to_owned())))
        .chain(case_type.map(Feature::Type))
        .collect()
}

/// What one dispatch teaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// The organization that got the case (`organizations/x`).
    pub organization: String,
    /// What might have told so.
    pub features: BTreeSet<Feature>,
}

impl Lesson {
    /// What the dispatch of a case to an organization teaches; of a return, what is to be unlearnt. `text` is the title and
    /// what follows it.
    pub fn new(
        organization: &str,
        text: &str,
        case_type: Option<CaseType>,
        item: Option<&str>,
        place: &Code,
    ) -> Self {
        Self { organization: organization.to_owned(), features: features(text, case_type, item, place) }
    }
}

/// How often what occurred among the cases of which organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cases by organization (`organizations/x`).
    pub organizations: BTreeMap<String, i64>,
    /// Of them, those in which a feature occurred. The features of the matter at hand suffice.
    pub features: HashMap<Feature, BTreeMap<String, i64>>,
}

impl Counts {
    /// Counts a case once more (`cases` 1) or once less (-1).
    pub fn add(&mut self, organization: &str, features: &BTreeSet<Feature>, cases: i64) {
        *self.organizations.entry(organization.to_owned()).or_default() += cases;
        for feature in features {
            let of = self.features.entry(feature.clone()).or_default();
            *of.entry(organization.to_owned()).or_default() += cases;
        }
    }
}

/// What speaks for an organization.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The fact.
    pub feature: Feature,
    /// The logarithm of how much more often it occurs among the organization's cases than among all, as it was counted.
    pub weight: f64,
    /// In how many of the organization's cases it occurred.
    pub cases: i64,
}

/// An organization that may handle a matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The organization (`organizations/x`).
    pub organization: String,
    /// How sure it is, above 0 and below 1.
    pub confidence: f64,
    /// How many cases it had.
    pub cases: i64,
    /// What speaks for it, the weightiest first; at most [`EVIDENCE_MAX`].
    pub evidence: Vec<Evidence>,
}

impl Ranked {
    /// Why it is suggested, in a sentence.
    pub fn reason(&self) -> String {
        let told: Vec<String> = self
            .evidence
            .iter()
            .take(3)
            .map(|evidence| format!("{} in {}", evidence.feature.text(), evidence.cases))
            .collect();
        let because = if told.is_empty() { "nothing more particular".to_owned() } else { told.join(", ") };
        format!("it had {} cases before; among them {because}", self.cases)
    }
}

/// Ranks the organizations that had cases, the surest first; of equally sure ones in the order of their names.
pub fn rank(counts: &Counts, features: &BTreeSet<Feature>) -> Vec<Ranked> {
    let all = as_f64(counts.organizations.values().sum());
    let known: Vec<(&Feature, &BTreeMap<String, i64>, f64)> = features
        .iter()
        .filter_map(|feature| {
            let of = counts.features.get(feature)?;
            let occurrences: i64 = of.values().sum();
            (occurrences >= OCCURRENCES_MIN).then(|| (feature, of, as_f64(occurrences) / all))
        })
        .collect();
    let words = known.iter().filter(|(feature, ..)| matches!(feature, Feature::Word(_))).count();
    let share = (WORDS_WHOLE / as_f64(i64::try_from(words).unwrap_or(i64::MAX)).max(WORDS_WHOLE)).sqrt();

    let mut ranked = Vec::new();
    for (organization, cases) in &counts.organizations {
        let own = as_f64(*cases);
        let mut score = (own / (all + UNSEEN)).ln();
        let mut evidence = Vec::new();
        for (feature, of, rate) in &known {
            let cases = of.get(organization).copied().unwrap_or(0);
            let rate_here = (as_f64(cases) + DOUBT * rate) / (own + DOUBT);
            let share = if matches!(feature, Feature::Word(_)) { share } else { 1.0 };
            let weight = (rate_here / rate).ln() * share;
            score += weight;
            if weight > 0.0 && cases > 0 {
                evidence.push(Evidence { feature: (*feature).clone(), weight, cases });
            }
        }
        evidence.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        evidence.truncate(EVIDENCE_MAX);
        ranked.push((
            score,
            Ranked { organization: organization.clone(), confidence: 0.0, cases: *cases, evidence },
        ));
    }
    sure((UNSEEN / (all + UNSEEN)).ln(), ranked)
}

/// Turns scores into shares of one, with one share for an organization that had no case yet.
fn sure(unseen: f64, mut ranked: Vec<(f64, Ranked)>) -> Vec<Ranked> {
    // Relative to the greatest, so that no exponential overflows.
    let greatest = ranked.iter().map(|(score, _)| *score).fold(unseen, f64::max);
    let sum: f64 =
        ranked.iter().map(|(score, _)| (score - greatest).exp()).sum::<f64>() + (unseen - greatest).exp();
    ranked.sort_by(|(one, of_one), (other, of_other)| {
        other.total_cmp(one).then_with(|| of_one.organization.cmp(&of_other.organization))
    });
    ranked
        .into_iter()
        .map(|(score, ranked)| Ranked { confidence: (score - greatest).exp() / sum, ..ranked })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of cases are far below 2^53")]
fn as_f64(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
