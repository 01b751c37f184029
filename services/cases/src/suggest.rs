//! Who should handle a matter: the rules, then the catalogue's item, then what was learnt, each with its reason.

use std::time::Duration;

use chrono::NaiveDate;
use futures::future::try_join_all;
use minqing_platform::client::Peer;
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::field;
use minqing_proto::registry::v1 as registry;
use minqing_proto::registry::v1::organization_service_client::OrganizationServiceClient;
use tonic::Code as GrpcCode;

use crate::Cases;
use crate::domain::case::CaseType;
use crate::domain::dispatch::Matter;
use crate::domain::dispatch::learnt::{self, Evidence, Ranked};
use crate::domain::dispatch::rule::{self, Outcome, RULES_MAX};
use crate::domain::item::Item;
use crate::store::dispatch::Filter;

/// The most suggestions.
pub const SUGGESTIONS_MAX: usize = 10;
/// How many of the ranked organizations are looked up at a time, to leave out those that have ended.
const LOOKED_UP: usize = 10;
/// How often lessons that wait are counted.
const COUNT_INTERVAL: Duration = Duration::from_secs(5);

/// A matter that somebody should handle.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// What was said: the title and what follows it.
    pub text: &'a str,
    /// What is wanted, where it is known.
    pub case_type: Option<CaseType>,
    /// The item of the catalogue, where it is known.
    pub item: Option<&'a Item>,
    /// The division or grid in which it is.
    pub place: &'a Code,
    /// Organizations that must not be suggested (`organizations/x`): those complained of.
    pub excluded: &'a [String],
}

/// On what a suggestion rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A rule, by its id.
    Rule(String),
    /// The item of the catalogue.
    Item,
    /// What was learnt.
    Learnt,
}

/// An organization that should handle a matter, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The organization (`organizations/x`).
    pub organization: String,
    /// Its name as people know it.
    pub display_name: String,
    /// How sure it is, 0 to 1; 1 where a rule or an item decides.
    pub confidence: f64,
    /// On what it rests.
    pub source: Source,
    /// Why, in a sentence.
    pub reason: String,
    /// What was learnt that speaks for it.
    pub evidence: Vec<Evidence>,
    /// How many cases it had before.
    pub past_count: i64,
}

/// An organization of the registry.
struct Found {
    name: String,
    display_name: String,
}

impl Cases {
    /// Suggests who should handle a matter, the surest first, at most `limit` (and [`SUGGESTIONS_MAX`]): one where a rule
    /// or an item decides. Only organizations in force, and none that is excluded. Nothing is stored.
    ///
    /// # Errors
    /// The registry or the database does not answer.
    pub(crate) async fn suggest(&self, asked: &Asked<'_>, limit: usize) -> Result<Vec<Suggestion>, Error> {
        if let Some(decided) = self.decided(asked).await? {
            return Ok(vec![decided]);
        }
        let item = asked.item.map(|item| format!("items/{}", item.id));
        let features = learnt::features(asked.text, asked.case_type, item.as_deref(), asked.place);
        let ranked = learnt::rank(&self.store.counts_of(&features).await?, &features);
        let mut ranked = ranked.into_iter().filter(|ranked| !asked.excluded.contains(&ranked.organization));
        let (limit, today) = (limit.min(SUGGESTIONS_MAX), self.today());
        let mut suggestions = Vec::new();
        loop {
            let next: Vec<Ranked> = ranked.by_ref().take(LOOKED_UP).collect();
            if next.is_empty() || suggestions.len() >= limit {
                suggestions.truncate(limit);
                return Ok(suggestions);
            }
            let found = next.iter().map(|ranked| in_force(&self.registry, &ranked.organization, today));
            let found = try_join_all(found).await?;
            let known = next.into_iter().zip(found).filter_map(|(ranked, found)| Some((ranked, found?)));
            suggestions.extend(known.map(|(ranked, found)| learnt_of(ranked, found)));
        }
    }

