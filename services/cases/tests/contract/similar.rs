//! What may be about the same matter, the same on both databases.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_cases::domain::case::{Place, Submission};
use minqing_cases::domain::{search, similar};
use minqing_cases::store::search::Nearby;
use minqing_testkit::{Database, on_both_databases};

use super::search::{NOTHING, Raiser, new, places, start};

on_both_databases! {
    words_are_counted_in_the_newest_cases;
    candidates_have_the_words_and_lie_near;
    an_open_case_is_a_candidate_whatever_its_age;
}

async fn words_are_counted_in_the_newest_cases(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    assert_eq!(raiser.store.word_frequencies(&search::query("水管").unwrap()).await.unwrap().sample, 0);
    for title in ["水管破裂", "水管", "路灯"] {
        raiser.raise(new(title)).await;
    }
    let found = raiser.store.word_frequencies(&search::query("水管 破裂 路灯 大门").unwrap()).await.unwrap();
    assert_eq!(found.sample, 3);
    let counts: Vec<_> = found.counts.iter().map(|(word, count)| (word.as_str(), *count)).collect();
    assert_eq!(counts, [("水管", 2), ("破裂", 1), ("路灯", 1)]);
}

/// Where candidates are looked for, for a matter.
fn nearby(title: &str, places: &[String], since: DateTime<Utc>) -> Nearby {
    Nearby {
        words: similar::words_of(title, "").into_iter().collect(),
        places: places.to_vec(),
        within: vec![String::new()],
        hidden: Vec::new(),
        since,
        limit: 50,
    }
}

async fn candidates_have_the_words_and_lie_near(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    let near = (32.0, 119.57);
    for (title, code, position) in [
        ("水管破裂", "321181001001006", None),
        ("水管", "321181001001005", None),
        ("路灯", "321181001001005", None),
        ("水管破裂", "321181001002001", None),
        ("水管破裂", "321181001002001", Some((32.001, 119.57))),
        ("水管破裂", "321181001002001", Some((32.1, 119.57))),
    ] {
        let mut submission = new(title);
        submission.place = Place { code: code.parse().unwrap(), position, address: String::new() };
        raiser.raise(submission).await;
    }
    let village = search::area("321181001001").unwrap();
    let cells = search::cells_around(near, 300.0);
    let both: Vec<String> = cells.into_iter().chain([village.clone()]).collect();
    let candidates = |nearby: Nearby| {
        let store = raiser.store.clone();
        async move { places(store.cases_nearby(&nearby).await.unwrap().iter()) }
    };
    assert_eq!(candidates(nearby("水管破裂", std::slice::from_ref(&village), start())).await, [1, 2]);
    assert_eq!(candidates(nearby("水管破裂", &both, start())).await, [5, 1, 2]);
    assert_eq!(candidates(nearby("水管破裂", &[], start())).await, [6, 5, 4, 1, 2]);
    assert_eq!(candidates(Nearby { limit: 2, ..nearby("水管破裂", &[], start()) }).await, [6, 5]);
    let within = vec!["321181001002".to_owned()];
    assert_eq!(candidates(Nearby { within, ..nearby("水管破裂", &[], start()) }).await, [6, 5, 4]);
    let nowhere = Nearby { within: Vec::new(), ..nearby("水管破裂", &[], start()) };
    assert_eq!(candidates(nowhere).await, NOTHING);
    assert_eq!(candidates(nearby("", &[], start())).await, NOTHING);
}

async fn an_open_case_is_a_candidate_whatever_its_age(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    let open = raiser.raise(new("水管破裂")).await;
    let ended = raiser.raise(new("水管破裂")).await;
    raiser.reject(&ended.number).await;
    raiser.raised += 100;
    let late = raiser.raise(Submission { against: vec!["people/1".into()], ..new("水管") }).await;
    let since = late.create_time - TimeDelta::hours(24);
    let found = raiser.store.cases_nearby(&nearby("水管破裂", &[], since)).await.unwrap();
    assert_eq!(found.iter().map(|case| &case.number).collect::<Vec<_>>(), [&open.number, &late.number]);
    let hidden = Nearby { hidden: vec![search::against("people/1")], ..nearby("水管破裂", &[], since) };
    assert_eq!(raiser.store.cases_nearby(&hidden).await.unwrap().len(), 1);
    let all = raiser.store.cases_nearby(&nearby("水管破裂", &[], start())).await.unwrap();
    assert_eq!(places(all.iter()), [2, 1, 103]);
}
