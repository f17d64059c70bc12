//! Selection of the privacy related action in a serving node (TS 23.271 Annex A): Fig. A.2, Rel-6 and later, and Fig. A.1,
//! before. Used by the nodes of the testbed and by whoever must predict what a node will do.

use crate::{client::LcsClientType, setting::PrivacySetting};

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

/// What stands above the subscriber's profile in a pre-Rel-6 serving node (TS 23.271 clause 9.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum A1Override {
    /// Nothing.
    None,
    /// The privacy override indicator came and the node accepted it by clause 9.5.1, from the location of the gateway. It
    /// applies to emergency and lawful interception clients and is passed over for others.
    PrivacyOverride,
    /// Local regulation wants every emergency client served. It applies to emergency clients and is passed over for others.
    Regulation,
}

/// What a pre-Rel-6 serving node knows when it selects a class. Each setting is what the class says to this client by the
/// rules of TS 23.271 clause 9.5.3, listed or not; `None`: the class is not subscribed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct A1Input {
    /// Client type of the request.
    pub client_type: LcsClientType,
    /// What overrides the profile.
    pub privacy_override: A1Override,
    /// Whether the universal class is subscribed.
    pub universal: bool,
    /// PLMN operator class: allowed without notification if the client is listed, else not allowed.
    pub plmn: Option<PrivacySetting>,
    /// Call/session related class.
    pub related: Option<PrivacySetting>,
    /// Call/session unrelated class.
    pub unrelated: Option<PrivacySetting>,
    /// The client is in, or associated with, the visited PLMN.
    pub plmn_criteria_met: bool,
    /// A call or session that the UE originated to the client is up, at the address in the request.
    pub call_criteria_met: bool,
    /// Result of the service type check; `None` if no service types are subscribed.
    pub service_type: Option<PrivacySetting>,
}

/// Which exit of Fig. A.1 was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum A1Class {
    /// None was reached: the profile was overridden (clause 9.5.2).
    Overridden,
    /// Universal class.
    Universal,
    /// PLMN operator class.
    PlmnOperator,
    /// Call/session related class.
    Related,
    /// The looser of call/session related and unrelated.
    LooserOfBoth,
    /// Call/session unrelated class.
    Unrelated,
    /// Rejected unconditionally.
    Reject,
}

/// Outcome of Fig. A.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct A1Outcome {
    /// The exit taken.
    pub class: A1Class,
    /// The setting that applies, service type included; "not allowed" means rejection.
    pub setting: PrivacySetting,
}

impl A1Outcome {
    /// Whether a position may be given, after the notification and verification that the setting asks for.
    #[must_use]
    pub fn allowed(self) -> bool {
        self.setting != PrivacySetting::NotAllowed
    }
}

/// Fig. A.1 of TS 23.271 clause A.2, and the comparison with the service type after it: the looser counts, provided that the
/// class allows the client at all. A rejection is never lifted by a service type.
#[must_use]
pub fn select_pre_rel6(input: &A1Input) -> A1Outcome {
    let (class, setting) = select_class(input);
    let setting = match input.service_type {
        Some(service) if setting != PrivacySetting::NotAllowed => setting.looser(service),
        _ => setting,
    };
    A1Outcome { class, setting }
}

fn select_class(input: &A1Input) -> (A1Class, PrivacySetting) {
    use LcsClientType as T;
    const REJECT: (A1Class, PrivacySetting) = (A1Class::Reject, PrivacySetting::NotAllowed);
    let overridden = match input.privacy_override {
        A1Override::None => false,
        A1Override::PrivacyOverride => matches!(input.client_type, T::Emergency | T::LawfulIntercept),
        A1Override::Regulation => input.client_type == T::Emergency,
    };
    if overridden {
        return (A1Class::Overridden, PrivacySetting::AllowedWithoutNotification);
    }
    if input.universal {
        return (A1Class::Universal, PrivacySetting::AllowedWithoutNotification);
    }
    match input.client_type {
        T::PlmnOperator if input.plmn_criteria_met => {
            input.plmn.map_or(REJECT, |setting| (A1Class::PlmnOperator, setting))
        }
        T::ValueAdded => match (input.related.filter(|_| input.call_criteria_met), input.unrelated) {
            (Some(related), Some(unrelated)) => (A1Class::LooserOfBoth, related.looser(unrelated)),
            (Some(related), None) => (A1Class::Related, related),
            (None, Some(unrelated)) => (A1Class::Unrelated, unrelated),
            (None, None) => REJECT,
        },
        T::PlmnOperator | T::Emergency | T::LawfulIntercept => REJECT,
    }
}

#[cfg(test)]
mod tests;
