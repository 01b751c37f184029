//! The number of a case, and the secret by which it is followed.

use chrono::{DateTime, FixedOffset, Utc};
use minqing_platform::seal::Keyring;

/// China's civil time.
const OFFSET_S: i32 = 8 * 3_600;
/// Digits drawn at random: a day with a million cases would draw one of them twice in a hundred tries.
const RANDOM: u32 = 100_000_000;
/// Characters of a secret: 80 bits.
const SECRET_CHARS: usize = 16;
/// Letters and digits that are not taken for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new number: the civil day, eight digits drawn at random, and a check digit (Luhn), so that one wrong digit on the
/// telephone is noticed. Nobody can count a day's cases by it.
pub fn draw(now: DateTime<Utc>) -> String {
    let digits = format!("{}{:08}", day(now), rand::random_range(0..RANDOM));
    let check = check_digit(&digits);
    format!("{digits}{check}")
}

fn day(now: DateTime<Utc>) -> impl std::fmt::Display {
    let offset = FixedOffset::east_opt(OFFSET_S).expect("eight hours are within a day");
    now.with_timezone(&offset).format("%Y%m%d")
}

/// Luhn's check digit.
fn check_digit(digits: &str) -> u32 {
    let values = digits.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = values
        .enumerate()
        .map(|(place, value)| match (place % 2 == 0, value * 2) {
            (true, double) if double > 9 => double - 9,
            (true, double) => double,
            (false, _) => value,
        })
        .sum();
    (10 - sum % 10) % 10
}

/// The secret of a case. It is drawn from the number by the keyed index, so it is stored nowhere, and whoever sends a
/// submission again is told the same.
pub fn secret(keyring: &Keyring, number: &str) -> String {
    let digest = keyring.index("case secret", number);
    let mut bits =
        digest.iter().flat_map(|byte| (0..8).rev().map(move |place| usize::from(byte >> place & 1)));
    let mut next = || bits.by_ref().take(5).fold(0, |value, bit| value * 2 + bit);
    (0..SECRET_CHARS).map(|_| char::from(ALPHABET[next()])).collect()
}

/// Whether a secret is that of a case. Both are hashed by a key nobody knows before they are compared, so the time it
/// takes says nothing about how much of it is right.
pub fn is_secret(keyring: &Keyring, number: &str, given: &str) -> bool {
    let hash = |text: &str| keyring.index("case secret compared", text);
    hash(&given.trim().to_uppercase()) == hash(&secret(keyring, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_its_day_in_china_and_notices_a_wrong_digit() {
        let number = draw("2026-03-01T16:30:00Z".parse().unwrap());
        assert!(number.starts_with("20260302") && number.len() == 17, "{number}");
        let (digits, check) = number.split_at(16);
        assert_eq!(check_digit(digits).to_string(), check);
        for place in 0..16 {
            let mut wrong = digits.as_bytes().to_vec();
            wrong[place] = if wrong[place] == b'9' { b'0' } else { wrong[place] + 1 };
            assert_ne!(check_digit(std::str::from_utf8(&wrong).unwrap()).to_string(), check);
        }
    }

    #[test]
    fn a_secret_opens_its_own_case_only() {
        let keyring = Keyring::from_secret(&[7; 32]);
        let secret_text = secret(&keyring, "1");
        assert_eq!(secret_text.len(), SECRET_CHARS);
        assert!(is_secret(&keyring, "1", &secret_text.to_lowercase()));
        assert!(!is_secret(&keyring, "2", &secret_text));
        assert!(!is_secret(&keyring, "1", ""));
        assert!(!is_secret(&Keyring::from_secret(&[8; 32]), "1", &secret_text));
    }
}
