//! Statements that count. What each measure counts is written once more here, as a condition; the contract tests hold
//! it against the domain.

use minqing_platform::code::range_end;
use sqlx::{ColumnIndex, Decode, QueryBuilder, Row, Type};

use crate::domain::figures::{Axis, Counts, Group, Grouping, Measure, Query, Selection};
use crate::store::figures::Scope;

/// Where rounds are counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Table<'a> {
    /// As they are now.
    Now,
    /// As they were frozen with published figures.
    Snapshot(&'a str),
}

impl Table<'_> {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Now => "case_figures",
            Self::Snapshot(_) => "figure_snapshot_rows",
        }
    }
}

/// The condition under which a measure counts a round.
const fn condition(measure: Measure) -> &'static str {
    match measure {
        Measure::Counted => "f.left_out = ''",
        Measure::Withdrawn => "f.left_out = 'withdrawn'",
        Measure::Rejected => "f.left_out = 'rejected'",
        Measure::Merged => "f.left_out = 'merged'",
        Measure::Split => "f.left_out = 'split'",
        Measure::Responded => "f.left_out = '' AND f.responded",
        Measure::InTime => "f.left_out = '' AND f.in_time",
        Measure::NotInTime => "f.left_out = '' AND NOT f.in_time",
        Measure::Resolved => "f.left_out = '' AND f.resolved",
        Measure::OnTime => "f.left_out = '' AND f.on_time",
        Measure::Late => "f.left_out = '' AND NOT f.on_time",
        Measure::CalledBack => "f.left_out = '' AND f.called_back",
        Measure::Reached => "f.left_out = '' AND f.reached",
        Measure::Solved => "f.left_out = '' AND f.solved",
        Measure::NotSolved => "f.left_out = '' AND NOT f.solved",
        Measure::Satisfied => "f.left_out = '' AND f.satisfaction IN ('satisfied', 'very_satisfied')",
        Measure::Neutral => "f.left_out = '' AND f.satisfaction = 'neutral'",
        Measure::Dissatisfied => {
            "f.left_out = '' AND f.satisfaction IN ('dissatisfied', 'very_dissatisfied')"
        }
        Measure::DissatisfiedOutcome => {
            "f.left_out = '' AND f.satisfaction IN ('dissatisfied', 'very_dissatisfied') AND f.handled = 'outcome'"
        }
        Measure::DissatisfiedUnit => {
            "f.left_out = '' AND f.satisfaction IN ('dissatisfied', 'very_dissatisfied') AND f.handled = 'unit'"
        }
        Measure::DissatisfiedCentre => {
            "f.left_out = '' AND f.satisfaction IN ('dissatisfied', 'very_dissatisfied') AND f.handled = 'centre'"
        }
        Measure::Reopened => "f.left_out = '' AND f.reopened",
    }
}

const fn day(axis: Axis) -> &'static str {
    match axis {
        Axis::Created => "f.begin_day",
        Axis::Resolved => "f.resolve_day",
        Axis::Closed => "f.close_day",
    }
}

/// The group to which a round belongs.
pub(super) fn key(query: &Query) -> String {
    match query.grouping {
        Grouping::Whole => "CAST('' AS TEXT)".to_owned(),
        Grouping::Organization => "f.organization".to_owned(),
        Grouping::Item => "f.item".to_owned(),
        Grouping::Town | Grouping::Village | Grouping::Grid => {
            format!("SUBSTR(f.division_code, 1, {})", query.grouping.digits().unwrap_or_default())
        }
        Grouping::Type => "f.kind".to_owned(),
        Grouping::Door => "f.door".to_owned(),
        Grouping::Month => format!("SUBSTR({}, 1, 7)", day(query.axis)),
    }
}

/// The query that counts every measure in every group.
pub(super) fn select_groups<Db: sqlx::Database>(
    table: Table<'_>,
    query: &Query,
    scope: &Scope,
    limit: usize,
) -> QueryBuilder<Db>
where
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let mut select = QueryBuilder::new("SELECT ");
    select.push(key(query));
    for measure in Measure::ALL {
        select.push(format!(", COUNT(*) FILTER (WHERE {})", condition(*measure)));
    }
    select.push(format!(" FROM {} f WHERE ", table.name()));
    push_filter(&mut select, table, query, scope);
    select.push(format!(" GROUP BY 1 ORDER BY 1 LIMIT {limit}"));
    select
}

/// One row of that query.
pub(super) fn group<R: Row>(row: &R) -> Result<Group, sqlx::Error>
where
    usize: ColumnIndex<R>,
    String: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    i64: for<'r> Decode<'r, R::Database> + Type<R::Database>,
{
    let mut counts = Counts::default();
    for (place, measure) in Measure::ALL.iter().enumerate() {
        counts.add(*measure, row.try_get(place + 1)?);
    }
    Ok(Group { key: row.try_get(0)?, counts })
}

/// What a query is about.
pub(super) fn push_filter<Db: sqlx::Database>(
    select: &mut QueryBuilder<Db>,
    table: Table<'_>,
    query: &Query,
    scope: &Scope,
) where
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let day = day(query.axis);
    select.push(format!("{day} >= ")).push_bind(query.from.to_string());
    select.push(format!(" AND {day} < ")).push_bind(query.to.to_string());
    if let Table::Snapshot(id) = table {
        select.push(" AND f.snapshot = ").push_bind(id.to_owned());
    }
    if !scope.within.iter().any(String::is_empty) {
        select.push(" AND (1 = 0");
        for within in &scope.within {
            select.push(" OR (f.division_code >= ").push_bind(within.clone());
            select.push(" AND f.division_code < ").push_bind(range_end(within)).push(")");
        }
        for organization in &scope.organizations {
            select.push(" OR f.organization = ").push_bind(organization.clone());
        }
        select.push(")");
    }
    if let Some(area) = &query.area {
        select.push(" AND f.division_code >= ").push_bind(area.to_string());
        select.push(" AND f.division_code < ").push_bind(area.range_end());
    }
    let texts = [
        ("organization", query.organization.clone()),
        ("item", query.item.clone()),
        ("kind", query.kind.map(|kind| kind.to_string())),
        ("door", query.door.map(|door| door.to_string())),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            select.push(format!(" AND f.{column} = ")).push_bind(text);
        }
    }
}

/// Which rounds a figure counts.
pub(super) fn push_selection<Db: sqlx::Database>(select: &mut QueryBuilder<Db>, selection: &Selection) {
    select.push(" AND (1 = 0");
    for measure in &selection.any {
        select.push(format!(" OR ({})", condition(*measure)));
    }
    select.push(")");
    for measure in &selection.none {
        // What is not known does not hold.
        select.push(format!(" AND NOT COALESCE({}, FALSE)", condition(*measure)));
    }
}
