//! Sign-ups, swaps and reports of hours between messages and domain.

use chrono::{DateTime, Utc};
use minqing_platform::field::{name, prose, timestamp};
use minqing_platform::named::number;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use uuid::Uuid;

use super::activity::{instant, parts, point, uuid};
use crate::domain::activity::Window;
use crate::domain::hour_report::{HourReport, check_time};
use crate::domain::sign_up::SignUp;
use crate::domain::sign_up::swap::Swap;

/// The most characters of what was done.
const DESCRIPTION_MAX: usize = 1_000;
/// Digits of a code.
const CODE_DIGITS: usize = 6;

/// Reads the name of a sign-up; gives the activity, the shift and the sign-up.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn sign_up_name(field: &str, text: &str) -> Result<(Uuid, Uuid, Uuid), Violation> {
    let form = "activities/{activity}/shifts/{shift}/signUps/{sign_up}";
    let [activity, shift, id] = parts(field, form, ["activities", "shifts", "signUps"], text)?;
    Ok((activity, shift, id))
}

/// Reads the name of a swap (`swaps/{uuid}`).
///
/// # Errors
/// The field is empty, or is no such name.
pub fn swap_name(field: &str, text: &str) -> Result<Uuid, Violation> {
    uuid(field, "swaps/{swap}", name(field, "swaps", text)?)
}

/// Reads the name of a report (`hourReports/{uuid}`).
///
/// # Errors
/// The field is empty, or is no such name.
pub fn hour_report_name(field: &str, text: &str) -> Result<Uuid, Violation> {
    uuid(field, "hourReports/{hour_report}", name(field, "hourReports", text)?)
}

/// How somebody shows that they are there.
#[derive(Debug, Clone, PartialEq)]
pub enum Proof {
    /// By the code that is shown.
    Code(String),
    /// By where they are.
    Position((f64, f64)),
}

/// Reads how somebody shows that they are there: by exactly one of the two ways.
///
/// # Errors
/// Neither is given or both, or it is no code or no point.
pub fn proof(code: &str, position: Option<&proto::Position>) -> Result<Proof, Violation> {
    match (code.trim(), position) {
        ("", None) => Err(Violation::required("code")),
        ("", Some(given)) => Ok(Proof::Position(point("position", given.latitude, given.longitude)?)),
        (code, None) if code.len() == CODE_DIGITS && code.bytes().all(|digit| digit.is_ascii_digit()) => {
            Ok(Proof::Code(code.to_owned()))
        }
        (_, None) => Err(Violation::new("code", "INVALID_CODE", "must be six digits")),
        (_, Some(_)) => Err(Violation::new("position", "ONE_OF_TWO", "either a code or a position is given")),
    }
}

/// When, and what was done, of a report that is to be made.
///
/// # Errors
/// What is wrong with it.
pub fn hour_report_facts(
    given: &proto::HourReport,
    now: DateTime<Utc>,
) -> Result<(Window, String), Violation> {
    let from = instant("hour_report.start_time", given.start_time.as_ref())?;
    let to = instant("hour_report.end_time", given.end_time.as_ref())?;
    let window = Window { from, to };
    check_time(window, now)?;
    Ok((window, prose("hour_report.description", &given.description, DESCRIPTION_MAX)?))
}

fn sign_up_text(activity: Uuid, shift: Uuid, id: Uuid) -> String {
    format!("activities/{activity}/shifts/{shift}/signUps/{id}")
}

/// A sign-up as a message.
pub fn sign_up(one: &SignUp) -> proto::SignUp {
    let origin = one.origin.map(|origin| sign_up_text(one.activity, one.shift, origin));
    proto::SignUp {
        name: sign_up_text(one.activity, one.shift, one.id),
        volunteer: format!("volunteers/{}", one.volunteer),
        state: number(one.state),
        start_time: Some(timestamp(one.window.from)),
        end_time: Some(timestamp(one.window.to)),
        waiting_before: i32::try_from(one.waiting_before).unwrap_or(i32::MAX),
        late: one.late,
        cover_wanted: one.cover_wanted,
        origin: origin.unwrap_or_default(),
        check_in_time: one.check_in_time.map(timestamp),
        check_out_time: one.check_out_time.map(timestamp),
        create_time: Some(timestamp(one.create_time)),
        etag: one.version.to_string(),
    }
}

/// A swap as a message.
pub fn swap(swap: &Swap) -> proto::Swap {
    let text = |one: &SignUp| sign_up_text(one.activity, one.shift, one.id);
    proto::Swap {
        name: format!("swaps/{}", swap.id),
        offered: text(&swap.offered),
        wanted: text(&swap.wanted),
        state: number(swap.state),
        pending_teams: swap.pending.iter().map(|team| format!("teams/{team}")).collect(),
        create_time: Some(timestamp(swap.create_time)),
        update_time: Some(timestamp(swap.update_time)),
    }
}

/// A report as a message.
pub fn hour_report(report: &HourReport) -> proto::HourReport {
    let sign_up = report.sign_up.map(|(activity, shift, id)| sign_up_text(activity, shift, id));
    proto::HourReport {
        name: format!("hourReports/{}", report.id),
        volunteer: format!("volunteers/{}", report.volunteer),
        sign_up: sign_up.unwrap_or_default(),
        team: format!("teams/{}", report.team),
        start_time: Some(timestamp(report.window.from)),
        end_time: Some(timestamp(report.window.to)),
        description: report.description.clone(),
        source: number(report.source),
        state: number(report.state),
        spot_check: report.spot_check,
        comment: report.comment.clone(),
        reviewer: report.reviewer.clone(),
        create_time: Some(timestamp(report.create_time)),
        review_time: report.review_time.map(timestamp),
    }
}
