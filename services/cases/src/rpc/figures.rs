//! Figures.

mod export_figures;
mod get_figure_snapshot;
mod get_figures;
mod list_figure_cases;
mod list_figure_snapshots;
mod publish_figures;
mod verify_figure_snapshot;

use minqing_platform::call::Call;
use minqing_platform::code::Code;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::identity::Appointment;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::figure_service_server::FigureService;
use minqing_proto::google::api::HttpBody;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Cases;
use crate::domain::figures::{Group, Query};
use crate::store::figures::{GROUPS_MAX, Scope, Snapshot};

/// Whose figures a caller may count: of the areas of their appointments, and of their own organizations.
fn scope(cases: &Cases, call: &Call, action: &str) -> Result<Scope, Error> {
    cases.authorize(call, action, Target { division: None, own: true })?;
    let held = call.caller.roles();
    let of_area = |held: &&Appointment| cases.policy.allows(held.role, action, true, false);
    let of_unit = |held: &&Appointment| cases.policy.allows(held.role, action, false, true);
    Ok(Scope {
        within: held.iter().filter(of_area).map(|held| held.division.clone()).collect(),
        organizations: held.iter().filter(of_unit).filter_map(|held| held.organization.clone()).collect(),
    })
}

/// The groups of figures.
async fn groups(cases: &Cases, query: &Query, scope: &Scope) -> Result<Vec<Group>, Error> {
    let groups = cases.store.figures(query, scope).await?;
    if groups.len() > GROUPS_MAX {
        let message = format!("more than {GROUPS_MAX} groups; name a smaller area").into();
        return Err(Refusal { kind: Kind::Limit, reason: "TOO_MANY_GROUPS", message }.into());
    }
    Ok(groups)
}

async fn found(cases: &Cases, id: &str) -> Result<Snapshot, Error> {
    let snapshot = cases.store.snapshot(id).await?;
    snapshot.ok_or_else(|| Refusal::missing(format!("figureSnapshots/{id}")).into())
}

/// Whether somebody is the public to published figures: all but those who might check them.
fn is_public(cases: &Cases, call: &Call, snapshot: &Snapshot) -> bool {
    let area = snapshot.query.area.as_ref().map_or("", Code::as_str);
    cases.policy.decide(&call.caller, "VerifyFigureSnapshot", Target::within(area)).is_err()
}

#[tonic::async_trait]
impl FigureService for Cases {
    async fn get_figures(
        &self,
        request: Request<proto::GetFiguresRequest>,
    ) -> Result<Response<proto::Figures>, Status> {
        answer(get_figures::handle(self, request).await)
    }

    async fn export_figures(
        &self,
        request: Request<proto::ExportFiguresRequest>,
    ) -> Result<Response<HttpBody>, Status> {
        export_figures::handle(self, request).await
    }

    async fn list_figure_cases(
        &self,
        request: Request<proto::ListFigureCasesRequest>,
    ) -> Result<Response<proto::ListFigureCasesResponse>, Status> {
        answer(list_figure_cases::handle(self, request).await)
    }

    async fn publish_figures(
        &self,
        request: Request<proto::PublishFiguresRequest>,
    ) -> Result<Response<proto::FigureSnapshot>, Status> {
        answer(publish_figures::handle(self, request).await)
    }

    async fn get_figure_snapshot(
        &self,
        request: Request<proto::GetFigureSnapshotRequest>,
    ) -> Result<Response<proto::FigureSnapshot>, Status> {
        answer(get_figure_snapshot::handle(self, request).await)
    }

    async fn list_figure_snapshots(
        &self,
        request: Request<proto::ListFigureSnapshotsRequest>,
    ) -> Result<Response<proto::ListFigureSnapshotsResponse>, Status> {
        answer(list_figure_snapshots::handle(self, request).await)
    }

    async fn verify_figure_snapshot(
        &self,
        request: Request<proto::VerifyFigureSnapshotRequest>,
    ) -> Result<Response<proto::VerifyFigureSnapshotResponse>, Status> {
        answer(verify_figure_snapshot::handle(self, request).await)
    }
}
