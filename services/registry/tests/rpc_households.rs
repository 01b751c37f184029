//! Households over real gRPC, in process: what is shown to whom, what is recorded, refusals, and the import.
#![cfg(test)]

mod room;

use minqing_platform::client::Peer;
use minqing_platform::identity::Role;
use minqing_platform::status;
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_proto::registry::v1::household_service_client::HouseholdServiceClient;
use minqing_proto::registry::v1::import_households_request::Part;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;
use minqing_testkit::{Database, on_both_databases};
use tokio_util::sync::DropGuard;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use room::{Room, by};

on_both_databases! {
    what_is_personal_is_masked_until_it_is_revealed_for_a_purpose;
    an_address_is_masked_for_those_who_are_not_of_the_area;
    a_resident_sees_their_own_file_and_who_read_it;
    a_section_is_read_under_a_consent_and_recorded;
    nobody_is_found_without_a_purpose_and_an_area;
    every_wrong_field_is_named;
    a_mask_can_clear_a_field;
    a_move_needs_permission_in_both_grids;
    households_are_listed_by_area_page_by_page;
    records_are_imported_and_a_second_import_changes_nothing;
    an_import_with_a_fault_names_file_record_and_field;
    an_import_out_of_order_is_refused;
}

const IDENTITY: &str = "11010519491231002X";

/// A registry with two grids, and the way to it.
struct Suite {
    peer: Peer,
    _stop: DropGuard,
}

const GRID: &str = "grids/321181100201001";
const OTHER_GRID: &str = "grids/321181100202001";

impl Suite {
    async fn open(database: &Database) -> Self {
        let Room { peer, stop, .. } = room::open(database).await;
        let suite = Self { peer, _stop: stop };
        suite.fill().await;
        suite
    }

    /// Two villages with a grid each, in force since 2026-01-01, and two people.
    async fn fill(&self) {
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
        for name in [GRID, OTHER_GRID] {
            let grid = proto::Grid {
                code: name.trim_start_matches("grids/").to_owned(),
                display_name: "网格".to_owned(),
                effective_from: "2026-01-01".to_owned(),
                ..proto::Grid::default()
            };
            let request = proto::CreateGridRequest { grid: Some(grid), request_id: String::new() };
            grids.create_grid(admin(request)).await.unwrap();
        }
        let mut people = PersonServiceClient::new(self.peer.clone());
        for id in ["zhang", "wang"] {
            let person = proto::Person {
                display_name: "张三".to_owned(),
                division_code: "321181100201".to_owned(),
                ..proto::Person::default()
            };
            let request = proto::CreatePersonRequest {
                person: Some(person),
                person_id: id.to_owned(),
                ..proto::CreatePersonRequest::default()
            };
            people.create_person(admin(request)).await.unwrap();
        }
    }

    fn client(&self) -> HouseholdServiceClient<Peer> {
        HouseholdServiceClient::new(self.peer.clone())
    }

    /// A household at an address of the first grid.
    async fn household(&self, address: &str) -> String {
        let household = proto::Household {
            grid: GRID.to_owned(),
            address: address.to_owned(),
            effective_from: "2026-02-01".to_owned(),
            ..proto::Household::default()
        };
        let request = proto::CreateHouseholdRequest { household: Some(household), request_id: String::new() };
        self.client().create_household(admin(request)).await.unwrap().into_inner().name
    }

    /// A household with 张三, who is its head and the person `zhang`.
    async fn family(&self) -> String {
        let name = self.household("前巷村3组9号").await;
        let resident = proto::Resident {
            display_name: "张三".to_owned(),
            relation: proto::HouseholdRelation::Head.into(),
            identity_number: IDENTITY.to_owned(),
            phone: "138 1234 5678".to_owned(),
            birth_year: 1949,
            person: "people/zhang".to_owned(),
            ..proto::Resident::default()
        };
        let request = proto::CreateResidentRequest {
            parent: name.clone(),
            resident: Some(resident),
            request_id: String::new(),
        };
        self.client().create_resident(admin(request)).await.unwrap();
        name
    }

