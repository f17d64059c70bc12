//! A peer of the signalling network that breaks its rules: the gateway refuses what it must, takes no report from it, and goes on
//! serving.

use super::{
    ask::{about, ask, result},
    lab::{Lab, msisdn},
    process::{Gateway, PATIENCE, until},
};
use bytes::{Bytes, BytesMut};
use lcs::{Address, Identities, LcsClientType, Msisdn};
use ss7::m3ua::{Data, Framer, Message, NetworkIndicator, PointCode, SERVICE_SCCP, Transfer};
use ss7::map::{ClientId, LcsEvent, LcsLocationInfo, Operation, SlrArg};
use ss7::sccp::{Class, Form, Message as Sccp, SccpAddress, Ssn, UnitdataMessage};
use ss7::tcap::{ApplicationContext, DialogueId, Dialogues, Indication, Outcome, Output, TcapLimits};
use std::{mem, time::Duration};
use testbed::tour::PushListener;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use transport::sigtran::by_number;

const GATEWAY: &str = "+99912340000";
/// Admitted, and not.
const NODE: &str = "+99900200009";
const STRANGER: &str = "+88800200009";

fn address(number: &str, subsystem: Ssn) -> SccpAddress {
    by_number(Address::international(number).unwrap(), subsystem).unwrap()
}

/// The peer, on one connection.
struct Rogue {
    stream: TcpStream,
    buffer: BytesMut,
    dialogues: Dialogues<SccpAddress>,
}

impl Rogue {
    /// Takes the gateway up and active; what `before` gives is sent before the gateway is active.
    async fn accept(listener: &TcpListener, before: Option<Bytes>) -> Self {
        let stream = tokio::time::timeout(PATIENCE, listener.accept()).await.expect("the gateway connects").unwrap().0;
        let dialogues = Dialogues::new(TcapLimits { dialogues: 100_000, ..TcapLimits::default() }, 7);
        let mut rogue = Self { stream, buffer: BytesMut::new(), dialogues };
        rogue.expect(|message| matches!(message, Message::AspUp { .. })).await;
        if let Some(octets) = before {
            rogue.stream.write_all(&octets).await.unwrap();
        }
        rogue.send(&Message::AspUpAck { asp_identifier: None }).await;
        rogue.expect(|message| matches!(message, Message::AspActive { .. })).await;
        rogue.send(&Message::AspActiveAck { traffic_mode: None, routing_contexts: Vec::new() }).await;
        rogue
    }

    async fn send(&mut self, message: &Message) {
        self.stream.write_all(&message.encode()).await.unwrap();
    }

    /// The next message of a kind; nothing when the connection has ended.
    async fn next(&mut self, mut is: impl FnMut(&Message) -> bool) -> Option<Message> {
        loop {
            while let Some(frame) = Framer::default().next_frame(&mut self.buffer).unwrap() {
                match Message::decode(&frame).unwrap() {
                    Message::Beat(data) => self.send(&Message::BeatAck(data)).await,
                    message if is(&message) => return Some(message),
                    _ => {}
                }
            }
            let read = tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.buffer));
            if !read.await.expect("the gateway went silent").is_ok_and(|octets| octets > 0) {
                return None;
            }
        }
    }

    async fn expect(&mut self, is: impl FnMut(&Message) -> bool) -> Message {
        self.next(is).await.expect("the gateway closed")
    }

    /// Gives TCAP octets to the gateway in the name of a node.
    async fn give(&mut self, calling: &str, tcap: &[u8]) {
        self.stream.write_all(&data(calling, tcap)).await.unwrap();
    }

    /// A Begin of the node with one invocation, before it is sent.
    fn begin(&mut self, context: ApplicationContext, operation: i64, argument: &[u8]) -> (DialogueId, Vec<u8>) {
        let to = address(GATEWAY, Ssn::GMLC);
        let wait = Duration::from_secs(60);
        let begun = self.dialogues.invoke(to, context, operation, argument, wait, Duration::ZERO).unwrap();
        match self.dialogues.poll() {
            Some(Output::Send { octets, .. }) => (begun, octets),
            other => panic!("a message: {other:?}"),
        }
    }

    /// What the gateway answers in a dialogue; how others end is read over.
    async fn outcome(&mut self, of: DialogueId) -> Outcome {
        loop {
            let Message::Data(data) = self.expect(|message| matches!(message, Message::Data(_))).await else {
                panic!()
            };
            let Sccp::Unitdata(unitdata) = Sccp::decode(&data.transfer.data).unwrap() else { panic!("unitdata") };
            self.dialogues.receive(&unitdata.data, &unitdata.calling, Duration::ZERO);
            while let Some(output) = self.dialogues.poll() {
                if let Output::Indication(Indication::Outcome { dialogue, outcome }) = output
                    && dialogue == of
                {
                    return outcome;
                }
            }
        }
    }

    async fn invoke(&mut self, calling: &str, context: ApplicationContext, operation: i64, argument: &[u8]) -> Outcome {
        let (dialogue, octets) = self.begin(context, operation, argument);
        self.give(calling, &octets).await;
        self.outcome(dialogue).await
    }

    /// A report that is in order.
    async fn report(&mut self, calling: &str) -> Outcome {
        let own = Operation::SubscriberLocationReport;
        self.invoke(calling, own.context(), own.code(), &report()).await
    }
}

