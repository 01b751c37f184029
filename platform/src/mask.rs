//! Masking what a caller may not see whole: enough stays to recognise what one knows already, too little to learn it.

/// An identity number (身份证号): the first four and the last four characters stay, as in `3211**********1234`. Of
/// what is shorter than an identity number (15 characters) nothing stays.
pub fn mask_identity_number(number: &str) -> String {
    let length = number.chars().count();
    if length < 15 { stars(length) } else { masked(number, length, 4, 4) }
}

/// A telephone number: of eleven characters or more, as mobile numbers have, the first three and the last four stay, as in
/// `138****5678`; of seven or more the last two, as two residents of one exchange share the first digits; else nothing.
pub fn mask_phone(number: &str) -> String {
    let length = number.chars().count();
    match length {
        11.. => masked(number, length, 3, 4),
        7..=10 => masked(number, length, 0, 2),
        _ => stars(length),
    }
}

/// A name: the first character stays, as in `张*`. There is one star whatever the length, which would narrow a rare
/// surname down; of a single character nothing stays.
pub fn mask_name(name: &str) -> String {
    let mut characters = name.trim().chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(_)) => format!("{first}*"),
        (Some(_), None) => "*".to_owned(),
        (None, _) => String::new(),
    }
}

fn stars(count: usize) -> String {
    "*".repeat(count)
}

fn masked(text: &str, length: usize, first: usize, last: usize) -> String {
    let star = |(place, character)| if place < first || place >= length - last { character } else { '*' };
    text.chars().enumerate().map(star).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_customary_forms_come_out() {
        assert_eq!(mask_identity_number("321123199001011234"), "3211**********1234");
        assert_eq!(mask_identity_number("321123900101123"), "3211*******1123");
        assert_eq!(mask_identity_number("32112319900101"), "**************");
        assert_eq!(mask_phone("13812345678"), "138****5678");
        assert_eq!(mask_phone("86521234"), "******34");
        assert_eq!(mask_phone("12345"), "*****");
        assert_eq!(mask_name("张三"), "张*");
        assert_eq!(mask_name("欧阳修文"), "欧*");
        assert_eq!(mask_name("张"), "*");
        assert_eq!(mask_name(" "), "");
    }

    proptest! {
        #[test]
        fn at_least_four_characters_of_a_number_are_hidden(number in "[0-9X]{0,30}") {
            for masked in [mask_identity_number(&number), mask_phone(&number)] {
                let hidden = masked.chars().filter(|character| *character == '*').count();
                prop_assert_eq!(masked.chars().count(), number.len());
                prop_assert!(hidden >= number.len().min(4), "{}", masked);
            }
        }

        #[test]
        fn any_text_is_masked_without_a_panic(text: String) {
            mask_identity_number(&text);
            mask_phone(&text);
            prop_assert!(mask_name(&text).chars().count() <= 2);
        }
    }
}
