//! The client against a centre that does as each test says, over sockets. The centre reads and writes with crate `rusmpp`.

use super::super::client::Client;
use super::super::port::{MessageId, Receipt, ShortMessage, SmsCentre};
use super::*;
use crate::config::Config;
use bytes::BytesMut;
use futures_util::future::BoxFuture;
use lcs::Msisdn;
use rusmpp::pdus::{BindTransceiverResp, DeliverSm, SubmitSmResp};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::types::{COctetString, OctetString};
use rusmpp::values::EsmClass;
use rusmpp::{Command, CommandId, CommandStatus, Pdu};
use std::sync::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio_util::codec::{Decoder as _, Encoder as _};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(60);

async fn within<R>(doing: impl Future<Output = R>) -> R {
    tokio::time::timeout(PATIENCE, doing).await.expect("in time")
}

/// A connection to the centre.
struct Peer {
    stream: TcpStream,
    octets: BytesMut,
    codec: CommandCodec,
}

impl Peer {
    async fn accept(socket: &TcpListener) -> Self {
        let (stream, _) = within(socket.accept()).await.unwrap();
        Self { stream, octets: BytesMut::new(), codec: CommandCodec::new() }
    }

    /// Accepts, and answers the bind.
    async fn bound(socket: &TcpListener) -> Self {
        let mut peer = Self::accept(socket).await;
        let bind = peer.next().await.unwrap();
        let Some(Pdu::BindTransceiver(asked)) = bind.pdu() else { panic!("{bind:?}") };
        assert_eq!((asked.system_id.as_str(), asked.password.as_str()), ("wherefore", ""));
        peer.answer(&bind, CommandStatus::EsmeRok, BindTransceiverResp::default()).await;
        peer
    }

    /// The next PDU; none once the client has closed.
    async fn next(&mut self) -> Option<Command> {
        loop {
            if let Some(command) = self.codec.decode(&mut self.octets).unwrap() {
                return Some(command);
            }
            if within(self.stream.read_buf(&mut self.octets)).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    async fn submitted(&mut self) -> Command {
        let command = self.next().await.unwrap();
        assert_eq!(command.id(), CommandId::SubmitSm);
        command
    }

    async fn send(&mut self, status: CommandStatus, number: u32, pdu: impl Into<Pdu>) {
        let mut octets = BytesMut::new();
        self.codec.encode(Command::new(status, number, pdu), &mut octets).unwrap();
        self.stream.write_all(&octets).await.unwrap();
    }

    async fn answer(&mut self, to: &Command, status: CommandStatus, pdu: impl Into<Pdu>) {
        self.send(status, to.sequence_number(), pdu).await;
    }

    /// Takes a message under this name.
    async fn take(&mut self, submitted: &Command, id: &str) {
        let id = COctetString::from_string(id.into()).unwrap();
        self.answer(submitted, CommandStatus::EsmeRok, SubmitSmResp::builder().message_id(id).build()).await;
    }

    async fn deliver(&mut self, number: u32, esm_class: u8, text: &[u8]) {
        let address = |text: &str| COctetString::from_string(text.into()).unwrap();
        let pdu = DeliverSm::builder()
            .source_addr_ton(1.into())
            .source_addr_npi(1.into())
            .source_addr(address("49170100"))
            .destination_addr(address("4917099"))
            .esm_class(EsmClass::from(esm_class))
            .short_message(OctetString::from_slice(text).unwrap())
            .build();
        self.send(CommandStatus::EsmeRok, number, pdu).await;
    }

    /// The answer to what has this number.
    async fn answered(&mut self, number: u32) -> CommandStatus {
        let answer = self.next().await.unwrap();
        assert_eq!((answer.id(), answer.sequence_number()), (CommandId::DeliverSmResp, number));
        answer.status()
    }
}

/// Keeps what comes, or says something else, once the gate is open.
struct Kept {
    gate: Semaphore,
    messages: Mutex<Vec<Vec<u8>>>,
    receipts: Mutex<Vec<Receipt>>,
    says: Mutex<Result<(), Refused>>,
    kept: Notify,
}

impl FromPhones for Kept {
    fn take(&self, from: Msisdn, message: ShortMessage) -> BoxFuture<'_, Result<(), Refused>> {
        assert_eq!(Ok(from), Msisdn::parse("49170100"));
        Box::pin(async move {
            self.gate.acquire().await.unwrap().forget();
            self.messages.lock().unwrap().push(message.user_data);
            self.kept.notify_one();
            *self.says.lock().unwrap()
        })
    }
}

impl Receipts for Kept {
    fn settle(&self, receipt: Receipt) -> BoxFuture<'_, Result<(), Refused>> {
        self.receipts.lock().unwrap().push(receipt);
        Box::pin(async { *self.says.lock().unwrap() })
    }
}

