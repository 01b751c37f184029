//! The statements of a search. What one case must have is asked by subqueries that give one value: no planner makes a
//! join of them, which would read the whole list of a frequent word to answer for a page of a rare one.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use minqing_platform::code::range_end;
use sqlx::QueryBuilder;

use super::{Span, open};
use crate::domain::search;
use crate::store::search::{Nearby, Search};

/// The newest postings of a word that are looked at for candidates, those of a place, and the newest open cases of each
/// status from before the window.
const WORD_MAX: i64 = 2_000;
const PLACE_MAX: i64 = 5_000;
const OPEN_MAX: i64 = 250;

/// What a case must have.
#[derive(Debug, Clone, Default)]
pub(super) struct Need {
    /// Every one of these terms.
    pub terms: BTreeSet<String>,
    /// One term of each of these groups.
    groups: Vec<Vec<String>>,
    /// For each of these groups, a code that begins with one of its texts.
    prefixes: Vec<Vec<String>>,
    /// None of these terms.
    hidden: Vec<String>,
    /// When it came in.
    from: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
}

impl Need {
    /// What a search needs; none when no case can have it.
    pub(super) fn of(search: &Search) -> Option<Self> {
        let mut need = Self {
            terms: search.terms.clone(),
            hidden: search.hidden.clone(),
            from: search.from,
            before: search.before,
            ..Self::default()
        };
        for group in &search.areas {
            need.lie_in(group)?;
        }
        (!need.terms.is_empty()).then_some(need)
    }

    /// What a candidate for the same matter needs beside words and place; none when no case can have it.
    pub(super) fn nearby(nearby: &Nearby) -> Option<Self> {
        let mut need = Self { hidden: nearby.hidden.clone(), ..Self::default() };
        need.lie_in(&nearby.within)?;
        (!nearby.words.is_empty()).then_some(need)
    }

    /// To lie in one of some areas.
    fn lie_in(&mut self, group: &[String]) -> Option<()> {
        if group.is_empty() {
            return None;
        }
        if group.iter().any(String::is_empty) {
            return Some(());
        }
        match group.iter().map(|prefix| search::area(prefix)).collect::<Option<Vec<String>>>() {
            Some(mut terms) if terms.len() == 1 => self.terms.extend(terms.pop()),
            Some(terms) => self.groups.push(terms),
            None => self.prefixes.push(group.to_vec()),
        }
        Some(())
    }
}

/// How far back a posting of each term lies that has `depth` - 1 after it.
pub(super) fn select_depths<Db: sqlx::Database>(
    terms: &BTreeSet<String>,
    span: Span,
    depth: i64,
) -> QueryBuilder<Db>
where
    i64: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let mut query = QueryBuilder::new("");
    for (place, term) in terms.iter().enumerate() {
        let union = if place == 0 { "" } else { " UNION ALL " };
        query.push(format!(
            "{union}SELECT CAST({place} AS BIGINT) AS place, (SELECT seq FROM case_terms WHERE term = "
        ));
        query.push_bind(term.clone());
        push_span(&mut query, "seq", span);
        query.push(format!(" ORDER BY seq DESC LIMIT 1 OFFSET {}) AS seq", depth - 1));
    }
    query
}

/// The cases of a span that have what is needed, down the postings of one of the terms.
pub(super) fn select_found<Db: sqlx::Database>(
    need: &Need,
    lead: &str,
    span: Span,
    limit: i64,
) -> QueryBuilder<Db>
where
    i64: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    DateTime<Utc>: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let mut query =
        QueryBuilder::new("SELECT c.seq, c.state FROM (SELECT e.seq FROM case_terms e WHERE e.term = ");
    query.push_bind(lead.to_owned());
    push_span(&mut query, "e.seq", span);
    for term in need.terms.iter().filter(|term| *term != lead) {
        query.push(" AND (SELECT 1 FROM case_terms t WHERE t.term = ").push_bind(term.clone());
        query.push(" AND t.seq = e.seq) = 1");
    }
    push_rest(&mut query, need);
    // In the text, not bound: a planner that did not know how few they are might read all cases for them.
    query.push(format!(
        " ORDER BY e.seq DESC LIMIT {limit}) e JOIN cases c ON c.seq = e.seq ORDER BY e.seq DESC"
    ));
    query
}

