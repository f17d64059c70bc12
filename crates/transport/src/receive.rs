//! Messages of a peer: framing, the capabilities exchange, watchdogs and disconnection, answers to their callers.

use core::net::IpAddr;
use std::sync::Arc;

use diameter::base::{
    DeviceWatchdogAnswer, DeviceWatchdogRequest, DisconnectCause, DisconnectPeerAnswer, DisconnectPeerRequest, Origin,
    error_answer,
};
use diameter::codec::{
    ApplicationId, CommandCode, DecodeError, EncodeError, Framer, Header, Malformed, Message, ResultCode,
};
use diameter::peer::{CeaFault, CerRefusal, Event, Side, State, Stray, WatchdogEvent};
use tokio::sync::oneshot;

use crate::LinkError;
use crate::conn::{Conn, header_alone};
use crate::driver::Driver;
use crate::link::Reply;
use crate::node::Shared;

/// Answers of one round, matched under one lock and told afterwards. Kept between rounds for its memory.
#[derive(Default)]
pub(crate) struct Batch {
    answers: Vec<(Header, Option<Message>)>,
    replies: Vec<(oneshot::Sender<Reply>, Reply)>,
}

impl Driver {
    /// Takes every whole message of a side; whether callers were told of answers.
    pub(crate) fn receive(&mut self, side: Side) -> bool {
        let framer = Framer { max_message: self.shared.config.limits.max_message };
        let Some(mut carry) = self.conn(side).as_mut().map(|conn| core::mem::take(&mut conn.carry)) else {
            return false;
        };
        let mut heard = Heard::default();
        while self.conn(side).is_some() {
            match framer.next_frame(&mut carry) {
                Ok(Some(frame)) => self.frame(side, frame, &mut heard),
                Ok(None) => break,
                Err(error) => {
                    self.lost_framing(side, &carry, &error);
                    break;
                }
            }
        }
        if let Some(conn) = self.conn(side) {
            conn.carry = carry;
        }
        let told = self.tell();
        if self.machine.open_side() == Some(side) && heard.anything {
            self.watch(WatchdogEvent::ReceiveNonDwa);
        }
        told
    }

    /// Takes what came together with the message that opened the connection.
    pub(crate) fn receive_carried(&mut self) {
        if let Some(side) = self.machine.open_side()
            && self.conn(side).as_ref().is_some_and(|conn| !conn.carry.is_empty())
        {
            self.receive(side);
        }
    }

    fn frame(&mut self, side: Side, frame: bytes::Bytes, heard: &mut Heard) {
        let serving = self.machine.open_side() == Some(side) || self.machine.state() == State::Closing;
        match Message::decode(frame) {
            Ok(message) if serving => self.message(side, message, heard),
            Ok(message) if side == Side::Initiator => self.first_answer(&message),
            Err(malformed) if serving => self.malformed(side, &malformed),
            Ok(_) | Err(_) => {
                self.shared.counters.malformed_messages.one();
                self.reason = Some(LinkError::Handshake);
                self.event(if side == Side::Initiator { Event::NonCea } else { Event::Message(side) });
            }
        }
    }

    /// RFC 6733 section 5.6: on our connection a CEA comes first, or the connection ends.
    fn first_answer(&mut self, message: &Message) {
        match self.shared.local.examine_cea(message, self.cer_ids, &self.peer.config.host) {
            Ok(capabilities) => {
                self.cea = Some(capabilities);
                self.event(Event::Cea);
            }
            Err(fault) => {
                self.reason = Some(match fault {
                    CeaFault::Unsound(_) | CeaFault::Unasked => LinkError::Handshake,
                    CeaFault::WrongIdentity => LinkError::WrongIdentity,
                    CeaFault::Refused(result) => LinkError::Refused(result),
                    CeaFault::NoCommonApplication => LinkError::NoCommonApplication,
                });
                self.event(Event::NonCea);
            }
        }
    }

