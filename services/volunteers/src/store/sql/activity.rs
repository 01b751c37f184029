//! Activities and their shifts in SQL.

pub(super) mod rows;

use chrono::{DateTime, Utc};
use minqing_platform::code::range_end;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use sqlx::QueryBuilder;
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use super::sign_up::SignUpRows as _;
use crate::domain::activity::{
    Activity, Command, SHIFTS_MAX, Shift, Status, check_not_begun, check_not_closed, decide,
};
use crate::store::activity::{ActivityStore, Filter};
use rows::{
    ActivityRow, ActivityRows as _, ShiftRow, activity_columns, activity_event, shift_columns, shift_event,
};

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl ActivityStore for Sql<Db> {
    async fn activity(&self, id: Uuid) -> Result<Option<Activity>, Error> {
        Ok(self.db.reads().acquire().await?.activity(id).await?)
    }

    async fn activities(
        &self,
        filter: &Filter,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Activity>, Error> {
        let mut query = QueryBuilder::new(concat!(
            "SELECT ",
            activity_columns!(),
            " FROM activities a WHERE (a.status <> 'draft'"
        ));
        for team in &filter.drafts_of {
            query.push(" OR a.team = ").push_bind(team.clone());
        }
        for within in &filter.drafts_within {
            query.push(" OR (a.division_code >= ").push_bind(within.clone());
            query.push(" AND a.division_code < ").push_bind(range_end(within)).push(")");
        }
        query.push(")");
        if let Some(area) = &filter.area {
            query.push(" AND a.division_code >= ").push_bind(area.to_string());
            query.push(" AND a.division_code < ").push_bind(area.range_end());
        }
        let texts = [
            ("team", filter.team.as_deref()),
            ("post", filter.post.as_deref()),
            ("status", filter.status.map(Status::as_str)),
        ];
        for (column, value) in texts {
            if let Some(value) = value {
                query.push(format!(" AND a.{column} = ")).push_bind(value.to_owned());
            }
        }
        if let Some(now) = filter.open_at {
            query.push(
                " AND a.status = 'published' AND EXISTS (SELECT 1 FROM shifts s WHERE s.activity_id = a.id",
            );
            query.push(" AND s.start_time > ").push_bind(now);
            query.push(" AND (s.taken < s.capacity OR s.waiting < s.waiting_max))");
        }
        if let Some(after) = after {
            // Ids begin with the instant when they were drawn.
            query.push(" AND a.id < ").push_bind(after);
        }
        query.push(" ORDER BY a.id DESC LIMIT ").push_bind(limit);
        let found: Vec<ActivityRow> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(ActivityRow::whole).collect::<Result<_, _>>()?)
    }

    async fn create_activity(&self, change: &Change, new: &Activity) -> Result<Activity, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.insert_activity(new).await?;
        tx.append(change, &[activity_event("ActivityCreated", new)]).await?;
        tx.remember(change, new).await?;
        tx.commit().await?;
        self.committed();
        Ok(new.clone())
    }

    async fn change_activity(
        &self,
        change: &Change,
        id: Uuid,
        version: Option<i64>,
        command: &Command,
    ) -> Result<Activity, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let before = tx.lock_activity(id).await?;
        if version.is_some_and(|version| version != before.version) {
            return Err(Refusal::stale().into());
        }
        let ahead = tx.shifts_ahead(id, change.now).await?;
        let after = decide(&before, command, ahead, change.now)?;
        tx.update_activity(&after).await?;
        tx.append(change, &[activity_event(command.event(), &after)]).await?;
        if after.status == Status::Cancelled {
            tx.lapse_of_activity(change, &after).await?;
        }
        tx.remember(change, &after).await?;
        tx.commit().await?;
        self.committed();
        Ok(after)
    }

    async fn create_shift(&self, change: &Change, new: &Shift) -> Result<Shift, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let activity = tx.lock_activity(new.activity).await?;
        check_not_closed(&activity)?;
        check_not_begun(new.window, change.now)?;
        if tx.count_shifts(activity.id).await? >= SHIFTS_MAX {
            let message = format!("an activity has at most {SHIFTS_MAX} shifts").into();
            return Err(Refusal { kind: Kind::Limit, reason: "TOO_MANY_SHIFTS", message }.into());
        }
        tx.insert_shift(new).await?;
        tx.append(change, &[shift_event("ShiftCreated", &activity, new)]).await?;
        tx.remember(change, new).await?;
        tx.commit().await?;
        self.committed();
        Ok(new.clone())
    }

    async fn shift(&self, id: Uuid) -> Result<Option<Shift>, Error> {
        Ok(self.db.reads().acquire().await?.shift(id).await?)
    }

    async fn shifts(
        &self,
        activity: Uuid,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> Result<Vec<Shift>, Error> {
        let mut query =
            QueryBuilder::new(concat!("SELECT ", shift_columns!(), " FROM shifts s WHERE s.activity_id = "));
        query.push_bind(activity);
        if let Some((time, id)) = after {
            query.push(" AND (s.start_time, s.id) > (").push_bind(time).push(", ").push_bind(id).push(")");
        }
        query.push(" ORDER BY s.start_time, s.id LIMIT ").push_bind(limit);
        let found: Vec<ShiftRow> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(ShiftRow::whole).collect::<Result<_, _>>()?)
    }
}
