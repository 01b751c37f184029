//! A link as a row.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db;
use sqlx::FromRow;
use uuid::Uuid;

use super::super::division::code_of;
use crate::domain::contact::Kind;
use crate::domain::contact_link::ContactLink;
use minqing_platform::period::Period;

/// Links with the residents below them on the day that the CTE `d` holds.
macro_rules! select_links {
    () => {
        "SELECT l.id, l.grid_code, l.kind, l.subject, l.contact, l.effective_from, l.effective_to, \
         CAST(CASE l.kind \
           WHEN 1 THEN (SELECT h.resident_count FROM households h WHERE h.id = l.subject) \
           WHEN 2 THEN (SELECT SUM(h.resident_count) FROM contact_links b \
             JOIN households h ON h.id = b.subject AND h.grid_code = b.grid_code \
             WHERE b.grid_code = l.grid_code AND b.kind = 1 AND b.contact = l.subject \
               AND b.effective_from <= d.day AND (b.effective_to IS NULL OR b.effective_to > d.day)) \
           ELSE (SELECT SUM(h.resident_count) FROM contact_links m \
             JOIN contact_links b ON b.grid_code = m.grid_code AND b.kind = 1 AND b.contact = m.subject \
               AND b.effective_from <= d.day AND (b.effective_to IS NULL OR b.effective_to > d.day) \
             JOIN households h ON h.id = b.subject AND h.grid_code = b.grid_code \
             WHERE m.grid_code = l.grid_code AND m.kind = 2 AND m.contact = l.subject \
               AND m.effective_from <= d.day AND (m.effective_to IS NULL OR m.effective_to > d.day)) \
         END AS BIGINT) AS resident_count, \
         l.create_time, l.update_time, l.version FROM d CROSS JOIN contact_links l "
    };
}
pub(super) use select_links;

/// The columns of [`Row`] without the residents: counting them would read every household, and whoever changes links
/// reads those anyway.
macro_rules! bare_columns {
    () => {
        "id, grid_code, kind, subject, contact, effective_from, effective_to, CAST(0 AS BIGINT) AS resident_count, \
         create_time, update_time, version"
    };
}
pub(super) use bare_columns;

/// A kind as it is stored.
pub(super) const fn number_of(kind: Kind) -> i32 {
    match kind {
        Kind::HouseholdToMember => 1,
        Kind::MemberToBackbone => 2,
        Kind::BackboneToLead => 3,
    }
}

/// The kind that a number stands for.
pub(super) fn kind_of(number: i32) -> Result<Kind, db::Error> {
    let kinds = [Kind::HouseholdToMember, Kind::MemberToBackbone, Kind::BackboneToLead];
    let found = kinds.into_iter().find(|kind| number_of(*kind) == number);
    found.ok_or_else(|| db::Error::Corrupt(format!("{number} is no kind of contact link")))
}

/// A number of residents or people as the domain counts it.
pub(super) fn count_of(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(if number < 0 { 0 } else { u32::MAX })
}

#[derive(FromRow)]
pub(super) struct Row {
    id: Uuid,
    grid_code: String,
    kind: i32,
    subject: String,
    contact: String,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    resident_count: Option<i64>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for ContactLink {
    type Error = db::Error;

    fn try_from(row: Row) -> Result<Self, db::Error> {
        Ok(Self {
            id: Some(row.id),
            grid: code_of(&row.grid_code)?,
            kind: kind_of(row.kind)?,
            subject: row.subject,
            contact: row.contact,
            effective: Period { from: row.effective_from, to: row.effective_to },
            resident_count: count_of(row.resident_count.unwrap_or(0)),
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}
