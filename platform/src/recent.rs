//! A bounded memory of what was asked for of late.
//!
//! It has two halves: what is asked for moves into the young half, and when that is full it becomes the old one. So what
//! was not asked for goes, without a list of uses.

use std::collections::HashMap;
use std::hash::Hash;

/// A memory that holds at most twice the half's size.
#[derive(Debug)]
pub struct Recent<K, V> {
    half_max: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash, V> Recent<K, V> {
    /// An empty memory of two halves of `half_max` entries.
    pub fn new(half_max: usize) -> Self {
        Self { half_max, young: HashMap::new(), old: HashMap::new() }
    }

    /// What is remembered under a key. It is thereby kept a while longer.
    pub fn get(&mut self, key: &K) -> Option<&V> {
        if !self.young.contains_key(key) {
            let (key, value) = self.old.remove_entry(key)?;
            self.put(key, value);
        }
        self.young.get(key)
    }

    /// Remembers a value.
    pub fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.half_max && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    /// Forgets what is remembered under a key.
    pub fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_bounded_and_keeps_what_is_asked_for() {
        let mut recent = Recent::new(10);
        for number in 0..50 {
            recent.put(number, number);
            assert_eq!(recent.get(&0), Some(&0), "{number}");
            assert!(recent.len() <= 20);
        }
        assert_eq!(recent.get(&1), None);
        assert_eq!(recent.get(&49), Some(&49));
        recent.remove(&49);
        assert_eq!(recent.get(&49), None);
        recent.clear();
        assert!(recent.is_empty());
    }
}
