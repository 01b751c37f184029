//! Swaps in SQL.

use chrono::{DateTime, Utc};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::super::Sql;
use super::super::activity::rows::{ActivityRows as _, member};
use super::Waiting as _;
use super::fit::FitRows as _;
use super::rows::{SignUpRows as _, event};
use crate::domain::activity::{Activity, Shift};
use crate::domain::sign_up::swap::{Step, Swap, SwapState, check_offer, decide};
use crate::domain::sign_up::{self, Applicant, Command, SignUp, State, recount, time_taken};
use crate::store::sign_up::SwapStore;

#[derive(FromRow)]
struct SwapRow {
    id: Uuid,
    offered: Uuid,
    wanted: Uuid,
    state: String,
    pending: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl SwapStore for Sql<Db> {
    async fn swap(&self, id: Uuid) -> Result<Option<Swap>, Error> {
        self.db.reads().acquire().await?.swap(id).await
    }

    async fn swaps(&self, volunteer: &str, after: Option<Uuid>, limit: i64) -> Result<Vec<Swap>, Error> {
        let mut connection = self.db.reads().acquire().await?;
        let ids: Vec<(Uuid,)> = sqlx::query_as(
            "SELECT id FROM swaps WHERE (offerer = $1 OR answerer = $1) AND id < $2 ORDER BY id DESC LIMIT $3",
        )
        .bind(volunteer)
        .bind(after.unwrap_or_else(Uuid::max))
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
        let mut swaps = Vec::with_capacity(ids.len());
        for (id,) in ids {
            swaps.extend(connection.swap(id).await?);
        }
        Ok(swaps)
    }

    async fn offer_swap(
        &self,
        change: &Change,
        id: Uuid,
        offered: Uuid,
        wanted: Uuid,
    ) -> Result<Swap, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let missing = |id: Uuid| Refusal::missing(format!("sign-up {id}"));
        let offered = tx.sign_up(offered).await?.ok_or_else(|| missing(offered))?;
        let wanted = tx.sign_up(wanted).await?.ok_or_else(|| missing(wanted))?;
        check_offer(&offered, &wanted)?;
        for one in [&offered, &wanted] {
            sign_up::decide(one, &Command::Swap, change.now)?;
        }
        let swap = Swap {
            id,
            offered,
            wanted,
            state: SwapState::Offered,
            pending: Vec::new(),
            create_time: change.now,
            update_time: change.now,
        };
        tx.insert_swap(&swap).await?;
        let code = tx.code_of(&swap.wanted).await?;
        tx.append(change, &[swap_event("SwapOffered", &code, &swap)]).await?;
        tx.remember(change, &swap).await?;
        tx.commit().await?;
        self.committed();
        Ok(swap)
    }

    async fn step_swap(&self, change: &Change, id: Uuid, step: &Step) -> Result<Swap, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let missing = || Refusal::missing(format!("swap {id}"));
        let swap = tx.swap(id).await?.ok_or_else(missing)?;
        let places = tx.lock_both(&swap).await?;
        // Read again, now that nobody else changes it: whoever does locks the shifts first.
        let swap = tx.swap(id).await?.ok_or_else(missing)?;
        let step = match step {
            Step::Take(_) => Step::Take(teams_to_ask(&places)),
            other => other.clone(),
        };
        let mut after = decide(&swap, &step, change.now)?;
        if matches!(step, Step::Take(_) | Step::Approve(_)) {
            tx.check_exchange(change, &swap).await?;
            for ((activity, shift), gets) in
                [(&places.offered, &swap.wanted.volunteer), (&places.wanted, &swap.offered.volunteer)]
            {
                tx.check_fit(activity, shift, gets).await?;
            }
        }
        if after.state == SwapState::Done {
            tx.exchange(change, &mut after, places).await?;
        }
        tx.update_swap(&after).await?;
        let code = tx.code_of(&after.wanted).await?;
        tx.append(change, &[swap_event(kind(after.state, &step), &code, &after)]).await?;
        tx.remember(change, &after).await?;
        tx.commit().await?;
        self.committed();
        Ok(after)
    }
}

/// What the feed calls a step.
fn kind(state: SwapState, step: &Step) -> &'static str {
    match (state, step) {
        (SwapState::Done, _) => "SwapDone",
        (_, Step::Take(_)) => "SwapTaken",
        (_, Step::Decline) => "SwapDeclined",
        (_, Step::Withdraw) => "SwapWithdrawn",
        (_, Step::Approve(_)) => "SwapApproved",
        (_, Step::Refuse(_)) => "SwapRefused",
    }
}

fn swap_event(kind: &'static str, code: &str, swap: &Swap) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("swaps/{}", swap.id),
        division_code: code.to_owned(),
        payload: json!({ "state": swap.state }),
    }
}

/// The two places of a swap, each an activity and a shift that is locked: of what is offered, and of what is wanted.
struct Places {
    offered: (Activity, Shift),
    wanted: (Activity, Shift),
}

/// The teams whose leaders must agree.
fn teams_to_ask(places: &Places) -> Vec<String> {
    let both = [&places.offered.0, &places.wanted.0];
    let mut teams: Vec<String> =
        both.into_iter().filter(|one| one.plan.needs_approval).map(|one| one.team.clone()).collect();
    teams.dedup();
    teams
}

