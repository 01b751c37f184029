use minqing_platform::identity::Role;

use super::*;
use crate::store::contact as stored;
use minqing_platform::period::Period;

const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

/// A grid of one household and one lead.
fn chain(grid: &str, household: u128, lead: &str) -> Arc<Chain> {
    let post = stored::Post {
        role: Role::GridLead,
        person: lead.into(),
        display_name: "张三".into(),
        effective: Period::since(DAY),
    };
    let stored = stored::Chain {
        effective: Period::since(DAY),
        posts: vec![post],
        households: vec![(Uuid::from_u128(household), Period::since(DAY))],
        links: Vec::new(),
    };
    Arc::new(Chain::new(code(grid), DAY, stored))
}

fn keep(state: &mut State, chain: &Arc<Chain>) {
    let ticket = state.begin(&chain.grid);
    state.keep_chain(ticket, chain);
}

fn filled() -> State {
    let mut state = State::default();
    keep(&mut state, &chain("321181100201001", 1, "a"));
    keep(&mut state, &chain("321181100202001", 2, "b"));
    let village = code("321181100201");
    let ticket = state.begin(&village);
    state.keep_cadres(ticket, &village, &Arc::new(Cadres::new(DAY, Vec::new())));
    state
}

fn change(subject: &str, division_code: &str) -> Changed {
    Changed { tx: 0, seq: 1, subject: subject.into(), division_code: division_code.into(), settled: 1 }
}

/// Which of the first grid, the second grid and the village are kept after an event.
fn kept(subject: &str, division_code: &str) -> [bool; 3] {
    let mut state = filled();
    state.drop_changed(&[change(subject, division_code)]);
    let grids = ["321181100201001", "321181100202001"].map(|grid| state.chain(&code(grid), DAY).is_some());
    let households = [1, 2].map(|id| state.households.contains_key(&Uuid::from_u128(id)));
    assert_eq!(grids, households, "a grid goes with its households");
    [grids[0], grids[1], state.cadres(&code("321181100201"), DAY).is_some()]
}

#[test]
fn an_event_drops_what_it_may_have_changed_and_nothing_else() {
    assert_eq!(kept("households/x", "321181100201001"), [false, true, true]);
    assert_eq!(kept("grids/321181100201001/contactLinks", "321181100201001"), [false, true, true]);
    assert_eq!(kept("people/z/appointments/1", "321181100201001"), [false, true, true]);
    assert_eq!(kept("people/z/appointments/1", "321181100201"), [true, true, false]);
    assert_eq!(kept("people/a", "321181"), [false, true, true]);
    assert_eq!(kept("people/z", "321181"), [true, true, true]);
    assert_eq!(kept("organizations/x", "321181100201"), [true, true, true]);
    assert_eq!(kept("something/new", "321181100201"), [false, true, true]);
    assert_eq!(kept("something/new", ""), [false, false, true]);
}

#[test]
fn what_was_read_before_an_event_is_not_kept_after_it() {
    let mut state = State::default();
    let old = chain("321181100201001", 1, "a");
    let ticket = state.begin(&old.grid);
    state.drop_changed(&[change("households/x", "321181100201001")]);
    state.keep_chain(ticket, &old);
    assert!(state.chain(&old.grid, DAY).is_none());
    // Nor after a person changed, whoever is in it; nor after everything was dropped.
    let ticket = state.begin(&old.grid);
    state.drop_changed(&[change("people/a", "321181")]);
    state.keep_chain(ticket, &old);
    assert!(state.chain(&old.grid, DAY).is_none());
    let ticket = state.begin(&old.grid);
    state.clear();
    state.keep_chain(ticket, &old);
    assert!(state.chain(&old.grid, DAY).is_none());
    keep(&mut state, &old);
    assert!(state.chain(&old.grid, DAY).is_some());
    assert!(state.chain(&old.grid, DAY.pred_opt().unwrap()).is_none(), "earlier days are not kept");
}

#[test]
fn a_household_that_moved_stands_for_its_new_grid() {
    let mut state = filled();
    keep(&mut state, &chain("321181100202001", 1, "b"));
    state.drop_changed(&[change("households/x", "321181100201001")]);
    assert_eq!(state.households[&Uuid::from_u128(1)].grid.as_str(), "321181100202001");
}

#[test]
fn what_is_kept_is_bounded_and_what_was_asked_about_stays() {
    let mut state = State::default();
    let large = |grid: usize| {
        let households: Vec<_> = (0..WEIGHT_MAX / 4)
            .map(|number| (Uuid::from_u128((grid * WEIGHT_MAX + number) as u128), Period::since(DAY)))
            .collect();
        let stored =
            stored::Chain { effective: Period::since(DAY), posts: Vec::new(), households, links: Vec::new() };
        Arc::new(Chain::new(code(&format!("321181100201{grid:03}")), DAY, stored))
    };
    for grid in 0..3 {
        keep(&mut state, &large(grid));
    }
    assert!((0..3).all(|grid| state.chains[&code(&format!("321181100201{grid:03}"))].was_used()));
    assert!(state.chain(&code("321181100201001"), DAY).is_some());
    keep(&mut state, &large(3));
    assert!(state.weight <= WEIGHT_MAX);
    assert!(state.chain(&code("321181100201001"), DAY).is_some());
    assert!(state.chain(&code("321181100201000"), DAY).is_none());
    assert!(!state.households.contains_key(&Uuid::from_u128(0)));
    for grid in 4..20 {
        keep(&mut state, &large(grid));
        assert!(state.weight <= WEIGHT_MAX && state.households.len() <= WEIGHT_MAX);
    }
}
