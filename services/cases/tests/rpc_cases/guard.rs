//! Guarding people: whom a complaint is against learns nothing of it, and who raised a case is shown to those who need
//! it, for a purpose that is recorded.

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::event_service_client::EventServiceClient;
use minqing_proto::events::v1::WatchEventsRequest;
use minqing_testkit::Database;
use tonic::{Code, Request, Status};

use super::town::{
    CENTRE, PARKS, ROADS, Raised, Town, WATER, chief, citizen, clerk, complaint, joint, lamp, lead, of,
    reason, refused, submit, worker,
};

on_sqlite! {
    whom_a_complaint_is_against_never_sees_it;
    a_complaint_goes_to_nobody_it_is_against;
    a_complaint_is_not_carried_on_where_those_it_is_against_would_see_it;
    who_raised_a_case_is_shown_masked_to_those_who_handle_it_only;
    who_raised_a_case_is_revealed_for_a_purpose;
    a_unit_that_no_longer_handles_a_case_reads_nobody_s_number;
    nobody_is_known_in_an_anonymous_case;
    a_complaint_about_the_centre_needs_another_door;
    the_feed_names_nobody_who_raised_a_case;
}

async fn whom_a_complaint_is_against_never_sees_it(database: Database) {
    let town = Town::open(&database).await;
    let other = town.raise(lamp()).await;
    let raised = town.raise(complaint(WATER)).await;
    let get = || proto::GetCaseRequest { name: raised.name.clone() };
    // Whatever they are appointed to, even at the centre.
    for role in ["window_clerk", "cadre", "dispatcher", "supervisor", "auditor"] {
        let theirs = town.cases().get_case(of(role, WATER, "people/x", get())).await;
        assert_eq!(refused(theirs), (Code::NotFound, "NOT_FOUND".into()), "{role}");
    }
    // Not even a page that is shorter than it was asked for tells of it.
    let list = || proto::ListCasesRequest { page_size: 1, ..Default::default() };
    for role in ["dispatcher", "auditor", "cadre"] {
        let listed = town.cases().list_cases(of(role, WATER, "people/x", list())).await.unwrap().into_inner();
        let names: Vec<&str> = listed.cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!((names, listed.next_page_token.as_str()), (vec![other.name.as_str()], ""), "{role}");
    }
    let history = proto::ListCaseHistoryRequest { name: raised.name.clone(), ..Default::default() };
    let theirs = town.cases().list_case_history(of("auditor", WATER, "people/x", history)).await;
    assert_eq!(refused(theirs).0, Code::NotFound);
    let accept = proto::AcceptCaseRequest { name: raised.name.clone(), ..Default::default() };
    let theirs = town.cases().accept_case(of("dispatcher", WATER, "people/x", accept)).await;
    assert_eq!(refused(theirs).0, Code::NotFound);
    let reveal = proto::RevealReporterRequest { name: raised.name.clone(), purpose: "看看".into() };
    let theirs = town.cases().reveal_reporter(of("supervisor", WATER, "people/x", reveal)).await;
    assert_eq!(refused(theirs).0, Code::NotFound);
    // Others see it.
    assert_eq!(town.get(&raised.name).await.against, [WATER]);

    // A person who is complained of sees nothing either, whatever unit has it.
    let against = vec!["people/of-roads".to_owned()];
    let personal = town.dispatched(proto::Case { against, ..complaint(WATER) }, ROADS).await;
    assert_eq!(refused(town.seen_by(ROADS, &personal.name).await).0, Code::NotFound);
    assert_eq!(refused(town.sign(ROADS, &personal.part(1)).await).0, Code::NotFound);
    let parts = town.assignments().list_assignments(worker(ROADS, Default::default())).await.unwrap();
    assert!(parts.into_inner().assignments.is_empty());
}

async fn a_complaint_goes_to_nobody_it_is_against(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.raise(complaint(WATER)).await;
    town.accept(&raised.name).await;
    for units in [vec![lead(WATER)], vec![lead(ROADS), joint(WATER)]] {
        assert_eq!(reason(town.dispatch(&raised.name, &units).await), "DISPATCH_TO_COMPLAINED_OF");
    }
    town.dispatch(&raised.name, &[lead(ROADS)]).await.unwrap();
    town.sign(ROADS, &raised.part(1)).await.unwrap();
    let over = proto::HandOverAssignmentRequest {
        name: raised.part(1),
        organization: WATER.into(),
        note: "x".into(),
        ..Default::default()
    };
    let over = town.assignments().hand_over_assignment(worker(ROADS, over)).await;
    assert_eq!(reason(over), "DISPATCH_TO_COMPLAINED_OF");
    town.give_back(ROADS, &raised.part(1)).await.unwrap();
    let decide = proto::DecideOwnerRequest {
        name: raised.name.clone(),
        unit: Some(lead(WATER)),
        ..Default::default()
    };
    assert_eq!(reason(town.cases().decide_owner(chief(decide)).await), "DISPATCH_TO_COMPLAINED_OF");
}

