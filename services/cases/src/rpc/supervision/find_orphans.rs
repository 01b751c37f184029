//! FindOrphans.

use std::collections::HashMap;

use minqing_platform::call::Call;
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::domain::case::{Case, Sight, Status, Timer, orphaned};
use crate::rpc::cases::{calendar_of, sight_of};
use crate::{Cases, convert};

/// How many open cases a page looks at when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (500, 2_000);
/// Cases that are read at a time.
const CHUNK: usize = 250;
/// In the order in which they are looked at.
const OPEN: [Status; 4] = [Status::Submitted, Status::Accepted, Status::Dispatched, Status::Resolved];

/// How far it was looked: the status by its place, and the last case.
type Place = (usize, Option<i64>);

pub async fn handle(
    cases: &Cases,
    request: Request<proto::FindOrphansRequest>,
) -> Result<proto::FindOrphansResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    cases.authorize(&call, "FindOrphans", Target::NOWHERE)?;
    let within = within(cases, &call, convert::optional_code("division_code", &request.division_code)?);
    let (mut status, mut before) = page.after.as_deref().map_or(Ok((0, None)), place)?;
    let mut answer = proto::FindOrphansResponse::default();
    let mut left = page.size;
    while status < OPEN.len() && left > 0 {
        let wanted = left.min(CHUNK);
        let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
        let found = cases.store.cases_in(OPEN[status], &within, before, limit).await?;
        left -= found.len();
        (status, before) = match found.last() {
            Some((seq, _)) if found.len() == wanted => (status, Some(*seq)),
            _ => (status + 1, None),
        };
        let found: Vec<Case> = found.into_iter().map(|(_, case)| case).collect();
        answer.orphans.extend(orphans(cases, &call, &found).await?);
    }
    answer.looked_at = i32::try_from(page.size - left).unwrap_or(i32::MAX);
    if status < OPEN.len() {
        // Cut to nothing, a page gives the token of whatever stands before it.
        let mut more = vec![(); page.size + 1];
        answer.next_page_token = page.cut(&mut more, |()| format!("{status} {}", before.unwrap_or(i64::MAX)));
    }
    Ok(answer)
}

/// The orphans among cases, as far as the caller may see them.
async fn orphans(cases: &Cases, call: &Call, found: &[Case]) -> Result<Vec<proto::OrphanCase>, Error> {
    let numbers: Vec<String> = found.iter().map(|case| case.number.clone()).collect();
    let mut timers: HashMap<String, Vec<Timer>> = HashMap::new();
    for (number, timer) in cases.store.timers_of(&numbers).await? {
        timers.entry(number).or_default().push(timer);
    }
    let mut orphans = Vec::new();
    for case in found.iter().filter(|case| sight_of(&call.caller, case) != Sight::Nothing) {
        let calendar = calendar_of(cases, case).await?;
        let stored = timers.get(&case.number).map(Vec::as_slice).unwrap_or_default();
        let reasons = orphaned(case, &calendar, stored, cases.clock.now());
        if !reasons.is_empty() {
            orphans.push(convert::orphan(case, &calendar, &reasons));
        }
    }
    Ok(orphans)
}

/// Where the caller may look, narrowed to an area.
fn within(cases: &Cases, call: &Call, area: Option<Code>) -> Vec<String> {
    let may = |role| cases.policy.allows(role, "FindOrphans", true, false);
    let held = call.caller.roles();
    let reach = held.iter().filter(|held| may(held.role)).map(|held| held.division.clone());
    let Some(area) = area else { return reach.collect() };
    let narrowed = reach.filter_map(|reach| {
        if area.as_str().starts_with(&reach) {
            Some(area.to_string())
        } else {
            reach.starts_with(area.as_str()).then_some(reach)
        }
    });
    narrowed.collect()
}

fn place(text: &str) -> Result<Place, Violation> {
    let read = || {
        let (status, before) = text.split_once(' ')?;
        Some((status.parse().ok()?, Some(before.parse().ok()?)))
    };
    read().ok_or_else(|| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))
}
