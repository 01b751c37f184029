//! `minqing verify`: replays every history, walks along the chain of hours, and compares it with what is kept.

use anyhow::{Context as _, bail};
use minqing_platform::db::Database;
use minqing_platform::feed::Bell;

use crate::cli::{Verifiable, Verify};
use crate::console;
use crate::import::told;
use crate::settings::Settings;

/// Verifies the histories of a service.
pub async fn run(settings: Settings, options: Verify) -> anyhow::Result<()> {
    match options.what {
        Verifiable::Cases => cases(settings, options).await,
        Verifiable::Volunteers => volunteers(settings, options).await,
    }
}

async fn cases(settings: Settings, options: Verify) -> anyhow::Result<()> {
    let settings = settings.with_data_of(Some("cases"), options.data)?;
    let database = Database::connect(&settings.cases.database).await.context("the database of cases")?;
    let store = minqing_cases::store::sql::open(&database, &Bell::default());
    let verified = minqing_cases::verify::verify(&store, |_| {}).await;
    database.close().await;
    let report = verified.map_err(told)?;
    if report.changed {
        console::say("cases changed meanwhile: terms and lessons of all together were not compared");
    }
    let checked = format!("{} cases, {} events replayed", report.cases, report.events);
    tell(&checked, &report.faults)
}

async fn volunteers(settings: Settings, options: Verify) -> anyhow::Result<()> {
    let settings = settings.with_data_of(Some("volunteers"), options.data)?;
    let database =
        Database::connect(&settings.volunteers.database).await.context("the database of volunteers")?;
    let store = minqing_volunteers::store::sql::open(&database, &Bell::default());
    let verified = minqing_volunteers::verify::verify(&store).await;
    database.close().await;
    let report = verified.map_err(told)?;
    let checked = format!(
        "{} entries of hours hashed, {} needs, {} events replayed, {} certificates compared",
        report.entries, report.needs, report.events, report.certificates
    );
    tell(&checked, &report.faults)
}

/// Tells what was checked and what is wrong; with anything wrong the program fails.
fn tell(checked: &str, faults: &[String]) -> anyhow::Result<()> {
    for fault in faults {
        console::say(fault);
    }
    console::say(checked);
    if !faults.is_empty() {
        bail!("{} faults", faults.len());
    }
    Ok(())
}
