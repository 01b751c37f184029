//! The rules of fitting and of changing records.

use chrono::{DateTime, Days, NaiveDate, Utc};
use minqing_platform::error::Refusal;
use minqing_platform::period::Period;
use proptest::prelude::*;

use super::*;
use crate::domain::need::Risk;
use crate::domain::post::{Category, Post};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn today() -> NaiveDate {
    day("2026-03-02")
}

fn now() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

/// A verified adult, insured for a year, with nothing against them.
fn volunteer() -> Volunteer {
    Volunteer {
        number: "100000000007".to_owned(),
        account: Some("test#li".to_owned()),
        person: None,
        real_name: RealName::Verified,
        verification: None,
        birth_date: day("1990-05-17"),
        skills: vec!["急救".to_owned()],
        languages: vec!["普通话".to_owned()],
        availability: Availability::default(),
        health_limits: Vec::new(),
        guardian_consent: None,
        insured_until: Some(day("2027-01-01")),
        insurance: "意外险".to_owned(),
        home: "321181100".parse().unwrap(),
        state: State::Active,
        state_reason: String::new(),
        version: 1,
        create_time: now(),
        update_time: now(),
    }
}

/// A post that asks for nothing but a grown-up.
fn post() -> Post {
    Post {
        id: "mediator".to_owned(),
        category: Category::SocialHarmony,
        display_name: "矛盾调解员".to_owned(),
        english_name: "Mediator".to_owned(),
        skills: Vec::new(),
        requirements: String::new(),
        risk: Risk::Low,
        age_min: 18,
        age_max: None,
        insurance: false,
        strains: Vec::new(),
        version: 1,
        effective: Period::since(day("2026-01-01")),
    }
}

fn reason<T: std::fmt::Debug>(result: Result<T, Refusal>) -> &'static str {
    result.map(drop).map_or_else(|refusal| refusal.reason, |()| "")
}

fn happen(old: &Volunteer, act: &Act) -> Result<Volunteer, Refusal> {
    decide(old, act, "people/coordinator", now(), today()).map(|(new, _, _)| new)
}

#[test]
fn whoever_has_nothing_against_them_fits() {
    assert_eq!(reason(fit(&volunteer(), &post(), today())), "");
}

#[test]
fn each_rule_is_told_by_its_name() {
    let base = volunteer();
    let left = Volunteer { state: State::Left, ..base.clone() };
    let suspended = Volunteer { state: State::Suspended, ..base.clone() };
    let unknown = Volunteer { real_name: RealName::Declared, ..base.clone() };
    let uninsured = Volunteer { insured_until: None, ..base.clone() };
    let lame = Volunteer { health_limits: vec![Strain::Heights], ..base.clone() };
    let risky = Post { risk: Risk::High, ..post() };
    let asked = Post { insurance: true, ..post() };
    let high = Post { strains: vec![Strain::Heights, Strain::Night], ..post() };
    let ended = Post { effective: Period { from: day("2026-01-01"), to: Some(today()) }, ..post() };
    let old = Post { age_min: 36, ..post() };
    let young = Post { age_max: Some(34), ..post() };
    for (volunteer, post, expected) in [
        (&left, post(), "VOLUNTEER_LEFT"),
        (&suspended, post(), "VOLUNTEER_SUSPENDED"),
        (&unknown, post(), "REAL_NAME_NOT_VERIFIED"),
        (&base, ended, "POST_NOT_IN_FORCE"),
        (&base, old, "TOO_YOUNG"),
        (&base, young, "TOO_OLD"),
        (&lame, high, "HEALTH_LIMIT"),
        (&uninsured, risky.clone(), "INSURANCE_MISSING"),
        (&uninsured, asked, "INSURANCE_MISSING"),
        (&base, risky, ""),
    ] {
        assert_eq!(reason(fit(volunteer, &post, today())), expected);
    }
}

