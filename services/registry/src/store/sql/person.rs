//! People and appointments in SQL.

mod appointments;
mod rows;

use chrono::NaiveDate;
use minqing_platform::clock::civil_day;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::identity::Role;
use minqing_platform::journal::{Change, Journal as _};
use serde_json::json;
use trait_gen::trait_gen;

use appointments::{Appointed, AppointmentRows as _};
use rows::{PersonRows as _, Row, columns, event};

use super::Sql;
use super::division::anywhere;
use super::organization::OrganizationRows as _;
use super::place::PlaceRows as _;
use crate::domain::appointment::{self, Appointment, NewAppointment, Setting};
use crate::domain::organization::in_force;
use crate::domain::person::{self, Changes, NewPerson, Person, Subject};
use crate::store::person::{AppointmentFilter, Number, PersonFilter, PersonStore, Since};
use minqing_platform::code::{self, Code};
use minqing_platform::period::Period;

/// The kinds of events after which what an account may do can be another.
const CONCERN_APPOINTMENTS: &str = "SELECT 1 FROM event_feed WHERE (tx, seq) > ($1, $2) AND (tx, seq) <= ($3, $4) \
     AND kind IN ('PersonCreated', 'PersonUpdated', 'PersonEnded', 'AppointmentCreated', 'AppointmentEnded') LIMIT 1";

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl PersonStore for Sql<Db> {
    async fn person(&self, id: &str) -> Result<Option<Person>, Error> {
        self.db.reads().acquire().await?.lock_person(id, false).await
    }

    async fn people(&self, filter: &PersonFilter, after: &str, limit: i64) -> Result<Vec<Person>, Error> {
        let by = &filter.by;
        let within = by.within.as_ref().map_or("", Code::as_str);
        let mut reads = self.db.reads().acquire().await?;
        let rows: Vec<Row> = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM people p WHERE p.id > $1 AND ($2 = '' OR lower(p.display_name) LIKE $2 ESCAPE '\\') \
               AND (EXISTS (SELECT 1 FROM appointments a WHERE a.person_id = p.id \
                      AND a.division_code >= $3 AND a.division_code < $4 \
                      AND ($5 = '' OR a.role = $5) AND ($6 = '' OR a.organization_id = $6) \
                      AND ($7 IS NULL OR (a.effective_from <= $7 AND (a.effective_to IS NULL OR a.effective_to > $7)))) \
                 OR ($8 = 1 AND p.division_code >= $3 AND p.division_code < $4 \
                      AND ($7 IS NULL OR (p.effective_from <= $7 AND (p.effective_to IS NULL OR p.effective_to > $7))))) \
             ORDER BY p.id LIMIT $9",
        ))
        .bind(after)
        .bind(if filter.query.is_empty() { String::new() } else { anywhere(&filter.query) })
        .bind(within)
        .bind(code::range_end(within))
        .bind(by.role.map_or("", Role::as_str))
        .bind(by.organization.as_deref().unwrap_or(""))
        .bind(by.on)
        .bind(i32::from(filter.unappointed))
        .bind(limit)
        .fetch_all(&mut *reads)
        .await?;
        reads.whole_people(rows).await
    }

    async fn people_with(&self, number: &Number, day: NaiveDate, limit: i64) -> Result<Vec<Person>, Error> {
        let (select, index) = match number {
            Number::Identity(index) => (
                concat!(
                    "SELECT ",
                    columns!(),
                    " FROM people p WHERE p.identity_number_index = $1 \
                          AND p.effective_from <= $2 AND (p.effective_to IS NULL OR p.effective_to > $2) \
                          ORDER BY p.id LIMIT $3"
                ),
                index,
            ),
            Number::Phone(index) => (
                concat!(
                    "SELECT ",
                    columns!(),
                    " FROM people p WHERE p.phone_index = $1 \
                          AND p.effective_from <= $2 AND (p.effective_to IS NULL OR p.effective_to > $2) \
                          ORDER BY p.id LIMIT $3"
                ),
                index,
            ),
        };
        let mut reads = self.db.reads().acquire().await?;
        let rows: Vec<Row> =
            sqlx::query_as(select).bind(index).bind(day).bind(limit).fetch_all(&mut *reads).await?;
        reads.whole_people(rows).await
    }

    async fn create_people(&self, change: &Change, news: &[NewPerson]) -> Result<Vec<Person>, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.refuse_taken(news).await?;
        if appointments_of(news).next().is_some() {
            tx.lock_organizations().await?;
        }
        let codes = news.iter().flat_map(|new| {
            let places = new.appointments.iter().filter_map(|next| next.office.place.as_ref());
            std::iter::once(&new.division).chain(places).map(Code::as_str)
        });
        let places = tx.places(codes.collect::<Vec<_>>()).await?;
        let mut bodies: Vec<&str> =
            appointments_of(news).filter_map(|next| next.office.organization.as_deref()).collect();
        bodies.sort_unstable();
        bodies.dedup();
        let organizations = tx.organization_periods(&bodies).await?;
        for new in news {
            let division = new.division.as_str();
            in_force("division", division, places.get(division), new.from)?;
            let person = Period::since(new.from);
            for (count, next) in new.appointments.iter().enumerate() {
                let office = &next.office;
                let setting = Setting {
                    person: &person,
                    place: places.get(office.division_code()),
                    organization: office.organization.as_ref().and_then(|id| organizations.get(id)),
                };
                let held = new.appointments[..count].iter().map(|held| (&held.office, &held.effective));
                appointment::may_begin(next, setting, held)?;
            }
        }
        tx.insert_people(change, news).await?;
        let appointed: Vec<_> =
            news.iter().flat_map(|new| new.appointments.iter().map(|next| (new.id.as_str(), next))).collect();
        tx.insert_appointments(change, &appointed).await?;
        let made: Vec<Person> = news.iter().map(|new| rows::begun(change, new)).collect();
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn update_person(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
    ) -> Result<Person, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_person(id, true).await?.ok_or_else(|| missing(id))?;
        if version.is_some_and(|version| version != there.version) {
            return Err(Refusal::stale().into());
        }
        if let Some(division) = &changes.division {
            let places = tx.places([division.as_str()]).await?;
            let place = places.get(division.as_str());
            // A record that is still to begin is kept there from its first day on.
            let day = there.effective.from.max(civil_day(change.now));
            in_force("division", division.as_str(), place, day)?;
        }
        let changed = tx.write_person(change, &there, &changes).await?;
        tx.remember(change, &changed).await?;
        tx.commit().await?;
        self.committed();
        Ok(changed)
    }

    async fn end_person(&self, change: &Change, id: &str, day: NaiveDate) -> Result<Person, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let mut there = tx.lock_person(id, true).await?.ok_or_else(|| missing(id))?;
        let held = tx.appointments_held_from(id, day).await?;
        person::may_end(&there, day, held)?;
        sqlx::query(
            "UPDATE people SET effective_to = $2, update_time = $3, version = version + 1 WHERE id = $1",
        )
        .bind(id)
        .bind(day)
        .bind(change.now)
        .execute(&mut *tx)
        .await?;
        let division = there.division.to_string();
        tx.append(change, &[event("PersonEnded", id, division, json!({"effective_to": day}))]).await?;
        there.effective.to = Some(day);
        there.update_time = change.now;
        there.version += 1;
        tx.remember(change, &there).await?;
        tx.commit().await?;
        self.committed();
        Ok(there)
    }

    async fn appointment(&self, person: &str, id: &str) -> Result<Option<Appointment>, Error> {
        self.db.reads().acquire().await?.appointment_row(person, id).await
    }

    async fn appointments(
        &self,
        filter: &AppointmentFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Appointment>, Error> {
        let within = filter.within.as_ref().map_or("", Code::as_str);
        let rows: Vec<Appointed> = sqlx::query_as(concat!(
            "SELECT ",
            appointments::columns!(),
            " FROM appointments a JOIN people p ON p.id = a.person_id \
             WHERE a.id > $1 AND ($2 = '' OR a.person_id = $2) AND a.division_code >= $3 AND a.division_code < $4 \
               AND ($5 = '' OR a.role = $5) AND ($6 = '' OR a.organization_id = $6) \
               AND ($7 IS NULL OR (a.effective_from <= $7 AND (a.effective_to IS NULL OR a.effective_to > $7))) \
             ORDER BY a.id LIMIT $8",
        ))
        .bind(after)
        .bind(filter.person.as_deref().unwrap_or(""))
        .bind(within)
        .bind(code::range_end(within))
        .bind(filter.role.map_or("", Role::as_str))
        .bind(filter.organization.as_deref().unwrap_or(""))
        .bind(filter.on)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(rows.into_iter().map(Appointment::try_from).collect::<Result<_, _>>()?)
    }

    async fn create_appointment(
        &self,
        change: &Change,
        person: &str,
        new: &NewAppointment,
    ) -> Result<Appointment, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_person(person, true).await?.ok_or_else(|| missing(person))?;
        tx.lock_organizations().await?;
        let places = tx.places(new.office.place.as_ref().map(Code::as_str)).await?;
        let body: Vec<&str> = new.office.organization.as_deref().into_iter().collect();
        let organizations = tx.organization_periods(&body).await?;
        let setting = Setting {
            person: &there.effective,
            place: places.get(new.office.division_code()),
            organization: organizations.values().next(),
        };
        let held = tx.appointments_held(person).await?;
        appointment::may_begin(new, setting, held.iter().map(|held| (&held.office, &held.effective)))?;
        tx.insert_appointments(change, &[(person, new)]).await?;
        let made = appointments::begun(change, &there, new);
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn end_appointment(
        &self,
        change: &Change,
        person: &str,
        id: &str,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<Appointment, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        // The person's lock stands for those of the appointments: an appointment never changes hands.
        tx.lock_person(person, true).await?.ok_or_else(|| missing(person))?;
        let there = tx.appointment_row(person, id).await?;
        let there = there.ok_or_else(|| Refusal::missing(format!("appointment {id} of person {person}")))?;
        appointment::may_end(&there, day, today)?;
        let ended = tx.end_appointment_row(change, there, day).await?;
        tx.remember(change, &ended).await?;
        tx.commit().await?;
        self.committed();
        Ok(ended)
    }

    async fn linked(&self, subject: &Subject, day: NaiveDate) -> Result<Option<String>, Error> {
        Ok(sqlx::query_scalar(
            "SELECT p.id FROM person_subjects s JOIN people p ON p.id = s.person_id \
             WHERE s.issuer = $1 AND s.subject = $2 \
               AND p.effective_from <= $3 AND (p.effective_to IS NULL OR p.effective_to > $3)",
        )
        .bind(&subject.issuer)
        .bind(&subject.subject)
        .bind(day)
        .fetch_optional(self.db.reads())
        .await?)
    }

    async fn appointments_changed_since(&self, place: (i64, i64)) -> Result<Since, Error> {
        let mut reads = self.db.reads().acquire().await?;
        let end = reads.events_end().await?;
        if end <= place {
            return Ok(Since { end: place, changed: false });
        }
        let found: Option<i32> = sqlx::query_scalar(CONCERN_APPOINTMENTS)
            .bind(place.0)
            .bind(place.1)
            .bind(end.0)
            .bind(end.1)
            .fetch_optional(&mut *reads)
            .await?;
        Ok(Since { end, changed: found.is_some() })
    }
}

fn appointments_of(news: &[NewPerson]) -> impl Iterator<Item = &NewAppointment> {
    news.iter().flat_map(|new| &new.appointments)
}

fn missing(id: &str) -> Error {
    Refusal::missing(format!("person {id}")).into()
}