/// A DATA message of the peer.
fn data(calling: &str, tcap: &[u8]) -> Bytes {
    let unitdata = UnitdataMessage {
        form: Form::Short,
        class: Class::Basic,
        return_on_error: false,
        called: address(GATEWAY, Ssn::GMLC),
        calling: address(calling, Ssn::MSC),
        data: Bytes::copy_from_slice(tcap),
    };
    let transfer = Transfer {
        opc: PointCode::new(300).unwrap(),
        dpc: PointCode::new(100).unwrap(),
        service: SERVICE_SCCP,
        network: NetworkIndicator::National,
        priority: 0,
        sls: 1,
        data: Sccp::Unitdata(unitdata).encode().unwrap().into(),
    };
    Message::Data(Data { network_appearance: None, routing_context: None, transfer, correlation: None }).encode()
}

/// The argument of a report of an emergency call of the first subscriber.
fn report() -> Vec<u8> {
    let target = Identities { msisdn: Msisdn::parse(&msisdn(1)).ok(), ..Identities::default() };
    let node = LcsLocationInfo::of_number(Address::international(NODE).unwrap(), false);
    SlrArg::new(LcsEvent::EmergencyCallOrigination, ClientId::new(LcsClientType::Emergency), node, target).encode()
}

/// The same octets with an outer element of indefinite length, which BER allows.
fn indefinite(element: &[u8]) -> Vec<u8> {
    assert!(element[1] < 0x80, "short form");
    [&[element[0], 0x80], &element[2..], &[0, 0]].concat()
}

struct Beside {
    lab: Lab,
    gateway: Gateway,
    secret: String,
    listener: TcpListener,
    sink: PushListener,
}

