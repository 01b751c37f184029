//! Citizen identity numbers (公民身份号码) by GB 11643-1999: 18 characters, of which 6 are a division, 8 a date of birth,
//! 3 a sequence whose last digit tells the sex, and 1 a check by ISO 7064 MOD 11-2.

use std::fmt;

use chrono::NaiveDate;

/// A number that passes every check. It never shows itself: printing gives its masked form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityNumber {
    /// 17 digits, then a digit or `X`.
    text: String,
    birth_date: NaiveDate,
}

/// The sex a number tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// The sequence is even.
    Female,
    /// The sequence is odd.
    Male,
}

/// Why a text is no identity number. No error repeats the text: it may be one digit away from somebody's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing was given.
    #[error("the identity number is empty")]
    Empty,
    /// A number of the first generation, which has no check and stopped being valid on 2013-01-01.
    #[error(
        "it has 15 digits: numbers of the first generation are no longer valid; the 18-digit number is needed"
    )]
    FirstGeneration,
    /// Not 18 characters.
    #[error("it has {0} characters, not 18")]
    Length(usize),
    /// A character that must be a digit is not one, or the last is neither a digit nor X.
    #[error("character {0} is not a digit (only the last may be an X)")]
    Character(usize),
    /// The first two digits are of no province.
    #[error("its first two digits, {0:02}, are of no province")]
    Province(u8),
    /// Digits 7 to 14 are no day of the calendar.
    #[error("digits 7 to 14 are no date of birth")]
    BirthDate,
    /// The date of birth is not yet, or before 1900.
    #[error("the year of birth, {year}, is not between 1900 and today")]
    BirthDateOutOfRange {
        /// The year.
        year: i32,
    },
    /// The last character is not the check of the others: some digit is wrong or two are exchanged.
    #[error("the last character does not match the others: a digit is wrong, or two are exchanged")]
    Check,
}

impl Error {
    /// The stable reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Empty => "IDENTITY_NUMBER_EMPTY",
            Self::FirstGeneration => "IDENTITY_NUMBER_FIRST_GENERATION",
            Self::Length(_) => "IDENTITY_NUMBER_LENGTH",
            Self::Character(_) => "IDENTITY_NUMBER_CHARACTER",
            Self::Province(_) => "IDENTITY_NUMBER_PROVINCE",
            Self::BirthDate => "IDENTITY_NUMBER_BIRTH_DATE",
            Self::BirthDateOutOfRange { .. } => "IDENTITY_NUMBER_BIRTH_DATE_OUT_OF_RANGE",
            Self::Check => "IDENTITY_NUMBER_CHECK",
        }
    }
}

/// Provinces by their first two digits (GB/T 2260), with Taiwan's 71 and the residence permits' 81, 82 and 83. Numbers
/// keep the code of the place and time they were given, so a province is all that can be checked of it.
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82, 83,
];

/// The check characters, by the weighted sum of the others modulo 11.
const CHECKS: &[u8; 11] = b"10X98765432";
/// The first date of birth that is taken for one.
const YEAR_MIN: i32 = 1900;

impl IdentityNumber {
    /// Reads a number. Full-width digits, a lower-case x and spaces at the ends are taken as meant. `today` bounds the
    /// date of birth.
    ///
    /// # Errors
    /// [`Error`] with the first thing that is wrong.
    pub fn parse(text: &str, today: NaiveDate) -> Result<Self, Error> {
        let text: String = text.trim().chars().map(plain).collect();
        let characters: Vec<char> = text.chars().collect();
        match characters.len() {
            0 => return Err(Error::Empty),
            15 if characters.iter().all(char::is_ascii_digit) => return Err(Error::FirstGeneration),
            18 => {}
            length => return Err(Error::Length(length)),
        }
        let wrong = |(index, c): (usize, &char)| !(c.is_ascii_digit() || (index == 17 && *c == 'X'));
        if let Some(index) = characters.iter().enumerate().position(wrong) {
            return Err(Error::Character(index + 1));
        }
        // From here on all are ASCII.
        let digits: Vec<u32> = characters[..17].iter().filter_map(|c| c.to_digit(10)).collect();
        let province = (digits[0] * 10 + digits[1]) as u8;
        if !PROVINCES.contains(&province) {
            return Err(Error::Province(province));
        }
        let birth_date = birth_date(&digits, today)?;
        if char::from(check(&digits)) != characters[17] {
            return Err(Error::Check);
        }
        Ok(Self { text, birth_date })
    }

    /// The 18 characters, for encryption, a keyed hash, or a caller who stated a purpose.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The day of birth.
    pub fn birth_date(&self) -> NaiveDate {
        self.birth_date
    }

    /// The 6 digits of the division where the number was first given: a county as it was then, not where its holder
    /// lives.
    pub fn division_prefix(&self) -> &str {
        &self.text[..6]
    }

