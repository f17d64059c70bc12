//! Every trap: the check names it, and where it changes what an old node does, so does the walk.

use super::{
    Address, LcsInformation, NotificationToUser, PrivacySetting, Provisioned, SlppContext, address, gmlc, home,
    identity, plain, pseudo_external,
};
use crate::{
    Misread, SlppFault, check_slpp,
    testing::{N, NT, VA, VR, X, client},
    walk_slpp,
};
use Provisioned::{FirstFour, Fourteen};
use lcs::{
    PlmnClient, ServiceType,
    slpp::{
        ExternalClientEntry, GmlcRestrictionCode, MoLrClass, MoLrCode, NodeKnowledge, PrivacyClass, PrivacyClassCode,
        ServiceTypeEntry, SsStatus,
    },
};

const RELATED: PrivacyClassCode = PrivacyClassCode::CallSessionRelated;
const UNRELATED: PrivacyClassCode = PrivacyClassCode::CallSessionUnrelated;

/// A case as (number of the identity, 0 for a client that is none; call; what should happen; what would).
type Case = (u8, bool, PrivacySetting, PrivacySetting);

fn numbers() -> [Address; 2] {
    [gmlc(), address("+33600000001")]
}

/// Faults by rule, and cases, of changed data.
fn found(
    provisioned: Provisioned,
    clients: &[Address],
    change: impl FnOnce(&mut LcsInformation),
) -> (Vec<SlppFault>, Vec<Misread>) {
    let mut information = plain(provisioned);
    change(&mut information);
    let (table, home, gateways) = (pseudo_external(provisioned), home(), numbers());
    let context = SlppContext { home: &home, gateways: &gateways, clients, plmn_clients: Some(&[]) };
    let faults = check_slpp(&information, &table, &context);
    let walked = walk_slpp(&information, &table, &context);
    let (cases, rules): (Vec<_>, Vec<_>) = faults.into_iter().partition(|fault| matches!(fault, SlppFault::Action(_)));
    assert_eq!(cases, walked.iter().map(|misread| SlppFault::Action(*misread)).collect::<Vec<_>>());
    (rules, walked)
}

fn cases(walked: &[Misread]) -> Vec<Case> {
    let case = |m: &Misread| (m.identity.map_or(0, |identity| identity.number()), m.call, m.expected, m.read);
    walked.iter().map(case).collect()
}

/// Changes the data and expects exactly these faults and cases.
fn trap(
    provisioned: Provisioned,
    change: impl FnOnce(&mut LcsInformation),
    faults: &[SlppFault],
    expected: &[Case],
) -> Vec<Misread> {
    let (rules, walked) = found(provisioned, &[client()], change);
    assert_eq!(rules, faults);
    assert_eq!(cases(&walked), expected);
    walked
}

fn class(information: &mut LcsInformation, code: PrivacyClassCode) -> &mut PrivacyClass {
    information.privacy_classes.iter_mut().find(|class| class.code == code).unwrap()
}

fn entries(information: &mut LcsInformation, code: PrivacyClassCode) -> &mut Vec<ExternalClientEntry> {
    &mut class(information, code).external_clients
}

fn number(of: u8) -> Address {
    pseudo_external(Fourteen).number_of(identity(of)).unwrap()
}

fn entry(of: u8, notification: Option<NotificationToUser>) -> ExternalClientEntry {
    ExternalClientEntry { client: Some(number(of)), gmlc_restriction: None, notification }
}

fn without(information: &mut LcsInformation, code: PrivacyClassCode, numbers: &[u8]) {
    entries(information, code).retain(|entry| !numbers.iter().any(|of| entry.client == Some(number(*of))));
}

#[test]
fn what_is_provisioned_has_no_trap() {
    trap(Fourteen, |_| {}, &[], &[]);
    trap(FirstFour, |_| {}, &[], &[]);
}

