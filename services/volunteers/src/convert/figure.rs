//! Figures between messages and domain.

use minqing_platform::error::Error;
use minqing_platform::field::{code, date};
use minqing_platform::named::optional_member;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;

use crate::domain::figure::{Counts, Group, Grouping, Query};

/// Reads what is asked.
///
/// # Errors
/// What is wrong with it.
pub fn volunteer_figure_query(given: &proto::GetVolunteerFiguresRequest) -> Result<Query, Violation> {
    let day = |field: &str, text: &str| date(field, text)?.ok_or_else(|| Violation::required(field));
    let query = Query {
        from: day("from_day", &given.from_day)?,
        to: day("to_day", &given.to_day)?,
        grouping: optional_member("grouping", given.grouping)?.unwrap_or(Grouping::Whole),
        area: code("division_code", &given.division_code)?,
    };
    query.check()?;
    Ok(query)
}

/// The name that stands for a group.
fn key(grouping: Grouping, key: &str) -> String {
    match grouping {
        Grouping::Post => format!("posts/{key}"),
        Grouping::Team => format!("teams/{key}"),
        Grouping::Whole | Grouping::Division | Grouping::Month => key.to_owned(),
    }
}

/// Figures of a group as a message.
pub fn volunteer_figure(grouping: Grouping, (name, counts): &Group) -> proto::VolunteerFigure {
    let Counts { people, teams, times, minutes, needs_met, problems_solved } = counts.unwrap_or_default();
    proto::VolunteerFigure {
        key: key(grouping, name),
        is_kept_back: counts.is_none(),
        people,
        teams,
        times,
        minutes,
        needs_met,
        problems_solved,
    }
}

/// Figures as a table, one row a group.
///
/// # Errors
/// A bug: writing to memory failed.
pub fn volunteer_figures_csv(grouping: Grouping, groups: &[Group]) -> Result<Vec<u8>, Error> {
    let bug = |error: csv::Error| Error::Internal(error.to_string());
    let mut file = csv::Writer::from_writer(Vec::new());
    let header = ["people", "teams", "times", "minutes", "needs_met", "problems_solved"];
    file.write_record(std::iter::once(grouping.as_str()).chain(header)).map_err(bug)?;
    for (name, counts) in groups {
        let mut row = vec![key(grouping, name)];
        match counts {
            Some(counts) => row.extend(
                [
                    counts.people,
                    counts.teams,
                    counts.times,
                    counts.minutes,
                    counts.needs_met,
                    counts.problems_solved,
                ]
                .map(|count| count.to_string()),
            ),
            None => row.extend(header.map(|_| String::new())),
        }
        file.write_record(row).map_err(bug)?;
    }
    file.into_inner().map_err(|error| Error::Internal(error.to_string()))
}
