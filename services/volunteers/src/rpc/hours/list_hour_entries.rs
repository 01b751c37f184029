//! ListHourEntries.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::store::hour::Filter;
use crate::{Volunteers, convert};

const ACTION: &str = "ListHourEntries";
/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 200);
/// The most characters of an activity's name.
const NAME_MAX: usize = 200;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListHourEntriesRequest>,
) -> Result<proto::ListHourEntriesResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    volunteers.authorize(&call, ACTION, Target { division: None, own: true })?;
    let filter = filter(volunteers, &call, &request).await?;
    let before = page.after.as_deref().map(|key| {
        key.parse::<i64>()
            .map_err(|_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))
    });
    let mut found = volunteers.store.hour_entries(&filter, before.transpose()?, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |entry| entry.seq.to_string());
    Ok(proto::ListHourEntriesResponse {
        hour_entries: found.iter().map(convert::hour_entry).collect(),
        next_page_token,
    })
}

async fn filter(
    volunteers: &Volunteers,
    call: &Call,
    request: &proto::ListHourEntriesRequest,
) -> Result<Filter, Error> {
    let team = convert::optional_named("team", "teams", &request.team)?;
    let activity = convert::optional_text("activity", &request.activity, NAME_MAX)?;
    let need = convert::optional_text("need", &request.need, NAME_MAX)?;
    let day = |field: &str, text: &str| Ok::<_, Violation>(convert::date(field, text)?.map(begins));
    let mut filter = Filter {
        area: convert::optional_code("division_code", &request.division_code)?,
        volunteer: convert::optional_volunteer("volunteer", &request.volunteer)?,
        activity: (!activity.is_empty()).then_some(activity),
        need: (!need.is_empty()).then_some(need),
        from: day("from_day", &request.from_day)?,
        before: day("to_day", &request.to_day)?,
        ..Filter::default()
    };
    let held = call.caller.roles();
    let of_area = held.iter().filter(|held| volunteers.policy.allows(held.role, ACTION, true, false));
    filter.within = of_area.map(|held| held.division.clone()).collect();
    filter.own = volunteers.own_volunteer(call).await?.map(|own| own.number);
    if let Some(id) = &team
        && let Some(found) = volunteers.store.team(id).await?
        && volunteers.leads(call, &found).await?
    {
        filter.teams.push(id.clone());
    }
    filter.team = team;
    Ok(filter)
}

/// The instant at which a civil day in China begins.
fn begins(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(8)
}
