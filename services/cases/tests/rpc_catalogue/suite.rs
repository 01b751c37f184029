//! Cases beside a registry with a city, two towns and a few organizations.

use minqing_platform::client::Peer;
use minqing_platform::status;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::dispatch_service_client::DispatchServiceClient;
use minqing_proto::cases::v1::item_service_client::ItemServiceClient;
use minqing_proto::cases::v1::limit::Limit;
use minqing_proto::registry::v1 as registry;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::organization_service_client::OrganizationServiceClient;
use minqing_testkit::Database;
use tonic::Status;
use tonic_types::StatusExt as _;

pub use crate::room::by;
use crate::room::{self, Room};

/// The service, and the registry beside it.
pub struct Suite {
    pub room: Room,
}

impl Suite {
    /// With the organizations `water` (供水, of the city), `water-town` (供水, of the town 321181100) and `gas`, which is in
    /// force until 2026-06-01.
    pub async fn open(database: &Database) -> Self {
        let suite = Self { room: room::open(database).await };
        let mut divisions = DivisionServiceClient::new(suite.room.registry.clone());
        for code in ["32", "3211", "321181", "321181100", "321181100201", "321181101"] {
            let division = registry::Division {
                code: code.to_owned(),
                display_name: format!("区划{code}"),
                effective_from: "2026-01-01".to_owned(),
                ..Default::default()
            };
            let request = registry::CreateDivisionRequest { division: Some(division), ..Default::default() };
            divisions.create_division(by("administrator", "", request)).await.unwrap();
        }
        suite.organization("water", "321181", &["供水"]).await;
        suite.organization("water-town", "321181100", &["供水"]).await;
        suite.organization("gas", "321181", &[]).await;
        suite.end_organization("gas", "2026-06-01").await;
        suite
    }

    fn organizations(&self) -> OrganizationServiceClient<Peer> {
        OrganizationServiceClient::new(self.room.registry.clone())
    }

    pub async fn organization(&self, id: &str, division: &str, functions: &[&str]) {
        let organization = registry::Organization {
            display_name: format!("机构{id}"),
            kind: registry::OrganizationKind::Department.into(),
            division_code: division.to_owned(),
            functions: functions.iter().map(ToString::to_string).collect(),
            effective_from: "2026-01-01".to_owned(),
            ..Default::default()
        };
        let request = registry::CreateOrganizationRequest {
            organization: Some(organization),
            organization_id: id.to_owned(),
            ..Default::default()
        };
        self.organizations().create_organization(by("administrator", "", request)).await.unwrap();
    }

    pub async fn end_organization(&self, id: &str, day: &str) {
        let name = format!("organizations/{id}");
        let request =
            registry::EndOrganizationRequest { name, effective_to: day.to_owned(), ..Default::default() };
        self.organizations().end_organization(by("administrator", "", request)).await.unwrap();
    }

    pub fn items(&self) -> ItemServiceClient<Peer> {
        ItemServiceClient::new(self.room.peer.clone())
    }

    pub fn dispatch(&self) -> DispatchServiceClient<Peer> {
        DispatchServiceClient::new(self.room.peer.clone())
    }

    /// Creates an item, as an administrator of everything.
    pub async fn create(&self, id: &str, item: proto::Item) -> Result<proto::Item, Status> {
        let request =
            proto::CreateItemRequest { item: Some(item), item_id: id.to_owned(), ..Default::default() };
        Ok(self.items().create_item(by("administrator", "", request)).await?.into_inner())
    }

    /// An item as anybody reads it: a version, or the present one when it is 0.
    pub async fn item(&self, id: &str, version: i32) -> Result<proto::Item, Status> {
        let request = proto::GetItemRequest { name: format!("items/{id}"), version };
        Ok(self.items().get_item(request).await?.into_inner())
    }

    /// Changes what a mask names, as an administrator of everything.
    pub async fn update(&self, paths: &[&str], item: proto::Item) -> Result<proto::Item, Status> {
        let paths = paths.iter().map(ToString::to_string).collect();
        let request = proto::UpdateItemRequest {
            item: Some(item),
            update_mask: Some(prost_types::FieldMask { paths }),
            ..Default::default()
        };
        Ok(self.items().update_item(by("administrator", "", request)).await?.into_inner())
    }

    /// Creates a rule, as an administrator of everything.
    pub async fn rule(&self, id: &str, rule: proto::DispatchRule) -> Result<proto::DispatchRule, Status> {
        let request = proto::CreateDispatchRuleRequest {
            dispatch_rule: Some(rule),
            dispatch_rule_id: id.to_owned(),
            ..Default::default()
        };
        Ok(self.dispatch().create_dispatch_rule(by("administrator", "", request)).await?.into_inner())
    }
}

pub fn limit(limit: Limit) -> Option<proto::Limit> {
    Some(proto::Limit { limit: Some(limit) })
}

/// An item of the water department, offered in the city.
pub fn water() -> proto::Item {
    proto::Item {
        display_name: "供水报装".into(),
        division_code: "321181".into(),
        department: "organizations/water".into(),
        levels: vec![proto::ItemLevel::City.into(), proto::ItemLevel::Town.into()],
        case_types: vec![proto::CaseType::Help.into()],
        promised_limit: limit(Limit::WorkingDays(3)),
        statutory_limit: limit(Limit::WorkingDays(10)),
        function: "供水".into(),
        documents: vec![proto::ItemDocument {
            name: "身份证".into(), required: true, note: "原件".into()
        }],
        legal_basis: vec!["城市供水条例".into()],
        keywords: vec!["自来水".into()],
        ..Default::default()
    }
}

/// A rule that sends what is about 停水 to the water department.
pub fn stoppage() -> proto::DispatchRule {
    proto::DispatchRule {
        display_name: "停水派水务".into(),
        priority: 10,
        division_code: "321181".into(),
        keywords: vec!["停水".into()],
        outcome: Some(proto::dispatch_rule::Outcome::Organization("organizations/water".into())),
        ..Default::default()
    }
}

/// The stable reason of a refusal.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let refusal = answer.unwrap_err();
    status::reason(&refusal).unwrap_or_else(|| panic!("no reason: {refusal:?}"))
}

/// The fields that a refusal names.
#[track_caller]
pub fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let details = answer.unwrap_err().get_details_bad_request().unwrap();
    details.field_violations.into_iter().map(|violation| violation.field).collect()
}
