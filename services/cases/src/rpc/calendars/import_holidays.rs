//! ImportHolidays.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::domain::calendar::Ref;
use crate::domain::calendar::national::Kind;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ImportHolidaysRequest>,
) -> Result<proto::ImportHolidaysResponse, Error> {
    let (call, request) = Call::open(request);
    // The days count everywhere, so only an appointment for everywhere will do.
    cases.authorize(&call, "ImportHolidays", Target::within(""))?;
    let notice = convert::notice(&request)?;
    let change = call.change("ImportHolidays", &request.request_id, &request, cases.clock.now())?;
    let imported = cases.store.import_holidays(&change, &notice, request.validate_only).await?;
    let make_up = notice.days.iter().filter(|day| day.kind == Kind::MakeUp).count();
    let number = |count| i32::try_from(count).unwrap_or(i32::MAX);
    let new_version =
        |made: Ref| proto::NewVersion { calendar: format!("calendars/{}", made.id), version: made.version };
    Ok(proto::ImportHolidaysResponse {
        year: notice.year,
        days_off_count: number(notice.days.len() - make_up),
        make_up_days_count: number(make_up),
        changed_dates: imported.changed.iter().map(ToString::to_string).collect(),
        new_versions: imported.versions.into_iter().map(new_version).collect(),
    })
}
