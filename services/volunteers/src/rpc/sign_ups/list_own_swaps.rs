//! ListOwnSwaps.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::rpc::activities::own;
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 200);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListOwnSwapsRequest>,
) -> Result<proto::ListOwnSwapsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let own = own(volunteers, &call, "ListOwnSwaps").await?;
    let after = page.after.as_deref().map(convert::page_id).transpose()?;
    let mut found = volunteers.store.swaps(&own.number, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |swap| swap.id.to_string());
    Ok(proto::ListOwnSwapsResponse { swaps: found.iter().map(convert::swap).collect(), next_page_token })
}
