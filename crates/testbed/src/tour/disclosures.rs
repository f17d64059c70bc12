//! The disclosure log of a gateway, as its own program tells of it: whether it is whole, and its entries without identities.

use super::table::{Row, STYLE};
use comfy_table::{ContentArrangement, Table};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What `wherefore log verify --json` says.
#[derive(Deserialize)]
struct Verified {
    good: bool,
    size: u64,
    signatures: u64,
}

/// An entry: who asked, how it ended and why; of the subscriber nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Shown")]
pub struct Disclosure {
    /// Place in the log.
    pub index: u64,
    /// Door by which the request came.
    pub via: Option<String>,
    /// Account that asked.
    pub account: Option<String>,
    /// Type of client.
    pub client_type: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// Rule that decided, or that would have.
    pub rule: Option<String>,
    /// What was given, without the position.
    pub given: Option<String>,
    /// Why nothing was.
    pub why: Option<String>,
}

/// An entry as the program shows it. Of a change of the consent register `given` is a yes or a no.
#[derive(Deserialize)]
struct Shown {
    index: u64,
    via: Option<String>,
    account: Option<String>,
    client_type: Option<String>,
    outcome: String,
    rule: Option<String>,
    given: Option<Value>,
    why: Option<String>,
    change: Option<String>,
}

impl From<Shown> for Disclosure {
    fn from(shown: Shown) -> Self {
        let Shown { index, via, account, client_type, outcome, rule, given, why, change } = shown;
        let given = given.as_ref().and_then(Value::as_str).map(str::to_owned);
        Self { index, via, account, client_type, outcome, rule, given, why: why.or(change) }
    }
}

/// The disclosure log of an operator's gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disclosures {
    /// Name of the operator.
    pub operator: String,
    /// Its entries, oldest first.
    pub entries: Vec<Disclosure>,
}

impl Disclosures {
    /// From what the program prints for `log verify --json` and `log show --all --operator --json`; and a line that tells whether the
    /// log is whole and every entry of it was read.
    ///
    /// # Errors
    /// What was printed is not that.
    pub fn read(operator: &str, verified: &[u8], shown: &[u8]) -> Result<(Self, Row), serde_json::Error> {
        let verified: Verified = serde_json::from_slice(verified)?;
        let entries: Vec<Disclosure> = serde_json::from_slice(shown)?;
        let read = entries.len();
        let row = Row {
            step: "disclosure log".to_owned(),
            asked: format!("the log of {operator}, checked offline"),
            expected: "whole and signed; every entry opens".to_owned(),
            got: format!("{} entries, {} signatures; {read} open", verified.size, verified.signatures),
            ok: verified.good && verified.size > 0 && verified.signatures > 0 && verified.size == read as u64,
        };
        Ok((Self { operator: operator.to_owned(), entries }, row))
    }

    /// A line for each entry.
    #[must_use]
    pub fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header([
            &format!("log of {}", self.operator),
            "via",
            "who asked",
            "end",
            "rule",
            "what was given, or why not",
        ]);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        for entry in &self.entries {
            let told = entry.given.as_ref().or(entry.why.as_ref()).cloned();
            table.add_row([
                entry.index.to_string(),
                text(&entry.via),
                text(&entry.account),
                entry.outcome.clone(),
                text(&entry.rule),
                told.unwrap_or_default(),
            ]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = r#"[{"index": 0, "via": "lr", "account": "shop", "client_type": "value added", "outcome": "refused",
        "rule": "unrelated-not-listed", "given": null, "why": "not allowed", "target": "msisdn 99900000043", "imsi": "001010000000043",
        "msisdn": "99900000043"}, {"index": 1, "outcome": "consent", "account": "phone", "change": "opted out for good", "given": true}]"#;

    #[test]
    fn entries_are_listed_without_identities() {
        let verified = br#"{"good": true, "size": 2, "signatures": 3}"#;
        let (log, row) = Disclosures::read("alpha", verified, SHOWN.as_bytes()).unwrap();
        assert!(row.ok, "{row:?}");
        let table = log.table().to_string();
        assert!(
            table.contains("shop") && table.contains("unrelated-not-listed") && table.contains("opted out for good"),
            "{table}"
        );
        let json = serde_json::to_string(&log).unwrap();
        assert!(!table.contains("00000043") && !json.contains("00000043"));
    }

    #[test]
    fn a_log_that_is_not_whole_or_does_not_open_is_told() {
        for verified in [
            r#"{"good": false, "size": 2, "signatures": 3}"#,
            r#"{"good": true, "size": 3, "signatures": 3}"#,
            r#"{"good": true, "size": 2, "signatures": 0}"#,
        ] {
            assert!(!Disclosures::read("alpha", verified.as_bytes(), SHOWN.as_bytes()).unwrap().1.ok, "{verified}");
        }
        assert!(!Disclosures::read("alpha", br#"{"good": true, "size": 0, "signatures": 1}"#, b"[]").unwrap().1.ok);
        assert!(Disclosures::read("alpha", br#"{"good": false, "wrong": "torn"}"#, b"[]").is_err());
    }
}
