//! A card as an operator gives it: in JSON to the admin API, in a line of a file to the command line.

use crate::forms::from_hex;
use crate::store::{CardName, CardRecord, Iccid};
use lcs::{Imsi, Msisdn};
use serde::{Deserialize, Serialize};
use usat::packet::{CardKeys, Counter, KeyError, Tar};
use utoipa::ToSchema;
use zeroize::{Zeroize, Zeroizing};

/// A card with its keys. Wiped when dropped; no printable form.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardBody {
    /// The IMSI on it, digits.
    pub imsi: String,
    /// Its own number, 18-20 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iccid: Option<String>,
    /// Number of its key set, 1-15. Default 1.
    #[serde(default = "first_set")]
    pub key_set: u8,
    /// The key that enciphers, 32, 48 or 64 hexadecimal digits.
    pub kic: String,
    /// The key that proves, likewise, and another one.
    pub kid: String,
    /// Toolkit application reference, six hexadecimal digits; without it that of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tar: Option<String>,
    /// The last counter that the card has taken. Default 0. One that is known here and greater stays.
    #[serde(default)]
    pub counter: u64,
}

fn first_set() -> u8 {
    1
}

impl Drop for CardBody {
    fn drop(&mut self) {
        for text in [&mut self.imsi, &mut self.kic, &mut self.kid].into_iter().chain(self.iccid.as_mut()) {
            text.zeroize();
        }
    }
}

/// Why a card cannot be used. Tells no digit of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The IMSI is none.
    #[error("imsi: must be 6 to 15 digits")]
    Imsi,
    /// The ICCID is none.
    #[error("iccid: must be 18 to 20 digits")]
    Iccid,
    /// A key is not written in hexadecimal digits.
    #[error("{0}: must be hexadecimal digits, two for each octet")]
    Hexadecimal(&'static str),
    /// The keys are none.
    #[error("{0}")]
    Keys(#[from] KeyError),
    /// The TAR is none.
    #[error("tar: must be six hexadecimal digits")]
    Tar,
    /// The key set is no number.
    #[error("key_set: must be a number from 1 to 15")]
    KeySet,
    /// The counter does not fit 40 bits.
    #[error("counter: must be a number below 1099511627776")]
    Counter,
}

impl CardBody {
    /// The card, if it can be used.
    ///
    /// # Errors
    /// Something of it is none.
    pub(crate) fn record(&self) -> Result<CardRecord, CardError> {
        let iccid = self.iccid.as_deref().map(|digits| Iccid::parse(digits).ok_or(CardError::Iccid)).transpose()?;
        let key = |name, text: &str| from_hex(text).map(Zeroizing::new).ok_or(CardError::Hexadecimal(name));
        let tar = self.tar.as_deref().map(|text| tar(text).ok_or(CardError::Tar)).transpose()?;
        Ok(CardRecord {
            imsi: Imsi::parse(&self.imsi).map_err(|_| CardError::Imsi)?,
            iccid,
            keys: CardKeys::new(self.key_set, &key("kic", &self.kic)?, &key("kid", &self.kid)?)?,
            tar,
            sent: Counter::new(self.counter).ok_or(CardError::Counter)?,
        })
    }
}

fn tar(text: &str) -> Option<Tar> {
    from_hex(text)?.try_into().ok().map(Tar)
}

/// A card as `imsi:DIGITS`, `iccid:DIGITS` or `msisdn:DIGITS`.
pub(crate) fn parse_card_name(text: &str) -> Option<CardName> {
    match text.trim().split_once(':')? {
        ("imsi", digits) => Imsi::parse(digits).ok().map(CardName::Imsi),
        ("iccid", digits) => Iccid::parse(digits).map(CardName::Iccid),
        ("msisdn", digits) => Msisdn::parse(digits.strip_prefix('+').unwrap_or(digits)).ok().map(CardName::Msisdn),
        _ => None,
    }
}

/// The columns of a file of cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Imsi,
    Iccid,
    KeySet,
    Kic,
    Kid,
    Tar,
    Counter,
}

const COLUMNS: [(&str, Column); 7] = [
    ("imsi", Column::Imsi),
    ("iccid", Column::Iccid),
    ("key_set", Column::KeySet),
    ("kic", Column::Kic),
    ("kid", Column::Kid),
    ("tar", Column::Tar),
    ("counter", Column::Counter),
];

/// What the first line of a file of cards says: which columns there are, in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CardColumns(Vec<Column>);

/// Why a line of a file of cards cannot be used. Tells nothing of what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LineError {
    /// The first line does not name the columns.
    #[error(
        "the first line must name the columns: imsi, kic, kid, and as wanted iccid, key_set, tar, counter, each once"
    )]
    Header,
    /// Another number of fields than columns.
    #[error("{found} fields, and the first line names {named}")]
    Fields {
        /// Fields of the line.
        found: usize,
        /// Columns.
        named: usize,
    },
    /// The card cannot be used.
    #[error(transparent)]
    Card(#[from] CardError),
}

