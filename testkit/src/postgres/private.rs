//! A private server: made, served and removed by one shell script that outlives this process by a moment.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::{env, fs, io};

/// The script; see there.
const SCRIPT: &str = include_str!("private.sh");

/// A server whose contents nobody keeps: nothing waits for a disk, there is room for the pools of many tests at
/// once, and times are printed as everywhere else.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 300
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
";

/// Another process may take the free port before the server does: that often a new one is tried.
const ATTEMPTS_MAX: u32 = 3;

/// The accounts that run a server when root, whom PostgreSQL refuses, runs the tests.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file, a folder or a program could not be used.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// The machine's answer.
        source: io::Error,
    },
    /// Its programs gave up.
    #[error("{0}")]
    Programs(String),
    /// Root runs the tests and there is nobody else.
    #[error("PostgreSQL does not run as root, and /etc/passwd has neither `postgres` nor `nobody`")]
    NoAccount,
}

/// A running server. Dropping it, or the end of this process, stops and removes it.
#[derive(Debug)]
pub struct Server {
    url: String,
    folder: PathBuf,
    /// Never written to: while it is open, the script waits.
    _held: ChildStdin,
}

impl Server {
    /// Makes and starts a server from the programs in a folder; returns when it takes connections.
    pub fn start(programs: &Path) -> Result<Self, Error> {
        let mut attempt = 1;
        loop {
            match Self::attempt(programs) {
                Err(Error::Programs(_)) if attempt < ATTEMPTS_MAX => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    /// The URL of its maintenance database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn attempt(programs: &Path) -> Result<Self, Error> {
        let password = format!("{:032x}", rand::random::<u128>());
        let port = free_port().map_err(|source| Error::Io { what: "finding a free port", source })?;
        let (folder, owner) = prepare(&password)?;

        let mut command = script(programs, &folder, port, owner);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|source| Error::Io { what: "starting sh", source })?;
        let held = ready(child)?;
        let url = format!("postgres://minqing:{password}@127.0.0.1:{port}/postgres");
        Ok(Self { url, folder, _held: held })
    }
}

/// The script, as the right user, with nothing said about its pipes.
fn script(programs: &Path, folder: &Path, port: u16, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "minqing-testkit-postgres"]).arg(folder).arg(programs).arg(port.to_string());
    // Its own group: an interrupt from the keyboard ends the tests, and then the script cleans up.
    command.current_dir("/").process_group(0);
    // Set for other servers, they would lead these programs astray.
    command.env_remove("PGDATA").env_remove("PGPORT").env_remove("PGHOST").env("LC_ALL", "C");
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

/// Waits until the script says that the server is ready; gives the end of the pipe that keeps it.
fn ready(mut child: Child) -> Result<ChildStdin, Error> {
    let (Some(held), Some(stdout), Some(mut stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        unreachable!("all three were asked for as pipes");
    };
    let mut line = String::new();
    // No answer at all is an answer: the script's end closes the pipe. pg_ctl bounds the wait.
    BufReader::new(stdout)
        .read_line(&mut line)
        .map_err(|source| Error::Io { what: "reading from sh", source })?;
    if line.trim() == "ready" {
        return Ok(held);
    }
    let mut said = String::new();
    let _ = stderr.read_to_string(&mut said);
    let _ = child.wait();
    Err(Error::Programs(said))
}

/// A port of the loopback address that nobody listens on.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Makes the folder and what the script finds in it; tells the user and group to run as when we are root.
fn prepare(password: &str) -> Result<(PathBuf, Option<(u32, u32)>), Error> {
    let failed = |what| move |source| Error::Io { what, source };
    let mut maker = tempfile::Builder::new();
    maker.prefix("minqing-postgres-").permissions(fs::Permissions::from_mode(0o700));
    let mut folder = maker.tempdir_in(env::temp_dir()).map_err(failed("making a folder"))?;
    // A folder belongs to the user that its maker acts as.
    let root = fs::metadata(folder.path()).map_err(failed("looking at the folder"))?.uid() == 0;
    let owner = if root { Some(account().ok_or(Error::NoAccount)?) } else { None };
    if root {
        // Root's place for temporary files may be closed to the account that must reach this one.
        folder = maker.tempdir_in("/tmp").map_err(failed("making a folder in /tmp"))?;
    }
    // The server's socket is in the folder as well: the default place may be closed to us.
    let settings = format!("{SETTINGS}unix_socket_directories = '{}'\n", folder.path().display());
    for (name, contents) in [("password", password), ("settings", settings.as_str())] {
        let path = folder.path().join(name);
        fs::write(&path, contents).map_err(failed("writing to the folder"))?;
        if let Some((user, group)) = owner {
            chown(&path, Some(user), Some(group)).map_err(failed("giving the files away"))?;
        }
    }
    if let Some((user, group)) = owner {
        chown(folder.path(), Some(user), Some(group)).map_err(failed("giving the folder away"))?;
    }
    // From here on the script removes it.
    Ok((folder.keep(), owner))
}

/// The user and group of the first account there is.
fn account() -> Option<(u32, u32)> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    ACCOUNTS.iter().find_map(|name| numbers(&passwd, name))
}

/// The user and group number of an account in the text of /etc/passwd.
fn numbers(passwd: &str, name: &str) -> Option<(u32, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (Some(account), Some(_), Some(user), Some(group)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return None;
        };
        (account == name).then_some((user.parse().ok()?, group.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\npostgresql:x:7:7::/:\npostgres:x:101:104:admin,,,:/:/bin/sh\n";
        assert_eq!(numbers(passwd, "postgres"), Some((101, 104)));
        assert_eq!(numbers(passwd, "nobody"), None);
    }

    #[test]
    fn programs_that_fail_are_quoted_and_leave_no_folder() {
        let programs = tempfile::tempdir().unwrap();
        fs::set_permissions(programs.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let initdb = programs.path().join("initdb");
        fs::write(&initdb, "#!/bin/sh\necho \"cannot make $1\" >&2\nexit 3\n").unwrap();
        fs::set_permissions(&initdb, fs::Permissions::from_mode(0o755)).unwrap();

        let said = Server::start(programs.path()).unwrap_err().to_string();

        let folder =
            said.trim().strip_prefix("cannot make --pgdata=").unwrap().strip_suffix("/data").unwrap();
        assert!(folder.contains("minqing-postgres-"), "{said}");
        assert!(!Path::new(folder).exists());
    }

    #[test]
    fn a_process_that_dies_while_its_server_starts_leaves_nothing() {
        let Some(programs) = super::super::programs::find() else { return };
        let (folder, owner) = prepare("unused").unwrap();
        let mut command = script(&programs, &folder, free_port().unwrap(), owner);
        // What the script sees of a dead process: an ended input, and outputs that nobody reads.
        let (unread, output) = io::pipe().unwrap();
        drop(unread);
        let status = command.stdin(Stdio::null()).stdout(output).stderr(Stdio::null()).status().unwrap();
        assert!(!folder.exists(), "{status}");
    }
}
