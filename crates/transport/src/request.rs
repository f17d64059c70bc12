//! One request: the way to a peer, the wait, another peer when that one fails.

use core::time::Duration;
use std::sync::Arc;

use diameter::codec::{ApplicationId, EncodeError, Identifiers, Message};
use diameter::dictionary;
use diameter::peer::{Destination, PeerIndex, asks_for_alternate};
use tokio::sync::oneshot;

use crate::RequestError;
use crate::link::{Link, NotSent, Outgoing, Reply};
use crate::node::Shared;
use crate::peer::Peer;

/// A request as the node sees it.
pub(crate) struct Ask<'a> {
    pub(crate) application: ApplicationId,
    pub(crate) destination: &'a Destination,
    pub(crate) end_to_end: u32,
    /// The peer that it came from, when it is relayed: it does not go back there.
    pub(crate) from: Option<PeerIndex>,
    pub(crate) timeout: Duration,
}

/// How an attempt at one peer ended.
enum Attempt {
    Answered(Message),
    /// It was sent and has to go elsewhere.
    Lost,
    /// It was not sent.
    Unsent(RequestError),
    Failed(RequestError),
}

/// Sends and waits; a protocol error is an error.
pub(crate) async fn request<E>(
    shared: &Arc<Shared>,
    application: ApplicationId,
    destination: &Destination,
    encode: E,
    timeout: Duration,
) -> Result<Message, RequestError>
where
    E: Fn(Identifiers, &mut Vec<u8>) -> Result<usize, EncodeError>,
{
    let end_to_end = shared.end_to_end.next();
    let ask = Ask { application, destination, end_to_end, from: None, timeout };
    let answer = exchange(shared, &ask, encode).await?;
    let result = result_code(&answer);
    // Some nodes set E with an error of the application too: its Experimental-Result says more than "protocol error".
    if answer.header.is_error() && (result.is_some() || answer.find(&dictionary::EXPERIMENTAL_RESULT).is_none()) {
        return Err(RequestError::Protocol { result_code: result.unwrap_or(0) });
    }
    Ok(answer)
}

/// How often a request is put on a connection that is then lost. One that its receiver cannot survive must not bring it
/// down again and again, with the requests of others, for as long as its caller waits.
const MAX_LOST: u32 = 3;

