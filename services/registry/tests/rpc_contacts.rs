//! The contact chain over real gRPC, in process: assigning, coverage, who is answerable, permissions, and how soon a
//! change is seen.
#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use minqing_platform::client::{Peer, in_process};
use minqing_platform::clock::Manual;
use minqing_platform::config::Secret;
use minqing_platform::identity::{Appointment, Caller, Role};
use minqing_platform::{db, seal, server, status};
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::contact_service_client::ContactServiceClient;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_proto::registry::v1::household_service_client::HouseholdServiceClient;
use minqing_proto::registry::v1::import_households_request::Part;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;
use minqing_registry::{Dependencies, Registry, SERVICES};
use minqing_testkit::{Database, on_both_databases};
use proto::ContactLevel as Level;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;
use tonic::{Code, Request, Status};

on_both_databases! {
    a_grid_is_assigned_and_its_households_are_answered_for;
    a_grid_and_a_place_are_answered_for_to_everyone;
    a_vacancy_falls_to_the_next_above;
    a_change_is_seen_by_whoever_made_it;
    a_change_by_another_process_is_seen_soon;
    the_turn_of_a_day_is_seen_at_once;
    answers_are_right_while_others_change_things;
    days_past_are_answered_for_as_they_were;
    a_household_is_answered_for_to_its_area_and_to_itself;
    links_and_coverage_are_seen_and_changed_by_those_of_the_area;
    coverage_and_links_come_in_pages;
    what_is_wrong_is_told;
}

const GRID: &str = "grids/321181100201001";
const OTHER_GRID: &str = "grids/321181100202001";

/// Believes the headers `role`, `division` and `person`: identity itself is tested in the platform.
struct Headers;

#[async_trait::async_trait]
impl server::Authenticate for Headers {
    type Caller = Caller;

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Status> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(role) = text("role") else { return Ok(Caller::anonymous()) };
        let role: Role = role.parse().unwrap();
        let division = text("division").unwrap_or_default().to_owned();
        let appointment = Appointment { role, organization: None, division };
        let appointments = if role == Role::Citizen { Vec::new() } else { vec![appointment] };
        let person = text("person").map(str::to_owned);
        Ok(Caller { issuer: "test".into(), subject: "somebody".into(), person, appointments })
    }
}

fn by<T>(role: &str, division: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("role", role.parse().unwrap());
    request.metadata_mut().insert("division", division.parse().unwrap());
    request
}

fn admin<T>(message: T) -> Request<T> {
    by("administrator", "", message)
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let refusal = answer.unwrap_err();
    let reason = status::reason(&refusal).unwrap_or_else(|| panic!("no reason: {refusal:?}"));
    (refusal.code(), reason)
}

/// A registry on a database, and the way to it.
struct Suite {
    peer: Peer,
    clock: Arc<Manual>,
    stop: CancellationToken,
}

impl Drop for Suite {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Suite {
    /// A process on a database.
    async fn beside(database: &Database) -> Self {
        let url = Secret::new(database.url().to_owned());
        let stop = CancellationToken::new();
        // 2026-03-01 in China.
        let clock = Arc::new(Manual::at(chrono::DateTime::from_timestamp(1_772_330_400, 0).unwrap()));
        let dependencies = Dependencies {
            database: db::Database::connect(&db::Options { url, ..db::Options::default() }).await.unwrap(),
            clock: clock.clone(),
            keyring: Arc::new(seal::Keyring::from_secret(&[7; 32])),
            stop: stop.clone(),
        };
        let registry = Registry::open(dependencies).await.unwrap();
        let options = server::Options::default();
        let mut routes = RoutesBuilder::default();
        registry.mount(&mut routes, &options);
        let assembled = server::assemble(routes, SERVICES, Headers, &options).await.unwrap();
        Self { peer: in_process(assembled.peer), clock, stop }
    }

