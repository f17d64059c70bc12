//! Octets of messages (RFC 4666 section 3), on the parameters of the crate `m3ua`.

use ::m3ua::{M3uaError, M3uaMessage, MessageType, Parameter, tags};
use bytes::Bytes;

use super::{
    Affected, Congestion, Data, DecodeError, DecodeFault, ErrorCode, ErrorReport, HEADER_OCTETS, Message, Network,
    NetworkIndicator, Notify, NotifyStatus, PointCode, TrafficMode, Transfer, UserPartUnavailable,
};

#[cfg(test)]
mod tests;

/// Most octets of a message, whatever carries it.
const MAX_MESSAGE: usize = 65_536;
/// Most parameters read; no message has more than eight.
const MAX_PARAMETERS: usize = 32;
/// Most octets of a parameter value: its length has 16 bits, and a whole message is at most 65,536 octets.
const MAX_VALUE: usize = 65_520;
/// Octets of a message at fault that go back (RFC 4666 section 3.8.1).
const DIAGNOSTIC: usize = 40;
/// Octets of the label in Protocol Data (RFC 4666 section 3.3.1).
const LABEL: usize = 12;

type Read<T> = Result<T, DecodeFault>;

impl Message {
    /// Reads one whole message, as a [`super::Framer`] cuts it or SCTP delivers it.
    ///
    /// # Errors
    /// The octets break RFC 4666 or are not supported; [`DecodeError::report`] is the answer.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        read(octets).map_err(|fault| DecodeError {
            fault,
            of_error: octets.get(2..4) == Some(&[0, 0]),
            diagnostic: Bytes::copy_from_slice(octets.get(..DIAGNOSTIC).unwrap_or(octets)),
        })
    }

    /// The octets, header included. What a parameter cannot hold, beyond 65,520 octets, is left out.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut message = self.to_wire();
        message.parameters.iter_mut().for_each(|parameter| parameter.value.truncate(MAX_VALUE));
        Bytes::from(message.encode())
    }

    /// The first octets, as the diagnostic of an Error message.
    pub(super) fn diagnostic(&self) -> Bytes {
        let octets = self.encode();
        octets.slice(..octets.len().min(DIAGNOSTIC))
    }

    fn to_wire(&self) -> M3uaMessage {
        use MessageType as T;
        let (kind, parameters) = match self {
            Self::Error(report) => (T::Error, error_parameters(report)),
            Self::Notify(notify) => (T::Notify, notify_parameters(notify)),
            Self::Data(data) => (T::Data, data_parameters(data)),
            Self::Duna(network, affected) => (T::Duna, destination_parameters(network, affected)),
            Self::Dava(network, affected) => (T::Dava, destination_parameters(network, affected)),
            Self::Daud(network, affected) => (T::Daud, destination_parameters(network, affected)),
            Self::Drst(network, affected) => (T::Drst, destination_parameters(network, affected)),
            Self::Scon(network, affected, congestion) => {
                let mut parameters = destination_parameters(network, affected);
                parameters.extend(number(tags::CONCERNED_DESTINATION, congestion.concerned));
                parameters.extend(number(tags::CONGESTION_INDICATIONS, congestion.level.map(u32::from)));
                (T::Scon, parameters)
            }
            Self::Dupu(network, user_part) => {
                let mut parameters = destination_parameters(network, &[user_part.affected]);
                let value = u32::from(user_part.cause) << 16 | u32::from(user_part.user);
                parameters.extend(number(tags::USER_CAUSE, Some(value)));
                (T::Dupu, parameters)
            }
            Self::AspUp { asp_identifier } => (T::AspUp, number(tags::ASP_IDENTIFIER, *asp_identifier)),
            Self::AspUpAck { asp_identifier } => (T::AspUpAck, number(tags::ASP_IDENTIFIER, *asp_identifier)),
            Self::AspDown => (T::AspDown, Vec::new()),
            Self::AspDownAck => (T::AspDownAck, Vec::new()),
            Self::Beat(data) => (T::Heartbeat, octets(tags::HEARTBEAT_DATA, data)),
            Self::BeatAck(data) => (T::HeartbeatAck, octets(tags::HEARTBEAT_DATA, data)),
            Self::AspActive { traffic_mode, routing_contexts } => {
                (T::AspActive, active_parameters(*traffic_mode, routing_contexts))
            }
            Self::AspActiveAck { traffic_mode, routing_contexts } => {
                (T::AspActiveAck, active_parameters(*traffic_mode, routing_contexts))
            }
            Self::AspInactive(contexts) => (T::AspInactive, numbers(tags::ROUTING_CONTEXT, contexts)),
            Self::AspInactiveAck(contexts) => (T::AspInactiveAck, numbers(tags::ROUTING_CONTEXT, contexts)),
        };
        M3uaMessage::new(kind, parameters)
    }
}

