//! What a tour did, as a table that a person can read, or as JSON.

use super::disclosures::Disclosures;
use comfy_table::{Cell, Color, ContentArrangement, LineStyle, Table, TableStyle};
use serde::Serialize;

/// A line below the header, and nothing else.
pub(super) const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// One line: a step and one of its targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What the step shows.
    pub step: String,
    /// Who asked for whom, and how.
    pub asked: String,
    /// What had to come of it.
    pub expected: String,
    /// What came of it.
    pub got: String,
    /// Whether that is the same.
    pub ok: bool,
}

/// What a whole tour did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TourReport {
    /// The lines, in the order of the steps.
    pub rows: Vec<Row>,
    /// Steps that were left out, because a gateway or a service that has a part in them is not there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The disclosure logs of the gateways, where they can be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<Disclosures>,
}

impl TourReport {
    /// Whether every step ended as expected; a tour without steps did not.
    #[must_use]
    pub fn all_as_expected(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| row.ok)
    }

    /// The table, coloured if it goes to a terminal.
    #[must_use]
    pub fn table(&self, colour: bool) -> Table {
        let mut table = Table::new();
        table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(["step", "asked", "expected", "got", "ok"]);
        let mut before = None;
        for row in &self.rows {
            // A step with several targets is named once.
            let step = if before == Some(&row.step) { "" } else { row.step.as_str() };
            before = Some(&row.step);
            let verdict = Cell::new(if row.ok { "yes" } else { "NO" });
            let verdict = match (colour, row.ok) {
                (false, _) => verdict,
                (true, true) => verdict.fg(Color::Green),
                (true, false) => verdict.fg(Color::Red),
            };
            table.add_row([
                Cell::new(step),
                Cell::new(&row.asked),
                Cell::new(&row.expected),
                Cell::new(&row.got),
                verdict,
            ]);
        }
        table
    }

    /// One line that sums up.
    #[must_use]
    pub fn summary(&self) -> String {
        let bad = self.rows.iter().filter(|row| !row.ok).count();
        let told = match (self.rows.len(), bad) {
            (0, _) => "the scenario has no steps".to_owned(),
            (all, 0) => format!("all {all} answers as expected"),
            (all, bad) => format!("{bad} of {all} answers NOT as expected"),
        };
        match self.left_out.len() {
            0 => told,
            left => {
                format!(
                    "{told}; {left} steps left out, whose gateways or services are not there: {}",
                    self.left_out.join(", ")
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(step: &str, ok: bool) -> Row {
        Row { step: step.into(), asked: "a".into(), expected: "b".into(), got: "c".into(), ok }
    }

    #[test]
    fn a_tour_passes_if_it_has_steps_and_all_pass() {
        assert!(!TourReport::default().all_as_expected());
        let mut report = TourReport { rows: vec![row("one", true), row("one", true)], ..TourReport::default() };
        assert!(report.all_as_expected());
        assert_eq!(report.summary(), "all 2 answers as expected");
        let left_out = TourReport { left_out: vec!["three".into()], ..report.clone() };
        assert!(left_out.all_as_expected() && left_out.summary().contains("1 steps left out"));
        assert!(left_out.summary().ends_with("three"));
        report.rows.push(row("two", false));
        assert!(!report.all_as_expected());
        let text = report.table(false).to_string();
        assert_eq!(text.matches("one").count(), 1);
        assert!(text.contains("NO"));
    }
}
