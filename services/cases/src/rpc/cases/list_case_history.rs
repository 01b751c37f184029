//! ListCaseHistory.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::seen;
use crate::{Cases, convert};

/// Entries on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ListCaseHistoryRequest>,
) -> Result<proto::ListCaseHistoryResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let number = convert::case_number("name", &request.name)?;
    seen(cases, &call, "ListCaseHistory", number).await?;
    let after = page.after.as_deref().unwrap_or("0").parse();
    let after =
        after.map_err(|_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))?;
    let mut found = cases.store.history(number, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |recorded| recorded.version.to_string());
    let entries = found.iter().map(|recorded| convert::history_entry(number, recorded)).collect();
    Ok(proto::ListCaseHistoryResponse { entries, next_page_token })
}
