//! SQL statements as spans of the traces that are exported.
//!
//! sqlx has no hook for a statement that begins. When one has ended it says so by an event, within the span that was
//! current when it began, and with the time it took; [`Statements`] makes a finished child span of that. The events
//! are told to this layer alone: what is logged does not depend on whether traces are exported.

use std::time::Duration;

use opentelemetry::trace::{Span, SpanKind, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, time};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer;

use crate::db;

/// The target of sqlx's events about statements.
pub(super) const TARGET: &str = "sqlx::query";

/// How much of a statement a span keeps, bytes. An INSERT of a thousand rows is all placeholders after that.
const STATEMENT_BYTES_MAX: usize = 2_048;

/// Makes spans of sqlx's events.
pub(super) struct Statements<T>(pub T);

impl<S, T> Layer<S> for Statements<T>
where
    S: Subscriber,
    T: Tracer + Send + Sync + 'static,
    T::Span: Send + Sync + 'static,
{
    fn on_event(&self, event: &Event<'_>, _: layer::Context<'_, S>) {
        // The exporting layer keeps the context of the span that is entered current. Statements outside of any trace
        // (migrations, background work) make none of their own, and neither do those of traces that are not exported.
        let parent = Context::current();
        if !parent.span().span_context().is_sampled() {
            return;
        }
        let mut ended = Ended::default();
        event.record(&mut ended);
        let Some(took) = ended.took else { return };
        // sqlx leaves the statement out where its summary, the first four words, is all of it.
        let text = if ended.statement.is_empty() { &ended.summary } else { &ended.statement };
        let name = name(text);
        let attributes = vec![
            KeyValue::new("db.system.name", db::system_of_this_thread()),
            KeyValue::new("db.query.summary", name.clone()),
            KeyValue::new("db.query.text", text[..text.floor_char_boundary(STATEMENT_BYTES_MAX)].to_owned()),
            KeyValue::new("db.response.affected_rows", ended.rows_affected),
            KeyValue::new("db.response.returned_rows", ended.rows_returned),
        ];
        let end = time::now();
        let mut span = self
            .0
            .span_builder(name)
            .with_kind(SpanKind::Client)
            .with_start_time(end.checked_sub(took).unwrap_or(end))
            .with_attributes(attributes)
            .start_with_context(&self.0, &parent);
        span.end_with_timestamp(end);
    }
}

/// What sqlx says of a statement that has ended.
#[derive(Default)]
struct Ended {
    summary: String,
    statement: String,
    rows_affected: i64,
    rows_returned: i64,
    took: Option<Duration>,
}

impl Visit for Ended {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.took = Duration::try_from_secs_f64(value).ok();
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        match field.name() {
            "rows_affected" => self.rows_affected = value,
            "rows_returned" => self.rows_returned = value,
            _ => {}
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.trim().clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// The name of a statement's span: what it does and to which table first, `SELECT divisions`. Names stay few, whatever
/// the conditions are.
fn name(statement: &str) -> String {
    let mut words =
        statement.split(|letter: char| letter.is_whitespace() || letter == '(').filter(|w| !w.is_empty());
    let verb = words.next().unwrap_or("SQL").to_ascii_uppercase();
    let table = if verb == "UPDATE" {
        words.next()
    } else {
        // `FROM (SELECT …` names no table; that of the inner FROM is found next.
        let mut before = "";
        words.find(|word| {
            let names = before.eq_ignore_ascii_case("FROM") || before.eq_ignore_ascii_case("INTO");
            before = word;
            names && !word.eq_ignore_ascii_case("SELECT")
        })
    };
    let table =
        table.unwrap_or_default().trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '_');
    if table.is_empty() { verb } else { format!("{verb} {table}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_named_by_its_verb_and_its_first_table() {
        for (statement, expected) in [
            ("SELECT 1", "SELECT"),
            ("select code,\n  name FROM divisions WHERE code = $1", "SELECT divisions"),
            ("SELECT d.code FROM (SELECT code FROM divisions) d", "SELECT divisions"),
            ("INSERT INTO people(id, name) VALUES ($1, $2)", "INSERT people"),
            ("UPDATE \"grids\" SET name = $1", "UPDATE grids"),
            ("DELETE FROM outbox;", "DELETE outbox"),
            ("WITH area AS (SELECT * FROM grids) SELECT * FROM area", "WITH grids"),
            ("BEGIN", "BEGIN"),
            ("", "SQL"),
        ] {
            assert_eq!(name(statement), expected, "{statement}");
        }
    }
}
