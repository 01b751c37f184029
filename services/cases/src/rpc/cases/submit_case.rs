//! SubmitCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::identity::Role;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{organization_or_person, party, tracked};
use crate::domain::attachment::Claim;
use crate::domain::calendar;
use crate::domain::case::{Anonymity, Case, Door, Identity, ItemRef, Party, Place, Priority, Submission};
use crate::store::case::{NewCase, Reporter};
use crate::{Cases, convert, numbers};
use minqing_platform::places::{self, Whereabouts};

/// The most characters of each text.
pub(super) const TITLE_MAX: usize = 100;
pub(super) const CONTENT_MAX: usize = 10_000;
pub(in crate::rpc) const ADDRESS_MAX: usize = 200;
const ORIGIN_MAX: usize = 200;
const NAME_MAX: usize = 50;
const PHONE_MAX: usize = 20;
/// The most organizations and people one case is against.
const AGAINST_MAX: usize = 10;
/// How often a number is drawn anew when it is taken.
pub(in crate::rpc) const DRAWS_MAX: usize = 3;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::SubmitCaseRequest>,
) -> Result<proto::SubmitCaseResponse, Error> {
    let (call, request) = Call::open(request);
    cases.authorize(&call, "SubmitCase", Target::NOWHERE)?;
    let given = request.case.as_ref().ok_or_else(|| Violation::required("case"))?;
    let change = match call.caller.appointments.as_slice() {
        [] => tracked::change(cases, &call, "SubmitCase", &request.request_id, &request)?,
        _ => call.change("SubmitCase", &request.request_id, &request, cases.clock.now())?,
    };
    let calendar = cases.calendars.calendar(calendar::CHINA, None).await?;
    // What it refers to may have ended meanwhile.
    if let Some(made) = cases.store.replayed(&change).await?.and_then(|were| were.into_iter().next()) {
        let calendar = super::calendar_of(cases, &made).await?;
        return Ok(told(cases, &made, &calendar));
    }
    let mut submission = read(given, cases, &call, calendar.reference().clone())?;
    submission.place = place(cases, given).await?;
    check_references(cases, given).await?;
    let claims = convert::each("attachments", &request.attachments, claim)?;
    let by = submission.first_asked.clone();
    let by = if call.caller.appointments.is_empty() { Party::citizen() } else { by };
    for draw in 1.. {
        submission.number = numbers::draw(change.now);
        let reporter = sealed(cases, &call, given, &submission)?;
        let new = NewCase { submission: submission.clone(), reporter, claims: claims.clone() };
        match cases.store.submit_case(&change, new, by.clone(), &calendar).await {
            Err(Error::Database(minqing_platform::db::Error::Duplicate)) if draw < DRAWS_MAX => {}
            made => return Ok(told(cases, &made?, &calendar)),
        }
    }
    Err(Error::Internal("no number was drawn".to_owned()))
}

pub(in crate::rpc) fn told(
    cases: &Cases,
    made: &Case,
    calendar: &calendar::Calendar,
) -> proto::SubmitCaseResponse {
    proto::SubmitCaseResponse {
        secret: numbers::secret(&cases.keyring, &made.number),
        case: Some(convert::tracked(made, calendar, None)),
    }
}

