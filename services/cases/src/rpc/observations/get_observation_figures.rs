//! GetObservationFigures.

use minqing_platform::call::Call;
use minqing_platform::code::Level;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::store::observation::Counted;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::GetObservationFiguresRequest>,
) -> Result<proto::ObservationFigures, Error> {
    let (call, request) = Call::open(request);
    let area = convert::optional_code("division_code", &request.division_code)?;
    let area = area.unwrap_or_else(|| cases.practice.city.clone());
    cases.authorize(&call, "GetObservationFigures", Target::within(area.as_str()))?;
    let counted = Counted {
        level: area.level().below().unwrap_or(Level::Grid),
        area,
        from: convert::instant("observed_from", request.observed_from.as_ref())?,
        before: convert::instant("observed_before", request.observed_before.as_ref())?,
    };
    Ok(convert::observation_figures(&cases.store.observation_figures(&counted).await?))
}
