//! SuggestDispatch.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::item_of;
use crate::domain::words::TEXT_MAX;
use crate::suggest::{Asked, SUGGESTIONS_MAX};
use crate::{Cases, convert};

/// The most organizations that are left out.
const EXCLUDED_MAX: usize = 20;
/// Suggestions when the caller does not say.
const SUGGESTIONS: usize = 5;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::SuggestDispatchRequest>,
) -> Result<proto::SuggestDispatchResponse, Error> {
    let (call, request) = Call::open(request);
    let place = convert::code("division_code", &request.division_code)?;
    cases.authorize(&call, "SuggestDispatch", Target::within(place.as_str()))?;
    let text = convert::optional_prose("text", &request.text, TEXT_MAX)?;
    let case_type = convert::optional_member("case_type", request.case_type)?;
    let item = convert::whole_item("item", &request.item)?;
    let excluded = &request.excluded_organizations;
    convert::count("excluded_organizations", excluded.len(), 0, EXCLUDED_MAX)?;
    let excluded = convert::each("excluded_organizations", excluded, |field, name| {
        convert::whole_organization(field, name)
    })?;
    let limit = match usize::try_from(request.page_size) {
        Ok(0) => SUGGESTIONS,
        Ok(size) => size.min(SUGGESTIONS_MAX),
        Err(_) => return Err(Violation::new("page_size", "INVALID_PAGE_SIZE", "must not be negative").into()),
    };
    let item = item_of(cases, "item", item.as_deref()).await?;
    let asked = Asked { text: &text, case_type, item: item.as_ref(), place: &place, excluded: &excluded };
    let suggestions = cases.suggest(&asked, limit).await?;
    let confidence_min = cases.practice.dispatch_confidence_min;
    let convert = |suggestion| convert::dispatch_suggestion(suggestion, confidence_min);
    Ok(proto::SuggestDispatchResponse {
        suggestions: suggestions.into_iter().map(convert).collect(),
        confidence_min,
    })
}
