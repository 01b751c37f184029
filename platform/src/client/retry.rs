//! When a call may be tried again, and after how long.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The pause before the second try, milliseconds; it doubles with each further one.
const PAUSE_MS: u64 = 50;

/// The longest pause, milliseconds.
const PAUSE_MS_MAX: u64 = 1_000;

/// The budget when all is well. It is counted in tenths of a failure.
const TENTHS_MAX: i64 = 100;

/// What a failure costs; an answer gives back one tenth.
const FAILURE_TENTHS: i64 = 10;

/// The pause after a try (counted from 1): exponential, bounded, and spread over its upper half so that callers who
/// failed together do not come back together.
pub(super) fn pause(attempt: u32) -> Duration {
    let whole = PAUSE_MS.saturating_mul(1 << (attempt - 1).min(10)).min(PAUSE_MS_MAX);
    Duration::from_millis(whole).mul_f64(rand::random_range(0.5..1.0))
}

/// Keeps retries from burying a peer that is down: below half of the budget nothing is tried again. This is the rule of
/// gRPC's retry throttling (proposal A6) with its customary figures.
#[derive(Debug)]
pub(super) struct Budget(AtomicI64);

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicI64::new(TENTHS_MAX))
    }
}

impl Budget {
    /// Takes note of an answer.
    pub fn credit(&self) {
        self.change(1);
    }

    /// Takes note of a failure, and says whether the call may be tried again.
    pub fn debit(&self) -> bool {
        self.change(-FAILURE_TENTHS) > TENTHS_MAX / 2
    }

    fn change(&self, by: i64) -> i64 {
        let changed = |tenths: i64| (tenths + by).clamp(0, TENTHS_MAX);
        let update =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tenths| Some(changed(tenths)));
        changed(update.unwrap_or_else(|tenths| tenths))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_are_spread() {
        for attempt in 1..=10 {
            let whole = (50_u64 << (attempt - 1)).min(1_000);
            let pause = pause(attempt);
            assert!(pause >= Duration::from_millis(whole / 2) && pause <= Duration::from_millis(whole));
        }
    }

    #[test]
    fn a_peer_that_stays_down_is_not_tried_again_until_it_has_answered_enough() {
        let budget = Budget::default();
        let allowed = (0..100).filter(|_| budget.debit()).count();
        assert_eq!(allowed, 4);
        (0..60).for_each(|_| budget.credit());
        assert!(!budget.debit(), "sixty answers less one failure leave just half");
        (0..11).for_each(|_| budget.credit());
        assert!(budget.debit());
    }
}
