//! Needs between messages and domain.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::code::{Code, Level};
use minqing_platform::named::{number, optional_number};
use minqing_platform::status::Violation;
use minqing_proto::registry::v1::Datum;
use minqing_proto::volunteers::v1 as proto;
use uuid::Uuid;

use super::{Faults, count, each, instant, name, optional_member, optional_named, text, timestamp};
use crate::domain::need::{Need, Recorded, Requirements, Risk, Window};

/// The most skills, and characters of one.
const SKILLS_MAX: usize = 20;
const SKILL_MAX: usize = 50;
/// The most windows.
const WINDOWS_MAX: usize = 20;
/// The longest window.
const WINDOW_MAX: TimeDelta = TimeDelta::days(31);
/// The most volunteers of one need.
const HEADCOUNT_MAX: i32 = 1_000;

/// Reads the name of a need (`needs/{uuid}`).
///
/// # Errors
/// The field is empty, or is no such name.
pub fn need_id(field: &str, text: &str) -> Result<Uuid, Violation> {
    let id = name(field, "needs", text)?;
    let wrong = || Violation::new(field, "INVALID_NAME", "must be of the form needs/{uuid}");
    let uuid = Uuid::parse_str(id).map_err(|_| wrong())?;
    // One need has one name.
    if uuid.to_string() == id { Ok(uuid) } else { Err(wrong()) }
}

/// Reads a post (`posts/x`), which may be left out; gives the last part of its name.
///
/// # Errors
/// It is no such name.
pub fn post(field: &str, text: &str) -> Result<Option<String>, Violation> {
    optional_named(field, "posts", text)
}

/// Reads skills.
///
/// # Errors
/// There are too many, one is empty or too long, or one is there twice.
pub fn skills(field: &str, given: &[String]) -> Result<Vec<String>, Violation> {
    count(field, given.len(), 0, SKILLS_MAX)?;
    let skills = each(field, given, |field, skill| text(field, skill, SKILL_MAX))?;
    for (index, skill) in skills.iter().enumerate() {
        if skills[..index].contains(skill) {
            let at = format!("{field}[{index}]");
            return Err(Violation::new(at, "DUPLICATE", "is there twice"));
        }
    }
    Ok(skills)
}

/// Reads windows.
///
/// # Errors
/// There are too many, or one does not end after it begins or is longer than 31 days.
pub fn windows(field: &str, given: &[proto::Window]) -> Result<Vec<Window>, Violation> {
    count(field, given.len(), 0, WINDOWS_MAX)?;
    each(field, given, window)
}

fn window(field: &str, given: &proto::Window) -> Result<Window, Violation> {
    let at = |part: &str| format!("{field}.{part}");
    let read = |part: &str, time: &Option<_>| {
        instant(&at(part), time.as_ref())?.ok_or_else(|| Violation::required(at(part)))
    };
    let from = read("start_time", &given.start_time)?;
    let to = read("end_time", &given.end_time)?;
    if to <= from || to - from > WINDOW_MAX {
        let text = "must lie after the start, by 31 days at most";
        return Err(Violation::new(at("end_time"), "INVALID_WINDOW", text));
    }
    Ok(Window { from, to })
}

/// Reads how many volunteers it takes; `None` when it is left out.
fn headcount(field: &str, given: i32) -> Result<Option<u32>, Violation> {
    if !(0..=HEADCOUNT_MAX).contains(&given) {
        return Err(Violation::new(field, "OUT_OF_RANGE", format!("must be 1 to {HEADCOUNT_MAX}")));
    }
    Ok(u32::try_from(given).ok().filter(|count| *count > 0))
}

/// Reads how risky it is, which may be left out.
///
/// # Errors
/// There is no such risk.
pub fn optional_risk(field: &str, given: i32) -> Result<Option<Risk>, Violation> {
    optional_member(field, given)
}

