//! What every write carries and leaves behind: who and when, the remembered answer, and the events.
//!
//! A store's write method begins a transaction, asks [`Journal::replayed`] whether this very request was answered
//! before, does its work, appends events, remembers the outcome, and commits: all in that one transaction.

use chrono::{DateTime, Utc};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use crate::db::Error;

/// Rows in one INSERT: nine columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 500;

/// Who changes something, when, and under which request id.
#[derive(Debug, Clone)]
pub struct Change {
    /// The caller's name for the record: issuer and subject, or `system`.
    pub actor: String,
    /// The instant of the change.
    pub now: DateTime<Utc>,
    /// The request, when the caller gave it an id.
    pub request: Option<RequestKey>,
}

impl Change {
    /// A change the service makes by itself.
    pub fn by_system(now: DateTime<Utc>) -> Self {
        Self { actor: "system".to_owned(), now, request: None }
    }
}

/// An idempotency key (AIP-155) and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The id the caller gave.
    pub id: Uuid,
    /// The RPC.
    pub method: &'static str,
    /// SHA-256 of the request: the same id with another digest is refused.
    pub digest: Vec<u8>,
}

impl RequestKey {
    /// The key of a request; none when the caller gave no id.
    ///
    /// # Errors
    /// The id is not a UUID.
    pub fn of(id: &str, method: &'static str, request: &impl Message) -> Result<Option<Self>, uuid::Error> {
        if id.is_empty() {
            return Ok(None);
        }
        let id = Uuid::parse_str(id)?;
        Ok(Some(Self { id, method, digest: Sha256::digest(request.encode_to_vec()).to_vec() }))
    }
}

/// An event to be appended.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What happened: `DivisionCreated`.
    pub kind: &'static str,
    /// The resource's name.
    pub subject: String,
    /// The code of the division or grid it belongs to.
    pub division_code: String,
    /// The facts, as a JSON object. Never a person's numbers or file.
    pub payload: serde_json::Value,
}

/// An event as it is kept.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Event {
    /// First half of the cursor: the transaction (0 on SQLite).
    pub tx: i64,
    /// Second half of the cursor.
    pub seq: i64,
    /// Unique id.
    pub id: Uuid,
    /// What happened.
    pub kind: String,
    /// The resource's name.
    pub subject: String,
    /// The code of the division or grid it belongs to.
    pub division_code: String,
    /// When.
    pub occur_time: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// The facts, as JSON text.
    pub payload: String,
}

/// The journal of a service, as a connection inside a transaction sees it.
#[async_trait::async_trait]
pub trait Journal {
    /// The outcome remembered for this request, if it was answered before.
    ///
    /// # Errors
    /// [`Error::RequestReused`] when the id stands for another request.
    async fn replayed<T: DeserializeOwned + Send>(&mut self, change: &Change) -> Result<Option<T>, Error>;

    /// Remembers the outcome for a request that may be sent again.
    async fn remember<T: Serialize + Sync>(&mut self, change: &Change, outcome: &T) -> Result<(), Error>;

    /// Appends events in their order.
    async fn append(&mut self, change: &Change, events: &[NewEvent]) -> Result<(), Error>;

    /// Events after a cursor, oldest first, only those that no running transaction can still precede.
    async fn events_after(&mut self, tx: i64, seq: i64, limit: i64) -> Result<Vec<Event>, Error>;

    /// The cursor of the newest event that can be read; (0, 0) when there is none.
    async fn events_end(&mut self) -> Result<(i64, i64), Error>;

    /// Forgets outcomes older than an instant. Returns how many.
    async fn forget_requests_before(&mut self, instant: DateTime<Utc>) -> Result<u64, Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl Journal for Conn {
    async fn replayed<T: DeserializeOwned + Send>(&mut self, change: &Change) -> Result<Option<T>, Error> {
        let Some(key) = &change.request else { return Ok(None) };
        let found: Option<(String, Vec<u8>, String)> =
            sqlx::query_as("SELECT method, digest, outcome FROM requests WHERE actor = $1 AND id = $2")
                .bind(&change.actor)
                .bind(key.id)
                .fetch_optional(&mut *self)
                .await?;
        let Some((method, digest, outcome)) = found else { return Ok(None) };
        if method != key.method || digest != key.digest {
            return Err(Error::RequestReused);
        }
        serde_json::from_str(&outcome).map(Some).map_err(|error| Error::Corrupt(error.to_string()))
    }

    async fn remember<T: Serialize + Sync>(&mut self, change: &Change, outcome: &T) -> Result<(), Error> {
        let Some(key) = &change.request else { return Ok(()) };
        let outcome = serde_json::to_string(outcome).map_err(|error| Error::Corrupt(error.to_string()))?;
        let insert = sqlx::query(
            "INSERT INTO requests (actor, id, method, digest, outcome, create_time) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&change.actor)
        .bind(key.id)
        .bind(key.method)
        .bind(&key.digest)
        .bind(outcome)
        .bind(change.now)
        .execute(&mut *self)
        .await;
        match insert.map_err(Error::from) {
            // The same request is being answered elsewhere at this moment: this one is tried again and replayed.
            Err(Error::Duplicate) => Err(Error::Conflict),
            other => other.map(drop),
        }
    }

    async fn append(&mut self, change: &Change, events: &[NewEvent]) -> Result<(), Error> {
        for chunk in events.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO events (id, kind, subject, division_code, occur_time, actor, payload) ",
            );
            query.push_values(chunk, |mut row, event| {
                row.push_bind(Uuid::now_v7())
                    .push_bind(event.kind)
                    .push_bind(event.subject.clone())
                    .push_bind(event.division_code.clone())
                    .push_bind(change.now)
                    .push_bind(change.actor.clone())
                    .push_bind(event.payload.to_string());
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn events_after(&mut self, tx: i64, seq: i64, limit: i64) -> Result<Vec<Event>, Error> {
        Ok(sqlx::query_as(
            "SELECT tx, seq, id, kind, subject, division_code, occur_time, actor, payload FROM event_feed \
             WHERE (tx, seq) > ($1, $2) ORDER BY tx, seq LIMIT $3",
        )
        .bind(tx)
        .bind(seq)
        .bind(limit)
        .fetch_all(&mut *self)
        .await?)
    }

    async fn events_end(&mut self) -> Result<(i64, i64), Error> {
        let end: Option<(i64, i64)> =
            sqlx::query_as("SELECT tx, seq FROM event_feed ORDER BY tx DESC, seq DESC LIMIT 1")
                .fetch_optional(&mut *self)
                .await?;
        Ok(end.unwrap_or((0, 0)))
    }

    async fn forget_requests_before(&mut self, instant: DateTime<Utc>) -> Result<u64, Error> {
        let done = sqlx::query("DELETE FROM requests WHERE create_time < $1")
            .bind(instant)
            .execute(&mut *self)
            .await?;
        Ok(done.rows_affected())
    }
}