fn number(tag: u16, value: Option<u32>) -> Vec<Parameter> {
    value.map(|value| Parameter::from_u32(tag, value)).into_iter().collect()
}

fn numbers(tag: u16, values: &[u32]) -> Vec<Parameter> {
    octets(tag, &values.iter().flat_map(|value| value.to_be_bytes()).collect::<Vec<u8>>())
}

fn octets(tag: u16, value: &[u8]) -> Vec<Parameter> {
    if value.is_empty() { Vec::new() } else { vec![Parameter::new(tag, value.to_vec())] }
}

fn affected_parameter(affected: &[Affected]) -> Vec<Parameter> {
    let word = |a: &Affected| u32::from(a.mask_bits) << 24 | a.point_code & 0x00FF_FFFF;
    numbers(tags::AFFECTED_POINT_CODE, &affected.iter().map(word).collect::<Vec<u32>>())
}

fn destination_parameters(network: &Network, affected: &[Affected]) -> Vec<Parameter> {
    let mut parameters = number(tags::NETWORK_APPEARANCE, network.appearance);
    parameters.extend(numbers(tags::ROUTING_CONTEXT, &network.routing_contexts));
    parameters.extend(affected_parameter(affected));
    parameters
}

fn active_parameters(mode: Option<TrafficMode>, contexts: &[u32]) -> Vec<Parameter> {
    let mut parameters = number(tags::TRAFFIC_MODE_TYPE, mode.map(TrafficMode::code));
    parameters.extend(numbers(tags::ROUTING_CONTEXT, contexts));
    parameters
}

fn error_parameters(report: &ErrorReport) -> Vec<Parameter> {
    let mut parameters = number(tags::ERROR_CODE, Some(report.code.code()));
    parameters.extend(numbers(tags::ROUTING_CONTEXT, &report.routing_contexts));
    parameters.extend(number(tags::NETWORK_APPEARANCE, report.network_appearance));
    parameters.extend(affected_parameter(&report.affected));
    parameters.extend(octets(tags::DIAGNOSTIC_INFO, &report.diagnostic));
    parameters
}

fn notify_parameters(notify: &Notify) -> Vec<Parameter> {
    let mut parameters = number(tags::STATUS, Some(notify.status.code()));
    parameters.extend(number(tags::ASP_IDENTIFIER, notify.asp_identifier));
    parameters.extend(numbers(tags::ROUTING_CONTEXT, &notify.routing_contexts));
    parameters
}

fn data_parameters(data: &Data) -> Vec<Parameter> {
    let transfer = &data.transfer;
    let mut value = Vec::with_capacity(LABEL + transfer.data.len());
    value.extend_from_slice(&u32::from(transfer.opc.value()).to_be_bytes());
    value.extend_from_slice(&u32::from(transfer.dpc.value()).to_be_bytes());
    value.extend_from_slice(&[transfer.service, transfer.network.code(), transfer.priority, transfer.sls]);
    value.extend_from_slice(&transfer.data);
    let mut parameters = number(tags::NETWORK_APPEARANCE, data.network_appearance);
    parameters.extend(number(tags::ROUTING_CONTEXT, data.routing_context));
    parameters.push(Parameter::new(tags::PROTOCOL_DATA, value));
    parameters.extend(number(tags::CORRELATION_ID, data.correlation));
    parameters
}

fn read(octets: &[u8]) -> Read<Message> {
    let Some([version, _, class, kind, a, b, c, d]) = octets.first_chunk::<HEADER_OCTETS>() else {
        return Err(DecodeFault::TooShort);
    };
    let said = u32::from_be_bytes([*a, *b, *c, *d]);
    if *version != 1 {
        return Err(DecodeFault::Version(*version));
    }
    if !matches!(class, 0..=4) {
        return Err(DecodeFault::Class(*class));
    }
    if said as usize != octets.len() {
        return Err(DecodeFault::LengthMismatch { said, found: octets.len() });
    }
    if octets.len() > MAX_MESSAGE {
        return Err(DecodeFault::Length { length: said, max: MAX_MESSAGE });
    }
    count(octets)?;
    let message = M3uaMessage::decode(octets).map_err(|error| match error {
        M3uaError::TooShort { .. } => DecodeFault::TooShort,
        M3uaError::InvalidVersion(version) => DecodeFault::Version(version),
        M3uaError::InvalidMessageClass(class) => DecodeFault::Class(class),
        M3uaError::InvalidMessageType { .. } => DecodeFault::Type { class: *class, kind: *kind },
        M3uaError::InvalidParameter { tag, .. } | M3uaError::ParameterTooShort { tag, .. } => {
            DecodeFault::ParameterLength { tag }
        }
        M3uaError::MissingParameter(tag) => DecodeFault::Missing { tag },
    })?;
    // The crate reads over octets that are too few for a parameter; the padding of the last one may be left out.
    let parameters: usize = message.parameters.iter().map(Parameter::wire_length).sum();
    let unpadded = message.parameters.last().map_or(0, |last| last.wire_length() - 4 - last.value.len());
    let found = octets.len() - HEADER_OCTETS;
    if found > parameters || found < parameters - unpadded {
        return Err(DecodeFault::ParameterLength { tag: 0 });
    }
    Fields(message.parameters).message(message.message_type)
}

