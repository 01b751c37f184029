//! Items of the service catalogue (办事事项) and the rules by which they begin, change and end.

pub mod field;
pub mod text;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Refusal;
use minqing_platform::period::Period;
use serde::{Deserialize, Serialize};

use super::calendar::Limit;
use super::case::CaseType;
use minqing_platform::named::named;

/// Minutes of working time that a working day has at least, where a promise and a statutory limit are compared that are in
/// different units: half a day. Calendars differ (China's own has seven hours and a half), and this must hold for all.
const WORKING_DAY_MINUTES: u64 = 4 * 60;
/// Minutes of a day by the clock.
const DAY_MINUTES: u64 = 24 * 60;

named! {
    /// Where an item is handled.
    Level {
        /// The city's administrative service centre (行政服务中心).
        City = "city",
        /// A town's convenience service centre (便民服务中心).
        Town = "town",
        /// A village's service centre (村级便民服务站).
        Village = "village",
    }
}

/// A document to bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What it is.
    pub name: String,
    /// Whether the item cannot be handled without it.
    pub required: bool,
    /// What is good to know about it.
    pub note: String,
}

/// An item, in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The last part of its name.
    pub id: String,
    /// Where it is offered, with all that lies in it.
    pub division: Code,
    /// What can change.
    pub facts: Facts,
    /// The days in force.
    pub effective: Period,
    /// 1, and one more with each change, the end included.
    pub version: i64,
    /// When the first version was made.
    pub create_time: DateTime<Utc>,
    /// When this version was made.
    pub update_time: DateTime<Utc>,
}

/// What can change of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What it is called.
    pub display_name: String,
    /// The department that answers for it (`organizations/x`).
    pub department: String,
    /// Where it is handled; sorted, at least one.
    pub levels: Vec<Level>,
    /// The types of case it serves; sorted, every type when empty.
    pub case_types: Vec<CaseType>,
    /// How soon the department promises to be done (承诺时限).
    pub promised: Limit,
    /// How soon the law asks it to be done (法定时限).
    pub statutory: Option<Limit>,
    /// The function by which the organization that handles a case is found for its place; cases go to the department
    /// when empty.
    pub function: String,
    /// The id of the calendar by which its limits run.
    pub calendar: String,
    /// What to bring.
    pub documents: Vec<Document>,
    /// On which grounds.
    pub legal_basis: Vec<String>,
    /// Other words by which people look for it; sorted.
    pub keywords: Vec<String>,
}

/// An item that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    /// The last part of its name.
    pub id: String,
    /// Where it is offered.
    pub division: Code,
    /// What can change of it later.
    pub facts: Facts,
    /// The days in force.
    pub effective: Period,
}

/// The part of [`Facts`] that an update gives; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The name.
    pub display_name: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The levels.
    pub levels: Option<Vec<Level>>,
    /// The types of case.
    pub case_types: Option<Vec<CaseType>>,
    /// The promised limit.
    pub promised: Option<Limit>,
    /// The statutory limit; `Some(None)` takes it away.
    pub statutory: Option<Option<Limit>>,
    /// The function.
    pub function: Option<String>,
    /// The calendar.
    pub calendar: Option<String>,
    /// The documents.
    pub documents: Option<Vec<Document>>,
    /// The grounds.
    pub legal_basis: Option<Vec<String>>,
    /// The keywords.
    pub keywords: Option<Vec<String>>,
}

impl Changes {
    /// The facts after the change.
    pub fn applied(self, facts: &Facts) -> Facts {
        let facts = facts.clone();
        Facts {
            display_name: self.display_name.unwrap_or(facts.display_name),
            department: self.department.unwrap_or(facts.department),
            levels: self.levels.unwrap_or(facts.levels),
            case_types: self.case_types.unwrap_or(facts.case_types),
            promised: self.promised.unwrap_or(facts.promised),
            statutory: self.statutory.unwrap_or(facts.statutory),
            function: self.function.unwrap_or(facts.function),
            calendar: self.calendar.unwrap_or(facts.calendar),
            documents: self.documents.unwrap_or(facts.documents),
            legal_basis: self.legal_basis.unwrap_or(facts.legal_basis),
            keywords: self.keywords.unwrap_or(facts.keywords),
        }
    }
}

impl Item {
    /// The first version of an item.
    pub fn begun(new: &NewItem, now: DateTime<Utc>) -> Self {
        Self {
            id: new.id.clone(),
            division: new.division.clone(),
            facts: new.facts.clone(),
            effective: new.effective,
            version: 1,
            create_time: now,
            update_time: now,
        }
    }

    /// The next version, with other facts or another end.
    ///
    /// # Errors
    /// It has ended, the promise is longer than the law allows, or it would end before it begins.
    pub fn next(&self, facts: Facts, to: Option<NaiveDate>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let id = &self.id;
        if let Some(to) = self.effective.to {
            return Err(Refusal::rule("ALREADY_ENDED", format!("item {id} ended on {to}")));
        }
        let effective = Period { to, ..self.effective };
        if effective.is_empty() {
            let from = effective.from;
            return Err(Refusal::rule("ENDS_BEFORE_IT_BEGINS", format!("item {id} begins on {from}")));
        }
        promise_holds(&facts)?;
        Ok(Self { facts, effective, version: self.version + 1, update_time: now, ..self.clone() })
    }
}

/// A promise must not be longer than the law allows.
///
/// # Errors
/// `PROMISE_EXCEEDS_STATUTE`: it is longer, or may be by some calendar.
pub fn promise_holds(facts: &Facts) -> Result<(), Refusal> {
    match facts.statutory {
        Some(statutory) if !surely_within(facts.promised, statutory) => {
            let (promised, statutory) = (text::limit(facts.promised), text::limit(statutory));
            let message = format!("a promise of {promised} may be longer than the statutory {statutory}");
            Err(Refusal::rule("PROMISE_EXCEEDS_STATUTE", message))
        }
        _ => Ok(()),
    }
}

/// Whether one limit ends no later than another whenever both begin together, by every calendar whose working days have
/// [`WORKING_DAY_MINUTES`] or more. Where that cannot be told it is false: the law is not to be outlasted by accident.
fn surely_within(promised: Limit, statutory: Limit) -> bool {
    use Limit::{Minutes, WorkingDays, WorkingMinutes};
    let days = |days: u32, minutes: u64| u64::from(days) * minutes;
    match (promised, statutory) {
        (WorkingDays(one), WorkingDays(other))
        | (WorkingMinutes(one), WorkingMinutes(other))
        | (Minutes(one), Minutes(other))
        // A minute of working time takes a minute by the clock at least.
        | (Minutes(one), WorkingMinutes(other)) => one <= other,
        // A limit of working days ends with the last of them, which is whole: so much working time passes at least.
        (WorkingMinutes(minutes), WorkingDays(other)) => u64::from(minutes) <= days(other, WORKING_DAY_MINUTES),
        (Minutes(minutes), WorkingDays(other)) => {
            u64::from(minutes) <= days(other.saturating_sub(1), DAY_MINUTES) + WORKING_DAY_MINUTES
        }
        // The rest of the first day, and then the whole days, whose length nobody knows here.
        (WorkingDays(_), WorkingMinutes(_))
        // A night, or a week of holidays, may lie in between.
        | (WorkingDays(_) | WorkingMinutes(_), Minutes(_)) => false,
    }
}

#[cfg(test)]
pub mod tests;
