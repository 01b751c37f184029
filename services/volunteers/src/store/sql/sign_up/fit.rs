//! Whether somebody who gets a place later than they signed up still fits it.

use minqing_platform::clock::civil_day;
use minqing_platform::error::{Error, Refusal};
use sqlx::{PgConnection, SqliteConnection};
use trait_gen::trait_gen;

use super::super::post::rows::PostRows as _;
use super::super::team::rows::TeamRows as _;
use super::super::volunteer::rows::VolunteerRows as _;
use crate::domain::activity::{Activity, Shift, check_skills};
use crate::domain::volunteer::fit;

#[async_trait::async_trait]
pub(super) trait FitRows {
    /// Refuses a volunteer who does not fit a shift, as its sign-up does: an insurance may have ended since, or a record changed.
    async fn check_fit(&mut self, activity: &Activity, shift: &Shift, volunteer: &str) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl FitRows for Conn {
    async fn check_fit(&mut self, activity: &Activity, shift: &Shift, volunteer: &str) -> Result<(), Error> {
        let (who, post) = (self.volunteer(volunteer).await?, self.post(&activity.post).await?);
        // Records and posts are never removed: where there is none, nobody was ever asked to fit.
        let (Some(who), Some(post)) = (who, post) else { return Ok(()) };
        fit(&who, &post, civil_day(shift.window.from))?;
        check_skills(shift, &who.skills)?;
        if activity.plan.members_only && !self.is_member(&activity.team, volunteer).await? {
            return Err(Refusal::rule("NOT_A_MEMBER", "the activity is for members of the team").into());
        }
        Ok(())
    }
}
