//! Figures that were published are those that were counted, for ever.

use minqing_cases::domain::case::{Command, Party};
use minqing_cases::domain::figures::{Axis, Grouping};
use minqing_cases::store::figures::{NewSnapshot, Scope};
use minqing_platform::journal::Change;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::figure_service_client::FigureServiceClient;
use minqing_testkit::{Database, on_both_databases};

use crate::lives::{begin, lives, number, query};
use crate::matter::{act, china};
use crate::room::{self, by};

on_both_databases! {
    published_figures_stay_as_they_were_and_can_be_counted_again;
}

async fn published_figures_stay_as_they_were_and_can_be_counted_again(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store();
    lives(store, 30).await;
    let query = query(Axis::Created, Grouping::Organization);
    let change = Change::by_system(begin(400));
    let new = NewSnapshot { id: "first".into(), display_name: "上半年".into(), query: query.clone() };
    let published = store.publish_figures(&change, new.clone()).await.unwrap();
    assert_eq!(published.groups, store.figures(&query, &Scope::everything()).await.unwrap());
    assert!(store.publish_figures(&change, new).await.is_err(), "one name is given once");

    // What is open goes on: the figures of now change, the published ones do not.
    let calendar = china(store).await;
    for n in [0, 10, 20] {
        let command = Command::Withdraw("不用了".to_owned());
        act(store, &calendar, &number(n), begin(401), Party::citizen(), command).await.unwrap();
    }
    assert_ne!(published.groups, store.figures(&query, &Scope::everything()).await.unwrap());
    let read = store.snapshot("first").await.unwrap().unwrap();
    assert_eq!(read, published);
    assert_eq!(store.recounted(&read).await.unwrap(), (published.groups.clone(), published.hash.clone()));

    let mut client = FigureServiceClient::new(room.peer.clone());
    let mut request = proto::VerifyFigureSnapshotRequest {
        name: "figureSnapshots/first".into(),
        page_size: 10,
        ..Default::default()
    };
    let mut replayed = 0;
    loop {
        let page =
            client.verify_figure_snapshot(by("auditor", "", request.clone())).await.unwrap().into_inner();
        assert!(page.figures_agree);
        assert_eq!(page.differing, []);
        replayed += page.replayed;
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(replayed, 33, "30 cases, of which three were begun anew");
}