/// What a message says of what it takes, in the order of its fields.
pub struct Given<'a> {
    /// Before each field's name.
    pub prefix: &'a str,
    /// The post.
    pub post: &'a str,
    /// The skills.
    pub skills: &'a [String],
    /// How many.
    pub headcount: i32,
    /// When.
    pub windows: &'a [proto::Window],
    /// How risky.
    pub risk: i32,
}

/// Reads what it takes to serve a need; what is left out stays as it was.
pub fn requirements(faults: &mut Faults, given: &Given<'_>, was: &Requirements) -> Option<Requirements> {
    let at = |field: &str| format!("{}{field}", given.prefix);
    let post = faults.take(post(&at("post"), given.post));
    let skills = faults.take(skills(&at("skills"), given.skills));
    let headcount = faults.take(headcount(&at("headcount"), given.headcount));
    let windows = faults.take(windows(&at("windows"), given.windows));
    let risk = faults.take(optional_risk(&at("risk"), given.risk));
    Some(Requirements {
        post: post?.or_else(|| was.post.clone()),
        skills: Some(skills?).filter(|skills| !skills.is_empty()).unwrap_or_else(|| was.skills.clone()),
        headcount: headcount?.unwrap_or(was.headcount),
        windows: Some(windows?).filter(|windows| !windows.is_empty()).unwrap_or_else(|| was.windows.clone()),
        risk: risk?.unwrap_or(was.risk),
    })
}

/// A need as a message.
pub fn need(need: &Need) -> proto::Need {
    let position = need.place.position;
    proto::Need {
        name: format!("needs/{}", need.id),
        source: number(need.source),
        title: need.title.clone(),
        content: need.content.clone(),
        post: named("posts", need.requirements.post.as_deref()),
        skills: need.requirements.skills.clone(),
        headcount: i32::try_from(need.requirements.headcount).unwrap_or(i32::MAX),
        area: area(&need.place.code),
        latitude: position.map(|(latitude, _)| latitude),
        longitude: position.map(|(_, longitude)| longitude),
        datum: if position.is_some() { Datum::Wgs84.into() } else { 0 },
        address: need.place.address.clone(),
        windows: need.requirements.windows.iter().map(window_message).collect(),
        risk: number(need.requirements.risk),
        planner: named("teams", need.planner.as_deref()),
        status: number(need.status),
        team: named("teams", need.team.as_deref()),
        matching: named("matchings", need.matching.as_deref()),
        due_time: need.due.map(timestamp),
        answer: need.answer.clone().unwrap_or_default(),
        refusal: optional_number(need.refused),
        solved: need.solved,
        confirmed: need.confirmed,
        satisfaction: need.satisfaction.map_or(0, i32::from),
        assignment: need.assignment.clone().unwrap_or_default(),
        answer_refused: need.answer_refused.clone().unwrap_or_default(),
        declined_teams: need.declined.iter().map(|team| format!("teams/{team}")).collect(),
        create_time: Some(timestamp(need.create_time)),
        update_time: Some(timestamp(need.update_time)),
        etag: need.version.to_string(),
    }
}

/// Something that happened, as a message.
pub fn history_entry(recorded: &Recorded) -> proto::NeedHistoryEntry {
    use crate::domain::need::Event;
    let team = match &recorded.event {
        Event::Proposed { team, .. } => format!("teams/{team}"),
        _ => String::new(),
    };
    proto::NeedHistoryEntry {
        version: recorded.version,
        r#type: recorded.event.name().to_owned(),
        actor: recorded.by.clone(),
        occur_time: Some(timestamp(recorded.time)),
        text: recorded.event.text().to_owned(),
        team,
    }
}

fn window_message(window: &Window) -> proto::Window {
    let at = |instant: DateTime<Utc>| Some(timestamp(instant));
    proto::Window { start_time: at(window.from), end_time: at(window.to) }
}

fn named(collection: &str, id: Option<&str>) -> String {
    id.map_or_else(String::new, |id| format!("{collection}/{id}"))
}

fn area(code: &Code) -> String {
    let collection = if code.level() == Level::Grid { "grids" } else { "divisions" };
    format!("{collection}/{code}")
}
