//! Sign-ups as rows, and statements on them on one connection.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use minqing_platform::db;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::super::activity::rows::{member, number};
use super::fit::FitRows as _;
use crate::domain::activity::{Activity, Shift, Window};
use crate::domain::sign_up::{SignUp, has_room, promote};

/// Those that take up a place and their volunteer's time: [`State::holds`].
macro_rules! holds {
    () => {
        "('requested', 'confirmed', 'checked_in', 'served')"
    };
}

/// Those of whom the first who is free was sought so often; then the next change of the shift goes on.
const SEARCHES_MAX: usize = 100;

/// The columns of [`Row`].
macro_rules! columns {
    () => {
        "id, activity_id, shift_id, volunteer, state, line, start_time, end_time, late, cover_wanted, origin, \
         check_in_time, check_out_time, reason, version, create_time, update_time"
    };
}

/// What is selected from `sign_ups u` to read a [`Row`].
macro_rules! selected {
    () => {
        concat!(
            columns!(),
            ", CASE WHEN u.state = 'waiting' THEN (SELECT COUNT(*) FROM sign_ups w WHERE w.shift_id = u.shift_id \
             AND w.state = 'waiting' AND w.line < u.line) ELSE 0 END AS waiting_before"
        )
    };
}

/// What an update of those gives that wait no more.
macro_rules! returned {
    () => {
        concat!(columns!(), ", CAST(0 AS BIGINT) AS waiting_before")
    };
}
pub(super) use {columns, returned, selected};

#[derive(FromRow)]
pub(super) struct Row {
    id: Uuid,
    activity_id: Uuid,
    shift_id: Uuid,
    volunteer: String,
    state: String,
    line: i64,
    start_time: DateTime<Utc>,
    end_time: DateTime<Utc>,
    late: bool,
    cover_wanted: bool,
    origin: Option<Uuid>,
    check_in_time: Option<DateTime<Utc>>,
    check_out_time: Option<DateTime<Utc>>,
    reason: String,
    version: i64,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    waiting_before: i64,
}

impl Row {
    pub(super) fn whole(self) -> Result<SignUp, db::Error> {
        Ok(SignUp {
            id: self.id,
            activity: self.activity_id,
            shift: self.shift_id,
            volunteer: self.volunteer,
            state: member(&self.state)?,
            line: self.line,
            window: Window { from: self.start_time, to: self.end_time },
            waiting_before: number(self.waiting_before)?,
            late: self.late,
            cover_wanted: self.cover_wanted,
            origin: self.origin,
            check_in_time: self.check_in_time,
            check_out_time: self.check_out_time,
            reason: self.reason,
            version: self.version,
            create_time: self.create_time,
            update_time: self.update_time,
        })
    }
}

/// What the feed is told of a sign-up: not whose it is, which whoever may know asks for.
pub(super) fn event(kind: &'static str, division_code: &str, sign_up: &SignUp) -> NewEvent {
    NewEvent {
        kind,
        subject: name(sign_up),
        division_code: division_code.to_owned(),
        payload: json!({
            "version": sign_up.version,
            "state": sign_up.state,
            "late": sign_up.late,
            "start_time": sign_up.window.from,
        }),
    }
}

fn name(sign_up: &SignUp) -> String {
    format!("activities/{}/shifts/{}/signUps/{}", sign_up.activity, sign_up.shift, sign_up.id)
}

