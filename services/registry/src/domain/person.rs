//! People (人员): the record, the normal forms of their numbers, and the rules by which records change and end.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::error::Refusal;
use serde::{Deserialize, Serialize};

use super::appointment::NewAppointment;
use super::organization::ends_after_it_begins;
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// The most characters of a name.
pub const DISPLAY_NAME_MAX: usize = 100;
/// The most characters of a work phone.
pub const WORK_PHONE_MAX: usize = 30;
/// The most accounts of a person.
pub const SUBJECTS_MAX: usize = 10;
/// The most appointments that a person is created with.
pub const APPOINTMENTS_MAX: usize = 20;
/// The most people of one batch.
pub const BATCH_MAX: usize = 1_000;
/// The fewest and the most digits of a phone, the country's code left out: a hotline has 5, E.164 allows 15.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=15;

/// An account at an OpenID Connect issuer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// The issuer.
    pub issuer: String,
    /// The name by which the issuer knows the account.
    pub subject: String,
}

/// A number as it is stored: sealed, and with the keyed hash by which it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The sealed text.
    pub text: Vec<u8>,
    /// The keyed hash of the normal form.
    pub index: Vec<u8>,
}

/// A person. The numbers are sealed here too: whoever is to show them opens them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The last part of the name.
    pub id: String,
    /// The person's name.
    pub display_name: String,
    /// Where the record is kept; never a grid.
    pub division: Code,
    /// The phone for service; empty when there is none.
    pub work_phone: String,
    /// The private phone, sealed.
    pub phone: Option<Vec<u8>>,
    /// The identity number, sealed.
    pub identity_number: Option<Vec<u8>>,
    /// The accounts, sorted.
    pub subjects: Vec<Subject>,
    /// The days in force.
    pub effective: Period,
    /// When the record was made.
    pub create_time: DateTime<Utc>,
    /// When the record last changed.
    pub update_time: DateTime<Utc>,
    /// Grows by one with each change.
    pub version: i64,
}

/// A person who is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// The last part of the name.
    pub id: String,
    /// The person's name.
    pub display_name: String,
    /// Where the record is kept.
    pub division: Code,
    /// The phone for service.
    pub work_phone: String,
    /// The private phone.
    pub phone: Option<Sealed>,
    /// The identity number.
    pub identity_number: Option<Sealed>,
    /// The accounts, sorted.
    pub subjects: Vec<Subject>,
    /// The first day.
    pub from: NaiveDate,
    /// What the person is appointed to.
    pub appointments: Vec<NewAppointment>,
}

/// What an update gives; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The name.
    pub display_name: Option<String>,
    /// Where the record is kept.
    pub division: Option<Code>,
    /// The phone for service.
    pub work_phone: Option<String>,
    /// The private phone; `Some(None)` strikes it out.
    pub phone: Option<Option<Sealed>>,
    /// The identity number; `Some(None)` strikes it out.
    pub identity_number: Option<Option<Sealed>>,
    /// The accounts.
    pub subjects: Option<Vec<Subject>>,
}

impl Changes {
    /// The names of the fields that change, for the event: never what they hold.
    pub fn fields(&self) -> Vec<&'static str> {
        let given = [
            ("display_name", self.display_name.is_some()),
            ("division_code", self.division.is_some()),
            ("work_phone", self.work_phone.is_some()),
            ("phone", self.phone.is_some()),
            ("identity_number", self.identity_number.is_some()),
            ("subjects", self.subjects.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }
}

/// What belongs to one person and stands twice in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated {
    /// Its field.
    pub field: &'static str,
    /// The stable reason.
    pub reason: &'static str,
    /// The place in the batch of the person who has it first.
    pub first: usize,
    /// The place of the next who has it.
    pub place: usize,
}

/// The first identity number or account that two people of a batch have.
pub fn repeated(news: &[NewPerson]) -> Option<Repeated> {
    let (mut numbers, mut accounts) = (HashMap::new(), HashMap::new());
    for (place, new) in news.iter().enumerate() {
        let number = new.identity_number.as_ref().map(|number| &number.index);
        if let Some(first) = number.and_then(|number| numbers.insert(number, place)) {
            let (field, reason) = ("identity_number", "DUPLICATE_IDENTITY_NUMBER");
            return Some(Repeated { field, reason, first, place });
        }
        for subject in &new.subjects {
            if let Some(first) = accounts.insert(subject, place) {
                return Some(Repeated { field: "subjects", reason: "DUPLICATE_SUBJECT", first, place });
            }
        }
    }
    None
}

