//! Assigning the subjects of one level to their contacts: households to members, members to backbones, backbones to
//! leads. Subjects and contacts are numbers here, in the order that runs follow.
//!
//! 1. With nothing standing, the line of subjects is cut into one run for each contact, as [`balance`] does it.
//! 2. Else each gap between standing subjects is shared by the contacts at its two edges and, between them, contacts
//!    that have nobody yet: as many as it needs, and as many more as its load is worth of the average contact's, while
//!    no other gap needs them.
//! 3. What no run can take goes to the contact with room that is nearest: out of line, but not without a contact.
//!
//! Nobody ever gets more than the capacity. A subject that is heavier than the capacity by itself (a household of more
//! than 30) is taken by a contact that has nobody else, alone: households are never divided.

use std::collections::VecDeque;
use std::ops::Range;

use super::partition::{balance, cover, fits};

/// For each subject, its contact; `None` when there is no room for it anywhere.
///
/// `loads` are the weights of the subjects, `standing` their contacts so far, all below `contacts`.
pub(super) fn assign(
    loads: &[u32],
    contacts: usize,
    capacity: u32,
    standing: &[Option<usize>],
) -> Vec<Option<usize>> {
    let mut board = Board::new(loads, contacts, capacity, standing);
    if board.idle.len() == contacts {
        let everyone: Vec<usize> = board.idle.drain(..).collect();
        board.fill(0..loads.len(), &everyone);
    } else {
        board.fill_gaps();
    }
    board.scatter();
    board.taken
}

/// How many contacts are missing to take what has none, each taking a run.
pub(super) fn missing(loads: &[u32], taken: &[Option<usize>], capacity: u32) -> u32 {
    let (mut count, mut room) = (0, 0);
    for (load, _) in loads.iter().zip(taken).filter(|(_, contact)| contact.is_none()) {
        let load = (*load).min(capacity);
        if count == 0 || load > room {
            count += 1;
            room = capacity;
        }
        room -= load;
    }
    count
}

/// Whether a contact who has `held` can take one more subject. One above the capacity by itself fills a contact who has
/// nobody else, and one that weighs nothing is always taken.
pub(super) fn has_room(held: u32, load: u32, capacity: u32) -> bool {
    load == 0 || held.saturating_add(load.min(capacity)) <= capacity
}

struct Board {
    /// Weights, none above the capacity: one above it fills a contact, and no more.
    loads: Vec<u32>,
    capacity: u32,
    taken: Vec<Option<usize>>,
    /// What each contact has.
    held: Vec<u32>,
    /// Contacts that have nobody, in order.
    idle: VecDeque<usize>,
}

impl Board {
    fn new(loads: &[u32], contacts: usize, capacity: u32, standing: &[Option<usize>]) -> Self {
        let loads: Vec<u32> = loads.iter().map(|load| (*load).min(capacity)).collect();
        let mut held = vec![0; contacts];
        let mut busy = vec![false; contacts];
        for (load, contact) in
            loads.iter().zip(standing).filter_map(|(load, contact)| Some((load, (*contact)?)))
        {
            held[contact] += load;
            busy[contact] = true;
        }
        let idle = (0..contacts).filter(|contact| !busy[*contact]).collect();
        Self { loads, capacity, taken: standing.to_vec(), held, idle }
    }

    /// Gives a range of subjects to contacts in order: all of it, balanced, or as much as can be.
    fn fill(&mut self, range: Range<usize>, slots: &[usize]) {
        let weights = &self.loads[range.clone()];
        let bases: Vec<u32> = slots.iter().map(|contact| self.held[*contact]).collect();
        let runs = match balance(weights, &bases, self.capacity) {
            Some(ends) => std::iter::once(0)
                .chain(ends.iter().copied())
                .zip(ends.iter().copied())
                .map(|(a, b)| a..b)
                .collect(),
            None => cover(weights, &bases, self.capacity),
        };
        for (run, contact) in runs.into_iter().zip(slots) {
            for index in run {
                self.give(range.start + index, *contact);
            }
        }
    }

