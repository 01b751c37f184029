//! Codes of divisions and grids (统计用区划代码): digits, two levels of them at the top, then each level longer.
//!
//! The codes are the tree: whatever begins with a code lies in it. A subtree is a range of texts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The digits after the last code that begins with a prefix: `:` follows `9` in ASCII.
const AFTER_DIGITS: char = ':';

/// The level of a division or grid, told by the length of its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// Province (省), 2 digits.
    Province,
    /// Prefecture-level city (地级市), 4 digits.
    Prefecture,
    /// County or county-level city (县级市), 6 digits.
    County,
    /// Town or subdistrict (镇/街道), 9 digits.
    Town,
    /// Village or community (村/社区), 12 digits.
    Village,
    /// Grid (网格), 15 digits.
    Grid,
}

impl Level {
    /// Every level, from the top.
    pub const ALL: [Self; 6] =
        [Self::Province, Self::Prefecture, Self::County, Self::Town, Self::Village, Self::Grid];

    /// How many digits its codes have.
    pub const fn digits(self) -> usize {
        match self {
            Self::Province => 2,
            Self::Prefecture => 4,
            Self::County => 6,
            Self::Town => 9,
            Self::Village => 12,
            Self::Grid => 15,
        }
    }

    /// The level of a code of so many digits.
    pub fn of_digits(digits: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.digits() == digits)
    }

    /// The level above; none above a province.
    pub fn above(self) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|level| *level < self)
    }

    /// The level below; none below a grid.
    pub fn below(self) -> Option<Self> {
        Self::ALL.into_iter().find(|level| *level > self)
    }
}

/// Why a text is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It holds something that is no digit.
    #[error("{0:?} is not all digits")]
    NotDigits(String),
    /// No level has codes of this length.
    #[error("{0:?} has {1} digits; a code has 2, 4, 6, 9, 12 or 15")]
    Length(String, usize),
}

impl Error {
    /// The stable reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NotDigits(_) => "CODE_NOT_DIGITS",
            Self::Length(..) => "CODE_LENGTH",
        }
    }
}

/// A code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

impl Code {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The level.
    pub fn level(&self) -> Level {
        Level::of_digits(self.0.len()).unwrap_or(Level::Grid)
    }

    /// The code above; none above a province.
    pub fn parent(&self) -> Option<Self> {
        self.level().above().map(|level| self.at(level))
    }

    /// The codes above, from the nearest.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> + use<> {
        std::iter::successors(self.parent(), Self::parent)
    }

    /// Whether another code lies in this one, or is it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The first text after every code in this one: `code >= self AND code < end` is the subtree, this one included.
    pub fn range_end(&self) -> String {
        range_end(&self.0)
    }

    fn at(&self, level: Level) -> Self {
        Self(self.0.chars().take(level.digits()).collect())
    }
}

/// The first text after every code that begins with a prefix; an empty prefix is every code.
pub fn range_end(prefix: &str) -> String {
    format!("{prefix}{AFTER_DIGITS}")
}

impl FromStr for Code {
    type Err = Error;

    /// Reads a code. One of 12 digits that is padded with zeros is taken as the shorter code it stands for:
    /// `321181000000` is the city 321181, `321181100000` the town 321181100.
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::NotDigits(text.chars().take(20).collect()));
        }
        let level = Level::of_digits(text.len())
            .ok_or_else(|| Error::Length(text.chars().take(20).collect(), text.len()))?;
        let code = Self(text.to_owned());
        if level != Level::Village {
            return Ok(code);
        }
        let padded = |level: &Level| text[level.digits()..].bytes().all(|byte| byte == b'0');
        let short = Level::ALL.into_iter().filter(|level| *level < Level::Village).find(padded);
        Ok(short.map_or_else(|| code.clone(), |level| code.at(level)))
    }
}

impl TryFrom<String> for Code {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> Code {
        text.parse().unwrap()
    }

    #[test]
    fn a_padded_code_is_the_short_one() {
        assert_eq!(code("321181000000").as_str(), "321181");
        assert_eq!(code("321181100000").as_str(), "321181100");
        assert_eq!(code("320000000000").as_str(), "32");
        assert_eq!(code("321181100200").as_str(), "321181100200");
    }

    #[test]
    fn what_is_above_is_the_beginning_of_the_code() {
        let above: Vec<String> = code("321181100201001").ancestors().map(String::from).collect();
        assert_eq!(above, ["321181100201", "321181100", "321181", "3211", "32"]);
    }

    #[test]
    fn wrong_lengths_and_letters_are_refused() {
        assert_eq!("32118".parse::<Code>().unwrap_err().reason(), "CODE_LENGTH");
        for text in ["", "32118a", "３２", "-32118"] {
            assert_eq!(text.parse::<Code>().unwrap_err().reason(), "CODE_NOT_DIGITS");
        }
    }

    proptest! {
        #[test]
        fn the_range_of_a_code_holds_what_lies_in_it_and_nothing_else(a in "[0-9]{6}|[0-9]{9}|[0-9]{4}", b in "[0-9]{9}|[0-9]{15}") {
            let (a, b) = (code(&a), code(&b));
            let in_range = b.as_str() >= a.as_str() && b.as_str() < a.range_end().as_str();
            prop_assert_eq!(in_range, a.contains(&b));
        }
    }
}