impl CardColumns {
    /// Reads the first line.
    pub(crate) fn parse(line: &str) -> Result<Self, LineError> {
        let known = |name: &str| COLUMNS.iter().find(|(known, _)| *known == name).map(|(_, column)| *column);
        let columns: Option<Vec<Column>> = line.split(',').map(|name| known(name.trim())).collect();
        let columns = columns.ok_or(LineError::Header)?;
        let count = |column: Column| columns.iter().filter(|named| **named == column).count();
        let needed = [Column::Imsi, Column::Kic, Column::Kid].into_iter().all(|column| count(column) == 1);
        let once = COLUMNS.iter().all(|(_, column)| count(*column) <= 1);
        if needed && once { Ok(Self(columns)) } else { Err(LineError::Header) }
    }

    /// Reads a card of a further line. An empty field is as if its column were not there.
    pub(crate) fn card(&self, line: &str) -> Result<CardBody, LineError> {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        if fields.len() != self.0.len() {
            return Err(LineError::Fields { found: fields.len(), named: self.0.len() });
        }
        let field = |wanted: Column| {
            let mut named = self.0.iter().zip(&fields);
            named.find(|(column, _)| **column == wanted).map(|(_, field)| *field).filter(|field| !field.is_empty())
        };
        let text = |column| field(column).unwrap_or_default().to_owned();
        let number = |column, wrong| field(column).map(|digits| digits.parse().map_err(|_| wrong)).transpose();
        let key_set: Option<u64> = number(Column::KeySet, CardError::KeySet)?;
        Ok(CardBody {
            imsi: text(Column::Imsi),
            iccid: field(Column::Iccid).map(str::to_owned),
            key_set: u8::try_from(key_set.unwrap_or(1)).map_err(|_| CardError::KeySet)?,
            kic: text(Column::Kic),
            kid: text(Column::Kid),
            tar: field(Column::Tar).map(str::to_owned),
            counter: number(Column::Counter, CardError::Counter)?.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIC: &str = "00112233445566778899aabbccddeeff";
    const KID: &str = "ffeeddccbbaa99887766554433221100";

    fn error(line: &str) -> Option<LineError> {
        let columns = CardColumns::parse("imsi,iccid,key_set,kic,kid,tar,counter").unwrap();
        match columns.card(line) {
            Ok(body) => body.record().err().map(LineError::Card),
            Err(error) => Some(error),
        }
    }

    #[test]
    fn lines_that_are_cards() {
        let columns = CardColumns::parse("imsi,kic,kid").unwrap();
        let card = columns.card(&format!("262011234567890,{KIC},{KID}")).unwrap().record().unwrap();
        assert!(card.imsi == Imsi::parse("262011234567890").unwrap() && card.iccid.is_none() && card.tar.is_none());
        assert_eq!((card.keys.set(), card.sent), (1, Counter::default()));
        let columns = CardColumns::parse("counter, kid,kic, imsi ,tar,iccid,key_set").unwrap();
        let line = format!("7,{KID},{KIC},262011234567890,bfff24,8949020000123456789,3");
        let card = columns.card(&line).unwrap().record().unwrap();
        assert_eq!((card.keys.set(), card.sent.value(), card.tar), (3, 7, Some(Tar([0xBF, 0xFF, 0x24]))));
        assert!(card.iccid == Iccid::parse("8949020000123456789"));
        assert_eq!(card.keys.expose().0[..2], [0x00, 0x11]);
        assert_eq!(error(&format!("262011234567890,,,{KIC},{KID},,")), None);
    }

    /// Each field by itself, and what is said of it: never what stands there.
    #[test]
    fn lines_that_are_none() {
        let wrong = [
            (format!("2620112345678901234,,,{KIC},{KID},,"), CardError::Imsi),
            (format!(",,,{KIC},{KID},,"), CardError::Imsi),
            (format!("262011234567890,894902,,{KIC},{KID},,"), CardError::Iccid),
            (format!("262011234567890,894902000012345678x,,{KIC},{KID},,"), CardError::Iccid),
            (format!("262011234567890,,x,{KIC},{KID},,"), CardError::KeySet),
            (format!("262011234567890,,300,{KIC},{KID},,"), CardError::KeySet),
            (format!("262011234567890,,16,{KIC},{KID},,"), CardError::Keys(KeyError::Set(16))),
            (format!("262011234567890,,,xyz,{KID},,"), CardError::Hexadecimal("kic")),
            (format!("262011234567890,,,{KIC},0011,,"), CardError::Keys(KeyError::Length(2))),
            (format!("262011234567890,,,{KIC},,,"), CardError::Keys(KeyError::Length(0))),
            (format!("262011234567890,,,{KIC},{KIC},,"), CardError::Keys(KeyError::Same)),
            (format!("262011234567890,,,{KIC},{KID},bfff,"), CardError::Tar),
            (format!("262011234567890,,,{KIC},{KID},,-1"), CardError::Counter),
            (format!("262011234567890,,,{KIC},{KID},,1099511627776"), CardError::Counter),
        ];
        for (line, expected) in wrong {
            assert_eq!(error(&line), Some(LineError::Card(expected)), "{expected:?}");
            let said = expected.to_string();
            assert!(!said.contains("262011") && !said.contains("0011") && !said.contains("xyz"), "{said}");
        }
        assert_eq!(error(&format!("262011234567890,{KIC},{KID}")), Some(LineError::Fields { found: 3, named: 7 }));
        for header in ["", "imsi,kic", "imsi,kic,kid,kic", "imsi,kic,kid,opc", "262011234567890,00,11"] {
            assert_eq!(CardColumns::parse(header), Err(LineError::Header), "{header}");
        }
    }
}
