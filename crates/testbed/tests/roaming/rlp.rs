//! RLP spoken by hand: requests that no gateway of ours would send, and a gateway that answers as none of ours would.

use super::operators::{Person, World, gateway_name, realm};
use lcs::{
    Address, CallSession, ClientName, Fix, FormatIndicator, Identities, Imsi, LcsClientId, LcsClientType, LeastPrivacy,
    LocationRequest, LocationType, Msisdn, NodeKind, Priority, PrivacyIndicators, PrivacySetting, Qos, ServingNode,
    Target, Timestamp,
    gad::{Latitude, Longitude, Point, Shape, ShapeSet},
};
use mlp::rlp::{
    Answer, AnswerBody, Immediate, Outgoing, PrivacyInstruction, Routing, Sender, Service, SvcInit, SvcResult,
    Transaction, parse_svc_init, parse_svc_result,
};
use std::io;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
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

/// What a gateway of the test does with a request.
pub(crate) enum Reply {
    /// Answers this, says that it closes the connection, and does.
    Body(String),
    /// Answers this and goes on with the connection.
    Kept(String),
    /// Answers this as if it went on, and then closes the connection.
    Left(String),
    /// Never answers.
    Silence,
    /// Closes the connection.
    HangUp,
}

/// A gateway of the test in the place of an operator's own.
pub(crate) struct Impostor {
    asked: Arc<AtomicUsize>,
    /// Connections closed by [`Reply::Left`].
    left: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Impostor {
    /// Listens where the others know the operator's gateway, with the certificate of `name`.
    pub(crate) async fn start(
        world: &World,
        operator: &str,
        name: &str,
        answer: impl Fn(&SvcInit, &Immediate) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(world.doors[operator]).await.unwrap();
        let acceptor = world.exchange.acceptor(name);
        let (asked, left, answer) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default(), Arc::new(answer));
        let (counted, leaving) = (Arc::clone(&asked), Arc::clone(&left));
        let task = tokio::spawn(async move {
            // Ended with this task, so that no connection outlives its gateway.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, counted, answer) = (acceptor.clone(), Arc::clone(&counted), Arc::clone(&answer));
                let leaving = Arc::clone(&leaving);
                connections.spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    while let Ok(request) = message(&mut stream).await {
                        counted.fetch_add(1, Ordering::SeqCst);
                        let init = parse_svc_init(request.as_bytes(), &mlp::Limits::default()).unwrap();
                        let Service::Immediate(immediate) = &init.service else { panic!("{:?}", init.service) };
                        let (body, says, leaves) = match answer(&init, immediate) {
                            // One answer a connection: the next gateway at this place finds none that is about to close.
                            Reply::Body(body) => (body, "Connection: close\r\n", false),
                            Reply::Kept(body) => (body, "", false),
                            Reply::Left(body) => (body, "", true),
                            Reply::HangUp => return,
                            Reply::Silence => return std::future::pending().await,
                        };
                        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{says}\r\n", body.len());
                        if stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await.is_err() {
                            return;
                        }
                        if leaves {
                            // Known to the other side's kernel once this is done.
                            stream.shutdown().await.ok();
                            leaving.fetch_add(1, Ordering::SeqCst);
                            return;
                        }
                    }
                });
            }
        });
        Self { asked, left, task }
    }

    /// Leaves its place free.
    pub(crate) async fn stop(self) {
        self.task.abort();
        // It ends by being aborted, which is no fault.
        self.task.await.ok();
    }

    /// Connections that it has left so far.
    pub(crate) fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }

    /// Requests so far.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// An answer of an operator's gateway with a position.
pub(crate) fn position(init: &SvcInit, request: &Immediate, operator: &str) -> String {
    let fix = Fix {
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
    };
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
