//! The event feed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::feed::{self, Cursor, Filter};
use minqing_platform::policy::Target;
use minqing_proto::events::v1::WatchEventsRequest;
use minqing_proto::registry::v1::event_service_server::EventService;
use tonic::{Request, Response, Status};

use super::answer;
use crate::Registry;
use crate::convert;

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
    let target = match request.division_code.as_str() {
        "" => Target::NOWHERE,
        code => Target::within(code),
    };
    registry.authorize(&call, "WatchEvents", target)?;
    if !request.division_code.is_empty() {
        convert::code("division_code", &request.division_code)?;
    }
    let cursor = Cursor::read(&request.cursor)?;
    let filter = Filter::read(&request, feed::scopes_of(&call.caller))?;
    let source = registry.store.clone();
    Ok(feed::follow(source, &registry.bell, cursor, filter, registry.stop.child_token()))
}
