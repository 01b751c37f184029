//! What nobody moves is found.

use minqing_cases::domain::case::{Command, Target};
use minqing_platform::status;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::OrphanReason::{
    self, BeyondLadder, CalendarUnknown, CentreOverdue, NotClimbed, NothingDue,
};
use minqing_proto::cases::v1::supervision_service_client::SupervisionServiceClient;
use minqing_testkit::{Database, on_both_databases};
use tonic::Request;

use crate::matter::{act, at, centre, china, dispatched, on, raised};
use crate::room::{self, Room, by};

const MONDAY: &str = "2026-03-02T02:00:00Z";
const LATER: &str = "2026-03-16T02:00:00Z";

on_both_databases! {
    a_city_that_is_well_has_no_orphans;
    each_orphan_is_found_with_its_reason;
    a_look_at_many_goes_page_by_page_and_stays_in_its_area;
}

async fn find(
    room: &Room,
    request: Request<proto::FindOrphansRequest>,
) -> Result<proto::FindOrphansResponse, tonic::Status> {
    Ok(SupervisionServiceClient::new(room.peer.clone()).find_orphans(request).await?.into_inner())
}

async fn all(room: &Room) -> Vec<(String, Vec<OrphanReason>)> {
    let found = find(room, by("supervisor", "321181", proto::FindOrphansRequest::default())).await.unwrap();
    assert!(found.next_page_token.is_empty());
    let mut orphans: Vec<_> = found
        .orphans
        .iter()
        .map(|orphan| (orphan.case.trim_start_matches("cases/").to_owned(), orphan.reasons().collect()))
        .collect();
    orphans.sort_unstable();
    orphans
}

async fn a_city_that_is_well_has_no_orphans(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    raised(&store, &calendar, "1", at(MONDAY)).await;
    dispatched(&store, &calendar, "2", at(MONDAY)).await;
    dispatched(&store, &calendar, "3", at(MONDAY)).await;
    on(&store, &calendar, "3", at(MONDAY), Target::Sign).await;
    on(&store, &calendar, "3", at(MONDAY), Target::Ask("哪里?".into())).await;
    dispatched(&store, &calendar, "4", at(MONDAY)).await;
    on(&store, &calendar, "4", at(MONDAY), Target::Sign).await;
    on(&store, &calendar, "4", at(MONDAY), Target::Complete(Some("已修复".into()))).await;
    assert_eq!(all(&room).await, []);
}

async fn each_orphan_is_found_with_its_reason(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    // Nobody took it up.
    raised(&store, &calendar, "1", at(MONDAY)).await;
    // Every rung was climbed, and nothing came of it.
    dispatched(&store, &calendar, "2", at(MONDAY)).await;
    room.clock.set(at(LATER));
    room.cases.tick().await.unwrap();
    // Nobody ran the timers.
    dispatched(&store, &calendar, "3", at(MONDAY)).await;
    // Nobody can say when it is due.
    dispatched(&store, &calendar, "4", at("2026-12-30T02:00:00Z")).await;
    // Withdrawn: nobody owes anything.
    raised(&store, &calendar, "5", at(MONDAY)).await;
    act(&store, &calendar, "5", at(MONDAY), centre(), Command::Withdraw(String::new())).await.unwrap();
    let reasons = |number: &str, reasons: &[OrphanReason]| (number.to_owned(), reasons.to_vec());
    let expected = [
        reasons("1", &[CentreOverdue]),
        reasons("2", &[BeyondLadder]),
        reasons("3", &[NotClimbed]),
        reasons("4", &[CalendarUnknown]),
    ];
    assert_eq!(all(&room).await, expected);
    // A timer that is lost, whoever lost it.
    room::execute(&database, "DELETE FROM timers WHERE case_number = '3'").await;
    assert_eq!(all(&room).await[2], reasons("3", &[NothingDue, NotClimbed]));
}

async fn a_look_at_many_goes_page_by_page_and_stays_in_its_area(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    for place in 0..7 {
        raised(&store, &calendar, &format!("{place}"), at(MONDAY)).await;
        dispatched(&store, &calendar, &format!("1{place}"), at(MONDAY)).await;
    }
    room.clock.set(at(LATER));
    let (mut token, mut found, mut looked_at) = (String::new(), Vec::new(), 0);
    for page in 0.. {
        assert!(page < 10);
        let request = proto::FindOrphansRequest { page_size: 3, page_token: token, ..Default::default() };
        let answer = find(&room, by("auditor", "", request)).await.unwrap();
        assert!(answer.looked_at <= 3);
        looked_at += answer.looked_at;
        found.extend(answer.orphans.into_iter().map(|orphan| orphan.case));
        token = answer.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    found.sort_unstable();
    found.dedup();
    assert_eq!((found.len(), looked_at), (14, 14));
    for (role, division, area) in
        [("supervisor", "321182", ""), ("auditor", "", "321182"), ("supervisor", "321181100", "")]
    {
        let request = proto::FindOrphansRequest { division_code: area.into(), ..Default::default() };
        assert!(find(&room, by(role, division, request)).await.unwrap().orphans.is_empty());
    }
    let within = proto::FindOrphansRequest { division_code: "3211".into(), ..Default::default() };
    assert_eq!(find(&room, by("supervisor", "321181", within)).await.unwrap().orphans.len(), 14);
    for role in ["cadre", "dispatcher", "citizen"] {
        let refused = find(&room, by(role, "321181", Default::default())).await.unwrap_err();
        assert_eq!(status::reason(&refused).as_deref(), Some("NOT_PERMITTED"));
    }
}
