//! Figures in SQL.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::Error;
use sqlx::{FromRow, QueryBuilder};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use crate::domain::figure::{Counts, Grouping, Query};
use crate::domain::need::Need;
use crate::store::figure::FigureStore;

/// Needs read in one statement.
const NEEDS_A_STATEMENT: usize = 500;

#[derive(FromRow)]
struct Row {
    key: String,
    people: i64,
    teams: i64,
    times: i64,
    minutes: i64,
}

/// The instant at which a civil day in China begins.
fn begins(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(8)
}

/// The key of a group in the rows of hours.
fn key_of_hours(query: &Query) -> String {
    match query.grouping {
        Grouping::Whole | Grouping::Month => "''".to_owned(),
        Grouping::Post => "post".to_owned(),
        Grouping::Team => "team".to_owned(),
        Grouping::Division => format!("substr(division_code, 1, {})", query.digits()),
    }
}

/// The key of a need's group.
fn key_of_need(query: &Query, need: &Need) -> String {
    match query.grouping {
        Grouping::Whole | Grouping::Month => String::new(),
        Grouping::Post => need.requirements.post.clone().unwrap_or_default(),
        Grouping::Team => need.team.clone().unwrap_or_default(),
        Grouping::Division => need.place.code.as_str().chars().take(query.digits()).collect(),
    }
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl FigureStore for Sql<Db> {
    async fn volunteer_figures(&self, query: &Query) -> Result<Vec<(String, Counts)>, Error> {
        let mut groups: BTreeMap<String, Counts> = BTreeMap::new();
        // A time counts whose minutes were not all taken back, and whoever served it.
        let mut hours = QueryBuilder::new("SELECT ");
        hours.push(key_of_hours(query)).push(
            " AS key, COUNT(DISTINCT volunteer) AS people, COUNT(DISTINCT team) AS teams, COUNT(*) AS times, \
             CAST(SUM(counted) AS BIGINT) AS minutes FROM (SELECT e.volunteer, e.team, e.post, e.division_code, \
             e.minutes + COALESCE((SELECT SUM(c.minutes) FROM hour_entries c WHERE c.corrects = e.seq), 0) AS counted \
             FROM hour_entries e WHERE e.corrects IS NULL AND e.from_time >= ",
        );
        hours.push_bind(begins(query.from)).push(" AND e.from_time < ").push_bind(begins(query.to));
        hours.push(" AND e.division_code >= ").push_bind(query.area.to_string());
        hours.push(" AND e.division_code < ").push_bind(query.area.range_end());
        hours.push(") served WHERE counted > 0 GROUP BY 1");
        let rows: Vec<Row> = hours.build_query_as().fetch_all(self.db.reads()).await?;
        for Row { key, people, teams, times, minutes } in rows {
            let counts = Counts { people, teams, times, minutes, ..Counts::default() };
            groups.insert(key, counts);
        }
        let subjects: Vec<String> = sqlx::query_scalar(
            "SELECT subject FROM events WHERE kind = 'NeedReported' AND occur_time >= $1 AND occur_time < $2 \
             AND division_code >= $3 AND division_code < $4",
        )
        .bind(begins(query.from))
        .bind(begins(query.to))
        .bind(query.area.to_string())
        .bind(query.area.range_end())
        .fetch_all(self.db.reads())
        .await?;
        let ids: BTreeSet<Uuid> =
            subjects.iter().filter_map(|name| name.strip_prefix("needs/")?.parse().ok()).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        for chunk in ids.chunks(NEEDS_A_STATEMENT) {
            let mut needs = QueryBuilder::new("SELECT state FROM needs WHERE id IN (");
            let mut list = needs.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            needs.push(")");
            let states: Vec<String> = needs.build_query_scalar().fetch_all(self.db.reads()).await?;
            for state in states {
                let corrupt = |error: serde_json::Error| db::Error::Corrupt(error.to_string());
                let need: Need = serde_json::from_str(&state).map_err(corrupt)?;
                let group = groups.entry(key_of_need(query, &need)).or_default();
                group.needs_met += 1;
                group.problems_solved += i64::from(need.solved == Some(true));
            }
        }
        Ok(groups.into_iter().collect())
    }
}
