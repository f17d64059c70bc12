//! The whole domain against a literal table.

use super::super::*;
use Denied::{Excluded, NoConsent, NotIdentified, NotInformed, OptedOut, Paused, Unavailable};

const REACH: [Reach; 2] = [Reach::Here, Reach::Unreachable];
const OPT_OUT: [OptOut; 3] = [OptOut::No, OptOut::Yes, OptOut::Unknown];
const EXCLUSION: [Exclusion; 3] = [Exclusion::No, Exclusion::Yes, Exclusion::Unknown];
const PAUSE: [PauseState; 3] = [PauseState::No, PauseState::Active, PauseState::Unknown];
const INFORMED: [Informed; 4] = [Informed::Yes, Informed::NotDelivered, Informed::TooEarly, Informed::Unknown];
const SAID: [Said; 8] = [
    Said::GivenIdentified,
    Said::Given,
    Said::Never,
    Said::Withdrawn,
    Said::Expired,
    Said::OtherPlmn,
    Said::OtherNotice,
    Said::Unknown,
];

/// For who was told and has neither opted out, nor is excluded, nor pauses: what was said, mode, and the result for
/// no identity, model of the phone, all of the identity.
type ByKeeps = [Result<Ground, Denied>; 3];
const TOLD: [(Said, Mode, ByKeeps); 16] = [
    (Said::GivenIdentified, Mode::Consent, [Ok(Ground::Consent), Ok(Ground::Consent), Ok(Ground::Consent)]),
    (Said::GivenIdentified, Mode::OptOut, [Ok(Ground::Consent), Ok(Ground::Consent), Ok(Ground::Consent)]),
    (Said::Given, Mode::Consent, [Ok(Ground::Consent), Ok(Ground::Consent), Err(NotIdentified)]),
    (Said::Given, Mode::OptOut, [Ok(Ground::Consent), Ok(Ground::Consent), Err(NotIdentified)]),
    (Said::Never, Mode::Consent, [Err(NoConsent), Err(NoConsent), Err(NoConsent)]),
    (Said::Never, Mode::OptOut, [Ok(Ground::Notice), Err(NoConsent), Err(NoConsent)]),
    (Said::Withdrawn, Mode::Consent, [Err(NoConsent), Err(NoConsent), Err(NoConsent)]),
    (Said::Withdrawn, Mode::OptOut, [Err(NoConsent), Err(NoConsent), Err(NoConsent)]),
    (Said::Expired, Mode::Consent, [Err(NoConsent), Err(NoConsent), Err(NoConsent)]),
    (Said::Expired, Mode::OptOut, [Err(NoConsent), Err(NoConsent), Err(NoConsent)]),
    (Said::OtherPlmn, Mode::Consent, [Err(NoConsent), Err(NoConsent), Err(NoConsent)]),
    (Said::OtherPlmn, Mode::OptOut, [Err(NoConsent), Err(NoConsent), Err(NoConsent)]),
    (Said::OtherNotice, Mode::Consent, [Err(NoConsent), Err(NoConsent), Err(NoConsent)]),
    (Said::OtherNotice, Mode::OptOut, [Err(NoConsent), Err(NoConsent), Err(NoConsent)]),
    (Said::Unknown, Mode::Consent, [Err(NoConsent), Err(NoConsent), Err(NoConsent)]),
    (Said::Unknown, Mode::OptOut, [Err(NoConsent), Err(NoConsent), Err(NoConsent)]),
];

/// The rows above that: register, opt-out, exclusion, pause, informed; `None` is any value. The first that fits counts.
type Row = (Option<Reach>, Option<OptOut>, Option<Exclusion>, Option<PauseState>, Option<Informed>, Denied);
const BEFORE: [Row; 10] = [
    (Some(Reach::Unreachable), None, None, None, None, Unavailable),
    (None, Some(OptOut::Yes), None, None, None, OptedOut),
    (None, Some(OptOut::Unknown), None, None, None, OptedOut),
    (None, None, Some(Exclusion::Yes), None, None, Excluded),
    (None, None, Some(Exclusion::Unknown), None, None, Excluded),
    (None, None, None, Some(PauseState::Active), None, Paused),
    (None, None, None, Some(PauseState::Unknown), None, Paused),
    (None, None, None, None, Some(Informed::NotDelivered), NotInformed),
    (None, None, None, None, Some(Informed::TooEarly), NotInformed),
    (None, None, None, None, Some(Informed::Unknown), NotInformed),
];

fn expected(facts: &Facts) -> Result<Ground, Denied> {
    fn fits<T: PartialEq>(wanted: Option<T>, is: T) -> bool {
        wanted.is_none_or(|wanted| wanted == is)
    }
    for (reach, opt_out, exclusion, pause, informed, denied) in BEFORE {
        if fits(reach, facts.reach)
            && fits(opt_out, facts.opt_out)
            && fits(exclusion, facts.exclusion)
            && fits(pause, facts.pause)
            && fits(informed, facts.informed)
        {
            return Err(denied);
        }
    }
    let row = TOLD.iter().find(|(said, mode, _)| (*said, *mode) == (facts.said, facts.mode)).unwrap();
    row.2[Keeps::ALL.iter().position(|keeps| *keeps == facts.keeps).unwrap()]
}

fn walk(mut each: impl FnMut(Facts)) {
    for reach in REACH {
        for opt_out in OPT_OUT {
            for exclusion in EXCLUSION {
                for pause in PAUSE {
                    for informed in INFORMED {
                        for said in SAID {
                            for mode in Mode::ALL.iter().copied() {
                                for keeps in Keeps::ALL.iter().copied() {
                                    each(Facts { reach, opt_out, exclusion, pause, informed, said, mode, keeps });
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_table_over_the_whole_domain() {
    let (mut cases, mut allowed) = (0, 0);
    walk(|facts| {
        let got = settle(&facts);
        assert_eq!(got, expected(&facts), "{facts:?}");
        cases += 1;
        allowed += usize::from(got.is_ok());
    });
    assert_eq!(cases, 2 * 3 * 3 * 3 * 4 * 8 * 2 * 3);
    // Yes with identity 3, yes without 2, in both modes; told alone 1.
    assert_eq!(allowed, 2 * (3 + 2) + 1);
}

#[test]
fn no_unknown_is_ever_allowed_whatever_else_is_said() {
    walk(|facts| {
        let unknown = facts.reach == Reach::Unreachable
            || facts.opt_out == OptOut::Unknown
            || facts.exclusion == Exclusion::Unknown
            || facts.pause == PauseState::Unknown
            || facts.informed == Informed::Unknown
            || facts.said == Said::Unknown;
        assert!(!unknown || settle(&facts).is_err(), "{facts:?}");
    });
}

#[test]
fn every_word_reads_back_and_none_stands_for_two() {
    fn all<T: Copy + PartialEq + core::fmt::Debug>(
        values: &[T],
        word: impl Fn(T) -> &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) {
        for value in values {
            assert_eq!(parse(word(*value)), Some(*value));
        }
        assert_eq!(parse("anything"), None);
    }
    all(Purpose::ALL, Purpose::word, Purpose::parse);
    all(Channel::ALL, Channel::word, Channel::parse);
    all(Source::ALL, Source::word, Source::parse);
    all(Precision::ALL, Precision::word, Precision::parse);
    all(Keeps::ALL, Keeps::word, Keeps::parse);
    all(Mode::ALL, Mode::word, Mode::parse);
}
