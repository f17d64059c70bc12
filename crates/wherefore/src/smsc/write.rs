//! What this gateway says to the centre. Crate `rusmpp` writes it: a value that does not fit its field cannot be made.

use super::port::{ShortMessage, SubmitFailure, USER_DATA_MAX};
use crate::config::{Config, Smsc};
use crate::smpp::wire::{Pdu, command, status};
use anyhow::{Context as _, Result};
use bytes::BytesMut;
use lcs::{Address, Digits, Duration, Msisdn, NatureOfAddress};
use rusmpp::encode::owned::Encode;
use rusmpp::pdus::{BindReceiver, BindTransceiver, BindTransmitter, SubmitSm};
use rusmpp::types::{COctetString, EmptyOrFullCOctetString, OctetString};
use rusmpp::values::{EsmClass, InterfaceVersion, RegisteredDelivery, ServiceType};

/// SMPP 3.4 (section 5.2.4).
const VERSION: u8 = 0x34;
/// International number, E.164 (SMPP 3.4 sections 5.2.5 and 5.2.6).
const INTERNATIONAL: u8 = 1;
const E164: u8 = 1;
/// User data header, in esm_class (SMPP 3.4 section 5.2.12).
pub(super) const HAS_HEADER: u8 = 0x40;
/// A receipt when the message is settled, either way (SMPP 3.4 section 5.2.17).
const RECEIPT: u8 = 0x01;
/// Longest validity of a short message: 63 weeks (TS 23.040 clause 9.2.3.12.1).
const VALIDITY_MAX: Duration = Duration::from_secs(63 * 7 * 86_400);

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Transceiver,
    Transmitter,
    Receiver,
}

impl Role {
    /// The command that binds.
    pub(super) fn command(self) -> u32 {
        match self {
            Self::Transceiver => command::BIND_TRANSCEIVER,
            Self::Transmitter => command::BIND_TRANSMITTER,
            Self::Receiver => command::BIND_RECEIVER,
        }
    }
}

/// As whom this gateway binds, and from which number it sends.
pub(super) struct Account {
    system_id: COctetString<1, 16>,
    password: COctetString<1, 9>,
    system_type: COctetString<1, 13>,
    service_type: ServiceType,
    number: Address,
    source: COctetString<1, 21>,
    plan: u8,
}

impl Account {
    /// Reads the password.
    ///
    /// # Errors
    /// It cannot be read or is too long, or there is no number to send from.
    pub(super) fn new(config: &Config) -> Result<Self> {
        let smsc: &Smsc = &config.smsc;
        let password = smsc.password().map(|secret| secret.read().context("smsc.password_file")).transpose()?;
        let password = password.as_deref().map_or("", |password| password.as_str());
        let number = smsc.number.or(config.gateway.gmlc_number).context("smsc.number: missing; give one")?;
        Ok(Self {
            system_id: field(&smsc.system_id).context("smsc.system_id: at most 15 characters")?,
            password: field(password).context("smsc.password_file: a password of SMPP has at most 8 characters")?,
            system_type: field(&smsc.system_type).context("smsc.system_type: at most 12 characters")?,
            service_type: ServiceType::new(
                field(&smsc.service_type).context("smsc.service_type: at most 5 characters")?,
            ),
            number: number.0,
            source: digits(number.0.digits),
            plan: smsc.number_plan,
        })
    }

    /// The number under which phones reach this gateway.
    pub(super) fn number(&self) -> Address {
        self.number
    }

    /// The bind of a session (SMPP 3.4 section 4.1).
    pub(super) fn bind(&self, role: Role, sequence: u32) -> Pdu {
        let (id, password, kind) = (self.system_id.clone(), self.password.clone(), self.system_type.clone());
        let version = InterfaceVersion::from(VERSION);
        macro_rules! body {
            ($bind:ident) => {{
                let bind = $bind::builder().system_id(id).password(password).system_type(kind);
                octets(&bind.interface_version(version).build())
            }};
        }
        let body = match role {
            Role::Transceiver => body!(BindTransceiver),
            Role::Transmitter => body!(BindTransmitter),
            Role::Receiver => body!(BindReceiver),
        };
        Pdu::of(role.command(), status::OK, sequence, &body)
    }

    /// A message to a phone, not yet numbered (SMPP 3.4 section 4.4.1).
    ///
    /// # Errors
    /// It is too long.
    pub(super) fn submit(&self, to: Msisdn, message: &ShortMessage) -> Result<Pdu, SubmitFailure> {
        if message.user_data.len() > USER_DATA_MAX {
            return Err(SubmitFailure::TooLong);
        }
        let user_data = OctetString::from_slice(&message.user_data).map_err(|_| SubmitFailure::TooLong)?;
        let pdu = SubmitSm::builder()
            .service_type(self.service_type.clone())
            .source_addr_ton(type_of_number(self.number.nature).into())
            .source_addr_npi(self.plan.into())
            .source_addr(self.source.clone())
            .dest_addr_ton(INTERNATIONAL.into())
            .dest_addr_npi(E164.into())
            .destination_addr(digits(to.expose_digits()))
            .esm_class(EsmClass::from(if message.has_header { HAS_HEADER } else { 0 }))
            .protocol_id(message.protocol_id)
            .validity_period(message.validity.map_or_else(EmptyOrFullCOctetString::empty, validity))
            .registered_delivery(RegisteredDelivery::from(RECEIPT))
            .data_coding(message.data_coding.into())
            .short_message(user_data);
        Ok(Pdu::of(command::SUBMIT_SM, status::OK, 0, &octets(&pdu.build())))
    }
}

fn field<const MAX: usize>(text: &str) -> Option<COctetString<1, MAX>> {
    COctetString::from_string(text.to_owned()).ok()
}

/// At most fifteen digits, which fit into every address.
fn digits(digits: Digits) -> COctetString<1, 21> {
    let text: String = digits.values().map(|value| char::from(b'0' + value % 10)).collect();
    field(&text).unwrap_or_default()
}

fn octets(body: &impl Encode) -> BytesMut {
    let mut octets = BytesMut::new();
    body.encode(&mut octets);
    octets
}

/// SMPP 3.4 section 5.2.5.
fn type_of_number(nature: NatureOfAddress) -> u8 {
    match nature {
        NatureOfAddress::International => INTERNATIONAL,
        NatureOfAddress::National => 2,
        NatureOfAddress::NetworkSpecific => 3,
        NatureOfAddress::Subscriber => 4,
        NatureOfAddress::Abbreviated => 6,
        NatureOfAddress::Other(_) => 0,
    }
}

/// A span as `YYMMDDhhmmss000R` (SMPP 3.4 section 7.1.1.2). A month has 30 days and a year 365, as nobody says which month it is.
fn validity(span: Duration) -> EmptyOrFullCOctetString<17> {
    let seconds = span.clamp(Duration::from_secs(1), VALIDITY_MAX).as_secs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (years, days) = (days / 365, days % 365);
    let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
    let text = format!("{years:02}{:02}{:02}{hours:02}{minutes:02}{seconds:02}000R", days / 30, days % 30);
    EmptyOrFullCOctetString::from_string(text).unwrap_or_else(|_| EmptyOrFullCOctetString::empty())
}

#[cfg(test)]
mod tests;
