//! The registry alone, for the department that runs it: `minqing-registry [CONFIG.toml]`, or `MINQING_…` variables.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use minqing_platform::config;
use minqing_registry::serve::{self, Settings};

#[tokio::main(flavor = "multi_thread")]
async fn main() -> ExitCode {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let ready = |addresses| drop(writeln!(std::io::stdout(), "ready {addresses}"));
    let served = match config::load::<Settings>(file.as_deref()) {
        Ok(settings) => serve::run(settings, ready).await,
        Err(error) => Err(error.into()),
    };
    served.map_or_else(
        |error| {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}
