//! The five privacy settings and the indicators built from them.

/// The privacy setting, or privacy check related action, of Table A.1 of TS 23.271: what must happen before a position
/// may be given. Ordered from loosest to strictest, so the looser of two is their minimum.
///
/// No `Default`: where absence would mean "allowed", a value must be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum PrivacySetting {
    /// Location allowed without notification.
    AllowedWithoutNotification = 0,
    /// Location allowed with notification.
    AllowedWithNotification = 1,
    /// Notification and privacy verification; allowed if no response.
    AllowedIfNoResponse = 2,
    /// Notification and privacy verification; restricted if no response.
    RestrictedIfNoResponse = 3,
    /// Location not allowed.
    NotAllowed = 4,
}

impl PrivacySetting {
    /// All five, loosest first.
    pub const ALL: [Self; 5] = [
        Self::AllowedWithoutNotification,
        Self::AllowedWithNotification,
        Self::AllowedIfNoResponse,
        Self::RestrictedIfNoResponse,
        Self::NotAllowed,
    ];

    /// The value on the wire (TS 29.172 clause 7.4.14, LCS-Privacy-Check; the same in MAP).
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// From the value on the wire; `None` for an unknown one, which callers must treat as not allowed.
    #[must_use]
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }

    /// The looser of two settings (TS 23.271 Annex A).
    #[must_use]
    pub fn looser(self, other: Self) -> Self {
        self.min(other)
    }

    /// The stricter of two settings.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether the user is to be told.
    #[must_use]
    pub fn notifies(self) -> bool {
        matches!(self, Self::AllowedWithNotification | Self::AllowedIfNoResponse | Self::RestrictedIfNoResponse)
    }

    /// Whether the user is to be asked.
    #[must_use]
    pub fn verifies(self) -> bool {
        matches!(self, Self::AllowedIfNoResponse | Self::RestrictedIfNoResponse)
    }
}

/// The one or two indicators that go to a serving node (TS 23.271 clause 9.5.4).
///
/// Unrelated is always there; related never is "not allowed"; unrelated is "not allowed" only beside a related one. No
/// `Default`, because a missing LCS-Privacy-Check-Non-Session AVP means *allowed* (TS 29.172 clause 7.4.23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PrivacyIndicators {
    unrelated: PrivacySetting,
    related: Option<PrivacySetting>,
}

/// Why two settings make no indicators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IndicatorError {
    /// Neither branch would allow a position: the request ends at the home gateway.
    #[error("both settings say not allowed: no request may go to the serving node (TS 23.271 clause 9.5.4)")]
    Barred,
}

impl PrivacyIndicators {
    /// Applies the rules of TS 23.271 clause 9.5.4 to the two results of the privacy check: a related result of "not
    /// allowed" is not sent; with nothing allowed there are no indicators.
    pub fn new(unrelated: PrivacySetting, related: Option<PrivacySetting>) -> Result<Self, IndicatorError> {
        let related = related.filter(|setting| *setting != PrivacySetting::NotAllowed);
        if unrelated == PrivacySetting::NotAllowed && related.is_none() {
            return Err(IndicatorError::Barred);
        }
        Ok(Self { unrelated, related })
    }

    /// The call/session unrelated indicator.
    #[must_use]
    pub fn unrelated(self) -> PrivacySetting {
        self.unrelated
    }

    /// The call/session related indicator, if one is sent.
    #[must_use]
    pub fn related(self) -> Option<PrivacySetting> {
        self.related
    }
}
