//! Every command of SLg, both directions (TS 29.172 clause 7.3).
#![no_main]

use std::hint::black_box;

use diameter::codec::{ApplicationId, CommandCode};
use diameter::slg::{Lra, Lrr, Pla, ReceivedPlr, outcome};
use fuzz::{comes_back, wire};
use lcs::{LocationType, PrivacySetting};
use libfuzzer_sys::fuzz_target;

const COMMANDS: &[(ApplicationId, CommandCode)] =
    &[(ApplicationId::SLG, CommandCode::PROVIDE_LOCATION), (ApplicationId::SLG, CommandCode::LOCATION_REPORT)];

fuzz_target!(|data: &[u8]| {
    let Some((message, sound)) = wire::message(&wire::frame(data, COMMANDS)) else { return };
    let header = message.header;
    match ReceivedPlr::decode(&message) {
        Err(error) => wire::answerable(&message, &error),
        Ok(plr) => {
            assert_ne!(plr.identities(), lcs::Identities::default());
            // No indicator, or one that nobody knows, is never taken for a permission that was given.
            let (non_session, _) = plr.privacy();
            let sent = message
                .find(&diameter::dictionary::LCS_PRIVACY_CHECK_NON_SESSION)
                .and_then(|group| group.grouped().ok()?.find(&diameter::dictionary::LCS_PRIVACY_CHECK)?.u32().ok());
            assert_eq!(non_session.is_some(), sent.is_some());
            if let (Some(setting), Some(value @ 5..)) = (non_session, sent) {
                assert_eq!(setting, PrivacySetting::NotAllowed, "unknown value {value}");
            }
        }
    }
    comes_back!(Pla, &message, sound, header);
    comes_back!(Lrr, &message, sound, header.ids);
    comes_back!(Lra, &message, sound, header);
    if let Ok(pla) = Pla::decode(&message) {
        for asked in LocationType::ALL {
            black_box(pla.positioning_outcome(asked).map_err(outcome)).ok();
        }
    }
    if let Ok(lrr) = Lrr::decode(&message) {
        black_box(lrr.identities());
        black_box(lrr.estimate().fix()).ok();
    }
});
