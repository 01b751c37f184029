//! What can be asked for.

use std::path::PathBuf;

use clap::Parser;

use crate::bench::Name;
use crate::place::Kind;

/// Measures the suite and prints tables and ratios.
#[derive(Debug, Clone, Parser)]
#[command(name = "minqing-bench", version)]
pub struct Options {
    /// What to measure; everything when left out.
    pub names: Vec<Name>,

    /// Official division codes (CSV) of a province, for `import-divisions`; a province of Jiangsu's size is made up by
    /// rule when left out.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub divisions: Vec<PathBuf>,

    /// Households of the city, with five residents each on average.
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(1..=400_000))]
    pub households: u32,

    /// On one kind of database only.
    #[arg(long, value_name = "KIND")]
    pub only: Option<Kind>,

    /// Rounds of each comparison, interleaved; their medians are told.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=101))]
    pub rounds: u32,

    /// How long each round loads each target, milliseconds.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub round_ms: u64,

    /// Of the look-ups, only those whose `channel/callers/name` contains this, and nothing beside them: for a profiler.
    /// Their ratios then say nothing.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub what: String,

    /// Where the SQLite files and the logs are made; they are removed at the end [default: the place for temporary
    /// files].
    #[arg(long, value_name = "DIR")]
    pub work: Option<PathBuf>,

    /// The task of a process that this program started itself.
    #[arg(long, hide = true)]
    pub child: Option<String>,
}
