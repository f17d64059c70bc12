//! Errors of the operations and their parameters (TS 29.002 clauses 17.6.6 and 17.7.7).

use super::{
    DecodeError,
    ber::{self, BOOLEAN, ENUMERATED, Element, sequence},
    value::enumeration,
};

enumeration! {
    /// Why a subscriber is unknown; a value that is not listed is discarded.
    UnknownSubscriberDiagnostic {
        /// The IMSI is unknown.
        ImsiUnknown = 0,
        /// It has no subscription to GPRS or EPS.
        GprsEpsSubscriptionUnknown = 1,
        /// Number portability says otherwise.
        NpdbMismatch = 2,
    } unknown None;

    /// Why a subscriber is absent; a value that is not listed is ignored.
    AbsentSubscriberReason {
        /// Detached.
        ImsiDetach = 0,
        /// In a restricted area.
        RestrictedArea = 1,
        /// Did not answer paging.
        NoPageResponse = 2,
        /// Deleted from the visitor register.
        PurgedMs = 3,
        /// Roaming retry.
        MtRoamingRetry = 4,
        /// Busy.
        BusySubscriber = 5,
    } unknown None;

    /// Where a system failed.
    NetworkResource {
        /// The network.
        Plmn = 0,
        /// Home register.
        Hlr = 1,
        /// Visitor register.
        Vlr = 2,
        /// Previous visitor register.
        Pvlr = 3,
        /// Controlling MSC.
        ControllingMsc = 4,
        /// Visited MSC.
        Vmsc = 5,
        /// Equipment register.
        Eir = 6,
        /// Radio subsystem.
        Rss = 7,
    } unknown None;

    /// Where else a system failed; a value that is not listed is ignored.
    AdditionalNetworkResource {
        /// SGSN.
        Sgsn = 0,
        /// GGSN.
        Ggsn = 1,
        /// GMLC.
        Gmlc = 2,
        /// gsmSCF.
        GsmScf = 3,
        /// NPLR.
        Nplr = 4,
        /// Authentication centre.
        Auc = 5,
        /// The phone.
        Ue = 6,
        /// MME.
        Mme = 7,
    } unknown None;

    /// Why a system failed; a value that is not listed is ignored.
    FailureCause {
        /// Too many requests for this phone at once.
        LimitReachedOnConcurrentLocationRequests = 0,
    } unknown None;

    /// Why roaming is not allowed.
    RoamingNotAllowedCause {
        /// Not in this network.
        PlmnRoamingNotAllowed = 0,
        /// Barred by the operator.
        OperatorDeterminedBarring = 3,
    } unknown None;

    /// Why a client is not authorised; a value that is not listed is ignored.
    UnauthorizedLcsClientDiagnostic {
        /// Nothing more is told.
        NoAdditionalInformation = 0,
        /// It is not in the subscriber's privacy exception list.
        ClientNotInMsPrivacyExceptionList = 1,
        /// It is allowed in a call or session only, and there is none.
        CallToClientNotSetup = 2,
        /// It may not override privacy here.
        PrivacyOverrideNotApplicable = 3,
        /// Local regulation.
        DisallowedByLocalRegulatoryRequirements = 4,
        /// The subscriber has no class that fits.
        UnauthorizedPrivacyClass = 5,
        /// Refused outside calls and sessions.
        UnauthorizedCallSessionUnrelatedExternalClient = 6,
        /// Refused inside a call or session.
        UnauthorizedCallSessionRelatedExternalClient = 7,
    } unknown None;

    /// Why no position was found; a value that is not listed is ignored.
    PositionMethodFailureDiagnostic {
        /// Congestion.
        Congestion = 0,
        /// Not enough resources.
        InsufficientResources = 1,
        /// Not enough measurements.
        InsufficientMeasurementData = 2,
        /// Measurements contradict each other.
        InconsistentMeasurementData = 3,
        /// The procedure was not completed.
        LocationProcedureNotCompleted = 4,
        /// The phone does not support the procedure.
        LocationProcedureNotSupportedByTargetMs = 5,
        /// The quality cannot be had.
        QosNotAttainable = 6,
        /// The method is not available in the network.
        PositionMethodNotAvailableInNetwork = 7,
        /// The method is not available in this area.
        PositionMethodNotAvailableInLocationArea = 8,
    } unknown None;
}

sequence! {
    /// SystemFailureParam, in its form of version 3.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct SystemFailure {
        /// Where.
        lax network_resource: NetworkResource = ENUMERATED;
        /// Where else.
        lax additional_network_resource: AdditionalNetworkResource = 0;
        /// Why.
        lax failure_cause: FailureCause = 1;
    }
}

