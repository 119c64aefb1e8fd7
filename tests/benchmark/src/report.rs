//! The report of a run, as a file and as a table with the changes since the last release.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::figure::{Bound, Figure};

/// A median that is worse by more than this share is marked in the table. Smaller changes may be noise.
const NOTABLE_CHANGE: f64 = 0.15;

/// All figures of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The measured version.
    pub(crate) version: String,
    /// The processor and its number of cores.
    pub(crate) machine: String,
    pub(crate) parts: Vec<PartReport>,
}

/// The figures of one part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PartReport {
    pub(crate) title: String,
    /// Whether its figures depend on the machine.
    #[serde(skip)]
    pub(crate) is_timing: bool,
    pub(crate) figures: Vec<Figure>,
}

impl Report {
    /// Whether all bounds hold.
    pub(crate) fn holds(&self) -> bool {
        self.parts.iter().flat_map(|part| &part.figures).all(Figure::holds)
    }

    fn find(&self, title: &str, name: &str) -> Option<&Figure> {
        let part = self.parts.iter().find(|part| part.title == title)?;
        part.figures.iter().find(|figure| figure.name == name)
    }

    /// The table with each figure's change since `last`, the report of the last release. If that was measured on another
    /// machine, changes of times are in brackets and without a mark, because the machine may be their cause.
    pub(crate) fn table(&self, last: &Self) -> String {
        let is_other_machine = !last.machine.is_empty() && last.machine != self.machine;
        let mut table = format!("\nMeasured on {}", self.machine);
        if is_other_machine {
            table +=
                &format!("; {} on {}: changes in brackets may be caused by the machine", last.version, last.machine);
        }
        table += "\n";
        let since = if last.version.is_empty() { String::new() } else { format!("since {}", last.version) };
        for part in &self.parts {
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(table, "\n{:<103} {since:>8}", part.title);
            for figure in &part.figures {
                let change = match last.find(&part.title, &figure.name).and_then(|last| moved(figure, last)) {
                    Some(moved) if is_other_machine && part.is_timing => format!("({})", percent(moved)),
                    Some(moved) => format!("{}{}", if worse(figure, moved) { "! " } else { "" }, percent(moved)),
                    None => String::new(),
                };
                let _ = writeln!(table, "{}", line(figure, &change));
            }
        }
        table
    }
}

fn line(figure: &Figure, change: &str) -> String {
    let (least, most) = figure.range();
    let bound = match figure.bound {
        Some(Bound::AtLeast(bound)) => format!("at least {bound}"),
        Some(Bound::AtMost(bound)) => format!("at most {bound}"),
        None => String::new(),
    };
    let bound = if figure.applies_to_each { format!("{bound} each time") } else { bound };
    let verdict = match (figure.holds(), figure.bound) {
        (true, Some(_)) => ": holds",
        (true, None) => "",
        (false, _) => ": DOES NOT HOLD",
    };
    let spread = format!("({} to {}, n = {})", number(least), number(most), figure.measured.len());
    let median = number(figure.median());
    let line =
        format!("  {:<80} {median:>10} {:<9} {change:>8}  {spread:<34} {bound}{verdict}", figure.name, figure.unit);
    line.trim_end().to_owned()
}

/// The change of the median, as a share of the earlier one.
fn moved(figure: &Figure, last: &Figure) -> Option<f64> {
    let (now, then) = (figure.median(), last.median());
    (then != 0.0 && now.is_finite() && then.is_finite()).then(|| now / then - 1.0)
}

/// Whether the figure became worse by more than [`NOTABLE_CHANGE`].
fn worse(figure: &Figure, moved: f64) -> bool {
    let lost = if matches!(figure.bound, Some(Bound::AtLeast(_))) { -moved } else { moved };
    lost > NOTABLE_CHANGE
}

fn percent(share: f64) -> String {
    format!("{:+.0} %", share * 100.0)
}

/// The number with three significant digits, and a comma between thousands.
fn number(value: f64) -> String {
    let decimals = match value.abs() {
        small if small < 0.001 && small > 0.0 => 7,
        small if small < 1.0 => 3,
        middle if middle < 100.0 => 2,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    if whole.len() < 5 || !value.is_finite() {
        return text;
    }
    let digits = whole.as_bytes();
    let grouped: Vec<&[u8]> = digits.rchunks(3).rev().collect();
    let grouped: Vec<String> = grouped.into_iter().map(|three| String::from_utf8_lossy(three).into_owned()).collect();
    format!("{}{rest}", grouped.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(measured: f64) -> Report {
        let figure = Figure::new("To the first poll", "ms", vec![measured]).at_most(5.0);
        let part = PartReport { title: "Start-up".to_owned(), is_timing: true, figures: vec![figure] };
        Report { version: "0.1.0".to_owned(), machine: "2 x this".to_owned(), parts: vec![part] }
    }

    #[test]
    fn a_regression_is_marked() {
        let table = report(4.0).table(&report(2.0));
        assert!(table.contains("! +100 %") && table.contains("at most 5: holds"), "{table}");
        let better = report(2.0).table(&report(4.0));
        assert!(better.contains("-50 %") && !better.contains('!'), "{better}");
        assert!(report(6.0).table(&Report::default()).contains("DOES NOT HOLD"));
        assert!(!report(6.0).holds() && report(4.0).holds());
    }

    #[test]
    fn changes_of_times_since_another_machine_are_not_marked() {
        let mut last = Report { machine: "2 x that".to_owned(), ..report(2.0) };
        let mut now = report(4.0);
        let table = now.table(&last);
        assert!(table.contains("(+100 %)") && !table.contains('!'), "{table}");
        assert!(table.contains("Measured on 2 x this; 0.1.0 on 2 x that"), "{table}");
        // Sizes do not depend on the machine.
        for report in [&mut last, &mut now] {
            report.parts.iter_mut().for_each(|part| part.is_timing = false);
        }
        assert!(now.table(&last).contains("! +100 %"));
    }

    #[test]
    fn numbers_have_three_significant_digits_and_separators() {
        let all = [0.000_012_3, 0.0123, 1.234, 123.4, 12345.6, 1_234_567.0].map(number);
        assert_eq!(all, ["0.0000123", "0.012", "1.23", "123", "12,346", "1,234,567"]);
    }
}
