//! Closed lists of words, and values that parse where they stand.

use crate::forms::{from_hex, to_hex};
use lcs::{FormatIndicator, LcsClientType, LocationType, PlmnClient, PrivacySetting, RefusalReason, gad::Shape};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A wire enum and the type that it stands for, one to one in both directions.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident = $of:ident { $($(#[$about:meta])* $word:ident = $value:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($(#[$about])* $word,)* }

        impl $name {
            /// Every word.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$word),*];
        }

        impl From<$of> for $name {
            fn from(value: $of) -> Self {
                match value { $($of::$value => Self::$word,)* }
            }
        }

        impl From<$name> for $of {
            fn from(word: $name) -> Self {
                match word { $($name::$word => Self::$value,)* }
            }
        }
    };
}

words! {
    /// Privacy check related action (clause 7.4.2).
    Setting = PrivacySetting {
        /// Positioning allowed without notifying the UE user.
        AllowedWithoutNotification = AllowedWithoutNotification,
        /// Positioning allowed with notification to the UE user.
        AllowedWithNotification = AllowedWithNotification,
        /// Notification and verification; allowed if granted or if there is no response.
        AllowedIfNoResponse = AllowedIfNoResponse,
        /// Notification and verification; allowed only if granted.
        RestrictedIfNoResponse = RestrictedIfNoResponse,
        /// Positioning not allowed.
        NotAllowed = NotAllowed,
    }
}
words! {
    /// LCS client type.
    TypeOfClient = LcsClientType {
        /// Emergency services.
        Emergency = Emergency,
        /// Value added services.
        ValueAdded = ValueAdded,
        /// PLMN operator services.
        PlmnOperator = PlmnOperator,
        /// Lawful interception.
        LawfulIntercept = LawfulIntercept,
    }
}
words! {
    /// Internal identity of a PLMN operator client (clause 9.5.3.4).
    Internal = PlmnClient {
        /// Location related broadcast.
        Broadcast = Broadcast,
        /// Operation and maintenance in the home PLMN.
        OmHplmn = OmHplmn,
        /// Operation and maintenance in the visited PLMN.
        OmVplmn = OmVplmn,
        /// Anonymous location.
        AnonymousLocation = AnonymousLocation,
        /// A service that the target subscribes to.
        TargetSubscribed = TargetSubscribed,
    }
}
words! {
    /// Form of a name (TS 29.172 clause 7.4.1, LCS-Format-Indicator).
    Format = FormatIndicator {
        /// A logical name.
        LogicalName = LogicalName,
        /// An e-mail address.
        EmailAddress = EmailAddress,
        /// A telephone number.
        Msisdn = Msisdn,
        /// A URL.
        Url = Url,
        /// A SIP URL.
        SipUrl = SipUrl,
    }
}
words! {
    /// Type of location.
    TypeOfLocation = LocationType {
        /// Current location.
        Current = Current,
        /// Current or last known location.
        CurrentOrLastKnown = CurrentOrLastKnown,
        /// Initial location of an emergency call.
        Initial = Initial,
        /// A deferred request is activated.
        ActivateDeferred = ActivateDeferred,
        /// A deferred request is cancelled.
        CancelDeferred = CancelDeferred,
        /// Notification or verification only.
        NotificationVerificationOnly = NotificationVerificationOnly,
    }
}
words! {
    /// Why a request is barred; for the record of the gateway, never for its client.
    Reason = RefusalReason {
        /// Opted out for good.
        OptedOut = OptedOut,
        /// Global location privacy switch.
        SwitchedOff = SwitchedOff,
        /// Paused.
        Paused = Paused,
        /// No profile is known.
        NoProfile = NoProfile,
        /// A profile exists and cannot be read.
        ProfileUnreadable = ProfileUnreadable,
        /// No class fits.
        NoClass = NoClass,
        /// The client is not listed.
        ClientNotListed = ClientNotListed,
        /// Not allowed by the class.
        ClassBars = ClassBars,
        /// Not through this gateway.
        GmlcRestriction = GmlcRestriction,
        /// PLMN operator client not listed.
        PlmnClientNotListed = PlmnClientNotListed,
        /// Codeword missing.
        CodewordMissing = CodewordMissing,
        /// Codeword wrong.
        CodewordWrong = CodewordWrong,
        /// Requestor not allowed.
        RequestorNotAllowed = RequestorNotAllowed,
        /// Outside allowed hours.
        OutsideHours = OutsideHours,
        /// Not at this place.
        AreaRule = AreaRule,
        /// Refused after positioning.
        RefusedAfterPositioning = RefusedAfterPositioning,
        /// Below the operator's floor.
        OperatorFloor = OperatorFloor,
        /// The serving node cannot keep to the settings.
        NodeIncapable = NodeIncapable,
        /// Override not applicable.
        OverrideNotApplicable = OverrideNotApplicable,
        /// Local regulation.
        LocalRegulation = LocalRegulation,
        /// Target not authorised for this client.
        TargetNotAuthorised = TargetNotAuthorised,
        /// The asking gateway is not authorised for this.
        GatewayNotAuthorised = GatewayNotAuthorised,
        /// The pseudonym does not resolve.
        PseudonymUnresolved = PseudonymUnresolved,
    }
}

/// Whether a position is known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StageWord {
    /// LCS Authorisation Request without location estimate.
    BeforePositioning,
    /// LCS Authorisation Request with location estimate.
    AfterPositioning,
}

/// Type of deferred location request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TypeOfDeferred {
    /// When the UE is available.
    UeAvailable,
    /// On a change of area.
    ChangeOfArea,
    /// On motion.
    Motion,
    /// Periodically.
    Periodic,
}

/// What happened to a profile: indication on the changed UEs privacy profile (clause 7.4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProfileChange {
    /// Written anew, or switch, pause or opt-out changed.
    Changed,
    /// Erased.
    Erased,
}

/// Whether MO-LR short circuit is allowed (clause 7.4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ShortCircuit {
    /// Allowed.
    Allowed,
    /// Not allowed.
    NotAllowed,
}

/// A shape of TS 23.032, its octets as hexadecimal digits.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Estimate(pub(crate) Shape);

/// Longest shape, octets (TS 23.032 clause 6: a polygon of 15 points has 91; high accuracy shapes have less).
const SHAPE_MAX: usize = 128;

impl TryFrom<String> for Estimate {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let octets = (text.len() <= 2 * SHAPE_MAX).then(|| from_hex(&text)).flatten();
        let shape = octets.and_then(|octets| Shape::decode(&octets).ok());
        shape.map(Self).ok_or("not a shape of TS 23.032 in hexadecimal digits")
    }
}

impl From<Estimate> for String {
    fn from(estimate: Estimate) -> Self {
        to_hex(&estimate.0.encode())
    }
}

impl utoipa::PartialSchema for Estimate {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^([0-9a-fA-F]{2}){7,128}$"))
            .description(Some("Geographic shape of TS 23.032, its octets as hexadecimal digits"))
            .examples(["104ab1f209884e1a"])
            .into()
    }
}
impl ToSchema for Estimate {}
