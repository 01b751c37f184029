//! How far an area is covered, counted by the database.
//!
//! Each statement goes once over what is to be looked after, grouped by the contact: there are thirty times fewer
//! groups than households, and whether the contact is in office is asked once a group. A link counts when its contact
//! holds the office in that grid on the day, as in [`crate::domain::contact::measure`].

use chrono::NaiveDate;
use minqing_platform::error::Error;
use sqlx::{FromRow, PgConnection, SqliteConnection};
use trait_gen::trait_gen;

use super::row::{count_of, number_of};
use crate::domain::contact::{Coverage, Kind, LISTED_MAX, Load};
use crate::store::contact::Lacking;
use minqing_platform::code::Code;

/// Households with their members, and the days.
const HOUSEHOLDS: &str = "\
    WITH held AS ( \
      SELECT h.grid_code AS grid, l.contact AS contact, COUNT(*) AS number, SUM(h.resident_count) AS load \
      FROM households h LEFT JOIN contact_links l \
        ON l.grid_code = h.grid_code AND l.kind = 1 AND l.subject = h.id \
        AND l.effective_from <= $3 AND (l.effective_to IS NULL OR l.effective_to > $3) \
      WHERE h.grid_code >= $1 AND h.grid_code < $2 \
        AND h.effective_from <= $3 AND (h.effective_to IS NULL OR h.effective_to > $3) \
      GROUP BY h.grid_code, l.contact \
    ), judged AS MATERIALIZED ( \
      SELECT grid, contact, number, load, CASE WHEN EXISTS ( \
        SELECT 1 FROM appointments a WHERE a.division_code = held.grid AND a.role = 'ordinary_member' \
          AND a.person_id = held.contact \
          AND a.effective_from <= $3 AND (a.effective_to IS NULL OR a.effective_to > $3)) \
        THEN 1 ELSE 0 END AS covered FROM held \
    ), worst AS ( \
      SELECT grid, contact, number, load FROM judged WHERE covered = 1 AND load > $4 \
      ORDER BY load DESC, contact, grid LIMIT $5 \
    ) \
    SELECT grid, CAST(NULL AS TEXT) AS contact, CAST(SUM(number) AS BIGINT) AS number, \
      CAST(SUM(load) AS BIGINT) AS load, \
      CAST(SUM(CASE covered WHEN 1 THEN 0 ELSE number END) AS BIGINT) AS uncovered, \
      CAST(SUM(CASE covered WHEN 1 THEN 0 ELSE load END) AS BIGINT) AS uncovered_load, \
      CAST(SUM(CASE WHEN covered = 1 AND load > $4 THEN 1 ELSE 0 END) AS BIGINT) AS overloaded \
    FROM judged GROUP BY grid \
    UNION ALL \
    SELECT grid, contact, CAST(number AS BIGINT), CAST(load AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT), \
      CAST(0 AS BIGINT) FROM worst";

/// People of one level with their contacts of the next. The range of codes holds grids and divisions; only grids count.
const PEOPLE: &str = "\
    WITH subjects AS ( \
      SELECT DISTINCT division_code AS grid, person_id FROM appointments \
      WHERE division_code >= $1 AND division_code < $2 AND length(division_code) = 15 AND role = $6 \
        AND effective_from <= $3 AND (effective_to IS NULL OR effective_to > $3) \
    ), held AS ( \
      SELECT s.grid AS grid, l.contact AS contact, COUNT(*) AS number \
      FROM subjects s LEFT JOIN contact_links l ON l.grid_code = s.grid AND l.kind = $7 AND l.subject = s.person_id \
        AND l.effective_from <= $3 AND (l.effective_to IS NULL OR l.effective_to > $3) \
      GROUP BY s.grid, l.contact \
    ), judged AS MATERIALIZED ( \
      SELECT grid, contact, number, CASE WHEN EXISTS ( \
        SELECT 1 FROM appointments a WHERE a.division_code = held.grid AND a.role = $8 \
          AND a.person_id = held.contact \
          AND a.effective_from <= $3 AND (a.effective_to IS NULL OR a.effective_to > $3)) \
        THEN 1 ELSE 0 END AS covered FROM held \
    ), worst AS ( \
      SELECT grid, contact, number FROM judged WHERE covered = 1 AND number > $4 \
      ORDER BY number DESC, contact, grid LIMIT $5 \
    ) \
    SELECT CAST(NULL AS TEXT) AS grid, CAST(NULL AS TEXT) AS contact, CAST(COALESCE(SUM(number), 0) AS BIGINT) AS number, \
      CAST(0 AS BIGINT) AS load, \
      CAST(COALESCE(SUM(CASE covered WHEN 1 THEN 0 ELSE number END), 0) AS BIGINT) AS uncovered, \
      CAST(0 AS BIGINT) AS uncovered_load, \
      CAST(COALESCE(SUM(CASE WHEN covered = 1 AND number > $4 THEN 1 ELSE 0 END), 0) AS BIGINT) AS overloaded \
    FROM judged \
    UNION ALL \
    SELECT grid, contact, CAST(number AS BIGINT), CAST(number AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT), \
      CAST(0 AS BIGINT) FROM worst";

