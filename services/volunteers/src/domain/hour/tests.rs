use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::chain::{Fault, Head, digest, head_by_proof, walk};
use super::level::{Scale, Scales};
use super::*;

fn noon() -> DateTime<Utc> {
    "2026-03-02T04:00:00Z".parse().unwrap()
}

fn new(volunteer: &str, from: i64, minutes: u32) -> NewEntry {
    let from = noon() + TimeDelta::minutes(from);
    NewEntry {
        volunteer: volunteer.into(),
        team: "team".into(),
        post: "post".into(),
        activity: Some("activity".into()),
        shift: None,
        need: None,
        division_code: "321181100".into(),
        from,
        to: from + TimeDelta::minutes(minutes.into()),
        minutes,
        source: Source::CheckIn,
        recorder: "people/1".into(),
        certifier: "people/2".into(),
    }
}

fn entries(count: i64) -> (Head, Vec<Entry>) {
    let mut head = Head::EMPTY;
    let entries = head.append((0..count).map(|at| facts(&new("v1", at * 60, 30), noon())));
    (head, entries)
}

/// Every change of one field there is, by its number.
fn changed(facts: &Facts, field: usize) -> Option<Facts> {
    let mut other = facts.clone();
    match field {
        0 => other.volunteer.push('x'),
        1 => other.team.push('x'),
        2 => other.post.push('x'),
        3 => other.activity = None,
        4 => other.shift = Some(String::new()),
        5 => other.need = Some("n".into()),
        6 => other.division_code.push('1'),
        7 => other.from -= TimeDelta::microseconds(1),
        8 => other.to += TimeDelta::microseconds(1),
        9 => other.minutes += 1,
        10 => other.source = Source::SelfReport,
        11 => other.corrects = Some(1),
        12 => other.reason.push('x'),
        13 => other.recorder.push('x'),
        14 => other.certifier.push('x'),
        15 => other.record_time += TimeDelta::microseconds(1),
        _ => return None,
    }
    Some(other)
}

#[test]
fn a_change_of_any_field_of_any_entry_is_found_where_it_is() {
    let (_, entries) = entries(5);
    for place in 0..entries.len() {
        for field in 0.. {
            let mut tampered = entries.clone();
            let Some(other) = changed(&tampered[place].facts, field) else { break };
            tampered[place].facts = other;
            let faults = walk(&mut { Head::EMPTY }, &tampered);
            assert_eq!(faults, [Fault::Hash(tampered[place].seq)], "field {field}");
        }
    }
}

#[test]
fn an_entry_that_was_taken_out_or_moved_is_found() {
    let (_, mut gone) = entries(5);
    gone.remove(2);
    assert_eq!(walk(&mut { Head::EMPTY }, &gone), [Fault::Gap(4)]);
    let (_, mut moved) = entries(5);
    let (one, other) = (moved[1].facts.clone(), moved[2].facts.clone());
    (moved[1].facts, moved[2].facts) = (other, one);
    assert_eq!(walk(&mut { Head::EMPTY }, &moved), [Fault::Hash(2), Fault::Hash(3)]);
}

#[test]
fn a_text_that_moves_to_the_next_field_is_another_entry() {
    let mut one = facts(&new("v1", 0, 30), noon());
    let mut other = one.clone();
    (one.team, one.post) = ("ab".into(), "c".into());
    (other.team, other.post) = ("a".into(), "bc".into());
    assert_ne!(digest(&one), digest(&other));
}

#[test]
fn an_entry_is_shown_to_be_in_the_chain_by_the_digests_of_the_others() {
    let (head, entries) = entries(9);
    for (place, entry) in entries.iter().enumerate() {
        let before = place
            .checked_sub(1)
            .map_or(Head::EMPTY, |at| Head { seq: entries[at].seq, hash: entries[at].hash });
        let after: Vec<_> = entries[place + 1..].iter().map(|entry| digest(&entry.facts)).collect();
        assert_eq!(head_by_proof(before, &entry.facts, &after), head);
        let other = changed(&entry.facts, 9).unwrap();
        assert_ne!(head_by_proof(before, &other, &after), head);
    }
}

