//! The side that is called: a requesting gateway, or the home one of somebody who is here, has somebody waited for, or ends that; a home or
//! a visited gateway tells news.

use super::letter::{Letter, name_of};
use crate::config::LrRole;
use crate::door::{Reply, Wish};
use crate::ldr::{Deferred, NewsFate};
use crate::lr::door::{LrDoor, account, failed, named, route};
use crate::lr::judge::{Case, Judge, Refused};
use crate::lr::peers::Peer;
use gmlc::{EndReason, Instruction, LdrRequest};
use lcs::{Failure, LdrReference, LocationRequest, LocationType};
use mlp::rlp::{
    Answer, AnswerBody, AnswerElement, Immediate, Sender, ServerAddress, Stop, Triggered, Version, parse_news,
    write_stopped,
};
use mlp::{Misfit, ResultId, result_of};
use privacy::disclosure::{Ending, Facts, Recorded, RequestId, Via};
use std::sync::Arc;

/// A triggered request that was read. Nothing in it is believed yet but the certificate of its caller.
pub(in crate::lr) struct Waited {
    pub(in crate::lr) version: Version,
    pub(in crate::lr) says: Sender,
    pub(in crate::lr) asked: Box<Triggered>,
    pub(in crate::lr) caller: Option<Arc<Peer>>,
}

impl LrDoor {
    /// Arms a request of another gateway, or answers and records why not.
    pub(in crate::lr) async fn wait(self: Arc<Self>, job: Waited) -> Reply {
        let Some(deferred) = self.core.deferred.clone() else {
            return failed(job.version, AnswerElement::Trlra, ResultId::SERVICE_NOT_SUPPORTED, Some("trlrr"));
        };
        let request = &job.asked.request;
        let Some(asked) = request.location_request(account(job.caller.as_deref(), request)) else {
            return failed(job.version, AnswerElement::Trlra, ResultId::SYSTEM_FAILURE, None);
        };
        let peer = job.caller.as_ref().map_or("unknown", |peer| &**peer.name());
        let judge = Judge { core: &self.core, caller: job.caller.as_ref(), says: &job.says, now: self.core.now() };
        let armed = match judge.admit_triggered(request) {
            Ok((case, _place)) => {
                let armed = self.arm(&deferred, &job, (peer, asked), &case).await;
                let outcome = armed.as_ref().err().map_or("done", |failure| failure.as_str());
                metrics::counter!("wherefore_lr_served_total", "peer" => peer.to_owned(), "as" => case.word(), "outcome" => outcome)
                    .increment(1);
                armed
            }
            Err(Refused { why, failure }) => {
                refused(peer, why);
                self.record_refusal(request, asked, failure).await
            }
        };
        let body = match &armed {
            Ok(request_id) => AnswerBody::Accepted { request_id },
            Err(failure) => AnswerBody::Failed { result: result_of(*failure, false), add_info: None },
        };
        let mut out = String::with_capacity(512);
        Answer::to(job.version, request, &self.sender, body).to_triggered().write(&mut out);
        (200, out)
    }

    async fn arm(
        &self,
        deferred: &Deferred,
        job: &Waited,
        (peer, request): (&str, LocationRequest),
        case: &Case<'_>,
    ) -> Result<String, Failure> {
        let now = self.core.now();
        let Triggered { request: read, waiting } = &*job.asked;
        let wish = waiting.schedule(now);
        let wish = wish.and_then(|times| Wish::waiting(&waiting.trigger, times, now, &self.core.config.deferred));
        let wish = match wish {
            Ok(wish) => wish,
            Err(Misfit { add_info, .. }) => {
                tracing::debug!(rule = add_info, "Lr: a triggered request has no course");
                return self.record_refusal(read, request, Failure::InvalidRequest).await;
            }
        };
        // The name of the exchange, so that a gateway that crashed before it read the answer knows it.
        let request_id = match &read.transaction {
            Some(transaction) => transaction.as_str().to_owned(),
            None => crate::forms::to_hex(&RequestId::random().ok_or(Failure::SystemFailure)?.0),
        };
        let instruction = instruction(case, read);
        let letter = Letter::new(peer, &request_id, job.version, &read.subject).ok_or(Failure::UnknownSubscriber);
        let letter = match &instruction {
            Some(told) => letter.and_then(|letter| letter.told(told).ok_or(Failure::InvalidRequest)),
            None => letter,
        };
        let door = match letter.and_then(|letter| letter.octets().ok_or(Failure::SystemFailure)) {
            Ok(door) => door,
            Err(failure) => return self.record_refusal(read, request, failure).await,
        };
        let ldr = LdrRequest {
            id: name_of(peer, &request_id),
            request,
            event: wish.event,
            rounds: wish.rounds,
            start: wish.start,
            stop: wish.stop,
            via: Via::Rlp,
            door,
        };
        let armed = match (case, instruction) {
            (Case::Home(requesting), _) => deferred.arm_for_gateway(&self.core, ldr, requesting.clone()).await,
            (Case::Visited(..), Some(told)) => {
                let reference = read.lcs_ref.map(LdrReference);
                deferred.arm_instructed(&self.core, ldr, (&told, reference)).await
            }
            // No triggered request is judged to be one.
            (Case::Visited(..) | Case::Overriding(..), _) => return Err(Failure::SystemFailure),
        };
        armed.map(|_| request_id)
    }