    /// Two villages with a grid each; in the first grid 20 households of three, two members, a backbone and a lead; a
    /// cadre of the village, one of the town and one of the city.
    async fn open(database: &Database) -> Self {
        let suite = Self::beside(database).await;
        suite.draw().await;
        suite.settle(GRID, 20).await;
        for (id, role, place) in [
            ("m1", proto::Role::OrdinaryMember, "321181100201001"),
            ("m2", proto::Role::OrdinaryMember, "321181100201001"),
            ("b1", proto::Role::BackboneMember, "321181100201001"),
            ("l1", proto::Role::GridLead, "321181100201001"),
            ("village", proto::Role::Cadre, "321181100201"),
            ("town", proto::Role::Cadre, "321181100"),
            ("city", proto::Role::Cadre, "321181"),
        ] {
            suite.appoint(id, role, place).await;
        }
        suite
    }

    /// Open, and assigned.
    async fn assigned(database: &Database) -> Self {
        let suite = Self::open(database).await;
        suite.assign(GRID, false).await.unwrap();
        suite
    }

    async fn draw(&self) {
        let mut divisions = DivisionServiceClient::new(self.peer.clone());
        for code in ["32", "3211", "321181", "321181100", "321181100201", "321181100202"] {
            let division = proto::Division {
                code: code.to_owned(),
                display_name: format!("区划{code}"),
                effective_from: "2026-01-01".to_owned(),
                ..proto::Division::default()
            };
            let request =
                proto::CreateDivisionRequest { division: Some(division), request_id: String::new() };
            divisions.create_division(admin(request)).await.unwrap();
        }
        let mut grids = GridServiceClient::new(self.peer.clone());
        for (name, west) in [(GRID, 119.50), (OTHER_GRID, 119.52)] {
            let (east, south, north) = (west + 0.01, 32.00, 32.01);
            let ring = json!([[west, south], [east, south], [east, north], [west, north], [west, south]]);
            let boundary = json!({"type": "Polygon", "coordinates": [ring]});
            let grid = proto::Grid {
                code: name.trim_start_matches("grids/").to_owned(),
                display_name: "网格".to_owned(),
                effective_from: "2026-01-01".to_owned(),
                boundary: minqing_platform::json::to_struct(boundary),
                ..proto::Grid::default()
            };
            let request = proto::CreateGridRequest { grid: Some(grid), request_id: String::new() };
            grids.create_grid(admin(request)).await.unwrap();
        }
    }

    async fn settle(&self, grid: &str, count: usize) {
        let header = proto::ImportHouseholdsHeader {
            source: "test".to_owned(),
            file_name: "test".to_owned(),
            effective_from: "2026-01-01".to_owned(),
            ..Default::default()
        };
        let resident = |number| proto::ResidentRecord {
            display_name: format!("李{number}"),
            relation: proto::HouseholdRelation::Other.into(),
            ..Default::default()
        };
        let record = |number| proto::HouseholdRecord {
            source_id: format!("{grid}-{number:03}"),
            grid_code: grid.trim_start_matches("grids/").to_owned(),
            address: format!("新桥路{}号", number + 1),
            residents: (0..3).map(resident).collect(),
        };
        let records = (0..count).map(record).collect();
        let parts = [Part::Header(header), Part::Chunk(proto::HouseholdRecordChunk { records })];
        let messages = parts.map(|part| proto::ImportHouseholdsRequest { part: Some(part) });
        self.households().import_households(admin(futures::stream::iter(messages))).await.unwrap();
    }

    async fn appoint(&self, id: &str, role: proto::Role, place: &str) {
        let person = proto::Person {
            display_name: format!("张{id}"),
            division_code: "321181100".to_owned(),
            phone: "13800005678".to_owned(),
            effective_from: "2026-01-01".to_owned(),
            ..proto::Person::default()
        };
        let appointment = proto::Appointment {
            role: role.into(),
            division_code: place.to_owned(),
            effective_from: "2026-01-01".to_owned(),
            ..proto::Appointment::default()
        };
        let request = proto::CreatePersonRequest {
            person: Some(person),
            person_id: id.to_owned(),
            appointments: vec![appointment],
            ..Default::default()
        };
        self.people().create_person(admin(request)).await.unwrap();
    }