#[test]
fn a_minor_serves_with_a_guardians_consent_only_and_an_adult_needs_none() {
    let youth = Post { age_min: 14, ..post() };
    // Eighteen on the day after.
    let minor = Volunteer { birth_date: day("2008-03-03"), ..volunteer() };
    assert_eq!(reason(fit(&minor, &youth, today())), "GUARDIAN_CONSENT_MISSING");
    assert_eq!(reason(fit(&minor, &youth, day("2026-03-03"))), "");
    let agreed = happen(&minor, &Act::Consent(day("2026-03-03"), "signed paper".to_owned())).unwrap();
    assert_eq!(reason(fit(&agreed, &youth, today())), "");
    let grown = happen(&volunteer(), &Act::Consent(day("2026-03-03"), "signed paper".to_owned()));
    assert_eq!(reason(grown), "NOT_A_MINOR");
    assert_eq!(
        reason(happen(&minor, &Act::Consent(today(), "signed paper".to_owned()))),
        "ENDS_BEFORE_IT_BEGINS"
    );
}

#[test]
fn another_name_must_be_verified_again_and_a_verified_identity_number_stays() {
    let renamed = Changes { renamed: true, ..Changes::default() };
    let new = happen(&volunteer(), &Act::Change(renamed)).unwrap();
    assert_eq!((new.real_name, new.verification), (RealName::Declared, None));
    let number = Changes { birth_date: Some(day("1980-01-01")), ..Changes::default() };
    assert_eq!(reason(happen(&volunteer(), &Act::Change(number.clone()))), "REAL_NAME_VERIFIED");
    let declared = Volunteer { real_name: RealName::Declared, ..volunteer() };
    assert_eq!(happen(&declared, &Act::Change(number)).unwrap().birth_date, day("1980-01-01"));
    let seen = happen(&declared, &Act::Verify("身份证".to_owned())).unwrap();
    assert_eq!(seen.real_name, RealName::Verified);
    assert_eq!(seen.verification.unwrap().by, "people/coordinator");
}

#[test]
fn leaving_strikes_out_what_served_planning_only_and_ends_all_changes_but_coming_back() {
    let left = happen(&volunteer(), &Act::Leave).unwrap();
    assert_eq!((left.skills.len(), left.languages.len(), left.health_limits.len()), (0, 0, 0));
    assert_eq!(left.number, volunteer().number);
    for act in [
        Act::Leave,
        Act::Change(Changes::default()),
        Act::Suspend("late".to_owned()),
        Act::Verify("card".to_owned()),
        Act::Insure(day("2027-01-01"), "policy".to_owned()),
    ] {
        assert_eq!(reason(happen(&left, &act)), "VOLUNTEER_LEFT", "{act:?}");
    }
    assert_eq!(happen(&left, &Act::Reinstate).unwrap().state, State::Active);
    assert_eq!(reason(happen(&volunteer(), &Act::Reinstate)), "VOLUNTEER_ACTIVE");
}

#[test]
fn a_single_day_stands_against_the_week() {
    let monday = Weekly { weekday: 1, from: 8 * 60, to: 12 * 60 };
    let away = Dated { date: today(), from: 9 * 60, to: 10 * 60, available: false };
    let evening = Dated { date: today(), from: 19 * 60, to: 20 * 60, available: true };
    let week = Availability { weekly: vec![monday], dated: Vec::new() };
    assert!(week.covers(today(), 8 * 60, 12 * 60) && !week.covers(today(), 8 * 60, 12 * 60 + 1));
    assert!(!week.covers(day("2026-03-03"), 8 * 60, 9 * 60));
    let exact = Availability { weekly: vec![monday], dated: vec![away, evening] };
    assert!(exact.covers(today(), 8 * 60, 9 * 60) && !exact.covers(today(), 8 * 60, 9 * 60 + 1));
    assert!(exact.covers(today(), 10 * 60, 12 * 60) && exact.covers(today(), 19 * 60, 20 * 60));
    assert!(Availability::default().covers(today(), 0, DAY_MINUTES));
}

