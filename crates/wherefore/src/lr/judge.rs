//! Whether another gateway may ask what it asks: who it is, what it may act as, and for whom (TS 23.271 clause 9.1.1 steps 5 and 8,
//! clause 9.1.1A step 4). `docs/decisions/0010-gateways-of-others.md` says why it is so.

use super::Replayed;
use super::peers::Peer;
use crate::config::LrRole;
use crate::core::Core;
use gmlc::{RequestingGateway, Territory};
use lcs::{Address, Failure, LcsClientType, RefusalReason, Timestamp};
use mlp::rlp::{Immediate, InstructionError, Sender, Stop, Subject, Transaction};
use privacy::{HomeAuthority, HomeWord, OverrideClient};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// What a request is, once the gateway that sends it has been judged.
pub(super) enum Case<'a> {
    /// This gateway is the home one: its check decides.
    Home(RequestingGateway),
    /// It is the visited one, told by the home gateway what the check came to.
    Visited(HomeAuthority, HomeWord),
    /// It is the visited one, and the other has an override.
    Overriding(OverrideClient, &'a Territory, Address),
}

impl Case<'_> {
    /// For metrics.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Home(_) => "home",
            Self::Visited(..) => "visited",
            Self::Overriding(..) => "overriding",
        }
    }
}

/// Why a gateway is refused: for metrics, and for its answer.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) why: &'static str,
    pub(super) failure: Failure,
}

fn refused(why: &'static str) -> Refused {
    Refused { why, failure: Failure::Refused(RefusalReason::GatewayNotAuthorised) }
}

/// A request beside who sent it.
pub(super) struct Judge<'a> {
    pub(super) core: &'a Core,
    /// By the certificate; none: of nobody who is known.
    pub(super) caller: Option<&'a Arc<Peer>>,
    /// As what it names itself.
    pub(super) says: &'a Sender,
    pub(super) now: Timestamp,
}

impl<'a> Judge<'a> {
    /// What the request is, and a place to carry it out.
    ///
    /// # Errors
    /// The gateway may not ask that, or not now.
    pub(super) fn admit(&self, request: &Immediate) -> Result<(Case<'a>, OwnedSemaphorePermit), Refused> {
        let (peer, place) = self.known()?;
        self.is_fresh(peer, request.transaction.as_ref(), request.sent)?;
        if request.asynchronous {
            return Err(Refused { why: "asynchronous", failure: Failure::InvalidRequest });
        }
        if !peer.may_bring(request.client.client_type) {
            return Err(refused("client_type"));
        }
        let case = if request.privacy_override {
            self.overriding(peer, request)?
        } else if self.is_of_peer(peer, request) {
            instructed(peer, request)?
        } else {
            self.home(peer, request)?
        };
        Ok((case, place))
    }

    /// As which gateway asks to have somebody waited for: as a requesting one, about subscribers of this network, or as the home one, about its
    /// own at a node of this network. Nobody waits past the home gateway.
    ///
    /// # Errors
    /// As [`Judge::admit`].
    pub(super) fn admit_triggered(&self, request: &Immediate) -> Result<(Case<'a>, OwnedSemaphorePermit), Refused> {
        let (peer, place) = self.known()?;
        self.is_fresh(peer, request.transaction.as_ref(), request.sent)?;
        if !peer.may_bring(request.client.client_type) || request.privacy_override {
            return Err(refused("client_type"));
        }
        if !peer.has_url() {
            return Err(refused("no_url"));
        }
        let case = if self.is_of_peer(peer, request) { instructed(peer, request)? } else { self.home(peer, request)? };
        Ok((case, place))
    }

    /// Who ends a request that it had somebody waited for by.
    ///
    /// # Errors
    /// As [`Judge::admit`].
    pub(super) fn admit_stop(&self, stop: &Stop) -> Result<(&'a Arc<Peer>, OwnedSemaphorePermit), Refused> {
        let (peer, place) = self.known()?;
        self.is_fresh(peer, stop.transaction.as_ref(), stop.sent)?;
        let asks = peer.acts_as(LrRole::Requesting) || peer.acts_as(LrRole::Home);
        if asks { Ok((peer, place)) } else { Err(refused("role")) }
    }

    /// Who tells news of a request. The same may come again: it has the number of the first.
    ///
    /// # Errors
    /// As [`Judge::admit`].
    pub(super) fn admit_news(&self) -> Result<(&'a Arc<Peer>, OwnedSemaphorePermit), Refused> {
        let (peer, place) = self.known()?;
        let asked = peer.acts_as(LrRole::Home) || peer.acts_as(LrRole::Visited);
        if asked { Ok((peer, place)) } else { Err(refused("role")) }
    }

