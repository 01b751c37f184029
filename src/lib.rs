//! The program `minqing`: the whole suite in one process, or one part of it.
//!
//! [`cli`] says what can be asked for, [`settings`] what can be configured; each command has a module of its own.
//! [`suite`] puts the services and the gateway together, for the commands and for the stories in `tests/`.

mod appoint;
pub mod cli;
mod console;
mod demo;
pub mod edge;
mod import;
mod migrate;
mod repair;
mod serve;
pub mod settings;
pub mod suite;
mod token;
mod up;
mod verify;

use std::process::ExitCode;

use cli::{Cli, Command};
use settings::Settings;

/// Runs a command to its end. Whatever fails is told on standard error, with its causes.
pub async fn run(cli: Cli) -> ExitCode {
    match dispatch(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<()> {
    let settings = Settings::load(cli.config.as_deref())?;
    match cli.command.unwrap_or_default() {
        Command::Up(options) => up::run(settings, options).await,
        Command::Serve(options) => serve::run(settings, &options).await,
        Command::Migrate(options) => migrate::run(settings, options).await,
        Command::Appoint(options) => appoint::run(settings, options).await,
        Command::Token(options) => token::run(settings, options),
        Command::Import(options) => import::run(settings, options).await,
        Command::Verify(options) => verify::run(settings, options).await,
        Command::Repair(options) => repair::run(settings, options).await,
    }
}
