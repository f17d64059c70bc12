//! Names of trace files (TS 32.423 clause B.1).

use jiff::Timestamp as Instant;
use lcs::Timestamp;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A: one session of one network element.
    OneSession,
    /// B: many sessions of one network element.
    ManySessions,
    /// C: identities or models to the sessions of a cell trace.
    Identities,
}

/// `<Type><Startdate>.<Starttime>-<SenderType>.<SenderName>.[<TraceReference>].[<TraceRecSession>]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName {
    /// Type.
    pub kind: FileKind,
    /// Of the first record.
    pub starts: Timestamp,
    /// Type of the network element, as `eNB`.
    pub sender_type: String,
    /// Name of the network element; may hold dots.
    pub sender_name: String,
    /// Trace reference and trace recording session reference, hexadecimal, where the name ends with both.
    pub references: Option<(String, String)>,
}

impl FileName {
    /// Reads the name of a file, without folders; a last `.xml` is no part of it. `None` when it is none.
    ///
    /// A name with dots is told from references by what they are: eight to sixteen hexadecimal digits, then two to four.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.strip_suffix(".xml").unwrap_or(name);
        let (head, rest) = (name.get(..21)?, name.get(21..)?);
        let (kind, when) = (head.get(..1)?, head.get(1..)?);
        let kind = match kind {
            "A" => FileKind::OneSession,
            "B" => FileKind::ManySessions,
            "C" => FileKind::Identities,
            _ => return None,
        };
        let (sender_type, rest) = rest.strip_prefix('-')?.split_once('.')?;
        let mut parts = rest.rsplitn(3, '.');
        let references = match (parts.next(), parts.next(), parts.next()) {
            (Some(session), Some(trace), Some(sender)) if is_hex(session, 2..=4) && is_hex(trace, 8..=16) => {
                Some((sender, (trace.to_owned(), session.to_owned())))
            }
            _ => None,
        };
        let (sender_name, references) = references.map_or((rest, None), |(sender, both)| (sender, Some(both)));
        if sender_type.is_empty() || sender_name.is_empty() {
            return None;
        }
        let starts = instant(when)?;
        Some(Self {
            kind,
            starts,
            sender_type: sender_type.to_owned(),
            sender_name: sender_name.to_owned(),
            references,
        })
    }
}

fn is_hex(text: &str, digits: core::ops::RangeInclusive<usize>) -> bool {
    digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `20261121.103000+0100`.
fn instant(text: &str) -> Option<Timestamp> {
    let part = |from: usize, to: usize| text.get(from..to).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(9, 11)?, part(11, 13)?, part(13, 15)?);
    let (sign, east, over) = (text.get(15..16)?, part(16, 18)?, part(18, 20)?);
    if text.get(8..9) != Some(".") || text.len() != 20 {
        return None;
    }
    let whole: Instant = format!("{year}-{month}-{day}T{hour}:{minute}:{second}{sign}{east}:{over}").parse().ok()?;
    u64::try_from(whole.as_microsecond()).ok().map(Timestamp::from_micros)
}
