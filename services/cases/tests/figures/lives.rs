//! Cases that go every way a case can go.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use minqing_cases::domain::calendar::Calendar;
use minqing_cases::domain::case::{
    Anonymity, CaseType, Command, Door, Handled, Identity, Party, Place, Priority, RejectReason,
    Satisfaction, Submission, Target,
};
use minqing_cases::domain::figures::{Axis, Counts, Facts, Group, Grouping, Query, facts_after};
use minqing_cases::store::Shared;
use minqing_cases::store::case::{Act, NewCase, Reporter};
use minqing_platform::journal::Change;

use crate::matter::{self, act, at, centre, history, officer};

const PLACES: [&str; 4] = ["321181100201001", "321181100202", "321181101", "321181"];

pub fn number(n: u32) -> String {
    format!("20260302{n:09}")
}

/// Ten in the morning of 2026-03-02, a Monday, in China.
pub fn begin(n: u32) -> DateTime<Utc> {
    at("2026-03-02T02:00:00Z") + TimeDelta::hours(7 * i64::from(n))
}

/// So many cases, each another way.
pub async fn lives(store: &Shared, count: u32) {
    let calendar = matter::china(store).await;
    for n in 0..count {
        raise(store, &calendar, n).await;
        Life { store, calendar: &calendar, number: number(n), now: begin(n) }.go(n).await;
    }
}

async fn raise(store: &Shared, calendar: &Calendar, n: u32) {
    let place = usize::try_from(n).unwrap();
    let submission = Submission {
        number: number(n),
        kind: CaseType::ALL[place / 10 % CaseType::ALL.len()],
        door: Door::ALL[place % 3],
        priority: Priority::Ordinary,
        title: "路灯不亮".to_owned(),
        content: String::new(),
        place: Place {
            code: PLACES[place / 10 % PLACES.len()].parse().unwrap(),
            position: None,
            address: String::new(),
        },
        item: None,
        identity: Identity { anonymity: Anonymity::Open, person: None, by_proxy: false },
        against: Vec::new(),
        origin: None,
        first_asked: centre(),
        calendar: calendar.reference().clone(),
    };
    let new = NewCase { submission, reporter: Reporter::default(), claims: Vec::new() };
    store.submit_case(&Change::by_system(begin(n)), new, centre(), calendar).await.unwrap();
}

struct Life<'a> {
    store: &'a Shared,
    calendar: &'a Calendar,
    number: String,
    now: DateTime<Utc>,
}

impl Life<'_> {
    async fn does(&mut self, by: Party, command: Command) {
        self.now += TimeDelta::minutes(10);
        act(self.store, self.calendar, &self.number, self.now, by, command).await.unwrap();
    }

    async fn sent(&mut self) {
        self.now += TimeDelta::minutes(10);
        matter::sent(self.store, self.calendar, &self.number, self.now, None).await;
    }

    /// The unit takes it and is done after so many days.
    async fn done(&mut self, part: u32, days: i64) {
        self.does(officer(), Command::On(part, Target::Sign)).await;
        self.now += TimeDelta::days(days);
        self.does(officer(), Command::On(part, Target::Complete(Some("已修好".to_owned())))).await;
    }

    async fn said(&mut self, solved: bool, satisfied: Option<Satisfaction>, with: Option<Handled>) {
        let note = String::new();
        let command = Command::CallBack { reached: true, solved: Some(solved), satisfied, with, note };
        self.does(centre(), command).await;
    }

    async fn go(mut self, n: u32) {
        match n % 10 {
            0 => {}
            1 => {
                self.does(centre(), Command::Reject(RejectReason::AnsweredBefore, "已答复".to_owned())).await
            }
            2 => self.does(Party::citizen(), Command::Withdraw("不用了".to_owned())).await,
            3 => self.sent().await,
            4 => {
                self.sent().await;
                self.done(1, 40).await;
            }
            5 => {
                self.sent().await;
                self.done(1, 0).await;
                self.said(true, Some(Satisfaction::VerySatisfied), Some(Handled::Unit)).await;
                self.does(centre(), Command::Close { unasked: false }).await;
            }
            6 => {
                self.sent().await;
                self.done(1, 0).await;
                self.said(false, Some(Satisfaction::Dissatisfied), Some(Handled::Outcome)).await;
                self.now += TimeDelta::days(35);
                let again = minqing_cases::domain::case::NewDispatch {
                    organization: matter::UNIT.to_owned(),
                    part: minqing_cases::domain::case::Part::Lead,
                    limit: None,
                    instruction: String::new(),
                };
                self.does(centre(), Command::Dispatch(vec![again])).await;
                self.done(2, 0).await;
                self.said(true, Some(Satisfaction::Neutral), None).await;
            }
            7 => {
                self.sent().await;
                self.done(1, 0).await;
                let nobody = Command::CallBack {
                    reached: false,
                    solved: None,
                    satisfied: None,
                    with: None,
                    note: String::new(),
                };
                self.does(centre(), nobody).await;
            }
            8 => self.merged(n - 5).await,
            _ => {
                self.sent().await;
                self.done(1, 0).await;
                self.said(true, Some(Satisfaction::VeryDissatisfied), Some(Handled::Unit)).await;
                self.does(centre(), Command::Close { unasked: false }).await;
            }
        }
    }

    async fn merged(self, into: u32) {
        let into = number(into);
        let command = Command::Merge(into.clone());
        let act = Act { number: &self.number, version: None, command, by: centre(), calendar: self.calendar };
        let change = Change::by_system(self.now + TimeDelta::minutes(10));
        self.store.merge_case(&change, act, &into, self.calendar).await.unwrap();
    }
}

/// What is to be counted, from the whole history of every case.
pub async fn told(store: &Shared, count: u32) -> Vec<Facts> {
    let calendar = matter::china(store).await;
    let mut rounds = Vec::new();
    for n in 0..count {
        rounds.extend(facts_after(None, &history(store, &number(n)).await, &calendar));
    }
    rounds
}

/// The figures, counted one by one.
pub fn counted(query: &Query, rounds: &[Facts]) -> Vec<Group> {
    let mut groups: BTreeMap<String, Counts> = BTreeMap::new();
    for facts in rounds.iter().filter(|facts| query.holds(facts)) {
        groups.entry(query.key(facts)).or_default().count(facts);
    }
    groups.into_iter().map(|(key, counts)| Group { key, counts }).collect()
}

/// All of a year and a half.
pub fn query(axis: Axis, grouping: Grouping) -> Query {
    Query {
        from: "2026-01-01".parse().unwrap(),
        to: "2027-07-01".parse().unwrap(),
        axis,
        area: None,
        organization: None,
        item: None,
        kind: None,
        door: None,
        grouping,
    }
}
