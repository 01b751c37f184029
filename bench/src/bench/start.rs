//! From exec to `ready` on data that exists, and what the process holds at rest.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::{Plan, Session};
use crate::child::Outcome;
use crate::place::Kind;
use crate::{machine, table};

/// The table.
pub const TABLE: Plan = Plan {
    title: "start: `minqing up` from exec to `ready`, and at rest",
    header: &[
        "database",
        "data",
        "starts",
        "ready ms (median)",
        "slowest",
        "first LocateGrid ms",
        "resident MiB idle",
        "CPU % idle",
        "end ms",
    ],
};

/// Starts of each kind.
const STARTS: usize = 5;

/// How long a process is left alone before its memory is looked at, and then its processor time for as long again.
const REST: Duration = Duration::from_secs(2);

/// How long a start, the first one with its demo city included, or an end may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// What is started.
struct Setting {
    kind: Kind,
    what: &'static str,
    data: PathBuf,
    url: Option<String>,
    demo: bool,
}

/// One start.
struct Started {
    ready: Duration,
    answered: Duration,
    resident_kib: u64,
    busy_percent: u64,
    ended: Duration,
}

/// Starts the program on what the other measurements left, and on the demo city.
pub fn measure(session: &Session) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let program = std::env::current_exe()?.with_file_name("minqing");
    if !program.is_file() {
        outcome.notes.push(format!("left out: {} was not built", program.display()));
        return Ok(outcome);
    }
    let demo = Setting {
        kind: Kind::Sqlite,
        what: "demo city",
        data: session.work().join("demo"),
        url: None,
        demo: true,
    };
    table::tell("start: the demo city's first start");
    let first = start(&program, &demo)?;
    outcome.notes.push(format!(
        "the very first start, which loads the demo city, took {} s to `ready`",
        table::seconds(first.ready)
    ));
    let mut settings = vec![demo];
    for (what, place) in session.files() {
        let url = (place.kind == Kind::Postgres).then(|| place.url.clone());
        settings.push(Setting { kind: place.kind, what, data: place.data.clone(), url, demo: false });
    }
    for setting in &settings {
        table::tell(&format!("start: {} on {}", setting.what, setting.kind.title()));
        let mut starts = Vec::new();
        for _ in 0..STARTS {
            starts.push(start(&program, setting)?);
        }
        outcome.rows.push(row(setting, starts));
    }
    outcome.notes.push(
        "\"ready\" counts from exec; the first LocateGrid is one over HTTP, asked until it is answered"
            .to_owned(),
    );
    Ok(outcome)
}

fn row(setting: &Setting, mut starts: Vec<Started>) -> Vec<String> {
    starts.sort_by_key(|start| start.ready);
    let middle = |part: fn(&Started) -> u64| {
        let mut parts: Vec<u64> = starts.iter().map(part).collect();
        parts.sort_unstable();
        parts[parts.len() / 2]
    };
    vec![
        setting.kind.title().to_owned(),
        setting.what.to_owned(),
        starts.len().to_string(),
        table::milliseconds(starts[starts.len() / 2].ready),
        table::milliseconds(starts[starts.len() - 1].ready),
        table::milliseconds(Duration::from_micros(middle(|start| start.answered.as_micros() as u64))),
        table::mebibytes(middle(|start| start.resident_kib)),
        middle(|start| start.busy_percent).to_string(),
        table::milliseconds(Duration::from_micros(middle(|start| start.ended.as_micros() as u64))),
    ]
}

/// Starts the program, looks at it, and ends it.
fn start(program: &Path, setting: &Setting) -> anyhow::Result<Started> {
    let mut command = Command::new(program);
    command.args(["up", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--data"]).arg(&setting.data);
    if !setting.demo {
        command.arg("--no-demo");
    }
    if let Some(url) = &setting.url {
        command.env("MINQING_REGISTRY__DATABASE__URL", url);
    }
    let begun = Instant::now();
    let mut running =
        Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("minqing")?);
    let address = running.ready()?;
    let ready = begun.elapsed();
    answered(&address)?;
    let answered = begun.elapsed();
    let process = running.0.id();
    sleep(REST);
    let resident_kib = machine::memory_kib(process, "VmRSS")?;
    let before = machine::ticks(process).unwrap_or_default();
    sleep(REST);
    // Ticks are hundredths of a second.
    let busy_percent = (machine::ticks(process).unwrap_or_default() - before) / REST.as_secs();
    let asked = Instant::now();
    running.end()?;
    Ok(Started { ready, answered, resident_kib, busy_percent, ended: asked.elapsed() })
}

/// A process of ours. Dropped before it has ended, it is killed.
struct Running(Child);

impl Running {
    /// Waits for the line `ready http://… grpc://…`; gives the address of HTTP.
    fn ready(&mut self) -> anyhow::Result<String> {
        let stdout = self.0.stdout.take().context("standard output was asked for as a pipe")?;
        let (told, heard) = mpsc::channel();
        // What it says later must find a reader too, or it would wait for one.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = told.send(line);
            }
        });
        loop {
            let line = heard.recv_timeout(PATIENCE).context("minqing up does not become ready")?;
            let mut words = line.split(' ');
            if words.next() == Some("ready") {
                let address = words.next().and_then(|word| word.strip_prefix("http://"));
                return Ok(address.context("no address")?.to_owned());
            }
        }
    }

    /// Asks it to end, and waits until it has.
    fn end(&mut self) -> anyhow::Result<()> {
        // The standard library sends no signals.
        Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status()?;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.0.try_wait()? {
                anyhow::ensure!(status.success(), "minqing up: {status}");
                return Ok(());
            }
            sleep(Duration::from_millis(1));
        }
        bail!("minqing up does not end")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless something failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until a place is looked up, whether a grid is there or not.
fn answered(address: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if matches!(locate(address), Ok(200 | 404)) {
            return Ok(());
        }
        sleep(Duration::from_millis(2));
    }
    bail!("LocateGrid is not answered")
}

/// Looks a place up over a connection of its own; gives the HTTP status.
fn locate(address: &str) -> anyhow::Result<u16> {
    let mut stream = TcpStream::connect(address)?;
    let request = "GET /v1/grids:locate?latitude=31.77&longitude=119.41&datum=DATUM_WGS_84 HTTP/1.1\r\n\
                   host: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    Ok(answer.split(' ').nth(1).context("no status line")?.parse()?)
}
