//! Hours that volunteers report themselves.

mod create_hour_report;
mod get_hour_report;
mod list_hour_reports;
mod list_own_hour_reports;
mod review_hour_report;

use minqing_platform::error::{Error, Refusal};
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::hour_report_service_server::HourReportService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::domain::hour_report::HourReport;
use crate::{Volunteers, convert};

/// A report.
async fn present(volunteers: &Volunteers, name: &str) -> Result<HourReport, Error> {
    let id = convert::hour_report_name("name", name)?;
    let found = volunteers.store.hour_report(id).await?;
    Ok(found.ok_or_else(|| Refusal::missing(format!("hour report {id}")))?)
}

#[tonic::async_trait]
impl HourReportService for Volunteers {
    async fn create_hour_report(
        &self,
        request: Request<proto::CreateHourReportRequest>,
    ) -> Result<Response<proto::HourReport>, Status> {
        answer(create_hour_report::handle(self, request).await)
    }

    async fn get_hour_report(
        &self,
        request: Request<proto::GetHourReportRequest>,
    ) -> Result<Response<proto::HourReport>, Status> {
        answer(get_hour_report::handle(self, request).await)
    }

    async fn list_hour_reports(
        &self,
        request: Request<proto::ListHourReportsRequest>,
    ) -> Result<Response<proto::ListHourReportsResponse>, Status> {
        answer(list_hour_reports::handle(self, request).await)
    }

    async fn list_own_hour_reports(
        &self,
        request: Request<proto::ListOwnHourReportsRequest>,
    ) -> Result<Response<proto::ListOwnHourReportsResponse>, Status> {
        answer(list_own_hour_reports::handle(self, request).await)
    }

    async fn review_hour_report(
        &self,
        request: Request<proto::ReviewHourReportRequest>,
    ) -> Result<Response<proto::HourReport>, Status> {
        answer(review_hour_report::handle(self, request).await)
    }
}