    /// Ends the one appointment of a person.
    async fn dismiss(&self, id: &str, on: &str) {
        let parent = format!("people/{id}");
        let request = proto::ListAppointmentsRequest { parent, ..Default::default() };
        let listed = self.people().list_appointments(admin(request)).await.unwrap().into_inner();
        let name = listed.appointments[0].name.clone();
        let request =
            proto::EndAppointmentRequest { name, effective_to: on.to_owned(), request_id: String::new() };
        self.people().end_appointment(admin(request)).await.unwrap();
    }

    async fn assign(&self, grid: &str, reassign: bool) -> Result<proto::AssignContactsResponse, Status> {
        let request = proto::AssignContactsRequest { grid: grid.to_owned(), reassign, ..Default::default() };
        Ok(self.contacts().assign_contacts(admin(request)).await?.into_inner())
    }

    /// The names of the households of a grid, along the street.
    async fn street(&self, grid: &str) -> Vec<String> {
        let request = proto::ListHouseholdsRequest { parent: grid.to_owned(), ..Default::default() };
        let listed = self.households().list_households(admin(request)).await.unwrap().into_inner();
        listed.households.into_iter().map(|household| household.name).collect()
    }

    async fn resolve(
        &self,
        request: proto::ResolveContactsRequest,
    ) -> Result<proto::ResolveContactsResponse, Status> {
        Ok(self.contacts().resolve_contacts(admin(request)).await?.into_inner())
    }

    /// Who answers for a household on a day, level by level; those who stand in with a star.
    async fn answers(&self, household: &str, on: &str) -> Vec<String> {
        told(&self.resolve(of_household(household, on)).await.unwrap())
    }

    fn contacts(&self) -> ContactServiceClient<Peer> {
        ContactServiceClient::new(self.peer.clone())
    }

    fn people(&self) -> PersonServiceClient<Peer> {
        PersonServiceClient::new(self.peer.clone())
    }

