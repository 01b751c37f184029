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

use crate::domain::contact::Station;
use crate::store;
pub use chain::{ABOVE_LEVELS, Cadres, Chain};
pub use follow::follow;
use minqing_platform::code::Code;
use state::State;

/// Events read at a time. With as many, everything is dropped: that costs less than looking at each.
const CHANGES_MAX: i64 = 2_000;
/// How often a household is looked for that moves while it is looked for.
const LOOKS_MAX: usize = 3;

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// A household.
    Household(Uuid),
    /// A grid.
    Grid(&'a Code),
}

/// The day asked about, and today: what lies before today is not kept.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    /// The day asked about.
    pub day: NaiveDate,
    /// Today.
    pub today: NaiveDate,
}

impl Days {
    /// The first day that must be read.
    fn since(self) -> NaiveDate {
        self.today.min(self.day)
    }

    /// Whether what is read from that day on is kept.
    fn are_kept(self) -> bool {
        self.day >= self.today
    }
}

/// Everything by which a question is answered.
#[derive(Debug, Clone)]
pub struct Known {
    /// The chain of the grid.
    pub chain: Arc<Chain>,
    /// The place of the household in it, if one was asked about.
    pub place: Option<usize>,
    /// The cadres of the village, the town and the city.
    pub above: [Arc<Cadres>; 3],
}

impl Known {
    /// The stations from the lowest level up, on a day.
    pub fn stations(&self, day: NaiveDate) -> Vec<Station> {
        let mut stations = self.chain.stations(self.place, day);
        let above = self.above.iter().zip(ABOVE_LEVELS).zip(&self.chain.above);
        stations.extend(above.map(|((cadres, level), area)| cadres.station(level, area.clone(), day)));
        stations
    }
}

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

    /// Whether something was committed in this process since the events were last read: then [`Roster::freshen`] comes
    /// before a question.
    pub fn is_stale(&self) -> bool {
        // A bell that is gone cannot be relied on: then the events are read each time.
        self.heard.read().unwrap_or_else(PoisonError::into_inner).has_changed().unwrap_or(true)
    }

    /// Makes sure that what was committed in this process before the call counts.
    ///
    /// # Errors
    /// The database failed.
    pub async fn freshen(&self, store: &store::Shared) -> Result<(), Error> {
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

    /// What answers a question about a day, if it is kept. Asks no database.
    pub fn known(&self, by: By<'_>, day: NaiveDate) -> Option<Known> {
        self.read().known(by, day)
    }

    /// What answers a question, read where it is not kept; `None` when there is no such household or grid.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(&self, store: &store::Shared, by: By<'_>, days: Days) -> Result<Option<Known>, Error> {
        let found = match by {
            By::Grid(grid) => self.of_grid(store, grid, days).await?.map(|chain| (chain, None)),
            By::Household(household) => self.of_household(store, household, days).await?,
        };
        let Some((chain, place)) = found else { return Ok(None) };
        let [village, town, city] = &chain.above;
        let above = [
            self.cadres(store, village, days).await?,
            self.cadres(store, town, days).await?,
            self.cadres(store, city, days).await?,
        ];
        Ok(Some(Known { chain, place, above }))
    }

    async fn of_grid(
        &self,
        store: &store::Shared,
        grid: &Code,
        days: Days,
    ) -> Result<Option<Arc<Chain>>, Error> {
        if let Some(chain) = self.read().chain(grid, days.day) {
            return Ok(Some(chain));
        }
        let ticket = days.are_kept().then(|| self.write().begin(grid));
        let since = days.since();
        let Some(found) = store.chain(grid, since).await? else { return Ok(None) };
        let chain = Arc::new(Chain::new(grid.clone(), since, found));
        if let Some(ticket) = ticket {
            self.write().keep_chain(ticket, &chain);
        }
        Ok(Some(chain))
    }

    async fn of_household(
        &self,
        store: &store::Shared,
        household: Uuid,
        days: Days,
    ) -> Result<Option<(Arc<Chain>, Option<usize>)>, Error> {
        for _ in 0..LOOKS_MAX {
            let Some(grid) = store.grid_of_household(household).await? else { return Ok(None) };
            let Some(chain) = self.of_grid(store, &grid, days).await? else { return Ok(None) };
            if let Some(place) = chain.household(household) {
                return Ok(Some((chain, Some(place))));
            }
            // It moved between the two queries.
        }
        Ok(None)
    }

    async fn cadres(&self, store: &store::Shared, division: &Code, days: Days) -> Result<Arc<Cadres>, Error> {
        if let Some(cadres) = self.read().cadres(division, days.day) {
            return Ok(cadres);
        }
        let ticket = days.are_kept().then(|| self.write().begin(division));
        let since = days.since();
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
