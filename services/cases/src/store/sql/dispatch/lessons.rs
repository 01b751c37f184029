//! Lessons: noted by each dispatch, counted later by one at a time.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use minqing_platform::db;
use minqing_platform::error::Error;
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use crate::domain::dispatch::learnt::{Counts, Feature, Lesson};

/// Rows in one statement: five columns at most, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 1_000;
/// Lessons counted in one transaction.
const LESSONS_MAX: i64 = 1_000;

/// How often a feature is counted more (or less, below 0) for an organization.
type Delta = (String, String, i64);

/// Statements on lessons on one connection.
#[async_trait::async_trait]
pub(in crate::store::sql) trait LessonRows {
    /// Notes lessons to be counted once more (`cases` 1: a dispatch) or once less (-1: a return). One statement, which
    /// shares no row with other dispatches and so waits for none.
    async fn note_lessons(&mut self, lessons: &[Lesson], cases: i64, now: DateTime<Utc>)
    -> Result<(), Error>;
    /// Counts the oldest lessons that wait.
    async fn count_lessons(&mut self, now: DateTime<Utc>) -> Result<usize, Error>;
    /// Adds to the counts of organizations.
    async fn add_organizations(&mut self, counts: &Counts) -> Result<(), Error>;
    /// Adds to the counts of features by organization.
    async fn add_features(&mut self, deltas: &[Delta]) -> Result<(), Error>;
    /// Adds to the counts of words.
    async fn add_words(&mut self, words: &[(String, i64)], now: DateTime<Utc>) -> Result<(), Error>;
    /// Removes what is counted no more.
    async fn remove_emptied(&mut self, deltas: &[Delta]) -> Result<(), Error>;
    /// Forgets the rarest words beyond so many, of equally rare ones those that were not seen for longest.
    async fn forget_words(&mut self, vocabulary_max: usize) -> Result<(), Error>;
    /// What was counted, as far as it is about these features.
    async fn counts_of(&mut self, features: &BTreeSet<Feature>) -> Result<Counts, Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl LessonRows for Conn {
    async fn note_lessons(
        &mut self,
        lessons: &[Lesson],
        cases: i64,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        for chunk in lessons.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO dispatch_lessons (organization, cases, features, create_time) ",
            );
            query.push_values(chunk, |mut row, lesson| {
                let features: Vec<String> = lesson.features.iter().map(Feature::text).collect();
                row.push_bind(lesson.organization.clone())
                    .push_bind(cases)
                    .push_bind(features.join("\n"))
                    .push_bind(now);
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn count_lessons(&mut self, now: DateTime<Utc>) -> Result<usize, Error> {
        // One counts at a time, so that each lesson counts once.
        sqlx::query("UPDATE dispatch_state SET version = version + 1 WHERE id = 2")
            .execute(&mut *self)
            .await?;
        let waiting: Vec<(i64, String, i64, String)> = sqlx::query_as(
            "SELECT seq, organization, cases, features FROM dispatch_lessons ORDER BY seq LIMIT $1",
        )
        .bind(LESSONS_MAX)
        .fetch_all(&mut *self)
        .await?;
        let mut counts = Counts::default();
        for (_, organization, cases, features) in &waiting {
            let features = features.lines().map(feature).collect::<Result<BTreeSet<_>, _>>()?;
            counts.add(organization, &features, *cases);
        }
        let (deltas, words) = changed(&counts);
        self.add_organizations(&counts).await?;
        self.add_features(&deltas).await?;
        self.add_words(&words, now).await?;
        self.remove_emptied(&deltas).await?;
        // By their numbers: one with a smaller number may have been committed since they were read.
        for chunk in waiting.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("DELETE FROM dispatch_lessons WHERE seq IN (");
            let mut list = query.separated(", ");
            for (seq, ..) in chunk {
                list.push_bind(*seq);
            }
            query.push(")");
            query.build().execute(&mut *self).await?;
        }
        Ok(waiting.len())
    }

    async fn add_organizations(&mut self, counts: &Counts) -> Result<(), Error> {
        let deltas: Vec<_> = counts.organizations.iter().filter(|(_, cases)| **cases != 0).collect();
        for chunk in deltas.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("INSERT INTO dispatch_organizations (organization, cases) ");
            query.push_values(chunk, |mut row, (organization, cases)| {
                row.push_bind((*organization).clone()).push_bind(**cases);
            });
            query.push(
                " ON CONFLICT (organization) DO UPDATE SET cases = dispatch_organizations.cases + excluded.cases",
            );
            query.build().execute(&mut *self).await?;
        }
        // There are few.
        sqlx::query("DELETE FROM dispatch_organizations WHERE cases <= 0").execute(&mut *self).await?;
        Ok(())
    }

    async fn add_features(&mut self, deltas: &[Delta]) -> Result<(), Error> {
        for chunk in deltas.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("INSERT INTO dispatch_counts (feature, organization, cases) ");
            query.push_values(chunk, |mut row, (feature, organization, cases)| {
                row.push_bind(feature.clone()).push_bind(organization.clone()).push_bind(*cases);
            });
            query.push(
                " ON CONFLICT (feature, organization) DO UPDATE SET cases = dispatch_counts.cases + excluded.cases",
            );
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn add_words(&mut self, words: &[(String, i64)], now: DateTime<Utc>) -> Result<(), Error> {
        for chunk in words.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("INSERT INTO dispatch_words (feature, cases, update_time) ");
            query.push_values(chunk, |mut row, (word, cases)| {
                row.push_bind(word.clone()).push_bind(*cases).push_bind(now);
            });
            query.push(
                " ON CONFLICT (feature) DO UPDATE SET cases = dispatch_words.cases + excluded.cases, \
                  update_time = excluded.update_time",
            );
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn remove_emptied(&mut self, deltas: &[Delta]) -> Result<(), Error> {
        let less: BTreeSet<&String> =
            deltas.iter().filter(|(.., cases)| *cases < 0).map(|(feature, ..)| feature).collect();
        let less: Vec<_> = less.into_iter().collect();
        for chunk in less.chunks(ROWS_A_STATEMENT) {
            for table in ["dispatch_counts", "dispatch_words"] {
                let mut query = QueryBuilder::new("DELETE FROM ");
                query.push(table).push(" WHERE cases <= 0 AND feature IN (");
                let mut list = query.separated(", ");
                for feature in chunk {
                    list.push_bind((*feature).clone());
                }
                query.push(")");
                query.build().execute(&mut *self).await?;
            }
        }
        Ok(())
    }

    async fn forget_words(&mut self, vocabulary_max: usize) -> Result<(), Error> {
        let (words,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM dispatch_words").fetch_one(&mut *self).await?;
        let excess = words.saturating_sub(i64::try_from(vocabulary_max).unwrap_or(i64::MAX));
        if excess <= 0 {
            return Ok(());
        }
        sqlx::query(
            "DELETE FROM dispatch_words WHERE feature IN \
             (SELECT feature FROM dispatch_words ORDER BY cases, update_time, feature LIMIT $1)",
        )
        .bind(excess)
        .execute(&mut *self)
        .await?;
        sqlx::query(
            "DELETE FROM dispatch_counts WHERE feature LIKE 'word %' \
             AND NOT EXISTS (SELECT 1 FROM dispatch_words w WHERE w.feature = dispatch_counts.feature)",
        )
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn counts_of(&mut self, features: &BTreeSet<Feature>) -> Result<Counts, Error> {
        let organizations: Vec<(String, i64)> =
            sqlx::query_as("SELECT organization, cases FROM dispatch_organizations")
                .fetch_all(&mut *self)
                .await?;
        let mut counts = Counts { organizations: organizations.into_iter().collect(), ..Counts::default() };
        let features: Vec<String> = features.iter().map(Feature::text).collect();
        for chunk in features.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "SELECT feature, organization, cases FROM dispatch_counts WHERE feature IN (",
            );
            let mut list = query.separated(", ");
            for feature in chunk {
                list.push_bind(feature.clone());
            }
            query.push(")");
            let rows: Vec<Delta> = query.build_query_as().fetch_all(&mut *self).await?;
            for (text, organization, cases) in rows {
                counts.features.entry(feature(&text)?).or_default().insert(organization, cases);
            }
        }
        Ok(counts)
    }
}

fn feature(text: &str) -> Result<Feature, db::Error> {
    Feature::of(text).ok_or_else(|| db::Error::Corrupt(format!("{text:?} is no feature")))
}

/// What changes, in one order for everybody: of features by organization, and of words in all.
fn changed(counts: &Counts) -> (Vec<Delta>, Vec<(String, i64)>) {
    let (mut deltas, mut words) = (Vec::new(), Vec::new());
    for (feature, of) in &counts.features {
        let text = feature.text();
        deltas.extend(
            of.iter()
                .filter(|(_, cases)| **cases != 0)
                .map(|(organization, cases)| (text.clone(), organization.clone(), *cases)),
        );
        let sum: i64 = of.values().sum();
        if matches!(feature, Feature::Word(_)) && sum != 0 {
            words.push((text, sum));
        }
    }
    deltas.sort();
    words.sort();
    (deltas, words)
}
