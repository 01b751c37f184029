//! Kinds of post.

mod export_posts;
mod get_post;
mod import_posts;
mod list_posts;

use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::post_service_server::PostService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Volunteers;

#[tonic::async_trait]
impl PostService for Volunteers {
    async fn get_post(
        &self,
        request: Request<proto::GetPostRequest>,
    ) -> Result<Response<proto::Post>, Status> {
        answer(get_post::handle(self, request).await)
    }

    async fn list_posts(
        &self,
        request: Request<proto::ListPostsRequest>,
    ) -> Result<Response<proto::ListPostsResponse>, Status> {
        answer(list_posts::handle(self, request).await)
    }

    async fn import_posts(
        &self,
        request: Request<proto::ImportPostsRequest>,
    ) -> Result<Response<proto::ImportPostsResponse>, Status> {
        answer(import_posts::handle(self, request).await)
    }

    async fn export_posts(
        &self,
        request: Request<proto::ExportPostsRequest>,
    ) -> Result<Response<proto::ExportPostsResponse>, Status> {
        answer(export_posts::handle(self, request).await)
    }
}
