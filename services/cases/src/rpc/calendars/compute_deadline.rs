//! ComputeDeadline.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::field::Faults;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::domain::calendar::Limit;
use crate::{Cases, convert};

/// The most days an answer lists: nearly three years, more than any promise.
const DAYS_MAX: usize = 1_000;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ComputeDeadlineRequest>,
) -> Result<proto::ComputeDeadlineResponse, Error> {
    let (call, request) = Call::open(request);
    cases.authorize(&call, "ComputeDeadline", Target::NOWHERE)?;
    let (id, version, start, limit) = read(&request)?;
    let calendar = cases.calendars.calendar(&id, version).await?;
    let explanation = calendar.explain(start, limit, DAYS_MAX)?;
    Ok(convert::deadline(&calendar, explanation))
}

type Asked = (String, Option<i64>, chrono::DateTime<chrono::Utc>, Limit);

fn read(request: &proto::ComputeDeadlineRequest) -> Result<Asked, Vec<Violation>> {
    let mut faults = Faults::default();
    let id = faults.take(convert::calendar_name("calendar", &request.calendar));
    let version = faults.take(convert::calendar_version("version", request.version));
    let start = faults.take(convert::start("start", request.start));
    let limit = faults.take(convert::limit(request));
    let read = || Some((id?, version?, start?, limit?));
    faults.or(read())
}
