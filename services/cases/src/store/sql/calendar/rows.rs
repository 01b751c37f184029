//! Statements on calendars on one connection.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use crate::domain::calendar::national::{Kind, Named, Notice};
use crate::domain::calendar::record::{Facts, Record};
use crate::domain::calendar::{National, Ref};

/// Rows in one INSERT: five columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 500;

macro_rules! columns {
    () => {
        "SELECT v.calendar_id, v.version, v.display_name, v.organization_id, v.rules, v.edition, \
                c.create_time, v.create_time AS update_time \
         FROM calendars c JOIN calendar_versions v ON v.calendar_id = c.id "
    };
}

/// One calendar: a version ($2), or the newest when it is NULL.
pub(super) const ONE: &str = concat!(columns!(), "WHERE c.id = $1 AND v.version = COALESCE($2, c.version)");
/// The newest versions after an id ($1), of an organization ($2, empty for all).
pub(super) const NEWEST: &str = concat!(
    columns!(),
    "WHERE v.version = c.version AND c.id > $1 AND ($2 = '' OR v.organization_id = $2) ORDER BY c.id LIMIT $3"
);
/// The national days of an edition.
pub(super) const NATIONAL: &str = "SELECT d.year, d.date, d.name, d.kind FROM national_days d \
     WHERE d.edition = (SELECT MAX(n.edition) FROM national_notices n WHERE n.year = d.year AND n.edition <= $1) \
     ORDER BY d.year, d.date";

#[derive(FromRow)]
pub(super) struct Row {
    calendar_id: String,
    version: i64,
    display_name: String,
    organization_id: Option<String>,
    rules: String,
    edition: Option<i64>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
}

impl Row {
    pub(super) fn whole(self) -> Result<Record, Error> {
        let rules = serde_json::from_str(&self.rules).map_err(|error| corrupt(&error.to_string()))?;
        let facts = Facts { display_name: self.display_name, organization: self.organization_id, rules };
        let reference = Ref { id: self.calendar_id, version: self.version };
        let (create_time, update_time) = (self.create_time, self.update_time);
        Ok(Record { reference, facts, edition: self.edition, create_time, update_time })
    }
}

#[derive(FromRow)]
pub(super) struct DayRow {
    year: i32,
    date: NaiveDate,
    name: String,
    kind: String,
}

/// The days of a notice.
pub(super) fn days_of(rows: Vec<DayRow>) -> Result<Vec<Named>, Error> {
    let day = |row: DayRow| {
        let kind = match row.kind.as_str() {
            "off" => Kind::Off,
            "make_up" => Kind::MakeUp,
            other => return Err(corrupt(&format!("a day of kind {other:?}"))),
        };
        Ok(Named { date: row.date, name: row.name, kind })
    };
    rows.into_iter().map(day).collect()
}

/// The national days, from rows of all years.
pub(super) fn national_of(rows: Vec<DayRow>) -> Result<National, Error> {
    let mut years: BTreeMap<i32, Vec<DayRow>> = BTreeMap::new();
    for row in rows {
        years.entry(row.year).or_default().push(row);
    }
    let notice = |(year, rows)| Ok(Notice { year, source: String::new(), days: days_of(rows)? });
    years.into_iter().map(notice).collect::<Result<_, Error>>().map(National::new)
}

/// Calendars are of the whole area: cases everywhere are counted by them.
pub(super) fn event(kind: &'static str, made: &Ref) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("calendars/{}", made.id),
        division_code: String::new(),
        payload: json!({ "version": made.version }),
    }
}

fn corrupt(text: &str) -> Error {
    Error::Database(db::Error::Corrupt(text.to_owned()))
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Off => "off",
        Kind::MakeUp => "make_up",
    }
}

