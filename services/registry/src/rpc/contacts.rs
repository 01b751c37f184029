//! The contact chain.

mod assign_contacts;
mod create_contact_link;
mod end_contact_link;
mod get_contact_coverage;
mod get_contact_link;
mod list_contact_links;
mod resolve_contacts;

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::contact_service_server::ContactService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Registry;

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

#[tonic::async_trait]
impl ContactService for Registry {
    async fn assign_contacts(
        &self,
        request: Request<proto::AssignContactsRequest>,
    ) -> Result<Response<proto::AssignContactsResponse>, Status> {
        answer(assign_contacts::handle(self, request).await)
    }

    async fn create_contact_link(
        &self,
        request: Request<proto::CreateContactLinkRequest>,
    ) -> Result<Response<proto::ContactLink>, Status> {
        answer(create_contact_link::handle(self, request).await)
    }

    async fn list_contact_links(
        &self,
        request: Request<proto::ListContactLinksRequest>,
    ) -> Result<Response<proto::ListContactLinksResponse>, Status> {
        answer(list_contact_links::handle(self, request).await)
    }

    async fn get_contact_link(
        &self,
        request: Request<proto::GetContactLinkRequest>,
    ) -> Result<Response<proto::ContactLink>, Status> {
        answer(get_contact_link::handle(self, request).await)
    }

    async fn end_contact_link(
        &self,
        request: Request<proto::EndContactLinkRequest>,
    ) -> Result<Response<proto::ContactLink>, Status> {
        answer(end_contact_link::handle(self, request).await)
    }

    async fn get_contact_coverage(
        &self,
        request: Request<proto::GetContactCoverageRequest>,
    ) -> Result<Response<proto::ContactCoverage>, Status> {
        answer(get_contact_coverage::handle(self, request).await)
    }

    async fn resolve_contacts(
        &self,
        request: Request<proto::ResolveContactsRequest>,
    ) -> Result<Response<proto::ResolveContactsResponse>, Status> {
        answer(resolve_contacts::handle(self, request).await)
    }
}
