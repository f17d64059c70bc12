//! What the register keeps of one subscriber.

use super::table::{Slot, hash};
use crate::disclosure::SubjectSalt;
use crate::profile::{SharedRules, Standing};
use lcs::{Digits, Identities, Imsi, Msisdn, Timestamp};
use std::sync::Arc;

/// A subscriber as the register knows one. At least one identity must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscriber {
    /// IMSI.
    pub imsi: Option<Imsi>,
    /// MSISDN.
    pub msisdn: Option<Msisdn>,
    /// Salt of the disclosure log.
    pub salt: SubjectSalt,
}

const OPTED_OUT: u8 = 1;
const SWITCHED_OFF: u8 = 2;

/// One record, 48 octets. A vacant one has neither identity.
#[derive(Clone, Default)]
pub(super) struct Record {
    /// Word of the IMSI, 0 for none.
    pub(super) imsi: u64,
    /// Word of the MSISDN, 0 for none.
    pub(super) msisdn: u64,
    salt: [u8; 16],
    /// `None`: the profile cannot be read.
    pub(super) rules: Option<Arc<SharedRules>>,
    /// Seconds since the epoch, rounded up; 0: not paused; the greatest: for ever.
    pause_s: u32,
    utc_offset_min: i16,
    flags: u8,
}

impl Slot for Record {
    fn is_vacant(&self) -> bool {
        self.imsi == 0 && self.msisdn == 0
    }

    fn tag(&self) -> u32 {
        self.place().tag()
    }
}

pub(super) fn imsi_word(imsi: Option<Imsi>) -> u64 {
    imsi.map_or(0, |imsi| imsi.expose_digits().to_word())
}

pub(super) fn msisdn_word(msisdn: Option<Msisdn>) -> u64 {
    msisdn.map_or(0, |msisdn| msisdn.expose_digits().to_word())
}

/// Where a record stands: shard, and tag in it. Follows from the MSISDN, or for want of one from the IMSI.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Location(u64);

impl Location {
    /// The place of a key's word.
    pub(super) fn of(word: u64) -> Self {
        let hash = hash(word);
        Self(hash >> 32 << 8 | hash & 0xFF)
    }

    /// The shard, 0-255.
    pub(super) fn shard(self) -> usize {
        (self.0 & 0xFF) as usize
    }

    pub(super) fn tag(self) -> u32 {
        (self.0 >> 8) as u32
    }
}

/// An entry of the index by IMSI: 23 bits of the IMSI's tag, a bit that says it is not vacant, and the record's place.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ImsiEntry(u64);

impl ImsiEntry {
    /// For the IMSI of place `imsi` whose record stands at `record`.
    pub(super) fn new(imsi: Location, record: Location) -> Self {
        Self(u64::from(imsi.tag() >> 8 | 1) << 40 | record.0)
    }

    /// Where the record stands.
    pub(super) fn record(self) -> Location {
        Location(self.0 & ((1 << 40) - 1))
    }

    /// Whether it may be of this IMSI.
    pub(super) fn may_be(self, imsi: Location) -> bool {
        self.0 >> 40 == u64::from(imsi.tag() >> 8 | 1)
    }

    /// Where the entry of an IMSI belongs.
    pub(super) fn tag_of(imsi: Location) -> u32 {
        (imsi.tag() >> 8 | 1) << 8
    }
}

impl Slot for ImsiEntry {
    fn is_vacant(&self) -> bool {
        self.0 == 0
    }

    fn tag(&self) -> u32 {
        (self.0 >> 40 << 8) as u32
    }
}

impl Record {
    pub(super) fn new(subscriber: &Subscriber, standing: Standing, rules: Option<Arc<SharedRules>>) -> Self {
        let Subscriber { imsi, msisdn, salt } = *subscriber;
        let mut record =
            Self { imsi: imsi_word(imsi), msisdn: msisdn_word(msisdn), salt: salt.octets(), rules, ..Self::default() };
        record.set_standing(standing);
        record
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Location {
        Location::of(if self.msisdn == 0 { self.imsi } else { self.msisdn })
    }

    /// Whether it is of the same subscriber's identities.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        (self.imsi, self.msisdn) == (other.imsi, other.msisdn)
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            opted_out: self.flags & OPTED_OUT != 0,
            switched_off: self.flags & SWITCHED_OFF != 0,
            paused_until: match self.pause_s {
                0 => None,
                u32::MAX => Some(Timestamp::from_micros(u64::MAX)),
                seconds => Some(Timestamp::from_secs(u64::from(seconds))),
            },
            utc_offset_min: self.utc_offset_min,
        }
    }

    pub(super) fn set_standing(&mut self, standing: Standing) {
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        self.flags = flag(standing.opted_out, OPTED_OUT) | flag(standing.switched_off, SWITCHED_OFF);
        self.pause_s = standing
            .paused_until
            .map_or(0, |until| u32::try_from(until.micros().div_ceil(1_000_000)).unwrap_or(u32::MAX));
        self.utc_offset_min = standing.utc_offset_min;
    }

    /// The identities in it.
    pub(super) fn identities(&self) -> Identities {
        Identities {
            imsi: Digits::from_word(self.imsi).and_then(|digits| Imsi::new(digits).ok()),
            msisdn: Digits::from_word(self.msisdn).and_then(|digits| Msisdn::new(digits).ok()),
            imei: None,
        }
    }

    pub(super) fn salt(&self) -> SubjectSalt {
        SubjectSalt::from_octets(self.salt)
    }
}
