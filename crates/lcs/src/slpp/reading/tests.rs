//! What a node makes of downloaded data, by the rules of TS 23.271 clauses 9.5.3 and 10.5.

use super::{NodeKnowledge, NodeRequest};
use crate::{
    A1Class, A1Outcome, A1Override, Address, LcsClientType, PlmnClient,
    PrivacySetting::{
        self, AllowedIfNoResponse as VA, AllowedWithNotification as NT, AllowedWithoutNotification as N,
        NotAllowed as X, RestrictedIfNoResponse as VR,
    },
    ServiceType, select_pre_rel6,
    slpp::{
        ExternalClientEntry, GmlcRestrictionCode, LcsInformation, NotificationToUser, PrivacyClass, PrivacyClassCode,
        ServiceTypeEntry, SsStatus,
    },
};
use PrivacyClassCode::{
    CallSessionRelated, CallSessionUnrelated, PlmnOperator, ServiceType as ServiceTypes, Universal,
};

const SET_3: NodeKnowledge = NodeKnowledge { capability_set: 3, knows_not_allowed: true };

fn number(text: &str) -> Address {
    Address::international(text).unwrap()
}

fn entry(client: &str, setting: PrivacySetting) -> ExternalClientEntry {
    ExternalClientEntry {
        client: Some(number(client)),
        gmlc_restriction: None,
        notification: NotificationToUser::of(setting),
    }
}

/// A class with this option for clients not listed (`N`: absent) and these entries.
fn class(code: PrivacyClassCode, not_listed: PrivacySetting, clients: &[(&str, PrivacySetting)]) -> PrivacyClass {
    PrivacyClass {
        not_listed: NotificationToUser::of(not_listed),
        external_clients: clients.iter().map(|(client, setting)| entry(client, *setting)).collect(),
        ..PrivacyClass::active(code)
    }
}

fn of(privacy_classes: &[PrivacyClass]) -> LcsInformation {
    LcsInformation { privacy_classes: privacy_classes.to_vec(), ..LcsInformation::default() }
}

fn asked(client: &str) -> NodeRequest {
    NodeRequest::value_added(number(client), number("491710000001"))
}

fn with_call(client: &str) -> NodeRequest {
    NodeRequest { call_criteria_met: true, ..asked(client) }
}

fn plmn(internal: PlmnClient, in_home_plmn: bool) -> NodeRequest {
    NodeRequest {
        client_type: LcsClientType::PlmnOperator,
        external: None,
        internal: Some(internal),
        plmn_criteria_met: true,
        in_home_plmn,
        ..asked("1")
    }
}

fn outcome(information: &LcsInformation, request: &NodeRequest) -> (A1Class, PrivacySetting) {
    let A1Outcome { class, setting } = select_pre_rel6(&information.read(SET_3, request));
    (class, setting)
}

