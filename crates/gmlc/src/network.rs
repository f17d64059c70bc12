//! The port to the network: HSS, serving nodes, and the clock that their answers are timed by.

use crate::deferred::{AreaRefusal, CardRoad, LdrCancel, LdrOrder};
use crate::roaming::{Home, HomeAnswer, PeerGateway};
use lcs::{
    AreaIdentity, DeferredEvent, Digits, Failure, Fix, Identities, LcsInterface, LocationRequest, Named,
    PositioningOutcome, Pseudonym, RoutingInfo, ServingNode, TargetArea, Timestamp, Way,
};
use privacy::{Confirmed, ForCard, NotificationOnly, Permit, PrivacyCheck, Referral};
use std::future::Future;
use std::sync::Arc;

/// A request about one target, with the time by which it must have ended.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The request.
    pub request: LocationRequest,
    /// After this nobody waits any more.
    pub deadline: Timestamp,
    /// The key (NA-ESRK) by which an emergency call was routed, of a client that answers such calls.
    pub emergency_key: Option<Digits>,
}

/// Where a target is served.
#[derive(Debug, Clone)]
pub struct Routed {
    /// What the HSS told.
    pub info: Arc<RoutingInfo>,
    /// Told earlier and kept, so that it may be out of date.
    pub kept: bool,
}

/// HSS, serving nodes and the device that knows pseudonyms, as a procedure sees them. Implementations keep to `ask.deadline` and never retry a positioning
/// that may have been shown to a user.
pub trait Network: Send + Sync {
    /// The register that checks privacy, here or at the other end of Lpp.
    type Ppr: PrivacyCheck;

    /// The time.
    fn now(&self) -> Timestamp;

    /// Step 5, first half: the verinym that a pseudonym stands for, towards the client of this account (TS 23.271 clauses 6.4.2 and
    /// 9.1.1). Whatever is wrong with it, the failure is the same.
    fn verinym(
        &self,
        pseudonym: &Pseudonym,
        account: &str,
        deadline: Timestamp,
    ) -> impl Future<Output = Result<Identities, Failure>> + Send;

    /// Steps 6 and 7 of TS 23.271 clause 9.1.1: asks the HSS. `anew` forbids an answer that was kept.
    fn routing_info(
        &self,
        target: &Identities,
        anew: bool,
        deadline: Timestamp,
    ) -> impl Future<Output = Result<Routed, Failure>> + Send;

    /// Whether serving nodes can be asked over this interface. Over Lr it is said for each: see [`Network::visited_gateway`].
    fn reaches(&self, interface: LcsInterface) -> bool;

    /// Which gateway is the home one of a subscriber (steps 1, 2 and 4): by the realm in a pseudonym, by a table of the operator's
    /// own, by earlier answers, or by what the home register told of it, in `told`. A table by numbers must know of those that moved
    /// to another network. [`Home::Own`] for everybody where no Lr is spoken.
    fn home_gateway(&self, whom: &Named, told: Option<&RoutingInfo>) -> Home;

    /// The gateway that is asked in the place of this node (step 8): the home register told one, it is not this one, and both
    /// operators use Lr. [`Way::interface`] is [`LcsInterface::Lr`] then.
    fn visited_gateway(&self, node: &ServingNode) -> Option<PeerGateway>;

    /// Step 4: refers a request to the subscriber's home gateway, once. Asks about [`Referral::named`], with the request of `ask`, the
    /// client's codeword and the least privacy that is wanted included, and what the home register told, in `route`. Gives back whom the
    /// answer names: that it is the one who was asked about is seen by [`privacy::Ppr::clear_referred`]. An answer without a position,
    /// but not a failure, is [`Failure::NetworkProtocol`].
    fn refer(
        &self,
        referral: &Referral,
        home: &PeerGateway,
        route: Option<&RoutingInfo>,
        ask: &Ask,
    ) -> impl Future<Output = Result<HomeAnswer, Failure>> + Send;

    /// The node of an emergency call that the network told of and that has not ended: by its key, else by an identity of the
    /// caller. For procedures without a query to HSS or HLR (TS 23.271 clauses 9.1.3, 9.1.6A and 9.1.16).
    fn emergency_call(&self, target: &Identities, key: Option<Digits>) -> Option<Routed>;

