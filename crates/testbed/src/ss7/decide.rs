//! What an MSC or SGSN decides about a location request, alone: by Fig. A.1 of TS 23.271 from the data that it downloaded, or, where it
//! knows them and they came, by Fig. A.2 from the indicators.
//!
//! Nothing here waits or sends; the node's handler does.

use crate::{
    mme::{Showing, showing},
    scenario::{IncapablePhone, MmePolicy, PhoneState},
};
use lcs::{
    Address, LcsClientType, LocationType, PlmnClient, PrivacySetting, ServiceType, select_pre_rel6, select_rel6,
    slpp::{LcsInformation, NodeKnowledge, NodeRequest, PrivacyClassCode},
};

/// What of a Provide Subscriber Location bears on the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// LCS client type; an unknown one counts as value added, the strictest.
    pub client_type: LcsClientType,
    /// External identity, real or pseudo.
    pub external: Option<Address>,
    /// Internal identity.
    pub internal: Option<PlmnClient>,
    /// Service type.
    pub service_type: Option<ServiceType>,
    /// LCS-PrivacyCheck, if received: unrelated and related.
    pub indicators: Option<(PrivacySetting, Option<PrivacySetting>)>,
    /// Whether privacyOverride was received.
    pub privacy_override: bool,
    /// Number of the gateway that asks.
    pub gmlc: Address,
    /// Whether that gateway is in the home country.
    pub gmlc_in_home_country: bool,
    /// Whether an own-originated call or session of the phone to the number or access point of the request is up.
    pub criteria_met: bool,
    /// Type of location.
    pub location_type: LocationType,
}

impl Asked {
    /// What a node of this highest capability set sees of it: before set 4 no indicators, before set 3 no service type. They came
    /// after the extension marker, so such a node passes over them (TS 29.002 clause 17.7.13).
    #[must_use]
    pub fn as_known_to(mut self, capability_set: u8) -> Self {
        if capability_set < 4 {
            self.indicators = None;
        }
        if capability_set < 3 {
            self.service_type = None;
        }
        self
    }
}

/// Why a client is not authorised (TS 29.002 clause 17.7.7, UnauthorizedLCSClient-Diagnostic).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Diagnostic {
    /// The user said no, or nothing where that means no.
    NoAdditionalInformation = 0,
    /// Not in the list of the subscriber.
    NotInExceptionList = 1,
    /// Allowed in a call or session only, and none is up.
    CallNotSetUp = 2,
    /// The override does not apply here.
    OverrideNotApplicable = 3,
    /// Local regulation forbids.
    LocalRegulation = 4,
    /// No privacy class that fits is subscribed.
    PrivacyClass = 5,
    /// Listed in the call/session unrelated class, and not allowed.
    UnrelatedClient = 6,
    /// Listed in the call/session related class, and not allowed.
    RelatedClient = 7,
}

/// Why there is no position; each is an error of TS 29.002 clause 17.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Denial {
    /// unidentifiedSubscriber: nothing is known of the subscriber.
    Unidentified,
    /// absentSubscriber: detached.
    Detached,
    /// absentSubscriber: no answer to paging.
    NoPageResponse,
    /// systemFailure.
    SystemFailure,
    /// facilityNotSupported, because of the shape or event that is asked for.
    FacilityNotSupported,
    /// facilityNotSupported, because the node has no LCS.
    NoLcs,
    /// dataMissing.
    DataMissing,
    /// unexpectedDataValue.
    UnexpectedDataValue,
    /// unauthorizedRequestingNetwork.
    UnauthorizedNetwork,
    /// unauthorizedLCSClient.
    UnauthorizedClient(Diagnostic),
    /// positionMethodFailure, locationProcedureNotCompleted.
    PositioningFailed,
    /// positionMethodFailure, positionMethodNotSupportedByTargetMS.
    NotSupportedByPhone,
}

/// What to do with a request before the user has a say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Answer with this error.
    Deny(Denial),
    /// Show this to the user, then go on as the answer allows.
    Proceed(Showing),
}

/// The privacy related action of a node that holds `downloaded`; "not allowed" with the diagnostic to tell.
pub fn action(asked: &Asked, node: NodeKnowledge, downloaded: &LcsInformation) -> Result<PrivacySetting, Diagnostic> {
    let asked = asked.as_known_to(node.capability_set);
    let overrides = matches!(asked.client_type, LcsClientType::Emergency | LcsClientType::LawfulIntercept);
    let overridden = asked.privacy_override && overrides && asked.gmlc_in_home_country;
    let refused = |diagnostic: Diagnostic| match asked.privacy_override {
        true => Diagnostic::OverrideNotApplicable,
        false => diagnostic,
    };
    let Some((unrelated, related)) = asked.indicators.filter(|_| !overridden) else {
        let request = node_request(&asked, overridden);
        let input = downloaded.read(node, &request);
        let setting = select_pre_rel6(&input).setting;
        let why = || refused(why_by_class(&asked, node, downloaded, &request));
        return if setting == PrivacySetting::NotAllowed { Err(why()) } else { Ok(setting) };
    };
    match select_rel6(related, Some(unrelated), asked.criteria_met).action {
        PrivacySetting::NotAllowed if related.is_some() => Err(refused(Diagnostic::CallNotSetUp)),
        PrivacySetting::NotAllowed => Err(refused(Diagnostic::UnrelatedClient)),
        setting => Ok(setting),
    }
}

