//! Certificates as rows, and statements on them on one connection.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use minqing_platform::db;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{PgConnection, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use crate::domain::certificate::{Certificate, Content, Request};
use crate::domain::hour::Entry;
use crate::domain::hour::chain::Head;
use crate::store::certificate::Stored;
use crate::store::sql::hour::rows::{Row, columns};

pub(in crate::store::sql) fn read<T: DeserializeOwned>(text: &str) -> Result<T, db::Error> {
    serde_json::from_str(text).map_err(|error| db::Error::Corrupt(error.to_string()))
}

fn text(value: &impl Serialize) -> Result<String, db::Error> {
    serde_json::to_string(value).map_err(|error| db::Error::Corrupt(error.to_string()))
}

/// The instant at which a civil day in China begins.
fn begins(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(8)
}

/// The instants between which service began that is certified.
fn span(content: &Content) -> (DateTime<Utc>, DateTime<Utc>) {
    let after = content.to.checked_add_days(Days::new(1)).unwrap_or(content.to);
    (begins(content.from), begins(after))
}

#[async_trait::async_trait]
pub(in crate::store::sql) trait CertificateRows {
    async fn certificate_request(&mut self, id: Uuid) -> Result<Option<Request>, db::Error>;
    async fn write_certificate_request(&mut self, request: &Request) -> Result<(), db::Error>;
    /// Counts one certificate more for a year, which locks it.
    async fn next_certificate(&mut self, year: i32) -> Result<i64, db::Error>;
    async fn chain_head(&mut self) -> Result<Head, db::Error>;
    /// The hours that are certified: begun in the period, entered up to a place of the chain.
    async fn certified_hours(
        &mut self,
        volunteer: &str,
        content: &Content,
        seq: i64,
    ) -> Result<Vec<Entry>, db::Error>;
    async fn insert_certificate(&mut self, certificate: &Certificate, holder: &[u8])
    -> Result<(), db::Error>;
    async fn lock_certificate(&mut self, number: &str) -> Result<(), db::Error>;
    async fn update_certificate(&mut self, certificate: &Certificate) -> Result<(), db::Error>;
    async fn stored_certificate(&mut self, number: &str) -> Result<Option<Stored>, db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl CertificateRows for Conn {
    async fn certificate_request(&mut self, id: Uuid) -> Result<Option<Request>, db::Error> {
        let found: Option<String> =
            sqlx::query_scalar("SELECT content FROM certificate_requests WHERE id = $1")
                .bind(id)
                .fetch_optional(&mut *self)
                .await?;
        found.as_deref().map(read).transpose()
    }

    async fn write_certificate_request(&mut self, request: &Request) -> Result<(), db::Error> {
        sqlx::query(
            "INSERT INTO certificate_requests (id, volunteer, division_code, state, create_time, content) \
             VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, content = excluded.content",
        )
        .bind(request.id)
        .bind(&request.volunteer)
        .bind(&request.division_code)
        .bind(request.state.as_str())
        .bind(request.create_time)
        .bind(text(request)?)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn next_certificate(&mut self, year: i32) -> Result<i64, db::Error> {
        Ok(sqlx::query_scalar(
            "INSERT INTO certificate_years (year, count) VALUES ($1, 1) \
             ON CONFLICT (year) DO UPDATE SET count = certificate_years.count + 1 RETURNING count",
        )
        .bind(i64::from(year))
        .fetch_one(&mut *self)
        .await?)
    }

    async fn chain_head(&mut self) -> Result<Head, db::Error> {
        let (seq, hash): (i64, Vec<u8>) =
            sqlx::query_as("SELECT seq, hash FROM hour_chain WHERE id = 1").fetch_one(&mut *self).await?;
        Ok(Head { seq, hash: crate::store::sql::hour::rows::hash(&hash)? })
    }

    async fn certified_hours(
        &mut self,
        volunteer: &str,
        content: &Content,
        seq: i64,
    ) -> Result<Vec<Entry>, db::Error> {
        let (from, to) = span(content);
        let found: Vec<Row> = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM hour_entries WHERE volunteer = $1 AND from_time >= $2 AND from_time < $3 AND seq <= $4 ORDER BY seq"
        ))
        .bind(volunteer)
        .bind(from)
        .bind(to)
        .bind(seq)
        .fetch_all(&mut *self)
        .await?;
        found.into_iter().map(Row::whole).collect()
    }

    async fn insert_certificate(
        &mut self,
        certificate: &Certificate,
        holder: &[u8],
    ) -> Result<(), db::Error> {
        sqlx::query(
            "INSERT INTO certificates (number, volunteer, division_code, holder, content) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&certificate.number)
        .bind(&certificate.volunteer)
        .bind(&certificate.division_code)
        .bind(holder)
        .bind(text(certificate)?)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn lock_certificate(&mut self, number: &str) -> Result<(), db::Error> {
        sqlx::query("UPDATE certificates SET number = number WHERE number = $1")
            .bind(number)
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn update_certificate(&mut self, certificate: &Certificate) -> Result<(), db::Error> {
        sqlx::query("UPDATE certificates SET content = $2 WHERE number = $1")
            .bind(&certificate.number)
            .bind(text(certificate)?)
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn stored_certificate(&mut self, number: &str) -> Result<Option<Stored>, db::Error> {
        let found: Option<(String, Vec<u8>)> =
            sqlx::query_as("SELECT content, holder FROM certificates WHERE number = $1")
                .bind(number)
                .fetch_optional(&mut *self)
                .await?;
        let Some((content, holder)) = found else { return Ok(None) };
        let certificate: Certificate = read(&content)?;
        let (from, to) = span(&certificate.content);
        let corrected: Option<i64> = sqlx::query_scalar(
            "SELECT seq FROM hour_entries WHERE volunteer = $1 AND from_time >= $2 AND from_time < $3 \
             AND seq > $4 AND corrects <= $4 LIMIT 1",
        )
        .bind(&certificate.volunteer)
        .bind(from)
        .bind(to)
        .bind(certificate.chain_seq)
        .fetch_optional(&mut *self)
        .await?;
        Ok(Some(Stored { certificate, holder, corrected: corrected.is_some() }))
    }
}
