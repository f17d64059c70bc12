//! Selection of the privacy related action in a serving node (TS 23.271 Annex A): Fig. A.2, Rel-6 and later, and Fig. A.1,
//! before. Used by the nodes of the testbed and by whoever must predict what a node will do.

use crate::setting::PrivacySetting;

/// Which exit of Fig. A.2 was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum A2Branch {
    /// The call/session related indicator decided.
    Related,
    /// The call/session unrelated indicator decided.
    Unrelated,
    /// Neither applies: rejected unconditionally.
    Reject,
}

/// Outcome of Fig. A.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct A2Outcome {
    /// The exit taken.
    pub branch: A2Branch,
    /// The action to perform; "not allowed" means rejection.
    pub action: PrivacySetting,
}

/// Fig. A.2 of TS 23.271 clause A.3. `criteria_met`: an own-originated call or session of the UE to the client is up, and
/// the address it used equals the one in the request. A related indicator of "not allowed" counts as absent, because
/// clause 9.5.4 never sends it and the SLg default of an absent one is that value (TS 29.172 clause 7.4.24).
#[must_use]
pub fn select_rel6(
    related: Option<PrivacySetting>,
    unrelated: Option<PrivacySetting>,
    criteria_met: bool,
) -> A2Outcome {
    let related = related.filter(|r| criteria_met && *r != PrivacySetting::NotAllowed);
    match (related, unrelated) {
        (Some(r), Some(u)) if r < u => A2Outcome { branch: A2Branch::Related, action: r },
        (Some(r), None) => A2Outcome { branch: A2Branch::Related, action: r },
        (_, Some(u)) => A2Outcome { branch: A2Branch::Unrelated, action: u },
        (None, None) => A2Outcome { branch: A2Branch::Reject, action: PrivacySetting::NotAllowed },
    }
}
