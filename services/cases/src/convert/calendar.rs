//! Calendars between messages and domain.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::field::{
    Faults, count, date, is_given, mask, named, new_id, optional_text, text, timestamp,
};
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;

use crate::domain::calendar::hours::{Hours, PERIODS_MAX, Span, minute, time};
use crate::domain::calendar::national::{
    DAYS_MAX, Kind, NAME_MAX, Named, Notice, Wrong, belongs, read, year,
};
use crate::domain::calendar::record::{Changes, DISPLAY_NAME_MAX, New, Record};
use crate::domain::calendar::rules::{EXCEPTIONS_MAX, Exception, NOTE_MAX};
use crate::domain::calendar::{Calendar, Counted, Explanation, Limit, Reason};

/// The fields of a calendar that an update can change.
const CHANGEABLE: &[&str] = &["display_name", "organization", "weekly", "make_up_periods", "exceptions"];
/// The most characters of a notice's address.
const SOURCE_MAX: usize = 500;
/// The longest limits: some years, beyond which nothing is published. Working days, working minutes, minutes.
const LIMITS_MAX: [u32; 3] = [1_000, 500_000, 2_000_000];

/// A version of a calendar as a message.
pub fn calendar(record: Record, compiled: &Calendar) -> proto::Calendar {
    let facts = record.facts;
    let weekly = facts.rules.weekly.iter().zip(1..).filter(|(hours, _)| !hours.is_closed());
    let exception = |(date, exception): (&NaiveDate, &Exception)| proto::CalendarException {
        date: date.to_string(),
        periods: periods(&exception.hours),
        note: exception.note.clone(),
    };
    proto::Calendar {
        name: format!("calendars/{}", record.reference.id),
        display_name: facts.display_name,
        organization: facts.organization.map(|id| format!("organizations/{id}")).unwrap_or_default(),
        weekly: weekly
            .map(|(hours, weekday)| proto::WeekdayHours { weekday, periods: periods(hours) })
            .collect(),
        make_up_periods: facts.rules.make_up.as_ref().map(periods).unwrap_or_default(),
        exceptions: facts.rules.exceptions.iter().map(exception).collect(),
        works_on_holidays: !facts.rules.national,
        known_years: compiled.years().collect(),
        version: record.reference.version,
        create_time: Some(timestamp(record.create_time)),
        update_time: Some(timestamp(record.update_time)),
        etag: record.reference.version.to_string(),
    }
}

fn periods(hours: &Hours) -> Vec<proto::WorkingPeriod> {
    let period =
        |span: &Span| proto::WorkingPeriod { start_time: time(span.start_min), end_time: time(span.end_min) };
    hours.spans().iter().map(period).collect()
}

/// Reads the name of a calendar (`calendars/x`); gives its last part.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn calendar_name(field: &str, text: &str) -> Result<String, Violation> {
    named(field, "calendars", text)
}

/// Reads a version, which may be left out.
///
/// # Errors
/// It is negative.
pub fn calendar_version(field: &str, version: i64) -> Result<Option<i64>, Violation> {
    match version {
        0 => Ok(None),
        1.. => Ok(Some(version)),
        _ => Err(Violation::new(field, "INVALID_VERSION", "versions begin with 1")),
    }
}

/// Reads whose calendar it is; nobody's in particular when left out.
///
/// # Errors
/// It is no organization's name.
pub fn calendar_organization(field: &str, text: &str) -> Result<Option<String>, Violation> {
    (!text.is_empty()).then(|| named(field, "organizations", text)).transpose()
}

fn hours(field: &str, given: &[proto::WorkingPeriod]) -> Result<Hours, Violation> {
    count(field, given.len(), 0, PERIODS_MAX)?;
    let of_day = |field: String, text: &str| {
        let fault = "must be a time of the day from 00:00 to 24:00, such as 09:00";
        minute(text).ok_or_else(|| Violation::new(field, "INVALID_TIME", fault))
    };
    let spans = given.iter().enumerate().map(|(place, period)| {
        let start_min = of_day(format!("{field}[{place}].start_time"), &period.start_time)?;
        let end_min = of_day(format!("{field}[{place}].end_time"), &period.end_time)?;
        Ok(Span { start_min, end_min })
    });
    Hours::new(spans.collect::<Result<_, Violation>>()?)
        .map_err(|fault| Violation::new(field, fault.reason(), fault))
}

fn weekly(field: &str, given: &[proto::WeekdayHours]) -> Result<[Hours; 7], Violation> {
    let mut week: [Option<Hours>; 7] = Default::default();
    for (place, day) in given.iter().enumerate() {
        let at = format!("{field}[{place}]");
        let weekday = usize::try_from(day.weekday).ok().and_then(|number| number.checked_sub(1));
        let slot = weekday.and_then(|weekday| week.get_mut(weekday));
        let slot =
            slot.ok_or_else(|| Violation::new(format!("{at}.weekday"), "INVALID_ENUM", "must be a weekday"))?;
        if slot.is_some() {
            return Err(Violation::new(format!("{at}.weekday"), "WEEKDAY_TWICE", "stands twice"));
        }
        *slot = Some(hours(&format!("{at}.periods"), &day.periods)?);
    }
    Ok(week.map(Option::unwrap_or_default))
}