    async fn access_records(
        &self,
        by: impl Fn(proto::ListHouseholdAccessRecordsRequest) -> Request<proto::ListHouseholdAccessRecordsRequest>,
        parent: &str,
    ) -> Result<Vec<(String, Vec<String>)>, Status> {
        let request = proto::ListHouseholdAccessRecordsRequest {
            parent: parent.to_owned(),
            ..proto::ListHouseholdAccessRecordsRequest::default()
        };
        let found = self.client().list_household_access_records(by(request)).await?.into_inner();
        Ok(found.access_records.into_iter().map(|record| (record.purpose, record.fields)).collect())
    }

    /// One search in the first village found nobody.
    async fn searches_that_found_nobody_are_listed(&self) {
        let list = |role: &'static str, division: &'static str, parent: &str| {
            let mut people = PersonServiceClient::new(self.peer.clone());
            let request = proto::ListAccessRecordsRequest { parent: parent.to_owned(), ..Default::default() };
            async move {
                let listed = people.list_access_records(by(role, division, request)).await?;
                Ok::<_, Status>(listed.into_inner().access_records)
            }
        };
        let (town, village) = ("divisions/321181100", "divisions/321181100201");
        let found = list("auditor", "321181100201", village).await.unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].name.starts_with("divisions/321181100201/accessRecords/"), "{found:?}");
        assert_eq!(found[0].fields, ["find:identity_number"]);
        assert_eq!((found[0].actor.as_str(), found[0].purpose.is_empty()), ("test#somebody", false));
        assert_eq!(list("auditor", "", town).await.unwrap(), found);
        assert!(list("auditor", "", "divisions/321181100202").await.unwrap().is_empty());
        for (role, division) in
            [("auditor", "321181100201"), ("supervisor", ""), ("window_clerk", "321181100")]
        {
            assert_eq!(
                list(role, division, town).await.unwrap_err().code(),
                Code::PermissionDenied,
                "{role}"
            );
        }
    }

    async fn import(&self, parts: Vec<Part>) -> Result<proto::ImportHouseholdsResponse, Status> {
        let messages = parts.into_iter().map(|part| proto::ImportHouseholdsRequest { part: Some(part) });
        let stream = tokio_stream::iter(messages.collect::<Vec<_>>());
        Ok(self.client().import_households(admin(stream)).await?.into_inner())
    }
}

fn admin<T>(message: T) -> Request<T> {
    by("administrator", "", message)
}

/// A clerk of the first village.
fn clerk<T>(message: T) -> Request<T> {
    by("window_clerk", "321181100201", message)
}

/// A citizen who is a person of the registry.
fn person<T>(id: &str, message: T) -> Request<T> {
    let mut request = by("citizen", "", message);
    request.metadata_mut().insert("person", format!("people/{id}").parse().unwrap());
    request
}

fn reason(refused: &Status) -> (Code, String) {
    (refused.code(), status::reason(refused).unwrap_or_default())
}

/// The fields that a refusal names.
fn fields(refused: &Status) -> Vec<String> {
    let details = refused.get_details_bad_request().unwrap();
    details.field_violations.into_iter().map(|violation| violation.field).collect()
}

fn reading(purpose: proto::ReadingPurpose) -> Option<proto::Reading> {
    Some(proto::Reading { purpose: purpose.into(), reference: "cases/1".to_owned(), legal_basis: 0 })
}

fn get(name: &str) -> proto::GetHouseholdRequest {
    proto::GetHouseholdRequest { name: name.to_owned() }
}

fn reveal(household: &str, reading: Option<proto::Reading>) -> proto::RevealResidentRequest {
    proto::RevealResidentRequest { name: format!("{household}/residents/1"), reading }
}

fn section(household: &str, reading: Option<proto::Reading>) -> proto::GetHouseholdSectionRequest {
    proto::GetHouseholdSectionRequest { name: format!("{household}/sections/medical"), reading }
}

