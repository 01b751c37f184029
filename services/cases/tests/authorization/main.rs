//! Every RPC against every role, within its division and outside, for its own organization and for none, on a running
//! service: whoever the policy refuses is refused, and nobody else is. An RPC without a sample fails the test: it stands
//! in `samples/`, in the file of its noun.
#![cfg(test)]

mod fixture;
#[path = "../room/mod.rs"]
mod room;
mod samples;
#[path = "../rpc_cases/town.rs"]
#[expect(dead_code, reason = "of what the town can do, little is needed here")]
mod town;

use minqing_platform::identity::Role;
use tonic::Code;

use fixture::Fixture;
use samples::{Own, Reach, Sample};

/// The town in which the fixture's records are, and another county.
const HERE: &str = "321181100";
const ELSEWHERE: &str = "321182";

#[test]
fn every_rpc_has_a_sample_and_every_sample_is_an_rpc() {
    let pool = prost_reflect::DescriptorPool::decode(minqing_proto::DESCRIPTORS).unwrap();
    let mut rpcs = minqing_platform::policy::actions_of(&pool, minqing_cases::SERVICES);
    let mut samples: Vec<&str> = samples::all().map(|sample| sample.rpc).collect();
    rpcs.sort_unstable();
    samples.sort_unstable();
    assert_eq!(rpcs, samples);
}

/// A caller, and whether the policy allows them what a sample asks for.
type Call = (bool, Role, &'static str, bool);

fn calls(policy: &minqing_platform::policy::Policy, sample: &Sample) -> Vec<Call> {
    // Where somebody is appointed, and whether that reaches the target.
    let places: &[(&str, bool)] = match sample.reach {
        Reach::Nowhere => &[(ELSEWHERE, true)],
        Reach::Here => &[("", true), (HERE, true), (ELSEWHERE, false)],
        Reach::Everywhere => &[("", true), (HERE, false)],
    };
    let works_for: &[bool] = if matches!(sample.own, Own::OfTheUnit) { &[false, true] } else { &[false] };
    let mut calls = Vec::new();
    for role in Role::ALL {
        // The anonymous and citizens are appointed nowhere, which reaches everywhere, and work for nobody.
        let is_public = matches!(role, Role::Anonymous | Role::Citizen);
        for (division, is_within) in places {
            for works_for_unit in works_for {
                let own = match sample.own {
                    Own::Never => false,
                    Own::OfTheUnit => *works_for_unit && !is_public,
                    Own::Always => true,
                };
                let allowed = policy.allows(role, sample.rpc, *is_within || is_public, own);
                calls.push((allowed, role, *division, *works_for_unit));
            }
        }
    }
    // Those who may act come last: what they do must not spoil the others' refusal.
    calls.sort_by_key(|(allowed, ..)| *allowed);
    calls
}

#[tokio::test]
async fn whoever_the_policy_refuses_is_refused_and_nobody_else_is() {
    let database = minqing_testkit::sqlite::database();
    let fixture = Fixture::open(&database).await;
    let policy = minqing_cases::policy().unwrap();
    let mut wrong = Vec::new();
    for sample in samples::all() {
        for (allowed, role, division, works_for_unit) in calls(&policy, sample) {
            let code = fixture.call(sample, role, division, works_for_unit).await;
            let refused = matches!(code, Code::PermissionDenied | Code::Unauthenticated);
            if allowed == refused {
                let whom = if works_for_unit { " of the unit" } else { "" };
                wrong.push(format!("{} by {role}{whom} in {division:?}: {code:?}", sample.rpc));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