    /// Records that nobody is waited for.
    async fn record_refusal(
        &self,
        read: &Immediate,
        request: LocationRequest,
        failure: Failure,
    ) -> Result<String, Failure> {
        let id = RequestId::random().ok_or(Failure::SystemFailure)?;
        let mut ticket = self.core.log.open(Facts {
            time: self.core.now(),
            request: id,
            via: Via::Rlp,
            account: request.account,
            client_type: request.client.client_type,
            external: request.client.external,
            requestor: request.client.requestor,
            service_type: request.service_type,
            location_type: LocationType::ActivateDeferred,
            qos: request.qos,
            target: request.target,
        });
        let identities = named(&read.subject);
        ticket.identify(self.core.ppr.subject(&identities), identities);
        let recorded = ticket.record(Ending::failed(failure).at(self.core.now()), ()).await;
        recorded.map(Recorded::release)?;
        Err(failure)
    }

    /// Ends a request of another gateway. Takes no permit: nothing is told by it.
    pub(in crate::lr) async fn stop(
        self: Arc<Self>,
        version: Version,
        says: Sender,
        stop: Stop,
        caller: Option<Arc<Peer>>,
    ) -> Reply {
        let refuse = |result, add_info| failed(version, AnswerElement::Trlrsa, result, add_info);
        let Some(deferred) = self.core.deferred.clone() else {
            return refuse(ResultId::SERVICE_NOT_SUPPORTED, Some("trlrsr"));
        };
        let judge = Judge { core: &self.core, caller: caller.as_ref(), says: &says, now: self.core.now() };
        let (peer, _place) = match judge.admit_stop(&stop) {
            Ok(admitted) => admitted,
            Err(Refused { why, failure }) => {
                refused(caller.as_ref().map_or("unknown", |peer| &**peer.name()), why);
                return refuse(result_of(failure, false), None);
            }
        };
        let id = name_of(peer.name(), &stop.request_id);
        match deferred.cancel_one(&self.core, id, EndReason::ByClient).await {
            Ok(0) => {
                refuse(ResultId::INVALID_PROTOCOL_ELEMENT_VALUE, Some("req_id: no request of this gateway has it"))
            }
            Ok(_) => {
                let mut out = String::with_capacity(512);
                write_stopped(&mut out, version, &self.sender, &stop.request_id, stop.transaction.as_ref());
                (200, out)
            }
            Err(failure) => refuse(result_of(failure, false), None),
        }
    }

    /// Takes news of a gateway about a request that was referred there, or that it has a node wait for. The status says all that there is to answer.
    pub(in crate::lr) async fn news(self: Arc<Self>, body: &[u8], caller: Option<Arc<Peer>>) -> Reply {
        let status = |code| (code, String::new());
        let news = match parse_news(body, &self.limits) {
            Ok(news) => news,
            Err(error) => {
                metrics::counter!("wherefore_lr_unreadable_total").increment(1);
                tracing::warn!(%error, "Lr: news that cannot be read");
                return status(400);
            }
        };
        let name = caller.as_ref().map_or("unknown", |peer| &**peer.name()).to_owned();
        let judge = |says: &Sender| {
            let judge = Judge { core: &self.core, caller: caller.as_ref(), says, now: self.core.now() };
            judge.admit_news().map(|(peer, place)| (Arc::clone(peer), place))
        };
        let unsigned = Sender::new(String::new());
        let (peer, _place) = match judge(news.sender.as_ref().unwrap_or(&unsigned)) {
            Ok(admitted) => admitted,
            Err(Refused { why, failure }) => {
                refused(&name, why);
                return status(if matches!(failure, Failure::Refused(_)) { 403 } else { 503 });
            }
        };
        let Some(deferred) = self.core.deferred.clone() else { return status(410) };
        let roles = [LrRole::Home, LrRole::Visited].map(|role| peer.acts_as(role));
        let fate = deferred.take_news(&self.core, peer.name(), roles, news).await;
        let (code, why) = match fate {
            NewsFate::Taken => return status(200),
            NewsFate::Unknown => (410, "unknown_request"),
            NewsFate::Broken(why) => (403, why),
            NewsFate::Later => return status(503),
        };
        refused(&name, why);
        status(code)
    }
}

/// What the home gateway told, where this is the visited one.
fn instruction(case: &Case<'_>, read: &Immediate) -> Option<Instruction> {
    let Case::Visited(authority, word) = case else { return None };
    let h_gmlc = match &read.routing.h_gmlc {
        Some(ServerAddress::Ip(address)) => Some(*address),
        Some(ServerAddress::Host(_)) | None => None,
    };
    let reporting_plmns = read.reporting_plmns.clone();
    Some(Instruction { authority: authority.clone(), word: *word, route: route(read), h_gmlc, reporting_plmns })
}

fn refused(peer: &str, why: &'static str) {
    let peer = peer.to_owned();
    metrics::counter!("wherefore_lr_refused_total", "peer" => peer.clone(), "reason" => why).increment(1);
    tracing::warn!(%peer, reason = why, "Lr: a gateway is refused");
}
