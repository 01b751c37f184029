//! BatchCreateObservations.

mod locate;

use minqing_platform::call::Call;
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use crate::domain::observation::batch::{Entry, Known, Settled, Standing, settle, standing};
use crate::domain::observation::{Digest, Facts, Handling, Observation, State};
use crate::rpc::cases::party;
use crate::{Cases, convert};
use locate::{Located, Places};

const ACTION: &str = "BatchCreateObservations";
/// The most observations of one batch.
const BATCH_MAX: usize = 500;

/// What came of one.
#[derive(Debug, Clone)]
enum Outcome {
    Created(Code),
    Unchanged(Code),
    Refused(Vec<Violation>),
}

impl Outcome {
    fn taken() -> Self {
        let text = "another observation has this name; draw a new one";
        Self::Refused(vec![Violation::new("name", "OBSERVATION_DIFFERS", text)])
    }

    /// What comes of the same one, sent once more.
    fn again(&self) -> Self {
        match self {
            Self::Created(grid) => Self::Unchanged(grid.clone()),
            other => other.clone(),
        }
    }
}

/// One of the batch whose name can be read.
#[derive(Clone, Copy)]
struct Sent<'a> {
    place: usize,
    id: Uuid,
    digest: Digest,
    given: &'a proto::Observation,
}

pub async fn handle(
    cases: &Cases,
    request: Request<proto::BatchCreateObservationsRequest>,
) -> Result<proto::BatchCreateObservationsResponse, Error> {
    let (call, request) = Call::open(request);
    cases.authorize(&call, ACTION, Target::NOWHERE)?;
    let given = &request.observations;
    convert::count("observations", given.len(), 1, BATCH_MAX)?;
    let mut outcomes: Vec<Option<Outcome>> = vec![None; given.len()];
    let officer = call.caller.name_for_audit();
    let mut sent = Vec::with_capacity(given.len());
    for (place, given) in given.iter().enumerate() {
        match convert::observation_name("name", &given.name) {
            Ok(id) => {
                sent.push(Sent { place, id, digest: convert::observation_digest(given, &officer), given });
            }
            Err(fault) => outcomes[place] = Some(Outcome::Refused(vec![fault])),
        }
    }
    let fresh = fresh(cases, sent, &mut outcomes).await?;
    keep(cases, &call, &fresh, &mut outcomes).await?;
    Ok(told(given, outcomes))
}

/// Those that are not there yet. What comes of the others does not depend on the present: a batch whose answer was lost
/// is answered the same a year later.
async fn fresh<'a>(
    cases: &Cases,
    sent: Vec<Sent<'a>>,
    outcomes: &mut [Option<Outcome>],
) -> Result<Vec<Sent<'a>>, Error> {
    let ids: Vec<Uuid> = sent.iter().map(|sent| sent.id).collect();
    let there = cases.store.known_observations(&ids).await?;
    let known: Known = there.iter().map(|(id, there)| (*id, there.digest)).collect();
    let mut fresh = Vec::with_capacity(sent.len());
    for sent in sent {
        match (standing(&known, sent.id, &sent.digest), there.get(&sent.id)) {
            (Standing::Same, Some(there)) => {
                outcomes[sent.place] = Some(Outcome::Unchanged(there.grid.clone()));
            }
            (Standing::Taken, _) => outcomes[sent.place] = Some(Outcome::taken()),
            (Standing::New | Standing::Same, _) => fresh.push(sent),
        }
    }
    Ok(fresh)
}

