//! Cases alone, for the department that runs it: `minqing-cases [CONFIG.toml]`, or `MINQING_…` variables.

use std::process::ExitCode;

use minqing_cases::serve;
use minqing_platform::process;

#[tokio::main(flavor = "multi_thread")]
async fn main() -> ExitCode {
    process::main::<serve::Settings>(serve::run).await
}
