//! Who may do what to calendars: every role against every action, in the table and on the running service.

use minqing_cases::policy;
use minqing_platform::identity::Role;
use minqing_proto::cases::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;

use super::suite::{Suite, by, days, refused};

on_both_databases! {
    only_those_appointed_for_everywhere_write;
}

const LOADERS: &[Role] = &[Role::SystemAccount, Role::Administrator];

#[test]
fn every_role_may_do_what_the_table_says_and_nothing_else() {
    let policy = policy().unwrap();
    let table: &[(&str, &[Role], &[Role])] = &[
        ("GetCalendar", &Role::ALL, &Role::ALL),
        ("ListCalendars", &Role::ALL, &Role::ALL),
        ("ComputeDeadline", &Role::ALL, &Role::ALL),
        ("CreateCalendar", &[], &[Role::Administrator]),
        ("UpdateCalendar", &[], &[Role::Administrator]),
        ("ImportHolidays", &[], LOADERS),
    ];
    for (action, anywhere, within) in table {
        for role in Role::ALL {
            let allowed = [false, true].map(|inside| policy.allows(role, action, inside, false));
            let expected = [anywhere, within].map(|roles| roles.contains(&role));
            assert_eq!(allowed, expected, "{role} {action}");
        }
    }
}

async fn only_those_appointed_for_everywhere_write(database: Database) {
    let suite = Suite::open(&database).await;
    let mut calendars = suite.calendars();
    let create = || proto::CreateCalendarRequest {
        calendar: Some(proto::Calendar { display_name: "x".into(), ..Default::default() }),
        ..Default::default()
    };
    let update = || proto::UpdateCalendarRequest {
        calendar: Some(proto::Calendar { name: "calendars/china".into(), ..Default::default() }),
        ..Default::default()
    };
    // The permission is looked at before the request: who may not write learns nothing of what would be wrong.
    let import = proto::ImportHolidaysRequest::default;
    for (role, division) in [("administrator", "321181"), ("supervisor", ""), ("citizen", "")] {
        let refusals = [
            refused(calendars.create_calendar(by(role, division, create())).await).0,
            refused(calendars.update_calendar(by(role, division, update())).await).0,
            refused(calendars.import_holidays(by(role, division, import())).await).0,
        ];
        assert_eq!(refusals, [Code::PermissionDenied; 3], "{role} of {division:?}");
    }
    let system = calendars.create_calendar(by("system_account", "", create())).await;
    assert_eq!(refused(system).0, Code::PermissionDenied);
    assert_eq!(refused(calendars.import_holidays(import()).await).0, Code::Unauthenticated);
    assert_eq!(
        refused(calendars.import_holidays(by("system_account", "", import())).await).0,
        Code::InvalidArgument
    );
    calendars.update_calendar(by("administrator", "", update())).await.unwrap();
    for role in ["anonymous", "citizen", "auditor"] {
        calendars.compute_deadline(by(role, "", days("2026-03-02T02:00:00Z", 1))).await.unwrap();
    }
}
