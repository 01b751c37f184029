//! Every RPC against every role, within its division and outside, on a running registry: whoever the policy refuses is
//! refused, and nobody else is. An RPC without a sample fails the test.
#![cfg(test)]

mod fixture;
#[path = "../room/mod.rs"]
mod room;
mod samples;

use minqing_platform::identity::Role;
use tonic::Code;

use fixture::Fixture;
use samples::{Reach, SAMPLES};

/// Where the fixture's records are, and a division beside it.
const HERE: &str = "321181100";
const ELSEWHERE: &str = "321181101";

#[test]
fn every_rpc_has_a_sample_and_every_sample_is_an_rpc() {
    let pool = prost_reflect::DescriptorPool::decode(minqing_proto::DESCRIPTORS).unwrap();
    let mut rpcs = minqing_platform::policy::actions_of(&pool, minqing_registry::SERVICES);
    let mut samples: Vec<&str> = SAMPLES.iter().map(|sample| sample.rpc).collect();
    rpcs.sort_unstable();
    samples.sort_unstable();
    assert_eq!(rpcs, samples);
}

#[tokio::test]
async fn whoever_the_policy_refuses_is_refused_and_nobody_else_is() {
    let database = minqing_testkit::sqlite::database();
    let fixture = Fixture::open(&database).await;
    let policy = minqing_registry::policy().unwrap();
    let mut wrong = Vec::new();
    for sample in SAMPLES {
        let mut calls = Vec::new();
        for role in Role::ALL {
            for (division, within) in [("", true), (HERE, true), (ELSEWHERE, false)] {
                let within = match sample.reach {
                    Reach::Nowhere => true,
                    Reach::Here => within,
                    // The whole is only within an appointment for everywhere.
                    Reach::Everywhere => division.is_empty(),
                };
                // The anonymous and citizens are appointed nowhere, which reaches everywhere.
                let within = within || matches!(role, Role::Anonymous | Role::Citizen);
                calls.push((policy.allows(role, sample.rpc, within, sample.own), role, division));
            }
        }
        // Those who may act come last: what they do must not spoil the others' refusal.
        calls.sort_by_key(|(allowed, ..)| *allowed);
        for (allowed, role, division) in calls {
            let code = fixture.call(sample, role, division).await;
            let refused = matches!(code, Code::PermissionDenied | Code::Unauthenticated);
            if allowed == refused {
                wrong.push(format!("{} by {role} of {division:?}: {code:?}, allowed: {allowed}", sample.rpc));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
