//! Needs over real gRPC.
#![cfg(test)]

#[path = "../room/mod.rs"]
mod room;

#[tokio::test]
async fn a_room_opens() {
    let database = minqing_testkit::sqlite::database();
    let room = room::open(&database).await;
    assert!(room.volunteers.store().events_end().await.is_ok());
}
