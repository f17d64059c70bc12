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
    Event, PeerCapabilities, PeerMachine, PeerTimers, Side, State, Watchdog, WatchdogConfig, WatchdogEvent,
};
use tokio::sync::{mpsc, watch};
use tokio::time::Sleep;

use crate::conn::Conn;
use crate::link::Reply;
use crate::node::{Shared, Stopping};
use crate::peer::Peer;
use crate::{LinkError, Mode, check};

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
    pub(crate) incoming: mpsc::Receiver<Box<Incoming>>,
    pub(crate) stopping: watch::Receiver<Option<Stopping>>,
    pub(crate) dialing: Option<Dialing>,
    /// A connection offered, until the machine accepts or rejects it.
    pub(crate) offered: Option<Box<Incoming>>,
    /// The CER on the responder connection, until its CEA is sent.
    pub(crate) cer: Option<Header>,
    /// What the peer said in the CER of the responder connection.
    pub(crate) said: Option<PeerCapabilities>,
    /// What the peer said in the CEA just taken.
    pub(crate) cea: Option<PeerCapabilities>,
    /// Identifiers of our CER.
    pub(crate) cer_ids: Identifiers,
    /// When to connect again.
    pub(crate) redial: Option<Duration>,
    pub(crate) backoff: Duration,
    /// The peer said that it expects nothing from us: from when on it is connected to when there is something to send.
    pub(crate) declined: Option<Duration>,
    /// The next such pause; doubles while the peer keeps saying so.
    pub(crate) decline_pause: Duration,
    /// The connection ends in good order: by DPR and DPA.
    pub(crate) graceful: bool,
    /// Cause of the DPR to send.
    pub(crate) cause: DisconnectCause,
    /// Why the present connection ends, once known.
    pub(crate) reason: Option<LinkError>,
    pub(crate) random: u32,
    pub(crate) sleep: Pin<Box<Sleep>>,
    /// Identifiers of watchdogs and the like on this connection, apart from those of requests.
    pub(crate) own_ids: u32,
    pub(crate) batch: crate::receive::Batch,
}

/// What woke the task.
enum Wake {
    Read(Side),
    Closed(Side),
    Out,
    Incoming(Box<Incoming>),
    Dialed(Result<Conn, LinkError>),
    Stopping,
    Deadline,
}

impl Driver {
    pub(crate) fn new(shared: Arc<Shared>, peer: Arc<Peer>, incoming: mpsc::Receiver<Box<Incoming>>) -> Self {
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
            declined: None,
            decline_pause: timers.reconnect_min,
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
    pub(crate) async fn run(mut self: Box<Self>) {
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
                    if self.peer.link.take_wanted() {
                        self.redial = self.declined.take().or(self.redial);
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
        // First of all what a peer that never stops sending must not put off.
        let deadline = self.next_deadline();
        if deadline.is_some_and(|deadline| deadline <= self.shared.now()) {
            return Wake::Deadline;
        }
        if self.stopping.has_changed().unwrap_or(false) {
            self.stopping.mark_unchanged();
            return Wake::Stopping;
        }
        self.set_sleep(deadline);
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

    fn offer(&mut self, offered: Box<Incoming>) {
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

    /// The earliest deadline of anything, if there is one.
    fn next_deadline(&self) -> Option<Duration> {
        let requests = self.peer.link.with(|inner| inner.transactions.deadline());
        let watchdog = self.is_open().then(|| self.watchdog.deadline());
        [self.machine.deadline(), watchdog, requests, self.redial].into_iter().flatten().min()
    }

    fn set_sleep(&mut self, deadline: Option<Duration>) {
        // Without a deadline the timer is left to run out far away.
        let next = self.shared.instant(deadline.unwrap_or_else(|| self.shared.now() + Duration::from_secs(86_400)));
        if self.sleep.is_elapsed() || next < self.sleep.deadline() {
            self.sleep.as_mut().reset(next);
        }
    }
}
