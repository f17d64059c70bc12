//! The peer state machine (RFC 6733 section 5.6).
//!
//! ```text
//!            Start                I-Rcv-Conn-Ack           I-Rcv-CEA
//!   Closed ---------> Wait-Conn-Ack ---------> Wait-I-CEA ---------> I-Open --+
//!     |                    | R-Conn-CER             | R-Conn-CER              | Stop, DPR
//!     | R-Conn-CER         v                        v                         v
//!     |            Wait-Conn-Ack/Elect -------> Wait-Returns               Closing --> Closed
//!     |                    | Nack                   | election won            ^
//!     +--------------------+------------------------+-----------> R-Open -----+
//! ```
//!
//! One machine per peer. It may own two connections for a moment, one that we began ([`Side::Initiator`]) and one that
//! the peer began ([`Side::Responder`]); the election leaves one. The machine says what to do, its driver does it.

use core::time::Duration;

#[cfg(test)]
mod tests;

/// State of a peer (RFC 6733 section 5.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// No connection.
    Closed,
    /// A connection attempt of ours is under way.
    WaitConnAck,
    /// Our CER is sent, the answer has not come.
    WaitICea,
    /// Our attempt is under way and the peer's own connection already brought a CER.
    WaitConnAckElect,
    /// Both connections exist, our CER is sent; the election was lost or has not been decided by the peer.
    WaitReturns,
    /// Open on the connection that the peer began.
    ROpen,
    /// Open on the connection that we began.
    IOpen,
    /// A DPR was sent or answered; the connection is about to end.
    Closing,
}

/// Which of the two possible connections to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The connection that we began (`I-` in RFC 6733 section 5.6).
    Initiator,
    /// The connection that the peer began (`R-`).
    Responder,
}

/// What happened (RFC 6733 section 5.6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Event {
    /// A connection to this peer is wanted.
    Start,
    /// A connection of the peer brought an acceptable CER (R-Conn-CER).
    ConnCer,
    /// Our connection stands (I-Rcv-Conn-Ack).
    ConnAck,
    /// Our connection could not be made (I-Rcv-Conn-Nack).
    ConnNack,
    /// The deadline of the present state passed.
    Timeout,
    /// A CEA with success came on our connection (I-Rcv-CEA).
    Cea,
    /// Anything but an acceptable CEA came on our connection (I-Rcv-Non-CEA).
    NonCea,
    /// A connection was closed by the peer or broke (I-Peer-Disc, R-Peer-Disc).
    PeerDisc(Side),
    /// The election was won (RFC 6733 section 5.6.4); raised by the machine itself.
    WinElection,
    /// The node has something to send.
    SendMessage,
    /// A message other than those named below came.
    Message(Side),
    /// A CER came on a connection that is already past the capabilities exchange.
    Cer(Side),
    /// A Device-Watchdog-Request came.
    Dwr(Side),
    /// A Device-Watchdog-Answer came.
    Dwa(Side),
    /// The peer is no longer wanted.
    Stop,
    /// A Disconnect-Peer-Request came.
    Dpr(Side),
    /// A Disconnect-Peer-Answer came.
    Dpa(Side),
}

/// What the driver has to do (RFC 6733 section 5.6.3), in the order given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Begin a connection (I-Snd-Conn-Req).
    SndConnReq,
    /// Take the connection that brought the CER as the responder connection (R-Accept).
    Accept,
    /// Close the connection that brought the CER, keeping the one that exists (R-Reject).
    Reject,
    /// Take over what the CER said.
    ProcessCer,
    /// Take over what the CEA said.
    ProcessCea,
    /// Compare the identities; done by the machine, told for the log.
    Elect,
    /// Send our CER (I-Snd-CER).
    SndCer,
    /// Send the CEA on this side.
    SndCea(Side),
    /// Forget the failed attempt.
    Cleanup,
    /// Close every connection to this peer because of an error.
    Error,
    /// Close this side.
    Disc(Side),
    /// Send the message on this side.
    SndMessage(Side),
    /// Hand the message on.
    Process,
    /// Note the DWR.
    ProcessDwr,
    /// Note the DWA.
    ProcessDwa,
    /// Answer the DWR on this side.
    SndDwa(Side),
    /// Send a DPR on this side.
    SndDpr(Side),
    /// Answer the DPR on this side.
    SndDpa(Side),
}

/// How long the machine waits in the states that end by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerTimers {
    /// For the transport connection.
    pub connect: Duration,
    /// For the CEA after our CER, and for the peer's decision in an election.
    pub capabilities: Duration,
    /// For the DPA after our DPR, and for the peer's close after our DPA.
    pub closing: Duration,
}

impl Default for PeerTimers {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), capabilities: Duration::from_secs(10), closing: Duration::from_secs(5) }
    }
}

