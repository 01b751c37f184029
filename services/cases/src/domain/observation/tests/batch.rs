use std::collections::BTreeSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::super::batch::{Entry, Known, Settled, Standing, settle, standing};

/// A small world of ids and contents, so that they meet.
fn entry() -> impl Strategy<Value = (u8, u8, bool)> {
    (0..6_u8, 0..3_u8, any::<bool>())
}

fn id(of: u8) -> Uuid {
    Uuid::from_u128(u128::from(of) + 1)
}

/// What a service does with a batch: looks at what is there, settles the rest, and keeps what is to be kept. Gives what
/// came of each: whether it is there now.
fn send(known: &mut Known, batch: &[(u8, u8, bool)]) -> Vec<Option<Standing>> {
    let stood: Vec<Standing> =
        batch.iter().map(|(of, content, _)| standing(known, id(*of), &[*content; 32])).collect();
    let fresh: Vec<usize> = (0..batch.len()).filter(|place| stood[*place] == Standing::New).collect();
    let entries: Vec<Entry<usize, ()>> = fresh
        .iter()
        .map(|place| {
            let (of, content, is_good) = batch[*place];
            (id(of), [content; 32], if is_good { Ok(*place) } else { Err(()) })
        })
        .collect();
    let mut came: Vec<Option<Standing>> = stood.into_iter().map(Some).collect();
    for (settled, place) in settle(entries).into_iter().zip(fresh.clone()) {
        came[place] = match settled {
            Settled::Keep(kept) => {
                assert_eq!(kept, place, "each keeps its place");
                known.insert(id(batch[place].0), [batch[place].1; 32]);
                Some(Standing::New)
            }
            Settled::As(before) => {
                assert!(fresh[before] < place, "only what came before it is referred to");
                Some(Standing::Same)
            }
            Settled::Taken => Some(Standing::Taken),
            Settled::Bad(()) => None,
        };
    }
    came
}

proptest! {
    #[test]
    fn each_id_is_kept_once_and_the_good_half_whatever_the_bad_half(batch in proptest::collection::vec(entry(), 0..40)) {
        let mut known = Known::new();
        let came = send(&mut known, &batch);
        prop_assert_eq!(came.len(), batch.len());
        let kept = came.iter().filter(|came| **came == Some(Standing::New)).count();
        let good: BTreeSet<u8> = batch.iter().filter(|(_, _, good)| *good).map(|(of, ..)| *of).collect();
        prop_assert_eq!(kept, good.len());
        prop_assert_eq!(known.len(), good.len());
        // The first good one of an id is the one that is kept.
        for of in good {
            let (_, content, _) = batch.iter().find(|(other, _, good)| *other == of && *good).unwrap();
            prop_assert_eq!(known[&id(of)], [*content; 32]);
        }
        // Without the bad ones, the same is kept.
        let mut alone = Known::new();
        let without: Vec<_> = batch.iter().copied().filter(|(_, _, good)| *good).collect();
        send(&mut alone, &without);
        prop_assert_eq!(known, alone);
    }

    #[test]
    fn sent_again_nothing_is_kept_twice_and_nothing_good_is_refused(batch in proptest::collection::vec(entry(), 0..40)) {
        let mut known = Known::new();
        let first = send(&mut known, &batch);
        let there = known.clone();
        let again = send(&mut known, &batch);
        prop_assert_eq!(known, there);
        for (first, again) in first.iter().zip(&again) {
            match first {
                Some(Standing::New | Standing::Same) => prop_assert_eq!(again, &Some(Standing::Same)),
                Some(Standing::Taken) => prop_assert_eq!(again, &Some(Standing::Taken)),
                // A bad one may be the very content that a good one brought; or it is still not taken.
                None => prop_assert!(again != &Some(Standing::New)),
            }
        }
    }

    #[test]
    fn cut_anywhere_and_sent_in_two_the_same_is_kept(batch in proptest::collection::vec(entry(), 0..40), cut in 0..40_usize) {
        let mut whole = Known::new();
        send(&mut whole, &batch);
        let (mut parts, cut) = (Known::new(), cut.min(batch.len()));
        send(&mut parts, &batch[..cut]);
        send(&mut parts, &batch[cut..]);
        prop_assert_eq!(whole, parts);
    }
}