fn make_up(field: &str, given: &[proto::WorkingPeriod]) -> Result<Option<Hours>, Violation> {
    Ok(Some(hours(field, given)?).filter(|hours| !hours.is_closed()))
}

fn exceptions(
    field: &str,
    given: &[proto::CalendarException],
) -> Result<BTreeMap<NaiveDate, Exception>, Violation> {
    count(field, given.len(), 0, EXCEPTIONS_MAX)?;
    let mut exceptions = BTreeMap::new();
    for (place, one) in given.iter().enumerate() {
        let at = |name: &str| format!("{field}[{place}].{name}");
        let day = date(&at("date"), &one.date)?.ok_or_else(|| Violation::required(at("date")))?;
        let hours = hours(&at("periods"), &one.periods)?;
        let note = optional_text(&at("note"), &one.note, NOTE_MAX)?;
        if exceptions.insert(day, Exception { hours, note }).is_some() {
            return Err(Violation::new(at("date"), "DATE_TWICE", format!("{day} stands twice")));
        }
    }
    Ok(exceptions)
}

/// Reads a calendar that is to be made.
///
/// # Errors
/// Every field that is not valid.
pub fn new_calendar(request: &proto::CreateCalendarRequest) -> Result<New, Vec<Violation>> {
    let given = request.calendar.as_ref().ok_or_else(|| vec![Violation::required("calendar")])?;
    let mut faults = Faults::default();
    let id = faults.take(new_id("calendar_id", &request.calendar_id));
    let name = faults.take(text("calendar.display_name", &given.display_name, DISPLAY_NAME_MAX));
    let organization = faults.take(calendar_organization("calendar.organization", &given.organization));
    let weekly = faults.take(weekly("calendar.weekly", &given.weekly));
    let make_up = faults.take(make_up("calendar.make_up_periods", &given.make_up_periods));
    let exceptions = faults.take(exceptions("calendar.exceptions", &given.exceptions));
    let read = || {
        Some(New {
            id: id?,
            display_name: name?,
            organization: organization?,
            weekly: Some(weekly?).filter(|_| !given.weekly.is_empty()),
            make_up: make_up?.map(Some),
            exceptions: exceptions?,
            national: !given.works_on_holidays,
        })
    };
    faults.or(read())
}

/// Reads what an update changes.
///
/// # Errors
/// The mask names another field, or a field that changes is not valid.
pub fn calendar_changes(
    given: &proto::Calendar,
    update: Option<&prost_types::FieldMask>,
) -> Result<Changes, Vec<Violation>> {
    mask("update_mask", update, CHANGEABLE).map_err(|fault| vec![fault])?;
    let mut faults = Faults::default();
    let mut changes = Changes::default();
    if is_given(update, "display_name", !given.display_name.is_empty()) {
        let name = text("calendar.display_name", &given.display_name, DISPLAY_NAME_MAX);
        changes.display_name = faults.take(name);
    }
    if is_given(update, "organization", !given.organization.is_empty()) {
        let organization = calendar_organization("calendar.organization", &given.organization);
        changes.organization = faults.take(organization);
    }
    if is_given(update, "weekly", !given.weekly.is_empty()) {
        changes.weekly = faults.take(weekly("calendar.weekly", &given.weekly));
    }
    if is_given(update, "make_up_periods", !given.make_up_periods.is_empty()) {
        changes.make_up = faults.take(make_up("calendar.make_up_periods", &given.make_up_periods));
    }
    if is_given(update, "exceptions", !given.exceptions.is_empty()) {
        changes.exceptions = faults.take(exceptions("calendar.exceptions", &given.exceptions));
    }
    faults.or(Some(changes))
}

/// Reads a year's notice: its days, or a file of them.
///
/// # Errors
/// Every line or day that is not valid. A notice without days is none: every year has days off.
pub fn notice(request: &proto::ImportHolidaysRequest) -> Result<Notice, Vec<Violation>> {
    let mut faults = Faults::default();
    let source = faults.take(optional_text("source", &request.source, SOURCE_MAX));
    let Some(year) = faults.take(year("year", request.year)) else { return faults.or(None) };
    let days = match (request.days.is_empty(), request.content.is_empty()) {
        (true, true) => Err(vec![Violation::required("days")]),
        (false, false) => Err(vec![Violation::new("content", "EITHER_OR", "give days or a file, not both")]),
        (false, true) => named_days(year, &request.days),
        (true, false) => file(year, &request.content),
    };
    let days = days.map_err(|violations| faults.extend(violations)).ok();
    let read = || Some(Notice { year, source: source?, days: days? });
    faults.or(read())
}

fn file(year: i32, content: &[u8]) -> Result<Vec<Named>, Vec<Violation>> {
    let days = read(year, content).map_err(|faults| {
        let violation = |fault: crate::domain::calendar::national::Fault| {
            let column =
                if fault.column.is_empty() { String::new() } else { format!(", column {}", fault.column) };
            let text = format!("line {}{column}: {}", fault.line, fault.message);
            Violation::new("content", fault.reason, text)
        };
        faults.into_iter().map(violation).collect::<Vec<_>>()
    })?;
    if days.is_empty() {
        return Err(vec![Violation::new("content", "NO_DAYS", "a notice names at least one day")]);
    }
    Ok(days)
}

