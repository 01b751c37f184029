//! Who may do what: a service's Cedar file, compiled at start into a table.
//!
//! A decision depends on four things only: the role, the action (the RPC's name), whether the target lies within the
//! division of the appointment, and whether it is the caller's own. So every combination is asked of Cedar once, at
//! start; a request then costs a look-up for each appointment. An RPC that no policy names, and a name that is no
//! RPC, keep the service from starting.

use std::collections::{BTreeSet, HashMap};
use std::str::FromStr as _;
use std::sync::{Arc, LazyLock, OnceLock};

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, RestrictedExpression,
};
use tonic::{Code, Status};

use crate::identity::{Appointment, Caller, Role};
use crate::status;

/// Why a policy file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not Cedar.
    #[error("policy file: {0}")]
    Syntax(String),
    /// RPCs that no policy names.
    #[error("no policy names these RPCs: {0:?}")]
    Uncovered(Vec<String>),
    /// Names that are no RPC of this service.
    #[error("the policy file names actions that are no RPC: {0:?}")]
    Unknown(Vec<String>),
    /// Cedar could not decide.
    #[error("policy evaluation: {0}")]
    Evaluation(String),
    /// The descriptors that came with the program cannot be read.
    #[error("descriptors: {0}")]
    Descriptors(String),
}

/// A service's own policy file, compiled once in a process: it never changes, and a debug build takes a second for it,
/// which every test that opens the service would pay again.
#[derive(Debug)]
pub struct File {
    text: &'static str,
    services: &'static [&'static str],
    permissions: &'static [&'static str],
    compiled: OnceLock<Arc<Policy>>,
}

impl File {
    /// A Cedar file that says who may call the RPCs of gRPC services, by the services' full names, and what else it decides
    /// on: parts of what an RPC gives that not all of its callers see.
    pub const fn new(
        text: &'static str,
        services: &'static [&'static str],
        permissions: &'static [&'static str],
    ) -> Self {
        Self { text, services, permissions, compiled: OnceLock::new() }
    }

    /// The policy.
    ///
    /// # Errors
    /// The file does not fit the RPCs.
    pub fn compiled(&self) -> Result<Arc<Policy>, Error> {
        static POOL: LazyLock<Result<prost_reflect::DescriptorPool, String>> = LazyLock::new(|| {
            prost_reflect::DescriptorPool::decode(minqing_proto::DESCRIPTORS)
                .map_err(|error| error.to_string())
        });
        if let Some(compiled) = self.compiled.get() {
            return Ok(Arc::clone(compiled));
        }
        let pool = POOL.as_ref().map_err(|error| Error::Descriptors(error.clone()))?;
        let mut actions = actions_of(pool, self.services);
        actions.extend(self.permissions.iter().map(ToString::to_string));
        let compiled = Arc::new(Policy::compile(self.text, &actions)?);
        Ok(Arc::clone(self.compiled.get_or_init(|| compiled)))
    }
}

/// What an action is done to, as far as permission goes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Target<'a> {
    /// The code of the division or grid it lies in; empty for the whole; `None` when it lies nowhere in particular.
    pub division: Option<&'a str>,
    /// Whether it is the caller's own: their own person, household or organization.
    pub own: bool,
}

impl<'a> Target<'a> {
    /// Something that lies nowhere in particular.
    pub const NOWHERE: Self = Self { division: None, own: false };

    /// Something in a division or grid.
    pub const fn within(code: &'a str) -> Self {
        Self { division: Some(code), own: false }
    }
}

/// A refusal to act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    action: String,
    signed_in: bool,
}

impl From<Denied> for Status {
    fn from(denied: Denied) -> Self {
        let facts = [("action", denied.action)];
        if denied.signed_in {
            let text = "none of the caller's appointments permits this here";
            status::refusal(Code::PermissionDenied, "NOT_PERMITTED", text, facts)
        } else {
            status::refusal(Code::Unauthenticated, "SIGN_IN_NEEDED", "sign in to do this", facts)
        }
    }
}

type Question = (Role, bool, bool);

/// The decisions of one service.
#[derive(Debug)]
pub struct Policy {
    table: HashMap<String, HashMap<Question, bool>>,
}

impl Policy {
    /// Compiles a policy file for a service's RPCs.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn compile(text: &str, actions: &[String]) -> Result<Self, Error> {
        let policies = PolicySet::from_str(text).map_err(|error| Error::Syntax(error.to_string()))?;
        check_names(&policies, actions)?;
        let entities = roles()?;
        let mut table = HashMap::new();
        for action in actions {
            let mut answers = HashMap::new();
            for role in Role::ALL {
                for (within, own) in [(false, false), (false, true), (true, false), (true, true)] {
                    let allowed = ask(&policies, &entities, role, action, within, own)?;
                    answers.insert((role, within, own), allowed);
                }
            }
            table.insert(action.clone(), answers);
        }
        Ok(Self { table })
    }

    /// Decides. Gives the appointment by which the caller may act.
    ///
    /// # Errors
    /// [`Denied`], which becomes UNAUTHENTICATED for an anonymous caller and PERMISSION_DENIED for others.
    pub fn decide<'c>(
        &self,
        caller: &'c Caller,
        action: &str,
        target: Target<'_>,
    ) -> Result<&'c Appointment, Denied> {
        let denied = || Denied { action: action.to_owned(), signed_in: !caller.is_anonymous() };
        let answers = self.table.get(action).ok_or_else(denied)?;
        let permits = |appointment: &&Appointment| {
            let within = target.division.is_none_or(|code| appointment.covers(code));
            answers.get(&(appointment.role, within, target.own)).copied().unwrap_or(false)
        };
        caller.roles().iter().find(permits).ok_or_else(denied)
    }

    /// Whether a role may do an action to a target; for tables of tests and documentation.
    pub fn allows(&self, role: Role, action: &str, within: bool, own: bool) -> bool {
        self.table.get(action).and_then(|answers| answers.get(&(role, within, own))).copied().unwrap_or(false)
    }

    /// The actions, in no order.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.table.keys().map(String::as_str)
    }
}

