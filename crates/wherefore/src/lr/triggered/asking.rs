//! The side that calls: a home gateway is asked to wait or told to stop, and a requesting one is told news.

use super::letter::{Letter, UnreadableLetter};
use crate::charging::{ChargedRole, note_leg};
use crate::clock;
use crate::config::LrRole;
use crate::lr::Gateways;
use crate::lr::client::{Answered, Fault, Missed, counted, leg, told, transaction, unsendable};
use crate::lr::peer_of_account;
use crate::lr::peers::Peer;
use gmlc::{Ask, Instruction, LdrRequest, PeerGateway};
use lcs::{Address, Failure, Identities, LcsClientType, Named, RoutingInfo, ServingNode, Timestamp};
use mlp::rlp::{AnswerElement, Outgoing, OutgoingPassedOn, OutgoingStop, PeerOutcome, Routing, Subject, Transaction};
use mlp::{ResultId, Waiting};
use privacy::disclosure::Via;
use privacy::{HomeAuthority, Referral};
use reqwest::{StatusCode, header};
use std::net::IpAddr;
use std::sync::Arc;

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

/// Stands before the name of the gateway for which this is the visited one, where it is told.
pub(super) const HOME: &str = "home/";

/// A gateway that asked for a request.
pub(crate) struct AskedBy {
    pub(crate) gateway: Arc<str>,
    /// Its name for the exchange in which it did.
    pub(crate) transaction: Option<Transaction>,
    /// It is the home gateway, and this the visited one.
    pub(crate) is_home: bool,
}

/// Whether the home gateway asked for a request, for which this is the visited one.
pub(crate) fn is_of_home_gateway(request: &LdrRequest) -> bool {
    matches!(letter_of(request), Ok(Some(letter)) if letter.is_of_home())
}

