//! RaiseCase.

use minqing_platform::call::Call;
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Asked, Seen, seen};
use crate::convert::number;
use crate::domain::calendar;
use crate::domain::case::Place;
use crate::domain::observation::Observation;
use crate::rpc::cases::submit_case::{ADDRESS_MAX, DRAWS_MAX, check_references, claim, read, sealed, told};
use crate::store::case::NewCase;
use crate::{Cases, convert, numbers};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::RaiseCaseRequest>,
) -> Result<proto::RaiseCaseResponse, Error> {
    let (call, request) = Call::open(request);
    let id = convert::observation_name("name", &request.name)?;
    let asked = Asked { id, version: convert::etag("etag", &request.etag)? };
    let Seen { stored, by, .. } = seen(cases, &call, "RaiseCase", id).await?;
    let change = call.change("RaiseCase", &request.request_id, &request, cases.clock.now())?;
    let given = request.case.as_ref().ok_or_else(|| Violation::required("case"))?;
    let observation = &stored.observation;
    let case = case(given, observation)?;
    let calendar = cases.calendars.calendar(calendar::CHINA, None).await?;
    let mut submission = read(&case, cases, &call, calendar.reference().clone())?;
    let address = convert::optional_text("case.address", &given.address, ADDRESS_MAX)?;
    submission.place =
        Place { code: observation.facts.grid.clone(), position: observation.facts.position, address };
    // Whoever observed it was told of it first, whoever makes it a case.
    submission.first_asked = observation.facts.officer.clone();
    check_references(cases, &case).await?;
    let claims = convert::each("attachments", &request.attachments, claim)?;
    for draw in 1.. {
        submission.number = numbers::draw(change.now);
        let reporter = sealed(cases, &call, &case, &submission)?;
        let new = NewCase { submission: submission.clone(), reporter, claims: claims.clone() };
        let asked = (asked.id, asked.version);
        match cases.store.raise_observation(&change, asked, new, by.clone(), &calendar).await {
            Err(Error::Database(db::Error::Duplicate)) if draw < DRAWS_MAX => {}
            made => {
                let (observation, made) = made?;
                let told = told(cases, &made, &calendar);
                let observation = Some(convert::observation(&observation, true));
                return Ok(proto::RaiseCaseResponse { observation, case: told.case, secret: told.secret });
            }
        }
    }
    Err(Error::Internal("no number was drawn".to_owned()))
}

/// The case as SubmitCase would be sent it: what is not said is the observation's.
fn case(given: &proto::Case, observation: &Observation) -> Result<proto::Case, Vec<Violation>> {
    let set = [
        ("door", given.door != 0),
        ("area", !given.area.is_empty()),
        ("latitude", given.latitude.is_some()),
        ("longitude", given.longitude.is_some()),
        ("origin", !given.origin.is_empty()),
    ];
    let wrong = set.into_iter().filter(|(_, is_given)| *is_given).map(|(field, _)| {
        Violation::new(format!("case.{field}"), "SET_BY_OBSERVATION", "is what the observation says")
    });
    let wrong: Vec<Violation> = wrong.collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let facts = &observation.facts;
    let or = |given: &str, own: &str| if given.trim().is_empty() { own.to_owned() } else { given.to_owned() };
    Ok(proto::Case {
        door: number(facts.kind.door()),
        title: or(&given.title, &facts.title),
        content: or(&given.content, &facts.content),
        origin: format!("observations/{}", facts.id),
        ..given.clone()
    })
}
