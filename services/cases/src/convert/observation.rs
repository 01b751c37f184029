//! Civic information between messages and domain.

use chrono::{DateTime, SubsecRound as _, Utc};
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use minqing_proto::registry::v1::Datum;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Faults, grid_name, instant, name, optional_named, optional_prose, text, timestamp};
use crate::domain::observation::{Class, Digest, Kind, Observation, check_time};
use crate::store::observation::Figure;
use minqing_platform::named::{member, number, optional_member, optional_number};
use minqing_platform::places::Point;

/// The most characters of each text.
const TITLE_MAX: usize = 100;
const CONTENT_MAX: usize = 10_000;

/// Where an observation says it was made.
#[derive(Debug, Clone)]
pub enum Whereabouts {
    /// In a grid (`grids/x`), whose code is read.
    Grid(minqing_platform::code::Code),
    /// At a point.
    Point(Point),
}

/// An observation as it was sent, read: all but its place is checked.
#[derive(Debug, Clone)]
pub struct ObservationDraft {
    /// The occasion.
    pub kind: Kind,
    /// When.
    pub observe_time: DateTime<Utc>,
    /// Where.
    pub whereabouts: Whereabouts,
    /// In one line.
    pub title: String,
    /// In full.
    pub content: String,
    /// The household (`households/x`).
    pub household: Option<String>,
    /// What it is about.
    pub class: Option<Class>,
    /// Whether something must be done.
    pub needs_action: bool,
}

/// Reads the name of an observation (`observations/{uuid}`).
///
/// # Errors
/// The field is empty, or is no such name: a UUID in lower case that is not all zeros.
pub fn observation_name(field: &str, text: &str) -> Result<Uuid, Violation> {
    let id = name(field, "observations", text)?;
    // Only the form that names are given in: two names of one thing would be compared as different.
    let parsed = Uuid::try_parse(id).ok().filter(|uuid| uuid.to_string() == id && !uuid.is_nil());
    let form = "must be of the form observations/{uuid}, the UUID in lower case";
    parsed.ok_or_else(|| Violation::new(field, "INVALID_NAME", form))
}

/// Tells what somebody sent from anything else: what only answers hold does not count.
pub fn observation_digest(given: &proto::Observation, officer: &str) -> Digest {
    let sent = proto::Observation {
        officer: String::new(),
        organization: String::new(),
        state: 0,
        handler: String::new(),
        case: String::new(),
        create_time: None,
        update_time: None,
        etag: String::new(),
        ..given.clone()
    };
    // The officer's name holds no zero byte, so that no two of these run together.
    let hash = Sha256::new().chain_update(officer).chain_update([0]).chain_update(sent.encode_to_vec());
    hash.finalize().into()
}

/// Reads an observation that was sent; paths of fields begin at the observation.
///
/// # Errors
/// What is wrong with it.
pub fn observation_draft(
    given: &proto::Observation,
    now: DateTime<Utc>,
) -> Result<ObservationDraft, Vec<Violation>> {
    let mut faults = Faults::default();
    let kind = faults.take(member("kind", given.kind));
    let observe_time = faults.take(observed(given, now));
    let whereabouts = faults.take(whereabouts(given));
    let title = faults.take(text("title", &given.title, TITLE_MAX));
    let content = faults.take(optional_prose("content", &given.content, CONTENT_MAX));
    let household = faults.take(optional_named("household", "households", &given.household));
    let class = faults.take(optional_member("class", given.class));
    let draft = (|| {
        Some(ObservationDraft {
            kind: kind?,
            observe_time: observe_time?,
            whereabouts: whereabouts?,
            title: title?,
            content: content?,
            household: household?.map(|id| format!("households/{id}")),
            class: class?,
            needs_action: given.needs_action,
        })
    })();
    faults.or(draft)
}

fn observed(given: &proto::Observation, now: DateTime<Utc>) -> Result<DateTime<Utc>, Violation> {
    let time = instant("observe_time", given.observe_time.as_ref())?;
    // The databases keep microseconds.
    let time = time.ok_or_else(|| Violation::required("observe_time"))?.trunc_subsecs(6);
    check_time("observe_time", time, now)?;
    Ok(time)
}

