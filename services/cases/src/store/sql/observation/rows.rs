//! Observations as rows, and statements on them on one connection.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::db;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use crate::domain::case::Party;
use crate::domain::observation::{Command, Digest, Facts, Handling, Observation, decide};
use crate::store::observation::{Figure, Stored, There};

/// Rows in one statement: nineteen values each, below either database's limit.
const ROWS_A_STATEMENT: usize = 500;

/// The columns of [`Row`], and where they are from.
macro_rules! columns {
    () => {
        "o.id, o.digest, o.kind, o.observe_time, o.officer, o.organization, o.division_code, o.latitude, \
         o.longitude, o.title, o.content, o.household, o.create_time, o.version, o.class, o.needs_action, o.state, \
         o.handler, o.case_number, o.update_time, c.state AS case_state \
         FROM observations o LEFT JOIN cases c ON c.number = o.case_number"
    };
}
pub(super) use columns;

#[derive(FromRow)]
pub(super) struct Row {
    id: Uuid,
    digest: Vec<u8>,
    kind: String,
    observe_time: DateTime<Utc>,
    officer: String,
    organization: Option<String>,
    division_code: String,
    latitude: Option<f64>,
    longitude: Option<f64>,
    title: String,
    content: String,
    household: Option<String>,
    create_time: DateTime<Utc>,
    version: i64,
    class: Option<String>,
    needs_action: bool,
    state: String,
    handler: Option<String>,
    case_number: Option<String>,
    update_time: DateTime<Utc>,
    case_state: Option<String>,
}

impl Row {
    pub(super) fn whole(self) -> Result<Stored, db::Error> {
        let facts = Facts {
            id: self.id,
            digest: digest(&self.digest)?,
            kind: read(&self.kind)?,
            observe_time: self.observe_time,
            officer: Party { name: self.officer, organization: self.organization },
            grid: grid(&self.division_code)?,
            position: self.latitude.zip(self.longitude),
            title: self.title,
            content: self.content,
            household: self.household,
        };
        let handling = Handling {
            version: self.version,
            class: self.class.as_deref().map(read).transpose()?,
            needs_action: self.needs_action,
            state: read(&self.state)?,
            handler: self.handler,
            case: self.case_number,
            update_time: self.update_time,
        };
        let case = self.case_state.as_deref().map(serde_json::from_str).transpose();
        let case = case.map_err(|error| db::Error::Corrupt(error.to_string()))?;
        Ok(Stored { observation: Observation { facts, handling, create_time: self.create_time }, case })
    }
}

#[derive(FromRow)]
pub(super) struct FigureRow {
    division: String,
    kind: String,
    class: Option<String>,
    state: String,
    count: i64,
}

impl FigureRow {
    pub(super) fn read(self) -> Result<Figure, db::Error> {
        Ok(Figure {
            division: self.division,
            kind: read(&self.kind)?,
            class: self.class.as_deref().map(read).transpose()?,
            state: read(&self.state)?,
            count: self.count,
        })
    }
}

fn read<T: FromStr<Err = String>>(text: &str) -> Result<T, db::Error> {
    text.parse().map_err(|error| db::Error::Corrupt(format!("observation: {error}")))
}

fn grid(text: &str) -> Result<Code, db::Error> {
    text.parse().map_err(|error| db::Error::Corrupt(format!("observation: {error}")))
}

fn digest(bytes: &[u8]) -> Result<Digest, db::Error> {
    Digest::try_from(bytes).map_err(|_| db::Error::Corrupt("observation: digest".to_owned()))
}

/// What the feed is told: that something became of an observation, never what somebody wrote, which household was
/// visited, or which case it became, by which whoever raised a complaint could be found.
pub(super) fn event(kind: &'static str, observation: &Observation) -> NewEvent {
    let handling = &observation.handling;
    NewEvent {
        kind,
        subject: format!("observations/{}", observation.facts.id),
        division_code: observation.facts.grid.to_string(),
        payload: json!({
            "version": handling.version,
            "kind": observation.facts.kind,
            "class": handling.class,
            "needs_action": handling.needs_action,
            "state": handling.state,
        }),
    }
}

