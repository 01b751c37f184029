//! Statements on people on one connection.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use crate::domain::organization::twice;
use crate::domain::person::{self, Changes, NewPerson, Person, Sealed, Subject};
use crate::store::sql::division::code_of;
use minqing_platform::period::Period;

/// People in one INSERT: 13 columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 1_000;

/// The columns of [`Row`] of the table `people p`.
macro_rules! columns {
    () => {
        "p.id, p.display_name, p.division_code, p.work_phone, p.phone, p.identity_number, p.effective_from, \
         p.effective_to, p.create_time, p.update_time, p.version"
    };
}
pub(super) use columns;

#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    display_name: String,
    division_code: String,
    work_phone: String,
    phone: Option<Vec<u8>>,
    identity_number: Option<Vec<u8>>,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl Row {
    fn whole(self, subjects: Vec<Subject>) -> Result<Person, db::Error> {
        Ok(Person {
            division: code_of(&self.division_code)?,
            id: self.id,
            display_name: self.display_name,
            work_phone: self.work_phone,
            phone: self.phone,
            identity_number: self.identity_number,
            subjects,
            effective: Period { from: self.effective_from, to: self.effective_to },
            create_time: self.create_time,
            update_time: self.update_time,
            version: self.version,
        })
    }
}

/// An event on a person. Its payload never holds a name or a number.
pub(super) fn event(
    kind: &'static str,
    id: &str,
    division_code: String,
    payload: serde_json::Value,
) -> NewEvent {
    NewEvent { kind, subject: format!("people/{id}"), division_code, payload }
}

/// A person as recorded by a change.
pub(super) fn begun(change: &Change, new: &NewPerson) -> Person {
    let text = |sealed: &Option<Sealed>| sealed.as_ref().map(|sealed| sealed.text.clone());
    Person {
        id: new.id.clone(),
        display_name: new.display_name.clone(),
        division: new.division.clone(),
        work_phone: new.work_phone.clone(),
        phone: text(&new.phone),
        identity_number: text(&new.identity_number),
        subjects: new.subjects.clone(),
        effective: Period::since(new.from),
        create_time: change.now,
        update_time: change.now,
        version: 1,
    }
}

/// Statements on people on one connection.
#[async_trait::async_trait]
pub(super) trait PersonRows {
    /// A person; with `lock`, locked until the transaction ends.
    async fn lock_person(&mut self, id: &str, lock: bool) -> Result<Option<Person>, Error>;
    /// Rows with their accounts, in the same order.
    async fn whole_people(&mut self, rows: Vec<Row>) -> Result<Vec<Person>, Error>;
    /// Refuses ids, identity numbers and accounts that stand twice or belong to somebody.
    async fn refuse_taken(&mut self, news: &[NewPerson]) -> Result<(), Error>;
    async fn insert_people(&mut self, change: &Change, news: &[NewPerson]) -> Result<(), Error>;
    async fn insert_subjects(&mut self, pairs: &[(&str, &Subject)]) -> Result<(), Error>;
    /// Writes the changes of a person who is locked.
    async fn write_person(
        &mut self,
        change: &Change,
        old: &Person,
        changes: &Changes,
    ) -> Result<Person, Error>;
    /// Whether one of these accounts belongs to another person.
    async fn subject_of_another(&mut self, id: &str, subjects: &[Subject]) -> Result<bool, Error>;
    /// Whether one of these keys of people stands in a column already.
    async fn any_person_with(&mut self, select: &'static str, keys: Vec<Key>) -> Result<bool, Error>;
}

/// What a person is looked up by.
pub(super) enum Key {
    Text(String),
    Bytes(Vec<u8>),
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl PersonRows for Conn {
    async fn lock_person(&mut self, id: &str, lock: bool) -> Result<Option<Person>, Error> {
        if lock {
            // Writing the row to itself takes its lock on PostgreSQL; on SQLite the transaction holds the only one.
            sqlx::query("UPDATE people SET id = id WHERE id = $1").bind(id).execute(&mut *self).await?;
        }
        let row: Option<Row> =
            sqlx::query_as(concat!("SELECT ", columns!(), " FROM people p WHERE p.id = $1"))
                .bind(id)
                .fetch_optional(&mut *self)
                .await?;
        Ok(self.whole_people(row.into_iter().collect()).await?.pop())
    }

    async fn whole_people(&mut self, rows: Vec<Row>) -> Result<Vec<Person>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut query =
            QueryBuilder::new("SELECT person_id, issuer, subject FROM person_subjects WHERE person_id IN (");
        let mut list = query.separated(", ");
        for row in &rows {
            list.push_bind(row.id.clone());
        }
        query.push(")");
        let found: Vec<(String, String, String)> = query.build_query_as().fetch_all(&mut *self).await?;
        let mut subjects: HashMap<String, Vec<Subject>> = HashMap::new();
        for (id, issuer, subject) in found {
            subjects.entry(id).or_default().push(Subject { issuer, subject });
        }
        let whole = rows.into_iter().map(|row| {
            let mut subjects = subjects.remove(&row.id).unwrap_or_default();
            // Sorted here, since the databases differ in how they order texts.
            subjects.sort();
            row.whole(subjects)
        });
        Ok(whole.collect::<Result<_, _>>()?)
    }

