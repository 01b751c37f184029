//! Callers that call as fast as they are answered, and what they saw.
//!
//! Things that are compared take turns, round after round, and the medians of the rounds are told: whatever else the
//! machine does meanwhile falls on all of them alike.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tonic::Status;

use crate::machine;

/// Something to call.
#[async_trait]
pub trait Target: Send + Sync {
    /// A caller of it, with whatever it needs of its own, such as a connection.
    async fn caller(&self) -> anyhow::Result<Box<dyn Caller>>;
}

/// One caller of a target.
#[async_trait]
pub trait Caller: Send {
    /// Calls, and waits for the answer. Different numbers may ask for different things.
    async fn call(&mut self, number: usize) -> Result<(), Status>;
}

/// What was seen of a target.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Answers a second.
    pub rate: f64,
    /// The median time to an answer.
    pub p50: Duration,
    /// The time that one answer of a hundred exceeds.
    pub p99: Duration,
    /// The processor time of this process for each answer, the caller's share included.
    pub cost: Duration,
}

/// Loads targets in turn and tells the medians, in the order of the targets.
///
/// # Errors
/// A call was not answered as it should be: a failure is no measurement.
pub async fn compare(
    targets: &[Arc<dyn Target>],
    callers: usize,
    rounds: u32,
    round: Duration,
) -> anyhow::Result<Vec<Seen>> {
    let mut crews = Vec::with_capacity(targets.len());
    for target in targets {
        let mut crew = Vec::with_capacity(callers);
        for _ in 0..callers {
            crew.push(target.caller().await?);
        }
        crews.push(crew);
    }
    let mut seen = vec![Vec::new(); targets.len()];
    // The first round warms caches and connections up and is not counted.
    for turn in 0..=rounds {
        for (index, crew) in crews.iter_mut().enumerate() {
            let told = load(crew, round).await?;
            if turn > 0 {
                seen[index].push(told);
            }
        }
    }
    Ok(seen.iter().map(|rounds| medians(rounds)).collect())
}

/// Lets callers call for a while.
async fn load(crew: &mut Vec<Box<dyn Caller>>, round: Duration) -> anyhow::Result<Seen> {
    let (begun, spent) = (Instant::now(), machine::processor_time());
    let work = crew.drain(..).enumerate().map(|(index, mut caller)| {
        tokio::spawn(async move {
            let mut times = Vec::with_capacity(4_096);
            // Callers begin at different places of what there is to ask for.
            let mut number = index * 7_919;
            while begun.elapsed() < round {
                let asked = Instant::now();
                caller.call(number).await?;
                times.push(asked.elapsed());
                number += 1;
            }
            Ok::<_, Status>((caller, times))
        })
    });
    let work: Vec<_> = work.collect();
    let mut times = Vec::new();
    for one in work {
        let (caller, seen) = one.await??;
        crew.push(caller);
        times.extend(seen);
    }
    let (elapsed, spent) = (begun.elapsed(), machine::processor_time().saturating_sub(spent));
    times.sort_unstable();
    Ok(Seen {
        rate: crate::table::per_second(times.len() as u64, elapsed),
        p50: part(&times, 50),
        p99: part(&times, 99),
        cost: spent.div_f64(times.len().max(1) as f64),
    })
}

/// A percentile of sorted times.
fn part(times: &[Duration], percent: usize) -> Duration {
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn medians(rounds: &[Seen]) -> Seen {
    let rates = sorted(rounds.iter().map(|seen| seen.rate), f64::total_cmp);
    let p50 = sorted(rounds.iter().map(|seen| seen.p50), Ord::cmp);
    let p99 = sorted(rounds.iter().map(|seen| seen.p99), Ord::cmp);
    let cost = sorted(rounds.iter().map(|seen| seen.cost), Ord::cmp);
    let middle = rounds.len() / 2;
    Seen { rate: rates[middle], p50: p50[middle], p99: p99[middle], cost: cost[middle] }
}

fn sorted<T>(values: impl Iterator<Item = T>, order: impl Fn(&T, &T) -> std::cmp::Ordering) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_by(order);
    values
}

/// A target whose callers are clones of one future-making function: gRPC calls on one peer.
pub struct Calls<F>(pub F);

#[async_trait]
impl<F, T> Target for Calls<F>
where
    F: Fn(usize) -> T + Clone + Send + Sync + 'static,
    T: Future<Output = Result<(), Status>> + Send + 'static,
{
    async fn caller(&self) -> anyhow::Result<Box<dyn Caller>> {
        Ok(Box::new(Calls(self.0.clone())))
    }
}

#[async_trait]
impl<F, T> Caller for Calls<F>
where
    F: Fn(usize) -> T + Send + Sync + 'static,
    T: Future<Output = Result<(), Status>> + Send + 'static,
{
    async fn call(&mut self, number: usize) -> Result<(), Status> {
        (self.0)(number).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_slower_is_seen_to_be_slower_and_a_failure_is_told() {
        let quick = Calls(|_| async { Ok(()) });
        let slow = Calls(|_| async {
            tokio::time::sleep(Duration::from_millis(2)).await;
            Ok(())
        });
        let targets: [Arc<dyn Target>; 2] = [Arc::new(quick), Arc::new(slow)];
        let seen = compare(&targets, 2, 3, Duration::from_millis(20)).await.unwrap();
        assert!(seen[0].rate > seen[1].rate && seen[0].p50 < seen[1].p50 && seen[1].p50 <= seen[1].p99);

        let broken: [Arc<dyn Target>; 1] = [Arc::new(Calls(|_| async { Err(Status::internal("broken")) }))];
        assert!(compare(&broken, 1, 1, Duration::from_millis(5)).await.is_err());
    }
}
