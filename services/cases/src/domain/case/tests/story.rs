//! A case that goes its way, told step by step.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::error::Refusal;

use super::super::*;
use crate::domain::calendar::{self, Calendar, Limit, National, Rules, national};

/// The units that the stories know, beside the centre.
pub const WATER: &str = "organizations/water";
pub const ROADS: &str = "organizations/roads";
pub const PARKS: &str = "organizations/parks";
const CENTRE: &str = "organizations/centre";

/// An officer of an organization.
pub fn officer(name: &str, organization: &str) -> Party {
    Party { name: format!("people/{name}"), organization: Some(organization.to_owned()) }
}

/// Who dispatches at the centre.
pub fn clerk() -> Party {
    officer("clerk", CENTRE)
}

/// Another one at the centre.
pub fn chief() -> Party {
    officer("chief", CENTRE)
}

/// Who works for a unit.
pub fn worker(unit: &str) -> Party {
    officer(&unit.replace("organizations/", "of-"), unit)
}

/// An instant as the clock on a wall in China shows it: `2026-03-02 11:30`.
pub fn at(text: &str) -> DateTime<Utc> {
    format!("{}:00+08:00", text.replace(' ', "T")).parse().unwrap()
}

/// An instant as the clock on a wall in China shows it.
pub fn wall(instant: DateTime<Utc>) -> String {
    let china = chrono::FixedOffset::east_opt(8 * 3_600).unwrap();
    instant.with_timezone(&china).format("%Y-%m-%d %H:%M").to_string()
}

/// The calendar of China with the days that the program carries, as a version of it.
pub fn china(version: i64) -> Calendar {
    let national = National::new(national::carried().to_vec());
    let reference = calendar::Ref { id: calendar::CHINA.into(), version };
    Calendar::new(reference, Rules::china(), Arc::new(national))
}

/// Compiled once: every story begins with it.
static CHINA: LazyLock<Arc<Calendar>> = LazyLock::new(|| Arc::new(china(1)));

/// A case as it is raised by telephone.
pub fn submission(kind: CaseType) -> Submission {
    Submission {
        number: "20260302000000017".into(),
        kind,
        door: Door::Hotline,
        priority: Priority::Ordinary,
        title: "路灯不亮".into(),
        content: String::new(),
        place: Place { code: "321181100201".parse().unwrap(), position: None, address: String::new() },
        item: None,
        identity: Identity { anonymity: Anonymity::Open, person: None, by_proxy: false },
        against: Vec::new(),
        origin: None,
        first_asked: officer("operator", CENTRE),
        calendar: calendar::Ref { id: calendar::CHINA.into(), version: 1 },
    }
}

/// A unit that leads, with the limit of the case.
pub fn lead(unit: &str) -> NewDispatch {
    NewDispatch { organization: unit.into(), part: Part::Lead, limit: None, instruction: String::new() }
}

/// A unit that joins.
pub fn joint(unit: &str) -> NewDispatch {
    NewDispatch { part: Part::Joint, ..lead(unit) }
}

/// A call that reached somebody.
pub fn verdict(solved: bool, satisfied: Option<Satisfaction>) -> Command {
    Command::CallBack { reached: true, solved: Some(solved), satisfied, with: None, note: String::new() }
}

/// A call that reached nobody.
pub fn unreached() -> Command {
    Command::CallBack { reached: false, solved: None, satisfied: None, with: None, note: String::new() }
}

/// A case, its history, and what time it is.
#[derive(Clone)]
pub struct Story {
    pub calendar: Arc<Calendar>,
    pub now: DateTime<Utc>,
    pub history: Vec<Recorded>,
    pub case: Case,
}

impl Story {
    /// A case that is raised at ten on a Monday.
    pub fn of(submission: Submission) -> Self {
        let now = at("2026-03-02 10:00");
        let by = submission.first_asked.clone();
        let events = submit(submission).unwrap();
        let history: Vec<Recorded> = (1..)
            .zip(events)
            .map(|(version, event)| Recorded { version, event, by: by.clone(), time: now })
            .collect();
        let case = replay(&history).unwrap();
        Self { calendar: Arc::clone(&CHINA), now, history, case }
    }

