//! What answers who is answerable, read for one grid or one division.

use chrono::NaiveDate;
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::identity::Role;
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::row::kind_of;
use crate::store::contact::{Chain, Post, Standing};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// Reads what answers who is answerable.
#[async_trait::async_trait]
pub(super) trait ChainRows {
    /// See [`crate::store::ContactStore::chain`].
    async fn chain(&mut self, grid: &Code, since: NaiveDate) -> Result<Option<Chain>, Error>;
    /// Who holds one of these offices in exactly this grid or division on a day or later, in the order of names.
    async fn posts(&mut self, place: &Code, since: NaiveDate, roles: &[&str]) -> Result<Vec<Post>, Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl ChainRows for Conn {
    async fn chain(&mut self, grid: &Code, since: NaiveDate) -> Result<Option<Chain>, Error> {
        let period: Option<(NaiveDate, Option<NaiveDate>)> =
            sqlx::query_as("SELECT effective_from, effective_to FROM grids WHERE code = $1")
                .bind(grid.as_str())
                .fetch_optional(&mut *self)
                .await?;
        let Some((from, to)) = period else { return Ok(None) };
        let posts = self.posts(grid, since, &["ordinary_member", "backbone_member", "grid_lead"]).await?;
        let households: Vec<(String, NaiveDate, Option<NaiveDate>)> =
            sqlx::query_as("SELECT id, effective_from, effective_to FROM households WHERE grid_code = $1")
                .bind(grid.as_str())
                .fetch_all(&mut *self)
                .await?;
        let links: Vec<(i32, String, String, NaiveDate, Option<NaiveDate>)> = sqlx::query_as(
            "SELECT kind, subject, contact, effective_from, effective_to FROM contact_links \
             WHERE grid_code = $1 AND (effective_to IS NULL OR effective_to > $2)",
        )
        .bind(grid.as_str())
        .bind(since)
        .fetch_all(&mut *self)
        .await?;
        let household = |(id, from, to): (String, _, _)| Ok((uuid_of(&id)?, Period { from, to }));
        let link = |(kind, subject, contact, from, to)| {
            Ok(Standing { kind: kind_of(kind)?, subject, contact, effective: Period { from, to } })
        };
        Ok(Some(Chain {
            effective: Period { from, to },
            posts,
            households: households.into_iter().map(household).collect::<Result<_, db::Error>>()?,
            links: links.into_iter().map(link).collect::<Result<_, db::Error>>()?,
        }))
    }

    async fn posts(&mut self, place: &Code, since: NaiveDate, roles: &[&str]) -> Result<Vec<Post>, Error> {
        let mut query = QueryBuilder::new(
            "SELECT a.role, a.person_id, p.display_name, a.effective_from, a.effective_to \
             FROM appointments a JOIN people p ON p.id = a.person_id WHERE a.division_code = ",
        );
        query.push_bind(place.to_string());
        query.push(" AND (a.effective_to IS NULL OR a.effective_to > ").push_bind(since);
        query.push(") AND a.role IN (");
        let mut list = query.separated(", ");
        for role in roles {
            list.push_bind((*role).to_owned());
        }
        query.push(")");
        let rows: Vec<(String, String, String, NaiveDate, Option<NaiveDate>)> =
            query.build_query_as().fetch_all(&mut *self).await?;
        let post = |(role, person, display_name, from, to): (String, _, _, _, _)| {
            let role: Role = role.parse().map_err(|_| db::Error::Corrupt(format!("{role:?} is no role")))?;
            Ok(Post { role, person, display_name, effective: Period { from, to } })
        };
        let mut posts = rows.into_iter().map(post).collect::<Result<Vec<_>, db::Error>>()?;
        // Sorted here, since the databases differ in how they order texts.
        posts.sort_by(|a, b| (&a.display_name, &a.person).cmp(&(&b.display_name, &b.person)));
        Ok(posts)
    }
}

fn uuid_of(id: &str) -> Result<Uuid, db::Error> {
    id.parse().map_err(|_| db::Error::Corrupt(format!("household {id:?} is no UUID")))
}
