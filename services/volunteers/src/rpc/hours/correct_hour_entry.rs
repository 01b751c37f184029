//! CorrectHourEntry.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::seen;
use crate::domain::hour::{NewCorrection, REASON_MAX};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::CorrectHourEntryRequest>,
) -> Result<proto::HourEntry, Error> {
    let (call, request) = Call::open(request);
    let of = convert::hour_seq("name", &request.name)?;
    if request.minutes == 0 {
        return Err(Violation::required("minutes").into());
    }
    let reason = convert::text("reason", &request.reason, REASON_MAX)?;
    let entry = seen(volunteers, &call, "CorrectHourEntry", of).await?;
    let change = call.change("CorrectHourEntry", &request.request_id, &request, volunteers.clock.now())?;
    // Whoever has a person and an account could otherwise correct their own hours by the other of the two.
    let own = volunteers.own_volunteer(&call).await?.filter(|own| own.number == entry.facts.volunteer);
    let own = own.map(|_| change.actor.clone());
    let new = NewCorrection { of, minutes: request.minutes, reason, recorder: change.actor.clone() };
    let entry = volunteers.store.correct_hours(&change, &new, own.as_deref()).await?;
    Ok(convert::hour_entry(&entry))
}
