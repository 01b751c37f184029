//! Activities and shifts between messages and domain.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use minqing_platform::field::{
    Faults, code, each, is_given, mask, name, optional_prose, optional_text, text, timestamp,
};
use minqing_platform::named::number;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use uuid::Uuid;

use crate::domain::activity::{Activity, Place, Plan, SHIFT_MAX, SHIFT_MIN, Shift, Window};

/// The most characters of each text.
const TITLE_MAX: usize = 100;
const DESCRIPTION_MAX: usize = 5_000;
const ADDRESS_MAX: usize = 200;
const SKILL_MAX: usize = 50;
/// The most skills of a shift.
const SKILLS_MAX: usize = 20;
/// How near somebody must be, metres: the least, the most, and when it is not said.
const RADIUS_M: (i32, i32, i32) = (20, 2_000, 200);
/// The longest notice, and when it is not said, minutes.
const NOTICE_MINUTES: (u32, u32) = (14 * 24 * 60, 24 * 60);
/// Places of a shift, and in its waiting list.
const CAPACITY_MAX: i32 = 10_000;
const WAITING_MAX: i32 = 20_000;
/// Who may wait for each place when it is not said.
const WAITING_A_PLACE: u32 = 20;

/// The fields of an activity that an update can change.
const CHANGEABLE: &[&str] = &[
    "title",
    "description",
    "division_code",
    "address",
    "latitude",
    "longitude",
    "radius_m",
    "needs_approval",
    "members_only",
    "drop_notice",
];

/// Reads an instant, cut to what the databases keep.
pub(super) fn instant(
    field: &str,
    time: Option<&prost_types::Timestamp>,
) -> Result<DateTime<Utc>, Violation> {
    let time = time.ok_or_else(|| Violation::required(field))?;
    let nanos = u32::try_from(time.nanos).ok();
    let instant = nanos.and_then(|nanos| DateTime::from_timestamp(time.seconds, nanos));
    let instant = instant.ok_or_else(|| Violation::new(field, "INVALID_TIME", "is no instant"))?;
    Ok(instant.trunc_subsecs(6))
}

/// Reads a UUID as names have it.
pub(super) fn uuid(field: &str, form: &str, text: &str) -> Result<Uuid, Violation> {
    // Only the form that names are given in: two names of one thing would be compared as different.
    let parsed = Uuid::try_parse(text).ok().filter(|uuid| uuid.to_string() == text);
    parsed.ok_or_else(|| Violation::new(field, "INVALID_NAME", format!("must be of the form {form}")))
}

/// Reads the name of an activity (`activities/{uuid}`).
///
/// # Errors
/// The field is empty, or is no such name.
pub fn activity_name(field: &str, text: &str) -> Result<Uuid, Violation> {
    uuid(field, "activities/{activity}", name(field, "activities", text)?)
}

/// Reads the name of a shift (`activities/{uuid}/shifts/{uuid}`); gives the activity and the shift.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn shift_name(field: &str, text: &str) -> Result<(Uuid, Uuid), Violation> {
    let form = "activities/{activity}/shifts/{shift}";
    let [activity, shift] = parts(field, form, ["activities", "shifts"], text)?;
    Ok((activity, shift))
}

/// Reads a name of several parts, each after the name of its collection.
pub(super) fn parts<const N: usize>(
    field: &str,
    form: &str,
    collections: [&str; N],
    text: &str,
) -> Result<[Uuid; N], Violation> {
    if text.is_empty() {
        return Err(Violation::required(field));
    }
    let fault = || Violation::new(field, "INVALID_NAME", format!("must be of the form {form}"));
    let mut ids = [Uuid::nil(); N];
    let mut rest = text.split('/');
    for (id, collection) in ids.iter_mut().zip(collections) {
        if rest.next() != Some(collection) {
            return Err(fault());
        }
        *id = uuid(field, form, rest.next().ok_or_else(fault)?)?;
    }
    if rest.next().is_none() { Ok(ids) } else { Err(fault()) }
}

