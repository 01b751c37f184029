//! The unified number of a volunteer (志愿者统一编号).

/// Numbers drawn at random: with ten thousand volunteers, one registration in ten million draws a number that is taken, and is
/// told to try again.
const DRAWN: std::ops::Range<u64> = 10_000_000_000..100_000_000_000;

/// A new number: eleven digits drawn at random, and a check digit (Luhn), so that one wrong digit on the telephone is noticed.
/// It says nothing of its holder: neither who they are, nor when or where they registered.
pub fn draw() -> String {
    let digits = rand::random_range(DRAWN).to_string();
    let check = check_digit(&digits);
    format!("{digits}{check}")
}

/// Whether a text is a number that somebody can have.
pub fn is_number(text: &str) -> bool {
    let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && text[11..] == check_digit(&text[..11]).to_string()
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_wrong_digit_is_noticed(place in 0..12_usize, by in 1..10_u8) {
            let number = draw();
            prop_assert!(is_number(&number), "{number}");
            let mut wrong = number.into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + by) % 10;
            prop_assert!(!is_number(std::str::from_utf8(&wrong).unwrap()));
        }
    }
}
