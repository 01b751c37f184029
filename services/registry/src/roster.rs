//! What is kept in memory to tell who is answerable: for each grid that was asked about, who is in office there, its
//! households and the links between them; for each division, its cadres. So most questions ask no database.
//!
//! It fills as questions come: nothing is read at start, and a grid costs four small queries once. It is emptied by
//! the service's own events: an event of a grid drops that grid, and the next question reads it again. So what is kept
//! is never changed, only dropped, and needs no understanding of what happened.
//!
//! How old an answer can be:
//! - a change made by this process counts for every question that comes after its answer. A commit rings the bell;
//!   a question that finds the bell rung reads the events first ([`Roster::freshen`]);
//! - a change made by another process counts half a second after its commit at the latest ([`follow`]), or, while the
//!   database is away, once it is back;
//! - the turn of a day counts at once: records are kept with their days.
//!
//! Events are read from their table, not from the feed, which on PostgreSQL hides them while an earlier transaction
//! runs. What the feed does not show yet is read again until it does; the order does not matter for dropping.

mod chain;
mod follow;
mod state;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::feed::Bell;
use tokio::sync::{Mutex, watch};
use uuid::Uuid;

use crate::domain::code::Code;
use crate::store;
pub use chain::{Cadres, Chain};
pub use follow::follow;
use state::State;

/// Events read at a time. With as many, everything is dropped: that costs less than looking at each.
const CHANGES_MAX: i64 = 2_000;
/// How often a household is looked for that moves while it is looked for.
const LOOKS_MAX: usize = 3;

/// Who is in office and who is linked, in memory.
#[derive(Debug)]
pub struct Roster {
    state: RwLock<State>,
    /// The bell as it stood when the events were last read.
    heard: RwLock<watch::Receiver<()>>,
    /// How many readings of the events began.
    begun: AtomicU64,
    /// Held by whoever reads the events.
    turn: Mutex<Reader>,
}

/// How far the events were read.
#[derive(Debug, Default)]
struct Reader {
    /// The last event that the feed showed.
    cursor: Option<(i64, i64)>,
    /// Events behind the cursor that were dealt with before the feed showed them.
    ahead: HashSet<i64>,
    /// The number of the last reading that came to an end.
    done: u64,
}

impl Roster {
    /// An empty one, that hears of commits by a bell.
    pub fn new(bell: &Bell) -> Self {
        Self {
            state: RwLock::default(),
            heard: RwLock::new(bell.listen()),
            begun: AtomicU64::new(0),
            turn: Mutex::default(),
        }
    }

    /// Makes sure that what was committed in this process before the call counts. Without a commit since the last
    /// call it asks no database.
    ///
    /// # Errors
    /// The database failed.
    pub async fn freshen(&self, store: &store::Shared) -> Result<(), Error> {
        // A bell that is gone cannot be relied on: then the events are read each time.
        let rung = self.heard.read().unwrap_or_else(PoisonError::into_inner).has_changed().unwrap_or(true);
        if !rung {
            return Ok(());
        }
        let begun = self.begun.load(Ordering::SeqCst);
        let mut reader = self.turn.lock().await;
        // Many may wait here; a reading that began after this call came serves all of them.
        if reader.done > begun { Ok(()) } else { self.catch_up(&mut reader, store).await }
    }

    /// Reads the events whether or not the bell rang.
    ///
    /// # Errors
    /// The database failed.
    pub async fn poll(&self, store: &store::Shared) -> Result<(), Error> {
        let mut reader = self.turn.lock().await;
        self.catch_up(&mut reader, store).await
    }

    async fn catch_up(&self, reader: &mut Reader, store: &store::Shared) -> Result<(), Error> {
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        // The bell as it stands before the events are read: what rings from here on is heard next time.
        let mut heard = self.heard.read().unwrap_or_else(PoisonError::into_inner).clone();
        heard.mark_unchanged();
        let changes = match reader.cursor {
            Some((tx, seq)) => store.changes_after(tx, seq, CHANGES_MAX).await?,
            None => Vec::new(),
        };
        let many = i64::try_from(changes.len()).is_ok_and(|count| count >= CHANGES_MAX);
        if many || reader.cursor.is_none() {
            // What is read after this sees at least what the feed shows here.
            reader.cursor = Some(store.events_end().await?);
            reader.ahead.clear();
            self.write().clear();
        } else {
            let mut news = Vec::new();
            for change in changes {
                let known = reader.ahead.contains(&change.seq);
                if change.settled == 1 {
                    reader.ahead.remove(&change.seq);
                    reader.cursor = Some((change.tx, change.seq));
                } else {
                    reader.ahead.insert(change.seq);
                }
                if !known {
                    news.push(change);
                }
            }
            if !news.is_empty() {
                self.write().drop_changed(&news);
            }
        }
        *self.heard.write().unwrap_or_else(PoisonError::into_inner) = heard;
        reader.done = number;
        Ok(())
    }

    /// The chain of a grid, with what it needs for a day; `None` when there is no such grid. `today` is the day from
    /// which on it is kept; earlier days are read each time.
    ///
    /// # Errors
    /// The database failed.
    pub async fn of_grid(
        &self,
        store: &store::Shared,
        grid: &Code,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<Option<Arc<Chain>>, Error> {
        if let Some(chain) = self.read().chain(grid, day) {
            return Ok(Some(chain));
        }
        let since = today.min(day);
        let ticket = (day >= today).then(|| self.write().begin(grid));
        let Some(found) = store.chain(grid, since).await? else { return Ok(None) };
        let chain = Arc::new(Chain::new(grid.clone(), since, found));
        if let Some(ticket) = ticket {
            self.write().keep_chain(ticket, &chain);
        }
        Ok(Some(chain))
    }

    /// The chain of the grid in which a household is, with what it needs for a day, and the household's place in it;
    /// `None` when there is no such household.
    ///
    /// # Errors
    /// The database failed.
    pub async fn of_household(
        &self,
        store: &store::Shared,
        household: Uuid,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<Option<(Arc<Chain>, usize)>, Error> {
        if let Some(chain) = self.read().chain_of_household(household, day) {
            let place = chain.household(household);
            return Ok(place.map(|place| (chain, place)));
        }
        for _ in 0..LOOKS_MAX {
            let Some(grid) = store.grid_of_household(household).await? else { return Ok(None) };
            let Some(chain) = self.of_grid(store, &grid, day, today).await? else { return Ok(None) };
            if let Some(place) = chain.household(household) {
                return Ok(Some((chain, place)));
            }
            // It moved between the two queries.
        }
        Ok(None)
    }

    /// The cadres of exactly this division.
    ///
    /// # Errors
    /// The database failed.
    pub async fn cadres(
        &self,
        store: &store::Shared,
        division: &Code,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<Arc<Cadres>, Error> {
        if let Some(cadres) = self.read().cadres(division, day) {
            return Ok(cadres);
        }
        let since = today.min(day);
        let ticket = (day >= today).then(|| self.write().begin(division));
        let cadres = Arc::new(Cadres::new(since, store.cadres(division, since).await?));
        if let Some(ticket) = ticket {
            self.write().keep_cadres(ticket, division, &cadres);
        }
        Ok(cadres)
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
