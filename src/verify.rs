//! `minqing verify`: replays every history and compares it with what is kept.

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
    }
}

async fn cases(settings: Settings, options: Verify) -> anyhow::Result<()> {
    let settings = settings.with_data_of(Some("cases"), options.data)?;
    let database = Database::connect(&settings.cases.database).await.context("the database of cases")?;
    let store = minqing_cases::store::sql::open(&database, &Bell::default());
    let verified = minqing_cases::verify::verify(&store, |_| {}).await;
    database.close().await;
    let report = verified.map_err(told)?;
    for fault in &report.faults {
        console::say(fault);
    }
    console::say(&format!("{} cases, {} events replayed", report.cases, report.events));
    if report.changed {
        console::say("cases changed meanwhile: terms and lessons of all together were not compared");
    }
    if !report.faults.is_empty() {
        bail!("{} faults", report.faults.len());
    }
    Ok(())
}
