//! Whom time tells: the right person, by the registry's contact chain.
//!
//! A reminder and an urge go to the unit: to whoever signed, else to the officers appointed to it. Supervision goes to the
//! cadres of the village and the town above the place, criticism to those of the city. Nobody is told of a case that is
//! against them.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures::{StreamExt as _, stream};
use minqing_platform::client::Peer;
use minqing_platform::code::{Code, Level};
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as registry;
use minqing_proto::registry::v1::contact_service_client::ContactServiceClient;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;
use registry::{ContactLevel, Role};
use tokio::time::{Instant, timeout_at};
use tonic::{Code as GrpcCode, Status};

use crate::domain::case::{Assignment, Case, Rung};

/// The most people who are told of one thing.
const PEOPLE_MAX: usize = 20;
/// How many questions are put to the registry at a time.
const AT_A_TIME: usize = 16;
/// How long the registry may take for all of one round.
const PATIENCE: Duration = Duration::from_secs(10);
/// Appointments on a page, and pages, that are read of an area.
const PAGE_SIZE: i32 = 1_000;
const PAGES_MAX: usize = 5;

/// A question to the registry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Whom {
    /// The officers of an organization (`organizations/x`).
    Officers(String),
    /// The cadres of the village and the town above a place; where there are none, of the city.
    Near(Code),
    /// The cadres of the city above a place.
    City(Code),
}

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// `people/x`.
    pub name: String,
    /// For which organization, if that is known.
    pub organization: Option<String>,
}

/// Who is asked for a rung: whoever signed, by name, or a question.
pub fn whom(case: &Case, part: &Assignment, rung: Rung) -> Result<Officer, Whom> {
    match rung {
        Rung::DueSoon | Rung::Urge => unit(part),
        Rung::Supervise => Err(Whom::Near(case.place.code.clone())),
        Rung::Criticise => Err(Whom::City(case.place.code.clone())),
    }
}

/// Who answers in a unit for a part.
pub fn unit(part: &Assignment) -> Result<Officer, Whom> {
    let organization = part.organization.clone();
    match &part.signed {
        Some(signed) if signed.by.name.starts_with("people/") => {
            Ok(Officer { name: signed.by.name.clone(), organization: Some(organization) })
        }
        _ => Err(Whom::Officers(organization)),
    }
}

/// The names of those who may be told of a case: nobody whom it is against, and nobody of a unit that it is against.
pub fn may_be_told(case: &Case, officers: &[Officer]) -> Vec<String> {
    let is_against = |name: &String| case.against.contains(name);
    let names = officers
        .iter()
        .filter(|officer| !is_against(&officer.name) && !officer.organization.iter().any(is_against))
        .map(|officer| officer.name.clone());
    names.collect::<BTreeSet<_>>().into_iter().take(PEOPLE_MAX).collect()
}

/// The answers to questions: each is asked once. One that the registry does not answer in time has an error.
pub async fn ask(peer: &Peer, questions: Vec<Whom>) -> HashMap<Whom, Result<Vec<Officer>, Error>> {
    let until = Instant::now() + PATIENCE;
    let asked = questions.into_iter().map(|whom| async move {
        let answer = timeout_at(until, found(peer, &whom)).await;
        let late = |_| Error::Unavailable("registry", "it does not answer in time".to_owned());
        let answer = answer.map_err(late).and_then(|answer| answer);
        (whom, answer)
    });
    stream::iter(asked).buffer_unordered(AT_A_TIME).collect().await
}

async fn found(peer: &Peer, whom: &Whom) -> Result<Vec<Officer>, Error> {
    match whom {
        Whom::Officers(organization) => officers(peer, organization).await,
        Whom::Near(code) => {
            let near = [ContactLevel::Village, ContactLevel::Town];
            match chain(peer, code).await? {
                Some(levels) => Ok(of_levels(&levels, &near)),
                None => near_division(peer, code).await,
            }
        }
        Whom::City(code) => match chain(peer, code).await? {
            Some(levels) => Ok(of_levels(&levels, &[ContactLevel::City])),
            None => cadres(peer, &up_to(code, Level::County)).await,
        },
    }
}

