//! One round of what falls due: take it up, find out whom it concerns, let it happen.
//!
//! That a rung is climbed once rests on the case alone: it is written over the version that was read, and a rung that was
//! climbed is refused. The lease only keeps replicas from doing the same work; a clock that is fast, a process that
//! dies, a lease that ends too early cost work, never a second reminder.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use minqing_platform::db;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::journal::Change;
use tracing::Instrument as _;
use uuid::Uuid;

use super::figures::figures;
use crate::Cases;
use crate::contacts::{self, Officer, Whom};
use crate::domain::calendar::Calendar;
use crate::domain::case::{
    Assignment, Case, Command, Party, Rung, Target, TimerKind, completion_due, due_rungs, unanswered,
    unknown_year,
};
use crate::rpc::calendar_of;
use crate::store::case::Act;
use crate::store::timer::{Claimed, Climb};

/// Timers of one round.
const BATCH: i64 = 512;
/// Cases of one transaction.
const CHUNK: usize = 128;
/// How long what was taken up is left alone. Rounds last a few seconds at most.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// The delay after a race that was lost.
const SOON: TimeDelta = TimeDelta::seconds(1);
/// The longest delay after failures, doubled with each.
const DELAY_MAX_S: i64 = 300;

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Timers that were taken up.
    pub claimed: usize,
    /// Rungs that were climbed.
    pub climbed: usize,
    /// Clocks that waited for an answer and run again.
    pub resumed: usize,
    /// Cases that go on by a newer version of their calendar.
    pub renewed: usize,
    /// Cases whose timers were set anew, as nothing was due any more.
    pub settled: usize,
    /// Cases that are taken up again later: something changed meanwhile, or the registry does not answer.
    pub delayed: usize,
    /// Whether more is due at once.
    pub more: bool,
}

/// A case of which something was taken up.
struct Work {
    case: Case,
    calendar: Arc<Calendar>,
    claimed: Vec<Claimed>,
}

/// What becomes of a case.
enum Outcome {
    Climbed(usize),
    Resumed,
    Renewed,
    Settled,
    /// It is taken up again after so long.
    Delayed(TimeDelta),
}

impl Cases {
    /// Takes up what is due now, up to 512 timers, and does it. Any number of replicas may do so at once.
    ///
    /// # Errors
    /// The database does not answer. A registry that does not answer delays what needs it, and is no error.
    pub async fn tick(&self) -> Result<Summary, Error> {
        let now = self.clock.now();
        self.store.wake_timers(now).await?;
        if self.store.next_timer().await?.is_none_or(|next| next > now) {
            return Ok(Summary::default());
        }
        let span = tracing::info_span!("timers", claimed = tracing::field::Empty);
        self.round(now).instrument(span).await
    }

    async fn round(&self, now: DateTime<Utc>) -> Result<Summary, Error> {
        let holder = Uuid::now_v7();
        let claimed = match self.store.claim_timers(holder, now, now + LEASE, BATCH).await {
            // Another replica was quicker.
            Err(Error::Database(db::Error::Conflict)) => Vec::new(),
            claimed => claimed?,
        };
        tracing::Span::current().record("claimed", claimed.len());
        for due in claimed.iter().filter_map(|claimed| claimed.timer.at) {
            figures().late((now - due).as_seconds_f64());
        }
        let mut summary = Summary { claimed: claimed.len(), ..Summary::default() };
        let outcomes = self.carry_out(claimed, now).await?;
        let mut delays: BTreeMap<TimeDelta, Vec<String>> = BTreeMap::new();
        for (number, outcome) in outcomes {
            match outcome {
                Outcome::Climbed(rungs) => summary.climbed += rungs,
                Outcome::Resumed => summary.resumed += 1,
                Outcome::Renewed => summary.renewed += 1,
                Outcome::Settled => summary.settled += 1,
                Outcome::Delayed(delay) => {
                    summary.delayed += 1;
                    delays.entry(delay).or_default().push(number);
                }
            }
        }
        for (delay, numbers) in delays {
            self.store.release_timers(holder, &numbers, now + delay).await?;
        }
        summary.more = self.store.next_timer().await?.is_some_and(|next| next <= now);
        figures().round(&summary);
        Ok(summary)
    }