/// The cases that have most of some words.
pub(super) fn select_nearby<Db: sqlx::Database>(nearby: &Nearby, need: &Need, after: i64) -> QueryBuilder<Db>
where
    i64: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    DateTime<Utc>: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let mut query = QueryBuilder::new(
        "SELECT c.seq, c.state FROM (SELECT e.seq, e.hits FROM (\
         SELECT w.seq, COUNT(*) AS hits FROM (",
    );
    push_newest(&mut query, &nearby.words, " AND seq > ", after, WORD_MAX);
    query.push(") w GROUP BY w.seq UNION ALL SELECT o.seq, (SELECT COUNT(*) FROM case_terms t WHERE t.seq = o.seq AND ");
    push_in(&mut query, "t.term", &nearby.words);
    query.push(") AS hits FROM (");
    // The limit, which is never reached, has the place asked before the words, which cost more.
    query.push("SELECT a.seq FROM (");
    push_newest(&mut query, &open(), " AND seq <= ", after, OPEN_MAX);
    query.push(") a WHERE 1 = 1");
    push_places(&mut query, "a.seq", &nearby.places);
    query.push(" LIMIT 1000000) o) e WHERE e.hits > 0");
    push_places(&mut query, "e.seq", &nearby.places);
    for term in &need.terms {
        query.push(" AND (SELECT 1 FROM case_terms t WHERE t.term = ").push_bind(term.clone());
        query.push(" AND t.seq = e.seq) = 1");
    }
    push_rest(&mut query, need);
    let limit = nearby.limit;
    query.push(format!(
        " ORDER BY e.hits DESC, e.seq DESC LIMIT {limit}) e JOIN cases c ON c.seq = e.seq \
         ORDER BY e.hits DESC, e.seq DESC"
    ));
    query
}

fn push_span<Db: sqlx::Database>(query: &mut QueryBuilder<Db>, column: &str, span: Span)
where
    i64: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    query.push(format!(" AND {column} > ")).push_bind(span.after);
    query.push(format!(" AND {column} < ")).push_bind(span.before);
}

/// The newest postings of each term.
fn push_newest<Db: sqlx::Database>(
    query: &mut QueryBuilder<Db>,
    terms: &[String],
    bound: &str,
    seq: i64,
    count: i64,
) where
    i64: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    for (place, term) in terms.iter().enumerate() {
        let union = if place == 0 { "" } else { " UNION ALL " };
        query.push(format!("{union}SELECT p.seq FROM (SELECT seq FROM case_terms WHERE term = "));
        query.push_bind(term.clone()).push(bound).push_bind(seq);
        query.push(format!(" ORDER BY seq DESC LIMIT {count}) p"));
    }
}

/// To lie in one of some places, if there are any.
fn push_places<Db: sqlx::Database>(query: &mut QueryBuilder<Db>, column: &str, places: &[String])
where
    i64: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    if !places.is_empty() {
        query.push(format!(" AND {column} IN ("));
        push_newest(query, places, " AND seq > ", i64::MIN, PLACE_MAX);
        query.push(")");
    }
}

fn push_in<Db: sqlx::Database>(query: &mut QueryBuilder<Db>, column: &str, terms: &[String])
where
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    query.push(format!("{column} IN ("));
    let mut given = query.separated(", ");
    for term in terms {
        given.push_bind(term.clone());
    }
    query.push(")");
}

/// What is needed beside the terms.
fn push_rest<Db: sqlx::Database>(query: &mut QueryBuilder<Db>, need: &Need)
where
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    DateTime<Utc>: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let groups = need.groups.iter().map(|group| (group, "> 0"));
    let hidden = Some((&need.hidden, "= 0")).filter(|(hidden, _)| !hidden.is_empty());
    for (terms, count) in groups.chain(hidden) {
        query.push(" AND (SELECT COUNT(*) FROM case_terms t WHERE t.seq = e.seq AND ");
        push_in(query, "t.term", terms);
        query.push(format!(") {count}"));
    }
    for prefixes in &need.prefixes {
        query.push(" AND (SELECT 1 FROM cases d WHERE d.seq = e.seq AND (1 = 0");
        for prefix in prefixes {
            query.push(" OR (d.division_code >= ").push_bind(prefix.clone());
            query.push(" AND d.division_code < ").push_bind(range_end(prefix)).push(")");
        }
        query.push(")) = 1");
    }
    for (instant, comparison) in [(need.from, ">="), (need.before, "<")] {
        if let Some(instant) = instant {
            query.push(format!(
                " AND (SELECT 1 FROM cases d WHERE d.seq = e.seq AND d.create_time {comparison} "
            ));
            query.push_bind(instant).push(") = 1");
        }
    }
}
