//! Finds the area that holds a place.
//!
//! An R-tree of bounding rectangles, never changed once built, so that any number of readers share it. A change gives
//! a new index that shares the tree and keeps a short list beside it; when the list grows long, the tree is built
//! anew. So a change of one grid costs microseconds, and a look-up never waits.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use rstar::{AABB, Envelope, RTree, RTreeObject};

use super::boundary::Boundary;
use super::latlng::LatLng;
use super::overlap::{OVERLAP_TOLERANCE_M2, Overlap, overlap};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// How many changes lie beside the tree before it is built anew.
const RECENT_MAX: usize = 256;

/// An area that can be found: the boundary of a grid, and the days on which it is in force.
#[derive(Debug, Clone)]
pub struct Area {
    /// The grid.
    pub code: Code,
    /// The days.
    pub effective: Period,
    /// The boundary.
    pub boundary: Arc<Boundary>,
}

/// An area that lies over another.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The one in the index.
    pub code: Code,
    /// What they share.
    pub overlap: Overlap,
}

/// Areas, each code at most once. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Index {
    settled: Arc<RTree<Entry>>,
    recent: Arc<Vec<Entry>>,
    /// Codes whose area in the tree no longer counts: removed, or among the recent.
    replaced: Arc<BTreeSet<Code>>,
}

#[derive(Debug, Clone)]
struct Entry {
    bounds: AABB<[f64; 2]>,
    area: Arc<Area>,
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.bounds
    }
}

impl Entry {
    fn new(area: Area) -> Self {
        Self { bounds: area.boundary.bounds(), area: Arc::new(area) }
    }
}

impl Index {
    /// An index of areas. Of two with the same code the later counts.
    pub fn build(areas: impl IntoIterator<Item = Area>) -> Self {
        Self::default().with(areas, [])
    }

    /// The index after some areas were put in, in the place of those with their codes, and some were removed first.
    #[must_use]
    pub fn with(&self, put: impl IntoIterator<Item = Area>, removed: impl IntoIterator<Item = Code>) -> Self {
        let mut replaced = (*self.replaced).clone();
        let mut recent: std::collections::BTreeMap<Code, Entry> =
            self.recent.iter().map(|entry| (entry.area.code.clone(), entry.clone())).collect();
        for code in removed {
            recent.remove(&code);
            replaced.insert(code);
        }
        for area in put {
            replaced.insert(area.code.clone());
            recent.insert(area.code.clone(), Entry::new(area));
        }
        let recent: Vec<Entry> = recent.into_values().collect();
        if replaced.len() <= RECENT_MAX {
            return Self {
                settled: Arc::clone(&self.settled),
                recent: Arc::new(recent),
                replaced: Arc::new(replaced),
            };
        }
        let kept = self.settled.iter().filter(|entry| !replaced.contains(&entry.area.code)).cloned();
        let settled = RTree::bulk_load(kept.chain(recent).collect());
        Self { settled: Arc::new(settled), ..Self::default() }
    }

    /// How many areas it holds.
    pub fn len(&self) -> usize {
        self.areas().count()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.areas().next().is_none()
    }

    /// The areas, in no order.
    pub fn areas(&self) -> impl Iterator<Item = &Area> {
        let settled = self.settled.iter().filter(|entry| !self.replaced.contains(&entry.area.code));
        settled.chain(self.recent.iter()).map(|entry| entry.area.as_ref())
    }

    /// The grid in force on a day that holds a place in WGS-84. On a border between grids, and wherever they lie over
    /// each other, it is the one with the lowest code.
    pub fn locate(&self, place: LatLng, day: NaiveDate) -> Option<&Code> {
        let point = AABB::from_point([place.longitude(), place.latitude()]);
        self.within(point)
            .filter(|area| area.effective.holds(day) && area.boundary.contains(place))
            .map(|area| &area.code)
            .min()
    }

    /// The areas that a boundary lies over by more than [`OVERLAP_TOLERANCE_M2`] on some day of a period, in the
    /// order of their codes; those excepted (itself, those that end as it begins) are passed over.
    pub fn overlapping(&self, boundary: &Boundary, days: Period, except: &[Code]) -> Vec<Conflict> {
        let mut conflicts: Vec<Conflict> = self
            .within(boundary.bounds())
            .filter(|area| area.effective.overlaps(&days) && !except.contains(&area.code))
            .filter_map(|area| {
                let overlap = overlap(&area.boundary, boundary, OVERLAP_TOLERANCE_M2)?;
                Some(Conflict { code: area.code.clone(), overlap })
            })
            .collect();
        conflicts.sort_by(|a, b| a.code.cmp(&b.code));
        conflicts
    }

    /// The areas whose bounding rectangle meets another.
    fn within(&self, bounds: AABB<[f64; 2]>) -> impl Iterator<Item = &Area> {
        let settled = self
            .settled
            .locate_in_envelope_intersecting(&bounds)
            .filter(|entry| self.replaced.is_empty() || !self.replaced.contains(&entry.area.code));
        let recent = self.recent.iter().filter(move |entry| entry.bounds.intersects(&bounds));
        settled.chain(recent).map(|entry| entry.area.as_ref())
    }
}