#[async_trait::async_trait]
pub(super) trait CalendarRows {
    /// Keeps everybody else from making versions until the transaction ends; gives the newest edition.
    async fn lock_calendars(&mut self) -> Result<i64, Error>;
    async fn newest_calendar(&mut self, id: &str) -> Result<Option<Record>, Error>;
    /// A calendar with its first version.
    async fn insert_calendar(&mut self, record: &Record) -> Result<(), Error>;
    /// A calendar's next version, which becomes the newest.
    async fn insert_version(&mut self, record: &Record) -> Result<(), Error>;
    /// The years with a notice.
    async fn notice_years(&mut self) -> Result<BTreeSet<i32>, Error>;
    /// The days of the newest notice of a year.
    async fn notice_days(&mut self, year: i32) -> Result<Vec<DayRow>, Error>;
    /// Notices of an edition, which becomes the newest.
    async fn insert_notices(
        &mut self,
        change: &Change,
        edition: i64,
        notices: &[Notice],
    ) -> Result<(), Error>;
    /// The versions that the calendars with national days have next.
    async fn next_national_versions(&mut self) -> Result<Vec<Ref>, Error>;
    /// A new version, of an edition, of each calendar with national days.
    async fn renew_national_calendars(&mut self, change: &Change, edition: i64) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl CalendarRows for Conn {
    async fn lock_calendars(&mut self) -> Result<i64, Error> {
        let lock = "UPDATE national_edition SET edition = edition WHERE id = 1 RETURNING edition";
        Ok(sqlx::query_scalar(lock).fetch_one(&mut *self).await?)
    }

    async fn newest_calendar(&mut self, id: &str) -> Result<Option<Record>, Error> {
        let row: Option<Row> =
            sqlx::query_as(ONE).bind(id).bind(None::<i64>).fetch_optional(&mut *self).await?;
        row.map(Row::whole).transpose()
    }

    async fn insert_calendar(&mut self, record: &Record) -> Result<(), Error> {
        sqlx::query("INSERT INTO calendars (id, version, create_time) VALUES ($1, $2, $3)")
            .bind(&record.reference.id)
            .bind(0_i64)
            .bind(record.create_time)
            .execute(&mut *self)
            .await?;
        self.insert_version(record).await
    }

    async fn insert_version(&mut self, record: &Record) -> Result<(), Error> {
        let rules =
            serde_json::to_string(&record.facts.rules).map_err(|error| Error::Internal(error.to_string()))?;
        sqlx::query(
            "INSERT INTO calendar_versions \
             (calendar_id, version, display_name, organization_id, rules, edition, create_time) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&record.reference.id)
        .bind(record.reference.version)
        .bind(&record.facts.display_name)
        .bind(&record.facts.organization)
        .bind(rules)
        .bind(record.edition)
        .bind(record.update_time)
        .execute(&mut *self)
        .await?;
        sqlx::query("UPDATE calendars SET version = $2 WHERE id = $1")
            .bind(&record.reference.id)
            .bind(record.reference.version)
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn notice_years(&mut self) -> Result<BTreeSet<i32>, Error> {
        let years: Vec<i32> =
            sqlx::query_scalar("SELECT DISTINCT year FROM national_notices").fetch_all(&mut *self).await?;
        Ok(years.into_iter().collect())
    }

    async fn notice_days(&mut self, year: i32) -> Result<Vec<DayRow>, Error> {
        let days = "SELECT year, date, name, kind FROM national_days WHERE year = $1 \
                    AND edition = (SELECT MAX(edition) FROM national_notices WHERE year = $1) ORDER BY date";
        Ok(sqlx::query_as(days).bind(year).fetch_all(&mut *self).await?)
    }

    async fn insert_notices(
        &mut self,
        change: &Change,
        edition: i64,
        notices: &[Notice],
    ) -> Result<(), Error> {
        for chunk in notices.chunks(ROWS_A_STATEMENT) {
            let mut query =
                QueryBuilder::new("INSERT INTO national_notices (year, edition, source, create_time) ");
            query.push_values(chunk, |mut row, notice| {
                row.push_bind(notice.year)
                    .push_bind(edition)
                    .push_bind(notice.source.clone())
                    .push_bind(change.now);
            });
            query.build().execute(&mut *self).await?;
        }
        let days: Vec<(i32, &Named)> =
            notices.iter().flat_map(|notice| notice.days.iter().map(|day| (notice.year, day))).collect();
        for chunk in days.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("INSERT INTO national_days (year, edition, date, name, kind) ");
            query.push_values(chunk, |mut row, (year, day)| {
                row.push_bind(*year)
                    .push_bind(edition)
                    .push_bind(day.date)
                    .push_bind(day.name.clone())
                    .push_bind(kind_name(day.kind));
            });
            query.build().execute(&mut *self).await?;
        }
        sqlx::query("UPDATE national_edition SET edition = $1 WHERE id = 1")
            .bind(edition)
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn next_national_versions(&mut self) -> Result<Vec<Ref>, Error> {
        let next: Vec<(String, i64)> = sqlx::query_as(
            "SELECT c.id, c.version + 1 FROM calendars c \
             JOIN calendar_versions v ON v.calendar_id = c.id AND v.version = c.version \
             WHERE v.edition IS NOT NULL ORDER BY c.id",
        )
        .fetch_all(&mut *self)
        .await?;
        Ok(next.into_iter().map(|(id, version)| Ref { id, version }).collect())
    }

    async fn renew_national_calendars(&mut self, change: &Change, edition: i64) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO calendar_versions \
             (calendar_id, version, display_name, organization_id, rules, edition, create_time) \
             SELECT c.id, c.version + 1, v.display_name, v.organization_id, v.rules, $1, $2 FROM calendars c \
             JOIN calendar_versions v ON v.calendar_id = c.id AND v.version = c.version \
             WHERE v.edition IS NOT NULL",
        )
        .bind(edition)
        .bind(change.now)
        .execute(&mut *self)
        .await?;
        sqlx::query(
            "UPDATE calendars SET version = version + 1 WHERE EXISTS (SELECT 1 FROM calendar_versions v \
             WHERE v.calendar_id = calendars.id AND v.version = calendars.version + 1)",
        )
        .execute(&mut *self)
        .await?;
        Ok(())
    }
}
