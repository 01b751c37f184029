//! Reading all that is kept of cases.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::Error;
use sqlx::{FromRow, QueryBuilder};
use trait_gen::trait_gen;

use uuid::Uuid;

use super::Sql;
use super::case::CaseRows as _;
use super::dispatch::LessonRows as _;
use super::figures::FigureRows as _;
use super::search::TermRows as _;
use super::timer::TimeRows as _;
use super::told::ToldRows as _;
use crate::domain::case::Case;
use crate::domain::dispatch::learnt::Lesson;
use crate::domain::search;
use crate::store::check::{CheckStore, Columns, Derived, Rebuilt, Stored, StoredPart, Totals};

/// The longest history that is read.
const HISTORY_MAX: i64 = 100_000;

#[derive(FromRow)]
struct Row {
    seq: i64,
    number: String,
    version: i64,
    status: String,
    kind: String,
    door: String,
    division_code: String,
    item: String,
    owner_organization: String,
    next_due_time: Option<DateTime<Utc>>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    state: String,
}

#[derive(FromRow)]
struct PartRow {
    case_number: String,
    id: i64,
    organization: String,
    status: String,
    start_time: DateTime<Utc>,
    due_time: Option<DateTime<Utc>>,
}

/// What is kept of the cases of a page, by their numbers.
#[derive(Default)]
struct Kept {
    parts: HashMap<String, Vec<StoredPart>>,
    derived: HashMap<String, Derived>,
    /// The observations that became each.
    observations: HashMap<String, Vec<Uuid>>,
    /// The cases that observations became.
    origins: HashMap<Uuid, Option<String>>,
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl CheckStore for Sql<Db> {
    async fn stored_after(&self, seq: i64, limit: i64) -> Result<Vec<Stored>, Error> {
        let mut reads = self.db.reads().acquire().await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT seq, number, version, status, kind, door, division_code, item, owner_organization, \
             next_due_time, create_time, update_time, state FROM cases WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(seq)
        .bind(limit)
        .fetch_all(&mut *reads)
        .await?;
        let cases = rows.iter().map(Row::case).collect::<Result<Vec<Case>, _>>()?;
        let mut kept = reads.kept(&cases).await?;
        let mut stored = Vec::with_capacity(rows.len());
        for (row, case) in rows.into_iter().zip(cases) {
            let number = &row.number;
            let mut derived = kept.derived.remove(number).unwrap_or_default();
            derived.next_due = row.next_due_time;
            derived.timers.sort_by_key(|timer| (timer.part, timer.kind.as_str()));
            derived.terms = reads.terms_kept(number, &search::terms(&case)).await?;
            stored.push(Stored {
                seq: row.seq,
                history: reads.case_events(number, 0, HISTORY_MAX).await?,
                parts: kept.parts.remove(number).unwrap_or_default(),
                outdated: reads.terms_kept(number, &search::outdated(&case)).await?,
                observations: kept.observations.remove(number).unwrap_or_default(),
                origin: origin(&case).and_then(|id| kept.origins.get(&id).cloned()),
                columns: row.columns(),
                derived,
                case,
            });
        }
        Ok(stored)
    }

    async fn totals(&self) -> Result<Totals, Error> {
        let mut reads = self.db.reads().acquire().await?;
        let events = sqlx::query_scalar("SELECT COUNT(*) FROM case_events").fetch_one(&mut *reads).await?;
        let terms = sqlx::query_scalar("SELECT COUNT(*) FROM case_terms").fetch_one(&mut *reads).await?;
        let learnt: Vec<(String, i64)> = sqlx::query_as(
            "SELECT organization, CAST(SUM(cases) AS BIGINT) FROM (SELECT organization, cases FROM \
             dispatch_organizations UNION ALL SELECT organization, cases FROM dispatch_lessons) AS l \
             GROUP BY organization",
        )
        .fetch_all(&mut *reads)
        .await?;
        Ok(Totals { events, terms, learnt: learnt.into_iter().collect() })
    }

    async fn rebuild_case(&self, rebuilt: &Rebuilt) -> Result<bool, Error> {
        let Rebuilt { case, calendar, derived } = rebuilt;
        let number = &case.number;
        let mut tx = self.db.begin().await?;
        // Nobody else writes the case from here on; whoever read it before starts again.
        sqlx::query("UPDATE cases SET version = version WHERE number = $1")
            .bind(number)
            .execute(&mut *tx)
            .await?;
        let newest: Option<i64> =
            sqlx::query_scalar("SELECT MAX(version) FROM case_events WHERE case_number = $1")
                .bind(number)
                .fetch_one(&mut *tx)
                .await?;
        if newest != Some(case.version) {
            return Ok(false);
        }
        tx.rewrite_case(case).await?;
        let kept: i64 = sqlx::query_scalar("SELECT version FROM cases WHERE number = $1")
            .bind(number)
            .fetch_one(&mut *tx)
            .await?;
        tx.update_case(case, kept, calendar).await?;
        for table in ["assignments", "told", "case_figures"] {
            let mut query = QueryBuilder::new("DELETE FROM ");
            query.push(table).push(" WHERE case_number = ").push_bind(number.clone());
            query.build().execute(&mut *tx).await?;
        }
        let bare = Case { assignments: Vec::new(), ..case.clone() };
        tx.write_parts(&bare, case, calendar).await?;
        tx.insert_told(&derived.told).await?;
        tx.write_rounds(derived.rounds.clone()).await?;
        tx.renew_timers(case, calendar).await?;
        tx.renew_case_terms(case, &search::outdated(case)).await?;
        if let Some(id) = origin(case) {
            sqlx::query(
                "UPDATE observations SET state = 'raised', case_number = $1 WHERE id = $2 AND case_number IS NULL",
            )
            .bind(number)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn forget_lessons(&self) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        for table in ["dispatch_lessons", "dispatch_organizations", "dispatch_counts", "dispatch_words"] {
            QueryBuilder::new("DELETE FROM ").push(table).build().execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn note_taught(&self, lessons: &[(Lesson, i64)], now: DateTime<Utc>) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        for (lesson, cases) in lessons {
            tx.note_lessons(std::slice::from_ref(lesson), *cases, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

impl Row {
    fn case(&self) -> Result<Case, db::Error> {
        serde_json::from_str(&self.state)
            .map_err(|error| db::Error::Corrupt(format!("case {}: {error}", self.number)))
    }

    fn columns(self) -> Columns {
        Columns {
            number: self.number,
            version: self.version,
            status: self.status,
            kind: self.kind,
            door: self.door,
            division_code: self.division_code,
            item: self.item,
            owner_organization: self.owner_organization,
            create_time: self.create_time,
            update_time: self.update_time,
        }
    }
}

/// The observation from which a case says it came.
fn origin(case: &Case) -> Option<Uuid> {
    case.origin.as_deref()?.strip_prefix("observations/")?.parse().ok()
}

/// Reading what is kept of the cases of a page.
#[async_trait::async_trait]
trait KeptRows {
    async fn kept(&mut self, cases: &[Case]) -> Result<Kept, db::Error>;
    async fn kept_parts(&mut self, numbers: &[String], kept: &mut Kept) -> Result<(), db::Error>;
    async fn kept_observations(
        &mut self,
        numbers: &[String],
        cases: &[Case],
        kept: &mut Kept,
    ) -> Result<(), db::Error>;
    /// Writes what never changes of a case.
    async fn rewrite_case(&mut self, case: &Case) -> Result<(), db::Error>;
}

#[trait_gen(Conn -> sqlx::SqliteConnection, sqlx::PgConnection)]
#[async_trait::async_trait]
impl KeptRows for Conn {
    async fn kept(&mut self, cases: &[Case]) -> Result<Kept, db::Error> {
        let numbers: Vec<String> = cases.iter().map(|case| case.number.clone()).collect();
        let mut kept = Kept::default();
        if numbers.is_empty() {
            return Ok(kept);
        }
        self.kept_parts(&numbers, &mut kept).await?;
        self.kept_observations(&numbers, cases, &mut kept).await?;
        for (number, timer) in self.timers_kept(&numbers).await? {
            kept.derived.entry(number).or_default().timers.push(timer);
        }
        for told in self.told_of(&numbers).await? {
            kept.derived.entry(told.number.clone()).or_default().told.push(told);
        }
        for facts in self.rounds_of(&numbers).await? {
            kept.derived.entry(facts.number.clone()).or_default().rounds.push(facts);
        }
        Ok(kept)
    }

    async fn kept_parts(&mut self, numbers: &[String], kept: &mut Kept) -> Result<(), db::Error> {
        let mut query = QueryBuilder::new(
            "SELECT case_number, id, organization, status, start_time, due_time FROM assignments \
             WHERE case_number IN (",
        );
        let mut list = query.separated(", ");
        for number in numbers {
            list.push_bind(number.clone());
        }
        query.push(") ORDER BY case_number, id");
        let found: Vec<PartRow> = query.build_query_as().fetch_all(&mut *self).await?;
        for PartRow { case_number, id, organization, status, start_time, due_time } in found {
            let dues: &mut BTreeMap<_, _> =
                &mut kept.derived.entry(case_number.clone()).or_default().part_dues;
            dues.insert(id, due_time);
            let part = StoredPart { id, organization, status, start_time };
            kept.parts.entry(case_number).or_default().push(part);
        }
        Ok(())
    }

    async fn kept_observations(
        &mut self,
        numbers: &[String],
        cases: &[Case],
        kept: &mut Kept,
    ) -> Result<(), db::Error> {
        let mut query = QueryBuilder::new("SELECT id, case_number FROM observations WHERE case_number IN (");
        let mut list = query.separated(", ");
        for number in numbers {
            list.push_bind(number.clone());
        }
        query.push(")");
        let became: Vec<(Uuid, String)> = query.build_query_as().fetch_all(&mut *self).await?;
        for (id, number) in became {
            kept.observations.entry(number).or_default().push(id);
        }
        let origins: Vec<Uuid> = cases.iter().filter_map(origin).collect();
        if origins.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new("SELECT id, case_number FROM observations WHERE id IN (");
        let mut list = query.separated(", ");
        for id in origins {
            list.push_bind(id);
        }
        query.push(")");
        let found: Vec<(Uuid, Option<String>)> = query.build_query_as().fetch_all(&mut *self).await?;
        kept.origins.extend(found);
        Ok(())
    }

    async fn rewrite_case(&mut self, case: &Case) -> Result<(), db::Error> {
        sqlx::query(
            "UPDATE cases SET kind = $2, door = $3, division_code = $4, create_time = $5 WHERE number = $1",
        )
        .bind(&case.number)
        .bind(case.first_kind.as_str())
        .bind(case.door.as_str())
        .bind(case.place.code.as_str())
        .bind(case.create_time)
        .execute(&mut *self)
        .await?;
        Ok(())
    }
}