    fn message(&mut self, side: Side, message: Message, heard: &mut Heard) {
        let header = message.header;
        match (header.is_request(), header.application == ApplicationId::COMMON, header.command) {
            (true, true, CommandCode::DEVICE_WATCHDOG) => {
                heard.anything = true;
                self.answer_watchdog(side, &message);
            }
            (false, true, CommandCode::DEVICE_WATCHDOG) => {
                self.event(Event::Dwa(side));
                self.watch(WatchdogEvent::ReceiveDwa);
            }
            (true, true, CommandCode::DISCONNECT_PEER) => self.answer_disconnect(side, &message),
            (false, true, CommandCode::DISCONNECT_PEER) => self.event(Event::Dpa(side)),
            (true, true, CommandCode::CAPABILITIES_EXCHANGE) => self.repeated_cer(side, &message),
            (true, ..) => {
                heard.anything = true;
                self.request(side, message);
            }
            (false, ..) => {
                heard.anything = true;
                self.batch.answers.push((header, Some(message)));
            }
        }
    }

    /// A message whose frame is sound and whose AVPs are not: a request is answered, an answer ends its request.
    fn malformed(&mut self, side: Side, malformed: &Malformed) {
        self.shared.counters.malformed_messages.one();
        let Some(message) = &malformed.message else { return };
        if message.is_request() {
            self.refuse(side, message, &malformed.error);
        } else {
            self.batch.answers.push((message.header, None));
        }
    }

    /// RFC 6733 section 7.1.5: a wrong version or length is answered as far as there is a header to answer; after it no
    /// message can be found, so the connection ends.
    fn lost_framing(&mut self, side: Side, carry: &[u8], error: &DecodeError) {
        self.shared.counters.malformed_messages.one();
        self.reason = Some(LinkError::Garbage);
        if self.machine.open_side() == Some(side)
            && let Some(message) = header_alone(carry).filter(Message::is_request)
        {
            self.refuse(side, &message, error);
        }
        // The connection closes behind what is still to be written.
        let closing = self.shared.config.timers.closing;
        if let Some(conn) = self.conn(side).take() {
            self.shared.spawn(conn.finish(closing));
        }
        let event = match (self.machine.state(), side) {
            (State::WaitICea | State::WaitReturns, Side::Initiator) => Event::NonCea,
            _ => Event::PeerDisc(side),
        };
        self.event(event);
    }

    /// Answers a request with an error of the node's own.
    pub(crate) fn refuse(&mut self, side: Side, request: &Message, error: &DecodeError) {
        self.shared.counters.requests_refused.one();
        self.respond(side, |shared, out| error_answer(request, shared.origin(), error, out));
    }

    /// Appends a message of the node's own.
    pub(crate) fn respond(
        &mut self,
        side: Side,
        encode: impl FnOnce(&Shared, &mut Vec<u8>) -> Result<usize, EncodeError>,
    ) {
        let shared = Arc::clone(&self.shared);
        if let Some(conn) = self.conn(side)
            && let Err(error) = encode(&shared, &mut conn.queue)
        {
            tracing::warn!(%error, "cannot encode a message");
        }
    }

    /// RFC 6733 section 5.5: a DWR is answered at once, also by a node that waits for answers itself.
    fn answer_watchdog(&mut self, side: Side, message: &Message) {
        if let Err(error) = DeviceWatchdogRequest::decode(message) {
            return self.refuse(side, message, &error);
        }
        let header = message.header;
        self.event(Event::Dwr(side));
        self.respond(side, |shared, out| {
            DeviceWatchdogAnswer {
                result_code: Some(ResultCode::SUCCESS),
                origin_host: &shared.local.host,
                origin_realm: &shared.local.realm,
                origin_state_id: Some(shared.local.state_id),
                ..DeviceWatchdogAnswer::default()
            }
            .encode(header, out)
        });
    }

