//! Octets of messages (ITU-T Q.713), on the crate `sccp`.

use ::sccp::{
    ExtendedUnitData, ExtendedUnitDataService, GlobalTitle as WireTitle, LongUnitData, LongUnitDataService,
    ReturnCause as WireCause, SccpAddress as WireAddress, SccpError, SccpMessage, SubsystemNumber, UnitData,
    UnitDataService,
};
use bytes::Bytes;
use lcs::Digits;

use super::{
    Class, DecodeError, EncodeError, Extension, Form, GlobalTitle, Message, NatureIndicator, PlanIndicator,
    ReturnCause, Routing, SccpAddress, Segmentation, Ssn, UnitdataMessage, UnitdataService,
};
use crate::m3ua::PointCode;

#[cfg(test)]
mod tests;

/// Most octets of user data in one message of any form (ITU-T Q.714 clause 4.1.1.1).
pub(super) const MAX_DATA: usize = 3952;
/// Most octets of user data in UDT, which has a length of one octet.
const MAX_SHORT: usize = 255;
/// Most octets of a message: what a signal unit holds without its label of 4 octets (ITU-T Q.704: 272 octets).
pub(super) const MAX_UNIT: usize = 268;
/// Message handling: return on error (ITU-T Q.713 clause 3.6).
const RETURN: u8 = 8;
/// Encoding schemes BCD with an odd and an even number of digits (ITU-T Q.713 clause 3.4.2.3.3).
const BCD: [u8; 2] = [1, 2];

/// Optional parameters (ITU-T Q.713 clause 3.1, table 2).
mod parameter {
    pub(super) const END: u8 = 0x00;
    pub(super) const SEGMENTATION: u8 = 0x10;
    pub(super) const IMPORTANCE: u8 = 0x12;
}

impl Message {
    /// Reads one message.
    ///
    /// # Errors
    /// The octets break Q.713 or are not supported.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        let message = SccpMessage::decode(octets).map_err(|error| fault(&error))?;
        match message {
            SccpMessage::Udt(m) => {
                unitdata(Form::Short, m.protocol_class, m.message_handling, &m.called_party, &m.calling_party, m.data)
            }
            SccpMessage::Xudt(m) => {
                let form = Form::Extended(extension(m.hop_counter, &m.optional_part)?);
                unitdata(form, m.protocol_class, m.message_handling, &m.called_party, &m.calling_party, m.data)
            }
            SccpMessage::Ludt(m) => {
                let form = Form::Long(extension(m.hop_counter, &m.optional_part)?);
                unitdata(form, m.protocol_class, m.message_handling, &m.called_party, &m.calling_party, m.data)
            }
            SccpMessage::Udts(m) => service(Form::Short, m.return_cause, &m.called_party, &m.calling_party, m.data),
            SccpMessage::Xudts(m) => {
                let form = Form::Extended(extension(m.hop_counter, &m.optional_part)?);
                service(form, m.return_cause, &m.called_party, &m.calling_party, m.data)
            }
            SccpMessage::Ludts(m) => {
                let form = Form::Long(extension(m.hop_counter, &m.optional_part)?);
                service(form, m.return_cause, &m.called_party, &m.calling_party, m.data)
            }
        }
    }

    /// The octets.
    ///
    /// # Errors
    /// More data than the form takes, or values out of range.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let (form, called, calling, data) = match self {
            Self::Unitdata(m) => (m.form, &m.called, &m.calling, &m.data),
            Self::Service(m) => (m.form, &m.called, &m.calling, &m.data),
        };
        let max = max_data(form, *called, *calling);
        if data.len() > max {
            return Err(EncodeError::Data { octets: data.len(), max });
        }
        let (called, calling, data) = (wire_address(called), wire_address(calling), data.to_vec());
        let (hops, optional) = match form {
            Form::Short => (0, Vec::new()),
            Form::Extended(extension) | Form::Long(extension) => (extension.hop_counter, optional_part(extension)?),
        };
        match self {
            Self::Unitdata(m) => encode_unitdata(m, called, calling, data, hops, optional),
            Self::Service(m) => encode_service(m, called, calling, data, hops, optional),
        }
        .map_err(|_| EncodeError::Value)
    }
}

fn encode_unitdata(
    message: &UnitdataMessage,
    called_party: WireAddress,
    calling_party: WireAddress,
    data: Vec<u8>,
    hop_counter: u8,
    optional_part: Vec<u8>,
) -> Result<Vec<u8>, SccpError> {
    let protocol_class = match message.class {
        Class::Basic => 0,
        Class::Sequenced => 1,
    };
    let message_handling = if message.return_on_error { RETURN } else { 0 };
    match message.form {
        Form::Short => UnitData { protocol_class, message_handling, called_party, calling_party, data }.encode(),
        Form::Extended(_) => ExtendedUnitData {
            protocol_class,
            message_handling,
            hop_counter,
            called_party,
            calling_party,
            data,
            optional_part,
        }
        .encode(),
        Form::Long(_) => LongUnitData {
            protocol_class,
            message_handling,
            hop_counter,
            called_party,
            calling_party,
            data,
            optional_part,
        }
        .encode(),
    }
}

