use minqing_platform::seal::Keyring;
use proptest::prelude::*;

use super::attendance::*;
use super::*;

fn at(minutes: i64) -> DateTime<Utc> {
    "2026-03-02T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

/// From 10:00 to 12:00.
fn window() -> Window {
    Window { from: at(600), to: at(720) }
}

fn shift(capacity: u32, waiting_max: u32) -> Shift {
    Shift {
        id: Uuid::now_v7(),
        activity: Uuid::now_v7(),
        window: window(),
        capacity,
        waiting_max,
        skills: Vec::new(),
        taken: 0,
        waiting: 0,
        line: 0,
        create_time: at(0),
    }
}

fn applicants(numbers: impl IntoIterator<Item = u32>) -> Vec<Applicant> {
    numbers
        .into_iter()
        .map(|number| Applicant { id: Uuid::now_v7(), volunteer: format!("v{number}") })
        .collect()
}

fn one(state: State) -> SignUp {
    let shift = shift(1, 0);
    SignUp { state, ..new(&shift, &applicants([1])[0], state, None, at(0)) }
}

#[derive(Debug, Clone)]
enum Happening {
    Come(Vec<u32>),
    Go(prop::sample::Index),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        prop::collection::vec(0..30_u32, 0..12).prop_map(Happening::Come),
        any::<prop::sample::Index>().prop_map(Happening::Go),
    ]
}

/// Whoever waits longest moves up, as the store lets them.
fn move_up(shift: &mut Shift, all: &mut [SignUp]) {
    while has_room(shift, at(0)) {
        let first =
            all.iter_mut().filter(|one| one.state == State::Waiting).min_by_key(|one| one.line).unwrap();
        *first = promote(shift, first, false, at(0));
    }
}

proptest! {
    #[test]
    fn places_are_never_oversold_and_nobody_overtakes(
        capacity in 1..5_u32, waiting_max in 0..6_u32, story in prop::collection::vec(happening(), 1..20)
    ) {
        let (mut shift, mut all) = (shift(capacity, waiting_max), Vec::<SignUp>::new());
        for happening in story {
            match happening {
                Happening::Come(numbers) => {
                    let here = all.iter().filter(|one| one.state.holds() || one.state == State::Waiting);
                    let taken = Taken { here: here.map(|one| one.volunteer.clone()).collect(), ..Taken::default() };
                    let came = admit(&mut shift, &applicants(numbers), taken, false, at(0));
                    all.extend(came.into_iter().flatten());
                }
                Happening::Go(which) => {
                    let open: Vec<usize> = (0..all.len())
                        .filter(|place| all[*place].state.holds() || all[*place].state == State::Waiting).collect();
                    if open.is_empty() { continue; }
                    let place = open[which.index(open.len())];
                    let after = decide(&all[place], &Command::Drop { notice: TimeDelta::zero() }, at(0)).unwrap();
                    recount(&mut shift, all[place].state, after.state);
                    all[place] = after;
                    move_up(&mut shift, &mut all);
                }
            }
            let holds = all.iter().filter(|one| one.state.holds());
            let waits = all.iter().filter(|one| one.state == State::Waiting);
            prop_assert_eq!(holds.clone().count(), shift.taken as usize);
            prop_assert_eq!(waits.clone().count(), shift.waiting as usize);
            prop_assert!(shift.taken <= capacity && shift.waiting <= waiting_max);
            prop_assert!(shift.waiting == 0 || shift.taken == capacity, "nobody waits beside a free place");
            let last = holds.map(|one| one.line).max().unwrap_or(0);
            prop_assert!(waits.map(|one| one.line).min().is_none_or(|first| first > last), "nobody overtakes");
            let mut live: Vec<&str> = all.iter().filter(|one| one.state.holds() || one.state == State::Waiting)
                .map(|one| one.volunteer.as_str()).collect();
            live.sort_unstable();
            let count = live.len();
            live.dedup();
            prop_assert_eq!(live.len(), count, "nobody is there twice");
        }
    }

    #[test]
    fn what_counts_lies_within_the_shift_and_within_the_stay(came in 500..800_i64, stayed in 0..400_i64) {
        let (came, left) = (at(came), at(came + stayed));
        match counted(window(), came, left) {
            Some(counted) => {
                prop_assert!(counted.from >= came && counted.to <= left);
                prop_assert!(counted.from >= window().from && counted.to <= window().to);
                prop_assert!(minutes(counted) >= 1 && minutes(counted) <= 120);
            }
            None => prop_assert!(left.min(window().to) - came.max(window().from) < TimeDelta::minutes(1)),
        }
    }

    #[test]
    fn a_code_is_taken_while_it_is_shown_and_a_step_longer(start in 0..100_000_i64, later in 0..1_000_i64) {
        let (keyring, shift) = (Keyring::from_secret(&[7; 32]), Uuid::from_u128(9));
        let then = at(0) + TimeDelta::seconds(start);
        let (shown, next) = code(&keyring, shift, then);
        prop_assert!(next > then && next - then <= TimeDelta::seconds(60));
        let now = then + TimeDelta::seconds(later);
        let taken = is_code(&keyring, shift, &shown, now);
        // Later another step has the same code once in a million.
        prop_assert!(taken || now >= next + TimeDelta::seconds(60));
    }

    #[test]
    fn distances_are_the_same_both_ways(a in -80.0..80.0_f64, b in -180.0..180.0_f64, c in -80.0..80.0_f64, d in -180.0..180.0_f64) {
        let (there, back) = (distance_m((a, b), (c, d)), distance_m((c, d), (a, b)));
        prop_assert!((there - back).abs() < 1e-3 && (0.0..=20_040_000.0).contains(&there));
    }
}

