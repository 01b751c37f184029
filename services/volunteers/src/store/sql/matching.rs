//! Matchings in SQL.

mod rows;

use chrono::NaiveDate;
use minqing_platform::clock::civil_day;
use minqing_platform::code::{Code, range_end};
use minqing_platform::db::{Error as DbError, Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use sqlx::{Connection as _, QueryBuilder};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use super::need::NeedWork as _;
use super::team::rows::TeamRows as _;
use crate::domain::matching::run::{Outcome, Run};
use crate::domain::need::{Command, Promise};
use crate::store::matching::{Inputs, MatchFilter, MatchingStore, Stored, StoredMatch};
use crate::store::need::Act;
use rows::{MATCHING, MatchRow, MatchingRow, MatchingRows as _, need_id};

/// Matches that are proposed in one transaction: few enough that whoever waits for it waits for a fraction of a second.
const CHUNK: i64 = 100;

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl MatchingStore for Sql<Db> {
    async fn matching_inputs(&self, area: &Code, day: NaiveDate) -> Result<Inputs, Error> {
        let mut reads = self.db.reads().acquire().await?;
        let needs = reads.open_needs(area).await?;
        let teams = reads.serving_teams(area, day).await?;
        Ok(Inputs { needs, teams })
    }

    async fn matching_of_request(&self, change: &Change) -> Result<Option<Uuid>, Error> {
        Ok(self.db.reads().acquire().await?.replayed(change).await?)
    }

    async fn keep_matching(&self, change: &Change, run: &Run) -> Result<Uuid, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(id) = tx.replayed(change).await? {
            return Ok(id);
        }
        tx.insert_matching(run).await?;
        tx.remember(change, &run.matching.id).await?;
        tx.commit().await?;
        self.committed();
        Ok(run.matching.id)
    }

    async fn propose_matches(&self, change: &Change, id: Uuid, promise: Promise) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        tx.take_turn().await?;
        let pending = tx.pending(id, CHUNK).await?;
        let mut proposed = Vec::with_capacity(pending.len());
        for one in &pending {
            let need = need_id(&one.one)?;
            // What cannot be proposed takes back only itself.
            let mut saved = tx.begin().await?;
            match saved.propose_match(change, id, one, promise).await {
                Ok(()) => {
                    saved.commit().await?;
                    proposed.push(need);
                }
                Err(error) => {
                    saved.rollback().await?;
                    tx.settle(id, &[need], Outcome::Skipped, skipped(error)?).await?;
                }
            }
        }
        tx.settle(id, &proposed, Outcome::Proposed, "").await?;
        if pending.is_empty() && tx.finish(id).await? {
            tx.tell_finished(change, id).await?;
        }
        tx.commit().await?;
        self.committed();
        Ok(!pending.is_empty())
    }

    async fn matching(&self, id: Uuid) -> Result<Option<Stored>, Error> {
        Ok(self.db.reads().acquire().await?.stored_matching(id).await?)
    }

    async fn matchings(
        &self,
        within: &[String],
        area: Option<&Code>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Stored>, Error> {
        let mut query = QueryBuilder::new(MATCHING);
        query.push(" WHERE m.seq < ").push_bind(before.unwrap_or(i64::MAX)).push(" AND (1 = 0");
        for within in within {
            query.push(" OR (m.division_code >= ").push_bind(within.clone());
            query.push(" AND m.division_code < ").push_bind(range_end(within)).push(")");
        }
        query.push(")");
        if let Some(area) = area {
            query.push(" AND m.division_code >= ").push_bind(area.to_string());
            query.push(" AND m.division_code < ").push_bind(area.range_end());
        }
        query.push(" ORDER BY m.seq DESC LIMIT ").push_bind(limit);
        let found: Vec<MatchingRow> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(MatchingRow::whole).collect::<Result<_, _>>()?)
    }

    async fn matches(
        &self,
        id: Uuid,
        filter: &MatchFilter,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<StoredMatch>, Error> {
        let mut query =
            QueryBuilder::new("SELECT outcome, reason, state FROM matching_needs WHERE matching_id = ");
        query.push_bind(id);
        if let Some(outcome) = filter.outcome {
            query.push(" AND outcome = ").push_bind(outcome.as_str());
        }
        if let Some(team) = &filter.team {
            query.push(" AND team = ").push_bind(team.clone());
        }
        if let Some(after) = after {
            query.push(" AND need_id > ").push_bind(after);
        }
        query.push(" ORDER BY need_id LIMIT ").push_bind(limit);
        let found: Vec<MatchRow> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(MatchRow::whole).collect::<Result<_, _>>()?)
    }

    async fn matching_run(&self, id: Uuid) -> Result<Option<Run>, Error> {
        let mut reads = self.db.reads().acquire().await?;
        match reads.stored_matching(id).await? {
            Some(stored) => Ok(Some(reads.run(stored.matching).await?)),
            None => Ok(None),
        }
    }
}

/// Why a match was not proposed; another failure than a rule or a race ends the chunk, which is tried again as a whole.
fn skipped(error: Error) -> Result<&'static str, Error> {
    match error {
        Error::Refused(refusal) if refusal.reason == "ETAG_MISMATCH" => Ok("NEED_CHANGED"),
        Error::Refused(refusal) => Ok(refusal.reason),
        Error::Database(DbError::Conflict) => Ok("NEED_CHANGED"),
        other => Err(other),
    }
}

/// What is done to one match within a transaction.
#[async_trait::async_trait]
trait Proposing {
    async fn propose_match(
        &mut self,
        change: &Change,
        id: Uuid,
        one: &StoredMatch,
        promise: Promise,
    ) -> Result<(), Error>;

    async fn tell_finished(&mut self, change: &Change, id: Uuid) -> Result<(), Error>;
}

#[trait_gen(Conn -> sqlx::SqliteConnection, sqlx::PgConnection)]
#[async_trait::async_trait]
impl Proposing for Conn {
    async fn propose_match(
        &mut self,
        change: &Change,
        id: Uuid,
        one: &StoredMatch,
        promise: Promise,
    ) -> Result<(), Error> {
        let name = one.one.team.clone().unwrap_or_default();
        let missing = || Refusal::missing(format!("teams/{name}"));
        // The team as it is now: it may have ended, or take fewer needs than when it was matched.
        let team = self.team(&name).await?.ok_or_else(missing)?;
        team.in_force(civil_day(change.now))?;
        let act = Act {
            id: need_id(&one.one)?,
            version: Some(one.one.facts.version),
            command: &Command::Propose { team: name, matching: Some(id.to_string()) },
            promise,
            capacity: team.capacity,
        };
        self.happen_to_need(change, &act).await?;
        Ok(())
    }

    async fn tell_finished(&mut self, change: &Change, id: Uuid) -> Result<(), Error> {
        let Some(stored) = self.stored_matching(id).await? else { return Ok(()) };
        let event = NewEvent {
            kind: "MatchingFinished",
            subject: format!("matchings/{id}"),
            division_code: stored.matching.area.to_string(),
            payload: serde_json::json!({
                "needs": stored.matching.needs,
                "matched": stored.matching.matched,
                "proposed": stored.proposed,
                "skipped": stored.skipped,
            }),
        };
        Ok(self.append(change, &[event]).await?)
    }
}
