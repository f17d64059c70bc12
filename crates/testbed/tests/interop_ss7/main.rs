//! Wireshark's dissector on everything that nodes of the signalling network say to each other, from M3UA to MAP: nothing
//! malformed, nothing unknown, every value as it was sent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub,
    reason = "helpers of tests, outside of test functions"
)]

mod capture;
#[path = "../interop/mod.rs"]
mod interop;
mod messages;
mod network;
mod reading;
mod subscriber;
mod values;

use interop::tshark;
use messages::{Exchange, LAST};
use network::{CONTEXT, Network, Who};
use reading::Read;
use ss7::tcap::AbortReason;
use std::time::Duration;
use transport::sigtran::{InvokeOutcome, Ssn};

/// SS-Codes that no standard has given away for long; the dissector knows none of them by name.
const UNKNOWN_CODES: [&str; 2] = ["SS-Code: Unknown (182)", "SS-Code: Unknown (196)"];

#[tokio::test]
async fn exchanges_read_as_sent() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("exchanges_read_as_sent", missing);
    }
    let network = Network::start(Duration::from_secs(60)).await;
    let exchanges = messages::all();
    let mut begins = Vec::new();
    for exchange in &exchanges {
        begins.push(network.play(exchange).await);
    }
    begins.push(network.capture.len());
    let capture = network.capture.clone();
    network.stop([Who::Gmlc, Who::Msc, Who::Sgsn, Who::Hlr]).await;

    let (read, doubts) = tokio::task::spawn_blocking(move || reading::read(&capture)).await.unwrap();
    assert_eq!(doubts, [UNKNOWN_CODES; 2].concat());
    assert!(read.iter().all(|message| message.has("m3ua") && message.one("sctp.checksum.status") == "1"));
    for (exchange, span) in exchanges.iter().zip(begins.windows(2)) {
        layers(exchange, &read[span[0]..span[1]]);
        let messages: Vec<_> = read[span[0]..span[1]].iter().filter(|message| message.has("tcap")).collect();
        dialogue(exchange, &messages);
        for (number, (field, values)) in &exchange.reads {
            let number = if *number == LAST { messages.len() - 1 } else { *number };
            assert_eq!(messages[number].all(field), *values, "{}, message {number}: {field}", exchange.name);
        }
    }
}

/// A question in a dialogue that its other side has left.
#[tokio::test]
async fn an_abort_of_the_provider_reads_as_sent() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("an_abort_of_the_provider_reads_as_sent", missing);
    }
    let network = Network::start(Duration::from_secs(60)).await;
    let exchange = messages::all().into_iter().find(|exchange| exchange.answer_back.is_some()).unwrap();
    let before = network.leave(&exchange).await;
    let capture = network.capture.clone();
    network.stop([Who::Gmlc, Who::Msc, Who::Sgsn, Who::Hlr]).await;
    let (read, doubts) = tokio::task::spawn_blocking(move || reading::read(&capture)).await.unwrap();
    assert!(doubts.is_empty(), "{doubts:?}");
    let messages: Vec<_> = read[before..].iter().filter(|message| message.has("tcap")).collect();
    let [begin, question, abort] = messages[..] else { panic!("{}", messages.len()) };
    assert_eq!(question.one("tcap.dtid"), begin.one("tcap.otid"));
    assert_eq!(abort.one("tcap.dtid"), question.one("tcap.otid"));
    // P-Abort cause 1: unrecognized transaction identifier (ITU-T Q.773 clause 4.2.1.1).
    assert_eq!((abort.one("tcap.p_abortCause"), abort.all("tcap.abort_source")), ("1".into(), Vec::new()));
}

