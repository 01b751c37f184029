//! The measurements, and the order in which they are made.

mod chain;
mod gateway;
mod households;
mod lookups;
mod matching;
mod proposals;
mod province;
mod signups;
mod start;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;
use minqing_platform::clock::{Clock as _, System};
use tonic::Code;

use crate::child::{self, Outcome, Step, Task};
use crate::options::Options;
use crate::place::{self, Held, Kind, Place};
use crate::{machine, table};

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Name {
    /// The divisions of a province and ten grids for each village.
    ImportDivisions,
    /// The households and residents of a city, and its contact chain.
    ImportHouseholds,
    /// Needs matched with teams, in memory and from the store and back.
    Matching,
    /// Look-ups against an empty echo.
    Lookups,
    /// HTTP against direct gRPC.
    Gateway,
    /// Two thousand people who sign up for a hundred places.
    SignUps,
    /// From exec to ready, and memory at rest.
    Start,
}

/// Measures what was asked for and prints the tables.
///
/// # Errors
/// A measurement failed; those before it were printed.
pub async fn run(options: &Options) -> anyhow::Result<()> {
    let asked: BTreeSet<Name> = match options.names.as_slice() {
        [] => Name::value_variants().iter().copied().collect(),
        names => names.iter().copied().collect(),
    };
    let mut maker = tempfile::Builder::new();
    maker.prefix("minqing-bench-");
    let work = match &options.work {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            maker.tempdir_in(folder)?
        }
        None => maker.tempdir()?,
    };
    introduce(options).await?;
    let mut session = Session { work: work.path().to_owned(), provinces: Vec::new(), cities: Vec::new() };
    if asked.contains(&Name::Matching) {
        matching::TABLE.print(&matching::measure()?);
        matching::COMPARED.print(&matching::compare()?);
        proposals::TABLE.print(&proposals::measure(&session, options).await?);
    }
    if asked.contains(&Name::SignUps) {
        session.table(&signups::TABLE, Step::SignUps, options)?;
    }
    if asked.iter().all(|name| matches!(name, Name::Matching | Name::SignUps)) {
        // It needs no city.
        return Ok(());
    }
    if asked.contains(&Name::ImportDivisions) {
        session.provinces = session.table(&province::TABLE, Step::Province, options)?;
    }
    // What follows is measured on the city, so it is made in any case.
    session.cities = session.table(&households::TABLE, Step::Households, options)?;
    let needs_chain = [Name::ImportHouseholds, Name::Lookups].iter().any(|name| asked.contains(name));
    if needs_chain {
        session.again(&chain::TABLE, Step::Chain)?;
    }
    if asked.contains(&Name::Lookups) {
        session.again(&lookups::TABLE, Step::Lookups)?;
    }
    if asked.contains(&Name::Gateway) {
        session.again(&gateway::TABLE, Step::Gateway)?;
    }
    if asked.contains(&Name::Start) {
        let outcome = start::measure(&session)?;
        start::TABLE.print(&outcome);
    }
    Ok(())
}

/// The head of the report.
async fn introduce(options: &Options) -> anyhow::Result<()> {
    table::say(&format!("## minqing-bench, {}\n", System.today()));
    for line in machine::describe() {
        table::say(&format!("- {line}"));
    }
    table::say("- the callers run in the same process as the suite and share its cores");
    if cfg!(debug_assertions) {
        table::say("- A DEBUG BUILD: these figures say nothing");
    }
    if options.only != Some(Kind::Sqlite) {
        let told = place::make_durable().await?;
        table::say(&format!("- PostgreSQL: {}", told.as_deref().unwrap_or("none on this machine; left out")));
    }
    if options.only != Some(Kind::Postgres) {
        table::say("- SQLite: WAL, synchronous FULL");
    }
    Ok(())
}

/// A table that is to be.
pub struct Plan {
    title: &'static str,
    header: &'static [&'static str],
}

impl Plan {
    fn print(&self, outcome: &Outcome) {
        table::print(self.title, self.header, &outcome.rows, &outcome.notes);
    }
}

/// What is there in a run.
pub struct Session {
    work: PathBuf,
    provinces: Vec<Held>,
    cities: Vec<Held>,
}

impl Session {
    /// Measures on fresh places of each kind and prints the table; gives the places on.
    fn table(&self, plan: &Plan, step: Step, options: &Options) -> anyhow::Result<Vec<Held>> {
        let name = format!("{step:?}").to_lowercase();
        let mut places = Vec::new();
        for kind in
            Kind::value_variants().iter().filter(|kind| options.only.is_none_or(|only| only == **kind))
        {
            places.extend(place::make(&self.work, &name, *kind)?);
        }
        self.measure(plan, step, &places)?;
        Ok(places)
    }

    /// Measures on the cities that were made.
    fn again(&self, plan: &Plan, step: Step) -> anyhow::Result<()> {
        self.measure(plan, step, &self.cities)
    }

    fn measure(&self, plan: &Plan, step: Step, places: &[Held]) -> anyhow::Result<()> {
        let mut whole = Outcome::default();
        for held in places {
            table::tell(&format!("{step:?} on {}", held.place.kind.title()));
            let load = machine::load_average();
            let outcome = child::start(&self.work, step, &held.place)
                .with_context(|| format!("{step:?} on {}", held.place.kind.title()))?;
            whole.rows.extend(outcome.rows);
            for note in outcome.notes {
                if !whole.notes.contains(&note) {
                    whole.notes.push(note);
                }
            }
            whole.notes.push(format!("load average before {}: {load}", held.place.kind.title()));
        }
        plan.print(&whole);
        Ok(())
    }

    fn work(&self) -> &Path {
        &self.work
    }

    /// The SQLite places, with what they hold.
    fn files(&self) -> impl Iterator<Item = (&'static str, &Place)> {
        let cities = self.cities.iter().map(|held| ("city", &held.place));
        let provinces = self.provinces.iter().map(|held| ("province", &held.place));
        cities.chain(provinces)
    }
}

/// Does a step, in the process that was started for it.
///
/// # Errors
/// It failed.
pub async fn step(options: &Options, task: &Task) -> anyhow::Result<Outcome> {
    match task.step {
        Step::Province => province::measure(options, &task.place).await,
        Step::Households => households::measure(options, &task.place).await,
        Step::Chain => chain::measure(options, &task.place).await,
        Step::Lookups => lookups::measure(options, &task.place).await,
        Step::Gateway => gateway::measure(options, &task.place).await,
        Step::SignUps => signups::measure(options, &task.place).await,
    }
}

/// An answer, or none where the suite does not serve the RPC (yet): then the measurement is left out, and says so.
fn served<T>(answer: Result<T, tonic::Status>) -> anyhow::Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(status) if status.code() == Code::Unimplemented => Ok(None),
        Err(status) => Err(anyhow::Error::new(status)),
    }
}

/// The peak of this process's memory.
fn peak() -> anyhow::Result<String> {
    Ok(table::mebibytes(machine::memory_kib(std::process::id(), "VmHWM")?))
}
