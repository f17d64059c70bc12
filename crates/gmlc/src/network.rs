//! The port to the network: HSS, serving nodes, and the clock that their answers are timed by.

use lcs::{
    Digits, Failure, Fix, Identities, LcsInterface, LocationRequest, PositioningOutcome, Pseudonym, RoutingInfo,
    Timestamp, Way,
};
use privacy::{Confirmed, NotificationOnly, Permit, PrivacyCheck};
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

    /// Whether serving nodes can be asked over this interface.
    fn reaches(&self, interface: LcsInterface) -> bool;

    /// The node of an emergency call that the network told of and that has not ended: by its key, else by an identity of the
    /// caller. For procedures without a query to HSS or HLR (TS 23.271 clauses 9.1.3, 9.1.6A and 9.1.16).
    fn emergency_call(&self, target: &Identities, key: Option<Digits>) -> Option<Routed>;

    /// Step 9: asks the serving node. The permit says how the node is told what to do; without one there is no way to ask.
    fn provide_location(
        &self,
        permit: &Permit<Confirmed>,
        way: Way<'_>,
        ask: &Ask,
    ) -> impl Future<Output = Result<PositioningOutcome, Failure>> + Send;

    /// Step 12: has the user told or asked, now that the position is known (clauses 9.1.10, 9.1.11 and 9.1.18).
    fn notify(
        &self,
        permit: &Permit<NotificationOnly>,
        way: Way<'_>,
        ask: &Ask,
    ) -> impl Future<Output = Result<PositioningOutcome, Failure>> + Send;

    /// A position given earlier and kept, not older than `max_age_s`, its age told. None unless the operator keeps them.
    fn kept_fix(&self, target: &Identities, max_age_s: u32) -> Option<Fix>;
}
