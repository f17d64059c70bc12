//! The tap in front of a node's port: passes octets both ways, and spoils those that a fault is to spoil.
//!
//! ```text
//!   gateway <--- TCP or TLS ---> tap <--- TCP, loopback ---> node (transport::Node, transport::sigtran::SigtranNode)
//! ```
//!
//! The node behind it stays a proper Diameter or M3UA node, so faults need no second stack and no test switch in the first one.
//! A Diameter node's handler marks the answer to a request by its Session-Id, one of M3UA by the node's name; the tap finds the
//! mark when the answer passes, or the next message of the node that carries data.

mod m3ua;
mod octets;

use crate::fault::{Fault, Faults};
use bytes::{Buf, BytesMut};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Octets read at once.
const CHUNK: usize = 64 * 1024;
/// What goes out instead of a message: well-formed in another protocol.
const GARBAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// Marks on answers that are still to pass, by Session-Id.
#[derive(Debug, Default)]
pub struct Marks {
    pending: Mutex<HashMap<Vec<u8>, Vec<Fault>>>,
    count: AtomicUsize,
}

impl Marks {
    /// Marks the answer of a session, or the next data of a node of M3UA, with those of `faults` that are done on the wire.
    pub fn mark(&self, session_id: &[u8], faults: &[Fault]) {
        self.mark_those(session_id, faults.iter().copied().filter(|fault| fault.on_the_wire()).collect());
    }

    /// The same with `also`, if it is one of the faults: for a node that cannot do it itself.
    pub fn mark_with(&self, session_id: &[u8], faults: &[Fault], also: Fault) {
        let wire = faults.iter().copied().filter(|fault| fault.on_the_wire() || *fault == also);
        self.mark_those(session_id, wire.collect());
    }

    fn mark_those(&self, session_id: &[u8], wire: Vec<Fault>) {
        if !wire.is_empty() {
            let mut pending = self.pending.lock();
            pending.insert(session_id.to_vec(), wire);
            self.count.store(pending.len(), Ordering::Release);
        }
    }

    fn take(&self, answer: &[u8], config: &TapConfig) -> Vec<Fault> {
        // Almost always empty, and then nothing is parsed.
        if self.count.load(Ordering::Acquire) == 0 {
            return Vec::new();
        }
        let key = match config.protocol {
            Protocol::Diameter => octets::session_id(answer),
            Protocol::M3ua => Some(config.node.as_bytes()),
        };
        let Some(key) = key else { return Vec::new() };
        let mut pending = self.pending.lock();
        let faults = pending.remove(key).unwrap_or_default();
        self.count.store(pending.len(), Ordering::Release);
        faults
    }
}

/// What passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Diameter (RFC 6733).
    Diameter,
    /// M3UA (RFC 4666) over TCP.
    M3ua,
}

impl Protocol {
    fn message_length(self, buffer: &[u8]) -> Option<usize> {
        match self {
            Self::Diameter => octets::message_length(buffer),
            Self::M3ua => m3ua::message_length(buffer),
        }
    }

    /// Whether a message may be spoiled: a Diameter answer, M3UA's DATA.
    fn may_be_spoiled(self, message: &[u8]) -> bool {
        match self {
            Self::Diameter => octets::is_answer(message),
            Self::M3ua => m3ua::is_data(message),
        }
    }

    fn change_identifiers(self, message: &mut [u8], all: bool) {
        match self {
            Self::Diameter => octets::change_identifiers(message, all),
            Self::M3ua => m3ua::change_transaction(message),
        }
    }
}

/// What a tap needs to know of its node.
#[derive(Clone)]
pub struct TapConfig {
    /// Name of the node, for faults.
    pub node: String,
    /// What it speaks.
    pub protocol: Protocol,
    /// Where the node itself listens.
    pub inner: SocketAddr,
    /// Server side of TLS, if peers must use it.
    pub tls: Option<tokio_rustls::TlsAcceptor>,
    /// The faults of the network.
    pub faults: Arc<Faults>,
    /// Marks that the node's handler makes.
    pub marks: Arc<Marks>,
}

/// A tap that listens. Stops when dropped.
pub struct Tap {
    local: SocketAddr,
    spoiled: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<()>,
}

