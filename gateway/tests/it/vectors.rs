//! Requests as Google's own Python clients make them (tests/vectors/generate.py): an inverse that is not ours.

use prost::Message as _;
use prost_reflect::DynamicMessage;
use serde_json::Value;

use crate::support::{Kitchen, POOL, to_json};

#[tokio::test]
async fn what_google_api_core_sends_arrives_as_it_was() {
    let kitchen = Kitchen::quiet();
    let service = POOL.get_service_by_name("kitchen.v1.Kitchen").unwrap();
    let lines = include_str!("../vectors/google_api_core.jsonl").lines();
    let mut count = 0;
    for line in lines {
        let vector: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| vector[name].as_str().unwrap();
        let reply = kitchen.ask(text("method"), text("uri"), text("body")).await;
        assert_eq!(reply.status, 200, "{line}\n{}", reply.text);
        let (rpc, received, _) = kitchen.last();
        assert_eq!(rpc, text("rpc"));
        let method = service.methods().find(|method| method.name() == rpc).unwrap();
        let mut expected = DynamicMessage::deserialize(method.input(), &vector["message"]).unwrap();
        // Where the client sent no mask, the gateway read one from the body.
        if rpc == "UpdateDish" && !expected.has_field_by_name("update_mask") {
            let derived = received[0].get_field_by_name("update_mask").unwrap().into_owned();
            if received[0].has_field_by_name("update_mask") {
                expected.set_field_by_name("update_mask", derived);
            }
        }
        let expected = DynamicMessage::decode(method.input(), expected.encode_to_vec().as_slice()).unwrap();
        assert!(received[0] == expected, "{line}\n{}", to_json(&received[0]));
        count += 1;
    }
    assert!(count >= 200, "{count} vectors");
}
