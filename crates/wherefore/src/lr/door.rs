//! The side that is asked: one request of another gateway, from its octets to its answer. Each hop judges the one before it: who
//! it is by its certificate, what it may act as, and for whom it may speak. What is refused is recorded all the same.

use super::judge::{Case, Judge, Refused};
use super::peers::{Peer, Peers};
use super::triggered::Waited;
use crate::charging::{Began, ChargedPosition, noting};
use crate::config;
use crate::core::Core;
use crate::door::{Bounds, Reply, Respondent, Words};
use bytes::Bytes;
use gmlc::Ask;
use lcs::{Duration, Failure, Fix, Identities, LocationRequest, RoutingInfo, Timestamp};
use mlp::rlp::{
    Answer, AnswerBody, AnswerElement, Immediate, Plmn, Sender, Service, Subject, Version, is_svc_result,
    parse_svc_init,
};
use mlp::{Limits, ResultId, result_of};
use privacy::Cleared;
use privacy::disclosure::{Ending, Facts, Recorded, RequestId, Ticket, Via};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// The door for other gateways.
pub(crate) struct LrDoor {
    pub(super) core: Arc<Core>,
    peers: Arc<Peers>,
    pub(super) sender: Sender,
    pub(super) limits: Limits,
    longest: Duration,
}

impl Respondent for LrDoor {
    type Caller = Option<Arc<Peer>>;

    const WORDS: Words = Words {
        refused: "wherefore_lr_connections_refused_total",
        tls_failures: "wherefore_lr_tls_failures_total",
        broken: "wherefore_lr_connections_broken_total",
        by_post: "RLP requests are sent by POST\n",
        too_long: "the body is longer than lr.body_limit_bytes\n",
        too_slow: "the body did not come within lr.read_timeout_ms\n",
    };

    fn work(&self) -> &TaskTracker {
        &self.core.work
    }

    fn caller(&self, certificate: Option<&[u8]>) -> Self::Caller {
        certificate.and_then(|der| self.peers.of_certificate(der))
    }

    async fn answer(self: Arc<Self>, body: Bytes, caller: Self::Caller) -> Reply {
        if is_svc_result(&body, &self.limits) {
            let door = Arc::clone(&self);
            let work = self.core.work.spawn(async move { door.news(&body, caller).await });
            // Only a panic ends the task without a value; it is to be told again.
            return work.await.unwrap_or_else(|_| (503, String::new()));
        }
        let init = match parse_svc_init(&body, &self.limits) {
            Ok(init) => init,
            Err(error) => {
                metrics::counter!("wherefore_lr_unreadable_total").increment(1);
                let mut out = String::with_capacity(512);
                error.write(&mut out);
                return (error.http_status(), out);
            }
        };
        let version = init.version;
        let request = match init.service {
            Service::Immediate(request) => request,
            Service::Triggered(asked) => {
                let job = Waited { version, says: init.sender, asked, caller };
                let work = self.core.work.spawn(Arc::clone(&self).wait(job));
                return work
                    .await
                    .unwrap_or_else(|_| failed(version, AnswerElement::Trlra, ResultId::SYSTEM_FAILURE, None));
            }
            Service::Stop(stop) => {
                let work = self.core.work.spawn(Arc::clone(&self).stop(version, init.sender, stop, caller));
                return work
                    .await
                    .unwrap_or_else(|_| failed(version, AnswerElement::Trlrsa, ResultId::SYSTEM_FAILURE, None));
            }
            Service::Unsupported(service) => {
                let element = service.answer();
                return failed(version, element, ResultId::SERVICE_NOT_SUPPORTED, Some(service.element()));
            }
        };
        let element = request.service.answer();
        let Some(id) = RequestId::random() else {
            return failed(version, element, ResultId::SYSTEM_FAILURE, None);
        };
        let job = Job { version, says: init.sender, request, id, caller, began: self.core.now() };
        let door = Arc::clone(&self);
        // What was begun goes on to its record when the other gateway is gone.
        let work = self.core.work.spawn(async move { door.serve(job).await });
        // Only a panic ends the task without a value; the ticket that it held is recorded as abandoned.
        work.await.unwrap_or_else(|_| failed(version, element, ResultId::SYSTEM_FAILURE, None))
    }
}