/// The names of the RPCs of gRPC services, read from the descriptors: the actions of a policy file.
pub fn actions_of(pool: &prost_reflect::DescriptorPool, services: &[&str]) -> Vec<String> {
    services
        .iter()
        .filter_map(|service| pool.get_service_by_name(service))
        .flat_map(|service| service.methods().map(|method| method.name().to_owned()).collect::<Vec<_>>())
        .collect()
}

fn check_names(policies: &PolicySet, actions: &[String]) -> Result<(), Error> {
    let mut named = BTreeSet::new();
    for policy in policies.policies() {
        match policy.action_constraint() {
            ActionConstraint::Any => {}
            ActionConstraint::In(uids) => {
                named.extend(uids.iter().map(|uid| uid.id().unescaped().to_owned()))
            }
            ActionConstraint::Eq(uid) => {
                named.insert(uid.id().unescaped().to_owned());
            }
        }
    }
    let known: BTreeSet<String> = actions.iter().cloned().collect();
    let uncovered: Vec<String> = known.difference(&named).cloned().collect();
    let unknown: Vec<String> = named.difference(&known).cloned().collect();
    if !uncovered.is_empty() {
        return Err(Error::Uncovered(uncovered));
    }
    if unknown.is_empty() { Ok(()) } else { Err(Error::Unknown(unknown)) }
}

/// The roles as Cedar entities; `Group::"appointed"` holds all but the anonymous and the citizen, `Group::"signed_in"`
/// all but the anonymous.
fn roles() -> Result<Entities, Error> {
    let group = |name: &str| uid("Group", name);
    let mut entities = Vec::new();
    for role in Role::ALL {
        let parents = match role {
            Role::Anonymous => Vec::new(),
            Role::Citizen => vec![group("signed_in")?],
            _ => vec![group("signed_in")?, group("appointed")?],
        };
        entities.push(Entity::new_no_attrs(uid("Role", &role.to_string())?, parents.into_iter().collect()));
    }
    Entities::from_entities(entities, None).map_err(evaluation)
}

fn ask(
    policies: &PolicySet,
    entities: &Entities,
    role: Role,
    action: &str,
    within: bool,
    own: bool,
) -> Result<bool, Error> {
    let facts = [("within", within), ("own", own)]
        .map(|(name, value)| (name.to_owned(), RestrictedExpression::new_bool(value)));
    let context = Context::from_pairs(facts).map_err(evaluation)?;
    let principal = uid("Role", &role.to_string())?;
    let request = Request::new(principal, uid("Action", action)?, uid("Target", "any")?, context, None)
        .map_err(evaluation)?;
    let answer = Authorizer::new().is_authorized(&request, policies, entities);
    if let Some(error) = answer.diagnostics().errors().next() {
        return Err(evaluation(error));
    }
    Ok(answer.decision() == Decision::Allow)
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, Error> {
    let kind = EntityTypeName::from_str(kind).map_err(evaluation)?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

fn evaluation(error: impl ToString) -> Error {
    Error::Evaluation(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        permit(principal, action == Action::"Read", resource);
        permit(principal in Group::"appointed", action == Action::"Write", resource) when { context.within };
        permit(principal, action == Action::"Correct", resource) when { context.own };
    "#;

    fn actions(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn cadre_of(division: &str) -> Caller {
        let appointment =
            Appointment { role: Role::Cadre, organization: None, division: division.to_owned() };
        Caller { appointments: vec![appointment], ..Caller::system() }
    }

    #[test]
    fn an_appointment_reaches_as_far_as_its_division() {
        let policy = Policy::compile(FILE, &actions(&["Read", "Write", "Correct"])).unwrap();
        let town = cadre_of("321181100");
        assert!(policy.decide(&town, "Write", Target::within("321181100001")).is_ok());
        assert!(policy.decide(&town, "Write", Target::within("321181101001")).is_err());
        assert!(policy.decide(&town, "Write", Target::within("")).is_err());
        assert!(policy.decide(&town, "Correct", Target { own: true, ..Target::NOWHERE }).is_ok());
    }

    #[test]
    fn the_anonymous_are_asked_to_sign_in_and_others_are_refused() {
        let policy = Policy::compile(FILE, &actions(&["Read", "Write", "Correct"])).unwrap();
        assert!(policy.decide(&Caller::anonymous(), "Read", Target::NOWHERE).is_ok());
        let refused = policy.decide(&Caller::anonymous(), "Write", Target::NOWHERE).unwrap_err();
        assert_eq!(Status::from(refused).code(), Code::Unauthenticated);
        let refused = policy.decide(&cadre_of("32"), "Correct", Target::NOWHERE).unwrap_err();
        assert_eq!(Status::from(refused).code(), Code::PermissionDenied);
    }

    #[test]
    fn an_rpc_without_a_policy_and_a_policy_without_an_rpc_are_refused() {
        assert!(matches!(
            Policy::compile(FILE, &actions(&["Read", "Write", "Correct", "New"])),
            Err(Error::Uncovered(_))
        ));
        assert!(matches!(Policy::compile(FILE, &actions(&["Read", "Write"])), Err(Error::Unknown(_))));
        assert!(matches!(Policy::compile("permit(", &[]), Err(Error::Syntax(_))));
    }
}
