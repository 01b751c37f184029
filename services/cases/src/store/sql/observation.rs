//! Civic information in SQL.

mod rows;

use std::collections::HashMap;

use minqing_platform::code::range_end;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use super::case::CaseWork as _;
use crate::domain::calendar::Calendar;
use crate::domain::case::{Case, Party};
use crate::domain::observation::{Command, Handling, Observation, decide};
use crate::store::case::NewCase;
use crate::store::observation::{Counted, Figure, Filter, Key, ObservationStore, Stored, There};
use rows::{FigureRow, ObservationRows as _, Row, columns, event};

/// What is remembered of a case that was raised: what the observation became, and the case, whose history tells it again.
#[derive(Serialize, Deserialize)]
struct Raised {
    handling: Handling,
    case: (String, i64),
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl ObservationStore for Sql<Db> {
    async fn known_observations(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, There>, Error> {
        self.db.reads().acquire().await?.known_observations(ids).await
    }

    async fn keep_observations(
        &self,
        change: &Change,
        new: &[Observation],
    ) -> Result<HashMap<Uuid, There>, Error> {
        if new.is_empty() {
            return Ok(HashMap::new());
        }
        let mut tx = self.db.begin().await?;
        let made = tx.insert_observations(new).await?;
        let others = new.iter().map(|one| one.facts.id).filter(|id| !made.contains(id));
        let others: Vec<Uuid> = others.collect();
        let there = tx.known_observations(&others).await?;
        let events = new.iter().filter(|one| made.contains(&one.facts.id));
        let events: Vec<_> = events.map(|one| event("ObservationCreated", one)).collect();
        tx.append(change, &events).await?;
        tx.commit().await?;
        self.committed();
        Ok(there)
    }

    async fn observation(&self, id: Uuid) -> Result<Option<Stored>, Error> {
        self.db.reads().acquire().await?.stored_observation(id).await
    }

    async fn observations(
        &self,
        filter: &Filter,
        after: Option<Key>,
        limit: i64,
    ) -> Result<Vec<Stored>, Error> {
        let mut query = QueryBuilder::new(concat!("SELECT ", columns!(), " WHERE (1 = 0"));
        if let Some(own) = &filter.own {
            query.push(" OR o.officer = ").push_bind(own.clone());
        }
        for within in &filter.within {
            query.push(" OR (o.division_code >= ").push_bind(within.clone());
            query.push(" AND o.division_code < ").push_bind(range_end(within)).push(")");
        }
        query.push(")");
        if let Some(area) = &filter.area {
            query.push(" AND o.division_code >= ").push_bind(area.to_string());
            query.push(" AND o.division_code < ").push_bind(area.range_end());
        }
        let texts = [
            ("officer", filter.officer.as_deref()),
            ("kind", filter.kind.map(|kind| kind.as_str())),
            ("class", filter.class.map(|class| class.as_str())),
            ("state", filter.state.map(|state| state.as_str())),
        ];
        for (column, value) in texts {
            if let Some(value) = value {
                query.push(format!(" AND o.{column} = ")).push_bind(value.to_owned());
            }
        }
        if let Some(needs_action) = filter.needs_action {
            query.push(" AND o.needs_action = ").push_bind(needs_action);
        }
        if let Some(from) = filter.from {
            query.push(" AND o.observe_time >= ").push_bind(from);
        }
        if let Some(before) = filter.before {
            query.push(" AND o.observe_time < ").push_bind(before);
        }
        if let Some((time, id)) = after {
            query.push(" AND (o.observe_time, o.id) < (").push_bind(time).push(", ").push_bind(id).push(")");
        }
        query.push(" ORDER BY o.observe_time DESC, o.id DESC LIMIT ").push_bind(limit);
        let found: Vec<Row> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(Row::whole).collect::<Result<_, _>>()?)
    }

    async fn handle_observation(
        &self,
        change: &Change,
        id: Uuid,
        version: Option<i64>,
        command: &Command,
    ) -> Result<Observation, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(handling) = tx.replayed(change).await? {
            return Ok(Observation { handling, ..present(tx.stored_observation(id).await?, id)? });
        }
        let after = tx.handle(change, id, version, command).await?;
        tx.remember(change, &after.handling).await?;
        tx.commit().await?;
        self.committed();
        Ok(after)
    }

    async fn raise_observation(
        &self,
        change: &Change,
        (id, version): (Uuid, Option<i64>),
        new: NewCase,
        by: Party,
        calendar: &Calendar,
    ) -> Result<(Observation, Case), Error> {
        let mut tx = self.db.begin().await?;
        if let Some(Raised { handling, case }) = tx.replayed(change).await? {
            let were = tx.as_they_were(vec![case]).await?;
            let case = were.into_iter().next();
            let lost = || Error::Internal("a remembered case has no history".to_owned());
            let there = present(tx.stored_observation(id).await?, id)?;
            return Ok((Observation { handling, ..there }, case.ok_or_else(lost)?));
        }
        let before = tx.lock_observation(id, version).await?;
        let command = Command::Raise(new.submission.number.clone());
        let handling = decide(&before.handling, &command, &change.actor, change.now)?;
        let case = tx.raise(change, new, by, calendar).await?;
        let after = Observation { handling, ..before };
        tx.write_handling(change, &command, &after).await?;
        let raised = Raised { handling: after.handling.clone(), case: (case.number.clone(), case.version) };
        tx.remember(change, &raised).await?;
        tx.commit().await?;
        self.committed();
        Ok((after, case))
    }

    async fn observation_figures(&self, counted: &Counted) -> Result<Vec<Figure>, Error> {
        let digits = i32::try_from(counted.level.digits()).unwrap_or(i32::MAX);
        let mut query = QueryBuilder::new("SELECT substr(division_code, 1, ");
        query
            .push_bind(digits)
            .push(") AS division, kind, class, state, COUNT(*) AS count FROM observations");
        query.push(" WHERE division_code >= ").push_bind(counted.area.to_string());
        query.push(" AND division_code < ").push_bind(counted.area.range_end());
        if let Some(from) = counted.from {
            query.push(" AND observe_time >= ").push_bind(from);
        }
        if let Some(before) = counted.before {
            query.push(" AND observe_time < ").push_bind(before);
        }
        query.push(" GROUP BY 1, 2, 3, 4");
        let rows: Vec<FigureRow> = query.build_query_as().fetch_all(self.db.reads()).await?;
        let figures: Result<Vec<Figure>, _> = rows.into_iter().map(FigureRow::read).collect();
        let mut figures = figures?;
        figures.sort();
        Ok(figures)
    }
}

fn present(stored: Option<Stored>, id: Uuid) -> Result<Observation, Error> {
    let stored = stored.ok_or_else(|| Refusal::missing(format!("observation {id}")))?;
    Ok(stored.observation)
}
