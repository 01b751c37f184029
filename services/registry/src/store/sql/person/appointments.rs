//! Statements on appointments on one connection.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::identity::Role;
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use crate::domain::appointment::{Appointment, NewAppointment, Office};
use crate::domain::person::Person;
use crate::store::sql::division::code_of;
use minqing_platform::code::Level;
use minqing_platform::period::Period;

/// Appointments in one INSERT: eleven columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 1_000;

/// The columns of [`Appointed`] of the tables `appointments a` and `people p`.
macro_rules! columns {
    () => {
        "a.id, a.person_id, p.display_name, a.role, a.level, a.organization_id, a.division_code, a.effective_from, \
         a.effective_to, a.create_time, a.update_time, a.version"
    };
}
pub(super) use columns;

#[derive(FromRow)]
pub(super) struct Appointed {
    id: String,
    person_id: String,
    display_name: String,
    role: String,
    level: i32,
    organization_id: Option<String>,
    division_code: String,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Appointed> for Appointment {
    type Error = db::Error;

    fn try_from(row: Appointed) -> Result<Self, db::Error> {
        let corrupt = |error: minqing_platform::identity::UnknownRole| db::Error::Corrupt(error.to_string());
        let office = Office {
            role: row.role.parse::<Role>().map_err(corrupt)?,
            level: usize::try_from(row.level).ok().and_then(Level::of_digits),
            organization: row.organization_id,
            place: if row.division_code.is_empty() { None } else { Some(code_of(&row.division_code)?) },
        };
        Ok(Self {
            id: row.id,
            person: row.person_id,
            person_display_name: row.display_name,
            office,
            effective: Period { from: row.effective_from, to: row.effective_to },
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// An appointment as made by a change.
pub(super) fn begun(change: &Change, person: &Person, new: &NewAppointment) -> Appointment {
    Appointment {
        id: new.id.clone(),
        person: person.id.clone(),
        person_display_name: person.display_name.clone(),
        office: new.office.clone(),
        effective: new.effective,
        create_time: change.now,
        update_time: change.now,
        version: 1,
    }
}

fn event(
    kind: &'static str,
    person: &str,
    id: &str,
    office: &Office,
    payload: serde_json::Value,
) -> NewEvent {
    let subject = format!("people/{person}/appointments/{id}");
    NewEvent { kind, subject, division_code: office.division_code().to_owned(), payload }
}

fn created((person, new): &(&str, &NewAppointment)) -> NewEvent {
    let office = &new.office;
    let payload = json!({
        "role": office.role,
        "organization": office.organization.as_ref().map(|id| format!("organizations/{id}")),
        "effective_from": new.effective.from,
        "effective_to": new.effective.to,
    });
    event("AppointmentCreated", person, &new.id, office, payload)
}

/// Statements on appointments on one connection.
#[async_trait::async_trait]
pub(super) trait AppointmentRows {
    async fn appointment_row(&mut self, person: &str, id: &str) -> Result<Option<Appointment>, Error>;
    /// All that a person ever held or will hold.
    async fn appointments_held(&mut self, person: &str) -> Result<Vec<Appointment>, Error>;
    /// How many appointments of a person are in force on a day or later.
    async fn appointments_held_from(&mut self, person: &str, day: NaiveDate) -> Result<i64, Error>;
    /// Appoints people who are locked or new.
    async fn insert_appointments(
        &mut self,
        change: &Change,
        news: &[(&str, &NewAppointment)],
    ) -> Result<(), Error>;
    /// Ends an appointment whose person is locked.
    async fn end_appointment_row(
        &mut self,
        change: &Change,
        there: Appointment,
        day: NaiveDate,
    ) -> Result<Appointment, Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl AppointmentRows for Conn {
    async fn appointment_row(&mut self, person: &str, id: &str) -> Result<Option<Appointment>, Error> {
        let row: Option<Appointed> = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM appointments a JOIN people p ON p.id = a.person_id WHERE a.id = $1 AND a.person_id = $2",
        ))
        .bind(id)
        .bind(person)
        .fetch_optional(&mut *self)
        .await?;
        Ok(row.map(Appointment::try_from).transpose()?)
    }

    async fn appointments_held(&mut self, person: &str) -> Result<Vec<Appointment>, Error> {
        let rows: Vec<Appointed> = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM appointments a JOIN people p ON p.id = a.person_id WHERE a.person_id = $1 ORDER BY a.id",
        ))
        .bind(person)
        .fetch_all(&mut *self)
        .await?;
        Ok(rows.into_iter().map(Appointment::try_from).collect::<Result<_, _>>()?)
    }

    async fn appointments_held_from(&mut self, person: &str, day: NaiveDate) -> Result<i64, Error> {
        let (count,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM appointments WHERE person_id = $1 AND (effective_to IS NULL OR effective_to > $2)",
        )
        .bind(person)
        .bind(day)
        .fetch_one(&mut *self)
        .await?;
        Ok(count)
    }

    async fn insert_appointments(
        &mut self,
        change: &Change,
        news: &[(&str, &NewAppointment)],
    ) -> Result<(), Error> {
        for chunk in news.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO appointments (id, person_id, role, level, organization_id, division_code, effective_from, \
                 effective_to, create_time, update_time, version) ",
            );
            query.push_values(chunk, |mut row, (person, new)| {
                let level = new.office.level.map_or(0, Level::digits);
                row.push_bind(new.id.clone())
                    .push_bind((*person).to_owned())
                    .push_bind(new.office.role.as_str())
                    .push_bind(i32::try_from(level).unwrap_or(0))
                    .push_bind(new.office.organization.clone())
                    .push_bind(new.office.division_code().to_owned())
                    .push_bind(new.effective.from)
                    .push_bind(new.effective.to)
                    .push_bind(change.now)
                    .push_bind(change.now)
                    .push_bind(1_i64);
            });
            query.build().execute(&mut *self).await?;
        }
        let events: Vec<NewEvent> = news.iter().map(created).collect();
        Ok(self.append(change, &events).await?)
    }

    async fn end_appointment_row(
        &mut self,
        change: &Change,
        mut there: Appointment,
        day: NaiveDate,
    ) -> Result<Appointment, Error> {
        sqlx::query(
            "UPDATE appointments SET effective_to = $2, update_time = $3, version = version + 1 WHERE id = $1",
        )
        .bind(&there.id)
        .bind(day)
        .bind(change.now)
        .execute(&mut *self)
        .await?;
        let payload = json!({"role": there.office.role, "effective_to": day});
        let ended = event("AppointmentEnded", &there.person, &there.id, &there.office, payload);
        self.append(change, &[ended]).await?;
        there.effective.to = Some(day);
        there.update_time = change.now;
        there.version += 1;
        Ok(there)
    }
}
