//! Grids.

mod create_grid;
mod end_grid;
mod get_grid;
mod import_grids;
mod list_grids;
mod locate_grid;
mod merge_grids;
mod split_grid;
mod update_grid;

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::grid_service_server::GridService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Registry;

#[tonic::async_trait]
impl GridService for Registry {
    async fn get_grid(
        &self,
        request: Request<proto::GetGridRequest>,
    ) -> Result<Response<proto::Grid>, Status> {
        answer(get_grid::handle(self, request).await)
    }

    async fn list_grids(
        &self,
        request: Request<proto::ListGridsRequest>,
    ) -> Result<Response<proto::ListGridsResponse>, Status> {
        answer(list_grids::handle(self, request).await)
    }

    async fn create_grid(
        &self,
        request: Request<proto::CreateGridRequest>,
    ) -> Result<Response<proto::Grid>, Status> {
        answer(create_grid::handle(self, request).await)
    }

    async fn update_grid(
        &self,
        request: Request<proto::UpdateGridRequest>,
    ) -> Result<Response<proto::Grid>, Status> {
        answer(update_grid::handle(self, request).await)
    }

    async fn split_grid(
        &self,
        request: Request<proto::SplitGridRequest>,
    ) -> Result<Response<proto::SplitGridResponse>, Status> {
        answer(split_grid::handle(self, request).await)
    }

    async fn merge_grids(
        &self,
        request: Request<proto::MergeGridsRequest>,
    ) -> Result<Response<proto::Grid>, Status> {
        answer(merge_grids::handle(self, request).await)
    }

    async fn end_grid(
        &self,
        request: Request<proto::EndGridRequest>,
    ) -> Result<Response<proto::Grid>, Status> {
        answer(end_grid::handle(self, request).await)
    }

    async fn import_grids(
        &self,
        request: Request<proto::ImportGridsRequest>,
    ) -> Result<Response<proto::ImportGridsResponse>, Status> {
        answer(import_grids::handle(self, request).await)
    }

    async fn locate_grid(
        &self,
        request: Request<proto::LocateGridRequest>,
    ) -> Result<Response<proto::LocateGridResponse>, Status> {
        answer(locate_grid::handle(self, request).await)
    }
}
