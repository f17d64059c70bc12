//! States of Application Servers (RFC 4666 section 4.3.2), and who is told (section 4.3.4.5).

use core::time::Duration;

use super::super::{AsState, Message, Notify, NotifyStatus};
use super::{Actions, Link, Peer, Sgp, send};

/// One Application Server.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) state: AsState,
    pub(super) pending_until: Option<Duration>,
}

impl Default for Server {
    fn default() -> Self {
        Self { state: AsState::Down, pending_until: None }
    }
}

/// The next state, from what there is now.
pub(super) const fn next_state(state: AsState, any_up: bool, any_active: bool, recovery_over: bool) -> AsState {
    match (state, any_active, any_up) {
        (_, true, _) => AsState::Active,
        (AsState::Active, false, _) => AsState::Pending,
        (AsState::Pending, false, _) if !recovery_over => AsState::Pending,
        (_, false, true) => AsState::Inactive,
        (_, false, false) => AsState::Down,
    }
}

impl Sgp {
    /// Whether a process may serve the server at `place`.
    pub(super) fn is_member(&self, place: usize, peer: &Peer) -> bool {
        let members = self.config.servers.get(place).map(|server| server.members.as_slice());
        members.is_some_and(|members| members.is_empty() || peer.asp_identifier.is_some_and(|id| members.contains(&id)))
    }

    /// Servers that the process behind `link` may serve.
    pub(super) fn served_by(&self, link: Link) -> Vec<usize> {
        let Some(peer) = self.peers.get(&link) else { return Vec::new() };
        (0..self.servers.len()).filter(|place| self.is_member(*place, peer)).collect()
    }

    /// Brings the states of servers up to date and tells their processes. `newcomer` is told the state in any case.
    pub(super) fn review(&mut self, now: Duration, newcomer: Option<Link>, out: &mut Actions) {
        for place in 0..self.servers.len() {
            let up = self.peers.values().any(|peer| peer.up && self.is_member(place, peer));
            let active = self.active_in(place).next().is_some();
            let recovery = self.config.timers.recovery;
            let Some(server) = self.servers.get_mut(place) else { continue };
            let before = server.state;
            let over = server.pending_until.is_none_or(|until| now >= until);
            server.state = next_state(before, up, active, over);
            if server.state != before {
                server.pending_until = (server.state == AsState::Pending).then_some(now + recovery);
            }
            let state = server.state;
            if state != before {
                self.notify(place, state, None, out);
                self.tell_server(place, before, state, out);
            } else if newcomer.is_some() {
                self.notify(place, state, newcomer, out);
            }
        }
    }

    /// NTFY of a state to one process of a server, or to all that are up.
    fn notify(&self, place: usize, state: AsState, only: Option<Link>, out: &mut Actions) {
        let status = match state {
            AsState::Down => return,
            AsState::Inactive => NotifyStatus::AsInactive,
            AsState::Active => NotifyStatus::AsActive,
            AsState::Pending => NotifyStatus::AsPending,
        };
        let Some(server) = self.config.servers.get(place) else { return };
        for (link, peer) in &self.peers {
            if peer.up && self.is_member(place, peer) && only.is_none_or(|only| only == *link) {
                let routing_contexts = vec![server.routing_context];
                out.push((*link, send(Message::Notify(Notify { status, asp_identifier: None, routing_contexts }))));
            }
        }
    }

    /// DAVA and DUNA of the point codes of a server to the processes of the others.
    fn tell_server(&self, place: usize, before: AsState, after: AsState, out: &mut Actions) {
        let Some(server) = self.config.servers.get(place) else { return };
        match (before, after) {
            (AsState::Down | AsState::Inactive, AsState::Active) => {
                self.tell_reachable(Some(place), &server.point_codes, true, out);
            }
            (AsState::Active | AsState::Pending, AsState::Down | AsState::Inactive) => {
                self.tell_reachable(Some(place), &server.point_codes, false, out);
            }
            _ => {}
        }
    }
}
