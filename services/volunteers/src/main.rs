//! Volunteers alone, for the department that runs it: `minqing-volunteers [CONFIG.toml]`, or `MINQING_…` variables.

use std::process::ExitCode;

use minqing_platform::process;
use minqing_volunteers::serve;

#[tokio::main(flavor = "multi_thread")]
async fn main() -> ExitCode {
    process::main::<serve::Settings>(serve::run).await
}
