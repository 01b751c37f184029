//! RevealReporter.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{opened, seen};
use crate::domain::case::{Anonymity, Sight};
use crate::{Cases, convert};

/// The most characters of a purpose.
const PURPOSE_MAX: usize = 200;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::RevealReporterRequest>,
) -> Result<proto::Reporter, Error> {
    let (call, request) = Call::open(request);
    let number = convert::case_number("name", &request.name)?;
    let purpose = convert::text("purpose", &request.purpose, PURPOSE_MAX)?;
    let seen = seen(cases, &call, "RevealReporter", number).await?;
    if seen.case.identity.anonymity == Anonymity::Anonymous {
        return Err(Refusal::rule("REPORTER_ANONYMOUS", "nobody's name was taken").into());
    }
    if seen.sight != Sight::Whole {
        let text = "who raised this case is known to the supervision centre only";
        return Err(Refusal::rule("REPORTER_PROTECTED", text).into());
    }
    let change = call.change("RevealReporter", "", &request, cases.clock.now())?;
    let sealed = cases.store.read_reporter(&change, number, &purpose).await?.unwrap_or_default();
    Ok(opened(cases, number, &sealed)?.revealed())
}
