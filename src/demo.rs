//! The demo city: the real towns and villages of Danyang, with grids, organizations, people, households and a volunteer
//! corps made up around them.
//!
//! It is loaded through the services' own RPCs, as their users would, on the first start. A start that was cut off is
//! gone on with by the next one: every step carries the same request id and the same content each time.

use std::path::Path;

use anyhow::Context as _;
use minqing_platform::identity::issuer::BuiltIn;
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::contact_service_client::ContactServiceClient;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_proto::registry::v1::household_service_client::HouseholdServiceClient;
use minqing_proto::registry::v1::organization_service_client::OrganizationServiceClient;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;
use minqing_proto::volunteers::v1 as volunteers;
use minqing_proto::volunteers::v1::team_service_client::TeamServiceClient;
use minqing_proto::volunteers::v1::volunteer_service_client::VolunteerServiceClient;
use minqing_registry::domain::known;
use uuid::Uuid;

use crate::console::Progress;
use crate::suite::Suite;

mod corps;
mod grids;
mod households;
mod organizations;
mod people;
mod session;

use session::Session;

/// The code of the city.
const CITY: &str = "321181";

/// The day of the edition of the official codes that are carried.
const EDITION: &str = "2023-06-30";

/// The file that says that the city is there.
const DONE: &str = "demo.done";

/// Of each town's first village, the grids that have households.
const INHABITED_GRIDS: usize = 2;

/// Rows in one call.
const BATCH: usize = 1_000;

/// Loads the city, unless it is there.
pub async fn load(suite: &Suite, data: &Path, issuer: &BuiltIn) -> anyhow::Result<()> {
    let done = data.join(DONE);
    if done.exists() {
        return Ok(());
    }
    let city = City::plan();
    let session = Session::open(suite, issuer);
    let progress = Progress::begin(7);
    progress.step("divisions: 12 towns and 229 villages of Danyang");
    divisions(&session).await.context("divisions")?;
    progress.done();
    progress.step(&format!("grids: {}, drawn by rule", city.grids.len()));
    grids(&session, &city).await.context("grids")?;
    progress.done();
    progress.step("organizations: centres, windows, studios");
    organizations(&session, &city).await.context("organizations")?;
    progress.done();
    progress.step("people: cadres, grid leads, members");
    people(&session, &city).await.context("people")?;
    progress.done();
    progress.step(&format!(
        "households: {} in each of {} grids",
        households::HOUSEHOLDS_A_GRID,
        city.inhabited.len()
    ));
    homes(&session, &city).await.context("households")?;
    progress.done();
    progress.step("contact chain");
    contacts(&session, &city).await.context("contact chain")?;
    progress.done();
    progress.step("volunteer corps: three teams in each town");
    volunteer_corps(&session, &city).await.context("volunteer corps")?;
    progress.done();
    progress.end();
    std::fs::write(&done, "the demo city was loaded\n").with_context(|| done.display().to_string())
}

/// What the city is made of, before anything is loaded.
struct City {
    /// Codes and names.
    towns: Vec<(String, String)>,
    villages: Vec<(String, String)>,
    grids: Vec<grids::Planned>,
    /// Codes of the grids that have households.
    inhabited: Vec<String>,
}

impl City {
    fn plan() -> Self {
        let rows = |carried: (&str, &str)| {
            let rows = known::files(&[carried]).into_iter().flat_map(|file| file.rows);
            rows.map(|row| (row.code.to_string(), row.display_name)).collect::<Vec<_>>()
        };
        let (towns, villages) = (rows(known::STREETS), rows(known::VILLAGES));
        let codes: Vec<&str> = villages.iter().map(|(code, _)| code.as_str()).collect();
        let grids = grids::plan(&codes);
        let first = |town: &String| villages.iter().find(|(village, _)| village.starts_with(town.as_str()));
        let of_village = |village: &String| {
            let within = grids.iter().filter(|grid| grid.code.starts_with(village.as_str()));
            within.take(INHABITED_GRIDS).map(|grid| grid.code.clone()).collect::<Vec<_>>()
        };
        let inhabited = towns
            .iter()
            .filter_map(|(town, _)| first(town))
            .flat_map(|(village, _)| of_village(village))
            .collect();
        Self { towns, villages, grids, inhabited }
    }

    fn people(&self) -> Vec<proto::CreatePersonRequest> {
        let grids: Vec<&str> = self.grids.iter().map(|grid| grid.code.as_str()).collect();
        let inhabited: Vec<&str> = self.inhabited.iter().map(String::as_str).collect();
        people::plan(&self.towns, &self.villages, &grids, &inhabited)
    }
}

/// The id of a call, the same each time the city is loaded.
fn request_id(step: u128, number: usize) -> String {
    Uuid::from_u128(0x0032_1181_0000_4000_8000_0000_0000_0000 + (step << 32) + number as u128).to_string()
}