/// Refuses more parameters than a message has, before memory is taken for them.
fn count(octets: &[u8]) -> Read<()> {
    let mut rest = octets.get(HEADER_OCTETS..).unwrap_or_default();
    for _ in 0..MAX_PARAMETERS {
        let Some([_, _, a, b]) = rest.first_chunk::<4>() else { return Ok(()) };
        let step = usize::from(u16::from_be_bytes([*a, *b])).max(4).next_multiple_of(4);
        rest = rest.get(step..).unwrap_or_default();
    }
    if rest.is_empty() { Ok(()) } else { Err(DecodeFault::TooManyParameters) }
}

/// The parameters of a message.
struct Fields(Vec<Parameter>);

impl Fields {
    fn message(mut self, kind: MessageType) -> Read<Message> {
        use MessageType as T;
        Ok(match kind {
            T::Error => Message::Error(ErrorReport {
                code: ErrorCode::from_code(self.need(tags::ERROR_CODE)?),
                routing_contexts: self.numbers(tags::ROUTING_CONTEXT)?,
                network_appearance: self.number(tags::NETWORK_APPEARANCE)?,
                affected: self.affected()?,
                diagnostic: self.octets(tags::DIAGNOSTIC_INFO)?,
            }),
            T::Notify => Message::Notify(Notify {
                status: NotifyStatus::from_code(self.need(tags::STATUS)?),
                asp_identifier: self.number(tags::ASP_IDENTIFIER)?,
                routing_contexts: self.numbers(tags::ROUTING_CONTEXT)?,
            }),
            T::Data => Message::Data(self.data()?),
            T::Duna => Message::Duna(self.network()?, self.destinations()?),
            T::Dava => Message::Dava(self.network()?, self.destinations()?),
            T::Daud => Message::Daud(self.network()?, self.destinations()?),
            T::Drst => Message::Drst(self.network()?, self.destinations()?),
            T::Scon => Message::Scon(self.network()?, self.destinations()?, self.congestion()?),
            T::Dupu => Message::Dupu(self.network()?, self.user_part()?),
            T::AspUp => Message::AspUp { asp_identifier: self.number(tags::ASP_IDENTIFIER)? },
            T::AspUpAck => Message::AspUpAck { asp_identifier: self.number(tags::ASP_IDENTIFIER)? },
            T::AspDown => Message::AspDown,
            T::AspDownAck => Message::AspDownAck,
            T::Heartbeat => Message::Beat(self.octets(tags::HEARTBEAT_DATA)?),
            T::HeartbeatAck => Message::BeatAck(self.octets(tags::HEARTBEAT_DATA)?),
            T::AspActive => Message::AspActive {
                traffic_mode: self.traffic_mode()?,
                routing_contexts: self.numbers(tags::ROUTING_CONTEXT)?,
            },
            T::AspActiveAck => Message::AspActiveAck {
                traffic_mode: self.traffic_mode()?,
                routing_contexts: self.numbers(tags::ROUTING_CONTEXT)?,
            },
            T::AspInactive => Message::AspInactive(self.numbers(tags::ROUTING_CONTEXT)?),
            T::AspInactiveAck => Message::AspInactiveAck(self.numbers(tags::ROUTING_CONTEXT)?),
            T::RegReq | T::RegRsp | T::DeregReq | T::DeregRsp => return Err(DecodeFault::Class(9)),
        })
    }

    /// Takes the value of a parameter out; a second of the same tag is a fault (RFC 4666 section 3.2).
    fn take(&mut self, tag: u16) -> Read<Option<Vec<u8>>> {
        let mut found = self.0.iter_mut().filter(|parameter| parameter.tag == tag);
        let value = found.next().map(|parameter| core::mem::take(&mut parameter.value));
        if found.next().is_some() { Err(DecodeFault::Repeated { tag }) } else { Ok(value) }
    }

