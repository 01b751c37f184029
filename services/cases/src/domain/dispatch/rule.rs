//! Rules that name who handles a matter, and the order in which they are asked.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use serde::{Deserialize, Serialize};

use super::Matter;
use crate::domain::case::CaseType;
use crate::domain::words;

/// The most characters of a name.
pub const DISPLAY_NAME_MAX: usize = 100;
/// The most keywords.
pub const KEYWORDS_MAX: usize = 50;
/// The most characters of a keyword, and of a function.
pub const KEYWORD_MAX: usize = 50;
/// The greatest priority, which is asked last.
pub const PRIORITY_MAX: i32 = 1_000_000;
/// The most rules whose areas may overlap one: all that apply at a place are looked through for each matter there.
pub const RULES_MAX: usize = 1_000;

/// Whom a rule names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// This organization (`organizations/x`).
    Organization(String),
    /// The most specific organization with this function that is responsible for the matter's place.
    Function(String),
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The last part of its name.
    pub id: String,
    /// Where it applies, with all that lies in it.
    pub division: Code,
    /// What can change.
    pub facts: Facts,
    /// When the record was made.
    pub create_time: DateTime<Utc>,
    /// When the record last changed.
    pub update_time: DateTime<Utc>,
    /// Grows by one with each change.
    pub version: i64,
}

/// What can change of a rule. A condition that is empty is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What it is for.
    pub display_name: String,
    /// Its place in the order: the smallest is asked first.
    pub priority: i32,
    /// The matter is of one of these types; sorted.
    pub case_types: Vec<CaseType>,
    /// The matter is about this item (`items/x`).
    pub item: Option<String>,
    /// The matter's item has this function.
    pub function: String,
    /// The text holds one of these; sorted.
    pub keywords: Vec<String>,
    /// Whom it names.
    pub outcome: Outcome,
}

/// A rule that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRule {
    /// The last part of its name.
    pub id: String,
    /// Where it applies.
    pub division: Code,
    /// What can change of it later.
    pub facts: Facts,
}

/// The part of [`Facts`] that an update gives; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The name.
    pub display_name: Option<String>,
    /// The priority.
    pub priority: Option<i32>,
    /// The types.
    pub case_types: Option<Vec<CaseType>>,
    /// The item; `Some(None)` takes it away.
    pub item: Option<Option<String>>,
    /// The function.
    pub function: Option<String>,
    /// The keywords.
    pub keywords: Option<Vec<String>>,
    /// Whom it names.
    pub outcome: Option<Outcome>,
}

impl Changes {
    /// The facts after the change.
    pub fn applied(self, facts: &Facts) -> Facts {
        let facts = facts.clone();
        Facts {
            display_name: self.display_name.unwrap_or(facts.display_name),
            priority: self.priority.unwrap_or(facts.priority),
            case_types: self.case_types.unwrap_or(facts.case_types),
            item: self.item.unwrap_or(facts.item),
            function: self.function.unwrap_or(facts.function),
            keywords: self.keywords.unwrap_or(facts.keywords),
            outcome: self.outcome.unwrap_or(facts.outcome),
        }
    }
}

/// A rule that applies to a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// The conditions that were met, in a sentence.
    pub reason: String,
}

/// The first rule that applies: the one that decides, where whom it names can be found.
pub fn first<'a>(matter: &Matter, rules: &'a [Rule]) -> Option<Match<'a>> {
    matching(matter, rules).into_iter().next()
}

/// The rules that apply to a matter, in the order in which they are asked, whatever the order in which they came: by
/// priority; of equal ones the more specific first (an item before a function before keywords, then the smaller area,
/// then types of case); then by id.
pub fn matching<'a>(matter: &Matter, rules: &'a [Rule]) -> Vec<Match<'a>> {
    let mut found: Vec<Match<'a>> =
        rules.iter().filter_map(|rule| Some(Match { rule, reason: reason(matter, rule)? })).collect();
    found.sort_by(|one, other| rank(one.rule).cmp(&rank(other.rule)));
    found
}

type Rank<'a> = (i32, Reverse<(bool, bool, bool, usize, bool)>, &'a str);

fn rank(rule: &Rule) -> Rank<'_> {
    let facts = &rule.facts;
    let specific = (
        facts.item.is_some(),
        !facts.function.is_empty(),
        !facts.keywords.is_empty(),
        rule.division.as_str().len(),
        !facts.case_types.is_empty(),
    );
    (facts.priority, Reverse(specific), &rule.id)
}

/// Why a rule applies; `None` when it does not.
fn reason(matter: &Matter, rule: &Rule) -> Option<String> {
    let facts = &rule.facts;
    let mut met = Vec::new();
    if !rule.division.contains(&matter.place) {
        return None;
    }
    if let Some(item) = &facts.item {
        if matter.item.as_ref() != Some(item) {
            return None;
        }
        met.push(format!("item {item}"));
    }
    if !facts.function.is_empty() {
        if matter.item_function != facts.function {
            return None;
        }
        met.push(format!("function {}", facts.function));
    }
    if !facts.keywords.is_empty() {
        let keyword =
            facts.keywords.iter().find(|keyword| holds(&matter.text, &words::normalised(keyword)))?;
        met.push(format!("keyword {keyword}"));
    }
    if !facts.case_types.is_empty() {
        let case_type = matter.case_type.filter(|case_type| facts.case_types.contains(case_type))?;
        met.push(format!("type {case_type}"));
    }
    met.push(format!("place {}", rule.division));
    Some(format!("rule {} ({}): {}", rule.id, facts.display_name, met.join(", ")))
}

/// Whether a normalised text holds a normalised keyword: Chinese anywhere, Latin letters and digits as whole words.
fn holds(text: &str, keyword: &str) -> bool {
    let is_latin =
        |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric());
    if keyword.is_empty() {
        return false;
    }
    text.match_indices(keyword).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + keyword.len()..]);
        let begins_within = is_latin(before.chars().next_back()) && is_latin(keyword.chars().next());
        let ends_within = is_latin(after.chars().next()) && is_latin(keyword.chars().next_back());
        !begins_within && !ends_within
    })
}

#[cfg(test)]
mod tests;