async fn divisions(session: &Session) -> anyhow::Result<()> {
    let carried = [known::PROVINCE, known::CITIES, known::AREAS, known::STREETS, known::VILLAGES];
    let files = carried.map(|(name, content)| proto::DivisionFile {
        file_name: name.to_owned(),
        content: content.as_bytes().to_vec(),
    });
    let request = proto::ImportDivisionsRequest {
        files: files.to_vec(),
        effective_from: EDITION.to_owned(),
        ..Default::default()
    };
    DivisionServiceClient::new(session.peer()).import_divisions(session.request(request)).await?;
    Ok(())
}

async fn grids(session: &Session, city: &City) -> anyhow::Result<()> {
    let content = grids::collection(&city.grids).to_string().into_bytes();
    let request = proto::ImportGridsRequest {
        files: vec![proto::GridFile { file_name: "demo.geojson".to_owned(), content }],
        effective_from: EDITION.to_owned(),
        ..Default::default()
    };
    GridServiceClient::new(session.peer()).import_grids(session.request(request)).await?;
    Ok(())
}

async fn organizations(session: &Session, city: &City) -> anyhow::Result<()> {
    let mut client = OrganizationServiceClient::new(session.peer());
    for (number, requests) in organizations::plan(&city.towns, &city.villages).chunks(BATCH).enumerate() {
        let request = proto::BatchCreateOrganizationsRequest {
            requests: requests.to_vec(),
            request_id: request_id(1, number),
        };
        client.batch_create_organizations(session.request(request)).await?;
    }
    Ok(())
}

async fn people(session: &Session, city: &City) -> anyhow::Result<()> {
    let mut client = PersonServiceClient::new(session.peer());
    for (number, requests) in city.people().chunks(BATCH).enumerate() {
        let request = proto::BatchCreatePeopleRequest {
            requests: requests.to_vec(),
            request_id: request_id(2, number),
        };
        client.batch_create_people(session.request(request)).await?;
    }
    Ok(())
}

async fn homes(session: &Session, city: &City) -> anyhow::Result<()> {
    use proto::import_households_request::Part;
    let header = proto::ImportHouseholdsHeader {
        source: "demo".to_owned(),
        file_name: "demo".to_owned(),
        effective_from: EDITION.to_owned(),
        ..Default::default()
    };
    let chunks = city.inhabited.iter().enumerate().map(|(index, grid)| {
        let records = households::plan(grid, index * households::HOUSEHOLDS_A_GRID);
        Part::Chunk(proto::HouseholdRecordChunk { records })
    });
    let parts = std::iter::once(Part::Header(header)).chain(chunks);
    let messages: Vec<_> = parts.map(|part| proto::ImportHouseholdsRequest { part: Some(part) }).collect();
    let stream = futures::stream::iter(messages);
    HouseholdServiceClient::new(session.peer()).import_households(session.request(stream)).await?;
    Ok(())
}

async fn contacts(session: &Session, city: &City) -> anyhow::Result<()> {
    let mut client = ContactServiceClient::new(session.peer());
    for grid in &city.inhabited {
        // A second run finds everything assigned and changes nothing: it needs no request id.
        let request = proto::AssignContactsRequest {
            grid: format!("grids/{grid}"),
            effective_date: EDITION.to_owned(),
            ..Default::default()
        };
        client.assign_contacts(session.request(request)).await?;
    }
    Ok(())
}

async fn volunteer_corps(session: &Session, city: &City) -> anyhow::Result<()> {
    let requests = corps::teams(&city.towns);
    let entries = corps::members(&requests, &city.people(), &city.inhabited);
    let mut teams = TeamServiceClient::new(session.peer());
    let request =
        volunteers::BatchCreateTeamsRequest { requests: requests.clone(), request_id: request_id(3, 0) };
    teams.batch_create_teams(session.request(request)).await?;
    let request = volunteers::BatchCreateVolunteersRequest { entries, request_id: request_id(4, 0) };
    let mut people = VolunteerServiceClient::new(session.peer());
    let members = people.batch_create_volunteers(session.request(request)).await?.into_inner().volunteers;
    let leaders = members.chunks(corps::PEOPLE_A_TEAM).filter_map(|team| team.first());
    for (number, (team, leader)) in requests.iter().zip(leaders).enumerate() {
        let team = volunteers::Team {
            name: format!("teams/{}", team.team_id),
            leader: leader.name.clone(),
            ..Default::default()
        };
        let request = volunteers::UpdateTeamRequest {
            team: Some(team),
            request_id: request_id(5, number),
            ..Default::default()
        };
        teams.update_team(session.request(request)).await?;
    }
    Ok(())
}