    /// Does what was taken up. What has several outcomes in one case has one for each.
    async fn carry_out(
        &self,
        claimed: Vec<Claimed>,
        now: DateTime<Utc>,
    ) -> Result<Vec<(String, Outcome)>, Error> {
        let mut outcomes = Vec::new();
        let (climbs, others) = self.sorted(claimed, &mut outcomes).await?;
        let ready = self.climbs(climbs, now, &mut outcomes).await;
        let change = Change::by_system(self.clock.now());
        // A round has four transactions at most: all at a time.
        let climbed = join_all(ready.chunks(CHUNK).map(|chunk| self.climb(&change, chunk))).await;
        outcomes.extend(climbed.into_iter().flatten());
        for work in others {
            let number = work.case.number.clone();
            let delay = delay(&work.claimed);
            let outcome = self.other(work, now).await;
            outcomes.push((number.clone(), settled(&number, outcome, delay)));
        }
        Ok(outcomes)
    }

    /// Reads the cases, and parts those in which rungs are climbed from the others.
    async fn sorted(
        &self,
        claimed: Vec<Claimed>,
        outcomes: &mut Vec<(String, Outcome)>,
    ) -> Result<(Vec<Work>, Vec<Work>), Error> {
        let mut by_case: HashMap<String, Vec<Claimed>> = HashMap::new();
        for claimed in claimed {
            by_case.entry(claimed.number.clone()).or_default().push(claimed);
        }
        let numbers: Vec<String> = by_case.keys().cloned().collect();
        let (mut climbs, mut others) = (Vec::new(), Vec::new());
        for case in self.store.cases_numbered(&numbers).await? {
            let claimed = by_case.remove(&case.number).unwrap_or_default();
            match calendar_of(self, &case).await {
                Ok(calendar) => {
                    // One thing at a time: what else is due of a case is taken up when its rungs are climbed.
                    let is_ladder = claimed.iter().any(|one| one.timer.kind == TimerKind::Ladder);
                    let of_kind = if is_ladder { &mut climbs } else { &mut others };
                    of_kind.push(Work { case, calendar, claimed });
                }
                Err(error) => {
                    outcomes.push((case.number.clone(), settled(&case.number, Err(error), delay(&claimed))))
                }
            }
        }
        Ok((climbs, others))
    }

    /// What is climbed and who is told, with the delay if it fails. What is not due any more is settled.
    async fn climbs(
        &self,
        works: Vec<Work>,
        now: DateTime<Utc>,
        outcomes: &mut Vec<(String, Outcome)>,
    ) -> Vec<(Climb, TimeDelta)> {
        let mut asked = Vec::new();
        for work in works {
            let steps = steps(&work, now);
            if steps.is_empty() {
                let number = work.case.number.clone();
                let delay = delay(&work.claimed);
                outcomes.push((number.clone(), settled(&number, self.settle(&work, None).await, delay)));
            } else {
                asked.push((work, steps));
            }
        }
        let questions =
            asked.iter().flat_map(|(_, steps)| steps).filter_map(|step| step.whom.as_ref()?.as_ref().err());
        let questions: HashSet<Whom> = questions.cloned().collect();
        let answers = contacts::ask(&self.registry, questions.into_iter().collect()).await;
        for error in answers.values().filter_map(|answer| answer.as_ref().err()) {
            tracing::warn!(?error, "it cannot be found out who is told; it is tried again");
        }
        let mut ready = Vec::with_capacity(asked.len());
        for (work, steps) in asked {
            let delay = delay(&work.claimed);
            match told(&work.case, steps, &answers) {
                Some(steps) => {
                    let Work { case, calendar, .. } = work;
                    ready
                        .push((Climb { number: case.number, version: case.version, calendar, steps }, delay));
                }
                None => outcomes.push((work.case.number, Outcome::Delayed(delay))),
            }
        }
        ready
    }

    /// Climbs in several cases together; if that fails, in each alone, so that one that is broken holds up no other.
    async fn climb(&self, change: &Change, chunk: &[(Climb, TimeDelta)]) -> Vec<(String, Outcome)> {
        let climbs: Vec<Climb> = chunk.iter().map(|(climb, _)| climb.clone()).collect();
        let together = self.store.climb(change, &climbs).await;
        let mut outcomes = Vec::with_capacity(chunk.len());
        if let Err(error) = &together {
            tracing::warn!(?error, cases = climbs.len(), "rungs are climbed one by one");
        }
        for (climb, delay) in chunk {
            let done = match &together {
                Ok(numbers) => Ok(numbers.contains(&climb.number)),
                Err(_) => {
                    let alone = self.store.climb(change, std::slice::from_ref(climb)).await;
                    alone.map(|numbers| !numbers.is_empty())
                }
            };
            let outcome = match done {
                Ok(true) => Ok(Outcome::Climbed(climb.steps.len())),
                Ok(false) => Ok(Outcome::Delayed(SOON)),
                Err(error) => Err(error),
            };
            outcomes.push((climb.number.clone(), settled(&climb.number, outcome, *delay)));
        }
        outcomes
    }

