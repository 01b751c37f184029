//! Residents of households: what they are to the head, and what of them is personal.

use std::fmt;

use chrono::{DateTime, Utc};
use minqing_platform::mask::{mask_identity_number, mask_name, mask_phone};
use serde::{Deserialize, Serialize};

use minqing_platform::period::Period;
use minqing_platform::phone::Phone;

/// The most characters of a name.
pub const DISPLAY_NAME_MAX: usize = 100;
/// The years of birth that are taken.
pub const BIRTH_YEARS: std::ops::RangeInclusive<i32> = 1880..=2200;

/// What a resident is to the head of the household (与户主关系).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Relation {
    /// The head (户主).
    Head,
    /// Husband or wife (配偶).
    Spouse,
    /// Son or daughter, also in law (子女).
    Child,
    /// Grandchild (孙辈).
    Grandchild,
    /// Father or mother, also in law (父母).
    Parent,
    /// Grandparent (祖辈).
    Grandparent,
    /// Brother or sister (兄弟姐妹).
    Sibling,
    /// Anyone else (其他).
    Other,
}

impl Relation {
    /// Every relation, in the order of its number, which begins at 1.
    pub const ALL: [Self; 8] = [
        Self::Head,
        Self::Spouse,
        Self::Child,
        Self::Grandchild,
        Self::Parent,
        Self::Grandparent,
        Self::Sibling,
        Self::Other,
    ];

    /// The number by which it is stored and sent.
    pub const fn number(self) -> i32 {
        self as i32 + 1
    }

    /// The relation of a number.
    pub fn of_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.number() == number)
    }

    /// The relation of a word in a file: its English name, or what registers of households commonly write.
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "head" | "户主" | "本人" => Self::Head,
            "spouse" | "配偶" | "妻" | "妻子" | "夫" | "丈夫" => Self::Spouse,
            "child" | "子女" | "子" | "女" | "儿子" | "女儿" | "长子" | "次子" | "三子" | "长女" | "次女"
            | "三女" | "独生子" | "独生女" | "儿媳" | "女婿" => Self::Child,
            "grandchild" | "孙辈" | "孙子" | "孙女" | "外孙" | "外孙女" | "外孙子" => {
                Self::Grandchild
            }
            "parent" | "父母" | "父亲" | "母亲" | "父" | "母" | "岳父" | "岳母" | "公公" | "婆婆" => {
                Self::Parent
            }
            "grandparent" | "祖辈" | "祖父" | "祖母" | "外祖父" | "外祖母" | "祖父母" => {
                Self::Grandparent
            }
            "sibling" | "兄弟姐妹" | "兄" | "弟" | "姐" | "妹" | "哥哥" | "弟弟" | "姐姐" | "妹妹" => {
                Self::Sibling
            }
            "other" | "其他" | "非亲属" | "其他亲属" => Self::Other,
            _ => return None,
        })
    }
}

/// What is personal of a resident. It is sealed at rest, as one text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    /// The name.
    #[serde(rename = "n")]
    pub display_name: String,
    /// The identity number (身份证号), in its normal form.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<String>,
    /// The telephone number, in its normal form.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The year of birth.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<i32>,
}

impl Personal {
    /// What everybody who may see the household sees.
    #[must_use]
    pub fn masked(&self) -> Self {
        Self {
            display_name: mask_name(&self.display_name),
            identity_number: self.identity_number.as_deref().map(mask_identity_number),
            phone: self.phone.as_deref().map(masked_phone),
            birth_year: None,
        }
    }

    /// Whether the year of birth is the one in the identity number; so it is where either is unknown.
    pub fn birth_year_agrees(&self) -> bool {
        let told = self.identity_number.as_deref().and_then(|number| number.get(6..10)?.parse::<i32>().ok());
        told.zip(self.birth_year).is_none_or(|(told, given)| told == given)
    }
}

/// What was stored is a phone's normal form, so the general mask is for what a later version may find strange.
fn masked_phone(phone: &str) -> String {
    Phone::parse(phone, None).map_or_else(|_| mask_phone(phone), |phone| phone.masked())
}

/// Personal data must not get into a log by way of a debug print.
impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Personal").finish_non_exhaustive()
    }
}

/// A resident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resident {
    /// The id of the household.
    pub household: String,
    /// The number within the household.
    pub number: i32,
    /// What they are to the head.
    pub relation: Relation,
    /// What is personal, sealed.
    pub sealed: Vec<u8>,
    /// The id of the person of this registry who it is.
    pub person: Option<String>,
    /// The days in the household.
    pub effective: Period,
    /// When the record was made.
    pub create_time: DateTime<Utc>,
    /// When the record last changed.
    pub update_time: DateTime<Utc>,
    /// Grows by one with each change.
    pub version: i64,
}

/// A resident who is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewResident {
    /// What they are to the head.
    pub relation: Relation,
    /// What is personal.
    pub personal: Personal,
    /// The id of the person of this registry who it is.
    pub person: Option<String>,
}

/// What changes of a resident; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Update {
    /// The name.
    pub display_name: Option<String>,
    /// What they are to the head.
    pub relation: Option<Relation>,
    /// The identity number; `Some(None)` takes it away.
    pub identity_number: Option<Option<String>>,
    /// The telephone number; `Some(None)` takes it away.
    pub phone: Option<Option<String>>,
    /// The year of birth; `Some(None)` takes it away.
    pub birth_year: Option<Option<i32>>,
    /// The person; `Some(None)` takes it away.
    pub person: Option<Option<String>>,
}

impl Update {
    /// What is personal, after the change.
    #[must_use]
    pub fn of(&self, old: Personal) -> Personal {
        Personal {
            display_name: self.display_name.clone().unwrap_or(old.display_name),
            identity_number: self.identity_number.clone().unwrap_or(old.identity_number),
            phone: self.phone.clone().unwrap_or(old.phone),
            birth_year: self.birth_year.unwrap_or(old.birth_year),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn personal() -> Personal {
        Personal {
            display_name: "张三".into(),
            identity_number: Some("321123199001011234".into()),
            phone: Some("+8613812345678".into()),
            birth_year: Some(1990),
        }
    }

    #[test]
    fn what_is_masked_shows_neither_number_nor_year() {
        let masked = personal().masked();
        assert_eq!((masked.display_name.as_str(), masked.birth_year), ("张*", None));
        assert_eq!(masked.identity_number.as_deref(), Some("3211**********1234"));
        assert_eq!(masked.phone.as_deref(), Some("138****5678"));
        assert_eq!(format!("{:?}", personal()), "Personal { .. }");
    }

    #[test]
    fn a_year_of_birth_must_be_that_of_the_identity_number() {
        assert!(personal().birth_year_agrees());
        assert!(!Personal { birth_year: Some(1991), ..personal() }.birth_year_agrees());
        assert!(Personal { identity_number: None, birth_year: Some(1991), ..personal() }.birth_year_agrees());
    }

    #[test]
    fn every_relation_is_read_back_from_its_number() {
        for relation in Relation::ALL {
            assert_eq!(Relation::of_number(relation.number()), Some(relation));
        }
        assert_eq!((Relation::of_number(0), Relation::of_word("户主")), (None, Some(Relation::Head)));
    }

    #[test]
    fn an_update_keeps_what_it_does_not_name() {
        let update = Update { phone: Some(None), ..Update::default() };
        assert_eq!(update.of(personal()), Personal { phone: None, ..personal() });
    }
}
