//! The watchdog of a connection (RFC 3539 section 3.4.1 and Appendix A; used by RFC 6733 section 5.5.3).

use core::time::Duration;

#[cfg(test)]
mod tests;

/// Status of a connection as the watchdog sees it (RFC 3539 section 3.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WatchdogState {
    /// Not open yet, or closed in good order.
    Initial,
    /// Up and answering.
    Okay,
    /// A watchdog went unanswered: new requests go elsewhere, pending ones are moved.
    Suspect,
    /// Closed because of a fault.
    Down,
    /// Open again after a fault; not used for requests before it has answered several watchdogs.
    Reopen,
}

/// What happened to the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WatchdogEvent {
    /// The peer state machine opened.
    ConnectionUp,
    /// The connection ended by a fault.
    ConnectionDown,
    /// A Device-Watchdog-Answer came.
    ReceiveDwa,
    /// Any other message came.
    ReceiveNonDwa,
    /// The deadline passed.
    TimerExpires,
}

/// What the driver has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WatchdogAction {
    /// Send a Device-Watchdog-Request.
    SendWatchdog,
    /// Stop using this connection for requests and move the pending ones to another peer.
    Failover,
    /// Use this connection for requests again.
    Failback,
    /// Close the connection.
    CloseConnection,
    /// Try to connect.
    AttemptOpen,
    /// The message came in a state in which RFC 3539 does not count it.
    Throwaway,
}

/// Settings of a watchdog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchdogConfig {
    /// Tw: silence after which a watchdog is sent. Never used below [`WatchdogConfig::MIN_TW`].
    pub tw: Duration,
    /// Whether a DWA in REOPEN is followed by the next DWR at once instead of one Tw later. RFC 3539 Appendix A waits, so
    /// that a peer that restarts is avoided for two to three Tw; at once it takes three round trips.
    pub prompt_reopen: bool,
}

impl WatchdogConfig {
    /// Smallest Tw (RFC 3539 section 3.4.1: it must not be set lower than 6 seconds).
    pub const MIN_TW: Duration = Duration::from_secs(6);
    /// Tw unless configured (RFC 3539 section 3.4.1).
    pub const DEFAULT_TW: Duration = Duration::from_secs(30);
    /// Largest jitter on Tw, either way (RFC 3539 section 3.4.1).
    pub const MAX_JITTER: Duration = Duration::from_secs(2);
}

impl Default for WatchdogConfig {
    fn default() -> Self {
        Self { tw: Self::DEFAULT_TW, prompt_reopen: false }
    }
}

/// The watchdog of one peer, across its connections.
#[derive(Debug, Clone)]
pub struct Watchdog {
    config: WatchdogConfig,
    state: WatchdogState,
    pending: bool,
    /// Answers seen in REOPEN; -1 after one went missing there.
    num_dwa: i8,
    deadline: Duration,
}

/// Answers that end REOPEN (RFC 3539 section 3.4.1).
const REOPEN_ANSWERS: i8 = 3;

impl Watchdog {
    /// A watchdog in INITIAL whose timer runs from `now`.
    #[must_use]
    pub fn new(config: WatchdogConfig, now: Duration, random: u32) -> Self {
        let mut watchdog =
            Self { config, state: WatchdogState::Initial, pending: false, num_dwa: 0, deadline: Duration::ZERO };
        watchdog.set(now, random);
        watchdog
    }

    /// The present status.
    #[must_use]
    pub const fn state(&self) -> WatchdogState {
        self.state
    }