    fn octets(&mut self, tag: u16) -> Read<Bytes> {
        Ok(self.take(tag)?.map(Bytes::from).unwrap_or_default())
    }

    fn number(&mut self, tag: u16) -> Read<Option<u32>> {
        let Some(value) = self.take(tag)? else { return Ok(None) };
        let octets: [u8; 4] = value.try_into().map_err(|_| DecodeFault::ParameterLength { tag })?;
        Ok(Some(u32::from_be_bytes(octets)))
    }

    fn need(&mut self, tag: u16) -> Read<u32> {
        self.number(tag)?.ok_or(DecodeFault::Missing { tag })
    }

    fn numbers(&mut self, tag: u16) -> Read<Vec<u32>> {
        let Some(value) = self.take(tag)? else { return Ok(Vec::new()) };
        let (words, rest) = value.as_chunks::<4>();
        if words.is_empty() || !rest.is_empty() {
            return Err(DecodeFault::ParameterLength { tag });
        }
        Ok(words.iter().map(|word| u32::from_be_bytes(*word)).collect())
    }

    fn affected(&mut self) -> Read<Vec<Affected>> {
        let words = self.numbers(tags::AFFECTED_POINT_CODE)?;
        let entry = |word: u32| Affected { mask_bits: (word >> 24) as u8, point_code: word & 0x00FF_FFFF };
        Ok(words.into_iter().map(entry).collect())
    }

    fn destinations(&mut self) -> Read<Vec<Affected>> {
        let affected = self.affected()?;
        if affected.is_empty() { Err(DecodeFault::Missing { tag: tags::AFFECTED_POINT_CODE }) } else { Ok(affected) }
    }

    fn network(&mut self) -> Read<Network> {
        let appearance = self.number(tags::NETWORK_APPEARANCE)?;
        Ok(Network { appearance, routing_contexts: self.numbers(tags::ROUTING_CONTEXT)? })
    }

    fn congestion(&mut self) -> Read<Congestion> {
        let concerned = self.number(tags::CONCERNED_DESTINATION)?.map(|word| word & 0x00FF_FFFF);
        let level = self.number(tags::CONGESTION_INDICATIONS)?.map(|word| (word & 0xFF) as u8);
        if level.is_some_and(|level| level > 3) {
            return Err(DecodeFault::ParameterValue { tag: tags::CONGESTION_INDICATIONS });
        }
        Ok(Congestion { concerned, level })
    }

    fn user_part(&mut self) -> Read<UserPartUnavailable> {
        let &[affected] = self.destinations()?.as_slice() else {
            return Err(DecodeFault::ParameterLength { tag: tags::AFFECTED_POINT_CODE });
        };
        let word = self.need(tags::USER_CAUSE)?;
        Ok(UserPartUnavailable { affected, cause: (word >> 16) as u16, user: (word & 0xFFFF) as u16 })
    }

    fn traffic_mode(&mut self) -> Read<Option<TrafficMode>> {
        let tag = tags::TRAFFIC_MODE_TYPE;
        let Some(code) = self.number(tag)? else { return Ok(None) };
        TrafficMode::from_code(code).ok_or(DecodeFault::ParameterValue { tag }).map(Some)
    }

    fn data(&mut self) -> Read<Data> {
        let tag = tags::PROTOCOL_DATA;
        let value = Bytes::from(self.take(tag)?.ok_or(DecodeFault::Missing { tag })?);
        let Some([o0, o1, o2, o3, d0, d1, d2, d3, service, network, priority, sls]) = value.first_chunk::<LABEL>()
        else {
            return Err(DecodeFault::ParameterLength { tag });
        };
        let wrong = DecodeFault::ParameterValue { tag };
        let point_code = |octets| PointCode::new(u32::from_be_bytes(octets)).map_err(|_| wrong);
        if *priority > 3 {
            return Err(wrong);
        }
        let transfer = Transfer {
            opc: point_code([*o0, *o1, *o2, *o3])?,
            dpc: point_code([*d0, *d1, *d2, *d3])?,
            service: *service,
            network: NetworkIndicator::from_code(*network).ok_or(wrong)?,
            priority: *priority,
            sls: *sls,
            data: value.slice(LABEL..),
        };
        Ok(Data {
            network_appearance: self.number(tags::NETWORK_APPEARANCE)?,
            routing_context: self.number(tags::ROUTING_CONTEXT)?,
            transfer,
            correlation: self.number(tags::CORRELATION_ID)?,
        })
    }
}