    /// What falls due beside rungs.
    async fn other(&self, work: Work, now: DateTime<Utc>) -> Result<Outcome, Error> {
        if work.claimed.iter().any(|claimed| claimed.timer.kind == TimerKind::Calendar) {
            return self.renew(&work).await;
        }
        let is_due = |part: &&Assignment| {
            let at = unanswered(&work.case, part, &work.calendar);
            at.is_ok_and(|at| at.is_some_and(|at| at <= now))
        };
        let Some(part) = work.case.current().find(is_due) else { return self.settle(&work, None).await };
        let command = Command::On(part.id, Target::Resume);
        self.happen(&work.case, command, &work.calendar).await.map(|()| Outcome::Resumed)
    }

    /// Goes on by the newest version of the calendar, if that one knows what was missing.
    async fn renew(&self, work: &Work) -> Result<Outcome, Error> {
        let kept = work.calendar.reference();
        let newest = self.calendars.calendar(&kept.id, None).await?;
        let seen = newest.reference().version;
        match unknown_year(&work.case, &work.calendar) {
            Some(year) if seen > kept.version && newest.years().any(|known| known == year) => {
                let command = Command::RenewCalendar { year };
                self.happen(&work.case, command, &newest).await.map(|()| Outcome::Renewed)
            }
            _ => self.settle(work, Some(seen)).await,
        }
    }

    async fn happen(&self, case: &Case, command: Command, calendar: &Calendar) -> Result<(), Error> {
        let change = Change::by_system(self.clock.now());
        let version = Some(case.version);
        let act = Act { number: &case.number, version, command, by: Party::system(), calendar };
        self.store.act(&change, act).await.map(drop)
    }

    async fn settle(&self, work: &Work, seen: Option<i64>) -> Result<Outcome, Error> {
        self.store.settle_timers(&work.case.number, &work.calendar, seen).await?;
        Ok(Outcome::Settled)
    }
}

/// A rung that is to be climbed.
struct Step {
    part: u32,
    rung: Rung,
    /// Who is told; nobody where it would be untrue by now.
    whom: Option<Result<Officer, Whom>>,
}

/// The rungs that were taken up and are due.
fn steps(work: &Work, now: DateTime<Utc>) -> Vec<Step> {
    let is_claimed = |part: &&Assignment| {
        let is = |one: &Claimed| one.timer.kind == TimerKind::Ladder && one.timer.part == part.id;
        work.claimed.iter().any(is)
    };
    let of_part = |part: &Assignment| {
        let is_over = completion_due(part, &work.calendar).is_ok_and(|due| due.is_some_and(|due| due <= now));
        let rungs = due_rungs(part, &work.calendar, now).into_iter().map(|rung| {
            let is_untrue = rung == Rung::DueSoon && is_over;
            let whom = (!is_untrue).then(|| contacts::whom(&work.case, part, rung));
            Step { part: part.id, rung, whom }
        });
        rungs.collect::<Vec<_>>()
    };
    work.case.current().filter(is_claimed).flat_map(of_part).collect()
}

/// The steps with the names of those who are told; nothing where somebody could not be found out.
fn told(
    case: &Case,
    steps: Vec<Step>,
    answers: &HashMap<Whom, Result<Vec<Officer>, Error>>,
) -> Option<Vec<(u32, Rung, Vec<String>)>> {
    let names = |step: &Step| match &step.whom {
        None => Some(Vec::new()),
        Some(Ok(officer)) => Some(contacts::may_be_told(case, std::slice::from_ref(officer))),
        Some(Err(whom)) => Some(contacts::may_be_told(case, answers.get(whom)?.as_ref().ok()?)),
    };
    steps.into_iter().map(|step| names(&step).map(|names| (step.part, step.rung, names))).collect()
}

/// The delay after another failure.
fn delay(claimed: &[Claimed]) -> TimeDelta {
    let attempts = claimed.iter().map(|one| one.attempts).max().unwrap_or(1);
    let doubled = u32::try_from(attempts.clamp(1, 10)).map_or(DELAY_MAX_S, |attempts| 2_i64.pow(attempts));
    TimeDelta::seconds(doubled.min(DELAY_MAX_S))
}

/// What an error comes to: a race that was lost is run again soon, anything else later.
fn settled(number: &str, outcome: Result<Outcome, Error>, delay: TimeDelta) -> Outcome {
    match outcome {
        Ok(outcome) => outcome,
        Err(Error::Database(db::Error::Conflict) | Error::Refused(Refusal { kind: Kind::Stale, .. })) => {
            Outcome::Delayed(SOON)
        }
        Err(error) => {
            tracing::warn!(case = number, ?error, "what is due cannot be done; it is tried again");
            Outcome::Delayed(delay)
        }
    }
}
