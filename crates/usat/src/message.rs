//! What gateway and card say to each other about an area event: the protocol of `docs/annex-f.md`, inside of secured packets.
//!
//! TS 23.271 Annex F lists what must be said and leaves the form to the operator. Objects are a tag, a length (BER, up to 255) and a value.
//! Version and type come first; tags from 80 on may be passed over by who does not know them, others may not.

use crate::sms::{address_octets, number};
use lcs::{Address, AreaEvent, AreaIdentity, LdrReference, PrivacySetting, Timestamp};

/// The version that is spoken.
const VERSION: u8 = 1;
/// Greatest number of areas of a request: what MAP takes is ten; a card holds these.
pub const AREA_LIMIT: usize = 32;
/// Greatest number of octets of a client's name or a requestor.
pub const NAME_LIMIT: usize = 120;

mod tag {
    pub(super) const VERSION: u8 = 0x01;
    pub(super) const TYPE: u8 = 0x02;
    pub(super) const REFERENCE: u8 = 0x03;
    pub(super) const GATEWAY: u8 = 0x04;
    pub(super) const VALIDITY: u8 = 0x05;
    pub(super) const EVENT: u8 = 0x06;
    pub(super) const AREA: u8 = 0x07;
    pub(super) const PRIVACY: u8 = 0x08;
    pub(super) const CLIENT: u8 = 0x09;
    pub(super) const REQUESTOR: u8 = 0x0A;
    pub(super) const RESULT: u8 = 0x0C;
    pub(super) const TIME: u8 = 0x0D;
    pub(super) const LOCATION: u8 = 0x0E;
    pub(super) const INSTANCE: u8 = 0x0F;
    pub(super) const SEQUENCE: u8 = 0x10;
}

const INSTALL: u8 = 1;
const CANCEL: u8 = 2;
const ACKNOWLEDGE: u8 = 3;
const REPORT: u8 = 4;

/// Which request: its reference, and a number that the gateway chose for it, as a reference is used again after its request has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestName {
    /// LDR reference number.
    pub reference: LdrReference,
    /// Any number that earlier requests of this reference did not have.
    pub instance: u32,
}

/// What the card is to do about an area.
#[derive(Clone, PartialEq, Eq)]
pub struct Install {
    /// Which request.
    pub name: RequestName,
    /// Where acknowledgement and reports go by SMS: the H-GMLC address.
    pub gateway: Address,
    /// Not before; whole seconds.
    pub start: Timestamp,
    /// Not after; whole seconds.
    pub stop: Timestamp,
    /// What is waited for.
    pub event: AreaEvent,
    /// Many reports, not one alone.
    pub multiple: bool,
    /// Least time between two reports, seconds.
    pub min_interval_s: u16,
    /// The area: any of these, 1-32.
    pub areas: Vec<AreaIdentity>,
    /// What the user is told and asked. [`PrivacySetting::NotAllowed`] never goes out.
    pub privacy: PrivacySetting,
    /// Name of the LCS client; wherever the user is told or asked.
    pub client: Option<String>,
    /// Who asked the client.
    pub requestor: Option<String>,
}

/// What became of an installation or a cancellation (TS 23.271 Annex F.1 step 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Installed {
    /// Installed; the user allowed it, or was told, or did not have to be.
    Yes,
    /// Installed: no response, but allowed then.
    YesWithoutResponse,
    /// Taken off again.
    Cancelled,
    /// The user denied it.
    Denied,
    /// No response, and not allowed then.
    NoResponse,
    /// The phone cannot tell or ask its user.
    NoUserInterface,
    /// An area of a kind that the card cannot watch.
    AreaNotSupported,
    /// Its time is over.
    Expired,
    /// The phone tells the card neither time nor place.
    NoLocalInformation,
    /// Another code: not installed.
    Other(u8),
}

impl Installed {
    const KNOWN: [(u8, Self); 9] = [
        (0x00, Self::Yes),
        (0x01, Self::YesWithoutResponse),
        (0x02, Self::Cancelled),
        (0x10, Self::Denied),
        (0x11, Self::NoResponse),
        (0x12, Self::NoUserInterface),
        (0x13, Self::AreaNotSupported),
        (0x14, Self::Expired),
        (0x15, Self::NoLocalInformation),
    ];