fn write(household: &str) -> proto::UpdateHouseholdSectionRequest {
    let entry =
        proto::SectionEntry {
            title: "住院".to_owned(), text: String::new(), date: "2026-02-03".to_owned()
        };
    let section = proto::HouseholdSection {
        name: format!("{household}/sections/medical"),
        entries: vec![entry],
        ..proto::HouseholdSection::default()
    };
    proto::UpdateHouseholdSectionRequest {
        section: Some(section),
        ..proto::UpdateHouseholdSectionRequest::default()
    }
}

fn consent(household: &str) -> proto::RecordConsentRequest {
    let consent = proto::HouseholdConsent {
        resident: format!("{household}/residents/1"),
        sections: vec![proto::SectionKind::Medical.into()],
        purposes: vec![proto::ReadingPurpose::MedicalHelp.into()],
        until: "2026-12-31".to_owned(),
        evidence: "form 12".to_owned(),
        ..proto::HouseholdConsent::default()
    };
    proto::RecordConsentRequest {
        parent: household.to_owned(),
        consent: Some(consent),
        request_id: String::new(),
    }
}

async fn what_is_personal_is_masked_until_it_is_revealed_for_a_purpose(database: Database) {
    let suite = Suite::open(&database).await;
    let family = suite.family().await;
    let mut client = suite.client();
    let household = client.get_household(clerk(get(&family))).await.unwrap().into_inner();
    assert_eq!((household.head_display_name.as_str(), household.resident_count), ("张*", 1));
    let name = format!("{family}/residents/1");
    let request = proto::GetResidentRequest { name: name.clone() };
    let masked = client.get_resident(clerk(request)).await.unwrap().into_inner();
    assert_eq!((masked.display_name.as_str(), masked.phone.as_str()), ("张*", "138****5678"));
    assert_eq!((masked.identity_number.as_str(), masked.birth_year), ("1101**********002X", 0));
    // Neither without a purpose nor by somebody of another village.
    let refused = client.reveal_resident(clerk(reveal(&family, None))).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "REQUIRED_FIELD".to_owned()));
    let stated = || reveal(&family, reading(proto::ReadingPurpose::CaseHandling));
    let stranger = by("window_clerk", "321181100202", stated());
    let refused = client.reveal_resident(stranger).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::PermissionDenied, "NOT_PERMITTED".to_owned()));
    let whole = client.reveal_resident(clerk(stated())).await.unwrap().into_inner();
    assert_eq!((whole.display_name.as_str(), whole.identity_number.as_str()), ("张三", IDENTITY));
    assert_eq!((whole.phone.as_str(), whole.birth_year), ("+8613812345678", 1949));
    let auditor = |request| by("auditor", "321181", request);
    let records = suite.access_records(auditor, &family).await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].0, "case-handling: cases/1");
    assert!(records[0].1.contains(&"residents/1.identity_number".to_owned()));
}

async fn an_address_is_masked_for_those_who_are_not_of_the_area(database: Database) {
    let suite = Suite::open(&database).await;
    let family = suite.family().await;
    let address = async |request| suite.client().get_household(request).await.unwrap().into_inner().address;
    assert_eq!(address(by("grid_lead", "321181100201001", get(&family))).await, "前巷村3组9号");
    assert_eq!(address(by("dispatcher", "321181100201", get(&family))).await, "前巷村3组9号");
    assert_eq!(address(by("dispatcher", "321181100202", get(&family))).await, "前巷村***");
    assert_eq!(address(person("zhang", get(&family))).await, "前巷村3组9号");
    let refused = suite.client().get_household(person("wang", get(&family))).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let refused = suite.client().get_household(get(&family)).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::Unauthenticated, "SIGN_IN_NEEDED".to_owned()));
    // Whether a household is there is not told to who may see none.
    let missing = format!("households/{}", uuid::Uuid::nil());
    let refused = suite.client().get_household(get(&missing)).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let refused = suite.client().get_household(clerk(get(&missing))).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::NotFound, "NOT_FOUND".to_owned()));
}

