//! What the machine tells of itself and of processes, from `/proc`.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// The lines that describe the machine.
pub fn describe() -> Vec<String> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':'));
        line.map_or("unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    vec![
        format!("{processors} cores, {}", field(&read("/proc/cpuinfo"), "model name")),
        format!("memory {}", field(&read("/proc/meminfo"), "MemTotal")),
        read("/proc/version").split(" (").next().unwrap_or_default().to_owned(),
    ]
}

/// How many processes wanted to run in the last minute: more than the cores means that the figures are too low.
pub fn load_average() -> String {
    fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|text| text.split(' ').next().map(str::to_owned))
        .unwrap_or_default()
}

/// What a process holds in memory, kibibytes: `VmRSS` now, `VmHWM` at its peak.
///
/// # Errors
/// The process is gone, or this is not Linux.
pub fn memory_kib(process: u32, field: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("/proc cannot be read")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).context("no such field in /proc")?;
    let number = line.trim_start_matches(':').trim().trim_end_matches(" kB");
    number.parse().context("a field in /proc is not a number")
}

/// The processor time that the threads of this process have used: what a figure cost, whatever else the machine did.
/// Threads that have ended are not counted; those of the runtime live as long as the process.
pub fn processor_time() -> Duration {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let spent = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

/// How long something took, by the clock on the wall and by the processor.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// By the clock.
    pub elapsed: Duration,
    /// By the processor: more than the time by the clock where several threads worked, less where they waited.
    pub processor: Duration,
}

/// A running stop watch.
#[derive(Debug)]
pub struct Watch(Instant, Duration);

impl Watch {
    /// Starts one.
    pub fn start() -> Self {
        Self(Instant::now(), processor_time())
    }

    /// What was spent since.
    pub fn spent(&self) -> Spent {
        Spent { elapsed: self.0.elapsed(), processor: processor_time().saturating_sub(self.1) }
    }
}

/// The processor time a process has used, in clock ticks of a hundredth of a second: user and system.
pub fn ticks(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, in parentheses, may hold blanks.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_its_memory() {
        let process = std::process::id();
        // In this order: it may grow between the two readings, and the most it ever had never falls.
        let now = memory_kib(process, "VmRSS").unwrap();
        assert!(memory_kib(process, "VmHWM").unwrap() >= now);
        assert!(ticks(process).is_some());
        assert!(processor_time() > Duration::ZERO);
    }
}
