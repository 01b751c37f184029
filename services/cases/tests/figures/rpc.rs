//! Figures over gRPC: who may, what they are told, and bad input.

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::figure_service_client::FigureServiceClient;
use minqing_testkit::{Database, on_both_databases};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::lives::{begin, lives};
use crate::matter::UNIT;
use crate::room::{self, Room, by, of};

on_both_databases! {
    whoever_may_counts_what_is_theirs_and_nobody_else_counts;
    a_figure_is_listed_page_by_page;
    a_file_has_a_row_for_each_group;
    the_public_is_told_what_was_published_but_not_of_few;
    what_is_asked_wrongly_is_named;
}

type Client = FigureServiceClient<minqing_platform::client::Peer>;

async fn open(database: &Database, count: u32) -> (Room, Client) {
    let room = room::open(database).await;
    lives(room.cases.store(), count).await;
    room.clock.set(begin(400));
    let client = FigureServiceClient::new(room.peer.clone());
    (room, client)
}

fn asked() -> proto::GetFiguresRequest {
    proto::GetFiguresRequest {
        from_date: "2026-01-01".into(),
        to_date: "2027-01-01".into(),
        ..Default::default()
    }
}

fn listed() -> proto::ListFigureCasesRequest {
    proto::ListFigureCasesRequest {
        from_date: "2026-01-01".into(),
        to_date: "2027-01-01".into(),
        ..Default::default()
    }
}

fn publish(group_by: proto::FigureGrouping) -> proto::PublishFiguresRequest {
    proto::PublishFiguresRequest {
        query: Some(proto::FigureQuery {
            from_date: "2026-01-01".into(),
            to_date: "2027-01-01".into(),
            group_by: group_by.into(),
            ..Default::default()
        }),
        display_name: "2026年办理情况".into(),
        ..Default::default()
    }
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

fn fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    violations.into_iter().map(|violation| violation.field).collect()
}

async fn whoever_may_counts_what_is_theirs_and_nobody_else_counts(database: Database) {
    let (_room, mut client) = open(&database, 20).await;
    let all = client.get_figures(by("supervisor", "", asked())).await.unwrap().into_inner();
    let total = all.total.unwrap();
    // Of ten ways one is rejected, one withdrawn, one merged, and one is counted twice because it began anew.
    assert_eq!(total.counted, 16);
    assert_eq!(total.left_out, Some(proto::LeftOut { withdrawn: 2, rejected: 2, merged: 2, split: 0 }));
    let solved = total.solved.unwrap();
    assert_eq!((solved.numerator, solved.denominator, solved.unsaid), (6, 8, 8));
    assert_eq!((solved.basis_points, solved.percent.as_str()), (Some(7_500), "75.00"));
    assert_eq!(all.areas, [""]);

    let town = client.get_figures(by("cadre", "321181100", asked())).await.unwrap().into_inner();
    assert_eq!(town.areas, ["321181100"]);
    assert_eq!(town.total.unwrap().counted, 16, "all of them are there");
    let other = client.get_figures(by("cadre", "321182", asked())).await.unwrap().into_inner();
    assert_eq!(other.total.unwrap().counted, 0);

    let own = client.get_figures(of("system_account", UNIT, asked())).await.unwrap().into_inner();
    assert_eq!((own.areas.len(), own.organizations), (0, vec![UNIT.to_owned()]));
    assert_eq!(own.total.unwrap().counted, 14, "all but the two that no unit has");

    let refused = client.get_figures(by("citizen", "", asked())).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::PermissionDenied, "NOT_PERMITTED"));
    let refused = client.get_figures(asked()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    for (role, division) in [("dispatcher", ""), ("auditor", ""), ("supervisor", "321181100")] {
        let refused = client.publish_figures(by(role, division, publish(proto::FigureGrouping::Whole))).await;
        assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied, "{role} of {division:?}");
    }
}