/// Which roles may do what within their area: the table of the policy, written down once more.
#[test]
fn every_role_may_do_what_it_needs_and_nothing_else() {
    const MASKED: &[&str] = &["GetHousehold", "ListHouseholds", "GetResident", "ListResidents"];
    const SERVING: &[&str] = &[
        "RevealResident",
        "FindResident",
        "GetHouseholdSection",
        "UpdateHouseholdSection",
        "ListConsents",
        "RecordConsent",
        "WithdrawConsent",
    ];
    const KEEPING: &[&str] = &[
        "CreateHousehold",
        "UpdateHousehold",
        "MoveHousehold",
        "EndHousehold",
        "CreateResident",
        "UpdateResident",
        "EndResident",
        "ImportHouseholds",
    ];
    const WATCHING: &[&str] = &["ListHouseholdAccessRecords"];
    let policy = minqing_registry::policy().unwrap();
    for role in Role::ALL {
        let may = |action: &str| {
            use Role as R;
            match action {
                _ if MASKED.contains(&action) => {
                    let keeps = matches!(
                        role,
                        R::GridLead
                            | R::BackboneMember
                            | R::OrdinaryMember
                            | R::InformationOfficer
                            | R::Cadre
                            | R::WindowClerk
                            | R::Assistant
                            | R::SystemAccount
                            | R::Administrator
                    );
                    let follows = matches!(role, R::Dispatcher | R::Supervisor | R::Auditor);
                    keeps || (action == "GetHousehold" && follows)
                }
                _ if SERVING.contains(&action) => matches!(role, R::WindowClerk | R::Assistant | R::Cadre),
                "ImportHouseholds" => matches!(role, R::Administrator | R::SystemAccount),
                _ if KEEPING.contains(&action) => role == R::Administrator,
                _ => matches!(role, R::Supervisor | R::Auditor),
            }
        };
        for action in [MASKED, SERVING, KEEPING, WATCHING].concat() {
            assert_eq!(policy.allows(role, action, true, false), may(action), "{role} {action}");
            let anywhere = action == "GetHousehold"
                && [Role::Dispatcher, Role::Supervisor, Role::Auditor].contains(&role);
            assert_eq!(policy.allows(role, action, false, false), anywhere, "{role} {action} elsewhere");
        }
        assert_eq!(policy.allows(role, "ListOwnHouseholds", false, true), role != Role::Anonymous);
        assert!(!policy.allows(Role::Citizen, "UpdateHouseholdSection", true, true));
    }
}

