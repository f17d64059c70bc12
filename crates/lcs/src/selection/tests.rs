//! Both figures over all their inputs, against tables written out here.

use super::{A1Class, A1Input, A1Outcome, A1Override, A2Branch, A2Outcome, select_pre_rel6, select_rel6};
use crate::{
    LcsClientType,
    PrivacySetting::{
        self, AllowedIfNoResponse as VA, AllowedWithNotification as NT, AllowedWithoutNotification as N,
        NotAllowed as X, RestrictedIfNoResponse as VR,
    },
};

const SETTINGS: [Option<PrivacySetting>; 6] = [None, Some(N), Some(NT), Some(VA), Some(VR), Some(X)];

/// Reads "Nt r": setting and branch.
fn outcome(text: &str) -> A2Outcome {
    let (setting, branch) = text.split_once(' ').unwrap();
    let branch = match branch {
        "r" => A2Branch::Related,
        "u" => A2Branch::Unrelated,
        "-" => A2Branch::Reject,
        other => panic!("{other}"),
    };
    A2Outcome { branch, action: setting_of(setting).unwrap() }
}

fn setting_of(text: &str) -> Option<PrivacySetting> {
    match text {
        "–" => None,
        "N" => Some(N),
        "Nt" => Some(NT),
        "VA" => Some(VA),
        "VR" => Some(VR),
        "X" => Some(X),
        other => panic!("{other}"),
    }
}

/// Rows: related; columns: unrelated; each in the order of [`SETTINGS`]. Criteria met.
const A2_MET: [[&str; 6]; 6] = [
    ["X -", "N u", "Nt u", "VA u", "VR u", "X u"],
    ["N r", "N u", "N r", "N r", "N r", "N r"],
    ["Nt r", "N u", "Nt u", "Nt r", "Nt r", "Nt r"],
    ["VA r", "N u", "Nt u", "VA u", "VA r", "VA r"],
    ["VR r", "N u", "Nt u", "VA u", "VR u", "VR r"],
    ["X -", "N u", "Nt u", "VA u", "VR u", "X u"],
];
/// Criteria not met: whatever the related indicator.
const A2_NOT_MET: [&str; 6] = ["X -", "N u", "Nt u", "VA u", "VR u", "X u"];

#[test]
fn figure_a2_over_all_72_inputs() {
    for (related, row) in SETTINGS.into_iter().zip(A2_MET) {
        for ((unrelated, met), not_met) in SETTINGS.into_iter().zip(row).zip(A2_NOT_MET) {
            assert_eq!(select_rel6(related, unrelated, true), outcome(met), "{related:?} {unrelated:?} met");
            assert_eq!(select_rel6(related, unrelated, false), outcome(not_met), "{related:?} {unrelated:?}");
        }
    }
}

#[test]
fn worked_examples_of_figure_a2() {
    for (name, related, unrelated, met, expected) in [
        ("A2-01", "–", "N", false, "N u"),
        ("A2-02", "–", "Nt", true, "Nt u"),
        ("A2-03", "–", "VR", false, "VR u"),
        ("A2-04", "N", "X", true, "N r"),
        ("A2-05", "N", "X", false, "X u"),
        ("A2-06", "N", "VR", true, "N r"),
        ("A2-07", "N", "VR", false, "VR u"),
        ("A2-08", "Nt", "VA", true, "Nt r"),
        ("A2-09", "Nt", "VA", false, "VA u"),
        ("A2-10", "VA", "Nt", true, "Nt u"),
        ("A2-11", "VR", "VR", true, "VR u"),
        ("A2-12", "VR", "N", true, "N u"),
        ("A2-13", "VR", "X", true, "VR r"),
        ("A2-14", "VR", "X", false, "X u"),
        ("A2-15", "N", "–", true, "N r"),
        ("A2-16", "N", "–", false, "X -"),
        ("A2-17 yes", "–", "–", true, "X -"),
        ("A2-17 no", "–", "–", false, "X -"),
        ("A2-18", "X", "Nt", true, "Nt u"),
    ] {
        assert_eq!(select_rel6(setting_of(related), setting_of(unrelated), met), outcome(expected), "{name}");
    }
}

