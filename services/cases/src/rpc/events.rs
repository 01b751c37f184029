//! The event feed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::feed;
use minqing_proto::cases::v1::event_service_server::EventService;
use minqing_proto::events::v1::WatchEventsRequest;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Cases;

#[tonic::async_trait]
impl EventService for Cases {
    type WatchEventsStream = feed::Answers;

    async fn watch_events(
        &self,
        request: Request<WatchEventsRequest>,
    ) -> Result<Response<feed::Answers>, Status> {
        answer(watch(self, request))
    }
}

fn watch(cases: &Cases, request: Request<WatchEventsRequest>) -> Result<feed::Answers, Error> {
    let (call, request) = Call::open(request);
    let wanted = feed::Wanted::read(&request, &call.caller)?;
    cases.authorize(&call, "WatchEvents", wanted.target())?;
    Ok(feed::follow(cases.store.clone(), &cases.bell, wanted, cases.stop.child_token()))
}
