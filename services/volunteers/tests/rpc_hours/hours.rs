use minqing_proto::volunteers::v1 as proto;
use minqing_testkit::{Database, on_both_databases};

use crate::room::{by, citizen};
use crate::town::{ELSEWHERE, TOWN, field, open, reason};

on_both_databases! {
    everybody_sees_the_hours_that_are_theirs_to_see;
    a_coordinator_corrects_and_nobody_their_own;
    somebodys_hours_and_level_are_theirs_and_the_corps;
    the_chain_is_public_proven_and_walked_along;
    what_is_wrong_with_a_request_is_told_by_field;
    an_award_is_given_by_the_corps_and_thanks_by_who_was_helped;
}

fn list() -> proto::ListHourEntriesRequest {
    proto::ListHourEntriesRequest::default()
}

async fn everybody_sees_the_hours_that_are_theirs_to_see(database: Database) {
    let mut town = open(&database).await;
    let mut count = async |request| {
        let listed = town.hours.list_hour_entries(request).await.unwrap().into_inner();
        listed.hour_entries.into_iter().map(|entry| entry.name).collect::<Vec<_>>()
    };
    assert_eq!(count(citizen("zhang", list())).await, ["hourEntries/2", "hourEntries/1"]);
    assert_eq!(count(citizen("li", list())).await, ["hourEntries/3"]);
    assert_eq!(count(citizen("somebody", list())).await, Vec::<String>::new());
    assert_eq!(count(by("coordinator", TOWN, list())).await.len(), 3);
    assert_eq!(count(by("auditor", "321181", list())).await.len(), 3);
    assert_eq!(count(by("coordinator", ELSEWHERE, list())).await, Vec::<String>::new());
    let team = proto::ListHourEntriesRequest { team: "teams/care".into(), ..list() };
    assert_eq!(count(citizen("zhang", team.clone())).await.len(), 3);
    assert_eq!(count(citizen("li", team)).await, ["hourEntries/3"]);

    let get = |seq: i64| proto::GetHourEntryRequest { name: format!("hourEntries/{seq}") };
    let theirs = town.hours.get_hour_entry(citizen("li", get(3))).await.unwrap().into_inner();
    assert_eq!((theirs.volunteer.as_str(), theirs.minutes), ("volunteers/100000000024", 45));
    // A leader sees it too; others are told what they are told of one that is not there.
    town.hours.get_hour_entry(citizen("zhang", get(3))).await.unwrap();
    assert_eq!(reason(town.hours.get_hour_entry(citizen("li", get(1))).await), "NOT_FOUND");
    assert_eq!(reason(town.hours.get_hour_entry(by("coordinator", ELSEWHERE, get(1))).await), "NOT_FOUND");
    assert_eq!(reason(town.hours.get_hour_entry(citizen("li", get(9))).await), "NOT_FOUND");
    assert_eq!(reason(town.hours.get_hour_entry(get(1)).await), "SIGN_IN_NEEDED");
}

async fn a_coordinator_corrects_and_nobody_their_own(database: Database) {
    let mut town = open(&database).await;
    let correct = |minutes| proto::CorrectHourEntryRequest {
        name: "hourEntries/1".into(),
        minutes,
        reason: "came later, as they said themselves".into(),
        request_id: uuid::Uuid::now_v7().to_string(),
    };
    let mine = town.hours.correct_hour_entry(citizen("zhang", correct(-5))).await;
    assert_eq!(reason(mine), "NOT_PERMITTED");
    let elsewhere = town.hours.correct_hour_entry(by("coordinator", ELSEWHERE, correct(-5))).await;
    assert_eq!(reason(elsewhere), "NOT_FOUND");
    let mut own = by("coordinator", TOWN, correct(-5));
    own.metadata_mut().insert("subject", "zhang".parse().unwrap());
    assert_eq!(reason(town.hours.correct_hour_entry(own).await), "CORRECTION_OWN");
    let request = correct(-5);
    let corrected = town.hours.correct_hour_entry(by("coordinator", TOWN, request.clone())).await.unwrap();
    let corrected = corrected.into_inner();
    assert_eq!((corrected.minutes, corrected.corrects.as_str()), (-5, "hourEntries/1"));
    let again = town.hours.correct_hour_entry(by("coordinator", TOWN, request)).await.unwrap();
    assert_eq!(again.into_inner(), corrected);
    let too_much = town.hours.correct_hour_entry(by("coordinator", TOWN, correct(-41))).await;
    assert_eq!(reason(too_much), "HOURS_MINUTES");
}

