use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::volunteer_figure_service_client::VolunteerFigureServiceClient;
use minqing_testkit::{Database, on_both_databases};

use crate::room::{by, citizen};
use crate::town::{ELSEWHERE, TOWN, Town, field, hour, open};

on_both_databases! {
    figures_add_up_by_each_grouping_and_follow_corrections;
    a_group_of_fewer_than_five_is_kept_from_the_public;
    the_table_has_a_row_for_each_group;
    what_is_wrong_with_a_question_is_told_by_field;
}

type Client = VolunteerFigureServiceClient<minqing_platform::client::Peer>;

fn client(town: &Town) -> Client {
    VolunteerFigureServiceClient::new(town.room.peer.clone())
}

fn asked(grouping: proto::VolunteerFigureGrouping) -> proto::GetVolunteerFiguresRequest {
    proto::GetVolunteerFiguresRequest {
        from_day: "2026-02-01".into(),
        to_day: "2026-03-03".into(),
        grouping: grouping.into(),
        division_code: "321181".into(),
    }
}

/// Key, people, teams, times and minutes of each group.
async fn groups(client: &mut Client, grouping: proto::VolunteerFigureGrouping) -> Vec<(String, [i64; 4])> {
    let figures = client.get_volunteer_figures(by("coordinator", "321181", asked(grouping))).await.unwrap();
    let groups = figures.into_inner().groups.into_iter();
    groups.map(|group| (group.key, [group.people, group.teams, group.times, group.minutes])).collect()
}

async fn figures_add_up_by_each_grouping_and_follow_corrections(database: Database) {
    use proto::VolunteerFigureGrouping as By;
    let town = open(&database).await;
    let mut client = client(&town);
    let all = [2, 1, 3, 135];
    assert_eq!(groups(&mut client, By::Whole).await, [(String::new(), all)]);
    assert_eq!(groups(&mut client, By::Team).await, [("teams/care".to_owned(), all)]);
    assert_eq!(groups(&mut client, By::Post).await, [("posts/post".to_owned(), all)]);
    assert_eq!(groups(&mut client, By::Division).await, [(TOWN.to_owned(), all)]);
    // The first hour began on the last day of February by UTC, and on the first day of March in China.
    let months = groups(&mut client, By::Month).await;
    assert_eq!(months, [("2026-02".to_owned(), [0; 4]), ("2026-03".to_owned(), all)]);
    let store = town.room.volunteers.store();
    let change = minqing_platform::journal::Change::by_system(town.room.now());
    let less = |of, minutes| minqing_volunteers::domain::hour::NewCorrection {
        of,
        minutes,
        reason: "why".into(),
        recorder: "people/9".into(),
    };
    store.correct_hours(&change, &less(1, -5), None).await.unwrap();
    store.correct_hours(&change, &less(3, -45), None).await.unwrap();
    assert_eq!(groups(&mut client, By::Whole).await, [(String::new(), [1, 1, 2, 85])]);
}

async fn a_group_of_fewer_than_five_is_kept_from_the_public(database: Database) {
    use proto::VolunteerFigureGrouping as By;
    let town = open(&database).await;
    let mut client = client(&town);
    for request in [
        tonic::Request::new(asked(By::Team)),
        citizen("zhang", asked(By::Team)),
        by("coordinator", ELSEWHERE, asked(By::Team)),
    ] {
        let figures = client.get_volunteer_figures(request).await.unwrap().into_inner();
        assert!(figures.groups[0].is_kept_back && figures.groups[0].people == 0);
        assert!(figures.total.unwrap().is_kept_back);
    }
    let more: Vec<_> = (3..=5).map(|at| hour(town.room.now(), &format!("V{at}"), 10)).collect();
    let change = minqing_platform::journal::Change::by_system(town.room.now());
    town.room.volunteers.store().enter_hours(&change, &more).await.unwrap();
    let figures = client.get_volunteer_figures(asked(By::Team)).await.unwrap().into_inner();
    assert_eq!((figures.groups[0].people, figures.total.unwrap().people), (5, 5));
}

async fn the_table_has_a_row_for_each_group(database: Database) {
    let town = open(&database).await;
    let request = proto::ExportVolunteerFiguresRequest {
        from_day: "2026-02-01".into(),
        to_day: "2026-03-03".into(),
        grouping: proto::VolunteerFigureGrouping::Team.into(),
        division_code: "321181".into(),
    };
    let mut client = client(&town);
    let file = client.export_volunteer_figures(by("auditor", "321181", request.clone())).await.unwrap();
    let text = String::from_utf8(file.into_inner().data.to_vec()).unwrap();
    assert_eq!(text, "team,people,teams,times,minutes,needs_met,problems_solved\nteams/care,2,1,3,135,0,0\n");
    let public = client.export_volunteer_figures(request).await.unwrap().into_inner();
    assert!(String::from_utf8(public.data.to_vec()).unwrap().ends_with("\nteams/care,,,,,,\n"));
}

async fn what_is_wrong_with_a_question_is_told_by_field(database: Database) {
    let town = open(&database).await;
    let mut client = client(&town);
    let right = asked(proto::VolunteerFigureGrouping::Whole);
    let wrong = [
        ("from_day", proto::GetVolunteerFiguresRequest { from_day: String::new(), ..right.clone() }),
        ("to_day", proto::GetVolunteerFiguresRequest { to_day: "2026-02-01".into(), ..right.clone() }),
        ("grouping", proto::GetVolunteerFiguresRequest { grouping: 99, ..right.clone() }),
        ("division_code", proto::GetVolunteerFiguresRequest { division_code: String::new(), ..right }),
    ];
    for (name, request) in wrong {
        assert_eq!(field(client.get_volunteer_figures(request).await), name);
    }
}