fn whereabouts(given: &proto::Observation) -> Result<Whereabouts, Violation> {
    match (given.latitude, given.longitude) {
        (Some(latitude), Some(longitude)) => {
            Ok(Whereabouts::Point(Point { latitude, longitude, datum: given.datum }))
        }
        (None, None) => Ok(Whereabouts::Grid(grid_name("grid", &given.grid)?)),
        (Some(_), None) => Err(Violation::required("longitude")),
        (None, Some(_)) => Err(Violation::required("latitude")),
    }
}

/// An observation as a message; with the case it became where the caller may know of it.
pub fn observation(observation: &Observation, shows_case: bool) -> proto::Observation {
    let (facts, handling) = (&observation.facts, &observation.handling);
    let case = handling.case.as_ref().filter(|_| shows_case);
    proto::Observation {
        name: format!("observations/{}", facts.id),
        kind: number(facts.kind),
        observe_time: Some(timestamp(facts.observe_time)),
        grid: format!("grids/{}", facts.grid),
        latitude: facts.position.map(|(latitude, _)| latitude),
        longitude: facts.position.map(|(_, longitude)| longitude),
        datum: if facts.position.is_some() { Datum::Wgs84.into() } else { 0 },
        title: facts.title.clone(),
        content: facts.content.clone(),
        household: facts.household.clone().unwrap_or_default(),
        class: optional_number(handling.class),
        needs_action: handling.needs_action,
        officer: facts.officer.name.clone(),
        organization: facts.officer.organization.clone().unwrap_or_default(),
        state: number(handling.state),
        handler: handling.handler.clone().unwrap_or_default(),
        case: case.map(|number| format!("cases/{number}")).unwrap_or_default(),
        create_time: Some(timestamp(observation.create_time)),
        update_time: Some(timestamp(handling.update_time)),
        etag: handling.version.to_string(),
    }
}

/// What is wrong with an observation of a batch, as a message.
pub fn observation_violation(violation: Violation) -> proto::ObservationViolation {
    proto::ObservationViolation {
        field: violation.field,
        reason: violation.reason.to_owned(),
        description: violation.description,
    }
}

/// Counts as a message.
pub fn observation_figures(figures: &[Figure]) -> proto::ObservationFigures {
    let figure = |figure: &Figure| proto::ObservationFigure {
        division_code: figure.division.clone(),
        kind: number(figure.kind),
        class: optional_number(figure.class),
        state: number(figure.state),
        count: figure.count,
    };
    proto::ObservationFigures {
        figures: figures.iter().map(figure).collect(),
        total: figures.iter().map(|figure| figure.count).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_answers_hold_and_nothing_else_leaves_the_digest_alone() {
        let sent =
            proto::Observation { title: "路灯不亮".into(), needs_action: true, ..Default::default() };
        let answered =
            proto::Observation { officer: "people/1".into(), etag: "1".into(), state: 1, ..sent.clone() };
        let digest = observation_digest(&sent, "people/1");
        assert_eq!(observation_digest(&answered, "people/1"), digest);
        assert_ne!(observation_digest(&sent, "people/2"), digest);
        let other = proto::Observation { needs_action: false, ..sent };
        assert_ne!(observation_digest(&other, "people/1"), digest);
    }

    #[test]
    fn an_observation_has_one_name_only() {
        let id = Uuid::now_v7();
        assert_eq!(observation_name("name", &format!("observations/{id}")), Ok(id));
        for odd in [
            id.to_string(),
            format!("observations/{}", id.simple()),
            format!("observations/{}", id.to_string().to_uppercase()),
            format!("observations/{}", Uuid::nil()),
            "observations/1".to_owned(),
        ] {
            assert_eq!(observation_name("name", &odd).unwrap_err().reason, "INVALID_NAME", "{odd}");
        }
        assert_eq!(observation_name("name", "").unwrap_err().reason, "REQUIRED_FIELD");
    }
}
