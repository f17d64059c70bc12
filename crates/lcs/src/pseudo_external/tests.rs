//! Annex C: the tables, and that an old node with a pseudo-external identity does what a new one does with indicators.

use super::PseudoExternalIdentity;
use crate::{
    A1Input, A1Override, LcsClientType, PrivacyIndicators,
    PrivacySetting::{
        self, AllowedIfNoResponse as VA, AllowedWithNotification as NT, AllowedWithoutNotification as N,
        NotAllowed as X, RestrictedIfNoResponse as VR,
    },
    select_pre_rel6, select_rel6,
};

/// Table C.1.
const C1: [(u8, Option<PrivacySetting>, PrivacySetting); 14] = [
    (1, None, N),
    (2, None, NT),
    (3, None, VA),
    (4, None, VR),
    (5, Some(VR), X),
    (6, Some(VA), X),
    (7, Some(VA), VR),
    (8, Some(NT), X),
    (9, Some(NT), VR),
    (10, Some(NT), VA),
    (11, Some(N), X),
    (12, Some(N), VR),
    (13, Some(N), VA),
    (14, Some(N), NT),
];
/// Identity by related (rows N, Nt, VA, VR, X) and unrelated setting (columns the same); 0: none.
const SELECTION: [[u8; 5]; 5] =
    [[1, 14, 13, 12, 11], [1, 2, 10, 9, 8], [1, 2, 3, 7, 6], [1, 2, 3, 4, 5], [1, 2, 3, 4, 0]];

#[test]
fn table_c1_both_ways() {
    for (number, related, unrelated) in C1 {
        let identity = PseudoExternalIdentity::new(number).unwrap();
        assert_eq!((identity.number(), identity.settings()), (number, (related, unrelated)));
        assert_eq!(PseudoExternalIdentity::select(related, unrelated), Some(identity));
    }
    for number in (0..=u8::MAX).filter(|number| !(1..=14).contains(number)) {
        assert_eq!(PseudoExternalIdentity::new(number), None);
    }
    assert_eq!(
        PseudoExternalIdentity::all().map(|identity| identity.number()).collect::<Vec<_>>(),
        (1..=14).collect::<Vec<_>>()
    );
}

#[test]
fn selection_over_all_pairs() {
    for (related, row) in PrivacySetting::ALL.into_iter().zip(SELECTION) {
        for (unrelated, number) in PrivacySetting::ALL.into_iter().zip(row) {
            let selected = PseudoExternalIdentity::select(Some(related), unrelated);
            assert_eq!(selected, PseudoExternalIdentity::new(number), "{related:?} {unrelated:?}");
        }
    }
    for (unrelated, number) in PrivacySetting::ALL.into_iter().zip([1, 2, 3, 4, 0]) {
        assert_eq!(PseudoExternalIdentity::select(None, unrelated), PseudoExternalIdentity::new(number));
    }
}

#[test]
fn entries_of_the_lists_in_the_hlr() {
    // Table C.2 without its "not allowed", Table C.3 with entries for 2 to 4.
    let unrelated = [
        Some(N),
        Some(NT),
        Some(VA),
        Some(VR),
        None,
        None,
        Some(VR),
        None,
        Some(VR),
        Some(VA),
        None,
        Some(VR),
        Some(VA),
        Some(NT),
    ];
    let related = [
        None,
        Some(NT),
        Some(VA),
        Some(VR),
        Some(VR),
        Some(VA),
        Some(VA),
        Some(NT),
        Some(NT),
        Some(NT),
        Some(N),
        Some(N),
        Some(N),
        Some(N),
    ];
    for ((identity, unrelated), related) in PseudoExternalIdentity::all().zip(unrelated).zip(related) {
        assert_eq!(identity.unrelated_entry(), unrelated, "{}", identity.number());
        assert_eq!(identity.related_entry(), related, "{}", identity.number());
    }
}

#[test]
fn old_node_does_what_a_new_one_does() {
    for related in PrivacySetting::ALL {
        for unrelated in PrivacySetting::ALL {
            let indicators = PrivacyIndicators::new(unrelated, Some(related));
            let Some(identity) = PseudoExternalIdentity::select(Some(related), unrelated) else {
                assert!(indicators.is_err() && (related, unrelated) == (X, X));
                continue;
            };
            let indicators = indicators.unwrap();
            for call_criteria_met in [false, true] {
                let new = select_rel6(indicators.related(), Some(indicators.unrelated()), call_criteria_met);
                // Whether the HLR says "not allowed" for clients not listed in the related class, or leaves the default.
                for related_not_listed in [X, N] {
                    let old = select_pre_rel6(&A1Input {
                        client_type: LcsClientType::ValueAdded,
                        privacy_override: A1Override::None,
                        universal: false,
                        plmn: None,
                        related: Some(identity.related_entry().unwrap_or(related_not_listed)),
                        unrelated: Some(identity.unrelated_entry().unwrap_or(X)),
                        plmn_criteria_met: false,
                        call_criteria_met,
                        service_type: None,
                    });
                    assert_eq!(old.setting, new.action, "{related:?} {unrelated:?} call {call_criteria_met}");
                }
            }
        }
    }
}

#[test]
fn lists_as_printed_would_leak_with_a_call_up() {
    // P-15: identity 3 only in the unrelated list, related "not listed" left at its default.
    let printed = A1Input {
        client_type: LcsClientType::ValueAdded,
        privacy_override: A1Override::None,
        universal: false,
        plmn: None,
        related: Some(N),
        unrelated: Some(VA),
        plmn_criteria_met: false,
        call_criteria_met: true,
        service_type: None,
    };
    assert_eq!(select_pre_rel6(&printed).setting, N);
    let identity = PseudoExternalIdentity::new(3).unwrap();
    assert_eq!(select_pre_rel6(&A1Input { related: identity.related_entry(), ..printed }).setting, VA);
}
