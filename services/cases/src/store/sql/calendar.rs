//! Calendars in SQL.

mod rows;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use trait_gen::trait_gen;

use rows::{CalendarRows as _, NATIONAL, NEWEST, ONE, Row, days_of, national_of};

use super::Sql;
use crate::domain::calendar::national::{Named, Notice};
use crate::domain::calendar::record::{Changes, Facts, New, Record};
use crate::domain::calendar::{CHINA, National, Ref};
use crate::store::calendar::{CalendarStore, Imported};

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl CalendarStore for Sql<Db> {
    async fn calendar(&self, id: &str, version: Option<i64>) -> Result<Option<Record>, Error> {
        let row: Option<Row> =
            sqlx::query_as(ONE).bind(id).bind(version).fetch_optional(self.db.reads()).await?;
        row.map(Row::whole).transpose()
    }

    async fn calendar_version(&self, id: &str) -> Result<Option<i64>, Error> {
        let found = sqlx::query_scalar("SELECT version FROM calendars WHERE id = $1").bind(id);
        Ok(found.fetch_optional(self.db.reads()).await?)
    }

    async fn calendars(
        &self,
        organization: Option<&str>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Record>, Error> {
        let rows: Vec<Row> = sqlx::query_as(NEWEST)
            .bind(after)
            .bind(organization.unwrap_or(""))
            .bind(limit)
            .fetch_all(self.db.reads())
            .await?;
        rows.into_iter().map(Row::whole).collect()
    }

    async fn national(&self, edition: i64) -> Result<National, Error> {
        national_of(sqlx::query_as(NATIONAL).bind(edition).fetch_all(self.db.reads()).await?)
    }

    async fn create_calendar(&self, change: &Change, new: &New) -> Result<Record, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let edition = tx.lock_calendars().await?;
        if tx.newest_calendar(&new.id).await?.is_some() {
            return Err(Refusal::exists(format!("calendar {}", new.id)).into());
        }
        let china = tx.newest_calendar(CHINA).await?.ok_or_else(|| missing(CHINA))?;
        let made = Record {
            reference: Ref { id: new.id.clone(), version: 1 },
            facts: new.facts(&china.facts.rules)?,
            edition: new.national.then_some(edition),
            create_time: change.now,
            update_time: change.now,
        };
        tx.insert_calendar(&made).await?;
        tx.append(change, &[rows::event("CalendarCreated", &made.reference)]).await?;
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn update_calendar(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
    ) -> Result<Record, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_calendars().await?;
        let there = tx.newest_calendar(id).await?.ok_or_else(|| missing(id))?;
        if version.is_some_and(|version| version != there.reference.version) {
            return Err(Refusal::stale().into());
        }
        let Some(facts) = changes.applied(&there.facts)? else {
            tx.remember(change, &there).await?;
            tx.commit().await?;
            return Ok(there);
        };
        let reference = Ref { version: there.reference.version + 1, ..there.reference };
        let made = Record { reference, facts, update_time: change.now, ..there };
        tx.insert_version(&made).await?;
        tx.append(change, &[rows::event("CalendarUpdated", &made.reference)]).await?;
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn import_holidays(
        &self,
        change: &Change,
        notice: &Notice,
        trial: bool,
    ) -> Result<Imported, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let edition = tx.lock_calendars().await?;
        let before = days_of(tx.notice_days(notice.year).await?)?;
        let mut imported = Imported { changed: changed(&before, &notice.days), versions: Vec::new() };
        if !imported.changed.is_empty() {
            imported.versions = tx.next_national_versions().await?;
        }
        if trial {
            return Ok(imported);
        }
        if !imported.changed.is_empty() {
            tx.insert_notices(change, edition + 1, std::slice::from_ref(notice)).await?;
            tx.renew_national_calendars(change, edition + 1).await?;
            let events: Vec<_> =
                imported.versions.iter().map(|made| rows::event("CalendarUpdated", made)).collect();
            tx.append(change, &events).await?;
        }
        tx.remember(change, &imported).await?;
        tx.commit().await?;
        self.committed();
        Ok(imported)
    }

    async fn found_calendars(&self, change: &Change, notices: &[Notice]) -> Result<(), Error> {
        let mut reads = self.db.reads().acquire().await?;
        let complete = lacking(&reads.notice_years().await?, notices).is_empty();
        if complete && reads.newest_calendar(CHINA).await?.is_some() {
            return Ok(());
        }
        drop(reads);
        let mut tx = self.db.begin().await?;
        let mut edition = tx.lock_calendars().await?;
        let lacking = lacking(&tx.notice_years().await?, notices);
        if !lacking.is_empty() {
            edition += 1;
            tx.insert_notices(change, edition, &lacking).await?;
            tx.renew_national_calendars(change, edition).await?;
        }
        if tx.newest_calendar(CHINA).await?.is_none() {
            let china = Record {
                reference: Ref { id: CHINA.to_owned(), version: 1 },
                facts: Facts::china(),
                edition: Some(edition),
                create_time: change.now,
                update_time: change.now,
            };
            tx.insert_calendar(&china).await?;
        }
        // No events: like the tables, this is what the program begins with, and nobody's act.
        tx.commit().await?;
        Ok(())
    }
}

fn missing(id: &str) -> Error {
    Refusal::missing(format!("calendar {id}")).into()
}

/// The notices of whose years there is none.
fn lacking(years: &BTreeSet<i32>, notices: &[Notice]) -> Vec<Notice> {
    notices.iter().filter(|notice| !years.contains(&notice.year)).cloned().collect()
}

/// The days on which two versions of a notice differ.
fn changed(before: &[Named], after: &[Named]) -> Vec<NaiveDate> {
    let by_date = |days: &[Named]| -> BTreeMap<NaiveDate, Named> {
        days.iter().map(|day| (day.date, day.clone())).collect()
    };
    let (before, after) = (by_date(before), by_date(after));
    let dates: BTreeSet<NaiveDate> = before.keys().chain(after.keys()).copied().collect();
    dates.into_iter().filter(|date| before.get(date) != after.get(date)).collect()
}
