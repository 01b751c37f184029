//! VerifyFigureSnapshot.

use minqing_platform::call::Call;
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::found;
use super::list_figure_cases::{key, key_of, round};
use crate::domain::case::{Case, Sight, replay};
use crate::domain::figures::{Facts, Measure, Selection, facts_after};
use crate::rpc::cases::{calendar_of, sight_of};
use crate::store::figures::{Listed, Scope};
use crate::{Cases, convert};

/// Histories on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (500, 2_000);

pub async fn handle(
    cases: &Cases,
    request: Request<proto::VerifyFigureSnapshotRequest>,
) -> Result<proto::VerifyFigureSnapshotResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    cases.authorize(&call, "VerifyFigureSnapshot", Target::NOWHERE)?;
    let id = convert::named("name", "figureSnapshots", &request.name)?;
    let snapshot = found(cases, &id).await?;
    let area = snapshot.query.area.as_ref().map_or("", Code::as_str);
    cases.authorize(&call, "VerifyFigureSnapshot", Target::within(area))?;
    let (groups, hash) = cases.store.recounted(&snapshot).await?;

    let everything =
        [Measure::Counted, Measure::Withdrawn, Measure::Rejected, Measure::Merged, Measure::Split];
    let listed = Listed {
        query: &snapshot.query,
        scope: &Scope::everything(),
        snapshot: Some(&id),
        group: None,
        selection: &Selection { any: everything.to_vec(), none: Vec::new() },
    };
    let after = page.after.as_deref().map(key).transpose()?;
    let mut rounds = cases.store.figure_rounds(&listed, after.as_ref(), page.limit()).await?;
    let next_page_token = page.cut(&mut rounds, |(facts, _)| key_of(facts));
    let mut differing = Vec::new();
    for (facts, case) in &rounds {
        if again(cases, facts).await?.as_ref() != Some(facts) {
            differing.push(round(facts, hides(&call, case)));
        }
    }
    Ok(proto::VerifyFigureSnapshotResponse {
        figures_agree: groups == snapshot.groups && hash == snapshot.hash,
        replayed: i32::try_from(rounds.len()).unwrap_or(i32::MAX),
        differing,
        next_page_token,
    })
}

/// What the history of a round's case gives up to the version at which it was counted.
async fn again(cases: &Cases, counted: &Facts) -> Result<Option<Facts>, Error> {
    let history = cases.store.history(&counted.number, 0, counted.version).await?;
    let Some(case) = replay(&history) else { return Ok(None) };
    let calendar = calendar_of(cases, &case).await?;
    let rounds = facts_after(None, &history, &calendar);
    Ok(rounds.into_iter().find(|round| round.round == counted.round))
}

fn hides(call: &Call, case: &Case) -> bool {
    sight_of(&call.caller, case) == Sight::Nothing
}