    /// RFC 6733 section 5.4: the answer goes out, the peer closes.
    fn answer_disconnect(&mut self, side: Side, message: &Message) {
        let cause = match DisconnectPeerRequest::decode(message) {
            Ok(request) => request.disconnect_cause,
            Err(error) => return self.refuse(side, message, &error),
        };
        if self.machine.state() != State::Closing {
            self.reason = Some(LinkError::Disconnected(cause.0));
        }
        let header = message.header;
        self.respond(side, |shared, out| {
            DisconnectPeerAnswer {
                result_code: Some(ResultCode::SUCCESS),
                origin_host: &shared.local.host,
                origin_realm: &shared.local.realm,
                ..DisconnectPeerAnswer::default()
            }
            .encode(header, out)
        });
        self.event(Event::Dpr(side));
    }

    /// A CER on an open connection, as RFC 3588 allowed: judged and answered, and what it announces counts.
    fn repeated_cer(&mut self, side: Side, message: &Message) {
        match self.shared.local.examine_cer(message) {
            Ok(capabilities) if capabilities.host.eq_ignore_ascii_case(&self.peer.config.host) => {
                self.renew(message.header, capabilities, side);
            }
            Err(CerRefusal::Unsound(error)) => self.refuse(side, message, &error),
            judged => {
                let result = judged.map_or_else(|refusal| refusal.result_code(), |_| ResultCode::UNKNOWN_PEER);
                let header = message.header;
                self.respond(side, |shared, out| shared.local.encode_cea(header, result, &[], out));
            }
        }
    }

    /// Matches the answers of this round and tells their callers.
    pub(crate) fn tell(&mut self) -> bool {
        if self.batch.answers.is_empty() {
            return false;
        }
        let Batch { answers, replies } = &mut self.batch;
        let (mut strays, mut mismatches) = (0, 0);
        self.peer.link.with(|inner| {
            for (header, message) in answers.drain(..) {
                let matched = inner.transactions.answer(header.ids.hop_by_hop, header.command, header.application);
                match matched {
                    Ok(Some(reply)) => replies.push((reply, message.map_or(Reply::BadAnswer, Reply::Answer))),
                    Ok(None) | Err(Stray::Unknown) => strays += 1,
                    Err(Stray::Mismatch) => mismatches += 1,
                }
            }
        });
        let counters = &self.shared.counters;
        counters.answers_received.add(replies.len() as u64);
        counters.stray_answers.add(strays);
        counters.mismatched_answers.add(mismatches);
        let told = !replies.is_empty();
        for (caller, reply) in replies.drain(..) {
            // A caller that no longer waits needs no reply.
            caller.send(reply).ok();
        }
        told
    }

    pub(crate) fn send_dwr(&mut self) {
        let Some(side) = self.machine.open_side() else { return };
        self.shared.counters.watchdogs_sent.one();
        let ids = self.next_ids();
        self.respond(side, |shared, out| {
            DeviceWatchdogRequest {
                origin_host: &shared.local.host,
                origin_realm: &shared.local.realm,
                origin_state_id: Some(shared.local.state_id),
                ..DeviceWatchdogRequest::default()
            }
            .encode(ids, out)
        });
    }

    pub(crate) fn send_dpr(&mut self, side: Side, cause: DisconnectCause) {
        let ids = self.next_ids();
        self.respond(side, |shared, out| {
            DisconnectPeerRequest {
                origin_host: &shared.local.host,
                origin_realm: &shared.local.realm,
                disconnect_cause: cause,
                extra: Vec::new(),
            }
            .encode(ids, out)
        });
    }
}

/// What a round brought.
#[derive(Default)]
pub(crate) struct Heard {
    /// A message that shows that the peer lives and is no DWA.
    anything: bool,
}

impl Shared {
    /// Who this node is, for error answers.
    pub(crate) fn origin(&self) -> Origin<'_> {
        Origin { host: &self.local.host, realm: &self.local.realm }
    }

    /// Host-IP-Address values for a connection.
    pub(crate) fn addresses(&self, conn: &Conn) -> Vec<IpAddr> {
        if self.config.host_ip_addresses.is_empty() {
            vec![conn.address()]
        } else {
            self.config.host_ip_addresses.clone()
        }
    }
}