/// A request that was read. Nothing in it is believed yet but the certificate of its caller.
struct Job {
    version: Version,
    /// As what the sender names itself.
    says: Sender,
    request: Box<Immediate>,
    id: RequestId,
    caller: Option<Arc<Peer>>,
    began: Timestamp,
}

/// What is answered once it is recorded.
enum Told {
    Position(Fix),
    Notified,
}

impl LrDoor {
    pub(crate) fn new(core: Arc<Core>, peers: Arc<Peers>) -> Self {
        let lr = &core.config.lr;
        Self {
            sender: Sender::new(core.config.lr_name()),
            limits: Limits { max_body: lr.body_limit_bytes, ..Limits::default() },
            longest: Duration::from_millis(lr.answer_timeout_ms),
            peers,
            core,
        }
    }

    /// What holds of its connections.
    pub(crate) fn bounds(lr: &config::Lr) -> Bounds {
        Bounds {
            read: Duration::from_millis(lr.read_timeout_ms),
            idle: Duration::from_millis(lr.idle_timeout_ms),
            body: lr.body_limit_bytes,
            connections: lr.max_connections,
        }
    }

    async fn serve(self: Arc<Self>, job: Job) -> Reply {
        let request = &*job.request;
        let account = account(job.caller.as_deref(), request);
        let Some(asked) = request.location_request(Arc::clone(&account)) else {
            return failed(job.version, request.service.answer(), ResultId::SYSTEM_FAILURE, None);
        };
        let mut ticket = self.core.log.open(facts(&job, &asked));
        let identities = named(&request.subject);
        ticket.identify(self.core.ppr.subject(&identities), identities);
        let peer = job.caller.as_ref().map_or("unknown", |peer| &**peer.name());
        let judge = Judge { core: &self.core, caller: job.caller.as_ref(), says: &job.says, now: job.began };
        let (case, _place) = match judge.admit(request) {
            Ok(admitted) => admitted,
            Err(Refused { why, failure }) => {
                let peer = peer.to_owned();
                metrics::counter!("wherefore_lr_refused_total", "peer" => peer.clone(), "reason" => why).increment(1);
                tracing::warn!(%peer, reason = why, request = %job.id, "Lr: a gateway is refused");
                let recorded = ticket.record(Ending::failed(failure).at(self.core.now()), Err::<Cleared, _>(failure));
                let answer = recorded.await.map_err(Failure::from).and_then(Recorded::release);
                return self.reply(&job, answer.map(Told::Position), None, false);
            }
        };
        let to_home = !matches!(case, Case::Home(_));
        let deadline = job.began.after(self.time_allowed(request));
        let ask = Ask { request: asked, deadline, emergency_key: None };
        let began = Began {
            id: job.id,
            at: job.began,
            request: &ask.request,
            from: job.caller.as_ref().map(|peer| (peer.name(), request.transaction.as_ref())),
            visited: to_home,
        };
        let (answer, slip) = noting(self.perform(&case, request, &ask, ticket)).await;
        let visited = slip.visited_plmn().and_then(Plmn::new);
        let result = match &answer {
            Ok(Told::Position(fix)) => Ok(ChargedPosition::of(fix)),
            Ok(Told::Notified) => Ok(ChargedPosition::default()),
            Err(failure) => Err(*failure),
        };
        let outcome = result.as_ref().err().map_or("done", |failure| failure.as_str());
        metrics::counter!("wherefore_lr_served_total", "peer" => peer.to_owned(), "as" => case.word(), "outcome" => outcome)
            .increment(1);
        self.core.charging.keep(|| began.finished(slip, self.core.now(), result));
        self.reply(&job, answer, visited.as_ref(), to_home)
    }

