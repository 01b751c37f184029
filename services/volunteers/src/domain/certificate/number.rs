//! The number of a certificate, and the code by which anybody checks it.

use minqing_platform::seal::Keyring;
use minqing_platform::status::Violation;

/// Digits of a number: the year, six for its place in the year, one to notice a wrong digit.
const DIGITS: usize = 11;
/// The most certificates of a year.
pub const PLACE_MAX: i64 = 999_999;
/// Characters of a code: 50 bits, with a limit on wrong ones.
const CODE_CHARS: usize = 10;
/// Letters and digits that are not taken for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The number of a place in a year.
pub fn of(year: i32, place: i64) -> String {
    let digits = format!("{year:04}{place:06}");
    let check = check_digit(&digits);
    format!("{digits}{check}")
}

/// Reads a number, as the last part of a name.
///
/// # Errors
/// It has another form, or a digit is wrong.
pub fn read(field: &str, text: &str) -> Result<String, Violation> {
    let shaped = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    let right = shaped && text[DIGITS - 1..] == check_digit(&text[..DIGITS - 1]).to_string();
    if right {
        Ok(text.to_owned())
    } else {
        Err(Violation::new(field, "INVALID_NUMBER", "a digit is wrong or missing"))
    }
}

/// Luhn's check digit: one wrong digit shows.
fn check_digit(digits: &str) -> u32 {
    let values = digits.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let doubled = |(place, value): (usize, u32)| match (place % 2 == 0, value * 2) {
        (true, double) if double > 9 => double - 9,
        (true, double) => double,
        (false, _) => value,
    };
    (10 - values.enumerate().map(doubled).sum::<u32>() % 10) % 10
}

/// The code printed on a certificate. It is drawn from the number by the keyed index, so it is stored nowhere.
pub fn code(keyring: &Keyring, number: &str) -> String {
    let digest = keyring.index("certificate code", number);
    let bits = digest.iter().flat_map(|byte| (0..8).rev().map(move |place| usize::from(byte >> place & 1)));
    let bits: Vec<usize> = bits.take(CODE_CHARS * 5).collect();
    bits.chunks(5)
        .map(|five| char::from(ALPHABET[five.iter().fold(0, |value, bit| value * 2 + bit)]))
        .collect()
}

/// Whether a code is that of a certificate. Both are hashed by a key nobody knows before they are compared, so the time it
/// takes says nothing about how much of it is right.
pub fn is_code(keyring: &Keyring, number: &str, given: &str) -> bool {
    let hash = |text: &str| keyring.index("certificate code compared", text);
    let given: String = given.chars().filter(|character| !"- ".contains(*character)).collect();
    hash(&given.to_uppercase()) == hash(&code(keyring, number))
}
