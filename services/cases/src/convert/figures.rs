//! Figures between messages and domain.

use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;

use super::{Faults, date, optional_code, optional_named, timestamp};
use crate::domain::figures::{
    Axis, Counts, Fraction, Grouping, LeftOut, Measure, Part, Query, Rate, Selection, total, without_small,
};
use crate::store::figures::{Scope, Snapshot};
use minqing_platform::named::{number, optional_member, optional_number};

/// The longest period, in days: ten years.
const DAYS_MAX: i64 = 3_660;

/// The query of a request that has its fields beside others.
macro_rules! flat {
    ($request:expr) => {
        minqing_proto::cases::v1::FigureQuery {
            from_date: $request.from_date.clone(),
            to_date: $request.to_date.clone(),
            axis: $request.axis,
            division_code: $request.division_code.clone(),
            organization: $request.organization.clone(),
            item: $request.item.clone(),
            r#type: $request.r#type,
            door: $request.door,
            group_by: $request.group_by,
        }
    };
}

pub(crate) use flat;

/// Reads what figures are of; `within` is what the paths of its fields begin with.
///
/// # Errors
/// What is wrong with its fields.
pub fn figure_query(within: &str, query: &proto::FigureQuery) -> Result<Query, Vec<Violation>> {
    let path = |field: &str| format!("{within}{field}");
    let day =
        |field: &str, text: &str| date(&path(field), text)?.ok_or_else(|| Violation::required(path(field)));
    let name = |field: &str, collection: &str, text: &str| {
        let id = optional_named(&path(field), collection, text)?;
        Ok::<_, Violation>(id.map(|id| format!("{collection}/{id}")))
    };
    let mut faults = Faults::default();
    let from = faults.take(day("from_date", &query.from_date));
    let to = faults.take(day("to_date", &query.to_date));
    let days = from.zip(to).map(|(from, to)| (to - from).num_days());
    if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        let text = format!("must be 1 to {DAYS_MAX} days after from_date");
        faults.extend(vec![Violation::new(path("to_date"), "INVALID_PERIOD", text)]);
    }
    let axis = faults.take(optional_member(&path("axis"), query.axis));
    let area = faults.take(optional_code(&path("division_code"), &query.division_code));
    let organization = faults.take(name("organization", "organizations", &query.organization));
    let item = faults.take(name("item", "items", &query.item));
    let kind = faults.take(optional_member(&path("type"), query.r#type));
    let door = faults.take(optional_member(&path("door"), query.door));
    let grouping = faults.take(optional_member(&path("group_by"), query.group_by));
    let read = || {
        Some(Query {
            from: from?,
            to: to?,
            axis: axis?.unwrap_or(Axis::Created),
            area: area?,
            organization: organization?,
            item: item?,
            kind: kind?,
            door: door?,
            grouping: grouping?.unwrap_or(Grouping::Whole),
        })
    };
    faults.or(read())
}

/// Reads which figure is listed.
///
/// # Errors
/// A field has no meaning, or a reason stands beside a rate.
pub fn figure_selection(request: &proto::ListFigureCasesRequest) -> Result<Selection, Violation> {
    let rate = optional_member::<Rate>("rate", request.rate)?;
    let part = optional_member::<Part>("part", request.part)?;
    match (optional_member::<LeftOut>("left_out", request.left_out)?, rate) {
        (Some(_), Some(_)) => Err(Violation::new(
            "left_out",
            "CONTRADICTION",
            "what is left out is in no rate; give one of the two",
        )),
        (Some(reason), None) => Ok(Selection::one(Measure::left_out(reason))),
        (None, Some(rate)) => Ok(Selection::of(rate, part.unwrap_or(Part::Denominator))),
        (None, None) if part.is_some() => {
            Err(Violation::new("part", "CONTRADICTION", "a part of which rate?"))
        }
        (None, None) => Ok(Selection::one(Measure::Counted)),
    }
}

/// What figures are of as a message.
pub fn asked(query: &Query) -> proto::FigureQuery {
    proto::FigureQuery {
        from_date: query.from.to_string(),
        to_date: query.to.to_string(),
        axis: number(query.axis),
        division_code: query.area.as_ref().map(ToString::to_string).unwrap_or_default(),
        organization: query.organization.clone().unwrap_or_default(),
        item: query.item.clone().unwrap_or_default(),
        r#type: optional_number(query.kind),
        door: optional_number(query.door),
        group_by: number(query.grouping),
    }
}

/// Figures as a message.
pub fn figures(query: &Query, scope: Scope, groups: &[crate::domain::figures::Group]) -> proto::Figures {
    proto::Figures {
        query: Some(asked(query)),
        groups: groups.iter().map(|group| figure_group(group.key.clone(), &group.counts)).collect(),
        total: Some(figure_group(String::new(), &total(groups))),
        areas: scope.within,
        organizations: scope.organizations,
    }
}

/// Published figures as a message: for the public without what is small; in lists without the groups.
pub fn figure_snapshot(snapshot: &Snapshot, public: bool, listed: bool) -> proto::FigureSnapshot {
    let Snapshot { query, groups, .. } = snapshot;
    let (mut figures, partial) = if public {
        let told = without_small(groups);
        let partial = told.total.is_none() || told.groups.iter().any(|(_, counts)| counts.is_none());
        let group = |(key, counts): (String, Option<Counts>)| match counts {
            Some(counts) => figure_group(key, &counts),
            None => suppressed(key),
        };
        let total =
            told.total.map_or_else(|| suppressed(String::new()), |all| figure_group(String::new(), &all));
        let groups = told.groups.into_iter().map(group).collect();
        let figures =
            proto::Figures { query: Some(asked(query)), groups, total: Some(total), ..Default::default() };
        (figures, partial)
    } else {
        (self::figures(query, Scope::default(), groups), false)
    };
    if listed {
        figures.groups.clear();
    }
    proto::FigureSnapshot {
        name: format!("figureSnapshots/{}", snapshot.id),
        display_name: snapshot.display_name.clone(),
        figures: Some(figures),
        hash: snapshot.hash.clone(),
        publish_time: Some(timestamp(snapshot.publish_time)),
        partial,
    }
}

/// A group that is too small to be told.
fn suppressed(key: String) -> proto::FigureGroup {
    proto::FigureGroup { key, suppressed: true, ..proto::FigureGroup::default() }
}

fn figure_group(key: String, counts: &Counts) -> proto::FigureGroup {
    let rate = |rate| Some(fraction(counts.rate(rate)));
    proto::FigureGroup {
        key,
        suppressed: false,
        counted: counts.of(Measure::Counted),
        left_out: Some(proto::LeftOut {
            withdrawn: counts.of(Measure::Withdrawn),
            rejected: counts.of(Measure::Rejected),
            merged: counts.of(Measure::Merged),
            split: counts.of(Measure::Split),
        }),
        response: rate(Rate::Response),
        response_on_time: rate(Rate::ResponseOnTime),
        completion: rate(Rate::Completion),
        on_time: rate(Rate::OnTime),
        solved: rate(Rate::Solved),
        satisfied: rate(Rate::Satisfied),
        neutral: counts.of(Measure::Neutral),
        dissatisfied: counts.of(Measure::Dissatisfied),
        dissatisfied_outcome: counts.of(Measure::DissatisfiedOutcome),
        dissatisfied_unit: counts.of(Measure::DissatisfiedUnit),
        dissatisfied_centre: counts.of(Measure::DissatisfiedCentre),
        called_back: counts.of(Measure::CalledBack),
        reached: counts.of(Measure::Reached),
        reopened: counts.of(Measure::Reopened),
    }
}

fn fraction(fraction: Fraction) -> proto::Rate {
    proto::Rate {
        numerator: fraction.numerator,
        denominator: fraction.denominator,
        unsaid: fraction.unsaid,
        basis_points: fraction.basis_points(),
        percent: fraction.percent(),
    }
}

/// What of a group stands in a file beside the rates.
const COLUMNS: &[Measure] = &[
    Measure::Counted,
    Measure::Withdrawn,
    Measure::Rejected,
    Measure::Merged,
    Measure::Split,
    Measure::Neutral,
    Measure::Dissatisfied,
    Measure::DissatisfiedOutcome,
    Measure::DissatisfiedUnit,
    Measure::DissatisfiedCentre,
    Measure::CalledBack,
    Measure::Reached,
    Measure::Reopened,
];

/// Figures as a CSV file, a group a row. No key begins like a spreadsheet's formula: keys are names, codes and months.
///
/// # Errors
/// It cannot be written: a bug.
pub fn figures_csv(query: &Query, groups: &[crate::domain::figures::Group]) -> Result<Vec<u8>, Error> {
    let bug = |error: csv::Error| Error::Internal(error.to_string());
    let mut file = csv::Writer::from_writer(Vec::new());
    let mut header = vec![query.grouping.to_string()];
    header.extend(COLUMNS.iter().map(ToString::to_string));
    for rate in Rate::ALL {
        header.extend(["numerator", "denominator", "unsaid", "percent"].map(|part| format!("{rate}_{part}")));
    }
    file.write_record(header).map_err(bug)?;
    for group in groups {
        let mut row = vec![group.key.clone()];
        row.extend(COLUMNS.iter().map(|measure| group.counts.of(*measure).to_string()));
        for rate in Rate::ALL {
            let rate = group.counts.rate(*rate);
            row.extend([rate.numerator, rate.denominator, rate.unsaid].map(|count| count.to_string()));
            row.push(rate.percent());
        }
        file.write_record(row).map_err(bug)?;
    }
    file.into_inner().map_err(|error| Error::Internal(error.to_string()))
}
