//! The task of a peer: turns what happens into events of its machines, and their actions into what happens.
//!
//! One task per peer owns the [`PeerMachine`], the [`Watchdog`] and up to two connections. It sleeps until octets come,
//! a caller has put a request into the [`Link`](crate::link::Link), a connection is offered, or a deadline passes.
//! Every wait is cancel-safe: nothing is taken from a source before its wake-up is returned.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;

use diameter::base::DisconnectCause;
use diameter::codec::{Header, Identifiers};
use diameter::peer::{
    Action, Event, PeerCapabilities, PeerMachine, PeerTimers, Side, State, Watchdog, WatchdogAction, WatchdogConfig,
    WatchdogEvent, WatchdogState,
};
use tokio::sync::{mpsc, watch};
use tokio::time::Sleep;

use crate::conn::Conn;
use crate::link::Reply;
use crate::node::{Shared, Stopping};
use crate::peer::Peer;
use crate::{LinkError, Mode, check, dial};

/// A connection of the peer with its acceptable CER (R-Conn-CER).
pub(crate) struct Incoming {
    pub(crate) conn: Conn,
    pub(crate) cer: Header,
    pub(crate) capabilities: PeerCapabilities,
}

type Dialing = Pin<Box<dyn Future<Output = Result<Conn, LinkError>> + Send>>;

/// The task of a peer.
pub(crate) struct Driver {
    pub(crate) shared: Arc<Shared>,
    pub(crate) peer: Arc<Peer>,
    pub(crate) machine: PeerMachine,
    pub(crate) watchdog: Watchdog,
    pub(crate) initiator: Option<Conn>,
    pub(crate) responder: Option<Conn>,
    incoming: mpsc::Receiver<Incoming>,
    stopping: watch::Receiver<Option<Stopping>>,
    dialing: Option<Dialing>,
    /// A connection offered, until the machine accepts or rejects it.
    offered: Option<Incoming>,
    /// The CER on the responder connection, until its CEA is sent.
    cer: Option<Header>,
    /// What the peer said in the CER of the responder connection.
    said: Option<PeerCapabilities>,
    /// What the peer said in the CEA just taken.
    pub(crate) cea: Option<PeerCapabilities>,
    /// Identifiers of our CER.
    pub(crate) cer_ids: Identifiers,
    /// When to connect again.
    redial: Option<Duration>,
    backoff: Duration,
    /// The connection ends in good order: by DPR and DPA.
    graceful: bool,
    /// Cause of the DPR to send.
    cause: DisconnectCause,
    /// Why the present connection ends, once known.
    pub(crate) reason: Option<LinkError>,
    random: u32,
    sleep: Pin<Box<Sleep>>,
    /// Identifiers of watchdogs and the like on this connection, apart from those of requests.
    own_ids: u32,
    pub(crate) batch: crate::receive::Batch,
}

/// What woke the task.
enum Wake {
    Read(Side),
    Closed(Side),
    Out,
    Incoming(Incoming),
    Dialed(Result<Conn, LinkError>),
    Stopping,
    Deadline,
}

impl Driver {
    pub(crate) fn new(shared: Arc<Shared>, peer: Arc<Peer>, incoming: mpsc::Receiver<Incoming>) -> Self {
        let timers = &shared.config.timers;
        let machine = PeerMachine::new(
            &shared.config.origin_host,
            &peer.config.host,
            // The attempt ends by itself first, so that a connection of the peer's own is not lost with it.
            PeerTimers {
                connect: timers.connect + Duration::from_secs(1),
                capabilities: timers.capabilities,
                closing: timers.closing,
            },
        );
        let watchdog = WatchdogConfig { tw: timers.watchdog, prompt_reopen: timers.prompt_reopen };
        let random = check::random32() | 1;
        Self {
            machine,
            watchdog: Watchdog::new(watchdog, shared.now(), random),
            initiator: None,
            responder: None,
            incoming,
            stopping: shared.stopping.subscribe(),
            dialing: None,
            offered: None,
            cer: None,
            said: None,
            cea: None,
            cer_ids: Identifiers::default(),
            redial: None,
            backoff: timers.reconnect_min,
            graceful: false,
            cause: DisconnectCause::REBOOTING,
            reason: None,
            random,
            sleep: Box::pin(tokio::time::sleep(Duration::ZERO)),
            own_ids: check::random32(),
            batch: crate::receive::Batch::default(),
            shared,
            peer,
        }
    }