#[test]
fn the_cases_of_figure_a1_read_from_data() {
    let unrelated = class(CallSessionUnrelated, N, &[("4420", NT)]);
    let related_vr = class(CallSessionRelated, N, &[("4420", VR)]);
    let related_nt = class(CallSessionRelated, N, &[("4420", NT)]);
    // A1-01: universal first.
    let both = of(&[PrivacyClass::active(Universal), unrelated.clone()]);
    assert_eq!(outcome(&both, &asked("4420")), (A1Class::Universal, N));
    // A1-02, A1-03: the PLMN operator class, and its absence.
    let listed = of(&[PrivacyClass { plmn_clients: vec![PlmnClient::OmHplmn], ..PrivacyClass::active(PlmnOperator) }]);
    assert_eq!(outcome(&listed, &plmn(PlmnClient::OmHplmn, true)), (A1Class::PlmnOperator, N));
    assert_eq!(outcome(&listed, &plmn(PlmnClient::OmHplmn, false)), (A1Class::PlmnOperator, X));
    assert_eq!(outcome(&listed, &plmn(PlmnClient::Broadcast, true)), (A1Class::PlmnOperator, X));
    assert_eq!(outcome(&of(&[]), &plmn(PlmnClient::OmHplmn, true)), (A1Class::Reject, X));
    // A1-04 to A1-07.
    let looser = of(&[related_vr, unrelated.clone()]);
    assert_eq!(outcome(&looser, &with_call("4420")), (A1Class::LooserOfBoth, NT));
    assert_eq!(outcome(&of(std::slice::from_ref(&related_nt)), &with_call("4420")), (A1Class::Related, NT));
    assert_eq!(outcome(&of(&[related_nt]), &asked("4420")), (A1Class::Reject, X));
    assert_eq!(outcome(&looser, &asked("4420")), (A1Class::Unrelated, NT));
    // A1-08, A1-09: service type 13.
    let weather = ServiceType::new(13).unwrap();
    let listed = ServiceTypeEntry { service_type: weather, gmlc_restriction: None, notification: None };
    let services = PrivacyClass { service_types: vec![listed], ..PrivacyClass::active(ServiceTypes) };
    let strict = class(CallSessionUnrelated, N, &[("4420", VR)]);
    let asks = |client| NodeRequest { service_type: Some(weather), ..asked(client) };
    assert_eq!(outcome(&of(&[strict.clone(), services.clone()]), &asks("4420")), (A1Class::Unrelated, N));
    assert_eq!(outcome(&of(&[strict.clone(), services.clone()]), &asked("4420")), (A1Class::Unrelated, VR));
    assert_eq!(outcome(&of(&[strict.clone(), services.clone()]), &asks("33")), (A1Class::Unrelated, X));
    // A node of set 2 does not know service types.
    let old = of(&[strict, services]).read(NodeKnowledge::set(2), &asks("4420"));
    assert_eq!((old.service_type, select_pre_rel6(&old).setting), (None, VR));
    // A1-11, A1-12: what overrides is passed on; without it these client types reach no class.
    let lawful = NodeRequest { client_type: LcsClientType::LawfulIntercept, external: None, ..asked("1") };
    let overriding = NodeRequest { privacy_override: A1Override::PrivacyOverride, ..lawful };
    assert_eq!(outcome(&of(&[]), &overriding), (A1Class::Overridden, N));
    assert_eq!(outcome(&looser, &lawful), (A1Class::Reject, X));
}

#[test]
fn a_client_not_listed_gets_the_option_or_the_default_of_its_class() {
    // P-13: an identity that the data does not hold is an ordinary client.
    for (not_listed, related, unrelated) in
        [(None, N, X), (Some(NT), NT, NT), (Some(VA), VA, VA), (Some(VR), VR, VR), (Some(X), X, X)]
    {
        let with = |code| PrivacyClass {
            not_listed: not_listed.and_then(NotificationToUser::of),
            ..class(code, N, &[("4420", VA)])
        };
        let read = of(&[with(CallSessionRelated), with(CallSessionUnrelated)]).read(SET_3, &with_call("4999000000015"));
        assert_eq!((read.related, read.unrelated), (Some(related), Some(unrelated)), "{not_listed:?}");
    }
}

#[test]
fn a_node_that_does_not_know_not_allowed_takes_the_default() {
    let information =
        of(&[class(CallSessionRelated, X, &[("4420", X)]), class(CallSessionUnrelated, X, &[("4420", X)])]);
    for (knows_not_allowed, listed, related_not_listed) in [(true, X, X), (false, N, N)] {
        let node = NodeKnowledge { capability_set: 2, knows_not_allowed };
        let read = information.read(node, &asked("4420"));
        assert_eq!((read.related, read.unrelated), (Some(listed), Some(listed)));
        let read = information.read(node, &asked("33"));
        assert_eq!((read.related, read.unrelated), (Some(related_not_listed), Some(X)));
    }
}

#[test]
fn an_entry_matches_what_begins_with_it_and_the_first_counts() {
    let information = of(&[class(CallSessionUnrelated, N, &[("4420", NT), ("442071", VR)])]);
    for (client, setting) in [("4420", NT), ("442071", NT), ("44201", NT), ("442", X), ("4421", X)] {
        assert_eq!(outcome(&information, &asked(client)).1, setting, "{client}");
    }
    // Nature of address must be equal too.
    let national = Address { nature: crate::NatureOfAddress::National, ..number("4420") };
    assert_eq!(outcome(&information, &NodeRequest { external: Some(national), ..asked("1") }).1, X);
    // An entry without a number matches nobody, and a client without one no entry.
    let mut unreadable = information.clone();
    unreadable.privacy_classes[0].external_clients[0].client = None;
    assert_eq!(outcome(&unreadable, &asked("4420")).1, X);
    assert_eq!(outcome(&information, &NodeRequest { external: None, ..asked("1") }).1, X);
}

