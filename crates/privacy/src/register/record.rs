//! What the register keeps of one subscriber.

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
    pub(super) salt: [u8; 16],
    /// `None`: the profile cannot be read.
    pub(super) rules: Option<Arc<SharedRules>>,
    /// Seconds since the epoch, rounded up; 0: not paused; the greatest: for ever.
    pause_s: u32,
    utc_offset_min: i16,
    flags: u8,
}

pub(super) fn imsi_word(imsi: Option<Imsi>) -> u64 {
    imsi.map_or(0, |imsi| imsi.expose_digits().to_word())
}

pub(super) fn msisdn_word(msisdn: Option<Msisdn>) -> u64 {
    msisdn.map_or(0, |msisdn| msisdn.expose_digits().to_word())
}

impl Record {
    pub(super) fn new(subscriber: &Subscriber, standing: Standing, rules: Option<Arc<SharedRules>>) -> Self {
        let Subscriber { imsi, msisdn, salt } = *subscriber;
        let mut record =
            Self { imsi: imsi_word(imsi), msisdn: msisdn_word(msisdn), salt: salt.octets(), rules, ..Self::default() };
        record.set_standing(standing);
        record
    }

    pub(super) fn is_vacant(&self) -> bool {
        self.imsi == 0 && self.msisdn == 0
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

    /// The identities in it, with an IMEI from elsewhere.
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