    /// The sex.
    pub fn sex(&self) -> Sex {
        if self.text.as_bytes()[16].is_multiple_of(2) { Sex::Female } else { Sex::Male }
    }

    /// The first 3 and the last 2 characters: enough for its holder to know it, and neither a date of birth nor the
    /// means to work out the rest.
    pub fn masked(&self) -> String {
        format!("{}*************{}", &self.text[..3], &self.text[16..])
    }
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

fn plain(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        other => other,
    }
    .to_ascii_uppercase()
}

fn birth_date(digits: &[u32], today: NaiveDate) -> Result<NaiveDate, Error> {
    let number =
        |range: std::ops::Range<usize>| digits[range].iter().fold(0, |value, digit| value * 10 + digit);
    let year = i32::try_from(number(6..10)).map_err(|_| Error::BirthDate)?;
    let date = NaiveDate::from_ymd_opt(year, number(10..12), number(12..14)).ok_or(Error::BirthDate)?;
    if year < YEAR_MIN || date > today {
        return Err(Error::BirthDateOutOfRange { year });
    }
    Ok(date)
}

/// ISO 7064 MOD 11-2: the weight of the digit i places from the end is 2 to the power of i, modulo 11.
fn check(digits: &[u32]) -> u8 {
    let sum = digits.iter().fold(0, |sum, digit| (sum + digit) * 2 % 11);
    CHECKS[sum as usize]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 9, 5).unwrap()
    }

    fn parse(text: &str) -> Result<IdentityNumber, Error> {
        IdentityNumber::parse(text, today())
    }

    /// The example of the standard itself.
    const STANDARD: &str = "11010519491231002X";

    #[test]
    fn the_standards_own_example_is_read() {
        let number = parse(" 1101051949123100２x ").unwrap();
        assert_eq!(number.expose(), STANDARD);
        assert_eq!(number.birth_date(), NaiveDate::from_ymd_opt(1949, 12, 31).unwrap());
        assert_eq!((number.division_prefix(), number.sex()), ("110105", Sex::Female));
        assert_eq!(parse("440524188001010014"), Err(Error::BirthDateOutOfRange { year: 1880 }));
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        let cases = [
            ("", Error::Empty),
            ("321181490101001", Error::FirstGeneration),
            ("32118149010100", Error::Length(14)),
            ("11010519491231002", Error::Length(17)),
            ("1101O519491231002X", Error::Character(5)),
            ("11010519491231002Y", Error::Character(18)),
            ("1101051949123100X2", Error::Character(17)),
            ("99010519491231002X", Error::Province(99)),
            ("11010519490231002X", Error::BirthDate),
            ("11010520491231002X", Error::BirthDateOutOfRange { year: 2049 }),
            ("110105194912310021", Error::Check),
        ];
        for (text, error) in cases {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_number_never_shows_itself() {
        let number = parse(STANDARD).unwrap();
        assert_eq!(format!("{number:?}"), "110*************2X");
        assert_eq!(number.masked().len(), 18);
        for error in [parse("110105194912310021").unwrap_err(), parse("1101051949123100").unwrap_err()] {
            assert!(!format!("{error} {error:?}").contains("1949"));
        }
    }

    fn numbers() -> impl Strategy<Value = Vec<u32>> {
        (0..PROVINCES.len(), 0..10_000_u32, 0..45_000_i32, 0..1000_u32).prop_map(
            |(province, county, day, sequence)| {
                let date = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::Days::new(day as u64);
                let text =
                    format!("{}{county:04}{}{sequence:03}", PROVINCES[province], date.format("%Y%m%d"));
                text.chars().map(|c| c.to_digit(10).unwrap()).collect()
            },
        )
    }

    fn text(digits: &[u32], check: u8) -> String {
        digits.iter().map(u32::to_string).chain([char::from(check).to_string()]).collect()
    }

    proptest! {
        #[test]
        fn the_check_is_that_of_the_published_weights(digits in numbers()) {
            const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
            let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
            prop_assert_eq!(check(&digits), CHECKS[(sum % 11) as usize]);
            let number = parse(&text(&digits, check(&digits))).unwrap();
            prop_assert_eq!(number.sex() == Sex::Male, digits[16] % 2 == 1);
        }

        #[test]
        fn one_wrong_digit_or_two_exchanged_are_noticed(digits in numbers(), index in 0..17_usize, other in 0..10_u32) {
            let good = check(&digits);
            let mut wrong = digits.clone();
            wrong[index] = other;
            prop_assert!(wrong == digits || parse(&text(&wrong, good)).is_err());
            let mut exchanged = digits.clone();
            exchanged.swap(index, (index + 1) % 17);
            prop_assert!(index == 16 || exchanged == digits || parse(&text(&exchanged, good)).is_err());
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,24}") {
            let _ = parse(&text);
        }
    }
}
