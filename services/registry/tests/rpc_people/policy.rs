//! Who may do what to people and organizations: every role against every action, so that a change of the policy shows.

use minqing_platform::identity::Role;
use minqing_registry::policy;

const SIGNED_IN: &[Role] = Role::ALL.split_at(1).1;
const KEEPERS: &[Role] = &[Role::Administrator];
const LOADERS: &[Role] = &[Role::SystemAccount, Role::Administrator];

/// An action, and who may do it: anywhere, within the division of the appointment, and to what is their own.
type Line = (&'static str, &'static [Role], &'static [Role], &'static [Role]);

const TABLE: &[Line] = &[
    ("GetOrganization", &Role::ALL, &Role::ALL, &Role::ALL),
    ("ListOrganizations", &Role::ALL, &Role::ALL, &Role::ALL),
    ("FindResponsible", &Role::ALL, &Role::ALL, &Role::ALL),
    ("CreateOrganization", &[], KEEPERS, &[]),
    ("BatchCreateOrganizations", &[], LOADERS, &[]),
    ("UpdateOrganization", &[], KEEPERS, &[]),
    ("EndOrganization", &[], KEEPERS, &[]),
    ("GetPerson", SIGNED_IN, SIGNED_IN, SIGNED_IN),
    ("ListPeople", SIGNED_IN, SIGNED_IN, SIGNED_IN),
    ("GetAppointment", SIGNED_IN, SIGNED_IN, SIGNED_IN),
    ("ListAppointments", SIGNED_IN, SIGNED_IN, SIGNED_IN),
    ("ReadPerson", &[], &[Role::Auditor, Role::SystemAccount, Role::Administrator], SIGNED_IN),
    ("RevealPerson", &[], &[Role::Dispatcher, Role::Supervisor, Role::Administrator], SIGNED_IN),
    ("FindPerson", &[], &[Role::WindowClerk, Role::Dispatcher, Role::Administrator], &[]),
    ("CreatePerson", &[], KEEPERS, &[]),
    ("BatchCreatePeople", &[], LOADERS, &[]),
    ("UpdatePerson", &[], KEEPERS, SIGNED_IN),
    ("EndPerson", &[], KEEPERS, &[]),
    ("CreateAppointment", &[], KEEPERS, &[]),
    ("EndAppointment", &[], KEEPERS, &[]),
    ("ResolveSubject", &[], &[Role::SystemAccount], &[]),
    ("ListAccessRecords", &[], &[Role::Auditor], SIGNED_IN),
];

#[test]
fn every_role_may_do_what_the_table_says_and_nothing_else() {
    let policy = policy().unwrap();
    for (action, anywhere, within, own) in TABLE {
        for role in Role::ALL {
            let allowed = |inside, mine| policy.allows(role, action, inside, mine);
            let expected = [anywhere, within, own].map(|roles| roles.contains(&role));
            assert_eq!(
                [allowed(false, false), allowed(true, false), allowed(false, true)],
                expected,
                "{role} {action}"
            );
            // What is permitted for one reason is permitted for both.
            assert_eq!(allowed(true, true), expected[1] || expected[2], "{role} {action}");
        }
    }
}
