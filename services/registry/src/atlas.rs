//! What is kept in memory to tell where a place lies: an R-tree of the grids, the grids without their boundaries, and
//! the divisions above them. So looking up a place asks no database.
//!
//! It is filled when the service starts, and from then on follows the service's own feed of events ([`follow`]): a
//! change made by any process is seen at the next poll, at most half a second after the feed shows it. A change of a
//! grid made by this process is put in before the call that made it is answered ([`Atlas::put`]), so whoever creates a
//! grid and then looks it up on the same connection finds it.
//!
//! Both ways may bring the same change, in any order; the higher version of a record wins. Look-ups take a read lock
//! that is held for microseconds: what costs time is computed beside it and then exchanged.

mod follow;

use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use chrono::NaiveDate;
use minqing_platform::db;
use minqing_platform::error::Error;
use tokio::sync::{Mutex, watch};

use crate::domain::division::Division;
use crate::domain::geo::{Index, LatLng};
use crate::domain::grid::Grid;
use crate::store;
use minqing_platform::code::Code;

pub use follow::follow;

/// How long a look-up waits for the first load before it is told UNAVAILABLE.
const LOAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Rows read at a time.
const PAGE: i64 = 5_000;
/// Up to so many changed records are always read by their codes; see [`Atlas::is_many`].
const CHANGES_MIN: usize = 2_000;
/// Codes in one list of a query.
const CODES_A_QUERY: usize = 500;

/// Where a place lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The grid, without its boundary.
    pub grid: Grid,
    /// The divisions it lies in, from the village up.
    pub divisions: Vec<Division>,
}

/// Grids and divisions in memory.
#[derive(Debug, Default)]
pub struct Atlas {
    state: RwLock<State>,
    /// Held by whoever changes the state, so that two changes are not computed from the same state.
    turn: Mutex<()>,
    loaded: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    index: Index,
    grids: HashMap<Code, Grid>,
    divisions: HashMap<Code, Division>,
}

impl Atlas {
    /// The grid in force on a day that holds a place in WGS-84, and what lies above it.
    ///
    /// # Errors
    /// [`db::Error::Unavailable`] when the first load does not come to an end within ten seconds.
    pub async fn locate(&self, place: LatLng, day: NaiveDate) -> Result<Option<Found>, Error> {
        self.wait().await?;
        let state = self.read();
        let Some(grid) = state.index.locate(place, day).and_then(|code| state.grids.get(code)) else {
            return Ok(None);
        };
        let divisions =
            grid.code.ancestors().filter_map(|code| state.divisions.get(&code).cloned()).collect();
        Ok(Some(Found { grid: grid.clone(), divisions }))
    }

    /// The code alone of the grid that [`Atlas::locate`] finds: for whoever needs no more of it.
    ///
    /// # Errors
    /// See [`Atlas::locate`].
    pub async fn code_at(&self, place: LatLng, day: NaiveDate) -> Result<Option<Code>, Error> {
        self.wait().await?;
        Ok(self.read().index.locate(place, day).cloned())
    }

    /// Puts in grids as they are after a change, with their boundaries, and those divisions above them that are not
    /// there yet. A failure is left to the feed, which brings the same.
    pub async fn put(&self, store: &store::Shared, grids: Vec<Grid>) {
        let missing: Vec<Code> = {
            let state = self.read();
            let above = grids.iter().flat_map(|grid| grid.code.ancestors());
            above.filter(|code| !state.divisions.contains_key(code)).collect()
        };
        let turn = self.turn.lock().await;
        match store.divisions_of(&missing).await {
            Ok(divisions) => self.set(grids, divisions).await,
            Err(error) => tracing::warn!(?error, "the divisions above changed grids could not be read"),
        }
        drop(turn);
    }

    /// Takes in grids that were imported: a few by their codes, many with all others. A failure is left to the feed,
    /// which brings the same.
    pub async fn take_in(&self, store: &store::Shared, grids: &[Code]) {
        let above: BTreeSet<Code> = grids.iter().flat_map(Code::ancestors).collect();
        let done = if self.is_many(grids.len()) {
            self.load(store).await
        } else {
            self.refresh(store, grids, &above.into_iter().collect::<Vec<_>>()).await
        };
        if let Err(error) = done {
            tracing::warn!(?error, "imported grids could not be read back; the feed will bring them");
        }
    }

