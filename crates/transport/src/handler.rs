//! What a node does with the requests of its peers.

use core::future::Future;
use core::net::SocketAddr;
use core::pin::Pin;
use std::sync::Arc;

use diameter::codec::{DecodeError, EncodeError, Message, ResultCode};

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerInfo(Arc<PeerIdentity>);

#[derive(Debug, PartialEq, Eq)]
struct PeerIdentity {
    host: String,
    realm: String,
    address: Option<SocketAddr>,
}

impl PeerInfo {
    pub(crate) fn new(host: &str, realm: &str, address: Option<SocketAddr>) -> Self {
        Self(Arc::new(PeerIdentity { host: host.to_owned(), realm: realm.to_owned(), address }))
    }

    /// Origin-Host of the neighbour on the connection; the origin of the request itself is in its own AVPs.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// Its realm.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.0.realm
    }

    /// Its transport address.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.address
    }
}

/// What goes back to the sender of a request. The node sets both identifiers from the request.
#[derive(Debug)]
pub enum Answer {
    /// One complete encoded answer, see [`Answer::encode`].
    Encoded(Vec<u8>),
    /// A message to send as it is, such as one taken from another node.
    Message(Message),
    /// The node builds the error answer: the request did not decode. Carries Failed-AVP where the error has one.
    Undecodable(DecodeError),
    /// The node builds an answer with this Result-Code and nothing else; the E bit is set for a protocol error.
    Refused(ResultCode),
    /// No answer at all, and no trace of the request: for laboratories that act a silent node.
    Silence,
    /// The connection is closed without an answer: for laboratories that act a node in trouble.
    Disconnect,
}

impl Answer {
    /// Encodes an answer; DIAMETER_UNABLE_TO_COMPLY when it does not encode.
    pub fn encode(encode: impl FnOnce(&mut Vec<u8>) -> Result<usize, EncodeError>) -> Self {
        let mut out = Vec::with_capacity(256);
        match encode(&mut out) {
            Ok(_) => Self::Encoded(out),
            Err(_) => Self::Refused(ResultCode::UNABLE_TO_COMPLY),
        }
    }
}

impl From<Message> for Answer {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

/// Serves the requests of peers.
///
/// Only requests for this node and of an announced application arrive; watchdogs and the like never do. A request runs up to
/// its first wait in the task of its peer and goes on in a task of its own, so a slow one delays nobody; one that computes
/// for long has to move that elsewhere, such as `spawn_blocking`. It runs to its end when its connection is lost
/// meanwhile, and its answer is dropped.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. For an unknown command, [`Answer::Undecodable`] with
    /// [`DecodeError::CommandUnsupported`].
    fn handle(&self, request: Message, from: PeerInfo) -> impl Future<Output = Answer> + Send;
}

impl<H: Handler> Handler for Arc<H> {
    fn handle(&self, request: Message, from: PeerInfo) -> impl Future<Output = Answer> + Send {
        H::handle(self, request, from)
    }
}

/// Supports no command: for nodes that only ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCommands;

impl Handler for NoCommands {
    async fn handle(&self, request: Message, _from: PeerInfo) -> Answer {
        Answer::Undecodable(DecodeError::CommandUnsupported(request.header.command))
    }
}

pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A handler of any type, behind one pointer.
pub(crate) trait AnyHandler: Send + Sync {
    fn serve(self: Arc<Self>, request: Message, from: PeerInfo) -> HandlerFuture;
}

impl<H: Handler> AnyHandler for H {
    fn serve(self: Arc<Self>, request: Message, from: PeerInfo) -> HandlerFuture {
        Box::pin(async move { H::handle(&self, request, from).await })
    }
}
