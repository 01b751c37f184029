use minqing_platform::seal::Keyring;
use proptest::prelude::*;

use super::*;
use crate::domain::hour::chain::Hash;
use crate::domain::hour::{Facts, Source};

const HASH: Hash = [1; 32];

fn entry(seq: i64, team: &str, minutes: i64, corrects: Option<i64>) -> Entry {
    let now: DateTime<Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
    let facts = Facts {
        volunteer: "v".into(),
        team: team.into(),
        post: "p".into(),
        activity: None,
        shift: None,
        need: None,
        division_code: "321181".into(),
        from: now,
        to: now,
        minutes,
        source: if corrects.is_some() { Source::Correction } else { Source::CheckIn },
        corrects,
        reason: String::new(),
        recorder: "r".into(),
        certifier: "c".into(),
        record_time: now,
    };
    Entry { seq, facts, hash: HASH }
}

fn request() -> Request {
    let day = "2026-01-01".parse().unwrap();
    Request {
        id: Uuid::nil(),
        volunteer: "v".into(),
        division_code: "321181".into(),
        content: Content { from: day, to: day, shows_name: true, shows_hours: true },
        state: State::Open,
        certificate: None,
        create_time: "2026-03-02T04:00:00Z".parse().unwrap(),
    }
}

fn issued() -> Issued {
    Issued {
        issuer: "丹阳市志愿者协会".into(),
        handler: "王".into(),
        contact: "0511".into(),
        by: "people/1".into(),
        day: "2026-03-02".parse().unwrap(),
    }
}

#[test]
fn lines_add_up_and_leave_out_what_was_taken_back() {
    let entries = [
        entry(1, "a", 60, None),
        entry(2, "a", 30, None),
        entry(3, "b", 40, None),
        entry(4, "a", -30, Some(2)),
        entry(5, "b", -10, Some(3)),
        entry(6, "c", 20, None),
        entry(7, "c", -20, Some(6)),
    ];
    let lines = lines(&entries).unwrap();
    let short: Vec<_> = lines.iter().map(|line| (line.team.as_str(), line.minutes, line.times)).collect();
    assert_eq!(short, [("a", 60, 1), ("b", 30, 1)]);
    assert_eq!(super::lines(&entries[5..]).unwrap_err().reason, "CERTIFICATE_EMPTY");
}

#[test]
fn nobody_issues_their_own_nor_twice() {
    let entries = [entry(1, "a", 60, None)];
    let head = Head { seq: 1, hash: HASH };
    let issue = |request: &Request, own| {
        issue(request, "1".into(), &entries, head, issued(), own).map_err(|refusal| refusal.reason)
    };
    assert_eq!(issue(&request(), Some("people/1")).unwrap_err(), "CERTIFICATE_OWN");
    let certificate = issue(&request(), Some("people/2")).unwrap();
    assert_eq!((certificate.minutes(), certificate.chain_seq), (60, 1));
    let twice = Request { certificate: Some("1".into()), ..request() };
    assert_eq!(issue(&twice, None).unwrap_err(), "CERTIFICATE_ISSUED");
    let now = request().create_time;
    let revoked = revoke(&certificate, "wrong".into(), "people/3", now).unwrap();
    assert_eq!(revoke(&revoked, "wrong".into(), "people/3", now).unwrap_err().reason, "CERTIFICATE_REVOKED");
}

#[test]
fn a_period_that_is_not_over_or_too_long_is_refused() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let reason = |from, to| {
        let content = Content { from: day(from), to: day(to), ..request().content };
        check("content", &content, day("2026-03-02")).map_err(|violation| (violation.field, violation.reason))
    };
    assert_eq!(reason("2026-01-01", "2026-03-02"), Ok(()));
    let refused = |field: &str, reason| Err((format!("content.{field}"), reason));
    assert_eq!(reason("2026-01-01", "2026-03-03"), refused("to_day", "PERIOD_NOT_OVER"));
    assert_eq!(reason("2026-01-02", "2026-01-01"), refused("to_day", "PERIOD_EMPTY"));
    assert_eq!(reason("2010-01-01", "2026-01-01"), refused("from_day", "PERIOD_TOO_LONG"));
}

#[test]
fn a_code_opens_its_own_certificate_only() {
    let keyring = Keyring::from_secret(&[7; 32]);
    let code = number::code(&keyring, "1");
    assert_eq!(code.len(), 10);
    assert!(number::is_code(&keyring, "1", &code.to_lowercase()));
    assert!(number::is_code(&keyring, "1", &format!("{}-{}", &code[..5], &code[5..])));
    assert!(!number::is_code(&keyring, "2", &code) && !number::is_code(&keyring, "1", ""));
}

proptest! {
    #[test]
    fn one_wrong_digit_of_a_number_shows(place in 0..=999_999_i64, at in 0..11_usize, add in 1..10_u8) {
        let right = number::of(2026, place);
        prop_assert_eq!(number::read("name", &right), Ok(right.clone()));
        let mut wrong = right.into_bytes();
        wrong[at] = b'0' + (wrong[at] - b'0' + add) % 10;
        let wrong = String::from_utf8(wrong).unwrap();
        prop_assert_eq!(number::read("name", &wrong).unwrap_err().reason, "INVALID_NUMBER");
    }
}
