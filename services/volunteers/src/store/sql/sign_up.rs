//! Sign-ups in SQL.
//!
//! Everything takes its locks in one order: shifts, then the time of volunteers, then sign-ups; several of a kind in the
//! order of their ids. So nobody waits in a circle.

mod batch;
mod fit;
mod rows;
mod swap;
mod time;

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use super::activity::rows::ActivityRows as _;
use super::hour::rows::HourRows as _;
use crate::domain::activity::{Activity, Shift};
use crate::domain::hour::{NewEntry, Source};
use crate::domain::sign_up::attendance::{
    FAILURES_MAX, FAILURES_WINDOW, counted, minutes, too_many_attempts,
};
use crate::domain::sign_up::{self, Applicant, Command, SignUp, State, placed, recount, time_taken};
use crate::store::sign_up::{Act, NewSignUp, Of, Settled, SignUpStore};
use batch::BatchRows as _;
use rows::{Row, columns, event, selected};
use time::TimeRows as _;

pub(super) use rows::SignUpRows;

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl SignUpStore for Sql<Db> {
    async fn sign_up_all(&self, shift: Uuid, new: &[NewSignUp]) -> Result<Vec<Result<SignUp, Error>>, Error> {
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.db.begin().await?;
        let outcomes = tx.admit_all(shift, new).await?;
        tx.commit().await?;
        self.committed();
        Ok(outcomes)
    }

    async fn sign_up(&self, id: Uuid) -> Result<Option<SignUp>, Error> {
        Ok(self.db.reads().acquire().await?.sign_up(id).await?)
    }

    async fn sign_ups(
        &self,
        of: &Of,
        state: Option<State>,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<SignUp>, Error> {
        let mut query = QueryBuilder::new(concat!("SELECT ", selected!(), " FROM sign_ups u WHERE "));
        match of {
            Of::Shift(shift) => query.push("u.shift_id = ").push_bind(*shift),
            Of::Volunteer(number) => query.push("u.volunteer = ").push_bind(number.clone()),
        };
        if let Some(state) = state {
            query.push(" AND u.state = ").push_bind(state.as_str());
        }
        if let Some(after) = after {
            let beyond = match of {
                Of::Shift(_) => " AND (u.line, u.id) > (SELECT p.line, p.id FROM sign_ups p WHERE p.id = ",
                Of::Volunteer(_) => {
                    " AND (u.start_time, u.id) < (SELECT p.start_time, p.id FROM sign_ups p WHERE p.id = "
                }
            };
            query.push(beyond).push_bind(after).push(")");
        }
        query.push(match of {
            Of::Shift(_) => " ORDER BY u.line, u.id LIMIT ",
            Of::Volunteer(_) => " ORDER BY u.start_time DESC, u.id DESC LIMIT ",
        });
        query.push_bind(limit);
        let found: Vec<Row> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(Row::whole).collect::<Result<_, _>>()?)
    }

    async fn act_on_sign_up(&self, change: &Change, id: Uuid, act: &Act) -> Result<SignUp, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let after = match act {
            Act::CheckIn => tx.attend(change, id, &Command::CheckIn).await?,
            Act::CheckOut => tx.attend(change, id, &Command::CheckOut).await?,
            Act::TakeCover(applicant) => tx.take_over(change, id, applicant).await?,
            Act::Approve | Act::Decline(_) | Act::Drop | Act::OfferCover | Act::LiftNoShow(_) => {
                tx.place(change, id, act).await?
            }
        };
        tx.remember(change, &after).await?;
        tx.commit().await?;
        self.committed();
        Ok(after)
    }

    async fn sign_up_of_request(&self, change: &Change) -> Result<Option<SignUp>, Error> {
        Ok(self.db.reads().acquire().await?.replayed(change).await?)
    }

    async fn check_attempts(&self, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
        let found: Option<(i64, Option<DateTime<Utc>>)> =
            sqlx::query_as("SELECT failures, failure_time FROM sign_ups WHERE id = $1")
                .bind(id)
                .fetch_optional(self.db.reads())
                .await?;
        let is_closed = |(failures, since): (i64, Option<DateTime<Utc>>)| {
            failures >= FAILURES_MAX && since.is_some_and(|since| now - since < FAILURES_WINDOW)
        };
        if found.is_some_and(is_closed) { Err(too_many_attempts().into()) } else { Ok(()) }
    }

    async fn count_wrong_code(&self, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        sqlx::query(
            "UPDATE sign_ups SET failures = CASE WHEN failure_time > $2 THEN failures + 1 ELSE 1 END, \
             failure_time = CASE WHEN failure_time > $2 THEN failure_time ELSE $3 END WHERE id = $1",
        )
        .bind(id)
        .bind(now - FAILURES_WINDOW)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn remind(&self, change: &Change, before: DateTime<Utc>, limit: i64) -> Result<usize, Error> {
        let mut tx = self.db.begin().await?;
        let reminded = tx.remind(change, before, limit).await?;
        tx.commit().await?;
        if reminded > 0 {
            self.committed();
        }
        Ok(reminded)
    }

    async fn settle_shifts(
        &self,
        change: &Change,
        before: DateTime<Utc>,
        limit: i64,
    ) -> Result<Settled, Error> {
        let mut tx = self.db.begin().await?;
        let settled = tx.settle(change, before, limit).await?;
        tx.commit().await?;
        if settled.no_shows + settled.lapsed > 0 {
            self.committed();
        }
        Ok(settled)
    }

    async fn fill_shifts(&self, change: &Change, limit: i64) -> Result<usize, Error> {
        let with_room: Vec<(Uuid,)> = sqlx::query_as(
            "SELECT id FROM shifts WHERE NOT settled AND waiting > 0 AND taken < capacity AND start_time > $1 \
             ORDER BY start_time LIMIT $2",
        )
        .bind(change.now)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        let mut filled = 0;
        for (id,) in with_room {
            let mut tx = self.db.begin().await?;
            let mut shift = tx.lock_shift(id).await?;
            let activity = tx.activity_of(&shift).await?;
            if tx.move_up(change, &activity, &mut shift).await? > 0 {
                tx.update_places(&shift).await?;
                tx.commit().await?;
                self.committed();
                filled += 1;
            }
        }
        Ok(filled)
    }
}

