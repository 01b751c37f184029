//! Statements on matchings on one connection.

use std::collections::HashMap;

use chrono::NaiveDate;
use minqing_platform::code::Code;
use minqing_platform::db;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use crate::domain::matching::facts;
use crate::domain::matching::gather;
use crate::domain::matching::run::{Match, Matching, Outcome, Run, TeamShare};
use crate::domain::need::Need;
use crate::domain::post::Post;
use crate::domain::team::Team;
use crate::domain::volunteer::Volunteer;
use crate::store::matching::{NEEDS_MAX, Stored, StoredMatch, TEAMS_MAX};

/// Rows in one statement: six columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 500;
/// The most memberships that are read.
const MEMBERS_MAX: i64 = 1_000_000;

#[derive(FromRow)]
pub(super) struct MatchingRow {
    seq: i64,
    progress: String,
    state: String,
    proposed: i64,
    skipped: i64,
}

impl MatchingRow {
    pub(super) fn whole(self) -> Result<Stored, db::Error> {
        Ok(Stored {
            seq: self.seq,
            matching: read(&self.state)?,
            progress: self.progress.parse().map_err(db::Error::Corrupt)?,
            proposed: self.proposed,
            skipped: self.skipped,
        })
    }
}

#[derive(FromRow)]
pub(super) struct MatchRow {
    outcome: String,
    reason: String,
    state: String,
}

impl MatchRow {
    pub(super) fn whole(self) -> Result<StoredMatch, db::Error> {
        let outcome = self.outcome.parse().map_err(db::Error::Corrupt)?;
        Ok(StoredMatch { one: read(&self.state)?, outcome, reason: self.reason })
    }
}

/// The columns of [`MatchingRow`].
pub(super) const MATCHING: &str = "SELECT m.seq, m.progress, m.state, \
    (SELECT COUNT(*) FROM matching_needs n WHERE n.matching_id = m.id AND n.outcome = 'proposed') AS proposed, \
    (SELECT COUNT(*) FROM matching_needs n WHERE n.matching_id = m.id AND n.outcome = 'skipped') AS skipped \
    FROM matchings m";

pub(super) fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, db::Error> {
    serde_json::from_str(text).map_err(|error| db::Error::Corrupt(error.to_string()))
}

fn write(value: &impl serde::Serialize) -> Result<String, db::Error> {
    serde_json::to_string(value).map_err(|error| db::Error::Corrupt(error.to_string()))
}

fn limit(max: usize) -> i64 {
    i64::try_from(max).unwrap_or(i64::MAX).saturating_add(1)
}

/// Matchings and what they are made of.
#[async_trait::async_trait]
pub(super) trait MatchingRows {
    /// The open needs of an area, with who served before.
    async fn open_needs(&mut self, area: &Code) -> Result<Vec<facts::Need>, db::Error>;
    /// The teams that are in force on a day and serve in an area.
    async fn serving_teams(&mut self, area: &Code, day: NaiveDate) -> Result<Vec<facts::Team>, db::Error>;
    /// The active members of all teams.
    async fn active_members(&mut self) -> Result<HashMap<String, Vec<Volunteer>>, db::Error>;
    /// Teams that served before, by the need's id: by who raised it, or by the place.
    async fn served(
        &mut self,
        statement: &'static str,
        area: &Code,
    ) -> Result<HashMap<Uuid, Vec<String>>, db::Error>;
    async fn insert_matching(&mut self, run: &Run) -> Result<(), db::Error>;
    async fn insert_matches(&mut self, id: Uuid, matches: &[Match]) -> Result<(), db::Error>;
    async fn insert_team_shares(&mut self, id: Uuid, teams: &[TeamShare]) -> Result<(), db::Error>;
    /// Holds the right to propose matches until the transaction ends.
    async fn take_turn(&mut self) -> Result<(), db::Error>;
    /// The next matches that are yet to be proposed.
    async fn pending(&mut self, id: Uuid, limit: i64) -> Result<Vec<StoredMatch>, db::Error>;
    async fn settle(
        &mut self,
        id: Uuid,
        needs: &[Uuid],
        outcome: Outcome,
        reason: &str,
    ) -> Result<(), db::Error>;
    /// Says that a matching is through; `false` when it was before.
    async fn finish(&mut self, id: Uuid) -> Result<bool, db::Error>;
    async fn stored_matching(&mut self, id: Uuid) -> Result<Option<Stored>, db::Error>;
    async fn run(&mut self, matching: Matching) -> Result<Run, db::Error>;
}

/// Who served whoever raised an open need. What comes from cases has no raiser of its own.
const SERVED_RAISER: &str = "SELECT DISTINCT o.id, r.team FROM needs o JOIN needs r ON r.raiser = o.raiser \
    WHERE o.status = 'open' AND o.source <> 'case' AND o.division_code >= $1 AND o.division_code < $2 \
    AND r.status = 'resolved' AND r.source <> 'case' AND r.team <> ''";