fn encode_service(
    message: &UnitdataService,
    called_party: WireAddress,
    calling_party: WireAddress,
    data: Vec<u8>,
    hop_counter: u8,
    optional_part: Vec<u8>,
) -> Result<Vec<u8>, SccpError> {
    let return_cause = WireCause::from_u8(message.cause.code());
    match message.form {
        Form::Short => UnitDataService { return_cause, called_party, calling_party, data }.encode(),
        Form::Extended(_) => {
            ExtendedUnitDataService { return_cause, hop_counter, called_party, calling_party, data, optional_part }
                .encode()
        }
        Form::Long(_) => {
            LongUnitDataService { return_cause, hop_counter, called_party, calling_party, data, optional_part }.encode()
        }
    }
}

/// Most octets of user data that fit a message of this form between these addresses.
///
/// A short or extended message has to fit a signal unit, because it may leave the IP network; in an extended one the
/// pointer to the optional part, of one octet, has to reach over everything before.
pub(super) fn max_data(form: Form, called: SccpAddress, calling: SccpAddress) -> usize {
    let addresses = address_octets(called) + address_octets(calling);
    match form {
        // Type, class, three pointers, three lengths.
        Form::Short => (MAX_UNIT - 8 - addresses).min(MAX_SHORT),
        Form::Extended(extension) => {
            let segmentation = if extension.segmentation.is_some() { 6 } else { 0 };
            let importance = if extension.importance.is_some() { 3 } else { 0 };
            match segmentation + importance {
                // Type, class, hops, four pointers, three lengths.
                0 => (MAX_UNIT - 10 - addresses).min(MAX_SHORT),
                optional => (MAX_UNIT - 11 - addresses - optional).min(MAX_SHORT - 4 - addresses),
            }
        }
        Form::Long(_) => MAX_DATA,
    }
}

/// Octets of an address without its length; 15 at most, as a title has 15 digits.
fn address_octets(address: SccpAddress) -> usize {
    let title = address.title.map_or(0, |title| {
        let header = match title {
            GlobalTitle::Nature { .. } | GlobalTitle::Type { .. } => 1,
            GlobalTitle::Plan { .. } => 2,
            GlobalTitle::Full { .. } => 3,
        };
        header + title.digits().count().div_ceil(2)
    });
    1 + if address.point_code.is_some() { 2 } else { 0 } + usize::from(address.ssn.is_some()) + title
}

fn fault(error: &SccpError) -> DecodeError {
    match error {
        SccpError::TooShort { .. } => DecodeError::Truncated,
        SccpError::InvalidMessageType(kind) => DecodeError::MessageType(*kind),
        SccpError::InvalidGtIndicator(indicator) => DecodeError::TitleIndicator(*indicator),
        SccpError::InvalidAddress(_) | SccpError::InvalidBcdDigit(_) => DecodeError::Digits,
    }
}

fn bounded(data: Vec<u8>) -> Result<Bytes, DecodeError> {
    if data.len() > MAX_DATA { Err(DecodeError::Data(data.len())) } else { Ok(Bytes::from(data)) }
}

fn unitdata(
    form: Form,
    class: u8,
    handling: u8,
    called: &WireAddress,
    calling: &WireAddress,
    data: Vec<u8>,
) -> Result<Message, DecodeError> {
    let class = match class {
        0 => Class::Basic,
        1 => Class::Sequenced,
        other => return Err(DecodeError::Class(other)),
    };
    // The other values of message handling are spare and mean no special options.
    let return_on_error = handling == RETURN;
    let (called, calling, data) = (address(called)?, address(calling)?, bounded(data)?);
    Ok(Message::Unitdata(UnitdataMessage { form, class, return_on_error, called, calling, data }))
}

fn service(
    form: Form,
    cause: WireCause,
    called: &WireAddress,
    calling: &WireAddress,
    data: Vec<u8>,
) -> Result<Message, DecodeError> {
    let cause = ReturnCause::from_code(cause.value());
    let (called, calling, data) = (address(called)?, address(calling)?, bounded(data)?);
    Ok(Message::Service(UnitdataService { form, cause, called, calling, data }))
}

/// Reads the optional parameters; unknown ones are passed over (ITU-T Q.714 clause 2.5).
fn extension(hop_counter: u8, mut octets: &[u8]) -> Result<Extension, DecodeError> {
    let mut found = Extension { hop_counter, segmentation: None, importance: None };
    while let Some((name, rest)) = octets.split_first() {
        if *name == parameter::END {
            break;
        }
        let wrong = DecodeError::Optional(*name);
        let (length, rest) = rest.split_first().ok_or(wrong)?;
        let (value, rest) = rest.split_at_checked(usize::from(*length)).ok_or(wrong)?;
        match (*name, value) {
            (parameter::SEGMENTATION, [flags, a, b, c]) => {
                found.segmentation = Some(Segmentation {
                    first: flags & 0x80 != 0,
                    class: if flags & 0x40 == 0 { Class::Basic } else { Class::Sequenced },
                    remaining: flags & 0x0F,
                    reference: u32::from_be_bytes([0, *a, *b, *c]),
                });
            }
            (parameter::IMPORTANCE, [value]) => found.importance = Some(value & 7),
            (parameter::SEGMENTATION | parameter::IMPORTANCE, _) => return Err(wrong),
            _ => {}
        }
        octets = rest;
    }
    Ok(found)
}

