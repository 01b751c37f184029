//! `minqing migrate`: brings the tables up to date.

use anyhow::Context as _;
use minqing_platform::db::{self, Database};

use crate::cli::{Migrate, Service};
use crate::console;
use crate::settings::Settings;

/// Migrates every database, or that of one service.
pub async fn run(settings: Settings, options: Migrate) -> anyhow::Result<()> {
    let settings = settings.with_data_of(options.service.map(Service::name), options.data)?;
    let wanted = |service| options.service.is_none_or(|only| only == service);
    if wanted(Service::Registry) {
        let migrate = async |database: &Database| minqing_registry::store::sql::migrate(database).await;
        one(Service::Registry, &settings.registry.database, migrate).await?;
    }
    if wanted(Service::Cases) {
        let migrate = async |database: &Database| minqing_cases::store::sql::migrate(database).await;
        one(Service::Cases, &settings.cases.database, migrate).await?;
    }
    if wanted(Service::Volunteers) {
        let migrate = async |database: &Database| minqing_volunteers::store::sql::migrate(database).await;
        one(Service::Volunteers, &settings.volunteers.database, migrate).await?;
    }
    Ok(())
}

async fn one(
    service: Service,
    options: &db::Options,
    migrate: impl AsyncFnOnce(&Database) -> Result<(), db::Error>,
) -> anyhow::Result<()> {
    let name = service.name();
    let database = Database::connect(options).await.context(name)?;
    let migrated = migrate(&database).await.context(name);
    database.close().await;
    migrated?;
    console::say(&format!("{name}: the tables are up to date"));
    Ok(())
}
