//! `minqing import`: official data from files, straight into the database.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use minqing_platform::clock::{Clock as _, System};
use minqing_platform::db::Database;
use minqing_platform::error::Error;
use minqing_platform::feed::Bell;
use minqing_platform::journal::Change;
use minqing_registry::domain::division_file::{self, File};
use minqing_registry::domain::division_import::Report;
use minqing_registry::store::sql;

use crate::cli::{Import, ImportDivisions};
use crate::console;
use crate::settings::Settings;

/// Imports files.
pub async fn run(settings: Settings, import: Import) -> anyhow::Result<()> {
    match import {
        Import::Divisions(options) => divisions(settings, options).await,
    }
}

async fn divisions(settings: Settings, options: ImportDivisions) -> anyhow::Result<()> {
    let files = options.files.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let settings = settings.with_data_of(Some("registry"), options.data)?;
    let database = Database::connect(&settings.registry.database).await.context("the registry's database")?;
    sql::migrate(&database).await?;
    let store = sql::open(&database, &Bell::default());
    // The time of day an import ran is a fact of the record, taken from the machine's clock.
    let change = Change::by_system(System.now());
    let from = options.effective_from.unwrap_or_else(|| System.today());
    let imported = store.import_divisions(&change, &files, from, options.validate_only).await;
    database.close().await;
    let reports = imported.map_err(told)?;
    for report in &reports {
        console::say(&line(report));
    }
    console::say(if options.validate_only { "checked; nothing was changed" } else { "imported" });
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<File> {
    let content = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    division_file::read(&name, &content)
        .map_err(|fault| anyhow::anyhow!("{fault} [{}]; nothing was imported", fault.reason))
}

fn line(report: &Report) -> String {
    let Report { file_name, level, rows, created, renamed, unchanged, ended, implied } = report;
    let level = format!("{level:?}").to_lowercase();
    format!(
        "{file_name}: {rows} {level} rows: {created} created, {renamed} renamed, {unchanged} unchanged, \
         {ended} ended, {implied} implied above"
    )
}

/// An error of the store for a person at a terminal.
pub(crate) fn told(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid(violations) => {
            let texts: Vec<String> = violations
                .iter()
                .map(|violation| format!("{} [{}]", violation.description, violation.reason))
                .collect();
            anyhow::anyhow!("{}; nothing was imported", texts.join("; "))
        }
        Error::Refused(refusal) => anyhow::anyhow!("{} [{}]", refusal.message, refusal.reason),
        Error::Database(error) => anyhow::Error::from(error).context("nothing was imported"),
        Error::Denied(_) => anyhow::anyhow!("not permitted"),
        Error::Unavailable(what, cause) => anyhow::anyhow!("the {what} does not answer: {cause}"),
        Error::Internal(cause) => anyhow::anyhow!(cause),
    }
}
