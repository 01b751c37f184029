//! Calendars.

mod compute_deadline;
mod create_calendar;
mod get_calendar;
mod import_holidays;
mod list_calendars;
mod update_calendar;

use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::calendar_service_server::CalendarService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::domain::calendar::record::Record;
use crate::{Cases, convert};

#[tonic::async_trait]
impl CalendarService for Cases {
    async fn get_calendar(
        &self,
        request: Request<proto::GetCalendarRequest>,
    ) -> Result<Response<proto::Calendar>, Status> {
        answer(get_calendar::handle(self, request).await)
    }

    async fn list_calendars(
        &self,
        request: Request<proto::ListCalendarsRequest>,
    ) -> Result<Response<proto::ListCalendarsResponse>, Status> {
        answer(list_calendars::handle(self, request).await)
    }

    async fn create_calendar(
        &self,
        request: Request<proto::CreateCalendarRequest>,
    ) -> Result<Response<proto::Calendar>, Status> {
        answer(create_calendar::handle(self, request).await)
    }

    async fn update_calendar(
        &self,
        request: Request<proto::UpdateCalendarRequest>,
    ) -> Result<Response<proto::Calendar>, Status> {
        answer(update_calendar::handle(self, request).await)
    }

    async fn import_holidays(
        &self,
        request: Request<proto::ImportHolidaysRequest>,
    ) -> Result<Response<proto::ImportHolidaysResponse>, Status> {
        answer(import_holidays::handle(self, request).await)
    }

    async fn compute_deadline(
        &self,
        request: Request<proto::ComputeDeadlineRequest>,
    ) -> Result<Response<proto::ComputeDeadlineResponse>, Status> {
        answer(compute_deadline::handle(self, request).await)
    }
}

/// The answer with a version: what is stored, and the years it knows.
async fn whole(cases: &Cases, record: Record) -> Result<proto::Calendar, Error> {
    let compiled = cases.calendars.calendar(&record.reference.id, Some(record.reference.version)).await?;
    Ok(convert::calendar(record, &compiled))
}