#[test]
fn a_code_of_another_shift_or_of_another_time_is_wrong() {
    let (keyring, shift) = (Keyring::from_secret(&[7; 32]), Uuid::from_u128(9));
    let (shown, _) = code(&keyring, shift, at(0));
    assert!(is_code(&keyring, shift, &shown, at(1)));
    assert!(!is_code(&keyring, shift, &shown, at(2)));
    assert!(!is_code(&keyring, Uuid::from_u128(8), &shown, at(0)));
    assert!(!is_code(&Keyring::from_secret(&[8; 32]), shift, &shown, at(0)));
    for odd in ["", "12345", "1234567", "abcdef"] {
        assert!(!is_code(&keyring, shift, odd, at(0)), "{odd}");
    }
}

#[test]
fn a_minute_of_latitude_is_a_nautical_mile() {
    let mile = distance_m((32.0, 119.0), (32.0 + 1.0 / 60.0, 119.0));
    assert!((mile - 1_853.0).abs() < 1.0, "{mile}");
}

#[test]
fn somebody_too_far_is_refused_and_a_place_without_a_point_needs_the_code() {
    let place = Some((32.0, 119.5));
    assert!(check_near(place, 200, (32.001, 119.5)).is_ok());
    assert_eq!(check_near(place, 100, (32.001, 119.5)).unwrap_err().reason, "TOO_FAR");
    assert_eq!(check_near(None, 100, (32.0, 119.5)).unwrap_err().reason, "NO_PLACE");
    assert_eq!(check_near(place, 2_000, (f64::NAN, 119.5)).unwrap_err().reason, "TOO_FAR");
}

#[test]
fn one_checks_in_and_out_within_the_windows_only() {
    let confirmed = one(State::Confirmed);
    for (minutes, allowed) in [(569, false), (570, true), (719, true), (720, false)] {
        let came = decide(&confirmed, &Command::CheckIn, at(minutes));
        assert_eq!(came.is_ok(), allowed, "{minutes}");
        assert!(came.err().is_none_or(|refusal| refusal.reason == "CHECK_IN_WINDOW"));
    }
    let here = decide(&confirmed, &Command::CheckIn, at(600)).unwrap();
    assert!(decide(&here, &Command::CheckOut, at(750)).is_ok());
    assert_eq!(decide(&here, &Command::CheckOut, at(751)).unwrap_err().reason, "CHECK_OUT_WINDOW");
    assert_eq!(decide(&confirmed, &Command::CheckOut, at(650)).unwrap_err().reason, "SIGN_UP_STATE");
}