#[test]
fn the_25_pairs_of_settings() {
    // Related, unrelated, result with a call, branch, result without.
    const TABLE: [(PrivacySetting, PrivacySetting, PrivacySetting, char, PrivacySetting); 25] = [
        (N, N, N, 'U', N),
        (N, NT, N, 'R', NT),
        (N, VA, N, 'R', VA),
        (N, VR, N, 'R', VR),
        (N, X, N, 'R', X),
        (NT, N, N, 'U', N),
        (NT, NT, NT, 'U', NT),
        (NT, VA, NT, 'R', VA),
        (NT, VR, NT, 'R', VR),
        (NT, X, NT, 'R', X),
        (VA, N, N, 'U', N),
        (VA, NT, NT, 'U', NT),
        (VA, VA, VA, 'U', VA),
        (VA, VR, VA, 'R', VR),
        (VA, X, VA, 'R', X),
        (VR, N, N, 'U', N),
        (VR, NT, NT, 'U', NT),
        (VR, VA, VA, 'U', VA),
        (VR, VR, VR, 'U', VR),
        (VR, X, VR, 'R', X),
        (X, N, N, 'U', N),
        (X, NT, NT, 'U', NT),
        (X, VA, VA, 'U', VA),
        (X, VR, VR, 'U', VR),
        (X, X, X, 'U', X),
    ];
    for (related, unrelated, met, branch, not_met) in TABLE {
        let outcome = select_rel6(Some(related), Some(unrelated), true);
        let branch = if branch == 'R' { A2Branch::Related } else { A2Branch::Unrelated };
        assert_eq!(outcome, A2Outcome { branch, action: met }, "{related:?} {unrelated:?}");
        assert_eq!(select_rel6(Some(related), Some(unrelated), false).action, not_met, "{related:?} {unrelated:?}");
    }
}

const NOTHING: A1Input = A1Input {
    client_type: LcsClientType::ValueAdded,
    privacy_override: A1Override::None,
    universal: false,
    plmn: None,
    related: None,
    unrelated: None,
    plmn_criteria_met: false,
    call_criteria_met: false,
    service_type: None,
};

#[test]
fn worked_examples_of_figure_a1() {
    use A1Class as C;
    use LcsClientType::{Emergency, LawfulIntercept, PlmnOperator};
    let plmn = A1Input { client_type: PlmnOperator, plmn_criteria_met: true, ..NOTHING };
    let call = A1Input { call_criteria_met: true, ..NOTHING };
    let emergency = A1Input { client_type: Emergency, ..NOTHING };
    let (some_nt, some_vr) = (Some(NT), Some(VR));
    let poi = A1Override::PrivacyOverride;
    for (name, input, class, setting) in [
        ("A1-01", A1Input { universal: true, unrelated: some_vr, ..NOTHING }, C::Universal, N),
        ("A1-02", A1Input { plmn: Some(N), ..plmn }, C::PlmnOperator, N),
        ("A1-02 not listed", A1Input { plmn: Some(X), ..plmn }, C::PlmnOperator, X),
        ("A1-03", plmn, C::Reject, X),
        ("A1-04", A1Input { related: some_vr, unrelated: some_nt, ..call }, C::LooserOfBoth, NT),
        ("A1-05", A1Input { related: some_nt, ..call }, C::Related, NT),
        ("A1-06", A1Input { related: some_nt, ..NOTHING }, C::Reject, X),
        ("A1-07", A1Input { related: Some(N), unrelated: some_nt, ..NOTHING }, C::Unrelated, NT),
        ("A1-08", A1Input { unrelated: some_vr, service_type: Some(N), ..NOTHING }, C::Unrelated, N),
        ("A1-09", A1Input { service_type: Some(N), ..NOTHING }, C::Reject, X),
        ("A1-09 not listed", A1Input { unrelated: Some(X), service_type: Some(N), ..NOTHING }, C::Unrelated, X),
        ("A1-10", A1Input { universal: true, privacy_override: poi, ..emergency }, C::Overridden, N),
        ("A1-11", A1Input { client_type: LawfulIntercept, privacy_override: poi, ..NOTHING }, C::Overridden, N),
        ("A1-12", A1Input { related: Some(N), unrelated: Some(N), call_criteria_met: true, ..emergency }, C::Reject, X),
    ] {
        let outcome = select_pre_rel6(&input);
        assert_eq!(outcome, A1Outcome { class, setting }, "{name}");
        assert_eq!(outcome.allowed(), setting != X, "{name}");
    }
}

