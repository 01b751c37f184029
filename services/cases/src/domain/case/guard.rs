//! Who sees what of a case. A complaint never reaches those it is against with the name of whoever raised it.

use minqing_platform::error::Refusal;

use super::facts::{Anonymity, CaseType};
use super::state::{Assignment, AssignmentStatus, Case};

/// How much of a case somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// Nothing: as if it were not there.
    Nothing,
    /// The matter, but not who raised it.
    Matter,
    /// The matter and, masked, who raised it.
    Whole,
}

/// What somebody who may otherwise read it sees of a case: `person` and `organizations` are theirs. `is_centre` says that
/// they work for the supervision centre.
pub fn sight(case: &Case, person: Option<&str>, organizations: &[&str], is_centre: bool) -> Sight {
    let is_against = |name: &str| case.against.iter().any(|against| against == name);
    if person.is_some_and(is_against) || organizations.iter().any(|name| is_against(name)) {
        return Sight::Nothing;
    }
    let is_whole = match case.identity.anonymity {
        Anonymity::Anonymous => false,
        Anonymity::Confidential => is_centre,
        // Whoever handles a complaint needs the matter; who raised it, the centre tells on request.
        Anonymity::Open => is_centre || (!is_guarded(case) && handles(case, person, organizations)),
    };
    if is_whole { Sight::Whole } else { Sight::Matter }
}

/// Whether it is somebody's to handle now: they own it, or have a part in this round or were done with one. Who gave it
/// back or handed it over needs to know no longer who raised it.
pub fn handles(case: &Case, person: Option<&str>, organizations: &[&str]) -> bool {
    let is_theirs = |name: &str| organizations.contains(&name);
    let owns = person == Some(&case.owner.name) || case.owner.organization.as_deref().is_some_and(is_theirs);
    let has = |part: &Assignment| part.status.is_live() || part.status == AssignmentStatus::Resolved;
    owns || case.current().any(|part| has(part) && is_theirs(&part.organization))
}

/// Whether it is, or came in as, something against somebody: what began as a complaint stays guarded whatever it is called
/// later, and what turns out to be one is guarded from then on.
pub fn is_guarded(case: &Case) -> bool {
    !case.against.is_empty() || [case.kind, case.first_kind].into_iter().any(CaseType::is_against_somebody)
}

/// Whether a case may go to an organization.
///
/// # Errors
/// The case is against it.
pub fn may_be_dispatched_to(case: &Case, organization: &str) -> Result<(), Refusal> {
    if case.against.iter().any(|against| against == organization) {
        let text = "the case is against this organization: another one must handle it";
        return Err(Refusal::rule("DISPATCH_TO_COMPLAINED_OF", text));
    }
    Ok(())
}
