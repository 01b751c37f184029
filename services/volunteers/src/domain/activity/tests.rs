use proptest::prelude::*;

use super::*;

fn at(hour: i64) -> DateTime<Utc> {
    "2026-03-02T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour)
}

fn activity(status: Status) -> Activity {
    Activity {
        id: Uuid::now_v7(),
        team: "t".into(),
        post: "p".into(),
        need: None,
        plan: Plan {
            title: "Books for the old".into(),
            description: String::new(),
            place: Place {
                code: "321181100201".parse().unwrap(),
                address: String::new(),
                position: None,
                radius_m: 200,
            },
            needs_approval: false,
            members_only: false,
            drop_notice_minutes: 60,
        },
        status,
        cancel_reason: String::new(),
        version: 1,
        create_time: at(0),
        update_time: at(0),
    }
}

const AHEAD: Ahead = Ahead { to_begin: 1, to_end: 1 };
const OVER: Ahead = Ahead { to_begin: 0, to_end: 0 };

#[test]
fn a_draft_is_published_and_ends_when_its_shifts_are_over() {
    let draft = activity(Status::Draft);
    assert_eq!(decide(&draft, &Command::Publish, OVER, at(1)).unwrap_err().reason, "NO_SHIFT_AHEAD");
    let open = decide(&draft, &Command::Publish, AHEAD, at(1)).unwrap();
    assert_eq!((open.status, open.version), (Status::Published, 2));
    assert_eq!(decide(&open, &Command::Publish, AHEAD, at(1)).unwrap_err().reason, "ACTIVITY_STATUS");
    assert_eq!(decide(&open, &Command::End, AHEAD, at(1)).unwrap_err().reason, "SHIFT_NOT_OVER");
    assert_eq!(decide(&open, &Command::End, OVER, at(9)).unwrap().status, Status::Ended);
}

#[test]
fn nothing_happens_to_what_is_over_or_cancelled() {
    for status in [Status::Ended, Status::Cancelled] {
        let closed = activity(status);
        let commands = [
            Command::Update(closed.plan.clone()),
            Command::Publish,
            Command::End,
            Command::Cancel("x".into()),
        ];
        for command in commands {
            assert_eq!(decide(&closed, &command, OVER, at(1)).unwrap_err().reason, "ACTIVITY_CLOSED");
        }
    }
}

#[test]
fn a_shift_may_begin_when_another_ends() {
    let (early, late) = (Window { from: at(1), to: at(3) }, Window { from: at(3), to: at(5) });
    assert!(!early.overlaps(&late) && !late.overlaps(&early));
}

proptest! {
    #[test]
    fn windows_overlap_where_they_have_an_hour_in_common(a in 0..50_i64, b in 1..9_i64, c in 0..50_i64, d in 1..9_i64) {
        let (one, other) = (Window { from: at(a), to: at(a + b) }, Window { from: at(c), to: at(c + d) });
        let common = (a..a + b).any(|hour| (c..c + d).contains(&hour));
        prop_assert_eq!(one.overlaps(&other), common);
        prop_assert_eq!(other.overlaps(&one), common);
    }
}
