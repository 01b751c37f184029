//! Cases between messages and domain.

use minqing_platform::code::{Code, Level};
use minqing_platform::mask::{mask_name, mask_phone};
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use minqing_proto::registry::v1::Datum;

use super::{name, timestamp};
use crate::domain::calendar::{Calendar, Limit};
use crate::domain::case::{Anonymity, Callback, Case, Question, Recorded, Reply, Sight, case_due, next_due};
use crate::domain::similar::Match;
use minqing_platform::named::{number, optional_number};

/// The most of each unit of a limit.
const LIMIT_MAX: [(i32, &str); 3] = [(60, "working_days"), (28_800, "working_minutes"), (129_600, "minutes")];

/// Who raised a case, opened.
#[derive(Debug, Clone, Default)]
pub struct OpenReporter {
    /// The name.
    pub name: String,
    /// The telephone number.
    pub phone: String,
    /// Who speaks for them.
    pub proxy: String,
}

impl OpenReporter {
    /// As it is shown to those who need not know.
    pub fn masked(&self) -> proto::Reporter {
        proto::Reporter {
            display_name: mask_name(&self.name),
            phone: mask_phone(&self.phone),
            proxy: self.proxy.clone(),
        }
    }

    /// As it is revealed.
    pub fn revealed(self) -> proto::Reporter {
        proto::Reporter { display_name: self.name, phone: self.phone, proxy: self.proxy }
    }
}

/// Reads the name of a case (`cases/202603021234567890`); gives its number.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn case_number<'a>(field: &str, text: &'a str) -> Result<&'a str, Violation> {
    let number = name(field, "cases", text)?;
    if number.len() <= 32 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(number);
    }
    Err(Violation::new(field, "INVALID_NAME", "must be of the form cases/{number}, the number all digits"))
}

/// Reads a limit.
///
/// # Errors
/// None of the three is given, or it is out of range.
pub fn case_limit(field: &str, limit: &proto::Limit) -> Result<Limit, Violation> {
    use proto::limit::Limit as Given;
    let (given, place) = match limit.limit {
        None => return Err(Violation::required(field)),
        Some(Given::WorkingDays(days)) => (days, 0),
        Some(Given::WorkingMinutes(minutes)) => (minutes, 1),
        Some(Given::Minutes(minutes)) => (minutes, 2),
    };
    let (max, unit) = LIMIT_MAX[place];
    let value = u32::try_from(given).ok().filter(|_| (1..=max).contains(&given)).ok_or_else(|| {
        Violation::new(format!("{field}.{unit}"), "OUT_OF_RANGE", format!("must be 1 to {max}"))
    })?;
    Ok([Limit::WorkingDays, Limit::WorkingMinutes, Limit::Minutes][place](value))
}

/// A limit as a message.
pub fn limit_message(limit: Limit) -> proto::Limit {
    use proto::limit::Limit as Given;
    let whole = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let limit = match limit {
        Limit::WorkingDays(days) => Given::WorkingDays(whole(days)),
        Limit::WorkingMinutes(minutes) => Given::WorkingMinutes(whole(minutes)),
        Limit::Minutes(minutes) => Given::Minutes(whole(minutes)),
    };
    proto::Limit { limit: Some(limit) }
}

/// A case as a message, as far as somebody may see it.
pub fn case(case: &Case, calendar: &Calendar, sight: Sight, reporter: Option<&OpenReporter>) -> proto::Case {
    let next = next_due(case, calendar).ok().flatten();
    let due = case_due(case, calendar).ok().flatten();
    let first_asked = case.owners.first().map(|held| held.by.name.clone()).unwrap_or_default();
    // The name of whoever raised it themselves is not told as the one who was asked first.
    let position = case.place.position;
    proto::Case {
        name: format!("cases/{}", case.number),
        r#type: number(case.kind),
        first_type: number(case.first_kind),
        pending_type: optional_number(case.retype.as_ref().map(|retype| retype.to)),
        door: number(case.door),
        priority: number(case.priority),
        title: case.title.clone(),
        content: case.content.clone(),
        area: area(case),
        latitude: position.map(|(latitude, _)| latitude),
        longitude: position.map(|(_, longitude)| longitude),
        datum: if position.is_some() { Datum::Wgs84.into() } else { 0 },
        address: case.place.address.clone(),
        item: case.item.as_ref().map(|item| item.name.clone()).unwrap_or_default(),
        anonymity: number(case.identity.anonymity),
        reporter: reporter
            .filter(|_| sight == Sight::Whole && case.identity.anonymity != Anonymity::Anonymous)
            .map(OpenReporter::masked),
        against: case.against.clone(),
        origin: case.origin.clone().unwrap_or_default(),
        status: number(case.status),
        owner: case.owner.name.clone(),
        owner_organization: case.owner.organization.clone().unwrap_or_default(),
        first_asked,
        calendar: case.calendar.as_ref().map(|kept| format!("calendars/{}", kept.id)).unwrap_or_default(),
        calendar_version: case.calendar.as_ref().map_or(0, |kept| kept.version),
        limit: case.limit.map(limit_message),
        due_time: due.map(timestamp),
        next_clock: optional_number(next.map(|due| due.clock)),
        next_due_time: next.map(|due| timestamp(due.at)),
        round: i32::try_from(case.round).unwrap_or(i32::MAX),
        bounces: i32::try_from(case.bounces).unwrap_or(i32::MAX),
        replies: case.replies.iter().map(reply).collect(),
        questions: case.questions.iter().map(|asked| question(case, asked)).collect(),
        callbacks: case.callbacks.iter().map(callback).collect(),
        merged: case.merged.iter().map(|number| format!("cases/{number}")).collect(),
        continued: case.continued.iter().map(|number| format!("cases/{number}")).collect(),
        create_time: Some(timestamp(case.create_time)),
        update_time: Some(timestamp(case.update_time)),
        resolve_time: case.resolve_time.map(timestamp),
        close_time: case.close_time.map(timestamp),
        etag: case.version.to_string(),
        // Only who asks for one case is told its files.
        attachments: Vec::new(),
    }
}

