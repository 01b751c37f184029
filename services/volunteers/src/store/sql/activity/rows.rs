//! Activities and shifts as rows, and statements on them on one connection.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use minqing_platform::db;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::NewEvent;
use serde_json::json;
use sqlx::{FromRow, PgConnection, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use crate::domain::activity::{Activity, Ahead, Place, Plan, Shift, Window};

/// The columns of [`ActivityRow`].
macro_rules! activity_columns {
    () => {
        "a.id, a.team, a.post, a.need, a.title, a.description, a.division_code, a.address, a.latitude, a.longitude, \
         a.radius_m, a.needs_approval, a.members_only, a.drop_notice_minutes, a.status, a.cancel_reason, a.version, \
         a.create_time, a.update_time"
    };
}
pub(in crate::store::sql) use activity_columns;

/// The columns of [`ShiftRow`].
macro_rules! shift_columns {
    () => {
        "id, activity_id, start_time, end_time, capacity, waiting_max, skills, taken, waiting, line, create_time"
    };
}
pub(in crate::store::sql) use shift_columns;

#[derive(FromRow)]
pub(in crate::store::sql) struct ActivityRow {
    id: Uuid,
    team: String,
    post: String,
    need: Option<String>,
    title: String,
    description: String,
    division_code: String,
    address: String,
    latitude: Option<f64>,
    longitude: Option<f64>,
    radius_m: i64,
    needs_approval: bool,
    members_only: bool,
    drop_notice_minutes: i64,
    status: String,
    cancel_reason: String,
    version: i64,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
}

impl ActivityRow {
    pub(in crate::store::sql) fn whole(self) -> Result<Activity, db::Error> {
        let code = self.division_code.parse();
        let place = Place {
            code: code.map_err(|error| db::Error::Corrupt(format!("activity: {error}")))?,
            address: self.address,
            position: self.latitude.zip(self.longitude),
            radius_m: number(self.radius_m)?,
        };
        Ok(Activity {
            id: self.id,
            team: self.team,
            post: self.post,
            need: self.need,
            plan: Plan {
                title: self.title,
                description: self.description,
                place,
                needs_approval: self.needs_approval,
                members_only: self.members_only,
                drop_notice_minutes: number(self.drop_notice_minutes)?,
            },
            status: member(&self.status)?,
            cancel_reason: self.cancel_reason,
            version: self.version,
            create_time: self.create_time,
            update_time: self.update_time,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store::sql) struct ShiftRow {
    id: Uuid,
    activity_id: Uuid,
    start_time: DateTime<Utc>,
    end_time: DateTime<Utc>,
    capacity: i64,
    waiting_max: i64,
    skills: String,
    taken: i64,
    waiting: i64,
    line: i64,
    create_time: DateTime<Utc>,
}

impl ShiftRow {
    pub(in crate::store::sql) fn whole(self) -> Result<Shift, db::Error> {
        let skills = serde_json::from_str(&self.skills);
        Ok(Shift {
            id: self.id,
            activity: self.activity_id,
            window: Window { from: self.start_time, to: self.end_time },
            capacity: number(self.capacity)?,
            waiting_max: number(self.waiting_max)?,
            skills: skills.map_err(|error| db::Error::Corrupt(error.to_string()))?,
            taken: number(self.taken)?,
            waiting: number(self.waiting)?,
            line: self.line,
            create_time: self.create_time,
        })
    }
}

/// A number that is never negative.
pub(in crate::store::sql) fn number(stored: i64) -> Result<u32, db::Error> {
    u32::try_from(stored).map_err(|error| db::Error::Corrupt(error.to_string()))
}

/// A member of an enumeration by its text.
pub(in crate::store::sql) fn member<T: FromStr<Err = String>>(text: &str) -> Result<T, db::Error> {
    text.parse().map_err(db::Error::Corrupt)
}

/// What the feed is told of an activity: never what somebody wrote.
pub(super) fn activity_event(kind: &'static str, activity: &Activity) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("activities/{}", activity.id),
        division_code: activity.plan.place.code.to_string(),
        payload: json!({
            "version": activity.version,
            "team": format!("teams/{}", activity.team),
            "post": format!("posts/{}", activity.post),
            "status": activity.status,
        }),
    }
}

/// What the feed is told of a shift.
pub(super) fn shift_event(kind: &'static str, activity: &Activity, shift: &Shift) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("activities/{}/shifts/{}", activity.id, shift.id),
        division_code: activity.plan.place.code.to_string(),
        payload: json!({
            "team": format!("teams/{}", activity.team),
            "start_time": shift.window.from,
            "end_time": shift.window.to,
            "capacity": shift.capacity,
        }),
    }
}

/// Activities and shifts as a connection sees them.
#[async_trait::async_trait]
pub(in crate::store::sql) trait ActivityRows {
    /// One activity.
    async fn activity(&mut self, id: Uuid) -> Result<Option<Activity>, db::Error>;
    /// One activity, locked until the transaction ends.
    async fn lock_activity(&mut self, id: Uuid) -> Result<Activity, Error>;
    /// Writes a new one.
    async fn insert_activity(&mut self, new: &Activity) -> Result<(), db::Error>;
    /// Writes what changed of one that is locked.
    async fn update_activity(&mut self, after: &Activity) -> Result<(), db::Error>;
    /// How many of its shifts lie ahead.
    async fn shifts_ahead(&mut self, activity: Uuid, now: DateTime<Utc>) -> Result<Ahead, db::Error>;
    /// How many shifts it has.
    async fn count_shifts(&mut self, activity: Uuid) -> Result<i64, db::Error>;
    /// One shift.
    async fn shift(&mut self, id: Uuid) -> Result<Option<Shift>, db::Error>;
    /// Writes a new one.
    async fn insert_shift(&mut self, new: &Shift) -> Result<(), db::Error>;
    /// One shift, locked until the transaction ends.
    async fn lock_shift(&mut self, id: Uuid) -> Result<Shift, Error>;
    /// Writes what is counted of a shift that is locked.
    async fn update_places(&mut self, shift: &Shift) -> Result<(), db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl ActivityRows for Conn {
    async fn activity(&mut self, id: Uuid) -> Result<Option<Activity>, db::Error> {
        let select = concat!("SELECT ", activity_columns!(), " FROM activities a WHERE a.id = $1");
        let row: Option<ActivityRow> = sqlx::query_as(select).bind(id).fetch_optional(&mut *self).await?;
        row.map(ActivityRow::whole).transpose()
    }

    async fn lock_activity(&mut self, id: Uuid) -> Result<Activity, Error> {
        // Writing the row to itself takes its lock on PostgreSQL; on SQLite the transaction holds the only one.
        sqlx::query("UPDATE activities SET version = version WHERE id = $1")
            .bind(id)
            .execute(&mut *self)
            .await?;
        Ok(self.activity(id).await?.ok_or_else(|| Refusal::missing(format!("activity {id}")))?)
    }

    async fn insert_activity(&mut self, new: &Activity) -> Result<(), db::Error> {
        let (plan, place) = (&new.plan, &new.plan.place);
        sqlx::query(
            "INSERT INTO activities (id, team, post, need, title, description, division_code, address, latitude, longitude, \
             radius_m, needs_approval, members_only, drop_notice_minutes, status, cancel_reason, version, create_time, \
             update_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        )
        .bind(new.id)
        .bind(&new.team)
        .bind(&new.post)
        .bind(&new.need)
        .bind(&plan.title)
        .bind(&plan.description)
        .bind(place.code.as_str())
        .bind(&place.address)
        .bind(place.position.map(|(latitude, _)| latitude))
        .bind(place.position.map(|(_, longitude)| longitude))
        .bind(i64::from(place.radius_m))
        .bind(plan.needs_approval)
        .bind(plan.members_only)
        .bind(i64::from(plan.drop_notice_minutes))
        .bind(new.status.as_str())
        .bind(&new.cancel_reason)
        .bind(new.version)
        .bind(new.create_time)
        .bind(new.update_time)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn update_activity(&mut self, after: &Activity) -> Result<(), db::Error> {
        let (plan, place) = (&after.plan, &after.plan.place);
        sqlx::query(
            "UPDATE activities SET title = $2, description = $3, division_code = $4, address = $5, latitude = $6, \
             longitude = $7, radius_m = $8, needs_approval = $9, members_only = $10, drop_notice_minutes = $11, status = $12, \
             cancel_reason = $13, version = $14, update_time = $15 WHERE id = $1",
        )
        .bind(after.id)
        .bind(&plan.title)
        .bind(&plan.description)
        .bind(place.code.as_str())
        .bind(&place.address)
        .bind(place.position.map(|(latitude, _)| latitude))
        .bind(place.position.map(|(_, longitude)| longitude))
        .bind(i64::from(place.radius_m))
        .bind(plan.needs_approval)
        .bind(plan.members_only)
        .bind(i64::from(plan.drop_notice_minutes))
        .bind(after.status.as_str())
        .bind(&after.cancel_reason)
        .bind(after.version)
        .bind(after.update_time)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn shifts_ahead(&mut self, activity: Uuid, now: DateTime<Utc>) -> Result<Ahead, db::Error> {
        let (to_begin, to_end): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(CASE WHEN start_time > $2 THEN 1 END), COUNT(CASE WHEN end_time > $2 THEN 1 END) FROM shifts \
             WHERE activity_id = $1",
        )
        .bind(activity)
        .bind(now)
        .fetch_one(&mut *self)
        .await?;
        Ok(Ahead { to_begin, to_end })
    }

    async fn count_shifts(&mut self, activity: Uuid) -> Result<i64, db::Error> {
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM shifts WHERE activity_id = $1");
        Ok(count.bind(activity).fetch_one(&mut *self).await?)
    }

    async fn shift(&mut self, id: Uuid) -> Result<Option<Shift>, db::Error> {
        let select = concat!("SELECT ", shift_columns!(), " FROM shifts s WHERE s.id = $1");
        let row: Option<ShiftRow> = sqlx::query_as(select).bind(id).fetch_optional(&mut *self).await?;
        row.map(ShiftRow::whole).transpose()
    }

    async fn insert_shift(&mut self, new: &Shift) -> Result<(), db::Error> {
        let skills = serde_json::to_string(&new.skills);
        sqlx::query(
            "INSERT INTO shifts (id, activity_id, start_time, end_time, capacity, waiting_max, skills, taken, waiting, line, \
             settled, create_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(new.id)
        .bind(new.activity)
        .bind(new.window.from)
        .bind(new.window.to)
        .bind(i64::from(new.capacity))
        .bind(i64::from(new.waiting_max))
        .bind(skills.map_err(|error| db::Error::Corrupt(error.to_string()))?)
        .bind(i64::from(new.taken))
        .bind(i64::from(new.waiting))
        .bind(new.line)
        .bind(false)
        .bind(new.create_time)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn lock_shift(&mut self, id: Uuid) -> Result<Shift, Error> {
        // One statement takes the lock and reads the row as it is then.
        let lock = concat!("UPDATE shifts SET line = line WHERE id = $1 RETURNING ", shift_columns!());
        let row: Option<ShiftRow> = sqlx::query_as(lock).bind(id).fetch_optional(&mut *self).await?;
        let row = row.ok_or_else(|| Refusal::missing(format!("shift {id}")))?;
        Ok(row.whole()?)
    }

    async fn update_places(&mut self, shift: &Shift) -> Result<(), db::Error> {
        sqlx::query("UPDATE shifts SET taken = $2, waiting = $3, line = $4 WHERE id = $1")
            .bind(shift.id)
            .bind(i64::from(shift.taken))
            .bind(i64::from(shift.waiting))
            .bind(shift.line)
            .execute(&mut *self)
            .await?;
        Ok(())
    }
}
