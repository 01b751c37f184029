//! Divisions and grids as places that other records refer to.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use minqing_platform::error::Error;
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use minqing_platform::code::Level;
use minqing_platform::period::Period;

/// Codes in one statement, far below either database's limit of bind variables.
const CODES_A_STATEMENT: usize = 1_000;

/// Statements on places on one connection.
#[async_trait::async_trait]
pub(super) trait PlaceRows {
    /// The days of those divisions and grids that exist.
    async fn places<'a, I>(&mut self, codes: I) -> Result<HashMap<String, Period>, Error>
    where
        I: IntoIterator<Item = &'a str> + Send;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl PlaceRows for Conn {
    async fn places<'a, I>(&mut self, codes: I) -> Result<HashMap<String, Period>, Error>
    where
        I: IntoIterator<Item = &'a str> + Send,
    {
        let codes: BTreeSet<&str> = codes.into_iter().collect();
        let (grids, divisions): (Vec<&str>, Vec<&str>) =
            codes.into_iter().partition(|code| code.len() == Level::Grid.digits());
        let mut found = HashMap::new();
        for (select, codes) in [
            ("SELECT code, effective_from, effective_to FROM divisions WHERE code IN (", divisions),
            ("SELECT code, effective_from, effective_to FROM grids WHERE code IN (", grids),
        ] {
            for chunk in codes.chunks(CODES_A_STATEMENT) {
                let mut query = QueryBuilder::new(select);
                let mut list = query.separated(", ");
                for code in chunk {
                    list.push_bind((*code).to_owned());
                }
                query.push(")");
                let rows: Vec<(String, NaiveDate, Option<NaiveDate>)> =
                    query.build_query_as().fetch_all(&mut *self).await?;
                found.extend(rows.into_iter().map(|(code, from, to)| (code, Period { from, to })));
            }
        }
        Ok(found)
    }
}