#[test]
fn a_related_default_left_open() {
    // P-15 and trap (a), as the tables of the standard are printed: 2 to 4 not in the related list, its default left alone.
    let missing: Vec<_> = (2..=4).map(|number| SlppFault::RelatedEntryMissing(identity(number))).collect();
    let printed = |information: &mut LcsInformation| {
        without(information, RELATED, &[2, 3, 4]);
        class(information, RELATED).not_listed = None;
    };
    let faults = [&[SlppFault::RelatedNotListed(None)][..], &missing].concat();
    let leaks: [Case; 4] = [(2, true, NT, N), (3, true, VA, N), (4, true, VR, N), (0, true, X, N)];
    let walked = trap(Fourteen, printed, &faults, &leaks);
    assert!(walked.iter().all(Misread::leaks));
    // With value 3 for the class alone, nodes that do not know it still leak.
    let walked = trap(Fourteen, |data| without(data, RELATED, &[2, 3, 4]), &missing, &leaks[..3]);
    assert!(walked.iter().all(|misread| !misread.node.knows_not_allowed));
    // With the entries alone, unknown clients are let in while a call is up.
    for (option, read) in [
        (None, N),
        (Some(NotificationToUser::NotifyLocationAllowed), NT),
        (Some(NotificationToUser::VerifyAllowedIfNoResponse), VA),
        (Some(NotificationToUser::VerifyNotAllowedIfNoResponse), VR),
    ] {
        let open = |data: &mut LcsInformation| class(data, RELATED).not_listed = option;
        trap(Fourteen, open, &[SlppFault::RelatedNotListed(option)], &[(0, true, X, read)]);
    }
}

#[test]
fn numbers_that_match_each_other() {
    // Trap (b): a client whose number begins with that of identity 1 passes for it.
    let close = Address::international("+4990000000017").unwrap();
    let (rules, walked) = found(Fourteen, &[client(), close], |_| {});
    assert_eq!(rules, [SlppFault::ClientNumber { identity: identity(1), client: close }]);
    assert_eq!(cases(&walked), [(0, false, X, N), (0, true, X, N)]);
    assert_eq!(walked[0].client, Some(close));
    // An entry that all fourteen begin with, met first, makes them all one.
    let range = Some(address("+49900"));
    let wide = ExternalClientEntry { client: range, ..entry(1, None) };
    let (rules, walked) = found(Fourteen, &[], |data| entries(data, UNRELATED).insert(0, wide));
    let unknown = SlppFault::EntryUnknown {
        class: UNRELATED,
        position: 1,
        client: address("+49900"),
        shadows: Some(identity(1)),
    };
    assert_eq!(rules, [unknown]);
    assert_eq!(walked.iter().filter(|misread| misread.identity.is_some() && !misread.call).count(), 13);
    assert!(walked.iter().all(|misread| misread.read == N && misread.leaks()));
    // Met last it catches those that have no entry, as trap (c) leaves them.
    let (_, walked) = found(Fourteen, &[], |data| entries(data, UNRELATED).push(wide));
    let caught = [(5, false, X, N), (5, true, VR, N), (6, false, X, N), (6, true, VA, N), (8, false, X, N)];
    assert_eq!(cases(&walked)[..5], caught);
}

#[test]
fn not_allowed_written_into_an_entry() {
    // Trap (c): Table C.2 as printed. Nodes that do not know the value read "allowed".
    for of in [5, 6, 8, 11] {
        let printed = |data: &mut LcsInformation| {
            entries(data, UNRELATED).push(entry(of, Some(NotificationToUser::LocationNotAllowed)));
        };
        let related = identity(of).settings().0.unwrap();
        // With a call, the looser of what is read and the related setting: no leak where that is loosest already.
        let with_call = (related != N).then_some((of, true, related, N));
        let leaks: Vec<_> = [Some((of, false, X, N)), with_call].into_iter().flatten().collect();
        let faults = [SlppFault::EntryNotAllowed { class: UNRELATED, position: 11 }];
        let walked = trap(Fourteen, printed, &faults, &leaks);
        assert!(walked.iter().all(|misread| !misread.node.knows_not_allowed && misread.leaks()));
    }
    let related = |data: &mut LcsInformation| {
        entries(data, RELATED)[0].notification = Some(NotificationToUser::LocationNotAllowed);
    };
    trap(Fourteen, related, &[SlppFault::EntryNotAllowed { class: RELATED, position: 1 }], &[(2, true, NT, N)]);
    // Leaving 5 out of the unrelated list while clients that are not listed are let in.
    for (option, read) in [
        (NotificationToUser::NotifyLocationAllowed, NT),
        (NotificationToUser::VerifyAllowedIfNoResponse, VA),
        (NotificationToUser::VerifyNotAllowedIfNoResponse, VR),
    ] {
        let open = |data: &mut LcsInformation| class(data, UNRELATED).not_listed = Some(option);
        let (rules, walked) = found(Fourteen, &[], open);
        assert_eq!(rules, [SlppFault::UnrelatedNotListed(option)]);
        let without_call = cases(&walked).into_iter().filter(|case| !case.1).collect::<Vec<_>>();
        let opened = [5, 6, 8, 11, 0].map(|of| (of, false, X, read));
        assert_eq!(without_call, opened);
    }
    // Said outright, the default does no harm.
    let outright = |data: &mut LcsInformation| {
        class(data, UNRELATED).not_listed = Some(NotificationToUser::LocationNotAllowed);
    };
    trap(Fourteen, outright, &[], &[]);
}

