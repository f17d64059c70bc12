//! A client of an SMS centre.

use super::link::{Link, SmppError};
use super::text::{Party, Text, other};
use parking_lot::Mutex;
use rusmpp::pdus::{BindReceiver, BindTransceiver, BindTransmitter, CancelSm, DeliverSmResp, SubmitMulti, SubmitSm};
use rusmpp::tlvs::MessageSubmissionRequestTlvValue;
use rusmpp::types::{AnyOctetString, COctetString, OctetString};
use rusmpp::values::{DestAddress, EsmClass, InterfaceVersion, RegisteredDelivery, SmeAddress};
use rusmpp::{Command, CommandStatus, Pdu};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

/// How a client binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bind {
    /// To receive.
    Receiver,
    /// To send.
    Transmitter,
    /// For both.
    Transceiver,
}

/// A message that came to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// From whom.
    pub source: Party,
    /// To which service.
    pub destination: Party,
    /// What it says.
    pub text: Text,
}

/// A client that is bound.
pub struct Esme {
    link: Link,
    arrived: mpsc::UnboundedReceiver<Delivered>,
    alerts: mpsc::UnboundedReceiver<Party>,
    answers: Arc<Mutex<CommandStatus>>,
}

impl Esme {
    /// Connects and binds.
    ///
    /// # Errors
    /// The connection cannot be made, or the bind is refused.
    pub async fn bind(at: SocketAddr, how: Bind, system_id: &str, password: &str) -> Result<Self, SmppError> {
        Self::bind_version(at, how, system_id, password, 0x34).await
    }

