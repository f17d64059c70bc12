//! What the users of the simulated phones saw: the record that a tour, or a test of another gateway, compares with.

use crate::mme::{Showing, UserResponse};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::HashMap;

/// One notification or question on a phone's screen (TS 23.271 clause 9.1.15 step 3; TS 24.080 LocationNotificationArg).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sight {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub at_us: u64,
    /// What was shown: `notification`, `question_allow` or `question_restrict`.
    pub shown: &'static str,
    /// What the user did: `not_asked`, `granted`, `denied` or `none`; absent while the node waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<&'static str>,
    /// Whether it came after positioning, as a notification only (TS 23.271 clause 9.1.18).
    pub after_positioning: bool,
    /// Name of the LCS client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Who asked the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requestor: Option<String>,
    /// Service type, 0-127.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_type: Option<u32>,
    /// Codeword that the client gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codeword: Option<String>,
    /// Name as the screen has it, where an MSC or SGSN passed it on: with the requestor in it, if the gateway merged both (TS 23.271
    /// Annex D).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_name: Option<String>,
    /// Number of the client, true or pseudo-external, where an MSC or SGSN passed it on (TS 24.080, lcsClientExternalID).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_number: Option<String>,
}

impl Sight {
    /// Whether an answer was wanted.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.shown != shown_word(Showing::Notification)
    }
}

/// Word for what is shown.
pub(crate) fn shown_word(showing: Showing) -> &'static str {
    match showing {
        Showing::Nothing => "nothing",
        Showing::Notification => "notification",
        Showing::QuestionAllow => "question_allow",
        Showing::QuestionRestrict => "question_restrict",
    }
}

/// Word for what the user did.
pub(crate) fn response_word(response: UserResponse) -> &'static str {
    match response {
        UserResponse::NotAsked => "not_asked",
        UserResponse::Granted => "granted",
        UserResponse::Denied => "denied",
        UserResponse::None => "none",
    }
}

/// The records of all phones, by label. Each keeps its last [`Screens::KEPT`] sights.
#[derive(Debug, Default)]
pub struct Screens {
    by_label: Mutex<HashMap<String, Screen>>,
}

#[derive(Debug, Default)]
struct Screen {
    /// Number of the first sight kept.
    first: u64,
    sights: std::collections::VecDeque<Sight>,
}

/// Which sight of which phone, for [`Screens::respond`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SightId {
    label: String,
    number: u64,
}

impl Screens {
    /// Sights kept per phone.
    pub const KEPT: usize = 64;

    /// Records that something is shown on the phone of `label`.
    pub fn show(&self, label: &str, sight: Sight) -> SightId {
        let mut by_label = self.by_label.lock();
        let screen = by_label.entry(label.to_owned()).or_default();
        if screen.sights.len() == Self::KEPT {
            screen.sights.pop_front();
            screen.first += 1;
        }
        let number = screen.first + screen.sights.len() as u64;
        screen.sights.push_back(sight);
        SightId { label: label.to_owned(), number }
    }

    /// Records what the user did.
    pub fn respond(&self, id: &SightId, response: UserResponse) {
        let mut by_label = self.by_label.lock();
        let Some(screen) = by_label.get_mut(&id.label) else { return };
        let at = id.number.checked_sub(screen.first).and_then(|at| usize::try_from(at).ok());
        if let Some(sight) = at.and_then(|at| screen.sights.get_mut(at)) {
            sight.response = Some(response_word(response));
        }
    }

    /// What the user of `label` saw, oldest first.
    #[must_use]
    pub fn of(&self, label: &str) -> Vec<Sight> {
        self.by_label.lock().get(label).map(|screen| screen.sights.iter().cloned().collect()).unwrap_or_default()
    }

    /// Wipes the record of `label`.
    pub fn wipe(&self, label: &str) {
        if let Some(screen) = self.by_label.lock().get_mut(label) {
            // Numbers go on, so that a response still under way finds nothing rather than another sight.
            screen.first += screen.sights.len() as u64;
            screen.sights.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(at_us: u64) -> Sight {
        Sight {
            at_us,
            shown: shown_word(Showing::Notification),
            response: None,
            after_positioning: false,
            client: None,
            requestor: None,
            service_type: None,
            codeword: None,
            shown_name: None,
            client_number: None,
        }
    }

    #[test]
    fn a_screen_keeps_the_last_sights_and_responses_find_theirs() {
        let screens = Screens::default();
        let first = screens.show("sub-01", sight(0));
        let ids: Vec<_> = (1..=64).map(|at| screens.show("sub-01", sight(at))).collect();
        screens.respond(&first, UserResponse::Granted);
        screens.respond(&ids[63], UserResponse::Denied);
        let kept = screens.of("sub-01");
        assert_eq!(kept.len(), Screens::KEPT);
        assert_eq!((kept[0].at_us, kept[0].response), (1, None));
        assert_eq!((kept[63].at_us, kept[63].response), (64, Some("denied")));
        assert!(screens.of("sub-02").is_empty());
        screens.wipe("sub-01");
        screens.show("sub-01", sight(65));
        screens.respond(&ids[63], UserResponse::Granted);
        assert_eq!(screens.of("sub-01")[0].response, None);
        screens.wipe("sub-01");
        assert!(screens.of("sub-01").is_empty());
    }
}