/// Steps of what happens to sign-ups, within a transaction.
#[async_trait::async_trait]
trait Steps {
    /// The activity of a shift.
    async fn activity_of(&mut self, shift: &Shift) -> Result<Activity, Error>;
    /// Lets something happen to a sign-up that the places of its shift depend on.
    async fn place(&mut self, change: &Change, id: Uuid, act: &Act) -> Result<SignUp, Error>;
    /// Gives a sign-up to somebody else.
    async fn take_over(&mut self, change: &Change, id: Uuid, applicant: &Applicant) -> Result<SignUp, Error>;
    /// Lets somebody come or leave; who leaves has their hours entered.
    async fn attend(&mut self, change: &Change, id: Uuid, command: &Command) -> Result<SignUp, Error>;
    /// Locks the shift of a sign-up, then the time of a volunteer, then the sign-up.
    async fn lock_placed(
        &mut self,
        id: Uuid,
        volunteer: Option<&str>,
    ) -> Result<(Activity, Shift, SignUp), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl Steps for Conn {
    async fn activity_of(&mut self, shift: &Shift) -> Result<Activity, Error> {
        let lost = || Error::Internal(format!("shift {} has no activity", shift.id));
        self.activity(shift.activity).await?.ok_or_else(lost)
    }

    async fn lock_placed(
        &mut self,
        id: Uuid,
        volunteer: Option<&str>,
    ) -> Result<(Activity, Shift, SignUp), Error> {
        let missing = || Refusal::missing(format!("sign-up {id}"));
        let shift = self.sign_up(id).await?.ok_or_else(missing)?.shift;
        let shift = self.lock_shift(shift).await?;
        if let Some(volunteer) = volunteer {
            self.hold_agendas(&[volunteer]).await?;
        }
        let sign_up = self.lock_sign_up(id).await?;
        Ok((self.activity_of(&shift).await?, shift, sign_up))
    }

    async fn place(&mut self, change: &Change, id: Uuid, act: &Act) -> Result<SignUp, Error> {
        let (activity, mut shift, before) = self.lock_placed(id, None).await?;
        let command = command(act, &activity);
        let after = sign_up::decide(&before, &command, change.now)?;
        self.update_sign_up(&after).await?;
        let code = activity.plan.place.code.as_str();
        self.append(change, &[event(command.event(), code, &after)]).await?;
        let counts = |state: State| (state.holds(), state == State::Waiting);
        if counts(before.state) != counts(after.state) && before.state != State::NoShow {
            recount(&mut shift, before.state, after.state);
            self.move_up(change, &activity, &mut shift).await?;
            self.update_places(&shift).await?;
        }
        Ok(after)
    }

    async fn take_over(&mut self, change: &Change, id: Uuid, applicant: &Applicant) -> Result<SignUp, Error> {
        let who = applicant.volunteer.as_str();
        let (activity, shift, before) = self.lock_placed(id, Some(who)).await?;
        let given = sign_up::decide(&before, &Command::Cover, change.now)?;
        if !self.busy(&[who], shift.window, &[]).await?.is_empty() {
            return Err(time_taken().into());
        }
        // Whoever waited in this very shift has what they waited for.
        let mut shift = shift;
        if let Some(waiting) = self.waiting_of(shift.id, who).await? {
            recount(&mut shift, State::Waiting, State::Lapsed);
            let lapsed = SignUp { state: State::Lapsed, version: waiting.version + 1, ..waiting };
            self.update_sign_up(&lapsed).await?;
        }
        shift.line += 1;
        let state = placed(activity.plan.needs_approval);
        let taken = sign_up::new(&shift, applicant, state, Some(before.id), change.now);
        self.update_sign_up(&given).await?;
        self.insert_sign_ups(&[&taken]).await?;
        self.update_places(&shift).await?;
        let code = activity.plan.place.code.as_str();
        let events = [event(Command::Cover.event(), code, &given), event("SignUpCreated", code, &taken)];
        self.append(change, &events).await?;
        Ok(taken)
    }

    async fn attend(&mut self, change: &Change, id: Uuid, command: &Command) -> Result<SignUp, Error> {
        let before = self.lock_sign_up(id).await?;
        let after = sign_up::decide(&before, command, change.now)?;
        self.update_sign_up(&after).await?;
        let lost = || Error::Internal(format!("sign-up {id} has no activity"));
        let activity = self.activity(after.activity).await?.ok_or_else(lost)?;
        let code = activity.plan.place.code.as_str();
        self.append(change, &[event(command.event(), code, &after)]).await?;
        if let Some(entry) = entry(change, &activity, &after) {
            self.append_hours(change, &[entry]).await?;
        }
        Ok(after)
    }
}

/// What an act is to a sign-up of an activity.
fn command(act: &Act, activity: &Activity) -> Command {
    match act {
        Act::Approve => Command::Approve,
        Act::Decline(reason) => Command::Decline(reason.clone()),
        Act::Drop => Command::Drop { notice: TimeDelta::minutes(activity.plan.drop_notice_minutes.into()) },
        Act::OfferCover => Command::OfferCover,
        Act::TakeCover(_) => Command::Cover,
        Act::CheckIn => Command::CheckIn,
        Act::CheckOut => Command::CheckOut,
        Act::LiftNoShow(reason) => Command::LiftNoShow(reason.clone()),
    }
}

/// The hours of somebody who came and left; none below a minute.
fn entry(change: &Change, activity: &Activity, sign_up: &SignUp) -> Option<NewEntry> {
    let window = counted(sign_up.window, sign_up.check_in_time?, sign_up.check_out_time?)?;
    Some(NewEntry {
        volunteer: sign_up.volunteer.clone(),
        team: activity.team.clone(),
        post: activity.post.clone(),
        activity: Some(activity.id.to_string()),
        shift: Some(sign_up.shift.to_string()),
        need: activity.need.clone(),
        division_code: activity.plan.place.code.to_string(),
        from: window.from,
        to: window.to,
        minutes: minutes(window),
        source: Source::CheckIn,
        recorder: change.actor.clone(),
        // Who organizes the service certifies it.
        certifier: format!("teams/{}", activity.team),
    })
}

/// The sign-up of somebody who waits.
#[async_trait::async_trait]
trait Waiting {
    /// The sign-up of a volunteer who waits in a shift.
    async fn waiting_of(&mut self, shift: Uuid, volunteer: &str) -> Result<Option<SignUp>, db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl Waiting for Conn {
    async fn waiting_of(&mut self, shift: Uuid, volunteer: &str) -> Result<Option<SignUp>, db::Error> {
        let row: Option<Row> = sqlx::query_as(concat!(
            "SELECT ",
            selected!(),
            " FROM sign_ups u WHERE u.shift_id = $1 AND u.volunteer = $2 AND u.state = 'waiting'"
        ))
        .bind(shift)
        .bind(volunteer)
        .fetch_optional(&mut *self)
        .await?;
        row.map(Row::whole).transpose()
    }
}