/// A person's record may end while no appointment of theirs is in force on that day or later.
///
/// # Errors
/// It ended before, would end before it begins, or appointments are in force.
pub fn may_end(person: &Person, day: NaiveDate, appointments: i64) -> Result<(), Refusal> {
    ends_after_it_begins("person", &person.id, &person.effective, day)?;
    if appointments > 0 {
        let text = format!("{appointments} appointments of person {} are still in force on {day}", person.id);
        return Err(Refusal::rule("HAS_APPOINTMENTS_IN_FORCE", text));
    }
    Ok(())
}

/// The normal form of a phone: digits only, without the country's code +86; `None` when the text is no phone.
pub fn normal_phone(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("+86").or_else(|| text.strip_prefix("0086")).unwrap_or(text);
    let digits: String =
        text.chars().filter(|character| !matches!(character, ' ' | '-' | '(' | ')')).collect();
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    (all_digits && PHONE_DIGITS.contains(&digits.len())).then_some(digits)
}

/// The normal form of an identity number (GB 11643-1999): 17 digits, of which the 7th to the 14th are a date, and a
/// check character, `X` in upper case; `None` when the text is no such number.
pub fn normal_identity_number(text: &str) -> Option<String> {
    let number = text.trim().to_ascii_uppercase();
    if number.len() != 18 || !number.is_ascii() {
        return None;
    }
    let (digits, check) = number.split_at(17);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !check.starts_with(check_character(digits)) {
        return None;
    }
    NaiveDate::parse_from_str(&number[6..14], "%Y%m%d").ok().map(|_| number)
}

/// The check character of 17 digits: ISO 7064, MOD 11-2.
fn check_character(digits: &str) -> char {
    let sum = digits.bytes().fold(0_u32, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    match (12 - sum) % 11 {
        10 => 'X',
        value => char::from_digit(value, 10).unwrap_or('X'),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn phones_are_brought_into_one_form() {
        for text in ["13812345678", "+86 138-1234-5678", "0086 13812345678", " 138 1234 5678 "] {
            assert_eq!(normal_phone(text).as_deref(), Some("13812345678"), "{text}");
        }
        assert_eq!(normal_phone("(0511) 86521234").as_deref(), Some("051186521234"));
        assert_eq!(normal_phone("12345").as_deref(), Some("12345"));
        for text in ["", "1234", "1381234567x", "１３８12345678", "1234567890123456"] {
            assert_eq!(normal_phone(text), None, "{text}");
        }
    }

    #[test]
    fn the_example_of_the_standard_is_an_identity_number_and_its_neighbours_are_none() {
        // Appendix A of GB 11643-1999 gives these two.
        assert_eq!(normal_identity_number("11010519491231002x").as_deref(), Some("11010519491231002X"));
        assert_eq!(normal_identity_number("440524188001010014").as_deref(), Some("440524188001010014"));
        for text in ["110105194912310021", "44052418800101001", "", "44052418800101001４"] {
            assert_eq!(normal_identity_number(text), None, "{text}");
        }
    }

    #[test]
    fn an_identity_number_holds_a_date_that_exists() {
        let number = |digits: &str| format!("{digits}{}", check_character(digits));
        assert!(normal_identity_number(&number("32112319900228123")).is_some());
        assert!(normal_identity_number(&number("32112319900229123")).is_none());
    }

    proptest! {
        #[test]
        fn a_mistyped_digit_and_two_swapped_ones_are_noticed(tail in 0..1000_u32, place in 0..17_usize, other in 0..10_u8) {
            let digits = format!("32112319900101{tail:03}");
            let number = format!("{digits}{}", check_character(&digits));
            prop_assert_eq!(normal_identity_number(&number), Some(number.clone()));
            let mut wrong = number.clone().into_bytes();
            wrong[place] = b'0' + other;
            let mut swapped = number.clone().into_bytes();
            swapped.swap(place, place + 1);
            for bytes in [wrong, swapped] {
                let text = String::from_utf8(bytes).unwrap();
                prop_assert!(text == number || normal_identity_number(&text).is_none(), "{}", text);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = (normal_phone(&text), normal_identity_number(&text));
        }
    }
}