    fn households(&self) -> HouseholdServiceClient<Peer> {
        HouseholdServiceClient::new(self.peer.clone())
    }
}

fn of_household(household: &str, on: &str) -> proto::ResolveContactsRequest {
    let (household, effective_on) = (household.to_owned(), on.to_owned());
    proto::ResolveContactsRequest { household, effective_on, ..Default::default() }
}

fn of_grid(grid: &str) -> proto::ResolveContactsRequest {
    proto::ResolveContactsRequest { grid: grid.to_owned(), ..Default::default() }
}

fn told(answer: &proto::ResolveContactsResponse) -> Vec<String> {
    let ids = |people: &[proto::ContactPerson], mark: &str| -> Vec<String> {
        people.iter().map(|person| person.name.trim_start_matches("people/").to_owned() + mark).collect()
    };
    let level = |level: &proto::ContactAnswer| {
        assert_eq!(level.vacant, level.persons.is_empty());
        [ids(&level.persons, ""), ids(&level.acting, "*")].concat().join(" ")
    };
    answer.levels.iter().map(level).collect()
}

async fn a_grid_is_assigned_and_its_households_are_answered_for(database: Database) {
    let suite = Suite::open(&database).await;
    let assigned = suite.assign(GRID, false).await.unwrap();
    assert_eq!((assigned.created.len(), assigned.ended.len(), assigned.shortage), (23, 0, None));
    let coverage = assigned.coverage.unwrap();
    assert_eq!((coverage.scope.as_str(), coverage.household_count, coverage.resident_count), (GRID, 20, 60));
    let link = &assigned.created[0];
    assert!(link.subject.starts_with("households/") && link.name.starts_with("contactLinks/"));
    assert_eq!((link.contact.as_str(), link.effective_from.as_str()), ("people/m1", "2026-03-01"));
    let again = suite.assign(GRID, true).await.unwrap();
    assert_eq!((again.created.len(), again.ended.len()), (0, 0));

    let street = suite.street(GRID).await;
    assert_eq!(suite.answers(&street[0], "").await, ["m1", "b1", "l1", "village", "town", "city"]);
    assert_eq!(suite.answers(&street[19], "").await, ["m2", "b1", "l1", "village", "town", "city"]);
    let whole = suite.resolve(of_household(&street[0], "")).await.unwrap();
    assert_eq!(whole.grid, GRID);
    let person = &whole.levels[0].persons[0];
    assert_eq!((person.name.as_str(), person.display_name.as_str()), ("people/m1", "张m1"));
    let areas: Vec<&str> = whole.levels.iter().map(|level| level.area.as_str()).collect();
    assert_eq!(areas[2..], [GRID, "divisions/321181100201", "divisions/321181100", "divisions/321181"]);
}

async fn a_grid_and_a_place_are_answered_for_to_everyone(database: Database) {
    let suite = Suite::open(&database).await;
    let answer = suite.contacts().resolve_contacts(of_grid(GRID)).await.unwrap().into_inner();
    assert_eq!(told(&answer), ["l1", "village", "town", "city"]);
    let place = |longitude| proto::ResolveContactsRequest {
        latitude: Some(32.005),
        longitude: Some(longitude),
        datum: proto::Datum::Wgs84.into(),
        ..Default::default()
    };
    let there = suite.contacts().resolve_contacts(place(119.505)).await.unwrap().into_inner();
    assert_eq!(there, answer);
    let other = suite.contacts().resolve_contacts(place(119.525)).await.unwrap().into_inner();
    assert_eq!(other.grid, OTHER_GRID);
    let nowhere = suite.contacts().resolve_contacts(place(119.6)).await;
    assert_eq!(refused(nowhere), (Code::NotFound, "PLACE_NOT_IN_A_GRID".to_owned()));
}

async fn a_vacancy_falls_to_the_next_above(database: Database) {
    let suite = Suite::assigned(&database).await;
    let home = &suite.street(GRID).await[0];
    suite.dismiss("m1", "2026-03-01").await;
    suite.dismiss("village", "2026-03-01").await;
    assert_eq!(suite.answers(home, "").await, ["b1*", "b1", "l1", "town*", "town", "city"]);
    let answer = suite.resolve(of_household(home, "")).await.unwrap();
    assert_eq!(answer.levels[0].acting_level(), Level::Backbone);
    assert_eq!(answer.levels[3].acting_level(), Level::Town);
    for id in ["b1", "l1", "town", "city"] {
        suite.dismiss(id, "2026-03-01").await;
    }
    assert_eq!(suite.answers(home, "").await, [""; 6]);
}

async fn a_change_is_seen_by_whoever_made_it(database: Database) {
    let suite = Suite::open(&database).await;
    let street = suite.street(GRID).await;
    let home = &street[0];
    let seen = async |expected: [&str; 6]| assert_eq!(suite.answers(home, "").await, expected);
    seen(["l1*", "l1*", "l1", "village", "town", "city"]).await;
    let assigned = suite.assign(GRID, false).await.unwrap();
    seen(["m1", "b1", "l1", "village", "town", "city"]).await;
    // The end of a link.
    let link = assigned.created.iter().find(|link| link.subject == *home).unwrap().clone();
    let request = proto::EndContactLinkRequest { name: link.name, etag: link.etag, ..Default::default() };
    let ended = suite.contacts().end_contact_link(admin(request)).await.unwrap().into_inner();
    assert_eq!(ended.effective_to, "2026-03-01");
    seen(["l1*", "l1*", "l1", "village", "town", "city"]).await;
    suite.assign(GRID, false).await.unwrap();
    // A cadre who comes, one who goes, and a name that changes.
    suite.appoint("alter", proto::Role::Cadre, "321181100201").await;
    seen(["m1", "b1", "l1", "alter village", "town", "city"]).await;
    suite.dismiss("village", "2026-03-01").await;
    seen(["m1", "b1", "l1", "alter", "town", "city"]).await;
    let person =
        proto::Person { name: "people/m1".into(), display_name: "王五".into(), ..Default::default() };
    let mask = prost_types::FieldMask { paths: vec!["display_name".into()] };
    let request =
        proto::UpdatePersonRequest { person: Some(person), update_mask: Some(mask), ..Default::default() };
    suite.people().update_person(admin(request)).await.unwrap();
    let answer = suite.resolve(of_household(home, "")).await.unwrap();
    assert_eq!(answer.levels[0].persons[0].display_name, "王五");
    // A household that moves, and one that ends.
    let request = proto::MoveHouseholdRequest {
        name: home.clone(),
        grid: OTHER_GRID.to_owned(),
        address: "别处1号".to_owned(),
        ..Default::default()
    };
    suite.households().move_household(admin(request)).await.unwrap();
    seen(["town*", "town*", "town*", "town*", "town", "city"]).await;
    assert_eq!(suite.resolve(of_household(home, "")).await.unwrap().grid, OTHER_GRID);
    let request = proto::EndHouseholdRequest { name: street[1].clone(), ..Default::default() };
    suite.households().end_household(admin(request)).await.unwrap();
    let gone = suite.resolve(of_household(&street[1], "")).await;
    assert_eq!(refused(gone), (Code::FailedPrecondition, "HOUSEHOLD_NOT_IN_FORCE".to_owned()));
}

async fn a_change_by_another_process_is_seen_soon(database: Database) {
    let suite = Suite::assigned(&database).await;
    let home = &suite.street(GRID).await[0];
    assert_eq!(suite.answers(home, "").await[0], "m1");
    let other = Suite::beside(&database).await;
    other.dismiss("m1", "2026-03-01").await;
    for _ in 0..40 {
        if suite.answers(home, "").await[0] == "b1*" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the change was not seen within two seconds");
}

async fn the_turn_of_a_day_is_seen_at_once(database: Database) {
    let suite = Suite::assigned(&database).await;
    let home = &suite.street(GRID).await[0];
    suite.dismiss("m1", "2026-03-02").await;
    assert_eq!(suite.answers(home, "").await[0], "m1");
    assert_eq!(suite.answers(home, "2026-03-02").await[0], "b1*");
    suite.clock.advance(chrono::Duration::days(1));
    assert_eq!(suite.answers(home, "").await[0], "b1*");
    assert_eq!(suite.answers(home, "2026-03-01").await[0], "m1");
}

async fn answers_are_right_while_others_change_things(database: Database) {
    let suite = Arc::new(Suite::assigned(&database).await);
    let street = suite.street(GRID).await;
    // Some ask all the time; one changes a thing and asks, over and over, and must never be told what was before.
    let stop = CancellationToken::new();
    let askers: Vec<_> = (0..4)
        .map(|number| {
            let (suite, stop, home) = (suite.clone(), stop.clone(), street[number * 5].clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    assert_eq!(suite.answers(&home, "").await[5], "city");
                }
            })
        })
        .collect();
    for round in 0..10 {
        let id = format!("r{round}");
        suite.appoint(&id, proto::Role::Cadre, "321181100202").await;
        let told = told(&suite.resolve(of_grid(OTHER_GRID)).await.unwrap());
        assert!(told[1].split(' ').any(|person| person == id), "round {round}: {told:?}");
        suite.dismiss(&id, "2026-03-01").await;
        let told = self::told(&suite.resolve(of_grid(OTHER_GRID)).await.unwrap());
        assert!(told[1].split(' ').all(|person| person != id), "round {round}: {told:?}");
    }
    stop.cancel();
    for asker in askers {
        asker.await.unwrap();
    }
}