#[test]
fn dropping_within_the_notice_is_late_and_after_the_start_refused() {
    let drop = Command::Drop { notice: TimeDelta::hours(2) };
    let confirmed = one(State::Confirmed);
    assert!(!decide(&confirmed, &drop, at(480)).unwrap().late);
    assert!(decide(&confirmed, &drop, at(481)).unwrap().late);
    assert!(!decide(&one(State::Waiting), &drop, at(599)).unwrap().late, "who waited leaves nobody short");
    assert_eq!(decide(&confirmed, &drop, at(600)).unwrap_err().reason, "SHIFT_BEGUN");
}

#[test]
fn somebody_who_is_elsewhere_takes_no_place() {
    let mut shift = shift(1, 5);
    let taken = Taken { elsewhere: ["v1".to_owned()].into(), ..Taken::default() };
    let came = admit(&mut shift, &applicants([1, 2, 2, 3]), taken, true, at(0));
    let reasons: Vec<_> =
        came.iter().map(|one| one.as_ref().map(|one| one.state).map_err(|no| no.reason)).collect();
    assert_eq!(
        reasons,
        [Err("TIME_TAKEN"), Ok(State::Requested), Err("SIGNED_UP_ALREADY"), Ok(State::Waiting)]
    );
}

#[test]
fn cover_is_taken_only_where_it_is_wanted() {
    let confirmed = one(State::Confirmed);
    assert_eq!(decide(&confirmed, &Command::Cover, at(0)).unwrap_err().reason, "COVER_NOT_WANTED");
    let wanted = decide(&confirmed, &Command::OfferCover, at(0)).unwrap();
    let covered = decide(&wanted, &Command::Cover, at(0)).unwrap();
    assert_eq!((covered.state, covered.cover_wanted), (State::Covered, false));
}

mod swaps {
    use super::super::swap::{self, Step, Swap, SwapState};
    use super::*;

    fn offered() -> Swap {
        Swap {
            id: Uuid::now_v7(),
            offered: one(State::Confirmed),
            wanted: SignUp { volunteer: "v2".into(), ..one(State::Confirmed) },
            state: SwapState::Offered,
            pending: Vec::new(),
            create_time: at(0),
            update_time: at(0),
        }
    }

    #[test]
    fn a_swap_is_done_when_the_last_leader_agrees() {
        let take = Step::Take(vec!["a".into(), "b".into()]);
        let taken = swap::decide(&offered(), &take, at(1)).unwrap();
        assert_eq!(taken.state, SwapState::Taken);
        let nobody = Step::Approve("c".into());
        assert_eq!(swap::decide(&taken, &nobody, at(1)).unwrap_err().reason, "NOTHING_TO_REVIEW");
        let half = swap::decide(&taken, &Step::Approve("b".into()), at(1)).unwrap();
        assert_eq!(half.state, SwapState::Taken);
        let done = swap::decide(&half, &Step::Approve("a".into()), at(1)).unwrap();
        assert_eq!(done.state, SwapState::Done);
        for step in [take, Step::Decline, Step::Withdraw, Step::Approve("a".into()), Step::Refuse("a".into())]
        {
            assert_eq!(swap::decide(&done, &step, at(2)).unwrap_err().reason, "SWAP_STATE");
        }
    }

    #[test]
    fn a_swap_with_oneself_or_within_a_shift_is_pointless() {
        let swap = offered();
        assert!(swap::check_offer(&swap.offered, &swap.wanted).is_ok());
        let own = SignUp { volunteer: swap.offered.volunteer.clone(), ..swap.wanted.clone() };
        assert_eq!(swap::check_offer(&swap.offered, &own).unwrap_err().reason, "SWAP_POINTLESS");
        let same = SignUp { shift: swap.offered.shift, ..swap.wanted };
        assert_eq!(swap::check_offer(&swap.offered, &same).unwrap_err().reason, "SWAP_POINTLESS");
    }
}
