//! What is personal of a volunteer. It is sealed at rest, as one text.

use std::fmt;

use minqing_platform::mask::{mask_identity_number, mask_name, mask_phone};
use minqing_platform::phone::Phone;
use serde::{Deserialize, Serialize};

/// Who stands for a minor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guardian {
    /// The name.
    pub display_name: String,
    /// What they are to the minor: mother, father, grandparent.
    pub relation: String,
    /// The telephone, in its normal form.
    pub phone: String,
}

/// What is personal of a volunteer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    /// The name.
    pub display_name: String,
    /// The identity number (身份证号), in its normal form.
    pub identity_number: String,
    /// The telephone, in its normal form; empty for none.
    pub phone: String,
    /// For a minor, who consented.
    pub guardian: Option<Guardian>,
}

impl Personal {
    /// With the numbers masked; with `names`, the names too.
    #[must_use]
    pub fn masked(&self, names: bool) -> Self {
        let name = |name: &String| if names { mask_name(name) } else { name.clone() };
        Self {
            display_name: name(&self.display_name),
            identity_number: mask_identity_number(&self.identity_number),
            phone: masked_phone(&self.phone),
            guardian: self.guardian.as_ref().map(|guardian| Guardian {
                display_name: name(&guardian.display_name),
                relation: guardian.relation.clone(),
                phone: masked_phone(&guardian.phone),
            }),
        }
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

/// See [`Personal`].
impl fmt::Debug for Guardian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guardian").finish_non_exhaustive()
    }
}