    /// Whether so many records changed that reading everything anew, in one pass over the tables, costs less than
    /// looking each record up.
    fn is_many(&self, changed: usize) -> bool {
        changed > CHANGES_MIN.max(self.read().grids.len() / 2)
    }

    /// Whether a grid is known in this version or a later one.
    fn knows(&self, grid: &Code, version: i64) -> bool {
        self.read().grids.get(grid).is_some_and(|known| known.version >= version)
    }

    /// Reads records anew by their codes.
    ///
    /// # Errors
    /// The database failed.
    pub async fn refresh(
        &self,
        store: &store::Shared,
        grids: &[Code],
        divisions: &[Code],
    ) -> Result<(), Error> {
        let turn = self.turn.lock().await;
        for codes in divisions.chunks(CODES_A_QUERY) {
            self.set(Vec::new(), store.divisions_of(codes).await?).await;
        }
        let mut read = Vec::new();
        for codes in grids.chunks(CODES_A_QUERY) {
            read.extend(store.grids_of(codes).await?);
        }
        self.set(read, Vec::new()).await;
        drop(turn);
        Ok(())
    }

    /// Reads everything anew.
    ///
    /// # Errors
    /// The database failed.
    pub async fn load(&self, store: &store::Shared) -> Result<(), Error> {
        // The turn is held until the end: what others put in meanwhile comes after, and is never older.
        let turn = self.turn.lock().await;
        let mut divisions = HashMap::new();
        let mut after = String::new();
        loop {
            let page = store.divisions(&store::division::Filter::default(), &after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.code.to_string();
            divisions.extend(page.into_iter().map(|division| (division.code.clone(), division)));
        }
        let filter = store::grid::Filter { boundaries: true, ..store::grid::Filter::default() };
        let (mut grids, mut areas) = (HashMap::new(), Vec::new());
        after = String::new();
        loop {
            let page = store.grids(&filter, &after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.code.to_string();
            areas.extend(page.iter().filter_map(Grid::area));
            grids.extend(page.into_iter().map(|grid| (grid.code.clone(), bare(grid))));
        }
        let index = computed(move || Index::build(areas)).await?;
        *self.write() = State { index, grids, divisions };
        drop(turn);
        self.loaded.send_replace(true);
        Ok(())
    }

    /// Sets what is newer than what is there. The caller has the turn.
    async fn set(&self, grids: Vec<Grid>, divisions: Vec<Division>) {
        let (newer, index): (Vec<Grid>, Index) = {
            let state = self.read();
            let newer =
                |grid: &Grid| state.grids.get(&grid.code).is_none_or(|known| known.version < grid.version);
            (grids.into_iter().filter(newer).collect(), state.index.clone())
        };
        let areas: Vec<_> = newer.iter().filter_map(Grid::area).collect();
        let bare_codes: Vec<Code> =
            newer.iter().filter(|grid| grid.boundary.is_none()).map(|grid| grid.code.clone()).collect();
        let index = match computed(move || index.with(areas, bare_codes)).await {
            Ok(index) => index,
            Err(error) => {
                tracing::error!(?error, "the index of grids could not be changed");
                return;
            }
        };
        let mut state = self.write();
        state.index = index;
        state.grids.extend(newer.into_iter().map(|grid| (grid.code.clone(), bare(grid))));
        for division in divisions {
            let known = state.divisions.get(&division.code);
            if known.is_none_or(|known| known.version < division.version) {
                state.divisions.insert(division.code.clone(), division);
            }
        }
    }

    async fn wait(&self) -> Result<(), Error> {
        if *self.loaded.borrow() {
            return Ok(());
        }
        let mut loaded = self.loaded.subscribe();
        let arrived = tokio::time::timeout(LOAD_TIMEOUT, loaded.wait_for(|loaded| *loaded)).await;
        arrived.map(drop).map_err(|_| db::Error::Unavailable(sqlx::Error::PoolTimedOut).into())
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A grid as it is kept: its boundary is in the index already.
fn bare(grid: Grid) -> Grid {
    Grid { boundary: None, ..grid }
}

/// Building a tree of a province takes a while: off the threads that serve.
async fn computed(work: impl FnOnce() -> Index + Send + 'static) -> Result<Index, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.to_string()))
}