/// A case as whoever raised it sees it. `other` is the case in which it is carried on: what is said there is said here.
pub fn tracked(case: &Case, calendar: &Calendar, other: Option<&Case>) -> proto::TrackedCase {
    let replies = case.replies.iter().chain(other.iter().flat_map(|other| &other.replies));
    proto::TrackedCase {
        name: format!("cases/{}", case.number),
        r#type: number(case.kind),
        title: case.title.clone(),
        status: number(case.status),
        owner_organization: case.owner.organization.clone().unwrap_or_default(),
        due_time: case_due(case, calendar).ok().flatten().map(timestamp),
        replies: replies
            // An officer answers for their office; whoever raised it need not know them by name.
            .map(|told| proto::CaseReply { author: String::new(), ..reply(told) })
            .collect(),
        questions: case.questions.iter().map(|asked| question(case, asked)).collect(),
        callbacks: case
            .callbacks
            .iter()
            .map(|told| proto::CaseCallback { author: String::new(), ..callback(told) })
            .collect(),
        continued: case.continued.iter().map(|number| format!("cases/{number}")).collect(),
        create_time: Some(timestamp(case.create_time)),
        update_time: Some(timestamp(case.update_time)),
        close_time: case.close_time.map(timestamp),
    }
}

/// Something that happened, as a message.
pub fn history_entry(number: &str, recorded: &Recorded) -> proto::CaseHistoryEntry {
    proto::CaseHistoryEntry {
        version: recorded.version,
        r#type: recorded.event.name().to_owned(),
        actor: recorded.by.name.clone(),
        organization: recorded.by.organization.clone().unwrap_or_default(),
        assignment: recorded
            .event
            .assignment()
            .map(|id| format!("cases/{number}/assignments/{id}"))
            .unwrap_or_default(),
        create_time: Some(timestamp(recorded.time)),
    }
}

/// A case that may be about the same matter, as a message.
pub fn similar_case(found: &Match<'_>) -> proto::SimilarCase {
    let case = found.case;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "two points on Earth are at most 20,020,000 metres apart"
    )]
    let metres = |distance: f64| distance.round() as i32;
    proto::SimilarCase {
        case: format!("cases/{}", case.number),
        r#type: number(case.kind),
        title: case.title.clone(),
        status: number(case.status),
        area: area(case),
        owner_organization: case.owner.organization.clone().unwrap_or_default(),
        create_time: Some(timestamp(case.create_time)),
        score: found.score,
        common_words: found.common_words.clone(),
        common_area: found.common_area.as_ref().map(area_name).unwrap_or_default(),
        distance_m: found.distance_m.map(metres),
        age_hours: i32::try_from(found.age.num_hours()).unwrap_or(i32::MAX),
    }
}

fn area(case: &Case) -> String {
    area_name(&case.place.code)
}

fn area_name(code: &Code) -> String {
    let collection = if code.level() == Level::Grid { "grids" } else { "divisions" };
    format!("{collection}/{code}")
}

fn reply(reply: &Reply) -> proto::CaseReply {
    proto::CaseReply {
        author: reply.by.name.clone(),
        organization: reply.by.organization.clone().unwrap_or_default(),
        text: reply.text.clone(),
        create_time: Some(timestamp(reply.time)),
    }
}

fn question(case: &Case, question: &Question) -> proto::CaseQuestion {
    let organization = case.assignment(question.assignment).map(|part| part.organization.clone());
    proto::CaseQuestion {
        organization: organization.unwrap_or_default(),
        text: question.text.clone(),
        create_time: Some(timestamp(question.time)),
        answer: question.answer.clone(),
    }
}

fn callback(callback: &Callback) -> proto::CaseCallback {
    proto::CaseCallback {
        author: callback.by.name.clone(),
        reached: callback.reached,
        solved: callback.solved,
        satisfaction: optional_number(callback.satisfied),
        handled: optional_number(callback.with),
        note: callback.note.clone(),
        create_time: Some(timestamp(callback.time)),
    }
}
