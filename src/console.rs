//! What the program says to whoever started it. Logs go through tracing; this is for answers and complaints.

use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line on standard output.
pub fn say(line: &str) {
    // Whoever closed the pipe does not want to hear more; that is no failure.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// An error with its causes, on standard error.
pub fn complain(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
}

/// The progress of a work of several steps: a bar on a terminal, a line for each step elsewhere.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins with a number of steps.
    pub fn begin(steps: u64) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { bar: None };
        }
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self { bar: Some(bar) }
    }

    /// A step begins.
    pub fn step(&self, what: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(what.to_owned()),
            None => {
                let _ = writeln!(std::io::stderr(), "{what}");
            }
        }
    }

    /// The step is done.
    pub fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// All is done.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
