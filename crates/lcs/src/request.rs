//! An immediate location request, after it was parsed and its client admitted.

use crate::{
    client::LcsClientId,
    gad::ShapeSet,
    identity::Target,
    qos::{Priority, Qos},
    service::ServiceType,
    setting::PrivacySetting,
};

/// Type of location wanted (TS 29.172 clause 7.4.2, SLg-Location-Type).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum LocationType {
    /// Current location.
    Current = 0,
    /// Current, or last known if that cannot be had.
    CurrentOrLastKnown = 1,
    /// Initial location of an emergency call.
    Initial = 2,
    /// Activate a deferred request.
    ActivateDeferred = 3,
    /// Cancel a deferred request.
    CancelDeferred = 4,
    /// Notify or verify only, after positioning (TS 23.271 clause 9.1.18).
    NotificationVerificationOnly = 5,
}

impl LocationType {
    /// All six, in wire order.
    pub const ALL: [Self; 6] = [
        Self::Current,
        Self::CurrentOrLastKnown,
        Self::Initial,
        Self::ActivateDeferred,
        Self::CancelDeferred,
        Self::NotificationVerificationOnly,
    ];

    /// From the wire; `None` for an unknown value.
    #[must_use]
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }
}

/// A codeword that a subscriber gave to those who may find them. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Codeword(String);

impl Codeword {
    /// Takes 1-255 bytes of text.
    #[must_use]
    pub fn new(text: String) -> Option<Self> {
        (1..=255).contains(&text.len()).then_some(Self(text))
    }

    /// The text, for the check and for codecs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for Codeword {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Codeword(hidden)")
    }
}

/// Settings that a request gets at least: the stricter of these and of what the subscriber's profile gives counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeastPrivacy {
    /// Where no call or session counts.
    pub unrelated: PrivacySetting,
    /// Where a call or session does.
    pub related: PrivacySetting,
}

impl LeastPrivacy {
    /// No wish: the subscriber's settings alone count.
    pub const NONE: Self = Self {
        unrelated: PrivacySetting::AllowedWithoutNotification,
        related: PrivacySetting::AllowedWithoutNotification,
    };

    /// The stricter of two, each by itself.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        Self { unrelated: self.unrelated.stricter(other.unrelated), related: self.related.stricter(other.related) }
    }
}

/// One immediate location request about one target (TS 23.271 clause 5.5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationRequest {
    /// Name of the client account that asked, as the operator registered it. Not a subscriber identity.
    pub account: std::sync::Arc<str>,
    /// LCS client identity, sound by Annex B.
    pub client: LcsClientId,
    /// Whom it is about.
    pub target: Target,
    /// Service type, mapped from the service identity by the client's record.
    pub service_type: Option<ServiceType>,
    /// Codeword given for this target.
    pub codeword: Option<Codeword>,
    /// Type of location.
    pub location_type: LocationType,
    /// Greatest age of a cached location, seconds.
    pub max_age_s: Option<u32>,
    /// Quality of service.
    pub qos: Qos,
    /// Whether velocity is wanted.
    pub velocity: bool,
    /// Priority.
    pub priority: Priority,
    /// E.164 country codes that the service covers; empty: everywhere (TS 23.271 clause 9.1.1 step 8).
    pub service_coverage: Vec<u16>,
    /// Shapes that the client can take.
    pub shapes: ShapeSet,
    /// What the client's record, or the client itself, wants at least (OMA MLP section 5.3.107, TS 23.271 Table 10.7).
    pub least_privacy: LeastPrivacy,
}