impl Tap {
    /// Listens at `address` and passes every connection to the node.
    pub async fn start(address: SocketAddr, config: TapConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        let spoiled = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(accept(listener, config, Arc::clone(&spoiled)));
        Ok(Self { local, spoiled, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_address(&self) -> SocketAddr {
        self.local
    }

    /// How many answers were spoiled so far.
    #[must_use]
    pub fn spoiled(&self) -> u64 {
        self.spoiled.load(Ordering::Relaxed)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, config: TapConfig, spoiled: Arc<AtomicU64>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                if config.faults.holds(&config.node, Fault::Gone) {
                    continue;
                }
                connections.spawn(pass(stream, config.clone(), Arc::clone(&spoiled)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Passes one connection until either side ends it, a fault closes it, or the node is gone.
async fn pass(outer: TcpStream, config: TapConfig, spoiled: Arc<AtomicU64>) {
    let Ok(inner) = TcpStream::connect(config.inner).await else { return };
    if outer.set_nodelay(true).and_then(|()| inner.set_nodelay(true)).is_err() {
        return;
    }
    let gone = gone(&config);
    let (from_node, to_node) = inner.into_split();
    let tls = config.tls.clone();
    let passing = async {
        match tls {
            None => {
                let (from_peer, to_peer) = outer.into_split();
                both_ways(from_peer, to_node, from_node, to_peer, &config, &spoiled).await;
            }
            Some(acceptor) => {
                let Ok(stream) = acceptor.accept(outer).await else { return };
                let (from_peer, to_peer) = tokio::io::split(stream);
                both_ways(from_peer, to_node, from_node, to_peer, &config, &spoiled).await;
            }
        }
    };
    tokio::select! {
        () = passing => {}
        () = gone => {}
    }
}

/// Ends when the node is to be gone.
async fn gone(config: &TapConfig) {
    let mut changes = config.faults.changes();
    while !config.faults.holds(&config.node, Fault::Gone) {
        if changes.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

async fn both_ways(
    mut from_peer: impl AsyncRead + Unpin,
    mut to_node: impl AsyncWrite + Unpin,
    from_node: impl AsyncRead + Unpin,
    to_peer: impl AsyncWrite + Unpin,
    config: &TapConfig,
    spoiled: &AtomicU64,
) {
    let inbound = tokio::io::copy(&mut from_peer, &mut to_node);
    tokio::select! {
        _ = inbound => {}
        _ = outbound(from_node, to_peer, config, spoiled) => {}
    }
}

/// What an outgoing message becomes.
enum Outcome {
    Pass,
    Close,
}

async fn outbound(
    mut from_node: impl AsyncRead + Unpin,
    mut to_peer: impl AsyncWrite + Unpin,
    config: &TapConfig,
    spoiled: &AtomicU64,
) -> io::Result<()> {
    let mut buffer = BytesMut::with_capacity(CHUNK);
    let mut out = Vec::with_capacity(CHUNK);
    loop {
        if from_node.read_buf(&mut buffer).await? == 0 {
            return to_peer.shutdown().await;
        }
        out.clear();
        let mut outcome = Outcome::Pass;
        let protocol = config.protocol;
        while let Some(length) = protocol.message_length(&buffer).filter(|length| *length <= buffer.len()) {
            let may = protocol.may_be_spoiled(&buffer[..length]);
            let faults = if may { config.marks.take(&buffer[..length], config) } else { Vec::new() };
            if faults.is_empty() {
                out.extend_from_slice(&buffer[..length]);
            } else {
                spoiled.fetch_add(1, Ordering::Relaxed);
                outcome = spoil(protocol, buffer[..length].to_vec(), &faults, &mut out);
            }
            buffer.advance(length);
            if matches!(outcome, Outcome::Close) {
                break;
            }
        }
        if !config.faults.holds(&config.node, Fault::Mute) {
            to_peer.write_all(&out).await?;
            to_peer.flush().await?;
        }
        if matches!(outcome, Outcome::Close) {
            return to_peer.shutdown().await;
        }
    }
}

/// Appends to `out` what becomes of `answer`.
fn spoil(protocol: Protocol, mut answer: Vec<u8>, faults: &[Fault], out: &mut Vec<u8>) -> Outcome {
    let has = |fault| faults.contains(&fault);
    if has(Fault::Disconnect) {
        return Outcome::Close;
    }
    if protocol == Protocol::Diameter {
        if has(Fault::LowNibbleGad) {
            octets::swap_shape_nibbles(&mut answer);
        }
        if has(Fault::WithoutVendorBit) {
            octets::without_vendor(&mut answer);
        }
    }
    if has(Fault::AnswerToNothing) {
        let mut stray = answer.clone();
        protocol.change_identifiers(&mut stray, true);
        out.extend_from_slice(&stray);
    }
    if has(Fault::WrongHopByHop) {
        protocol.change_identifiers(&mut answer, false);
    }
    if has(Fault::Truncated) {
        out.extend_from_slice(&answer[..answer.len() / 2]);
        return Outcome::Close;
    }
    if has(Fault::Garbage) {
        out.extend_from_slice(GARBAGE);
        return Outcome::Pass;
    }
    out.extend_from_slice(&answer);
    if has(Fault::Duplicate) {
        out.extend_from_slice(&answer);
    }
    Outcome::Pass
}