/// The row of the table for `state` and `event`, or nothing when the event means nothing there and is ignored.
///
/// Rows beyond RFC 6733 section 5.6, each equivalent on the wire to what its section 5 asks:
/// a stop or a fault before the peer is open closes what exists; a message on the responder connection before its CEA
/// closes that connection; anything but a CEA while returns are awaited counts as the end of our connection; a CER on an
/// open connection is answered; answers, watchdogs and a crossing DPR are still served while closing.
#[must_use]
pub const fn transition(state: State, event: Event) -> Option<(&'static [Action], State)> {
    match state {
        State::Closed => closed(event),
        State::WaitConnAck => wait_conn_ack(event),
        State::WaitICea => wait_i_cea(event),
        State::WaitConnAckElect => wait_conn_ack_elect(event),
        State::WaitReturns => wait_returns(event),
        State::ROpen => r_open(event),
        State::IOpen => i_open(event),
        State::Closing => closing(event),
    }
}

const fn closed(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::Start => Some((&[Action::SndConnReq], State::WaitConnAck)),
        Event::ConnCer => Some((&[Action::Accept, Action::ProcessCer, Action::SndCea(Side::Responder)], State::ROpen)),
        _ => None,
    }
}

const fn wait_conn_ack(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::ConnAck => Some((&[Action::SndCer], State::WaitICea)),
        Event::ConnNack => Some((&[Action::Cleanup], State::Closed)),
        Event::ConnCer => Some((&[Action::Accept, Action::ProcessCer], State::WaitConnAckElect)),
        Event::Timeout | Event::Stop => Some((&[Action::Error], State::Closed)),
        _ => None,
    }
}

const fn wait_i_cea(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::Cea => Some((&[Action::ProcessCea], State::IOpen)),
        Event::ConnCer => Some((&[Action::Accept, Action::ProcessCer, Action::Elect], State::WaitReturns)),
        Event::PeerDisc(Side::Initiator) => Some((&[Action::Disc(Side::Initiator)], State::Closed)),
        Event::NonCea | Event::Timeout | Event::Stop => Some((&[Action::Error], State::Closed)),
        _ => None,
    }
}

const fn wait_conn_ack_elect(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::ConnAck => Some((&[Action::SndCer, Action::Elect], State::WaitReturns)),
        Event::ConnNack => Some((&[Action::SndCea(Side::Responder)], State::ROpen)),
        Event::PeerDisc(Side::Responder)
        | Event::Message(Side::Responder)
        | Event::Cer(Side::Responder)
        | Event::Dwr(Side::Responder)
        | Event::Dwa(Side::Responder)
        | Event::Dpr(Side::Responder)
        | Event::Dpa(Side::Responder) => Some((&[Action::Disc(Side::Responder)], State::WaitConnAck)),
        Event::ConnCer => Some((&[Action::Reject], State::WaitConnAckElect)),
        Event::Timeout | Event::Stop => Some((&[Action::Error], State::Closed)),
        _ => None,
    }
}

const fn wait_returns(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::WinElection | Event::PeerDisc(Side::Initiator) | Event::NonCea => {
            Some((&[Action::Disc(Side::Initiator), Action::SndCea(Side::Responder)], State::ROpen))
        }
        Event::Cea => Some((&[Action::Disc(Side::Responder), Action::ProcessCea], State::IOpen)),
        Event::PeerDisc(Side::Responder)
        | Event::Message(Side::Responder)
        | Event::Cer(Side::Responder)
        | Event::Dwr(Side::Responder)
        | Event::Dwa(Side::Responder)
        | Event::Dpr(Side::Responder)
        | Event::Dpa(Side::Responder) => Some((&[Action::Disc(Side::Responder)], State::WaitICea)),
        Event::ConnCer => Some((&[Action::Reject], State::WaitReturns)),
        Event::Timeout | Event::Stop => Some((&[Action::Error], State::Closed)),
        _ => None,
    }
}

const fn r_open(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::SendMessage => Some((&[Action::SndMessage(Side::Responder)], State::ROpen)),
        Event::Message(Side::Responder) => Some((&[Action::Process], State::ROpen)),
        Event::Cer(Side::Responder) => Some((&[Action::ProcessCer, Action::SndCea(Side::Responder)], State::ROpen)),
        Event::Dwr(Side::Responder) => Some((&[Action::ProcessDwr, Action::SndDwa(Side::Responder)], State::ROpen)),
        Event::Dwa(Side::Responder) => Some((&[Action::ProcessDwa], State::ROpen)),
        Event::ConnCer => Some((&[Action::Reject], State::ROpen)),
        Event::Stop => Some((&[Action::SndDpr(Side::Responder)], State::Closing)),
        Event::Dpr(Side::Responder) => Some((&[Action::SndDpa(Side::Responder)], State::Closing)),
        Event::PeerDisc(Side::Responder) => Some((&[Action::Disc(Side::Responder)], State::Closed)),
        _ => None,
    }
}

