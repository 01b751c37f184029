//! Taking files, and giving them back.

use futures::{StreamExt as _, stream};
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;

use super::room::open;
use super::*;

on_both_databases! {
    a_file_comes_back_as_it_was;
    the_largest_file_is_taken_and_given_in_pieces_and_a_larger_one_is_refused_while_it_comes;
    what_is_refused_is_refused_by_name_and_leaves_nothing;
    the_same_content_is_on_the_disk_once;
    a_photo_tells_no_place_any_more;
    uploads_beyond_what_is_taken_at_a_time_are_refused;
}

async fn a_file_comes_back_as_it_was(database: Database) {
    let room = open(&database).await;
    let text = "路灯坏了，在丹凤路与东方路交叉口。\n".repeat(5_000);
    let (attachment, token) =
        upload(&room, ("情况说明.txt", "text/plain; charset=utf-8"), text.as_bytes()).await.unwrap();
    assert_eq!(attachment.file_name, "情况说明.txt");
    assert_eq!(attachment.content_type, "text/plain");
    assert_eq!(attachment.size_bytes, text.len() as i64);
    assert_eq!(attachment.sha256.len(), 64);
    assert_eq!(attachment.state(), proto::AttachmentState::Pending);
    assert!(attachment.case_number.is_empty() && attachment.create_time.is_some());
    assert_eq!(token.len(), 43, "256 random bits");

    let known = client(&room).get_attachment(get(&attachment.name, &token)).await.unwrap().into_inner();
    assert_eq!(known, attachment);
    let response = client(&room).download_attachment(down(&attachment.name, &token)).await.unwrap();
    let disposition = response.metadata().get("content-disposition").unwrap().to_str().unwrap().to_owned();
    assert!(
        disposition.starts_with("attachment; ") && disposition.ends_with("%E6%98%8E.txt"),
        "{disposition}"
    );
    let pieces: Vec<_> = response.into_inner().map(Result::unwrap).collect().await;
    assert_eq!(pieces[0].content_type, "text/plain");
    assert_eq!(pieces.iter().flat_map(|piece| piece.data.to_vec()).collect::<Vec<_>>(), text.as_bytes());
}

async fn the_largest_file_is_taken_and_given_in_pieces_and_a_larger_one_is_refused_while_it_comes(
    database: Database,
) {
    let room = open(&database).await;
    let mut film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    film.resize(20 << 20, 7);
    let (attachment, token) = upload(&room, ("a.mp4", "video/mp4"), &film).await.unwrap();
    let response = client(&room).download_attachment(down(&attachment.name, &token)).await.unwrap();
    let pieces: Vec<_> = response.into_inner().map(|piece| piece.unwrap().data).collect().await;
    assert!(pieces.len() == 20 && pieces.iter().all(|piece| piece.len() <= 1 << 20));
    assert!(pieces.concat() == film);

    film.push(7);
    // The stream never ends: the refusal does not wait for its end.
    let endless = stream::iter(messages(("b.mp4", ""), &film, 1 << 20)).chain(stream::pending());
    let refused = client(&room).upload_attachment(endless).await.unwrap_err();
    assert_eq!(
        (refused.code(), refusal(&refused).0.as_str()),
        (Code::ResourceExhausted, "ATTACHMENT_TOO_LARGE")
    );
    expect_files(room.folder.path(), 1).await;
}

