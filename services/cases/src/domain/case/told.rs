//! What of a case's history those above keep in view: reminders, supervision, criticism, and limits that were missed.

use chrono::{DateTime, Utc};

use super::apply::apply;
use super::event::{Event, Recorded};
use super::ladder::Rung;
use super::state::Case;
use minqing_platform::named::named;

named! {
    /// What happened.
    ToldKind {
        /// A unit was reminded that its limit is near.
        DueSoon = "due_soon",
        /// A unit was urged (催办).
        Urge = "urge",
        /// Those above were told to supervise (督办).
        Supervise = "supervise",
        /// A notice of criticism was given (通报).
        Criticise = "criticise",
        /// Somebody supervised by hand.
        Manual = "manual",
        /// A limit was missed.
        Breach = "breach",
    }
}

impl ToldKind {
    /// Those for which a unit is held to account (责任追究).
    pub const ACCOUNTABLE: &'static [Self] = &[Self::Breach, Self::Criticise];
    /// Those by which somebody was told.
    pub const ESCALATIONS: &'static [Self] =
        &[Self::DueSoon, Self::Urge, Self::Supervise, Self::Criticise, Self::Manual];
}

/// A record of what happened, drawn from one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The case.
    pub number: String,
    /// The event's place in the history of the case.
    pub version: i64,
    /// What.
    pub kind: ToldKind,
    /// The part; 0 for the case as a whole.
    pub part: u32,
    /// The organization that answers for it; empty while none has it.
    pub organization: String,
    /// The division or grid.
    pub division_code: String,
    /// Who was told (`people/x`).
    pub people: Vec<String>,
    /// When the part was due.
    pub due: Option<DateTime<Utc>>,
    /// Who did it; `system` for what time did.
    pub actor: String,
    /// What was said; only of what somebody did by hand.
    pub note: String,
    /// When.
    pub time: DateTime<Utc>,
}

/// The records of a part of a history; `before` is the case before it. Each tells of the case as its own event left it: a
/// unit answers for the limit that it missed, though the part is handed over in the same moment.
pub fn told(before: Option<&Case>, history: &[Recorded]) -> Vec<Told> {
    let mut case = before.cloned();
    let records = history.iter().filter_map(|recorded| {
        case = apply(case.take(), recorded);
        of_event(case.as_ref()?, recorded)
    });
    records.collect()
}

fn of_event(case: &Case, recorded: &Recorded) -> Option<Told> {
    let (kind, people, due, note) = match &recorded.event {
        Event::Escalated { rung, to, due, .. } => {
            let kind = match rung {
                Rung::DueSoon => ToldKind::DueSoon,
                Rung::Urge => ToldKind::Urge,
                Rung::Supervise => ToldKind::Supervise,
                Rung::Criticise => ToldKind::Criticise,
            };
            (kind, to.clone(), Some(*due), String::new())
        }
        Event::Breached { due, .. } => (ToldKind::Breach, Vec::new(), Some(*due), String::new()),
        Event::Supervised { to, note, .. } => (ToldKind::Manual, to.clone(), None, note.clone()),
        _ => return None,
    };
    let part = recorded.event.assignment().and_then(|id| case.assignment(id));
    let organization = match part {
        Some(part) => part.organization.clone(),
        None => case.owner.organization.clone().unwrap_or_default(),
    };
    Some(Told {
        number: case.number.clone(),
        version: recorded.version,
        kind,
        part: part.map_or(0, |part| part.id),
        organization,
        division_code: case.place.code.to_string(),
        people,
        due,
        actor: recorded.by.name.clone(),
        note,
        time: recorded.time,
    })
}
