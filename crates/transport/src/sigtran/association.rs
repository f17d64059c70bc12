//! An association as callers and its tasks share it: the machine of M3UA and the buffers of its connections, under one lock.

use core::net::SocketAddr;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::sync::Arc;

use parking_lot::Mutex;
use ss7::m3ua::{
    Action, ApplicationServer, Asp, AspConfig, AspEvent, AspTimers, CloseReason, DecodeError, Discard, Link, Message,
    PointCode, SendError, Sgp, SgpConfig, SgpEvent, SgpTimers, Transfer,
};
use tokio::sync::Notify;

use super::alarm::Alarm;
use crate::sigtran::{
    AssociationConfig, AssociationStatus, ConnectionStatus, InvokeError, LinkDown, Role, SigtranConfig,
};

/// Which connection: number of the association, and of the link in it, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) association: usize,
    pub(crate) link: Link,
}

/// An association.
pub(crate) struct Association {
    pub(crate) index: usize,
    pub(crate) config: AssociationConfig,
    inner: Mutex<Inner>,
    /// For the deadline of the machine.
    pub(crate) alarm: Alarm,
    max_unsent: usize,
}

struct Inner {
    machine: Machine,
    lines: Vec<Line>,
    next_link: u32,
    last_error: Option<LinkDown>,
}

enum Machine {
    Asp(Box<Asp>),
    Sgp(Box<Sgp>),
}

/// A connection.
struct Line {
    link: Link,
    remote: SocketAddr,
    active: bool,
    was_active: bool,
    out: Vec<u8>,
    woken: bool,
    close: Option<LinkDown>,
    pipe: Arc<Pipe>,
}

/// What is needed of a connection without the lock.
pub(crate) struct Pipe {
    pub(crate) at: At,
    /// Wakes the task of the connection: there is something to write, or to end.
    pub(crate) wake: Notify,
    handling: AtomicUsize,
    /// Octets in the buffer of the connection.
    unsent: AtomicUsize,
}

/// What happened to an association.
pub(crate) enum Event {
    Lost(Link),
    Received(Link, Result<Message, DecodeError>),
    Timeout,
    /// The node stops: its traffic ends.
    Stop,
}

/// What is left to do after an event, without the lock.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) delivered: Vec<Transfer>,
    /// Connections that carry no traffic any more.
    pub(crate) inactive: Vec<Link>,
    /// Whether traffic began or ended.
    pub(crate) changed: bool,
    pub(crate) malformed: u64,
    pub(crate) discarded: u64,
}

impl Association {
    pub(crate) fn new(config: &SigtranConfig, index: usize, own: &AssociationConfig) -> Self {
        let machine = match own.role {
            Role::Asp => Machine::Asp(Box::new(Asp::new(asp_config(config, own)))),
            Role::Server => Machine::Sgp(Box::new(Sgp::new(sgp_config(config, own)))),
        };
        Self {
            index,
            config: own.clone(),
            inner: Mutex::new(Inner { machine, lines: Vec::new(), next_link: 0, last_error: None }),
            alarm: Alarm::new(),
            max_unsent: config.limits.max_unsent,
        }
    }

    /// A connection stands.
    pub(crate) fn up(&self, remote: SocketAddr, now: Duration) -> (Arc<Pipe>, Effects) {
        let mut inner = self.inner.lock();
        let link = Link(inner.next_link);
        inner.next_link = inner.next_link.wrapping_add(1);
        let at = At { association: self.index, link };
        let pipe =
            Arc::new(Pipe { at, wake: Notify::new(), handling: AtomicUsize::new(0), unsent: AtomicUsize::new(0) });
        let line = Line {
            link,
            remote,
            active: false,
            was_active: false,
            out: Vec::new(),
            woken: false,
            close: None,
            pipe: Arc::clone(&pipe),
        };
        inner.lines.push(line);
        let actions = match &mut inner.machine {
            Machine::Asp(asp) => on(link, asp.handle(AspEvent::AssociationUp, now)),
            Machine::Sgp(sgp) => sgp.handle(SgpEvent::LinkUp(link), now),
        };
        let effects = inner.act(actions);
        self.alarm.note(inner.deadline());
        (pipe, effects)
    }