async fn a_resident_sees_their_own_file_and_who_read_it(database: Database) {
    let suite = Suite::open(&database).await;
    let family = suite.family().await;
    let mut client = suite.client();
    client.update_household_section(clerk(write(&family))).await.unwrap();
    let own = client.list_own_households(person("zhang", proto::ListOwnHouseholdsRequest {})).await.unwrap();
    assert_eq!(own.into_inner().households[0].name, family);
    let own = client.list_own_households(person("wang", proto::ListOwnHouseholdsRequest {})).await.unwrap();
    assert!(own.into_inner().households.is_empty());
    let whole = client.reveal_resident(person("zhang", reveal(&family, None))).await.unwrap().into_inner();
    assert_eq!(whole.identity_number, IDENTITY);
    let read = client.get_household_section(person("zhang", section(&family, None))).await.unwrap();
    assert_eq!(read.into_inner().entries[0].title, "住院");
    let refused = client.get_household_section(person("wang", section(&family, None))).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let records = suite.access_records(|request| person("zhang", request), &family).await.unwrap();
    let purposes: Vec<&str> = records.iter().map(|(purpose, _)| purpose.as_str()).collect();
    assert_eq!(purposes, ["own-file: own file", "own-file: own file", "record-keeping"]);
    let refused = suite.access_records(|request| person("wang", request), &family).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let refused = suite.access_records(clerk, &family).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

async fn a_section_is_read_under_a_consent_and_recorded(database: Database) {
    let suite = Suite::open(&database).await;
    let family = suite.family().await;
    let mut client = suite.client();
    let written = client.update_household_section(clerk(write(&family))).await.unwrap().into_inner();
    assert_eq!((written.etag.as_str(), written.kind), ("1", proto::SectionKind::Medical.into()));
    let help = || reading(proto::ReadingPurpose::MedicalHelp);
    let refused = client.get_household_section(clerk(section(&family, help()))).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::FailedPrecondition, "NO_CONSENT".to_owned()));
    let own = reading(proto::ReadingPurpose::OwnFile);
    let refused = client.get_household_section(clerk(section(&family, own))).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "NOT_OWN_FILE".to_owned()));
    let given = client.record_consent(person("zhang", consent(&family))).await.unwrap().into_inner();
    let read = client.get_household_section(clerk(section(&family, help()))).await.unwrap().into_inner();
    assert_eq!(read.purposes, [i32::from(proto::ReadingPurpose::MedicalHelp)]);
    let withdraw = proto::WithdrawConsentRequest { name: given.name, request_id: String::new() };
    let withdrawn = client.withdraw_consent(person("zhang", withdraw)).await.unwrap().into_inner();
    assert!(withdrawn.withdraw_time.is_some());
    let refused = client.get_household_section(clerk(section(&family, help()))).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::FailedPrecondition, "NO_CONSENT".to_owned()));
    let list = proto::ListConsentsRequest { parent: family.clone(), ..proto::ListConsentsRequest::default() };
    assert_eq!(client.list_consents(clerk(list)).await.unwrap().into_inner().consents, [withdrawn]);
    let records = suite.access_records(|request| person("zhang", request), &family).await.unwrap();
    assert_eq!(records[0].0, "medical-help: cases/1 (consent 1)");
    assert_eq!(records[0].1, ["sections/medical"]);
}

async fn nobody_is_found_without_a_purpose_and_an_area(database: Database) {
    let suite = Suite::open(&database).await;
    let family = suite.family().await;
    let find = async |division: &str, number: &str, reading| {
        let request = proto::FindResidentRequest {
            division: format!("divisions/{division}"),
            identity_number: number.to_owned(),
            reading,
        };
        suite.client().find_resident(clerk(request)).await.map(tonic::Response::into_inner)
    };
    let case = || reading(proto::ReadingPurpose::CaseHandling);
    let found = find("321181100201", IDENTITY, case()).await.unwrap();
    assert_eq!(found.name, format!("{family}/residents/1"));
    assert_eq!(found.display_name, "张*");
    let refused = find("321181100201", IDENTITY, None).await.unwrap_err();
    assert_eq!(fields(&refused), ["reading"]);
    // A clerk of one village does not look through the city.
    assert_eq!(find("321181", IDENTITY, case()).await.unwrap_err().code(), Code::PermissionDenied);
    let refused = find("321181100201", "110105194912310021", case()).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "IDENTITY_NUMBER_CHECK".to_owned()));
    assert!(!format!("{refused:?}").contains("110105194912310021"));
    let nobody = find("321181100201", "321181199001010017", case()).await.unwrap_err();
    assert_eq!(reason(&nobody), (Code::NotFound, "NOT_FOUND".to_owned()));
    let supervisor = |request| by("supervisor", "321181", request);
    let records = suite.access_records(supervisor, &family).await.unwrap();
    assert_eq!(records[0].1, ["find:identity_number"]);
    suite.searches_that_found_nobody_are_listed().await;
}