/// Who served the same village or grid as an open need.
const SERVED_PLACE: &str = "SELECT DISTINCT o.id, r.team FROM needs o JOIN needs r ON r.division_code = o.division_code \
    WHERE o.status = 'open' AND o.division_code >= $1 AND o.division_code < $2 AND length(o.division_code) >= 12 \
    AND r.status = 'resolved' AND r.team <> ''";

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl MatchingRows for Conn {
    async fn open_needs(&mut self, area: &Code) -> Result<Vec<facts::Need>, db::Error> {
        let found: Vec<String> = sqlx::query_scalar(
            "SELECT state FROM needs WHERE status = 'open' AND division_code >= $1 AND division_code < $2 \
             ORDER BY id LIMIT $3",
        )
        .bind(area.as_str())
        .bind(area.range_end())
        .bind(limit(NEEDS_MAX))
        .fetch_all(&mut *self)
        .await?;
        let mut by_raiser = self.served(SERVED_RAISER, area).await?;
        let mut by_place = self.served(SERVED_PLACE, area).await?;
        found
            .iter()
            .map(|state| {
                let need: Need = read(state)?;
                let served_raiser = by_raiser.remove(&need.id).unwrap_or_default();
                let served_place = by_place.remove(&need.id).unwrap_or_default();
                Ok(facts::Need { served_raiser, served_place, ..gather::need(&need) })
            })
            .collect()
    }

    async fn serving_teams(&mut self, area: &Code, day: NaiveDate) -> Result<Vec<facts::Team>, db::Error> {
        let found: Vec<(String, i64, String)> = sqlx::query_as(
            "SELECT t.state, COALESCE(l.needs, 0), v.state FROM teams t \
             JOIN posts p ON p.id = t.post JOIN post_versions v ON v.post_id = p.id AND v.version = p.version \
             LEFT JOIN team_loads l ON l.team = t.id \
             WHERE t.effective_from <= $1 AND (t.effective_to IS NULL OR t.effective_to > $1) ORDER BY t.id LIMIT $2",
        )
        .bind(day)
        .bind(limit(TEAMS_MAX))
        .fetch_all(&mut *self)
        .await?;
        let members = self.active_members().await?;
        let mut teams = Vec::with_capacity(found.len());
        for (team, taken, post) in found {
            let (team, post): (Team, Post) = (read(&team)?, read(&post)?);
            let mut areas = std::iter::once(&team.home).chain(&team.reach);
            if areas.any(|reached| reached.contains(area) || area.contains(reached)) {
                let members = members.get(&team.id).map_or(&[][..], Vec::as_slice);
                let taken = u32::try_from(taken).unwrap_or(u32::MAX);
                teams.push(gather::team(&team, taken, &post, members, day));
            }
        }
        Ok(teams)
    }

    async fn active_members(&mut self) -> Result<HashMap<String, Vec<Volunteer>>, db::Error> {
        let found: Vec<(String, String)> = sqlx::query_as(
            "SELECT m.team, v.state FROM memberships m JOIN volunteers v ON v.number = m.volunteer \
             WHERE m.status = 'active' AND v.status = 'active' ORDER BY m.team, m.id LIMIT $1",
        )
        .bind(MEMBERS_MAX)
        .fetch_all(&mut *self)
        .await?;
        let mut members: HashMap<String, Vec<Volunteer>> = HashMap::new();
        for (team, state) in found {
            members.entry(team).or_default().push(read(&state)?);
        }
        Ok(members)
    }

    async fn served(
        &mut self,
        statement: &'static str,
        area: &Code,
    ) -> Result<HashMap<Uuid, Vec<String>>, db::Error> {
        let found: Vec<(Uuid, String)> = sqlx::query_as(statement)
            .bind(area.as_str())
            .bind(area.range_end())
            .fetch_all(&mut *self)
            .await?;
        let mut served: HashMap<Uuid, Vec<String>> = HashMap::new();
        for (need, team) in found {
            served.entry(need).or_default().push(team);
        }
        served.values_mut().for_each(|teams| teams.sort());
        Ok(served)
    }

    async fn insert_matching(&mut self, run: &Run) -> Result<(), db::Error> {
        let matching = &run.matching;
        sqlx::query(
            "INSERT INTO matchings (id, division_code, progress, create_time, state) \
             VALUES ($1, $2, 'running', $3, $4)",
        )
        .bind(matching.id)
        .bind(matching.area.as_str())
        .bind(matching.time)
        .bind(write(matching)?)
        .execute(&mut *self)
        .await?;
        self.insert_matches(matching.id, &run.matches).await?;
        self.insert_team_shares(matching.id, &run.teams).await
    }

    async fn insert_matches(&mut self, id: Uuid, matches: &[Match]) -> Result<(), db::Error> {
        for chunk in matches.chunks(ROWS_A_STATEMENT) {
            let rows: Vec<(Uuid, &Match, String)> = chunk
                .iter()
                .map(|one| Ok((need_id(one)?, one, write(one)?)))
                .collect::<Result<_, db::Error>>()?;
            let mut query = QueryBuilder::new(
                "INSERT INTO matching_needs (matching_id, need_id, team, outcome, reason, state) ",
            );
            query.push_values(rows, |mut row, (need, one, state)| {
                let (outcome, reason) = one.begun();
                row.push_bind(id)
                    .push_bind(need)
                    .push_bind(one.team.clone().unwrap_or_default())
                    .push_bind(outcome.as_str())
                    .push_bind(reason)
                    .push_bind(state);
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn insert_team_shares(&mut self, id: Uuid, teams: &[TeamShare]) -> Result<(), db::Error> {
        for chunk in teams.chunks(ROWS_A_STATEMENT) {
            let rows: Vec<(&TeamShare, String)> =
                chunk.iter().map(|one| Ok((one, write(one)?))).collect::<Result<_, db::Error>>()?;
            let mut query = QueryBuilder::new("INSERT INTO matching_teams (matching_id, team, state) ");
            query.push_values(rows, |mut row, (one, state)| {
                row.push_bind(id).push_bind(one.facts.name.clone()).push_bind(state);
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn take_turn(&mut self) -> Result<(), db::Error> {
        sqlx::query("UPDATE matching_turn SET turns = turns + 1 WHERE id = 1").execute(&mut *self).await?;
        Ok(())
    }

    async fn pending(&mut self, id: Uuid, limit: i64) -> Result<Vec<StoredMatch>, db::Error> {
        let found: Vec<MatchRow> = sqlx::query_as(
            "SELECT outcome, reason, state FROM matching_needs WHERE matching_id = $1 AND outcome = 'pending' \
             ORDER BY team, need_id LIMIT $2",
        )
        .bind(id)
        .bind(limit)
        .fetch_all(&mut *self)
        .await?;
        found.into_iter().map(MatchRow::whole).collect()
    }

    async fn settle(
        &mut self,
        id: Uuid,
        needs: &[Uuid],
        outcome: Outcome,
        reason: &str,
    ) -> Result<(), db::Error> {
        if needs.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new("UPDATE matching_needs SET outcome = ");
        query.push_bind(outcome.as_str()).push(", reason = ").push_bind(reason.to_owned());
        query.push(" WHERE matching_id = ").push_bind(id).push(" AND need_id IN (");
        let mut list = query.separated(", ");
        for need in needs {
            list.push_bind(*need);
        }
        query.push(")");
        query.build().execute(&mut *self).await?;
        Ok(())
    }

    async fn finish(&mut self, id: Uuid) -> Result<bool, db::Error> {
        let done =
            sqlx::query("UPDATE matchings SET progress = 'done' WHERE id = $1 AND progress = 'running'")
                .bind(id)
                .execute(&mut *self)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn stored_matching(&mut self, id: Uuid) -> Result<Option<Stored>, db::Error> {
        let mut query = QueryBuilder::new(MATCHING);
        query.push(" WHERE m.id = ").push_bind(id);
        let found: Option<MatchingRow> = query.build_query_as().fetch_optional(&mut *self).await?;
        found.map(MatchingRow::whole).transpose()
    }

    async fn run(&mut self, matching: Matching) -> Result<Run, db::Error> {
        let needs: Vec<String> = sqlx::query_scalar(
            "SELECT state FROM matching_needs WHERE matching_id = $1 ORDER BY need_id LIMIT $2",
        )
        .bind(matching.id)
        .bind(limit(NEEDS_MAX))
        .fetch_all(&mut *self)
        .await?;
        let teams: Vec<String> = sqlx::query_scalar(
            "SELECT state FROM matching_teams WHERE matching_id = $1 ORDER BY team LIMIT $2",
        )
        .bind(matching.id)
        .bind(limit(TEAMS_MAX))
        .fetch_all(&mut *self)
        .await?;
        Ok(Run {
            matching,
            matches: needs.iter().map(|state| read(state)).collect::<Result<_, _>>()?,
            teams: teams.iter().map(|state| read(state)).collect::<Result<_, _>>()?,
        })
    }
}

/// The id of the need of a match.
pub(super) fn need_id(one: &Match) -> Result<Uuid, db::Error> {
    Uuid::parse_str(&one.facts.name).map_err(|error| db::Error::Corrupt(error.to_string()))
}