fn named_days(year: i32, given: &[proto::NationalDay]) -> Result<Vec<Named>, Vec<Violation>> {
    count("days", given.len(), 1, DAYS_MAX).map_err(|fault| vec![fault])?;
    let mut faults = Faults::default();
    let mut days: BTreeMap<NaiveDate, Named> = BTreeMap::new();
    for (place, one) in given.iter().enumerate() {
        let at = |name: &str| format!("days[{place}].{name}");
        let day =
            date(&at("date"), &one.date).and_then(|day| day.ok_or_else(|| Violation::required(at("date"))));
        let name = faults.take(text(&at("display_name"), &one.display_name, NAME_MAX));
        let (Some(date), Some(name)) = (faults.take(day), name) else { continue };
        let kind = if one.make_up { Kind::MakeUp } else { Kind::Off };
        if !belongs(year, date) {
            let wrong = Wrong::OutsideYear;
            faults.extend(vec![Violation::new(at("date"), wrong.reason(), wrong)]);
        } else if days.insert(date, Named { date, name, kind }).is_some() {
            faults.extend(vec![Violation::new(at("date"), Wrong::Twice.reason(), Wrong::Twice)]);
        }
    }
    faults.or(Some(days.into_values().collect()))
}

/// Reads when a limit begins.
///
/// # Errors
/// It is left out, or lies beyond the years 1 to 9999 that a timestamp has.
pub fn start(field: &str, given: Option<prost_types::Timestamp>) -> Result<DateTime<Utc>, Violation> {
    let given = given.ok_or_else(|| Violation::required(field))?;
    let fault = || Violation::new(field, "INVALID_TIME", "must lie in the years 1 to 9999");
    let nanos = u32::try_from(given.nanos).map_err(|_| fault())?;
    let instant = DateTime::from_timestamp(given.seconds, nanos).ok_or_else(fault)?;
    let years = chrono::Datelike::year(&instant);
    if (1..=9_999).contains(&years) { Ok(instant) } else { Err(fault()) }
}

/// Reads the one limit that a request must give.
///
/// # Errors
/// None or several are given, or the one lies outside its bounds.
pub fn limit(request: &proto::ComputeDeadlineRequest) -> Result<Limit, Violation> {
    let given = [
        ("working_days", request.working_days),
        ("working_minutes", request.working_minutes),
        ("minutes", request.minutes),
    ];
    let mut limits =
        given.into_iter().zip(LIMITS_MAX).filter_map(|((name, value), max)| Some((name, value?, max)));
    let one = "give exactly one of working_days, working_minutes and minutes";
    let (name, value, max) =
        limits.next().ok_or_else(|| Violation::new("working_days", "REQUIRED_FIELD", one))?;
    if let Some((second, ..)) = limits.next() {
        return Err(Violation::new(second, "SEVERAL_LIMITS", one));
    }
    let value = u32::try_from(value).ok().filter(|value| (1..=max).contains(value));
    let value =
        value.ok_or_else(|| Violation::new(name, "OUT_OF_RANGE", format!("must be from 1 to {max}")))?;
    Ok(match name {
        "working_days" => Limit::WorkingDays(value),
        "working_minutes" => Limit::WorkingMinutes(value),
        _ => Limit::Minutes(value),
    })
}

/// When a limit ends, and why then, as a message.
pub fn deadline(calendar: &Calendar, explanation: Explanation) -> proto::ComputeDeadlineResponse {
    proto::ComputeDeadlineResponse {
        deadline: Some(timestamp(explanation.deadline)),
        calendar: format!("calendars/{}", calendar.reference().id),
        version: calendar.reference().version,
        counted_days_count: i32::try_from(explanation.counted).unwrap_or(i32::MAX),
        skipped_days_count: i32::try_from(explanation.skipped).unwrap_or(i32::MAX),
        days: explanation.days.into_iter().map(deadline_day).collect(),
    }
}

fn deadline_day(day: Counted) -> proto::DeadlineDay {
    let reason = match (day.reason, day.open) {
        (None, _) => proto::DayReason::Start,
        (Some(Reason::Weekday), true) => proto::DayReason::WorkingDay,
        (Some(Reason::Weekday), false) => proto::DayReason::Weekend,
        (Some(Reason::Holiday), _) => proto::DayReason::Holiday,
        (Some(Reason::MakeUp), _) => proto::DayReason::MakeUp,
        (Some(Reason::Exception), true) => proto::DayReason::OwnHours,
        (Some(Reason::Exception), false) => proto::DayReason::OwnClosure,
    };
    proto::DeadlineDay {
        date: day.date.to_string(),
        reason: reason.into(),
        display_name: day.name,
        counts: day.counts,
        working_minutes: i32::try_from(day.working.num_minutes()).unwrap_or(i32::MAX),
    }
}