impl Beside {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = PushListener::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let lab = Lab::new(&format!(
            "[mlp.push]\nemergency_url = '{}'\n[sigtran]\nenabled = true\npoint_code = 100\nadmitted = ['{NODE}']\n\
             default_route = 300\n[sigtran.timers]\nreconnect_s = 1\n[[sigtran.association]]\nname = 'rogue'\n\
             address = '{}'\ntransport = 'tcp'\npoint_codes = [300]\n",
            sink.url(),
            listener.local_addr().unwrap()
        ))
        .await;
        let (gateway, secret) = lab.first_start().await;
        Self { lab, gateway, secret, listener, sink }
    }

    /// Somebody else is served as ever.
    async fn serves(&self) {
        assert_eq!(result(&ask(self.gateway.doors.mlp, &about(&self.secret, &[2])).await), 0);
    }

    async fn strangers(&self) -> f64 {
        self.gateway.metric("wherefore_sigtran_strangers_total").await
    }

    /// The reports that were taken are these and no others, each with its entry and its delivery.
    async fn end(mut self, reports: usize, requests: usize) {
        for _ in 0..reports {
            let pushed = self.sink.next(PATIENCE).await.expect("a report is delivered");
            assert!(pushed.contains("<emerep"), "{pushed}");
        }
        self.gateway.stop().await;
        let entries = self.lab.entries().await;
        let of_network = entries.iter().filter(|entry| entry["via"] == "network").count();
        assert_eq!((of_network, entries.len()), (reports, reports + requests));
        self.lab.verified().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_the_rules_is_refused_and_what_keeps_to_them_is_taken() {
    let beside = Beside::start().await;
    let mut rogue = Rogue::accept(&beside.listener, None).await;
    let own = Operation::SubscriberLocationReport;
    let (context, code) = (own.context(), own.code());
    let argument = report();
    assert!(matches!(rogue.report(NODE).await, Outcome::Result(_)));
    // Indefinite length is BER, and taken.
    assert!(matches!(rogue.invoke(NODE, context, code, &indefinite(&argument)).await, Outcome::Result(_)));

    // An absurd tag; one within; nothing that a report must have; no report at all.
    let absurd = [0x9F, 0x85, 0xFF, 0x7F, 0x00];
    let inside = [&[0x30, 0x05], &absurd[..]].concat();
    for broken in [&absurd[..], &inside, &[0x30, 0x00], &[0x04, 0x01, 0xFF]] {
        let outcome = rogue.invoke(NODE, context, code, broken).await;
        assert!(matches!(outcome, Outcome::Rejected(_) | Outcome::Error { .. }), "{outcome:?}");
    }
    // An element that is longer than what it stands in.
    let (dialogue, mut begin) = rogue.begin(context, code, &argument);
    let at = begin.windows(argument.len()).position(|window| window == argument).unwrap();
    begin[at + 3] = 0x7F;
    rogue.give(NODE, &begin).await;
    let outcome = rogue.outcome(dialogue).await;
    assert!(!matches!(outcome, Outcome::Result(_)), "{outcome:?}");
    // Cut within TCAP: not even the dialogue can be read, or its component is none.
    for cut in [1, 3, argument.len()] {
        let (_, begin) = rogue.begin(context, code, &argument);
        rogue.give(NODE, &begin[..begin.len() - cut]).await;
    }
    // A provider abort of a transaction that nobody has, a Continue of one, and no TCAP at all.
    for strange in
        [&[0x67, 0x06, 0x49, 0x04, 1, 2, 3, 4][..], &[0x65, 0x0C, 0x48, 4, 1, 2, 3, 4, 0x49, 4, 9, 9, 9, 9], b"?"]
    {
        rogue.give(NODE, strange).await;
    }
    // Another operation; another application context; a lower version of ours, which is offered in return.
    let outcome = rogue.invoke(NODE, context, 83, &argument).await;
    assert!(matches!(outcome, Outcome::Rejected(_)), "{outcome:?}");
    let outcome = rogue.invoke(NODE, Operation::SendRoutingInfoForLcs.context(), code, &argument).await;
    assert!(matches!(outcome, Outcome::ContextNotSupported { alternative: None }), "{outcome:?}");
    let lower = ApplicationContext::from_arcs(&[0, 4, 0, 0, 1, 0, 38, 2]).unwrap();
    let outcome = rogue.invoke(NODE, lower, code, &argument).await;
    assert!(
        matches!(outcome, Outcome::ContextNotSupported { alternative: Some(told) } if told == context),
        "{outcome:?}"
    );

    // A global title of a stranger: nothing is taken, and it is counted.
    let before = beside.strangers().await;
    let outcome = rogue.report(STRANGER).await;
    assert!(!matches!(outcome, Outcome::Result(_) | Outcome::Error { .. }), "{outcome:?}");
    assert!(beside.strangers().await > before);

    beside.serves().await;
    assert!(matches!(rogue.report(NODE).await, Outcome::Result(_)));
    beside.end(3, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_and_data_before_its_time_cost_the_connection_at_most() {
    let beside = Beside::start().await;
    let mut rogue = Rogue::accept(&beside.listener, None).await;
    assert!(matches!(rogue.report(NODE).await, Outcome::Result(_)));
    rogue.stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert!(rogue.next(|_| false).await.is_none(), "what cannot be framed ends the connection");
    beside.serves().await;

    // DATA before the gateway is active is no report.
    let early = {
        let mut other = Dialogues::new(TcapLimits::default(), 9);
        let own = Operation::SubscriberLocationReport;
        let (to, wait) = (address(GATEWAY, Ssn::GMLC), Duration::from_secs(60));
        other.invoke(to, own.context(), own.code(), &report(), wait, Duration::ZERO).unwrap();
        let Some(Output::Send { octets, .. }) = other.poll() else { panic!("a message") };
        data(NODE, &octets)
    };
    let mut rogue = Rogue::accept(&beside.listener, Some(early)).await;
    assert!(matches!(rogue.report(NODE).await, Outcome::Result(_)));
    beside.end(2, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dialogues_that_are_never_ended_are_bounded_and_hold_up_nobody() {
    /// More than the gateway has room for.
    const MANY: usize = 20_000;
    let beside = Beside::start().await;
    let mut rogue = Rogue::accept(&beside.listener, None).await;
    let mut octets = Vec::new();
    for _ in 0..MANY {
        // A dialogue without any operation stays open until its peer goes on.
        let to = address(GATEWAY, Ssn::GMLC);
        rogue.dialogues.begin(to, Some(Operation::SubscriberLocationReport.context()), &[], Duration::ZERO).unwrap();
        let Some(Output::Send { octets: begin, .. }) = rogue.dialogues.poll() else { panic!("a message") };
        octets.extend_from_slice(&data(NODE, &begin));
    }
    // Answers are read while the flood goes out, so that neither side waits for the other.
    let (mut from, mut to) =
        mem::replace(&mut rogue.stream, TcpStream::connect(beside.gateway.doors.admin).await.unwrap()).into_split();
    let flood = tokio::spawn(async move {
        to.write_all(&octets).await.unwrap();
        to
    });
    let mut refused = 0;
    let mut buffer = BytesMut::new();
    while refused == 0 {
        assert!(tokio::time::timeout(PATIENCE, from.read_buf(&mut buffer)).await.unwrap().unwrap() > 0);
        while let Some(frame) = Framer::default().next_frame(&mut buffer).unwrap() {
            // TC-P-ABORT, resource limitation: the table is full.
            refused += usize::from(matches!(Message::decode(&frame), Ok(Message::Data(_))));
        }
    }
    let sent = until("the flood has gone out", async || {
        while from.try_read_buf(&mut buffer).is_ok_and(|octets| octets > 0) {
            buffer.clear();
        }
        flood.is_finished().then_some(())
    });
    sent.await;
    let _open = flood.await.unwrap();
    beside.serves().await;
    beside.end(0, 1).await;
}