/// Reads what of a new activity can change later.
///
/// # Errors
/// Every field that is not valid.
pub fn activity_plan(given: &proto::Activity) -> Result<Plan, Vec<Violation>> {
    let mut faults = Faults::default();
    let title = faults.take(text("activity.title", &given.title, TITLE_MAX));
    let description =
        faults.take(optional_prose("activity.description", &given.description, DESCRIPTION_MAX));
    let code = faults.take(code("activity.division_code", &given.division_code));
    let address = faults.take(optional_text("activity.address", &given.address, ADDRESS_MAX));
    let position = faults.take(position("activity", given.latitude, given.longitude));
    let radius_m = faults.take(radius(given.radius_m));
    let notice = faults.take(notice(given.drop_notice.as_ref()));
    let read = || {
        let place = Place { code: code?, address: address?, position: position?, radius_m: radius_m? };
        Some(Plan {
            title: title?,
            description: description?,
            place,
            needs_approval: given.needs_approval,
            members_only: given.members_only,
            drop_notice_minutes: notice?,
        })
    };
    faults.or(read())
}

/// Reads what changes of an activity: the plan as it is to be.
///
/// # Errors
/// The mask, or every field that is not valid.
pub fn activity_changes(
    given: &proto::Activity,
    paths: Option<&prost_types::FieldMask>,
    before: &Activity,
) -> Result<Plan, Vec<Violation>> {
    mask("update_mask", paths, CHANGEABLE).map_err(|wrong| vec![wrong])?;
    let stands = activity(before);
    let is = |field: &str, in_body: bool| is_given(paths, field, in_body);
    let mut whole = stands.clone();
    if is("title", !given.title.is_empty()) {
        whole.title.clone_from(&given.title);
    }
    if is("description", !given.description.is_empty()) {
        whole.description.clone_from(&given.description);
    }
    if is("division_code", !given.division_code.is_empty()) {
        whole.division_code.clone_from(&given.division_code);
    }
    if is("address", !given.address.is_empty()) {
        whole.address.clone_from(&given.address);
    }
    if is("latitude", given.latitude.is_some()) {
        whole.latitude = given.latitude;
    }
    if is("longitude", given.longitude.is_some()) {
        whole.longitude = given.longitude;
    }
    if is("radius_m", given.radius_m != 0) {
        whole.radius_m = given.radius_m;
    }
    if is("needs_approval", given.needs_approval) {
        whole.needs_approval = given.needs_approval;
    }
    if is("members_only", given.members_only) {
        whole.members_only = given.members_only;
    }
    if is("drop_notice", given.drop_notice.is_some()) {
        whole.drop_notice = given.drop_notice;
    }
    activity_plan(&whole)
}

/// Reads a point that may be left out; half a point may not.
pub(super) fn position(
    of: &str,
    latitude: Option<f64>,
    longitude: Option<f64>,
) -> Result<Option<(f64, f64)>, Violation> {
    match (latitude, longitude) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(Violation::required(format!("{of}.longitude"))),
        (None, Some(_)) => Err(Violation::required(format!("{of}.latitude"))),
        (Some(latitude), Some(longitude)) => point(of, latitude, longitude).map(Some),
    }
}

/// Reads a point.
pub(super) fn point(of: &str, latitude: f64, longitude: f64) -> Result<(f64, f64), Violation> {
    for (field, value, limit) in [("latitude", latitude, 90.0), ("longitude", longitude, 180.0)] {
        if !(-limit..=limit).contains(&value) {
            let text = format!("must be from -{limit} to {limit} degrees");
            return Err(Violation::new(format!("{of}.{field}"), "OUT_OF_RANGE", text));
        }
    }
    Ok((latitude, longitude))
}

fn radius(given: i32) -> Result<u32, Violation> {
    let (least, most, otherwise) = RADIUS_M;
    let radius = if given == 0 { otherwise } else { given };
    let fault = || {
        Violation::new("activity.radius_m", "OUT_OF_RANGE", format!("must be from {least} to {most} metres"))
    };
    u32::try_from(radius).ok().filter(|_| (least..=most).contains(&radius)).ok_or_else(fault)
}

fn notice(given: Option<&prost_types::Duration>) -> Result<u32, Violation> {
    let (most, otherwise) = NOTICE_MINUTES;
    let Some(given) = given else { return Ok(otherwise) };
    let minutes =
        u32::try_from(given.seconds / 60).ok().filter(|minutes| given.seconds >= 0 && *minutes <= most);
    let fault = || Violation::new("activity.drop_notice", "OUT_OF_RANGE", "must be from none to 14 days");
    minutes.ok_or_else(fault)
}