/// Sign-ups as a connection sees them.
#[async_trait::async_trait]
pub(in crate::store::sql) trait SignUpRows {
    /// One sign-up.
    async fn sign_up(&mut self, id: Uuid) -> Result<Option<SignUp>, db::Error>;
    /// One sign-up, locked until the transaction ends.
    async fn lock_sign_up(&mut self, id: Uuid) -> Result<SignUp, Error>;
    /// Writes new ones.
    async fn insert_sign_ups(&mut self, new: &[&SignUp]) -> Result<(), db::Error>;
    /// Writes what changed of one, unless somebody else changed it meanwhile.
    async fn update_sign_up(&mut self, after: &SignUp) -> Result<(), db::Error>;
    /// Holds the time of volunteers until the transaction ends, in one order for all.
    async fn hold_agendas(&mut self, volunteers: &[&str]) -> Result<(), db::Error>;
    /// Those of volunteers who are somewhere at a time, but for these sign-ups.
    async fn busy(
        &mut self,
        volunteers: &[&str],
        window: Window,
        but: &[Uuid],
    ) -> Result<HashSet<String>, db::Error>;
    /// Those of volunteers who have signed up for a shift.
    async fn signed_up(&mut self, volunteers: &[&str], shift: Uuid) -> Result<HashSet<String>, db::Error>;
    /// Lets those who wait longest and are free move up while there is room, in a shift that is locked. Gives how many.
    async fn move_up(
        &mut self,
        change: &Change,
        activity: &Activity,
        shift: &mut Shift,
    ) -> Result<usize, Error>;
    /// Ends the sign-ups of an activity that was cancelled, for shifts that have not begun.
    async fn lapse_of_activity(&mut self, change: &Change, activity: &Activity) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl SignUpRows for Conn {
    async fn sign_up(&mut self, id: Uuid) -> Result<Option<SignUp>, db::Error> {
        let select = concat!("SELECT ", selected!(), " FROM sign_ups u WHERE u.id = $1");
        let row: Option<Row> = sqlx::query_as(select).bind(id).fetch_optional(&mut *self).await?;
        row.map(Row::whole).transpose()
    }

    async fn lock_sign_up(&mut self, id: Uuid) -> Result<SignUp, Error> {
        sqlx::query("UPDATE sign_ups SET version = version WHERE id = $1")
            .bind(id)
            .execute(&mut *self)
            .await?;
        Ok(self.sign_up(id).await?.ok_or_else(|| Refusal::missing(format!("sign-up {id}")))?)
    }

    async fn insert_sign_ups(&mut self, new: &[&SignUp]) -> Result<(), db::Error> {
        if new.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new(
            "INSERT INTO sign_ups (id, activity_id, shift_id, volunteer, state, line, start_time, end_time, late, \
             cover_wanted, origin, reason, version, create_time, update_time) ",
        );
        query.push_values(new, |mut row, one| {
            row.push_bind(one.id)
                .push_bind(one.activity)
                .push_bind(one.shift)
                .push_bind(one.volunteer.clone())
                .push_bind(one.state.as_str())
                .push_bind(one.line)
                .push_bind(one.window.from)
                .push_bind(one.window.to)
                .push_bind(one.late)
                .push_bind(one.cover_wanted)
                .push_bind(one.origin)
                .push_bind(one.reason.clone())
                .push_bind(one.version)
                .push_bind(one.create_time)
                .push_bind(one.update_time);
        });
        query.build().execute(&mut *self).await?;
        Ok(())
    }

    async fn update_sign_up(&mut self, after: &SignUp) -> Result<(), db::Error> {
        let done = sqlx::query(
            "UPDATE sign_ups SET state = $3, late = $4, cover_wanted = $5, check_in_time = $6, check_out_time = $7, \
             reason = $8, version = $2, update_time = $9 WHERE id = $1 AND version = $2 - 1",
        )
        .bind(after.id)
        .bind(after.version)
        .bind(after.state.as_str())
        .bind(after.late)
        .bind(after.cover_wanted)
        .bind(after.check_in_time)
        .bind(after.check_out_time)
        .bind(&after.reason)
        .bind(after.update_time)
        .execute(&mut *self)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(db::Error::Conflict) }
    }

    async fn hold_agendas(&mut self, volunteers: &[&str]) -> Result<(), db::Error> {
        let mut sorted = volunteers.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new("INSERT INTO agendas (volunteer, version) ");
        query.push_values(&sorted, |mut row, volunteer| {
            row.push_bind((*volunteer).to_owned()).push_bind(1_i64);
        });
        query.push(" ON CONFLICT (volunteer) DO UPDATE SET version = agendas.version + 1");
        query.build().execute(&mut *self).await?;
        Ok(())
    }

    async fn busy(
        &mut self,
        volunteers: &[&str],
        window: Window,
        but: &[Uuid],
    ) -> Result<HashSet<String>, db::Error> {
        let mut query = QueryBuilder::new(concat!(
            "SELECT volunteer FROM sign_ups WHERE state IN ",
            holds!(),
            " AND end_time > "
        ));
        query.push_bind(window.from).push(" AND start_time < ").push_bind(window.to);
        query.push(" AND volunteer IN (");
        let mut list = query.separated(", ");
        for volunteer in volunteers {
            list.push_bind((*volunteer).to_owned());
        }
        query.push(")");
        for id in but {
            query.push(" AND id <> ").push_bind(*id);
        }
        let found: Vec<(String,)> = query.build_query_as().fetch_all(&mut *self).await?;
        Ok(found.into_iter().map(|(volunteer,)| volunteer).collect())
    }

