//! Figures of what falls due.

use std::sync::OnceLock;

use minqing_platform::telemetry;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram};

use super::Summary;

/// The instruments.
pub(super) struct Figures {
    lag: Histogram<f64>,
    timers: Counter<u64>,
}

/// Takes the instruments from the process's meter provider the first time that something falls due.
pub(super) fn figures() -> &'static Figures {
    static FIGURES: OnceLock<Figures> = OnceLock::new();
    FIGURES.get_or_init(|| Figures {
        lag: telemetry::durations("cases.timers.lag", "Time from when a timer was due until it was taken up"),
        timers: opentelemetry::global::meter("minqing")
            .u64_counter("cases.timers")
            .with_description("Timers that were taken up, by what became of them")
            .build(),
    })
}

impl Figures {
    /// A timer was taken up so late.
    pub fn late(&self, seconds: f64) {
        self.lag.record(seconds.max(0.0), &[]);
    }

    /// A round is over.
    pub fn round(&self, summary: &Summary) {
        let outcomes = [
            ("climbed", summary.climbed),
            ("resumed", summary.resumed),
            ("renewed", summary.renewed),
            ("settled", summary.settled),
            ("delayed", summary.delayed),
        ];
        for (outcome, count) in outcomes.into_iter().filter(|(_, count)| *count > 0) {
            self.timers.add(u64::try_from(count).unwrap_or(u64::MAX), &[KeyValue::new("outcome", outcome)]);
        }
    }
}
