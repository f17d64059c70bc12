//! Other gateways, as the procedures see them: who keeps a subscriber's profile, and what comes over Lr (TS 23.271 clause 9.1.1).

use lcs::{Address, Fix, Named};
use std::sync::Arc;

/// A gateway of another operator with which this one speaks Lr, by the name that the operator gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PeerGateway(pub Arc<str>);

/// Which gateway is the home one of a subscriber: the one that the profile is kept by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// This one. The operator's default profile is for these subscribers alone.
    Own,
    /// Another, with which this one speaks Lr.
    Peer(PeerGateway),
    /// Another, with which it does not.
    Elsewhere,
    /// Nobody told. Not this one, as far as is known.
    Untold,
}

/// What a home gateway answered to a referral. `Debug` shows neither whom nor where.
#[derive(Debug, Clone, PartialEq)]
pub struct HomeAnswer {
    /// Whom it is about, as the answer says, and not as it was asked.
    pub about: Named,
    /// The position.
    pub fix: Fix,
}

/// The gateway that asks this one as the home gateway (step 5), by the operator's record of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestingGateway {
    /// Its E.164 address: the gateway that the client asked, which entries of a profile may be restricted to (clause 9.5.3.2).
    pub number: Address,
    /// Whether it may ask for positions at all.
    pub may_ask: bool,
    /// The account of the client for whom pseudonyms are opened: as the operator's PMD knows that client of the other gateway.
    pub pseudonyms_of: Arc<str>,
}