/// Observations as a connection sees them.
#[async_trait::async_trait]
pub(super) trait ObservationRows {
    /// Those of these that are there.
    async fn known_observations(&mut self, ids: &[Uuid]) -> Result<HashMap<Uuid, There>, Error>;
    /// One observation.
    async fn stored_observation(&mut self, id: Uuid) -> Result<Option<Stored>, Error>;
    /// Writes those that are not there; gives their ids.
    async fn insert_observations(&mut self, new: &[Observation]) -> Result<HashSet<Uuid>, Error>;
    /// An observation as the caller read it, locked until the transaction ends.
    async fn lock_observation(&mut self, id: Uuid, version: Option<i64>) -> Result<Observation, Error>;
    /// Writes what became of one that is locked, and tells the feed.
    async fn write_handling(
        &mut self,
        change: &Change,
        command: &Command,
        after: &Observation,
    ) -> Result<(), Error>;
    /// Lets something become of one.
    async fn handle(
        &mut self,
        change: &Change,
        id: Uuid,
        version: Option<i64>,
        command: &Command,
    ) -> Result<Observation, Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl ObservationRows for Conn {
    async fn known_observations(&mut self, ids: &[Uuid]) -> Result<HashMap<Uuid, There>, Error> {
        let mut known = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(ROWS_A_STATEMENT) {
            let mut query =
                QueryBuilder::new("SELECT id, digest, division_code FROM observations WHERE id IN (");
            let mut listed = query.separated(", ");
            for id in chunk {
                listed.push_bind(*id);
            }
            query.push(")");
            let rows: Vec<(Uuid, Vec<u8>, String)> = query.build_query_as().fetch_all(&mut *self).await?;
            for (id, bytes, code) in rows {
                known.insert(id, There { digest: digest(&bytes)?, grid: grid(&code)? });
            }
        }
        Ok(known)
    }

    async fn stored_observation(&mut self, id: Uuid) -> Result<Option<Stored>, Error> {
        let row: Option<Row> = sqlx::query_as(concat!("SELECT ", columns!(), " WHERE o.id = $1"))
            .bind(id)
            .fetch_optional(&mut *self)
            .await?;
        Ok(row.map(Row::whole).transpose()?)
    }

    async fn insert_observations(&mut self, new: &[Observation]) -> Result<HashSet<Uuid>, Error> {
        // In one order for all: two batches with the same observations cannot wait for each other.
        let mut ordered: Vec<&Observation> = new.iter().collect();
        ordered.sort_by_key(|one| one.facts.id);
        let mut made = HashSet::with_capacity(new.len());
        for chunk in ordered.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO observations (id, digest, kind, observe_time, officer, organization, division_code, \
                 latitude, longitude, title, content, household, create_time, version, class, needs_action, state, \
                 handler, update_time) ",
            );
            query.push_values(chunk, |mut row, one| {
                let (facts, handling) = (&one.facts, &one.handling);
                row.push_bind(facts.id)
                    .push_bind(facts.digest.to_vec())
                    .push_bind(facts.kind.as_str())
                    .push_bind(facts.observe_time)
                    .push_bind(facts.officer.name.clone())
                    .push_bind(facts.officer.organization.clone())
                    .push_bind(facts.grid.to_string())
                    .push_bind(facts.position.map(|(latitude, _)| latitude))
                    .push_bind(facts.position.map(|(_, longitude)| longitude))
                    .push_bind(facts.title.clone())
                    .push_bind(facts.content.clone())
                    .push_bind(facts.household.clone())
                    .push_bind(one.create_time)
                    .push_bind(handling.version)
                    .push_bind(handling.class.map(|class| class.as_str()))
                    .push_bind(handling.needs_action)
                    .push_bind(handling.state.as_str())
                    .push_bind(handling.handler.clone())
                    .push_bind(handling.update_time);
            });
            // Another call may bring the same ones at this moment.
            query.push(" ON CONFLICT (id) DO NOTHING RETURNING id");
            let ids: Vec<(Uuid,)> = query.build_query_as().fetch_all(&mut *self).await?;
            made.extend(ids.into_iter().map(|(id,)| id));
        }
        Ok(made)
    }

    async fn lock_observation(&mut self, id: Uuid, version: Option<i64>) -> Result<Observation, Error> {
        // Writing the row to itself takes its lock on PostgreSQL; on SQLite the transaction holds the only one.
        sqlx::query("UPDATE observations SET version = version WHERE id = $1")
            .bind(id)
            .execute(&mut *self)
            .await?;
        let stored = self.stored_observation(id).await?;
        let there = stored.ok_or_else(|| Refusal::missing(format!("observation {id}")))?.observation;
        if version.is_some_and(|version| version != there.handling.version) {
            return Err(Refusal::stale().into());
        }
        Ok(there)
    }

    async fn write_handling(
        &mut self,
        change: &Change,
        command: &Command,
        after: &Observation,
    ) -> Result<(), Error> {
        let handling = &after.handling;
        sqlx::query(
            "UPDATE observations SET version = $2, class = $3, needs_action = $4, state = $5, handler = $6, \
             case_number = $7, update_time = $8 WHERE id = $1",
        )
        .bind(after.facts.id)
        .bind(handling.version)
        .bind(handling.class.map(|class| class.as_str()))
        .bind(handling.needs_action)
        .bind(handling.state.as_str())
        .bind(&handling.handler)
        .bind(&handling.case)
        .bind(handling.update_time)
        .execute(&mut *self)
        .await?;
        Ok(self.append(change, &[event(command.event(), after)]).await?)
    }

    async fn handle(
        &mut self,
        change: &Change,
        id: Uuid,
        version: Option<i64>,
        command: &Command,
    ) -> Result<Observation, Error> {
        let before = self.lock_observation(id, version).await?;
        let handling = decide(&before.handling, command, &change.actor, change.now)?;
        let after = Observation { handling, ..before };
        self.write_handling(change, command, &after).await?;
        Ok(after)
    }
}
