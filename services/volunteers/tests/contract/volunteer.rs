//! Volunteers as they are stored.

use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::access::Access;
use minqing_volunteers::domain::volunteer::{
    Act, Availability, Changes, NewVolunteer, RealName, Record, State,
};
use minqing_volunteers::store::volunteer::{Filter, Happening, Resealed};
use uuid::Uuid;

use super::post::{change, change_again, day, founded, reason, today};
use super::*;

on_both_databases! {
    a_volunteer_is_read_back_by_number_and_by_account;
    one_person_and_one_account_register_once;
    of_two_registrations_of_one_person_at_once_one_is_taken;
    a_batch_is_registered_whole_or_not_at_all;
    what_happens_to_a_record_makes_versions_and_events;
    what_is_sealed_anew_must_be_of_the_version_that_was_read;
    volunteers_are_listed_by_each_filter;
    a_change_sent_again_is_answered_as_before;
    records_of_access_are_listed_the_newest_first;
}

/// Somebody of the town 321181100 whose number, account and identity come from one digit.
pub(super) fn new(number: u8) -> NewVolunteer {
    NewVolunteer {
        number: format!("10000000000{number}"),
        account: Some(format!("test#{number}")),
        person: None,
        birth_date: day("1990-05-17"),
        skills: vec!["急救".to_owned()],
        languages: Vec::new(),
        availability: Availability::default(),
        health_limits: Vec::new(),
        home: "321181100".parse().unwrap(),
        sealed: vec![number; 40],
        identity_index: vec![number; 32],
    }
}

pub(super) async fn registered(store: &Shared, number: u8) -> Record {
    store.register_volunteers(&change(), &[new(number)], None).await.unwrap().remove(0)
}

pub(super) fn happening(number: u8, act: Act) -> Happening {
    Happening { number: new(number).number, version: None, act, resealed: None, today: today() }
}

async fn a_volunteer_is_read_back_by_number_and_by_account(database: Database) {
    let store = founded(&database).await;
    let made = registered(&store, 1).await;
    let volunteer = Some(made.volunteer.clone());
    assert_eq!(store.volunteer("100000000001").await.unwrap(), volunteer);
    assert_eq!(store.volunteer_of_account("test#1").await.unwrap(), volunteer);
    assert_eq!(store.volunteer_record("100000000001").await.unwrap(), Some(made));
    assert_eq!(store.volunteer("100000000002").await.unwrap(), None);
    assert_eq!(store.volunteer_of_account("test#2").await.unwrap(), None);
    expect_events(&store, &[("PostCreated", 32), ("VolunteerRegistered", 1)]).await;
}

async fn one_person_and_one_account_register_once(database: Database) {
    let store = founded(&database).await;
    registered(&store, 1).await;
    let same_person = NewVolunteer { identity_index: vec![1; 32], ..new(2) };
    let same_account = NewVolunteer { account: Some("test#1".to_owned()), ..new(3) };
    for again in [same_person, same_account] {
        assert_eq!(reason(store.register_volunteers(&change(), &[again], None).await), "ALREADY_EXISTS");
    }
    // Whoever has no account stands in nobody's way.
    for number in [4, 5] {
        let new = NewVolunteer { account: None, ..new(number) };
        store.register_volunteers(&change(), &[new], None).await.unwrap();
    }
}

async fn of_two_registrations_of_one_person_at_once_one_is_taken(database: Database) {
    let (one, other) = (founded(&database).await, open(&database).await);
    let twin = NewVolunteer { identity_index: vec![1; 32], ..new(2) };
    let (first, second, change) = ([new(1)], [twin], change());
    let (one, other) = tokio::join!(
        one.register_volunteers(&change, &first, None),
        other.register_volunteers(&change, &second, None)
    );
    assert!(one.is_ok() ^ other.is_ok(), "{one:?} {other:?}");
}

async fn a_batch_is_registered_whole_or_not_at_all(database: Database) {
    let store = founded(&database).await;
    let twin = NewVolunteer { identity_index: vec![1; 32], ..new(2) };
    let twice = store.register_volunteers(&change(), &[new(1), twin], None).await;
    assert_eq!(reason(twice), "ALREADY_EXISTS");
    assert_eq!(store.volunteer("100000000001").await.unwrap(), None);
    let both = store.register_volunteers(&change(), &[new(1), new(2)], None).await.unwrap();
    assert_eq!(both.len(), 2);
    assert_eq!(reason(store.register_volunteers(&change(), &[new(3)], Some("no-team")).await), "NOT_FOUND");
    assert_eq!(store.volunteer("100000000003").await.unwrap(), None);
}

async fn what_happens_to_a_record_makes_versions_and_events(database: Database) {
    let store = founded(&database).await;
    registered(&store, 1).await;
    let act = async |act: Act| store.act_on_volunteer(&change(), &happening(1, act)).await;
    assert_eq!(act(Act::Verify("card".to_owned())).await.unwrap().volunteer.real_name, RealName::Verified);
    let insured = act(Act::Insure(day("2027-01-01"), "policy".to_owned())).await.unwrap();
    assert_eq!(insured.volunteer.insured_until, Some(day("2027-01-01")));
    assert_eq!(reason(act(Act::Consent(day("2027-01-01"), "paper".to_owned())).await), "NOT_A_MINOR");
    act(Act::Suspend("late".to_owned())).await.unwrap();
    assert_eq!(reason(act(Act::Suspend("late".to_owned())).await), "VOLUNTEER_SUSPENDED");
    act(Act::Reinstate).await.unwrap();
    let moved = Changes { home: Some("321181101".parse().unwrap()), ..Changes::default() };
    act(Act::Change(moved)).await.unwrap();
    let left = act(Act::Leave).await.unwrap().volunteer;
    assert_eq!((left.version, left.state), (7, State::Left));
    assert_eq!(store.volunteer("100000000001").await.unwrap(), Some(left));
    let nobody = happening(9, Act::Leave);
    assert_eq!(reason(store.act_on_volunteer(&change(), &nobody).await), "NOT_FOUND");
    let events = [
        ("PostCreated", 32),
        ("VolunteerRegistered", 1),
        ("VolunteerVerified", 1),
        ("InsuranceRecorded", 1),
        ("VolunteerSuspended", 1),
        ("VolunteerReinstated", 1),
        ("VolunteerUpdated", 1),
        ("VolunteerLeft", 1),
    ];
    expect_events(&store, &events).await;
}

