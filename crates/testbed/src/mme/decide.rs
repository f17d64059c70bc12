//! What an MME decides about a location request: the privacy action, what its user sees, and how the request ends.
//!
//! Nothing here waits or sends; the node's [handler](super) does.

use crate::scenario::{AbsentNonSession, IncapablePhone, MmePolicy, PhoneState, UserAnswer, UserSpec};
use lcs::{LcsClientType, LocationType, PrivacySetting, select_rel6};
use std::time::Duration;

/// What of a Provide Location Request bears on the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// LCS client type; an unknown one counts as value added, the strictest.
    pub client_type: LcsClientType,
    /// LCS-Privacy-Check-Session, if received.
    pub related: Option<PrivacySetting>,
    /// LCS-Privacy-Check-Non-Session, if received.
    pub unrelated: Option<PrivacySetting>,
    /// Whether an own-originated session of the phone to the access point of the request is up.
    pub criteria_met: bool,
    /// Type of location.
    pub location_type: LocationType,
}

/// What the user is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Showing {
    /// Nothing.
    Nothing,
    /// A notification (TS 24.080, NotificationToMSUser notifyLocationAllowed).
    Notification,
    /// A question; silence allows.
    QuestionAllow,
    /// A question; silence denies.
    QuestionRestrict,
}

/// The experimental results of an MME (TS 29.172 clause 7.5.3 and 7.5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Denial {
    /// Nothing is known of the subscriber.
    UserUnknown = 5001,
    /// Not reachable.
    UnreachableUser = 4221,
    /// Suspended.
    SuspendedUser = 4222,
    /// Detached.
    DetachedUser = 4223,
    /// The user, or the node for them, says no.
    PositioningDenied = 4224,
    /// Positioning failed.
    PositioningFailed = 4225,
}

/// What to do with a request before the user has a say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Answer with this error.
    Deny(Denial),
    /// Show this to the user, then go on as the answer allows.
    Proceed(Showing),
}

/// The action by Fig. A.2 of TS 23.271, with the reading of an absent indicator that the policy has.
#[must_use]
pub fn action(asked: &Asked, policy: MmePolicy) -> PrivacySetting {
    let by_default =
        asked.client_type != LcsClientType::ValueAdded || policy.absent_non_session == AbsentNonSession::Allow;
    let default = by_default.then_some(PrivacySetting::AllowedWithoutNotification);
    select_rel6(asked.related, asked.unrelated.or(default), asked.criteria_met).action
}

/// Decides on a request about a phone in `state` (TS 23.271 clause 9.1.15 steps 2 to 4, and 9.1.18).
#[must_use]
pub fn decide(asked: &Asked, state: PhoneState, notifications: bool, policy: MmePolicy) -> Verdict {
    if matches!(state, PhoneState::UnknownToMme | PhoneState::UnknownToHss) {
        return Verdict::Deny(Denial::UserUnknown);
    }
    let action = action(asked, policy);
    if action == PrivacySetting::NotAllowed {
        return Verdict::Deny(Denial::PositioningDenied);
    }
    let showing = if asked.client_type == LcsClientType::ValueAdded { showing(action) } else { Showing::Nothing };
    match reach(state) {
        // The last known location may be given to whoever asked for it, but not where a notification would have to be
        // shown that cannot be (TS 23.271 clause 9.1.4.5).
        Err(_) if asked.location_type == LocationType::CurrentOrLastKnown && showing == Showing::Nothing => {
            Verdict::Proceed(Showing::Nothing)
        }
        Err(denial) => Verdict::Deny(denial),
        Ok(()) if showing != Showing::Nothing && !notifications => incapable(showing, policy),
        Ok(()) => Verdict::Proceed(showing),
    }
}

/// Whether a phone in this state can be paged.
pub(super) fn reach(state: PhoneState) -> Result<(), Denial> {
    match state {
        PhoneState::Attached | PhoneState::PositioningFails => Ok(()),
        PhoneState::Detached | PhoneState::Absent => Err(Denial::DetachedUser),
        PhoneState::Suspended => Err(Denial::SuspendedUser),
        PhoneState::Unreachable => Err(Denial::UnreachableUser),
        PhoneState::UnknownToMme | PhoneState::UnknownToHss => Err(Denial::UserUnknown),
    }
}

pub(crate) fn showing(action: PrivacySetting) -> Showing {
    match action {
        PrivacySetting::AllowedWithoutNotification | PrivacySetting::NotAllowed => Showing::Nothing,
        PrivacySetting::AllowedWithNotification => Showing::Notification,
        PrivacySetting::AllowedIfNoResponse => Showing::QuestionAllow,
        PrivacySetting::RestrictedIfNoResponse => Showing::QuestionRestrict,
    }
}

/// A phone that cannot show what must be shown: denied, unless the policy takes it for a user who does not answer.
fn incapable(showing: Showing, policy: MmePolicy) -> Verdict {
    let as_no_response = policy.incapable_phone == IncapablePhone::NoResponse;
    if as_no_response && showing == Showing::QuestionAllow {
        return Verdict::Proceed(Showing::Nothing);
    }
    Verdict::Deny(Denial::PositioningDenied)
}

/// What came of showing something to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserResponse {
    /// No answer was asked for.
    NotAsked,
    /// Granted.
    Granted,
    /// Denied.
    Denied,
    /// No answer in time.
    None,
}

/// How a user takes what is shown: the response, and when the node has it, `timeout` at the latest.
#[must_use]
pub fn respond(user: UserSpec, showing: Showing, timeout: Duration) -> (UserResponse, Duration) {
    match showing {
        Showing::Nothing | Showing::Notification => (UserResponse::NotAsked, Duration::ZERO),
        Showing::QuestionAllow | Showing::QuestionRestrict => {
            let after = Duration::from_millis(user.after_ms);
            match user.answer {
                UserAnswer::Accepts if after < timeout => (UserResponse::Granted, after),
                UserAnswer::Refuses if after < timeout => (UserResponse::Denied, after),
                UserAnswer::Accepts | UserAnswer::Refuses | UserAnswer::Silent => (UserResponse::None, timeout),
            }
        }
    }
}

/// Whether the request goes on after the user's response (TS 23.271 clause 9.5.3.2.1).
#[must_use]
pub fn may_go_on(showing: Showing, response: UserResponse) -> bool {
    match (showing, response) {
        (Showing::Nothing | Showing::Notification, _) | (_, UserResponse::Granted) => true,
        (Showing::QuestionAllow, UserResponse::None) => true,
        (Showing::QuestionAllow | Showing::QuestionRestrict, _) => false,
    }
}

#[cfg(test)]
mod tests;
