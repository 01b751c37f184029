//! The service catalogue.

mod create_item;
mod end_item;
mod export_items;
mod get_item;
mod import_items;
mod list_items;
mod update_item;

use minqing_platform::error::{Error, Refusal};
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::item_service_server::ItemService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Cases;
use crate::domain::item::Item;

#[tonic::async_trait]
impl ItemService for Cases {
    async fn get_item(
        &self,
        request: Request<proto::GetItemRequest>,
    ) -> Result<Response<proto::Item>, Status> {
        answer(get_item::handle(self, request).await)
    }

    async fn list_items(
        &self,
        request: Request<proto::ListItemsRequest>,
    ) -> Result<Response<proto::ListItemsResponse>, Status> {
        answer(list_items::handle(self, request).await)
    }

    async fn create_item(
        &self,
        request: Request<proto::CreateItemRequest>,
    ) -> Result<Response<proto::Item>, Status> {
        answer(create_item::handle(self, request).await)
    }

    async fn update_item(
        &self,
        request: Request<proto::UpdateItemRequest>,
    ) -> Result<Response<proto::Item>, Status> {
        answer(update_item::handle(self, request).await)
    }

    async fn end_item(
        &self,
        request: Request<proto::EndItemRequest>,
    ) -> Result<Response<proto::Item>, Status> {
        answer(end_item::handle(self, request).await)
    }

    async fn import_items(
        &self,
        request: Request<proto::ImportItemsRequest>,
    ) -> Result<Response<proto::ImportItemsResponse>, Status> {
        answer(import_items::handle(self, request).await)
    }

    async fn export_items(
        &self,
        request: Request<proto::ExportItemsRequest>,
    ) -> Result<Response<proto::ExportItemsResponse>, Status> {
        answer(export_items::handle(self, request).await)
    }
}

/// The present version of an item.
async fn present(cases: &Cases, id: &str) -> Result<Item, Error> {
    let found = cases.store.item(id, None).await?;
    Ok(found.ok_or_else(|| Refusal::missing(format!("item {id}")))?)
}

/// Checks that a calendar is there.
async fn check_calendar(cases: &Cases, field: &str, id: &str) -> Result<(), Error> {
    match cases.store.calendar_version(id).await? {
        Some(_) => Ok(()),
        None => Err(Violation::new(field, "REFERENCE_MISSING", "is no calendar").into()),
    }
}
