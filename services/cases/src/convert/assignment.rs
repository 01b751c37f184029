//! Units' parts between messages and domain.

use chrono::Utc;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;

use super::case::{case, case_number, limit_message};
use super::timestamp;
use crate::domain::calendar::Calendar;
use crate::domain::case::{Assignment, Case, Part, Sight, completion_due};
use minqing_platform::named::{number, optional_number};

/// Reads the name of a part (`cases/…/assignments/1`); gives the number of the case and which part.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn assignment_name<'a>(field: &str, text: &'a str) -> Result<(&'a str, u32), Violation> {
    if text.is_empty() {
        return Err(Violation::required(field));
    }
    let wrong =
        || Violation::new(field, "INVALID_NAME", "must be of the form cases/{number}/assignments/{id}");
    let (case, id) = text.split_once("/assignments/").ok_or_else(wrong)?;
    let number = case_number(field, case).map_err(|_| wrong())?;
    Ok((number, id.parse().map_err(|_| wrong())?))
}

/// A part as a message, with its case as far as somebody may see it.
pub fn assignment(
    whole: &Case,
    part: &Assignment,
    calendar: &Calendar,
    sight: Sight,
    now: chrono::DateTime<Utc>,
) -> proto::Assignment {
    let due = completion_due(part, calendar).ok().flatten();
    let days = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
    proto::Assignment {
        name: format!("cases/{}/assignments/{}", whole.number, part.id),
        organization: part.organization.clone(),
        joint: part.part == Part::Joint,
        status: number(part.status),
        binding: part.binding,
        instruction: part.instruction.clone(),
        limit: Some(limit_message(part.limit)),
        extension_days: days(part.granted_days()),
        requested_extension_days: days(part.asked_extension().map_or(0, |asked| asked.working_days)),
        dispatch_time: Some(timestamp(part.start_time)),
        due_time: due.map(timestamp),
        sign_time: part.signed.as_ref().map(|held| timestamp(held.since)),
        signer: part.signed.as_ref().map(|held| held.by.name.clone()).unwrap_or_default(),
        end_time: part.end_time.map(timestamp),
        return_reason: optional_number(part.returned),
        hand_over_organization: part.hand_over.as_ref().map(|asked| asked.to.clone()).unwrap_or_default(),
        overdue: part.breached || due.is_some_and(|due| part.end_time.unwrap_or(now) > due),
        case: Some(case(whole, calendar, sight, None)),
    }
}
