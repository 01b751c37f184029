//! `minqing migrate`: brings the tables up to date.

use anyhow::Context as _;
use minqing_platform::db::Database;

use crate::cli::Migrate;
use crate::console;
use crate::settings::Settings;

/// Migrates every database.
pub async fn run(settings: Settings, options: Migrate) -> anyhow::Result<()> {
    let settings = settings.with_data(options.data)?;
    let database = Database::connect(&settings.registry.database).await.context("registry")?;
    minqing_registry::store::sql::migrate(&database).await.context("registry")?;
    database.close().await;
    console::say("registry: the tables are up to date");
    Ok(())
}