/// The request as Fig. A.1 sees it. Clients of the operator are those of the network that serves, which is the home network.
fn node_request(asked: &Asked, overridden: bool) -> NodeRequest {
    NodeRequest {
        client_type: asked.client_type,
        external: asked.external,
        internal: asked.internal,
        service_type: asked.service_type,
        gmlc: asked.gmlc,
        gmlc_in_home_country: asked.gmlc_in_home_country,
        privacy_override: if overridden { lcs::A1Override::PrivacyOverride } else { lcs::A1Override::None },
        plmn_criteria_met: asked.gmlc_in_home_country,
        in_home_plmn: true,
        call_criteria_met: asked.criteria_met,
    }
}

/// Why Fig. A.1 ended with a rejection.
fn why_by_class(asked: &Asked, node: NodeKnowledge, held: &LcsInformation, request: &NodeRequest) -> Diagnostic {
    let input = held.read(node, request);
    let listed = |code| {
        let class = held.class(code);
        class.is_some_and(|class| {
            let entries = class.external_clients.iter().filter_map(|entry| entry.client);
            entries
                .zip(std::iter::repeat(asked.external))
                .any(|(stored, asked)| asked.is_some_and(|a| a.matches(stored)))
        })
    };
    match (asked.client_type, input.related, input.unrelated) {
        (LcsClientType::ValueAdded, Some(_), None) if !asked.criteria_met => Diagnostic::CallNotSetUp,
        (LcsClientType::ValueAdded, Some(_), Some(PrivacySetting::NotAllowed))
            if !asked.criteria_met && listed(PrivacyClassCode::CallSessionRelated) =>
        {
            Diagnostic::CallNotSetUp
        }
        (LcsClientType::ValueAdded, None, None) => Diagnostic::PrivacyClass,
        (LcsClientType::ValueAdded, ..) if listed(PrivacyClassCode::CallSessionUnrelated) => {
            Diagnostic::UnrelatedClient
        }
        (LcsClientType::ValueAdded, ..) if listed(PrivacyClassCode::CallSessionRelated) => Diagnostic::RelatedClient,
        (LcsClientType::ValueAdded, ..) => Diagnostic::NotInExceptionList,
        (LcsClientType::Emergency | LcsClientType::PlmnOperator | LcsClientType::LawfulIntercept, ..) => {
            Diagnostic::PrivacyClass
        }
    }
}

/// The phone, as far as it bears on the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Whether and how it can be reached.
    pub state: PhoneState,
    /// Whether it can show requests to its user.
    pub notifications: bool,
}

/// Decides on a request (TS 23.271 clauses 9.1.2 and 9.1.6 steps 2 to 4, 9.1.4, and 9.1.10 for a notification alone).
#[must_use]
pub fn decide(
    asked: &Asked,
    phone: Reach,
    node: NodeKnowledge,
    downloaded: &LcsInformation,
    policy: MmePolicy,
) -> Verdict {
    use LocationType as T;
    if matches!(phone.state, PhoneState::UnknownToMme | PhoneState::UnknownToHss) {
        return Verdict::Deny(Denial::Unidentified);
    }
    let known = match asked.location_type {
        T::Current | T::CurrentOrLastKnown | T::Initial => true,
        T::ActivateDeferred | T::CancelDeferred => node.capability_set >= 2,
        T::NotificationVerificationOnly => node.capability_set >= 5,
    };
    if !known {
        return Verdict::Deny(Denial::UnexpectedDataValue);
    }
    let action = match action(asked, node, downloaded) {
        Ok(action) => action,
        Err(diagnostic) => return Verdict::Deny(Denial::UnauthorizedClient(diagnostic)),
    };
    let showing = if asked.client_type == LcsClientType::ValueAdded { showing(action) } else { Showing::Nothing };
    match reach(phone.state) {
        // A deferred request waits until the phone can be reached.
        Err(_) if asked.location_type == T::ActivateDeferred => Verdict::Proceed(showing),
        Err(_) if asked.location_type == T::CurrentOrLastKnown && showing == Showing::Nothing => {
            Verdict::Proceed(Showing::Nothing)
        }
        Err(denial) => Verdict::Deny(denial),
        Ok(()) if showing != Showing::Nothing && !phone.notifications => incapable(showing, policy),
        Ok(()) => Verdict::Proceed(showing),
    }
}

fn reach(state: PhoneState) -> Result<(), Denial> {
    match state {
        PhoneState::Attached | PhoneState::PositioningFails => Ok(()),
        PhoneState::Detached | PhoneState::Absent | PhoneState::Suspended => Err(Denial::Detached),
        PhoneState::Unreachable => Err(Denial::NoPageResponse),
        PhoneState::UnknownToMme | PhoneState::UnknownToHss => Err(Denial::Unidentified),
    }
}

/// A phone that cannot show what must be shown: TS 23.271 is silent, so the request fails, unless the policy takes it for a user who
/// does not answer.
fn incapable(showing: Showing, policy: MmePolicy) -> Verdict {
    match (policy.incapable_phone, showing) {
        (IncapablePhone::NoResponse, Showing::QuestionAllow) => Verdict::Proceed(Showing::Nothing),
        (IncapablePhone::NoResponse, Showing::QuestionRestrict) => {
            Verdict::Deny(Denial::UnauthorizedClient(Diagnostic::NoAdditionalInformation))
        }
        _ => Verdict::Deny(Denial::NotSupportedByPhone),
    }
}

#[cfg(test)]
mod tests;