async fn every_wrong_field_is_named(database: Database) {
    let suite = Suite::open(&database).await;
    let family = suite.family().await;
    let mut client = suite.client();
    let household = proto::Household { grid: "grids/1".to_owned(), ..proto::Household::default() };
    let request = proto::CreateHouseholdRequest { household: Some(household), request_id: String::new() };
    let refused = client.create_household(admin(request)).await.unwrap_err();
    assert_eq!(fields(&refused), ["household.grid", "household.address"]);
    let resident = proto::Resident {
        identity_number: "1".to_owned(),
        phone: "x".to_owned(),
        birth_year: 1,
        relation: 99,
        person: "zhang".to_owned(),
        ..proto::Resident::default()
    };
    let request = proto::CreateResidentRequest {
        parent: family.clone(),
        resident: Some(resident),
        request_id: String::new(),
    };
    let refused = client.create_resident(admin(request)).await.unwrap_err();
    let all = ["display_name", "identity_number", "phone", "birth_year", "relation", "person"];
    assert_eq!(fields(&refused), all.map(|field| format!("resident.{field}")));
    let mut wrong = consent(&family);
    let given = wrong.consent.as_mut().unwrap();
    given.resident = format!("households/{}/residents/1", uuid::Uuid::nil());
    (given.sections, given.until) = (Vec::new(), String::new());
    let refused = client.record_consent(clerk(wrong)).await.unwrap_err();
    assert_eq!(fields(&refused), ["consent.resident", "consent.sections", "consent.until"]);
    for name in ["households/1", "people/x", "", "households/"] {
        let refused = client.get_household(clerk(get(name))).await.unwrap_err();
        assert_eq!(fields(&refused), ["name"], "{name}");
    }
}

async fn a_mask_can_clear_a_field(database: Database) {
    let suite = Suite::open(&database).await;
    let family = suite.family().await;
    let update = async |resident: proto::Resident, paths: &[&str]| {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let request = proto::UpdateResidentRequest {
            resident: Some(proto::Resident { name: format!("{family}/residents/1"), ..resident }),
            update_mask: Some(prost_types::FieldMask { paths }),
            request_id: String::new(),
        };
        suite.client().update_resident(admin(request)).await.map(tonic::Response::into_inner)
    };
    let cleared = update(proto::Resident::default(), &["phone", "person"]).await.unwrap();
    assert_eq!((cleared.phone.as_str(), cleared.person.as_str()), ("", ""));
    assert_eq!(cleared.display_name, "张*");
    // Without a mask, what the body holds.
    let named = proto::Resident { display_name: "李四".to_owned(), ..proto::Resident::default() };
    assert_eq!(update(named, &[]).await.unwrap().display_name, "李*");
    let refused = update(proto::Resident::default(), &["effective_to"]).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "INVALID_MASK".to_owned()));
}

async fn a_move_needs_permission_in_both_grids(database: Database) {
    let suite = Suite::open(&database).await;
    let family = suite.family().await;
    let request = || proto::MoveHouseholdRequest {
        name: family.clone(),
        grid: OTHER_GRID.to_owned(),
        address: "后巷村1号".to_owned(),
        ..proto::MoveHouseholdRequest::default()
    };
    for village in ["321181100201", "321181100202"] {
        let refused = suite.client().move_household(by("administrator", village, request())).await;
        assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    }
    let town = by("administrator", "321181100", request());
    assert_eq!(suite.client().move_household(town).await.unwrap().into_inner().grid, OTHER_GRID);
}