/// A row of Fig. A.1 with its notes: conditions, where `?` is anything, and the exit.
///
/// `override` p: privacy override, r: regulation, -: none; `type` E, V, P, L; then universal subscribed, PLMN criteria met,
/// PLMN class subscribed, call criteria met, related subscribed, unrelated subscribed.
const A1_TABLE: [(&str, A1Class); 22] = [
    // override type universal plmn-criteria plmn call related unrelated
    ("p E ? ? ? ? ? ?", A1Class::Overridden),
    ("p L ? ? ? ? ? ?", A1Class::Overridden),
    ("r E ? ? ? ? ? ?", A1Class::Overridden),
    ("p V y ? ? ? ? ?", A1Class::Universal),
    ("r V y ? ? ? ? ?", A1Class::Universal),
    ("p P y ? ? ? ? ?", A1Class::Universal),
    ("r P y ? ? ? ? ?", A1Class::Universal),
    ("r L y ? ? ? ? ?", A1Class::Universal),
    ("- ? y ? ? ? ? ?", A1Class::Universal),
    ("? P n y y ? ? ?", A1Class::PlmnOperator),
    ("? P n y n ? ? ?", A1Class::Reject),
    // A PLMN operator client outside the criteria meets none of the criteria that ask for a value added one.
    ("? P n n ? ? ? ?", A1Class::Reject),
    ("? V n ? ? y y y", A1Class::LooserOfBoth),
    ("? V n ? ? y y n", A1Class::Related),
    ("? V n ? ? y n y", A1Class::Unrelated),
    ("? V n ? ? y n n", A1Class::Reject),
    ("? V n ? ? n ? y", A1Class::Unrelated),
    ("? V n ? ? n y n", A1Class::Reject),
    ("? V n ? ? n n n", A1Class::Reject),
    ("- E n ? ? ? ? ?", A1Class::Reject),
    ("- L n ? ? ? ? ?", A1Class::Reject),
    ("r L n ? ? ? ? ?", A1Class::Reject),
];
/// The looser of two settings; rows and columns N, Nt, VA, VR, X.
const LOOSER: [[PrivacySetting; 5]; 5] =
    [[N, N, N, N, N], [N, NT, NT, NT, NT], [N, NT, VA, VA, VA], [N, NT, VA, VR, VR], [N, NT, VA, VR, X]];

fn looser(one: PrivacySetting, other: PrivacySetting) -> PrivacySetting {
    LOOSER[usize::from(one.code())][usize::from(other.code())]
}

fn conditions(input: &A1Input) -> [char; 8] {
    let yes = |condition| if condition { 'y' } else { 'n' };
    [
        match input.privacy_override {
            A1Override::PrivacyOverride => 'p',
            A1Override::Regulation => 'r',
            A1Override::None => '-',
        },
        match input.client_type {
            LcsClientType::Emergency => 'E',
            LcsClientType::ValueAdded => 'V',
            LcsClientType::PlmnOperator => 'P',
            LcsClientType::LawfulIntercept => 'L',
        },
        yes(input.universal),
        yes(input.plmn_criteria_met),
        yes(input.plmn.is_some()),
        yes(input.call_criteria_met),
        yes(input.related.is_some()),
        yes(input.unrelated.is_some()),
    ]
}

fn matches(row: &str, conditions: [char; 8]) -> bool {
    let row: Vec<char> = row.split(' ').map(|cell| cell.chars().next().unwrap()).collect();
    row.iter().zip(conditions).all(|(cell, condition)| *cell == '?' || *cell == condition)
}

/// Every input of Fig. A.1.
fn all_inputs() -> impl Iterator<Item = A1Input> {
    let overrides = [A1Override::None, A1Override::PrivacyOverride, A1Override::Regulation];
    let settings = || SETTINGS.into_iter();
    LcsClientType::ALL.into_iter().flat_map(move |client_type| {
        overrides.into_iter().flat_map(move |privacy_override| {
            (0..8u8).flat_map(move |bits| {
                settings().flat_map(move |plmn| {
                    settings().flat_map(move |related| {
                        settings().flat_map(move |unrelated| {
                            settings().map(move |service_type| A1Input {
                                client_type,
                                privacy_override,
                                universal: bits & 1 != 0,
                                plmn,
                                related,
                                unrelated,
                                plmn_criteria_met: bits & 2 != 0,
                                call_criteria_met: bits & 4 != 0,
                                service_type,
                            })
                        })
                    })
                })
            })
        })
    })
}

#[test]
fn figure_a1_over_all_inputs() {
    let mut walked = 0;
    let mut used = [0u32; A1_TABLE.len()];
    for input in all_inputs() {
        let conditions = conditions(&input);
        let mut rows = A1_TABLE.iter().enumerate().filter(|(_, (row, _))| matches(row, conditions));
        let (at, (_, class)) = rows.next().unwrap_or_else(|| panic!("no row for {conditions:?}"));
        assert!(rows.next().is_none(), "two rows for {conditions:?}");
        used[at] += 1;
        let selected = match class {
            A1Class::Overridden | A1Class::Universal => N,
            A1Class::PlmnOperator => input.plmn.unwrap(),
            A1Class::Related => input.related.unwrap(),
            A1Class::Unrelated => input.unrelated.unwrap(),
            A1Class::LooserOfBoth => looser(input.related.unwrap(), input.unrelated.unwrap()),
            A1Class::Reject => X,
        };
        // A service type loosens what a class allows, and lifts no refusal.
        let setting = match (selected, input.service_type) {
            (X, _) => X,
            (selected, None) => selected,
            (selected, Some(service)) => looser(selected, service),
        };
        assert_eq!(select_pre_rel6(&input), A1Outcome { class: *class, setting }, "{input:?}");
        walked += 1;
    }
    assert_eq!(walked, 4 * 3 * 8 * 6 * 6 * 6 * 6);
    assert!(used.iter().all(|count| *count > 0), "rows that no input reaches: {used:?}");
}
