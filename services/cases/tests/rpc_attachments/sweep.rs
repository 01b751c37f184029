//! What the sweep removes, and what it leaves.

use std::time::Duration;

use chrono::TimeDelta;
use futures::{StreamExt as _, stream};
use minqing_cases::Swept;
use minqing_cases::domain::attachment::Claim;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;

use super::room::open;
use super::*;

on_both_databases! {
    a_file_that_no_case_claimed_goes_after_a_day_with_its_bytes;
    an_upload_that_broke_off_leaves_nothing;
    the_sweep_does_again_what_it_could_not_do;
}

const HOUR: TimeDelta = TimeDelta::hours(1);

async fn a_file_that_no_case_claimed_goes_after_a_day_with_its_bytes(database: Database) {
    let room = open(&database).await;
    let (pending, token) = upload(&room, ("a.png", ""), PNG).await.unwrap();
    let request = citizen("people/1", stream::iter(messages(("b.txt", ""), b"text", 100)));
    let answer = client(&room).upload_attachment(request).await.unwrap().into_inner();
    let (bound, other) = (answer.attachment.unwrap(), answer.upload_token);
    let id = bound.name.strip_prefix("attachments/").unwrap().parse().unwrap();
    let change = room.cases.change_by_system();
    room.cases.store().bind_attachments(&change, "C1", &[Claim { id, token: other }]).await.unwrap();

    room.clock.advance(HOUR * 24);
    assert_eq!(room.cases.sweep_attachments().await.unwrap(), Swept::default());
    room.clock.advance(HOUR);
    let swept = room.cases.sweep_attachments().await.unwrap();
    assert_eq!(swept, Swept { expired: 1, removed: 1, ..Swept::default() });
    expect_files(room.folder.path(), 1).await;
    let gone = client(&room).get_attachment(get(&pending.name, &token)).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
    let read = client(&room).download_attachment(citizen("people/1", down(&bound.name, ""))).await.unwrap();
    assert_eq!(read.into_inner().message().await.unwrap().unwrap().data, &b"text"[..]);
    assert_eq!(room.cases.sweep_attachments().await.unwrap(), Swept::default());
}

async fn an_upload_that_broke_off_leaves_nothing(database: Database) {
    let room = open(&database).await;
    let mut film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    film.resize(3 << 20, 7);
    let begun = stream::iter(messages(("a.mp4", ""), &film, 1 << 20)).chain(stream::pending());
    let mut client = client(&room);
    let call = client.upload_attachment(begun);
    assert!(tokio::time::timeout(Duration::from_secs(3), call).await.is_err());
    room.clock.advance(HOUR * 25);
    let swept = room.cases.sweep_attachments().await.unwrap();
    assert_eq!((swept.expired, swept.removed, swept.failed), (0, 1, 0));
    expect_files(room.folder.path(), 0).await;
}

async fn the_sweep_does_again_what_it_could_not_do(database: Database) {
    let room = open(&database).await;
    upload(&room, ("a.png", ""), PNG).await.unwrap();
    // Something stands where the bytes were that cannot be removed as a file is.
    let folder = std::fs::read_dir(room.folder.path()).unwrap().next().unwrap().unwrap().path();
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    std::fs::write(file.join("x"), "x").unwrap();
    room.clock.advance(HOUR * 25);
    let swept = room.cases.sweep_attachments().await.unwrap();
    assert_eq!(swept, Swept { expired: 1, failed: 1, ..Swept::default() });
    std::fs::remove_dir_all(&file).unwrap();
    let swept = room.cases.sweep_attachments().await.unwrap();
    assert_eq!(swept, Swept { removed: 1, ..Swept::default() });
}
