//! What the user reads. Neither areas nor names of networks (TS 23.271 clause 4.4.2.1).

use crate::message::Install;
use lcs::{AreaEvent, PrivacySetting};

/// Characters of a name that are shown: with two of them the question still fits where each takes two octets.
const SHOWN: usize = 20;

fn shown(text: &str) -> String {
    let mut characters = text.chars();
    let beginning: String = characters.by_ref().take(SHOWN).collect();
    if characters.next().is_none() { beginning } else { beginning + ".." }
}

fn who(install: &Install) -> String {
    let client = install.client.as_deref().map(shown).unwrap_or_default();
    match &install.requestor {
        Some(requestor) => format!("{client} ({})", shown(requestor)),
        None => client,
    }
}

fn what(install: &Install) -> &'static str {
    match install.event {
        AreaEvent::Entering => "when you enter a place",
        AreaEvent::Leaving => "when you leave a place",
        AreaEvent::Inside => "when you are in a place",
    }
}

/// Tells.
pub(super) fn notice(install: &Install) -> String {
    format!("{} is told {}.", who(install), what(install))
}

/// Asks, and says what no answer means, as TS 23.271 Annex F.1 step 4 asks.
pub(super) fn question(install: &Install) -> String {
    let silence = if install.privacy == PrivacySetting::AllowedIfNoResponse { "yes" } else { "no" };
    format!("Tell {} {}? No answer: {silence}", who(install), what(install))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::RequestName;
    use crate::toolkit::{Command, Proactive};
    use lcs::{Address, LdrReference, Timestamp};

    /// Every event and action, with names that are long and of two octets each: all of it is shown, and no area.
    #[test]
    fn everything_is_on_the_display() {
        for (event, privacy) in AreaEvent::ALL.into_iter().flat_map(|event| PrivacySetting::ALL.map(|of| (event, of))) {
            let install = Install {
                name: RequestName { reference: LdrReference(1), instance: 1 },
                gateway: Address::international("49170").unwrap(),
                start: Timestamp::from_secs(0),
                stop: Timestamp::from_secs(1),
                event,
                multiple: false,
                min_interval_s: 1,
                areas: vec![],
                privacy,
                client: Some("\u{416}".repeat(40)),
                requestor: Some("\u{416}".repeat(40)),
            };
            for command in [Command::GetInkey(question(&install)), Command::DisplayText(notice(&install))] {
                let proactive = Proactive { number: 1, command };
                let octets = proactive.encode().unwrap();
                assert_eq!(Proactive::parse(&octets).unwrap(), proactive, "cut");
            }
            assert_eq!(question(&install).ends_with("yes"), privacy == PrivacySetting::AllowedIfNoResponse);
        }
    }
}
