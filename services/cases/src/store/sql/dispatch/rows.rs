//! Rules as rows, and statements on them inside a transaction.

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, SqliteConnection};
use trait_gen::trait_gen;

use crate::domain::dispatch::rule::{Facts, Outcome, Rule};
use crate::domain::item::text;

/// The columns of [`Row`].
macro_rules! columns {
    () => {
        "id, display_name, priority, division_code, case_types, item, function, keywords, organization, \
         responsible_function, create_time, update_time, version"
    };
}
pub(super) use columns;

#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    display_name: String,
    priority: i32,
    division_code: String,
    case_types: String,
    item: Option<String>,
    function: String,
    keywords: String,
    organization: Option<String>,
    responsible_function: Option<String>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Rule {
    type Error = db::Error;

    fn try_from(row: Row) -> Result<Self, db::Error> {
        let corrupt = |text: String| db::Error::Corrupt(format!("dispatch rule {}: {text}", row.id));
        let outcome = match (row.organization, row.responsible_function) {
            (Some(organization), None) => Outcome::Organization(organization),
            (None, Some(function)) => Outcome::Function(function),
            _ => return Err(corrupt("names neither or both".to_owned())),
        };
        Ok(Self {
            division: row.division_code.parse().map_err(|error| corrupt(format!("{error}")))?,
            facts: Facts {
                display_name: row.display_name,
                priority: row.priority,
                case_types: text::members(&row.case_types).map_err(corrupt)?,
                item: row.item,
                function: row.function,
                keywords: text::texts(&row.keywords),
                outcome,
            },
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
            id: row.id,
        })
    }
}

/// Statements on rules inside a transaction.
#[async_trait::async_trait]
pub(super) trait RuleRows {
    /// Makes whoever adds a rule wait until the transaction ends.
    async fn lock_rules(&mut self) -> Result<(), Error>;
    /// A rule, locked until the transaction ends.
    async fn lock_rule(&mut self, id: &str) -> Result<Option<Rule>, Error>;
    /// How many rules have an area that holds this one or lies in it.
    async fn overlapping(&mut self, division: &Code) -> Result<i64, Error>;
    async fn insert_rule(&mut self, change: &Change, rule: &Rule) -> Result<(), Error>;
    /// Writes what changed of a rule that is locked.
    async fn write_rule(&mut self, change: &Change, rule: &Rule) -> Result<(), Error>;
    async fn delete_rule(&mut self, change: &Change, rule: &Rule) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl RuleRows for Conn {
    async fn lock_rules(&mut self) -> Result<(), Error> {
        sqlx::query("UPDATE dispatch_state SET version = version + 1 WHERE id = 1")
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn lock_rule(&mut self, id: &str) -> Result<Option<Rule>, Error> {
        // Writing the row to itself takes its lock on PostgreSQL; on SQLite the transaction holds the only one.
        let row: Option<Row> =
            sqlx::query_as(concat!("UPDATE dispatch_rules SET id = id WHERE id = $1 RETURNING ", columns!()))
                .bind(id)
                .fetch_optional(&mut *self)
                .await?;
        Ok(row.map(Rule::try_from).transpose()?)
    }

    async fn overlapping(&mut self, division: &Code) -> Result<i64, Error> {
        let (count,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM dispatch_rules \
             WHERE (division_code >= $1 AND division_code < $2) OR substr($1, 1, length(division_code)) = division_code",
        )
        .bind(division.as_str())
        .bind(division.range_end())
        .fetch_one(&mut *self)
        .await?;
        Ok(count)
    }

    async fn insert_rule(&mut self, change: &Change, rule: &Rule) -> Result<(), Error> {
        let (organization, function) = outcome(&rule.facts);
        sqlx::query(
            "INSERT INTO dispatch_rules (id, display_name, priority, division_code, case_types, item, function, keywords, \
             organization, responsible_function, create_time, update_time, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(&rule.id)
        .bind(&rule.facts.display_name)
        .bind(rule.facts.priority)
        .bind(rule.division.as_str())
        .bind(text::names(&rule.facts.case_types))
        .bind(&rule.facts.item)
        .bind(&rule.facts.function)
        .bind(text::lines(&rule.facts.keywords))
        .bind(organization)
        .bind(function)
        .bind(rule.create_time)
        .bind(rule.update_time)
        .bind(rule.version)
        .execute(&mut *self)
        .await?;
        Ok(self.append(change, &[event("DispatchRuleCreated", rule)]).await?)
    }

    async fn write_rule(&mut self, change: &Change, rule: &Rule) -> Result<(), Error> {
        let (organization, function) = outcome(&rule.facts);
        sqlx::query(
            "UPDATE dispatch_rules SET display_name = $2, priority = $3, case_types = $4, item = $5, function = $6, \
             keywords = $7, organization = $8, responsible_function = $9, update_time = $10, version = $11 WHERE id = $1",
        )
        .bind(&rule.id)
        .bind(&rule.facts.display_name)
        .bind(rule.facts.priority)
        .bind(text::names(&rule.facts.case_types))
        .bind(&rule.facts.item)
        .bind(&rule.facts.function)
        .bind(text::lines(&rule.facts.keywords))
        .bind(organization)
        .bind(function)
        .bind(rule.update_time)
        .bind(rule.version)
        .execute(&mut *self)
        .await?;
        Ok(self.append(change, &[event("DispatchRuleUpdated", rule)]).await?)
    }

    async fn delete_rule(&mut self, change: &Change, rule: &Rule) -> Result<(), Error> {
        sqlx::query("DELETE FROM dispatch_rules WHERE id = $1").bind(&rule.id).execute(&mut *self).await?;
        Ok(self.append(change, &[event("DispatchRuleDeleted", rule)]).await?)
    }
}

fn outcome(facts: &Facts) -> (Option<&str>, Option<&str>) {
    match &facts.outcome {
        Outcome::Organization(organization) => (Some(organization), None),
        Outcome::Function(function) => (None, Some(function)),
    }
}

/// The whole rule is told: it is no secret, and what a deleted one said must stay known.
fn event(kind: &'static str, rule: &Rule) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("dispatchRules/{}", rule.id),
        division_code: rule.division.to_string(),
        payload: json!(rule.facts),
    }
}
