//! ListPeople.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{READ, view};
use crate::Registry;
use crate::convert;
use crate::store::person::{AppointmentFilter, PersonFilter};
use minqing_platform::code::Code;

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);
/// The most characters of a query.
const QUERY_MAX: usize = 100;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ListPeopleRequest>,
) -> Result<proto::ListPeopleResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    registry.authorize(&call, "ListPeople", Target::NOWHERE)?;
    let filter = filter(registry, &request)?;
    // Officers of today are public; names of others, and a search by name, are for those who keep the records there.
    let of_today = filter.by.on == Some(registry.today());
    if !filter.query.is_empty() || filter.unappointed || !of_today {
        let code = filter.by.within.as_ref().map_or("", Code::as_str);
        registry.authorize(&call, READ, Target::within(code))?;
    }
    let after = page.after.clone().unwrap_or_default();
    let mut found = registry.store.people(&filter, &after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |person| person.id.clone());
    let people = found.into_iter().map(|person| {
        let view = view(registry, &call, &person);
        convert::person(&registry.keyring, person, view)
    });
    Ok(proto::ListPeopleResponse { people: people.collect::<Result<_, _>>()?, next_page_token })
}

fn filter(registry: &Registry, request: &proto::ListPeopleRequest) -> Result<PersonFilter, Violation> {
    let by = AppointmentFilter {
        person: None,
        within: convert::optional_code("division_code", &request.division_code)?,
        role: convert::role_of("role", request.role)?,
        organization: convert::optional_organization("organization", &request.organization)?,
        on: convert::effective_on("effective_on", &request.effective_on, registry.today())?,
    };
    let query = convert::optional_text("query", &request.query, QUERY_MAX)?;
    let unappointed = request.include_unappointed;
    if by.within.is_none() && (!query.is_empty() || unappointed) {
        return Err(Violation::required("division_code"));
    }
    if unappointed && (by.role.is_some() || by.organization.is_some()) {
        let text = "does not go with role or organization: those without an appointment have neither";
        return Err(Violation::new("include_unappointed", "CONTRADICTION", text));
    }
    Ok(PersonFilter { by, query, unappointed })
}
