//! The gate for sign-ups: those who come to one shift while a transaction runs go into the next one together.
//!
//! A transaction for each of two thousand who come at the same moment would have them wait for one another on the lock of
//! the shift, two thousand times. Each process has its own gates, and the lock keeps those of several apart. Who lets go of
//! their call while they wait is signed up nevertheless.

use minqing_platform::db;
use minqing_platform::error::Error;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::domain::sign_up::SignUp;
use crate::store;
use crate::store::sign_up::NewSignUp;

/// Gates, so that a shift that many want does not hold up those of others.
const GATES: u128 = 4;
/// Callers that wait at one gate; more are told to come again.
const WAITING_MAX: usize = 4_096;
/// Callers of one transaction: fifteen values each, below either database's limit of bind variables.
const BATCH_MAX: usize = 512;
/// How often a transaction that lost a race is tried.
const TRIES_MAX: usize = 4;

struct Waiting {
    shift: Uuid,
    new: NewSignUp,
    answer: oneshot::Sender<Result<SignUp, Error>>,
}

/// See the module. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct Gates(Vec<mpsc::Sender<Waiting>>);

impl Gates {
    /// Opens the gates until the token fires, within a runtime.
    pub fn open(store: &store::Shared, stop: &CancellationToken) -> Self {
        let open = |_| {
            let (sender, receiver) = mpsc::channel(WAITING_MAX);
            let (store, stop) = (store.clone(), stop.clone());
            tokio::spawn(async move { stop.run_until_cancelled(serve(&store, receiver)).await });
            sender
        };
        Self((0..GATES).map(open).collect())
    }

    /// Signs somebody up for a shift.
    ///
    /// # Errors
    /// See [`crate::store::SignUpStore::sign_up_all`]; UNAVAILABLE where too many wait, or the service stops.
    pub async fn sign_up(&self, shift: Uuid, new: NewSignUp) -> Result<SignUp, Error> {
        let closed = |cause: &str| Error::Unavailable("gate for sign-ups", cause.to_owned());
        let place = usize::try_from(shift.as_u128() % GATES).unwrap_or(0);
        let gate = self.0.get(place).ok_or_else(|| closed("there is none"))?;
        let (answer, answered) = oneshot::channel();
        gate.try_send(Waiting { shift, new, answer })
            .map_err(|_| closed("too many wait, or it is closed"))?;
        answered.await.map_err(|_| closed("it closed"))?
    }
}

async fn serve(store: &store::Shared, mut receiver: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while receiver.recv_many(&mut batch, BATCH_MAX).await > 0 {
        // In the order in which they came, shift by shift.
        batch.sort_by_key(|waiting| waiting.shift);
        let mut rest = std::mem::take(&mut batch);
        while let Some(first) = rest.first() {
            let shift = first.shift;
            let count = rest.iter().take_while(|waiting| waiting.shift == shift).count();
            let later = rest.split_off(count);
            admit(store, shift, std::mem::replace(&mut rest, later)).await;
        }
    }
}

async fn admit(store: &store::Shared, shift: Uuid, waiting: Vec<Waiting>) {
    let (new, answers): (Vec<_>, Vec<_>) = waiting.into_iter().map(|one| (one.new, one.answer)).unzip();
    let mut outcome = store.sign_up_all(shift, &new).await;
    for _ in 1..TRIES_MAX {
        if !matches!(outcome, Err(Error::Database(db::Error::Conflict))) {
            break;
        }
        outcome = store.sign_up_all(shift, &new).await;
    }
    match outcome {
        Ok(outcomes) => {
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                // Whoever let go of their call does not hear it.
                let _ = answer.send(outcome);
            }
        }
        Err(error) => {
            for answer in answers {
                let _ = answer.send(Err(alike(&error)));
            }
        }
    }
}

/// What went wrong for all, told to one of them.
fn alike(error: &Error) -> Error {
    match error {
        Error::Refused(refusal) => Error::Refused(refusal.clone()),
        Error::Database(db::Error::Conflict) => Error::Database(db::Error::Conflict),
        Error::Database(db::Error::Unavailable(cause)) => Error::Unavailable("database", cause.to_string()),
        other => Error::Internal(format!("{other:?}")),
    }
}
