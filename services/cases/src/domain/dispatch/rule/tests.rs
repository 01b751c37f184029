//! Which rule is the first.

use proptest::prelude::*;

use super::*;

fn rule(id: &str, change: impl FnOnce(&mut Rule)) -> Rule {
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let facts = Facts {
        display_name: "规则".into(),
        priority: 0,
        case_types: Vec::new(),
        item: None,
        function: String::new(),
        keywords: Vec::new(),
        outcome: Outcome::Organization(format!("organizations/{id}")),
    };
    let mut rule = Rule {
        id: id.into(),
        division: "321181".parse().unwrap(),
        facts,
        create_time: now,
        update_time: now,
        version: 1,
    };
    change(&mut rule);
    rule
}

fn matter() -> Matter {
    let place = "321181100201001".parse().unwrap();
    Matter::new("小区停水，ＥＴＣ坏了", Some(CaseType::Help), Some("items/water".into()), "供水", place)
}

fn applies(change: impl FnOnce(&mut Rule)) -> bool {
    first(&matter(), &[rule("a", change)]).is_some()
}

#[test]
fn a_rule_applies_when_every_condition_is_met() {
    assert!(applies(|_| {}));
    assert!(applies(|rule| rule.division = "321181100201001".parse().unwrap()));
    assert!(!applies(|rule| rule.division = "321181101".parse().unwrap()));
    assert!(applies(|rule| rule.facts.case_types = vec![CaseType::Help, CaseType::Complaint]));
    assert!(!applies(|rule| rule.facts.case_types = vec![CaseType::Complaint]));
    assert!(applies(|rule| rule.facts.item = Some("items/water".into())));
    assert!(!applies(|rule| rule.facts.item = Some("items/gas".into())));
    assert!(applies(|rule| rule.facts.function = "供水".into()));
    assert!(!applies(|rule| rule.facts.function = "供气".into()));
    assert!(!applies(|rule| {
        rule.facts.function = "供水".into();
        rule.facts.keywords = vec!["停电".into()];
    }));
}

#[test]
fn a_keyword_is_found_whatever_its_width_and_latin_ones_as_whole_words() {
    let found = |keyword: &str| applies(|rule| rule.facts.keywords = vec!["停电".into(), keyword.into()]);
    assert!(found("停水") && found("ETC") && found("ｅｔｃ") && found("区停"));
    assert!(!found("et") && !found("tc") && !found("停水了") && !found("！"));
}

#[test]
fn what_is_not_known_of_a_matter_meets_no_condition() {
    let unknown = Matter::new("", None, None, "", "321181".parse().unwrap());
    let with = |change: fn(&mut Rule)| first(&unknown, &[rule("a", change)]).is_some();
    assert!(with(|_| {}));
    assert!(!with(|rule| rule.facts.case_types = vec![CaseType::Help]));
    assert!(!with(|rule| rule.facts.item = Some("items/x".into())));
    assert!(!with(|rule| rule.facts.function = "供水".into()));
    // The place is known only as far as the city: a rule of one town does not decide for all.
    assert!(!with(|rule| rule.division = "321181100".parse().unwrap()));
}

#[test]
fn the_smaller_priority_goes_first_and_of_equal_ones_the_more_specific() {
    let rules = [
        rule("z-type", |rule| rule.facts.case_types = vec![CaseType::Help]),
        rule("y-any", |_| {}),
        rule("x-any", |_| {}),
        rule("w-keyword", |rule| rule.facts.keywords = vec!["停水".into()]),
        rule("v-village", |rule| rule.division = "321181100201".parse().unwrap()),
        rule("u-function", |rule| rule.facts.function = "供水".into()),
        rule("t-item", |rule| rule.facts.item = Some("items/water".into())),
        rule("s-late", |rule| {
            rule.facts.item = Some("items/water".into());
            rule.facts.priority = 1;
        }),
        rule("r-other", |rule| rule.facts.keywords = vec!["停电".into()]),
    ];
    let order: Vec<_> = matching(&matter(), &rules).iter().map(|found| found.rule.id.as_str()).collect();
    let expected = ["t-item", "u-function", "w-keyword", "v-village", "z-type", "x-any", "y-any", "s-late"];
    assert_eq!(order, expected);
}

#[test]
fn the_reason_names_the_rule_and_the_conditions_that_were_met() {
    let rules = [rule("water", |rule| {
        rule.facts.display_name = "停水派水务".into();
        rule.facts.keywords = vec!["停电".into(), "停水".into()];
        rule.facts.case_types = vec![CaseType::Help];
    })];
    let reason = first(&matter(), &rules).unwrap().reason;
    assert_eq!(reason, "rule water (停水派水务): keyword 停水, type help, place 321181");
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let one = (0..3_i32, any::<bool>(), any::<bool>(), any::<bool>(), 0..3_usize);
    prop::collection::vec(one, 0..12).prop_map(|all| {
        let places = ["321181", "321181100", "321181101"];
        let build = |(number, (priority, item, function, keyword, place)): (
            usize,
            (i32, bool, bool, bool, usize),
        )| {
            rule(&format!("r{number:02}"), |rule| {
                rule.facts.priority = priority;
                rule.facts.item = item.then(|| "items/water".into());
                rule.facts.function = if function { "供水".into() } else { String::new() };
                rule.facts.keywords = if keyword { vec!["停水".into()] } else { Vec::new() };
                rule.division = places[place].parse().unwrap();
            })
        };
        all.into_iter().enumerate().map(build).collect()
    })
}

proptest! {
    #[test]
    fn the_same_rule_decides_in_whichever_order_the_rules_came(
        (rules, shuffled) in rules().prop_flat_map(|rules| (Just(rules.clone()), Just(rules).prop_shuffle())),
    ) {
        let ids = |rules: &[Rule]| -> Vec<String> {
            matching(&matter(), rules).iter().map(|found| found.rule.id.clone()).collect()
        };
        prop_assert_eq!(ids(&rules), ids(&shuffled));
        let least = rules.iter().filter(|rule| rule.division.contains(&matter().place)).map(|rule| rule.facts.priority).min();
        prop_assert_eq!(first(&matter(), &rules).map(|found| found.rule.facts.priority), least);
    }
}