async fn what_is_sealed_anew_must_be_of_the_version_that_was_read(database: Database) {
    let store = founded(&database).await;
    registered(&store, 1).await;
    registered(&store, 2).await;
    let renamed = Act::Change(Changes { renamed: true, ..Changes::default() });
    let sealed = |index: Option<u8>| Resealed {
        sealed: vec![9; 40],
        identity_index: index.map(|index| vec![index; 32]),
    };
    let again = |version, index| Happening {
        version: Some(version),
        resealed: Some(sealed(index)),
        ..happening(1, renamed.clone())
    };
    let new = store.act_on_volunteer(&change(), &again(1, None)).await.unwrap();
    assert_eq!((new.sealed[0], new.volunteer.version), (9, 2));
    assert_eq!(reason(store.act_on_volunteer(&change(), &again(1, None)).await), "ETAG_MISMATCH");
    // Another's identity number is nobody's to take.
    assert!(store.act_on_volunteer(&change(), &again(2, Some(2))).await.is_err());
    store.act_on_volunteer(&change(), &again(2, Some(7))).await.unwrap();
    let taken = NewVolunteer { identity_index: vec![7; 32], ..self::new(3) };
    assert_eq!(reason(store.register_volunteers(&change(), &[taken], None).await), "ALREADY_EXISTS");
    let freed = NewVolunteer { identity_index: vec![1; 32], ..self::new(4) };
    store.register_volunteers(&change(), &[freed], None).await.unwrap();
}

async fn volunteers_are_listed_by_each_filter(database: Database) {
    let store = founded(&database).await;
    for number in 1..=3 {
        registered(&store, number).await;
    }
    let elsewhere = NewVolunteer { home: "321181101".parse().unwrap(), ..new(4) };
    store.register_volunteers(&change(), &[elsewhere], None).await.unwrap();
    store.act_on_volunteer(&change(), &happening(1, Act::Verify("card".to_owned()))).await.unwrap();
    store.act_on_volunteer(&change(), &happening(2, Act::Leave)).await.unwrap();
    let numbers = async |filter: Filter, after: &str, limit| {
        let found = store.volunteers(&filter, after, limit).await.unwrap();
        found.iter().map(|record| record.volunteer.number[11..].to_owned()).collect::<String>()
    };
    let all = Filter::default;
    assert_eq!(numbers(all(), "", 10).await, "1234");
    assert_eq!(numbers(all(), "100000000001", 2).await, "23");
    let town = Some("321181100".parse().unwrap());
    assert_eq!(numbers(Filter { within: town, ..all() }, "", 10).await, "123");
    assert_eq!(numbers(Filter { state: Some(State::Left), ..all() }, "", 10).await, "2");
    assert_eq!(numbers(Filter { real_name: Some(RealName::Verified), ..all() }, "", 10).await, "1");
    assert_eq!(numbers(Filter { team: Some("none".to_owned()), ..all() }, "", 10).await, "");
}

async fn a_change_sent_again_is_answered_as_before(database: Database) {
    let store = founded(&database).await;
    let (first, second) = (change_again(1, "one"), change_again(2, "two"));
    let made = store.register_volunteers(&first, &[new(1)], None).await.unwrap();
    // The number that was drawn the second time is not taken.
    assert_eq!(store.register_volunteers(&first, &[new(2)], None).await.unwrap(), made);
    assert_eq!(store.volunteer("100000000002").await.unwrap(), None);
    let suspended = happening(1, Act::Suspend("late".to_owned()));
    let done = store.act_on_volunteer(&second, &suspended).await.unwrap();
    assert_eq!(store.act_on_volunteer(&second, &suspended).await.unwrap(), done);
    assert_eq!(
        reason(store.act_on_volunteer(&change_again(2, "other"), &suspended).await),
        "REQUEST_ID_REUSED"
    );
}

async fn records_of_access_are_listed_the_newest_first(database: Database) {
    let store = open(&database).await;
    let access = |subject: &str, purpose: &str| Access {
        id: Uuid::now_v7(),
        subject: subject.to_owned(),
        actor: "people/c".to_owned(),
        purpose: purpose.to_owned(),
        fields: vec!["phone".to_owned(), "identity_number".to_owned()],
        occur_time: change().now,
    };
    let records = [access("volunteers/1", "first"), access("volunteers/1", "second")];
    store.record_access(&records).await.unwrap();
    store.record_access(&[access("volunteers/2", "other")]).await.unwrap();
    let found = store.access_records("volunteers/1", None, 10).await.unwrap();
    assert_eq!(found, [records[1].clone(), records[0].clone()]);
    let rest = store.access_records("volunteers/1", Some(found[0].id), 10).await.unwrap();
    assert_eq!(rest, [records[0].clone()]);
}
