//! Requests of a peer: whose they are, and their way to the handler and back.

use core::task::{Context, Poll, Waker};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use diameter::base::failure_answer;
use diameter::codec::{
    ApplicationId, CommandFlags, DecodeError, HEADER_LEN, Header, Message, Outcome, ResultCode, frame_length,
};
use diameter::dictionary;
use diameter::peer::{Event, Side, State};

use crate::driver::Driver;
use crate::handler::{Answer, HandlerFuture};
use crate::node::Shared;
use crate::relay;

/// Whose a request is (RFC 6733 section 6.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Ours,
    Others,
    Refused(ResultCode),
}

impl Driver {
    /// Takes a request that is not one of the base protocol's own.
    pub(crate) fn request(&mut self, side: Side, message: Message) {
        if message.header.application == ApplicationId::COMMON {
            let error = DecodeError::CommandUnsupported(message.header.command);
            return self.refuse(side, &message, &error);
        }
        let future = match self.shared.whose(&message) {
            Whose::Refused(result) => return self.refuse_with(side, &message, result),
            _ if self.machine.state() == State::Closing || self.shared.is_stopping() => {
                return self.refuse_with(side, &message, ResultCode::TOO_BUSY);
            }
            Whose::Ours => Arc::clone(&self.shared.handler).serve(message.clone(), self.peer.info()),
            Whose::Others => relay::forward(Arc::clone(&self.shared), message.clone(), Arc::clone(&self.peer)),
        };
        let Some(handling) = self.peer.begin_handling(self.shared.config.limits.max_handling) else {
            return self.refuse_with(side, &message, ResultCode::TOO_BUSY);
        };
        self.shared.counters.requests_received.one();
        match start(future) {
            Ok(answer) => self.answer(side, &message, answer),
            Err(future) => {
                let (shared, peer) = (Arc::clone(&self.shared), Arc::clone(&self.peer));
                let epoch = peer.link.epoch();
                self.shared.spawn(async move {
                    match finish(future).await {
                        Answer::Disconnect => peer.link.ask_to_close(epoch),
                        answer => peer.link.push(epoch, |out| shared.encode_answer(&message, answer, out)),
                    }
                    drop(handling);
                    shared.changed_if_stopping();
                });
            }
        }
    }

    fn answer(&mut self, side: Side, request: &Message, answer: Answer) {
        if matches!(answer, Answer::Disconnect) {
            *self.conn(side) = None;
            self.event(Event::PeerDisc(side));
            return;
        }
        let shared = Arc::clone(&self.shared);
        if let Some(conn) = self.conn(side) {
            shared.encode_answer(request, answer, &mut conn.queue);
        }
    }

    fn refuse_with(&mut self, side: Side, request: &Message, result: ResultCode) {
        self.shared.counters.requests_refused.one();
        self.respond(side, |shared, out| failure_answer(request, shared.origin(), Outcome::Base(result), out));
    }
}

/// Runs a handler up to its first wait. One that is done by then needs no task.
fn start(mut future: HandlerFuture) -> Result<Answer, HandlerFuture> {
    match step(&mut future, &mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Ok(answer),
        Poll::Pending => Err(future),
    }
}

/// Runs a handler to its end.
async fn finish(mut future: HandlerFuture) -> Answer {
    core::future::poll_fn(|cx| step(&mut future, cx)).await
}

/// A handler that panics has failed, and its request is answered all the same.
fn step(future: &mut HandlerFuture, cx: &mut Context<'_>) -> Poll<Answer> {
    catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)))
        .unwrap_or(Poll::Ready(Answer::Refused(ResultCode::UNABLE_TO_COMPLY)))
}

impl Shared {
    /// RFC 6733 sections 6.1.3 and 6.1.4: loop, destination, application.
    fn whose(&self, request: &Message) -> Whose {
        let is = |octets: &[u8], name: &str| octets.eq_ignore_ascii_case(name.as_bytes());
        let (mut to_host, mut to_realm) = (None, None);
        for avp in request.avps() {
            if avp.is(&dictionary::ROUTE_RECORD) && is(avp.data, &self.local.host) {
                return Whose::Refused(ResultCode::LOOP_DETECTED);
            }
            if avp.is(&dictionary::DESTINATION_HOST) {
                to_host = Some(is(avp.data, &self.local.host));
            } else if avp.is(&dictionary::DESTINATION_REALM) {
                to_realm = Some(is(avp.data, &self.local.realm));
            }
        }
        let served = self.config.applications.iter().any(|application| application.id == request.header.application);
        let ours = to_host.unwrap_or(to_realm != Some(false));
        match (ours && (served || to_host == Some(true)), self.config.relay) {
            (true, _) if served => Whose::Ours,
            (false, true) => Whose::Others,
            _ if ours || !served => Whose::Refused(ResultCode::APPLICATION_UNSUPPORTED),
            _ if to_host == Some(false) => Whose::Refused(ResultCode::UNABLE_TO_DELIVER),
            _ => Whose::Refused(ResultCode::REALM_NOT_SERVED),
        }
    }

    /// Appends the answer to a request, with the request's identifiers (RFC 6733 section 6.2).
    fn encode_answer(&self, request: &Message, answer: Answer, out: &mut Vec<u8>) {
        let start = out.len();
        let failed =
            |result, out: &mut Vec<u8>| failure_answer(request, self.origin(), Outcome::Base(result), out).is_ok();
        let sound = match answer {
            Answer::Encoded(octets) => {
                let whole = octets
                    .first_chunk()
                    .is_some_and(|&prefix| frame_length(prefix, usize::MAX).is_ok_and(|length| length == octets.len()));
                if whole {
                    out.extend_from_slice(&octets);
                    true
                } else {
                    failed(ResultCode::UNABLE_TO_COMPLY, out)
                }
            }
            Answer::Message(message) => {
                message.encode(out);
                true
            }
            Answer::Undecodable(error) => diameter::base::error_answer(request, self.origin(), &error, out).is_ok(),
            Answer::Refused(result) => failed(result, out),
            Answer::Silence | Answer::Disconnect => return,
        };
        match out.get_mut(start..).and_then(|message| message.first_chunk_mut::<HEADER_LEN>()) {
            Some(head) if sound => {
                *head = patched(*head, request.header);
                self.counters.answers_sent.one();
            }
            _ => out.truncate(start),
        }
    }

    pub(crate) fn changed_if_stopping(&self) {
        if self.is_stopping() {
            self.changed.notify_waiters();
        }
    }
}

/// The head of an answer with the identifiers of its request and R clear.
fn patched(head: [u8; HEADER_LEN], request: Header) -> [u8; HEADER_LEN] {
    let mut header = Header::decode(&head);
    header.flags = header.flags.without(CommandFlags::REQUEST);
    header.ids = request.ids;
    let [_, a, b, c, ..] = head;
    header.encode(u32::from_be_bytes([0, a, b, c]))
}