    /// From the wire. A code that is not known is none of success.
    #[must_use]
    pub fn from_octet(octet: u8) -> Self {
        Self::KNOWN.iter().find_map(|(code, known)| (*code == octet).then_some(*known)).unwrap_or(Self::Other(octet))
    }

    /// As on the wire.
    #[must_use]
    pub fn octet(self) -> u8 {
        match self {
            Self::Other(octet) => octet,
            known => Self::KNOWN.iter().find_map(|(code, of)| (*of == known).then_some(*code)).unwrap_or(0xFF),
        }
    }
}

/// An event that was seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Which request.
    pub name: RequestName,
    /// Number of the report, from 1.
    pub sequence: u16,
    /// When it was seen; whole seconds.
    pub at: Timestamp,
    /// Where the phone was then.
    pub location: Option<AreaIdentity>,
}

/// A message of the protocol. `Debug` tells the kind and which request alone.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// Gateway to card.
    Install(Install),
    /// Gateway to card.
    Cancel(RequestName),
    /// Card to gateway.
    Acknowledge(RequestName, Installed),
    /// Card to gateway.
    Report(Report),
}

/// Why octets are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A length does not fit.
    #[error("area event message: a length that does not fit the octets")]
    Length,
    /// Another version.
    #[error("area event message: version {0}, where {VERSION} is spoken")]
    Version(u8),
    /// A type that is not known.
    #[error("area event message: type {0} is not known")]
    Type(u8),
    /// An object is not known and may not be passed over, or comes twice, or has no place in this type.
    #[error("area event message: object {0:02X} has no place here")]
    Unexpected(u8),
    /// An object is missing.
    #[error("area event message: object {0:02X} is missing")]
    Missing(u8),
    /// An object does not say what it must.
    #[error("area event message: object {0:02X} is none")]
    Object(u8),
}

impl core::fmt::Debug for Message {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let name = self.name();
        match self {
            Self::Install(_) => write!(f, "Install({name:?})"),
            Self::Cancel(_) => write!(f, "Cancel({name:?})"),
            Self::Acknowledge(_, installed) => write!(f, "Acknowledge({name:?}, {installed:?})"),
            Self::Report(report) => write!(f, "Report({name:?}, {})", report.sequence),
        }
    }
}

impl Message {
    /// Which request it is about.
    #[must_use]
    pub fn name(&self) -> RequestName {
        match self {
            Self::Install(install) => install.name,
            Self::Cancel(name) | Self::Acknowledge(name, _) => *name,
            Self::Report(report) => report.name,
        }
    }

    /// As it is secured.
    pub fn encode(&self) -> Result<Vec<u8>, MessageError> {
        let kind = match self {
            Self::Install(_) => INSTALL,
            Self::Cancel(_) => CANCEL,
            Self::Acknowledge(..) => ACKNOWLEDGE,
            Self::Report(_) => REPORT,
        };
        let mut out = Out(vec![]);
        let name = self.name();
        out.put(tag::VERSION, &[VERSION])?;
        out.put(tag::TYPE, &[kind])?;
        out.put(tag::REFERENCE, &[name.reference.0])?;
        out.put(tag::INSTANCE, &name.instance.to_be_bytes())?;
        match self {
            Self::Install(install) => install.encode(&mut out)?,
            Self::Cancel(_) => (),
            Self::Acknowledge(_, installed) => out.put(tag::RESULT, &[installed.octet()])?,
            Self::Report(report) => {
                out.put(tag::SEQUENCE, &report.sequence.to_be_bytes())?;
                out.put(tag::TIME, &seconds(report.at, tag::TIME)?)?;
                if let Some(area) = report.location {
                    out.put(tag::LOCATION, &area_octets(area))?;
                }
            }
        }
        Ok(out.0)
    }