    /// Runs until the node stops, or a passing peer is gone.
    pub(crate) async fn run(mut self) {
        if self.peer.config.mode == Mode::Initiate {
            self.event(Event::Start);
        }
        while !self.is_done() {
            match self.wake().await {
                Wake::Read(side) => {
                    if self.receive(side) {
                        // Callers that got an answer run first, so that what they send next goes out in one write.
                        tokio::task::yield_now().await;
                    }
                }
                Wake::Out => {
                    if self.peer.link.is_to_close() {
                        self.close_now();
                    }
                    tokio::task::yield_now().await;
                }
                Wake::Closed(side) => self.closed(side),
                Wake::Incoming(offered) => self.offer(offered),
                Wake::Dialed(result) => self.dialed(result),
                Wake::Stopping => self.stop(),
                Wake::Deadline => self.deadline_passed(),
            }
            if self.shared.is_stopping() {
                self.shared.changed.notify_waiters();
            }
        }
        if self.peer.passing {
            self.shared.remove_peer(self.peer.index);
        }
    }

    fn is_done(&self) -> bool {
        let idle = self.machine.state() == State::Closed;
        let over = matches!(*self.shared.stopping.borrow(), Some(Stopping::Disconnecting(_)));
        idle && (over || (self.peer.passing && self.offered.is_none() && self.reason.is_some()))
    }

