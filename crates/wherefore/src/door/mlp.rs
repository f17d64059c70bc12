//! One MLP request from its octets to its answer.

use super::admission::{self, Admitted};
use super::http::{Bounds, Reply, Respondent, Words};
use super::places::{Place, Places};
use super::reports;
use crate::charging::Began;
use crate::clients::{Client, Credential};
use crate::config;
use crate::core::Core;
use bytes::Bytes;
use gmlc::Ask;
use lcs::{Digits, Duration, Failure, Fix, LocationType, Timestamp};
use mlp::{
    Answer, AnswerBody, AnswerElement, Header, Immediate, Outcome, Pos, ResultId, Service, SvcInit, TargetEntry,
    Version, parse_svc_init, result_of, write_failure,
};
use privacy::disclosure::{Ending, RequestId};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// The door.
pub(crate) struct Door {
    pub(crate) core: Arc<Core>,
    pub(super) places: Places,
    limits: mlp::Limits,
}

/// What a client shows on its connection.
#[derive(Clone, Default)]
pub(crate) struct Shown {
    /// End entity certificate of the TLS connection, its chain checked.
    pub(crate) certificate: Option<Arc<[u8]>>,
}

/// How one target ended, ready to be written.
pub(super) type Ended = Result<(Fix, Timestamp), (ResultId, Timestamp)>;

/// A request that was read, whose client is known and admitted.
pub(super) struct Job {
    pub(super) init: SvcInit,
    pub(super) id: RequestId,
    deadline: Timestamp,
}

impl Job {
    /// The immediate request; the only service that makes a job.
    pub(super) fn immediate(&self) -> Option<&Immediate> {
        match &self.init.service {
            Service::Immediate(request) => Some(request),
            Service::Triggered(_) | Service::Stop(_) | Service::Query(_) | Service::Unsupported(_) => None,
        }
    }
}

impl Respondent for Door {
    type Caller = Shown;

    const WORDS: Words = Words {
        refused: "wherefore_mlp_connections_refused_total",
        tls_failures: "wherefore_mlp_tls_failures_total",
        broken: "wherefore_mlp_connections_broken_total",
        by_post: "MLP requests are sent by POST\n",
        too_long: "the body is longer than mlp.body_limit_bytes\n",
        too_slow: "the body did not come within mlp.read_timeout_ms\n",
    };

    fn work(&self) -> &TaskTracker {
        &self.core.work
    }

    fn caller(&self, certificate: Option<&[u8]>) -> Shown {
        Shown { certificate: certificate.map(Into::into) }
    }

    async fn answer(self: Arc<Self>, body: Bytes, shown: Shown) -> Reply {
        Self::answer(&self, &body, &shown).await
    }
}

impl Door {
    /// What holds of its connections.
    pub(crate) fn bounds(config: &config::Mlp) -> Bounds {
        Bounds {
            read: Duration::from_millis(config.read_timeout_ms),
            idle: Duration::from_millis(config.idle_timeout_ms),
            body: config.body_limit_bytes,
            connections: config.max_connections,
        }
    }

    pub(crate) fn new(core: Arc<Core>) -> Self {
        let config = &core.config;
        let max_targets = config.mlp.max_targets as usize;
        let limits = mlp::Limits { max_body: config.mlp.body_limit_bytes, max_targets, ..mlp::Limits::default() };
        Self { places: Places::new(&config.limits), limits, core }
    }

    /// Requests under way, for metrics.
    pub(crate) fn under_way(&self) -> usize {
        self.places.in_use()
    }

    /// Answers one request. What was begun goes on to its record when the client is gone.
    pub(crate) async fn answer(self: &Arc<Self>, body: &[u8], shown: &Shown) -> Reply {
        metrics::counter!("wherefore_mlp_requests_total").increment(1);
        let init = match parse_svc_init(body, &self.limits) {
            Ok(init) => init,
            Err(error) => {
                metrics::counter!("wherefore_mlp_unreadable_total").increment(1);
                let mut out = String::with_capacity(256);
                error.write(&mut out);
                return (error.http_status(), out);
            }
        };
        let deferred = matches!(init.service, Service::Triggered(_) | Service::Stop(_) | Service::Query(_));
        let served = matches!(init.service, Service::Immediate(_)) || (deferred && self.core.deferred.is_some());
        if !served {
            let (version, element) = (init.version, init.service.answer());
            return failed(version, element, ResultId::SERVICE_NOT_SUPPORTED, Some(init.service.element()));
        }
        let Some(id) = RequestId::random() else {
            return failed(init.version, init.service.answer(), ResultId::SYSTEM_FAILURE, None);
        };
        let door = Arc::clone(self);
        let shown = shown.clone();
        let (version, element) = (init.version, init.service.answer());
        let work = self.core.work.spawn(async move {
            if deferred { door.triggered(init, id, &shown).await } else { door.serve(init, id, &shown).await }
        });
        // Only a panic ends the task without a value; the tickets that it held are recorded as abandoned.
        work.await.unwrap_or_else(|_| failed(version, element, ResultId::SYSTEM_FAILURE, None))
    }

