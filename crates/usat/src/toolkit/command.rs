//! Proactive commands: what the card asks of the phone (ETSI TS 102 223 clause 6.6, TS 31.111 clause 6.6).

use super::ber::{COMPREHENSION, Objects, find, need, outer, put};
use super::time::{read_timer, timer_octets};
use super::{TEXT_LIMIT, ToolkitError, device, tag};
use lcs::gsm7;

const PROACTIVE: u8 = 0xD0;
/// Location status in an event list (ETSI TS 102 223 clause 8.25).
pub(super) const EVENT_LOCATION_STATUS: u8 = 0x03;
/// The alphabets of a text string: unpacked septets, UCS2 (TS 23.038 clause 4).
const DEFAULT_UNPACKED: u8 = 0x04;
const UCS2: u8 = 0x08;

/// What local information is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LocalInformation {
    /// Network, area and cell.
    Location,
    /// Date, time and time zone.
    DateTime,
    /// Access technology.
    AccessTechnology,
}

/// A command of the card. `Debug` hides what it shows or sends.
#[derive(Clone, PartialEq, Eq)]
pub enum Command {
    /// DISPLAY TEXT, cleared after a while.
    DisplayText(String),
    /// GET INKEY that takes yes or no.
    GetInkey(String),
    /// SET UP EVENT LIST: location status, or nothing.
    SetUpEventList {
        /// Whether the card wants to be told of a new area or cell.
        location_status: bool,
    },
    /// PROVIDE LOCAL INFORMATION.
    ProvideLocalInformation(LocalInformation),
    /// TIMER MANAGEMENT, start.
    StartTimer {
        /// Number of the timer, 1-8.
        timer: u8,
        /// After how many seconds, below a day.
        seconds: u32,
    },
    /// TIMER MANAGEMENT, deactivate.
    StopTimer {
        /// Number of the timer, 1-8.
        timer: u8,
    },
    /// SEND SHORT MESSAGE: an SMS-SUBMIT.
    SendShortMessage(Vec<u8>),
}

impl core::fmt::Debug for Command {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (kind, qualifier) = self.kind();
        write!(f, "Command({kind:02X} {qualifier:02X})")
    }
}

/// A command with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proactive {
    /// Command number, 1-254.
    pub number: u8,
    /// The command.
    pub command: Command,
}

impl Command {
    /// Type of command, and its qualifier.
    #[must_use]
    pub fn kind(&self) -> (u8, u8) {
        match self {
            // High priority, cleared after a delay.
            Self::DisplayText(_) => (0x21, 0x01),
            // Yes or no.
            Self::GetInkey(_) => (0x22, 0x04),
            Self::SetUpEventList { .. } => (0x05, 0x00),
            Self::ProvideLocalInformation(LocalInformation::Location) => (0x26, 0x00),
            Self::ProvideLocalInformation(LocalInformation::DateTime) => (0x26, 0x03),
            Self::ProvideLocalInformation(LocalInformation::AccessTechnology) => (0x26, 0x06),
            Self::StartTimer { .. } => (0x27, 0x00),
            Self::StopTimer { .. } => (0x27, 0x01),
            // No packing by the phone.
            Self::SendShortMessage(_) => (0x13, 0x00),
        }
    }

    fn device(&self) -> u8 {
        match self {
            Self::DisplayText(_) => device::DISPLAY,
            Self::SendShortMessage(_) => device::NETWORK,
            _ => device::TERMINAL,
        }
    }
}

