//! Organizations (机构) and the rules by which they begin, change and end.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::error::Refusal;
use serde::{Deserialize, Serialize};

use minqing_platform::code::{Code, Level};
use minqing_platform::period::Period;

/// The most characters of a name.
pub const DISPLAY_NAME_MAX: usize = 100;
/// The most characters of a telephone number.
pub const PHONE_MAX: usize = 30;
/// The most characters of an address, and of opening hours.
pub const TEXT_MAX: usize = 200;
/// The most codes of a jurisdiction.
pub const JURISDICTION_MAX: usize = 100;
/// The most functions.
pub const FUNCTIONS_MAX: usize = 100;
/// The most characters of a function.
pub const FUNCTION_MAX: usize = 50;
/// The most organizations of one batch.
pub const BATCH_MAX: usize = 1_000;
/// How many organizations a hierarchy may have from its top to its bottom.
pub const DEPTH_MAX: usize = 10;

/// What an organization is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A department (部门).
    Department,
    /// The city's administrative service centre (行政服务中心).
    ServiceCentreCity,
    /// A town's convenience service centre (便民服务中心).
    ServiceCentreTown,
    /// A village's service centre (村级便民服务站).
    ServiceCentreVillage,
    /// A window of a service centre (窗口).
    Window,
    /// A representatives' studio (代表工作室).
    Studio,
    /// A mediation committee (调解委员会).
    MediationCommittee,
    /// A company (企业).
    Company,
    /// A party branch or group (党支部).
    Branch,
    /// A volunteer corps (志愿者队伍).
    VolunteerCorps,
    /// A charity federation (慈善总会).
    CharityFederation,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Department,
        Self::ServiceCentreCity,
        Self::ServiceCentreTown,
        Self::ServiceCentreVillage,
        Self::Window,
        Self::Studio,
        Self::MediationCommittee,
        Self::Company,
        Self::Branch,
        Self::VolunteerCorps,
        Self::CharityFederation,
    ];

    /// The name in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::ServiceCentreCity => "service_centre_city",
            Self::ServiceCentreTown => "service_centre_town",
            Self::ServiceCentreVillage => "service_centre_village",
            Self::Window => "window",
            Self::Studio => "studio",
            Self::MediationCommittee => "mediation_committee",
            Self::Company => "company",
            Self::Branch => "branch",
            Self::VolunteerCorps => "volunteer_corps",
            Self::CharityFederation => "charity_federation",
        }
    }

    /// The kind of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it is a service centre of any level.
    pub const fn is_service_centre(self) -> bool {
        matches!(self, Self::ServiceCentreCity | Self::ServiceCentreTown | Self::ServiceCentreVillage)
    }

    /// The level of the division it belongs to, where the kind says so.
    pub const fn level(self) -> Option<Level> {
        match self {
            Self::ServiceCentreCity => Some(Level::County),
            Self::ServiceCentreTown => Some(Level::Town),
            Self::ServiceCentreVillage => Some(Level::Village),
            Self::Department
            | Self::Window
            | Self::Studio
            | Self::MediationCommittee
            | Self::Company
            | Self::Branch
            | Self::VolunteerCorps
            | Self::CharityFederation => None,
        }
    }
}

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// The last part of its name.
    pub id: String,
    /// What can change.
    pub facts: Facts,
    /// What it is.
    pub kind: Kind,
    /// The days in force.
    pub effective: Period,
    /// When the record was made.
    pub create_time: DateTime<Utc>,
    /// When the record last changed.
    pub update_time: DateTime<Utc>,
    /// Grows by one with each change.
    pub version: i64,
}

/// What can change of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The official name.
    pub display_name: String,
    /// The organization above.
    pub parent: Option<String>,
    /// The division it belongs to; never a grid.
    pub division: Code,
    /// What it is responsible for, each code with all that lies in it; sorted, at least one.
    pub jurisdiction: Vec<Code>,
    /// What it handles; sorted.
    pub functions: Vec<String>,
    /// The office's public telephone number.
    pub phone: String,
    /// Where it is.
    pub address: String,
    /// When it is open.
    pub opening_hours: String,
}

/// An organization that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrganization {
    /// The last part of its name.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// What can change of it later.
    pub facts: Facts,
    /// The first day.
    pub from: NaiveDate,
}

/// The part of [`Facts`] that an update gives; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The name.
    pub display_name: Option<String>,
    /// The organization above; `Some(None)` takes it from under its parent.
    pub parent: Option<Option<String>>,
    /// The division.
    pub division: Option<Code>,
    /// The jurisdiction.
    pub jurisdiction: Option<Vec<Code>>,
    /// The functions.
    pub functions: Option<Vec<String>>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// The opening hours.
    pub opening_hours: Option<String>,
}

impl Changes {
    /// The facts after the change.
    pub fn applied(self, facts: &Facts) -> Facts {
        Facts {
            display_name: self.display_name.unwrap_or_else(|| facts.display_name.clone()),
            parent: self.parent.unwrap_or_else(|| facts.parent.clone()),
            division: self.division.unwrap_or_else(|| facts.division.clone()),
            jurisdiction: self.jurisdiction.unwrap_or_else(|| facts.jurisdiction.clone()),
            functions: self.functions.unwrap_or_else(|| facts.functions.clone()),
            phone: self.phone.unwrap_or_else(|| facts.phone.clone()),
            address: self.address.unwrap_or_else(|| facts.address.clone()),
            opening_hours: self.opening_hours.unwrap_or_else(|| facts.opening_hours.clone()),
        }
    }
}

