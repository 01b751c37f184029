//! Cutting a line of weights into contiguous runs, one for each slot, in order.
//!
//! A slot may hold something already (its base) and takes no more than the capacity leaves. [`balance`] gives the
//! best partition that takes everything, [`cover`] takes as much as can be when everything cannot.

use std::ops::Range;

/// Ends of the runs, one for each slot: run j goes from the end of run j - 1 (0 for the first) to its own. The
/// heaviest slot that takes anything is as light as can be, then the sum of the squares of all slots is least; of
/// equals, later slots take more. `None` when not everything fits.
///
/// The lightest maximum is found by bisection, the least squares by dynamic programming over the slots. Squares of sums
/// are concave in Monge's sense, so the best cut only moves right, and each slot costs O(n log² n) for n weights: in
/// all O(k n log² n) for k slots, whatever the weights.
pub(super) fn balance(weights: &[u32], bases: &[u32], capacity: u32) -> Option<Vec<usize>> {
    let line = Line::new(weights);
    let fits = |level: u32| line.reach(bases, level).last().copied().unwrap_or(0) == weights.len();
    if !fits(capacity) {
        return None;
    }
    let (mut low, mut high) = (0, capacity);
    while low < high {
        let middle = low + (high - low) / 2;
        if fits(middle) { high = middle } else { low = middle + 1 }
    }
    Some(least_squares(&line, bases, high))
}

/// Whether [`balance`] would find a partition. O(n + k log n).
pub(super) fn fits(weights: &[u32], bases: &[u32], capacity: u32) -> bool {
    Line::new(weights).reach(bases, capacity).last().copied().unwrap_or(0) == weights.len()
}

/// A run for each slot, disjoint and in order, that together weigh the most that can be taken. O(k n log n).
pub(super) fn cover(weights: &[u32], bases: &[u32], capacity: u32) -> Vec<Range<usize>> {
    let line = Line::new(weights);
    let count = weights.len();
    let mut best = vec![0_u64; count + 1];
    let mut taken: Vec<Vec<bool>> = Vec::with_capacity(bases.len());
    for &base in bases {
        let mut next = vec![0_u64; count + 1];
        let mut takes = vec![false; count + 1];
        for end in 1..=count {
            let start = line.start(end, capacity.saturating_sub(base));
            let take = best[start] + line.weight(start, end);
            takes[end] = take >= next[end - 1];
            next[end] = take.max(next[end - 1]);
        }
        taken.push(takes);
        best = next;
    }
    let mut runs = vec![0..0; bases.len()];
    let mut end = count;
    for (slot, takes) in taken.iter().enumerate().rev() {
        while end > 0 && !takes[end] {
            end -= 1;
        }
        let start = line.start(end, capacity.saturating_sub(bases[slot]));
        runs[slot] = start..end;
        end = start;
    }
    runs
}

/// Weights as sums from the start.
struct Line {
    sums: Vec<u64>,
}

impl Line {
    fn new(weights: &[u32]) -> Self {
        let mut sums = vec![0];
        let mut sum = 0;
        for &weight in weights {
            sum += u64::from(weight);
            sums.push(sum);
        }
        Self { sums }
    }

    fn weight(&self, start: usize, end: usize) -> u64 {
        self.sums[end] - self.sums[start]
    }

    /// The first start from which the weights up to an end are within a limit.
    fn start(&self, end: usize, limit: u32) -> usize {
        self.sums[..=end].partition_point(|sum| sum + u64::from(limit) < self.sums[end])
    }

    /// How far the first slots get when each takes what it can without passing a level.
    fn reach(&self, bases: &[u32], level: u32) -> Vec<usize> {
        let mut reached = 0;
        let step = |base: &u32| {
            let most = self.sums[reached] + u64::from(level.saturating_sub(*base));
            reached = self.sums.partition_point(|sum| *sum <= most) - 1;
            reached
        };
        bases.iter().map(step).collect()
    }
}

/// One slot of the dynamic programme: from the best of the slots before it to the best with it.
struct Step<'a> {
    line: &'a Line,
    base: u32,
    limit: u32,
    /// Least squares of everything before an index by the slots before.
    before: &'a [u64],
    /// The last index that the slots before reach.
    reached: usize,
    best: Vec<u64>,
    starts: Vec<u32>,
}

