//! Addresses (地址): the order in which they are kept, and how much of one a stranger sees.

use super::contact::Address;

/// The most characters of an address.
pub const ADDRESS_MAX: usize = 200;

/// Chinese digits and the units of numerals.
const NUMERALS: &str = "零〇一二两三四五六七八九十廿卅百千";

/// An address in a form whose order, byte by byte, is the one in which the contact chain walks along doors: 9 before 12.
pub fn key(address: &str) -> String {
    Address::from(address).key()
}

/// An address up to its first number, which is what leads to a door: `前巷村***`. Chinese numerals count as numbers.
pub fn masked(address: &str) -> String {
    let leads = |c: char| {
        // The wide forms of ASCII characters lead to a door as well.
        let wide = u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32);
        c.is_numeric()
            || wide.unwrap_or(c).is_ascii_alphanumeric()
            || c.is_ascii_alphanumeric()
            || NUMERALS.contains(c)
    };
    let street: Vec<char> = address.chars().take_while(|c| !leads(*c)).collect();
    let total = address.chars().count();
    // An address without any number, such as the name of a farmstead, would otherwise be shown whole.
    let shown = if street.len() == total { total / 2 } else { street.len() };
    street[..shown].iter().collect::<String>() + "***"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_stranger_sees_the_street_but_no_door() {
        assert_eq!(masked("云阳街道北环路12号3幢502室"), "云阳街道北环路***");
        assert_eq!(masked("前巷村三组"), "前巷村***");
        assert_eq!(masked("阳光花园Ａ座"), "阳光花园***");
        assert_eq!(masked("老槐树下"), "老槐***");
        assert_eq!(masked(""), "***");
    }

    proptest! {
        #[test]
        fn keys_stand_in_the_order_in_which_one_walks_along_the_doors(a in "[前巷三十2１0-]{0,8}", b in "[前巷三十2１0-]{0,8}") {
            let (one, other) = (key(&a), key(&b));
            if one != other {
                prop_assert_eq!(one.cmp(&other), Address::from(a.as_str()).cmp(&Address::from(b.as_str())));
            }
        }

        #[test]
        fn any_text_has_a_key_and_a_mask_that_hides_something(text in ".{0,60}") {
            key(&text);
            let masked = masked(&text);
            prop_assert!(masked.ends_with("***"));
            prop_assert!(!masked.chars().any(|c| c.is_numeric()));
        }
    }
}
