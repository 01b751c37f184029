//! Raising cases and moving them, once and again.

use chrono::TimeDelta;
use minqing_cases::domain::case::{
    AssignmentStatus, CaseType, Command, NewPart, Part, Party, Satisfaction, Status, Target,
};
use minqing_platform::db;
use minqing_platform::error::{Error, Kind};
use minqing_testkit::{Database, on_both_databases};

use super::desk::{
    Desk, ROADS, WATER, change, change_again, clerk, done, later, lead, officer, refused, unit_of, worker,
};

on_both_databases! {
    a_case_is_read_back_as_it_was_raised;
    a_number_is_given_once;
    a_whole_life_is_kept_as_its_history_tells_it;
    a_move_that_is_refused_leaves_nothing_behind;
    a_move_by_an_old_etag_is_refused;
    a_move_on_no_case_is_refused;
    a_history_does_not_run_backwards;
    a_request_sent_again_is_answered_as_before_whatever_happened_since;
    a_request_id_stands_for_one_request;
    a_merge_happens_in_both_cases_or_in_none;
    a_merge_sent_again_merges_once;
    a_split_makes_all_its_parts_or_none;
    a_split_sent_again_gives_the_same_parts;
    the_feed_tells_what_happened_and_neither_texts_nor_names;
}

async fn a_case_is_read_back_as_it_was_raised(database: Database) {
    let desk = Desk::open(&database).await;
    let made = desk.raised("1").await;
    assert_eq!(desk.check("1").await, made);
    assert_eq!(
        (made.status, made.version, made.place.position),
        (Status::Submitted, 1, Some((31.987_654_321, 119.5)))
    );
    assert_eq!(made.create_time, change().now);
    assert_eq!(desk.store.case("2").await.unwrap(), None);
    assert!(desk.store.history("2", 0, 10).await.unwrap().is_empty());
}

async fn a_number_is_given_once(database: Database) {
    let desk = Desk::open(&database).await;
    desk.raised("1").await;
    let again = Desk::new_case(Desk::submission("1"));
    let again = desk.store.submit_case(&change(), again, clerk(), &desk.calendar).await;
    assert!(matches!(again, Err(Error::Database(db::Error::Duplicate))), "{again:?}");
    assert_eq!(desk.history("1").await.len(), 1);
}

async fn a_whole_life_is_kept_as_its_history_tells_it(database: Database) {
    let desk = Desk::open(&database).await;
    desk.signed("1").await;
    let citizen = Party::citizen;
    let verdict = |solved| Command::CallBack {
        reached: true,
        solved: Some(solved),
        satisfied: Some(Satisfaction::Neutral),
        with: None,
        note: String::new(),
    };
    desk.on("1", WATER, Target::Ask("哪一盏？".into())).await.unwrap();
    desk.does("1", citizen(), Command::Answer("东边😀那盏𠮷".into())).await.unwrap();
    desk.on("1", WATER, Target::AskExtension(3, "等材料".into())).await.unwrap();
    desk.does("1", clerk(), Command::On(1, Target::ReviewExtension(true, "延期三天".into()))).await.unwrap();
    desk.on("1", WATER, done()).await.unwrap();
    desk.does("1", citizen(), verdict(false)).await.unwrap();
    desk.does("1", clerk(), lead(ROADS)).await.unwrap();
    desk.does("1", worker(ROADS), Command::On(2, Target::Sign)).await.unwrap();
    desk.does("1", worker(ROADS), Command::On(2, done())).await.unwrap();
    desk.does("1", clerk(), verdict(true)).await.unwrap();
    desk.does("1", clerk(), Command::Close { unasked: false }).await.unwrap();
    let case = desk.check("1").await;
    assert_eq!((case.status, case.round, case.assignments.len()), (Status::Closed, 2, 2));
    // The history is read in pages.
    let some = desk.store.history("1", 3, 2).await.unwrap();
    assert!(some.iter().map(|recorded| recorded.version).eq([4, 5]));
}

async fn a_move_that_is_refused_leaves_nothing_behind(database: Database) {
    let desk = Desk::open(&database).await;
    let before = desk.dispatched("1").await;
    let early =
        desk.store.act(&change_again(1, "a"), desk.act("1", worker(WATER), Command::On(1, done()))).await;
    assert_eq!(refused(early), (Kind::Rule, "ASSIGNMENT_NOT_SIGNED"));
    assert_eq!(desk.check("1").await, before);
    // What was refused is not remembered: the same request may succeed later.
    desk.on("1", WATER, Target::Sign).await.unwrap();
    let act = desk.act("1", worker(WATER), Command::On(1, done()));
    assert_eq!(desk.store.act(&change_again(1, "a"), act).await.unwrap().status, Status::Resolved);
}

