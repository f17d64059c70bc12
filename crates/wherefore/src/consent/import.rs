//! Consents of another system, as CSV: a line a decision, with evidence (`docs/consent.md`).
//!
//! ```text
//! imsi,msisdn,imei,purpose,given,plmns,precision,identified,notice,version,expires,evidence_sha256
//! 262011234567890,,,logged-mdt,yes,262-01 262-02,coarse,no,drive-tests,1,,9f86d081…
//! ```

use super::body::DecisionBody;
use lcs::{Imei, Imsi, Msisdn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A decision of a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRow {
    /// `msisdn:DIGITS`, `imsi:DIGITS`, `imei:DIGITS`, or several with commas between.
    pub subscriber: String,
    /// What was said; its source is `import`.
    pub decision: DecisionBody,
}

impl core::fmt::Debug for ImportRow {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ImportRow(hidden)")
    }
}

/// Decisions of another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportBody {
    /// At most 1000.
    pub rows: Vec<ImportRow>,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedRow {
    /// Which, from 0.
    pub row: usize,
    /// Why.
    pub what: String,
}

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportView {
    /// Decisions taken.
    pub written: usize,
    /// Those that were not.
    pub refused: Vec<RefusedRow>,
}

/// A line that is no decision. Never repeats a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct CsvError {
    /// Which, from 1.
    pub line: u64,
    /// What is wrong.
    pub what: &'static str,
}

/// The columns, each at most once. All but `purpose`, `given`, `evidence_sha256` and one identity may be missing.
const COLUMNS: [&str; 12] = [
    "imsi",
    "msisdn",
    "imei",
    "purpose",
    "given",
    "plmns",
    "precision",
    "identified",
    "notice",
    "version",
    "expires",
    "evidence_sha256",
];

const HEADING: &str = "the first line must name the columns, each once: imsi, msisdn, imei (one of them at least), purpose, given, \
                       evidence_sha256, and as needed plmns, precision, identified, notice, version, expires";

/// Where the columns are.
struct Columns([Option<usize>; COLUMNS.len()]);

impl Columns {
    fn of(heading: &csv::StringRecord) -> Option<Self> {
        let mut at = [None; COLUMNS.len()];
        for (place, name) in heading.iter().enumerate() {
            let column = COLUMNS.iter().position(|known| *known == name)?;
            let slot = at.get_mut(column)?;
            if slot.replace(place).is_some() {
                return None;
            }
        }
        let has = |name| COLUMNS.iter().zip(&at).any(|(known, place)| *known == name && place.is_some());
        let needed = ["purpose", "given", "evidence_sha256"].into_iter().all(has);
        (needed && ["imsi", "msisdn", "imei"].into_iter().any(has)).then_some(Self(at))
    }

    /// A field; none if it is empty or has no column.
    fn get<'r>(&self, record: &'r csv::StringRecord, name: &str) -> Option<&'r str> {
        let (_, place) = COLUMNS.iter().zip(&self.0).find(|(known, _)| **known == name)?;
        record.get((*place)?).filter(|field| !field.is_empty())
    }

    fn row(&self, record: &csv::StringRecord) -> Result<ImportRow, &'static str> {
        let get = |name| self.get(record, name);
        let yes_or_no = |name, what| match get(name) {
            Some("yes" | "true") => Ok(true),
            Some("no" | "false") => Ok(false),
            None => Err(None),
            Some(_) => Err(Some(what)),
        };
        let given = yes_or_no("given", "given is yes or no").map_err(|what| what.unwrap_or("given is missing"))?;
        let identified =
            yes_or_no("identified", "identified is yes or no").or_else(|what| what.map_or(Ok(false), Err))?;
        let version = get("version").map(str::parse).transpose().map_err(|_| "version is a number")?;
        let expires = get("expires").map(str::parse).transpose();
        let decision = DecisionBody {
            purpose: get("purpose").ok_or("purpose is missing")?.to_owned(),
            given,
            plmns: get("plmns").map(|list| list.split_whitespace().map(str::to_owned).collect()).unwrap_or_default(),
            precision: get("precision").map(str::to_owned),
            identified,
            notice: get("notice").map(str::to_owned),
            version,
            expires: expires.map_err(|_| "expires is a time of RFC 3339, as 2030-01-31T18:00:00Z")?,
            source: "import".to_owned(),
            evidence_sha256: get("evidence_sha256").ok_or("evidence_sha256 is missing")?.to_owned(),
        };
        let row = ImportRow { subscriber: self.subscriber(record)?, decision };
        // Words, networks and evidence, read as the gateway will read them.
        match row.decision.clone().import(lcs::Timestamp::default()) {
            Ok(_) => Ok(row),
            Err(super::ConsentError::Body(what)) => Err(what),
            Err(_) => Err("no decision"),
        }
    }

    fn subscriber(&self, record: &csv::StringRecord) -> Result<String, &'static str> {
        let mut named: Vec<String> = Vec::new();
        if let Some(digits) = self.get(record, "imsi") {
            Imsi::parse(digits).map_err(|_| "imsi has 6 to 15 digits")?;
            named.push(format!("imsi:{digits}"));
        }
        if let Some(number) = self.get(record, "msisdn") {
            let digits = number.strip_prefix('+').unwrap_or(number);
            Msisdn::parse(digits).map_err(|_| "msisdn is an international number, its digits alone")?;
            named.push(format!("msisdn:{digits}"));
        }
        if let Some(digits) = self.get(record, "imei") {
            Imei::parse(digits).map_err(|_| "imei has 14 or 15 digits")?;
            named.push(format!("imei:{digits}"));
        }
        if named.is_empty() { Err("a person needs an IMSI, an MSISDN or an IMEI") } else { Ok(named.join(",")) }
    }
}

