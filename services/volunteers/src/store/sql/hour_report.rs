//! Reports of hours in SQL.

use chrono::{DateTime, Utc};
use minqing_platform::code::range_end;
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use super::activity::rows::{ActivityRows as _, member};
use super::hour::rows::HourRows as _;
use crate::domain::activity::Window;
use crate::domain::hour::{NewEntry, Source};
use crate::domain::hour_report::{HourReport, Reviewer, State, review};
use crate::domain::sign_up::attendance::minutes;
use crate::store::hour_report::{Filter, HourReportStore, Key};

/// The columns of [`Row`].
const SELECT: &str = "SELECT id, volunteer, reporter, activity_id, shift_id, sign_up_id, team, post, division_code, \
     start_time, end_time, description, source, state, spot_check, comment, reviewer, create_time, review_time \
     FROM hour_reports WHERE ";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    volunteer: String,
    reporter: String,
    activity_id: Option<Uuid>,
    shift_id: Option<Uuid>,
    sign_up_id: Option<Uuid>,
    team: String,
    post: String,
    division_code: String,
    start_time: DateTime<Utc>,
    end_time: DateTime<Utc>,
    description: String,
    source: String,
    state: String,
    spot_check: bool,
    comment: String,
    reviewer: String,
    create_time: DateTime<Utc>,
    review_time: Option<DateTime<Utc>>,
}

impl Row {
    fn whole(self) -> Result<HourReport, db::Error> {
        let sign_up = self.activity_id.zip(self.shift_id).zip(self.sign_up_id);
        Ok(HourReport {
            id: self.id,
            volunteer: self.volunteer,
            reporter: self.reporter,
            sign_up: sign_up.map(|((activity, shift), id)| (activity, shift, id)),
            team: self.team,
            post: self.post,
            division_code: self.division_code,
            window: Window { from: self.start_time, to: self.end_time },
            description: self.description,
            source: member(&self.source)?,
            state: member(&self.state)?,
            spot_check: self.spot_check,
            comment: self.comment,
            reviewer: self.reviewer,
            create_time: self.create_time,
            review_time: self.review_time,
        })
    }
}

/// What the feed is told of a report: not whose it is, nor what somebody wrote.
fn event(kind: &'static str, report: &HourReport) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("hourReports/{}", report.id),
        division_code: report.division_code.clone(),
        payload: json!({
            "team": format!("teams/{}", report.team),
            "source": report.source,
            "state": report.state,
            "spot_check": report.spot_check,
        }),
    }
}

fn rows(found: Vec<Row>) -> Result<Vec<HourReport>, Error> {
    Ok(found.into_iter().map(Row::whole).collect::<Result<_, _>>()?)
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl HourReportStore for Sql<Db> {
    async fn hour_report(&self, id: Uuid) -> Result<Option<HourReport>, Error> {
        Ok(self.db.reads().acquire().await?.hour_report(id).await?)
    }

    async fn hour_reports(
        &self,
        filter: &Filter,
        after: Option<Key>,
        limit: i64,
    ) -> Result<Vec<HourReport>, Error> {
        let mut query = QueryBuilder::new(SELECT);
        query.push("(1 = 0");
        for within in &filter.within {
            query.push(" OR (division_code >= ").push_bind(within.clone());
            query.push(" AND division_code < ").push_bind(range_end(within)).push(")");
        }
        if let Some(team) = &filter.of_team {
            query.push(" OR team = ").push_bind(team.clone());
        }
        query.push(")");
        if let Some(area) = &filter.area {
            query.push(" AND division_code >= ").push_bind(area.to_string());
            query.push(" AND division_code < ").push_bind(area.range_end());
        }
        let texts = [
            ("team", filter.team.clone()),
            ("source", filter.source.map(|source| source.to_string())),
            ("state", filter.state.map(|state| state.to_string())),
        ];
        for (column, value) in texts {
            if let Some(value) = value {
                query.push(format!(" AND {column} = ")).push_bind(value);
            }
        }
        if let Some(spot_check) = filter.spot_check {
            query.push(" AND spot_check = ").push_bind(spot_check);
        }
        if let Some((time, id)) = after {
            query.push(" AND (create_time, id) > (").push_bind(time).push(", ").push_bind(id).push(")");
        }
        query.push(" ORDER BY create_time, id LIMIT ").push_bind(limit);
        rows(query.build_query_as().fetch_all(self.db.reads()).await?)
    }

    async fn own_hour_reports(
        &self,
        volunteer: &str,
        after: Option<Key>,
        limit: i64,
    ) -> Result<Vec<HourReport>, Error> {
        let mut query = QueryBuilder::new(SELECT);
        query.push("volunteer = ").push_bind(volunteer.to_owned());
        if let Some((time, id)) = after {
            query.push(" AND (create_time, id) < (").push_bind(time).push(", ").push_bind(id).push(")");
        }
        query.push(" ORDER BY create_time DESC, id DESC LIMIT ").push_bind(limit);
        rows(query.build_query_as().fetch_all(self.db.reads()).await?)
    }

    async fn create_hour_report(&self, change: &Change, new: &HourReport) -> Result<HourReport, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        match tx.insert_hour_report(new).await {
            Err(db::Error::Duplicate) => {
                let message = "a report of this sign-up waits or was accepted".into();
                return Err(Refusal { kind: Kind::Exists, reason: "REPORTED_ALREADY", message }.into());
            }
            other => other?,
        }
        tx.append(change, &[event("HourReportCreated", new)]).await?;
        tx.remember(change, new).await?;
        tx.commit().await?;
        self.committed();
        Ok(new.clone())
    }

    async fn review_hour_report(
        &self,
        change: &Change,
        id: Uuid,
        (accept, comment): (bool, &str),
        by: Reviewer<'_>,
    ) -> Result<HourReport, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        sqlx::query("UPDATE hour_reports SET state = state WHERE id = $1").bind(id).execute(&mut *tx).await?;
        let before = tx.hour_report(id).await?;
        let before = before.ok_or_else(|| Refusal::missing(format!("hour report {id}")))?;
        let after = review(&before, accept, comment, by, change.now)?;
        sqlx::query(
            "UPDATE hour_reports SET state = $2, comment = $3, reviewer = $4, review_time = $5 WHERE id = $1",
        )
        .bind(id)
        .bind(after.state.as_str())
        .bind(&after.comment)
        .bind(&after.reviewer)
        .bind(after.review_time)
        .execute(&mut *tx)
        .await?;
        tx.append(change, &[event("HourReportReviewed", &after)]).await?;
        if after.state == State::Accepted {
            let need = match after.sign_up {
                Some((activity, ..)) => tx.activity(activity).await?.and_then(|activity| activity.need),
                None => None,
            };
            tx.append_hours(change, &[entry(&after, need)]).await?;
        }
        tx.remember(change, &after).await?;
        tx.commit().await?;
        self.committed();
        Ok(after)
    }
}