impl Proactive {
    /// As it is fetched.
    pub fn encode(&self) -> Result<Vec<u8>, ToolkitError> {
        let (kind, qualifier) = self.command.kind();
        let mut body = vec![];
        put(&mut body, COMPREHENSION | tag::COMMAND_DETAILS, &[self.number, kind, qualifier])?;
        put(&mut body, COMPREHENSION | tag::DEVICE_IDENTITIES, &[device::CARD, self.command.device()])?;
        match &self.command {
            Command::DisplayText(text) | Command::GetInkey(text) => {
                put(&mut body, COMPREHENSION | tag::TEXT_STRING, &text_octets(text))?;
            }
            Command::SetUpEventList { location_status } => {
                let events: &[u8] = if *location_status { &[EVENT_LOCATION_STATUS] } else { &[] };
                put(&mut body, COMPREHENSION | tag::EVENT_LIST, events)?;
            }
            Command::ProvideLocalInformation(_) => (),
            Command::StartTimer { timer, seconds } => {
                put(&mut body, COMPREHENSION | tag::TIMER_IDENTIFIER, &[*timer])?;
                put(&mut body, COMPREHENSION | tag::TIMER_VALUE, &timer_octets(*seconds))?;
            }
            Command::StopTimer { timer } => put(&mut body, COMPREHENSION | tag::TIMER_IDENTIFIER, &[*timer])?,
            Command::SendShortMessage(tpdu) => put(&mut body, COMPREHENSION | tag::SMS_TPDU, tpdu)?,
        }
        let mut octets = vec![];
        put(&mut octets, PROACTIVE, &body)?;
        Ok(octets)
    }

    /// From what was fetched: the phone's side.
    pub fn parse(octets: &[u8]) -> Result<Self, ToolkitError> {
        let body = outer(octets, PROACTIVE)?;
        for object in Objects(body) {
            object?;
        }
        let &[number, kind, qualifier] = need(body, tag::COMMAND_DETAILS)? else {
            return Err(ToolkitError::Object(tag::COMMAND_DETAILS));
        };
        let timer = || match need(body, tag::TIMER_IDENTIFIER)? {
            &[timer @ 1..=8] => Ok(timer),
            _ => Err(ToolkitError::Object(tag::TIMER_IDENTIFIER)),
        };
        let command = match (kind, qualifier) {
            (0x21, _) => Command::DisplayText(read_text(need(body, tag::TEXT_STRING)?)?),
            (0x22, 0x04) => Command::GetInkey(read_text(need(body, tag::TEXT_STRING)?)?),
            (0x05, _) => Command::SetUpEventList {
                location_status: need(body, tag::EVENT_LIST)?.contains(&EVENT_LOCATION_STATUS),
            },
            (0x26, 0x00) => Command::ProvideLocalInformation(LocalInformation::Location),
            (0x26, 0x03) => Command::ProvideLocalInformation(LocalInformation::DateTime),
            (0x26, 0x06) => Command::ProvideLocalInformation(LocalInformation::AccessTechnology),
            (0x27, 0x00) => {
                Command::StartTimer { timer: timer()?, seconds: read_timer(need(body, tag::TIMER_VALUE)?)? }
            }
            (0x27, 0x01) => Command::StopTimer { timer: timer()? },
            (0x13, _) => Command::SendShortMessage(need(body, tag::SMS_TPDU)?.to_vec()),
            (kind, _) => return Err(ToolkitError::Command(kind)),
        };
        if find(body, tag::DEVICE_IDENTITIES)? != Some(&[device::CARD, command.device()]) {
            return Err(ToolkitError::Object(tag::DEVICE_IDENTITIES));
        }
        Ok(Self { number, command })
    }
}

/// Alphabet and text, cut where it is too long.
fn text_octets(text: &str) -> Vec<u8> {
    if text.chars().all(|character| gsm7::Septets::of(character).is_some()) {
        let mut octets = vec![DEFAULT_UNPACKED];
        octets.extend(gsm7::to_septets(text).into_iter().take(TEXT_LIMIT));
        return octets;
    }
    let mut octets = vec![UCS2];
    for character in text.chars() {
        let mut units = [0; 2];
        let units = character.encode_utf16(&mut units);
        if octets.len() + 2 * units.len() > TEXT_LIMIT {
            break;
        }
        octets.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
    }
    octets
}

