//! State and traffic maintenance of the processes (RFC 4666 section 4.3.4).

use core::time::Duration;

use super::super::{Action, Discard, ErrorCode, ErrorReport, Message, MessageKind, Notify, NotifyStatus, TrafficMode};
use super::table::{Step, step};
use super::{Actions, Link, LinkState, Sgp, send};

impl Sgp {
    pub(super) fn message(&mut self, link: Link, message: &Message, now: Duration, out: &mut Actions) {
        let Some(peer) = self.peers.get_mut(&link) else { return };
        let state = match (peer.up, peer.active.is_empty()) {
            (false, _) => LinkState::Down,
            (true, true) => LinkState::Inactive,
            (true, false) => LinkState::Active,
        };
        match (step(state, message.kind()), message) {
            (Step::Echo, Message::Beat(data)) => out.push((link, send(Message::BeatAck(data.clone())))),
            (Step::Beat, Message::BeatAck(data)) => {
                if !peer.heartbeat.acknowledged(data) {
                    out.push((link, Action::Discarded(Discard::Unexpected(MessageKind::BeatAck))));
                }
            }
            (Step::Tell, Message::Error(report)) => out.push((link, Action::Reported(report.clone()))),
            (Step::Tell, Message::Notify(notify)) => out.push((link, Action::Notified(notify.clone()))),
            (Step::Up, Message::AspUp { asp_identifier }) => self.up(link, *asp_identifier, message, now, out),
            (Step::UpAgain, _) => self.acknowledge_up(link, out),
            (Step::UpWhileActive, _) => {
                self.acknowledge_up(link, out);
                out.push((link, send(Message::Error(message.refusal(ErrorCode::UnexpectedMessage)))));
                self.deactivate_all(link, out);
                self.review(now, None, out);
            }
            (Step::Down, _) => {
                out.push((link, send(Message::AspDownAck)));
                self.deactivate_all(link, out);
                if let Some(peer) = self.peers.get_mut(&link) {
                    peer.up = false;
                    peer.asp_identifier = None;
                }
                self.review(now, None, out);
            }
            (Step::Activate, Message::AspActive { traffic_mode, routing_contexts }) => {
                self.activate(link, *traffic_mode, routing_contexts, message, now, out);
            }
            (Step::Deactivate, Message::AspInactive(contexts)) => self.deactivate(link, contexts, message, now, out),
            (Step::Deliver, Message::Data(data)) => self.deliver(link, data, message, out),
            (Step::Audit, Message::Daud(network, affected)) => self.audit(link, network, affected, message, out),
            (Step::Congestion, Message::Scon(_, affected, congestion)) => {
                let level = congestion.level.unwrap_or(1);
                let change = |entry| super::super::DestinationChange::Congested(entry, level);
                out.extend(affected.iter().map(|entry| (link, Action::Destination(change(*entry)))));
            }
            _ => refuse(link, message, ErrorCode::UnexpectedMessage, out),
        }
    }

    fn acknowledge_up(&self, link: Link, out: &mut Actions) {
        let asp_identifier = self.peers.get(&link).and_then(|peer| peer.asp_identifier);
        out.push((link, send(Message::AspUpAck { asp_identifier })));
    }

    fn up(&mut self, link: Link, identifier: Option<u32>, message: &Message, now: Duration, out: &mut Actions) {
        let taken = |id| self.peers.iter().any(|(other, peer)| *other != link && peer.asp_identifier == Some(id));
        let code = match identifier {
            None if self.config.asp_identifier_required => ErrorCode::AspIdentifierRequired,
            Some(id) if taken(id) => ErrorCode::InvalidAspIdentifier,
            _ => {
                let Some(peer) = self.peers.get_mut(&link) else { return };
                peer.up = true;
                peer.asp_identifier = identifier;
                self.acknowledge_up(link, out);
                self.review(now, Some(link), out);
                return;
            }
        };
        refuse(link, message, code, out);
    }

    /// Splits routing contexts into places of servers and contexts that are wrong. Without any, the only server is meant.
    fn places(&self, link: Link, contexts: &[u32]) -> Result<(Vec<usize>, Vec<u32>), ErrorCode> {
        let served = self.served_by(link);
        if contexts.is_empty() {
            return if served.len() == 1 { Ok((served, Vec::new())) } else { Err(ErrorCode::NoConfiguredAsForAsp) };
        }
        let (mut places, mut wrong) = (Vec::new(), Vec::new());
        for context in contexts {
            match self.place_of(*context).filter(|place| served.contains(place)) {
                Some(place) if !places.contains(&place) => places.push(place),
                Some(_) => {}
                None => wrong.push(*context),
            }
        }
        Ok((places, wrong))
    }

