//! The event feed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::feed;
use minqing_proto::events::v1::WatchEventsRequest;
use minqing_proto::registry::v1::event_service_server::EventService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Registry;

#[tonic::async_trait]
impl EventService for Registry {
    type WatchEventsStream = feed::Answers;

    async fn watch_events(
        &self,
        request: Request<WatchEventsRequest>,
    ) -> Result<Response<feed::Answers>, Status> {
        answer(watch(self, request))
    }
}

fn watch(registry: &Registry, request: Request<WatchEventsRequest>) -> Result<feed::Answers, Error> {
    let (call, request) = Call::open(request);
    let wanted = feed::Wanted::read(&request, &call.caller)?;
    registry.authorize(&call, "WatchEvents", wanted.target())?;
    Ok(feed::follow(registry.store.clone(), &registry.bell, wanted, registry.stop.child_token()))
}
