//! ListContactLinks.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::PAGE_SIZES;
use crate::Registry;
use crate::convert;
use crate::domain::contact::Kind;
use crate::store::contact::{Filter, Position};
use minqing_platform::code::Code;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ListContactLinksRequest>,
) -> Result<proto::ListContactLinksResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let filter = filter(registry, &request)?;
    let within = filter.within.as_ref().map_or("", Code::as_str);
    registry.authorize(&call, "ListContactLinks", Target::within(within))?;
    let after = page.after.as_deref().map_or_else(Position::default, convert::contact_position);
    let mut links = registry.store.contact_links(&filter, &after, page.limit(), registry.today()).await?;
    let next_page_token = page.cut(&mut links, convert::link_position);
    let contact_links = links.into_iter().map(convert::contact_link).collect();
    Ok(proto::ListContactLinksResponse { contact_links, next_page_token })
}

fn filter(registry: &Registry, request: &proto::ListContactLinksRequest) -> Result<Filter, Violation> {
    let given = |text: &str| !text.is_empty();
    let kind = convert::kind_of_links("kind", request.kind)?;
    let subject = given(&request.subject).then(|| convert::subject_id("subject", &request.subject));
    let subject = subject.transpose()?;
    if let Some((_, household)) = &subject
        && kind.is_some_and(|kind| (kind == Kind::HouseholdToMember) != *household)
    {
        return Err(Violation::new(
            "subject",
            "SUBJECT_NOT_OF_KIND",
            "links of this kind have other subjects",
        ));
    }
    Ok(Filter {
        within: given(&request.scope).then(|| convert::scope("scope", &request.scope)).transpose()?,
        kind,
        subject: subject.map(|(id, _)| id),
        contact: given(&request.contact)
            .then(|| convert::person_name("contact", &request.contact))
            .transpose()?,
        on: convert::effective_on("effective_on", &request.effective_on, registry.today())?,
    })
}