/// What M3UA says of itself: associations come up, are asked whether they live, and end from either side.
#[tokio::test]
async fn management_reads_as_sent() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("management_reads_as_sent", missing);
    }
    let network = Network::start(Duration::from_millis(500)).await;
    network::until(|| network.capture.had(BEAT_ACK, 1..=5)).await;
    let capture = network.capture.clone();
    // The home register serves the others, and leaves first; the gateway is served by the rest.
    network.stop([Who::Hlr, Who::Gmlc, Who::Msc, Who::Sgsn]).await;
    network::until(|| capture.had(DUNA, 1..=TO_REGISTER) && capture.had(ASPDN_ACK, TO_REGISTER + 1..=5)).await;
    let (read, doubts) = tokio::task::spawn_blocking(move || reading::read(&capture)).await.unwrap();
    assert!(doubts.is_empty(), "{doubts:?}");
    for association in 1..=5_u16 {
        let port = (40_000 + association).to_string();
        let of_it = read.iter().filter(|message| message.all("sctp.port").contains(&port));
        let (beats, rest): (Vec<_>, Vec<_>) = of_it.partition(|message| [BEAT, BEAT_ACK].contains(&kind(message)));
        let told = |of: [u8; 2]| beats.iter().filter(move |beat| kind(beat) == of).map(|beat| beat.one(HEARTBEAT_DATA));
        let asked: Vec<_> = told(BEAT).collect();
        assert!(told(BEAT_ACK).count() > 0 && told(BEAT_ACK).all(|data| asked.contains(&data)));
        comes_up(&rest[..6], association);
        let down = &rest[6..];
        let kinds: Vec<_> = down.iter().map(|message| kind(message)).collect();
        if association <= TO_REGISTER {
            assert_eq!(kinds, [DUNA]);
            assert_eq!(down[0].all("m3ua.affected_point_code_pc"), [Who::Hlr.point_code().value().to_string()]);
        } else {
            assert_eq!(kinds, [ASPIA, ASPIA_ACK, NTFY, ASPDN, ASPDN_ACK]);
            assert_eq!(down[2].one("m3ua.status_info"), AS_PENDING);
        }
    }
}

/// Class and type of messages of M3UA (RFC 4666 section 3.1.2), and states of an Application Server (section 3.8.2).
const NTFY: [u8; 2] = [0, 1];
const DUNA: [u8; 2] = [2, 1];
const ASPUP: [u8; 2] = [3, 1];
const ASPDN: [u8; 2] = [3, 2];
const BEAT: [u8; 2] = [3, 3];
const ASPUP_ACK: [u8; 2] = [3, 4];
const ASPDN_ACK: [u8; 2] = [3, 5];
const BEAT_ACK: [u8; 2] = [3, 6];
const ASPAC: [u8; 2] = [4, 1];
const ASPIA: [u8; 2] = [4, 2];
const ASPAC_ACK: [u8; 2] = [4, 3];
const ASPIA_ACK: [u8; 2] = [4, 4];
const AS_INACTIVE: &str = "2";
const AS_ACTIVE: &str = "3";
const AS_PENDING: &str = "4";
const HEARTBEAT_DATA: &str = "m3ua.heartbeat_data";
/// Associations of the capture that lead to the home register have numbers up to this one.
const TO_REGISTER: u16 = 3;

fn kind(message: &Read) -> [u8; 2] {
    [message.one("m3ua.message_class"), message.one("m3ua.message_type")].map(|code| code.parse().unwrap())
}

/// How an association comes up.
fn comes_up(messages: &[&Read], association: u16) {
    let kinds: Vec<_> = messages.iter().map(|message| kind(message)).collect();
    assert_eq!(kinds, [ASPUP, ASPUP_ACK, NTFY, ASPAC, ASPAC_ACK, NTFY]);
    assert_eq!(messages[0].one("m3ua.asp_identifier"), association.to_string());
    assert_eq!([messages[2], messages[5]].map(|told| told.one("m3ua.status_info")), [AS_INACTIVE, AS_ACTIVE]);
    assert!(messages[2..].iter().all(|message| message.one("m3ua.routing_context") == CONTEXT.to_string()));
    assert!(messages[3..5].iter().all(|message| message.one("m3ua.traffic_mode_type") == "2"));
}

/// Each message has all layers; all but the last segment of one end with SCCP, and a dialogue portion alone with TCAP.
fn layers(exchange: &Exchange, messages: &[Read]) {
    let name = exchange.name;
    let segments = messages.iter().filter(|message| message.all("sccp.segmentation.remaining") == ["0x01"]).count();
    let long = exchange.name == "update" || exchange.argument.len() > 200;
    assert_eq!(segments, usize::from(long), "{name}");
    for message in messages {
        let last = message.layers.last().unwrap().as_str();
        let expected = match &message.all("sccp.segmentation.remaining")[..] {
            [more] if more != "0x00" => "sccp",
            _ if !message.all("tcap.reason").is_empty() => "tcap",
            _ => "gsm_map",
        };
        assert_eq!(last, expected, "{name}: {:?}", message.layers);
    }
    let told = |field: &str| messages.iter().map(|message| message.one(field)).collect::<Vec<_>>();
    assert!(told("m3ua.routing_context").iter().all(|context| *context == CONTEXT.to_string()));
    assert!(told("m3ua.protocol_data_si").iter().all(|indicator| indicator == "3"));
    assert!(told("m3ua.protocol_data_ni").iter().all(|indicator| indicator == "2"));
}