    /// Whether the connection may carry new requests of ours.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        matches!(self.state, WatchdogState::Okay)
    }

    /// Whether a DWR is unanswered.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        self.pending
    }

    /// When [`WatchdogEvent::TimerExpires`] is due.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Forgets the past after a close in good order (DPR and DPA): the next connection is a first one.
    pub fn reset(&mut self, now: Duration, random: u32) {
        self.state = WatchdogState::Initial;
        self.pending = false;
        self.num_dwa = 0;
        self.set(now, random);
    }

    /// Takes an event at `now` and returns what to do, in order. `random` is any 32 random bits, used for the jitter.
    pub fn handle(&mut self, event: WatchdogEvent, now: Duration, random: u32) -> &'static [WatchdogAction] {
        match event {
            WatchdogEvent::ConnectionUp => self.connection_up(now, random),
            WatchdogEvent::ConnectionDown => self.connection_down(now, random),
            WatchdogEvent::ReceiveDwa => self.receive_dwa(now, random),
            WatchdogEvent::ReceiveNonDwa => self.receive_non_dwa(now, random),
            WatchdogEvent::TimerExpires if now < self.deadline => &[],
            WatchdogEvent::TimerExpires => self.timer_expires(now, random),
        }
    }

    fn connection_up(&mut self, now: Duration, random: u32) -> &'static [WatchdogAction] {
        match self.state {
            WatchdogState::Initial => {
                self.set(now, random);
                self.state = WatchdogState::Okay;
                &[]
            }
            WatchdogState::Down => {
                self.num_dwa = 0;
                self.set(now, random);
                self.pending = true;
                self.state = WatchdogState::Reopen;
                &[WatchdogAction::SendWatchdog]
            }
            WatchdogState::Okay | WatchdogState::Suspect | WatchdogState::Reopen => &[],
        }
    }

    /// `pending` ends with its connection: the standard leaves this unsaid, and a REOPEN sets it anyway.
    fn connection_down(&mut self, now: Duration, random: u32) -> &'static [WatchdogAction] {
        match self.state {
            WatchdogState::Okay => {
                self.down(now, random);
                &[WatchdogAction::CloseConnection, WatchdogAction::Failover]
            }
            WatchdogState::Suspect | WatchdogState::Reopen => {
                self.down(now, random);
                &[WatchdogAction::CloseConnection]
            }
            WatchdogState::Initial | WatchdogState::Down => &[],
        }
    }

    fn receive_dwa(&mut self, now: Duration, random: u32) -> &'static [WatchdogAction] {
        self.pending = false;
        match self.state {
            WatchdogState::Okay => {
                self.set(now, random);
                &[]
            }
            WatchdogState::Suspect => {
                self.set(now, random);
                self.state = WatchdogState::Okay;
                &[WatchdogAction::Failback]
            }
            WatchdogState::Reopen => {
                self.num_dwa += 1;
                if self.num_dwa >= REOPEN_ANSWERS {
                    self.state = WatchdogState::Okay;
                    &[WatchdogAction::Failback]
                } else if self.config.prompt_reopen {
                    self.pending = true;
                    self.set(now, random);
                    &[WatchdogAction::SendWatchdog]
                } else {
                    &[]
                }
            }
            WatchdogState::Initial | WatchdogState::Down => &[WatchdogAction::Throwaway],
        }
    }

    /// Deviation from RFC 3539 Appendix A: leaving SUSPECT clears Pending also when it was no DWA that came. As written, one
    /// lost DWA lets two idle peers flap for good: each watchdog of the other brings OKAY back with Pending set, so that
    /// the next expiry suspects the connection again without asking.
    fn receive_non_dwa(&mut self, now: Duration, random: u32) -> &'static [WatchdogAction] {
        match self.state {
            WatchdogState::Okay => {
                self.set(now, random);
                &[]
            }
            WatchdogState::Suspect => {
                self.pending = false;
                self.set(now, random);
                self.state = WatchdogState::Okay;
                &[WatchdogAction::Failback]
            }
            WatchdogState::Initial | WatchdogState::Down | WatchdogState::Reopen => &[WatchdogAction::Throwaway],
        }
    }

    fn timer_expires(&mut self, now: Duration, random: u32) -> &'static [WatchdogAction] {
        self.set(now, random);
        match (self.state, self.pending) {
            (WatchdogState::Okay | WatchdogState::Reopen, false) => {
                self.pending = true;
                &[WatchdogAction::SendWatchdog]
            }
            (WatchdogState::Okay, true) => {
                self.state = WatchdogState::Suspect;
                &[WatchdogAction::Failover]
            }
            (WatchdogState::Reopen, true) if self.num_dwa >= 0 => {
                self.num_dwa = -1;
                &[]
            }
            (WatchdogState::Suspect, _) | (WatchdogState::Reopen, true) => {
                self.down(now, random);
                &[WatchdogAction::CloseConnection]
            }
            (WatchdogState::Initial | WatchdogState::Down, _) => &[WatchdogAction::AttemptOpen],
        }
    }

    fn down(&mut self, now: Duration, random: u32) {
        self.state = WatchdogState::Down;
        self.pending = false;
        self.set(now, random);
    }

    /// SetWatchdog of RFC 3539 Appendix A: Tw plus a jitter of at most 2 seconds either way.
    fn set(&mut self, now: Duration, random: u32) {
        const SPAN_MS: u32 = 2 * 2000 + 1;
        let tw = self.config.tw.max(WatchdogConfig::MIN_TW);
        let jitter = Duration::from_millis(u64::from(random % SPAN_MS));
        self.deadline = now + tw - WatchdogConfig::MAX_JITTER + jitter;
    }
}