#[test]
fn more_entries_and_classes_than_the_lists_take() {
    // Trap (d): 5 and 35. What comes after is not sent.
    let strangers = (0..31).map(|at| address(&format!("+331234567{at:02}")));
    let many: Vec<_> = strangers.map(|client| ExternalClientEntry { client: Some(client), ..entry(1, None) }).collect();
    let (rules, walked) = found(Fourteen, &[], |data| {
        let list = entries(data, UNRELATED);
        *list = many.into_iter().chain(list.drain(..)).collect();
    });
    assert!(rules.contains(&SlppFault::TooManyEntries { class: UNRELATED, count: 41 }));
    assert!(cases(&walked).contains(&(14, false, NT, X)));
    // Trap (e): four classes, and no code twice.
    let (rules, _) = found(Fourteen, &[], |data| {
        let again = data.privacy_classes.clone();
        data.privacy_classes.extend(again);
        data.privacy_classes.push(PrivacyClass::active(RELATED));
    });
    let twice = [RELATED, UNRELATED, RELATED].map(SlppFault::ClassTwice);
    assert_eq!(rules, [&[SlppFault::TooManyClasses(5)][..], &twice].concat());
    let (rules, _) = found(FirstFour, &[], |data| {
        data.gmlc_list = vec![gmlc(); 6];
        data.mo_lr.push(MoLrClass { code: MoLrCode::BasicSelfLocation, status: SsStatus::ACTIVE });
    });
    assert_eq!(rules, [SlppFault::TooManyGateways(6), SlppFault::MoLrTwice(MoLrCode::BasicSelfLocation)]);
}

#[test]
fn classes_that_pass_the_identities_by() {
    // Trap (f): the universal class serves everybody, whatever the identity.
    let universal = PrivacyClass::active(PrivacyClassCode::Universal);
    let (rules, walked) = found(Fourteen, &[], |data| data.privacy_classes.push(universal.clone()));
    assert_eq!(rules, [SlppFault::UniversalClass]);
    // All but those that come to "allowed without notification" anyhow: 1 in both cases, 11 to 14 with a call.
    assert_eq!(walked.len(), 28 + 2 - 2 - 4);
    assert!(walked.iter().all(|misread| misread.read == N && misread.leaks()));
    // A listed service type loosens, to a node of set 3, whatever allows at all.
    let listed = ServiceTypeEntry {
        service_type: ServiceType::new(13).unwrap(),
        gmlc_restriction: None,
        notification: Some(NotificationToUser::NotifyLocationAllowed),
    };
    let services = PrivacyClass { service_types: vec![listed], ..PrivacyClass::active(PrivacyClassCode::ServiceType) };
    let loosened: [Case; 4] = [(3, false, VA, NT), (3, true, VA, NT), (4, false, VR, NT), (4, true, VR, NT)];
    let walked = trap(FirstFour, |data| data.privacy_classes.push(services), &[SlppFault::ServiceTypeClass], &loosened);
    assert!(walked.iter().all(|misread| misread.node == NodeKnowledge::set(3)));
    // One that is not provisioned is passed over.
    let idle = PrivacyClass { status: SsStatus::NOT_PROVISIONED, ..universal };
    trap(Fourteen, |data| data.privacy_classes.push(idle), &[], &[]);
}