/// The hours that a report tells of. Whoever reviewed it certifies them.
fn entry(report: &HourReport, need: Option<String>) -> NewEntry {
    NewEntry {
        volunteer: report.volunteer.clone(),
        team: report.team.clone(),
        post: report.post.clone(),
        activity: report.sign_up.map(|(activity, ..)| activity.to_string()),
        shift: report.sign_up.map(|(_, shift, _)| shift.to_string()),
        need,
        division_code: report.division_code.clone(),
        from: report.window.from,
        to: report.window.to,
        minutes: minutes(report.window),
        source: Source::SelfReport,
        recorder: report.reporter.clone(),
        certifier: report.reviewer.clone(),
    }
}

/// Reports as a connection sees them.
#[async_trait::async_trait]
trait HourReportRows {
    /// One report.
    async fn hour_report(&mut self, id: Uuid) -> Result<Option<HourReport>, db::Error>;
    /// Writes a new one.
    async fn insert_hour_report(&mut self, new: &HourReport) -> Result<(), db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl HourReportRows for Conn {
    async fn hour_report(&mut self, id: Uuid) -> Result<Option<HourReport>, db::Error> {
        let mut query = QueryBuilder::new(SELECT);
        query.push("id = ").push_bind(id);
        let row: Option<Row> = query.build_query_as().fetch_optional(&mut *self).await?;
        row.map(Row::whole).transpose()
    }

    async fn insert_hour_report(&mut self, new: &HourReport) -> Result<(), db::Error> {
        sqlx::query(
            "INSERT INTO hour_reports (id, volunteer, reporter, activity_id, shift_id, sign_up_id, team, post, \
             division_code, start_time, end_time, description, source, state, spot_check, comment, reviewer, create_time, \
             review_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        )
        .bind(new.id)
        .bind(&new.volunteer)
        .bind(&new.reporter)
        .bind(new.sign_up.map(|(activity, ..)| activity))
        .bind(new.sign_up.map(|(_, shift, _)| shift))
        .bind(new.sign_up.map(|(.., id)| id))
        .bind(&new.team)
        .bind(&new.post)
        .bind(&new.division_code)
        .bind(new.window.from)
        .bind(new.window.to)
        .bind(&new.description)
        .bind(new.source.as_str())
        .bind(new.state.as_str())
        .bind(new.spot_check)
        .bind(&new.comment)
        .bind(&new.reviewer)
        .bind(new.create_time)
        .bind(new.review_time)
        .execute(&mut *self)
        .await?;
        Ok(())
    }
}
