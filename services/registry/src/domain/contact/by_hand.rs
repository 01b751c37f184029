//! Giving one household to one member by hand, within the capacity that plans keep to.

use minqing_platform::error::Refusal;

use super::assignment::has_room;
use super::{Grid, Kind, Link};

/// A household may be given to an ordinary member of its grid who has room for its residents. Its former link, which ends
/// with this, is among `links`, those of the grid that stand. Gives the residents of the household.
///
/// # Errors
/// The household or the member is not of the grid on the day, the member has the household already, or its residents
/// would be too many.
pub fn may_take(grid: &Grid, links: &[Link], household: &str, member: &str) -> Result<u32, Refusal> {
    let Some(residents) = residents(grid, household) else {
        let text = format!("household {household} is not in force in the grid on that day");
        return Err(Refusal::rule("HOUSEHOLD_NOT_IN_FORCE", text));
    };
    if !grid.members.iter().any(|person| person.name == member) {
        let text = format!("person {member} is no ordinary member of the household's grid on that day");
        return Err(Refusal::rule("NOT_A_MEMBER_OF_GRID", text));
    }
    let capacity = Kind::HouseholdToMember.capacity();
    let mut held: u32 = 0;
    let of_member = |link: &&Link| link.kind == Kind::HouseholdToMember && link.contact == member;
    for link in links.iter().filter(of_member) {
        if link.subject == household {
            return Err(Refusal::exists(format!("a link of household {household} to person {member}")));
        }
        held = held.saturating_add(self::residents(grid, &link.subject).unwrap_or(0).min(capacity));
    }
    if !has_room(held, residents, capacity) {
        let text = format!(
            "person {member} keeps in contact with {held} residents; with the {residents} of household {household} they would \
             be more than {capacity}"
        );
        return Err(Refusal::rule("CONTACT_OVER_CAPACITY", text));
    }
    Ok(residents)
}

fn residents(grid: &Grid, household: &str) -> Option<u32> {
    grid.households.iter().find(|one| one.name == household).map(|one| one.residents)
}