#[test]
fn a_gateway_shut_out() {
    // Trap (g): this gateway is in the home country, the visited one is not.
    let restricted = |restriction: GmlcRestrictionCode, list: &[&str]| {
        let list: Vec<_> = list.iter().map(|number| address(number)).collect();
        found(FirstFour, &[], move |data| {
            data.gmlc_list = list;
            entries(data, UNRELATED)[1].gmlc_restriction = Some(restriction);
        })
    };
    let fault =
        |home_country, gateway| SlppFault::EntryGateway { class: UNRELATED, position: 2, home_country, gateway };
    let [own, visited] = numbers();
    let both = [(2, false, NT, X), (2, true, NT, X)];
    let (rules, walked) = restricted(GmlcRestrictionCode::HomeCountry, &[]);
    assert_eq!((rules, cases(&walked)), (vec![fault(true, visited)], both.to_vec()));
    assert!(walked.iter().all(|misread| misread.gateway == visited && !misread.leaks()));
    let (rules, walked) = restricted(GmlcRestrictionCode::GmlcList, &["+49170"]);
    assert_eq!((rules, cases(&walked)), (vec![fault(false, visited)], both.to_vec()));
    let (rules, _) = restricted(GmlcRestrictionCode::GmlcList, &[]);
    assert_eq!(rules, [fault(false, own), fault(false, visited)]);
    // A restriction that lets both in does no harm.
    let (rules, walked) = restricted(GmlcRestrictionCode::GmlcList, &["+49170", "+336"]);
    assert_eq!((rules, walked), (vec![], vec![]));
}

#[test]
fn data_that_nodes_of_set_1_cannot_be_sent() {
    // Set 1: five entries of one class, and neither class if the other is there.
    let fourteen = plain(Fourteen);
    let (rules, walked) = found(FirstFour, &[], |data| *data = fourteen);
    assert_eq!(rules[0], SlppFault::RelatedClassForSetOne);
    assert!(rules.contains(&SlppFault::BeyondSetOne(10)));
    let surplus = SlppFault::EntrySurplus { class: UNRELATED, position: 5, identity: identity(7) };
    assert!(rules.contains(&surplus));
    let unserved = walked.iter().filter(|misread| misread.identity.is_some());
    let unserved: Vec<_> = unserved.map(|misread| (misread.node.capability_set, misread.read)).collect();
    assert_eq!(unserved, [(1, X); 8]);
    // More than a node of set 1 can be told of: it is told nothing.
    let strangers = [5, 6, 8, 9].map(|of| entry(of, Some(NotificationToUser::VerifyNotAllowedIfNoResponse)));
    let (rules, walked) = found(FirstFour, &[], |data| {
        let list = entries(data, UNRELATED);
        *list = strangers.into_iter().chain(list.drain(..)).collect();
    });
    assert!(rules.contains(&SlppFault::BeyondSetOne(8)));
    let unserved = walked.iter().filter(|misread| misread.identity.is_some());
    let unserved: Vec<_> = unserved.map(|misread| (misread.node.capability_set, misread.read)).collect();
    assert_eq!(unserved, [(1, X); 8]);
}

#[test]
fn entries_missing_wrong_or_twice() {
    for of in 1..=14 {
        for (class, expected) in [(RELATED, identity(of).related_entry()), (UNRELATED, identity(of).unrelated_entry())]
        {
            let Some(expected) = expected else { continue };
            let (rules, walked) = found(Fourteen, &[], |data| without(data, class, &[of]));
            let fault = match (class, of) {
                (RELATED, 2..=4) => SlppFault::RelatedEntryMissing(identity(of)),
                _ => SlppFault::EntryMissing { class, identity: identity(of), expected },
            };
            assert_eq!(rules, [fault]);
            assert!(!walked.is_empty(), "{of} {class:?}");
            // Every other option, in its place.
            for wrong in PrivacySetting::ALL.into_iter().filter(|other| *other != expected) {
                let option = NotificationToUser::of(wrong);
                let mut position = 0;
                let (rules, _) = found(Fourteen, &[], |data| {
                    let list = entries(data, class);
                    position = list.iter().position(|entry| entry.client == Some(number(of))).unwrap();
                    list[position].notification = option;
                });
                let position = position + 1;
                let fault = match wrong {
                    X => SlppFault::EntryNotAllowed { class, position },
                    found => SlppFault::EntryOption { class, position, identity: identity(of), found, expected },
                };
                assert_eq!(rules, [fault]);
            }
        }
    }
    // A second entry: by the standard either could count.
    let (rules, _) = found(Fourteen, &[], |data| entries(data, UNRELATED).push(entry(4, None)));
    assert_eq!(rules[0], SlppFault::EntryTwice { class: UNRELATED, position: 11, identity: identity(4) });
    // Identity 1 in the related list says what its unrelated entry says.
    trap(Fourteen, |data| entries(data, RELATED).push(entry(1, None)), &[], &[]);
    let strict = entry(1, Some(NotificationToUser::VerifyNotAllowedIfNoResponse));
    let fault = SlppFault::EntryOption { class: RELATED, position: 14, identity: identity(1), found: VR, expected: N };
    trap(Fourteen, |data| entries(data, RELATED).push(strict), &[fault], &[]);
}

