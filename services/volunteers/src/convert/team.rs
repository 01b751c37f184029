//! Teams and memberships between messages and domain.

use chrono::NaiveDate;
use minqing_platform::code::Code;
use minqing_platform::field::{
    Faults, code, count, date, division_code, each, is_given, mask, name, named, new_id, optional_named,
    text, timestamp,
};
use minqing_platform::named::number;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use uuid::Uuid;

use crate::domain::team::{CAPACITY_MAX, Changes, DISPLAY_NAME_MAX, Membership, NewTeam, REACH_MAX, Team};
use crate::numbers;

/// The fields of a team that an update can change.
const CHANGEABLE: &[&str] = &["display_name", "reach_codes", "capacity", "leader"];

/// A team as a message; who leads it only where the caller may see it.
pub fn team(team: Team, with_leader: bool) -> proto::Team {
    let leader = team.leader.filter(|_| with_leader);
    proto::Team {
        name: format!("teams/{}", team.id),
        display_name: team.display_name,
        post: format!("posts/{}", team.post),
        division_code: team.home.into(),
        reach_codes: team.reach.into_iter().map(String::from).collect(),
        capacity: i32::try_from(team.capacity).unwrap_or(i32::MAX),
        leader: leader.map(|number| format!("volunteers/{number}")).unwrap_or_default(),
        effective_from: team.effective.from.to_string(),
        effective_to: team.effective.to.map(|day| day.to_string()).unwrap_or_default(),
        create_time: Some(timestamp(team.create_time)),
        update_time: Some(timestamp(team.update_time)),
        etag: team.version.to_string(),
    }
}

/// A membership as a message.
pub fn membership(membership: Membership) -> proto::Membership {
    proto::Membership {
        name: format!("teams/{}/memberships/{}", membership.team, membership.id),
        volunteer: format!("volunteers/{}", membership.volunteer),
        state: number(membership.state),
        reason: membership.reason,
        create_time: Some(timestamp(membership.create_time)),
        update_time: Some(timestamp(membership.update_time)),
    }
}

/// Reads the name of a team (`teams/x`); gives its last part.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn team_name(field: &str, text: &str) -> Result<String, Violation> {
    named(field, "teams", text)
}

/// Reads the name of a team, which may be left out.
///
/// # Errors
/// It is no such name.
pub fn optional_team(field: &str, text: &str) -> Result<Option<String>, Violation> {
    optional_named(field, "teams", text)
}

/// Reads the name of a membership (`teams/x/memberships/y`); gives both last parts.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn membership_name(field: &str, text: &str) -> Result<(String, Uuid), Violation> {
    let wrong =
        || Violation::new(field, "INVALID_NAME", "must be of the form teams/{team}/memberships/{membership}");
    if text.is_empty() {
        return Err(Violation::required(field));
    }
    let (team, id) = text.split_once("/memberships/").ok_or_else(wrong)?;
    let team = named(field, "teams", team).map_err(|_| wrong())?;
    let uuid = Uuid::parse_str(id).map_err(|_| wrong())?;
    // One membership has one name.
    if uuid.to_string() == id { Ok((team, uuid)) } else { Err(wrong()) }
}

/// Reads the name of a volunteer (`volunteers/x`); gives the number.
///
/// # Errors
/// The field is empty, or is no such name: a wrong digit shows.
pub fn volunteer_name(field: &str, text: &str) -> Result<String, Violation> {
    let number = name(field, "volunteers", text)?;
    if numbers::is_number(number) {
        return Ok(number.to_owned());
    }
    let text = "must end in a volunteer's number: twelve digits, the last of which checks the others";
    Err(Violation::new(field, "INVALID_VOLUNTEER_NUMBER", text))
}

/// Reads the name of a volunteer, which may be left out.
///
/// # Errors
/// It is no such name.
pub fn optional_volunteer(field: &str, text: &str) -> Result<Option<String>, Violation> {
    (!text.is_empty()).then(|| volunteer_name(field, text)).transpose()
}

fn reach(field: &str, codes: &[String]) -> Result<Vec<Code>, Violation> {
    count(field, codes.len(), 0, REACH_MAX)?;
    let mut reach = each(field, codes, |field, text| code(field, text))?;
    reach.sort();
    reach.dedup();
    Ok(reach)
}

fn capacity(field: &str, given: i32) -> Result<u32, Violation> {
    let capacity = u32::try_from(given).ok().filter(|capacity| (1..=CAPACITY_MAX).contains(capacity));
    capacity.ok_or_else(|| Violation::new(field, "OUT_OF_RANGE", format!("must be 1 to {CAPACITY_MAX}")))
}

/// Reads a team that is to begin; `field` is the path of the request, empty for the root.
///
/// # Errors
/// Every field that is not valid.
pub fn new_team(
    field: &str,
    request: &proto::CreateTeamRequest,
    today: NaiveDate,
) -> Result<NewTeam, Vec<Violation>> {
    let at = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    let given = request.team.as_ref().ok_or_else(|| vec![Violation::required(at("team"))])?;
    let mut faults = Faults::default();
    let id = faults.take(new_id(&at("team_id"), &request.team_id));
    let display_name = faults.take(text(&at("team.display_name"), &given.display_name, DISPLAY_NAME_MAX));
    let post = faults.take(named(&at("team.post"), "posts", &given.post));
    let home = faults.take(division_code(&at("team.division_code"), &given.division_code));
    let reach = faults.take(reach(&at("team.reach_codes"), &given.reach_codes));
    let capacity = faults.take(capacity(&at("team.capacity"), given.capacity));
    let leader = faults.take(optional_volunteer(&at("team.leader"), &given.leader));
    let from = faults.take(date(&at("team.effective_from"), &given.effective_from));
    let read = || {
        let (id, display_name, post, home) = (id?, display_name?, post?, home?);
        let (reach, capacity, leader, from) = (reach?, capacity?, leader?, from?.unwrap_or(today));
        Some(NewTeam { id, display_name, post, home, reach, capacity, leader, from })
    };
    faults.or(read())
}

/// Reads what an update changes.
///
/// # Errors
/// The mask names another field, or a field that changes is not valid.
pub fn team_changes(
    given: &proto::Team,
    paths: Option<&prost_types::FieldMask>,
) -> Result<Changes, Vec<Violation>> {
    mask("update_mask", paths, CHANGEABLE).map_err(|fault| vec![fault])?;
    let mut faults = Faults::default();
    let mut changes = Changes::default();
    if is_given(paths, "display_name", !given.display_name.is_empty()) {
        changes.display_name = faults.take(text("team.display_name", &given.display_name, DISPLAY_NAME_MAX));
    }
    if is_given(paths, "reach_codes", !given.reach_codes.is_empty()) {
        changes.reach = faults.take(reach("team.reach_codes", &given.reach_codes));
    }
    if is_given(paths, "capacity", given.capacity != 0) {
        changes.capacity = faults.take(capacity("team.capacity", given.capacity));
    }
    if is_given(paths, "leader", !given.leader.is_empty()) {
        changes.leader = faults.take(optional_volunteer("team.leader", &given.leader));
    }
    faults.or(Some(changes))
}
