//! CreateNeed.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::places::{self, Whereabouts};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use crate::convert::Given;
use crate::domain::need::{Place, Requirements, Source, Submission};
use crate::{Volunteers, convert};

/// The most characters of each text.
const TITLE_MAX: usize = 100;
const CONTENT_MAX: usize = 10_000;
const ADDRESS_MAX: usize = 200;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::CreateNeedRequest>,
) -> Result<proto::Need, Error> {
    let (call, request) = Call::open(request);
    volunteers.authorize(&call, "CreateNeed", Target { division: None, own: true })?;
    let given = request.need.as_ref().ok_or_else(|| Violation::required("need"))?;
    let change = call.change("CreateNeed", &request.request_id, &request, volunteers.clock.now())?;
    let draft = read(given)?;
    if let Some(team) = &draft.planner {
        check_planner(volunteers, &call, team).await?;
    }
    check_post(volunteers, "need.post", draft.requirements.post.as_deref()).await?;
    let whereabouts = Whereabouts {
        area: &given.area,
        latitude: given.latitude,
        longitude: given.longitude,
        datum: given.datum,
    };
    let city = &volunteers.practice.city;
    let (code, position) =
        places::find(&volunteers.registry, "need.", city, whereabouts, volunteers.today()).await?;
    let submission = Submission {
        id: Uuid::now_v7(),
        source: if draft.planner.is_some() { Source::Team } else { Source::Resident },
        assignment: None,
        planner: draft.planner,
        title: draft.title,
        content: draft.content,
        place: Place { code, position, address: draft.address },
        requirements: draft.requirements,
        due: change.now + volunteers.practice.promise.verify,
    };
    Ok(convert::need(&volunteers.store.submit_need(&change, submission).await?))
}

/// A need as it is asked for, before it is known where that is.
struct Draft {
    planner: Option<String>,
    title: String,
    content: String,
    address: String,
    requirements: Requirements,
}

fn read(given: &proto::Need) -> Result<Draft, Vec<Violation>> {
    let mut faults = convert::Faults::default();
    let title = faults.take(convert::text("need.title", &given.title, TITLE_MAX));
    let content = faults.take(convert::optional_prose("need.content", &given.content, CONTENT_MAX));
    let address = faults.take(convert::optional_text("need.address", &given.address, ADDRESS_MAX));
    let planner = faults.take(convert::optional_named("need.planner", "teams", &given.planner));
    let takes = Given {
        prefix: "need.",
        post: &given.post,
        skills: &given.skills,
        headcount: given.headcount,
        windows: &given.windows,
        risk: given.risk,
    };
    let requirements = convert::requirements(&mut faults, &takes, &Requirements::MODEST);
    let whole = (|| {
        Some(Draft {
            planner: planner?,
            title: title?,
            content: content?,
            address: address?,
            requirements: requirements?,
        })
    })();
    faults.or(whole)
}

/// Only whoever leads a team plans for it.
async fn check_planner(volunteers: &Volunteers, call: &Call, id: &str) -> Result<(), Error> {
    let team = volunteers.store.team(id).await?;
    let missing = || Violation::new("need.planner", "REFERENCE_MISSING", "there is no such team");
    let team = team.ok_or_else(missing)?;
    if volunteers.leads(call, &team).await? {
        return Ok(());
    }
    Err(Refusal::rule("NOT_THE_LEADER", format!("teams/{id} is led by somebody else")).into())
}

/// A post that is named is there.
pub(super) async fn check_post(volunteers: &Volunteers, field: &str, id: Option<&str>) -> Result<(), Error> {
    let Some(id) = id else { return Ok(()) };
    match volunteers.store.post(id, None).await? {
        Some(_) => Ok(()),
        None => Err(Violation::new(field, "REFERENCE_MISSING", "there is no such post").into()),
    }
}
