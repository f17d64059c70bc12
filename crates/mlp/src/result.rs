//! Result codes and the one table that leads from a failure to them.

use lcs::{Failure, RefusalReason};

/// A result id (OMA MLP section 5.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ResultId(pub u16);

macro_rules! results {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $slogan:literal;)*) => {
        impl ResultId {
            $($(#[$doc])* pub const $name: Self = Self($id);)*

            /// Every result id that the standard names, in its order.
            pub const ALL: &'static [Self] = &[$(Self($id)),*];

            /// The slogan of the table; vendor specific and unknown ids get a general one.
            #[must_use]
            pub fn slogan(self) -> &'static str {
                match self.0 {
                    $($id => $slogan,)*
                    500..=599 => "VENDOR SPECIFIC ERROR",
                    _ => "UNSPECIFIED ERROR",
                }
            }
        }
    };
}

results! {
    /// No error.
    OK = 0, "OK";
    /// A general problem in this server.
    SYSTEM_FAILURE = 1, "SYSTEM FAILURE";
    /// None of the others, or one that must not be told for privacy.
    UNSPECIFIED_ERROR = 2, "UNSPECIFIED ERROR";
    /// The client may not use the server, or gave a wrong password.
    UNAUTHORIZED_APPLICATION = 3, "UNAUTHORIZED APPLICATION";
    /// No such subscription.
    UNKNOWN_SUBSCRIBER = 4, "UNKNOWN SUBSCRIBER";
    /// Not reachable now.
    ABSENT_SUBSCRIBER = 5, "ABSENT SUBSCRIBER";
    /// Positioning failed.
    POSITION_METHOD_FAILURE = 6, "POSITION METHOD FAILURE";
    /// A timer ran out.
    TIMEOUT = 7, "TIMEOUT";
    /// This server has too much to do.
    CONGESTION_IN_LOCATION_SERVER = 101, "CONGESTION IN LOCATION SERVER";
    /// The version of the request is not spoken.
    UNSUPPORTED_VERSION = 103, "UNSUPPORTED VERSION";
    /// Too many targets.
    TOO_MANY_POSITION_ITEMS = 104, "TOO MANY POSITION ITEMS";
    /// An element has an invalid format.
    FORMAT_ERROR = 105, "FORMAT ERROR";
    /// The request has an invalid syntax.
    SYNTAX_ERROR = 106, "SYNTAX ERROR";
    /// An element is not supported, or the client does not support the shape of the position.
    PROTOCOL_ELEMENT_NOT_SUPPORTED = 107, "PROTOCOL ELEMENT NOT SUPPORTED";
    /// The service is not supported.
    SERVICE_NOT_SUPPORTED = 108, "SERVICE NOT SUPPORTED";
    /// An attribute is not supported.
    PROTOCOL_ELEMENT_ATTRIBUTE_NOT_SUPPORTED = 109, "PROTOCOL ELEMENT ATTRIBUTE NOT SUPPORTED";
    /// An element has an invalid value.
    INVALID_PROTOCOL_ELEMENT_VALUE = 110, "INVALID PROTOCOL ELEMENT VALUE";
    /// An attribute has an invalid value.
    INVALID_PROTOCOL_ELEMENT_ATTRIBUTE_VALUE = 111, "INVALID PROTOCOL ELEMENT ATTRIBUTE VALUE";
    /// A value of an element is not supported.
    PROTOCOL_ELEMENT_VALUE_NOT_SUPPORTED = 112, "PROTOCOL ELEMENT VALUE NOT SUPPORTED";
    /// A value of an attribute is not supported.
    PROTOCOL_ELEMENT_ATTRIBUTE_VALUE_NOT_SUPPORTED = 113, "PROTOCOL ELEMENT ATTRIBUTE VALUE NOT SUPPORTED";
    /// A triggered request was cancelled.
    CANCELLATION_OF_TRIGGERED_LOCATION_REQUEST = 114, "CANCELLATION OF TRIGGERED LOCATION REQUEST";
    /// A stop request names an msid that has no triggered request.
    INVALID_MSID_IN_TLRSR = 115, "INVALID MSID IN TLRSR";
    /// A triggered request cannot be stopped for one target alone.
    TLRSR_FOR_INDIVIDUAL_TARGET_NOT_SUPPORTED = 116, "TLRSR FOR INDIVIDUAL TARGET NOT SUPPORTED";
    /// No analytic data.
    NO_ANALYTIC_DATA_AVAILABLE = 117, "NO ANALYTIC DATA AVAILABLE";
    /// The quality of position cannot be had.
    QOP_NOT_ATTAINABLE = 201, "QOP NOT ATTAINABLE";
    /// The subscriber does not allow it.
    POSITIONING_NOT_ALLOWED = 202, "POSITIONING NOT ALLOWED";
    /// The mobile network has too much to do.
    CONGESTION_IN_MOBILE_NETWORK = 203, "CONGESTION IN MOBILE NETWORK";
    /// Local regulation forbids.
    DISALLOWED_BY_LOCAL_REGULATIONS = 204, "DISALLOWED BY LOCAL REGULATIONS";
    /// The server is not completely configured.
    MISCONFIGURATION_OF_LOCATION_SERVER = 207, "MISCONFIGURATION OF LOCATION SERVER";
    /// The target moved; on RLP only.
    TARGET_MOVED_TO_NEW_MSC_SGSN = 208, "TARGET MOVED TO NEW MSC/SGSN";
    /// The client does not support the standard location report service.
    STANDARD_LOCATION_REPORT_SERVICE_NOT_SUPPORTED = 601, "STANDARD LOCATION REPORT SERVICE NOT SUPPORTED";
    /// An error in the client.
    MLS_CLIENT_ERROR = 602, "MLS CLIENT ERROR";
    /// The client does not accept the report.
    STANDARD_LOCATION_REPORT_SERVICE_NOT_ACCEPTED = 603, "STANDARD LOCATION REPORT SERVICE NOT ACCEPTED";
    /// The subscriber of a report is not valid to the client.
    SUBSCRIBER_IN_STANDARD_LOCATION_REPORT_SERVICE_NOT_VALID = 604,
        "SUBSCRIBER IN STANDARD LOCATION REPORT SERVICE NOT VALID";
    /// The service identity of a report is not valid to the client.
    INVALID_SERVICE_ID_IN_STANDARD_LOCATION_REPORT_SERVICE = 605,
        "INVALID SERVICE ID IN STANDARD LOCATION REPORT SERVICE";
}

