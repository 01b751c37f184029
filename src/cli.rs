//! What can be asked of the program.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use minqing_platform::identity::Role;

/// Civic services of a county-level city: registry, cases, volunteers and gateway, in one process or apart.
#[derive(Debug, Parser)]
#[command(name = "minqing", version, about, max_term_width = 100)]
pub struct Cli {
    /// A TOML file of settings; variables named MINQING_… go before it.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// What to do; `up` when left out.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run every service and the gateway in this process, on files in a data folder. The default.
    Up(Up),
    /// Run one service, or the gateway, as a process of its own.
    Serve(Serve),
    /// Bring the tables of the databases up to date, and end.
    Migrate(Migrate),
    /// Appoint the first accounts: an administrator, or the system account of a service.
    Appoint(Appoint),
    /// Print a token of the built-in issuer, for trying out.
    Token(Token),
    /// Import official data from files.
    #[command(subcommand)]
    Import(Import),
    /// Replay every history and compare it with what is kept.
    Verify(Verify),
    /// Write anew what is kept and does not follow from the histories.
    Repair(Repair),
}

impl Default for Command {
    fn default() -> Self {
        Self::Up(Up { data: None, http: None, grpc: None, no_demo: false })
    }
}

/// `minqing up`.
#[derive(Debug, Args)]
pub struct Up {
    /// The folder of databases and keys; made when missing [default: ./data].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where HTTP is served [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR")]
    pub http: Option<SocketAddr>,
    /// Where gRPC is served [default: 127.0.0.1:9090].
    #[arg(long, value_name = "ADDR")]
    pub grpc: Option<SocketAddr>,
    /// Start empty, without the demo city.
    #[arg(long)]
    pub no_demo: bool,
}

/// `minqing serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Which part.
    pub part: Part,
}

/// The parts that can run as processes of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Divisions, grids, organizations, people, contact chain, households.
    Registry,
    /// Whatever people raise, until it is answered.
    Cases,
    /// Posts, teams, needs, activities, hours.
    Volunteers,
    /// The HTTP edge.
    Gateway,
}

/// `minqing migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Only this service's tables; those of all when left out.
    #[arg(long)]
    pub service: Option<Service>,
    /// The folder of databases [default: ./data].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// The services that keep tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Service {
    /// Divisions, grids, organizations, people, contact chain, households.
    Registry,
    /// Whatever people raise, until it is answered.
    Cases,
    /// Posts, teams, needs, activities, hours.
    Volunteers,
}

impl Service {
    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Cases => "cases",
            Self::Volunteers => "volunteers",
        }
    }
}

/// `minqing appoint`.
#[derive(Debug, Args)]
pub struct Appoint {
    /// Who vouches for the account: the `iss` of its tokens.
    #[arg(long, value_name = "URL")]
    pub issuer: String,
    /// The account: the `sub` of its tokens.
    #[arg(long)]
    pub subject: String,
    /// administrator, auditor or system_account: the roles that reach everywhere.
    #[arg(long)]
    pub role: Role,
    /// The code of the division that keeps the record.
    #[arg(long, value_name = "CODE")]
    pub division: String,
    /// What the account is called in the registry; the subject when left out.
    #[arg(long, value_name = "NAME")]
    pub display_name: Option<String>,
    /// The folder of databases [default: ./data].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `minqing token`.
#[derive(Debug, Args)]
pub struct Token {
    /// The role: administrator, dispatcher, grid_lead, …; `citizen` for a person without an appointment.
    #[arg(long)]
    pub role: Role,
    /// The organization, as `organizations/ID` or ID.
    #[arg(long, value_name = "NAME")]
    pub organization: Option<String>,
    /// The code of the division or grid; everywhere when left out.
    #[arg(long, value_name = "CODE")]
    pub division: Option<String>,
    /// The person in the registry, as `people/ID` or ID.
    #[arg(long, value_name = "NAME")]
    pub person: Option<String>,
    /// Whom the token names; the role's name when left out.
    #[arg(long)]
    pub subject: Option<String>,
    /// How long it is good for, in hours.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=24 * 366))]
    pub hours: u32,
    /// The folder of the key [default: ./data].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `minqing import`.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Official division codes (CSV): all files or, where one has a fault, none.
    Divisions(ImportDivisions),
}

/// `minqing import divisions`.
#[derive(Debug, Args)]
pub struct ImportDivisions {
    /// The files, in any order.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The first day in force of what is created, the day of the edition [default: today].
    #[arg(long, value_name = "DATE")]
    pub effective_from: Option<NaiveDate>,
    /// Check the files and change nothing.
    #[arg(long)]
    pub validate_only: bool,
    /// The folder of databases [default: ./data].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `minqing verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Whose histories.
    pub what: Verifiable,
    /// The folder of databases [default: ./data].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `minqing repair`.
#[derive(Debug, Args)]
pub struct Repair {
    /// Of which service.
    pub what: Repairable,
    /// The folder of databases [default: ./data].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// The services that keep histories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Verifiable {
    /// Cases: each history makes the case that is kept.
    Cases,
    /// Volunteers: the chain of hours holds, and totals, needs and what teams have follow from what happened.
    Volunteers,
}

/// The services of which everything beside the histories can be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Repairable {
    /// Cases: what lists, search, figures and timers keep of each.
    Cases,
}
