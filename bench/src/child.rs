//! One measurement in one process: this program again, with a task.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use minqing_platform::telemetry;
use serde::{Deserialize, Serialize};

use crate::bench;
use crate::options::Options;
use crate::place::Place;
use crate::table;

/// What a process is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    /// Which measurement.
    pub step: Step,
    /// Where.
    pub place: Place,
}

/// The measurements that run in processes of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Divisions and grids of a province.
    Province,
    /// Households of a city.
    Households,
    /// The people of a city and its contact chain.
    Chain,
    /// Look-ups against echo.
    Lookups,
    /// HTTP against gRPC.
    Gateway,
    /// People who sign up for a shift.
    SignUps,
}

/// What a measurement gave.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Rows of its table.
    pub rows: Vec<Vec<String>>,
    /// What is to be said below the table.
    pub notes: Vec<String>,
}

/// The mark before the outcome on standard output; other lines tell of progress.
const OUTCOME: &str = "outcome ";

/// Runs a task in a process of its own, and waits for it. The parent has nothing else to do, so it blocks.
///
/// # Errors
/// It failed; the end of its log is told.
pub fn start(work: &Path, step: Step, place: &Place) -> anyhow::Result<Outcome> {
    let task = serde_json::to_string(&Task { step, place: place.clone() })?;
    let log = work.join(format!("{step:?}-{}.log", place.kind.title()).to_lowercase());
    let file = std::fs::File::create(&log).with_context(|| log.display().to_string())?;
    let mut child = Command::new(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .arg("--child")
        .arg(task)
        .stdout(Stdio::piped())
        .stderr(file)
        .spawn()?;
    let stdout = child.stdout.take().context("standard output was asked for as a pipe")?;
    let mut outcome = None;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        match line.strip_prefix(OUTCOME) {
            Some(json) => outcome = Some(serde_json::from_str(json)?),
            None => table::tell(&format!("  {}: {line}", place.kind.title())),
        }
    }
    let status = child.wait()?;
    match outcome.filter(|_| status.success()) {
        Some(outcome) => Ok(outcome),
        None => bail!("{status}: {}", last_lines(&log)),
    }
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(3)..].join(" / ")
}

/// Does a task, in the process that was started for it.
///
/// # Errors
/// It failed.
pub async fn run(options: &Options, task: &str) -> anyhow::Result<()> {
    let task: Task = serde_json::from_str(task).context("--child is this program's own")?;
    // What `minqing up` sets up is set up here too: spans, logs and figures cost what they cost there.
    let telemetry = telemetry::init(&telemetry::Options::default())?;
    let outcome = bench::step(options, &task).await;
    telemetry.shutdown().await;
    table::say(&format!("{OUTCOME}{}", serde_json::to_string(&outcome?)?));
    Ok(())
}
