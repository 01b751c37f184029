//! What time does to sign-ups: reminders before a shift, and who did not come after it. Both happen once, as what is marked
//! is asked again outside the subquery: of two replicas at once the second finds it marked.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::rows::{Row, columns, event, returned};
use crate::domain::sign_up::{SignUp, State};
use crate::store::sign_up::Settled;

/// Sign-ups over time, as a connection sees them.
#[async_trait::async_trait]
pub(super) trait TimeRows {
    /// See [`crate::store::sign_up::SignUpStore::remind`].
    async fn remind(&mut self, change: &Change, before: DateTime<Utc>, limit: i64) -> Result<usize, Error>;
    /// See [`crate::store::sign_up::SignUpStore::settle_shifts`].
    async fn settle(&mut self, change: &Change, before: DateTime<Utc>, limit: i64) -> Result<Settled, Error>;
    /// The codes of the places of activities.
    async fn codes_of(&mut self, sign_ups: &[SignUp]) -> Result<HashMap<Uuid, String>, db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl TimeRows for Conn {
    async fn remind(&mut self, change: &Change, before: DateTime<Utc>, limit: i64) -> Result<usize, Error> {
        let rows: Vec<Row> = sqlx::query_as(concat!(
            "UPDATE sign_ups AS u SET reminded = TRUE WHERE u.id IN (SELECT d.id FROM sign_ups d \
             WHERE d.state = 'confirmed' AND NOT d.reminded AND d.start_time > $1 AND d.start_time <= $2 \
             ORDER BY d.start_time LIMIT $3) AND NOT u.reminded AND u.state = 'confirmed' RETURNING ",
            returned!()
        ))
        .bind(change.now)
        .bind(before)
        .bind(limit)
        .fetch_all(&mut *self)
        .await?;
        let due = rows.into_iter().map(Row::whole).collect::<Result<Vec<_>, _>>()?;
        let codes = self.codes_of(&due).await?;
        self.append(change, &events(&due, &codes, |_| "ShiftDueSoon")).await?;
        Ok(due.len())
    }

    async fn settle(&mut self, change: &Change, before: DateTime<Utc>, limit: i64) -> Result<Settled, Error> {
        let ended: Vec<(Uuid,)> = sqlx::query_as(
            "UPDATE shifts SET settled = TRUE WHERE id IN (SELECT id FROM shifts WHERE NOT settled AND end_time < $1 \
             ORDER BY end_time LIMIT $2) AND NOT settled RETURNING id",
        )
        .bind(before)
        .bind(limit)
        .fetch_all(&mut *self)
        .await?;
        if ended.is_empty() {
            return Ok(Settled::default());
        }
        let mut query = QueryBuilder::new(
            "UPDATE sign_ups AS u SET state = CASE WHEN u.state = 'confirmed' THEN 'no_show' ELSE 'lapsed' END, \
             cover_wanted = FALSE, version = version + 1, update_time = ",
        );
        query.push_bind(change.now);
        query.push(" WHERE u.state IN ('confirmed', 'requested', 'waiting') AND u.shift_id IN (");
        let mut list = query.separated(", ");
        for (id,) in &ended {
            list.push_bind(*id);
        }
        query.push(concat!(") RETURNING ", returned!()));
        let rows: Vec<Row> = query.build_query_as().fetch_all(&mut *self).await?;
        let over = rows.into_iter().map(Row::whole).collect::<Result<Vec<_>, _>>()?;
        let codes = self.codes_of(&over).await?;
        let kind = |one: &SignUp| if one.state == State::NoShow { "NoShowRecorded" } else { "SignUpLapsed" };
        self.append(change, &events(&over, &codes, kind)).await?;
        let no_shows = over.iter().filter(|one| one.state == State::NoShow).count();
        Ok(Settled { shifts: ended.len(), no_shows, lapsed: over.len() - no_shows })
    }

    async fn codes_of(&mut self, sign_ups: &[SignUp]) -> Result<HashMap<Uuid, String>, db::Error> {
        let mut activities: Vec<Uuid> = sign_ups.iter().map(|one| one.activity).collect();
        activities.sort_unstable();
        activities.dedup();
        if activities.is_empty() {
            return Ok(HashMap::new());
        }
        let mut query = QueryBuilder::new("SELECT id, division_code FROM activities WHERE id IN (");
        let mut list = query.separated(", ");
        for id in activities {
            list.push_bind(id);
        }
        query.push(")");
        let found: Vec<(Uuid, String)> = query.build_query_as().fetch_all(&mut *self).await?;
        Ok(found.into_iter().collect())
    }
}

fn events(
    sign_ups: &[SignUp],
    codes: &HashMap<Uuid, String>,
    kind: impl Fn(&SignUp) -> &'static str,
) -> Vec<NewEvent> {
    let code = |one: &SignUp| codes.get(&one.activity).map(String::as_str).unwrap_or_default();
    sign_ups.iter().map(|one| event(kind(one), code(one), one)).collect()
}
