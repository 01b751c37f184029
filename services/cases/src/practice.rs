//! How a city runs its supervision centre, checked.

use minqing_platform::code::{self, Code};
use minqing_platform::field;

use crate::config;

/// Why it cannot be used: the key, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// The city's code.
    #[error("city_code: {0}")]
    City(#[from] code::Error),
    /// The centre's name.
    #[error("centre: {0}")]
    Centre(String),
    /// How sure a suggestion must be.
    #[error("dispatch.confidence_min: {0} is not between 0.5 and 1")]
    Confidence(f64),
}

/// See [`config::Practice`].
#[derive(Debug)]
pub struct Practice {
    /// The code of the city.
    pub city: Code,
    /// The supervision centre (`organizations/x`).
    pub centre: String,
    /// How sure a suggestion must be to be applied before a person saw it.
    pub dispatch_confidence_min: f64,
    callback_percent: u64,
}

impl Practice {
    /// As it is configured.
    ///
    /// # Errors
    /// The key that is not taken.
    pub fn new(config: &config::Practice) -> Result<Self, Invalid> {
        let centre = field::named("centre", "organizations", &config.centre);
        centre.map_err(|wrong| Invalid::Centre(wrong.description))?;
        let dispatch_confidence_min = config.dispatch.confidence_min;
        if !(0.5..=1.0).contains(&dispatch_confidence_min) {
            return Err(Invalid::Confidence(dispatch_confidence_min));
        }
        Ok(Self {
            city: config.city_code.parse()?,
            centre: config.centre.clone(),
            dispatch_confidence_min,
            callback_percent: u64::from(config.callback_percent),
        })
    }

    /// Whether a resolved case is called back. Decided by its number, so that nobody can choose; the last digit checks the
    /// others and is left out.
    pub fn calls_back(&self, number: &str) -> bool {
        let digits = number.get(..number.len().saturating_sub(1)).unwrap_or_default();
        let drawn = digits.get(digits.len().saturating_sub(8)..).and_then(|drawn| drawn.parse::<u64>().ok());
        drawn.is_none_or(|drawn| drawn % 100 < self.callback_percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_as_large_as_it_is_configured_and_the_same_every_time() {
        let practice = |callback_percent| {
            Practice::new(&config::Practice { callback_percent, ..config::Practice::default() }).unwrap()
        };
        let called = |percent| {
            let practice = practice(percent);
            (0..10_000).filter(|drawn| practice.calls_back(&format!("20260302{drawn:08}0"))).count()
        };
        assert_eq!([called(0), called(25), called(100)], [0, 2_500, 10_000]);
    }

    #[test]
    fn a_confidence_that_is_none_is_refused() {
        let with = |confidence_min| {
            let dispatch = config::Dispatch { confidence_min };
            Practice::new(&config::Practice { dispatch, ..config::Practice::default() })
        };
        for wrong in [0.49, 1.01, -1.0, f64::NAN] {
            assert!(matches!(with(wrong), Err(Invalid::Confidence(_))), "{wrong}");
        }
        assert!(with(0.5).is_ok() && with(1.0).is_ok());
    }
}
