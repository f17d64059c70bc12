//! The side that asks. A request goes out once: after its first byte nothing is sent again, since a user may have been asked.
//! Nothing is taken of an answer that is not about who was asked about, in the exchange that it was asked in, by who was asked.

use super::home::{Homes, Own};
use super::peers::{Peer, Peers};
use crate::charging::{ChargedLeg, ChargedRole, note_leg};
use crate::config::{self, LrRole};
use crate::{clock, tls};
use anyhow::{Context as _, Result};
use gmlc::{Ask, Home, HomeAnswer, PeerGateway};
use lcs::{Duration, Failure, Identities, Named, PositioningOutcome, RoutingInfo, ServingNode, Timestamp};
use mlp::Limits;
use mlp::rlp::{
    AnswerElement, Outgoing, OutgoingError, PeerFailure, PeerOutcome, Plmn, Sender, ServerAddress, Subject, SvcResult,
    Transaction, parse_svc_result, peer_failure,
};
use privacy::Referral;
use reqwest::{StatusCode, header};
use std::collections::HashMap;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The gateways of other operators, as they are asked.
pub(crate) struct Gateways {
    pub(super) homes: Homes,
    pub(super) links: HashMap<Arc<str>, Link>,
    sender: Sender,
    address: Option<ServerAddress>,
    pub(super) longest_wait: Duration,
    limits: Limits,
}

/// The way to one of them, with the connections kept open.
pub(super) struct Link {
    pub(super) http: reqwest::Client,
    pub(super) url: String,
}

/// What came back, with whom it is from already seen.
pub(super) struct Answered {
    pub(super) outcome: PeerOutcome,
    visited: Option<Plmn>,
    pub(super) request_id: Option<String>,
}

/// What is wrong with an answer; all of it is the peer's fault, and none of it is told on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Status,
    TooLong,
    Unreadable,
    OtherSender,
    OtherExchange,
    OtherService,
    OtherSubscriber,
    NoPosition,
    PositionUnasked,
}

impl Fault {
    fn word(self) -> &'static str {
        match self {
            Self::Status => "http_status",
            Self::TooLong => "too_long",
            Self::Unreadable => "unreadable",
            Self::OtherSender => "other_sender",
            Self::OtherExchange => "other_exchange",
            Self::OtherService => "other_service",
            Self::OtherSubscriber => "other_subscriber",
            Self::NoPosition => "no_position",
            Self::PositionUnasked => "position_unasked",
        }
    }
}

/// Why an exchange ended without an answer that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missed {
    /// It never began, or the gateway said so.
    Failed(Failure),
    /// The gateway broke the rules.
    Broken(Fault),
}

impl From<Failure> for Missed {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Fault> for Missed {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

impl Missed {
    pub(super) fn failure(self) -> Failure {
        match self {
            Self::Failed(failure) => failure,
            Self::Broken(_) => Failure::NetworkProtocol,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Failed(failure) => failure.as_str(),
            Self::Broken(fault) => fault.word(),
        }
    }
}

impl Gateways {
    /// Those of the configuration; nobody where Lr is off.
    ///
    /// # Errors
    /// The certificates cannot be read.
    pub(crate) fn new(config: &config::Config, peers: &Arc<Peers>) -> Result<Self> {
        let lr = &config.lr;
        let identity = tls::Identity { cert_file: lr.cert_file.as_deref(), key_file: lr.key_file.as_deref() };
        let mut links = HashMap::new();
        for record in lr.peer.iter().filter(|_| lr.is_on()) {
            let (Some(url), Some(peer)) = (&record.url, peers.named(&record.name)) else { continue };
            let tls = tls::client_of(&identity, lr.ca_file.as_deref(), peer.certificates().clone()).context("lr")?;
            let http = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .https_only(true)
                .http1_only()
                .tcp_nodelay(true)
                .connect_timeout(Duration::from_millis(lr.connect_timeout_ms))
                // Shorter than the peer keeps them, so that a request does not meet a connection that is just closed.
                .pool_idle_timeout(Duration::from_millis(lr.idle_timeout_ms / 2))
                .tls_backend_preconfigured(tls)
                .build()
                .context("lr")?;
            links.insert(Arc::clone(peer.name()), Link { http, url: url.clone() });
        }
        Ok(Self {
            homes: Homes::new(Arc::clone(peers), Own::of(config)),
            links,
            sender: Sender::new(config.lr_name()),
            address: ServerAddress::parse(config.lr_name()),
            longest_wait: Duration::from_millis(lr.answer_timeout_ms),
            limits: Limits { max_body: lr.body_limit_bytes, ..Limits::default() },
        })
    }

    /// Which gateway is the home one of a subscriber.
    pub(crate) fn home_gateway(&self, whom: &Named, told: Option<&RoutingInfo>) -> Home {
        self.homes.of(whom, told)
    }

    /// The gateway that is asked in the place of a node.
    pub(crate) fn visited_gateway(&self, node: &ServingNode) -> Option<PeerGateway> {
        let peer = self.homes.visited(node)?;
        self.links.contains_key(peer.name()).then(|| peer.gateway())
    }