    /// Step 9: asks the serving node. The permit says how the node is told what to do; without one there is no way to ask.
    ///
    /// Step 8 where [`Way::interface`] is Lr: asks the visited gateway of the node, about [`Permit::identities`], naming this node
    /// alone, with [`Permit::instruction`], [`Permit::location_type`] and [`Permit::codeword`]; [`privacy::NodeInstruction::Override`]
    /// is the privacy override indicator (clause 9.1.1A), and [`privacy::NodeInstruction::PlmnClient`] does not come. An answer about
    /// somebody else, and one that is neither a position nor a failure where a position was asked for, is
    /// [`Failure::NetworkProtocol`]. [`Failure::NetworkUnreachable`] says that the gateway cannot have the request: after any other
    /// failure the user may have been asked, except those that name the subscriber unknown, absent or detached. A target that moved
    /// to another node is [`Failure::AbsentSubscriber`].
    fn provide_location(
        &self,
        permit: &Permit<Confirmed>,
        way: Way<'_>,
        ask: &Ask,
    ) -> impl Future<Output = Result<PositioningOutcome, Failure>> + Send;

    /// Step 12: has the user told or asked, now that the position is known (clauses 9.1.10, 9.1.11 and 9.1.18). Over Lr as in
    /// [`Network::provide_location`]; an acknowledgement is [`PositioningOutcome::Notified`], and a position, to a request by the
    /// number of a pseudo-external identity, is given back as it is: the procedure drops it.
    fn notify(
        &self,
        permit: &Permit<NotificationOnly>,
        way: Way<'_>,
        ask: &Ask,
    ) -> impl Future<Output = Result<PositioningOutcome, Failure>> + Send;

    /// A position given earlier and kept, not older than `max_age_s`, its age told. None unless the operator keeps them.
    fn kept_fix(&self, target: &Identities, max_age_s: u32) -> Option<Fix>;

    /// Whether the node of this way can wait for such an event, over its interface; over Lr, whether the visited gateway can be asked to.
    fn waits(&self, way: Way<'_>, event: &DeferredEvent) -> bool;

    /// The areas of a client in the identities of the network of this node (TS 23.271 clause 9.1.19.1 step 3): complete, or refused. A
    /// country and a network may stand for themselves; a shape and a name become cells and tracking areas that cover all of it.
    fn areas_at(
        &self,
        areas: &[TargetArea],
        node: &ServingNode,
    ) -> impl Future<Output = Result<Vec<AreaIdentity>, AreaRefusal>> + Send;

    /// Asks a node to wait (location type "activate deferred", TS 29.172 clause 6.2.2). An acknowledgement is all that comes of it: a
    /// position that a node sends with it is dropped. After any failure but a refusal of the node, it may have heard of it.
    fn activate(
        &self,
        permit: &Permit<Confirmed>,
        way: Way<'_>,
        order: &LdrOrder<'_>,
        ask: &Ask,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Asks the visited gateway of this node to have it wait, under this name (TS 23.271 clauses 9.1.8.1 step 2 and 9.1.19.1 step 2): what
    /// [`Network::provide_location`] tells a visited gateway, with the event, the reference and the address of this gateway beside it. The
    /// areas go as the client gave them. After any failure but an answer of that gateway and [`Failure::NetworkUnreachable`], it may have a node wait.
    fn activate_through(
        &self,
        permit: &Permit<Confirmed>,
        way: Way<'_>,
        order: (&LdrOrder<'_>, &str),
        ask: &Ask,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// When area events go to the application on the subscriber's card, by the operator's word (TS 23.271 Annex F).
    fn card_road(&self) -> CardRoad;

    /// Whether this subscriber has a card with the application, as far as is known.
    fn has_card(&self, target: &Identities) -> impl Future<Output = bool> + Send;

    /// The areas of a client as a card can watch them, in the networks of these nodes or the home network: complete, or refused.
    fn areas_on_card(
        &self,
        areas: &[TargetArea],
        route: &RoutingInfo,
    ) -> impl Future<Output = Result<Vec<AreaIdentity>, AreaRefusal>> + Send;

    /// Sends the event to the card, and waits for it to say that it is installed (TS 23.271 Annex F.1 steps 3 and 4). The card is told
    /// [`Permit::privacy_action`] and nothing else of the kind. Success is the card's own word alone; after any failure but its own, it may
    /// have heard of it.
    fn install(
        &self,
        permit: &Permit<ForCard>,
        order: &LdrOrder<'_>,
        ask: &Ask,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Takes the event off the card. Without a permit, as [`Network::release`].
    fn uninstall(&self, cancel: &LdrCancel<'_>) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Tells the node that serves now that it is over (location type "cancel deferred"). Without a permit, because nothing can come back: a
    /// node that does not know of it has nothing to end.
    fn release(&self, cancel: &LdrCancel<'_>, deadline: Timestamp) -> impl Future<Output = Result<(), Failure>> + Send;
}
