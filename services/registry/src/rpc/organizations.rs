//! Organizations.

mod batch_create_organizations;
mod create_organization;
mod end_organization;
mod find_responsible;
mod get_organization;
mod list_organizations;
mod update_organization;

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::organization_service_server::OrganizationService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Registry;
use crate::domain::organization::Facts;
use minqing_platform::code::Code;

#[tonic::async_trait]
impl OrganizationService for Registry {
    async fn get_organization(
        &self,
        request: Request<proto::GetOrganizationRequest>,
    ) -> Result<Response<proto::Organization>, Status> {
        answer(get_organization::handle(self, request).await)
    }

    async fn list_organizations(
        &self,
        request: Request<proto::ListOrganizationsRequest>,
    ) -> Result<Response<proto::ListOrganizationsResponse>, Status> {
        answer(list_organizations::handle(self, request).await)
    }

    async fn create_organization(
        &self,
        request: Request<proto::CreateOrganizationRequest>,
    ) -> Result<Response<proto::Organization>, Status> {
        answer(create_organization::handle(self, request).await)
    }

    async fn batch_create_organizations(
        &self,
        request: Request<proto::BatchCreateOrganizationsRequest>,
    ) -> Result<Response<proto::BatchCreateOrganizationsResponse>, Status> {
        answer(batch_create_organizations::handle(self, request).await)
    }

    async fn update_organization(
        &self,
        request: Request<proto::UpdateOrganizationRequest>,
    ) -> Result<Response<proto::Organization>, Status> {
        answer(update_organization::handle(self, request).await)
    }

    async fn end_organization(
        &self,
        request: Request<proto::EndOrganizationRequest>,
    ) -> Result<Response<proto::Organization>, Status> {
        answer(end_organization::handle(self, request).await)
    }

    async fn find_responsible(
        &self,
        request: Request<proto::FindResponsibleRequest>,
    ) -> Result<Response<proto::FindResponsibleResponse>, Status> {
        answer(find_responsible::handle(self, request).await)
    }
}

/// The target of a change of an organization: everything it belongs to or is responsible for must lie within the
/// caller's reach, so that nobody makes an office responsible where they have no say themselves.
fn authorize_all<'a>(
    registry: &Registry,
    call: &Call,
    action: &str,
    codes: impl IntoIterator<Item = &'a Code>,
) -> Result<(), Error> {
    codes.into_iter().try_for_each(|code| registry.authorize(call, action, Target::within(code.as_str())))
}

/// The codes that an organization belongs to or is responsible for.
fn codes_of(facts: &Facts) -> impl Iterator<Item = &Code> {
    std::iter::once(&facts.division).chain(&facts.jurisdiction)
}
