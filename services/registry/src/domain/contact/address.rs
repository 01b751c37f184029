//! The order of addresses: as one walks along them.

/// An address that compares as people count: 2号 before 10号, 二组 before 十组, full-width digits like others, spaces
/// and the case of letters ignored. Addresses that count alike compare as their texts, so the order is total.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    tokens: Vec<Token>,
    text: String,
}

/// Numbers come before other characters, so that `12` comes before `12-1` and both before `12号`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    /// A number without leading zeros: the one with fewer digits is smaller, whatever its length.
    Number(usize, String),
    Other(char),
}

impl Address {
    /// From the text of an address.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { tokens: tokens(&text), text }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// A text whose order, byte by byte, is that of the addresses, for a database; equal for addresses that count alike.
    pub fn key(&self) -> String {
        let token = |token: &Token| match token {
            // A control character, which no address holds, puts numbers before all else.
            Token::Number(length, digits) => format!("\u{1}{length:03}{digits}"),
            Token::Other(character) => character.to_string(),
        };
        self.tokens.iter().map(token).collect()
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let characters: Vec<char> = text.chars().map(plain).filter(|c| !c.is_whitespace()).collect();
    let mut tokens = Vec::new();
    let mut rest = characters.as_slice();
    while let Some(&first) = rest.first() {
        let digits = run(rest, |c| c.is_ascii_digit());
        let numerals = run(rest, |c| NUMERALS.contains(c));
        if digits > 0 {
            tokens.push(number(rest[..digits].iter().collect()));
            rest = &rest[digits..];
        } else if let Some(value) = chinese(&rest[..numerals]) {
            tokens.push(number(value));
            rest = &rest[numerals..];
        } else {
            tokens.push(Token::Other(first));
            rest = &rest[1..];
        }
    }
    tokens
}

fn run(characters: &[char], belongs: impl Fn(char) -> bool) -> usize {
    characters.iter().take_while(|c| belongs(**c)).count()
}

/// Full-width forms as their ASCII, letters in lower case.
fn plain(character: char) -> char {
    let narrow = match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        other => other,
    };
    narrow.to_ascii_lowercase()
}

fn number(digits: String) -> Token {
    let significant = digits.trim_start_matches('0');
    Token::Number(significant.len(), significant.to_owned())
}

const NUMERALS: &str = "零〇一二两三四五六七八九十廿卅百千";

/// The value of Chinese numerals, written with units (一百零五) or digit by digit (一〇五); `None` when they are not
/// a number but a name, as in 千秋.
fn chinese(numerals: &[char]) -> Option<String> {
    if numerals.is_empty() || numerals.len() > 12 {
        return None;
    }
    let digits: Option<String> =
        numerals.iter().map(|c| digit(*c)).map(|d| d.and_then(|d| char::from_digit(d, 10))).collect();
    digits.or_else(|| with_units(numerals))
}

fn with_units(numerals: &[char]) -> Option<String> {
    let (mut total, mut pending, mut last_unit) = (0_u32, None, u32::MAX);
    for &numeral in numerals {
        if let Some(value) = digit(numeral) {
            // A zero only fills the gap between units; two digits in a row are no number with units.
            if pending.is_some_and(|before| before != 0) {
                return None;
            }
            pending = Some(value);
            continue;
        }
        let (unit, times) = unit(numeral, pending)?;
        if unit >= last_unit {
            return None;
        }
        (total, pending, last_unit) = (total + unit * times, None, unit);
    }
    Some((total + pending.unwrap_or(0)).to_string())
}

fn digit(numeral: char) -> Option<u32> {
    Some(match numeral {
        '零' | '〇' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// A unit and how many times it counts. Only ten stands without a digit before it.
fn unit(numeral: char, before: Option<u32>) -> Option<(u32, u32)> {
    match (numeral, before.filter(|digit| *digit != 0)) {
        ('十', digit) => Some((10, digit.unwrap_or(1))),
        ('廿', None) => Some((10, 2)),
        ('卅', None) => Some((10, 3)),
        ('百', Some(digit)) => Some((100, digit)),
        ('千', Some(digit)) => Some((1000, digit)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(mut addresses: Vec<&str>) -> Vec<&str> {
        addresses.sort_by_cached_key(|text| Address::from(*text));
        addresses
    }

    #[test]
    fn numbers_inside_addresses_are_counted() {
        let order = vec![
            "中山路2号",
            "中山路10号",
            "中山路10号1室",
            "中山路10号12室",
            "中山路１１号",
            "中山路 012号",
            "中山路100号",
        ];
        let mut mixed = order.clone();
        mixed.reverse();
        assert_eq!(sorted(mixed), order);
    }

    #[test]
    fn chinese_numerals_are_counted_too() {
        let order = vec![
            "一组",
            "二组",
            "三组",
            "九组",
            "十组",
            "十一组",
            "二十组",
            "廿三组",
            "一百零五组",
            "二〇〇组",
        ];
        let mut mixed = order.clone();
        mixed.sort_unstable();
        assert_ne!(mixed, order, "the test would show nothing");
        assert_eq!(sorted(mixed), order);
        assert_eq!(sorted(vec!["10组", "九组", "3组"]), ["3组", "九组", "10组"]);
    }

    #[test]
    fn numerals_that_are_names_are_left_as_they_are() {
        assert_eq!(chinese(&['千']), None);
        assert_eq!(chinese(&['十', '十']), None);
        assert_eq!(chinese(&['二', '十', '一', '三']), None);
        assert_eq!(sorted(vec!["千秋村2号", "千秋村10号"]), ["千秋村2号", "千秋村10号"]);
    }

    #[test]
    fn a_house_comes_before_its_parts_and_letters_ignore_case() {
        assert_eq!(sorted(vec!["12号", "12-1", "12", "2"]), ["2", "12", "12-1", "12号"]);
        assert_eq!(sorted(vec!["b座", "A座", "a座1"]), ["A座", "a座1", "b座"]);
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_numbers(a in 0..100_000_u64, b in 0..100_000_u64, zeros in 0..4_usize) {
            let padded = format!("{}{a}", "0".repeat(zeros));
            let (left, right) = (Address::new(format!("路{padded}号")), Address::new(format!("路{b}号")));
            prop_assert!(a == b || left.cmp(&right) == a.cmp(&b));
        }

        #[test]
        fn any_texts_have_one_order(texts in prop::collection::vec("[0-9一十百号路 a]{0,8}", 3)) {
            let [a, b, c] = [0, 1, 2].map(|i| Address::from(texts[i].as_str()));
            prop_assert!(!(a <= b && b <= c) || a <= c);
            prop_assert_eq!(a == b, texts[0] == texts[1]);
        }
    }
}