/// The result id of a failure (OMA MLP sections 5.4.1 and 5.5.4).
///
/// `hide_reasons` is the operator's choice to answer 2 UNSPECIFIED ERROR where 202 would tell that the subscriber, or a
/// policy for them, refused (OMA MLP section 5.4.1, note).
///
/// Three readings: a target outside the service coverage is answered like a refusal, because an id of its own would tell
/// that the subscriber is abroad; a pseudonym that resolves to nobody is an unknown subscriber; network nodes that fail
/// or misbehave are 1, as 5.5.4 maps MAP's system failure and unexpected data.
#[must_use]
pub fn result_of(failure: Failure, hide_reasons: bool) -> ResultId {
    let refused = if hide_reasons { ResultId::UNSPECIFIED_ERROR } else { ResultId::POSITIONING_NOT_ALLOWED };
    match failure {
        Failure::Refused(reason) => refusal(reason, hide_reasons),
        Failure::PositioningDenied | Failure::OutsideCoverage => refused,
        Failure::UnknownSubscriber => ResultId::UNKNOWN_SUBSCRIBER,
        Failure::AbsentSubscriber | Failure::DetachedSubscriber | Failure::SuspendedSubscriber => {
            ResultId::ABSENT_SUBSCRIBER
        }
        Failure::PositioningFailed | Failure::ServingNodeUnsupported => ResultId::POSITION_METHOD_FAILURE,
        Failure::QosNotAttainable => ResultId::QOP_NOT_ATTAINABLE,
        Failure::NetworkNotAuthorised | Failure::Cancelled => ResultId::UNSPECIFIED_ERROR,
        Failure::NetworkCongestion => ResultId::CONGESTION_IN_MOBILE_NETWORK,
        Failure::NetworkUnreachable | Failure::NetworkFault | Failure::NetworkProtocol => ResultId::SYSTEM_FAILURE,
        Failure::TimedOut => ResultId::TIMEOUT,
        Failure::UnauthorisedApplication => ResultId::UNAUTHORIZED_APPLICATION,
        Failure::TooManyTargets => ResultId::TOO_MANY_POSITION_ITEMS,
        Failure::InvalidRequest => ResultId::INVALID_PROTOCOL_ELEMENT_VALUE,
        Failure::OverQuota | Failure::Congestion | Failure::Stopping => ResultId::CONGESTION_IN_LOCATION_SERVER,
        Failure::LogUnavailable | Failure::SystemFailure => ResultId::SYSTEM_FAILURE,
    }
}

fn refusal(reason: RefusalReason, hide_reasons: bool) -> ResultId {
    let refused = if hide_reasons { ResultId::UNSPECIFIED_ERROR } else { ResultId::POSITIONING_NOT_ALLOWED };
    match reason {
        RefusalReason::LocalRegulation if !hide_reasons => ResultId::DISALLOWED_BY_LOCAL_REGULATIONS,
        RefusalReason::PseudonymUnresolved => ResultId::UNKNOWN_SUBSCRIBER,
        RefusalReason::GatewayNotAuthorised => ResultId::UNAUTHORIZED_APPLICATION,
        RefusalReason::LocalRegulation
        | RefusalReason::OptedOut
        | RefusalReason::SwitchedOff
        | RefusalReason::Paused
        | RefusalReason::NoProfile
        | RefusalReason::ProfileUnreadable
        | RefusalReason::NoClass
        | RefusalReason::ClientNotListed
        | RefusalReason::ClassBars
        | RefusalReason::GmlcRestriction
        | RefusalReason::PlmnClientNotListed
        | RefusalReason::CodewordMissing
        | RefusalReason::CodewordWrong
        | RefusalReason::RequestorNotAllowed
        | RefusalReason::OutsideHours
        | RefusalReason::AreaRule
        | RefusalReason::RefusedAfterPositioning
        | RefusalReason::OperatorFloor
        | RefusalReason::NodeIncapable
        | RefusalReason::OverrideNotApplicable
        | RefusalReason::TargetNotAuthorised => refused,
    }
}

impl From<Failure> for ResultId {
    /// As [`result_of`] with reasons told.
    fn from(failure: Failure) -> Self {
        result_of(failure, false)
    }
}

#[cfg(test)]
mod tests;
