//! The volunteer corps of the demo: in each town a few teams, each of one post, with a leader and members.
//!
//! They are people of the demo who are in the contact chain of their town's first village, so that each can be signed in as:
//! `minqing token --role citizen --person member-321181001001001-0`.

use std::collections::BTreeMap;

use minqing_proto::registry::v1::CreatePersonRequest;
use minqing_proto::volunteers::v1 as proto;

/// What the teams of each town do: the post, what the team is called, and what its members can do.
const TEAMS: [(&str, &str, &[&str]); 3] = [
    ("elder-companion", "助老陪护队", &["护理", "沟通"]),
    ("errand-agent", "帮办代办队", &["办事流程", "电脑"]),
    ("civic-patrol", "治安巡逻队", &["巡逻", "急救"]),
];

/// People of a team, its leader with them.
pub const PEOPLE_A_TEAM: usize = 4;

/// Needs that a team can have at a time.
const CAPACITY: i32 = 3;

/// Far enough for any demo. It must be the same each time the city is loaded.
const INSURED_UNTIL: &str = "2099-01-01";

/// The teams, in the order of the towns.
pub fn teams(towns: &[(String, String)]) -> Vec<proto::CreateTeamRequest> {
    let of_town = |(code, name): &(String, String)| {
        TEAMS.map(|(post, kind, _)| proto::CreateTeamRequest {
            team: Some(proto::Team {
                display_name: format!("{name}{kind}"),
                post: format!("posts/{post}"),
                division_code: code.clone(),
                capacity: CAPACITY,
                ..Default::default()
            }),
            team_id: format!("{post}-{code}"),
            ..Default::default()
        })
    };
    towns.iter().flat_map(of_town).collect()
}

/// Who belongs to the teams, in their order: of each team the leader first. They are found among the people of the demo.
pub fn members(
    teams: &[proto::CreateTeamRequest],
    people: &[CreatePersonRequest],
    inhabited: &[String],
) -> Vec<proto::VolunteerEntry> {
    let people: BTreeMap<&str, &CreatePersonRequest> =
        people.iter().map(|person| (person.person_id.as_str(), person)).collect();
    let mut all = Vec::with_capacity(teams.len() * PEOPLE_A_TEAM);
    for (index, request) in teams.iter().enumerate() {
        let (_, _, skills) = TEAMS[index % TEAMS.len()];
        let Some(team) = &request.team else { continue };
        let Some(grid) = inhabited.iter().find(|grid| grid.starts_with(&team.division_code)) else {
            continue;
        };
        let first = index % TEAMS.len() * PEOPLE_A_TEAM;
        for number in first..first + PEOPLE_A_TEAM {
            let id = format!("member-{grid}-{number}");
            let Some(person) = people.get(id.as_str()).and_then(|found| found.person.as_ref()) else {
                continue;
            };
            all.push(proto::VolunteerEntry {
                volunteer: Some(proto::Volunteer {
                    display_name: person.display_name.clone(),
                    identity_number: identity_number(all.len()),
                    phone: format!("138{:08}", 10_000 + all.len()),
                    person: format!("people/{id}"),
                    division_code: person.division_code.clone(),
                    skills: skills.iter().map(ToString::to_string).collect(),
                    ..Default::default()
                }),
                verification_evidence: "居民身份证".to_owned(),
                insured_until: INSURED_UNTIL.to_owned(),
                insurance: "志愿者意外险".to_owned(),
                team: format!("teams/{}", request.team_id),
            });
        }
    }
    all
}

/// A number by the rule of GB 11643 that nobody has: no place has the code 320000.
fn identity_number(number: usize) -> String {
    let born = format!("19{}{:02}{:02}", 75 + number % 25, 1 + number / 25 % 12, 1 + number / 300 % 28);
    let digits = format!("320000{born}{:03}", number % 1_000);
    let weight = |place: usize| (0..17 - place).fold(1, |weight, _| weight * 2 % 11);
    let sum: usize =
        digits.bytes().enumerate().map(|(place, byte)| usize::from(byte - b'0') * weight(place)).sum();
    format!("{digits}{}", char::from(b"10X98765432"[sum % 11]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use minqing_platform::identity_number::IdentityNumber;

    use super::super::City;
    use super::*;

    #[test]
    fn every_team_has_a_leader_and_members_who_are_nobody_elses() {
        let city = City::plan();
        let (teams, people) = (teams(&city.towns), city.people());
        let members = members(&teams, &people, &city.inhabited);
        assert_eq!((teams.len(), members.len()), (36, 36 * PEOPLE_A_TEAM));
        for (index, entry) in members.iter().enumerate() {
            assert_eq!(entry.team, format!("teams/{}", teams[index / PEOPLE_A_TEAM].team_id));
        }
        let names: BTreeSet<_> =
            members.iter().map(|entry| entry.volunteer.clone().unwrap().person).collect();
        assert_eq!(names.len(), members.len());
    }

    #[test]
    fn made_up_identity_numbers_pass_and_are_all_different() {
        let numbers: BTreeSet<String> = (0..200).map(identity_number).collect();
        assert_eq!(numbers.len(), 200);
        for number in numbers {
            IdentityNumber::parse(&number, "2026-11-24".parse().unwrap()).unwrap();
        }
    }
}