    async fn signed_up(&mut self, volunteers: &[&str], shift: Uuid) -> Result<HashSet<String>, db::Error> {
        let mut query = QueryBuilder::new("SELECT volunteer FROM sign_ups WHERE shift_id = ");
        query.push_bind(shift);
        query.push(
            " AND state IN ('requested', 'confirmed', 'checked_in', 'served', 'waiting') AND volunteer IN (",
        );
        let mut list = query.separated(", ");
        for volunteer in volunteers {
            list.push_bind((*volunteer).to_owned());
        }
        query.push(")");
        let found: Vec<(String,)> = query.build_query_as().fetch_all(&mut *self).await?;
        Ok(found.into_iter().map(|(volunteer,)| volunteer).collect())
    }

    async fn move_up(
        &mut self,
        change: &Change,
        activity: &Activity,
        shift: &mut Shift,
    ) -> Result<usize, Error> {
        let mut events = Vec::new();
        // Where in the line those stand who do not fit the shift any more: they wait on, and may fit again.
        let mut passed = (i64::MIN, Uuid::nil());
        for _ in 0..SEARCHES_MAX {
            if !has_room(shift, change.now) {
                break;
            }
            let first: Option<Row> = sqlx::query_as(concat!(
                "SELECT ",
                selected!(),
                " FROM sign_ups u WHERE u.shift_id = $1 AND u.state = 'waiting' AND (u.line > $2 OR (u.line = $2 AND u.id > $3)) \
                 AND NOT EXISTS (SELECT 1 FROM sign_ups o WHERE o.volunteer = u.volunteer AND o.state IN ",
                holds!(),
                " AND o.start_time < u.end_time AND o.end_time > u.start_time) ORDER BY u.line, u.id LIMIT 1"
            ))
            .bind(shift.id)
            .bind(passed.0)
            .bind(passed.1)
            .fetch_optional(&mut *self)
            .await?;
            let Some(first) = first.map(Row::whole).transpose()? else { break };
            // From now on nobody else gives them a place elsewhere; somebody may have done so a moment ago.
            self.hold_agendas(&[&first.volunteer]).await?;
            if !self.busy(&[&first.volunteer], first.window, &[]).await?.is_empty() {
                continue;
            }
            match self.check_fit(activity, shift, &first.volunteer).await {
                Err(Error::Refused(_)) => {
                    passed = (first.line, first.id);
                    continue;
                }
                checked => checked?,
            }
            let after = promote(shift, &first, activity.plan.needs_approval, change.now);
            self.update_sign_up(&after).await?;
            events.push(event("SignUpMovedUp", activity.plan.place.code.as_str(), &after));
        }
        self.append(change, &events).await?;
        Ok(events.len())
    }

    async fn lapse_of_activity(&mut self, change: &Change, activity: &Activity) -> Result<(), Error> {
        // Whoever signs up at this moment holds the shift: this waits for them, and whoever comes later sees the activity as it
        // is then.
        sqlx::query("UPDATE shifts SET taken = 0, waiting = 0 WHERE activity_id = $1 AND start_time > $2")
            .bind(activity.id)
            .bind(change.now)
            .execute(&mut *self)
            .await?;
        let rows: Vec<Row> = sqlx::query_as(concat!(
            "UPDATE sign_ups AS u SET state = 'lapsed', version = version + 1, update_time = $3 WHERE u.activity_id = $1 \
             AND u.state IN ('requested', 'confirmed', 'waiting') AND u.start_time > $2 RETURNING ",
            returned!()
        ))
        .bind(activity.id)
        .bind(change.now)
        .bind(change.now)
        .fetch_all(&mut *self)
        .await?;
        let lapsed = rows.into_iter().map(Row::whole).collect::<Result<Vec<_>, _>>()?;
        let code = activity.plan.place.code.as_str();
        let events: Vec<NewEvent> = lapsed.iter().map(|one| event("SignUpLapsed", code, one)).collect();
        Ok(self.append(change, &events).await?)
    }
}
