//! A batch from a device that may have sent it before: what is new in it, what was there, and what is another thing of
//! the same name.

use std::collections::HashMap;

use uuid::Uuid;

use super::Digest;

/// What an observation of a batch is, beside those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// None has its id.
    New,
    /// It is there already, with the same content.
    Same,
    /// Another one has its id.
    Taken,
}

/// Those that are there, by their ids.
pub type Known = HashMap<Uuid, Digest>;

/// What one is, beside those that are there.
pub fn standing(known: &Known, id: Uuid, digest: &Digest) -> Standing {
    match known.get(&id) {
        None => Standing::New,
        Some(there) if there == digest => Standing::Same,
        Some(_) => Standing::Taken,
    }
}

/// What comes of one of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled<T, E> {
    /// It is to be kept.
    Keep(T),
    /// It is the same as the one at this place before it.
    As(usize),
    /// Another one has its id.
    Taken,
    /// Something is wrong with it.
    Bad(E),
}

/// One of a batch that is not there yet: its id, its digest, and what was read of it.
pub type Entry<T, E> = (Uuid, Digest, Result<T, E>);

/// Settles a batch, in its order. One that is bad takes no id, so that a good one of the same id after it is kept.
pub fn settle<T, E>(entries: Vec<Entry<T, E>>) -> Vec<Settled<T, E>> {
    let mut first: HashMap<Uuid, (usize, Digest)> = HashMap::new();
    let settle = |(place, (id, digest, read)): (usize, Entry<T, E>)| match (read, first.get(&id)) {
        (Err(fault), _) => Settled::Bad(fault),
        (Ok(_), Some((before, there))) if *there == digest => Settled::As(*before),
        (Ok(_), Some(_)) => Settled::Taken,
        (Ok(read), None) => {
            first.insert(id, (place, digest));
            Settled::Keep(read)
        }
    };
    entries.into_iter().enumerate().map(settle).collect()
}
