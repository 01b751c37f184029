//! Rules and suggestions of dispatch between messages and domain.

use minqing_platform::field::{Faults, code, each, is_given, mask, named, new_id, text, timestamp};
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::dispatch_rule::Outcome as Given;

use super::count;
use super::item::{case_types, item_name};
use crate::domain::dispatch::learnt::Evidence;
use crate::domain::dispatch::rule::{
    Changes, DISPLAY_NAME_MAX, Facts, KEYWORD_MAX, KEYWORDS_MAX, NewRule, Outcome, PRIORITY_MAX, Rule,
};
use crate::domain::item::field;
use crate::domain::words;
use crate::suggest::{Source, Suggestion};
use minqing_platform::named::number;

/// The fields of a rule that an update can change.
const CHANGEABLE: &[&str] = &[
    "display_name",
    "priority",
    "case_types",
    "item",
    "function",
    "keywords",
    "organization",
    "responsible_function",
];

/// A rule as a message.
pub fn dispatch_rule(rule: Rule) -> proto::DispatchRule {
    let facts = rule.facts;
    proto::DispatchRule {
        name: format!("dispatchRules/{}", rule.id),
        display_name: facts.display_name,
        priority: facts.priority,
        division_code: rule.division.into(),
        case_types: facts.case_types.into_iter().map(number).collect(),
        item: facts.item.unwrap_or_default(),
        function: facts.function,
        keywords: facts.keywords,
        outcome: Some(match facts.outcome {
            Outcome::Organization(organization) => Given::Organization(organization),
            Outcome::Function(function) => Given::ResponsibleFunction(function),
        }),
        create_time: Some(timestamp(rule.create_time)),
        update_time: Some(timestamp(rule.update_time)),
        etag: rule.version.to_string(),
    }
}

/// Reads the name of a rule (`dispatchRules/x`); gives its last part.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn dispatch_rule_name(field: &str, text: &str) -> Result<String, Violation> {
    named(field, "dispatchRules", text)
}

/// Reads the name of an organization; gives all of it.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn whole_organization(field: &str, text: &str) -> Result<String, Violation> {
    Ok(format!("organizations/{}", named(field, "organizations", text)?))
}

/// Reads the name of an organization, which may be left out; gives all of it.
///
/// # Errors
/// It is no such name.
pub fn optional_organization(field: &str, text: &str) -> Result<Option<String>, Violation> {
    (!text.is_empty()).then(|| whole_organization(field, text)).transpose()
}

/// Reads the name of an item, which may be left out; gives all of it.
///
/// # Errors
/// It is no such name.
pub fn whole_item(field: &str, text: &str) -> Result<Option<String>, Violation> {
    (!text.is_empty()).then(|| Ok(format!("items/{}", item_name(field, text)?))).transpose()
}

fn priority(field: &str, priority: i32) -> Result<i32, Violation> {
    let message = format!("must be 0 to {PRIORITY_MAX}");
    let within = (0..=PRIORITY_MAX).contains(&priority);
    if within { Ok(priority) } else { Err(Violation::new(field, "OUT_OF_RANGE", message)) }
}

fn keywords(field: &str, keywords: &[String]) -> Result<Vec<String>, Violation> {
    count(field, keywords.len(), 0, KEYWORDS_MAX)?;
    let mut read = each(field, keywords, |field, keyword| {
        let keyword = text(field, keyword, KEYWORD_MAX)?;
        if words::normalised(&keyword).is_empty() {
            // It would be found nowhere, and the rule would never apply.
            return Err(Violation::new(field, "NO_WORD", "has neither letters nor digits"));
        }
        Ok(keyword)
    })?;
    read.sort();
    read.dedup();
    Ok(read)
}

fn outcome(field: &str, outcome: Option<&Given>) -> Result<Outcome, Violation> {
    match outcome {
        None => Err(Violation::new(field, "REQUIRED_FIELD", "must name an organization or a function")),
        Some(Given::Organization(name)) => {
            Ok(Outcome::Organization(whole_organization("dispatch_rule.organization", name)?))
        }
        Some(Given::ResponsibleFunction(function)) if function.is_empty() => {
            Err(Violation::required("dispatch_rule.responsible_function"))
        }
        Some(Given::ResponsibleFunction(function)) => {
            Ok(Outcome::Function(field::function("dispatch_rule.responsible_function", function)?))
        }
    }
}