sequence! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct UnknownSubscriber {
        lax diagnostic: UnknownSubscriberDiagnostic = ENUMERATED;
    }
}
sequence! {
    struct RoamingNotAllowed {
        req cause: RoamingNotAllowedCause = ENUMERATED;
    }
}
sequence! {
    struct FacilityNotSupported {
        flag shape: bool = 0;
        flag needed_lcs_capability: bool = 1;
    }
}
sequence! {
    struct AbsentSubscriber {
        lax reason: AbsentSubscriberReason = 0;
    }
}
sequence! {
    struct UnexpectedData {
        flag unexpected_subscriber: bool = 0;
    }
}
sequence! {
    struct UnauthorizedLcsClient {
        lax diagnostic: UnauthorizedLcsClientDiagnostic = 0;
    }
}
sequence! {
    struct PositionMethodFailure {
        lax diagnostic: PositionMethodFailureDiagnostic = 0;
    }
}
sequence! {
    /// A parameter that only carries extensions: its one named element is none that exists.
    struct Extensions {
        flag _nothing: bool = BOOLEAN;
    }
}

/// An error that answers an operation, with its parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapError {
    /// 1.
    UnknownSubscriber(Option<UnknownSubscriberDiagnostic>),
    /// 5: the node does not know the subscriber.
    UnidentifiedSubscriber,
    /// 8.
    RoamingNotAllowed(RoamingNotAllowedCause),
    /// 9.
    IllegalSubscriber,
    /// 12.
    IllegalEquipment,
    /// 21.
    FacilityNotSupported {
        /// The shape of the estimate is none that the gateway takes.
        shape_of_location_estimate: bool,
        /// The node lacks a capability that is needed.
        needed_lcs_capability: bool,
    },
    /// 27.
    AbsentSubscriber(Option<AbsentSubscriberReason>),
    /// 34.
    SystemFailure(SystemFailure),
    /// 35.
    DataMissing,
    /// 36.
    UnexpectedDataValue {
        /// The subscriber is not one to whom this may be done.
        unexpected_subscriber: bool,
    },
    /// 51.
    ResourceLimitation,
    /// 52.
    UnauthorizedRequestingNetwork,
    /// 53.
    UnauthorizedLcsClient(Option<UnauthorizedLcsClientDiagnostic>),
    /// 54.
    PositionMethodFailure(Option<PositionMethodFailureDiagnostic>),
    /// 58.
    UnknownOrUnreachableLcsClient,
}

/// An error that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableError {
    /// No error of the operations here has this code.
    #[error("error {0}: none of the operations of location services has it")]
    Unrecognized(i64),
    /// Its parameter is unsound.
    #[error(transparent)]
    Parameter(#[from] DecodeError),
}

impl MapError {
    /// The gateway takes no shape that the node has.
    pub const SHAPE_NOT_SUPPORTED: Self =
        Self::FacilityNotSupported { shape_of_location_estimate: true, needed_lcs_capability: false };

