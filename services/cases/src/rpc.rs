//! The RPCs, one operation a file: parse, authorize, store, convert.

mod assignments;
mod attachments;
mod calendars;
mod cases;
mod dispatch;
mod events;
mod figures;
mod items;
mod observations;
mod supervision;

use minqing_platform::error::Error;
use tonic::{Response, Status};

pub(crate) use cases::calendar_of;

/// The last step of every RPC: an answer, or an error as a status.
fn answer<T>(result: Result<T, Error>) -> Result<Response<T>, Status> {
    Ok(Response::new(result?))
}
