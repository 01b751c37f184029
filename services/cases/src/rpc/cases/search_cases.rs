//! SearchCases.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{hidden, reach, shown_to};
use crate::domain::search::{self, NoQuery};
use crate::store::search::Search;
use crate::{Cases, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 500);
/// The most characters of a query.
const QUERY_MAX: usize = 100;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::SearchCasesRequest>,
) -> Result<proto::SearchCasesResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    cases.authorize(&call, "SearchCases", Target::NOWHERE)?;
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let mut search = read(&request)?;
    search.areas.push(reach(cases, &call, "SearchCases"));
    search.hidden = hidden(&call.caller);
    let before = page.after.as_deref().map(str::parse).transpose();
    let before =
        before.map_err(|_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))?;
    let mut found = cases.store.search_cases(&search, before, page.limit()).await?;
    let mut next_page_token = page.cut(&mut found.cases, |(seq, _)| seq.to_string());
    if let Some(rest) = found.rest.filter(|_| next_page_token.is_empty()) {
        next_page_token = page.token(&rest.to_string());
    }
    let shown = shown_to(cases, &call, found.cases.into_iter().map(|(_, case)| case)).await?;
    Ok(proto::SearchCasesResponse { cases: shown, next_page_token })
}

fn read(request: &proto::SearchCasesRequest) -> Result<Search, Vec<Violation>> {
    let mut faults = convert::Faults::default();
    let words = faults.take(words("query", &request.query));
    let area = faults.take(convert::optional_code("division_code", &request.division_code));
    let status = faults.take(convert::optional_member("status", request.status));
    let kind = faults.take(convert::optional_member("type", request.r#type));
    let door = faults.take(convert::optional_member("door", request.door));
    let item = faults.take(convert::optional_named("item", "items", &request.item));
    let owner = faults.take(convert::optional_named("organization", "organizations", &request.organization));
    let from = faults.take(convert::instant("created_from", request.created_from.as_ref()));
    let before = faults.take(convert::instant("created_before", request.created_before.as_ref()));
    let fields = (|| {
        let facts = [
            status?.map(search::status),
            kind?.map(search::kind),
            door?.map(search::door),
            item?.map(|id| search::item(&format!("items/{id}"))),
            owner?.map(|id| search::owner(&format!("organizations/{id}"))),
        ];
        Some(Search {
            terms: words?.into_iter().chain(facts.into_iter().flatten()).collect(),
            areas: area?.map(|code| vec![code.to_string()]).into_iter().collect(),
            hidden: Vec::new(),
            from: from?,
            before: before?,
        })
    })();
    faults.or(fields)
}

fn words(field: &str, text: &str) -> Result<std::collections::BTreeSet<String>, Violation> {
    // A query is a line: what was copied from somewhere with its ends of lines means the same without them.
    let text = convert::prose(field, text, QUERY_MAX)?;
    search::query(&text).map_err(|why| match why {
        NoQuery::NoWords => {
            Violation::new(field, "QUERY_WITHOUT_WORDS", "holds no word that can be looked for")
        }
        NoQuery::TooManyWords => {
            let text = format!("at most {} different words", search::QUERY_WORDS_MAX);
            Violation::new(field, "TOO_MANY_WORDS", text)
        }
    })
}