    /// Step 4: asks the home gateway (TS 23.271 clause 9.1.1).
    pub(crate) async fn refer(
        &self,
        referral: &Referral,
        home: &PeerGateway,
        route: Option<&RoutingInfo>,
        ask: &Ask,
    ) -> Result<HomeAnswer, Failure> {
        let peer = self.peer(home, LrRole::Home)?;
        let subject = match referral.named() {
            Named::Verinym(identities) => Subject::Known(*identities),
            Named::Pseudonym(pseudonym) => Subject::Pseudonym(pseudonym.clone()),
        };
        let target = match referral.named() {
            Named::Verinym(identities) => *identities,
            Named::Pseudonym(_) => Identities::default(),
        };
        let outgoing = Outgoing::to_home(&self.sender, &ask.request, subject).map_err(unsendable)?;
        let routing = route.map(mlp::rlp::Routing::of).unwrap_or_default();
        self.exchange(peer, ChargedRole::Home, target, outgoing.routing(routing), ask.deadline, |outcome| match outcome
        {
            PeerOutcome::Position(position) => {
                let about = match &position.subject {
                    Subject::Known(identities) => Named::Verinym(*identities),
                    Subject::Pseudonym(pseudonym) => Named::Pseudonym(pseudonym.clone()),
                };
                // Whom it is about is seen again by the privacy check; here it is counted as the peer's fault.
                if !referral.named().is(&about) {
                    return Err(Fault::OtherSubscriber.into());
                }
                Ok(HomeAnswer { about, fix: position.fix(clock::now()) })
            }
            PeerOutcome::Notified | PeerOutcome::Accepted => Err(Fault::NoPosition.into()),
            PeerOutcome::Failed(result) => Err(told(result)),
        })
        .await
    }

    /// Steps 8 and 12: asks the gateway of the network where the target is, by `outgoing`. `notification_only`: no position is
    /// wanted, and none is taken.
    pub(crate) async fn position(
        &self,
        node: &ServingNode,
        outgoing: Outgoing<'_>,
        target: Identities,
        notification_only: bool,
        deadline: Timestamp,
    ) -> Result<PositioningOutcome, Failure> {
        let peer = self.homes.visited(node).ok_or(Failure::NetworkUnreachable)?;
        let asked = Subject::Known(target);
        self.exchange(peer, ChargedRole::Visited, target, outgoing, deadline, |outcome| match outcome {
            PeerOutcome::Position(_) if notification_only => Err(Fault::PositionUnasked.into()),
            PeerOutcome::Position(position) if asked.is(&position.subject) => {
                Ok(PositioningOutcome::Fixed(position.fix(clock::now())))
            }
            PeerOutcome::Position(_) => Err(Fault::OtherSubscriber.into()),
            PeerOutcome::Notified if notification_only => Ok(PositioningOutcome::Notified),
            PeerOutcome::Notified | PeerOutcome::Accepted => Err(Fault::NoPosition.into()),
            PeerOutcome::Failed(result) => Err(told(result)),
        })
        .await
    }

    /// As what this gateway names itself.
    pub(crate) fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Where this gateway is, as far as its name tells.
    pub(crate) fn address(&self) -> Option<&ServerAddress> {
        self.address.as_ref()
    }

    pub(super) fn peer(&self, gateway: &PeerGateway, role: LrRole) -> Result<&Arc<Peer>, Failure> {
        let peer = self.homes.peers().named(&gateway.0).filter(|peer| peer.acts_as(role));
        peer.ok_or(Failure::NetworkUnreachable)
    }

    /// One exchange, its answer judged by `take`, noted for charging and counted.
    async fn exchange<T>(
        &self,
        peer: &Peer,
        role: ChargedRole,
        target: Identities,
        outgoing: Outgoing<'_>,
        deadline: Timestamp,
        take: impl FnOnce(PeerOutcome) -> Result<T, Missed>,
    ) -> Result<T, Failure> {
        let began = clock::now();
        let transaction = transaction().ok_or(Failure::SystemFailure)?;
        let answered = self.ask(peer, outgoing, &transaction, began, deadline).await;
        let (taken, visited) = match answered {
            Ok(Answered { outcome, visited, .. }) => (take(outcome), visited),
            Err(missed) => (Err(missed), None),
        };
        let word = counted(peer, "located", taken.as_ref().err().copied());
        note_leg(target, leg((peer, role), &transaction, word, began), visited.map(|plmn| plmn.as_str().to_owned()));
        taken.map_err(Missed::failure)
    }

    pub(super) async fn ask(
        &self,
        peer: &Peer,
        outgoing: Outgoing<'_>,
        transaction: &Transaction,
        now: Timestamp,
        deadline: Timestamp,
    ) -> Result<Answered, Missed> {
        let wait = deadline.since(now).min(self.longest_wait);
        if wait.is_zero() {
            return Err(Failure::TimedOut.into());
        }
        let seconds = u32::try_from(wait.as_secs().max(1)).unwrap_or(u32::MAX);
        let element = outgoing.answer();
        let outgoing = outgoing.response_timer_s(seconds).transaction(transaction.clone(), now);
        let mut body = String::with_capacity(2048);
        outgoing.write(&mut body);
        self.post(peer, element, body, transaction, wait).await
    }