/// Reads a new shift of an activity.
///
/// # Errors
/// Every field that is not valid.
pub fn new_shift(activity: Uuid, given: &proto::Shift, now: DateTime<Utc>) -> Result<Shift, Vec<Violation>> {
    let mut faults = Faults::default();
    let window = faults.take(window(given));
    let capacity = faults.take(whole("shift.capacity", given.capacity, 1, CAPACITY_MAX));
    let waiting =
        given.waiting_max.map(|waiting| whole("shift.waiting_max", waiting, 0, WAITING_MAX)).transpose();
    let waiting = faults.take(waiting);
    let skills = faults.take(skills(&given.skills));
    let read = || {
        let capacity = capacity?;
        let usual = (capacity * WAITING_A_PLACE).min(WAITING_MAX.unsigned_abs());
        Some(Shift {
            id: Uuid::now_v7(),
            activity,
            window: window?,
            capacity,
            waiting_max: waiting?.unwrap_or(usual),
            skills: skills?,
            taken: 0,
            waiting: 0,
            line: 0,
            create_time: now,
        })
    };
    faults.or(read())
}

fn window(given: &proto::Shift) -> Result<Window, Violation> {
    let from = instant("shift.start_time", given.start_time.as_ref())?;
    let to = instant("shift.end_time", given.end_time.as_ref())?;
    if !(SHIFT_MIN..=SHIFT_MAX).contains(&(to - from)) {
        let text = "must be 15 minutes to 24 hours after the start";
        return Err(Violation::new("shift.end_time", "TIME_WINDOW", text));
    }
    Ok(Window { from, to })
}

fn whole(field: &str, given: i32, least: i32, most: i32) -> Result<u32, Violation> {
    let fault = || Violation::new(field, "OUT_OF_RANGE", format!("must be from {least} to {most}"));
    u32::try_from(given).ok().filter(|_| (least..=most).contains(&given)).ok_or_else(fault)
}

fn skills(given: &[String]) -> Result<Vec<String>, Violation> {
    minqing_platform::field::count("shift.skills", given.len(), 0, SKILLS_MAX)?;
    let mut skills = each("shift.skills", given, |field, skill| text(field, skill, SKILL_MAX))?;
    skills.sort();
    skills.dedup();
    Ok(skills)
}

/// An activity as a message.
pub fn activity(activity: &Activity) -> proto::Activity {
    let (plan, place) = (&activity.plan, &activity.plan.place);
    let notice = TimeDelta::minutes(plan.drop_notice_minutes.into());
    proto::Activity {
        name: format!("activities/{}", activity.id),
        team: format!("teams/{}", activity.team),
        post: format!("posts/{}", activity.post),
        need: activity.need.as_ref().map(|need| format!("needs/{need}")).unwrap_or_default(),
        title: plan.title.clone(),
        description: plan.description.clone(),
        division_code: place.code.to_string(),
        address: place.address.clone(),
        latitude: place.position.map(|(latitude, _)| latitude),
        longitude: place.position.map(|(_, longitude)| longitude),
        radius_m: i32::try_from(place.radius_m).unwrap_or(i32::MAX),
        needs_approval: plan.needs_approval,
        members_only: plan.members_only,
        drop_notice: Some(prost_types::Duration { seconds: notice.num_seconds(), nanos: 0 }),
        status: number(activity.status),
        cancel_reason: activity.cancel_reason.clone(),
        create_time: Some(timestamp(activity.create_time)),
        update_time: Some(timestamp(activity.update_time)),
        etag: activity.version.to_string(),
    }
}

/// A shift as a message.
pub fn shift(shift: &Shift) -> proto::Shift {
    let whole = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    proto::Shift {
        name: format!("activities/{}/shifts/{}", shift.activity, shift.id),
        start_time: Some(timestamp(shift.window.from)),
        end_time: Some(timestamp(shift.window.to)),
        capacity: whole(shift.capacity),
        waiting_max: Some(whole(shift.waiting_max)),
        skills: shift.skills.clone(),
        taken: whole(shift.taken),
        waiting: whole(shift.waiting),
        create_time: Some(timestamp(shift.create_time)),
    }
}
