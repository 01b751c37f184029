//! What the public is not told: groups so small that whoever knows somebody in them learns what they said.

use super::count::Counts;
use super::query::{Group, total};

/// Groups of fewer rounds than this are not told to the public.
pub const SMALL: i64 = 5;

/// Figures as the public is told them; `None` is kept from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The groups, with their keys.
    pub groups: Vec<(String, Option<Counts>)>,
    /// All of them together.
    pub total: Option<Counts>,
}

/// Keeps small groups back. What is kept back is always as many rounds as a group that could be told: otherwise whoever
/// takes the others from the total has it. So with one small group the next smallest goes too.
pub fn without_small(groups: &[Group]) -> Told {
    let mut by_size: Vec<(i64, usize)> =
        groups.iter().enumerate().map(|(place, group)| (group.counts.size(), place)).collect();
    by_size.sort_unstable();
    let mut kept_back = vec![false; groups.len()];
    let mut hidden = 0;
    for (size, place) in by_size {
        let is_small = size < SMALL;
        let betrays = hidden > 0 && hidden < SMALL;
        if is_small || betrays {
            kept_back[place] = true;
            hidden += size;
        }
    }
    let told = groups.iter().zip(&kept_back);
    let groups_told = told.map(|(group, back)| (group.key.clone(), (!back).then(|| group.counts.clone())));
    let whole = total(groups);
    Told { groups: groups_told.collect(), total: (whole.size() >= SMALL).then_some(whole) }
}