async fn days_past_are_answered_for_as_they_were(database: Database) {
    let suite = Suite::assigned(&database).await;
    let home = &suite.street(GRID).await[0];
    // The links began today; people were in office before.
    assert_eq!(suite.answers(home, "2026-02-28").await, ["l1*", "l1*", "l1", "village", "town", "city"]);
    let before = suite.resolve(of_household(home, "2025-12-31")).await;
    assert_eq!(refused(before).1, "HOUSEHOLD_NOT_IN_FORCE");
    let request = proto::ResolveContactsRequest { effective_on: "2025-12-31".into(), ..of_grid(GRID) };
    assert_eq!(refused(suite.resolve(request).await).1, "GRID_NOT_IN_FORCE");
}

async fn a_household_is_answered_for_to_its_area_and_to_itself(database: Database) {
    let suite = Suite::assigned(&database).await;
    let street = suite.street(GRID).await;
    let home = &street[0];
    let request = || of_household(home, "");
    assert_eq!(
        refused(suite.contacts().resolve_contacts(request()).await),
        (Code::Unauthenticated, "SIGN_IN_NEEDED".to_owned())
    );
    for (role, division, allowed) in [
        ("ordinary_member", "321181100201001", true),
        ("cadre", "321181100", true),
        ("grid_lead", "321181100202001", false),
        ("cadre", "321182", false),
        ("citizen", "", false),
    ] {
        let answer = suite.contacts().resolve_contacts(by(role, division, request())).await;
        match answer {
            Ok(_) => assert!(allowed, "{role} of {division}"),
            Err(refusal) => {
                assert!(!allowed, "{role} of {division}: {refusal:?}");
                assert_eq!(refusal.code(), Code::PermissionDenied);
            }
        }
    }
    // Whoever lives there is told, though they hold no office.
    suite.appoint("own", proto::Role::Proxy, "321181101").await;
    let resident = proto::Resident {
        display_name: "李四".to_owned(),
        relation: proto::HouseholdRelation::Child.into(),
        person: "people/own".to_owned(),
        ..Default::default()
    };
    let create =
        proto::CreateResidentRequest { parent: home.clone(), resident: Some(resident), ..Default::default() };
    suite.households().create_resident(admin(create)).await.unwrap();
    let as_own = |household: &str| {
        let mut request = by("citizen", "", of_household(household, ""));
        request.metadata_mut().insert("person", "people/own".parse().unwrap());
        request
    };
    let answer = suite.contacts().resolve_contacts(as_own(home)).await.unwrap().into_inner();
    assert_eq!(told(&answer)[0], "m1");
    let neighbour = suite.contacts().resolve_contacts(as_own(&street[1])).await;
    assert_eq!(refused(neighbour).0, Code::PermissionDenied);
    let nobody = "households/00000000-0000-0000-0000-000000000000";
    assert_eq!(refused(suite.resolve(of_household(nobody, "")).await).0, Code::NotFound);
}

