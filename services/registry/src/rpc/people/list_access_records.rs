//! ListAccessRecords.

use minqing_platform::call::Call;
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use super::permitted;
use crate::Registry;
use crate::convert;
use crate::domain::access::NOBODY;

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ListAccessRecordsRequest>,
) -> Result<proto::ListAccessRecordsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let parent = permitted_parent(registry, &call, &request.parent).await?;
    let strange = |_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "is not a token this service gave");
    let after = page.after.as_deref().map(Uuid::parse_str).transpose().map_err(strange)?;
    let mut found = match &parent {
        Parent::Division(code) => registry.store.access_records_within(code, after, page.limit()).await?,
        Parent::Subject(name) => registry.store.access_records(name, after, page.limit()).await?,
    };
    let next_page_token = page.cut(&mut found, |record| record.id.to_string());
    Ok(proto::ListAccessRecordsResponse {
        access_records: found.into_iter().map(convert::access_record).collect(),
        next_page_token,
    })
}

/// Whose records are listed.
enum Parent {
    /// Those of a person, or of searches that found nobody anywhere.
    Subject(String),
    /// Those of searches that found nobody in a division, or in one that lies in it.
    Division(Code),
}

/// The parent of the records, if the caller may see them.
async fn permitted_parent(registry: &Registry, call: &Call, parent: &str) -> Result<Parent, Error> {
    const ACTION: &str = "ListAccessRecords";
    if parent.starts_with("divisions/") {
        let code = convert::division_name("parent", parent)?;
        registry.authorize(call, ACTION, Target::within(code.as_str()))?;
        return Ok(Parent::Division(code));
    }
    if parent == NOBODY {
        // Such a search was of no division, so that only who audits everything is responsible.
        registry.authorize(call, ACTION, Target::within(""))?;
    } else {
        let id = convert::person_name("parent", parent)?;
        permitted(registry, call, ACTION, &id).await?;
    }
    Ok(Parent::Subject(parent.to_owned()))
}
