//! The private server: made when needed, gone with the process that needed it, never silently missing.
#![cfg(test)]

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use minqing_testkit::postgres;

/// Tells a process of this program that it is a child, and what to do.
const ROLE: &str = "MINQING_TESTKIT_CHILD";

/// A shutdown takes a tenth of a second on an idle machine.
const GONE_SECONDS_MAX: u64 = 30;

/// Runs this program again with the one test that is for children.
fn child(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "a_child_does_what_its_role_says"]).env(ROLE, role);
    command.env_remove("MINQING_TEST_POSTGRES_URL");
    command
}

#[test]
fn a_child_does_what_its_role_says() {
    let Ok(role) = env::var(ROLE) else { return };
    let Some(cluster) = postgres::cluster() else { return };
    println!("\nserver {} {}", cluster.folder().unwrap().display(), cluster.url());
    match role.as_str() {
        "wait" => {
            let mut line = String::new();
            io::stdin().read_line(&mut line).unwrap();
        }
        "panic" => panic!("as asked"),
        _ => {}
    }
}

/// Starts a child and waits until its server serves; tells the server's folder and address.
fn start(role: &str) -> (Child, PathBuf, String) {
    let mut command = child(role);
    command.arg("--nocapture").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.find(|line| line.starts_with("server ")).unwrap();
    thread::spawn(move || lines.for_each(drop));
    let mut words = line.split(' ').skip(1);
    let folder = PathBuf::from(words.next().unwrap());
    let address = words.next().unwrap().split(['@', '/']).nth(3).unwrap().to_owned();
    (child, folder, address)
}

/// Waits until nothing of a server is left.
fn assert_gone(folder: &Path, address: &str) {
    let started = Instant::now();
    while folder.exists() || TcpStream::connect(address).is_ok() {
        assert!(
            started.elapsed() < Duration::from_secs(GONE_SECONDS_MAX),
            "{} is still there",
            folder.display()
        );
        thread::sleep(Duration::from_millis(20));
    }
}

/// Whether there is PostgreSQL to test with; says so when not.
fn available() -> bool {
    postgres::cluster().is_some_and(|cluster| cluster.folder().is_some())
}

#[test]
fn a_server_is_gone_after_its_process_was_killed() {
    if !available() {
        return;
    }
    let (mut child, folder, address) = start("wait");
    assert!(folder.join("data/postmaster.pid").exists());
    TcpStream::connect(&address).unwrap();

    child.kill().unwrap();
    child.wait().unwrap();

    assert_gone(&folder, &address);
}

#[test]
fn a_server_is_gone_after_its_process_panicked() {
    if !available() {
        return;
    }
    let (mut child, folder, address) = start("panic");
    assert!(!child.wait().unwrap().success());
    assert_gone(&folder, &address);
}

#[test]
fn a_server_never_runs_as_root() {
    let Some(folder) = postgres::cluster().and_then(postgres::Cluster::folder) else { return };
    // PostgreSQL runs on no data but its own user's.
    assert_ne!(fs::metadata(folder.join("data")).unwrap().uid(), 0);
    assert_eq!(fs::metadata(folder).unwrap().mode() & 0o777, 0o700, "the password is in there");
}

/// Runs a child on a machine without PostgreSQL; as in any run, the harness keeps what a passing test prints.
fn without_programs(ci: Option<&str>) -> Output {
    let mut command = child("nothing");
    command.env("MINQING_TEST_POSTGRES_BIN", "/nowhere").env_remove("CI");
    if let Some(ci) = ci {
        command.env("CI", ci);
    }
    command.output().unwrap()
}

#[test]
fn tests_left_out_are_named_loudly() {
    let output = without_programs(None);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("POSTGRESQL TESTS ARE LEFT OUT"));
}

#[test]
fn tests_left_out_are_a_failure_in_ci() {
    assert!(!without_programs(Some("true")).status.success());
    assert!(without_programs(Some("false")).status.success());
}