/// Reads a rule that is to begin.
///
/// # Errors
/// Every field that is not valid.
pub fn new_dispatch_rule(request: &proto::CreateDispatchRuleRequest) -> Result<NewRule, Vec<Violation>> {
    let given = request.dispatch_rule.as_ref().ok_or_else(|| vec![Violation::required("dispatch_rule")])?;
    let mut faults = Faults::default();
    let id = faults.take(new_id("dispatch_rule_id", &request.dispatch_rule_id));
    let display_name = faults.take(text("dispatch_rule.display_name", &given.display_name, DISPLAY_NAME_MAX));
    let priority = faults.take(priority("dispatch_rule.priority", given.priority));
    let division = faults.take(code("dispatch_rule.division_code", &given.division_code));
    let case_types = faults.take(case_types("dispatch_rule.case_types", &given.case_types));
    let item = faults.take(whole_item("dispatch_rule.item", &given.item));
    let function = faults.take(field::function("dispatch_rule.function", &given.function));
    let keywords = faults.take(keywords("dispatch_rule.keywords", &given.keywords));
    let outcome = faults.take(outcome("dispatch_rule.outcome", given.outcome.as_ref()));
    let read = || {
        let (display_name, priority, case_types) = (display_name?, priority?, case_types?);
        let (item, function, keywords, outcome) = (item?, function?, keywords?, outcome?);
        let facts = Facts { display_name, priority, case_types, item, function, keywords, outcome };
        Some(NewRule { id: id?, division: division?, facts })
    };
    faults.or(read())
}

/// Reads what an update changes.
///
/// # Errors
/// The mask names another field, or a field that changes is not valid.
pub fn dispatch_rule_changes(
    given: &proto::DispatchRule,
    paths: Option<&prost_types::FieldMask>,
) -> Result<Changes, Vec<Violation>> {
    mask("update_mask", paths, CHANGEABLE).map_err(|fault| vec![fault])?;
    let mut faults = Faults::default();
    let mut changes = Changes::default();
    let field = |name: &str| format!("dispatch_rule.{name}");
    if is_given(paths, "display_name", !given.display_name.is_empty()) {
        changes.display_name =
            faults.take(text(&field("display_name"), &given.display_name, DISPLAY_NAME_MAX));
    }
    if is_given(paths, "priority", given.priority != 0) {
        changes.priority = faults.take(priority(&field("priority"), given.priority));
    }
    if is_given(paths, "case_types", !given.case_types.is_empty()) {
        changes.case_types = faults.take(case_types(&field("case_types"), &given.case_types));
    }
    if is_given(paths, "item", !given.item.is_empty()) {
        changes.item = faults.take(whole_item(&field("item"), &given.item));
    }
    if is_given(paths, "function", !given.function.is_empty()) {
        changes.function = faults.take(field::function(&field("function"), &given.function));
    }
    if is_given(paths, "keywords", !given.keywords.is_empty()) {
        changes.keywords = faults.take(keywords(&field("keywords"), &given.keywords));
    }
    let names = given.outcome.is_some();
    if is_given(paths, "organization", names) || is_given(paths, "responsible_function", names) {
        changes.outcome = faults.take(outcome(&field("outcome"), given.outcome.as_ref()));
    }
    faults.or(Some(changes))
}

/// A suggestion as a message. `confidence_min` is the confidence that is needed to apply one before a person saw it.
pub fn dispatch_suggestion(suggestion: Suggestion, confidence_min: f64) -> proto::DispatchSuggestion {
    let whole = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    let evidence = |evidence: Evidence| proto::DispatchEvidence {
        kind: evidence.feature.kind().to_owned(),
        value: evidence.feature.value().to_owned(),
        weight: evidence.weight,
        past_count: whole(evidence.cases),
    };
    let source = match suggestion.source {
        Source::Rule(_) => proto::DispatchSource::Rule,
        Source::Item => proto::DispatchSource::Item,
        Source::Learnt => proto::DispatchSource::Learnt,
    };
    proto::DispatchSuggestion {
        organization: suggestion.organization,
        display_name: suggestion.display_name,
        confidence: suggestion.confidence,
        source: source.into(),
        reason: suggestion.reason,
        rule: match suggestion.source {
            Source::Rule(id) => format!("dispatchRules/{id}"),
            Source::Item | Source::Learnt => String::new(),
        },
        evidence: suggestion.evidence.into_iter().map(evidence).collect(),
        past_count: whole(suggestion.past_count),
        may_apply_unseen: suggestion.confidence >= confidence_min,
    }
}
