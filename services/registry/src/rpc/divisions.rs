//! Divisions.

mod batch_get_divisions;
mod create_division;
mod end_division;
mod get_division;
mod import_divisions;
mod list_divisions;
mod merge_divisions;
mod split_division;
mod update_division;

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_server::DivisionService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Registry;

#[tonic::async_trait]
impl DivisionService for Registry {
    async fn get_division(
        &self,
        request: Request<proto::GetDivisionRequest>,
    ) -> Result<Response<proto::Division>, Status> {
        answer(get_division::handle(self, request).await)
    }

    async fn list_divisions(
        &self,
        request: Request<proto::ListDivisionsRequest>,
    ) -> Result<Response<proto::ListDivisionsResponse>, Status> {
        answer(list_divisions::handle(self, request).await)
    }

    async fn batch_get_divisions(
        &self,
        request: Request<proto::BatchGetDivisionsRequest>,
    ) -> Result<Response<proto::BatchGetDivisionsResponse>, Status> {
        answer(batch_get_divisions::handle(self, request).await)
    }

    async fn create_division(
        &self,
        request: Request<proto::CreateDivisionRequest>,
    ) -> Result<Response<proto::Division>, Status> {
        answer(create_division::handle(self, request).await)
    }

    async fn update_division(
        &self,
        request: Request<proto::UpdateDivisionRequest>,
    ) -> Result<Response<proto::Division>, Status> {
        answer(update_division::handle(self, request).await)
    }

    async fn split_division(
        &self,
        request: Request<proto::SplitDivisionRequest>,
    ) -> Result<Response<proto::SplitDivisionResponse>, Status> {
        answer(split_division::handle(self, request).await)
    }

    async fn merge_divisions(
        &self,
        request: Request<proto::MergeDivisionsRequest>,
    ) -> Result<Response<proto::Division>, Status> {
        answer(merge_divisions::handle(self, request).await)
    }

    async fn end_division(
        &self,
        request: Request<proto::EndDivisionRequest>,
    ) -> Result<Response<proto::Division>, Status> {
        answer(end_division::handle(self, request).await)
    }

    async fn import_divisions(
        &self,
        request: Request<proto::ImportDivisionsRequest>,
    ) -> Result<Response<proto::ImportDivisionsResponse>, Status> {
        answer(import_divisions::handle(self, request).await)
    }
}
