//! The event feed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::feed;
use minqing_proto::events::v1::WatchEventsRequest;
use minqing_proto::volunteers::v1::event_service_server::EventService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Volunteers;

#[tonic::async_trait]
impl EventService for Volunteers {
    type WatchEventsStream = feed::Answers;

    async fn watch_events(
        &self,
        request: Request<WatchEventsRequest>,
    ) -> Result<Response<feed::Answers>, Status> {
        answer(watch(self, request))
    }
}

fn watch(volunteers: &Volunteers, request: Request<WatchEventsRequest>) -> Result<feed::Answers, Error> {
    let (call, request) = Call::open(request);
    let wanted = feed::Wanted::read(&request, &call.caller)?;
    volunteers.authorize(&call, "WatchEvents", wanted.target())?;
    Ok(feed::follow(volunteers.store.clone(), &volunteers.bell, wanted, volunteers.stop.child_token()))
}
