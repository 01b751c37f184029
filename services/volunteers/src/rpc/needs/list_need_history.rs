//! ListNeedHistory.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::seen;
use crate::{Volunteers, convert};

/// Entries on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 500);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListNeedHistoryRequest>,
) -> Result<proto::ListNeedHistoryResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let id = convert::need_id("name", &request.name)?;
    seen(volunteers, &call, "ListNeedHistory", id).await?;
    let after = page.after.as_deref().unwrap_or("0").parse();
    let after =
        after.map_err(|_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))?;
    let mut found = volunteers.store.need_history(id, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |recorded| recorded.version.to_string());
    let entries = found.iter().map(convert::history_entry).collect();
    Ok(proto::ListNeedHistoryResponse { entries, next_page_token })
}