    /// A request for help, just raised.
    pub fn raised() -> Self {
        Self::of(submission(CaseType::Help))
    }

    /// Taken up by the clerk.
    pub fn accepted(submission: Submission) -> Self {
        let mut story = Self::of(submission);
        let calendar = story.calendar.reference().clone();
        story.does(clerk(), Command::Accept { calendar, item: None });
        story
    }

    /// Dispatched to the water works on Monday at ten; three working days, so due on Thursday at half past five.
    pub fn dispatched() -> Self {
        let mut story = Self::accepted(submission(CaseType::Help));
        story.does(clerk(), Command::Dispatch(vec![lead(WATER)]));
        story
    }

    /// Signed for by the water works, in part 1.
    pub fn signed() -> Self {
        let mut story = Self::dispatched();
        story.on(WATER, Target::Sign);
        story
    }

    /// Answered by the water works, and done.
    pub fn resolved() -> Self {
        let mut story = Self::signed();
        story.on(WATER, Target::Complete(Some("修好了".into())));
        story
    }

    /// Called back, and closed.
    pub fn closed() -> Self {
        let mut story = Self::resolved();
        story.does(clerk(), verdict(true, Some(Satisfaction::Satisfied)));
        story.does(clerk(), Command::Close { unasked: false });
        story
    }

    /// Goes on at another time, as the clock on a wall in China shows it.
    pub fn at(&mut self, text: &str) -> &mut Self {
        self.now = at(text);
        self
    }

    /// Goes on later.
    pub fn after(&mut self, wait: TimeDelta) -> &mut Self {
        self.now += wait;
        self
    }

    /// Asks something of the case; what it leads to has happened then.
    pub fn tries(&mut self, by: Party, command: Command) -> Result<Vec<Event>, Refusal> {
        let context = Context { now: self.now, by: by.clone(), calendar: &self.calendar };
        let events = decide(&self.case, &command, &context)?;
        for event in &events {
            let version = self.case.version + 1;
            let recorded = Recorded { version, event: event.clone(), by: by.clone(), time: self.now };
            self.case = apply(Some(self.case.clone()), &recorded).unwrap();
            self.history.push(recorded);
        }
        Ok(events)
    }

    /// Something that is not refused.
    #[track_caller]
    pub fn does(&mut self, by: Party, command: Command) -> Vec<Event> {
        self.tries(by, command).unwrap()
    }

    /// What a unit does about the part that it has.
    #[track_caller]
    pub fn on(&mut self, unit: &str, target: Target) -> Vec<Event> {
        let id = self.part_of(unit);
        self.does(worker(unit), Command::On(id, target))
    }

    /// By which reason something is refused; nothing happens.
    #[track_caller]
    pub fn refusal(&self, by: Party, command: Command) -> &'static str {
        self.clone().tries(by, command).unwrap_err().reason
    }

    /// By which reason something that a unit does about its part is refused.
    #[track_caller]
    pub fn refusal_on(&self, unit: &str, target: Target) -> &'static str {
        self.refusal(worker(unit), Command::On(self.part_of(unit), target))
    }

    /// The newest part that a unit has or had.
    #[track_caller]
    fn part_of(&self, unit: &str) -> u32 {
        self.case.assignments.iter().rev().find(|part| part.organization == unit).unwrap().id
    }

    /// One part.
    pub fn part(&self, id: u32) -> &Assignment {
        self.case.assignment(id).unwrap()
    }

    /// When a part is due, as the clock on a wall shows it; `still` while its clock stands still.
    pub fn due(&self, id: u32) -> String {
        completion_due(self.part(id), &self.calendar).unwrap().map_or_else(|| "still".into(), wall)
    }

    /// What is due next, and when.
    pub fn next(&self) -> Option<(Clock, String)> {
        next_due(&self.case, &self.calendar).unwrap().map(|due| (due.clock, wall(due.at)))
    }

    /// How often something happened.
    pub fn count(&self, of: impl Fn(&Event) -> bool) -> usize {
        self.history.iter().filter(|recorded| of(&recorded.event)).count()
    }
}

/// A limit of working days.
pub const fn days(days: u32) -> Limit {
    Limit::WorkingDays(days)
}