fn optional_part(extension: Extension) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    if !(1..=Extension::HOPS).contains(&extension.hop_counter) {
        return Err(EncodeError::Value);
    }
    if let Some(segmentation) = extension.segmentation {
        let [zero, a, b, c] = segmentation.reference.to_be_bytes();
        if zero != 0 || segmentation.remaining > 0x0F {
            return Err(EncodeError::Value);
        }
        let first = if segmentation.first { 0x80 } else { 0 };
        let class = if segmentation.class == Class::Sequenced { 0x40 } else { 0 };
        out.extend_from_slice(&[parameter::SEGMENTATION, 4, first | class | segmentation.remaining, a, b, c]);
    }
    if let Some(importance) = extension.importance {
        if importance > 7 {
            return Err(EncodeError::Value);
        }
        out.extend_from_slice(&[parameter::IMPORTANCE, 1, importance]);
    }
    if !out.is_empty() {
        out.push(parameter::END);
    }
    Ok(out)
}

fn address(wire: &WireAddress) -> Result<SccpAddress, DecodeError> {
    let routing = if wire.route_on_ssn { Routing::Ssn } else { Routing::GlobalTitle };
    // The two high bits of a point code are spare.
    let point_code = wire.point_code.and_then(|code| PointCode::new(u32::from(code & PointCode::MAX)).ok());
    let ssn = wire.ssn.map(|ssn| Ssn(ssn.value()));
    Ok(SccpAddress { routing, point_code, ssn, title: title(&wire.global_title)? })
}

fn title(wire: &WireTitle) -> Result<Option<GlobalTitle>, DecodeError> {
    let digits = |text: &str| Digits::parse(text).map_err(|_| DecodeError::Digits);
    let bcd = |scheme: u8| if BCD.contains(&scheme) { Ok(()) } else { Err(DecodeError::Digits) };
    Ok(Some(match wire {
        WireTitle::NoTitle => return Ok(None),
        WireTitle::Gt0001 { nature_of_address, digits: text, .. } => {
            GlobalTitle::Nature { nature: NatureIndicator(*nature_of_address), digits: digits(text)? }
        }
        WireTitle::Gt0010 { translation_type, digits: text } => {
            GlobalTitle::Type { translation_type: *translation_type, digits: digits(text)? }
        }
        WireTitle::Gt0011 { translation_type, numbering_plan, encoding_scheme, digits: text } => {
            bcd(*encoding_scheme)?;
            let (translation_type, plan) = (*translation_type, PlanIndicator(*numbering_plan));
            GlobalTitle::Plan { translation_type, plan, digits: digits(text)? }
        }
        WireTitle::Gt0100 { translation_type, numbering_plan, encoding_scheme, nature_of_address, digits: text } => {
            bcd(*encoding_scheme)?;
            GlobalTitle::Full {
                translation_type: *translation_type,
                plan: PlanIndicator(*numbering_plan),
                nature: NatureIndicator(*nature_of_address),
                digits: digits(text)?,
            }
        }
    }))
}

fn wire_address(address: &SccpAddress) -> WireAddress {
    WireAddress {
        route_on_ssn: address.routing == Routing::Ssn,
        point_code: address.point_code.map(PointCode::value),
        ssn: address.ssn.map(|ssn| SubsystemNumber::from_u8(ssn.0)),
        global_title: wire_title(address.title),
    }
}

fn wire_title(title: Option<GlobalTitle>) -> WireTitle {
    let text = |digits: Digits| digits.values().map(|value| char::from(b'0' + value)).collect::<String>();
    // The crate writes the scheme that the number of digits makes true.
    let encoding_scheme = BCD[0];
    match title {
        None => WireTitle::NoTitle,
        Some(GlobalTitle::Nature { nature, digits }) => {
            WireTitle::Gt0001 { nature_of_address: nature.0, odd_even: false, digits: text(digits) }
        }
        Some(GlobalTitle::Type { translation_type, digits }) => {
            WireTitle::Gt0010 { translation_type, digits: text(digits) }
        }
        Some(GlobalTitle::Plan { translation_type, plan, digits }) => {
            WireTitle::Gt0011 { translation_type, numbering_plan: plan.0 & 0x0F, encoding_scheme, digits: text(digits) }
        }
        Some(GlobalTitle::Full { translation_type, plan, nature, digits }) => WireTitle::Gt0100 {
            translation_type,
            numbering_plan: plan.0 & 0x0F,
            encoding_scheme,
            nature_of_address: nature.0,
            digits: text(digits),
        },
    }
}
