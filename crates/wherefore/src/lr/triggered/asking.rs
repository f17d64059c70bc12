//! The side that calls: a home gateway is asked to wait or told to stop, and a requesting one is told news.

use crate::clock;
use crate::config::LrRole;
use crate::lr::Gateways;
use crate::lr::client::{Answered, Fault, Missed, counted, told, transaction, unsendable};
use gmlc::{Ask, PeerGateway};
use lcs::{Address, Failure, LcsClientType, Named, RoutingInfo};
use mlp::rlp::{AnswerElement, Outgoing, OutgoingStop, PeerOutcome, Routing, Subject, Transaction};
use mlp::{ResultId, Waiting};
use privacy::Referral;
use reqwest::{StatusCode, header};

/// What became of news that a gateway was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewsTaken {
    /// It has them.
    Taken,
    /// It waits for nothing of that name any more.
    Gone,
    /// It is to be told again.
    NotTaken,
}

impl Gateways {
    /// A name for a request that is about to be referred.
    pub(crate) fn fresh_name(&self) -> Option<Transaction> {
        transaction()
    }

    /// Has the home gateway wait, once; what it knows the request by. The exchange has the name `name`.
    ///
    /// # Errors
    /// [`Failure::NetworkUnreachable`]: the gateway cannot have the request. Any other: whether it waits may not be known.
    pub(crate) async fn arm_at_home(
        &self,
        (referral, home): (&Referral, &PeerGateway),
        route: Option<&RoutingInfo>,
        ask: &Ask,
        (waiting, name): (&Waiting, &Transaction),
    ) -> Result<String, Failure> {
        let peer = self.peer(home, LrRole::Home)?;
        let subject = match referral.named() {
            Named::Verinym(identities) => Subject::Known(*identities),
            Named::Pseudonym(pseudonym) => Subject::Pseudonym(pseudonym.clone()),
        };
        let outgoing = Outgoing::to_home(self.sender(), &ask.request, subject).map_err(unsendable)?;
        let outgoing = outgoing.waiting(waiting).map_err(unsendable)?;
        let outgoing = outgoing.routing(route.map(Routing::of).unwrap_or_default());
        let answered = self.ask(peer, outgoing, name, clock::now(), ask.deadline).await;
        let armed = answered.and_then(|Answered { outcome, request_id, .. }| match (outcome, request_id) {
            (PeerOutcome::Accepted, Some(request_id)) => Ok(request_id),
            (PeerOutcome::Failed(result), _) => Err(told(result)),
            _ => Err(Fault::OtherService.into()),
        });
        counted(peer, "armed", armed.as_ref().err().copied());
        armed.map_err(Missed::failure)
    }

    /// Tells the home gateway that a request is over, by what it knows it by. One that knows nothing of it has nothing to end.
    ///
    /// # Errors
    /// It is not known to have heard of it.
    pub(crate) async fn stop_at_home(&self, home: &PeerGateway, request_id: &str) -> Result<(), Failure> {
        let peer = self.peer(home, LrRole::Home)?;
        let transaction = &transaction().ok_or(Failure::SystemFailure)?;
        let mut body = String::with_capacity(512);
        OutgoingStop { sender: self.sender(), request_id, transaction, sent: clock::now() }.write(&mut body);
        let answered = self.post(peer, AnswerElement::Trlrsa, body, transaction, self.longest_wait).await;
        let stopped = answered.and_then(|Answered { outcome, .. }| match outcome {
            PeerOutcome::Accepted | PeerOutcome::Failed(ResultId::INVALID_PROTOCOL_ELEMENT_VALUE) => Ok(()),
            PeerOutcome::Failed(result) => Err(told(result)),
            PeerOutcome::Position(_) | PeerOutcome::Notified => Err(Fault::OtherService.into()),
        });
        counted(peer, "stopped", stopped.as_ref().err().copied());
        stopped.map_err(Missed::failure)
    }

    /// Tells the gateway of this name what became of its request. What it answers is a status of HTTP: 200, 410 for a request that it
    /// does not wait for, anything else for later.
    pub(crate) async fn tell(&self, name: &str, body: &[u8]) -> NewsTaken {
        let Some((peer, link)) = self.homes.peers().named(name).zip(self.links.get(name)) else {
            return NewsTaken::NotTaken;
        };
        if !peer.acts_as(LrRole::Requesting) {
            return NewsTaken::NotTaken;
        }
        let request = link.http.post(&link.url).header(header::CONTENT_TYPE, mlp::CONTENT_TYPE);
        let sent = request.timeout(self.longest_wait).body(body.to_vec()).send().await;
        let taken = match sent.map(|response| response.status()) {
            Ok(StatusCode::OK) => NewsTaken::Taken,
            Ok(StatusCode::GONE) => NewsTaken::Gone,
            _ => NewsTaken::NotTaken,
        };
        let word = match taken {
            NewsTaken::Taken => "taken",
            NewsTaken::Gone => "gone",
            NewsTaken::NotTaken => "not_taken",
        };
        metrics::counter!("wherefore_lr_news_total", "peer" => name.to_owned(), "outcome" => word).increment(1);
        taken
    }

    /// The number of the gateway behind which a client with this account is, if that may still have somebody waited for, for a client of
    /// this type.
    pub(crate) fn requesting_number(&self, account: &str, client_type: LcsClientType) -> Option<Address> {
        let name = account.strip_prefix("lr/")?.split('/').next()?;
        let peer = self.homes.peers().named(name)?;
        let may = peer.acts_as(LrRole::Requesting) && peer.may_bring(client_type) && self.links.contains_key(name);
        peer.number().filter(|_| may)
    }
}