async fn a_move_by_an_old_etag_is_refused(database: Database) {
    let desk = Desk::open(&database).await;
    let made = desk.raised("1").await;
    let reply = |version| {
        let act = desk.act("1", clerk(), Command::Reply("收到".into()));
        minqing_cases::store::case::Act { version, ..act }
    };
    desk.store.act(&change(), reply(Some(made.version))).await.unwrap();
    let stale = desk.store.act(&change(), reply(Some(made.version))).await;
    assert_eq!(refused(stale), (Kind::Stale, "ETAG_MISMATCH"));
    desk.store.act(&change(), reply(None)).await.unwrap();
    assert_eq!(desk.check("1").await.replies.len(), 2);
}

async fn a_move_on_no_case_is_refused(database: Database) {
    let desk = Desk::open(&database).await;
    let accept = desk.accept();
    assert_eq!(refused(desk.does("1", clerk(), accept).await).0, Kind::Missing);
    desk.raised("1").await;
    let into = desk.act("1", clerk(), Command::Merge("2".into()));
    assert_eq!(refused(desk.store.merge_case(&change(), into, "2", &desk.calendar).await).0, Kind::Missing);
    let from = desk.act("2", clerk(), Command::Merge("1".into()));
    assert_eq!(refused(desk.store.merge_case(&change(), from, "1", &desk.calendar).await).0, Kind::Missing);
    assert_eq!(desk.check("1").await.version, 1);
}

async fn a_history_does_not_run_backwards(database: Database) {
    let desk = Desk::open(&database).await;
    desk.raised("1").await;
    let reply = || desk.act("1", clerk(), Command::Reply("收到".into()));
    desk.store.act(&later(10), reply()).await.unwrap();
    // Another replica, whose clock is behind.
    let after = desk.store.act(&later(5), reply()).await.unwrap();
    assert_eq!(after.update_time, later(10).now);
    let times: Vec<_> = desk.history("1").await.iter().map(|recorded| recorded.time).collect();
    assert!(times.is_sorted(), "{times:?}");
    desk.check("1").await;
}

async fn a_request_sent_again_is_answered_as_before_whatever_happened_since(database: Database) {
    let desk = Desk::open(&database).await;
    let submit = |number: &str| Desk::new_case(Desk::submission(number));
    let raise = async |number: &str| {
        desk.store.submit_case(&change_again(1, "a"), submit(number), clerk(), &desk.calendar).await.unwrap()
    };
    let made = raise("1").await;
    let accept = async || {
        let act = desk.act("1", clerk(), desk.accept());
        desk.store.act(&change_again(2, "b"), act).await.unwrap()
    };
    let accepted = accept().await;
    desk.does("1", clerk(), lead(WATER)).await.unwrap();
    // A new number was drawn meanwhile: the old one is told.
    assert_eq!(raise("2").await, made);
    assert_eq!(accept().await, accepted);
    assert_eq!((accepted.status, desk.check("1").await.status), (Status::Accepted, Status::Dispatched));
    assert_eq!(desk.store.case("2").await.unwrap(), None);
}

async fn a_request_id_stands_for_one_request(database: Database) {
    let desk = Desk::open(&database).await;
    desk.raised("1").await;
    let reply = || desk.act("1", clerk(), Command::Reply("收到".into()));
    desk.store.act(&change_again(1, "a"), reply()).await.unwrap();
    let other = desk.store.act(&change_again(1, "b"), reply()).await;
    assert!(matches!(other, Err(Error::Database(db::Error::RequestReused))), "{other:?}");
    // The same id of somebody else is another one.
    let theirs = minqing_platform::journal::Change { actor: "people/other".into(), ..change_again(1, "b") };
    desk.store.act(&theirs, reply()).await.unwrap();
    assert_eq!(desk.check("1").await.replies.len(), 2);
}

async fn a_merge_happens_in_both_cases_or_in_none(database: Database) {
    let desk = Desk::open(&database).await;
    desk.signed("1").await;
    desk.signed("2").await;
    let act = desk.act("1", clerk(), Command::Merge("2".into()));
    let after = desk.store.merge_case(&change(), act, "2", &desk.calendar).await.unwrap();
    let (one, other) = (desk.check("1").await, desk.check("2").await);
    assert_eq!((after.status, &one, &*one.continued), (Status::Merged, &after, &["2".to_owned()][..]));
    assert_eq!(
        (one.assignments[0].status, &*other.merged),
        (AssignmentStatus::Cancelled, &["1".to_owned()][..])
    );
    // The case to go on in takes no more: neither case is touched.
    desk.raised("3").await;
    let act = desk.act("3", clerk(), Command::Merge("1".into()));
    let refusal = desk.store.merge_case(&change(), act, "1", &desk.calendar).await;
    assert_eq!(refused(refusal), (Kind::Rule, "CASE_MERGED"));
    // The case that is to end cannot: the other has taken nothing in.
    let act = desk.act("2", clerk(), Command::Merge("3".into()));
    let refusal = desk.store.merge_case(&change(), act, "3", &desk.calendar).await;
    assert_eq!(refused(refusal), (Kind::Rule, "MERGE_HAS_MERGED"));
    assert_eq!((desk.check("2").await, desk.check("3").await.version), (other, 1));
}

