//! Households, their residents, and the sections of their files.

mod create_household;
mod create_resident;
mod end_household;
mod end_resident;
mod find_resident;
mod get_household;
mod get_household_section;
mod get_resident;
mod import_households;
mod list_consents;
mod list_household_access_records;
mod list_households;
mod list_own_households;
mod list_residents;
mod move_household;
mod permit;
mod record_consent;
mod reveal_resident;
mod update_household;
mod update_household_section;
mod update_resident;
mod withdraw_consent;

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::household_service_server::HouseholdService;
use tonic::{Request, Response, Status, Streaming};

use super::answer;
use crate::Registry;

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

#[tonic::async_trait]
impl HouseholdService for Registry {
    async fn get_household(
        &self,
        request: Request<proto::GetHouseholdRequest>,
    ) -> Result<Response<proto::Household>, Status> {
        answer(get_household::handle(self, request).await)
    }

    async fn list_households(
        &self,
        request: Request<proto::ListHouseholdsRequest>,
    ) -> Result<Response<proto::ListHouseholdsResponse>, Status> {
        answer(list_households::handle(self, request).await)
    }

    async fn list_own_households(
        &self,
        request: Request<proto::ListOwnHouseholdsRequest>,
    ) -> Result<Response<proto::ListOwnHouseholdsResponse>, Status> {
        answer(list_own_households::handle(self, request).await)
    }

    async fn create_household(
        &self,
        request: Request<proto::CreateHouseholdRequest>,
    ) -> Result<Response<proto::Household>, Status> {
        answer(create_household::handle(self, request).await)
    }

    async fn update_household(
        &self,
        request: Request<proto::UpdateHouseholdRequest>,
    ) -> Result<Response<proto::Household>, Status> {
        answer(update_household::handle(self, request).await)
    }

    async fn move_household(
        &self,
        request: Request<proto::MoveHouseholdRequest>,
    ) -> Result<Response<proto::Household>, Status> {
        answer(move_household::handle(self, request).await)
    }

    async fn end_household(
        &self,
        request: Request<proto::EndHouseholdRequest>,
    ) -> Result<Response<proto::Household>, Status> {
        answer(end_household::handle(self, request).await)
    }

    async fn import_households(
        &self,
        request: Request<Streaming<proto::ImportHouseholdsRequest>>,
    ) -> Result<Response<proto::ImportHouseholdsResponse>, Status> {
        import_households::handle(self, request).await.map(Response::new)
    }

    async fn get_resident(
        &self,
        request: Request<proto::GetResidentRequest>,
    ) -> Result<Response<proto::Resident>, Status> {
        answer(get_resident::handle(self, request).await)
    }

    async fn list_residents(
        &self,
        request: Request<proto::ListResidentsRequest>,
    ) -> Result<Response<proto::ListResidentsResponse>, Status> {
        answer(list_residents::handle(self, request).await)
    }

    async fn create_resident(
        &self,
        request: Request<proto::CreateResidentRequest>,
    ) -> Result<Response<proto::Resident>, Status> {
        answer(create_resident::handle(self, request).await)
    }

    async fn update_resident(
        &self,
        request: Request<proto::UpdateResidentRequest>,
    ) -> Result<Response<proto::Resident>, Status> {
        answer(update_resident::handle(self, request).await)
    }

    async fn end_resident(
        &self,
        request: Request<proto::EndResidentRequest>,
    ) -> Result<Response<proto::Resident>, Status> {
        answer(end_resident::handle(self, request).await)
    }

    async fn reveal_resident(
        &self,
        request: Request<proto::RevealResidentRequest>,
    ) -> Result<Response<proto::Resident>, Status> {
        answer(reveal_resident::handle(self, request).await)
    }

    async fn find_resident(
        &self,
        request: Request<proto::FindResidentRequest>,
    ) -> Result<Response<proto::Resident>, Status> {
        answer(find_resident::handle(self, request).await)
    }

    async fn get_household_section(
        &self,
        request: Request<proto::GetHouseholdSectionRequest>,
    ) -> Result<Response<proto::HouseholdSection>, Status> {
        answer(get_household_section::handle(self, request).await)
    }

    async fn update_household_section(
        &self,
        request: Request<proto::UpdateHouseholdSectionRequest>,
    ) -> Result<Response<proto::HouseholdSection>, Status> {
        answer(update_household_section::handle(self, request).await)
    }

    async fn record_consent(
        &self,
        request: Request<proto::RecordConsentRequest>,
    ) -> Result<Response<proto::HouseholdConsent>, Status> {
        answer(record_consent::handle(self, request).await)
    }

    async fn withdraw_consent(
        &self,
        request: Request<proto::WithdrawConsentRequest>,
    ) -> Result<Response<proto::HouseholdConsent>, Status> {
        answer(withdraw_consent::handle(self, request).await)
    }

    async fn list_consents(
        &self,
        request: Request<proto::ListConsentsRequest>,
    ) -> Result<Response<proto::ListConsentsResponse>, Status> {
        answer(list_consents::handle(self, request).await)
    }

    async fn list_household_access_records(
        &self,
        request: Request<proto::ListHouseholdAccessRecordsRequest>,
    ) -> Result<Response<proto::ListHouseholdAccessRecordsResponse>, Status> {
        answer(list_household_access_records::handle(self, request).await)
    }
}
