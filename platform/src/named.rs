//! Enumerations whose members have a stable text: in the database, in events, in tables; and the same members in the
//! same order in messages, after one that says nothing.

use crate::status::Violation;

/// An enumeration of fixed members. Messages have the same members in the same order, after one that says nothing.
pub trait Named: Copy + PartialEq + 'static {
    /// Every member, in order.
    const MEMBERS: &'static [Self];

    /// The stable text.
    fn text(self) -> &'static str;
}

/// Declares an enumeration with its texts: `ALL`, `as_str`, `FromStr`, `Display`, and serde by the same texts.
#[macro_export]
macro_rules! named {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $member:ident = $text:literal,)+ }) => {
        $(#[$outer])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$inner])* #[serde(rename = $text)] $member,)+
        }

        impl $name {
            /// Every member, in order.
            pub const ALL: &'static [Self] = &[$(Self::$member),+];

            /// The stable text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$member => $text,)+ }
            }
        }

        impl $crate::named::Named for $name {
            const MEMBERS: &'static [Self] = Self::ALL;

            fn text(self) -> &'static str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|member| member.as_str() == text)
                    .ok_or_else(|| format!(concat!("{:?} is no ", stringify!($name)), text))
            }
        }
    };
}

pub use named;

/// A member as a message has it.
pub fn number<T: Named>(member: T) -> i32 {
    let place = T::MEMBERS.iter().position(|other| *other == member).unwrap_or_default();
    i32::try_from(place + 1).unwrap_or_default()
}

/// A member, which may be left out, as a message has it.
pub fn optional_number<T: Named>(member: Option<T>) -> i32 {
    member.map_or(0, number)
}

/// Reads a member, which may be left out.
///
/// # Errors
/// There is no such member.
pub fn optional_member<T: Named>(field: &str, number: i32) -> Result<Option<T>, Violation> {
    if number == 0 {
        return Ok(None);
    }
    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let member = place.and_then(|place| T::MEMBERS.get(place).copied());
    member
        .map(Some)
        .ok_or_else(|| Violation::new(field, "INVALID_ENUM", format!("{number} has no meaning here")))
}

/// Reads a member.
///
/// # Errors
/// It is left out, or there is no such member.
pub fn member<T: Named>(field: &str, number: i32) -> Result<T, Violation> {
    optional_member(field, number)?.ok_or_else(|| Violation::required(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    named! {
        /// A light.
        Light {
            /// Go.
            Green = "green",
            /// Stop.
            Red = "red",
        }
    }

    #[test]
    fn a_member_is_read_back_from_its_text_and_from_its_number() {
        for light in Light::ALL.iter().copied() {
            assert_eq!(light.to_string().parse::<Light>(), Ok(light));
            assert_eq!(member::<Light>("light", number(light)), Ok(light));
        }
        assert!("Green".parse::<Light>().is_err());
    }

    #[test]
    fn what_is_left_out_and_what_has_no_meaning_are_told_apart() {
        assert_eq!(optional_member::<Light>("light", 0), Ok(None));
        assert_eq!(member::<Light>("light", 0).unwrap_err().reason, "REQUIRED_FIELD");
        assert_eq!(member::<Light>("light", 3).unwrap_err().reason, "INVALID_ENUM");
        assert_eq!(member::<Light>("light", -1).unwrap_err().reason, "INVALID_ENUM");
    }
}