    /// From what was secured.
    pub fn parse(octets: &[u8]) -> Result<Self, MessageError> {
        let mut objects = read(octets)?.into_iter();
        let version = one(objects.next(), tag::VERSION)?;
        if version != VERSION {
            return Err(MessageError::Version(version));
        }
        let kind = one(objects.next(), tag::TYPE)?;
        let mut objects = In(objects.collect());
        let name = RequestName {
            reference: LdrReference(objects.fixed::<1>(tag::REFERENCE)?[0]),
            instance: u32::from_be_bytes(objects.fixed(tag::INSTANCE)?),
        };
        let message = match kind {
            INSTALL => Self::Install(Install::parse(name, &mut objects)?),
            CANCEL => Self::Cancel(name),
            ACKNOWLEDGE => Self::Acknowledge(name, Installed::from_octet(objects.fixed::<1>(tag::RESULT)?[0])),
            REPORT => Self::Report(Report {
                name,
                sequence: u16::from_be_bytes(objects.fixed(tag::SEQUENCE)?),
                at: at(objects.fixed(tag::TIME)?),
                location: objects.take(tag::LOCATION).map(|value| read_area(tag::LOCATION, value)).transpose()?,
            }),
            other => return Err(MessageError::Type(other)),
        };
        match objects.0.iter().find(|(tag, _)| *tag < 0x80) {
            Some((tag, _)) => Err(MessageError::Unexpected(*tag)),
            None => Ok(message),
        }
    }
}

impl Install {
    fn encode(&self, out: &mut Out) -> Result<(), MessageError> {
        self.check()?;
        out.put(tag::GATEWAY, &address_octets(self.gateway))?;
        let validity = [seconds(self.start, tag::VALIDITY)?, seconds(self.stop, tag::VALIDITY)?].concat();
        out.put(tag::VALIDITY, &validity)?;
        let event = match self.event {
            AreaEvent::Entering => 1,
            AreaEvent::Leaving => 2,
            AreaEvent::Inside => 3,
        };
        let [high, low] = self.min_interval_s.to_be_bytes();
        out.put(tag::EVENT, &[event, u8::from(self.multiple), high, low])?;
        for area in &self.areas {
            out.put(tag::AREA, &area_octets(*area))?;
        }
        out.put(tag::PRIVACY, &[self.privacy.code()])?;
        for (tag, text) in [(tag::CLIENT, &self.client), (tag::REQUESTOR, &self.requestor)] {
            if let Some(text) = text {
                out.put(tag, text.as_bytes())?;
            }
        }
        Ok(())
    }

    fn parse(name: RequestName, objects: &mut In<'_>) -> Result<Self, MessageError> {
        let gateway = objects.take(tag::GATEWAY).ok_or(MessageError::Missing(tag::GATEWAY))?;
        let wrong = MessageError::Object(tag::GATEWAY);
        let ([count, kind], digits) = gateway.split_first_chunk::<2>().ok_or(wrong)?;
        let gateway = number(*kind, digits).map_err(|_| wrong)?;
        if gateway.digits.count() != usize::from(*count) || kind & 0x80 == 0 {
            return Err(wrong);
        }
        let [a, b, c, d, validity @ ..] = objects.fixed::<8>(tag::VALIDITY)?;
        let [event, multiple, high, low] = objects.fixed(tag::EVENT)?;
        let event = match event {
            1 => AreaEvent::Entering,
            2 => AreaEvent::Leaving,
            3 => AreaEvent::Inside,
            _ => return Err(MessageError::Object(tag::EVENT)),
        };
        if multiple > 1 {
            return Err(MessageError::Object(tag::EVENT));
        }
        let mut areas = vec![];
        while let Some(value) = objects.take(tag::AREA) {
            areas.push(read_area(tag::AREA, value)?);
        }
        let privacy = PrivacySetting::from_code(objects.fixed::<1>(tag::PRIVACY)?[0].into());
        let mut text = |tag| {
            let octets = objects.take(tag)?;
            Some(core::str::from_utf8(octets).map(str::to_owned).map_err(|_| MessageError::Object(tag)))
        };
        let install = Self {
            name,
            gateway,
            start: at([a, b, c, d]),
            stop: at(validity),
            event,
            multiple: multiple == 1,
            min_interval_s: u16::from_be_bytes([high, low]),
            areas,
            privacy: privacy.ok_or(MessageError::Object(tag::PRIVACY))?,
            client: text(tag::CLIENT).transpose()?,
            requestor: text(tag::REQUESTOR).transpose()?,
        };
        install.check()?;
        Ok(install)
    }