async fn a_complaint_is_not_carried_on_where_those_it_is_against_would_see_it(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.raise(complaint(WATER)).await;
    let merge = |into: &Raised| proto::MergeCaseRequest {
        name: raised.name.clone(),
        into: into.name.clone(),
        ..Default::default()
    };
    let help = town.raise(lamp()).await;
    assert_eq!(reason(town.cases().merge_case(clerk(merge(&help))).await), "MERGE_INTO_MILDER");
    let other = proto::Case { against: Vec::new(), ..complaint(WATER) };
    let theirs = town.dispatched(other.clone(), WATER).await;
    assert_eq!(reason(town.cases().merge_case(clerk(merge(&theirs))).await), "MERGE_WITH_COMPLAINED_OF");
    let others = town.dispatched(other, ROADS).await;
    town.cases().merge_case(clerk(merge(&others))).await.unwrap();
    assert_eq!(town.get(&others.name).await.against, [WATER]);
}

async fn who_raised_a_case_is_shown_masked_to_those_who_handle_it_only(database: Database) {
    use proto::Anonymity::{Anonymous, Confidential, Open};
    use proto::CaseType::{Complaint, Help, Report};
    let town = Town::open(&database).await;
    // The type, how far they want to be known, and whether the unit sees them.
    let table = [
        (Help, Open, true),
        (Complaint, Open, false),
        (Report, Open, false),
        (Help, Confidential, false),
        (Help, Anonymous, false),
    ];
    for (kind, anonymity, unit_sees) in table {
        let reporter = lamp().reporter.filter(|_| anonymity != Anonymous);
        let case = proto::Case { r#type: kind.into(), anonymity: anonymity.into(), reporter, ..lamp() };
        let raised = town.dispatched(case, WATER).await;
        let masked = town.seen_by(WATER, &raised.name).await.unwrap().reporter;
        assert_eq!(masked.is_some(), unit_sees, "{kind:?} {anonymity:?}");
        let signed = town.sign(WATER, &raised.part(1)).await.unwrap();
        assert_eq!(signed.case.unwrap().reporter, None);
        let centre = town.get(&raised.name).await.reporter;
        assert_eq!(centre.is_some(), anonymity != Anonymous);
        for reporter in masked.iter().chain(&centre) {
            assert_eq!((reporter.display_name.as_str(), reporter.phone.as_str()), ("王*", "138****5678"));
        }
    }
    // What is called a complaint later is guarded from then on.
    let raised = town.dispatched(lamp(), WATER).await;
    let retype = proto::RetypeCaseRequest {
        name: raised.name.clone(),
        r#type: Complaint.into(),
        reason: "是投诉".into(),
        ..Default::default()
    };
    town.cases().retype_case(clerk(retype)).await.unwrap();
    assert_eq!(town.seen_by(WATER, &raised.name).await.unwrap().reporter, None);
}

fn reveal(raised: &Raised) -> proto::RevealReporterRequest {
    proto::RevealReporterRequest { name: raised.name.clone(), purpose: "电话核实".into() }
}

async fn shown(town: &Town, request: Request<proto::RevealReporterRequest>) -> Result<String, Status> {
    Ok(town.cases().reveal_reporter(request).await?.into_inner().phone)
}

async fn who_raised_a_case_is_revealed_for_a_purpose(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.dispatched(lamp(), WATER).await;
    let whole = town.cases().reveal_reporter(clerk(reveal(&raised))).await.unwrap().into_inner();
    assert_eq!((whole.display_name.as_str(), whole.phone.as_str()), ("王小明", "13812345678"));
    assert_eq!(shown(&town, worker(WATER, reveal(&raised))).await.unwrap(), "13812345678");
    let nothing = proto::RevealReporterRequest { purpose: " ".into(), ..reveal(&raised) };
    assert_eq!(super::town::fields(shown(&town, clerk(nothing)).await), ["purpose"]);
    for (role, organization) in [("auditor", CENTRE), ("window_clerk", ROADS), ("citizen", "")] {
        let refusal = refused(shown(&town, of(role, organization, "people/x", reveal(&raised))).await);
        assert_eq!(refusal.0, Code::PermissionDenied, "{role}");
    }
    for case in [complaint(ROADS), proto::Case { anonymity: proto::Anonymity::Confidential.into(), ..lamp() }]
    {
        let guarded = town.dispatched(case, WATER).await;
        assert_eq!(reason(shown(&town, worker(WATER, reveal(&guarded))).await), "REPORTER_PROTECTED");
        assert_eq!(shown(&town, clerk(reveal(&guarded))).await.unwrap(), "13812345678");
    }
}

async fn a_unit_that_no_longer_handles_a_case_reads_nobody_s_number(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.dispatched(lamp(), WATER).await;
    town.give_back(WATER, &raised.part(1)).await.unwrap();
    assert_eq!(refused(shown(&town, worker(WATER, reveal(&raised))).await).0, Code::PermissionDenied);
    // It knows that it had the case, and no more of who raised it.
    assert_eq!(town.seen_by(WATER, &raised.name).await.unwrap().reporter, None);
    // A unit that is done may still have to call.
    let done = town.dispatched(lamp(), WATER).await;
    town.sign(WATER, &done.part(1)).await.unwrap();
    town.resolve(WATER, &done.part(1), "修好了").await.unwrap();
    assert_eq!(shown(&town, worker(WATER, reveal(&done))).await.unwrap(), "13812345678");
}

async fn nobody_is_known_in_an_anonymous_case(database: Database) {
    let town = Town::open(&database).await;
    let anonymous = proto::Case { anonymity: proto::Anonymity::Anonymous.into(), ..lamp() };
    let named = town.submit(Request::new(submit(anonymous.clone()))).await;
    assert_eq!(super::town::fields(named), ["case.reporter"]);
    let nameless = proto::Case { reporter: None, ..anonymous };
    // Also when somebody is signed in.
    let raised = town.submit(citizen(submit(nameless))).await.unwrap();
    assert_eq!(town.get(&raised.name).await.reporter, None);
    assert_eq!(reason(shown(&town, chief(reveal(&raised))).await), "REPORTER_ANONYMOUS");
    let stored =
        town.room.cases.store().case(raised.name.trim_start_matches("cases/")).await.unwrap().unwrap();
    assert_eq!(stored.identity.person, None);
    // Nobody can be called back, so nobody has to be.
    town.accept(&raised.name).await;
    town.dispatch(&raised.name, &[lead(PARKS)]).await.unwrap();
    town.sign(PARKS, &raised.part(1)).await.unwrap();
    town.resolve(PARKS, &raised.part(1), "修好了").await.unwrap();
    town.close(&raised.name).await.unwrap();
}

async fn a_complaint_about_the_centre_needs_another_door(database: Database) {
    let town = Town::open(&database).await;
    let refusal = town.submit(Request::new(submit(complaint(CENTRE)))).await;
    assert_eq!(reason(refusal), "OWNER_COMPLAINED_OF");
    // Nor can an officer own by taking it down what is against them.
    let against = vec!["people/of-water".to_owned()];
    let own = town.submit(worker(WATER, submit(proto::Case { against, ..complaint(ROADS) }))).await;
    assert_eq!(reason(own), "OWNER_COMPLAINED_OF");
    let raised = town.submit(worker(ROADS, submit(complaint(CENTRE)))).await.unwrap();
    let get = proto::GetCaseRequest { name: raised.name.clone() };
    assert_eq!(refused(town.cases().get_case(clerk(get)).await).0, Code::NotFound);
    let seen = town.seen_by(ROADS, &raised.name).await.unwrap();
    assert_eq!((seen.first_asked.as_str(), seen.owner_organization.as_str()), ("people/of-roads", ROADS));
}

async fn the_feed_names_nobody_who_raised_a_case(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.submit(citizen(submit(complaint(WATER)))).await.unwrap();
    let withdraw = proto::WithdrawCaseRequest {
        name: raised.name.clone(),
        secret: raised.secret.clone(),
        ..Default::default()
    };
    town.cases().withdraw_case(citizen(withdraw)).await.unwrap();
    let mut feed = EventServiceClient::new(town.room.peer.clone());
    let request = of("window_clerk", WATER, "people/of-water", WatchEventsRequest::default());
    let mut stream = feed.watch_events(request).await.unwrap().into_inner();
    let mut actors = Vec::new();
    while actors.len() < 2 {
        if let Some(event) = stream.message().await.unwrap().unwrap().event {
            assert!(!format!("{event:?}").contains("people/raiser"), "{event:?}");
            actors.push(event.actor);
        }
    }
    assert_eq!(actors, ["citizen", "citizen"]);
}
