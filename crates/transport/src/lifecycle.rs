//! What the machines of a peer order: connections made and closed, the exchange of capabilities, the way into service and
//! out of it.

use std::sync::Arc;

use diameter::base::DisconnectCause;
use diameter::codec::{Header, ResultCode};
use diameter::peer::{Action, Event, PeerCapabilities, Side, State, WatchdogAction, WatchdogEvent, WatchdogState};

use crate::conn::Conn;
use crate::driver::{Driver, Incoming};
use crate::link::Reply;
use crate::{LinkError, Mode, dial};

impl Driver {
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
                if let Some(offered) = self.offered.take() {
                    let Incoming { conn, cer, capabilities } = *offered;
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
            let success = ResultCode::SUCCESS;
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
        self.declined = None;
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

    /// Plans the next attempt; one to a peer that does not want to talk waits for something to send (RFC 6733 section 5.4).
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
            LinkError::Disconnected(cause) if cause == DisconnectCause::DO_NOT_WANT_TO_TALK_TO_YOU.0 => {
                self.peer.link.take_wanted();
                self.declined = Some(self.shared.now() + self.decline_pause);
                self.decline_pause = (self.decline_pause * 2).min(longest);
                return;
            }
            LinkError::Disconnected(cause) if cause == DisconnectCause::BUSY.0 => longest,
            _ => self.backoff,
        };
        self.decline_pause = self.shared.config.timers.reconnect_min;
        let jitter = pause.mul_f64(f64::from(self.random() % 256) / 1024.0);
        self.redial = Some(self.shared.now() + pause + jitter);
        self.backoff = (self.backoff * 2).min(longest);
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

    /// Closes the open connection without a word.
    pub(crate) fn close_now(&mut self) {
        if let Some(side) = self.machine.open_side() {
            *self.conn(side) = None;
            self.event(Event::PeerDisc(side));
        }
    }
}
