//! The instant by which a call must be answered, carried from the first caller to the last service.
//!
//! The road keeps it in a task-local while a handler runs, so that the client channels find it without the
//! handler passing it on: every hop is given what is left of the budget, never a fresh one.

use std::future::Future;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

/// The header of the gRPC protocol that carries the remaining budget.
pub const HEADER: HeaderName = HeaderName::from_static("grpc-timeout");

/// The most digits the gRPC protocol allows in the header.
const DIGITS_MAX: usize = 8;

tokio::task_local! {
    static CURRENT: Deadline;
}

/// An instant on the monotonic clock by which an answer is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

/// The `grpc-timeout` header is not one to eight digits and a unit of `HMSmun`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("grpc-timeout is not one to eight digits followed by one of H, M, S, m, u, n")]
pub struct Malformed;

impl Deadline {
    /// The deadline that lies a span of time ahead.
    pub fn after(span: Duration) -> Self {
        Self(Instant::now() + span)
    }

    /// The deadline of the call being handled by this task, if it has one.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|deadline| *deadline).ok()
    }

    /// The instant itself.
    pub fn instant(self) -> Instant {
        self.0
    }

    /// What is left of the budget; zero once it has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Runs a future within this deadline as the current one. It does not cut the future: that is the road's work.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// The remaining budget as the value of `grpc-timeout`.
    pub fn header(self) -> HeaderValue {
        let text = encode(self.remaining());
        HeaderValue::from_str(&text).expect("digits and a letter are a header value")
    }
}

/// Reads the budget that a caller gives with `grpc-timeout`; `None` without the header.
pub fn budget(headers: &HeaderMap) -> Result<Option<Duration>, Malformed> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let text = value.to_str().map_err(|_| Malformed)?;
    let (digits, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(Malformed)?;
    if digits.is_empty() || digits.len() > DIGITS_MAX || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Malformed);
    }
    let amount: u64 = digits.parse().map_err(|_| Malformed)?;
    let span = match unit {
        "H" => Duration::from_secs(amount * 3600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return Err(Malformed),
    };
    Ok(Some(span))
}

/// Writes a budget in the finest unit whose digits suffice; a coarser unit cuts downwards, so that a budget never grows.
fn encode(span: Duration) -> String {
    let limit = 10_u128.pow(DIGITS_MAX as u32);
    if span.as_micros() < limit {
        format!("{}u", span.as_micros())
    } else if span.as_millis() < limit {
        format!("{}m", span.as_millis())
    } else {
        format!("{}S", u128::from(span.as_secs()).min(limit - 1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Option<Duration>, Malformed> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(text).unwrap());
        budget(&headers)
    }

    #[test]
    fn every_unit_of_the_protocol_is_read() {
        for (text, millis) in
            [("2H", 7_200_000), ("3M", 180_000), ("4S", 4_000), ("5m", 5), ("6000u", 6), ("7000000n", 7)]
        {
            assert_eq!(read(text), Ok(Some(Duration::from_millis(millis))), "{text}");
        }
    }

    #[test]
    fn a_budget_that_is_not_the_protocols_is_refused() {
        for text in ["", "S", "5", "5s", "-5S", "+5S", "1.5S", "123456789S", "5 S", "５S"] {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_bytes(text.as_bytes()).unwrap());
            assert_eq!(budget(&headers), Err(Malformed), "{text:?}");
        }
        assert_eq!(budget(&HeaderMap::new()), Ok(None));
    }

    proptest! {
        #[test]
        fn a_budget_never_grows_on_the_way(micros in 0_u64..u64::MAX / 1_000) {
            let span = Duration::from_micros(micros);
            let arrived = read(&encode(span)).unwrap().unwrap();
            prop_assert!(arrived <= span);
            prop_assert!(micros >= 100_000_000 || arrived == span);
        }
    }

    #[tokio::test]
    async fn the_current_deadline_is_that_of_the_scope() {
        assert_eq!(Deadline::current(), None);
        let deadline = Deadline::after(Duration::from_secs(5));
        assert_eq!(deadline.scope(async { Deadline::current() }).await, Some(deadline));
    }
}
