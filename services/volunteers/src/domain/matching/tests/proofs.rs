use proptest::prelude::*;

use super::made::{self, Numbers, Size};
use crate::domain::matching::certificate::{Fault, check};
use crate::domain::matching::problem::{Demand, Error, Problem, Supply};
use crate::domain::matching::{Solution, solve};

const TIGHT: Size = Size { needs: 600, teams: 60, slots_max: 14, options: 12, cost_end: 1_000 };

fn solved(seed: u64, size: Size) -> (Problem, Solution) {
    let problem = made::problem(seed, size);
    let solution = solve(&problem);
    (problem, solution)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn large_matchings_carry_a_proof_that_holds(
        seed in any::<u64>(),
        slots_max in 1_usize..24,
        cost_end in prop::sample::select(vec![3_u64, 100, 1_000_000_000]),
    ) {
        let (problem, solution) = solved(seed, Size { slots_max, cost_end, ..TIGHT });
        prop_assert_eq!(check(&problem, &solution.assignment, &solution.duals).err(), None);
    }

    #[test]
    fn the_order_in_which_needs_and_teams_come_changes_nothing(seed in any::<u64>()) {
        let (problem, solution) = solved(seed, Size { cost_end: 4, ..TIGHT });
        let (mut demands, mut supplies) = made::parts(seed, Size { cost_end: 4, ..TIGHT });
        demands.reverse();
        supplies.reverse();
        let last = supplies.len() - 1;
        for demand in &mut demands {
            demand.options.iter_mut().for_each(|(team, _)| *team = last - *team);
        }
        let turned = Problem::new(demands, supplies).unwrap();
        prop_assert_eq!(&problem, &turned);
        prop_assert_eq!(solution, solve(&turned));
    }

    #[test]
    fn a_proof_in_which_one_number_is_changed_does_not_hold(seed in any::<u64>()) {
        let (problem, solution) = solved(seed, TIGHT);
        let mut numbers = Numbers(seed);
        let mut duals = solution.duals.clone();
        duals.needs[numbers.below(600) as usize] += 1 - 2 * numbers.amount(2);
        prop_assert!(check(&problem, &solution.assignment, &duals).is_err());
    }

    #[test]
    fn an_assignment_that_is_made_worse_is_not_proven(seed in any::<u64>()) {
        let (problem, solution) = solved(seed, TIGHT);
        let mut assignment = solution.assignment;
        let worse = problem.demands().find(|need| {
            assignment[*need].is_some() && problem.unmatched(*need) > solution.duals.needs[*need]
        });
        assignment[worse.unwrap()] = None;
        let fault = check(&problem, &assignment, &solution.duals).unwrap_err();
        prop_assert!(matches!(fault, Fault::Gap { .. }), "{fault}");
    }
}

fn tiny() -> (Vec<Demand>, Vec<Supply>) {
    let demand = |name: &str, options| Demand { name: name.to_owned(), unmatched: 50, options };
    let supply = |name: &str, slots| Supply { name: name.to_owned(), slots };
    let demands = vec![demand("b", vec![(0, 1), (1, 9)]), demand("a", vec![(0, 1)])];
    (demands, vec![supply("y", vec![0]), supply("x", vec![3, 4])])
}

#[test]
fn who_has_another_way_makes_room_for_who_has_none() {
    let (demands, supplies) = tiny();
    let problem = Problem::new(demands, supplies).unwrap();
    let solution = solve(&problem);
    let team =
        |need: &str| solution.assignment[problem.need(need).unwrap()].map(|team| problem.team_name(team));
    assert_eq!((team("a"), team("b")), (Some("y"), Some("x")));
    assert_eq!(check(&problem, &solution.assignment, &solution.duals).unwrap().total, 13);
}

#[test]
fn a_team_with_more_needs_than_slots_or_a_stranger_is_no_assignment() {
    let (demands, supplies) = tiny();
    let problem = Problem::new(demands, supplies).unwrap();
    let duals = solve(&problem).duals;
    let [x, y] = ["x", "y"].map(|name| problem.team(name));
    assert!(matches!(check(&problem, &[y, y], &duals), Err(Fault::OverCapacity { taken: 2, slots: 1, .. })));
    assert!(matches!(check(&problem, &[x, y], &duals), Err(Fault::NotFeasible { .. })));
    assert_eq!(check(&problem, &[y], &duals), Err(Fault::Shape));
}

#[test]
fn problems_that_make_no_sense_are_refused() {
    let with = |change: fn(&mut Vec<Demand>, &mut Vec<Supply>)| {
        let (mut demands, mut supplies) = tiny();
        change(&mut demands, &mut supplies);
        Problem::new(demands, supplies).unwrap_err()
    };
    assert_eq!(with(|needs, _| needs[1].name = "b".to_owned()), Error::SameName("b".to_owned()));
    assert_eq!(with(|_, teams| teams[0].name = "x".to_owned()), Error::SameName("x".to_owned()));
    assert_eq!(with(|_, teams| teams[1].slots = vec![4, 3]), Error::NotConvex("x".to_owned()));
    assert_eq!(with(|needs, _| needs[0].options.push((7, 1))), Error::BadOption("b".to_owned()));
    assert_eq!(with(|needs, _| needs[0].options.push((0, 2))), Error::BadOption("b".to_owned()));
    assert_eq!(with(|_, teams| teams[0].slots.clear()), Error::BadOption("a".to_owned()));
    assert_eq!(with(|needs, _| needs[0].unmatched = i64::MAX), Error::CostTooLarge("b".to_owned()));
}