    fn give(&mut self, subject: usize, contact: usize) {
        self.taken[subject] = Some(contact);
        self.held[contact] += self.loads[subject];
    }

    fn fill_gaps(&mut self) {
        let gaps = self.gaps();
        let needed: usize = gaps.iter().map(|gap| self.needed(gap)).sum();
        let mut spare = self.idle.len().saturating_sub(needed);
        for gap in gaps {
            let needed = self.needed(&gap);
            let count = self.worth(&gap).clamp(needed, needed + spare).min(self.idle.len());
            spare -= count.saturating_sub(needed).min(spare);
            let fresh: Vec<usize> = self.idle.drain(..count).collect();
            let slots = self.slots(&gap, &fresh);
            self.fill(gap, &slots);
        }
    }

    /// The longest ranges of subjects without a contact.
    fn gaps(&self) -> Vec<Range<usize>> {
        let mut gaps: Vec<Range<usize>> = Vec::new();
        for (index, _) in self.taken.iter().enumerate().filter(|(_, contact)| contact.is_none()) {
            match gaps.last_mut() {
                Some(gap) if gap.end == index => gap.end += 1,
                _ => gaps.push(index..index + 1),
            }
        }
        gaps
    }

    /// The contacts for a gap, in order: the one before it, idle ones, the one after it. One that stands on both sides
    /// is taken once.
    fn slots(&self, gap: &Range<usize>, fresh: &[usize]) -> Vec<usize> {
        let left = gap.start.checked_sub(1).and_then(|index| self.taken[index]);
        let right = self.taken.get(gap.end).copied().flatten().filter(|right| Some(*right) != left);
        left.into_iter().chain(fresh.iter().copied()).chain(right).collect()
    }

    /// How many idle contacts a gap needs beside its neighbours; all there are when even those are too few.
    fn needed(&self, gap: &Range<usize>) -> usize {
        let idle: Vec<usize> = self.idle.iter().copied().collect();
        let enough = |count: &usize| {
            let slots = self.slots(gap, &idle[..*count]);
            let bases: Vec<u32> = slots.iter().map(|contact| self.held[*contact]).collect();
            fits(&self.loads[gap.clone()], &bases, self.capacity)
        };
        (0..idle.len()).find(enough).unwrap_or(idle.len())
    }

    /// How many contacts the load of a gap is worth, at what each would have if all were shared evenly.
    fn worth(&self, gap: &Range<usize>) -> usize {
        let total: u64 = self.loads.iter().map(|load| u64::from(*load)).sum();
        let load: u64 = self.loads[gap.clone()].iter().map(|load| u64::from(*load)).sum();
        let contacts = self.held.len() as u64;
        // Rounded half up: load / (total / contacts).
        usize::try_from((2 * load * contacts + total) / (2 * total).max(1)).unwrap_or(usize::MAX)
    }

    /// Gives what is left to whoever has room: nearest first, then who has least, then in order.
    fn scatter(&mut self) {
        let left: Vec<usize> = (0..self.taken.len()).filter(|index| self.taken[*index].is_none()).collect();
        for subject in left {
            let distances = self.distances(subject);
            let room = |contact: &usize| has_room(self.held[*contact], self.loads[subject], self.capacity);
            let nearest = (0..self.held.len())
                .filter(room)
                .min_by_key(|contact| (distances[*contact], self.held[*contact], *contact));
            if let Some(contact) = nearest {
                self.give(subject, contact);
            }
        }
    }

    /// How far from a subject each contact's nearest one is; 0 for contacts that have nobody, who are as good here as
    /// anywhere.
    fn distances(&self, subject: usize) -> Vec<usize> {
        let mut distances = vec![0; self.held.len()];
        for (index, contact) in
            self.taken.iter().enumerate().filter_map(|(index, contact)| Some((index, (*contact)?)))
        {
            let distance = index.abs_diff(subject);
            let known = &mut distances[contact];
            *known = if *known == 0 { distance } else { distance.min(*known) };
        }
        distances
    }
}
