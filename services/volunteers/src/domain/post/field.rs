//! What a field of a post holds, in a message as in a file.

use minqing_platform::field::{count, optional_text, text};
use minqing_platform::status::Violation;

/// The most characters of a name.
pub const NAME_MAX: usize = 100;
/// The most characters of the requirements.
pub const REQUIREMENTS_MAX: usize = 500;
/// The most skills.
const SKILLS_MAX: usize = 20;
/// The most characters of a skill.
const SKILL_MAX: usize = 50;
/// The youngest and the oldest age, in years, that a post may ask for.
const AGES: std::ops::RangeInclusive<u32> = 8..=100;

/// Reads a text that a spreadsheet does not take for a formula.
///
/// # Errors
/// It is empty, too long, or begins with `=`, `+`, `-` or `@`.
pub fn plain(field: &str, given: &str, max: usize) -> Result<String, Violation> {
    not_a_formula(field, text(field, given, max)?)
}

/// Reads such a text, which may be left out.
///
/// # Errors
/// See [`plain`].
pub fn optional_plain(field: &str, given: &str, max: usize) -> Result<String, Violation> {
    not_a_formula(field, optional_text(field, given, max)?)
}

fn not_a_formula(field: &str, text: String) -> Result<String, Violation> {
    if text.starts_with(['=', '+', '-', '@']) {
        let message = "must not begin with =, +, - or @: a spreadsheet would take it for a formula";
        return Err(Violation::new(field, "LOOKS_LIKE_A_FORMULA", message));
    }
    Ok(text)
}

/// Reads skills, sorted and each once.
///
/// # Errors
/// There are too many, or one of them is no such text.
pub fn skills(field: &str, given: &[String]) -> Result<Vec<String>, Violation> {
    count(field, given.len(), 0, SKILLS_MAX)?;
    let read =
        given.iter().enumerate().map(|(place, skill)| plain(&format!("{field}[{place}]"), skill, SKILL_MAX));
    let mut skills: Vec<String> = read.collect::<Result<_, _>>()?;
    skills.sort();
    skills.dedup();
    Ok(skills)
}

/// Checks an age, in years.
///
/// # Errors
/// It is out of range.
pub fn age(field: &str, years: u32) -> Result<u32, Violation> {
    if AGES.contains(&years) {
        return Ok(years);
    }
    let text = format!("must be {} to {} years", AGES.start(), AGES.end());
    Err(Violation::new(field, "OUT_OF_RANGE", text))
}
