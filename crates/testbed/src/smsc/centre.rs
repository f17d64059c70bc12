//! The SMS centre.

use super::conduct::Conduct;
use super::link::{Link, Requests, SmppError};
use super::text::{Party, Submitted, Text, other};
use parking_lot::Mutex;
use rusmpp::pdus::{
    AlertNotification, BindReceiverResp, BindTransceiverResp, BindTransmitterResp, DeliverSm, SubmitMultiResp, SubmitSm,
};
use rusmpp::tlvs::MessageDeliveryRequestTlvValue;
use rusmpp::types::{AnyOctetString, COctetString, OctetString};
use rusmpp::values::{DestAddress, EsmClass, MessagePayload, UnsuccessSme};
use rusmpp::{Command, CommandStatus, Pdu};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A client that may bind.
#[derive(Debug, Clone)]
pub struct Account {
    /// With what it binds.
    pub system_id: String,
    /// Its password.
    pub password: String,
    /// The number under which terminals reach it.
    pub service: String,
}

/// A running SMS centre; stops when dropped.
pub struct Smsc {
    address: SocketAddr,
    state: Arc<State>,
    _running: DropGuard,
}

#[derive(Default)]
pub(super) struct State {
    accounts: Vec<Account>,
    pub(super) bound: Mutex<Vec<(String, Link)>>,
    submitted: Mutex<VecDeque<Submitted>>,
    /// What it does beside the ordinary.
    pub(super) conduct: Mutex<Conduct>,
    count: Mutex<u32>,
    changed: Notify,
}

impl Smsc {
    /// Starts one.
    ///
    /// # Errors
    /// The address is taken.
    pub async fn start(listen: SocketAddr, accounts: Vec<Account>) -> Result<Self, SmppError> {
        let socket = TcpListener::bind(listen).await?;
        let address = socket.local_addr()?;
        let state = Arc::new(State { accounts, ..State::default() });
        let stop = CancellationToken::new();
        tokio::spawn(serve(socket, Arc::clone(&state), stop.clone()));
        Ok(Self { address, state, _running: stop.drop_guard() })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// Names of the accounts that are bound, once for each session.
    #[must_use]
    pub fn bound(&self) -> Vec<String> {
        self.state.bound.lock().iter().map(|(account, _)| account.clone()).collect()
    }

    /// Waits until an account is bound this many times.
    ///
    /// # Errors
    /// It is not within `patience`.
    pub async fn wait_bound(&self, account: &str, times: usize, patience: Duration) -> Result<(), SmppError> {
        let is = || self.bound().iter().filter(|bound| *bound == account).count() == times;
        self.wait(patience, || is().then_some(())).await
    }

    async fn wait<T>(&self, patience: Duration, look: impl Fn() -> Option<T>) -> Result<T, SmppError> {
        let waiting = async {
            loop {
                let changed = self.state.changed.notified();
                if let Some(found) = look() {
                    return found;
                }
                changed.await;
            }
        };
        tokio::time::timeout(patience, waiting).await.map_err(|_| SmppError::Silent)
    }

    /// A terminal sends characters to a service. What its client answered.
    ///
    /// # Errors
    /// Nobody is bound for that service, or no answer comes.
    pub async fn send_from_terminal(
        &self,
        msisdn: &str,
        service: &str,
        text: &str,
    ) -> Result<CommandStatus, SmppError> {
        self.deliver(&Party::international(msisdn), service, &Text::ascii(text)).await
    }

    /// Delivers anything to the client of a service. What it answered.
    ///
    /// # Errors
    /// Nobody is bound for that service, no answer comes, or a value is too long.
    pub async fn deliver(&self, from: &Party, service: &str, text: &Text) -> Result<CommandStatus, SmppError> {
        let link = self.state.link(service)?;
        let answer = link.ask(deliver_sm(from, &Party::of(3, service), text)?).await?;
        Ok(answer.status())
    }

    /// Tells the client of a service that a terminal can be reached again.
    ///
    /// # Errors
    /// Nobody is bound for that service, or a number is too long.
    pub fn alert(&self, msisdn: &str, service: &str) -> Result<(), SmppError> {
        let (terminal, client) = (Party::international(msisdn), Party::of(3, service));
        let address =
            |text: &str| COctetString::from_string(text.to_owned()).map_err(|_| SmppError::TooLong("address"));
        let (source, esme) = (address(&terminal.text)?, address(&client.text)?);
        let (ton, npi) = (terminal.ton.into(), terminal.npi.into());
        let alert = AlertNotification::new(ton, npi, source, client.ton.into(), client.npi.into(), esme, None);
        self.state.link(service)?.tell(alert);
        Ok(())
    }

    /// The next message for any terminal, in the order in which they were submitted.
    ///
    /// # Errors
    /// None comes within `patience`.
    pub async fn next_submitted(&self, patience: Duration) -> Result<Submitted, SmppError> {
        self.wait(patience, || self.state.submitted.lock().pop_front()).await
    }

    /// The next message for this terminal.
    ///
    /// # Errors
    /// None comes within `patience`.
    pub async fn next_for_terminal(&self, msisdn: &str, patience: Duration) -> Result<Submitted, SmppError> {
        let take = || {
            let mut submitted = self.state.submitted.lock();
            let at = submitted.iter().position(|message| message.destination.text == msisdn)?;
            submitted.remove(at)
        };
        self.wait(patience, take).await
    }

    /// How many messages of clients wait to be looked at.
    #[must_use]
    pub fn submitted(&self) -> usize {
        self.state.submitted.lock().len()
    }

    /// Ends every session with unbind.
    pub fn disconnect(&self) {
        for (_, link) in self.state.bound.lock().drain(..) {
            link.tell(Pdu::Unbind);
        }
    }
}

async fn serve(socket: TcpListener, state: Arc<State>, stop: CancellationToken) {
    loop {
        tokio::select! {
            Ok((stream, _)) = socket.accept() => {
                let (state, stop) = (Arc::clone(&state), stop.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        () = session(stream, &state) => {}
                        () = stop.cancelled() => {}
                    }
                });
            }
            () = stop.cancelled() => return,
        }
    }
}

