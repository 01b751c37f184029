//! What is stored of volunteers.

use chrono::NaiveDate;
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use uuid::Uuid;

use crate::domain::access::Access;
use crate::domain::volunteer::{Act, Enrolment, NewVolunteer, RealName, Record, State, Volunteer};

/// Which volunteers are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those who belong there.
    pub within: Option<Code>,
    /// Only those of this state.
    pub state: Option<State>,
    /// Only those who are so far known.
    pub real_name: Option<RealName>,
    /// Only active members of this team.
    pub team: Option<String>,
}

/// What is sealed anew with a change.
#[derive(Debug, Clone)]
pub struct Resealed {
    /// All that is personal.
    pub sealed: Vec<u8>,
    /// The keyed hash of another identity number.
    pub identity_index: Option<Vec<u8>>,
}

/// Something that is to happen to a record.
#[derive(Debug, Clone)]
pub struct Happening {
    /// The volunteer's number.
    pub number: String,
    /// The version the caller read; what is sealed anew must be of it.
    pub version: Option<i64>,
    /// What.
    pub act: Act,
    /// What is sealed anew.
    pub resealed: Option<Resealed>,
    /// The day on which it happens.
    pub today: NaiveDate,
}

/// Volunteers as they are stored.
#[async_trait::async_trait]
pub trait VolunteerStore: Send + Sync {
    /// One volunteer, by the number.
    async fn volunteer(&self, number: &str) -> Result<Option<Volunteer>, Error>;

    /// One volunteer with what is sealed.
    async fn volunteer_record(&self, number: &str) -> Result<Option<Record>, Error>;

    /// The volunteer who signs in by an account (`people/x` or `issuer#subject`).
    async fn volunteer_of_account(&self, account: &str) -> Result<Option<Volunteer>, Error>;

    /// Volunteers after a number, in the order of their numbers.
    async fn volunteers(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Record>, Error>;

    /// Registers volunteers, all or none. With a team's id, membership of it is asked for.
    async fn register_volunteers(
        &self,
        change: &Change,
        news: &[NewVolunteer],
        team: Option<&str>,
    ) -> Result<Vec<Record>, Error>;

    /// Registers volunteers of an existing register, all or none, as members of their teams where they have one: then they must
    /// fit its post.
    async fn enrol_volunteers(
        &self,
        change: &Change,
        news: &[Enrolment],
        today: NaiveDate,
    ) -> Result<Vec<Record>, Error>;

    /// Lets something happen to a record.
    async fn act_on_volunteer(&self, change: &Change, happening: &Happening) -> Result<Record, Error>;

    /// Adds records of access. What they tell of may be shown only after this returned.
    async fn record_access(&self, records: &[Access]) -> Result<(), Error>;

    /// The records of access to a subject (`volunteers/x`), the newest first, after one.
    async fn access_records(
        &self,
        subject: &str,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Access>, Error>;
}
