//! How a city runs its volunteer corps, checked.

use chrono::TimeDelta;
use minqing_platform::code::{self, Code};
use minqing_platform::field;

use crate::config;
use crate::domain::need::Promise;

/// Why it cannot be used: the key, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// The city's code.
    #[error("city_code: {0}")]
    City(#[from] code::Error),
    /// The corps' name.
    #[error("corps: {0}")]
    Corps(String),
}

/// See [`config::Practice`].
#[derive(Debug)]
pub struct Practice {
    /// The code of the city.
    pub city: Code,
    /// The volunteer corps (`organizations/x`).
    pub corps: String,
    /// How soon each step of a need is promised.
    pub promise: Promise,
}

impl Practice {
    /// As it is configured.
    ///
    /// # Errors
    /// The key that is not taken.
    pub fn new(config: &config::Practice) -> Result<Self, Invalid> {
        let corps = field::named("corps", "organizations", &config.corps);
        corps.map_err(|wrong| Invalid::Corps(wrong.description))?;
        let hours = |hours: u32| TimeDelta::hours(hours.into());
        Ok(Self {
            city: config.city_code.parse()?,
            corps: config.corps.clone(),
            promise: Promise {
                verify: hours(config.verify_hours),
                propose: hours(config.propose_hours),
                accept: hours(config.accept_hours),
            },
        })
    }
}