    /// The same with another interface version, as `0x33`.
    ///
    /// # Errors
    /// As [`Self::bind`].
    pub async fn bind_version(
        at: SocketAddr,
        how: Bind,
        system_id: &str,
        password: &str,
        version: u8,
    ) -> Result<Self, SmppError> {
        let stream = TcpStream::connect(at).await?;
        stream.set_nodelay(true)?;
        let (link, mut requests) = Link::start(stream);
        let id = COctetString::from_string(system_id.into()).map_err(|_| SmppError::TooLong("system_id"))?;
        let password = COctetString::from_string(password.into()).map_err(|_| SmppError::TooLong("password"))?;
        let version = InterfaceVersion::from(version);
        let bind = match how {
            Bind::Receiver => {
                Pdu::from(BindReceiver::builder().system_id(id).password(password).interface_version(version).build())
            }
            Bind::Transmitter => Pdu::from(
                BindTransmitter::builder().system_id(id).password(password).interface_version(version).build(),
            ),
            Bind::Transceiver => Pdu::from(
                BindTransceiver::builder().system_id(id).password(password).interface_version(version).build(),
            ),
        };
        sound(&link.ask(bind).await?)?;
        let (messages, arrived) = mpsc::unbounded_channel();
        let (alerting, alerts) = mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(CommandStatus::EsmeRok));
        let (answering, replies) = (link.clone(), Arc::clone(&answers));
        tokio::spawn(async move {
            while let Some(command) = requests.recv().await {
                match command.pdu() {
                    Some(Pdu::DeliverSm(pdu)) => {
                        let status = *replies.lock();
                        let source = Party::read(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr.as_str());
                        let service = pdu.destination_addr.as_str();
                        let destination = Party::read(pdu.dest_addr_ton, pdu.dest_addr_npi, service);
                        // Whoever does not look any more misses it.
                        messages.send(Delivered { source, destination, text: Text::delivered(pdu) }).ok();
                        // Last, so that whoever hears of the answer finds the message.
                        answering.send(Command::new(status, command.sequence_number(), DeliverSmResp::default()));
                    }
                    Some(Pdu::AlertNotification(pdu)) => {
                        let source = Party::read(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr.as_str());
                        alerting.send(source).ok();
                    }
                    _ => answering.send(Command::new(
                        CommandStatus::EsmeRinvcmdid,
                        command.sequence_number(),
                        Pdu::GenericNack,
                    )),
                }
            }
        });
        Ok(Self { link, arrived, alerts, answers })
    }

    /// The next message.
    ///
    /// # Errors
    /// None comes within `patience`, or the connection is gone.
    pub async fn next(&mut self, patience: Duration) -> Result<Delivered, SmppError> {
        tokio::time::timeout(patience, self.arrived.recv()).await.ok().flatten().ok_or(SmppError::Silent)
    }

    /// The next terminal that can be reached again.
    ///
    /// # Errors
    /// None is told within `patience`, or the connection is gone.
    pub async fn next_alert(&mut self, patience: Duration) -> Result<Party, SmppError> {
        tokio::time::timeout(patience, self.alerts.recv()).await.ok().flatten().ok_or(SmppError::Silent)
    }

    /// Messages that have come and were not looked at.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.arrived.len()
    }

    /// Answers messages with this from now on.
    pub fn answer(&self, status: CommandStatus) {
        *self.answers.lock() = status;
    }

    /// Sends a text under the number of a service; the id that the centre gave it.
    ///
    /// # Errors
    /// It is refused, not answered, or too long.
    pub async fn submit(&self, service: &str, to: &Party, text: &Text, receipt: bool) -> Result<String, SmppError> {
        let mut pdu = SubmitSm::builder()
            .source_addr_ton(3.into())
            .source_addr(address(service)?)
            .dest_addr_ton(to.ton.into())
            .dest_addr_npi(to.npi.into())
            .destination_addr(address(&to.text)?)
            .esm_class(EsmClass::from(text.esm_class))
            .protocol_id(text.protocol_id)
            .registered_delivery(RegisteredDelivery::from(u8::from(receipt)))
            .data_coding(text.data_coding.into())
            .short_message(OctetString::from_slice(&text.octets).map_err(|_| SmppError::TooLong("text"))?);
        for (tag, value) in &text.parameters {
            let value = AnyOctetString::from_slice(value);
            pdu = pdu.push_tlv(MessageSubmissionRequestTlvValue::Other { tag: other(*tag), value });
        }
        let answer = self.link.ask(pdu.build()).await?;
        sound(&answer)?;
        match answer.pdu() {
            Some(Pdu::SubmitSmResp(response)) => Ok(response.message_id().as_str().to_owned()),
            _ => Err(SmppError::Silent),
        }
    }

    /// Sends a text to many; those that failed, as the centre names them.
    ///
    /// # Errors
    /// It is refused as a whole, not answered, or too long.
    pub async fn submit_multi(&self, service: &str, to: &[Party], text: &Text) -> Result<Vec<Party>, SmppError> {
        let destination = |to: &Party| {
            let text = address(&to.text)?;
            Ok(DestAddress::SmeAddress(SmeAddress::new(to.ton.into(), to.npi.into(), text)))
        };
        let pdu = SubmitMulti::builder()
            .source_addr_ton(3.into())
            .source_addr(address(service)?)
            .dest_address(to.iter().map(destination).collect::<Result<_, SmppError>>()?)
            .esm_class(EsmClass::from(text.esm_class))
            .data_coding(text.data_coding.into())
            .short_message(OctetString::from_slice(&text.octets).map_err(|_| SmppError::TooLong("text"))?);
        let answer = self.link.ask(pdu.build()).await?;
        sound(&answer)?;
        match answer.pdu() {
            Some(Pdu::SubmitMultiResp(response)) => {
                let failed = response.unsuccess_sme().iter();
                let party = |sme: &rusmpp::values::UnsuccessSme| {
                    Party::read(sme.dest_addr_ton, sme.dest_addr_npi, sme.destination_addr.as_str())
                };
                Ok(failed.map(party).collect())
            }
            _ => Err(SmppError::Silent),
        }
    }

    /// Takes a message back.
    ///
    /// # Errors
    /// It is refused or not answered.
    pub async fn cancel(&self, message_id: &str, to: &Party) -> Result<(), SmppError> {
        let id = COctetString::from_string(message_id.into()).map_err(|_| SmppError::TooLong("message_id"))?;
        let pdu = CancelSm::builder()
            .message_id(id)
            .dest_addr_ton(to.ton.into())
            .dest_addr_npi(to.npi.into())
            .destination_addr(address(&to.text)?)
            .build();
        sound(&self.link.ask(pdu).await?)
    }

    /// Asks whether the other side is there.
    ///
    /// # Errors
    /// It is not.
    pub async fn enquire(&self) -> Result<(), SmppError> {
        sound(&self.link.ask(Pdu::EnquireLink).await?)
    }

    /// Ends the session in order.
    ///
    /// # Errors
    /// It is refused or not answered.
    pub async fn unbind(self) -> Result<(), SmppError> {
        sound(&self.link.ask(Pdu::Unbind).await?)
    }
}

fn address(text: &str) -> Result<COctetString<1, 21>, SmppError> {
    COctetString::from_string(text.to_owned()).map_err(|_| SmppError::TooLong("address"))
}

fn sound(answer: &Command) -> Result<(), SmppError> {
    match answer.status() {
        CommandStatus::EsmeRok => Ok(()),
        status => Err(SmppError::Refused(status)),
    }
}
