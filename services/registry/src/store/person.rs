//! What is stored of people and their appointments.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::identity::Role;
use minqing_platform::journal::Change;

use crate::domain::appointment::{Appointment, NewAppointment};
use crate::domain::person::{Changes, NewPerson, Person, Subject};
use minqing_platform::code::Code;

/// Which appointments are listed.
#[derive(Debug, Clone, Default)]
pub struct AppointmentFilter {
    /// Only this person's.
    pub person: Option<String>,
    /// Only those in this division or grid, or in one that lies in it.
    pub within: Option<Code>,
    /// Only to this role.
    pub role: Option<Role>,
    /// Only for this organization.
    pub organization: Option<String>,
    /// Only those in force on this day.
    pub on: Option<NaiveDate>,
}

/// Which people are listed.
#[derive(Debug, Clone, Default)]
pub struct PersonFilter {
    /// By which appointments; its person is not used.
    pub by: AppointmentFilter,
    /// Only names that hold this text; empty for all.
    pub query: String,
    /// Also those whose record is kept in the division, appointed or not.
    pub unappointed: bool,
}

/// By which number a person is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Number {
    /// The keyed hash of an identity number.
    Identity(Vec<u8>),
    /// The keyed hash of a phone.
    Phone(Vec<u8>),
}

/// Where the feed stood, and whether anything that concerns appointments happened since an earlier place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// The newest place: transaction and number.
    pub end: (i64, i64),
    /// Whether people or appointments changed.
    pub changed: bool,
}

/// People and appointments as they are stored.
#[async_trait::async_trait]
pub trait PersonStore: Send + Sync {
    /// One person.
    async fn person(&self, id: &str) -> Result<Option<Person>, Error>;

    /// People after an id, in the order of their ids.
    async fn people(&self, filter: &PersonFilter, after: &str, limit: i64) -> Result<Vec<Person>, Error>;

    /// People with a number, in force on a day: at most `limit`.
    async fn people_with(&self, number: &Number, day: NaiveDate, limit: i64) -> Result<Vec<Person>, Error>;

    /// Creates people with their appointments, all or none.
    async fn create_people(&self, change: &Change, news: &[NewPerson]) -> Result<Vec<Person>, Error>;

    /// Changes a person; `version` is the one the caller read, if it said so.
    async fn update_person(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
    ) -> Result<Person, Error>;

    /// Ends a person's record.
    async fn end_person(&self, change: &Change, id: &str, day: NaiveDate) -> Result<Person, Error>;

    /// One appointment of a person.
    async fn appointment(&self, person: &str, id: &str) -> Result<Option<Appointment>, Error>;

    /// Appointments after an id, in the order of their ids.
    async fn appointments(
        &self,
        filter: &AppointmentFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Appointment>, Error>;

    /// Appoints a person.
    async fn create_appointment(
        &self,
        change: &Change,
        person: &str,
        new: &NewAppointment,
    ) -> Result<Appointment, Error>;

    /// Ends an appointment.
    async fn end_appointment(
        &self,
        change: &Change,
        person: &str,
        id: &str,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<Appointment, Error>;

    /// The person in force on a day to whom an account is linked.
    async fn linked(&self, subject: &Subject, day: NaiveDate) -> Result<Option<String>, Error>;

    /// Whether people or appointments changed since a place in the feed.
    async fn appointments_changed_since(&self, place: (i64, i64)) -> Result<Since, Error>;
}