/// Addresses, transactions, context and components of a dialogue.
fn dialogue(exchange: &Exchange, messages: &[&Read]) {
    let Exchange { name, from, to, as_subsystem, subsystem, operation, .. } = exchange;
    let (first, last) = (messages[0], messages[messages.len() - 1]);
    let asked_back = exchange.answer_back.is_some();
    assert_eq!(messages.len(), if asked_back { 4 } else { 2 }, "{name}");
    sent_by(first, (*from, *as_subsystem), (*to, *subsystem));
    sent_by(last, (*to, *subsystem), (*from, *as_subsystem));
    assert_eq!(first.one("tcap.application_context_name"), context(exchange.context), "{name}");
    assert_eq!(component(first), ["1".to_owned(), operation.code().to_string()], "{name}");
    let transaction = first.one("tcap.otid");
    if asked_back {
        let (question, reply) = (messages[1], messages[2]);
        sent_by(question, (*to, *subsystem), (*from, *as_subsystem));
        sent_by(reply, (*from, *as_subsystem), (*to, *subsystem));
        assert_eq!(
            (component(question), component(reply)),
            (vec!["1".into(), "7".into()], vec!["2".into(), "7".into()])
        );
        assert_eq!((question.one("tcap.dtid"), reply.one("tcap.otid")), (transaction.clone(), transaction.clone()));
        assert_eq!(question.one("tcap.otid"), reply.one("tcap.dtid"));
    }
    if !matches!(exchange.outcome, InvokeOutcome::Unreachable { .. }) {
        assert_eq!(last.one("tcap.dtid"), transaction, "{name}");
    }
    ending(exchange, last);
}

/// The last message says what the outcome is.
fn ending(exchange: &Exchange, last: &Read) {
    let name = exchange.name;
    let refused = |diagnostic: &str| {
        assert_eq!(last.one("tcap.result"), "1", "{name}");
        assert_eq!(last.one("tcap.dialogue_service_user"), diagnostic, "{name}");
    };
    match &exchange.outcome {
        InvokeOutcome::Result(_) => {
            assert_eq!(component(last), ["2".to_owned(), exchange.operation.code().to_string()], "{name}");
        }
        InvokeOutcome::Error { code, .. } => assert_eq!(component(last), ["3".to_owned(), code.to_string()], "{name}"),
        InvokeOutcome::Rejected(_) => {
            assert_eq!((component(last), last.one("gsm_old.invokeProblem")), (vec!["4".into()], "2".into()));
        }
        InvokeOutcome::ContextNotSupported { alternative } => {
            refused("2");
            assert_eq!(last.one("tcap.application_context_name"), context(alternative.unwrap()));
        }
        InvokeOutcome::Aborted(AbortReason::Refused { .. }) => refused("1"),
        InvokeOutcome::Aborted(_) => assert_eq!(last.one("tcap.abort_source"), "0", "{name}"),
        InvokeOutcome::Unreachable { cause } => {
            assert_eq!(last.one("sccp.return_cause"), format!("{cause:#04x}"));
        }
        other => panic!("{name}: {other:?}"),
    }
}

fn sent_by(message: &Read, (from, as_subsystem): (Who, Ssn), (to, subsystem): (Who, Ssn)) {
    for (field, value) in [
        ("m3ua.protocol_data_opc", from.point_code().value().to_string()),
        ("m3ua.protocol_data_dpc", to.point_code().value().to_string()),
        ("sccp.calling.digits", from.digits().to_owned()),
        ("sccp.calling.ssn", as_subsystem.0.to_string()),
        ("sccp.called.digits", to.digits().to_owned()),
        ("sccp.called.ssn", subsystem.0.to_string()),
    ] {
        assert_eq!(message.one(field), value, "{field}");
    }
}

/// Kind of the component, and its operation or error.
fn component(message: &Read) -> Vec<String> {
    let mut all = message.all("gsm_map.old.Component");
    all.extend(message.all("gsm_old.localValue"));
    all
}

/// The object identifier of a context of MAP.
fn context(context: transport::sigtran::ApplicationContext) -> String {
    let (number, version) = context.map_parts().unwrap();
    format!("0.4.0.0.1.0.{number}.{version}")
}