async fn a_figure_is_listed_page_by_page(database: Database) {
    let (_room, mut client) = open(&database, 20).await;
    let rate = proto::FigureRate::Solved.into();
    let part = proto::FigurePart::Denominator.into();
    let mut request = proto::ListFigureCasesRequest { rate, part, page_size: 3, ..listed() };
    let mut found = Vec::new();
    loop {
        let page = client.list_figure_cases(by("auditor", "", request.clone())).await.unwrap().into_inner();
        found.extend(page.cases);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(found.len(), 8);
    let mut once = found.iter().map(|round| (round.case.clone(), round.round)).collect::<Vec<_>>();
    once.dedup();
    assert_eq!(once.len(), 8);

    let left_out = proto::LeftOutReason::Merged.into();
    let request = proto::ListFigureCasesRequest { left_out, ..listed() };
    let merged = client.list_figure_cases(by("auditor", "", request)).await.unwrap().into_inner();
    let merged: Vec<String> = merged.cases.into_iter().map(|round| round.case).collect();
    assert_eq!(merged, ["cases/20260302000000008", "cases/20260302000000018"]);

    let group_by = proto::FigureGrouping::Organization.into();
    let request = proto::ListFigureCasesRequest { group: Some(String::new()), group_by, ..listed() };
    let nobody = client.list_figure_cases(by("auditor", "", request)).await.unwrap().into_inner();
    assert_eq!(nobody.cases.len(), 2, "no unit has them");
}

async fn a_file_has_a_row_for_each_group(database: Database) {
    let (_room, mut client) = open(&database, 20).await;
    let request = proto::ExportFiguresRequest {
        from_date: "2026-01-01".into(),
        to_date: "2027-01-01".into(),
        group_by: proto::FigureGrouping::Door.into(),
        ..Default::default()
    };
    let answer = client.export_figures(by("dispatcher", "", request)).await.unwrap();
    let disposition = answer.metadata().get("content-disposition").unwrap().to_str().unwrap().to_owned();
    assert!(disposition.contains("figures-2026-01-01-2027-01-01.csv"), "{disposition}");
    let body = answer.into_inner();
    assert_eq!(body.content_type, "text/csv; charset=utf-8");
    let text = String::from_utf8(body.data.to_vec()).unwrap();
    let first: Vec<&str> = text.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(first, ["door", "hotline", "web", "window"]);
    assert!(
        text.lines()
            .next()
            .unwrap()
            .contains("solved_numerator,solved_denominator,solved_unsaid,solved_percent")
    );
}

async fn the_public_is_told_what_was_published_but_not_of_few(database: Database) {
    let (_room, mut client) = open(&database, 22).await;
    let request_id = "0190a0b0-0000-7000-8000-000000000001".to_owned();
    let request = proto::PublishFiguresRequest { request_id, ..publish(proto::FigureGrouping::Town) };
    let made = client.publish_figures(by("supervisor", "", request.clone())).await.unwrap().into_inner();
    let again = client.publish_figures(by("supervisor", "", request)).await.unwrap().into_inner();
    assert_eq!(made, again, "the same call makes one");
    assert!(!made.partial);
    let groups = made.figures.unwrap().groups;
    let sizes: Vec<(&str, i64)> = groups.iter().map(|group| (group.key.as_str(), group.counted)).collect();
    assert_eq!(sizes, [("321181100", 16), ("321181101", 1)]);

    // The second town has two; told the first, anybody would know the second: both are kept back.
    let request = proto::GetFigureSnapshotRequest { name: made.name.clone() };
    let seen = client.get_figure_snapshot(request.clone()).await.unwrap().into_inner();
    let figures = seen.figures.unwrap();
    assert!(seen.partial && figures.groups.iter().all(|group| group.suppressed && group.counted == 0));
    assert_eq!(figures.total.unwrap().counted, 17);
    assert_eq!(seen.hash, made.hash);
    let whole = client.get_figure_snapshot(by("auditor", "", request)).await.unwrap().into_inner();
    assert_eq!(whole.figures.unwrap().groups, groups);

    let found = client
        .list_figure_snapshots(proto::ListFigureSnapshotsRequest::default())
        .await
        .unwrap()
        .into_inner();
    let names: Vec<String> = found.figure_snapshots.into_iter().map(|one| one.name).collect();
    assert_eq!(names, std::slice::from_ref(&made.name));

    let frozen = proto::ListFigureCasesRequest { snapshot: made.name.clone(), ..Default::default() };
    let rounds = client.list_figure_cases(by("auditor", "", frozen.clone())).await.unwrap().into_inner();
    assert_eq!(rounds.cases.len(), 17);
    assert_eq!(client.list_figure_cases(frozen).await.unwrap_err().code(), Code::Unauthenticated);
    let verify = proto::VerifyFigureSnapshotRequest { name: made.name, ..Default::default() };
    assert_eq!(client.verify_figure_snapshot(verify).await.unwrap_err().code(), Code::Unauthenticated);
    let missing = proto::GetFigureSnapshotRequest { name: "figureSnapshots/none".into() };
    assert_eq!(client.get_figure_snapshot(missing).await.unwrap_err().code(), Code::NotFound);
}

async fn what_is_asked_wrongly_is_named(database: Database) {
    let (_room, mut client) = open(&database, 0).await;
    let day = |from: &str, to: &str| proto::GetFiguresRequest {
        from_date: from.into(),
        to_date: to.into(),
        ..Default::default()
    };
    let cases = [
        (day("", ""), vec!["from_date", "to_date"]),
        (day("2026-1-1", "2027-01-01"), vec!["from_date"]),
        (day("2026-01-01", "2026-01-01"), vec!["to_date"]),
        (day("2026-01-01", "2025-01-01"), vec!["to_date"]),
        (day("2006-01-01", "2026-01-01"), vec!["to_date"]),
        (day("2026-02-30", "2026-03-01"), vec!["from_date"]),
        (proto::GetFiguresRequest { axis: 4, group_by: 10, ..asked() }, vec!["axis", "group_by"]),
        (proto::GetFiguresRequest { division_code: "32118".into(), ..asked() }, vec!["division_code"]),
        (proto::GetFiguresRequest { organization: "units/x".into(), ..asked() }, vec!["organization"]),
        (
            proto::GetFiguresRequest { item: "items/".into(), r#type: 7, door: -1, ..asked() },
            vec!["item", "type", "door"],
        ),
    ];
    for (request, expected) in cases {
        let refused = client.get_figures(by("supervisor", "", request)).await.unwrap_err();
        assert_eq!(
            (refused.code(), fields(&refused)),
            (Code::InvalidArgument, expected.iter().map(ToString::to_string).collect())
        );
    }
    let lists = [
        (proto::ListFigureCasesRequest { rate: 1, left_out: 1, ..listed() }, "left_out"),
        (proto::ListFigureCasesRequest { part: 1, ..listed() }, "part"),
        (proto::ListFigureCasesRequest { snapshot: "figureSnapshots/x".into(), ..listed() }, "snapshot"),
        (proto::ListFigureCasesRequest { page_token: "?".into(), ..listed() }, "page_token"),
        (proto::ListFigureCasesRequest { page_size: -1, ..listed() }, "page_size"),
    ];
    for (request, field) in lists {
        let refused = client.list_figure_cases(by("supervisor", "", request)).await.unwrap_err();
        assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec![field.to_owned()]));
    }
    let mut request = publish(proto::FigureGrouping::Whole);
    request.query.as_mut().unwrap().to_date = String::new();
    let refused = client.publish_figures(by("supervisor", "", request)).await.unwrap_err();
    assert_eq!(fields(&refused), ["query.to_date"]);
    let request =
        proto::PublishFiguresRequest { display_name: " ".into(), ..publish(proto::FigureGrouping::Whole) };
    let refused = client.publish_figures(by("supervisor", "", request)).await.unwrap_err();
    assert_eq!(fields(&refused), ["display_name"]);
}