/// Sends and waits; any answer is an answer.
pub(crate) async fn exchange<E>(shared: &Arc<Shared>, ask: &Ask<'_>, encode: E) -> Result<Message, RequestError>
where
    E: Fn(Identifiers, &mut Vec<u8>) -> Result<usize, EncodeError>,
{
    let deadline = shared.now() + ask.timeout;
    let mut outgoing =
        Outgoing { application: ask.application, end_to_end: ask.end_to_end, retransmitted: false, deadline };
    let mut tried: Vec<PeerIndex> = ask.from.into_iter().collect();
    let mut refusal: Option<Message> = None;
    let (mut last, mut lost) = (RequestError::NoPeer, 0);
    loop {
        let Some(peer) = find_peer(shared, ask, &mut tried, deadline, refusal.is_none()).await else {
            return refusal.ok_or(if shared.is_stopping() { RequestError::Shutdown } else { last });
        };
        tried.push(peer.index);
        if refusal.is_some() {
            shared.counters.alternates.one();
        }
        match attempt(shared, &peer, outgoing, ask, &tried, &encode).await {
            // RFC 6733 section 3: no T bit after a protocol error was received.
            Attempt::Answered(answer) if refusal.is_none() && wants_alternate(&answer) => {
                outgoing.retransmitted = false;
                refusal = Some(answer);
            }
            Attempt::Answered(answer) => return Ok(answer),
            Attempt::Lost => {
                last = RequestError::Disconnected;
                outgoing.retransmitted = true;
                lost += 1;
                if lost == MAX_LOST {
                    return refusal.ok_or(last);
                }
            }
            Attempt::Unsent(error) => last = error,
            Attempt::Failed(error) => return refusal.ok_or(error),
        }
    }
}

/// The next peer; when there is none now but the configuration has one, waits for it as long as configured. Peers that were
/// lost may be taken again once the wait has begun.
async fn find_peer(
    shared: &Arc<Shared>,
    ask: &Ask<'_>,
    tried: &mut Vec<PeerIndex>,
    deadline: Duration,
    may_wait: bool,
) -> Option<Arc<Peer>> {
    if shared.is_stopping() && ask.from.is_none() {
        return None;
    }
    if let Some(peer) = shared.route(ask, tried) {
        return Some(peer);
    }
    if !may_wait || !shared.could_route(ask) || shared.is_overloaded(ask) {
        return None;
    }
    let until = deadline.min(shared.now() + shared.config.timers.peer_wait);
    if until <= shared.now() {
        return None;
    }
    tried.retain(|index| Some(*index) == ask.from);
    let found = async {
        loop {
            let changed = shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if shared.is_stopping() {
                return None;
            }
            if let Some(peer) = shared.route(ask, tried) {
                return Some(peer);
            }
            changed.await;
        }
    };
    tokio::time::timeout_at(shared.instant(until), found).await.ok().flatten()
}

async fn attempt<E>(
    shared: &Arc<Shared>,
    peer: &Arc<Peer>,
    outgoing: Outgoing,
    ask: &Ask<'_>,
    tried: &[PeerIndex],
    encode: &E,
) -> Attempt
where
    E: Fn(Identifiers, &mut Vec<u8>) -> Result<usize, EncodeError>,
{
    let (hop_by_hop, mut receiver) = match peer.link.send(outgoing, encode) {
        Ok(sent) => sent,
        Err(NotSent::Malformed) => return Attempt::Failed(RequestError::Malformed),
        Err(reason) => {
            if reason == NotSent::Overloaded {
                shared.counters.overloads.one();
            }
            return Attempt::Unsent(reason.into());
        }
    };
    shared.counters.requests_sent.one();
    if outgoing.retransmitted {
        shared.counters.retransmissions.one();
    }
    let mut waiting = Waiting { link: &peer.link, hop_by_hop, ended: false };
    loop {
        match receive(&mut receiver).await {
            Reply::Suspect if shared.route(ask, tried).is_none() => match peer.link.wait_again(hop_by_hop) {
                Some(again) => receiver = again,
                None => return Attempt::Lost,
            },
            Reply::Suspect => return Attempt::Lost,
            ended => {
                waiting.ended = true;
                return match ended {
                    Reply::Answer(answer) => Attempt::Answered(answer),
                    Reply::BadAnswer => Attempt::Failed(RequestError::BadAnswer),
                    Reply::TimedOut => Attempt::Failed(RequestError::TimedOut),
                    Reply::Lost | Reply::Suspect => Attempt::Lost,
                };
            }
        }
    }
}

/// A reply channel that closes without a reply belongs to a connection that is gone.
async fn receive(receiver: &mut oneshot::Receiver<Reply>) -> Reply {
    receiver.await.unwrap_or(Reply::Lost)
}

/// Forgets the request when its caller stops waiting.
struct Waiting<'a> {
    link: &'a Link,
    hop_by_hop: u32,
    ended: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.link.forget(self.hop_by_hop);
        }
    }
}

/// Result-Code of an answer.
fn result_code(answer: &Message) -> Option<u32> {
    answer.find(&dictionary::RESULT_CODE)?.u32().ok()
}

fn wants_alternate(answer: &Message) -> bool {
    answer.header.is_error() && result_code(answer).is_some_and(asks_for_alternate)
}

impl Shared {
    /// The next hop among the peers that are usable now.
    fn route(&self, ask: &Ask<'_>, tried: &[PeerIndex]) -> Option<Arc<Peer>> {
        self.select(ask, tried, |peer| peer.load(ask.application))
    }

    /// Whether some peer, connected or not, leads there; those that do are told that they are wanted.
    fn could_route(&self, ask: &Ask<'_>) -> bool {
        let wanted = |peer: &Peer| {
            peer.link.want();
            Some(0)
        };
        self.select(ask, &[], wanted).is_some()
    }

    /// Whether peers are usable and it is their load that stands in the way.
    fn is_overloaded(&self, ask: &Ask<'_>) -> bool {
        self.route(ask, ask.from.as_slice()).is_some_and(|peer| peer.link.is_full())
    }

    fn select(&self, ask: &Ask<'_>, tried: &[PeerIndex], load: impl Fn(&Peer) -> Option<usize>) -> Option<Arc<Peer>> {
        let table = self.table.read();
        let index =
            table.routing.select(ask.destination, tried, |index| table.peer(index).and_then(|peer| load(peer)))?;
        table.peer(index).cloned()
    }
}
