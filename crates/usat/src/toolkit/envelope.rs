//! Envelopes: what the phone hands to the card of itself (TS 31.111 clause 7, ETSI TS 102 223 clause 7).

use super::ber::{COMPREHENSION, find, need, outer, put};
use super::command::EVENT_LOCATION_STATUS;
use super::time::{read_timer, timer_octets};
use super::{LocationInformation, ToolkitError, device, tag};
use crate::sms::{number, number_type};
use lcs::Address;

const SMS_PP_DOWNLOAD: u8 = 0xD1;
const EVENT_DOWNLOAD: u8 = 0xD6;
const TIMER_EXPIRATION: u8 = 0xD7;

/// Location status (ETSI TS 102 223 clause 8.27).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LocationStatus {
    /// Normal service.
    Normal,
    /// Limited service.
    Limited,
    /// No service.
    None,
}

/// An envelope that this application takes. `Debug` hides messages and places.
#[derive(Clone, PartialEq, Eq)]
pub enum Envelope {
    /// A short message for the card: its SMS-DELIVER.
    SmsPpDownload {
        /// The service centre that it came over, if the phone says.
        service_centre: Option<Address>,
        /// The TPDU.
        tpdu: Vec<u8>,
    },
    /// The phone has come to another area or cell, or lost or found service.
    LocationStatus {
        /// Service.
        status: LocationStatus,
        /// Where; with normal service alone.
        location: Option<LocationInformation>,
    },
    /// A timer has run down.
    TimerExpiration {
        /// Its number.
        timer: u8,
        /// How long it ran.
        seconds: u32,
    },
}

impl core::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::SmsPpDownload { tpdu, .. } => write!(f, "SmsPpDownload({} octets hidden)", tpdu.len()),
            Self::LocationStatus { status, .. } => write!(f, "LocationStatus({status:?}, hidden)"),
            Self::TimerExpiration { timer, seconds } => write!(f, "TimerExpiration({timer}, {seconds} s)"),
        }
    }
}

impl Envelope {
    /// As the phone hands it over.
    pub fn encode(&self) -> Result<Vec<u8>, ToolkitError> {
        let (mut body, mut octets) = (vec![], vec![]);
        let from = |device| [device, device::CARD];
        let kind = match self {
            Self::SmsPpDownload { service_centre, tpdu } => {
                put(&mut body, COMPREHENSION | tag::DEVICE_IDENTITIES, &from(device::NETWORK))?;
                if let Some(address) = service_centre {
                    let (digits, length) = address.digits.to_tbcd();
                    let mut value = vec![number_type(*address)];
                    value.extend(digits.iter().take(length));
                    put(&mut body, COMPREHENSION | tag::ADDRESS, &value)?;
                }
                put(&mut body, COMPREHENSION | tag::SMS_TPDU, tpdu)?;
                SMS_PP_DOWNLOAD
            }
            Self::LocationStatus { status, location } => {
                put(&mut body, COMPREHENSION | tag::EVENT_LIST, &[EVENT_LOCATION_STATUS])?;
                put(&mut body, COMPREHENSION | tag::DEVICE_IDENTITIES, &from(device::TERMINAL))?;
                put(&mut body, COMPREHENSION | tag::LOCATION_STATUS, &[*status as u8])?;
                if let Some(location) = location {
                    put(&mut body, COMPREHENSION | tag::LOCATION_INFORMATION, &location.octets())?;
                }
                EVENT_DOWNLOAD
            }
            Self::TimerExpiration { timer, seconds } => {
                put(&mut body, COMPREHENSION | tag::DEVICE_IDENTITIES, &from(device::TERMINAL))?;
                put(&mut body, COMPREHENSION | tag::TIMER_IDENTIFIER, &[*timer])?;
                put(&mut body, COMPREHENSION | tag::TIMER_VALUE, &timer_octets(*seconds))?;
                TIMER_EXPIRATION
            }
        };
        put(&mut octets, kind, &body)?;
        Ok(octets)
    }

