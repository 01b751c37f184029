//! Phone numbers of mainland China, brought to E.164: `+86` and the national number without its leading 0.

use std::fmt;

/// A phone number that can be called from anywhere. It never shows itself: printing gives its masked form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone {
    /// With `+86`.
    text: String,
    kind: Kind,
}

/// What kind of line a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A mobile phone: 11 digits that begin with 13 to 19. Can take a short message.
    Mobile,
    /// A landline: an area code of 2 or 3 digits, and 7 or 8 more.
    Landline {
        /// Digits of the area code, without the 0.
        area_digits: usize,
    },
    /// An organization's 400 or 800 number, of 10 digits.
    Service,
}

/// Why a text is no phone number. No error repeats the text: it may be one digit away from somebody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing was given.
    #[error("the phone number is empty")]
    Empty,
    /// A character that is neither a digit nor a usual separator.
    #[error("character {0} is not part of a phone number")]
    Character(usize),
    /// An extension (转, ext, #): it has no place in E.164.
    #[error("an extension is given at character {0}; only the number itself can be kept")]
    Extension(usize),
    /// A number of another country.
    #[error("it is not a number of mainland China (+86)")]
    Foreign,
    /// It begins as a mobile number and has another length than 11 digits.
    #[error("it begins as a mobile number and has {0} digits, not 11")]
    MobileLength(usize),
    /// It begins with an area code and what follows has a wrong length.
    #[error("{digits} digits follow the area code 0{area}; there must be {expected}")]
    LandlineLength {
        /// The area code without the 0.
        area: u16,
        /// How many digits follow.
        digits: usize,
        /// How many should, in words.
        expected: &'static str,
    },
    /// A landline number without its area code.
    #[error("it looks like a landline; its area code is missing")]
    AreaCodeMissing,
    /// The subscriber's number begins with 0 or 1, which no landline does.
    #[error("after the area code no number begins with {0}")]
    LandlineFirstDigit(char),
    /// A 400 or 800 number that has not 10 digits.
    #[error("it begins as a 400 or 800 number and has {0} digits, not 10")]
    ServiceLength(usize),
    /// A short number such as 110 or 12345, which is no one's line.
    #[error("{0} digits are a short service number, not a line")]
    Short(usize),
    /// Nothing that any number looks like.
    #[error("no number of mainland China looks like this")]
    Unknown,
}

impl Error {
    /// The stable reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Empty => "PHONE_EMPTY",
            Self::Character(_) => "PHONE_CHARACTER",
            Self::Extension(_) => "PHONE_EXTENSION",
            Self::Foreign => "PHONE_FOREIGN",
            Self::MobileLength(_) => "PHONE_MOBILE_LENGTH",
            Self::LandlineLength { .. } => "PHONE_LANDLINE_LENGTH",
            Self::AreaCodeMissing => "PHONE_AREA_CODE_MISSING",
            Self::LandlineFirstDigit(_) => "PHONE_LANDLINE_FIRST_DIGIT",
            Self::ServiceLength(_) => "PHONE_SERVICE_LENGTH",
            Self::Short(_) => "PHONE_SHORT",
            Self::Unknown => "PHONE_UNKNOWN",
        }
    }
}

impl Phone {
    /// Reads a number: with or without `+86` or `0086`, with spaces, hyphens, dots and brackets, in full-width digits.
    /// `area_code` (as `0511`, Zhenjiang and Danyang) is taken for a landline number that has none.
    ///
    /// # Errors
    /// [`Error`] with the first thing that is wrong.
    pub fn parse(text: &str, area_code: Option<&str>) -> Result<Self, Error> {
        let (digits, international) = digits(text)?;
        let national = match (international, digits.as_str()) {
            (_, "") => return Err(Error::Empty),
            (true, digits) => digits.strip_prefix("86").ok_or(Error::Foreign)?,
            (false, digits) => match digits.strip_prefix("00") {
                Some(rest) => rest.strip_prefix("86").ok_or(Error::Foreign)?,
                // 86 and a mobile number; no national number of 13 digits begins so.
                None if digits.len() == 13 && digits.starts_with("861") => &digits[2..],
                None => digits,
            },
        };
        let country_code_given = national.len() != digits.len();
        let (national, kind) = classify(national, country_code_given, area_code)?;
        Ok(Self { text: format!("+86{national}"), kind })
    }

