//! `[usim]`: area events that the card watches (`docs/annex-f.md`).

use super::check::Findings;
use crate::forms::from_hex;
use serde::{Deserialize, Serialize};
use usat::packet::Tar;

/// `[usim]`: area events over SMS to an application on the (U)SIM (TS 23.271 Annex F).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Usim {
    /// Whether cards are asked at all. Default false.
    pub enabled: bool,
    /// When an area event goes to the card. Default `when_no_node_can`.
    pub road: UsimRoad,
    /// Toolkit application reference of the application, six hexadecimal digits; a card may have another. Default `BFFF23`.
    pub tar: String,
    /// How long an arming waits for the card to say that it is installed, the time in which a user may be asked included, seconds,
    /// 5-600. Default 90.
    pub acknowledgement_s: u64,
    /// How long the SMS centre keeps a message for a card that cannot be reached, seconds, 60-604800; one that installs at most
    /// `acknowledgement_s`. Default 86400.
    pub message_validity_s: u64,
}

/// When an area event goes to the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UsimRoad {
    /// Never.
    Never,
    /// Where the serving node takes no area events, or none can be asked.
    WhenNoNodeCan,
    /// Wherever the card can watch it.
    Preferred,
}

impl Default for Usim {
    fn default() -> Self {
        Self {
            enabled: false,
            road: UsimRoad::WhenNoNodeCan,
            tar: "BFFF23".into(),
            acknowledgement_s: 90,
            message_validity_s: 86_400,
        }
    }
}

impl Usim {
    /// The reference as it goes into packets; `None` if it is not one.
    #[must_use]
    pub fn tar(&self) -> Option<Tar> {
        from_hex(&self.tar)?.try_into().ok().map(Tar)
    }

    /// `deferred`: whether deferred requests are taken; `smsc`: whether there is an SMS centre.
    pub(super) fn problems(&self, deferred: bool, smsc: bool, found: &mut Findings) {
        found.unless(
            !self.enabled || deferred,
            "usim.enabled",
            "true, and no deferred requests are taken",
            "set deferred.gmlc_address too, or set it to false",
        );
        let remedy = "set smsc.address too, or set it to false";
        found.unless(!self.enabled || smsc, "usim.enabled", "true, and there is no SMS centre", remedy);
        let remedy = "write six hexadecimal digits, such as \"BFFF23\"";
        found.unless(self.tar().is_some(), "usim.tar", "is not three octets", remedy);
        found.range("usim.acknowledgement_s", self.acknowledgement_s, 5, 600);
        found.range("usim.message_validity_s", self.message_validity_s, 60, 604_800);
    }
}