/// A case as it is asked for: all but its number and its place.
pub(in crate::rpc) fn read(
    given: &proto::Case,
    cases: &Cases,
    call: &Call,
    calendar: calendar::Ref,
) -> Result<Submission, Vec<Violation>> {
    let mut faults = convert::Faults::default();
    let kind = faults.take(convert::member("case.type", given.r#type));
    let door = faults.take(convert::member("case.door", given.door));
    let priority = faults.take(convert::optional_member("case.priority", given.priority));
    let anonymity = faults.take(convert::optional_member("case.anonymity", given.anonymity));
    let title = faults.take(convert::text("case.title", &given.title, TITLE_MAX));
    let content = faults.take(convert::optional_prose("case.content", &given.content, CONTENT_MAX));
    let item = faults.take(item("case.item", &given.item));
    let origin = faults.take(convert::optional_text("case.origin", &given.origin, ORIGIN_MAX));
    let against =
        faults.take(convert::count("case.against", given.against.len(), 0, AGAINST_MAX).and_then(|()| {
            convert::each("case.against", &given.against, |field, name| organization_or_person(field, name))
        }));
    let anonymity = anonymity.map(|anonymity| anonymity.unwrap_or(Anonymity::Open));
    faults.take(reporter_fits(given, anonymity, door));
    faults.take(proxy_is_known(door, call));
    let by_proxy = door == Some(Door::Proxy);
    let fields = (|| {
        let anonymity = anonymity?;
        // The person of an officer who takes it down, or of a proxy, is not that of whoever raised it.
        let own = call.caller.appointments.is_empty() && !by_proxy && anonymity != Anonymity::Anonymous;
        Some(Submission {
            number: String::new(),
            kind: kind?,
            door: door?,
            priority: priority?.unwrap_or(Priority::Ordinary),
            title: title?,
            content: content?,
            place: Place { code: cases.practice.city.clone(), position: None, address: String::new() },
            item: item?,
            identity: Identity { anonymity, person: call.caller.person.clone().filter(|_| own), by_proxy },
            against: against?,
            origin: origin.filter(|origin| !origin.is_empty()),
            first_asked: first_asked(cases, call),
            calendar,
        })
    })();
    faults.or(fields)
}

/// The officer who takes it down, or else the supervision centre, at whose door everybody stands who comes alone.
fn first_asked(cases: &Cases, call: &Call) -> Party {
    match call.caller.appointments.iter().find(|appointment| appointment.role != Role::SystemAccount) {
        Some(appointment) => party(call, appointment),
        None => {
            let centre = cases.practice.centre.clone();
            Party { name: centre.clone(), organization: Some(centre) }
        }
    }
}

fn item(field: &str, text: &str) -> Result<Option<ItemRef>, Violation> {
    if text.is_empty() {
        return Ok(None);
    }
    let id = convert::named(field, "items", text)?;
    // Which version counts is said when the case is taken up.
    Ok(Some(ItemRef { name: format!("items/{id}"), version: 0 }))
}

/// Checks that what it refers to is there: organizations it is against, and its item.
pub(in crate::rpc) async fn check_references(cases: &Cases, given: &proto::Case) -> Result<(), Error> {
    for (index, against) in given.against.iter().enumerate() {
        if against.starts_with("organizations/") {
            let field = format!("case.against[{index}]");
            // What was dissolved can be complained of as well.
            places::check_organization_known(&cases.registry, &field, against).await?;
        }
    }
    check_item(cases, &given.item).await
}

/// Checks that the catalogue has the item.
async fn check_item(cases: &Cases, name: &str) -> Result<(), Error> {
    match convert::optional_named("case.item", "items", name)? {
        Some(id) => super::accept_case::item(cases, "case.item", &id).await.map(drop),
        None => Ok(()),
    }
}

pub(in crate::rpc) fn claim(field: &str, given: &proto::AttachmentClaim) -> Result<Claim, Violation> {
    let id = convert::attachment_name(&format!("{field}.attachment"), &given.attachment)?;
    Ok(Claim { id, token: given.token.clone() })
}

/// Nobody is named in an anonymous case; somebody is, where a proxy speaks for them.
fn reporter_fits(
    given: &proto::Case,
    anonymity: Option<Anonymity>,
    door: Option<Door>,
) -> Result<(), Violation> {
    let reporter = given.reporter.clone().unwrap_or_default();
    let is_named = !(reporter.display_name.is_empty() && reporter.phone.is_empty());
    if anonymity == Some(Anonymity::Anonymous) && is_named {
        let text = "an anonymous case takes no name and no number";
        return Err(Violation::new("case.reporter", "ANONYMOUS_WITH_NAME", text));
    }
    if door == Some(Door::Proxy) && reporter.display_name.is_empty() {
        return Err(Violation::required("case.reporter.display_name"));
    }
    Ok(())
}

/// A proxy answers for what they say on somebody's behalf.
fn proxy_is_known(door: Option<Door>, call: &Call) -> Result<(), Violation> {
    if door == Some(Door::Proxy) && call.caller.is_anonymous() {
        return Err(Violation::new("case.door", "PROXY_NOT_SIGNED_IN", "a proxy must sign in"));
    }
    Ok(())
}

/// Where it is: a point, else an area, else the whole city.
pub(super) async fn place(cases: &Cases, given: &proto::Case) -> Result<Place, Error> {
    let address = convert::optional_text("case.address", &given.address, ADDRESS_MAX)?;
    let whereabouts = Whereabouts {
        area: &given.area,
        latitude: given.latitude,
        longitude: given.longitude,
        datum: given.datum,
    };
    let (code, position) =
        places::find(&cases.registry, "case.", &cases.practice.city, whereabouts, cases.today()).await?;
    Ok(Place { code, position, address })
}

/// Seals who raised it, bound to the case.
pub(in crate::rpc) fn sealed(
    cases: &Cases,
    call: &Call,
    given: &proto::Case,
    submission: &Submission,
) -> Result<Reporter, Violation> {
    let reporter = given.reporter.clone().unwrap_or_default();
    let name = convert::optional_text("case.reporter.display_name", &reporter.display_name, NAME_MAX)?;
    let phone = convert::optional_text("case.reporter.phone", &reporter.phone, PHONE_MAX)?;
    let phone: String = phone.chars().filter(|character| !matches!(character, ' ' | '-')).collect();
    let is_phone = |text: &str| text.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit());
    if !is_phone(&phone) {
        return Err(Violation::new(
            "case.reporter.phone",
            "INVALID_PHONE",
            "must be digits, with + before them at most",
        ));
    }
    let proxy = submission.identity.by_proxy.then(|| call.caller.name_for_audit().into_owned());
    let reporter = convert::OpenReporter { name, phone, proxy: proxy.unwrap_or_default() };
    Ok(sealed_for(cases, &reporter, &submission.number))
}

/// Seals who raised it for the number of a case. One that is split off another has the same raiser, sealed anew.
pub fn sealed_for(cases: &Cases, reporter: &convert::OpenReporter, number: &str) -> Reporter {
    let seal = |text: &str, column: &str| {
        (!text.is_empty()).then(|| cases.keyring.seal(text, &format!("reporters.{column}:{number}")))
    };
    let phone = &reporter.phone;
    Reporter {
        name: seal(&reporter.name, "name"),
        phone: seal(phone, "phone"),
        phone_index: (!phone.is_empty()).then(|| cases.keyring.index("phone", phone).to_vec()),
        proxy: Some(reporter.proxy.clone()).filter(|proxy| !proxy.is_empty()),
    }
}
