//! `minqing migrate`: brings the tables up to date.

use anyhow::Context as _;
use minqing_platform::db::Database;

use crate::cli::Migrate;
use crate::console;
use crate::settings::Settings;

/// Migrates every database.
pub async fn run(settings: Settings, options: Migrate) -> anyhow::Result<()> {
    let settings = settings.with_data(options.data)?;
    let registry = Database::connect(&settings.registry.database).await.context("registry")?;
    minqing_registry::store::sql::migrate(&registry).await.context("registry")?;
    registry.close().await;
    console::say("registry: the tables are up to date");
    let cases = Database::connect(&settings.cases.database).await.context("cases")?;
    minqing_cases::store::sql::migrate(&cases).await.context("cases")?;
    cases.close().await;
    console::say("cases: the tables are up to date");
    Ok(())
}
