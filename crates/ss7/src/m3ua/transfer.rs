//! The service that MTP3 gives to its users, and its addresses.

use bytes::Bytes;

/// Service indicator of SCCP (ITU-T Q.704 clause 14.2.1).
pub const SERVICE_SCCP: u8 = 3;

/// A signalling point code of 14 bits, as ITU-T Q.704 has it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PointCode(u16);

/// A number that is no point code of 14 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("point code {0}: a point code is a number from 0 to 16383, or three numbers as in 2-100-3")]
pub struct InvalidPointCode(pub u32);

impl PointCode {
    /// Greatest value.
    pub const MAX: u16 = 0x3FFF;

    /// Takes a number.
    ///
    /// # Errors
    /// It has more than 14 bits.
    pub const fn new(value: u32) -> Result<Self, InvalidPointCode> {
        if value > Self::MAX as u32 { Err(InvalidPointCode(value)) } else { Ok(Self(value as u16)) }
    }

    /// The number.
    #[must_use]
    pub const fn value(self) -> u16 {
        self.0
    }
}

impl core::str::FromStr for PointCode {
    type Err = InvalidPointCode;

    /// Reads a decimal number, or the international form of 3, 8 and 3 bits such as `2-100-3` (ITU-T Q.708).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = InvalidPointCode(u32::MAX);
        let part = |text: &str, max: u32| text.parse::<u32>().ok().filter(|n| *n <= max).ok_or(wrong);
        let parts: Vec<&str> = text.split('-').take(4).collect();
        match *parts.as_slice() {
            [all] => Self::new(all.parse().map_err(|_| wrong)?),
            [zone, area, point] => Self::new(part(zone, 7)? << 11 | part(area, 255)? << 3 | part(point, 7)?),
            _ => Err(wrong),
        }
    }
}

impl core::fmt::Display for PointCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}-{}-{}", self.0 >> 11, self.0 >> 3 & 0xFF, self.0 & 7)
    }
}

impl core::fmt::Debug for PointCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PointCode({self})")
    }
}

/// Network indicator (ITU-T Q.704 clause 14.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum NetworkIndicator {
    /// International network.
    International = 0,
    /// Spare for international use.
    InternationalSpare = 1,
    /// National network.
    National = 2,
    /// Reserved for national use, often a second national network.
    NationalSpare = 3,
}

impl NetworkIndicator {
    /// From its two bits; `None` for more.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::International),
            1 => Some(Self::InternationalSpare),
            2 => Some(Self::National),
            3 => Some(Self::NationalSpare),
            _ => None,
        }
    }

    /// The two bits.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

/// One message of an MTP3 user with its label (RFC 4666 section 3.3.1, Protocol Data).
#[derive(Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Who sends.
    pub opc: PointCode,
    /// Who is to get it.
    pub dpc: PointCode,
    /// Service indicator, [`SERVICE_SCCP`] for SCCP.
    pub service: u8,
    /// Network indicator.
    pub network: NetworkIndicator,
    /// Message priority, 0-3; 0 in international networks.
    pub priority: u8,
    /// Signalling link selection, 4 bits in ITU networks: messages with the same one keep their order.
    pub sls: u8,
    /// Octets of the user.
    pub data: Bytes,
}

impl Transfer {
    /// Most octets of a user's message that are sent: a long unitdata with 3,952 octets of user data and its addresses.
    pub const MAX_DATA: usize = 4096;
}

impl core::fmt::Debug for Transfer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The octets hold subscriber identities further up.
        write!(
            f,
            "Transfer({} -> {}, service {}, {:?}, priority {}, sls {}, {} octets)",
            self.opc,
            self.dpc,
            self.service,
            self.network,
            self.priority,
            self.sls,
            self.data.len()
        )
    }
}