    /// The procedure of the case, to its record.
    async fn perform(&self, case: &Case<'_>, request: &Immediate, ask: &Ask, ticket: Ticket) -> Result<Told, Failure> {
        let gateway = self.core.gateway();
        match case {
            Case::Home(requesting) => {
                let recorded = gmlc::home(&gateway, requesting, ask, ticket).await;
                recorded.map_err(Failure::from).and_then(Recorded::release).map(Told::Position)
            }
            Case::Visited(authority, word) => {
                let recorded = gmlc::visited(&gateway, authority, *word, route(request), ask, ticket).await;
                let outcome = recorded.map_err(Failure::from).and_then(Recorded::release)?;
                match outcome {
                    lcs::PositioningOutcome::Fixed(fix) => Ok(Told::Position(fix)),
                    lcs::PositioningOutcome::Notified => Ok(Told::Notified),
                    lcs::PositioningOutcome::TransientlyUnreachable => Err(Failure::AbsentSubscriber),
                }
            }
            Case::Overriding(client, territory, number) => {
                let route = route(request);
                let judged = (*territory, *number);
                let recorded = gmlc::visited_overriding(&gateway, *client, judged, route, ask, ticket).await;
                recorded.map_err(Failure::from).and_then(Recorded::release).map(Told::Position)
            }
        }
    }

    /// Time for the whole request: what the other gateway waits for, at most what the operator allows.
    fn time_allowed(&self, request: &Immediate) -> Duration {
        let asked = request.quality.response_timer_s.map(|s| Duration::from_secs(u64::from(s)));
        asked.filter(|asked| !asked.is_zero()).map_or(self.longest, |asked| asked.min(self.longest))
    }

    /// The answer. A home gateway, which decides, and an emergency are told the cell and the network too.
    fn reply(&self, job: &Job, told: Result<Told, Failure>, visited: Option<&Plmn>, to_home: bool) -> Reply {
        let at = self.core.now();
        let body = match &told {
            Ok(Told::Position(fix)) => AnswerBody::Position { fix, at },
            Ok(Told::Notified) => AnswerBody::Notified,
            Err(failure) => AnswerBody::Failed { result: result_of(*failure, false), add_info: None },
        };
        let mut answer = Answer::to(job.version, &job.request, &self.sender, body);
        if to_home {
            answer = answer.with_surroundings();
            if let Some(plmn) = visited {
                answer = answer.visited(plmn);
            }
        }
        let mut out = String::with_capacity(1024);
        answer.write(&mut out);
        (200, out)
    }
}

/// The account of a client behind another gateway. No account of a client registered here has a slash in it.
pub(super) fn account(caller: Option<&Peer>, request: &Immediate) -> Arc<str> {
    let peer = caller.map_or("unknown", |peer| &**peer.name());
    match request.client.external {
        Some(number) => format!("lr/{peer}/{number}").into(),
        None => format!("lr/{peer}").into(),
    }
}

/// The gateway behind which a client with this account is ([`account`]); `None`: it is a client of this gateway.
pub(crate) fn peer_of_account(account: &str) -> Option<&str> {
    account.strip_prefix("lr/")?.split('/').next()
}

pub(super) fn named(subject: &Subject) -> Identities {
    match subject {
        Subject::Known(identities) => *identities,
        Subject::Pseudonym(_) => Identities::default(),
    }
}

fn facts(job: &Job, asked: &LocationRequest) -> Facts {
    Facts {
        time: job.began,
        request: job.id,
        via: Via::Rlp,
        account: Arc::clone(&asked.account),
        client_type: asked.client.client_type,
        external: asked.client.external,
        requestor: asked.client.requestor.clone(),
        service_type: asked.service_type,
        location_type: asked.location_type,
        qos: asked.qos,
        target: asked.target.clone(),
    }
}

/// Where the target is served, as the other gateway says. Nodes that are not of the own network are not asked.
pub(super) fn route(request: &Immediate) -> Arc<RoutingInfo> {
    Arc::new(RoutingInfo {
        identities: named(&request.subject),
        nodes: request.routing.nodes.as_slice().into(),
        h_gmlc: None,
        ppr: None,
        optimised_lcs: request.routing.optimised_lcs,
    })
}

pub(super) fn failed(
    version: Version,
    element: mlp::rlp::AnswerElement,
    result: ResultId,
    add_info: Option<&str>,
) -> Reply {
    let mut out = String::with_capacity(256);
    mlp::rlp::write_failure(&mut out, version, element, result, add_info);
    (200, out)
}