    /// Feeds the machine and does what it says, as far as this side of the lock can.
    pub(crate) fn handle(&self, event: Event, own: PointCode, now: Duration) -> Effects {
        let mut inner = self.inner.lock();
        let link = inner.lines.last().map_or(Link(0), |line| line.link);
        let actions = match (&mut inner.machine, event) {
            (Machine::Asp(asp), event) => {
                let event = match event {
                    Event::Lost(_) => AspEvent::AssociationLost,
                    Event::Received(_, message) => AspEvent::Received(message),
                    Event::Timeout => AspEvent::Timeout,
                    Event::Stop => AspEvent::Stop,
                };
                on(link, asp.handle(event, now))
            }
            (Machine::Sgp(sgp), event) => {
                let event = match event {
                    Event::Lost(link) => SgpEvent::LinkLost(link),
                    Event::Received(link, message) => SgpEvent::Received(link, message),
                    Event::Timeout => SgpEvent::Timeout,
                    Event::Stop => SgpEvent::Reachable(own, false),
                };
                sgp.handle(event, now)
            }
        };
        let effects = inner.act(actions);
        self.alarm.note(inner.deadline());
        effects
    }

    /// The time of the alarm came.
    pub(crate) fn expire(&self, own: PointCode, now: Duration) -> Effects {
        let effects = self.handle(Event::Timeout, own, now);
        let inner = self.inner.lock();
        self.alarm.set(inner.deadline());
        effects
    }

    /// The connection is gone; what its machine says to it is not written any more. Tells whether it ever was active.
    pub(crate) fn lost(&self, link: Link, reason: LinkDown, own: PointCode, now: Duration) -> (Effects, bool) {
        let mut effects = self.handle(Event::Lost(link), own, now);
        let mut inner = self.inner.lock();
        inner.last_error = Some(reason);
        let was_active = inner.lines.iter().any(|line| line.link == link && line.was_active);
        inner.lines.retain(|line| line.link != link);
        effects.inactive.push(link);
        effects.changed = true;
        (effects, was_active)
    }

    /// No connection came about.
    pub(crate) fn failed(&self, reason: LinkDown) {
        self.inner.lock().last_error = Some(reason);
    }

    /// Puts a message on an active connection.
    pub(crate) fn send(&self, transfer: Transfer, now: Duration) -> Result<At, InvokeError> {
        let mut inner = self.inner.lock();
        let Inner { machine, lines, .. } = &mut *inner;
        let (link, message) = match machine {
            Machine::Asp(asp) => {
                let link = lines.last().map(|line| line.link).ok_or(InvokeError::NotActive)?;
                asp.send(transfer, now).map(|(_, message)| (link, message))
            }
            Machine::Sgp(sgp) => sgp.send(transfer).map(|(link, _, message)| (link, message)),
        }
        .map_err(|error| match error {
            SendError::Invalid { .. } => InvokeError::TooLong,
            _ => InvokeError::NotActive,
        })?;
        let line = lines.iter_mut().find(|line| line.link == link).ok_or(InvokeError::NotActive)?;
        if line.out.len() > self.max_unsent {
            return Err(InvokeError::Overloaded);
        }
        line.push(&message);
        Ok(line.pipe.at)
    }

    /// Moves what waits to be written behind `writing`; later messages wake the task anew.
    pub(crate) fn take_out(&self, link: Link, writing: &mut Vec<u8>) {
        let mut inner = self.inner.lock();
        let Some(line) = inner.lines.iter_mut().find(|line| line.link == link) else { return };
        line.woken = false;
        line.pipe.unsent.store(0, Ordering::Relaxed);
        if writing.is_empty() {
            core::mem::swap(&mut line.out, writing);
        } else {
            writing.append(&mut line.out);
        }
    }

    /// Why the connection is to end.
    pub(crate) fn is_to_close(&self, link: Link) -> Option<LinkDown> {
        self.inner.lock().lines.iter().find(|line| line.link == link).and_then(|line| line.close)
    }

    /// Asks the tasks of all connections to end them.
    pub(crate) fn close_all(&self, reason: LinkDown) {
        for line in &mut self.inner.lock().lines {
            line.close.get_or_insert(reason);
            line.pipe.wake.notify_one();
        }
    }

    pub(crate) fn connections(&self) -> usize {
        self.inner.lock().lines.len()
    }

    pub(crate) fn is_active(&self) -> bool {
        self.inner.lock().lines.iter().any(|line| line.active)
    }

    pub(crate) fn status(&self) -> AssociationStatus {
        let inner = self.inner.lock();
        let connection = |line: &Line| ConnectionStatus {
            remote: line.remote,
            active: line.active,
            handling: line.pipe.handling.load(Ordering::Relaxed),
        };
        AssociationStatus {
            name: self.config.name.clone(),
            role: self.config.role,
            active: inner.lines.iter().any(|line| line.active),
            connections: inner.lines.iter().map(connection).collect(),
            last_error: inner.last_error,
        }
    }
}