    /// The card's side.
    pub fn parse(octets: &[u8]) -> Result<Self, ToolkitError> {
        let kind = *octets.first().ok_or(ToolkitError::Length)?;
        let body = outer(octets, kind)?;
        let from = match need(body, tag::DEVICE_IDENTITIES)? {
            &[from, device::CARD] if from != device::KEYPAD => from,
            _ => return Err(ToolkitError::Object(tag::DEVICE_IDENTITIES)),
        };
        match (kind, from) {
            (SMS_PP_DOWNLOAD, device::NETWORK) => {
                let address = |value: &[u8]| {
                    let (kind, digits) = value.split_first()?;
                    number(*kind, digits).ok()
                };
                Ok(Self::SmsPpDownload {
                    service_centre: find(body, tag::ADDRESS)?.and_then(address),
                    tpdu: need(body, tag::SMS_TPDU)?.to_vec(),
                })
            }
            (EVENT_DOWNLOAD, device::TERMINAL) => {
                if need(body, tag::EVENT_LIST)? != [EVENT_LOCATION_STATUS] {
                    return Err(ToolkitError::Object(tag::EVENT_LIST));
                }
                let status = match need(body, tag::LOCATION_STATUS)? {
                    [0] => LocationStatus::Normal,
                    [1] => LocationStatus::Limited,
                    [2] => LocationStatus::None,
                    _ => return Err(ToolkitError::Object(tag::LOCATION_STATUS)),
                };
                let location = find(body, tag::LOCATION_INFORMATION)?.map(LocationInformation::parse).transpose()?;
                Ok(Self::LocationStatus { status, location })
            }
            (TIMER_EXPIRATION, device::TERMINAL) => match need(body, tag::TIMER_IDENTIFIER)? {
                &[timer @ 1..=8] => {
                    Ok(Self::TimerExpiration { timer, seconds: read_timer(need(body, tag::TIMER_VALUE)?)? })
                }
                _ => Err(ToolkitError::Object(tag::TIMER_IDENTIFIER)),
            },
            _ => Err(ToolkitError::Tag),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_envelope_as_its_octets_and_back() {
        let location = LocationInformation::parse(&[0x62, 0xF2, 0x10, 0x12, 0x34, 0x56, 0x78]).unwrap();
        let cases: [(Envelope, &[u8]); 5] = [
            (
                Envelope::SmsPpDownload {
                    service_centre: Some(Address::international("49170").unwrap()),
                    tpdu: vec![0x44, 0x00],
                },
                // network to card · service centre · TPDU
                &[0xD1, 0x0E, 0x82, 2, 0x83, 0x81, 0x86, 4, 0x91, 0x94, 0x71, 0xF0, 0x8B, 2, 0x44, 0x00],
            ),
            (
                Envelope::SmsPpDownload { service_centre: None, tpdu: vec![0x44] },
                &[0xD1, 0x07, 0x82, 2, 0x83, 0x81, 0x8B, 1, 0x44],
            ),
            (
                Envelope::LocationStatus { status: LocationStatus::Normal, location: Some(location) },
                // location status · terminal to card · normal service · where
                &[
                    0xD6, 0x13, 0x99, 1, 0x03, 0x82, 2, 0x82, 0x81, 0x9B, 1, 0x00, 0x93, 7, 0x62, 0xF2, 0x10, 0x12,
                    0x34, 0x56, 0x78,
                ],
            ),
            (
                Envelope::LocationStatus { status: LocationStatus::None, location: None },
                &[0xD6, 0x0A, 0x99, 1, 0x03, 0x82, 2, 0x82, 0x81, 0x9B, 1, 0x02],
            ),
            (
                Envelope::TimerExpiration { timer: 1, seconds: 3661 },
                &[0xD7, 0x0C, 0x82, 2, 0x82, 0x81, 0xA4, 1, 1, 0xA5, 3, 0x10, 0x10, 0x10],
            ),
        ];
        for (envelope, octets) in cases {
            assert_eq!(envelope.encode().unwrap(), octets, "{envelope:?}");
            assert_eq!(Envelope::parse(octets).unwrap(), envelope);
            for end in 0..octets.len() {
                assert!(Envelope::parse(&octets[..end]).is_err());
            }
        }
    }
}