    async fn serve(self: Arc<Self>, init: SvcInit, id: RequestId, shown: &Shown) -> Reply {
        let now = self.core.now();
        let (version, element) = (init.version, init.service.answer());
        let Service::Immediate(request) = &init.service else {
            return failed(version, element, ResultId::SERVICE_NOT_SUPPORTED, None);
        };
        let deadline = now.after(self.time_allowed(request));
        let client = match self.authenticate(&init.header, shown).await {
            Ok(client) => client,
            Err(failure) => return self.refuse_all(&init, id, None, failure).await,
        };
        let max_targets = self.core.config.mlp.max_targets;
        let admitted = admission::admit(Arc::clone(&client), &init.header, request, max_targets, now);
        let admitted = match admitted {
            Ok(admitted) => admitted,
            Err(failure) => return self.refuse_all(&init, id, Some(&client), failure).await,
        };
        let targets = u32::try_from(request.targets.len()).unwrap_or(u32::MAX);
        let patience = deadline.since(self.core.now());
        let place = match self.places.take(targets, client.privileged(), patience).await {
            Ok(place) => place,
            Err(failure) => return self.refuse_all(&init, id, Some(&client), failure).await,
        };
        if request.asynchronous {
            return self.accept(Job { init, id, deadline }, admitted, place).await;
        }
        let job = Job { init, id, deadline };
        let ended = self.locate_all(&job, &admitted).await;
        drop(place);
        job.immediate().map_or_else(
            || failed(version, element, ResultId::SYSTEM_FAILURE, None),
            |request| (200, positions(&job.init, request, &ended)),
        )
    }

    /// Asynchronous: the answer is a request id, and a report is sure to follow, because one that says "system failure" is
    /// kept before the answer goes out and is only taken back when the true one is kept.
    async fn accept(self: &Arc<Self>, job: Job, admitted: Admitted, place: Place) -> Reply {
        let version = job.init.version;
        let promise = match reports::promise(&self.core, &job, &admitted.client).await {
            Ok(promise) => promise,
            Err(failure) => {
                return self.refuse_all(&job.init, job.id, Some(&admitted.client), failure).await;
            }
        };
        let mut out = String::with_capacity(256);
        if let Some(request) = job.immediate() {
            let body = AnswerBody::Accepted { request_id: promise.request_id() };
            Answer::to(version, &job.init.header, request, body).write(&mut out);
        }
        let door = Arc::clone(self);
        self.core.work.spawn(async move {
            let ended = door.locate_all(&job, &admitted).await;
            drop(place);
            promise.keep(&door.core, &job, &ended).await;
        });
        (200, out)
    }

    /// Who asks. A secret seen lately costs a lookup; a new one costs a password hash on another thread.
    pub(super) async fn authenticate(&self, header: &Header, shown: &Shown) -> Result<Arc<Client>, Failure> {
        let credentials = header.client.as_ref().ok_or(Failure::UnauthorisedApplication)?;
        let clients = &self.core.clients;
        let credential = match (&credentials.password, &shown.certificate) {
            (Some(password), _) => {
                if let Some(client) = clients.recognise(&credentials.id, password.expose()) {
                    return Ok(client);
                }
                Credential::Secret(password.expose())
            }
            (None, Some(der)) => Credential::Certificate { der, chain_verified: true },
            (None, None) => Credential::None,
        };
        clients.authenticate(&credentials.id, credential).await.map_err(Failure::from)
    }

    /// Time for the whole request: what the client allows, at most what the operator does.
    fn time_allowed(&self, request: &Immediate) -> Duration {
        let most = Duration::from_millis(self.core.config.mlp.request_timeout_ms);
        let asked = request.quality.response_timer_s.map(|s| Duration::from_secs(u64::from(s)));
        asked.filter(|asked| !asked.is_zero()).map_or(most, |asked| asked.min(most))
    }

    /// All targets, at the same time, in the order of the request.
    pub(super) async fn locate_all(&self, job: &Job, admitted: &Admitted) -> Vec<Ended> {
        let Some(request) = job.immediate() else { return Vec::new() };
        match request.targets.as_slice() {
            [entry] => vec![self.locate(job, request, entry, admitted).await],
            entries => {
                let all = entries.iter().map(|entry| self.locate(job, request, entry, admitted));
                futures_util::future::join_all(all).await
            }
        }
    }

