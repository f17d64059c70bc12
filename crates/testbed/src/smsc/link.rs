//! One SMPP connection: requests with their answers, by number.

use bytes::BytesMut;
use parking_lot::Mutex;
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::{Command, CommandId, CommandStatus, Pdu};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot};
use tokio_util::codec::{Decoder, Encoder};
use tokio_util::sync::CancellationToken;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why something over SMPP failed.
#[derive(Debug, thiserror::Error)]
pub enum SmppError {
    /// The connection could not be made, or broke.
    #[error("SMPP: {0}")]
    Io(#[from] std::io::Error),
    /// The peer closed, or did not answer in time.
    #[error("SMPP: the peer gives no answer")]
    Silent,
    /// The peer refused.
    #[error("SMPP: refused with {0:?}")]
    Refused(CommandStatus),
    /// Nobody is bound to take it.
    #[error("SMPP: nobody is bound for that")]
    NobodyBound,
    /// No message of that name waits for its receipt.
    #[error("SMPP: no message of that name waits for its receipt")]
    NoSuchMessage,
    /// A value does not fit its field.
    #[error("SMPP: {0} does not fit its field")]
    TooLong(&'static str),
}

/// The sending side. Clones are the same connection.
#[derive(Clone)]
pub(super) struct Link {
    queue: mpsc::UnboundedSender<Command>,
    waiting: Arc<Mutex<Waiting>>,
    cut: CancellationToken,
}

#[derive(Default)]
struct Waiting {
    number: u32,
    answers: HashMap<u32, oneshot::Sender<Command>>,
    /// The connection is gone.
    closed: bool,
}

/// Requests of the peer, in order; none once the connection is gone.
pub(super) type Requests = mpsc::UnboundedReceiver<Command>;

impl Link {
    /// Runs a connection. Links are answered for; all other requests are the caller's.
    pub(super) fn start(stream: TcpStream) -> (Self, Requests) {
        let (reader, writer) = stream.into_split();
        let (queue, commands) = mpsc::unbounded_channel();
        let (requests, taken) = mpsc::unbounded_channel();
        let link = Self { queue, waiting: Arc::default(), cut: CancellationToken::new() };
        tokio::spawn(link.cut.clone().run_until_cancelled_owned(write(writer, commands)));
        tokio::spawn(read(reader, link.clone(), requests));
        (link, taken)
    }

    /// Whether both are the same connection.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.waiting, &other.waiting)
    }

    /// Breaks the connection without a word.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// None comes.
    pub(super) async fn ask(&self, pdu: impl Into<Pdu>) -> Result<Command, SmppError> {
        let (answer, answered) = oneshot::channel();
        let number = {
            let mut waiting = self.waiting.lock();
            if waiting.closed {
                return Err(SmppError::Silent);
            }
            waiting.number += 1;
            let number = waiting.number;
            waiting.answers.insert(number, answer);
            number
        };
        self.send(Command::new(CommandStatus::EsmeRok, number, pdu));
        let answered = tokio::time::timeout(PATIENCE, answered).await;
        self.waiting.lock().answers.remove(&number);
        answered.ok().and_then(Result::ok).ok_or(SmppError::Silent)
    }

    /// Sends what has no answer, under a number of its own.
    pub(super) fn tell(&self, pdu: impl Into<Pdu>) {
        let number = {
            let mut waiting = self.waiting.lock();
            waiting.number += 1;
            waiting.number
        };
        self.send(Command::new(CommandStatus::EsmeRok, number, pdu));
    }

    /// Sends an answer, or anything else whose number is chosen. What a broken connection does not take is lost.
    pub(super) fn send(&self, command: Command) {
        self.queue.send(command).ok();
    }
}

async fn write(mut writer: OwnedWriteHalf, mut commands: mpsc::UnboundedReceiver<Command>) {
    let mut codec = CommandCodec::new();
    let mut octets = BytesMut::new();
    while let Some(command) = commands.recv().await {
        let unbound = command.id() == CommandId::UnbindResp;
        if codec.encode(command, &mut octets).is_err() || writer.write_all(&octets.split()).await.is_err() || unbound {
            break;
        }
    }
    writer.shutdown().await.ok();
}

async fn read(mut reader: OwnedReadHalf, link: Link, requests: mpsc::UnboundedSender<Command>) {
    let mut codec = CommandCodec::new();
    let mut octets = BytesMut::new();
    loop {
        match codec.decode(&mut octets) {
            Ok(Some(command)) => {
                if !take(command, &link, &requests) {
                    break;
                }
            }
            Ok(None) => match link.cut.run_until_cancelled(reader.read_buf(&mut octets)).await {
                Some(Ok(1..)) => {}
                Some(Ok(0) | Err(_)) | None => break,
            },
            Err(error) => {
                tracing::warn!(%error, "SMPP: what came is no command");
                break;
            }
        }
    }
    // Whoever waits for an answer waits in vain.
    let mut waiting = link.waiting.lock();
    waiting.closed = true;
    waiting.answers.clear();
}

/// Takes a command; whether to go on.
fn take(command: Command, link: &Link, requests: &mpsc::UnboundedSender<Command>) -> bool {
    let number = command.sequence_number();
    match command.id() {
        CommandId::EnquireLink => {
            link.send(Command::new(CommandStatus::EsmeRok, number, Pdu::EnquireLinkResp));
            true
        }
        CommandId::Unbind => {
            link.send(Command::new(CommandStatus::EsmeRok, number, Pdu::UnbindResp));
            false
        }
        id if u32::from(id) & 0x8000_0000 != 0 => {
            if let Some(answer) = link.waiting.lock().answers.remove(&number) {
                // Whoever asked may have gone.
                answer.send(command).ok();
            }
            true
        }
        _ => requests.send(command).is_ok(),
    }
}
