//! `minqing repair`: writes anew what is kept and does not follow from the histories.

use anyhow::Context as _;
use minqing_platform::clock::{Clock as _, System};
use minqing_platform::db::Database;
use minqing_platform::feed::Bell;

use crate::cli::{Repair, Repairable};
use crate::console;
use crate::import::told;
use crate::settings::Settings;

/// Repairs what a service keeps.
pub async fn run(settings: Settings, options: Repair) -> anyhow::Result<()> {
    match options.what {
        Repairable::Cases => cases(settings, options).await,
    }
}

async fn cases(settings: Settings, options: Repair) -> anyhow::Result<()> {
    let settings = settings.with_data_of(Some("cases"), options.data)?;
    let database = Database::connect(&settings.cases.database).await.context("the database of cases")?;
    let store = minqing_cases::store::sql::open(&database, &Bell::default());
    let repaired = minqing_cases::verify::repair(&store, System.now(), |_| {}).await;
    database.close().await;
    let repaired = repaired.map_err(told)?;
    console::say(&format!("{} cases, {} written anew", repaired.cases, repaired.rebuilt));
    if repaired.relearnt {
        console::say("what is learnt from dispatches is learnt anew");
    }
    Ok(())
}