/// A client of a centre.
struct Bench {
    socket: TcpListener,
    client: Client,
    kept: Arc<Kept>,
    stop: CancellationToken,
    work: tokio::task::JoinHandle<()>,
}

impl Bench {
    async fn start(more: &str) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let text = format!(
            "[gateway]\ngmlc_number = \"+4917099\"\n[smsc]\naddress = \"{}\"\nsystem_id = \"wherefore\"\n\
             reconnect_first_ms = 10\nsubmissions_per_s = 1000\nthrottle_first_ms = 10\n{more}",
            socket.local_addr().unwrap()
        );
        let (client, work) = Client::new(&Config::parse(&text).unwrap()).unwrap().unwrap();
        let kept = Arc::new(Kept {
            gate: Semaphore::new(1000),
            messages: Mutex::default(),
            receipts: Mutex::default(),
            says: Mutex::new(Ok(())),
            kept: Notify::new(),
        });
        let stop = CancellationToken::new();
        let takers = Takers { from_phones: kept.clone(), receipts: Some(kept.clone()) };
        let work = tokio::spawn(work.run(takers, stop.clone()));
        Self { socket, client, kept, stop, work }
    }

    fn submit(&self, text: u8) -> tokio::task::JoinHandle<Outcome> {
        let client = self.client.clone();
        tokio::spawn(async move { client.submit(Msisdn::parse("49170100").unwrap(), message(text)).await })
    }
}

fn message(text: u8) -> ShortMessage {
    let user_data = vec![2, 0x70, 0, text];
    ShortMessage { protocol_id: 0x7F, data_coding: 0xF6, has_header: true, user_data, validity: None }
}

