//! ListFigureSnapshots.

use chrono::{DateTime, Utc};
use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::is_public;
use crate::{Cases, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 200);

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ListFigureSnapshotsRequest>,
) -> Result<proto::ListFigureSnapshotsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    cases.authorize(&call, "ListFigureSnapshots", Target::NOWHERE)?;
    let before = page.after.as_deref().map(key).transpose()?;
    let mut found = cases.store.snapshots(before.as_ref(), page.limit()).await?;
    let micros = |time: DateTime<Utc>| time.timestamp_micros();
    let next_page_token = page.cut(&mut found, |last| format!("{} {}", micros(last.publish_time), last.id));
    let told = found.iter().map(|one| convert::figure_snapshot(one, is_public(cases, &call, one), true));
    Ok(proto::ListFigureSnapshotsResponse { figure_snapshots: told.collect(), next_page_token })
}

fn key(text: &str) -> Result<(DateTime<Utc>, String), Violation> {
    let read = || {
        let (time, id) = text.split_once(' ')?;
        Some((DateTime::from_timestamp_micros(time.parse().ok()?)?, id.to_owned()))
    };
    read().ok_or_else(|| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))
}
