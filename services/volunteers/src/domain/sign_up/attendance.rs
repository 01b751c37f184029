//! Checking in and out: within the window, by the code shown at the place or by being near it.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::error::{Kind, Refusal};
use minqing_platform::seal::Keyring;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::domain::activity::{EARLY, GRACE, Window};

/// How long a code is shown. It is taken for as long again.
const STEP_S: i64 = 60;
/// Codes have six digits.
const CODES: u64 = 1_000_000;
/// Wrong codes of one sign-up before it is left alone for a while. With two codes of a million right at a time, ten tries
/// an hour find one by luck once in more than five years.
pub const FAILURES_MAX: i64 = 10;
/// How long it is left alone.
pub const FAILURES_WINDOW: TimeDelta = TimeDelta::hours(1);
/// The mean radius of the earth.
const EARTH_M: f64 = 6_371_008.8;

/// Refuses to check somebody in before or after the time for it.
///
/// # Errors
/// `CHECK_IN_WINDOW`.
pub fn check_in_window(window: Window, now: DateTime<Utc>) -> Result<(), Refusal> {
    if (window.from - EARLY..window.to).contains(&now) {
        return Ok(());
    }
    let text = format!("one checks in from {} minutes before the shift until its end", EARLY.num_minutes());
    Err(Refusal::rule("CHECK_IN_WINDOW", text))
}

/// Refuses to check somebody out after the time for it.
///
/// # Errors
/// `CHECK_OUT_WINDOW`.
pub fn check_out_window(window: Window, now: DateTime<Utc>) -> Result<(), Refusal> {
    if now <= window.to + GRACE {
        return Ok(());
    }
    let text = format!(
        "one checks out until {} minutes after the shift; report the hours to have them reviewed",
        GRACE.num_minutes()
    );
    Err(Refusal::rule("CHECK_OUT_WINDOW", text))
}

/// The time that counts of somebody who was there: what of the shift lies between coming and leaving. None below a minute.
pub fn counted(window: Window, came: DateTime<Utc>, left: DateTime<Utc>) -> Option<Window> {
    let counted = Window { from: window.from.max(came), to: window.to.min(left) };
    (counted.to - counted.from >= TimeDelta::minutes(1)).then_some(counted)
}

/// Whole minutes of a window.
pub fn minutes(window: Window) -> u32 {
    u32::try_from((window.to - window.from).num_minutes()).unwrap_or(0)
}

/// The code that is shown at a shift, and when the next one is.
pub fn code(keyring: &Keyring, shift: Uuid, now: DateTime<Utc>) -> (String, DateTime<Utc>) {
    let step = now.timestamp().div_euclid(STEP_S);
    let next = DateTime::from_timestamp((step + 1) * STEP_S, 0).unwrap_or(now);
    (code_of_step(keyring, shift, step), next)
}

fn code_of_step(keyring: &Keyring, shift: Uuid, step: i64) -> String {
    let hash = keyring.index("volunteers check-in code", &format!("{shift}/{step}"));
    let [a, b, c, d, e, f, g, h, ..] = hash;
    let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % CODES;
    format!("{number:06}")
}

/// Whether somebody was shown this code at a shift now or a step ago. How long it takes tells nothing about the right one.
pub fn is_code(keyring: &Keyring, shift: Uuid, given: &str, now: DateTime<Utc>) -> bool {
    let step = now.timestamp().div_euclid(STEP_S);
    let matches = |step| code_of_step(keyring, shift, step).as_bytes().ct_eq(given.trim().as_bytes());
    (matches(step) | matches(step - 1)).into()
}

/// That too many codes were wrong.
pub fn too_many_attempts() -> Refusal {
    let message = "too many wrong codes; try again in an hour, or by place".into();
    Refusal { kind: Kind::Limit, reason: "TOO_MANY_ATTEMPTS", message }
}

/// Refuses somebody who is too far from a place.
///
/// # Errors
/// The activity has no point (`NO_PLACE`), or they are too far (`TOO_FAR`).
pub fn check_near(place: Option<(f64, f64)>, radius_m: u32, at: (f64, f64)) -> Result<(), Refusal> {
    let Some(place) = place else {
        return Err(Refusal::rule("NO_PLACE", "the activity has no point; use the code that is shown"));
    };
    if distance_m(place, at) <= f64::from(radius_m) {
        return Ok(());
    }
    Err(Refusal::rule("TOO_FAR", format!("more than {radius_m} m from the activity's place")))
}

/// The way along a great circle between two points given by latitude and longitude in degrees, metres.
pub fn distance_m(one: (f64, f64), other: (f64, f64)) -> f64 {
    let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let share =
        half(one.0, other.0) + one.0.to_radians().cos() * other.0.to_radians().cos() * half(one.1, other.1);
    2.0 * EARTH_M * share.sqrt().min(1.0).asin()
}