/// Households without a member in office; to be continued behind the day of the CTE `d` with conditions and the order.
pub(super) const SELECT_UNCOVERED: &str = " AS day) \
    SELECT h.grid_code, h.address_key, h.id FROM d CROSS JOIN households h \
    WHERE h.effective_from <= d.day AND (h.effective_to IS NULL OR h.effective_to > d.day) \
      AND NOT EXISTS (SELECT 1 FROM contact_links l \
        JOIN appointments a ON a.division_code = l.grid_code AND a.role = 'ordinary_member' \
          AND a.person_id = l.contact \
          AND a.effective_from <= d.day AND (a.effective_to IS NULL OR a.effective_to > d.day) \
        WHERE l.grid_code = h.grid_code AND l.kind = 1 AND l.subject = h.id \
          AND l.effective_from <= d.day AND (l.effective_to IS NULL OR l.effective_to > d.day)) ";

/// The levels of people who have contacts themselves.
pub(super) const LEVELS: [Level; 2] = [
    Level { kind: Kind::MemberToBackbone, subject: "ordinary_member", contact: "backbone_member" },
    Level { kind: Kind::BackboneToLead, subject: "backbone_member", contact: "grid_lead" },
];

/// A level of people: the links, the office of those looked after, and that of those who do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    kind: Kind,
    subject: &'static str,
    contact: &'static str,
}

/// A sum, or where there is a contact, a load above capacity.
#[derive(FromRow)]
struct Counted {
    grid: Option<String>,
    contact: Option<String>,
    number: i64,
    load: i64,
    uncovered: i64,
    uncovered_load: i64,
    overloaded: i64,
}

/// Counts how far an area is covered.
#[async_trait::async_trait]
pub(super) trait CoverageRows {
    /// Households, by grid, and members who have too many residents.
    async fn household_coverage(
        &mut self,
        scope: &Code,
        day: NaiveDate,
    ) -> Result<(Coverage, Vec<Lacking>), Error>;
    /// People of a level, and those above them who have too many.
    async fn people_coverage(
        &mut self,
        scope: &Code,
        day: NaiveDate,
        level: Level,
    ) -> Result<Coverage, Error>;
    /// How many leads are in office, in each grid.
    async fn leads(&mut self, scope: &Code, day: NaiveDate) -> Result<u32, Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl CoverageRows for Conn {
    async fn household_coverage(
        &mut self,
        scope: &Code,
        day: NaiveDate,
    ) -> Result<(Coverage, Vec<Lacking>), Error> {
        let rows: Vec<Counted> = sqlx::query_as(HOUSEHOLDS)
            .bind(scope.as_str())
            .bind(scope.range_end())
            .bind(day)
            .bind(i64::from(Kind::HouseholdToMember.capacity()))
            .bind(listed())
            .fetch_all(&mut *self)
            .await?;
        let (mut coverage, mut lacking) = (Coverage::default(), Vec::new());
        for row in rows {
            if let Some(load) = load_of(Kind::HouseholdToMember, &row) {
                coverage.overloaded_listed.push(load);
                continue;
            }
            coverage.households += count_of(row.number);
            coverage.residents += count_of(row.load);
            coverage.uncovered_households += count_of(row.uncovered);
            coverage.uncovered_residents += count_of(row.uncovered_load);
            coverage.overloaded += count_of(row.overloaded);
            let households = count_of(row.uncovered);
            lacking.extend(row.grid.filter(|_| households > 0).map(|grid| Lacking { grid, households }));
        }
        lacking.sort_by(|a, b| a.grid.cmp(&b.grid));
        Ok((coverage, lacking))
    }

    async fn people_coverage(
        &mut self,
        scope: &Code,
        day: NaiveDate,
        level: Level,
    ) -> Result<Coverage, Error> {
        let rows: Vec<Counted> = sqlx::query_as(PEOPLE)
            .bind(scope.as_str())
            .bind(scope.range_end())
            .bind(day)
            .bind(i64::from(level.kind.capacity()))
            .bind(listed())
            .bind(level.subject)
            .bind(number_of(level.kind))
            .bind(level.contact)
            .fetch_all(&mut *self)
            .await?;
        let mut coverage = Coverage::default();
        for row in rows {
            if let Some(load) = load_of(level.kind, &row) {
                coverage.overloaded_listed.push(load);
                continue;
            }
            let (people, uncovered) = match level.kind {
                Kind::BackboneToLead => (&mut coverage.backbones, &mut coverage.uncovered_backbones),
                Kind::MemberToBackbone | Kind::HouseholdToMember => {
                    (&mut coverage.members, &mut coverage.uncovered_members)
                }
            };
            *people += count_of(row.number);
            *uncovered += count_of(row.uncovered);
            coverage.overloaded += count_of(row.overloaded);
        }
        Ok(coverage)
    }

    async fn leads(&mut self, scope: &Code, day: NaiveDate) -> Result<u32, Error> {
        let (count,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM (SELECT DISTINCT division_code, person_id FROM appointments \
             WHERE division_code >= $1 AND division_code < $2 AND length(division_code) = 15 AND role = 'grid_lead' \
               AND effective_from <= $3 AND (effective_to IS NULL OR effective_to > $3)) AS leads",
        )
        .bind(scope.as_str())
        .bind(scope.range_end())
        .bind(day)
        .fetch_one(&mut *self)
        .await?;
        Ok(count_of(count))
    }
}

/// As many loads as a list names.
fn listed() -> i64 {
    i64::try_from(LISTED_MAX).unwrap_or(i64::MAX)
}

fn load_of(kind: Kind, row: &Counted) -> Option<Load> {
    let person = row.contact.clone()?;
    Some(Load { person, kind, load: count_of(row.load) })
}