    /// What both sides hold to.
    fn check(&self) -> Result<(), MessageError> {
        let text = |text: &Option<String>| {
            text.as_ref()
                .is_none_or(|text| (1..=NAME_LIMIT).contains(&text.len()) && !text.chars().any(char::is_control))
        };
        let wrong = if self.areas.is_empty() || self.areas.len() > AREA_LIMIT {
            tag::AREA
        } else if self.stop <= self.start {
            tag::VALIDITY
        } else if self.privacy == PrivacySetting::NotAllowed {
            tag::PRIVACY
        } else if !text(&self.client) {
            tag::CLIENT
        } else if !text(&self.requestor) {
            tag::REQUESTOR
        } else if self.privacy.notifies() && self.client.is_none() {
            // The user would be asked on behalf of nobody.
            return Err(MessageError::Missing(tag::CLIENT));
        } else {
            return Ok(());
        };
        Err(MessageError::Object(wrong))
    }
}

/// Objects on their way out.
struct Out(Vec<u8>);

impl Out {
    fn put(&mut self, tag: u8, value: &[u8]) -> Result<(), MessageError> {
        let length = u8::try_from(value.len()).map_err(|_| MessageError::Object(tag))?;
        self.0.push(tag);
        if length > 0x7F {
            self.0.push(0x81);
        }
        self.0.push(length);
        self.0.extend(value);
        Ok(())
    }
}

/// Objects that were not looked at yet.
struct In<'a>(Vec<(u8, &'a [u8])>);

impl<'a> In<'a> {
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let index = self.0.iter().position(|(found, _)| *found == tag)?;
        Some(self.0.remove(index).1)
    }

    fn fixed<const N: usize>(&mut self, tag: u8) -> Result<[u8; N], MessageError> {
        let value = self.take(tag).ok_or(MessageError::Missing(tag))?;
        value.try_into().map_err(|_| MessageError::Object(tag))
    }
}

fn read(octets: &[u8]) -> Result<Vec<(u8, &[u8])>, MessageError> {
    let (mut objects, mut rest) = (vec![], octets);
    while let Some((tag, behind)) = rest.split_first() {
        let (length, behind) = match behind {
            [length @ 0..=0x7F, behind @ ..] => (*length, behind),
            // The long form is for what the short one does not hold.
            [0x81, length @ 0x80..=0xFF, behind @ ..] => (*length, behind),
            _ => return Err(MessageError::Length),
        };
        let (value, behind) = behind.split_at_checked(length.into()).ok_or(MessageError::Length)?;
        objects.push((*tag, value));
        rest = behind;
    }
    Ok(objects)
}

fn one(object: Option<(u8, &[u8])>, tag: u8) -> Result<u8, MessageError> {
    match object {
        Some((found, &[value])) if found == tag => Ok(value),
        _ => Err(MessageError::Missing(tag)),
    }
}

fn seconds(at: Timestamp, tag: u8) -> Result<[u8; 4], MessageError> {
    u32::try_from(at.secs()).map(u32::to_be_bytes).map_err(|_| MessageError::Object(tag))
}

fn at(octets: [u8; 4]) -> Timestamp {
    Timestamp::from_secs(u32::from_be_bytes(octets).into())
}

fn area_octets(area: AreaIdentity) -> Vec<u8> {
    [&[area.area_type()], &area.octets()[..]].concat()
}

fn read_area(tag: u8, value: &[u8]) -> Result<AreaIdentity, MessageError> {
    let (kind, octets) = value.split_first().ok_or(MessageError::Object(tag))?;
    AreaIdentity::from_octets((*kind).into(), octets).ok_or(MessageError::Object(tag))
}
