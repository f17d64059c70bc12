//! traceTarget: whom or what a job is about.

use super::TargetIdType;
use lcs::{Imei, Imsi};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error, ser::SerializeStruct};

/// The one subscriber of a signalling based job. Prints no digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscriber {
    /// By IMSI, also where a SUPI said so.
    Imsi(Imsi),
    /// By phone. Of an IMEISV the software version is left out.
    Imei(Imei),
}

/// traceTarget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceTarget {
    /// A subscriber: signalling based.
    Subscriber(Subscriber),
    /// A node or cell by its kind and name: management based.
    Node(TargetIdType, String),
}

impl TraceTarget {
    /// The subscriber, if it is one.
    #[must_use]
    pub fn subscriber(&self) -> Option<&Subscriber> {
        match self {
            Self::Subscriber(subscriber) => Some(subscriber),
            Self::Node(..) => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(rename = "TargetIdType")]
    kind: TargetIdType,
    #[serde(rename = "TargetIdValue")]
    value: String,
}

impl<'de> Deserialize<'de> for TraceTarget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wire { kind, value } = Wire::deserialize(deserializer)?;
        let imsi = |digits: &str| Imsi::parse(digits).map(Subscriber::Imsi);
        let subscriber = match kind {
            TargetIdType::Imsi => imsi(&value),
            TargetIdType::Supi => imsi(value.strip_prefix("imsi-").unwrap_or_default()),
            TargetIdType::Imei => Imei::parse(&value).map(Subscriber::Imei),
            TargetIdType::Imeisv if value.len() == 16 && value.bytes().all(|b| b.is_ascii_digit()) => {
                Imei::parse(value.get(..14).unwrap_or_default()).map(Subscriber::Imei)
            }
            TargetIdType::Imeisv | TargetIdType::PublicId => return Err(D::Error::custom("no target of MDT")),
            _ if value.len() > 256 || value.chars().any(char::is_control) => {
                return Err(D::Error::custom("name of a node"));
            }
            _ => return Ok(Self::Node(kind, value)),
        };
        subscriber.map(Self::Subscriber).map_err(|_| D::Error::custom("no digits of an identity"))
    }
}

impl Serialize for TraceTarget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = |values: &mut dyn Iterator<Item = u8>| values.map(|v| char::from(b'0' + v)).collect::<String>();
        let (kind, value) = match self {
            Self::Subscriber(Subscriber::Imsi(imsi)) => {
                (TargetIdType::Imsi, digits(&mut imsi.expose_digits().values()))
            }
            Self::Subscriber(Subscriber::Imei(imei)) => {
                (TargetIdType::Imei, digits(&mut imei.expose_digits().values()))
            }
            Self::Node(kind, value) => (*kind, value.clone()),
        };
        let mut target = serializer.serialize_struct("TraceTarget", 2)?;
        target.serialize_field("TargetIdType", &kind)?;
        target.serialize_field("TargetIdValue", &value)?;
        target.end()
    }
}