    /// Who calls, by the certificate, and a place for what it wants.
    fn known(&self) -> Result<(&'a Arc<Peer>, OwnedSemaphorePermit), Refused> {
        let peer = self.caller.ok_or_else(|| refused("unknown_gateway"))?;
        // It may name itself as it likes; whoever speaks in another's name is not to be believed in anything.
        if self.says.id != **peer.name() {
            return Err(refused("forged_name"));
        }
        let place = peer.admit().map_err(|failure| Refused { why: failure.as_str(), failure })?;
        Ok((peer, place))
    }

    /// A request is carried out once.
    fn is_fresh(&self, peer: &Peer, transaction: Option<&Transaction>, sent: Option<Timestamp>) -> Result<(), Refused> {
        match (transaction, sent) {
            (Some(transaction), Some(sent)) => {
                peer.is_first(transaction, sent, self.now).map_err(|replayed| match replayed {
                    Replayed::OutOfTime => refused("out_of_time"),
                    Replayed::Seen => refused("replayed"),
                    Replayed::Full => Refused { why: "replays_full", failure: Failure::Congestion },
                })
            }
            _ if peer.requires_transaction() => Err(refused("no_transaction")),
            _ => Ok(()),
        }
    }

    /// Whether the request is about a subscriber of the gateway that sends it, so that it speaks as the home gateway. Its
    /// subscribers are by this operator's record, and by the IMSI alone, since a number may have moved.
    fn is_of_peer(&self, peer: &Peer, request: &Immediate) -> bool {
        let Subject::Known(identities) = &request.subject else { return false };
        peer.acts_as(LrRole::Home) && peer.authority().covers(identities)
    }

    /// As a requesting gateway: about subscribers of this network, whom the procedure knows.
    fn home(&self, peer: &Peer, request: &Immediate) -> Result<Case<'a>, Refused> {
        self.requesting(peer, request).map(Case::Home)
    }

    fn requesting(&self, peer: &Peer, request: &Immediate) -> Result<RequestingGateway, Refused> {
        let number = peer.number().filter(|_| peer.acts_as(LrRole::Requesting)).ok_or_else(|| refused("role"))?;
        // An acknowledgement is asked for by a home gateway alone; clients that override come with their override or not at all.
        if request.location_type == lcs::LocationType::NotificationVerificationOnly || overrides(request) {
            return Err(refused("role"));
        }
        let registered = request.client.external.and_then(|number| self.core.clients.of_external_identity(number));
        let known = registered.filter(|client| peer.speaks_for(client.account()));
        let pseudonyms_of = match known {
            Some(client) => Arc::clone(client.account()),
            None => super::door::account(Some(peer), request),
        };
        Ok(RequestingGateway { number, may_ask: true, pseudonyms_of })
    }

    /// With an override, as far as the operator's agreements reach.
    fn overriding(&self, peer: &Peer, request: &Immediate) -> Result<Case<'a>, Refused> {
        let not_here = || Refused { why: "override", failure: Failure::Refused(RefusalReason::OverrideNotApplicable) };
        let number = peer.number().filter(|_| peer.acts_as(LrRole::Requesting)).ok_or_else(|| refused("role"))?;
        let client_type = request.client.client_type;
        let territory = match client_type {
            LcsClientType::Emergency => self.core.emergency.as_ref(),
            LcsClientType::LawfulIntercept => self.core.lawful.as_ref(),
            LcsClientType::ValueAdded | LcsClientType::PlmnOperator => None,
        };
        let client = OverrideClient::from_record(client_type, peer.may_bring(client_type));
        let (client, territory) = client.zip(territory).ok_or_else(not_here)?;
        Ok(Case::Overriding(client, territory, number))
    }
}

/// As a home gateway: what it says of its check is done, if it says anything.
fn instructed<'a>(peer: &Peer, request: &Immediate) -> Result<Case<'a>, Refused> {
    if overrides(request) {
        return Err(refused("client_type"));
    }
    let instruction = request.instruction().map_err(|error| match error {
        InstructionError::Missing => refused("no_instruction"),
        InstructionError::Barred(_) => refused("barred"),
        InstructionError::RelatedWithoutSession => refused("no_session"),
    })?;
    let word = HomeWord { indicators: instruction.indicators(), number: instruction.pseudo_external() };
    Ok(Case::Visited(peer.authority(), word))
}

/// Whether a node might take the request for one that overrides, by the type of its client alone.
fn overrides(request: &Immediate) -> bool {
    matches!(request.client.client_type, LcsClientType::Emergency | LcsClientType::LawfulIntercept)
}
