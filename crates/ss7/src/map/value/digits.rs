//! Numbers of subscribers, clients and nodes (TS 29.002 clause 17.7.8).

use super::super::ber::{Element, OCTET_STRING, Place, element, primitive, put};
use bcder::{
    Tag,
    decode::{Content, DecodeError as BerError, Source},
};
use lcs::{Address, Digits, Identities, Imei, Imsi, Msisdn, NatureOfAddress, NumberingPlan};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bit 8 of the first octet of an address: no extension.
const NO_EXTENSION: u8 = 0x80;
/// First octet of an E.164 number in international form.
const INTERNATIONAL: u8 = 0x91;
const FILLER: u8 = 0xF;

fn put_tbcd(out: &mut Vec<u8>, digits: Digits) {
    let (octets, used) = digits.to_tbcd();
    out.extend(octets.iter().take(used));
}

/// IMSI, 3-8 octets of TBCD.
impl Element for Imsi {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| Digits::from_tbcd(octets).and_then(Self::new).ok())
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_tbcd(out, self.expose_digits());
    }
}

/// IMEI, 8 octets of TBCD: fourteen digits, then a zero and a filler, or a software version. A check digit is not transmitted (TS
/// 23.003 clause 6.2.1), so neither that nor the version is read.
impl Element for Imei {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| {
            let [digits @ .., _] = <[u8; 8]>::try_from(octets).ok()?;
            Digits::from_tbcd(&digits).and_then(Self::new).ok()
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        // 14 or 15 digits: seven octets at least.
        out.extend(self.expose_digits().to_tbcd().0.iter().take(7));
        out.push(FILLER << 4);
    }
}

/// MSISDN: ISDN-AddressString. Only an E.164 number in international form names a subscriber; another form could name a
/// subscriber of another network.
impl Element for Msisdn {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| match octets.split_first() {
            Some((&INTERNATIONAL, digits)) => Digits::from_tbcd(digits).and_then(Self::new).ok(),
            _ => None,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(INTERNATIONAL);
        put_tbcd(out, self.expose_digits());
    }
}

/// AddressString: nature and plan in the first octet, then TBCD. Only decimal digits, at most fifteen.
impl Element for Address {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| {
            let (&first, digits) = octets.split_first()?;
            let nature = match first >> 4 & 0b111 {
                1 => NatureOfAddress::International,
                2 => NatureOfAddress::National,
                3 => NatureOfAddress::NetworkSpecific,
                4 => NatureOfAddress::Subscriber,
                6 => NatureOfAddress::Abbreviated,
                other => NatureOfAddress::Other(other),
            };
            let plan = match first & 0xF {
                1 => NumberingPlan::Isdn,
                other => NumberingPlan::Other(other),
            };
            let digits = Digits::from_tbcd(digits).ok()?;
            (first & NO_EXTENSION != 0).then_some(Self { nature, plan, digits })
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let nature = match self.nature {
            NatureOfAddress::International => 1,
            NatureOfAddress::National => 2,
            NatureOfAddress::NetworkSpecific => 3,
            NatureOfAddress::Subscriber => 4,
            NatureOfAddress::Abbreviated => 6,
            NatureOfAddress::Other(other) => other & 0b111,
        };
        let plan = match self.plan {
            NumberingPlan::Isdn => 1,
            NumberingPlan::Other(other) => other & 0xF,
        };
        out.push(NO_EXTENSION | nature << 4 | plan);
        put_tbcd(out, self.digits);
    }
}

/// GSN-Address: type and length of the address in one octet, then the address (TS 23.003 clause 5.1).
impl Element for IpAddr {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        primitive(content, place, |octets| match octets.split_first()? {
            (0x04, v4) => <[u8; 4]>::try_from(v4).ok().map(|octets| Self::V4(Ipv4Addr::from(octets))),
            (0x50, v6) => <[u8; 16]>::try_from(v6).ok().map(|octets| Self::V6(Ipv6Addr::from(octets))),
            _ => None,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::V4(address) => {
                out.push(0x04);
                out.extend(address.octets());
            }
            Self::V6(address) => {
                out.push(0x50);
                out.extend(address.octets());
            }
        }
    }
}

/// LMSI: a name that a visitor register has for a subscriber, so that it finds them sooner (TS 23.003 clause 2.5). `Debug` hides it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lmsi(pub [u8; 4]);

impl core::fmt::Debug for Lmsi {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Lmsi(hidden)")
    }
}

impl Element for Lmsi {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        <[u8; 4]>::read(content, place).map(Self)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

/// SubscriberIdentity: by IMSI or by MSISDN (TS 29.002 clause 17.7.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubscriberIdentity {
    /// By IMSI.
    Imsi(Imsi),
    /// By MSISDN.
    Msisdn(Msisdn),
}

impl SubscriberIdentity {
    /// The IMSI of a target, or else its MSISDN; `None` for one that has neither.
    #[must_use]
    pub fn of(target: &Identities) -> Option<Self> {
        target.imsi.map(Self::Imsi).or(target.msisdn.map(Self::Msisdn))
    }

    /// As what is known of a target.
    #[must_use]
    pub fn identities(self) -> Identities {
        let none = Identities::default();
        match self {
            Self::Imsi(imsi) => Identities { imsi: Some(imsi), ..none },
            Self::Msisdn(msisdn) => Identities { msisdn: Some(msisdn), ..none },
        }
    }
}

impl Element for SubscriberIdentity {
    // A CHOICE has no tag; it stands only where the notation gives one.
    const NATURAL: u32 = super::super::ber::SEQUENCE;
    const CONSTRUCTED: bool = true;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        content.as_constructed()?.take_value(|tag, content| {
            if tag == Tag::CTX_0 {
                Imsi::read(content, place).map(Self::Imsi)
            } else if tag == Tag::CTX_1 {
                Msisdn::read(content, place).map(Self::Msisdn)
            } else {
                Err(content.content_err("no alternative of the choice"))
            }
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Imsi(imsi) => put(out, 0, imsi),
            Self::Msisdn(msisdn) => element(out, 1, false, |out| msisdn.write(out)),
        }
    }
}
