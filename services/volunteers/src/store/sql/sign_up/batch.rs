//! Many who sign up for one shift at the same moment, in one transaction: the shift is locked once for all of them, and
//! rows are written in bulk, so that a thousand wait for a few statements each and not for a thousand transactions.

use std::collections::{HashMap, HashSet};

use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::journal::NewEvent;
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::super::activity::rows::ActivityRows as _;
use super::Steps as _;
use super::rows::{SignUpRows as _, event};
use crate::domain::activity::check_open;
use crate::domain::sign_up::{Applicant, SignUp, Taken, admit};
use crate::store::sign_up::NewSignUp;

/// A row of the remembered answers: who, which request, which method, its digest, the answer.
type Remembered = (String, Uuid, String, Vec<u8>, String);

/// Sign-ups of one shift, as a connection sees them.
#[async_trait::async_trait]
pub(super) trait BatchRows {
    /// Lets people sign up in their order; tells each what came of it.
    async fn admit_all(
        &mut self,
        shift: Uuid,
        new: &[NewSignUp],
    ) -> Result<Vec<Result<SignUp, Error>>, Error>;
    /// Those of calls that were answered before, by their place, with the answer.
    async fn replayed_all(
        &mut self,
        new: &[NewSignUp],
    ) -> Result<HashMap<usize, Result<SignUp, Error>>, Error>;
    /// Tells the feed of each, and remembers the answer where the call may come again.
    async fn record_all(&mut self, made: &[(&NewSignUp, &SignUp, NewEvent)]) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl BatchRows for Conn {
    async fn admit_all(
        &mut self,
        shift: Uuid,
        new: &[NewSignUp],
    ) -> Result<Vec<Result<SignUp, Error>>, Error> {
        let mut shift = self.lock_shift(shift).await?;
        let activity = self.activity_of(&shift).await?;
        let mut outcomes = self.replayed_all(new).await?;
        let (fresh, now): (Vec<usize>, _) =
            ((0..new.len()).filter(|place| !outcomes.contains_key(place)).collect(), latest(new));
        if let Err(refusal) = check_open(activity.status, &shift, now) {
            outcomes.extend(fresh.into_iter().map(|place| (place, Err(refusal.clone().into()))));
            return Ok(in_order(outcomes));
        }
        let volunteers: Vec<&str> =
            fresh.iter().map(|place| new[*place].applicant.volunteer.as_str()).collect();
        if volunteers.is_empty() {
            return Ok(in_order(outcomes));
        }
        self.hold_agendas(&volunteers).await?;
        let taken = Taken {
            here: self.signed_up(&volunteers, shift.id).await?,
            elsewhere: self.busy(&volunteers, shift.window, &[]).await?,
        };
        let applicants: Vec<Applicant> = fresh.iter().map(|place| new[*place].applicant.clone()).collect();
        let admitted = admit(&mut shift, &applicants, taken, activity.plan.needs_approval, now);
        let made: Vec<(&NewSignUp, &SignUp, NewEvent)> = fresh
            .iter()
            .zip(&admitted)
            .filter_map(|(place, admitted)| Some((&new[*place], admitted.as_ref().ok()?)))
            .map(|(new, made)| (new, made, event("SignUpCreated", activity.plan.place.code.as_str(), made)))
            .collect();
        let rows: Vec<&SignUp> = made.iter().map(|(_, made, _)| *made).collect();
        self.insert_sign_ups(&rows).await?;
        self.update_places(&shift).await?;
        self.record_all(&made).await?;
        outcomes
            .extend(fresh.into_iter().zip(admitted).map(|(place, one)| (place, one.map_err(Error::from))));
        Ok(in_order(outcomes))
    }

    async fn replayed_all(
        &mut self,
        new: &[NewSignUp],
    ) -> Result<HashMap<usize, Result<SignUp, Error>>, Error> {
        let mut outcomes = HashMap::new();
        let mut seen = HashSet::new();
        let mut query =
            QueryBuilder::new("SELECT actor, id, method, digest, outcome FROM requests WHERE id IN (");
        let mut list = query.separated(", ");
        for (place, one) in new.iter().enumerate() {
            let Some(key) = &one.change.request else { continue };
            list.push_bind(key.id);
            if !seen.insert((one.change.actor.as_str(), key.id)) {
                // The same call is here twice: the second is tried again and replayed.
                outcomes.insert(place, Err(db::Error::Conflict.into()));
            }
        }
        if seen.is_empty() {
            return Ok(outcomes);
        }
        query.push(")");
        let found: Vec<Remembered> = query.build_query_as().fetch_all(&mut *self).await?;
        let found: HashMap<_, _> = found
            .into_iter()
            .map(|(actor, id, method, digest, text)| ((actor, id), (method, digest, text)))
            .collect();
        for (place, one) in new.iter().enumerate() {
            let Some(key) = &one.change.request else { continue };
            let Some((method, digest, text)) = found.get(&(one.change.actor.clone(), key.id)) else {
                continue;
            };
            let is_same = method == key.method && *digest == key.digest;
            let answer =
                serde_json::from_str(text).map_err(|error| db::Error::Corrupt(error.to_string()).into());
            outcomes.insert(place, if is_same { answer } else { Err(db::Error::RequestReused.into()) });
        }
        Ok(outcomes)
    }

    async fn record_all(&mut self, made: &[(&NewSignUp, &SignUp, NewEvent)]) -> Result<(), Error> {
        if made.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new(
            "INSERT INTO events (id, kind, subject, division_code, occur_time, actor, payload) ",
        );
        query.push_values(made, |mut row, (new, _, event)| {
            row.push_bind(Uuid::now_v7())
                .push_bind(event.kind)
                .push_bind(event.subject.clone())
                .push_bind(event.division_code.clone())
                .push_bind(new.change.now)
                .push_bind(new.change.actor.clone())
                .push_bind(event.payload.to_string());
        });
        query.build().execute(&mut *self).await?;
        let mut remembered = Vec::new();
        for (new, made, _) in made {
            let Some(key) = &new.change.request else { continue };
            let text = serde_json::to_string(made).map_err(|error| db::Error::Corrupt(error.to_string()))?;
            remembered.push((&new.change, key, text));
        }
        if remembered.is_empty() {
            return Ok(());
        }
        let mut query =
            QueryBuilder::new("INSERT INTO requests (actor, id, method, digest, outcome, create_time) ");
        query.push_values(remembered, |mut row, (change, key, text)| {
            row.push_bind(change.actor.clone())
                .push_bind(key.id)
                .push_bind(key.method)
                .push_bind(key.digest.clone())
                .push_bind(text)
                .push_bind(change.now);
        });
        match query.build().execute(&mut *self).await.map_err(db::Error::from) {
            // The same call is being answered elsewhere at this moment: this one is tried again and replayed.
            Err(db::Error::Duplicate) => Err(db::Error::Conflict.into()),
            other => Ok(other.map(drop)?),
        }
    }
}

/// The latest instant of several calls: they are decided together.
fn latest(new: &[NewSignUp]) -> chrono::DateTime<chrono::Utc> {
    new.iter().map(|one| one.change.now).max().unwrap_or_default()
}

fn in_order(outcomes: HashMap<usize, Result<SignUp, Error>>) -> Vec<Result<SignUp, Error>> {
    let mut placed: Vec<_> = outcomes.into_iter().collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, outcome)| outcome).collect()
}
