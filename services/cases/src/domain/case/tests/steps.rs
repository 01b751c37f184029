//! What may be asked of a case as it stands, made from numbers.

use super::super::*;
use super::story::{PARKS, ROADS, WATER, chief, clerk, days, joint, lead, worker};
use crate::domain::calendar::Limit;

pub const UNITS: [&str; 3] = [WATER, ROADS, PARKS];

/// What may come next in a case as it stands; what brings it on stands several times, so that sequences get anywhere.
pub fn moves(status: Status) -> &'static [Move] {
    use Move::*;
    match status {
        Status::Submitted => {
            &[Accept, Accept, Accept, Accept, Reject, Retype, ReviewRetype, CentreReply, Absorb, Merge, Split]
        }
        Status::Accepted => &[
            Dispatch,
            Dispatch,
            Dispatch,
            DecideOwner,
            DecideOwner,
            Retype,
            ReviewRetype,
            Absorb,
            Merge,
            Split,
        ],
        Status::Dispatched => &[
            Sign,
            Sign,
            Sign,
            Sign,
            Reply,
            Ask,
            Ask,
            Answer,
            Answer,
            Pause,
            Pause,
            Resume,
            Resume,
            AskExtension,
            AskExtension,
            ReviewExtension,
            ReviewExtension,
            Return,
            HandOver,
            HandOver,
            ReviewHandOver,
            ReviewHandOver,
            Complete,
            Complete,
            Complete,
            Escalate,
            Escalate,
            Retype,
            ReviewRetype,
            Absorb,
            Supervise,
            CentreReply,
            Withdraw,
            Merge,
        ],
        Status::Resolved => &[CallBack, CallBack, Close, Close, Reopen, CentreReply, Withdraw],
        _ => &[CallBack, Reopen],
    }
}

#[derive(Debug, Clone, Copy)]
pub enum Move {
    Accept,
    Dispatch,
    Sign,
    Reply,
    Ask,
    Answer,
    Pause,
    Resume,
    AskExtension,
    ReviewExtension,
    Return,
    HandOver,
    ReviewHandOver,
    Complete,
    CallBack,
    Close,
    Reopen,
    Reject,
    Withdraw,
    Retype,
    ReviewRetype,
    DecideOwner,
    Merge,
    Absorb,
    Split,
    CentreReply,
    Escalate,
    Supervise,
}

/// A member by a number.
pub fn pick<T: Copy>(members: &[T], number: u8) -> T {
    members[usize::from(number) % members.len()]
}

/// What a move asks of a case as it stands, and who asks it.
pub fn asked(case: &Case, step: Move, n: u8) -> (Party, Command) {
    // What ends a case is rare, or none would get far.
    let is_end = matches!(step, Move::Reject | Move::Withdraw | Move::Merge | Move::Split);
    let step = if is_end && !n.is_multiple_of(7) { Move::CentreReply } else { step };
    let text = || "x".to_owned();
    let unit = |n: u8| pick(&UNITS, n);
    match step {
        Move::Accept => (clerk(), Command::Accept { calendar: case.calendar.clone().unwrap(), item: None }),
        Move::Dispatch => {
            let limit = [None, Some(days(1)), Some(Limit::WorkingMinutes(300)), Some(Limit::Minutes(600))];
            let first = NewDispatch { limit: pick(&limit, n / 4), ..lead(unit(n)) };
            let second =
                NewDispatch { limit: Some(Limit::WorkingMinutes(60)), ..joint(unit(n.wrapping_add(1))) };
            (clerk(), Command::Dispatch(if n.is_multiple_of(3) { vec![first, second] } else { vec![first] }))
        }
        Move::CallBack => {
            let (reached, solved) = (!n.is_multiple_of(4), !n.is_multiple_of(3));
            let by = if n.is_multiple_of(5) { Party::citizen() } else { clerk() };
            let (satisfied, with, note) = (None, None, text());
            (by, Command::CallBack { reached, solved: reached.then_some(solved), satisfied, with, note })
        }
        Move::Close => (clerk(), Command::Close { unasked: n.is_multiple_of(2) }),
        Move::Reopen => (if n.is_multiple_of(2) { clerk() } else { chief() }, Command::Reopen(text())),
        Move::Reject => (clerk(), Command::Reject(RejectReason::NothingToActOn, text())),
        Move::Withdraw => (Party::citizen(), Command::Withdraw(text())),
        Move::Answer => (Party::citizen(), Command::Answer(text())),
        Move::Retype => (clerk(), Command::Retype(pick(CaseType::ALL, n), text())),
        Move::ReviewRetype => (chief(), Command::ReviewRetype(n.is_multiple_of(2), text())),
        Move::DecideOwner => (chief(), Command::DecideOwner(lead(unit(n)))),
        Move::Merge => (clerk(), Command::Merge("2".into())),
        Move::Absorb => {
            let against = if n.is_multiple_of(2) { vec![unit(n / 2).to_owned()] } else { Vec::new() };
            (clerk(), Command::Absorb { from: format!("3{n}"), kind: pick(CaseType::ALL, n), against })
        }
        Move::Split => {
            let of = |number: &str| NewPart { number: number.into(), kind: pick(CaseType::ALL, n) };
            (clerk(), Command::Split(vec![of("4"), of("5")]))
        }
        Move::CentreReply => (clerk(), Command::Reply(text())),
        Move::Supervise => (chief(), Command::Supervise { assignment: None, to: Vec::new(), note: text() }),
        step => of_part(case, step, n),
    }
}

/// What a move asks of one of the parts that are live, or of one that is not there.
fn of_part(case: &Case, step: Move, n: u8) -> (Party, Command) {
    let text = || "x".to_owned();
    let live: Vec<&Assignment> = case.current().filter(|part| part.status.is_live()).collect();
    let part = (!live.is_empty()).then(|| live[usize::from(n) % live.len()]);
    let (id, own) = part.map_or((99, WATER), |part| (part.id, part.organization.as_str()));
    let target = match step {
        Move::Sign => Target::Sign,
        Move::Reply => Target::Reply(text()),
        Move::Ask => Target::Ask(text()),
        Move::Pause => Target::Pause(pick(&[PauseReason::Weather, PauseReason::ThirdParty], n), text()),
        Move::Resume => Target::Resume,
        Move::AskExtension => Target::AskExtension(u32::from(n % 7), text()),
        Move::ReviewExtension => {
            return (clerk(), Command::On(id, Target::ReviewExtension(!n.is_multiple_of(4), text())));
        }
        Move::Return => Target::Return(ReturnReason::NotOurs, text()),
        Move::HandOver => Target::HandOver(pick(&UNITS, n / 2).to_owned(), text()),
        Move::ReviewHandOver => {
            let to = part.and_then(|part| part.hand_over.as_ref()).map_or(WATER, |asked| asked.to.as_str());
            let accept =
                if n.is_multiple_of(4) { Target::DeclineHandOver(text()) } else { Target::AcceptHandOver };
            return (worker(to), Command::On(id, accept));
        }
        Move::Complete => Target::Complete((!n.is_multiple_of(3)).then(text)),
        _ => {
            let rung = Target::Escalate(pick(Rung::ALL, n), Vec::new());
            return (Party::system(), Command::On(id, rung));
        }
    };
    (worker(own), Command::On(id, target))
}
