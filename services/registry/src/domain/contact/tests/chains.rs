use crate::domain::contact::{Acting, Kind, Level, Link, Links, Officer, Station, Trace, resolve};

fn officer(name: &str) -> Officer {
    Officer { name: format!("people/{name}"), display_name: name.into() }
}

fn station(level: Level, area: &str, names: &[&str]) -> Station {
    Station { level, area: area.parse().unwrap(), officers: names.iter().map(|name| officer(name)).collect() }
}

#[test]
fn a_vacancy_falls_to_the_next_above_that_is_not_vacant() {
    let answers = resolve([
        station(Level::City, "321181", &["市"]),
        station(Level::Member, "321181100201001", &[]),
        station(Level::Backbone, "321181100201001", &[]),
        station(Level::Lead, "321181100201001", &["甲", "乙", "甲"]),
        station(Level::Village, "321181100201", &[]),
        station(Level::Town, "321181100", &["镇"]),
    ]);
    let levels: Vec<Level> = answers.iter().map(|answer| answer.level).collect();
    assert_eq!(
        levels,
        [Level::Member, Level::Backbone, Level::Lead, Level::Village, Level::Town, Level::City]
    );
    let lead = Acting { level: Level::Lead, officers: vec![officer("乙"), officer("甲")] };
    assert!(answers[0].is_vacant());
    assert_eq!(answers[0].acting, Some(lead.clone()));
    assert_eq!(answers[1].acting, Some(lead.clone()));
    assert_eq!((answers[2].officers.clone(), &answers[2].acting), (lead.officers, &None));
    assert_eq!(answers[3].acting.as_ref().unwrap().level, Level::Town);
    assert_eq!(answers[5].acting, None);
}

#[test]
fn with_everything_vacant_no_one_stands_in() {
    let answers = resolve([station(Level::Town, "321181100", &[]), station(Level::City, "321181", &[])]);
    assert!(answers.iter().all(|answer| answer.is_vacant() && answer.acting.is_none()));
}

#[test]
fn the_links_are_followed_from_the_household_up() {
    let link =
        |kind, subject: &str, contact: &str| Link { kind, subject: subject.into(), contact: contact.into() };
    let links: Links = [
        link(Kind::HouseholdToMember, "h1", "m"),
        link(Kind::MemberToBackbone, "m", "b"),
        link(Kind::BackboneToLead, "b", "l"),
        link(Kind::HouseholdToMember, "h2", "x"),
    ]
    .into_iter()
    .collect();
    assert_eq!(links.trace("h1"), Trace { member: Some("m"), backbone: Some("b"), lead: Some("l") });
    assert_eq!(links.trace("h2"), Trace { member: Some("x"), ..Trace::default() });
    assert_eq!(links.trace("h3"), Trace::default());
}