/// Reads a file: its decisions with their lines, or every line that is none.
///
/// # Errors
/// A heading that is none, or lines that are no decisions.
pub fn read_csv(text: &[u8]) -> Result<Vec<(u64, ImportRow)>, Vec<CsvError>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let heading = reader.headers().ok().and_then(Columns::of);
    let columns = heading.ok_or_else(|| vec![CsvError { line: 1, what: HEADING }])?;
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, |at| line(text, at));
                match columns.row(&record) {
                    Ok(row) => rows.push((line, row)),
                    Err(what) => wrong.push(CsvError { line, what }),
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, |at| line(text, at));
                wrong.push(CsvError { line, what: "not text in as many fields as there are columns" });
            }
        }
    }
    if wrong.is_empty() { Ok(rows) } else { Err(wrong) }
}

/// The line where a record begins, behind empty ones.
fn line(text: &[u8], at: &csv::Position) -> u64 {
    let behind = usize::try_from(at.byte()).ok().and_then(|byte| text.get(byte..)).unwrap_or_default();
    let empty = behind.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).filter(|octet| **octet == b'\n');
    at.line() + empty.count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROOF: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn told(text: &str) -> Vec<(u64, &'static str)> {
        read_csv(text.as_bytes()).unwrap_err().into_iter().map(|error| (error.line, error.what)).collect()
    }

    #[test]
    fn a_yes_and_a_no_in_columns_of_any_order() {
        let text = format!(
            "evidence_sha256, given,purpose,imsi,plmns,notice,version,expires,imei\n\
             {PROOF},yes,logged-mdt,262011234567890,262-01 262-02,drive-tests,2,2030-01-31T18:00:00Z,\n\
             \n\
             {PROOF},no,immediate-mdt,,,,,,35000000000001\n"
        );
        let rows = read_csv(text.as_bytes()).unwrap();
        let decision = |given, purpose: &str| DecisionBody {
            purpose: purpose.to_owned(),
            given,
            plmns: Vec::new(),
            precision: None,
            identified: false,
            notice: None,
            version: None,
            expires: None,
            source: "import".to_owned(),
            evidence_sha256: PROOF.to_owned(),
        };
        let yes = DecisionBody {
            plmns: vec!["262-01".to_owned(), "262-02".to_owned()],
            notice: Some("drive-tests".to_owned()),
            version: Some(2),
            expires: Some("2030-01-31T18:00:00Z".parse().unwrap()),
            ..decision(true, "logged-mdt")
        };
        let row = |subscriber: &str, decision| ImportRow { subscriber: subscriber.to_owned(), decision };
        assert_eq!(
            rows,
            [(2, row("imsi:262011234567890", yes)), (4, row("imei:35000000000001", decision(false, "immediate-mdt")))]
        );
    }

    #[test]
    fn every_wrong_line_is_told_and_no_value_repeated() {
        for heading in
            ["", "imsi,purpose,given", "purpose,given,evidence_sha256", "imsi,imsi,purpose,given,evidence_sha256"]
        {
            assert_eq!(told(heading), [(1, HEADING)], "{heading}");
        }
        assert_eq!(told(&format!("imsi,purpose,given,evidence_sha256,purse\n1,2,3,{PROOF},4")), [(1, HEADING)]);
        let heading =
            "imsi,msisdn,imei,purpose,given,plmns,precision,identified,notice,version,expires,evidence_sha256";
        let lines = [
            ("123,,,logged-mdt,no,,,,,,,P", "imsi has 6 to 15 digits"),
            (",x,,logged-mdt,no,,,,,,,P", "msisdn is an international number, its digits alone"),
            (",,12,logged-mdt,no,,,,,,,P", "imei has 14 or 15 digits"),
            (",,,logged-mdt,no,,,,,,,P", "a person needs an IMSI, an MSISDN or an IMEI"),
            (",4917012345,,,no,,,,,,,P", "purpose is missing"),
            (
                ",4917012345,,ads,no,,,,,,,P",
                "a purpose is logged-mdt, immediate-mdt, failure-reports or bt-wlan-sensor",
            ),
            (",4917012345,,logged-mdt,,,,,,,,P", "given is missing"),
            (",4917012345,,logged-mdt,ja,,,,,,,P", "given is yes or no"),
            (
                ",4917012345,,logged-mdt,yes,262,,,,,,P",
                "a network is three digits, a hyphen, and two or three digits, as 262-01",
            ),
            (",4917012345,,logged-mdt,yes,262-01,fine,,,,,P", "a precision is coarse or exact"),
            (",4917012345,,logged-mdt,yes,262-01,,maybe,,,,P", "identified is yes or no"),
            (",4917012345,,logged-mdt,yes,262-01,,,n,one,,P", "version is a number"),
            (
                ",4917012345,,logged-mdt,yes,262-01,,,n,1,soon,P",
                "expires is a time of RFC 3339, as 2030-01-31T18:00:00Z",
            ),
            (",4917012345,,logged-mdt,no,,,,,,,", "evidence_sha256 is missing"),
            (",4917012345,,logged-mdt,no,,,,,,,12", "a SHA-256 has 64 hexadecimal digits"),
            ("1,2", "not text in as many fields as there are columns"),
        ];
        let text: String = lines.iter().map(|(line, _)| format!("\n{}", line.replace('P', PROOF))).collect();
        let expected: Vec<(u64, &str)> = (2..).zip(lines.iter().map(|(_, what)| *what)).collect();
        assert_eq!(told(&format!("{heading}{text}")), expected);
    }
}