    /// E.164, for sending, encryption, a keyed hash, or a caller who stated a purpose.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The kind of line.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// As shown to those who may not see it: `138****5678`, `0511-****5678`, `400****123`; a short tail of the subscriber's
    /// number, enough to tell one's own from another's.
    pub fn masked(&self) -> String {
        let national = &self.text[3..];
        match self.kind {
            Kind::Mobile => format!("{}****{}", &national[..3], &national[7..]),
            Kind::Landline { area_digits } => {
                let (area, subscriber) = national.split_at(area_digits);
                let (hidden, shown) = subscriber.split_at(subscriber.len() - 4);
                format!("0{area}-{}{shown}", "*".repeat(hidden.len()))
            }
            Kind::Service => format!("{}****{}", &national[..3], &national[7..]),
        }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// The digits of a text, and whether a plus stands before them.
fn digits(text: &str) -> Result<(String, bool), Error> {
    let mut digits = String::new();
    let mut international = false;
    for (index, character) in text.trim().chars().enumerate() {
        let character = match character {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
            other => other,
        };
        match character {
            '0'..='9' => digits.push(character),
            '+' if digits.is_empty() && !international => international = true,
            // Hyphens come in several widths.
            ' ' | '\u{3000}' | '\t' | '-' | '.' | '(' | ')' | '\u{2010}'..='\u{2015}' => {}
            '转' | '轉' | '#' | ',' | ';' | 'x' | 'X' | 'e' | 'E' | '分' if !digits.is_empty() => {
                return Err(Error::Extension(index + 1));
            }
            _ => return Err(Error::Character(index + 1)),
        }
    }
    Ok((digits, international))
}

/// The national number without its leading 0, and its kind.
fn classify(
    national: &str,
    country_code_given: bool,
    area_code: Option<&str>,
) -> Result<(String, Kind), Error> {
    let length = national.len();
    // After +86 the 0 of an area code is left out, and many write it all the same.
    let with_area = national.strip_prefix('0');
    match national.as_bytes() {
        // A 0 before a mobile number was once dialled over long distances.
        [b'0', b'1', b'3'..=b'9', ..] if length == 12 => Ok((national[1..].into(), Kind::Mobile)),
        [b'0', ..] => landline(with_area.unwrap_or(national)),
        [b'1', b'3'..=b'9', ..] if length > 8 => match length {
            11 => Ok((national.into(), Kind::Mobile)),
            _ => Err(Error::MobileLength(length)),
        },
        [b'4' | b'8', b'0', b'0', ..] if length >= 9 => match length {
            10 => Ok((national.into(), Kind::Service)),
            _ => Err(Error::ServiceLength(length)),
        },
        _ if country_code_given && length >= 9 => landline(national),
        _ if length < 7 => Err(Error::Short(length)),
        [b'2'..=b'8', ..] if length <= 8 => {
            let area = area_code.and_then(|area| area.strip_prefix('0')).ok_or(Error::AreaCodeMissing)?;
            landline(&format!("{area}{national}"))
        }
        _ => Err(Error::Unknown),
    }
}

/// A landline number that begins with its area code: 10 and 2x are followed by 8 digits, the three-digit codes by 7
/// or 8.
fn landline(national: &str) -> Result<(String, Kind), Error> {
    let area_digits = match national.as_bytes() {
        [b'1', b'0', ..] | [b'2', _, ..] => 2,
        [b'3'..=b'9', _, _, ..] => 3,
        _ => return Err(Error::Unknown),
    };
    let (area, subscriber) = national.split_at(area_digits);
    let fits = subscriber.len() == 8 || (area_digits == 3 && subscriber.len() == 7);
    if !fits {
        let expected = if area_digits == 2 { "8" } else { "7 or 8" };
        let area = area.parse().map_err(|_| Error::Unknown)?;
        return Err(Error::LandlineLength { area, digits: subscriber.len(), expected });
    }
    match subscriber.chars().next() {
        Some(first @ ('0' | '1')) => Err(Error::LandlineFirstDigit(first)),
        _ => Ok((national.into(), Kind::Landline { area_digits })),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn e164(text: &str) -> String {
        Phone::parse(text, Some("0511")).unwrap().expose().to_owned()
    }

    #[test]
    fn a_mobile_number_is_the_same_however_it_is_written() {
        for text in [
            "13812345678",
            "138 1234 5678",
            "+86 138-1234-5678",
            "0086 13812345678",
            "8613812345678",
            "１３８１２３４５６７８",
            "(+86)13812345678",
            "013812345678",
            "+86 013812345678",
        ] {
            assert_eq!(e164(text), "+8613812345678", "{text}");
        }
    }

    #[test]
    fn a_landline_loses_its_zero_and_gains_its_area() {
        for text in
            ["0511-86571234", "(0511) 8657 1234", "+86 511 86571234", "+86 (0511) 86571234", "86571234"]
        {
            assert_eq!(e164(text), "+8651186571234", "{text}");
        }
        assert_eq!(e164("010-65251234"), "+861065251234");
        assert_eq!(e164("0886-8221234"), "+868868221234");
        assert_eq!(e164("400-810-1234"), "+864008101234");
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        let cases = [
            ("", Error::Empty),
            (" - ", Error::Empty),
            ("1381234567", Error::MobileLength(10)),
            ("138123456789", Error::MobileLength(12)),
            ("13812E45678", Error::Extension(6)),
            ("一三八", Error::Character(1)),
            ("138 1234 567八", Error::Character(13)),
            ("0511-86571234转8", Error::Extension(14)),
            ("+1 202 555 0100", Error::Foreign),
            ("00852 2123 4567", Error::Foreign),
            ("0511-865712", Error::LandlineLength { area: 511, digits: 6, expected: "7 or 8" }),
            ("010-6525123", Error::LandlineLength { area: 10, digits: 7, expected: "8" }),
            ("0511-16571234", Error::LandlineFirstDigit('1')),
            ("400-810-123", Error::ServiceLength(9)),
            ("110", Error::Short(3)),
            ("12345", Error::Short(5)),
            ("99999999", Error::Unknown),
            ("0", Error::Unknown),
        ];
        for (text, error) in cases {
            assert_eq!(Phone::parse(text, None), Err(error), "{text}");
        }
        assert_eq!(Phone::parse("86571234", None), Err(Error::AreaCodeMissing));
    }

    #[test]
    fn a_number_is_masked_wherever_it_is_printed() {
        let shown = |text: &str| format!("{:?}", Phone::parse(text, None).unwrap());
        assert_eq!(shown("13812345678"), "138****5678");
        assert_eq!(shown("0511-86571234"), "0511-****1234");
        assert_eq!(shown("0886-8221234"), "0886-***1234");
        assert_eq!(shown("400-810-1234"), "400****234");
    }

    proptest! {
        #[test]
        fn a_number_in_e164_is_read_as_itself(text in "1[3-9][0-9]{9}|0511[2-9][0-9]{7}|02[0-9][2-9][0-9]{7}|400[0-9]{7}") {
            let phone = Phone::parse(&text, None).unwrap();
            prop_assert_eq!(Phone::parse(phone.expose(), None), Ok(phone));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,24}|[+0-9 -]{0,16}") {
            if let Ok(phone) = Phone::parse(&text, Some("0511")) {
                prop_assert!((13..=14).contains(&phone.expose().len()), "{}", phone.expose());
                prop_assert!(phone.masked().contains("***"));
            }
        }
    }
}
