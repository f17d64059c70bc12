//! Stable numbers and names of failures and reasons, for the disclosure log, other logs and metrics.
//!
//! Numbers are written into logs that outlive this release. A number is never reused and never given another meaning; a new
//! variant takes the next free one.

use crate::failure::{Failure, RefusalReason};

/// One row per variant without data. The matches are exhaustive: a variant without a row does not compile.
macro_rules! rows {
    (impl $type:ident { $($refused:pat => $refused_code:expr; $refused_any:pat => $refused_name:literal;)? }
     $($variant:ident = $code:literal, $name:literal;)*) => {
        impl $type {
            const ROWS: &'static [Self] = &[$(Self::$variant,)*];

            /// Stable number, never reused.
            #[must_use]
            pub const fn code(self) -> u16 {
                match self {
                    $($refused => $refused_code,)?
                    $(Self::$variant => $code,)*
                }
            }

            /// Name in snake case, for logs and metrics.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($refused_any => $refused_name,)?
                    $(Self::$variant => $name,)*
                }
            }

            const fn row_of(code: u16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}
rows! { impl RefusalReason {}
    OptedOut = 1, "opted_out";
    SwitchedOff = 2, "switched_off";
    Paused = 3, "paused";
    NoProfile = 4, "no_profile";
    ProfileUnreadable = 5, "profile_unreadable";
    NoClass = 6, "no_class";
    ClientNotListed = 7, "client_not_listed";
    ClassBars = 8, "class_bars";
    GmlcRestriction = 9, "gmlc_restriction";
    PlmnClientNotListed = 10, "plmn_client_not_listed";
    CodewordMissing = 11, "codeword_missing";
    CodewordWrong = 12, "codeword_wrong";
    RequestorNotAllowed = 13, "requestor_not_allowed";
    OutsideHours = 14, "outside_hours";
    AreaRule = 15, "area_rule";
    RefusedAfterPositioning = 16, "refused_after_positioning";
    OperatorFloor = 17, "operator_floor";
    NodeIncapable = 18, "node_incapable";
    OverrideNotApplicable = 19, "override_not_applicable";
    LocalRegulation = 20, "local_regulation";
    TargetNotAuthorised = 21, "target_not_authorised";
    PseudonymUnresolved = 22, "pseudonym_unresolved";
    GatewayNotAuthorised = 23, "gateway_not_authorised";
}
rows! { impl Failure { Self::Refused(reason) => REFUSED + reason.code(); Self::Refused(_) => "refused"; }
    PositioningDenied = 1, "positioning_denied";
    UnknownSubscriber = 2, "unknown_subscriber";
    AbsentSubscriber = 3, "absent_subscriber";
    DetachedSubscriber = 4, "detached_subscriber";
    SuspendedSubscriber = 5, "suspended_subscriber";
    PositioningFailed = 6, "positioning_failed";
    QosNotAttainable = 7, "qos_not_attainable";
    NetworkNotAuthorised = 8, "network_not_authorised";
    NetworkCongestion = 9, "network_congestion";
    NetworkUnreachable = 10, "network_unreachable";
    NetworkFault = 11, "network_fault";
    NetworkProtocol = 12, "network_protocol";
    TimedOut = 13, "timed_out";
    OutsideCoverage = 14, "outside_coverage";
    ServingNodeUnsupported = 15, "serving_node_unsupported";
    UnauthorisedApplication = 16, "unauthorised_application";
    TooManyTargets = 17, "too_many_targets";
    OverQuota = 18, "over_quota";
    InvalidRequest = 19, "invalid_request";
    Cancelled = 20, "cancelled";
    Congestion = 21, "congestion";
    Stopping = 22, "stopping";
    LogUnavailable = 23, "log_unavailable";
    SystemFailure = 24, "system_failure";
}

/// Added to the number of a reason to make the number of its refusal.
const REFUSED: u16 = 1000;

impl RefusalReason {
    /// Every reason, by number.
    pub const ALL: [Self; 23] = {
        let mut all = [Self::OptedOut; 23];
        let mut at = 0;
        while at < all.len() {
            all[at] = Self::ROWS[at];
            at += 1;
        }
        // A row beyond the array would be lost in silence.
        assert!(Self::ROWS.len() == 23);
        all
    };

    /// From the stable number; `None` for one that no release has used.
    #[must_use]
    pub const fn from_code(code: u16) -> Option<Self> {
        Self::row_of(code)
    }
}

impl Failure {
    /// Every failure, each refusal by its reason: first those that are no refusal, by number, then the refusals.
    pub const ALL: [Self; 24 + 23] = {
        let mut all = [Self::SystemFailure; 24 + 23];
        let mut at = 0;
        while at < all.len() {
            all[at] = if at < 24 { Self::ROWS[at] } else { Self::Refused(RefusalReason::ALL[at - 24]) };
            at += 1;
        }
        assert!(Self::ROWS.len() == 24);
        all
    };

    /// From the stable number; `None` for one that no release has used.
    #[must_use]
    pub const fn from_code(code: u16) -> Option<Self> {
        match code.checked_sub(REFUSED) {
            None => Self::row_of(code),
            Some(reason) => match RefusalReason::from_code(reason) {
                Some(reason) => Some(Self::Refused(reason)),
                None => None,
            },
        }
    }

    /// Why it was refused, if it was refused here.
    #[must_use]
    pub const fn reason(self) -> Option<RefusalReason> {
        match self {
            Self::Refused(reason) => Some(reason),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
