//! `minqing`: the whole suite in one process, or one part of it.

use std::process::ExitCode;

use clap::Parser as _;
use minqing::cli::Cli;

#[tokio::main(flavor = "multi_thread")]
async fn main() -> ExitCode {
    minqing::run(Cli::parse()).await
}
