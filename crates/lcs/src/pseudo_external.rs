//! Pseudo-external identities: how a gateway tells a pre-Rel-6 serving node what to do (TS 23.271 Annex C).

use crate::setting::PrivacySetting::{
    self, AllowedIfNoResponse, AllowedWithNotification, AllowedWithoutNotification, NotAllowed, RestrictedIfNoResponse,
};

/// One of fourteen identities that stand for the real client's towards an old serving node. Each names a pair of privacy
/// settings, which the node finds in the profile that the HLR gave it (TS 23.271 Annex C, Table C.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PseudoExternalIdentity(u8);

/// Table C.1 by number - 1: related setting, if any, and unrelated setting.
const SETTINGS: [(Option<PrivacySetting>, PrivacySetting); 14] = [
    (None, AllowedWithoutNotification),
    (None, AllowedWithNotification),
    (None, AllowedIfNoResponse),
    (None, RestrictedIfNoResponse),
    (Some(RestrictedIfNoResponse), NotAllowed),
    (Some(AllowedIfNoResponse), NotAllowed),
    (Some(AllowedIfNoResponse), RestrictedIfNoResponse),
    (Some(AllowedWithNotification), NotAllowed),
    (Some(AllowedWithNotification), RestrictedIfNoResponse),
    (Some(AllowedWithNotification), AllowedIfNoResponse),
    (Some(AllowedWithoutNotification), NotAllowed),
    (Some(AllowedWithoutNotification), RestrictedIfNoResponse),
    (Some(AllowedWithoutNotification), AllowedIfNoResponse),
    (Some(AllowedWithoutNotification), AllowedWithNotification),
];

impl PseudoExternalIdentity {
    /// By number, 1-14; `None` outside.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        (1..=14).contains(&number).then_some(Self(number))
    }

    /// The number, 1-14.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// All fourteen.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=14).map(Self)
    }

    /// The identity for a result of the privacy check (TS 23.271 Annex C, Table C.4). A related setting that is not looser than
    /// the unrelated one has no effect, so it counts as none. `None` if neither allows: the request ends at the gateway.
    #[must_use]
    pub fn select(related: Option<PrivacySetting>, unrelated: PrivacySetting) -> Option<Self> {
        let related = related.filter(|setting| *setting < unrelated);
        Self::all().find(|identity| identity.settings() == (related, unrelated))
    }

    /// The related and unrelated setting that the identity stands for (TS 23.271 Annex C, Table C.1).
    #[must_use]
    pub fn settings(self) -> (Option<PrivacySetting>, PrivacySetting) {
        // The number is 1-14: checked in new.
        SETTINGS.get(usize::from(self.0) - 1).copied().unwrap_or((None, NotAllowed))
    }

    /// The entry that the identity should have in the list of the call/session unrelated class in the HLR (TS 23.271 Annex C,
    /// Table C.2).
    ///
    /// `None`: no entry. The table gives 5, 6, 8 and 11 the setting "not allowed", which an entry of a list may not be able to
    /// say; left out, they get what clients that are not listed get, and that must be "not allowed", its default.
    #[must_use]
    pub fn unrelated_entry(self) -> Option<PrivacySetting> {
        Some(self.settings().1).filter(|setting| *setting != NotAllowed)
    }

    /// The entry that the identity should have in the list of the call/session related class in the HLR (TS 23.271 Annex C, Table
    /// C.3).
    ///
    /// The table leaves 1 to 4 out. Clients that are not listed in this class are allowed without notification by default, so
    /// a call to the client would loosen 2 to 4; they get an entry with their unrelated setting.
    #[must_use]
    pub fn related_entry(self) -> Option<PrivacySetting> {
        let (related, unrelated) = self.settings();
        related.or((self.0 != 1).then_some(unrelated))
    }
}

#[cfg(test)]
mod tests;