/// The chain of a grid; none for a division, and for a grid that is not in force.
async fn chain(peer: &Peer, code: &Code) -> Result<Option<Vec<registry::ContactAnswer>>, Error> {
    if code.level() != Level::Grid {
        return Ok(None);
    }
    let request = registry::ResolveContactsRequest { grid: format!("grids/{code}"), ..Default::default() };
    match ContactServiceClient::new(peer.clone()).resolve_contacts(request).await {
        Ok(found) => Ok(Some(found.into_inner().levels)),
        Err(status) => match status.code() {
            GrpcCode::NotFound | GrpcCode::FailedPrecondition | GrpcCode::InvalidArgument => Ok(None),
            _ => Err(unavailable(&status)),
        },
    }
}

/// Those appointed at some levels; where all are vacant, those who stand in for the lowest.
fn of_levels(levels: &[registry::ContactAnswer], wanted: &[ContactLevel]) -> Vec<Officer> {
    let at = || levels.iter().filter(|answer| wanted.contains(&answer.level()));
    let named = |person: &registry::ContactPerson| Officer { name: person.name.clone(), organization: None };
    let appointed: Vec<Officer> = at().flat_map(|answer| &answer.persons).map(named).collect();
    if appointed.is_empty() {
        at().take(1).flat_map(|answer| &answer.acting).map(named).collect()
    } else {
        appointed
    }
}

/// The cadres of the village and the town of a division, or else of what is above.
async fn near_division(peer: &Peer, code: &Code) -> Result<Vec<Officer>, Error> {
    let town = up_to(code, Level::Town);
    let mut near = cadres(peer, &up_to(code, Level::Village)).await?;
    if town.level() == Level::Town && code.level() > Level::Town {
        near.extend(cadres(peer, &town).await?);
    }
    if near.is_empty() { cadres(peer, &up_to(code, Level::County)).await } else { Ok(near) }
}

/// A code or what it lies in, no lower than a level.
fn up_to(code: &Code, level: Level) -> Code {
    std::iter::successors(Some(code.clone()), Code::parent)
        .find(|code| code.level() <= level)
        .unwrap_or_else(|| code.clone())
}

/// The cadres appointed to a division itself.
async fn cadres(peer: &Peer, code: &Code) -> Result<Vec<Officer>, Error> {
    let request = registry::ListAppointmentsRequest {
        division_code: code.to_string(),
        role: Role::Cadre.into(),
        ..Default::default()
    };
    let held = appointments(peer, request).await?;
    Ok(held.into_iter().filter(|held| held.division_code == code.as_str()).map(officer).collect())
}

/// Who holds an office in an organization. A system has no ears.
async fn officers(peer: &Peer, organization: &str) -> Result<Vec<Officer>, Error> {
    let request =
        registry::ListAppointmentsRequest { organization: organization.to_owned(), ..Default::default() };
    let held = appointments(peer, request).await?;
    Ok(held.into_iter().filter(|held| held.role() != Role::SystemAccount).map(officer).collect())
}

fn officer(held: registry::Appointment) -> Officer {
    let name = held.name.split("/appointments/").next().unwrap_or_default().to_owned();
    Officer { name, organization: Some(held.organization).filter(|name| !name.is_empty()) }
}

/// Appointments that are in force. A registry that does not let this service read them names nobody, which is logged: a
/// configuration that is wrong must not keep what is overdue from going up the ladder.
async fn appointments(
    peer: &Peer,
    mut request: registry::ListAppointmentsRequest,
) -> Result<Vec<registry::Appointment>, Error> {
    request.parent = "people/-".to_owned();
    request.page_size = PAGE_SIZE;
    let mut all = Vec::new();
    for _ in 0..PAGES_MAX {
        let answer = PersonServiceClient::new(peer.clone()).list_appointments(request.clone()).await;
        let page = match answer {
            Ok(page) => page.into_inner(),
            Err(status) => match status.code() {
                GrpcCode::NotFound | GrpcCode::InvalidArgument => return Ok(all),
                GrpcCode::Unauthenticated | GrpcCode::PermissionDenied => {
                    tracing::error!(%status, "the registry does not tell this service who holds office");
                    return Ok(all);
                }
                _ => return Err(unavailable(&status)),
            },
        };
        all.extend(page.appointments);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    Ok(all)
}

fn unavailable(status: &Status) -> Error {
    Error::Unavailable("registry", status.to_string())
}