impl Inner {
    fn deadline(&self) -> Option<Duration> {
        match &self.machine {
            Machine::Asp(asp) => asp.deadline(),
            Machine::Sgp(sgp) => sgp.deadline(),
        }
    }

    fn act(&mut self, actions: Vec<(Link, Action)>) -> Effects {
        let mut effects = Effects::default();
        for (link, action) in actions {
            let line = self.lines.iter_mut().find(|line| line.link == link);
            match (action, line) {
                (Action::Deliver(transfer), _) => effects.delivered.push(transfer),
                (Action::Send { message, .. }, Some(line)) => line.push(&message),
                (Action::Active, Some(line)) => {
                    (line.active, line.was_active) = (true, true);
                    effects.changed = true;
                }
                (Action::Inactive, Some(line)) => {
                    line.active = false;
                    effects.inactive.push(link);
                    effects.changed = true;
                }
                (Action::Close(reason), Some(line)) => {
                    line.close.get_or_insert(reason.into());
                    line.pipe.wake.notify_one();
                }
                (Action::Discarded(Discard::Malformed(code)), _) => {
                    effects.malformed += 1;
                    tracing::debug!(?code, "M3UA message does not decode");
                }
                (Action::Discarded(discard), _) => {
                    effects.discarded += 1;
                    tracing::debug!(?discard, "M3UA message dropped");
                }
                (Action::Notified(notify), _) => tracing::info!(status = ?notify.status, "the peer notifies"),
                (Action::Reported(report), _) => {
                    tracing::warn!(code = ?report.code, "the peer reports an error of ours")
                }
                (Action::Destination(change), _) => tracing::info!(?change, "a destination changed"),
                (Action::Send { .. } | Action::Active | Action::Inactive | Action::Close(_), None) => {}
            }
        }
        effects
    }
}

impl Line {
    fn push(&mut self, message: &Message) {
        self.out.extend_from_slice(&message.encode());
        self.pipe.unsent.store(self.out.len(), Ordering::Relaxed);
        if !core::mem::replace(&mut self.woken, true) {
            self.pipe.wake.notify_one();
        }
    }
}

impl Pipe {
    /// Octets in the buffer of the connection.
    pub(crate) fn unsent(&self) -> usize {
        self.unsent.load(Ordering::Relaxed)
    }

    /// Counts an invocation of the peer as being handled until the result is dropped, unless there are `max` already.
    pub(crate) fn begin_handling(self: &Arc<Self>, max: usize) -> Option<Handling> {
        let before = self.handling.fetch_add(1, Ordering::Relaxed);
        let handling = Handling(Arc::clone(self));
        (before < max).then_some(handling)
    }
}

/// An invocation of a peer being handled.
pub(crate) struct Handling(Arc<Pipe>);

impl Drop for Handling {
    fn drop(&mut self) {
        self.0.handling.fetch_sub(1, Ordering::Relaxed);
    }
}

impl From<CloseReason> for LinkDown {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::Stopped => Self::Local,
            CloseReason::NoAcknowledgement => Self::NotTaken,
            CloseReason::NoHeartbeat => Self::Heartbeat,
            CloseReason::TooManyLinks => Self::TooMany,
        }
    }
}

fn on(link: Link, actions: Vec<Action>) -> Vec<(Link, Action)> {
    actions.into_iter().map(|action| (link, action)).collect()
}

fn asp_config(config: &SigtranConfig, own: &AssociationConfig) -> AspConfig {
    AspConfig {
        asp_identifier: own.asp_identifier,
        routing_context: own.routing_context,
        network_appearance: own.network_appearance,
        traffic_mode: Some(own.traffic_mode),
        network: config.network,
        timers: AspTimers {
            acknowledgement: config.timers.ack,
            attempts: config.timers.ack_attempts,
            heartbeat: Some(config.timers.heartbeat),
            ..AspTimers::default()
        },
    }
}

fn sgp_config(config: &SigtranConfig, own: &AssociationConfig) -> SgpConfig {
    SgpConfig {
        servers: vec![ApplicationServer {
            routing_context: own.routing_context.unwrap_or_default(),
            point_codes: own.point_codes.clone(),
            traffic_mode: own.traffic_mode,
            members: Vec::new(),
        }],
        reachable: vec![config.point_code],
        network_appearance: own.network_appearance,
        network: config.network,
        asp_identifier_required: false,
        max_links: config.limits.max_connections,
        timers: SgpTimers { heartbeat: Some(config.timers.heartbeat), ..SgpTimers::default() },
    }
}