async fn a_merge_sent_again_merges_once(database: Database) {
    let desk = Desk::open(&database).await;
    desk.raised("1").await;
    desk.raised("2").await;
    let merge = async || {
        let act = desk.act("1", clerk(), Command::Merge("2".into()));
        desk.store.merge_case(&change_again(1, "a"), act, "2", &desk.calendar).await.unwrap()
    };
    assert_eq!(merge().await, merge().await);
    assert_eq!(desk.check("2").await.merged, ["1"]);
}

fn parts(numbers: [&str; 2]) -> (Command, Vec<minqing_cases::store::case::NewCase>) {
    let part = |number: &str| NewPart { number: number.to_owned(), kind: CaseType::Help };
    (
        Command::Split(numbers.map(part).into()),
        numbers.map(|number| Desk::new_case(Desk::submission(number))).into(),
    )
}

async fn a_split_makes_all_its_parts_or_none(database: Database) {
    let desk = Desk::open(&database).await;
    desk.raised("1").await;
    desk.raised("9").await;
    // One of the numbers is taken: nothing happens.
    let (command, cases) = parts(["2", "9"]);
    let taken = desk.store.split_case(&change(), desk.act("1", clerk(), command), cases).await;
    assert!(matches!(taken, Err(Error::Database(db::Error::Duplicate))), "{taken:?}");
    assert_eq!(desk.check("1").await.version, 1);
    assert_eq!(desk.store.case("2").await.unwrap(), None);
    let (command, cases) = parts(["2", "3"]);
    let (after, made) =
        desk.store.split_case(&change(), desk.act("1", clerk(), command), cases).await.unwrap();
    assert_eq!((after.status, &*after.continued), (Status::Split, &["2".to_owned(), "3".to_owned()][..]));
    assert_eq!(made, [desk.check("2").await, desk.check("3").await]);
    desk.check("1").await;
}

async fn a_split_sent_again_gives_the_same_parts(database: Database) {
    let desk = Desk::open(&database).await;
    desk.raised("1").await;
    let split = async |numbers| {
        let (command, cases) = parts(numbers);
        let act = desk.act("1", clerk(), command);
        desk.store.split_case(&change_again(1, "a"), act, cases).await.unwrap()
    };
    let first = split(["2", "3"]).await;
    desk.does("2", clerk(), Command::Reply("收到".into())).await.unwrap();
    assert_eq!(split(["4", "5"]).await, first);
    assert_eq!(desk.store.case("4").await.unwrap(), None);
}

async fn the_feed_tells_what_happened_and_neither_texts_nor_names(database: Database) {
    let desk = Desk::open(&database).await;
    let mut submission = Desk::submission("1");
    submission.against = vec!["people/mayor".into()];
    desk.raise(submission).await;
    desk.does("1", clerk(), desk.accept()).await.unwrap();
    let units = vec![unit_of(WATER, Part::Lead), unit_of(ROADS, Part::Joint)];
    desk.does("1", clerk(), Command::Dispatch(units)).await.unwrap();
    desk.on("1", WATER, Target::Sign).await.unwrap();
    desk.on("1", WATER, Target::Ask("秘密问题".into())).await.unwrap();
    desk.does("1", Party::citizen(), Command::Answer("秘密回答".into())).await.unwrap();
    desk.on("1", WATER, Target::HandOver("organizations/parks".into(), "秘密原因".into())).await.unwrap();
    let parks = officer("gardener", "organizations/parks");
    desk.does("1", parks, Command::On(1, Target::AcceptHandOver)).await.unwrap();
    desk.does("1", Party::citizen(), Command::Withdraw("秘密".into())).await.unwrap();
    super::super::expect_events(
        &desk.store,
        &[
            ("CaseSubmitted", 1),
            ("CaseAccepted", 1),
            ("CaseDispatched", 1),
            ("AssignmentDispatched", 2),
            ("AssignmentSigned", 1),
            ("CitizenAsked", 1),
            ("AssignmentPaused", 1),
            ("CitizenAnswered", 1),
            ("AssignmentResumed", 1),
            ("QuestionAnswered", 1),
            ("HandOverAsked", 1),
            ("HandOverAccepted", 1),
            ("CaseWithdrawn", 1),
            ("AssignmentCancelled", 2),
        ],
    )
    .await;
    let events = desk.store.events_after(0, 0, 1_000).await.unwrap();
    for event in &events {
        let secrets = ["秘密", "路灯", "张三", "司徒", "请办理", "people/raiser", "people/mayor"];
        assert!(
            !secrets.iter().any(|secret| event.payload.contains(secret)),
            "{}: {}",
            event.kind,
            event.payload
        );
        assert_eq!(event.division_code, "321181100201");
    }
    let taken = events.iter().find(|event| event.kind == "HandOverAccepted").unwrap();
    assert!(
        taken.payload.contains("organizations/parks") && taken.payload.contains(WATER),
        "{}",
        taken.payload
    );
    assert_eq!(desk.check("1").await.update_time - change().now, TimeDelta::zero());
}