#[async_trait::async_trait]
trait SwapRows {
    /// One swap with its sign-ups as they are.
    async fn swap(&mut self, id: Uuid) -> Result<Option<Swap>, Error>;
    async fn insert_swap(&mut self, swap: &Swap) -> Result<(), db::Error>;
    async fn update_swap(&mut self, swap: &Swap) -> Result<(), db::Error>;
    /// Where a sign-up's activity takes place.
    async fn code_of(&mut self, sign_up: &SignUp) -> Result<String, Error>;
    /// Locks both shifts, then the time of both volunteers.
    async fn lock_both(&mut self, swap: &Swap) -> Result<Places, Error>;
    /// Refuses an exchange after which somebody would be in two places at once.
    async fn check_exchange(&mut self, change: &Change, swap: &Swap) -> Result<(), Error>;
    /// Exchanges the sign-ups: each is ended, and a new one made for the other volunteer.
    async fn exchange(&mut self, change: &Change, swap: &mut Swap, places: Places) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl SwapRows for Conn {
    async fn swap(&mut self, id: Uuid) -> Result<Option<Swap>, Error> {
        let row: Option<SwapRow> = sqlx::query_as(
            "SELECT id, offered, wanted, state, pending, create_time, update_time FROM swaps WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(&mut *self)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let lost = || Error::Internal(format!("swap {id} has lost a sign-up"));
        let pending = serde_json::from_str(&row.pending);
        Ok(Some(Swap {
            id: row.id,
            offered: self.sign_up(row.offered).await?.ok_or_else(lost)?,
            wanted: self.sign_up(row.wanted).await?.ok_or_else(lost)?,
            state: member(&row.state)?,
            pending: pending.map_err(|error| db::Error::Corrupt(error.to_string()))?,
            create_time: row.create_time,
            update_time: row.update_time,
        }))
    }

    async fn insert_swap(&mut self, swap: &Swap) -> Result<(), db::Error> {
        sqlx::query(
            "INSERT INTO swaps (id, offered, wanted, offerer, answerer, state, pending, create_time, update_time) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(swap.id)
        .bind(swap.offered.id)
        .bind(swap.wanted.id)
        .bind(&swap.offered.volunteer)
        .bind(&swap.wanted.volunteer)
        .bind(swap.state.as_str())
        .bind(json!(swap.pending).to_string())
        .bind(swap.create_time)
        .bind(swap.update_time)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn update_swap(&mut self, swap: &Swap) -> Result<(), db::Error> {
        sqlx::query("UPDATE swaps SET state = $2, pending = $3, update_time = $4 WHERE id = $1")
            .bind(swap.id)
            .bind(swap.state.as_str())
            .bind(json!(swap.pending).to_string())
            .bind(swap.update_time)
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn code_of(&mut self, sign_up: &SignUp) -> Result<String, Error> {
        let activity = self.activity(sign_up.activity).await?;
        let lost = || Error::Internal(format!("sign-up {} has no activity", sign_up.id));
        Ok(activity.ok_or_else(lost)?.plan.place.code.to_string())
    }

    async fn lock_both(&mut self, swap: &Swap) -> Result<Places, Error> {
        let (offered, wanted) = (swap.offered.shift, swap.wanted.shift);
        let first = self.lock_shift(offered.min(wanted)).await?;
        let second = self.lock_shift(offered.max(wanted)).await?;
        self.hold_agendas(&[&swap.offered.volunteer, &swap.wanted.volunteer]).await?;
        let (offered, wanted) = if first.id == offered { (first, second) } else { (second, first) };
        let lost = || Error::Internal(format!("a shift of swap {} has no activity", swap.id));
        Ok(Places {
            offered: (self.activity(offered.activity).await?.ok_or_else(lost)?, offered),
            wanted: (self.activity(wanted.activity).await?.ok_or_else(lost)?, wanted),
        })
    }

    async fn check_exchange(&mut self, change: &Change, swap: &Swap) -> Result<(), Error> {
        for one in [&swap.offered, &swap.wanted] {
            sign_up::decide(one, &Command::Swap, change.now)?;
        }
        // What each gives is free again when they take what they get.
        let given = [swap.offered.id, swap.wanted.id];
        for (gets, other) in [(&swap.wanted, &swap.offered), (&swap.offered, &swap.wanted)] {
            if !self.busy(&[&other.volunteer], gets.window, &given).await?.is_empty() {
                return Err(time_taken().into());
            }
        }
        Ok(())
    }

    async fn exchange(&mut self, change: &Change, swap: &mut Swap, places: Places) -> Result<(), Error> {
        let ways = [
            (swap.offered.clone(), swap.wanted.volunteer.clone(), places.offered),
            (swap.wanted.clone(), swap.offered.volunteer.clone(), places.wanted),
        ];
        for (before, to, (activity, mut shift)) in ways {
            let given = sign_up::decide(&before, &Command::Swap, change.now)?;
            // Whoever waited in this very shift has what they waited for.
            if let Some(waiting) = self.waiting_of(shift.id, &to).await? {
                recount(&mut shift, State::Waiting, State::Lapsed);
                let lapsed = SignUp { state: State::Lapsed, version: waiting.version + 1, ..waiting };
                self.update_sign_up(&lapsed).await?;
            }
            shift.line += 1;
            let applicant = Applicant { id: Uuid::now_v7(), volunteer: to };
            let taken = sign_up::new(&shift, &applicant, State::Confirmed, Some(before.id), change.now);
            self.update_sign_up(&given).await?;
            self.insert_sign_ups(&[&taken]).await?;
            self.update_places(&shift).await?;
            let code = activity.plan.place.code.as_str();
            let events = [event(Command::Swap.event(), code, &given), event("SignUpCreated", code, &taken)];
            self.append(change, &events).await?;
            if before.id == swap.offered.id { swap.offered = given } else { swap.wanted = given }
        }
        Ok(())
    }
}