/// What the rules need to know of the organization above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Above {
    /// Its kind.
    pub kind: Kind,
    /// The days on which it is in force.
    pub effective: Period,
    /// Itself and those above it, from the nearest to the top.
    pub chain: Vec<String>,
}

/// An organization may stand in a division that is in force, and under a parent that is in force and not too deep.
/// `height` is how many organizations the deepest branch has from it downwards, itself counted.
///
/// # Errors
/// The division or the parent is missing or not in force, the hierarchy would close or grow too deep, or the kind does
/// not fit.
pub fn may_stand(
    (id, kind, facts): (&str, Kind, &Facts),
    place: Option<&Period>,
    above: Option<&Above>,
    height: usize,
    effective: &Period,
) -> Result<(), Refusal> {
    let day = effective.from;
    in_force_during("division", facts.division.as_str(), place, effective)?;
    if let Some(level) = kind.level()
        && facts.division.level() != level
    {
        let text = format!("organization {id} of kind {} belongs to a {level:?}", kind.as_str());
        return Err(Refusal::rule("KIND_OF_ANOTHER_LEVEL", text));
    }
    if let (Some(parent), None) = (&facts.parent, above) {
        return Err(Refusal::rule("PARENT_MISSING", format!("organization {parent} does not exist")));
    }
    if kind == Kind::Window && !above.is_some_and(|above| above.kind.is_service_centre()) {
        let text = format!("window {id} must have a service centre as its parent");
        return Err(Refusal::rule("WINDOW_WITHOUT_CENTRE", text));
    }
    let (Some(parent), Some(above)) = (&facts.parent, above) else { return Ok(()) };
    if !above.effective.holds(day) {
        let text = format!("organization {parent} is not in force on {day}");
        return Err(Refusal::rule("PARENT_NOT_IN_FORCE", text));
    }
    if above.chain.iter().any(|name| name == id) {
        return Err(Refusal::rule("HIERARCHY_CLOSES", format!("organization {parent} lies below {id}")));
    }
    if above.chain.len() + height > DEPTH_MAX {
        let text = format!("{id} under {parent} would be more than {DEPTH_MAX} deep");
        return Err(Refusal::rule("HIERARCHY_TOO_DEEP", text));
    }
    Ok(())
}

/// Whether something that a record refers to is in force on a day; `period` is `None` when it does not exist.
///
/// # Errors
/// `DIVISION_MISSING` or `DIVISION_NOT_IN_FORCE`, and the like for an organization.
pub fn in_force(what: &str, id: &str, period: Option<&Period>, day: NaiveDate) -> Result<(), Refusal> {
    let division = what == "division";
    match period {
        None => {
            let reason = if division { "DIVISION_MISSING" } else { "ORGANIZATION_MISSING" };
            Err(Refusal::rule(reason, format!("{what} {id} does not exist")))
        }
        Some(period) if !period.holds(day) => {
            let reason = if division { "DIVISION_NOT_IN_FORCE" } else { "ORGANIZATION_NOT_IN_FORCE" };
            Err(Refusal::rule(reason, format!("{what} {id} is not in force on {day}")))
        }
        Some(_) => Ok(()),
    }
}

/// Whether something that a record refers to is in force from the record's first day to its last. What has an end set
/// was found without anything that outlasts it, and stays so.
///
/// # Errors
/// As [`in_force`] does; `NOT_IN_FORCE` also when it ends before the record does.
pub fn in_force_during(
    what: &str,
    id: &str,
    period: Option<&Period>,
    effective: &Period,
) -> Result<(), Refusal> {
    in_force(what, id, period, effective.from)?;
    match period.and_then(|period| period.to) {
        Some(end) if effective.to.is_none_or(|to| to > end) => in_force(what, id, period, end),
        _ => Ok(()),
    }
}

/// An organization may end while none below it, and no appointment to it, is in force on that day or later.
///
/// # Errors
/// It ended before, would end before it begins, or something of it is in force.
pub fn may_end(
    organization: &Organization,
    day: NaiveDate,
    children: i64,
    appointments: i64,
) -> Result<(), Refusal> {
    let id = &organization.id;
    ends_after_it_begins("organization", id, &organization.effective, day)?;
    if children > 0 {
        let text = format!("{children} organizations below {id} are still in force on {day}");
        return Err(Refusal::rule("HAS_PARTS_IN_FORCE", text));
    }
    if appointments > 0 {
        let text = format!("{appointments} appointments to {id} are still in force on {day}");
        return Err(Refusal::rule("HAS_APPOINTMENTS_IN_FORCE", text));
    }
    Ok(())
}

/// Whatever ends has not ended before, and ends after it begins.
///
/// # Errors
/// `ALREADY_ENDED` or `ENDS_BEFORE_IT_BEGINS`.
pub fn ends_after_it_begins(what: &str, id: &str, effective: &Period, day: NaiveDate) -> Result<(), Refusal> {
    if let Some(to) = effective.to {
        return Err(Refusal::rule("ALREADY_ENDED", format!("{what} {id} ended on {to}")));
    }
    if day <= effective.from {
        let from = effective.from;
        return Err(Refusal::rule("ENDS_BEFORE_IT_BEGINS", format!("{what} {id} begins on {from}")));
    }
    Ok(())
}

/// Whether a text is a function's keyword: letters of any script, digits, `-` and `_`.
pub fn is_function(text: &str) -> bool {
    let count = text.chars().count();
    (1..=FUNCTION_MAX).contains(&count)
        && text.chars().all(|character| character.is_alphanumeric() || character == '-' || character == '_')
}

/// The first id that stands twice in a batch.
pub fn twice<'a>(ids: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = HashSet::new();
    ids.into_iter().find(|id| !seen.insert(*id))
}

#[cfg(test)]
mod tests;
