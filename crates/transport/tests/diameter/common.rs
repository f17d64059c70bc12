//! Nodes on loopback, a handler that echoes, and a peer whose every message the test writes itself.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use diameter::base::{DeviceWatchdogAnswer, DisconnectPeerAnswer};
use diameter::codec::{
    ApplicationId, Builder, CommandCode, EncodeError, Framer, Header, Identifiers, Message, ResultCode, VendorId,
};
use diameter::dictionary;
use diameter::peer::LocalCapabilities;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use transport::{
    Answer, Application, Destination, Handler, Listen, Node, NodeConfig, PeerInfo, RequestError, Transport,
};

pub(crate) const SLG: ApplicationId = ApplicationId::SLG;
pub(crate) const PLR: CommandCode = CommandCode::PROVIDE_LOCATION;
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A node of realm `lab` that speaks SLg and listens on a free port.
pub(crate) fn config(host: &str) -> NodeConfig {
    let mut config = NodeConfig::new(host, "lab");
    config.applications = vec![Application::tgpp(SLG)];
    config.listen = vec![Listen { address: ANY, transport: Transport::Tcp }];
    config.timers.reconnect_min = Duration::from_millis(10);
    config.timers.closing = Duration::from_millis(500);
    config
}

/// Session-Id of the request comes back in a successful answer. A text of `wait…` waits for a permit first, `panic` panics,
/// `busy` is refused, `silent` is not answered, `cut` closes.
#[derive(Clone)]
pub(crate) struct Echo {
    pub(crate) seen: Arc<Mutex<Vec<Header>>>,
    pub(crate) gate: Arc<Semaphore>,
    pub(crate) waiting: Arc<AtomicUsize>,
    name: &'static str,
}

pub(crate) fn echo(name: &'static str) -> Echo {
    Echo { seen: Arc::default(), gate: Arc::new(Semaphore::new(0)), waiting: Arc::default(), name }
}

impl Handler for Echo {
    async fn handle(&self, request: Message, _from: PeerInfo) -> Answer {
        self.seen.lock().unwrap().push(request.header);
        if request.header.command != PLR {
            return Answer::Undecodable(diameter::codec::DecodeError::CommandUnsupported(request.header.command));
        }
        let session = text_of(&request).to_owned();
        match session.as_str() {
            "panic" => panic!("asked for"),
            "panic later" => {
                tokio::task::yield_now().await;
                panic!("asked for");
            }
            "busy" => return Answer::Refused(ResultCode::TOO_BUSY),
            "silent" => return Answer::Silence,
            "cut" => return Answer::Disconnect,
            wait if wait.starts_with("wait") => {
                self.waiting.fetch_add(1, Ordering::SeqCst);
                self.gate.acquire().await.unwrap().forget();
            }
            _ => {}
        }
        Answer::encode(|out| answer(request.header, self.name, &session, out))
    }
}

pub(crate) fn answer(request: Header, host: &str, session: &str, out: &mut Vec<u8>) -> Result<usize, EncodeError> {
    let mut builder = Builder::new(out, request.answer());
    builder.text(&dictionary::SESSION_ID, session).u32(&dictionary::RESULT_CODE, 2001);
    builder.text(&dictionary::ORIGIN_HOST, host).text(&dictionary::ORIGIN_REALM, "lab");
    builder.finish()
}

/// A request with this Session-Id.
pub(crate) fn plr(
    session: &str,
    to: &Destination,
) -> impl Fn(Identifiers, &mut Vec<u8>) -> Result<usize, EncodeError> + Send + Sync {
    let (session, to) = (session.to_owned(), to.clone());
    move |ids, out| {
        let mut builder = Builder::new(out, Header::request(SLG, PLR, ids));
        builder.text(&dictionary::SESSION_ID, &session);
        builder.text(&dictionary::ORIGIN_HOST, "client.lab").text(&dictionary::ORIGIN_REALM, "lab");
        if let Some(host) = to.host() {
            builder.text(&dictionary::DESTINATION_HOST, host);
        }
        builder.text(&dictionary::DESTINATION_REALM, to.realm());
        builder.finish()
    }
}

pub(crate) fn text_of(message: &Message) -> &str {
    message.find(&dictionary::SESSION_ID).unwrap().utf8().unwrap()
}

pub(crate) fn result_of(message: &Message) -> u32 {
    message.find(&dictionary::RESULT_CODE).unwrap().u32().unwrap()
}