    /// The local error code.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::UnknownSubscriber(_) => 1,
            Self::UnidentifiedSubscriber => 5,
            Self::RoamingNotAllowed(_) => 8,
            Self::IllegalSubscriber => 9,
            Self::IllegalEquipment => 12,
            Self::FacilityNotSupported { .. } => 21,
            Self::AbsentSubscriber(_) => 27,
            Self::SystemFailure(_) => 34,
            Self::DataMissing => 35,
            Self::UnexpectedDataValue { .. } => 36,
            Self::ResourceLimitation => 51,
            Self::UnauthorizedRequestingNetwork => 52,
            Self::UnauthorizedLcsClient(_) => 53,
            Self::PositionMethodFailure(_) => 54,
            Self::UnknownOrUnreachableLcsClient => 58,
        }
    }

    /// Reads an error from its code and its parameter, which is empty where there is none.
    ///
    /// # Errors
    /// For a code that no operation here has, and a parameter that is not of the error.
    pub fn decode(code: i64, parameter: &[u8]) -> Result<Self, UnreadableError> {
        Ok(match code {
            1 => Self::UnknownSubscriber(told::<UnknownSubscriber>(parameter)?.and_then(|told| told.diagnostic)),
            5 => extensions(parameter, Self::UnidentifiedSubscriber)?,
            8 => {
                let told = told::<RoamingNotAllowed>(parameter)?.ok_or(DecodeError::Mistyped("cause"))?;
                Self::RoamingNotAllowed(told.cause)
            }
            9 => extensions(parameter, Self::IllegalSubscriber)?,
            12 => extensions(parameter, Self::IllegalEquipment)?,
            21 => {
                let told = told::<FacilityNotSupported>(parameter)?;
                Self::FacilityNotSupported {
                    shape_of_location_estimate: told.as_ref().is_some_and(|told| told.shape),
                    needed_lcs_capability: told.is_some_and(|told| told.needed_lcs_capability),
                }
            }
            27 => Self::AbsentSubscriber(told::<AbsentSubscriber>(parameter)?.and_then(|told| told.reason)),
            34 => Self::SystemFailure(system_failure(parameter)?),
            35 => extensions(parameter, Self::DataMissing)?,
            36 => {
                let told = told::<UnexpectedData>(parameter)?;
                Self::UnexpectedDataValue { unexpected_subscriber: told.is_some_and(|told| told.unexpected_subscriber) }
            }
            51 => extensions(parameter, Self::ResourceLimitation)?,
            52 => extensions(parameter, Self::UnauthorizedRequestingNetwork)?,
            53 => {
                Self::UnauthorizedLcsClient(told::<UnauthorizedLcsClient>(parameter)?.and_then(|told| told.diagnostic))
            }
            54 => {
                Self::PositionMethodFailure(told::<PositionMethodFailure>(parameter)?.and_then(|told| told.diagnostic))
            }
            58 => extensions(parameter, Self::UnknownOrUnreachableLcsClient)?,
            other => return Err(UnreadableError::Unrecognized(other)),
        })
    }

    /// The parameter as one BER element; empty where there is nothing to tell.
    #[must_use]
    pub fn parameter(self) -> Vec<u8> {
        match self {
            Self::UnknownSubscriber(Some(diagnostic)) => one(&UnknownSubscriber { diagnostic: Some(diagnostic) }),
            Self::RoamingNotAllowed(cause) => one(&RoamingNotAllowed { cause }),
            Self::FacilityNotSupported { shape_of_location_estimate: shape, needed_lcs_capability }
                if shape || needed_lcs_capability =>
            {
                one(&FacilityNotSupported { shape, needed_lcs_capability })
            }
            Self::AbsentSubscriber(Some(reason)) => one(&AbsentSubscriber { reason: Some(reason) }),
            Self::SystemFailure(told) if told != SystemFailure::default() => one(&told),
            Self::UnexpectedDataValue { unexpected_subscriber: true } => {
                one(&UnexpectedData { unexpected_subscriber: true })
            }
            Self::UnauthorizedLcsClient(Some(diagnostic)) => {
                one(&UnauthorizedLcsClient { diagnostic: Some(diagnostic) })
            }
            Self::PositionMethodFailure(Some(diagnostic)) => {
                one(&PositionMethodFailure { diagnostic: Some(diagnostic) })
            }
            Self::UnknownSubscriber(None)
            | Self::UnidentifiedSubscriber
            | Self::IllegalSubscriber
            | Self::IllegalEquipment
            | Self::FacilityNotSupported { .. }
            | Self::AbsentSubscriber(None)
            | Self::SystemFailure(_)
            | Self::DataMissing
            | Self::UnexpectedDataValue { .. }
            | Self::ResourceLimitation
            | Self::UnauthorizedRequestingNetwork
            | Self::UnauthorizedLcsClient(None)
            | Self::PositionMethodFailure(None)
            | Self::UnknownOrUnreachableLcsClient => Vec::new(),
        }
    }
}

fn one<T: Element>(value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(16);
    ber::put(&mut out, T::NATURAL, value);
    out
}

fn told<T: Element>(parameter: &[u8]) -> Result<Option<T>, DecodeError> {
    if parameter.is_empty() { Ok(None) } else { ber::decode(parameter, "parameter of the error").map(Some) }
}

fn extensions(parameter: &[u8], error: MapError) -> Result<MapError, DecodeError> {
    told::<Extensions>(parameter).map(|_| error)
}

/// The parameter in the form of version 3, or as older nodes send it: where the system failed, alone.
fn system_failure(parameter: &[u8]) -> Result<SystemFailure, DecodeError> {
    // Universal 10: ENUMERATED, without the SEQUENCE around it.
    if parameter.first() == Some(&0x0A) {
        let network_resource = ber::decode::<AnyNetworkResource>(parameter, "network_resource")?.0;
        return Ok(SystemFailure { network_resource, ..SystemFailure::default() });
    }
    Ok(told(parameter)?.unwrap_or_default())
}

/// A network resource; `None` for one that is not listed.
struct AnyNetworkResource(Option<NetworkResource>);

impl Element for AnyNetworkResource {
    const NATURAL: u32 = ENUMERATED;
    const CONSTRUCTED: bool = false;

    fn read<S: bcder::decode::Source>(
        content: &mut bcder::decode::Content<'_, S>,
        _: &mut ber::Place,
    ) -> Result<Self, bcder::decode::DecodeError<S::Error>> {
        content.to_u32().map(NetworkResource::from_code).map(Self)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.0.map(NetworkResource::code));
    }
}
