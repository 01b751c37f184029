//! Thanks and awards (感谢与表彰): what people say to those who helped them, and what the corps honours. Nobody is ranked.

use chrono::{DateTime, Utc};
use minqing_platform::named::named;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

named! {
    /// What kind of honour it is.
    Kind {
        /// Thanks of somebody who was helped (感谢).
        Thanks = "thanks",
        /// An award of the corps (表彰).
        Award = "award",
    }
}

/// An honour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Honour {
    /// Which one.
    pub id: Uuid,
    /// What kind.
    pub kind: Kind,
    /// Whom it is for.
    pub volunteer: String,
    /// The need they were helped in; none in an award.
    pub need: Option<String>,
    /// What is said.
    pub text: String,
    /// Who said it.
    pub giver: String,
    /// When.
    pub create_time: DateTime<Utc>,
}
