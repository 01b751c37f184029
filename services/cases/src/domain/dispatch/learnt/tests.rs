//! What is learnt helps: on made-up cases that nobody could tell by the most frequent organization alone.

mod corpus;

use proptest::prelude::*;

use super::*;
use corpus::{Case, Corpus};

fn of(case: &Case) -> BTreeSet<Feature> {
    features(&case.text, Some(case.case_type), case.item.as_deref(), &case.place)
}

fn learnt(cases: &[Case]) -> Counts {
    let mut counts = Counts::default();
    for case in cases {
        counts.add(&case.organization, &of(case), 1);
    }
    counts
}

/// The share of cases whose organization is among the first `depth` suggestions.
fn accuracy(counts: &Counts, cases: &[Case], depth: usize) -> f64 {
    let right = |case: &&Case| {
        rank(counts, &of(case)).iter().take(depth).any(|ranked| ranked.organization == case.organization)
    };
    share(cases.iter().filter(right).count(), cases.len())
}

/// The share that the most frequent organization alone would get right.
fn baseline(counts: &Counts, cases: &[Case]) -> f64 {
    let most = counts.organizations.iter().max_by_key(|(_, cases)| **cases).unwrap().0;
    share(cases.iter().filter(|case| &case.organization == most).count(), cases.len())
}

fn share(part: usize, whole: usize) -> f64 {
    as_f64(i64::try_from(part).unwrap()) / as_f64(i64::try_from(whole).unwrap())
}

#[test]
fn suggestions_beat_the_most_frequent_organization_and_get_better_with_experience() {
    let mut corpus = Corpus::new(42);
    let (past, asked) = (corpus.cases(3_000), corpus.cases(500));
    let few = learnt(&past[..100]);
    let some = learnt(&past[..600]);
    let many = learnt(&past);
    let [early, later, last] = [&few, &some, &many].map(|counts| accuracy(counts, &asked, 1));
    let (top, simple) = (accuracy(&many, &asked, 3), baseline(&many, &asked));
    println!(
        "most frequent {simple:.2}; after 100 cases {early:.2}, 600 {later:.2}, 3,000 {last:.2}; first three {top:.2}"
    );
    assert!(early > simple && later > early && last >= later, "{simple} {early} {later} {last}");
    // One case in twenty went to whatever organization, so that nobody can be right on more than about 0.95.
    assert!(last > simple + 0.5 && last > 0.8, "{simple} {last}");
    assert!(top > last && top > 0.9, "{top}");
}

#[test]
fn what_is_sure_is_right_as_often_as_it_says() {
    let mut corpus = Corpus::new(7);
    let counts = learnt(&corpus.cases(2_000));
    let asked = corpus.cases(1_000);
    let firsts: Vec<(f64, bool)> = asked
        .iter()
        .map(|case| {
            let first = rank(&counts, &of(case)).swap_remove(0);
            (first.confidence, first.organization == case.organization)
        })
        .collect();
    let sure: Vec<_> = firsts.iter().filter(|(confidence, _)| *confidence >= 0.9).collect();
    let right = share(sure.iter().filter(|(_, right)| *right).count(), sure.len());
    println!("{} of {} are sure, of them right {right:.2}", sure.len(), firsts.len());
    assert!(sure.len() > firsts.len() / 5, "{} sure ones", sure.len());
    assert!(right >= 0.9, "{right}");
}

#[test]
fn little_experience_is_little_sure_and_none_suggests_nothing() {
    let case = Corpus::new(1).cases(1).remove(0);
    assert_eq!(rank(&Counts::default(), &of(&case)), []);
    let counts = learnt(std::slice::from_ref(&case));
    let ranked = rank(&counts, &of(&case));
    assert!(ranked[0].confidence < 0.5, "{ranked:?}");
    // The very same case six times is another matter.
    let counts = learnt(&vec![case.clone(); 60]);
    assert!(rank(&counts, &of(&case))[0].confidence > 0.9);
}

#[test]
fn the_place_tells_one_town_from_another() {
    let mut counts = Counts::default();
    for (town, organization) in [("321181100", "organizations/a"), ("321181101", "organizations/b")] {
        for village in 200..220 {
            let place = format!("{town}{village}").parse().unwrap();
            counts.add(organization, &features("村里道路破损，垃圾无人清理", None, None, &place), 1);
        }
    }
    let asked = features("道路破损", None, None, &"321181101300".parse().unwrap());
    let ranked = rank(&counts, &asked);
    assert_eq!(ranked[0].organization, "organizations/b");
    assert!(ranked[0].confidence > 0.6, "{ranked:?}");
    assert_eq!(ranked[0].evidence[0].feature, Feature::Place("321181101".into()));
    assert_eq!((ranked[0].evidence[0].cases, ranked[0].cases), (20, 20));
}

#[test]
fn the_reason_tells_words_and_how_often_they_occurred() {
    let mut counts = Counts::default();
    let place = "321181100".parse().unwrap();
    for _ in 0..5 {
        counts.add("organizations/water", &features("水管漏水", None, None, &place), 1);
        counts.add("organizations/road", &features("路面塌陷", None, None, &place), 1);
    }
    let ranked = rank(&counts, &features("家里水管坏了", None, None, &place));
    assert_eq!(ranked[0].reason(), "it had 5 cases before; among them word 水管 in 5");
}

proptest! {
    #[test]
    fn confidences_are_shares_of_one_and_sorted(seed in any::<u64>(), learn in 0..60_usize) {
        let mut corpus = Corpus::new(seed);
        let counts = learnt(&corpus.cases(learn));
        let ranked = rank(&counts, &of(&corpus.cases(1)[0]));
        prop_assert_eq!(ranked.len(), counts.organizations.len());
        prop_assert!(ranked.iter().map(|ranked| ranked.confidence).sum::<f64>() < 1.0);
        prop_assert!(ranked.iter().all(|ranked| ranked.confidence > 0.0 && ranked.evidence.len() <= EVIDENCE_MAX));
        prop_assert!(ranked.is_sorted_by(|one, next| one.confidence >= next.confidence));
    }

    #[test]
    fn what_is_unlearnt_is_as_if_it_had_never_been_learnt(seed in any::<u64>()) {
        let mut corpus = Corpus::new(seed);
        let (kept, returned) = (corpus.cases(20), corpus.cases(5));
        let mut counts = learnt(&kept);
        for case in &returned {
            counts.add(&case.organization, &of(case), 1);
        }
        for case in &returned {
            counts.add(&case.organization, &of(case), -1);
        }
        counts.organizations.retain(|_, cases| *cases != 0);
        for of in counts.features.values_mut() {
            of.retain(|_, cases| *cases != 0);
        }
        counts.features.retain(|_, of| !of.is_empty());
        prop_assert_eq!(counts, learnt(&kept));
    }

    #[test]
    fn a_feature_is_read_back_from_its_text(word in "[一-龥a-z]{1,6}", code in "[0-9]{9}", kind in 0..4_usize) {
        let features = [
            Feature::Word(word.clone()), Feature::Place(code), Feature::Item(format!("items/{word}")),
            Feature::Type(CaseType::Help),
        ];
        prop_assert_eq!(Feature::of(&features[kind].text()), Some(features[kind].clone()));
    }
}