#[test]
fn personal_data_does_not_show_in_a_debug_print_and_is_masked() {
    let guardian =
        Guardian { display_name: "李母".into(), relation: "母亲".into(), phone: "+8613812345678".into() };
    let personal = Personal {
        display_name: "李小明".to_owned(),
        identity_number: "11010519491231002X".to_owned(),
        phone: "+8613912345678".to_owned(),
        guardian: Some(guardian),
    };
    let printed = format!("{personal:?} {:?}", personal.guardian);
    assert!(!printed.contains("李") && !printed.contains("1949") && !printed.contains("139"), "{printed}");
    let masked = personal.masked(true);
    assert_eq!(masked.display_name, "李*");
    assert_eq!(masked.phone, "139****5678");
    assert!(!masked.identity_number.contains("19491231"));
    assert_eq!(personal.masked(false).display_name, "李小明");
}

fn strains() -> impl Strategy<Value = Vec<Strain>> {
    proptest::sample::subsequence(Strain::ALL.to_vec(), 0..=Strain::ALL.len())
}

prop_compose! {
    fn any_volunteer()(
        born in 0_u64..36_500,
        state in proptest::sample::select(State::ALL.to_vec()),
        real_name in proptest::sample::select(RealName::ALL.to_vec()),
        consent in proptest::option::of(0_u64..800),
        insured in proptest::option::of(0_u64..800),
        health_limits in strains(),
    ) -> Volunteer {
        let later = |days: u64| day("2025-06-01").checked_add_days(Days::new(days)).unwrap();
        let noted = Noted { by: "people/c".to_owned(), time: now(), evidence: "paper".to_owned() };
        Volunteer {
            birth_date: today().checked_sub_days(Days::new(born)).unwrap(),
            state,
            real_name,
            guardian_consent: consent.map(|days| Consent { until: later(days), noted }),
            insured_until: insured.map(later),
            health_limits,
            ..volunteer()
        }
    }
}

prop_compose! {
    fn any_post()(
        risk in proptest::sample::select(Risk::ALL.to_vec()),
        age_min in 8_u32..70,
        span in proptest::option::of(0_u32..60),
        insurance: bool,
        strains in strains(),
    ) -> Post {
        Post { risk, age_min, age_max: span.map(|span| age_min + span), insurance, strains, ..post() }
    }
}

proptest! {
    /// Whoever fits satisfies every rule, as an independent reading of the rules finds; and whoever does not breaks one.
    #[test]
    fn somebody_fits_exactly_when_every_rule_holds(volunteer in any_volunteer(), post in any_post()) {
        let years = (0..200)
            .take_while(|years| {
                volunteer.birth_date.checked_add_months(chrono::Months::new(12 * (years + 1)))
                    .is_some_and(|birthday| birthday <= today())
            })
            .count();
        let years = u32::try_from(years).unwrap();
        let holds = volunteer.state == State::Active
            && volunteer.real_name == RealName::Verified
            && years >= post.age_min
            && post.age_max.is_none_or(|most| years <= most)
            && (years >= 18 || volunteer.guardian_consent.as_ref().is_some_and(|consent| consent.until > today()))
            && !post.strains.iter().any(|strain| volunteer.health_limits.contains(strain))
            && (!(post.insurance || post.risk == Risk::High)
                || volunteer.insured_until.is_some_and(|until| until > today()));
        prop_assert_eq!(fit(&volunteer, &post, today()).is_ok(), holds);
    }

    /// Insurance, consent and verification never keep somebody from serving who could before.
    #[test]
    fn what_the_corps_records_in_favour_of_somebody_never_takes_a_post_away(
        volunteer in any_volunteer(),
        post in any_post(),
    ) {
        let fitted = fit(&volunteer, &post, today()).is_ok();
        let later = day("2030-01-01");
        for act in [
            Act::Verify("card".to_owned()),
            Act::Consent(later, "paper".to_owned()),
            Act::Insure(later, "policy".to_owned()),
        ] {
            if let Ok(new) = happen(&volunteer, &act) {
                prop_assert!(!fitted || fit(&new, &post, today()).is_ok());
                prop_assert_eq!(new.version, volunteer.version + 1);
            }
        }
    }

    #[test]
    fn nobody_suspended_or_left_fits_anything(volunteer in any_volunteer(), post in any_post()) {
        prop_assume!(volunteer.state == State::Active);
        for act in [Act::Suspend("reason".to_owned()), Act::Leave] {
            let new = happen(&volunteer, &act).unwrap();
            prop_assert!(fit(&new, &post, today()).is_err());
        }
    }
}