async fn links_and_coverage_are_seen_and_changed_by_those_of_the_area(database: Database) {
    let suite = Suite::assigned(&database).await;
    let list = |scope: &str| proto::ListContactLinksRequest { scope: scope.into(), ..Default::default() };
    let mut contacts = suite.contacts();
    let links = contacts.list_contact_links(by("ordinary_member", "321181100201001", list(GRID))).await;
    let link = links.unwrap().into_inner().contact_links[0].clone();
    let elsewhere = contacts.list_contact_links(by("ordinary_member", "321181100202001", list(GRID))).await;
    assert_eq!(refused(elsewhere).0, Code::PermissionDenied);
    let everywhere = contacts.list_contact_links(by("cadre", "321181", list(""))).await;
    assert_eq!(refused(everywhere).0, Code::PermissionDenied);
    assert_eq!(refused(contacts.list_contact_links(list(GRID)).await).0, Code::Unauthenticated);

    let get = || proto::GetContactLinkRequest { name: link.name.clone() };
    let got = contacts.get_contact_link(by("grid_lead", "321181100201001", get())).await.unwrap();
    assert_eq!(got.into_inner(), link);
    let other = contacts.get_contact_link(by("grid_lead", "321181100202001", get())).await;
    assert_eq!(refused(other).0, Code::PermissionDenied);
    let coverage =
        || proto::GetContactCoverageRequest { scope: "divisions/321181100201".into(), ..Default::default() };
    contacts.get_contact_coverage(by("cadre", "321181100201", coverage())).await.unwrap();
    let other = contacts.get_contact_coverage(by("cadre", "321181100202", coverage())).await;
    assert_eq!(refused(other).0, Code::PermissionDenied);

    let assign = || proto::AssignContactsRequest { grid: GRID.to_owned(), ..Default::default() };
    let end = || proto::EndContactLinkRequest { name: link.name.clone(), ..Default::default() };
    for (role, division) in [("grid_lead", "321181100201001"), ("cadre", "321181100202"), ("auditor", "")] {
        let answer = contacts.assign_contacts(by(role, division, assign())).await;
        assert_eq!(refused(answer).0, Code::PermissionDenied, "{role}");
        let answer = contacts.end_contact_link(by(role, division, end())).await;
        assert_eq!(refused(answer).0, Code::PermissionDenied, "{role}");
    }
    contacts.assign_contacts(by("cadre", "321181100201", assign())).await.unwrap();
    contacts.end_contact_link(by("cadre", "321181100", end())).await.unwrap();
}

