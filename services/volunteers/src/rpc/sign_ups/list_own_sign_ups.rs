//! ListOwnSignUps.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::rpc::activities::own;
use crate::store::sign_up::Of;
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 500);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListOwnSignUpsRequest>,
) -> Result<proto::ListOwnSignUpsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let state = convert::optional_member("state", request.state)?;
    let own = own(volunteers, &call, "ListOwnSignUps").await?;
    let after = page.after.as_deref().map(convert::page_id).transpose()?;
    let mut found = volunteers.store.sign_ups(&Of::Volunteer(own.number), state, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |one| one.id.to_string());
    Ok(proto::ListOwnSignUpsResponse {
        sign_ups: found.iter().map(convert::sign_up).collect(),
        next_page_token,
    })
}
