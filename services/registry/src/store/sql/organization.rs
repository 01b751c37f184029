//! Organizations in SQL.

mod rows;

use std::collections::HashMap;

use chrono::NaiveDate;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use serde_json::json;
use trait_gen::trait_gen;

pub(super) use rows::OrganizationRows;
use rows::{Row, columns, event};

use super::Sql;
use super::division::{anywhere, code_of};
use super::place::PlaceRows as _;
use crate::domain::organization::{self, Above, Changes, NewOrganization, Organization};
use crate::store::organization::{Filter, OrganizationStore, Responsible, Wanted};
use minqing_platform::code::{self, Code};
use minqing_platform::period::Period;

/// How many codes a place has from itself to its province: one for each level.
const LEVELS: usize = code::Level::ALL.len();

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl OrganizationStore for Sql<Db> {
    async fn organization(&self, id: &str) -> Result<Option<Organization>, Error> {
        let mut reads = self.db.reads().acquire().await?;
        let row: Option<Row> =
            sqlx::query_as(concat!("SELECT ", columns!(), " FROM organizations o WHERE o.id = $1"))
                .bind(id)
                .fetch_optional(&mut *reads)
                .await?;
        Ok(reads.whole(row.into_iter().collect()).await?.pop())
    }

    async fn organizations(
        &self,
        filter: &Filter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Organization>, Error> {
        let within = filter.within.as_ref().map_or("", Code::as_str);
        let mut reads = self.db.reads().acquire().await?;
        let rows: Vec<Row> = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM organizations o WHERE o.id > $1 AND ($2 = '' OR o.kind = $2) AND ($3 = '' OR o.parent_id = $3) \
               AND o.division_code >= $4 AND o.division_code < $5 \
               AND ($6 = '' OR lower(o.display_name) LIKE $6 ESCAPE '\\') \
               AND ($7 = '' OR EXISTS (SELECT 1 FROM organization_functions f \
                                       WHERE f.organization_id = o.id AND f.function = $7)) \
               AND ($8 = '' OR EXISTS (SELECT 1 FROM organization_jurisdictions j \
                                       WHERE j.organization_id = o.id AND substr($8, 1, length(j.code)) = j.code)) \
               AND ($9 IS NULL OR (o.effective_from <= $9 AND (o.effective_to IS NULL OR o.effective_to > $9))) \
             ORDER BY o.id LIMIT $10",
        ))
        .bind(after)
        .bind(filter.kind.map_or("", organization::Kind::as_str))
        .bind(filter.parent.as_deref().unwrap_or(""))
        .bind(within)
        .bind(code::range_end(within))
        .bind(if filter.query.is_empty() { String::new() } else { anywhere(&filter.query) })
        .bind(&filter.function)
        .bind(filter.covers.as_ref().map_or("", Code::as_str))
        .bind(filter.on)
        .bind(limit)
        .fetch_all(&mut *reads)
        .await?;
        reads.whole(rows).await
    }

    async fn responsible(
        &self,
        wanted: &Wanted,
        after: Option<(&str, &str)>,
        limit: i64,
    ) -> Result<Vec<Responsible>, Error> {
        // The codes that can cover the place; all of them begin each other, so the greatest is the longest. Where there
        // are fewer levels the last one stands again, which changes nothing.
        let mut codes: Vec<Code> = vec![wanted.code.clone()];
        codes.extend(wanted.code.ancestors());
        codes.resize(LEVELS, codes.last().unwrap_or(&wanted.code).clone());
        let (after_code, after_id) = after.unwrap_or(("", ""));
        let mut query = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            ", j.code AS covering FROM (SELECT organization_id, MAX(code) AS code FROM organization_jurisdictions \
                WHERE code IN ($1, $2, $3, $4, $5, $6) GROUP BY organization_id) j \
             JOIN organizations o ON o.id = j.organization_id \
             WHERE ($7 = '' OR o.kind = $7) \
               AND ($8 = '' OR EXISTS (SELECT 1 FROM organization_functions f \
                                       WHERE f.organization_id = o.id AND f.function = $8)) \
               AND o.effective_from <= $9 AND (o.effective_to IS NULL OR o.effective_to > $9) \
               AND ($10 = '' OR j.code < $10 OR (j.code = $10 AND o.id > $11)) \
             ORDER BY j.code DESC, o.id LIMIT $12",
        ));
        for code in &codes {
            query = query.bind(code.as_str());
        }
        let mut reads = self.db.reads().acquire().await?;
        let found: Vec<rows::Covering> = query
            .bind(wanted.kind.map_or("", organization::Kind::as_str))
            .bind(&wanted.function)
            .bind(wanted.on)
            .bind(after_code)
            .bind(after_id)
            .bind(limit)
            .fetch_all(&mut *reads)
            .await?;
        let codes: Vec<Code> = found.iter().map(|row| code_of(&row.covering)).collect::<Result<_, _>>()?;
        let whole = reads.whole(found.into_iter().map(|row| row.row).collect()).await?;
        Ok(whole.into_iter().zip(codes).collect())
    }

    async fn create_organizations(
        &self,
        change: &Change,
        news: &[NewOrganization],
    ) -> Result<Vec<Organization>, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_organizations().await?;
        if let Some(id) = organization::twice(news.iter().map(|new| new.id.as_str())) {
            return Err(
                Refusal::rule("NAME_TWICE", format!("organization {id} stands twice in the batch")).into()
            );
        }
        let ids: Vec<&str> = news.iter().map(|new| new.id.as_str()).collect();
        if let Some(id) = tx.organization_periods(&ids).await?.into_keys().min() {
            return Err(Refusal::exists(format!("organization {id}")).into());
        }
        let places = tx.places(news.iter().map(|new| new.facts.division.as_str())).await?;
        let mut aboves: HashMap<String, Option<Above>> = HashMap::new();
        for new in news {
            if let Some(parent) = &new.facts.parent
                && !aboves.contains_key(parent)
            {
                aboves.insert(parent.clone(), tx.above(parent).await?);
            }
            let above = new.facts.parent.as_ref().and_then(|parent| aboves.get(parent)?.as_ref());
            let place = places.get(new.facts.division.as_str());
            organization::may_stand(
                (&new.id, new.kind, &new.facts),
                place,
                above,
                1,
                &Period::since(new.from),
            )?;
            let chain =
                std::iter::once(new.id.clone()).chain(above.iter().flat_map(|above| above.chain.clone()));
            let this = Above { kind: new.kind, effective: Period::since(new.from), chain: chain.collect() };
            aboves.insert(new.id.clone(), Some(this));
        }
        tx.insert_organizations(change, news).await?;
        let made: Vec<Organization> = news.iter().map(|new| begun(change, new)).collect();
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn update_organization(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
        day: NaiveDate,
    ) -> Result<Organization, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_organizations().await?;
        let there = tx.lock_organization(id).await?.ok_or_else(|| missing(id))?;
        if version.is_some_and(|version| version != there.version) {
            return Err(Refusal::stale().into());
        }
        let facts = changes.applied(&there.facts);
        if facts.parent != there.facts.parent || facts.division != there.facts.division {
            let places = tx.places([facts.division.as_str()]).await?;
            let above = match &facts.parent {
                Some(parent) => tx.above(parent).await?,
                None => None,
            };
            let place = places.get(facts.division.as_str());
            let height = tx.height(id).await?;
            let rest = Period { from: day, ..there.effective };
            organization::may_stand((id, there.kind, &facts), place, above.as_ref(), height, &rest)?;
        }
        let changed = tx.write_organization(change, &there, facts).await?;
        tx.remember(change, &changed).await?;
        tx.commit().await?;
        self.committed();
        Ok(changed)
    }

    async fn end_organization(
        &self,
        change: &Change,
        id: &str,
        day: NaiveDate,
    ) -> Result<Organization, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_organizations().await?;
        let mut there = tx.lock_organization(id).await?.ok_or_else(|| missing(id))?;
        let (children, appointments) = tx.organization_parts_from(id, day).await?;
        organization::may_end(&there, day, children, appointments)?;
        sqlx::query(
            "UPDATE organizations SET effective_to = $2, update_time = $3, version = version + 1 WHERE id = $1",
        )
        .bind(id)
        .bind(day)
        .bind(change.now)
        .execute(&mut *tx)
        .await?;
        tx.append(change, &[event("OrganizationEnded", &there, json!({"effective_to": day}))]).await?;
        there.effective.to = Some(day);
        there.update_time = change.now;
        there.version += 1;
        tx.remember(change, &there).await?;
        tx.commit().await?;
        self.committed();
        Ok(there)
    }
}

fn missing(id: &str) -> Error {
    Refusal::missing(format!("organization {id}")).into()
}

fn begun(change: &Change, new: &NewOrganization) -> Organization {
    Organization {
        id: new.id.clone(),
        facts: new.facts.clone(),
        kind: new.kind,
        effective: Period::since(new.from),
        create_time: change.now,
        update_time: change.now,
        version: 1,
    }
}