async fn session(stream: TcpStream, state: &State) {
    stream.set_nodelay(true).ok();
    let (link, mut requests) = Link::start(stream);
    let Some(account) = state.bind(&link, &mut requests).await else { return };
    let place = link.clone();
    state.bound.lock().push((account.clone(), link.clone()));
    state.changed.notify_waiters();
    while let Some(command) = requests.recv().await {
        state.answer(&account, &link, &command);
    }
    state.bound.lock().retain(|(_, bound)| !bound.is(&place));
    state.changed.notify_waiters();
}

impl State {
    pub(super) fn link(&self, service: &str) -> Result<Link, SmppError> {
        let account = self.accounts.iter().find(|account| account.service == service).ok_or(SmppError::NobodyBound)?;
        let bound = self.bound.lock();
        let link = bound.iter().find(|(name, _)| *name == account.system_id);
        link.map(|(_, link)| link.clone()).ok_or(SmppError::NobodyBound)
    }

    /// Waits for a bind of a known account, and answers it.
    async fn bind(&self, link: &Link, requests: &mut Requests) -> Option<String> {
        while let Some(command) = requests.recv().await {
            let (system_id, password) = match command.pdu()? {
                Pdu::BindTransceiver(bind) => (bind.system_id.as_str().to_owned(), bind.password.as_str().to_owned()),
                Pdu::BindReceiver(bind) => (bind.system_id.as_str().to_owned(), bind.password.as_str().to_owned()),
                Pdu::BindTransmitter(bind) => (bind.system_id.as_str().to_owned(), bind.password.as_str().to_owned()),
                _ => {
                    reply(link, &command, CommandStatus::EsmeRinvbndsts, Pdu::GenericNack);
                    continue;
                }
            };
            let known = self.accounts.iter().any(|a| a.system_id == system_id && a.password == password);
            let status = if known { CommandStatus::EsmeRok } else { CommandStatus::EsmeRbindfail };
            let name = COctetString::from_static_slice(b"lab-smsc\0").unwrap_or_default();
            let answer = match command.pdu()? {
                Pdu::BindReceiver(_) => Pdu::from(BindReceiverResp::new(name, None)),
                Pdu::BindTransmitter(_) => Pdu::from(BindTransmitterResp::new(name, None)),
                _ => Pdu::from(BindTransceiverResp::new(name, None)),
            };
            reply(link, &command, status, answer);
            if known {
                return Some(system_id);
            }
        }
        None
    }