/// Reads those that are not there yet, and keeps the good ones in one transaction.
async fn keep(
    cases: &Cases,
    call: &Call,
    fresh: &[Sent<'_>],
    outcomes: &mut [Option<Outcome>],
) -> Result<(), Error> {
    let now = cases.clock.now();
    let drafts: Vec<_> = fresh.iter().map(|sent| convert::observation_draft(sent.given, now)).collect();
    let places = locate::places(cases, drafts.iter().flatten().map(|draft| &draft.whereabouts)).await?;
    let entries: Vec<Entry<Observation, Vec<Violation>>> = fresh
        .iter()
        .zip(drafts)
        .map(|(sent, draft)| {
            let read = draft.and_then(|draft| observation(cases, call, sent, draft, &places));
            (sent.id, sent.digest, read)
        })
        .collect();
    let settled = settle(entries);
    let new: Vec<Observation> = settled.iter().filter_map(|settled| kept(settled).cloned()).collect();
    // A batch has no request id: it is told from another one by the names within.
    let change = call.change(ACTION, "", &proto::BatchCreateObservationsRequest::default(), now)?;
    let there = cases.store.keep_observations(&change, &new).await?;
    for (sent, settled) in fresh.iter().zip(&settled) {
        let outcome = match settled {
            Settled::Keep(observation) => match there.get(&sent.id) {
                None => Outcome::Created(observation.facts.grid.clone()),
                Some(there) if there.digest == sent.digest => Outcome::Unchanged(there.grid.clone()),
                Some(_) => Outcome::taken(),
            },
            Settled::As(before) => {
                outcomes[fresh[*before].place].as_ref().map_or_else(Outcome::taken, Outcome::again)
            }
            Settled::Taken => Outcome::taken(),
            Settled::Bad(faults) => Outcome::Refused(faults.clone()),
        };
        outcomes[sent.place] = Some(outcome);
    }
    Ok(())
}

fn kept<T, E>(settled: &Settled<T, E>) -> Option<&T> {
    match settled {
        Settled::Keep(kept) => Some(kept),
        Settled::As(_) | Settled::Taken | Settled::Bad(_) => None,
    }
}

/// An observation with its place, if the caller may make it there.
fn observation(
    cases: &Cases,
    call: &Call,
    sent: &Sent<'_>,
    draft: convert::ObservationDraft,
    places: &Places,
) -> Result<Observation, Vec<Violation>> {
    let Located { grid, position } = places.of(&draft.whereabouts)?;
    let appointment = cases.policy.decide(&call.caller, ACTION, Target::within(grid.as_str()));
    let appointment = appointment.map_err(|_| {
        let text = format!("none of the caller's appointments reaches grid {grid}");
        vec![Violation::new("grid", "NOT_PERMITTED", text)]
    })?;
    let now = cases.clock.now();
    let facts = Facts {
        id: sent.id,
        digest: sent.digest,
        kind: draft.kind,
        observe_time: draft.observe_time,
        officer: party(call, appointment),
        grid,
        position,
        title: draft.title,
        content: draft.content,
        household: draft.household,
    };
    let handling = Handling {
        version: 1,
        class: draft.class,
        needs_action: draft.needs_action,
        state: State::New,
        handler: None,
        case: None,
        update_time: now,
    };
    Ok(Observation { facts, handling, create_time: now })
}

fn told(
    given: &[proto::Observation],
    outcomes: Vec<Option<Outcome>>,
) -> proto::BatchCreateObservationsResponse {
    use proto::ObservationOutcome as Told;
    let mut answer = proto::BatchCreateObservationsResponse::default();
    for (place, (given, outcome)) in given.iter().zip(outcomes).enumerate() {
        let (outcome, grid, faults) = match outcome.unwrap_or_else(Outcome::taken) {
            Outcome::Created(grid) => (Told::Created, Some(grid), Vec::new()),
            Outcome::Unchanged(grid) => (Told::Unchanged, Some(grid), Vec::new()),
            Outcome::Refused(faults) => (Told::Refused, None, faults),
        };
        *match outcome {
            Told::Created => &mut answer.created,
            Told::Unchanged => &mut answer.unchanged,
            Told::Refused | Told::Unspecified => &mut answer.refused,
        } += 1;
        let within = format!("observations[{place}]");
        let violations =
            faults.into_iter().map(|fault| convert::observation_violation(fault.within(&within)));
        answer.results.push(proto::ObservationResult {
            name: given.name.clone(),
            outcome: outcome.into(),
            grid: grid.map(|grid| format!("grids/{grid}")).unwrap_or_default(),
            violations: violations.collect(),
        });
    }
    answer
}
