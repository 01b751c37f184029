//! CreateHourReport.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use crate::domain::activity::Window;
use crate::domain::hour_report::{HourReport, Source, State, is_spot_check, source_of};
use crate::domain::volunteer::Volunteer;
use crate::rpc::activities;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::CreateHourReportRequest>,
) -> Result<proto::HourReport, Error> {
    let (call, request) = Call::open(request);
    let given = request.hour_report.as_ref().ok_or_else(|| Violation::required("hour_report"))?;
    let now = volunteers.clock.now();
    let (window, description) = convert::hour_report_facts(given, now)?;
    check_one(given)?;
    let own = activities::own(volunteers, &call, "CreateHourReport").await?;
    let served = served(volunteers, given, &own, window).await?;
    let change = call.change("CreateHourReport", &request.request_id, &request, now)?;
    let id = Uuid::now_v7();
    let new = HourReport {
        id,
        volunteer: own.number,
        reporter: change.actor.clone(),
        sign_up: served.sign_up,
        team: served.team,
        post: served.post,
        division_code: served.division_code,
        window,
        description,
        source: served.source,
        state: State::Submitted,
        spot_check: is_spot_check(id),
        comment: String::new(),
        reviewer: String::new(),
        create_time: now,
        review_time: None,
    };
    Ok(convert::hour_report(&volunteers.store.create_hour_report(&change, &new).await?))
}

/// For whom and in which post somebody served.
struct Served {
    sign_up: Option<(Uuid, Uuid, Uuid)>,
    team: String,
    post: String,
    division_code: String,
    source: Source,
}

fn check_one(given: &proto::HourReport) -> Result<(), Violation> {
    match (given.sign_up.is_empty(), given.team.is_empty()) {
        (true, true) => Err(Violation::required("hour_report.sign_up")),
        (false, false) => {
            Err(Violation::new("hour_report.team", "ONE_OF_TWO", "either a sign-up or a team is given"))
        }
        (true, false) | (false, true) => Ok(()),
    }
}

async fn served(
    volunteers: &Volunteers,
    given: &proto::HourReport,
    own: &Volunteer,
    window: Window,
) -> Result<Served, Error> {
    if given.sign_up.is_empty() {
        let id = convert::named("hour_report.team", "teams", &given.team)?;
        let found = volunteers.store.team(&id).await?;
        let team = found.ok_or_else(|| Refusal::missing(format!("teams/{id}")))?;
        if !volunteers.store.is_member(&team.id, &own.number).await? {
            return Err(
                Refusal::rule("NOT_A_MEMBER", "hours outside any shift are for members of the team").into()
            );
        }
        let (post, division_code) = (team.post, team.home.to_string());
        return Ok(Served { sign_up: None, team: team.id, post, division_code, source: Source::NoShift });
    }
    let name = convert::sign_up_name("hour_report.sign_up", &given.sign_up)?;
    let (activity, shift, id) = name;
    let found = volunteers.store.sign_up(id).await?;
    let found =
        found.filter(|one| one.activity == activity && one.shift == shift && one.volunteer == own.number);
    let sign_up = found.ok_or_else(|| Refusal::missing(format!("sign-up {id}")))?;
    let source = source_of(&sign_up, window)?;
    let activity = activities::present(volunteers, activity).await?;
    let division_code = activity.plan.place.code.to_string();
    Ok(Served { sign_up: Some(name), team: activity.team, post: activity.post, division_code, source })
}
