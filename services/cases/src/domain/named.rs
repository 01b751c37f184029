//! Enumerations whose members have a stable text: in the database, in events, in tables.

/// An enumeration of fixed members. Messages have the same members in the same order, after one that says nothing.
pub trait Named: Copy + PartialEq + 'static {
    /// Every member, in order.
    const MEMBERS: &'static [Self];

    /// The stable text.
    fn text(self) -> &'static str;
}

/// Declares an enumeration with its texts: `ALL`, `as_str`, `FromStr`, `Display`, and serde by the same texts.
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

        impl $crate::domain::named::Named for $name {
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

pub(crate) use named;