async fn households_are_listed_by_area_page_by_page(database: Database) {
    let suite = Suite::open(&database).await;
    for address in ["前巷村10号", "前巷村9号", "前巷村二号"] {
        suite.household(address).await;
    }
    let list = async |parent: &str, token: String| {
        let request = proto::ListHouseholdsRequest {
            parent: parent.to_owned(),
            page_size: 2,
            page_token: token,
            ..proto::ListHouseholdsRequest::default()
        };
        let lead = by("grid_lead", "321181100201001", request);
        suite.client().list_households(lead).await.map(tonic::Response::into_inner)
    };
    let first = list(GRID, String::new()).await.unwrap();
    let second = list(GRID, first.next_page_token.clone()).await.unwrap();
    let addresses: Vec<&str> =
        first.households.iter().chain(&second.households).map(|one| one.address.as_str()).collect();
    assert_eq!(addresses, ["前巷村二号", "前巷村9号", "前巷村10号"]);
    assert!(second.next_page_token.is_empty());
    for elsewhere in [OTHER_GRID, "divisions/321181100201"] {
        assert_eq!(list(elsewhere, String::new()).await.unwrap_err().code(), Code::PermissionDenied);
    }
    let refused = list("", String::new()).await.unwrap_err();
    assert_eq!(fields(&refused), ["parent"]);
}

fn header() -> Part {
    Part::Header(proto::ImportHouseholdsHeader {
        source: "hukou".to_owned(),
        file_name: "a.csv".to_owned(),
        ..proto::ImportHouseholdsHeader::default()
    })
}

fn record(source_id: &str, identity_number: &str) -> proto::HouseholdRecord {
    let resident = proto::ResidentRecord {
        display_name: "张三".to_owned(),
        relation: proto::HouseholdRelation::Head.into(),
        identity_number: identity_number.to_owned(),
        ..proto::ResidentRecord::default()
    };
    proto::HouseholdRecord {
        source_id: source_id.to_owned(),
        grid_code: "321181100201001".to_owned(),
        address: format!("前巷村{source_id}号"),
        residents: vec![resident],
    }
}

fn chunk(records: Vec<proto::HouseholdRecord>) -> Part {
    Part::Chunk(proto::HouseholdRecordChunk { records })
}

async fn records_are_imported_and_a_second_import_changes_nothing(database: Database) {
    let suite = Suite::open(&database).await;
    let parts = || vec![header(), chunk(vec![record("1", IDENTITY)]), chunk(vec![record("2", "")])];
    let report = suite.import(parts()).await.unwrap();
    assert_eq!((report.records, report.created, report.residents_created), (2, 2, 2));
    let again = suite.import(parts()).await.unwrap();
    let expected = proto::ImportHouseholdsResponse {
        records: 2,
        unchanged: 2,
        ..proto::ImportHouseholdsResponse::default()
    };
    assert_eq!(again, expected);
    assert_eq!(suite.import(vec![header()]).await.unwrap(), proto::ImportHouseholdsResponse::default());
    let stream = tokio_stream::iter(Vec::<proto::ImportHouseholdsRequest>::new());
    let refused = suite.client().import_households(clerk(stream)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

async fn an_import_with_a_fault_names_file_record_and_field(database: Database) {
    let suite = Suite::open(&database).await;
    let wrong = chunk(vec![record("2", "110105194912310021")]);
    let refused = suite.import(vec![header(), chunk(vec![record("1", "")]), wrong]).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "IDENTITY_NUMBER_CHECK".to_owned()));
    assert_eq!(fields(&refused), ["records[1].residents[0].identity_number"]);
    assert!(refused.message().contains("a.csv, record 2"), "{}", refused.message());
    assert!(!refused.message().contains("110105194912310021"));
    let list =
        proto::ListHouseholdsRequest { parent: GRID.to_owned(), ..proto::ListHouseholdsRequest::default() };
    let left = suite.client().list_households(admin(list)).await.unwrap().into_inner();
    assert!(left.households.is_empty());
}

async fn an_import_out_of_order_is_refused(database: Database) {
    let suite = Suite::open(&database).await;
    for (parts, expected) in [
        (vec![], "REQUIRED_FIELD"),
        (vec![chunk(vec![record("1", "")])], "REQUIRED_FIELD"),
        (vec![header(), header()], "HEADER_TWICE"),
        (vec![header(), chunk(vec![])], "COUNT"),
        (vec![header(), chunk(vec![record("1", ""); 1_001])], "COUNT"),
    ] {
        let refused = suite.import(parts).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::InvalidArgument, expected.to_owned()));
    }
}