    /// The organization that the first rule names for which one can be found, or else the item.
    ///
    /// # Errors
    /// The registry or the database does not answer.
    pub(crate) async fn decided(&self, asked: &Asked<'_>) -> Result<Option<Suggestion>, Error> {
        let filter = Filter { covers: Some(asked.place.clone()), ..Filter::default() };
        let bound = i64::try_from(RULES_MAX).unwrap_or(i64::MAX);
        let rules = self.store.dispatch_rules(&filter, None, bound).await?;
        let function = asked.item.map_or("", |item| item.facts.function.as_str());
        let item = asked.item.map(|item| format!("items/{}", item.id));
        let matter = Matter::new(asked.text, asked.case_type, item, function, asked.place.clone());
        for applies in rule::matching(&matter, &rules) {
            let found = match &applies.rule.facts.outcome {
                Outcome::Organization(name) => self.named(asked, name).await?,
                Outcome::Function(function) => self.responsible(asked, function).await?,
            };
            if let Some(found) = found {
                return Ok(Some(sure(found, Source::Rule(applies.rule.id.clone()), applies.reason)));
            }
        }
        let Some(item) = asked.item else { return Ok(None) };
        let found = if function.is_empty() { None } else { self.responsible(asked, function).await? };
        if let Some(found) = found {
            let reason = format!("item items/{}: function {function} at {}", item.id, asked.place);
            return Ok(Some(sure(found, Source::Item, reason)));
        }
        let found = self.named(asked, &item.facts.department).await?;
        let reason = format!("item items/{}: its department", item.id);
        Ok(found.map(|found| sure(found, Source::Item, reason)))
    }

    async fn named(&self, asked: &Asked<'_>, name: &str) -> Result<Option<Found>, Error> {
        if asked.excluded.iter().any(|excluded| excluded == name) {
            return Ok(None);
        }
        in_force(&self.registry, name, self.today()).await
    }

    /// The most specific organization with a function that is responsible for the place.
    async fn responsible(&self, asked: &Asked<'_>, function: &str) -> Result<Option<Found>, Error> {
        let request = registry::FindResponsibleRequest {
            division_code: asked.place.to_string(),
            function: function.to_owned(),
            effective_on: self.today().to_string(),
            ..Default::default()
        };
        let answer = OrganizationServiceClient::new(self.registry.clone()).find_responsible(request).await;
        let answer =
            answer.map_err(|status| Error::Unavailable("registry", status.to_string()))?.into_inner();
        let mut found = answer.responsible.into_iter().filter_map(|responsible| responsible.organization);
        let found = found.find(|organization| !asked.excluded.contains(&organization.name));
        Ok(found.map(|found| Found { name: found.name, display_name: found.display_name }))
    }

    /// Counts what waits to be learnt, until the service stops.
    pub(crate) async fn count_lessons(self) {
        let mut interval = tokio::time::interval(COUNT_INTERVAL);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                _ = interval.tick() => {}
            }
            // All that waits, and then rest; a failure waits for the next turn, with the lessons still there.
            loop {
                match self.store.count_lessons(self.clock.now(), learnt::VOCABULARY_MAX).await {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(?error, "lessons of dispatch were not counted");
                        break;
                    }
                }
            }
        }
    }
}

fn sure(found: Found, source: Source, reason: String) -> Suggestion {
    let Found { name: organization, display_name } = found;
    let (confidence, evidence, past_count) = (1.0, Vec::new(), 0);
    Suggestion { organization, display_name, confidence, source, reason, evidence, past_count }
}

fn learnt_of(ranked: Ranked, found: Found) -> Suggestion {
    Suggestion {
        reason: ranked.reason(),
        organization: ranked.organization,
        display_name: found.display_name,
        confidence: ranked.confidence,
        source: Source::Learnt,
        evidence: ranked.evidence,
        past_count: ranked.cases,
    }
}

/// An organization, if it is in force on a day.
async fn in_force(peer: &Peer, name: &str, day: NaiveDate) -> Result<Option<Found>, Error> {
    let request = registry::GetOrganizationRequest { name: name.to_owned() };
    let found = match OrganizationServiceClient::new(peer.clone()).get_organization(request).await {
        Ok(found) => found.into_inner(),
        Err(status) if status.code() == GrpcCode::NotFound => return Ok(None),
        Err(status) => return Err(Error::Unavailable("registry", status.to_string())),
    };
    let day_of = |text: &str| field::date("day", text).ok().flatten();
    let holds = day_of(&found.effective_from).is_none_or(|from| from <= day)
        && day_of(&found.effective_to).is_none_or(|to| day < to);
    let found = Found { name: found.name, display_name: found.display_name };
    Ok(if holds { Some(found) } else { None })
}
