//! ListFigureCases.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{found, scope};
use crate::domain::case::{Case, Sight};
use crate::domain::figures::{Facts, Query};
use crate::rpc::cases::sight_of;
use crate::store::figures::{Listed, RoundKey};
use crate::{Cases, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ListFigureCasesRequest>,
) -> Result<proto::ListFigureCasesResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let scope = scope(cases, &call, "ListFigureCases")?;
    let selection = convert::figure_selection(&request)?;
    let (query, snapshot) = asked(cases, &request).await?;
    let listed = Listed {
        query: &query,
        scope: &scope,
        snapshot: snapshot.as_deref(),
        group: request.group.as_deref(),
        selection: &selection,
    };
    let after = page.after.as_deref().map(key).transpose()?;
    let mut rounds = cases.store.figure_rounds(&listed, after.as_ref(), page.limit()).await?;
    let next_page_token = page.cut(&mut rounds, |(facts, _)| key_of(facts));
    let named = |(facts, case): &(Facts, Case)| {
        // Who counts must see that there is one, and not which.
        let is_hidden = sight_of(&call.caller, case) == Sight::Nothing;
        round(facts, is_hidden)
    };
    Ok(proto::ListFigureCasesResponse { cases: rounds.iter().map(named).collect(), next_page_token })
}

/// What the list is of: a query, or what was published.
async fn asked(
    cases: &Cases,
    request: &proto::ListFigureCasesRequest,
) -> Result<(Query, Option<String>), Error> {
    let query = convert::flat!(request);
    if request.snapshot.is_empty() {
        return Ok((convert::figure_query("", &query)?, None));
    }
    if query != proto::FigureQuery::default() {
        let text = "what was published has a query already; give one of the two";
        return Err(Violation::new("snapshot", "CONTRADICTION", text).into());
    }
    let id = convert::named("snapshot", "figureSnapshots", &request.snapshot)?;
    Ok((found(cases, &id).await?.query, Some(id)))
}

/// A round as a message.
pub(super) fn round(facts: &Facts, is_hidden: bool) -> proto::FigureCase {
    if is_hidden {
        return proto::FigureCase::default();
    }
    proto::FigureCase {
        case: format!("cases/{}", facts.number),
        round: i32::try_from(facts.round).unwrap_or(i32::MAX),
        version: facts.version,
    }
}

/// The place of a round in the order of all, as a page's token has it.
pub(super) fn key_of(facts: &Facts) -> String {
    format!("{} {}", facts.number, facts.round)
}

/// Reads it.
pub(super) fn key(text: &str) -> Result<RoundKey, Violation> {
    let read = || {
        let (number, round) = text.split_once(' ')?;
        Some((number.to_owned(), round.parse().ok()?))
    };
    read().ok_or_else(|| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))
}
