//! The days that the program carries, and files of days.

use super::{china, date};
use crate::domain::calendar::national::{self, Kind, read};

#[test]
fn the_carried_notices_are_those_of_2007_to_2026() {
    let notices = national::carried();
    assert!(notices.iter().map(|notice| notice.year).eq(2007..=2026));
    for notice in notices {
        assert!(notice.days.iter().all(|day| national::belongs(notice.year, day.date)), "{}", notice.year);
        let new_year = notice.days.iter().find(|day| day.date == date(&format!("{}-01-01", notice.year)));
        assert_eq!(new_year.unwrap().kind, Kind::Off, "{}", notice.year);
        assert!(notice.source.starts_with("http"), "{}", notice.year);
    }
    assert_eq!(notices.iter().map(|notice| notice.days.len()).sum::<usize>(), 678);
}

/// The working days of a year, from 250 to 252 in most; counted by hand from the notices for two of them.
#[test]
fn the_years_have_as_many_working_days_as_they_had() {
    let calendar = china();
    let worked = |year: i32| {
        let first = date(&format!("{year}-01-01"));
        let days = first.iter_days().take_while(|day| day.format("%Y").to_string() == year.to_string());
        days.filter(|day| !calendar.day(*day).unwrap().hours.is_closed()).count()
    };
    assert_eq!((worked(2024), worked(2025)), (251, 248));
    assert!((2007..=2026).all(|year| (244..=253).contains(&worked(year))));
}

#[test]
fn a_file_of_a_year_is_read_whole() {
    let file = "\u{feff}date,name,is_off_day,papers\r\n2026-12-31,元旦,1,x\r\n2027-01-03,元旦,0,x\r\n2027-01-01,元旦,true,x\r\n";
    let days = read(2027, file.as_bytes()).unwrap();
    let kinds: Vec<_> = days.iter().map(|day| (day.date, day.kind)).collect();
    let wanted = [("2026-12-31", Kind::Off), ("2027-01-01", Kind::Off), ("2027-01-03", Kind::MakeUp)];
    assert_eq!(kinds, wanted.map(|(day, kind)| (date(day), kind)));
}

#[test]
fn every_wrong_line_of_a_file_is_named() {
    let faults = |body: &str| {
        let file = format!("date,name,is_off_day\n{body}");
        let faults = read(2027, file.as_bytes()).unwrap_err();
        faults.into_iter().map(|fault| (fault.line, fault.column, fault.reason)).collect::<Vec<_>>()
    };
    let wanted = [
        (2, "date", "INVALID_DATE"),
        (3, "date", "INVALID_DATE"),
        (4, "name", "NAME_LENGTH"),
        (5, "is_off_day", "INVALID_FLAG"),
        (6, "", "FIELD_COUNT"),
    ];
    let body = "2027-1-1,元旦,1\n2027-02-29,元旦,1\n2027-01-01,,1\n2027-01-01,元旦,2\n2027-01-02,元旦\n";
    assert_eq!(faults(body), wanted);
    let wanted =
        [(2, "date", "DATE_OUTSIDE_YEAR"), (4, "date", "DUPLICATE_ROW"), (5, "date", "DATE_OUTSIDE_YEAR")];
    let body = "2026-11-30,元旦,1\n2027-01-01,元旦,1\n2027-01-01,元旦,1\n2028-01-01,元旦,1\n";
    assert_eq!(faults(body), wanted);
    assert_eq!(faults("2027-01-01,\"元旦,1"), [(2, "", "TRUNCATED_FILE")]);
}

#[test]
fn a_file_that_is_not_what_it_should_be_is_refused() {
    let reason = |content: &[u8]| read(2027, content).unwrap_err().remove(0).reason;
    assert_eq!(reason(b""), "MISSING_COLUMN");
    assert_eq!(reason(b"date,name\n2027-01-01,x\n"), "MISSING_COLUMN");
    assert_eq!(reason(b"date,name,is_off_day\n2027-01-01,\xd4\xff,1\n"), "NOT_UTF8");
    assert_eq!(reason(b"year,date,name,is_off_day\n2026,2027-01-01,x,1\n"), "YEAR_MISMATCH");
    assert_eq!(reason(&vec![b'a'; 200_001]), "TOO_LONG");
}

proptest::proptest! {
    #[test]
    fn any_file_is_read_or_refused(content in "(date,name,is_off_day\n)?[0-9,\"\n\u{5143}-]{0,80}") {
        let _ = read(2027, content.as_bytes());
    }
}