    async fn refuse_taken(&mut self, news: &[NewPerson]) -> Result<(), Error> {
        if let Some(id) = twice(news.iter().map(|new| new.id.as_str())) {
            return Err(Refusal::rule("NAME_TWICE", format!("person {id} stands twice in the batch")).into());
        }
        if let Some(repeated) = person::repeated(news) {
            return Err(crate::convert::repeated(&repeated).into());
        }
        let ids = news.iter().map(|new| Key::Text(new.id.clone())).collect();
        if self.any_person_with("SELECT COUNT(*) FROM people WHERE id IN (", ids).await? {
            return Err(Refusal::exists("a person of this name").into());
        }
        let numbers =
            news.iter().filter_map(|new| Some(Key::Bytes(new.identity_number.as_ref()?.index.clone())));
        let select = "SELECT COUNT(*) FROM people WHERE identity_number_index IN (";
        if self.any_person_with(select, numbers.collect()).await? {
            return Err(Refusal::exists("a person with this identity number").into());
        }
        let subjects: Vec<Subject> = news.iter().flat_map(|new| new.subjects.clone()).collect();
        if self.subject_of_another("", &subjects).await? {
            return Err(Refusal::exists("a person with this account").into());
        }
        Ok(())
    }

    async fn insert_people(&mut self, change: &Change, news: &[NewPerson]) -> Result<(), Error> {
        for chunk in news.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO people (id, display_name, division_code, work_phone, phone, phone_index, identity_number, \
                 identity_number_index, effective_from, effective_to, create_time, update_time, version) ",
            );
            query.push_values(chunk, |mut row, new| {
                let (phone, number) = (new.phone.clone(), new.identity_number.clone());
                row.push_bind(new.id.clone())
                    .push_bind(new.display_name.clone())
                    .push_bind(new.division.to_string())
                    .push_bind(new.work_phone.clone())
                    .push_bind(phone.as_ref().map(|sealed| sealed.text.clone()))
                    .push_bind(phone.map(|sealed| sealed.index))
                    .push_bind(number.as_ref().map(|sealed| sealed.text.clone()))
                    .push_bind(number.map(|sealed| sealed.index))
                    .push_bind(new.from)
                    .push_bind(None::<NaiveDate>)
                    .push_bind(change.now)
                    .push_bind(change.now)
                    .push_bind(1_i64);
            });
            query.build().execute(&mut *self).await?;
        }
        let subjects: Vec<_> = news
            .iter()
            .flat_map(|new| new.subjects.iter().map(|subject| (new.id.as_str(), subject)))
            .collect();
        self.insert_subjects(&subjects).await?;
        let created = |new: &NewPerson| {
            event("PersonCreated", &new.id, new.division.to_string(), json!({"effective_from": new.from}))
        };
        let events: Vec<NewEvent> = news.iter().map(created).collect();
        Ok(self.append(change, &events).await?)
    }

    async fn insert_subjects(&mut self, pairs: &[(&str, &Subject)]) -> Result<(), Error> {
        for chunk in pairs.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("INSERT INTO person_subjects (issuer, subject, person_id) ");
            query.push_values(chunk, |mut row, (id, subject)| {
                row.push_bind(subject.issuer.clone())
                    .push_bind(subject.subject.clone())
                    .push_bind((*id).to_owned());
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn write_person(
        &mut self,
        change: &Change,
        old: &Person,
        changes: &Changes,
    ) -> Result<Person, Error> {
        let mut new = Person { update_time: change.now, version: old.version + 1, ..old.clone() };
        if let Some(name) = &changes.display_name {
            new.display_name.clone_from(name);
        }
        if let Some(division) = &changes.division {
            new.division = division.clone();
        }
        if let Some(phone) = &changes.work_phone {
            new.work_phone.clone_from(phone);
        }
        sqlx::query(
            "UPDATE people SET display_name = $2, division_code = $3, work_phone = $4, update_time = $5, \
             version = version + 1 WHERE id = $1",
        )
        .bind(&old.id)
        .bind(&new.display_name)
        .bind(new.division.as_str())
        .bind(&new.work_phone)
        .bind(change.now)
        .execute(&mut *self)
        .await?;
        for (changed, kept, update) in [
            (&changes.phone, &mut new.phone, "UPDATE people SET phone = $2, phone_index = $3 WHERE id = $1"),
            (
                &changes.identity_number,
                &mut new.identity_number,
                "UPDATE people SET identity_number = $2, identity_number_index = $3 WHERE id = $1",
            ),
        ] {
            let Some(sealed) = changed else { continue };
            *kept = sealed.as_ref().map(|sealed| sealed.text.clone());
            let index = sealed.as_ref().map(|sealed| sealed.index.clone());
            sqlx::query(update).bind(&old.id).bind(&*kept).bind(index).execute(&mut *self).await?;
        }
        if let Some(subjects) = &changes.subjects {
            if self.subject_of_another(&old.id, subjects).await? {
                return Err(Refusal::exists("a person with this account").into());
            }
            let delete = "DELETE FROM person_subjects WHERE person_id = $1";
            sqlx::query(delete).bind(&old.id).execute(&mut *self).await?;
            let pairs: Vec<_> = subjects.iter().map(|subject| (old.id.as_str(), subject)).collect();
            self.insert_subjects(&pairs).await?;
            new.subjects.clone_from(subjects);
        }
        let payload = json!({"fields": changes.fields()});
        self.append(change, &[event("PersonUpdated", &old.id, new.division.to_string(), payload)]).await?;
        Ok(new)
    }

    async fn subject_of_another(&mut self, id: &str, subjects: &[Subject]) -> Result<bool, Error> {
        for chunk in subjects.chunks(ROWS_A_STATEMENT) {
            let mut query =
                QueryBuilder::new("SELECT COUNT(*) FROM person_subjects WHERE (issuer, subject) IN (");
            query.push_values(chunk, |mut row, subject| {
                row.push_bind(subject.issuer.clone()).push_bind(subject.subject.clone());
            });
            query.push(") AND person_id <> ").push_bind(id.to_owned());
            let (count,): (i64,) = query.build_query_as().fetch_one(&mut *self).await?;
            if count > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn any_person_with(&mut self, select: &'static str, keys: Vec<Key>) -> Result<bool, Error> {
        for chunk in keys.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(select);
            let mut list = query.separated(", ");
            for key in chunk {
                match key {
                    Key::Text(text) => list.push_bind(text.clone()),
                    Key::Bytes(bytes) => list.push_bind(bytes.clone()),
                };
            }
            query.push(")");
            let (count,): (i64,) = query.build_query_as().fetch_one(&mut *self).await?;
            if count > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
