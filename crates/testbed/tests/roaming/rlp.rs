//! RLP spoken by hand: requests that no gateway of ours would send, and a gateway that answers as none of ours would.

use super::operators::{Person, World, gateway_name, realm};
use lcs::{
    Address, CallSession, ClientName, Fix, FormatIndicator, Identities, Imsi, LcsClientId, LcsClientType, LeastPrivacy,
    LocationRequest, LocationType, Msisdn, NodeKind, Priority, PrivacyIndicators, PrivacySetting, Qos, ServingNode,
    Target, Timestamp,
    gad::{Latitude, Longitude, Point, Shape, ShapeSet},
};
use mlp::rlp::{
    Answer, AnswerBody, Immediate, Outgoing, OutgoingNews, OutgoingTold, PrivacyInstruction, Routing, Sender, Subject,
    SvcInit, SvcResult, Transaction, Version, parse_svc_result,
};
use mlp::{TriggerWord, TriggeredOutcome};
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

/// The number of the client that other gateways ask for.
pub(crate) const CLIENT_NUMBER: &str = "99912345001";

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_micros(u64::try_from(since.as_micros()).unwrap())
}

impl Person {
    pub(crate) fn identities(&self) -> Identities {
        let (imsi, msisdn) = (Imsi::parse(&self.imsi()), Msisdn::parse(&self.msisdn()));
        Identities { imsi: imsi.ok(), msisdn: msisdn.ok(), imei: None }
    }
}

/// What a gateway's client asks.
pub(crate) fn wanted(person: &Person, client_type: LcsClientType) -> LocationRequest {
    let value_added = client_type == LcsClientType::ValueAdded;
    LocationRequest {
        account: "any".into(),
        client: LcsClientId {
            client_type,
            external: value_added.then(|| Address::international(CLIENT_NUMBER).unwrap()),
            internal: None,
            dialled: None,
            apn: None,
            name: value_added
                .then(|| ClientName::new("Example Fleet".to_owned(), FormatIndicator::LogicalName).unwrap()),
            requestor: None,
            call_session_related: false,
        },
        target: Target::Msisdn(person.identities().msisdn.unwrap()),
        service_type: None,
        codeword: None,
        location_type: LocationType::Current,
        max_age_s: None,
        qos: Qos::BEST_EFFORT,
        velocity: false,
        priority: Priority::Normal,
        service_coverage: Vec::new(),
        shapes: ShapeSet::ALL,
        least_privacy: LeastPrivacy::NONE,
    }
}

/// The node of an operator, as a route names it.
pub(crate) fn node(operator: &str) -> ServingNode {
    let realm = realm(operator);
    ServingNode { kind: NodeKind::Mme { name: format!("mme.{realm}"), realm }, capabilities: None, v_gmlc: None }
}

/// The word of a home gateway that allows.
pub(crate) fn allowed() -> PrivacyInstruction {
    let setting = PrivacySetting::AllowedWithoutNotification;
    PrivacyInstruction::Indicators(PrivacyIndicators::new(setting, None).unwrap())
}

/// A request sent now under a name.
pub(crate) fn named<'a>(outgoing: Outgoing<'a>, name: &str) -> Outgoing<'a> {
    outgoing.transaction(Transaction::new(name).unwrap(), now())
}

pub(crate) fn body(outgoing: &Outgoing<'_>) -> String {
    let mut out = String::new();
    outgoing.write(&mut out);
    out
}

pub(crate) fn routed(operator: &str) -> Routing {
    Routing { nodes: vec![node(operator)], ..Routing::default() }
}

/// News of a gateway about a request that it knows by this name.
pub(crate) fn news(from: &str, request_id: &str, told: OutgoingTold<'_>) -> String {
    let sender = Sender::new(gateway_name(from));
    let mut out = String::new();
    OutgoingNews { version: Version::V1_1, sender: &sender, request_id, told }.write(&mut out);
    out
}

/// A report that tells that something happened, and not where.
pub(crate) fn report<'a>(number: u32, subject: &'a Subject, trigger: TriggerWord, last: bool) -> OutgoingTold<'a> {
    let outcome = TriggeredOutcome::Event { at: now() };
    OutgoingTold::Report { number, last, subject, trigger, outcome, qos_class: lcs::QosClass::BestEffort }
}

/// Somebody by their own names.
pub(crate) fn of(person: &Person) -> Subject {
    Subject::Known(person.identities())
}

/// Sends a request with the certificate of `name` to an operator's gateway.
pub(crate) async fn send(world: &World, name: &str, to: &str, body: &str) -> io::Result<SvcResult> {
    let mut stream = sent(world, name, to, body).await?;
    let answer = message(&mut stream).await?;
    Ok(parse_svc_result(answer.as_bytes(), &mlp::Limits::default()).unwrap_or_else(|error| panic!("{error}: {answer}")))
}

/// Tells news with the certificate of `name` to an operator's gateway: the status that answers.
pub(crate) async fn tell(world: &World, name: &str, to: &str, body: &str) -> u16 {
    let mut stream = sent(world, name, to, body).await.unwrap();
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.unwrap();
    String::from_utf8_lossy(&line).rsplit(' ').next().unwrap().parse().unwrap()
}

async fn sent(world: &World, name: &str, to: &str, body: &str) -> io::Result<TlsStream<TcpStream>> {
    let connector = world.exchange.connector(name);
    let stream = TcpStream::connect(world.doors[to]).await?;
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await?;
    let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await?;
    Ok(stream)
}

/// The body of the next HTTP message.
pub(crate) async fn message(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let (mut got, mut some) = (Vec::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut some).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        got.extend_from_slice(&some[..length]);
        let text = String::from_utf8_lossy(&got);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let told = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        if told.is_some_and(|told| body.len() >= told) {
            return Ok(body.to_owned());
        }
    }
}

/// Where a gateway of the test says that somebody is.
pub(crate) fn fix() -> Fix {
    Fix {
        shape: Some(Shape::Point(Point {
            latitude: Latitude::from_degrees(52.52).unwrap(),
            longitude: Longitude::from_degrees(13.405).unwrap(),
        })),
        age_min: Some(0),
        accuracy_fulfilled: Some(true),
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    }
}

/// An answer of an operator's gateway with a position.
pub(crate) fn position(init: &SvcInit, request: &Immediate, operator: &str) -> String {
    let fix = fix();
    answer(init, request, operator, AnswerBody::Position { fix: &fix, at: now() })
}

pub(crate) fn answer(init: &SvcInit, request: &Immediate, operator: &str, body: AnswerBody<'_>) -> String {
    let sender = Sender::new(gateway_name(operator));
    let mut out = String::new();
    Answer::to(init.version, request, &sender, body).write(&mut out);
    out
}

/// A session that a request may name.
pub(crate) fn session() -> CallSession {
    CallSession::Dialled(Address::international("99912345999").unwrap())
}
