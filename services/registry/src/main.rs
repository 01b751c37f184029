//! The registry alone, for the department that runs it: `minqing-registry [CONFIG.toml]`, or `MINQING_…` variables.

use std::process::ExitCode;

use minqing_platform::process;
use minqing_registry::serve;

#[tokio::main(flavor = "multi_thread")]
async fn main() -> ExitCode {
    process::main::<serve::Settings>(serve::run).await
}
