//! Operations: their codes, contexts, timers and errors (TS 29.002 clause 17.6).

use super::context::{
    GPRS_LOCATION_UPDATE_V3, LOCATION_SVC_ENQUIRY_V3, LOCATION_SVC_GATEWAY_V3, NETWORK_LOC_UP_V3,
    SUBSCRIBER_DATA_MNGT_V3,
};
use crate::tcap::ApplicationContext;
use lcs::Duration;

/// An operation that is understood here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Operation {
    /// updateLocation.
    UpdateLocation = 2,
    /// insertSubscriberData.
    InsertSubscriberData = 7,
    /// deleteSubscriberData.
    DeleteSubscriberData = 8,
    /// updateGprsLocation.
    UpdateGprsLocation = 23,
    /// provideSubscriberLocation.
    ProvideSubscriberLocation = 83,
    /// sendRoutingInfoForLCS.
    SendRoutingInfoForLcs = 85,
    /// subscriberLocationReport.
    SubscriberLocationReport = 86,
}

/// How long an operation may take (TS 29.002 clause 17.1.2, Table 17.1/1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timer {
    /// m: 15 to 30 seconds.
    Medium,
    /// ml: 1 to 10 minutes.
    MediumLong,
}

impl Timer {
    /// The shortest and the longest that a network may choose.
    #[must_use]
    pub const fn range(self) -> (Duration, Duration) {
        match self {
            Self::Medium => (Duration::from_secs(15), Duration::from_secs(30)),
            Self::MediumLong => (Duration::from_secs(60), Duration::from_secs(600)),
        }
    }
}

impl Operation {
    /// All of them, by code.
    pub const ALL: [Self; 7] = [
        Self::UpdateLocation,
        Self::InsertSubscriberData,
        Self::DeleteSubscriberData,
        Self::UpdateGprsLocation,
        Self::ProvideSubscriberLocation,
        Self::SendRoutingInfoForLcs,
        Self::SubscriberLocationReport,
    ];

    /// The local operation code.
    #[must_use]
    pub fn code(self) -> i64 {
        i64::from(self as u8)
    }

    /// From the wire; `None` for an operation that is not understood here.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.code() == code)
    }

    /// The application context, version 3, in which the operation is asked for. Subscriber data is inserted inside the dialogue of a
    /// location update too.
    #[must_use]
    pub fn context(self) -> ApplicationContext {
        match self {
            Self::UpdateLocation => NETWORK_LOC_UP_V3,
            Self::InsertSubscriberData | Self::DeleteSubscriberData => SUBSCRIBER_DATA_MNGT_V3,
            Self::UpdateGprsLocation => GPRS_LOCATION_UPDATE_V3,
            Self::ProvideSubscriberLocation | Self::SubscriberLocationReport => LOCATION_SVC_ENQUIRY_V3,
            Self::SendRoutingInfoForLcs => LOCATION_SVC_GATEWAY_V3,
        }
    }

    /// Whether the operation may be asked for in this context.
    #[must_use]
    pub fn belongs_to(self, context: ApplicationContext) -> bool {
        let inside =
            self == Self::InsertSubscriberData && (context == NETWORK_LOC_UP_V3 || context == GPRS_LOCATION_UPDATE_V3);
        context == self.context() || inside
    }

    /// How long it may take.
    #[must_use]
    pub fn timer(self) -> Timer {
        match self {
            Self::ProvideSubscriberLocation => Timer::MediumLong,
            Self::UpdateLocation
            | Self::InsertSubscriberData
            | Self::DeleteSubscriberData
            | Self::UpdateGprsLocation
            | Self::SendRoutingInfoForLcs
            | Self::SubscriberLocationReport => Timer::Medium,
        }
    }

    /// Codes of the errors that may answer it (TS 29.002 clause 17.6).
    #[must_use]
    pub fn errors(self) -> &'static [i64] {
        match self {
            Self::UpdateLocation => &[1, 8, 34, 35, 36],
            Self::UpdateGprsLocation => &[1, 8, 34, 36],
            Self::InsertSubscriberData | Self::DeleteSubscriberData => &[5, 35, 36],
            Self::ProvideSubscriberLocation => &[5, 9, 12, 21, 27, 34, 35, 36, 52, 53, 54],
            Self::SendRoutingInfoForLcs => &[1, 21, 27, 34, 35, 36, 52],
            Self::SubscriberLocationReport => &[1, 34, 35, 36, 51, 52, 58],
        }
    }
}
