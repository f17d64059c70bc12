//! Emergency services and lawful interception: the override of TS 23.271 clauses 9.5.1 and 9.1.1A.
//!
//! Apart from the privacy check on purpose. Nothing here reads a profile, and nothing but this gives a permit without one.
//! An emergency call that the network itself reports needs no permit, as nobody asks the network: see
//! [`clear_emergency_report`].

use crate::{
    decide::{Refusal, RuleId},
    disclosure::{Facts, Ticket, Via},
    permit::{Areas, Authorised, Basis, Cleared, Grant, Permit},
};
use lcs::{Fix, Identities, LcsClientType, LocationRequest, LocationType, PrivacySetting, RefusalReason};

/// A client whose record, set by the operator, has the override capability (TS 23.271 Table 10.7). There is none for value
/// added and PLMN operator clients, to whom it does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverrideClient {
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Emergency,
    LawfulIntercept,
}

impl OverrideClient {
    /// From the operator's record of a client; `None` unless the record says "override" and the type can have it.
    #[must_use]
    pub fn from_record(client_type: LcsClientType, may_override: bool) -> Option<Self> {
        let kind = match client_type {
            LcsClientType::Emergency => Kind::Emergency,
            LcsClientType::LawfulIntercept => Kind::LawfulIntercept,
            LcsClientType::ValueAdded | LcsClientType::PlmnOperator => return None,
        };
        may_override.then_some(Self { kind })
    }

    fn client_type(self) -> LcsClientType {
        match self.kind {
            Kind::Emergency => LcsClientType::Emergency,
            Kind::LawfulIntercept => LcsClientType::LawfulIntercept,
        }
    }

    fn basis(self) -> Basis {
        match self.kind {
            Kind::Emergency => Basis::Emergency,
            Kind::LawfulIntercept => Basis::LawfulIntercept,
        }
    }
}

/// Where the subscriber is to be positioned, seen from this gateway (TS 23.271 clause 9.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Jurisdiction {
    /// In the same country: procedure A.
    SameCountry,
    /// In another country, with an agreement between the operators that covers this client: procedure A.
    Agreement,
    /// Anything else, not known included: procedure B, no override.
    Otherwise,
}

/// Gives the permit of an override, or refuses. The indicator for a serving node that takes no override indicator is
/// "allowed without notification"; the client type in the request tells it why.
pub(crate) fn authorise(
    client: OverrideClient,
    request: &LocationRequest,
    identities: &Identities,
    jurisdiction: Jurisdiction,
) -> Result<Permit<Authorised>, Refusal> {
    let overrides = matches!(jurisdiction, Jurisdiction::SameCountry | Jurisdiction::Agreement);
    let named = identities.imsi.is_some() || identities.msisdn.is_some() || identities.imei.is_some();
    if !overrides || !named || request.client.client_type != client.client_type() {
        return Err(Refusal::new(RuleId::Override, RefusalReason::OverrideNotApplicable));
    }
    Ok(Permit::new(Grant {
        identities: *identities,
        account: std::sync::Arc::clone(&request.account),
        salt: None,
        basis: client.basis(),
        rule: RuleId::Override,
        unrelated: PrivacySetting::AllowedWithoutNotification,
        related: None,
        forwards_codeword: false,
        notifies_after: false,
        home_plmn_only: false,
        home_word: None,
        areas: Areas::None,
        names_dialled: false,
        names_apn: false,
        location_type: match request.location_type {
            LocationType::Initial => LocationType::Initial,
            LocationType::CurrentOrLastKnown => LocationType::CurrentOrLastKnown,
            LocationType::Current
            | LocationType::ActivateDeferred
            | LocationType::CancelDeferred
            | LocationType::NotificationVerificationOnly => LocationType::Current,
        },
        client_type: client.client_type(),
        by_default: false,
    }))
}

/// Clears the position that a serving node reported of its own accord with an emergency call (TS 23.271 clause 9.1.17), for
/// the emergency services alone.
///
/// The one way to a cleared position without a permit. Nobody asks the network here, so there is nothing that a permit would
/// guard; local regulation has such reports allowed whatever the subscriber's settings say (clause 9.5.2). What holds it to
/// that purpose is the record: `ticket` is one of a report by the network to an emergency client, and the position is released
/// under a ticket of such a report about the same subscriber only, which says so to whoever reads the log. In the whole house
/// one place opens such tickets; `cargo xtask layers` sees to that.
///
/// # Errors
/// The ticket is of something else.
pub fn clear_emergency_report(fix: Fix, ticket: &Ticket) -> Result<Cleared, Refusal> {
    let of_the_network = |facts: &&Facts| facts.via == Via::Network && facts.client_type == LcsClientType::Emergency;
    match ticket.facts().filter(of_the_network) {
        Some(facts) => Ok(Cleared::of_emergency_report(fix, facts, ticket.identities())),
        None => Err(Refusal::new(RuleId::Override, RefusalReason::OverrideNotApplicable)),
    }
}
