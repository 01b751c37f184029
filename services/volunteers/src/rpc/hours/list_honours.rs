//! ListHonours.

use chrono::{DateTime, Utc};
use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use super::volunteer;
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 200);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListHonoursRequest>,
) -> Result<proto::ListHonoursResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let of = volunteer(volunteers, &call, "ListHonours", "volunteer", &request.volunteer).await?;
    let before = page.after.as_deref().map(key).transpose()?;
    let mut found = volunteers.store.honours(&of.number, before, page.limit()).await?;
    let next_page_token =
        page.cut(&mut found, |honour| format!("{} {}", honour.create_time.timestamp_micros(), honour.id));
    Ok(proto::ListHonoursResponse { honours: found.iter().map(convert::honour).collect(), next_page_token })
}

fn key(text: &str) -> Result<(DateTime<Utc>, Uuid), Violation> {
    let read = || {
        let (micros, id) = text.split_once(' ')?;
        Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, id.parse().ok()?))
    };
    read().ok_or_else(|| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))
}
