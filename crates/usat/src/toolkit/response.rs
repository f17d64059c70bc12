//! Terminal responses: what the phone says to a command (ETSI TS 102 223 clause 6.8).

use super::ber::{COMPREHENSION, find, need, put};
use super::{
    AccessTechnology, LocationInformation, Proactive, ToolkitError, date_time_octets, device, read_date_time, tag,
};
use lcs::Timestamp;

/// How a command went: the general result (ETSI TS 102 223 clause 8.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Done, 00-0F, whatever the remark.
    Done,
    /// The user ended the session, or went back: 10, 11.
    EndedByUser,
    /// The user said nothing: 12.
    NoResponse,
    /// Not now: 20-2F other than a refusal of the user.
    NotNow,
    /// The user did not take it: 22.
    Refused,
    /// Never: beyond the phone's capabilities, or an error, 30-3F.
    Never,
}

impl Outcome {
    /// From the general result; a value that is not known counts as "not now".
    #[must_use]
    pub fn from_octet(octet: u8) -> Self {
        match octet {
            0x00..=0x0F => Self::Done,
            0x10 | 0x11 => Self::EndedByUser,
            0x12 => Self::NoResponse,
            0x22 => Self::Refused,
            0x30..=0x3F => Self::Never,
            _ => Self::NotNow,
        }
    }

    /// A general result for it.
    #[must_use]
    pub fn octet(self) -> u8 {
        match self {
            Self::Done => 0x00,
            Self::EndedByUser => 0x10,
            Self::NoResponse => 0x12,
            Self::NotNow => 0x20,
            Self::Refused => 0x22,
            Self::Never => 0x30,
        }
    }
}

/// What the phone says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalResponse {
    /// Number of the command.
    pub number: u8,
    /// Its type and qualifier.
    pub kind: (u8, u8),
    /// How it went.
    pub outcome: Outcome,
    /// Yes or no, to GET INKEY.
    pub yes: Option<bool>,
    /// Where the phone is.
    pub location: Option<LocationInformation>,
    /// Over what.
    pub access: Option<AccessTechnology>,
    /// What time it has.
    pub time: Option<Timestamp>,
}

impl TerminalResponse {
    /// An answer to `command` that says how it went and nothing else.
    #[must_use]
    pub fn to(command: &Proactive, outcome: Outcome) -> Self {
        let kind = command.command.kind();
        Self { number: command.number, kind, outcome, yes: None, location: None, access: None, time: None }
    }

    /// As it goes to the card.
    pub fn encode(&self) -> Result<Vec<u8>, ToolkitError> {
        let mut octets = vec![];
        put(&mut octets, COMPREHENSION | tag::COMMAND_DETAILS, &[self.number, self.kind.0, self.kind.1])?;
        put(&mut octets, COMPREHENSION | tag::DEVICE_IDENTITIES, &[device::TERMINAL, device::CARD])?;
        // "Not now" has to say why: no special cause.
        let result: &[u8] = if self.outcome == Outcome::NotNow { &[0x20, 0x00] } else { &[self.outcome.octet()] };
        put(&mut octets, COMPREHENSION | tag::RESULT, result)?;
        if let Some(yes) = self.yes {
            put(&mut octets, COMPREHENSION | tag::TEXT_STRING, &[0x04, u8::from(yes)])?;
        }
        if let Some(location) = self.location {
            put(&mut octets, COMPREHENSION | tag::LOCATION_INFORMATION, &location.octets())?;
        }
        if let Some(access) = self.access {
            put(&mut octets, tag::ACCESS_TECHNOLOGY, &[access.octet()])?;
        }
        if let Some(time) = self.time.and_then(date_time_octets) {
            put(&mut octets, COMPREHENSION | tag::DATE_TIME, &time)?;
        }
        Ok(octets)
    }

    /// From the phone: the card's side.
    pub fn parse(octets: &[u8]) -> Result<Self, ToolkitError> {
        let &[number, kind, qualifier] = need(octets, tag::COMMAND_DETAILS)? else {
            return Err(ToolkitError::Object(tag::COMMAND_DETAILS));
        };
        let result = need(octets, tag::RESULT)?.first().ok_or(ToolkitError::Object(tag::RESULT))?;
        let yes = match find(octets, tag::TEXT_STRING)? {
            Some(&[0x04, answer @ (0 | 1)]) => Some(answer == 1),
            Some(_) => return Err(ToolkitError::Object(tag::TEXT_STRING)),
            None => None,
        };
        let access = match find(octets, tag::ACCESS_TECHNOLOGY)? {
            // Of several the first is the current one.
            Some([access, ..]) => Some(AccessTechnology::from_octet(*access)),
            Some([]) => return Err(ToolkitError::Object(tag::ACCESS_TECHNOLOGY)),
            None => None,
        };
        Ok(Self {
            number,
            kind: (kind, qualifier),
            outcome: Outcome::from_octet(*result),
            yes,
            location: find(octets, tag::LOCATION_INFORMATION)?.map(LocationInformation::parse).transpose()?,
            access,
            time: find(octets, tag::DATE_TIME)?.map(read_date_time).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolkit::{Command, LocalInformation};

    #[test]
    fn every_general_result() {
        for octet in 0..=255u8 {
            let outcome = Outcome::from_octet(octet);
            assert_eq!(Outcome::from_octet(outcome.octet()), outcome);
            assert_eq!(outcome == Outcome::Done, octet < 0x10);
        }
    }

    #[test]
    fn where_the_phone_is() {
        let command = Proactive { number: 5, command: Command::ProvideLocalInformation(LocalInformation::Location) };
        let said = TerminalResponse {
            location: Some(LocationInformation::parse(&[0x62, 0xF2, 0x10, 0x12, 0x34, 0x56, 0x78]).unwrap()),
            ..TerminalResponse::to(&command, Outcome::Done)
        };
        // details: number 5, PROVIDE LOCAL INFORMATION, location · terminal to card · done · location information
        let octets = [
            0x81, 3, 5, 0x26, 0x00, 0x82, 2, 0x82, 0x81, 0x83, 1, 0x00, 0x93, 7, 0x62, 0xF2, 0x10, 0x12, 0x34, 0x56,
            0x78,
        ];
        assert_eq!(said.encode().unwrap(), octets);
        assert_eq!(TerminalResponse::parse(&octets).unwrap(), said);
    }

    #[test]
    fn the_rest() {
        let command = Proactive { number: 1, command: Command::GetInkey(String::new()) };
        let plain = TerminalResponse::to(&command, Outcome::Done);
        for said in [
            TerminalResponse { yes: Some(true), ..plain.clone() },
            TerminalResponse { yes: Some(false), ..plain.clone() },
            TerminalResponse { access: Some(AccessTechnology::Eutran), ..plain.clone() },
            TerminalResponse { time: Some(Timestamp::from_secs(1_795_899_600)), ..plain.clone() },
            TerminalResponse { outcome: Outcome::NotNow, ..plain.clone() },
            plain,
        ] {
            assert_eq!(TerminalResponse::parse(&said.encode().unwrap()).unwrap(), said);
        }
        assert!(TerminalResponse::parse(&[0x81, 3, 1, 0x22, 0x04]).is_err());
    }
}
