//! GetCalendar.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::GetCalendarRequest>,
) -> Result<proto::Calendar, Error> {
    let (call, request) = Call::open(request);
    let id = convert::calendar_name("name", &request.name)?;
    let version = convert::calendar_version("version", request.version)?;
    cases.authorize(&call, "GetCalendar", Target::NOWHERE)?;
    let found = cases.store.calendar(&id, version).await?;
    let of = version.map(|version| format!("version {version} of ")).unwrap_or_default();
    let found = found.ok_or_else(|| Refusal::missing(format!("{of}calendar {id}")))?;
    super::whole(cases, found).await
}
