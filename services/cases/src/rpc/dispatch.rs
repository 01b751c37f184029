//! Rules and suggestions of dispatch.

mod create_dispatch_rule;
mod delete_dispatch_rule;
mod get_dispatch_rule;
mod list_dispatch_rules;
mod suggest_dispatch;
mod update_dispatch_rule;

use minqing_platform::error::{Error, Refusal};
use minqing_platform::places;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::dispatch_service_server::DispatchService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Cases;
use crate::domain::dispatch::rule::{Outcome, Rule};
use crate::domain::item::Item;

#[tonic::async_trait]
impl DispatchService for Cases {
    async fn get_dispatch_rule(
        &self,
        request: Request<proto::GetDispatchRuleRequest>,
    ) -> Result<Response<proto::DispatchRule>, Status> {
        answer(get_dispatch_rule::handle(self, request).await)
    }

    async fn list_dispatch_rules(
        &self,
        request: Request<proto::ListDispatchRulesRequest>,
    ) -> Result<Response<proto::ListDispatchRulesResponse>, Status> {
        answer(list_dispatch_rules::handle(self, request).await)
    }

    async fn create_dispatch_rule(
        &self,
        request: Request<proto::CreateDispatchRuleRequest>,
    ) -> Result<Response<proto::DispatchRule>, Status> {
        answer(create_dispatch_rule::handle(self, request).await)
    }

    async fn update_dispatch_rule(
        &self,
        request: Request<proto::UpdateDispatchRuleRequest>,
    ) -> Result<Response<proto::DispatchRule>, Status> {
        answer(update_dispatch_rule::handle(self, request).await)
    }

    async fn delete_dispatch_rule(
        &self,
        request: Request<proto::DeleteDispatchRuleRequest>,
    ) -> Result<Response<proto::DispatchRule>, Status> {
        answer(delete_dispatch_rule::handle(self, request).await)
    }

    async fn suggest_dispatch(
        &self,
        request: Request<proto::SuggestDispatchRequest>,
    ) -> Result<Response<proto::SuggestDispatchResponse>, Status> {
        answer(suggest_dispatch::handle(self, request).await)
    }
}

/// A rule.
async fn present(cases: &Cases, id: &str) -> Result<Rule, Error> {
    let found = cases.store.dispatch_rule(id).await?;
    Ok(found.ok_or_else(|| Refusal::missing(format!("dispatch rule {id}")))?)
}

/// The present version of an item that a request names (`items/x`).
async fn item_of(cases: &Cases, field: &str, name: Option<&str>) -> Result<Option<Item>, Error> {
    let Some(name) = name else { return Ok(None) };
    let found = cases.store.item(name.trim_start_matches("items/"), None).await?;
    match found {
        Some(item) => Ok(Some(item)),
        None => Err(Violation::new(field, "REFERENCE_MISSING", "is not in the catalogue").into()),
    }
}

/// Checks that whom a rule names is in force.
async fn check_outcome(cases: &Cases, outcome: Option<&Outcome>) -> Result<(), Error> {
    let Some(Outcome::Organization(organization)) = outcome else { return Ok(()) };
    let field = "dispatch_rule.organization";
    places::check_organization(&cases.registry, field, organization, cases.today()).await
}
