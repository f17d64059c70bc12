//! Subscribers of another home gateway, served by a node of the own network: a permit by the home gateway's word (TS 23.271 clause
//! 9.1.1 steps 8 to 10), or by privacy override for a gateway that asks past it (clause 9.1.1A).
//!
//! This gateway is the visited one. It makes no check of the subscriber's settings, which it does not have; it makes sure that who
//! speaks may speak for this subscriber, that something was said, and that the node is told exactly that.

use crate::{
    decide::{Refusal, RuleId},
    permit::{Areas, Authorised, Basis, Cleared, Grant, Permit, Releasable, ReleaseKey, sealed},
    ppr::Ppr,
};
use lcs::{
    Address, Digits, Identities, LcsClientType, LocationRequest, LocationType, PositioningOutcome, PrivacyIndicators,
    PrivacySetting, RefusalReason,
};
use std::sync::Arc;

/// For whose subscribers a gateway of another operator speaks as the home gateway: a record of this operator, and never what the
/// gateway says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeAuthority {
    imsi_prefixes: Vec<Digits>,
}

impl HomeAuthority {
    /// From the operator's record of the gateway: beginnings of the IMSIs of its subscribers, country and network code at least. A
    /// shorter one, of fewer than five digits, names no network and is left out.
    #[must_use]
    pub fn from_record(imsi_prefixes: Vec<Digits>) -> Self {
        let named = imsi_prefixes.into_iter().filter(|prefix| prefix.count() >= 5);
        Self { imsi_prefixes: named.collect() }
    }

    /// Of a gateway of which the operator has no record, or none any more: it speaks for nobody.
    #[must_use]
    pub fn over_nobody() -> Self {
        Self { imsi_prefixes: Vec::new() }
    }

    /// Whether it speaks for this subscriber. The IMSI alone tells: a number may have moved to another network.
    #[must_use]
    pub fn covers(&self, identities: &Identities) -> bool {
        let digits = identities.imsi.map(|imsi| imsi.expose_digits());
        digits.is_some_and(|digits| self.imsi_prefixes.iter().any(|prefix| digits.starts_with(*prefix)))
    }
}

/// What a home gateway tells the visited one of its check: indicators, the number of a pseudo-external identity, or both, where
/// nodes of both kinds may serve (TS 23.271 clauses 9.1.1 step 8 and 9.5.4, Annex C). Neither is a word that allows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HomeWord {
    /// Indicators, for nodes of capability set 4 or higher.
    pub indicators: Option<PrivacyIndicators>,
    /// Number in the place of the client's, for nodes below.
    pub number: Option<Address>,
}

impl HomeWord {
    /// The settings that it tells.
    pub(crate) fn settings(self) -> Option<(PrivacySetting, Option<PrivacySetting>)> {
        self.indicators.map(|indicators| (indicators.unrelated(), indicators.related()))
    }
}

/// What the home gateway is answered from.
#[derive(Debug)]
#[must_use = "an answer is to be recorded and released"]
pub enum VisitedAnswer {
    /// A position.
    Position(Cleared),
    /// The user was notified, or asked and did not object; no position was asked for (step 14).
    Notified,
}

impl sealed::Sealed for VisitedAnswer {
    fn position(&self) -> Option<&Cleared> {
        match self {
            Self::Position(cleared) => Some(cleared),
            Self::Notified => None,
        }
    }
}

impl Releasable for VisitedAnswer {
    type Released = PositioningOutcome;

    fn release(self, key: &ReleaseKey) -> PositioningOutcome {
        match self {
            Self::Position(cleared) => PositioningOutcome::Fixed(cleared.release(key)),
            Self::Notified => PositioningOutcome::Notified,
        }
    }
}

impl Ppr {
    /// The permit of a visited gateway: what `authority`'s gateway said of its check, for a node of the own network. No rule on
    /// where the subscriber is is known here, and no second round is made here but as the home gateway orders it. The node is told
    /// the IMSI alone: whether the number beside it is of the same subscriber, this gateway cannot know.
    ///
    /// # Errors
    /// The gateway does not speak for this subscriber, said nothing that could be told, names a client of a type that nodes let
    /// pass by that type alone, or the profile is kept here, which makes this the home gateway.
    pub fn authorise_instructed(
        &self,
        authority: &HomeAuthority,
        word: HomeWord,
        request: &LocationRequest,
        identities: &Identities,
    ) -> Result<Permit<Authorised>, Refusal> {
        let permit = instructed(authority, word, request, identities)?;
        self.holds_nobody(identities).map_err(refused)?;
        Ok(permit)
    }
}

pub(crate) fn refused(reason: RefusalReason) -> Refusal {
    Refusal::new(RuleId::HomeInstruction, reason)
}

/// For who makes sure that no profile is kept here; two subscribers, of whom one is at home here, are refused as well.
pub(crate) fn instructed(
    authority: &HomeAuthority,
    word: HomeWord,
    request: &LocationRequest,
    identities: &Identities,
) -> Result<Permit<Authorised>, Refusal> {
    let about = Identities::of(&request.target).is_some_and(|asked| asked.is_same(identities));
    if !authority.covers(identities) || !about || (word.indicators, word.number) == (None, None) {
        return Err(refused(RefusalReason::GatewayNotAuthorised));
    }
    // A node takes the client type for an override, which comes as one or not at all (clause 9.5.1).
    if matches!(request.client.client_type, LcsClientType::Emergency | LcsClientType::LawfulIntercept) {
        return Err(refused(RefusalReason::OverrideNotApplicable));
    }
    let (unrelated, related) = word.settings().unwrap_or((PrivacySetting::NotAllowed, None));
    Ok(Permit::new(Grant {
        identities: Identities { imsi: identities.imsi, ..Identities::default() },
        account: Arc::clone(&request.account),
        salt: None,
        basis: Basis::HomeInstruction,
        rule: RuleId::HomeInstruction,
        unrelated,
        related,
        forwards_codeword: request.codeword.is_some(),
        notifies_after: false,
        home_plmn_only: true,
        home_word: Some(word),
        areas: Areas::None,
        names_dialled: request.client.dialled.is_some(),
        names_apn: request.client.apn.is_some(),
        location_type: relayed_type(request.location_type),
        client_type: request.client.client_type,
        by_default: false,
    }))
}

/// What a home gateway may ask for. Initial location belongs to emergency calls, deferred requests to procedures of their own.
fn relayed_type(asked: LocationType) -> LocationType {
    match asked {
        LocationType::CurrentOrLastKnown | LocationType::NotificationVerificationOnly => asked,
        LocationType::Current
        | LocationType::Initial
        | LocationType::ActivateDeferred
        | LocationType::CancelDeferred => LocationType::Current,
    }
}

#[cfg(test)]
mod tests;
