//! Who may do what: every role against every action on posts, volunteers and teams.

use minqing_platform::identity::Role;
use minqing_volunteers::policy;

/// Who may do something anywhere, within their area, and to what is their own.
type Line = (&'static str, &'static [Role], &'static [Role], bool);

#[test]
fn every_role_may_do_what_the_table_says_and_nothing_else() {
    let policy = policy().unwrap();
    let keepers: &[Role] = &[Role::Coordinator, Role::Administrator];
    let importers: &[Role] = &[Role::Coordinator, Role::Administrator, Role::SystemAccount];
    let table: &[Line] = &[
        ("GetPost", &Role::ALL, &[], false),
        ("ListPosts", &Role::ALL, &[], false),
        ("ExportPosts", &Role::ALL, &[], false),
        ("ImportPosts", &[], importers, false),
        ("GetVolunteer", &[], keepers, true),
        ("GetOwnVolunteer", &[], &[], true),
        ("ListVolunteers", &[], keepers, true),
        ("CreateVolunteer", &[], keepers, true),
        ("BatchCreateVolunteers", &[], keepers, false),
        ("UpdateVolunteer", &[], keepers, true),
        ("VerifyVolunteer", &[], keepers, false),
        ("RevealVolunteer", &[], keepers, true),
        ("RecordGuardianConsent", &[], keepers, false),
        ("RecordInsurance", &[], keepers, false),
        ("ExportOwnVolunteer", &[], &[], true),
        ("SuspendVolunteer", &[], keepers, false),
        ("ReinstateVolunteer", &[], keepers, false),
        ("LeaveVolunteer", &[], keepers, true),
        ("ListVolunteerAccessRecords", &[], &[Role::Auditor], true),
        ("GetTeam", &Role::ALL, &[], false),
        ("ListTeams", &Role::ALL, &[], false),
        ("CreateTeam", &[], keepers, false),
        ("BatchCreateTeams", &[], keepers, false),
        ("UpdateTeam", &[], keepers, true),
        ("EndTeam", &[], keepers, false),
        ("GetMembership", &[], keepers, true),
        ("ListMemberships", &[], keepers, true),
        ("RequestMembership", &[], keepers, true),
        ("ReviewMembership", &[], keepers, true),
        ("EndMembership", &[], keepers, true),
    ];
    for (action, anywhere, within, own) in table {
        for role in Role::ALL {
            let everywhere = anywhere.contains(&role);
            let expected = [
                everywhere,
                everywhere || within.contains(&role),
                everywhere || (*own && role != Role::Anonymous),
            ];
            let allowed = [(false, false), (true, false), (false, true)]
                .map(|(within, own)| policy.allows(role, action, within, own));
            assert_eq!(allowed, expected, "{role} {action}");
        }
    }
}
