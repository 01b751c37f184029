//! FindSimilarCases.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::submit_case::{CONTENT_MAX, TITLE_MAX, place};
use super::{hidden, reach, sight_of};
use crate::domain::case::{Anonymity, Case, Sight, is_guarded};
use crate::domain::search;
use crate::domain::similar::{self, Draft, Frequencies, Reach};
use crate::store::search::Nearby;
use crate::{Cases, convert};

/// When the caller does not say, and at most.
const WINDOW_DAYS: (i32, i32) = (30, 365);
const RADIUS_M: (i32, i32) = (300, 1_000);
const SIZES: (i32, i32) = (5, 20);
/// The most cases whose words are compared.
const CANDIDATES_MAX: i64 = 50;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::FindSimilarCasesRequest>,
) -> Result<proto::FindSimilarCasesResponse, Error> {
    let (call, request) = Call::open(request);
    cases.authorize(&call, "FindSimilarCases", Target::NOWHERE)?;
    let (reach, size) = bounds(&request)?;
    let draft = draft(cases, request.case.as_ref(), cases.clock.now()).await?;
    let frequencies = cases.store.word_frequencies(&draft.words).await?;
    let nearby = nearby(cases, &call, &draft, reach, &frequencies);
    let found = cases.store.cases_nearby(&nearby).await?;
    let candidates: Vec<(Case, BTreeSet<String>)> = found
        .into_iter()
        .filter(|case| may_see(cases, &call, case))
        .map(|case| {
            let words = similar::words_of(&case.title, &case.content);
            (case, words)
        })
        .collect();
    let words = candidates.iter().flat_map(|(_, words)| words).chain(&draft.words).cloned().collect();
    let frequencies = cases.store.word_frequencies(&words).await?;
    let mut ranked = similar::rank(&draft, reach, &candidates, &frequencies);
    ranked.truncate(size);
    Ok(proto::FindSimilarCasesResponse { cases: ranked.iter().map(convert::similar_case).collect() })
}

/// Reads how far is looked, and how many are told.
fn bounds(request: &proto::FindSimilarCasesRequest) -> Result<(Reach, usize), Vec<Violation>> {
    let mut faults = convert::Faults::default();
    let days = faults.take(within("window_days", request.window_days, WINDOW_DAYS));
    let radius = faults.take(within("radius_m", request.radius_m, RADIUS_M));
    let size = faults.take(within("size_max", request.size_max, SIZES));
    let fields = (|| {
        let reach = Reach { window: TimeDelta::days(days?.into()), radius_m: radius?.into() };
        Some((reach, usize::try_from(size?).ok()?))
    })();
    faults.or(fields)
}

fn within(field: &str, given: i32, (default, max): (i32, i32)) -> Result<i32, Violation> {
    match given {
        0 => Ok(default),
        _ if (1..=max).contains(&given) => Ok(given),
        _ => Err(Violation::new(field, "OUT_OF_RANGE", format!("must be 1 to {max}"))),
    }
}

/// Reads the case as far as it was taken down.
async fn draft(cases: &Cases, given: Option<&proto::Case>, now: DateTime<Utc>) -> Result<Draft, Error> {
    let given = given.ok_or_else(|| Violation::required("case"))?;
    let mut faults = convert::Faults::default();
    let title = faults.take(convert::optional_text("case.title", &given.title, TITLE_MAX));
    let content = faults.take(convert::optional_prose("case.content", &given.content, CONTENT_MAX));
    let kind = faults.take(convert::optional_member("case.type", given.r#type));
    let (title, content, kind) = faults.or((|| Some((title?, content?, kind?)))())?;
    if title.is_empty() && content.is_empty() {
        return Err(Violation::required("case.title").into());
    }
    let place = place(cases, given).await?;
    Ok(Draft {
        words: similar::words_of(&title, &content),
        kind,
        area: place.code,
        position: place.position,
        time: now,
    })
}

fn nearby(cases: &Cases, call: &Call, draft: &Draft, reach_of: Reach, frequencies: &Frequencies) -> Nearby {
    let area = similar::searched_area(&draft.area).and_then(|area| search::area(area.as_str()));
    let cells = draft.position.map(|at| search::cells_around(at, reach_of.radius_m)).unwrap_or_default();
    Nearby {
        words: frequencies.rarest(&draft.words),
        places: area.into_iter().chain(cells).collect(),
        within: reach(cases, call, "FindSimilarCases"),
        hidden: hidden(&call.caller),
        since: draft.time - reach_of.window,
        limit: CANDIDATES_MAX,
    }
}

/// Whether a caller may be told of a case. Those who could list it may; others only of what is nobody's secret.
fn may_see(cases: &Cases, call: &Call, case: &Case) -> bool {
    let target = Target::within(case.place.code.as_str());
    let lists = cases.policy.decide(&call.caller, "ListCases", target).is_ok();
    let is_open = case.identity.anonymity == Anonymity::Open && !is_guarded(case);
    sight_of(&call.caller, case) != Sight::Nothing && (lists || is_open)
}