/// Asks and gives back the Session-Id of the answer.
pub(crate) async fn ask(node: &Node, session: &str, to: &Destination) -> Result<String, RequestError> {
    let answer = node.request(SLG, to.clone(), plr(session, to), PATIENCE).await?;
    assert_eq!(result_of(&answer), 2001);
    Ok(text_of(&answer).to_owned())
}

/// Waits until something holds, without a fixed pause.
pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("did not come to hold");
}

pub(crate) async fn usable(node: &Node, count: usize) {
    tokio::time::timeout(PATIENCE, node.wait_usable(count)).await.expect("no usable peer");
}

/// A peer under the test's hand.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    buffer: BytesMut,
    pub(crate) host: &'static str,
}

impl Raw {
    pub(crate) fn new(stream: TcpStream, host: &'static str) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: BytesMut::new(), host }
    }

    pub(crate) async fn connect(address: SocketAddr, host: &'static str) -> Self {
        Self::new(TcpStream::connect(address).await.unwrap(), host)
    }

    pub(crate) async fn accept(listener: &TcpListener, host: &'static str) -> Self {
        Self::new(listener.accept().await.unwrap().0, host)
    }

    pub(crate) fn capabilities(&self, application: ApplicationId) -> LocalCapabilities {
        LocalCapabilities {
            host: self.host.to_owned(),
            realm: "lab".to_owned(),
            vendor: VendorId(0),
            product_name: "raw".to_owned(),
            applications: vec![(application, Some(VendorId::TGPP))],
            state_id: 1,
        }
    }

    pub(crate) async fn write(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).await.unwrap();
    }

    pub(crate) async fn send(&mut self, encode: impl FnOnce(&mut Vec<u8>) -> Result<usize, EncodeError>) {
        let mut out = Vec::new();
        encode(&mut out).unwrap();
        self.write(&out).await;
    }

    /// The next message, or nothing when the connection has ended.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(frame) = Framer::default().next_frame(&mut self.buffer).unwrap() {
                return Some(Message::decode(frame).unwrap());
            }
            let read = tokio::time::timeout(Duration::from_secs(600), self.stream.read_buf(&mut self.buffer));
            match read.await.expect("the node went silent") {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next message of this command; watchdogs are answered on the way.
    pub(crate) async fn expect(&mut self, command: CommandCode) -> Message {
        loop {
            let message = self.next().await.expect("the node closed");
            if message.header.command == command {
                return message;
            }
            assert_eq!(message.header.command, CommandCode::DEVICE_WATCHDOG, "{message:?}");
            if message.is_request() {
                self.dwa(message.header).await;
            }
        }
    }

    pub(crate) async fn cer(&mut self) {
        let capabilities = self.capabilities(SLG);
        let ids = Identifiers { hop_by_hop: 1, end_to_end: 1 };
        self.send(|out| capabilities.encode_cer(ids, &[ANY.ip()], out)).await;
    }

    /// Opens as the side that connects.
    pub(crate) async fn open(address: SocketAddr, host: &'static str) -> Self {
        let mut raw = Self::connect(address, host).await;
        raw.cer().await;
        let cea = raw.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
        assert_eq!(result_of(&cea), 2001);
        raw
    }

    /// Opens as the side that is connected to.
    pub(crate) async fn welcome(listener: &TcpListener, host: &'static str) -> Self {
        let mut raw = Self::accept(listener, host).await;
        let cer = raw.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
        let capabilities = raw.capabilities(SLG);
        raw.send(|out| capabilities.encode_cea(cer.header, ResultCode::SUCCESS, &[ANY.ip()], out)).await;
        raw
    }

    pub(crate) async fn dwa(&mut self, request: Header) {
        let host = self.host;
        self.send(|out| {
            DeviceWatchdogAnswer {
                result_code: Some(ResultCode::SUCCESS),
                origin_host: host,
                origin_realm: "lab",
                ..DeviceWatchdogAnswer::default()
            }
            .encode(request, out)
        })
        .await;
    }

    pub(crate) async fn dpa(&mut self, request: Header) {
        let host = self.host;
        self.send(|out| {
            DisconnectPeerAnswer {
                result_code: Some(ResultCode::SUCCESS),
                origin_host: host,
                origin_realm: "lab",
                ..DisconnectPeerAnswer::default()
            }
            .encode(request, out)
        })
        .await;
    }

    pub(crate) async fn answer(&mut self, request: &Message) {
        let host = self.host;
        self.send(|out| answer(request.header, host, text_of(request), out)).await;
    }
}
