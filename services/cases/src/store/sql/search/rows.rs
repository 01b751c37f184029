//! Terms of cases on one connection.

use std::collections::{BTreeMap, BTreeSet};

use minqing_platform::db;
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use crate::domain::case::Case;
use crate::domain::search;

/// Terms in one statement. Always as many, the last ones repeated, so that the databases see one statement over and
/// over, which they have prepared, and not another one for each number of words.
const CHUNK: usize = 32;

/// Terms of cases.
#[async_trait::async_trait]
pub(in crate::store::sql) trait TermRows {
    /// Writes the terms of a new case.
    async fn insert_case_terms(&mut self, case: &Case) -> Result<(), db::Error>;

    /// Writes terms of a case that has none of them yet.
    async fn insert_terms(&mut self, number: &str, terms: &BTreeSet<String>) -> Result<(), db::Error>;

    /// Writes those terms anew that something changed.
    async fn move_case_terms(&mut self, before: &Case, after: &Case) -> Result<(), db::Error>;

    /// Which of these terms a case has.
    async fn terms_kept(
        &mut self,
        number: &str,
        of: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, db::Error>;

    /// Writes the terms of a case that are not there, and removes these.
    async fn renew_case_terms(&mut self, case: &Case, gone: &BTreeSet<String>) -> Result<(), db::Error>;

    /// In how many cases after a place each term is.
    async fn count_terms(
        &mut self,
        terms: &BTreeSet<String>,
        after: i64,
    ) -> Result<BTreeMap<String, u32>, db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl TermRows for Conn {
    async fn insert_case_terms(&mut self, case: &Case) -> Result<(), db::Error> {
        self.insert_terms(&case.number, &search::terms(case)).await
    }

    async fn insert_terms(&mut self, number: &str, terms: &BTreeSet<String>) -> Result<(), db::Error> {
        for chunk in chunks(terms) {
            let mut query = QueryBuilder::new(
                "INSERT INTO case_terms (term, seq) SELECT DISTINCT given.column1, \
                 (SELECT seq FROM cases WHERE number = ",
            );
            query.push_bind(number.to_owned()).push(") FROM (");
            query.push_values(chunk, |mut row, term| {
                row.push_bind(term);
            });
            query.push(") AS given");
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn move_case_terms(&mut self, before: &Case, after: &Case) -> Result<(), db::Error> {
        let search::Moves { replaced, added } = search::moves(before, after);
        self.insert_terms(&after.number, &added).await?;
        if replaced.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new("UPDATE case_terms SET term = CASE term");
        for (old, new) in &replaced {
            query.push(" WHEN ").push_bind(old.clone()).push(" THEN ").push_bind(new.clone());
        }
        query.push(" END WHERE seq = (SELECT seq FROM cases WHERE number = ");
        query.push_bind(after.number.clone()).push(") AND term IN (");
        let mut terms = query.separated(", ");
        for (old, _) in &replaced {
            terms.push_bind(old.clone());
        }
        query.push(")");
        query.build().execute(&mut *self).await?;
        Ok(())
    }

    async fn terms_kept(
        &mut self,
        number: &str,
        of: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, db::Error> {
        let mut kept = BTreeSet::new();
        for chunk in chunks(of) {
            let mut query = QueryBuilder::new("SELECT term FROM case_terms WHERE seq = ");
            query.push("(SELECT seq FROM cases WHERE number = ").push_bind(number.to_owned());
            query.push(") AND term IN (");
            let mut given = query.separated(", ");
            for term in chunk {
                given.push_bind(term);
            }
            query.push(")");
            let found: Vec<String> = query.build_query_scalar().fetch_all(&mut *self).await?;
            kept.extend(found);
        }
        Ok(kept)
    }

    async fn renew_case_terms(&mut self, case: &Case, gone: &BTreeSet<String>) -> Result<(), db::Error> {
        for chunk in chunks(gone) {
            let mut query = QueryBuilder::new("DELETE FROM case_terms WHERE seq = ");
            query.push("(SELECT seq FROM cases WHERE number = ").push_bind(case.number.clone());
            query.push(") AND term IN (");
            let mut given = query.separated(", ");
            for term in chunk {
                given.push_bind(term);
            }
            query.push(")").build().execute(&mut *self).await?;
        }
        let wanted = search::terms(case);
        let kept = self.terms_kept(&case.number, &wanted).await?;
        let missing = wanted.difference(&kept).cloned().collect();
        self.insert_terms(&case.number, &missing).await
    }

    async fn count_terms(
        &mut self,
        terms: &BTreeSet<String>,
        after: i64,
    ) -> Result<BTreeMap<String, u32>, db::Error> {
        let mut counts = BTreeMap::new();
        for chunk in chunks(terms) {
            let mut query = QueryBuilder::new("SELECT term, COUNT(*) FROM case_terms WHERE seq > ");
            query.push_bind(after).push(" AND term IN (");
            let mut given = query.separated(", ");
            for term in chunk {
                given.push_bind(term);
            }
            query.push(") GROUP BY term");
            let found: Vec<(String, i64)> = query.build_query_as().fetch_all(&mut *self).await?;
            counts.extend(
                found.into_iter().map(|(term, count)| (term, u32::try_from(count).unwrap_or(u32::MAX))),
            );
        }
        Ok(counts)
    }
}

/// Terms in chunks of one size, the last one filled up with its own.
fn chunks(terms: &BTreeSet<String>) -> Vec<Vec<String>> {
    let sorted: Vec<&String> = terms.iter().collect();
    let fill = |chunk: &[&String]| chunk.iter().copied().cycle().take(CHUNK).cloned().collect();
    sorted.chunks(CHUNK).map(fill).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_all_of_one_size_and_hold_every_term() {
        for count in [0, 1, 31, 32, 33, 100] {
            let terms: BTreeSet<String> = (0..count).map(|term| format!("{term:03}")).collect();
            let chunks = chunks(&terms);
            assert!(chunks.iter().all(|chunk| chunk.len() == CHUNK));
            assert_eq!(chunks.into_iter().flatten().collect::<BTreeSet<_>>(), terms);
        }
    }
}
