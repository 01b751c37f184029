use proptest::prelude::*;

use super::*;

const HEADER: &str = "household_id,grid_code,address,resident_name,relation,identity_number,phone\n";
const FIRST: &str = "h1,321181100201001,前巷村3组9号,张三,户主,11010519491231002X,138 1234 5678\n";
const SECOND: &str = "h1,321181100201001,前巷村3组9号,李四,配偶,,\n";
const EMPTY: &str = "h2,321181100201001,前巷村3组10号,,,,\n";

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 5).unwrap()
}

fn all(content: &[u8]) -> Result<Vec<Record>, Fault> {
    read("f.csv", content, today())?.collect()
}

fn refused(body: &str) -> (u64, String, &'static str) {
    let fault = all(format!("{HEADER}{body}").as_bytes()).unwrap_err();
    (fault.line, fault.column, fault.reason)
}

#[test]
fn rows_of_one_household_become_one_record() {
    let records = all(format!("\u{feff}{HEADER}{FIRST}{SECOND}{EMPTY}").as_bytes()).unwrap();
    let counts: Vec<(u64, &str, usize)> = records
        .iter()
        .map(|record| (record.number, record.source_id.as_str(), record.residents.len()))
        .collect();
    assert_eq!(counts, [(1, "h1", 2), (2, "h2", 0)]);
    let head = &records[0].residents[0];
    assert_eq!((head.relation, head.personal.phone.as_deref()), (Relation::Head, Some("+8613812345678")));
}

#[test]
fn columns_may_stand_in_any_order() {
    let content = "phone,household_id,address,grid_code,relation,resident_name,identity_number,note\n\
                   ,h1,a1号,321181100201001,head,张三,,x\n";
    assert_eq!(all(content.as_bytes()).unwrap()[0].residents[0].personal.display_name, "张三");
}

#[test]
fn each_fault_is_named_with_its_line_and_column() {
    let told = |line, column: &str, reason| (line, column.to_owned(), reason);
    assert_eq!(refused(&format!("{FIRST}h2,321181100201,a,b,户主,,\n")), told(3, "grid_code", "CODE_LENGTH"));
    assert_eq!(refused("h1,321181100201001,,b,户主,,\n"), told(2, "address", "REQUIRED_FIELD"));
    assert_eq!(refused("h1,321181100201001,a,b,chief,,\n"), told(2, "relation", "UNKNOWN_RELATION"));
    assert_eq!(
        refused("h1,321181100201001,a,b,户主,110105194912310021,\n"),
        told(2, "identity_number", "IDENTITY_NUMBER_CHECK")
    );
    assert_eq!(refused("h1,321181100201001,a,b,户主,,12\n"), told(2, "phone", "PHONE_SHORT"));
    assert_eq!(refused(&format!("{FIRST}{FIRST}")), told(3, "relation", "HEAD_EXISTS"));
    let other = FIRST.replace("9号", "8号").replace("户主", "配偶");
    assert_eq!(refused(&format!("{FIRST}{other}")), told(3, "address", "ROWS_DIFFER"));
    assert_eq!(refused(&format!("{FIRST}h2,3\n{EMPTY}")), told(3, "", "FIELD_COUNT"));
    assert_eq!(all(b"household_id\n").unwrap_err().reason, "MISSING_COLUMN");
}

#[test]
fn a_file_that_was_cut_off_is_refused() {
    assert_eq!(refused(&format!("{FIRST}h2,321181100201001,\"前巷")).2, "TRUNCATED_FILE");
    assert_eq!(refused(&format!("{FIRST}h2,3211811")).2, "TRUNCATED_FILE");
}

#[test]
fn another_encoding_is_refused_with_its_line_and_column() {
    let content = [HEADER.as_bytes(), b"h1,321181100201001,\xc7\xb0\xcf\xef,,,,\n"].concat();
    let fault = all(&content).unwrap_err();
    assert_eq!((fault.line, fault.column.as_str(), fault.reason), (2, "address", "NOT_UTF8"));
}

#[test]
fn no_fault_repeats_a_number_that_was_sent() {
    let fault =
        all(format!("{HEADER}h1,321181100201001,a,b,户主,110105194912310021,\n").as_bytes()).unwrap_err();
    assert!(!fault.to_string().contains("11010519491231"));
}

#[test]
fn nothing_follows_a_fault() {
    let content = format!("{HEADER}h1,3,a,b,户主,,\n{EMPTY}");
    let results: Vec<_> = read("f.csv", content.as_bytes(), today()).unwrap().collect();
    assert!(results.len() == 1 && results[0].is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(content in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = all(&content);
        let _ = all(&[HEADER.as_bytes(), &content].concat());
    }
}