#[test]
fn what_is_not_over_or_counts_more_than_passed_is_refused() {
    let now = noon() + TimeDelta::hours(1);
    let reason = |new: &NewEntry| check(new, now).map_err(|refusal| refusal.reason);
    assert_eq!(reason(&new("v", 0, 60)), Ok(()));
    assert_eq!(reason(&new("v", 1, 60)), Err("HOURS_NOT_OVER"));
    assert_eq!(reason(&NewEntry { minutes: 61, ..new("v", 0, 60) }), Err("HOURS_MINUTES"));
    assert_eq!(reason(&NewEntry { minutes: 0, ..new("v", 0, 60) }), Err("HOURS_MINUTES"));
    assert_eq!(reason(&new("v", 0, 0)), Err("HOURS_SPAN"));
    assert_eq!(reason(&new("v", -3_000, 1_441)), Err("HOURS_SPAN"));
    assert_eq!(reason(&NewEntry { source: Source::Correction, ..new("v", 0, 60) }), Err("HOURS_SOURCE"));
}

#[test]
fn a_correction_leaves_neither_less_than_none_nor_more_than_passed() {
    let (_, entries) = entries(1);
    let by = |minutes, recorder: &str, counted| {
        let new = NewCorrection { of: 1, minutes, reason: "why".into(), recorder: recorder.into() };
        correct(&entries[0], counted, Some("people/7"), &new, noon()).map_err(|refusal| refusal.reason)
    };
    assert_eq!(by(-30, "people/9", 30).unwrap().minutes, -30);
    assert_eq!(by(-31, "people/9", 30).unwrap_err(), "HOURS_MINUTES");
    assert_eq!(by(0, "people/9", 30).unwrap_err(), "HOURS_MINUTES");
    assert_eq!(by(1, "people/9", 30).unwrap_err(), "HOURS_MINUTES");
    assert_eq!(by(i64::MAX, "people/9", 30).unwrap_err(), "HOURS_MINUTES");
    assert_eq!(by(-1, "people/7", 30).unwrap_err(), "CORRECTION_OWN");
    let facts = by(-5, "people/9", 30).unwrap();
    let correction = Entry { seq: 2, facts, hash: [1; 32] };
    let again = NewCorrection { of: 2, minutes: 5, reason: "why".into(), recorder: "people/9".into() };
    let refused = correct(&correction, 25, None, &again, noon()).unwrap_err();
    assert_eq!(refused.reason, "CORRECTION_OF_CORRECTION");
}

#[test]
fn a_level_begins_at_its_hours_and_by_the_scale_of_the_day() {
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    let scale = |from, hours: &[u32]| Scale { from: day(from), hours: hours.to_vec() };
    let scales = Scales::try_from(vec![
        scale("2020-01-01", &[100, 300, 600, 1_000, 1_500]),
        scale("2026-01-01", &[50]),
    ])
    .unwrap();
    let standing = |hours: i64, on| {
        let standing = scales.standing(hours * 60, day(on));
        (standing.level, standing.minutes_to_next.map(|minutes| minutes / 60))
    };
    assert_eq!(standing(99, "2025-12-31"), (0, Some(1)));
    assert_eq!(standing(100, "2025-12-31"), (1, Some(200)));
    assert_eq!(standing(1_500, "2025-12-31"), (5, None));
    assert_eq!(standing(99, "2026-01-01"), (1, None));
    assert_eq!(standing(99, "2019-12-31"), (0, None));
    assert!(Scales::try_from(vec![scale("2020-01-01", &[100, 100])]).is_err());
    assert!(Scales::try_from(Vec::new()).is_err());
}

proptest! {
    #[test]
    fn two_of_a_batch_overlap_exactly_when_some_minute_is_in_both(
        spans in prop::collection::vec((0..2_u8, 0..300_i64, 1..60_u32), 0..8)
    ) {
        let batch: Vec<NewEntry> = spans.iter().map(|(who, from, minutes)| new(&format!("v{who}"), *from, *minutes)).collect();
        let both = |a: &NewEntry, b: &NewEntry| a.volunteer == b.volunteer && a.from < b.to && b.from < a.to;
        let expected = (0..batch.len()).any(|a| (a + 1..batch.len()).any(|b| both(&batch[a], &batch[b])));
        prop_assert_eq!(overlap(&batch).is_some(), expected);
        if let Some((a, b)) = overlap(&batch) {
            prop_assert!(both(a, b));
        }
    }

    #[test]
    fn a_chain_appended_in_any_batches_is_the_same_and_whole(cut in 0..20_usize) {
        let (whole, all) = entries(20);
        let mut head = Head::EMPTY;
        let mut parts = head.append(all[..cut].iter().map(|entry| entry.facts.clone()));
        parts.extend(head.append(all[cut..].iter().map(|entry| entry.facts.clone())));
        prop_assert_eq!(head, whole);
        prop_assert_eq!(&parts, &all);
        let mut head = Head::EMPTY;
        prop_assert!(walk(&mut head, &parts).is_empty());
    }
}
