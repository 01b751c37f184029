//! The example `assign`, as somebody runs it.
#![cfg(test)]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The program. `cargo test` builds examples before it runs anything; where only this file was asked for, it is built here
/// unless it was before.
fn program() -> &'static PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // This test is in `deps`; examples are beside it.
        let here = std::env::current_exe().unwrap();
        let program = here.parent().unwrap().parent().unwrap().join("examples").join("assign");
        if !program.exists() {
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "--quiet", "--package", env!("CARGO_PKG_NAME"), "--example", "assign"]);
            if !cfg!(debug_assertions) {
                build.arg("--release");
            }
            assert!(build.status().unwrap().success());
        }
        program
    })
}

fn solved(text: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("costs.txt");
    std::fs::write(&path, text).unwrap();
    Command::new(program()).arg(path).output().unwrap()
}

#[track_caller]
fn assert_cost(text: &str, cost: i64) {
    let output = solved(text);
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), cost.to_string());
    assert_eq!(output.status.code(), Some(0));
}

/// The least cost, by trying every order.
fn least(costs: &[Vec<i64>], row: usize, taken: &mut Vec<bool>) -> i64 {
    if row == costs.len() {
        return 0;
    }
    let mut best = i64::MAX;
    for column in 0..costs.len() {
        if !taken[column] {
            taken[column] = true;
            best = best.min(costs[row][column] + least(costs, row + 1, taken));
            taken[column] = false;
        }
    }
    best
}

#[test]
fn a_small_file_has_the_cost_that_is_known() {
    assert_cost("3\n4 1 3\n2 0 5\n3 2 2\n", 5);
}

#[test]
fn lines_may_break_anywhere() {
    assert_cost(" 3\r\n\t4 1\n\n3 2 0\n5 3 2 2", 5);
    assert_cost("1 7", 7);
}

#[test]
fn costs_may_be_below_zero() {
    assert_cost("2\n-4 1\n-3 0\n", -4);
}

#[test]
fn made_files_have_the_cost_that_trying_everything_finds() {
    let mut state = 42_u64;
    for n in 1..=7 {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(state >> 33).unwrap() % 12
        };
        let costs: Vec<Vec<i64>> = (0..n).map(|_| (0..n).map(|_| next()).collect()).collect();
        let lines: Vec<String> =
            costs.iter().map(|row| row.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")).collect();
        assert_cost(&format!("{n}\n{}\n", lines.join("\n")), least(&costs, 0, &mut vec![false; n]));
    }
}

#[test]
fn bad_input_ends_with_a_message_and_2() {
    for (text, said) in [
        ("", "empty"),
        ("x", "whole number"),
        ("0", "n is to be"),
        ("-3 1", "whole number"),
        ("99999999", "n is to be"),
        ("2 1 2 3", "3 costs"),
        ("2 1 2 3 4 5", "more than"),
        ("2 1 2 three 4", "row 2, column 1"),
        ("2 1 2.5 3 4", "row 1, column 2"),
        ("1 9223372036854775807", "row 1, column 1"),
    ] {
        let output = solved(text);
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(said), "{text:?}: {message}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{text:?}");
    }
    let gone = Command::new(program()).arg("no-such-file").output().unwrap();
    assert_eq!(gone.status.code(), Some(2));
    let without = Command::new(program()).output().unwrap();
    assert_eq!(without.status.code(), Some(2));
}
