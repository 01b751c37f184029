use proptest::prelude::*;

use super::made::{self, Size};
use crate::domain::matching::problem::{Demand, Problem};
use crate::domain::matching::{certificate, sensitivity, solve};

/// The least total, by trying every assignment.
fn least(problem: &Problem, need: usize, taken: &mut Vec<usize>) -> i128 {
    if need == problem.demands().len() {
        return 0;
    }
    let mut best = i128::from(problem.unmatched(need)) + least(problem, need + 1, taken);
    for choice in problem.choices(need) {
        let team = choice.team as usize;
        let Some(slot) = problem.slots(choice.team).get(taken[team]).copied() else { continue };
        taken[team] += 1;
        let rest = least(problem, need + 1, taken);
        taken[team] -= 1;
        best = best.min(i128::from(choice.cost) + i128::from(slot) + rest);
    }
    best
}

fn least_of(problem: &Problem) -> i128 {
    least(problem, 0, &mut vec![0; problem.teams().len()])
}

prop_compose! {
    fn small()(
        seed in any::<u64>(),
        needs in 0_usize..7,
        teams in 1_usize..5,
        slots_max in 1_usize..4,
        options in 1_usize..6,
        cost_end in prop::sample::select(vec![2_u64, 6, 1_000]),
    ) -> (u64, Size) {
        (seed, Size { needs, teams, slots_max, options, cost_end })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn nothing_that_can_be_tried_is_cheaper((seed, size) in small()) {
        let problem = made::problem(seed, size);
        let solution = solve(&problem);
        let objective = certificate::check(&problem, &solution.assignment, &solution.duals);
        prop_assert_eq!(objective.unwrap().total, least_of(&problem));
    }

    #[test]
    fn what_a_forced_pair_costs_more_is_what_trying_everything_with_it_costs_more((seed, size) in small()) {
        let problem = made::problem(seed, size);
        let solution = solve(&problem);
        let free = least_of(&problem);
        for need in problem.demands() {
            for choice in problem.choices(need) {
                let (demands, supplies) = made::parts(seed, size);
                let forced: Vec<Demand> = demands.into_iter().map(|mut demand| {
                    if demand.name == problem.need_name(need) {
                        demand.options.retain(|(team, _)| supplies[*team].name == problem.team_name(choice.team));
                        demand.unmatched = 1_000_000;
                    }
                    demand
                }).collect();
                let more = least_of(&Problem::new(forced, supplies).unwrap()) - free;
                let told = sensitivity::in_all(&problem, &solution, need, choice.team).unwrap();
                prop_assert_eq!(i128::from(told), more, "{} by {}", need, choice.team);
                prop_assert!(sensitivity::at_prices(&problem, &solution, need, choice.team).unwrap() <= told);
            }
        }
    }
}
