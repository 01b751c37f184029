//! Who should handle a matter (派单): rules decide; where they are silent, what was learnt from matters dispatched before
//! suggests, with reasons, and never decides unseen below a confidence that is configured.

pub mod learnt;
pub mod rule;
pub mod taught;

use minqing_platform::code::Code;

use super::case::CaseType;
use super::words;

/// What is known of a matter when somebody is sought to handle it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// What was said, as rules and learning read it.
    pub text: String,
    /// What is wanted, where it is known.
    pub case_type: Option<CaseType>,
    /// The item of the catalogue (`items/x`), where it is known.
    pub item: Option<String>,
    /// The item's function; empty when it has none.
    pub item_function: String,
    /// The division or grid in which it is.
    pub place: Code,
}

impl Matter {
    /// A matter. Its text is normalised here, once for all rules.
    pub fn new(
        text: &str,
        case_type: Option<CaseType>,
        item: Option<String>,
        item_function: &str,
        place: Code,
    ) -> Self {
        let (text, item_function) = (words::normalised(text), item_function.to_owned());
        Self { text, case_type, item, item_function, place }
    }
}
