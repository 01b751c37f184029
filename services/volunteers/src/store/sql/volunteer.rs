//! Volunteers in SQL.

mod enrol;
pub(in crate::store::sql) mod rows;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::clock::civil_day;
use minqing_platform::code::Code;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::FromRow;
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use super::team::rows::TeamRows as _;
use crate::domain::access::Access;
use crate::domain::team::{Membership, MembershipState};
use crate::domain::volunteer::{Act, Enrolment, NewVolunteer, RealName, Record, State, Volunteer, decide};
use crate::store::volunteer::{Filter, Happening, VolunteerStore};
use enrol::EnrolRows as _;
use rows::{RecordRow, VolunteerRows as _};

#[derive(FromRow)]
struct AccessRow {
    id: Uuid,
    subject: String,
    actor: String,
    purpose: String,
    fields: String,
    occur_time: DateTime<Utc>,
}

impl From<AccessRow> for Access {
    fn from(row: AccessRow) -> Self {
        Self {
            id: row.id,
            subject: row.subject,
            actor: row.actor,
            purpose: row.purpose,
            fields: row.fields.split(',').filter(|field| !field.is_empty()).map(ToOwned::to_owned).collect(),
            occur_time: row.occur_time,
        }
    }
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl VolunteerStore for Sql<Db> {
    async fn volunteer(&self, number: &str) -> Result<Option<Volunteer>, Error> {
        Ok(self.db.reads().acquire().await?.volunteer(number).await?)
    }

    async fn volunteer_record(&self, number: &str) -> Result<Option<Record>, Error> {
        Ok(self.db.reads().acquire().await?.volunteer_record(number).await?)
    }

    async fn volunteer_of_account(&self, account: &str) -> Result<Option<Volunteer>, Error> {
        Ok(self.db.reads().acquire().await?.volunteer_of_account(account).await?)
    }

    async fn volunteers(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Record>, Error> {
        let within = filter.within.as_ref().map_or("", Code::as_str);
        let found: Vec<RecordRow> = sqlx::query_as(
            "SELECT v.state, v.sealed FROM volunteers v \
             WHERE v.number > $1 AND v.division_code >= $2 AND v.division_code < $3 \
               AND ($4 = '' OR v.status = $4) AND ($5 = '' OR v.real_name = $5) \
               AND ($6 = '' OR EXISTS (SELECT 1 FROM memberships m \
                    WHERE m.volunteer = v.number AND m.team = $6 AND m.status = 'active')) \
             ORDER BY v.number LIMIT $7",
        )
        .bind(after)
        .bind(within)
        .bind(minqing_platform::code::range_end(within))
        .bind(filter.state.map_or("", State::as_str))
        .bind(filter.real_name.map_or("", RealName::as_str))
        .bind(filter.team.as_deref().unwrap_or(""))
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(found.into_iter().map(RecordRow::whole).collect::<Result<_, _>>()?)
    }

    async fn register_volunteers(
        &self,
        change: &Change,
        news: &[NewVolunteer],
        team: Option<&str>,
    ) -> Result<Vec<Record>, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let made: Vec<Record> = news.iter().map(|new| new.registered(change.now)).collect();
        for (new, record) in news.iter().zip(&made) {
            if tx.is_registered(&new.identity_index, new.account.as_deref()).await? {
                // Whose number it is, and which of the two it was, is not told.
                return Err(Refusal::exists("a volunteer with this identity number or account").into());
            }
            tx.insert_volunteer(record, &new.identity_index).await?;
        }
        let event = |record: &Record| event("VolunteerRegistered", &record.volunteer, json!({}));
        tx.append(change, &made.iter().map(event).collect::<Vec<NewEvent>>()).await?;
        if let Some(team) = team {
            let there = tx.lock_team(team).await?;
            let there = there.ok_or_else(|| Refusal::missing(format!("team {team}")))?;
            there.in_force(civil_day(change.now))?;
            for record in &made {
                let number = &record.volunteer.number;
                let asked =
                    Membership::begun(team, number, MembershipState::Requested, &change.actor, change.now);
                tx.insert_membership(&asked).await?;
                tx.append(change, &[super::team::membership_event("MembershipRequested", &there, &asked)])
                    .await?;
            }
        }
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn enrol_volunteers(
        &self,
        change: &Change,
        news: &[Enrolment],
        today: NaiveDate,
    ) -> Result<Vec<Record>, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let mut made = Vec::with_capacity(news.len());
        for (place, new) in news.iter().enumerate() {
            made.push(new.enrolled(&change.actor, change.now, today).map_err(enrol::at(place))?);
        }
        if let Some(place) = tx.first_registered(news).await? {
            let text = format!("the volunteer of entries[{place}], by identity number or account,");
            return Err(Refusal::exists(text).into());
        }
        tx.insert_volunteers(&made, news).await?;
        let event = |record: &Record| event("VolunteerRegistered", &record.volunteer, json!({}));
        tx.append(change, &made.iter().map(event).collect::<Vec<NewEvent>>()).await?;
        tx.insert_members(change, &made, news, today).await?;
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn act_on_volunteer(&self, change: &Change, happening: &Happening) -> Result<Record, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let number = &happening.number;
        let old = tx.lock_volunteer(number).await?;
        let old = old.ok_or_else(|| Refusal::missing(format!("volunteer {number}")))?;
        if happening.version.is_some_and(|version| version != old.volunteer.version) {
            return Err(Refusal::stale().into());
        }
        if happening.act == Act::Leave {
            if tx.leads_any(number, happening.today).await? {
                let text = "the volunteer leads a team; somebody else must lead it first";
                return Err(Refusal::rule("LEADS_A_TEAM", text).into());
            }
            tx.end_memberships(number, &change.actor, change.now).await?;
        }
        let decided = decide(&old.volunteer, &happening.act, &change.actor, change.now, happening.today)?;
        let (volunteer, kind, payload) = decided;
        let resealed = happening.resealed.as_ref();
        let sealed = resealed.map_or(old.sealed, |resealed| resealed.sealed.clone());
        let new = Record { volunteer, sealed };
        let index = resealed.and_then(|resealed| resealed.identity_index.as_deref());
        tx.update_volunteer(&new, index).await?;
        tx.append(change, &[event(kind, &new.volunteer, payload)]).await?;
        tx.remember(change, &new).await?;
        tx.commit().await?;
        self.committed();
        Ok(new)
    }

    async fn record_access(&self, records: &[Access]) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        for record in records {
            sqlx::query(
                "INSERT INTO access_records (id, subject, actor, purpose, fields, occur_time) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(record.id)
            .bind(&record.subject)
            .bind(&record.actor)
            .bind(&record.purpose)
            .bind(record.fields.join(","))
            .bind(record.occur_time)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    async fn access_records(
        &self,
        subject: &str,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Access>, Error> {
        // Ids are of version 7, which grow with time.
        let found: Vec<AccessRow> = sqlx::query_as(
            "SELECT id, subject, actor, purpose, fields, occur_time FROM access_records \
             WHERE subject = $1 AND ($2 IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        )
        .bind(subject)
        .bind(after)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(found.into_iter().map(Access::from).collect())
    }
}

/// What happened to a volunteer. Its payload never holds a name or a number.
fn event(kind: &'static str, volunteer: &Volunteer, payload: serde_json::Value) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("volunteers/{}", volunteer.number),
        division_code: volunteer.home.to_string(),
        payload,
    }
}
