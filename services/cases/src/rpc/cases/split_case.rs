//! SplitCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::submit_case::{CONTENT_MAX, TITLE_MAX, sealed_for};
use super::{Asked, Seen, calendar_of, opened, replayed, seen, shown};
use crate::domain::case::{Command, NewPart, Submission};
use crate::store::case::{Act, NewCase};
use crate::{Cases, convert, numbers};

/// The most parts.
const PARTS_MAX: usize = 20;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::SplitCaseRequest>,
) -> Result<proto::SplitCaseResponse, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    convert::count("parts", request.parts.len(), 2, PARTS_MAX)?;
    let change = call.change("SplitCase", &request.request_id, &request, cases.clock.now())?;
    if let Some((sight, were)) = replayed(cases, &call, "SplitCase", &change, &asked.number).await? {
        let mut shown_again = Vec::with_capacity(were.len());
        for case in &were {
            shown_again.push(shown(cases, case, &*calendar_of(cases, case).await?, sight).await?);
        }
        let mut shown_again = shown_again.into_iter();
        return Ok(proto::SplitCaseResponse { case: shown_again.next(), parts: shown_again.collect() });
    }
    let seen = seen(cases, &call, "SplitCase", &asked.number).await?;
    let reporter = cases.store.reporter(&asked.number).await?.unwrap_or_default();
    let reporter = opened(cases, &asked.number, &reporter)?;
    let parts = convert::each("parts", &request.parts, |field, part| {
        let submission = submission(field, part, &seen, numbers::draw(change.now))?;
        let reporter = sealed_for(cases, &reporter, &submission.number);
        Ok(NewCase { submission, reporter, claims: Vec::new() })
    })?;
    let of = |part: &Submission| NewPart { number: part.number.clone(), kind: part.kind };
    let into = parts.iter().map(|part| of(&part.submission)).collect();
    let act = Act {
        number: &asked.number,
        version: asked.version,
        command: Command::Split(into),
        by: seen.by.clone(),
        calendar: &seen.calendar,
    };
    let (after, made) = cases.store.split_case(&change, act, parts).await?;
    let mut answer = proto::SplitCaseResponse {
        case: Some(shown(cases, &after, &seen.calendar, seen.sight).await?),
        parts: Vec::with_capacity(made.len()),
    };
    for part in &made {
        answer.parts.push(shown(cases, part, &seen.calendar, seen.sight).await?);
    }
    Ok(answer)
}

/// A part as a case of its own: all but the matter is that of the whole, and it is the centre's at once.
fn submission(
    field: &str,
    part: &proto::CasePart,
    whole: &Seen,
    number: String,
) -> Result<Submission, Violation> {
    let case = &whole.case;
    Ok(Submission {
        number,
        kind: convert::member(&format!("{field}.type"), part.r#type)?,
        door: case.door,
        priority: case.priority,
        title: convert::text(&format!("{field}.title"), &part.title, TITLE_MAX)?,
        content: convert::optional_prose(&format!("{field}.content"), &part.content, CONTENT_MAX)?,
        place: case.place.clone(),
        item: None,
        identity: case.identity.clone(),
        against: case.against.clone(),
        origin: Some(format!("cases/{}", case.number)),
        first_asked: whole.by.clone(),
        calendar: whole.calendar.reference().clone(),
    })
}