    fn answer(&self, account: &str, link: &Link, command: &Command) {
        match command.pdu() {
            Some(Pdu::SubmitSm(pdu)) => self.submitted(account, link, command, pdu),
            // To many: every one fails, so that what a client is told of it can be seen.
            Some(Pdu::SubmitMulti(pdu)) => {
                let failed = |address: &DestAddress| match address {
                    DestAddress::SmeAddress(sme) => {
                        let status = CommandStatus::EsmeRinvdstadr;
                        let (ton, npi) = (sme.dest_addr_ton, sme.dest_addr_npi);
                        Some(UnsuccessSme::new(ton, npi, sme.destination_addr.clone(), status))
                    }
                    DestAddress::DistributionListName(_) => None,
                };
                let failed = pdu.dest_address().iter().filter_map(failed).collect();
                let answer = SubmitMultiResp::builder().unsuccess_sme(failed).build();
                reply(link, command, CommandStatus::EsmeRok, answer);
            }
            _ => reply(link, command, CommandStatus::EsmeRinvcmdid, Pdu::GenericNack),
        }
    }

    /// The name of the next message.
    pub(super) fn next_id(&self) -> String {
        let mut count = self.count.lock();
        *count += 1;
        format!("{count:010}")
    }

    /// Has a message wait to be looked at.
    pub(super) fn take(&self, account: &str, pdu: &SubmitSm, message_id: &str) {
        self.submitted.lock().push_back(Submitted {
            account: account.into(),
            source: Party::read(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr.as_str()),
            destination: Party::read(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr.as_str()),
            text: Text::submitted(pdu),
            message_id: message_id.into(),
        });
        self.changed.notify_waiters();
    }
}

pub(super) fn reply(link: &Link, to: &Command, status: CommandStatus, pdu: impl Into<Pdu>) {
    link.send(Command::new(status, to.sequence_number(), pdu));
}

pub(super) fn deliver_sm(from: &Party, to: &Party, text: &Text) -> Result<DeliverSm, SmppError> {
    let address = |text: &str| COctetString::from_string(text.to_owned()).map_err(|_| SmppError::TooLong("address"));
    let mut pdu = DeliverSm::builder()
        .source_addr_ton(from.ton.into())
        .source_addr_npi(from.npi.into())
        .source_addr(address(&from.text)?)
        .dest_addr_ton(to.ton.into())
        .dest_addr_npi(to.npi.into())
        .destination_addr(address(&to.text)?)
        .esm_class(EsmClass::from(text.esm_class))
        .protocol_id(text.protocol_id)
        .data_coding(text.data_coding.into());
    match OctetString::from_slice(&text.octets) {
        Ok(short) if text.octets.len() <= 254 => pdu = pdu.short_message(short),
        _ => {
            let payload = MessagePayload::new(AnyOctetString::from_slice(&text.octets));
            pdu = pdu.push_tlv(MessageDeliveryRequestTlvValue::MessagePayload(payload));
        }
    }
    for (tag, value) in &text.parameters {
        let value = AnyOctetString::from_slice(value);
        pdu = pdu.push_tlv(MessageDeliveryRequestTlvValue::Other { tag: other(*tag), value });
    }
    Ok(pdu.build())
}