fn read_text(octets: &[u8]) -> Result<String, ToolkitError> {
    match octets.split_first() {
        Some((&DEFAULT_UNPACKED, septets)) => Ok(gsm7::from_septets(septets)),
        Some((&UCS2, octets)) if octets.len() % 2 == 0 => {
            let units = octets.chunks_exact(2).filter_map(|pair| pair.first_chunk().copied()).map(u16::from_be_bytes);
            Ok(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
        }
        _ => Err(ToolkitError::Object(tag::TEXT_STRING)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_as_its_octets_and_back() {
        let cases: [(Command, &[u8]); 9] = [
            (
                Command::DisplayText("Hi".to_owned()),
                // details: number 1, DISPLAY TEXT, high priority · card to display · text, default alphabet
                &[0xD0, 0x0E, 0x81, 3, 1, 0x21, 0x01, 0x82, 2, 0x81, 0x02, 0x8D, 3, 0x04, b'H', b'i'],
            ),
            (
                Command::GetInkey("\u{416}?".to_owned()),
                // GET INKEY, yes or no · UCS2
                &[0xD0, 0x10, 0x81, 3, 1, 0x22, 0x04, 0x82, 2, 0x81, 0x82, 0x8D, 5, 0x08, 0x04, 0x16, 0x00, 0x3F],
            ),
            (
                Command::SetUpEventList { location_status: true },
                &[0xD0, 0x0C, 0x81, 3, 1, 0x05, 0x00, 0x82, 2, 0x81, 0x82, 0x99, 1, 0x03],
            ),
            (
                Command::SetUpEventList { location_status: false },
                &[0xD0, 0x0B, 0x81, 3, 1, 0x05, 0x00, 0x82, 2, 0x81, 0x82, 0x99, 0],
            ),
            (
                Command::ProvideLocalInformation(LocalInformation::Location),
                &[0xD0, 0x09, 0x81, 3, 1, 0x26, 0x00, 0x82, 2, 0x81, 0x82],
            ),
            (
                Command::ProvideLocalInformation(LocalInformation::AccessTechnology),
                &[0xD0, 0x09, 0x81, 3, 1, 0x26, 0x06, 0x82, 2, 0x81, 0x82],
            ),
            (
                Command::StartTimer { timer: 2, seconds: 90 },
                &[0xD0, 0x11, 0x81, 3, 1, 0x27, 0x00, 0x82, 2, 0x81, 0x82, 0xA4, 1, 2, 0xA5, 3, 0x00, 0x10, 0x03],
            ),
            (Command::StopTimer { timer: 2 }, &[0xD0, 0x0C, 0x81, 3, 1, 0x27, 0x01, 0x82, 2, 0x81, 0x82, 0xA4, 1, 2]),
            (
                Command::SendShortMessage(vec![0x41, 0x00]),
                &[0xD0, 0x0D, 0x81, 3, 1, 0x13, 0x00, 0x82, 2, 0x81, 0x83, 0x8B, 2, 0x41, 0x00],
            ),
        ];
        for (command, octets) in cases {
            let proactive = Proactive { number: 1, command };
            assert_eq!(proactive.encode().unwrap(), octets, "{proactive:?}");
            assert_eq!(Proactive::parse(octets).unwrap(), proactive);
            for end in 0..octets.len() {
                assert!(Proactive::parse(&octets[..end]).is_err());
            }
        }
    }

    #[test]
    fn long_texts_are_cut_and_fit_one_fetch() {
        for text in ["a", "€", "\u{416}", "\u{1F600}"] {
            let command = Command::GetInkey(text.repeat(400));
            let octets = Proactive { number: 254, command }.encode().unwrap();
            assert!(octets.len() <= 256 && octets.len() > 200, "{}", octets.len());
            Proactive::parse(&octets).unwrap();
        }
    }
}