async fn somebodys_hours_and_level_are_theirs_and_the_corps(database: Database) {
    let mut town = open(&database).await;
    let of = |number: &str| proto::GetHourSummaryRequest { volunteer: format!("volunteers/{number}") };
    let mine = town.hours.get_hour_summary(citizen("zhang", of("100000000016"))).await.unwrap().into_inner();
    let expected = proto::HourSummary {
        volunteer: "volunteers/100000000016".into(),
        minutes: 90,
        times: 2,
        level: 0,
        minutes_to_next: Some(6_000 - 90),
    };
    assert_eq!(mine, expected);
    assert_eq!(
        town.hours.get_hour_summary(by("coordinator", TOWN, of("100000000016"))).await.unwrap().into_inner(),
        expected
    );
    assert_eq!(reason(town.hours.get_hour_summary(citizen("li", of("100000000016"))).await), "NOT_FOUND");
    let elsewhere = town.hours.get_hour_summary(by("coordinator", ELSEWHERE, of("100000000016"))).await;
    assert_eq!(reason(elsewhere), "NOT_FOUND");
}

async fn the_chain_is_public_proven_and_walked_along(database: Database) {
    use sha2::{Digest as _, Sha256};
    let mut town = open(&database).await;
    let head = town.hours.get_hour_chain_head(proto::GetHourChainHeadRequest {}).await.unwrap().into_inner();
    assert_eq!((head.seq, head.hash.len()), (3, 64));
    let proof = proto::GetHourEntryProofRequest { name: "hourEntries/1".into(), head_seq: 3 };
    let proof = town.hours.get_hour_entry_proof(citizen("zhang", proof)).await.unwrap().into_inner();
    assert_eq!((proof.head.as_ref().unwrap().seq, &proof.head.unwrap().hash), (3, &head.hash));
    // As whoever has no part of this program does it, from the hash of the entry on.
    let entry = proof.entry.unwrap();
    let unhex = |at: usize| u8::from_str_radix(&entry.hash[at..at + 2], 16).unwrap();
    let mut hash: Vec<u8> = (0..64).step_by(2).map(unhex).collect();
    for (seq, digest) in (2_i64..).zip(&proof.digests) {
        let next = Sha256::new().chain_update(&hash).chain_update(seq.to_be_bytes()).chain_update(digest);
        hash = next.finalize().to_vec();
    }
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, head.hash);

    let walk = |after_seq| proto::VerifyHourChainRequest { after_seq };
    let found = town.hours.verify_hour_chain(by("auditor", "", walk(0))).await.unwrap().into_inner();
    assert_eq!((found.entries, found.faults.len(), found.next_seq), (3, 0, 0));
    crate::room::execute(&database, "UPDATE hour_entries SET minutes = 46 WHERE seq = 2").await;
    let found = town.hours.verify_hour_chain(by("auditor", "", walk(1))).await.unwrap().into_inner();
    assert_eq!(found.faults, ["hourEntries/2 was changed after it was entered"]);
    assert_eq!(reason(town.hours.verify_hour_chain(citizen("zhang", walk(0))).await), "NOT_PERMITTED");
}

async fn what_is_wrong_with_a_request_is_told_by_field(database: Database) {
    let mut town = open(&database).await;
    let day = proto::ListHourEntriesRequest { from_day: "2026-1-1".into(), ..list() };
    assert_eq!(field(town.hours.list_hour_entries(by("coordinator", TOWN, day)).await), "from_day");
    let name = proto::GetHourEntryRequest { name: "hourEntries/01".into() };
    assert_eq!(field(town.hours.get_hour_entry(by("coordinator", TOWN, name)).await), "name");
    let minutes = proto::CorrectHourEntryRequest { name: "hourEntries/1".into(), ..Default::default() };
    assert_eq!(field(town.hours.correct_hour_entry(by("coordinator", TOWN, minutes)).await), "minutes");
    let head = proto::GetHourEntryProofRequest { name: "hourEntries/2".into(), head_seq: 1 };
    assert_eq!(field(town.hours.get_hour_entry_proof(by("coordinator", TOWN, head)).await), "head_seq");
}

async fn an_award_is_given_by_the_corps_and_thanks_by_who_was_helped(database: Database) {
    let mut town = open(&database).await;
    let award = proto::GiveAwardRequest {
        volunteer: "volunteers/100000000016".into(),
        text: "十年如一日".into(),
        request_id: String::new(),
    };
    assert_eq!(reason(town.hours.give_award(citizen("li", award.clone())).await), "NOT_PERMITTED");
    let mut own = by("coordinator", TOWN, award.clone());
    own.metadata_mut().insert("subject", "zhang".parse().unwrap());
    assert_eq!(reason(town.hours.give_award(own).await), "AWARD_OWN");
    let given = town.hours.give_award(by("coordinator", TOWN, award)).await.unwrap().into_inner();
    let thank = proto::ThankVolunteerRequest {
        volunteer: "volunteers/100000000016".into(),
        need: format!("needs/{}", uuid::Uuid::now_v7()),
        text: "谢谢".into(),
        request_id: String::new(),
    };
    assert_eq!(reason(town.hours.thank_volunteer(citizen("li", thank)).await), "NOT_FOUND");
    let of = proto::ListHonoursRequest { volunteer: "volunteers/100000000016".into(), ..Default::default() };
    let listed = town.hours.list_honours(citizen("zhang", of.clone())).await.unwrap().into_inner();
    assert_eq!(listed.honours, [given]);
    assert_eq!(reason(town.hours.list_honours(citizen("li", of)).await), "NOT_FOUND");
}
