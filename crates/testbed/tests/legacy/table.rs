//! The 25 pairs of settings, what must come of each, and what a home register should hold. Shared by the tests that ask nodes
//! directly and those that ask through the gateway.

use lcs::{
    PrivacySetting::{
        self, AllowedIfNoResponse as VA, AllowedWithNotification as NT, AllowedWithoutNotification as N,
        NotAllowed as X, RestrictedIfNoResponse as VR,
    },
    PseudoExternalIdentity,
};
use testbed::scenario::{ClassSpec, ClassWord, ClientEntrySpec, LcsInformationSpec, SettingWord};

/// Related and unrelated setting; the action in a call and out of one; number of the pseudo-external identity. `None`: refused at the
/// gateway, no request.
pub(crate) type Row = (PrivacySetting, PrivacySetting, PrivacySetting, PrivacySetting, Option<u8>);

/// Section 2.7 of the project's digest of TS 23.271: Fig. A.2 on the indicators, and the identity of Table C.4.
pub(crate) const TABLE: [Row; 25] = [
    (N, N, N, N, Some(1)),
    (N, NT, N, NT, Some(14)),
    (N, VA, N, VA, Some(13)),
    (N, VR, N, VR, Some(12)),
    (N, X, N, X, Some(11)),
    (NT, N, N, N, Some(1)),
    (NT, NT, NT, NT, Some(2)),
    (NT, VA, NT, VA, Some(10)),
    (NT, VR, NT, VR, Some(9)),
    (NT, X, NT, X, Some(8)),
    (VA, N, N, N, Some(1)),
    (VA, NT, NT, NT, Some(2)),
    (VA, VA, VA, VA, Some(3)),
    (VA, VR, VA, VR, Some(7)),
    (VA, X, VA, X, Some(6)),
    (VR, N, N, N, Some(1)),
    (VR, NT, NT, NT, Some(2)),
    (VR, VA, VA, VA, Some(3)),
    (VR, VR, VR, VR, Some(4)),
    (VR, X, VR, X, Some(5)),
    (X, N, N, N, Some(1)),
    (X, NT, NT, NT, Some(2)),
    (X, VA, VA, VA, Some(3)),
    (X, VR, VR, VR, Some(4)),
    (X, X, X, X, None),
];

/// The number that the phone in a call dialled.
pub(crate) const CLIENT: &str = "99912345001";

/// Number of a pseudo-external identity: all of one length.
pub(crate) fn identity(number: u8) -> String {
    format!("999490000000{number:02}")
}

/// What an operator should write into the home register (TS 23.271 Tables C.2 and C.3, with 2 to 4 in the related list too).
pub(crate) fn recommended() -> LcsInformationSpec {
    let entries = |entry: fn(PseudoExternalIdentity) -> Option<PrivacySetting>| -> Vec<ClientEntrySpec> {
        PseudoExternalIdentity::all().filter_map(|pei| Some(client(&identity(pei.number()), entry(pei)?))).collect()
    };
    LcsInformationSpec {
        classes: vec![
            class(ClassWord::Related, Some(SettingWord::Denied), entries(PseudoExternalIdentity::related_entry)),
            class(ClassWord::Unrelated, None, entries(PseudoExternalIdentity::unrelated_entry)),
        ],
        ..LcsInformationSpec::default()
    }
}

pub(crate) fn class(class: ClassWord, not_listed: Option<SettingWord>, clients: Vec<ClientEntrySpec>) -> ClassSpec {
    ClassSpec { class, not_listed, clients, plmn_clients: Vec::new(), service_types: Vec::new(), active: true }
}

pub(crate) fn client(number: &str, setting: PrivacySetting) -> ClientEntrySpec {
    ClientEntrySpec { number: number.to_owned(), setting: word(setting), through: None }
}

fn word(setting: PrivacySetting) -> SettingWord {
    match setting {
        N => SettingWord::Allowed,
        NT => SettingWord::Notify,
        VA => SettingWord::VerifyAllow,
        VR => SettingWord::VerifyRestrict,
        X => SettingWord::Denied,
    }
}
