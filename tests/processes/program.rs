//! The program as a process: started, spoken to, ended.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take here, where everything runs at once.
const START: Duration = Duration::from_secs(120);

/// A command of the program, without any variables of ours from outside.
pub fn minqing(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minqing"));
    command.args(arguments).env_clear().env("PATH", std::env::var("PATH").unwrap_or_default());
    command
}

/// Runs a command to its end.
pub fn run(arguments: &[&str]) -> Output {
    minqing(arguments).output().unwrap()
}

/// The standard output or error of an ended command.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A process that said it was ready. It is killed when dropped.
pub struct Running {
    child: Child,
    /// What stands behind `ready`: addresses with their schemes.
    pub ready: Vec<String>,
}

impl Running {
    /// Starts a command and waits for its `ready` line.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, heard) = std::sync::mpsc::channel();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            let mut line = String::new();
            // To the end, so that the process never waits for a reader.
            while output.read_line(&mut line).is_ok_and(|count| count > 0) {
                let _ = lines.send(std::mem::take(&mut line));
            }
        });
        let mut errors = child.stderr.take().unwrap();
        let complaints = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = errors.read_to_string(&mut text);
            text
        });
        let line = heard.recv_timeout(START).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("not ready: {}", complaints.join().unwrap());
        });
        let ready = line.trim().strip_prefix("ready ").unwrap_or_else(|| panic!("first line: {line}"));
        Self { ready: ready.split(' ').map(str::to_owned).collect(), child }
    }

    /// `minqing up` on a folder, on free ports.
    pub fn up(data: &Path, more: &[&str]) -> Self {
        let mut command = minqing(&["up", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"]);
        command.arg("--data").arg(data).args(more);
        Self::start(command)
    }

    /// The address of a scheme, without it.
    pub fn address(&self, scheme: &str) -> &str {
        self.ready.iter().find_map(|address| address.strip_prefix(scheme)?.strip_prefix("://")).unwrap()
    }

    /// Asks the process to end, and waits. Gives its status and how long it took.
    pub fn terminate(mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        (self.child.wait().unwrap(), began.elapsed())
    }

    /// Kills the process without asking.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
