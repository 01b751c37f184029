//! BatchCreateVolunteers.

use std::collections::{BTreeMap, BTreeSet};

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::field::{Faults, count};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::check_home;
use crate::Volunteers;
use crate::convert::{self, Sight};
use crate::domain::volunteer::{BATCH_MAX, Enrolment};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::BatchCreateVolunteersRequest>,
) -> Result<proto::BatchCreateVolunteersResponse, Error> {
    let (call, request) = Call::open(request);
    count("entries", request.entries.len(), 1, BATCH_MAX)?;
    let (mut news, mut violations) = (Vec::new(), Vec::new());
    for (place, entry) in request.entries.iter().enumerate() {
        match enrolment(volunteers, &format!("entries[{place}]"), entry) {
            Ok(new) => news.push(new),
            Err(faults) => violations.extend(faults),
        }
    }
    authorize(volunteers, &call, &news).await?;
    violations.extend(repeated(&news));
    if !violations.is_empty() {
        return Err(violations.into());
    }
    let mut homes = BTreeMap::new();
    for (place, new) in news.iter().enumerate() {
        homes.entry(&new.new.home).or_insert(place);
    }
    for (home, place) in homes {
        let field = format!("entries[{place}].volunteer.division_code");
        check_home(volunteers, &field, home, volunteers.today()).await?;
    }
    let change =
        call.change("BatchCreateVolunteers", &request.request_id, &request, volunteers.clock.now())?;
    let made = volunteers.store.enrol_volunteers(&change, &news, volunteers.today()).await?;
    let made = made.into_iter().map(|record| convert::volunteer(&volunteers.keyring, record, Sight::KEPT));
    Ok(proto::BatchCreateVolunteersResponse { volunteers: made.collect::<Result<_, _>>()? })
}

/// Whoever keeps the records of all the areas that an existing register reaches may bring it, and nobody else.
async fn authorize(volunteers: &Volunteers, call: &Call, news: &[Enrolment]) -> Result<(), Error> {
    const ACTION: &str = "BatchCreateVolunteers";
    if news.is_empty() {
        volunteers.authorize_somewhere(call, ACTION)?;
    }
    for new in news {
        volunteers.authorize(call, ACTION, Target::within(new.new.home.as_str()))?;
    }
    let teams: BTreeSet<&String> = news.iter().filter_map(|new| new.team.as_ref()).collect();
    for id in teams {
        // A team that is not there is told of by the store.
        if let Some(team) = volunteers.store.team(id).await? {
            volunteers.authorize(call, ACTION, Target::within(team.home.as_str()))?;
        }
    }
    Ok(())
}

fn enrolment(
    volunteers: &Volunteers,
    field: &str,
    entry: &proto::VolunteerEntry,
) -> Result<Enrolment, Vec<Violation>> {
    let at = |name: &str| format!("{field}.{name}");
    let mut faults = Faults::default();
    let given = (at("volunteer"), entry.volunteer.as_ref());
    let new = convert::new_volunteer(&volunteers.keyring, &given.0, given.1, volunteers.today());
    let new = new.map_err(|wrong| faults.extend(wrong)).ok();
    let evidence = convert::optional_note(&at("verification_evidence"), &entry.verification_evidence);
    let evidence = faults.take(evidence);
    let until = faults.take(minqing_platform::field::date(&at("insured_until"), &entry.insured_until));
    let insurance = faults.take(convert::optional_note(&at("insurance"), &entry.insurance));
    let team = faults.take(convert::optional_team(&at("team"), &entry.team));
    if let (Some(until), Some(insurance)) = (until, &insurance)
        && until.is_some() == insurance.is_empty()
    {
        let wrong =
            Violation::new(at("insurance"), "CONTRADICTION", "goes with insured_until, and that with it");
        faults.take::<()>(Err(wrong));
    }
    let read = || {
        let (new, evidence, until, insurance) = (new?, evidence?, until?, insurance?);
        let verification = (!evidence.is_empty()).then_some(evidence);
        Some(Enrolment { new, verification, insured: until.map(|until| (until, insurance)), team: team? })
    };
    faults.or(read())
}

/// Who is there twice, by place and never by number.
fn repeated(news: &[Enrolment]) -> Vec<Violation> {
    let mut seen: BTreeMap<&[u8], usize> = BTreeMap::new();
    let mut violations = Vec::new();
    for (place, new) in news.iter().enumerate() {
        if let Some(first) = seen.insert(&new.new.identity_index, place) {
            let field = format!("entries[{place}].volunteer.identity_number");
            let text = format!("entries[{first}] has the same identity number");
            violations.push(Violation::new(field, "DUPLICATE", text));
        }
    }
    violations
}