fn least_squares(line: &Line, bases: &[u32], level: u32) -> Vec<usize> {
    let count = line.sums.len() - 1;
    let reach = line.reach(bases, level);
    let mut before = vec![0_u64; 1];
    let mut reached = 0;
    let mut starts: Vec<Vec<u32>> = Vec::with_capacity(bases.len());
    for (slot, &base) in bases.iter().enumerate() {
        let size = reach[slot] + 1;
        let limit = level.saturating_sub(base);
        let mut step =
            Step { line, base, limit, before: &before, reached, best: vec![0; size], starts: vec![0; size] };
        step.solve(0..size, 0, reached);
        starts.push(step.starts);
        before = step.best;
        reached = reach[slot];
    }
    let mut ends = vec![count; bases.len()];
    for slot in (1..bases.len()).rev() {
        ends[slot - 1] = starts[slot][ends[slot]] as usize;
    }
    ends
}

impl Step<'_> {
    /// Solves a range of ends whose best starts lie between two bounds: the middle one first, which halves both.
    fn solve(&mut self, ends: Range<usize>, first: usize, last: usize) {
        if ends.is_empty() {
            return;
        }
        let end = ends.start + ends.len() / 2;
        let from = self.line.start(end, self.limit).max(first);
        let to = end.min(self.reached).min(last);
        let (mut best, mut start) = (u64::MAX, from);
        for candidate in from..=to {
            let load = u64::from(self.base) + self.line.weight(candidate, end);
            let squares = self.before[candidate] + load * load;
            if squares < best {
                (best, start) = (squares, candidate);
            }
        }
        self.best[end] = best;
        // Bounded by HOUSEHOLDS_MAX, far below the limit of the type.
        self.starts[end] = u32::try_from(start).unwrap_or(u32::MAX);
        self.solve(ends.start..end, first, start);
        self.solve(end + 1..ends.end, start, last);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every way to cut a line into so many runs, empty ones included.
    fn all_ends(count: usize, slots: usize) -> Vec<Vec<usize>> {
        if slots == 1 {
            return vec![vec![count]];
        }
        let mut all = Vec::new();
        for first in 0..=count {
            for rest in all_ends(count - first, slots - 1) {
                let mut ends = vec![first];
                ends.extend(rest.iter().map(|end| end + first));
                all.push(ends);
            }
        }
        all
    }

    /// The heaviest slot that takes anything, and the sum of squares; `None` over capacity.
    fn value(weights: &[u32], bases: &[u32], capacity: u32, ends: &[usize]) -> Option<(u32, u64)> {
        let (mut from, mut heaviest, mut squares) = (0, 0, 0);
        for (&base, &end) in bases.iter().zip(ends) {
            let taken: u32 = weights[from..end].iter().sum();
            if taken > 0 && base + taken > capacity {
                return None;
            }
            if taken > 0 {
                heaviest = heaviest.max(base + taken);
            }
            squares += u64::from(base + taken).pow(2);
            from = end;
        }
        Some((heaviest, squares))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn no_other_partition_is_better(
            weights in prop::collection::vec(0..9_u32, 0..8),
            bases in prop::collection::vec(0..9_u32, 1..4),
            capacity in 5..16_u32,
        ) {
            let best = all_ends(weights.len(), bases.len()).iter().filter_map(|ends| value(&weights, &bases, capacity, ends)).min();
            let found = balance(&weights, &bases, capacity);
            let reached = found.as_deref().map(|ends| value(&weights, &bases, capacity, ends).expect("over capacity"));
            prop_assert_eq!(reached, best, "{:?}", found);
        }

        #[test]
        fn nothing_covers_more(
            weights in prop::collection::vec(0..9_u32, 0..9),
            bases in prop::collection::vec(0..9_u32, 1..4),
            capacity in 5..12_u32,
        ) {
            let runs = cover(&weights, &bases, capacity);
            let weigh = |run: &Range<usize>| weights[run.clone()].iter().sum::<u32>();
            for (run, base) in runs.iter().zip(&bases) {
                prop_assert!(weigh(run) == 0 || weigh(run) + base <= capacity);
            }
            prop_assert!(runs.windows(2).all(|pair| pair[0].end <= pair[1].start));
            let total: u32 = runs.iter().map(weigh).sum();
            prop_assert_eq!(total, most(&weights, &bases, capacity));
        }
    }

    /// By trying every run for the first slot.
    fn most(weights: &[u32], bases: &[u32], capacity: u32) -> u32 {
        let Some((&base, others)) = bases.split_first() else { return 0 };
        let mut best = 0;
        for start in 0..=weights.len() {
            for end in start..=weights.len() {
                let taken: u32 = weights[start..end].iter().sum();
                if taken == 0 || base + taken <= capacity {
                    best = best.max(taken + most(&weights[end..], others, capacity));
                }
            }
        }
        best
    }
}
