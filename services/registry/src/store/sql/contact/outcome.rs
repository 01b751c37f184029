//! What a plan comes to: links as records.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::contact::{self, Grid, Kind, Link, Plan};
use crate::domain::contact_link::ContactLink;
use crate::store::contact::Assigned;
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// Where and when links are made.
pub(super) struct Made<'a> {
    pub grid: &'a Code,
    /// The days of the links that begin; those that end do so on the first.
    pub effective: Period,
    pub now: DateTime<Utc>,
    /// Whether they are only planned: then they have no ids, and what would end is not changed yet.
    pub planned: bool,
}

/// What a plan over standing links comes to.
pub(super) fn of(people: &Grid, standing: Vec<ContactLink>, plan: &Plan, made: &Made<'_>) -> Assigned {
    let below = Below::of(people, &standing);
    let create = plan.create.iter().map(|planned| ContactLink {
        id: (!made.planned).then(Uuid::now_v7),
        grid: made.grid.clone(),
        kind: planned.link.kind,
        subject: planned.link.subject.clone(),
        contact: planned.link.contact.clone(),
        effective: made.effective,
        resident_count: planned.residents,
        create_time: made.now,
        update_time: made.now,
        version: 1,
    });
    let created: Vec<ContactLink> = create.collect();
    let (mut ended, mut links): (Vec<ContactLink>, Vec<Link>) = (Vec::new(), Vec::new());
    for (number, link) in standing.into_iter().enumerate() {
        if plan.end.binary_search(&number).is_err() {
            links.push(link.link());
            continue;
        }
        ended.push(ContactLink {
            resident_count: below.residents(link.kind, &link.subject),
            effective: Period { to: Some(made.effective.from), ..link.effective },
            update_time: if made.planned { link.update_time } else { made.now },
            version: if made.planned { link.version } else { link.version + 1 },
            ..link
        });
    }
    links.extend(created.iter().map(ContactLink::link));
    let coverage = contact::measure(people, &links);
    Assigned { created, ended, coverage, shortage: plan.shortage }
}

/// How many residents were below each subject, by the links that stood before.
struct Below(HashMap<(Kind, String), u32>);

impl Below {
    fn of(people: &Grid, standing: &[ContactLink]) -> Self {
        let households = people.households.iter();
        let mut below: HashMap<(Kind, String), u32> =
            households.map(|home| ((Kind::HouseholdToMember, home.name.clone()), home.residents)).collect();
        for (kind, above) in [
            (Kind::HouseholdToMember, Kind::MemberToBackbone),
            (Kind::MemberToBackbone, Kind::BackboneToLead),
        ] {
            for link in standing.iter().filter(|link| link.kind == kind) {
                let residents = below.get(&(kind, link.subject.clone())).copied().unwrap_or(0);
                let sum = below.entry((above, link.contact.clone())).or_default();
                *sum = sum.saturating_add(residents);
            }
        }
        Self(below)
    }

    fn residents(&self, kind: Kind, subject: &str) -> u32 {
        self.0.get(&(kind, subject.to_owned())).copied().unwrap_or(0)
    }
}