/// What is kept of the gateway that asked; `None`: none did.
fn letter_of(request: &LdrRequest) -> Result<Option<Letter>, UnreadableLetter> {
    if request.via != Via::Rlp {
        return Ok(None);
    }
    Letter::from_octets(&request.door).map(Some).ok_or(UnreadableLetter)
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
        let target = match referral.named() {
            Named::Verinym(identities) => *identities,
            Named::Pseudonym(_) => Identities::default(),
        };
        self.arm_at((peer, ChargedRole::Home), outgoing, (target, name), ask.deadline, |_| true).await
    }

    /// Tells the home gateway that a request is over, by what it knows it by. One that knows nothing of it has nothing to end.
    ///
    /// # Errors
    /// It is not known to have heard of it.
    pub(crate) async fn stop_at_home(&self, home: &PeerGateway, request_id: &str) -> Result<(), Failure> {
        self.stop_at(self.peer(home, LrRole::Home)?, request_id).await
    }

    /// Has the visited gateway of this node wait, once, in an exchange of the name `name`, by which it is to know the request.
    ///
    /// # Errors
    /// [`Failure::NetworkUnreachable`]: the gateway cannot have the request. Any other but its own answer: whether it waits may not be known.
    pub(crate) async fn arm_at_visited(
        &self,
        node: &ServingNode,
        outgoing: Outgoing<'_>,
        (target, name): (Identities, &Transaction),
        deadline: Timestamp,
    ) -> Result<(), Failure> {
        let peer = self.homes.visited(node).ok_or(Failure::NetworkUnreachable)?;
        // Under another name it could be neither told of nor ended.
        let is_named = |request_id: &str| request_id == name.as_str();
        self.arm_at((peer, ChargedRole::Visited), outgoing, (target, name), deadline, is_named).await.map(|_| ())
    }

    /// One exchange of this name in which a gateway is to wait, noted for charging and counted; what the gateway knows the request by, if that
    /// `is_known`.
    async fn arm_at(
        &self,
        (peer, role): (&Peer, ChargedRole),
        outgoing: Outgoing<'_>,
        (target, name): (Identities, &Transaction),
        deadline: Timestamp,
        is_known: impl FnOnce(&str) -> bool,
    ) -> Result<String, Failure> {
        let began = clock::now();
        let answered = self.ask(peer, outgoing, name, began, deadline).await;
        let armed = answered.and_then(|Answered { outcome, request_id, .. }| match (outcome, request_id) {
            (PeerOutcome::Accepted, Some(request_id)) if is_known(&request_id) => Ok(request_id),
            (PeerOutcome::Failed(result), _) => Err(told(result)),
            _ => Err(Fault::OtherService.into()),
        });
        let word = counted(peer, "armed", armed.as_ref().err().copied());
        note_leg(target, leg((peer, role), name, word, began), None);
        armed.map_err(Missed::failure)
    }

    /// Tells a visited gateway that a request is over, by the name under which it was asked.
    ///
    /// # Errors
    /// As [`Gateways::stop_at_home`].
    pub(crate) async fn stop_at_visited(&self, visited: &PeerGateway, request_id: &str) -> Result<(), Failure> {
        self.stop_at(self.peer(visited, LrRole::Visited)?, request_id).await
    }

    async fn stop_at(&self, peer: &Peer, request_id: &str) -> Result<(), Failure> {
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

    /// Tells a gateway what became of its request: the one of this name, or, after [`HOME`], the one for which this is the visited one. What it answers is a status of HTTP: 200, 410 for a request that it
    /// does not wait for, anything else for later.
    pub(crate) async fn tell(&self, destination: &str, body: &[u8]) -> NewsTaken {
        let (role, name) = match destination.strip_prefix(HOME) {
            Some(name) => (LrRole::Home, name),
            None => (LrRole::Requesting, destination),
        };
        let Some((peer, link)) = self.homes.peers().named(name).zip(self.links.get(name)) else {
            return NewsTaken::NotTaken;
        };
        if !peer.acts_as(role) {
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

    /// The home gateway at this address, and for whom it may speak, if that is so of `whom`: it is told what their phones report.
    pub(crate) fn home_of_report(&self, address: IpAddr, whom: &Identities) -> Option<(PeerGateway, HomeAuthority)> {
        let peer = self.homes.peers().home_at(address).filter(|peer| self.links.contains_key(peer.name()))?;
        let authority = peer.authority();
        authority.covers(whom).then(|| (peer.gateway(), authority))
    }

    /// Whether a node is of the network of another gateway that is known, by the realm of its host: that one reports what its nodes tell.
    pub(crate) fn is_of_a_peer(&self, host: &str) -> bool {
        let realm = host.split_once('.').map(|(_, realm)| realm);
        realm.is_some_and(|realm| self.homes.peers().has_nodes_in(realm))
    }

    /// Tells a home gateway what a phone reports of a request that was armed elsewhere; what it makes of that.
    pub(crate) async fn pass_on(&self, home: &PeerGateway, passed_on: &OutgoingPassedOn<'_>) -> NewsTaken {
        let mut body = String::with_capacity(1024);
        passed_on.write(&mut body);
        self.tell(&format!("{HOME}{}", home.0), body.as_bytes()).await
    }

    /// What the home gateway told of a request that came over Lr, where this is the visited one; `None`: this is the home one. A gateway
    /// that is home gateway no more, or that cannot be told, speaks for nobody.
    ///
    /// # Errors
    /// What is kept of the gateway cannot be read: nobody is to be believed.
    pub(crate) fn instruction_of(&self, request: &LdrRequest) -> Result<Option<Instruction>, UnreadableLetter> {
        let Some(letter) = letter_of(request)? else { return Ok(None) };
        let may = |peer: &&Arc<Peer>| peer.acts_as(LrRole::Home) && self.links.contains_key(peer.name());
        let peer = self.homes.peers().named(&letter.peer).filter(may);
        let client_type = request.request.client.client_type;
        let peer = peer.filter(|peer| peer.may_bring(client_type));
        let authority = peer.map_or_else(HomeAuthority::over_nobody, |peer| peer.authority());
        letter.instruction(authority)
    }

    /// Which gateway asked for a request that came over Lr, for charging; `None`: none did, or what is kept of it cannot be read.
    pub(crate) fn asked_by(&self, request: &LdrRequest) -> Option<AskedBy> {
        let letter = letter_of(request).ok()??;
        let (gateway, is_home) = (letter.peer.as_str().into(), letter.is_of_home());
        Some(AskedBy { gateway, transaction: Transaction::new(letter.request_id), is_home })
    }

    /// The number of the gateway behind which a client with this account is, if that may still have somebody waited for, for a client of
    /// this type.
    pub(crate) fn requesting_number(&self, account: &str, client_type: LcsClientType) -> Option<Address> {
        let name = peer_of_account(account)?;
        let peer = self.homes.peers().named(name)?;
        let may = peer.acts_as(LrRole::Requesting) && peer.may_bring(client_type) && self.links.contains_key(name);
        peer.number().filter(|_| may)
    }
}
