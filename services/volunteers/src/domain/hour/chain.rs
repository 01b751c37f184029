//! The chain of hours: a change of any field of any entry shows.
//!
//! The digest of an entry is SHA-256 of `minqing/hour/1` and its fields in the order of [`Facts`]; a text is its length in bytes
//! (4 bytes, big-endian) and its bytes in UTF-8; what may be absent is preceded by a byte, 0 or 1; a number or an instant
//! (microseconds since 1970) is 8 bytes, big-endian. So no two entries are written alike. The hash of an entry is
//! SHA-256 of the hash before it, its place (8 bytes) and its digest; before the first stand 32 zero bytes.
//!
//! Since a hash takes the digest alone, an entry is shown to be in the chain without anybody else's entry being shown: by
//! the hash before it, and the digests of those after it up to a head that was published.

use sha2::{Digest as _, Sha256};

use super::{Entry, Facts};

/// A hash, or a digest.
pub type Hash = [u8; 32];

/// What stands before the first entry.
pub const ORIGIN: Hash = [0; 32];

/// The last place of a chain, and its hash: who knows it knows all before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The place of the last entry; 0 while there is none.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// The head of a chain without entries.
    pub const EMPTY: Self = Self { seq: 0, hash: ORIGIN };

    /// The head after a further entry of this digest.
    #[must_use]
    pub fn after(self, digest: &Hash) -> Self {
        let seq = self.seq + 1;
        let hash = Sha256::new().chain_update(self.hash).chain_update(seq.to_be_bytes()).chain_update(digest);
        Self { seq, hash: hash.finalize().into() }
    }

    /// Appends entries; the head is then the last of them.
    pub fn append(&mut self, facts: impl IntoIterator<Item = Facts>) -> Vec<Entry> {
        let entry = |facts: Facts| {
            *self = self.after(&digest(&facts));
            Entry { seq: self.seq, facts, hash: self.hash }
        };
        facts.into_iter().map(entry).collect()
    }
}

/// The digest of what an entry says.
pub fn digest(facts: &Facts) -> Hash {
    // Taken apart, so that a field that is added and not chained does not compile.
    let Facts {
        volunteer,
        team,
        post,
        activity,
        shift,
        need,
        division_code,
        from,
        to,
        minutes,
        source,
        corrects,
        reason,
        recorder,
        certifier,
        record_time,
    } = facts;
    let mut hash = Writer(Sha256::new_with_prefix("minqing/hour/1"));
    hash.text(volunteer);
    hash.text(team);
    hash.text(post);
    hash.optional(activity.as_deref());
    hash.optional(shift.as_deref());
    hash.optional(need.as_deref());
    hash.text(division_code);
    hash.number(from.timestamp_micros());
    hash.number(to.timestamp_micros());
    hash.number(*minutes);
    hash.text(source.as_str());
    hash.present(corrects.is_some());
    if let Some(corrects) = corrects {
        hash.number(*corrects);
    }
    hash.text(reason);
    hash.text(recorder);
    hash.text(certifier);
    hash.number(record_time.timestamp_micros());
    hash.0.finalize().into()
}

struct Writer(Sha256);

impl Writer {
    fn text(&mut self, text: &str) {
        // No text of ours comes near 4 GiB.
        self.0.update(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.0.update(text);
    }

    fn present(&mut self, is_present: bool) {
        self.0.update([u8::from(is_present)]);
    }

    fn optional(&mut self, text: Option<&str>) {
        self.present(text.is_some());
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn number(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }
}

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Entries are missing before this place.
    Gap(i64),
    /// What the entry in this place says is not what was chained.
    Hash(i64),
    /// The head is not the last entry.
    Head(i64),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gap(seq) => write!(f, "entries are missing before hourEntries/{seq}"),
            Self::Hash(seq) => write!(f, "hourEntries/{seq} was changed after it was entered"),
            Self::Head(seq) => write!(f, "the chain ends at hourEntries/{seq}, which is not its head"),
        }
    }
}

/// Walks along entries in order and tells what is wrong. Goes on from what is stored, so that one change is one fault.
pub fn walk(head: &mut Head, entries: &[Entry]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for entry in entries {
        if entry.seq != head.seq + 1 {
            faults.push(Fault::Gap(entry.seq));
            *head = Head { seq: entry.seq, hash: entry.hash };
            continue;
        }
        if head.after(&digest(&entry.facts)).hash != entry.hash {
            faults.push(Fault::Hash(entry.seq));
        }
        *head = Head { seq: entry.seq, hash: entry.hash };
    }
    faults
}

/// The head that follows from an entry, the hash before it, and the digests of those after it.
pub fn head_by_proof(before: Head, facts: &Facts, after: &[Hash]) -> Head {
    after.iter().fold(before.after(&digest(facts)), Head::after)
}
