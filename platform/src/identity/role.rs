//! The roles in which a caller may act.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// In which role somebody acts. The names (snake case) are those of tokens, of policies and of the registry's appointments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Nobody signed in.
    Anonymous,
    /// Signed in, without an appointment.
    Citizen,
    /// Leads a grid (网格长).
    GridLead,
    /// Keeps in contact with ten ordinary members (骨干党员).
    BackboneMember,
    /// Keeps in contact with thirty residents (普通党员).
    OrdinaryMember,
    /// Patrols, visits and keeps the civic diary (民情信息员).
    InformationOfficer,
    /// A cadre of a village, a town or the city (干部).
    Cadre,
    /// Sits in a window of a service centre (窗口人员).
    WindowClerk,
    /// Sends cases to whoever must handle them (派单员).
    Dispatcher,
    /// Watches over time limits and answers (督查员).
    Supervisor,
    /// Runs errands for people who cannot (代办员).
    Proxy,
    /// Labour-security or civil-affairs assistant of a village (协理员).
    Assistant,
    /// Representative of one of four levels (人大代表).
    Representative,
    /// Mediates disputes (调解员).
    Mediator,
    /// Runs a volunteer corps: its teams, needs and hours (志愿服务协调员).
    Coordinator,
    /// Reads records of access and accounts (审计员).
    Auditor,
    /// A system of a department, or a service of this suite (系统账号).
    SystemAccount,
    /// Keeps the suite itself (管理员).
    Administrator,
}

impl Role {
    /// Every role, in the order of declaration.
    pub const ALL: [Role; 18] = [
        Role::Anonymous,
        Role::Citizen,
        Role::GridLead,
        Role::BackboneMember,
        Role::OrdinaryMember,
        Role::InformationOfficer,
        Role::Cadre,
        Role::WindowClerk,
        Role::Dispatcher,
        Role::Supervisor,
        Role::Proxy,
        Role::Assistant,
        Role::Representative,
        Role::Mediator,
        Role::Coordinator,
        Role::Auditor,
        Role::SystemAccount,
        Role::Administrator,
    ];

    /// The name in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Anonymous => "anonymous",
            Role::Citizen => "citizen",
            Role::GridLead => "grid_lead",
            Role::BackboneMember => "backbone_member",
            Role::OrdinaryMember => "ordinary_member",
            Role::InformationOfficer => "information_officer",
            Role::Cadre => "cadre",
            Role::WindowClerk => "window_clerk",
            Role::Dispatcher => "dispatcher",
            Role::Supervisor => "supervisor",
            Role::Proxy => "proxy",
            Role::Assistant => "assistant",
            Role::Representative => "representative",
            Role::Mediator => "mediator",
            Role::Coordinator => "coordinator",
            Role::Auditor => "auditor",
            Role::SystemAccount => "system_account",
            Role::Administrator => "administrator",
        }
    }

    /// Whether somebody can be appointed to it. One is anonymous or a citizen without anybody's doing.
    pub const fn is_appointable(self) -> bool {
        !matches!(self, Role::Anonymous | Role::Citizen)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A name that is no role's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a role; the roles are {names}", names = names())]
pub struct UnknownRole(pub String);

/// All names, for the message to whoever mistyped one.
fn names() -> String {
    Role::ALL.map(Role::as_str).join(", ")
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Role::ALL.into_iter().find(|role| role.as_str() == name).ok_or_else(|| UnknownRole(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_read_back_from_its_name_and_from_json() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse::<Role>(), Ok(role));
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{role}\""));
        }
        // The order of ALL is that of declaration, so a role that is missing or doubled shows.
        assert!(Role::ALL.windows(2).all(|pair| pair[0] as usize + 1 == pair[1] as usize));
        assert_eq!(Role::Administrator as usize + 1, Role::ALL.len());
    }

    #[test]
    fn a_name_in_capitals_is_no_role() {
        let message = "Cadre".parse::<Role>().unwrap_err().to_string();
        assert!(message.contains("\"Cadre\"") && message.contains("grid_lead"), "{message}");
    }
}
