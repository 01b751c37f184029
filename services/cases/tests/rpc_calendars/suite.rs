//! Cases on a database, and what the tests of calendars ask of them.

use minqing_platform::client::Peer;
use minqing_platform::status;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::calendar_service_client::CalendarServiceClient;
use minqing_testkit::Database;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

pub use crate::room::by;
use crate::room::{self, Room};

/// The service.
pub struct Suite {
    pub room: Room,
}

impl Suite {
    pub async fn open(database: &Database) -> Self {
        Self { room: room::open(database).await }
    }

    pub fn calendars(&self) -> CalendarServiceClient<Peer> {
        CalendarServiceClient::new(self.room.peer.clone())
    }

    /// A calendar as anybody reads it: a version, or the newest when it is 0.
    pub async fn calendar(&self, id: &str, version: i64) -> Result<proto::Calendar, Status> {
        let request = proto::GetCalendarRequest { name: format!("calendars/{id}"), version };
        Ok(self.calendars().get_calendar(request).await?.into_inner())
    }

    /// Creates a calendar, as an administrator of everything.
    pub async fn create(&self, id: &str, calendar: proto::Calendar) -> Result<proto::Calendar, Status> {
        let request = proto::CreateCalendarRequest {
            calendar: Some(calendar),
            calendar_id: id.to_owned(),
            ..Default::default()
        };
        Ok(self.calendars().create_calendar(by("administrator", "", request)).await?.into_inner())
    }

    /// Changes what a mask names, as an administrator of everything.
    pub async fn update(&self, paths: &[&str], calendar: proto::Calendar) -> Result<proto::Calendar, Status> {
        let paths = paths.iter().map(ToString::to_string).collect();
        let request = proto::UpdateCalendarRequest {
            calendar: Some(calendar),
            update_mask: Some(prost_types::FieldMask { paths }),
            ..Default::default()
        };
        Ok(self.calendars().update_calendar(by("administrator", "", request)).await?.into_inner())
    }

    /// Imports a year, as the account that loads it.
    pub async fn import(
        &self,
        request: proto::ImportHolidaysRequest,
    ) -> Result<proto::ImportHolidaysResponse, Status> {
        Ok(self.calendars().import_holidays(by("system_account", "", request)).await?.into_inner())
    }

    /// Asks anonymously when a limit ends.
    pub async fn deadline(
        &self,
        request: proto::ComputeDeadlineRequest,
    ) -> Result<proto::ComputeDeadlineResponse, Status> {
        Ok(self.calendars().compute_deadline(request).await?.into_inner())
    }
}

/// A limit of working days by the calendar of China, from an instant on.
pub fn days(start: &str, days: i32) -> proto::ComputeDeadlineRequest {
    proto::ComputeDeadlineRequest { working_days: Some(days), ..limit(start) }
}

/// A request that still lacks a limit.
pub fn limit(start: &str) -> proto::ComputeDeadlineRequest {
    let start: prost_types::Timestamp = start.parse().unwrap();
    proto::ComputeDeadlineRequest {
        calendar: "calendars/china".into(),
        start: Some(start),
        ..Default::default()
    }
}

/// When an answer says that a limit ends, in UTC.
pub fn end(answer: &proto::ComputeDeadlineResponse) -> String {
    answer.deadline.unwrap().to_string()
}

pub fn period(start: &str, end: &str) -> proto::WorkingPeriod {
    proto::WorkingPeriod { start_time: start.into(), end_time: end.into() }
}

/// The code, the stable reason and the text of a refusal.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String, String) {
    let refusal = answer.unwrap_err();
    let reason = status::reason(&refusal).unwrap_or_else(|| panic!("no reason: {refusal:?}"));
    (refusal.code(), reason, refusal.message().to_owned())
}

/// The stable reason of a refusal.
#[track_caller]
pub fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    refused(answer).1
}

/// The fields that a refusal names.
#[track_caller]
pub fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let details = answer.unwrap_err().get_details_bad_request().unwrap();
    details.field_violations.into_iter().map(|violation| violation.field).collect()
}