#[test]
fn entries_of_somebody_else() {
    let real = ExternalClientEntry { client: Some(client()), ..entry(1, None) };
    let unknown = SlppFault::EntryUnknown { class: UNRELATED, position: 5, client: client(), shadows: None };
    let served = [(0, false, X, N), (0, true, X, N)];
    trap(FirstFour, |data| entries(data, UNRELATED).push(real), &[unknown], &served);
    let no_number = ExternalClientEntry { client: None, ..entry(1, None) };
    let fault = SlppFault::EntryWithoutNumber { class: UNRELATED, position: 5 };
    trap(FirstFour, |data| entries(data, UNRELATED).push(no_number), &[fault], &[]);
}

#[test]
fn classes_missing_or_asleep() {
    let gone = |data: &mut LcsInformation| data.privacy_classes.clear();
    let (rules, walked) = found(Fourteen, &[], gone);
    assert_eq!(rules, [RELATED, UNRELATED].map(SlppFault::ClassMissing));
    // Every case that should allow.
    assert_eq!(walked.len(), 28 - 4);
    assert!(walked.iter().all(|misread| misread.read == X));
    for status in (0..16).filter(|bits| !SsStatus(*bits).counts()) {
        let asleep = |data: &mut LcsInformation| class(data, UNRELATED).status = SsStatus(status);
        let (rules, walked) = found(FirstFour, &[], asleep);
        assert_eq!(rules, [SlppFault::ClassNotActive { class: UNRELATED, status }]);
        assert_eq!(walked.len(), 8);
    }
}

#[test]
fn another_plmn_operator_class_than_the_profile_has() {
    let listed = PrivacyClass {
        plmn_clients: vec![PlmnClient::Broadcast],
        ..PrivacyClass::active(PrivacyClassCode::PlmnOperator)
    };
    let fault = SlppFault::PlmnClients { found: vec![PlmnClient::Broadcast], expected: Vec::new() };
    trap(FirstFour, |data| data.privacy_classes.push(listed), std::slice::from_ref(&fault), &[]);
    let empty = PrivacyClass::active(PrivacyClassCode::PlmnOperator);
    trap(FirstFour, |data| data.privacy_classes.push(empty), &[SlppFault::PlmnEmpty], &[]);
    assert_eq!(
        fault.to_string(),
        "PLMN operator class: allows broadcast, and by the subscriber's profile must allow nobody; nodes serve these clients by it alone (TS 23.271 clause 9.5.3.4)"
    );
}

#[test]
fn every_fault_says_what_where_and_by_which_clause() {
    let (rules, walked) = found(Fourteen, &[Address::international("+49900000000012").unwrap()], |data| {
        data.privacy_classes.push(PrivacyClass::active(PrivacyClassCode::Universal));
        data.privacy_classes.push(PrivacyClass::active(PrivacyClassCode::ServiceType));
        data.privacy_classes.push(PrivacyClass::active(PrivacyClassCode::ServiceType));
        class(data, RELATED).not_listed = None;
        class(data, UNRELATED).not_listed = Some(NotificationToUser::NotifyLocationAllowed);
        without(data, RELATED, &[2, 7]);
        let list = entries(data, UNRELATED);
        list[0].gmlc_restriction = Some(GmlcRestrictionCode::HomeCountry);
        list[1].notification = Some(NotificationToUser::LocationNotAllowed);
        list[2].notification = None;
        list.extend([entry(5, None), entry(1, None), ExternalClientEntry { client: Some(client()), ..entry(1, None) }]);
    });
    assert!(rules.len() >= 12, "{rules:?}");
    for text in rules.iter().map(ToString::to_string).chain(walked.iter().map(|m| SlppFault::Action(*m).to_string())) {
        assert!(text.contains("(TS 2"), "{text}");
        assert!(text.contains("class") || text.contains("identity") || text.contains("client"), "{text}");
    }
    let leak = walked.iter().find(|misread| misread.identity == Some(identity(2)) && misread.call).unwrap();
    assert_eq!(
        SlppFault::Action(*leak).to_string(),
        "pseudo-external identity 2 with a call or session up: a node of capability set 2, asked through +49170999, comes to \"allowed without notification\" instead of \"allowed with notification\", a leak (TS 23.271 Fig. A.1)"
    );
}
