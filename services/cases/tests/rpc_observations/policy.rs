//! Who may do what to observations: every role against every action.

use minqing_cases::policy;
use minqing_platform::identity::Role;

#[test]
fn every_role_may_do_what_the_table_says_and_nothing_else() {
    let policy = policy().unwrap();
    let appointed: Vec<Role> =
        Role::ALL.into_iter().filter(|role| !matches!(role, Role::Anonymous | Role::Citizen)).collect();
    let writers = [Role::InformationOfficer, Role::GridLead, Role::Cadre];
    let readers = [
        Role::InformationOfficer,
        Role::GridLead,
        Role::Cadre,
        Role::Dispatcher,
        Role::Supervisor,
        Role::Auditor,
    ];
    let deciders = [Role::GridLead, Role::Cadre, Role::Dispatcher, Role::Supervisor];
    let counters =
        [Role::GridLead, Role::Cadre, Role::Dispatcher, Role::Supervisor, Role::Auditor, Role::Administrator];
    let table: &[(&str, &[Role], &[Role])] = &[
        ("BatchCreateObservations", &writers, &[]),
        ("GetObservation", &readers, &appointed),
        ("ListObservations", &readers, &appointed),
        ("ClassifyObservation", &deciders, &appointed),
        ("ArchiveObservation", &deciders, &appointed),
        ("RaiseCase", &deciders, &appointed),
        ("GetObservationFigures", &counters, &[]),
    ];
    for (action, within, own) in table {
        for role in Role::ALL {
            assert_eq!(
                policy.allows(role, action, true, false),
                within.contains(&role),
                "{role} {action} within"
            );
            assert_eq!(policy.allows(role, action, false, true), own.contains(&role), "{role} {action} own");
            assert!(!policy.allows(role, action, false, false), "{role} {action} elsewhere");
        }
    }
}
