//! BatchCreateTeams.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::field::count;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{areas, check_areas, shown};
use crate::domain::team::BATCH_MAX;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::BatchCreateTeamsRequest>,
) -> Result<proto::BatchCreateTeamsResponse, Error> {
    let (call, request) = Call::open(request);
    count("requests", request.requests.len(), 1, BATCH_MAX)?;
    let (mut news, mut violations) = (Vec::new(), Vec::new());
    for (place, one) in request.requests.iter().enumerate() {
        match convert::new_team(&format!("requests[{place}]"), one, volunteers.today()) {
            Ok(new) => news.push(new),
            Err(faults) => violations.extend(faults),
        }
    }
    if news.is_empty() {
        volunteers.authorize_somewhere(&call, "BatchCreateTeams")?;
    }
    for new in &news {
        volunteers.authorize(&call, "BatchCreateTeams", Target::within(new.home.as_str()))?;
    }
    if !violations.is_empty() {
        return Err(violations.into());
    }
    let mut places = Vec::new();
    for (place, new) in news.iter().enumerate() {
        places.extend(areas(&format!("requests[{place}].team"), new));
    }
    check_areas(volunteers, places).await?;
    let change = call.change("BatchCreateTeams", &request.request_id, &request, volunteers.clock.now())?;
    let made = volunteers.store.create_teams(&change, &news).await?;
    let teams = made.into_iter().map(|team| shown(volunteers, &call, team)).collect();
    Ok(proto::BatchCreateTeamsResponse { teams })
}
