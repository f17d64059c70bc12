//! SMS-DELIVER and SMS-SUBMIT with 8-bit data (TS 23.040 clauses 9.2.2.1 and 9.2.2.2).
//!
//! The crate `tpdu` would do both, but writes numbers of subscribers and user data into `tracing`, which nothing here may.

use super::{SmsError, USER_DATA_LIMIT};
use lcs::{Address, Digits, NatureOfAddress, NumberingPlan};

/// TP-PID of a message that the phone hands to the card: (U)SIM data download (TS 23.040 clause 9.2.3.9).
pub const PID_USIM_DOWNLOAD: u8 = 0x7F;
/// TP-DCS: 8-bit data, class 2 (TS 23.038 clause 4).
pub const DCS_CLASS_2_DATA: u8 = 0xF6;

const DELIVER: u8 = 0;
const SUBMIT: u8 = 1;
const USER_DATA_HEADER: u8 = 0x40;
const NO_MORE_MESSAGES: u8 = 0x04;

/// A message to the phone, as far as a card needs it. `Debug` hides what it carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Deliver {
    /// Who sent it.
    pub originating: Address,
    /// TP-PID.
    pub pid: u8,
    /// TP-DCS.
    pub dcs: u8,
    /// TP-SCTS as on the wire.
    pub service_centre_time: [u8; 7],
    /// TP-UD begins with a header.
    pub has_header: bool,
    /// TP-UD, at most 140 octets.
    pub user_data: Vec<u8>,
}

/// A message from the phone, as far as a card needs it. `Debug` hides what it carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Submit {
    /// TP-MR.
    pub reference: u8,
    /// Whom it goes to.
    pub destination: Address,
    /// TP-PID.
    pub pid: u8,
    /// TP-DCS.
    pub dcs: u8,
    /// TP-UD begins with a header.
    pub has_header: bool,
    /// TP-UD, at most 140 octets.
    pub user_data: Vec<u8>,
}

impl core::fmt::Debug for Deliver {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Deliver({} octets hidden)", self.user_data.len())
    }
}
impl core::fmt::Debug for Submit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Submit({} octets hidden)", self.user_data.len())
    }
}

impl Deliver {
    /// As on the wire.
    pub fn encode(&self) -> Result<Vec<u8>, SmsError> {
        let header = if self.has_header { USER_DATA_HEADER } else { 0 };
        let mut octets = vec![DELIVER | NO_MORE_MESSAGES | header];
        octets.extend(address_octets(self.originating));
        octets.extend([self.pid, self.dcs]);
        octets.extend(self.service_centre_time);
        user_data(&mut octets, &self.user_data)?;
        Ok(octets)
    }

    /// From the wire.
    pub fn parse(octets: &[u8]) -> Result<Self, SmsError> {
        let (first, rest) = octets.split_first().ok_or(SmsError::Length)?;
        if first & 3 != DELIVER {
            return Err(SmsError::Type);
        }
        let (originating, rest) = address(rest)?;
        let ([pid, dcs, service_centre_time @ ..], rest) = rest.split_first_chunk::<9>().ok_or(SmsError::Length)?;
        Ok(Self {
            originating,
            pid: *pid,
            dcs: *dcs,
            service_centre_time: *service_centre_time,
            has_header: first & USER_DATA_HEADER != 0,
            user_data: data(*dcs, rest)?,
        })
    }
}

impl Submit {
    /// As on the wire, without a validity period.
    pub fn encode(&self) -> Result<Vec<u8>, SmsError> {
        let header = if self.has_header { USER_DATA_HEADER } else { 0 };
        let mut octets = vec![SUBMIT | header, self.reference];
        octets.extend(address_octets(self.destination));
        octets.extend([self.pid, self.dcs]);
        user_data(&mut octets, &self.user_data)?;
        Ok(octets)
    }

    /// From the wire. A validity period is passed over.
    pub fn parse(octets: &[u8]) -> Result<Self, SmsError> {
        let ([first, reference], rest) = octets.split_first_chunk::<2>().ok_or(SmsError::Length)?;
        if first & 3 != SUBMIT {
            return Err(SmsError::Type);
        }
        let (destination, rest) = address(rest)?;
        let ([pid, dcs], rest) = rest.split_first_chunk::<2>().ok_or(SmsError::Length)?;
        // TP-VPF: none, enhanced, relative, absolute.
        let validity = [0, 7, 1, 7].get(usize::from(first >> 3 & 3)).copied().unwrap_or_default();
        let rest = rest.get(validity..).ok_or(SmsError::Length)?;
        Ok(Self {
            reference: *reference,
            destination,
            pid: *pid,
            dcs: *dcs,
            has_header: first & USER_DATA_HEADER != 0,
            user_data: data(*dcs, rest)?,
        })
    }
}

fn user_data(octets: &mut Vec<u8>, data: &[u8]) -> Result<(), SmsError> {
    let length = u8::try_from(data.len()).ok().filter(|length| usize::from(*length) <= USER_DATA_LIMIT);
    octets.push(length.ok_or(SmsError::TooLong)?);
    octets.extend(data);
    Ok(())
}

fn data(dcs: u8, octets: &[u8]) -> Result<Vec<u8>, SmsError> {
    // General groups, not compressed, alphabet 8-bit; or the group of data coding and class (TS 23.038 clause 4).
    let eight_bit = dcs & 0xEC == 0x04 || dcs & 0xF4 == 0xF4;
    if !eight_bit {
        return Err(SmsError::Alphabet);
    }
    let (length, data) = octets.split_first().ok_or(SmsError::Length)?;
    if usize::from(*length) != data.len() || data.len() > USER_DATA_LIMIT {
        return Err(SmsError::Length);
    }
    Ok(data.to_vec())
}

