//! Load and comparison harness: `cargo run --release -p minqing-bench -- [NAMES…]`.
//!
//! It prints tables and ratios and asserts nothing about time; what was measured last stands in `bench/README.md`.
//! Every measurement runs in a process of its own ([`child`]), so that its peak of memory is its own. What is measured
//! is the suite as `minqing up` runs it: [`house`] starts it, [`load`] calls it, [`echo`] is what it is compared with.
//!
//! To add a measurement, add a module to [`mod@bench`] and its name to [`bench::Name`].

mod bench;
mod child;
mod city;
mod corps;
mod echo;
mod house;
mod lattice;
mod load;
mod machine;
mod options;
mod place;
mod province;
mod table;

use std::process::ExitCode;

use clap::Parser as _;
use options::Options;

#[tokio::main(flavor = "multi_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    let ran = match options.child.clone() {
        Some(task) => child::run(&options, &task).await,
        None => bench::run(&options).await,
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            table::tell(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