async fn what_is_refused_is_refused_by_name_and_leaves_nothing(database: Database) {
    let room = open(&database).await;
    let mut late = b"\x89PNG\r\n\x1A\n\0\x10\0\0IHDR".to_vec();
    late.resize(200_000, 0);
    let lying = "路灯".repeat(50_000) + "\0";
    for (says, bytes, reason, field) in [
        (("a.jpg", "image/jpeg"), PNG, "ATTACHMENT_TYPE_MISMATCH", "file.content_type"),
        (("a.jpg", ""), PNG, "ATTACHMENT_TYPE_MISMATCH", "file_name"),
        (("a.png", "text/html"), PNG, "ATTACHMENT_TYPE_UNSUPPORTED", "file.content_type"),
        (("a.txt", ""), b"<html><script>alert(1)</script>", "ATTACHMENT_TYPE_UNSUPPORTED", "file"),
        (("a.svg", ""), b"<svg onload='alert(1)'/>", "ATTACHMENT_TYPE_UNSUPPORTED", "file"),
        (("a.exe", ""), b"MZ\x90\0\x03\0\0\0", "ATTACHMENT_TYPE_UNSUPPORTED", "file"),
        (("a.txt", ""), lying.as_bytes(), "ATTACHMENT_TYPE_UNSUPPORTED", "file"),
        (("a.jpg", ""), b"\xFF\xD8\xFF\xE0 no picture", "ATTACHMENT_DAMAGED", "file"),
        (("a.png", ""), b"", "ATTACHMENT_EMPTY", "file"),
        (("../a.png", ""), PNG, "INVALID_FILE_NAME", "file_name"),
        (("photo\u{202E}gnp.exe", ""), PNG, "INVALID_FILE_NAME", "file_name"),
    ] {
        let refused = upload(&room, says, bytes).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{says:?}");
        assert_eq!(refusal(&refused), (reason.to_owned(), field.to_owned()), "{says:?}");
    }
    let mut said_late = messages(("a.png", ""), &late, 100_000);
    said_late[1].file_name = "b.png".to_owned();
    let refused = client(&room).upload_attachment(stream::iter(said_late)).await.unwrap_err();
    assert_eq!(refusal(&refused), ("SAID_LATE".to_owned(), "file_name".to_owned()));
    let refused = client(&room).upload_attachment(stream::iter([])).await.unwrap_err();
    assert_eq!(refusal(&refused), ("REQUIRED_FIELD".to_owned(), "file".to_owned()));
    expect_files(room.folder.path(), 0).await;
    assert!(
        room.cases
            .store()
            .objects_to_remove("2100-01-01T00:00:00Z".parse().unwrap(), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn the_same_content_is_on_the_disk_once(database: Database) {
    let room = open(&database).await;
    let (one, first) = upload(&room, ("a.png", ""), PNG).await.unwrap();
    let (two, second) = upload(&room, ("路灯.png", "image/png"), PNG).await.unwrap();
    assert!(one.name != two.name && first != second && one.sha256 == two.sha256);
    expect_files(room.folder.path(), 1).await;
    for (attachment, token) in [(one, first), (two, second)] {
        let mut pieces =
            client(&room).download_attachment(down(&attachment.name, &token)).await.unwrap().into_inner();
        assert_eq!(pieces.message().await.unwrap().unwrap().data, PNG);
    }
}

async fn a_photo_tells_no_place_any_more(database: Database) {
    let room = open(&database).await;
    let packet = b"http://ns.adobe.com/xap/1.0/\0 exif:GPSLatitude=31,59.4N";
    let length = u16::try_from(packet.len() + 2).unwrap().to_be_bytes();
    let photo =
        [b"\xFF\xD8\xFF\xE1", &length[..], packet, b"\xFF\xDA\0\x02 picture \xFF\xD9 and a film with GPS"]
            .concat();
    let (attachment, token) = upload(&room, ("a.jpg", "image/jpeg"), &photo).await.unwrap();
    let mut pieces =
        client(&room).download_attachment(down(&attachment.name, &token)).await.unwrap().into_inner();
    let kept = pieces.message().await.unwrap().unwrap().data;
    assert_eq!(kept, &b"\xFF\xD8\xFF\xDA\0\x02 picture \xFF\xD9"[..]);
    assert_eq!(attachment.size_bytes, kept.len() as i64);
}

async fn uploads_beyond_what_is_taken_at_a_time_are_refused(database: Database) {
    let room = open(&database).await;
    let begun = || {
        let mut client = client(&room);
        let first = messages(("a.png", ""), PNG, 1000);
        tokio::spawn(
            async move { client.upload_attachment(stream::iter(first).chain(stream::pending())).await },
        )
    };
    let uploads: Vec<_> = (0..40).map(|_| begun()).collect();
    for _ in 0..1_000 {
        // Of 40 there are places for 32; the others have been refused.
        if uploads.iter().filter(|upload| upload.is_finished()).count() == 8 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let refused = upload(&room, ("b.png", ""), PNG).await.unwrap_err();
    assert_eq!((refused.code(), refusal(&refused).0.as_str()), (Code::ResourceExhausted, "UPLOADS_BUSY"));
    let mut held = 0;
    for upload in uploads {
        upload.abort();
        held += usize::from(upload.await.is_err());
    }
    assert_eq!(held, 32, "as many as there are places were under way");
    upload(&room, ("b.png", ""), PNG).await.unwrap();
}