/// TP-OA, TP-DA: number of digits, type of number and plan, digits (TS 23.040 clause 9.1.2.5).
#[must_use]
pub fn address_octets(address: Address) -> Vec<u8> {
    let (digits, length) = address.digits.to_tbcd();
    // At most 15.
    let mut octets = vec![address.digits.count() as u8, number_type(address)];
    octets.extend(digits.iter().take(length));
    octets
}

/// Type of number and numbering plan in one octet, the high bit set.
pub(crate) fn number_type(address: Address) -> u8 {
    let nature = match address.nature {
        NatureOfAddress::International => 1,
        NatureOfAddress::National => 2,
        NatureOfAddress::NetworkSpecific => 3,
        NatureOfAddress::Subscriber => 4,
        NatureOfAddress::Abbreviated => 6,
        NatureOfAddress::Other(bits) => bits & 7,
    };
    let plan = match address.plan {
        NumberingPlan::Isdn => 1,
        NumberingPlan::Other(bits) => bits & 0xF,
    };
    0x80 | nature << 4 | plan
}

/// An address from its octet of type and its digits in BCD.
pub(crate) fn number(kind: u8, digits: &[u8]) -> Result<Address, SmsError> {
    let nature = match kind >> 4 & 7 {
        1 => NatureOfAddress::International,
        2 => NatureOfAddress::National,
        3 => NatureOfAddress::NetworkSpecific,
        4 => NatureOfAddress::Subscriber,
        6 => NatureOfAddress::Abbreviated,
        other => NatureOfAddress::Other(other),
    };
    let plan = match kind & 0xF {
        1 => NumberingPlan::Isdn,
        other => NumberingPlan::Other(other),
    };
    let digits = Digits::from_tbcd(digits).map_err(|_| SmsError::Address)?;
    Ok(Address { nature, plan, digits })
}

fn address(octets: &[u8]) -> Result<(Address, &[u8]), SmsError> {
    let ([count, kind], rest) = octets.split_first_chunk::<2>().ok_or(SmsError::Length)?;
    let (digits, rest) = rest.split_at_checked(usize::from(*count).div_ceil(2)).ok_or(SmsError::Length)?;
    // Letters in seven bits are no number (TP-OA of type 5).
    if kind & 0x80 == 0 || kind >> 4 & 7 == 5 {
        return Err(SmsError::Address);
    }
    let address = number(*kind, digits)?;
    if address.digits.count() == usize::from(*count) { Ok((address, rest)) } else { Err(SmsError::Address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 44 no more messages, header · 0C 91 12 digits, international · PID 7F · DCS F6 · time · 03 octets
    const DELIVERED: [u8; 21] = [
        0x44, 0x0C, 0x91, 0x94, 0x71, 0x10, 0x32, 0x54, 0x76, 0x7F, 0xF6, 0x62, 0x11, 0x82, 0x22, 0x00, 0x00, 0x04,
        0x03, 0x02, 0x70,
    ];

    #[test]
    fn a_message_to_the_phone() {
        let deliver = Deliver {
            originating: Address::international("491701234567").unwrap(),
            pid: PID_USIM_DOWNLOAD,
            dcs: DCS_CLASS_2_DATA,
            service_centre_time: [0x62, 0x11, 0x82, 0x22, 0x00, 0x00, 0x04],
            has_header: true,
            user_data: vec![0x02, 0x70, 0x00],
        };
        let octets = [&DELIVERED[..], &[0x00]].concat();
        assert_eq!(deliver.encode().unwrap(), octets);
        assert_eq!(Deliver::parse(&octets).unwrap(), deliver);
        for end in 0..octets.len() {
            assert!(Deliver::parse(&octets[..end]).is_err());
        }
        assert_eq!(Submit::parse(&octets), Err(SmsError::Type));
    }

    #[test]
    fn a_message_from_the_phone() {
        // 41 submit, header, no validity · MR 07 · 05 91 five digits · PID 00 · DCS F6 · one octet
        let octets = [0x41, 0x07, 0x05, 0x91, 0x94, 0x71, 0xF0, 0x00, 0xF6, 0x01, 0xAA];
        let submit = Submit {
            reference: 7,
            destination: Address::international("49170").unwrap(),
            pid: 0,
            dcs: 0xF6,
            has_header: true,
            user_data: vec![0xAA],
        };
        assert_eq!(submit.encode().unwrap(), octets);
        assert_eq!(Submit::parse(&octets).unwrap(), submit);
        // With a relative validity period.
        let valid = [0x51, 0x07, 0x05, 0x91, 0x94, 0x71, 0xF0, 0x00, 0xF6, 0xA7, 0x01, 0xAA];
        assert_eq!(Submit::parse(&valid).unwrap(), submit);
    }

    /// Every alphabet: those of 8-bit data alone are read.
    #[test]
    fn every_data_coding() {
        for dcs in 0..=255u8 {
            let octets = [0x41, 0, 0x01, 0x91, 0xF1, 0x00, dcs, 0x00];
            let expected = dcs & 0xEC == 0x04 || matches!(dcs, 0xF4..=0xF7 | 0xFC..=0xFF);
            assert_eq!(Submit::parse(&octets).is_ok(), expected, "{dcs:02x}");
        }
    }
}