fn text_of(command: &Command) -> u8 {
    match command.pdu() {
        Some(Pdu::SubmitSm(pdu)) => {
            assert_eq!(u8::from(pdu.esm_class), 0x40);
            *pdu.short_message().as_ref().last().unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_goes_and_its_receipt_comes() {
    let bench = Bench::start("").await;
    let mut peer = Peer::bound(&bench.socket).await;
    let outcome = bench.submit(7);
    let submitted = peer.submitted().await;
    assert_eq!(text_of(&submitted), 7);
    // The receipt overtakes the answer, as it does in the field.
    *bench.kept.says.lock().unwrap() = Err(Refused::ForNow);
    peer.deliver(1, 0x04, b"id:00A1 sub:001 dlvrd:000 stat:UNDELIV err:022 text:").await;
    assert_eq!(peer.answered(1).await, CommandStatus::EsmeRxTAppn);
    peer.take(&submitted, "A1").await;
    assert_eq!(within(outcome).await.unwrap(), Ok(MessageId::new("a1")));
    *bench.kept.says.lock().unwrap() = Ok(());
    peer.deliver(2, 0x04, b"id:00A1 sub:001 dlvrd:000 stat:UNDELIV err:022 text:").await;
    assert_eq!(peer.answered(2).await, CommandStatus::EsmeRok);
    let receipt = Receipt { id: MessageId::new("A1"), state: FinalState::MemoryFull };
    assert_eq!(*bench.kept.receipts.lock().unwrap(), [receipt.clone(), receipt]);
}

#[tokio::test]
async fn what_a_phone_sends_is_acknowledged_once_it_is_kept() {
    let bench = Bench::start("").await;
    let mut peer = Peer::bound(&bench.socket).await;
    bench.kept.gate.forget_permits(1000);
    peer.deliver(1, 0x40, &[2, 0x70, 0, 1]).await;
    // Nothing goes before it is kept; the session is not held up.
    peer.send(CommandStatus::EsmeRok, 2, Pdu::EnquireLink).await;
    let alive = peer.next().await.unwrap();
    assert_eq!((alive.id(), alive.sequence_number()), (CommandId::EnquireLinkResp, 2));
    bench.kept.gate.add_permits(1);
    assert_eq!(peer.answered(1).await, CommandStatus::EsmeRok);
    for (says, status) in
        [(Err(Refused::ForNow), CommandStatus::EsmeRxTAppn), (Err(Refused::ForGood), CommandStatus::EsmeRxPAppn)]
    {
        *bench.kept.says.lock().unwrap() = says;
        bench.kept.gate.add_permits(1);
        peer.deliver(3, 0x40, &[2, 0x70, 0, 2]).await;
        assert_eq!(peer.answered(3).await, status);
    }
    assert_eq!(bench.kept.messages.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_message_is_kept_even_if_the_session_ends_meanwhile() {
    let bench = Bench::start("").await;
    let mut peer = Peer::bound(&bench.socket).await;
    bench.kept.gate.forget_permits(1000);
    peer.deliver(1, 0x40, &[9]).await;
    peer.send(CommandStatus::EsmeRok, 2, Pdu::EnquireLink).await;
    peer.next().await.unwrap();
    drop(peer);
    let mut peer = Peer::bound(&bench.socket).await;
    bench.kept.gate.add_permits(2);
    within(bench.kept.kept.notified()).await;
    assert_eq!(*bench.kept.messages.lock().unwrap(), [[9]]);
    // Not having heard, the centre delivers it again.
    peer.deliver(1, 0x40, &[9]).await;
    assert_eq!(peer.answered(1).await, CommandStatus::EsmeRok);
}

#[tokio::test]
async fn what_waits_goes_with_the_next_session_and_what_was_sent_may_have_been_taken() {
    let bench = Bench::start("window = 1").await;
    let (first, second) = (bench.submit(1), bench.submit(2));
    // A bind that is refused, one that is not answered and cut, then a session that breaks.
    let mut peer = Peer::accept(&bench.socket).await;
    let bind = peer.next().await.unwrap();
    peer.answer(&bind, CommandStatus::EsmeRbindfail, BindTransceiverResp::default()).await;
    assert_eq!(peer.next().await, None);
    drop(Peer::accept(&bench.socket).await);
    let mut peer = Peer::bound(&bench.socket).await;
    let sent = text_of(&peer.submitted().await);
    drop(peer);
    let mut peer = Peer::bound(&bench.socket).await;
    let submitted = peer.submitted().await;
    assert_eq!(text_of(&submitted), 3 - sent);
    peer.take(&submitted, "b").await;
    let (lost, taken) = if sent == 1 { (first, second) } else { (second, first) };
    assert_eq!(within(lost).await.unwrap(), Err(SubmitFailure::NoAnswer));
    assert_eq!(within(taken).await.unwrap(), Ok(MessageId::new("b")));
}

#[tokio::test]
async fn without_a_session_a_submission_waits_for_so_long_and_fails() {
    // A port that nobody listens on any more.
    let bench = Bench::start("patience_s = 1").await;
    let Bench { socket, client, .. } = bench;
    drop(socket);
    let to = Msisdn::parse("49170100").unwrap();
    assert_eq!(within(client.submit(to, message(1))).await, Err(SubmitFailure::NotBound));
    let long = ShortMessage { user_data: vec![0; 141], ..message(1) };
    assert_eq!(within(client.submit(to, long)).await, Err(SubmitFailure::TooLong));
}

#[tokio::test]
async fn a_centre_that_throttles_gets_it_again() {
    let bench = Bench::start("").await;
    let mut peer = Peer::bound(&bench.socket).await;
    let outcome = bench.submit(1);
    for status in [CommandStatus::EsmeRthrottled, CommandStatus::EsmeRmsgqful, CommandStatus::EsmeRthrottled] {
        let submitted = peer.submitted().await;
        peer.answer(&submitted, status, SubmitSmResp::default()).await;
    }
    let submitted = peer.submitted().await;
    peer.take(&submitted, "c").await;
    assert_eq!(within(outcome).await.unwrap(), Ok(MessageId::new("c")));
}

#[tokio::test]
async fn a_stop_unbinds_and_tells_who_waits() {
    let bench = Bench::start("window = 1").await;
    let mut peer = Peer::bound(&bench.socket).await;
    let first = bench.submit(1);
    let submitted = peer.submitted().await;
    let second = bench.submit(2);
    // Once the centre has heard this, the second is with the work too.
    peer.send(CommandStatus::EsmeRok, 1, Pdu::EnquireLink).await;
    peer.next().await.unwrap();
    bench.stop.cancel();
    assert_eq!(within(second).await.unwrap(), Err(SubmitFailure::NotBound));
    peer.take(&submitted, "d").await;
    assert_eq!(within(first).await.unwrap(), Ok(MessageId::new("d")));
    let unbind = peer.next().await.unwrap();
    assert_eq!(unbind.id(), CommandId::Unbind);
    peer.answer(&unbind, CommandStatus::EsmeRok, Pdu::UnbindResp).await;
    assert_eq!(peer.next().await, None);
    within(bench.work).await.unwrap();
    let after = within(bench.client.submit(Msisdn::parse("49170100").unwrap(), message(3))).await;
    assert_eq!(after, Err(SubmitFailure::NotBound));
}

#[tokio::test]
async fn a_length_that_no_pdu_has_ends_the_session_and_another_is_made() {
    let bench = Bench::start("").await;
    for length in [0_u32, 15, 8193, u32::MAX] {
        let mut peer = Peer::bound(&bench.socket).await;
        peer.stream.write_all(&[&length.to_be_bytes()[..], &[0; 12]].concat()).await.unwrap();
        let nack = peer.next().await.unwrap();
        assert_eq!((nack.id(), nack.status()), (CommandId::GenericNack, CommandStatus::EsmeRinvcmdlen));
        assert_eq!(peer.next().await, None);
    }
    Peer::bound(&bench.socket).await;
}

#[tokio::test]
async fn a_session_each_way_where_the_centre_wants_two() {
    let bench = Bench::start("bind = \"transmitter_and_receiver\"").await;
    let (mut transmitter, mut receiver) = (None, None);
    for _ in 0..2 {
        let mut peer = Peer::accept(&bench.socket).await;
        let bind = peer.next().await.unwrap();
        match bind.id() {
            CommandId::BindTransmitter => {
                peer.answer(&bind, CommandStatus::EsmeRok, rusmpp::pdus::BindTransmitterResp::default()).await;
                transmitter = Some(peer);
            }
            CommandId::BindReceiver => {
                peer.answer(&bind, CommandStatus::EsmeRok, rusmpp::pdus::BindReceiverResp::default()).await;
                receiver = Some(peer);
            }
            other => panic!("{other:?}"),
        }
    }
    let (mut transmitter, mut receiver) = (transmitter.unwrap(), receiver.unwrap());
    let outcome = bench.submit(1);
    let submitted = transmitter.submitted().await;
    transmitter.take(&submitted, "e").await;
    assert_eq!(within(outcome).await.unwrap(), Ok(MessageId::new("e")));
    receiver.deliver(1, 0x40, &[1]).await;
    assert_eq!(receiver.answered(1).await, CommandStatus::EsmeRok);
}

#[test]
fn waits_between_binds_grow_until_a_session_lasts() {
    let smsc = Smsc { reconnect_first_ms: 500, reconnect_longest_s: 3, ..Smsc::default() };
    let mut backoff = Backoff::new(&smsc);
    let mut waits = |count: usize, lasted: Option<Duration>| {
        lasted.into_iter().for_each(|span| backoff.lasted(span));
        (0..count).map(|_| backoff.next().as_millis()).collect::<Vec<_>>()
    };
    assert_eq!(waits(5, None), [500, 1000, 2000, 3000, 3000]);
    assert_eq!(waits(1, Some(Duration::from_millis(10))), [3000], "bound, and dropped at once");
    assert_eq!(waits(2, Some(Duration::from_secs(3))), [500, 1000]);
}