    fn activate(
        &mut self,
        link: Link,
        mode: Option<TrafficMode>,
        contexts: &[u32],
        message: &Message,
        now: Duration,
        out: &mut Actions,
    ) {
        let (places, wrong) = match self.places(link, contexts) {
            Ok(found) => found,
            Err(code) => return refuse(link, message, code, out),
        };
        refuse_contexts(link, message, wrong, ErrorCode::InvalidRoutingContext, out);
        let context_of = |place: &usize| self.config.servers.get(*place).map(|server| server.routing_context);
        let fits = |place: &usize| {
            let ours = self.config.servers.get(*place).map(|server| server.traffic_mode);
            ours.is_some_and(|ours| ours != TrafficMode::Broadcast && mode.is_none_or(|mode| mode == ours))
        };
        let (good, unfit): (Vec<usize>, Vec<usize>) = places.into_iter().partition(fits);
        let unfit = unfit.iter().filter_map(context_of).collect();
        let granted: Vec<u32> = good.iter().filter_map(context_of).collect();
        refuse_contexts(link, message, unfit, ErrorCode::UnsupportedTrafficModeType, out);
        if good.is_empty() {
            return;
        }
        let routing_contexts = if contexts.is_empty() { Vec::new() } else { granted };
        out.push((link, send(Message::AspActiveAck { traffic_mode: mode, routing_contexts })));
        for place in good {
            self.take_over(link, place, out);
            let Some(peer) = self.peers.get_mut(&link) else { return };
            if peer.active.is_empty() {
                out.push((link, Action::Active));
            }
            peer.active.insert(place);
        }
        self.review(now, None, out);
    }

    /// In override mode, ends the traffic of the others.
    fn take_over(&mut self, link: Link, place: usize, out: &mut Actions) {
        let Some(server) = self.config.servers.get(place) else { return };
        if server.traffic_mode != TrafficMode::Override {
            return;
        }
        let asp_identifier = self.peers.get(&link).and_then(|peer| peer.asp_identifier);
        for (other, peer) in self.peers.iter_mut().filter(|(other, _)| **other != link) {
            if peer.active.remove(&place) {
                let status = NotifyStatus::AlternateAspActive;
                let routing_contexts = vec![server.routing_context];
                out.push((*other, send(Message::Notify(Notify { status, asp_identifier, routing_contexts }))));
                if peer.active.is_empty() {
                    out.push((*other, Action::Inactive));
                }
            }
        }
    }

    fn deactivate(&mut self, link: Link, contexts: &[u32], message: &Message, now: Duration, out: &mut Actions) {
        // Without routing contexts all servers are meant (RFC 4666 section 4.3.4.4).
        let all = (self.served_by(link), Vec::new());
        let found = if contexts.is_empty() { Ok(all) } else { self.places(link, contexts) };
        let (places, wrong) = match found {
            Ok(found) => found,
            Err(code) => return refuse(link, message, code, out),
        };
        refuse_contexts(link, message, wrong, ErrorCode::InvalidRoutingContext, out);
        if places.is_empty() {
            return;
        }
        let named = places.iter().filter_map(|place| self.config.servers.get(*place));
        let routing_contexts =
            if contexts.is_empty() { Vec::new() } else { named.map(|s| s.routing_context).collect() };
        out.push((link, send(Message::AspInactiveAck(routing_contexts))));
        let Some(peer) = self.peers.get_mut(&link) else { return };
        let was_active = !peer.active.is_empty();
        peer.active.retain(|place| !places.contains(place));
        if was_active && peer.active.is_empty() {
            out.push((link, Action::Inactive));
        }
        self.review(now, None, out);
    }

    fn deactivate_all(&mut self, link: Link, out: &mut Actions) {
        let Some(peer) = self.peers.get_mut(&link) else { return };
        if !peer.active.is_empty() {
            peer.active.clear();
            out.push((link, Action::Inactive));
        }
    }
}

/// Answers with ERR and tells that the message was dropped.
pub(super) fn refuse(link: Link, message: &Message, code: ErrorCode, out: &mut Actions) {
    out.push((link, send(Message::Error(message.refusal(code)))));
    out.push((link, Action::Discarded(Discard::Unexpected(message.kind()))));
}

/// Answers with ERR for some routing contexts of a message.
fn refuse_contexts(link: Link, message: &Message, contexts: Vec<u32>, code: ErrorCode, out: &mut Actions) {
    if !contexts.is_empty() {
        let report = ErrorReport { routing_contexts: contexts, ..message.refusal(code) };
        out.push((link, send(Message::Error(report))));
        out.push((link, Action::Discarded(Discard::RoutingContext)));
    }
}
