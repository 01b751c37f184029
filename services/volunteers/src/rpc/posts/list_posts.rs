//! ListPosts.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::field::effective_on;
use minqing_platform::named::optional_member;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::store::post::Filter;
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListPostsRequest>,
) -> Result<proto::ListPostsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    volunteers.authorize(&call, "ListPosts", Target::NOWHERE)?;
    let filter = Filter {
        category: optional_member("category", request.category)?,
        on: effective_on("effective_on", &request.effective_on, volunteers.today())?,
    };
    let after = page.after.clone().unwrap_or_default();
    let mut found = volunteers.store.posts(&filter, &after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |post| post.id.clone());
    Ok(proto::ListPostsResponse {
        posts: found.into_iter().map(convert::post_message).collect(),
        next_page_token,
    })
}
