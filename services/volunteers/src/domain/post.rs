//! Kinds of post (志愿服务岗位): what a team of volunteers does, and whom it suits.

pub mod field;
pub mod file;
pub mod import;

use chrono::NaiveDate;
use minqing_platform::error::Refusal;
use minqing_platform::named::named;
use minqing_platform::period::Period;
use serde::{Deserialize, Serialize};

use super::need::Risk;

named! {
    /// What a kind of post serves.
    Category {
        /// Political guidance (政治引领).
        PoliticalGuidance = "political_guidance",
        /// Public affairs (公共事务).
        PublicAffairs = "public_affairs",
        /// Democratic oversight (民主监督).
        DemocraticOversight = "democratic_oversight",
        /// Social harmony (社会和谐).
        SocialHarmony = "social_harmony",
        /// Scientific development (科学发展).
        ScientificDevelopment = "scientific_development",
    }
}

named! {
    /// What a post asks of the body, and what somebody's health does not allow.
    Strain {
        /// Lifting and carrying.
        HeavyWork = "heavy_work",
        /// Ladders, roofs, dikes.
        Heights = "heights",
        /// Long hours outdoors in heat or cold.
        HeatOrCold = "heat_or_cold",
        /// Standing or walking for hours.
        LongStanding = "long_standing",
        /// Duty at night.
        Night = "night",
        /// Crowds and noise.
        Crowds = "crowds",
    }
}

/// A kind of post, in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The last part of its name.
    pub id: String,
    /// What it serves.
    pub category: Category,
    /// What it is called, in Chinese.
    pub display_name: String,
    /// What it is called, in English.
    pub english_name: String,
    /// What its volunteers can do; sorted.
    pub skills: Vec<String>,
    /// What else is asked of them, in words.
    pub requirements: String,
    /// How risky it is.
    pub risk: Risk,
    /// The youngest age, in years.
    pub age_min: u32,
    /// The oldest age, in years.
    pub age_max: Option<u32>,
    /// Whether nobody serves without insurance; so it always is where the risk is high.
    pub insurance: bool,
    /// What it asks of the body; sorted.
    pub strains: Vec<Strain>,
    /// 1, and one more with each change.
    pub version: i64,
    /// The days in force.
    pub effective: Period,
}

impl Post {
    /// Whether nobody may serve without insurance.
    pub fn needs_insurance(&self) -> bool {
        self.insurance || self.risk == Risk::High
    }

    /// Refuses a post that is not in force on a day.
    ///
    /// # Errors
    /// `POST_NOT_IN_FORCE`.
    pub fn in_force(&self, day: NaiveDate) -> Result<(), Refusal> {
        if self.effective.holds(day) {
            return Ok(());
        }
        let text = format!("posts/{} is not in force on {day}", self.id);
        Err(Refusal::rule("POST_NOT_IN_FORCE", text))
    }
}

#[cfg(test)]
mod tests;
