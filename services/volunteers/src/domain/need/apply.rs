//! What an event makes of a need. Never refuses: what happened, happened.

use chrono::{DateTime, Utc};

use super::event::{Event, Recorded, Submission};
use super::state::{Need, Status};

/// The need after an event; `None` only when the first event is no submission.
pub fn apply(need: Option<Need>, recorded: &Recorded) -> Option<Need> {
    if let Event::Submitted(submission) = &recorded.event {
        return Some(submitted(submission, recorded));
    }
    let mut need = need?;
    need.version = recorded.version;
    need.update_time = recorded.time;
    on(&mut need, recorded);
    Some(need)
}

/// The need that a history makes.
pub fn replay<'a>(history: impl IntoIterator<Item = &'a Recorded>) -> Option<Need> {
    history.into_iter().fold(None, apply)
}

fn submitted(submission: &Submission, recorded: &Recorded) -> Need {
    let given = submission.clone();
    Need {
        id: given.id,
        version: recorded.version,
        status: Status::Submitted,
        source: given.source,
        raiser: recorded.by.clone(),
        assignment: given.assignment,
        planner: given.planner,
        title: given.title,
        content: given.content,
        place: given.place,
        requirements: given.requirements,
        team: None,
        matching: None,
        declined: Vec::new(),
        due: Some(given.due),
        refused: None,
        answer: None,
        solved: None,
        confirmed: None,
        satisfaction: None,
        answer_refused: None,
        create_time: recorded.time,
        update_time: recorded.time,
        resolve_time: None,
    }
}

fn on(need: &mut Need, recorded: &Recorded) {
    match &recorded.event {
        Event::Submitted(_) => {}
        Event::Verified { requirements, place, due } => {
            need.requirements.clone_from(requirements);
            need.place.clone_from(place);
            stand(need, Status::Open, Some(*due));
        }
        Event::Refused { reason, text } => {
            need.refused = Some(*reason);
            need.answer = Some(text.clone());
            stand(need, Status::Refused, None);
        }
        Event::Withdrawn { .. } => stand(need, Status::Withdrawn, None),
        Event::Proposed { team, matching, due } => {
            need.team = Some(team.clone());
            need.matching.clone_from(matching);
            stand(need, Status::Proposed, Some(*due));
        }
        Event::Accepted => stand(need, Status::Accepted, None),
        Event::Declined { due, .. } | Event::ProposalLapsed { due } => open_again(need, *due),
        Event::Reported { text, solved } => {
            need.answer = Some(text.clone());
            need.solved = Some(*solved);
            need.resolve_time = Some(recorded.time);
            stand(need, Status::Resolved, None);
        }
        Event::Rated { confirmed, satisfaction } => {
            need.confirmed = Some(*confirmed);
            need.satisfaction = *satisfaction;
        }
        Event::AnswerRefused { reason } => need.answer_refused = Some(reason.clone()),
        Event::AnswerRetried => need.answer_refused = None,
    }
}

fn stand(need: &mut Need, status: Status, due: Option<DateTime<Utc>>) {
    need.status = status;
    need.due = due;
}

/// The team that had it is not asked again.
fn open_again(need: &mut Need, due: DateTime<Utc>) {
    if let Some(team) = need.team.take()
        && !need.declined.contains(&team)
    {
        need.declined.push(team);
    }
    need.matching = None;
    stand(need, Status::Open, Some(due));
}
