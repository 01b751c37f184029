//! Makes of the records of needs, teams and volunteers what is known of them for a matching.

use chrono::NaiveDate;

use super::facts::{Dated, Hand, Need, Team, Weekly};
use crate::domain::need;
use crate::domain::post::Post;
use crate::domain::team;
use crate::domain::volunteer::{Availability, DAY_MINUTES, Volunteer, fit};

/// An open need, without who served it before.
pub fn need(need: &need::Need) -> Need {
    Need {
        name: need.id.to_string(),
        version: need.version,
        post: need.requirements.post.clone().unwrap_or_default(),
        skills: need.requirements.skills.clone(),
        headcount: need.requirements.headcount,
        risk: need.requirements.risk,
        place: need.place.code.clone(),
        position: need.place.position,
        windows: need.requirements.windows.clone(),
        raised: need.create_time,
        declined: need.declined.clone(),
        served_raiser: Vec::new(),
        served_place: Vec::new(),
    }
}

/// A team with those of its members who may serve in its post on a day. Who is not insured stays: some needs do not ask for it.
pub fn team(team: &team::Team, taken: u32, post: &Post, members: &[Volunteer], day: NaiveDate) -> Team {
    let may_serve = |member: &&Volunteer| match fit(member, post, day) {
        Ok(()) => true,
        Err(refusal) => refusal.reason == "INSURANCE_MISSING",
    };
    let members: Vec<&Volunteer> = members.iter().filter(may_serve).collect();
    let own = members.iter().flat_map(|member| &member.skills);
    let mut skills: Vec<String> = post.skills.iter().chain(own).cloned().collect();
    skills.sort();
    skills.dedup();
    Team {
        name: team.id.clone(),
        post: team.post.clone(),
        home: team.home.clone(),
        reach: team.reach.clone(),
        position: None,
        capacity: team.capacity,
        taken,
        skills,
        insured_only: post.needs_insurance(),
        hands: members.into_iter().map(hand).collect(),
    }
}

fn hand(member: &Volunteer) -> Hand {
    let said = &member.availability;
    let weekly = said.weekly.iter();
    let weekly =
        weekly.map(|span| Weekly { weekday: span.weekday, from_minute: span.from, to_minute: span.to });
    let mut days: Vec<NaiveDate> = said.dated.iter().map(|span| span.date).collect();
    days.dedup();
    let dated = days.into_iter().map(|date| Dated { date, minutes: free(said, date) });
    Hand { weekly: weekly.collect(), dated: dated.collect(), insured_until: member.insured_until }
}

/// The spans of a day in which somebody can come.
fn free(said: &Availability, date: NaiveDate) -> Vec<(u16, u16)> {
    let mut spans: Vec<(u16, u16)> = Vec::new();
    for minute in 0..DAY_MINUTES {
        if said.covers(date, minute, minute + 1) {
            match spans.last_mut() {
                Some((_, to)) if *to == minute => *to += 1,
                _ => spans.push((minute, minute + 1)),
            }
        }
    }
    spans
}