const fn i_open(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::SendMessage => Some((&[Action::SndMessage(Side::Initiator)], State::IOpen)),
        Event::Message(Side::Initiator) => Some((&[Action::Process], State::IOpen)),
        Event::Cer(Side::Initiator) => Some((&[Action::ProcessCer, Action::SndCea(Side::Initiator)], State::IOpen)),
        Event::Dwr(Side::Initiator) => Some((&[Action::ProcessDwr, Action::SndDwa(Side::Initiator)], State::IOpen)),
        Event::Dwa(Side::Initiator) => Some((&[Action::ProcessDwa], State::IOpen)),
        Event::ConnCer => Some((&[Action::Reject], State::IOpen)),
        Event::Stop => Some((&[Action::SndDpr(Side::Initiator)], State::Closing)),
        Event::Dpr(Side::Initiator) => Some((&[Action::SndDpa(Side::Initiator)], State::Closing)),
        Event::PeerDisc(Side::Initiator) => Some((&[Action::Disc(Side::Initiator)], State::Closed)),
        _ => None,
    }
}

const fn closing(event: Event) -> Option<(&'static [Action], State)> {
    match event {
        Event::Dpa(Side::Initiator) | Event::PeerDisc(Side::Initiator) => {
            Some((&[Action::Disc(Side::Initiator)], State::Closed))
        }
        Event::Dpa(Side::Responder) | Event::PeerDisc(Side::Responder) => {
            Some((&[Action::Disc(Side::Responder)], State::Closed))
        }
        Event::Timeout => Some((&[Action::Error], State::Closed)),
        Event::ConnCer => Some((&[Action::Reject], State::Closing)),
        Event::Message(_) => Some((&[Action::Process], State::Closing)),
        Event::Dwr(Side::Initiator) => Some((&[Action::ProcessDwr, Action::SndDwa(Side::Initiator)], State::Closing)),
        Event::Dwr(Side::Responder) => Some((&[Action::ProcessDwr, Action::SndDwa(Side::Responder)], State::Closing)),
        Event::Dpr(Side::Initiator) => Some((&[Action::SndDpa(Side::Initiator)], State::Closing)),
        Event::Dpr(Side::Responder) => Some((&[Action::SndDpa(Side::Responder)], State::Closing)),
        _ => None,
    }
}

/// Whether the local node wins the election: its Origin-Host succeeds the peer's, octet by octet, letters without regard
/// to case (RFC 6733 section 5.6.4).
#[must_use]
pub fn wins_election(local_host: &str, peer_host: &str) -> bool {
    let fold = |host: &str| host.bytes().map(|octet| octet.to_ascii_uppercase()).collect::<Vec<_>>();
    fold(local_host) > fold(peer_host)
}

/// The machine of one peer: state, election, deadline.
#[derive(Debug, Clone)]
pub struct PeerMachine {
    state: State,
    wins: bool,
    timers: PeerTimers,
    deadline: Option<Duration>,
}

impl PeerMachine {
    /// A closed peer. Identities are compared once, here.
    #[must_use]
    pub fn new(local_host: &str, peer_host: &str, timers: PeerTimers) -> Self {
        Self { state: State::Closed, wins: wins_election(local_host, peer_host), timers, deadline: None }
    }

    /// The present state.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// The side that carries messages, when the peer is open.
    #[must_use]
    pub const fn open_side(&self) -> Option<Side> {
        match self.state {
            State::ROpen => Some(Side::Responder),
            State::IOpen => Some(Side::Initiator),
            _ => None,
        }
    }

    /// When [`Event::Timeout`] is due, as a time since the driver's arbitrary start.
    #[must_use]
    pub const fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// Takes an event at `now` and returns what to do, in order. An event that means nothing in this state changes nothing.
    pub fn handle(&mut self, event: Event, now: Duration) -> Vec<Action> {
        if event == Event::Timeout && self.deadline.is_none_or(|deadline| now < deadline) {
            return Vec::new();
        }
        let Some((actions, next)) = transition(self.state, event) else { return Vec::new() };
        let mut todo = actions.to_vec();
        self.enter(next, now);
        if actions.contains(&Action::Elect)
            && self.wins
            && let Some((more, next)) = transition(self.state, Event::WinElection)
        {
            todo.extend_from_slice(more);
            self.enter(next, now);
        }
        todo
    }

    fn enter(&mut self, next: State, now: Duration) {
        if next == self.state {
            return;
        }
        self.deadline = match next {
            State::Closed | State::ROpen | State::IOpen => None,
            State::WaitConnAck | State::WaitConnAckElect => Some(now + self.timers.connect),
            State::WaitICea | State::WaitReturns => Some(now + self.timers.capabilities),
            State::Closing => Some(now + self.timers.closing),
        };
        self.state = next;
    }
}
