//! What whoever raised a case does with it, by its number and secret.

use std::sync::Arc;

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::journal::Change;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;

use super::calendar_of;
use crate::domain::calendar::Calendar;
use crate::domain::case::{Case, Command, Party, Status};
use crate::store::case::Act;
use crate::{Cases, convert, numbers};

/// A case whose secret was right.
pub(super) struct Opened {
    pub case: Case,
    pub calendar: Arc<Calendar>,
}

/// Finds a case by number and secret. A wrong secret and a wrong number answer alike.
pub(super) async fn open(
    cases: &Cases,
    call: &Call,
    action: &str,
    name: &str,
    secret: &str,
) -> Result<Opened, Error> {
    cases.authorize(call, action, Target::NOWHERE)?;
    let number = convert::case_number("name", name)?;
    let now = cases.clock.now();
    cases.attempts.check(number, now)?;
    let right = numbers::is_secret(&cases.keyring, number, secret);
    let case = if right { cases.store.case(number).await? } else { None };
    let Some(case) = case else {
        cases.attempts.wrong(number, now);
        let message = "no case has this number and this secret".into();
        return Err(Refusal { kind: Kind::Missing, reason: "CASE_OR_SECRET_WRONG", message }.into());
    };
    let calendar = calendar_of(cases, &case).await?;
    Ok(Opened { case, calendar })
}

/// The change that a call of whoever raised a case makes. The feed and the remembered answers name nobody, whether the
/// caller signed in or not: whoever follows the events must not learn from them who raised a complaint. `request` comes
/// without its secret, which is no part of what was asked.
pub(super) fn change(
    cases: &Cases,
    call: &Call,
    method: &'static str,
    request_id: &str,
    request: &impl prost::Message,
) -> Result<Change, Violation> {
    let change = call.change(method, request_id, request, cases.clock.now())?;
    Ok(Change { actor: Party::CITIZEN.to_owned(), ..change })
}

/// Lets something happen to a case, as whoever raised it.
pub(super) async fn act(
    cases: &Cases,
    change: &Change,
    opened: &Opened,
    command: Command,
) -> Result<proto::TrackedCase, Error> {
    let act = Act {
        number: &opened.case.number,
        version: None,
        command,
        by: Party::citizen(),
        calendar: &opened.calendar,
    };
    let after = cases.store.act(change, act).await?;
    shown(cases, &after, &opened.calendar).await
}

/// A case as whoever raised it sees it, with what is said in the one in which it is carried on.
pub(super) async fn shown(
    cases: &Cases,
    case: &Case,
    calendar: &Calendar,
) -> Result<proto::TrackedCase, Error> {
    let other = match case.continued.as_slice() {
        [other] if case.status == Status::Merged => cases.store.case(other).await?,
        _ => None,
    };
    Ok(convert::tracked(case, calendar, other.as_ref()))
}
