//! Who may do what to the catalogue and to rules: every role against every action.

use minqing_cases::policy;
use minqing_platform::identity::Role;

#[test]
fn every_role_may_do_what_the_table_says_and_nothing_else() {
    let policy = policy().unwrap();
    let appointed: Vec<Role> =
        Role::ALL.into_iter().filter(|role| !matches!(role, Role::Anonymous | Role::Citizen)).collect();
    let keepers: &[Role] = &[Role::Administrator];
    let askers: &[Role] = &[
        Role::Dispatcher,
        Role::Supervisor,
        Role::WindowClerk,
        Role::Cadre,
        Role::InformationOfficer,
        Role::GridLead,
        Role::SystemAccount,
        Role::Administrator,
    ];
    let table: &[(&str, &[Role], &[Role])] = &[
        ("GetItem", &Role::ALL, &Role::ALL),
        ("ListItems", &Role::ALL, &Role::ALL),
        ("ExportItems", &Role::ALL, &Role::ALL),
        ("CreateItem", &[], keepers),
        ("UpdateItem", &[], keepers),
        ("EndItem", &[], keepers),
        ("ImportItems", &[], &[Role::SystemAccount, Role::Administrator]),
        ("GetDispatchRule", &appointed, &appointed),
        ("ListDispatchRules", &appointed, &appointed),
        ("CreateDispatchRule", &[], keepers),
        ("UpdateDispatchRule", &[], keepers),
        ("DeleteDispatchRule", &[], keepers),
        ("SuggestDispatch", &[], askers),
    ];
    for (action, anywhere, within) in table {
        for role in Role::ALL {
            let allowed = [false, true].map(|inside| policy.allows(role, action, inside, false));
            let expected = [anywhere, within].map(|roles| roles.contains(&role));
            assert_eq!(allowed, expected, "{role} {action}");
        }
    }
}