    /// One target. Its ticket is opened first, so that whatever happens there is an entry.
    async fn locate(&self, job: &Job, request: &Immediate, entry: &TargetEntry, admitted: &Admitted) -> Ended {
        let core = &self.core;
        let now = core.now();
        let target = entry.target.clone().map_err(|result| (result, now))?;
        let header = &job.init.header;
        let client = &admitted.client;
        let asked = (request.location_type, request.quality.qos);
        let facts = admission::facts(job.id, now, Some(client), header, asked, target.clone());
        let mut ticket = core.log.open(facts);
        let identities = lcs::Identities::of(&target).unwrap_or_default();
        ticket.identify(core.ppr.subject(&identities), identities);
        let asked = admitted
            .request(header, (request.location_type, request.quality.max_age_s), entry, target)
            .and_then(|asked| {
                let listed = asked.client.call_session_related || client.authorised_for(&identities).is_ok();
                let not_listed = Failure::Refused(lcs::RefusalReason::TargetNotAuthorised);
                if listed { Ok(asked) } else { Err(not_listed) }
            });
        let answer = match asked {
            Ok(request) => {
                let ask = Ask { request, deadline: job.deadline, emergency_key: emergency_key(entry) };
                let began = Began { id: job.id, at: now, request: &ask.request, from: None, visited: false };
                core.answer(&ask, client.record().override_capability, began, ticket).await
            }
            Err(failure) => {
                let recorded =
                    ticket.record(Ending::failed(failure).at(core.now()), Err::<privacy::Cleared, _>(failure)).await;
                recorded.map_err(Failure::from).and_then(privacy::disclosure::Recorded::release)
            }
        };
        let hide = core.config.mlp.hide_refusal_reasons;
        let at = core.now();
        answer.map(|fix| (fix, at)).map_err(|failure| (result_of(failure, hide), at))
    }

    /// Refuses a request as a whole, with an entry for each target all the same.
    pub(super) async fn refuse_all(
        &self,
        init: &SvcInit,
        id: RequestId,
        client: Option<&Client>,
        failure: Failure,
    ) -> Reply {
        let core = &self.core;
        let now = core.now();
        let (targets, asked) = match &init.service {
            Service::Immediate(request) => (&*request.targets, (request.location_type, request.quality.qos)),
            Service::Triggered(request) => (&*request.targets, (LocationType::ActivateDeferred, request.quality.qos)),
            Service::Stop(_) | Service::Query(_) | Service::Unsupported(_) => {
                (&[][..], (LocationType::CancelDeferred, lcs::Qos::BEST_EFFORT))
            }
        };
        let recordings = targets.iter().filter_map(|entry| entry.target.as_ref().ok()).map(|target| {
            let facts = admission::facts(id, now, client, &init.header, asked, target.clone());
            let mut ticket = core.log.open(facts);
            let identities = lcs::Identities::of(target).unwrap_or_default();
            ticket.identify(core.ppr.subject(&identities), identities);
            ticket.record(Ending::failed(failure).at(now), ())
        });
        for recorded in futures_util::future::join_all(recordings).await {
            if recorded.is_err() {
                metrics::counter!("wherefore_refusals_unrecorded_total").increment(1);
            }
        }
        metrics::counter!("wherefore_mlp_refused_total", "failure" => failure.as_str()).increment(1);
        let result = result_of(failure, core.config.mlp.hide_refusal_reasons);
        failed(init.version, init.service.answer(), result, None)
    }
}

/// The key by which an emergency call was routed (NA-ESRK). The digits of its place (NA-ESRD) name no call; beside them the number
/// does (TS 23.271 clause 9.1.3).
fn emergency_key(entry: &TargetEntry) -> Option<Digits> {
    entry.esrk.as_ref().and_then(|key| Digits::parse(key.text.expose()).ok())
}

/// Writes the answer to a request whose targets each ended.
fn positions(init: &SvcInit, request: &Immediate, ended: &[Ended]) -> String {
    let mut out = String::with_capacity(512 + 512 * ended.len());
    let parts = parts(&request.targets, ended);
    Answer::to(init.version, &init.header, request, AnswerBody::Positions(&parts)).write(&mut out);
    out
}

/// Targets beside their ends.
pub(super) fn parts<'a>(targets: &'a [TargetEntry], ended: &'a [Ended]) -> Vec<Pos<'a>> {
    let outcome = |ended: &'a Ended| match ended {
        Ok((fix, at)) => Outcome::Fixed { fix, at: *at },
        Err((result, at)) => Outcome::Failed { result: *result, add_info: None, at: *at },
    };
    targets.iter().zip(ended).map(|(target, ended)| Pos { target, outcome: outcome(ended) }).collect()
}

pub(super) fn failed(version: Version, element: AnswerElement, result: ResultId, add_info: Option<&str>) -> Reply {
    let mut out = String::with_capacity(256);
    write_failure(&mut out, version, element, result, add_info);
    (200, out)
}
