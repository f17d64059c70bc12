//! Every way in which a location request can end without a position, sorted by whose fault it is.
//!
//! One exhaustive table leads from here to each wire, without a catch-all arm.

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A peer broke the rules of its protocol.
    PeerMisbehaved,
    /// A peer follows the rules and cannot do what is asked.
    PeerCannot,
    /// The asking client misused the interface.
    CallerMisused,
    /// Policy, the subscriber's or the operator's, refused.
    PolicyRefused,
    /// This gateway failed.
    WeFailed,
}

/// Why no position is given. Names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Failure {
    /// The privacy check or another policy refused.
    #[error("refused: {0}")]
    Refused(#[from] RefusalReason),
    /// The serving node says that positioning is denied, by its user or its own rules (4224).
    #[error("positioning denied by the user or the serving node")]
    PositioningDenied,
    /// Nobody knows the subscriber (5001).
    #[error("unknown subscriber")]
    UnknownSubscriber,
    /// No serving node, or the phone cannot be reached (4201, 4221).
    #[error("absent subscriber")]
    AbsentSubscriber,
    /// The phone is detached (4223).
    #[error("detached subscriber")]
    DetachedSubscriber,
    /// The phone is suspended (4222).
    #[error("suspended subscriber")]
    SuspendedSubscriber,
    /// Positioning was tried and failed (4225).
    #[error("position method failure")]
    PositioningFailed,
    /// The asked quality was not reached and the class is assured.
    #[error("quality of position not attainable")]
    QosNotAttainable,
    /// The home network does not accept this gateway's network (5490).
    #[error("requesting network not authorised")]
    NetworkNotAuthorised,
    /// A network node is too busy (3004).
    #[error("network congestion")]
    NetworkCongestion,
    /// No path to a network node, or it does not serve this (3002, 3003, no peer open).
    #[error("network node unreachable")]
    NetworkUnreachable,
    /// A network node answered with another error (5012 and the like).
    #[error("network node failed")]
    NetworkFault,
    /// A network node answered something malformed or contradictory.
    #[error("network node broke its protocol")]
    NetworkProtocol,
    /// The network did not answer in time.
    #[error("timed out")]
    TimedOut,
    /// The serving node lies outside the service coverage of the request.
    #[error("outside the service coverage")]
    OutsideCoverage,
    /// The node that serves cannot be asked over an interface that this gateway has.
    #[error("no supported serving node")]
    ServingNodeUnsupported,
    /// The client is unknown, gave a wrong secret, or may not use this service.
    #[error("unauthorised application")]
    UnauthorisedApplication,
    /// More targets than the client may name at once.
    #[error("too many targets")]
    TooManyTargets,
    /// The client is over its quota or rate.
    #[error("over quota")]
    OverQuota,
    /// The client gave a value that cannot be used.
    #[error("invalid request")]
    InvalidRequest,
    /// The client withdrew the request.
    #[error("cancelled")]
    Cancelled,
    /// This gateway has too much to do.
    #[error("congestion in the gateway")]
    Congestion,
    /// This gateway is stopping.
    #[error("gateway is stopping")]
    Stopping,
    /// The disclosure log cannot write, so nothing may leave.
    #[error("the disclosure log cannot write")]
    LogUnavailable,
    /// Anything else in this gateway.
    #[error("system failure")]
    SystemFailure,
}

/// Why the privacy check, or policy beside it, refused. Recorded always; told to the client only as the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RefusalReason {
    /// The subscriber opted out for good.
    #[error("the subscriber opted out")]
    OptedOut,
    /// The subscriber's global location privacy switch is on.
    #[error("the subscriber's global privacy switch is on")]
    SwitchedOff,
    /// The subscriber paused location for now.
    #[error("the subscriber paused location")]
    Paused,
    /// No profile is known for the subscriber, and without one nothing is allowed (TS 23.271 clause 9.5.3).
    #[error("no privacy profile")]
    NoProfile,
    /// A profile exists and cannot be read.
    #[error("the privacy profile cannot be read")]
    ProfileUnreadable,
    /// No privacy class that fits this client is subscribed (9.5.3).
    #[error("no privacy class subscribed that fits")]
    NoClass,
    /// The client is not among those listed, and others are not allowed (9.5.3.2.3, 9.5.3.3.2).
    #[error("client not listed")]
    ClientNotListed,
    /// The class or the entry that fits says "not allowed".
    #[error("location not allowed by the class")]
    ClassBars,
    /// The client may not ask through this gateway (GMLC restriction).
    #[error("not through this gateway")]
    GmlcRestriction,
    /// The PLMN operator client type is not listed, or out of its scope (9.5.3.4).
    #[error("PLMN operator client not listed")]
    PlmnClientNotListed,
    /// No codeword was given and one is needed.
    #[error("codeword missing")]
    CodewordMissing,
    /// The codeword is wrong.
    #[error("codeword wrong")]
    CodewordWrong,
    /// The requestor is not among those allowed.
    #[error("requestor not allowed")]
    RequestorNotAllowed,
    /// Outside the hours that the subscriber allows.
    #[error("outside allowed hours")]
    OutsideHours,
    /// The rules depend on where the subscriber is, and refuse there.
    #[error("not at this place")]
    AreaRule,
    /// The user, asked after positioning, refused or did not answer (9.1.18).
    #[error("the user refused after positioning")]
    RefusedAfterPositioning,
    /// The operator's floor does not allow this client as much as the profile would.
    #[error("below the operator's floor")]
    OperatorFloor,
    /// The serving node cannot keep to the indicators that would be needed (10.5).
    #[error("the serving node cannot keep to the subscriber's settings")]
    NodeIncapable,
    /// The override is not allowed to this client, here (9.5.1).
    #[error("privacy override not applicable")]
    OverrideNotApplicable,
    /// Local regulation forbids.
    #[error("local regulation")]
    LocalRegulation,
    /// The client may not ask about this subscriber (authorised UE list).
    #[error("target not authorised for this client")]
    TargetNotAuthorised,
    /// The pseudonym names nobody, or somebody for another client.
    #[error("pseudonym not resolvable")]
    PseudonymUnresolved,
    /// The gateway that asks may not ask this: not about this subscriber, not here, or not without saying what the check at home
    /// came to (9.1.1 steps 5 and 8).
    #[error("the gateway that asks is not authorised")]
    GatewayNotAuthorised,
}

impl Failure {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(self) -> Fault {
        match self {
            Self::Refused(_) | Self::PositioningDenied | Self::OutsideCoverage | Self::OverQuota => {
                Fault::PolicyRefused
            }
            Self::UnknownSubscriber
            | Self::AbsentSubscriber
            | Self::DetachedSubscriber
            | Self::SuspendedSubscriber
            | Self::PositioningFailed
            | Self::QosNotAttainable
            | Self::NetworkNotAuthorised
            | Self::NetworkCongestion
            | Self::NetworkUnreachable
            | Self::NetworkFault
            | Self::ServingNodeUnsupported
            | Self::TimedOut => Fault::PeerCannot,
            Self::NetworkProtocol => Fault::PeerMisbehaved,
            Self::UnauthorisedApplication | Self::TooManyTargets | Self::InvalidRequest | Self::Cancelled => {
                Fault::CallerMisused
            }
            Self::Congestion | Self::Stopping | Self::LogUnavailable | Self::SystemFailure => Fault::WeFailed,
        }
    }
}
