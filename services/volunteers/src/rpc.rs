//! The RPCs, one operation a file: parse, authorize, store, convert.

mod activities;
mod certificates;
mod events;
mod figures;
mod hour_reports;
mod hours;
mod matchings;
mod needs;
mod posts;
mod sign_ups;
mod teams;
mod volunteers;

pub(crate) use figures::WHOLE as SMALL_FIGURES;

use minqing_platform::error::Error;
use tonic::{Response, Status};

/// The last step of every RPC: an answer, or an error as a status.
fn answer<T>(result: Result<T, Error>) -> Result<Response<T>, Status> {
    Ok(Response::new(result?))
}