    async fn wake(&mut self) -> Wake {
        self.set_sleep();
        let open = self.machine.open_side().or_else(|| self.closing_side());
        let peer = Arc::clone(&self.peer);
        let out = peer.link.wake.notified();
        let mut out = core::pin::pin!(out);
        let mut stopping = self.stopping.clone();
        let mut stop = core::pin::pin!(stopping.changed());
        let wake = core::future::poll_fn(|cx| {
            for side in [Side::Initiator, Side::Responder] {
                if let Poll::Ready(result) = self.poll_conn(side, open, cx) {
                    return Poll::Ready(if result.is_ok() { Wake::Read(side) } else { Wake::Closed(side) });
                }
            }
            if out.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Wake::Out);
            }
            if let Poll::Ready(Some(offered)) = self.incoming.poll_recv(cx) {
                return Poll::Ready(Wake::Incoming(offered));
            }
            if let Some(dialing) = &mut self.dialing
                && let Poll::Ready(result) = dialing.as_mut().poll(cx)
            {
                return Poll::Ready(Wake::Dialed(result));
            }
            if stop.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Wake::Stopping);
            }
            self.sleep.as_mut().poll(cx).map(|()| Wake::Deadline)
        })
        .await;
        match wake {
            Wake::Stopping => self.stopping.mark_unchanged(),
            Wake::Dialed(_) => self.dialing = None,
            _ => {}
        }
        wake
    }

    fn poll_conn(&mut self, side: Side, open: Option<Side>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let Self { shared, peer, initiator, responder, .. } = self;
        let conn = match side {
            Side::Initiator => initiator,
            Side::Responder => responder,
        };
        let Some(conn) = conn else { return Poll::Pending };
        let link = (open == Some(side)).then_some(&peer.link);
        // A peer that does not take its answers gets no more of its requests read.
        let read = conn.unsent() <= shared.config.limits.max_unsent;
        conn.poll(cx, read, link, &shared.counters)
    }

    /// While closing, the one connection that is left.
    fn closing_side(&self) -> Option<Side> {
        let side = if self.initiator.is_some() { Side::Initiator } else { Side::Responder };
        (self.machine.state() == State::Closing).then_some(side)
    }

    pub(crate) fn conn(&mut self, side: Side) -> &mut Option<Conn> {
        match side {
            Side::Initiator => &mut self.initiator,
            Side::Responder => &mut self.responder,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.machine.open_side().is_some()
    }

    /// Any 32 bits for jitter (xorshift).
    pub(crate) fn random(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.random
    }

    /// Identifiers for a message of the node's own. Its answers are known by their command.
    pub(crate) fn next_ids(&mut self) -> Identifiers {
        self.own_ids = self.own_ids.wrapping_add(1);
        Identifiers { hop_by_hop: self.own_ids, end_to_end: self.shared.end_to_end.next() }
    }

    /// Feeds the peer machine and does what it says.
    pub(crate) fn event(&mut self, event: Event) {
        let now = self.shared.now();
        let before = self.machine.state();
        for action in self.machine.handle(event, now) {
            self.act(action);
        }
        let after = self.machine.state();
        if before == after {
            return;
        }
        self.peer.update(|live| live.state = after);
        match (before, after) {
            (_, State::ROpen | State::IOpen) => self.opened(),
            (State::ROpen | State::IOpen, State::Closing) => self.leave_service(),
            (State::ROpen | State::IOpen | State::Closing, State::Closed) => self.ended(),
            (_, State::Closed) => self.not_opened(),
            _ => {}
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::SndConnReq => {
                let dial = dial::dial(Arc::clone(&self.shared), self.peer.config.clone());
                self.dialing = Some(Box::pin(dial));
            }
            Action::Accept => {
                if let Some(Incoming { conn, cer, capabilities }) = self.offered.take() {
                    self.responder = Some(conn);
                    self.cer = Some(cer);
                    self.said = Some(capabilities);
                }
            }
            Action::Reject => {
                if let Some(offered) = self.offered.take() {
                    self.shared.counters.connections_refused.one();
                    self.drop_conn(offered.conn);
                }
            }
            Action::Elect => self.shared.counters.elections.one(),
            Action::SndCer => self.send_cer(),
            Action::SndCea(side) => self.send_cea(side),
            Action::Cleanup => self.dialing = None,
            Action::Error => {
                self.dialing = None;
                self.disconnect(Side::Initiator);
                self.disconnect(Side::Responder);
            }
            Action::Disc(side) => self.disconnect(side),
            Action::SndDpr(side) => self.send_dpr(side, self.cause),
            // Answered where the message is at hand, or nothing to do.
            Action::SndDwa(_)
            | Action::SndDpa(_)
            | Action::SndMessage(_)
            | Action::Process
            | Action::ProcessCer
            | Action::ProcessCea
            | Action::ProcessDwr
            | Action::ProcessDwa => {}
        }
    }

    fn disconnect(&mut self, side: Side) {
        let election = self.machine.open_side().is_some_and(|open| open != side);
        if let Some(conn) = self.conn(side).take() {
            if election {
                self.shared.counters.election_closes.one();
            }
            self.drop_conn(conn);
        }
    }

    fn drop_conn(&self, conn: Conn) {
        if conn.unsent() > 0 {
            self.shared.spawn(conn.finish(self.shared.config.timers.closing));
        }
    }

    fn send_cer(&mut self) {
        self.cer_ids = self.next_ids();
        let ids = self.cer_ids;
        if let Some(conn) = &mut self.initiator {
            let addresses = self.shared.addresses(conn);
            if let Err(error) = self.shared.local.encode_cer(ids, &addresses, &mut conn.queue) {
                tracing::warn!(%error, "cannot encode a CER");
            }
        }
    }

    fn send_cea(&mut self, side: Side) {
        let Some(cer) = self.cer.take() else { return };
        let shared = Arc::clone(&self.shared);
        if let Some(conn) = self.conn(side) {
            let addresses = shared.addresses(conn);
            let success = diameter::codec::ResultCode::SUCCESS;
            if let Err(error) = shared.local.encode_cea(cer, success, &addresses, &mut conn.queue) {
                tracing::warn!(%error, "cannot encode a CEA");
            }
        }
    }

    /// Takes a CER that came on an open connection: its applications count from now on.
    pub(crate) fn renew(&mut self, cer: Header, capabilities: PeerCapabilities, side: Side) {
        self.cer = Some(cer);
        if let Some(address) = self.conn(side).as_ref().map(|conn| conn.remote) {
            self.peer.learn(capabilities, address);
        }
        self.event(Event::Cer(side));
    }

    fn opened(&mut self) {
        let Some(side) = self.machine.open_side() else { return };
        let capabilities = match side {
            Side::Initiator => self.cea.take(),
            Side::Responder => self.said.take(),
        };
        (self.cea, self.said, self.cer, self.dialing, self.redial) = (None, None, None, None, None);
        let address = self.conn(side).as_ref().map(|conn| conn.remote);
        if let (Some(capabilities), Some(address)) = (capabilities, address) {
            self.peer.learn(capabilities, address);
        }
        self.graceful = false;
        self.reason = None;
        self.backoff = self.shared.config.timers.reconnect_min;
        self.peer.link.open();
        self.shared.counters.connections_opened.one();
        tracing::info!(peer = %self.peer.config.host, ?side, "peer open");
        self.watch(WatchdogEvent::ConnectionUp);
        self.set_usable();
    }

    /// The connection carries no requests of ours any more; answers may still come.
    fn leave_service(&mut self) {
        self.graceful = true;
        self.peer.link.set_usable(false);
        self.shared.changed.notify_waiters();
    }

    fn ended(&mut self) {
        self.tell();
        for reply in self.peer.link.close() {
            // A caller that no longer waits needs no reply.
            reply.send(Reply::Lost).ok();
        }
        self.shared.counters.connections_closed.one();
        let reason = self.reason.get_or_insert(LinkError::Closed);
        tracing::info!(peer = %self.peer.config.host, %reason, "peer closed");
        if self.graceful {
            let random = self.random();
            self.watchdog.reset(self.shared.now(), random);
            self.peer.update(|live| live.watchdog = WatchdogState::Initial);
        } else {
            self.watch(WatchdogEvent::ConnectionDown);
        }
        self.not_opened();
        self.shared.changed.notify_waiters();
    }

    /// Plans the next attempt, unless the peer does not want one (RFC 6733 section 5.4.3).
    fn not_opened(&mut self) {
        let reason = *self.reason.get_or_insert(LinkError::HandshakeTimeout);
        self.peer.update(|live| {
            live.last_error = Some(reason);
            live.address = None;
        });
        (self.cea, self.said, self.cer) = (None, None, None);
        if self.peer.config.mode != Mode::Initiate || self.shared.is_stopping() {
            return;
        }
        let longest = self.shared.config.timers.reconnect_max;
        let pause = match reason {
            LinkError::Disconnected(cause) if cause == DisconnectCause::DO_NOT_WANT_TO_TALK_TO_YOU.0 => return,
            LinkError::Disconnected(cause) if cause == DisconnectCause::BUSY.0 => longest,
            _ => self.backoff,
        };
        let jitter = pause.mul_f64(f64::from(self.random() % 256) / 1024.0);
        self.redial = Some(self.shared.now() + pause + jitter);
        self.backoff = (self.backoff * 2).min(longest);
    }

    fn offer(&mut self, offered: Incoming) {
        if self.shared.is_stopping() {
            return;
        }
        self.offered = Some(offered);
        self.event(Event::ConnCer);
        self.offered = None;
        self.receive_carried();
    }

    fn dialed(&mut self, result: Result<Conn, LinkError>) {
        match result {
            Ok(conn) => {
                self.initiator = Some(conn);
                self.event(Event::ConnAck);
            }
            Err(reason) => {
                self.shared.counters.connect_failures.one();
                tracing::debug!(peer = %self.peer.config.host, %reason, "cannot connect");
                self.reason = Some(reason);
                self.event(Event::ConnNack);
            }
        }
        self.receive_carried();
    }

    fn closed(&mut self, side: Side) {
        if self.reason.is_none() && self.machine.open_side() == Some(side) {
            self.reason = Some(LinkError::Closed);
        }
        if self.machine.state() == State::WaitICea {
            self.reason = Some(LinkError::Handshake);
        }
        // What was still to be written has no reader.
        *self.conn(side) = None;
        self.event(Event::PeerDisc(side));
        self.receive_carried();
    }

    /// Closes the open connection without a word.
    pub(crate) fn close_now(&mut self) {
        if let Some(side) = self.machine.open_side() {
            *self.conn(side) = None;
            self.event(Event::PeerDisc(side));
        }
    }

    fn stop(&mut self) {
        let stopping = *self.shared.stopping.borrow();
        self.redial = None;
        if let Some(Stopping::Disconnecting(cause)) = stopping {
            self.cause = cause;
            if self.is_open() {
                self.reason = Some(LinkError::Local);
            }
            self.event(Event::Stop);
        }
    }

    fn deadline_passed(&mut self) {
        let now = self.shared.now();
        if self.redial.is_some_and(|at| at <= now) {
            self.redial = None;
            self.reason = None;
            self.event(Event::Start);
        }
        if self.machine.deadline().is_some_and(|at| at <= now) {
            if self.machine.state() != State::Closing {
                self.reason = Some(LinkError::HandshakeTimeout);
            }
            self.event(Event::Timeout);
        }
        if self.is_open() && self.watchdog.deadline() <= now {
            self.watch(WatchdogEvent::TimerExpires);
        }
        self.expire(now);
        self.rest();
    }

    fn expire(&mut self, now: Duration) {
        let expired: Vec<_> =
            self.peer.link.with(|inner| core::iter::from_fn(|| inner.transactions.expire(now)).collect());
        self.shared.counters.timeouts.add(expired.len() as u64);
        for reply in expired.into_iter().flatten() {
            // A caller that no longer waits needs no reply.
            reply.send(Reply::TimedOut).ok();
        }
    }

    /// An idle connection holds no buffers.
    fn rest(&mut self) {
        if self.peer.is_busy() {
            return;
        }
        for conn in [&mut self.initiator, &mut self.responder].into_iter().flatten() {
            conn.rest();
        }
    }

    /// Feeds the watchdog and does what it says.
    pub(crate) fn watch(&mut self, event: WatchdogEvent) {
        let random = self.random();
        let before = self.watchdog.state();
        for action in self.watchdog.handle(event, self.shared.now(), random) {
            match action {
                WatchdogAction::SendWatchdog => self.send_dwr(),
                WatchdogAction::Failover if self.is_open() => self.fail_over(),
                WatchdogAction::CloseConnection if self.is_open() => {
                    self.reason = Some(LinkError::Watchdog);
                    self.close_now();
                }
                // Attempts follow the backoff; failback is the watchdog's state; thrown away is what only it does not count.
                WatchdogAction::Failover
                | WatchdogAction::CloseConnection
                | WatchdogAction::Failback
                | WatchdogAction::AttemptOpen
                | WatchdogAction::Throwaway => {}
            }
        }
        let after = self.watchdog.state();
        if before != after {
            self.peer.update(|live| live.watchdog = after);
            self.set_usable();
        }
    }

    fn set_usable(&self) {
        let usable = self.is_open() && self.watchdog.is_usable();
        if self.peer.link.is_usable() != usable {
            self.peer.link.set_usable(usable);
            self.shared.changed.notify_waiters();
        }
    }

    /// RFC 6733 section 5.5.4: what is under way is offered to other peers; it stays here when there is none.
    fn fail_over(&mut self) {
        self.peer.link.set_usable(false);
        self.shared.counters.failovers.one();
        tracing::warn!(peer = %self.peer.config.host, "peer suspect");
        let waiting: Vec<_> =
            self.peer.link.with(|inner| inner.transactions.iter_mut().filter_map(|(_, reply)| reply.take()).collect());
        for reply in waiting {
            // A caller that no longer waits needs no reply.
            reply.send(Reply::Suspect).ok();
        }
    }

    fn set_sleep(&mut self) {
        let requests = self.peer.link.with(|inner| inner.transactions.deadline());
        let watchdog = self.is_open().then(|| self.watchdog.deadline());
        let next = [self.machine.deadline(), watchdog, requests, self.redial].into_iter().flatten().min();
        // Without a deadline the timer is left to run out far away.
        let next = self.shared.instant(next.unwrap_or_else(|| self.shared.now() + Duration::from_secs(86_400)));
        if self.sleep.is_elapsed() || next < self.sleep.deadline() {
            self.sleep.as_mut().reset(next);
        }
    }
}