#[test]
fn an_entry_restricted_to_other_gateways_shuts_its_client_out() {
    // Rows: restriction; columns: gateway listed and at home, listed abroad, unlisted at home, unlisted abroad.
    let table = [
        (None, [NT, NT, NT, NT]),
        (Some(GmlcRestrictionCode::GmlcList), [NT, NT, X, X]),
        (Some(GmlcRestrictionCode::HomeCountry), [NT, X, NT, X]),
    ];
    for (restriction, row) in table {
        // The option for clients not listed, notification, is not for a client that is listed.
        let mut restricted = class(CallSessionUnrelated, VA, &[("4420", NT)]);
        restricted.external_clients[0].gmlc_restriction = restriction;
        let information = LcsInformation { gmlc_list: vec![number("49171")], ..of(&[restricted]) };
        let gateways = [("491710000001", true), ("491710000001", false), ("493", true), ("331", false)];
        for ((gmlc, gmlc_in_home_country), setting) in gateways.into_iter().zip(row) {
            let request = NodeRequest { gmlc: number(gmlc), gmlc_in_home_country, ..asked("4420") };
            assert_eq!(outcome(&information, &request).1, setting, "{restriction:?} {gmlc}");
        }
    }
}

#[test]
fn a_class_that_does_not_count_is_not_there() {
    let mut information = of(&[PrivacyClass::active(Universal), class(CallSessionUnrelated, N, &[("4420", NT)])]);
    information.privacy_classes[0].status = SsStatus::NOT_PROVISIONED;
    assert_eq!(outcome(&information, &asked("4420")), (A1Class::Unrelated, NT));
    information.privacy_classes[1].status = SsStatus(0b0100);
    assert_eq!(outcome(&information, &asked("4420")), (A1Class::Reject, X));
}

#[test]
fn a_node_of_set_1_sees_five_entries_and_no_related_ones() {
    let clients = [("441", NT), ("442", NT), ("443", NT), ("444", NT), ("445", NT), ("446", NT)];
    let information = of(&[class(CallSessionRelated, VA, &[("441", N)]), class(CallSessionUnrelated, N, &clients)]);
    for (set, fifth, sixth, related) in [(0, NT, X, VA), (1, NT, X, VA), (2, NT, NT, N), (4, NT, NT, N)] {
        let read = |client| information.read(NodeKnowledge::set(set), &with_call(client));
        assert_eq!((read("445").unrelated, read("446").unrelated), (Some(fifth), Some(sixth)), "set {set}");
        assert_eq!(read("441").related, Some(related), "set {set}");
    }
    assert_eq!(NodeKnowledge::all_old().count(), 6);
}

#[test]
fn a_register_withholds_from_old_nodes_what_they_cannot_keep_to() {
    let six = [("441", NT), ("442", NT), ("443", NT), ("444", NT), ("445", NT), ("446", NT)];
    let related = class(CallSessionRelated, X, &six);
    let unrelated = class(CallSessionUnrelated, N, &six);
    let services = PrivacyClass::active(ServiceTypes);
    let plmn = PrivacyClass::active(PlmnOperator);
    let codes = |sent: &LcsInformation| sent.privacy_classes.iter().map(|class| class.code).collect::<Vec<_>>();
    let information = of(&[related, unrelated.clone(), plmn, services]);
    assert_eq!(information.sent_to(3), information);
    assert_eq!(codes(&information.sent_to(2)), [CallSessionRelated, CallSessionUnrelated, PlmnOperator]);
    // TS 23.271 clause 10.5.2: whose related class lists clients gets neither there.
    assert_eq!(codes(&information.sent_to(1)), [PlmnOperator]);
    // One without a list is what such nodes know.
    let five = class(CallSessionUnrelated, N, &six[..5]);
    let known = of(&[class(CallSessionRelated, X, &[]), five]);
    assert_eq!(known.sent_to(0), known);
    // A sixth client would pass for one that is not listed.
    assert_eq!(codes(&of(&[unrelated]).sent_to(1)), []);
}
