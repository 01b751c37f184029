//! `minqing appoint`: the first accounts of a city, straight into the registry's database.
//!
//! Everybody else is appointed through the API, by somebody who was appointed before. Somebody must be the first, and a
//! service that runs apart needs its system account before it can ask anything.

use anyhow::{Context as _, bail};
use minqing_platform::clock::{Clock as _, System};
use minqing_platform::code::Code;
use minqing_platform::db::Database;
use minqing_platform::error::Error;
use minqing_platform::feed::Bell;
use minqing_platform::identity::Role;
use minqing_platform::journal::Change;
use minqing_platform::period::Period;
use minqing_registry::domain::appointment::{NewAppointment, Office};
use minqing_registry::domain::person::{NewPerson, Subject};
use minqing_registry::store::{self, sql};
use uuid::Uuid;

use crate::cli::Appoint;
use crate::settings::Settings;
use crate::{console, import};

/// Appoints an account, and records whose it is when the registry does not know it.
pub async fn run(settings: Settings, options: Appoint) -> anyhow::Result<()> {
    if !matches!(options.role, Role::Administrator | Role::Auditor | Role::SystemAccount) {
        bail!("--role: {} is appointed through the API, by an administrator", options.role);
    }
    let division: Code = options.division.parse().context("--division")?;
    for (name, text) in [("--issuer", &options.issuer), ("--subject", &options.subject)] {
        if text.trim().is_empty() {
            bail!("{name} is empty");
        }
    }
    let settings = settings.with_data_of(Some("registry"), options.data.clone())?;
    let database = Database::connect(&settings.registry.database).await.context("the registry's database")?;
    sql::migrate(&database).await?;
    let store = sql::open(&database, &Bell::default());
    let appointed = appoint(&*store, &options, division).await;
    database.close().await;
    let person = appointed.map_err(import::told)?;
    console::say(&format!("people/{person} is appointed {}", options.role));
    Ok(())
}

async fn appoint(store: &dyn store::Store, options: &Appoint, division: Code) -> Result<String, Error> {
    let (now, today) = (System.now(), System.today());
    let change = Change::by_system(now);
    let office = Office { role: options.role, level: None, organization: None, place: None };
    let effective = Period { from: today, to: None };
    let new = NewAppointment { id: Uuid::now_v7().to_string(), office, effective };
    let subject = Subject { issuer: options.issuer.clone(), subject: options.subject.clone() };
    if let Some(person) = store.linked(&subject, today).await? {
        store.create_appointment(&change, &person, &new).await?;
        return Ok(person);
    }
    let id = Uuid::now_v7().to_string();
    let person = NewPerson {
        id: id.clone(),
        display_name: options.display_name.clone().unwrap_or_else(|| options.subject.clone()),
        division,
        work_phone: String::new(),
        phone: None,
        identity_number: None,
        subjects: vec![subject],
        from: today,
        appointments: vec![new],
    };
    store.create_people(&change, &[person]).await?;
    Ok(id)
}
