//! Tables in Markdown, so that what is printed can be kept as it is.

use std::io::Write as _;
use std::time::Duration;

/// Prints a table with a title. Cells of the first column stand left, all others right.
pub fn print(title: &str, header: &[&str], rows: &[Vec<String>], notes: &[String]) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column).map(String::as_str));
        cells.chain([header[column]]).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        format!("| {} |", padded.collect::<Vec<_>>().join(" | "))
    };
    say(&format!("\n### {title}\n"));
    say(&line(header.to_vec()));
    let rules = widths.iter().enumerate().map(|(column, width)| match column {
        0 => format!("|{}", "-".repeat(width + 2)),
        _ => format!("|{}:", "-".repeat(width + 1)),
    });
    say(&format!("{}|", rules.collect::<String>()));
    for row in rows {
        say(&line(row.iter().map(String::as_str).collect()));
    }
    if !notes.is_empty() {
        say("");
    }
    for note in notes {
        say(&format!("- {note}"));
    }
}

/// A line of the report, on standard output.
pub fn say(line: &str) {
    // Whoever closed the pipe does not want to hear more; that is no failure.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line about the run itself, on standard error.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A whole number with commas between thousands.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of things a second.
pub fn rate(number: u64, elapsed: Duration) -> String {
    count(per_second(number, elapsed).round() as u64)
}

/// How many a second.
#[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
pub fn per_second(number: u64, elapsed: Duration) -> f64 {
    number as f64 / elapsed.as_secs_f64().max(1e-9)
}

/// Seconds, to two places.
pub fn seconds(elapsed: Duration) -> String {
    format!("{:.2}", elapsed.as_secs_f64())
}

/// Milliseconds, to two places.
pub fn milliseconds(elapsed: Duration) -> String {
    format!("{:.2}", elapsed.as_secs_f64() * 1e3)
}

/// Microseconds, to one place.
pub fn microseconds(elapsed: Duration) -> String {
    format!("{:.1}", elapsed.as_secs_f64() * 1e6)
}

/// Kibibytes as mebibytes.
pub fn mebibytes(kib: u64) -> String {
    count(kib.div_ceil(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            [0, 999, 1_000, 219_580, 1_000_000].map(count),
            ["0", "999", "1,000", "219,580", "1,000,000"]
        );
    }
}