    /// Sends a message once, and takes what answers it.
    pub(super) async fn post(
        &self,
        peer: &Peer,
        element: AnswerElement,
        body: String,
        transaction: &Transaction,
        wait: Duration,
    ) -> Result<Answered, Missed> {
        let link = self.links.get(peer.name()).ok_or(Failure::NetworkUnreachable)?;
        let request = link.http.post(&link.url).header(header::CONTENT_TYPE, mlp::CONTENT_TYPE).timeout(wait);
        let response = request.body(body).send().await.map_err(unanswered)?;
        if !matches!(response.status(), StatusCode::OK | StatusCode::NOT_FOUND) {
            return Err(Fault::Status.into());
        }
        let body = read(response, self.limits.max_body).await?;
        let result = parse_svc_result(&body, &self.limits).map_err(|_| Fault::Unreadable)?;
        let SvcResult { sender, element: answer, report, transaction: named, visited, outcome, request_id, .. } =
            result;
        // Who answers is who the certificate says; one that names itself otherwise is confused, or confuses.
        if sender.is_some_and(|sender| sender.id != **peer.name()) {
            return Err(Fault::OtherSender.into());
        }
        // A gateway that cannot make out the request answers in the general element, without its name.
        let general = answer == mlp::rlp::AnswerElement::Gem && matches!(outcome, PeerOutcome::Failed(_));
        if report || (answer != element && !general) {
            return Err(Fault::OtherService.into());
        }
        let same = named.as_ref() == Some(transaction);
        let unnamed = named.is_none() && (!peer.requires_transaction() || matches!(outcome, PeerOutcome::Failed(_)));
        if !same && !unnamed {
            return Err(Fault::OtherExchange.into());
        }
        Ok(Answered { outcome, visited, request_id })
    }
}

/// An exchange as it is charged: under what name, what it came to by [`counted`], and when it began.
pub(super) fn leg(
    (peer, role): (&Peer, ChargedRole),
    name: &Transaction,
    word: &'static str,
    began: Timestamp,
) -> ChargedLeg {
    let took_ms = u64::try_from(clock::now().since(began).as_millis()).unwrap_or(u64::MAX);
    let (gateway, transaction) = (peer.name().to_string(), name.as_str().to_owned());
    ChargedLeg { gateway, role, transaction, result: word.to_owned(), took_ms }
}

/// Counts an exchange by what it came to: this word, or why nothing was taken.
pub(super) fn counted(peer: &Peer, done: &'static str, missed: Option<Missed>) -> &'static str {
    let word = missed.map_or(done, Missed::word);
    let name = peer.name().to_string();
    metrics::counter!("wherefore_lr_requests_total", "peer" => name.clone(), "outcome" => word).increment(1);
    if let Some(Missed::Broken(fault)) = missed {
        tracing::warn!(peer = %name, fault = fault.word(), "Lr: nothing is taken of a gateway's answer");
    }
    word
}

/// The body of an answer, as long as it may be. Octets of a position are not left in memory.
async fn read(mut response: reqwest::Response, most: usize) -> Result<Zeroizing<Vec<u8>>, Missed> {
    let mut body = Zeroizing::new(Vec::with_capacity(2048));
    while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
        if body.len() + chunk.len() > most {
            return Err(Fault::TooLong.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why no answer came. Only where no connection was had can the gateway not have the request.
fn unanswered(error: reqwest::Error) -> Missed {
    Missed::Failed(if error.is_connect() {
        Failure::NetworkUnreachable
    } else if error.is_timeout() {
        Failure::TimedOut
    } else {
        Failure::NetworkFault
    })
}

/// What a result of a peer means here. That the target moved is for the procedure to see: it asks the home register anew.
pub(super) fn told(result: mlp::ResultId) -> Missed {
    Missed::Failed(match peer_failure(result) {
        PeerFailure::TargetMoved => Failure::AbsentSubscriber,
        PeerFailure::Failed(failure) => failure,
    })
}

/// What it means that a request cannot be put into the protocol.
pub(crate) fn unsendable(error: OutgoingError) -> Failure {
    tracing::warn!(%error, "Lr: a request cannot be sent");
    match error {
        OutgoingError::NoTarget | OutgoingError::RelatedWithoutSession | OutgoingError::Client => {
            Failure::SystemFailure
        }
        OutgoingError::Number | OutgoingError::Override | OutgoingError::Deferred => Failure::ServingNodeUnsupported,
    }
}

/// A name for an exchange: random, so that it tells nothing.
pub(crate) fn transaction() -> Option<Transaction> {
    let mut octets = [0; 16];
    aws_lc_rs::rand::fill(&mut octets).ok()?;
    Transaction::new(crate::forms::to_hex(&octets))
}
