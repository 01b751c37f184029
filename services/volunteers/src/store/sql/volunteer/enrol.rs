//! Many volunteers at once: few statements, each with many rows.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use minqing_platform::db;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use crate::domain::post::Post;
use crate::domain::team::{Membership, MembershipState, Team};
use crate::domain::volunteer::{Enrolment, Record, fit};
use crate::store::sql::post::rows::PostRows as _;
use crate::store::sql::team::membership_event;
use crate::store::sql::team::rows::TeamRows as _;

/// Rows in one statement: eleven columns each, below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 1_000;

/// Says of a refusal whom of a batch it is about: by place, never by who they are.
pub(super) fn at(place: usize) -> impl Fn(Refusal) -> Refusal {
    move |refusal| Refusal { message: format!("entries[{place}]: {}", refusal.message).into(), ..refusal }
}

/// Statements on many volunteers.
#[async_trait::async_trait]
pub(super) trait EnrolRows {
    /// The place of one whose identity number or account is registered already.
    async fn first_registered(&mut self, news: &[Enrolment]) -> Result<Option<usize>, db::Error>;
    /// Writes new volunteers.
    async fn insert_volunteers(&mut self, made: &[Record], news: &[Enrolment]) -> Result<(), db::Error>;
    /// Makes those with a team members of it, if they fit its post.
    async fn insert_members(
        &mut self,
        change: &Change,
        made: &[Record],
        news: &[Enrolment],
        today: NaiveDate,
    ) -> Result<(), Error>;
    /// A team in force with its post, locked until the transaction ends.
    async fn team_and_post(&mut self, id: &str, today: NaiveDate) -> Result<(Team, Post), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl EnrolRows for Conn {
    async fn first_registered(&mut self, news: &[Enrolment]) -> Result<Option<usize>, db::Error> {
        let mut indexes: HashSet<Vec<u8>> = HashSet::new();
        let mut accounts: HashSet<String> = HashSet::new();
        for chunk in news.chunks(ROWS_A_STATEMENT) {
            let mut query =
                QueryBuilder::new("SELECT identity_index, account FROM volunteers WHERE identity_index IN (");
            let mut list = query.separated(", ");
            for new in chunk {
                list.push_bind(new.new.identity_index.clone());
            }
            query.push(") OR account IN (");
            let mut list = query.separated(", ");
            for new in chunk {
                list.push_bind(new.new.account.clone());
            }
            query.push(")");
            let found: Vec<(Vec<u8>, Option<String>)> = query.build_query_as().fetch_all(&mut *self).await?;
            for (index, account) in found {
                indexes.insert(index);
                accounts.extend(account);
            }
        }
        let mut given = HashSet::new();
        let is_taken = |new: &Enrolment| {
            let account = new.new.account.as_ref();
            indexes.contains(&new.new.identity_index)
                || account.is_some_and(|account| accounts.contains(account) || !given.insert(account.clone()))
        };
        Ok(news.iter().position(is_taken))
    }

    async fn insert_volunteers(&mut self, made: &[Record], news: &[Enrolment]) -> Result<(), db::Error> {
        let rows: Vec<(&Record, &Enrolment, String)> = made
            .iter()
            .zip(news)
            .map(|(record, new)| {
                let state = serde_json::to_string(&record.volunteer);
                Ok((record, new, state.map_err(|error| db::Error::Corrupt(error.to_string()))?))
            })
            .collect::<Result<_, db::Error>>()?;
        for chunk in rows.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO volunteers (number, version, account, identity_index, division_code, status, \
                 real_name, create_time, update_time, sealed, state) ",
            );
            query.push_values(chunk, |mut row, (record, new, state)| {
                let volunteer = &record.volunteer;
                row.push_bind(volunteer.number.clone())
                    .push_bind(volunteer.version)
                    .push_bind(volunteer.account.clone())
                    .push_bind(new.new.identity_index.clone())
                    .push_bind(volunteer.home.to_string())
                    .push_bind(volunteer.state.as_str())
                    .push_bind(volunteer.real_name.as_str())
                    .push_bind(volunteer.create_time)
                    .push_bind(volunteer.update_time)
                    .push_bind(record.sealed.clone())
                    .push_bind(state.clone());
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn insert_members(
        &mut self,
        change: &Change,
        made: &[Record],
        news: &[Enrolment],
        today: NaiveDate,
    ) -> Result<(), Error> {
        // In the order of their ids, so that two batches at once do not wait for each other in a circle.
        let mut wanted: Vec<&String> = news.iter().filter_map(|new| new.team.as_ref()).collect();
        wanted.sort();
        wanted.dedup();
        let mut teams = HashMap::new();
        for id in wanted {
            teams.insert(id, self.team_and_post(id, today).await?);
        }
        let (mut members, mut events): (Vec<Membership>, Vec<NewEvent>) = Default::default();
        for (place, (record, new)) in made.iter().zip(news).enumerate() {
            let Some((team, post)) = new.team.as_ref().and_then(|id| teams.get(id)) else { continue };
            fit(&record.volunteer, post, today).map_err(at(place))?;
            let (number, by) = (&record.volunteer.number, &change.actor);
            let member = Membership::begun(&team.id, number, MembershipState::Active, by, change.now);
            events.push(membership_event("MembershipApproved", team, &member));
            members.push(member);
        }
        for chunk in members.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO memberships (id, team, volunteer, status, reason, decider, version, create_time, \
                 update_time) ",
            );
            query.push_values(chunk, |mut row, member| {
                row.push_bind(member.id)
                    .push_bind(member.team.clone())
                    .push_bind(member.volunteer.clone())
                    .push_bind(member.state.as_str())
                    .push_bind(member.reason.clone())
                    .push_bind(member.decider.clone())
                    .push_bind(member.version)
                    .push_bind(member.create_time)
                    .push_bind(member.update_time);
            });
            query.build().execute(&mut *self).await?;
        }
        if !events.is_empty() {
            self.append(change, &events).await?;
        }
        Ok(())
    }

    async fn team_and_post(&mut self, id: &str, today: NaiveDate) -> Result<(Team, Post), Error> {
        let team = self.lock_team(id).await?.ok_or_else(|| Refusal::missing(format!("team {id}")))?;
        team.in_force(today)?;
        let post = self.post(&team.post).await?;
        let post = post.ok_or_else(|| Refusal::missing(format!("post {}", team.post)))?;
        Ok((team, post))
    }
}
