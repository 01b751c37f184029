//! Figures of the corps.

mod export_volunteer_figures;
mod get_volunteer_figures;

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::google::api::HttpBody;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::volunteer_figure_service_server::VolunteerFigureService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::domain::figure::{Counts, Group, Grouping, Query, SMALL, without_small};
use crate::{Volunteers, convert};

/// Seeing small groups too: no RPC, but a part of what the figures give.
pub const WHOLE: &str = "SeeSmallVolunteerFigures";

/// What a caller is told.
struct Told {
    query: Query,
    groups: Vec<Group>,
    total: Group,
}

async fn told(
    volunteers: &Volunteers,
    call: &Call,
    action: &str,
    request: &proto::GetVolunteerFiguresRequest,
) -> Result<Told, Error> {
    let query = convert::volunteer_figure_query(request)?;
    let target = Target::within(query.area.as_str());
    volunteers.authorize(call, action, target)?;
    let mut groups = Vec::new();
    if query.grouping == Grouping::Month {
        for (month, part) in query.months() {
            let counts = whole(volunteers, &part).await?;
            groups.push((month, counts));
        }
    } else {
        groups = volunteers.store.volunteer_figures(&query).await?;
    }
    let total = whole(volunteers, &Query { grouping: Grouping::Whole, ..query.clone() }).await?;
    let sees_all = volunteers.authorize(call, WHOLE, target).is_ok();
    let groups = if sees_all {
        groups.into_iter().map(|(key, counts)| (key, Some(counts))).collect()
    } else {
        without_small(&groups)
    };
    let is_told = sees_all || total.people == 0 || total.people >= SMALL;
    Ok(Told { query, groups, total: (String::new(), is_told.then_some(total)) })
}

async fn whole(volunteers: &Volunteers, query: &Query) -> Result<Counts, Error> {
    let counted = volunteers.store.volunteer_figures(query).await?;
    Ok(counted.into_iter().next().map(|(_, counts)| counts).unwrap_or_default())
}

#[tonic::async_trait]
impl VolunteerFigureService for Volunteers {
    async fn get_volunteer_figures(
        &self,
        request: Request<proto::GetVolunteerFiguresRequest>,
    ) -> Result<Response<proto::VolunteerFigures>, Status> {
        answer(get_volunteer_figures::handle(self, request).await)
    }

    async fn export_volunteer_figures(
        &self,
        request: Request<proto::ExportVolunteerFiguresRequest>,
    ) -> Result<Response<HttpBody>, Status> {
        export_volunteer_figures::handle(self, request).await
    }
}