async fn coverage_and_links_come_in_pages(database: Database) {
    let suite = Suite::assigned(&database).await;
    suite.settle(OTHER_GRID, 7).await;
    let mut request = proto::GetContactCoverageRequest {
        scope: "divisions/321181".into(),
        page_size: 3,
        ..Default::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = suite.contacts().get_contact_coverage(admin(request.clone())).await.unwrap().into_inner();
        assert_eq!((page.household_count, page.uncovered_household_count), (27, 7));
        seen.extend(page.uncovered_households);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(seen, suite.street(OTHER_GRID).await);
    request.scope = "divisions/3211".into();
    let foreign = suite.contacts().get_contact_coverage(admin(request)).await;
    assert_eq!(refused(foreign).1, "INVALID_PAGE_TOKEN");

    let mut request =
        proto::ListContactLinksRequest { scope: GRID.into(), page_size: 10, ..Default::default() };
    let mut seen = 0;
    loop {
        let page = suite.contacts().list_contact_links(admin(request.clone())).await.unwrap().into_inner();
        seen += page.contact_links.len();
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(seen, 23);
}

async fn what_is_wrong_is_told(database: Database) {
    let suite = Suite::open(&database).await;
    let mut contacts = suite.contacts();
    let both = proto::ResolveContactsRequest { datum: 1, ..of_grid(GRID) };
    assert_eq!(refused(suite.resolve(both).await), (Code::InvalidArgument, "EXACTLY_ONE".to_owned()));
    let grid = suite.resolve(of_grid("grids/321181100201999")).await;
    assert_eq!(refused(grid).0, Code::NotFound);
    let coverage = |scope: &str| {
        let request = proto::GetContactCoverageRequest { scope: scope.into(), ..Default::default() };
        let mut contacts = suite.contacts();
        async move { contacts.get_contact_coverage(admin(request)).await }
    };
    assert_eq!(refused(coverage("").await).1, "REQUIRED_FIELD");
    assert_eq!(refused(coverage("people/x").await).1, "INVALID_NAME");
    assert_eq!(refused(coverage("divisions/33").await).0, Code::NotFound);
    let list = proto::ListContactLinksRequest {
        kind: proto::ContactKind::MemberToBackbone.into(),
        subject: "households/018f0000-0000-7000-8000-000000000000".into(),
        ..Default::default()
    };
    let listed = contacts.list_contact_links(admin(list)).await;
    assert_eq!(refused(listed).1, "SUBJECT_NOT_OF_KIND");
    let get = proto::GetContactLinkRequest { name: "contactLinks/x".into() };
    assert_eq!(refused(contacts.get_contact_link(admin(get)).await).1, "INVALID_NAME");
    let id = uuid::Uuid::nil().to_string();
    let get = proto::GetContactLinkRequest { name: format!("contactLinks/{id}") };
    assert_eq!(refused(contacts.get_contact_link(admin(get)).await).0, Code::NotFound);
    let assign = proto::AssignContactsRequest {
        grid: GRID.into(),
        effective_date: "yesterday".into(),
        ..Default::default()
    };
    assert_eq!(refused(contacts.assign_contacts(admin(assign)).await).1, "INVALID_DATE");
    let planned =
        proto::AssignContactsRequest { grid: GRID.into(), validate_only: true, ..Default::default() };
    let planned = contacts.assign_contacts(admin(planned)).await.unwrap().into_inner();
    assert!(planned.created.iter().all(|link| link.name.is_empty() && link.etag.is_empty()));
    assert_eq!(planned.created.len(), 23);
}
