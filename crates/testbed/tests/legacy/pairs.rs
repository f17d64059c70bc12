//! The exhaustive comparison: for every pair of settings, in a call and out of one, an old node that knows only its downloaded data and
//! the pseudo-external identity does what a new node does by the indicators (TS 23.271 Annexes A and C).

use super::{
    lab::{HEAD, Lab, More, msc, psl, subscriber},
    table::{CLIENT, Row, TABLE, class, client, identity, recommended},
};
use lcs::{
    PrivacySetting::{
        self, AllowedIfNoResponse as VA, AllowedWithNotification as NT, AllowedWithoutNotification as N,
        NotAllowed as X, RestrictedIfNoResponse as VR,
    },
    PseudoExternalIdentity,
};
use ss7::map::{MapError, ReceivedPsl};
use std::sync::Arc;
use testbed::scenario::{ClassSpec, ClassWord, LcsInformationSpec, SettingWord};
use tokio::task::JoinSet;

/// Nodes: two old ones that have what an old node may have, two old ones that do not know "not allowed", a new one. At each a phone
/// in a call and one in none; their users never answer, so that each of the five actions looks different from outside.
async fn lab() -> Arc<Lab> {
    let mut text = HEAD.to_owned();
    let nodes = [
        "capability_set = 2",
        "capability_set = 3",
        "capability_set = 2\nknows_not_allowed = false",
        "capability_set = 3\nknows_not_allowed = false",
        "capability_set = 5",
    ];
    text.extend(nodes.iter().zip(1..).map(|(keys, n)| msc(n, keys)));
    for n in 1..=5u8 {
        let keys = format!("msc = 'msc-{n}'\nuser = {{ answer = 'silent' }}");
        text.push_str(&subscriber(n, &keys));
        text.push_str(&subscriber(n + 10, &format!("{keys}\n[[subscriber.call]]\nnumber = '{CLIENT}'")));
    }
    Arc::new(Lab::start(&text).await)
}

/// Places of the old nodes and of the new one.
const OLD: [u8; 4] = [1, 2, 3, 4];
const NEW: u8 = 5;

/// What a node did: seen on the screen of a user who does not answer, and in the answer.
async fn observed(lab: &Lab, node: u8, in_call: bool, psl: impl Fn(u8) -> ReceivedPsl) -> PrivacySetting {
    let phone = if in_call { node + 10 } else { node };
    lab.wipe(phone);
    let answer = lab.psl(node, &psl(phone).dialled(CLIENT)).await;
    let shown: Vec<&str> = lab.seen(phone).iter().map(|sight| sight.shown).collect();
    match (answer, shown[..].first().copied(), shown.len()) {
        (Ok(_), None, 0) => N,
        (Ok(_), Some("notification"), 1) => NT,
        (Ok(_), Some("question_allow"), 1) => VA,
        (Err(MapError::UnauthorizedLcsClient(_)), Some("question_restrict"), 1) => VR,
        (Err(MapError::UnauthorizedLcsClient(_)), None, 0) => X,
        other => panic!("no action of the five: {other:?}"),
    }
}

/// Cases in which an old node does otherwise than the table has it. Phones do not wait for each other.
async fn mismatches(lab: &Arc<Lab>, nodes: &[u8]) -> Vec<(u8, bool, Row)> {
    let mut under_way = JoinSet::new();
    for node in nodes {
        for call in [true, false] {
            let (lab, node) = (Arc::clone(lab), *node);
            under_way.spawn(async move {
                let mut wrong = Vec::new();
                for row in TABLE {
                    let (.., in_call, out_of_call, pei) = row;
                    let (Some(pei), expected) = (pei, if call { in_call } else { out_of_call }) else { continue };
                    if observed(&lab, node, call, |phone| psl(phone, &identity(pei))).await != expected {
                        wrong.push((node, call, row));
                    }
                }
                wrong
            });
        }
    }
    under_way.join_all().await.concat()
}

/// Puts data into the home register for every phone at these nodes; it goes to the nodes from there.
async fn provision(lab: &Lab, spec: &LcsInformationSpec, nodes: &[u8]) {
    for node in nodes {
        for phone in [*node, node + 10] {
            lab.network.provision(&format!("sub-{phone:02}"), spec.data().unwrap()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_old_node_does_by_identity_what_a_new_one_does_by_indicators() {
    let lab = lab().await;
    let mut cases = 0;
    for (related, unrelated, in_call, out_of_call, pei) in TABLE {
        assert_eq!(PseudoExternalIdentity::select(Some(related), unrelated).map(|pei| pei.number()), pei);
        if pei.is_none() {
            // Barred at the gateway with and without a call: no request reaches any node.
            cases += 2;
            continue;
        }
        let related = Some(related).filter(|setting| *setting != X);
        for (call, expected) in [(true, in_call), (false, out_of_call)] {
            let asked = |phone| psl(phone, CLIENT).indicators(unrelated, related);
            assert_eq!(observed(&lab, NEW, call, asked).await, expected, "{related:?} {unrelated:?} {call}");
            cases += 1;
        }
    }
    assert_eq!(cases, 50);
    provision(&lab, &recommended(), &OLD).await;
    assert_eq!(mismatches(&lab, &OLD).await, []);
    // Had the gateway sent it, the real identity would have got nothing anywhere.
    for node in OLD {
        for call in [true, false] {
            let real = |phone| psl(phone, CLIENT).indicators(N, Some(N));
            let related_default = node > 2 && call;
            // The one leak that listing the identities does not stop: a node that does not know "not allowed" falls back to the
            // default of the related class for whoever is not listed. So no request goes to it with another identity.
            assert_eq!(observed(&lab, node, call, real).await, if related_default { N } else { X }, "{node} {call}");
        }
    }
}

/// Each trap of section 4.3 of the digest, written into the register past any checker, makes cases fail; those that do not depend on
/// the data at the node are in the gateway's table and tested there.
#[tokio::test]
async fn each_trap_makes_a_case_fail() {
    let lab = lab().await;
    let good = recommended();
    let knowing = &OLD[..2];
    let unknowing = &OLD[2..];
    let fails = async |what: &str, spec: &LcsInformationSpec, nodes: &[u8], expected: &[(u8, bool)]| {
        provision(&lab, spec, nodes).await;
        let wrong = mismatches(&lab, nodes).await;
        let found: std::collections::BTreeSet<(u8, bool)> =
            wrong.iter().map(|(_, call, row)| (row.4.unwrap(), *call)).collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{what}");
    };
    let related = |spec: &mut LcsInformationSpec, how: &dyn Fn(&mut ClassSpec)| how(&mut spec.classes[0]);
    let unrelated = |spec: &mut LcsInformationSpec, how: &dyn Fn(&mut ClassSpec)| how(&mut spec.classes[1]);

    // a. The related default left open, and 2 to 4 not in the related list: a call loosens them.
    let mut open = good.clone();
    related(&mut open, &|class| {
        class.not_listed = None;
        class.clients.retain(|entry| !["02", "03", "04"].iter().any(|n| entry.number.ends_with(n)));
    });
    fails("a", &open, knowing, &[(2, true), (3, true), (4, true)]).await;
    // Either half of the cure is enough for nodes that know "not allowed"; for the others the list is.
    let mut closed = open.clone();
    related(&mut closed, &|class| class.not_listed = Some(SettingWord::Denied));
    fails("a, default said", &closed, knowing, &[]).await;
    fails("a, default not understood", &closed, unknowing, &[(2, true), (3, true), (4, true)]).await;
    let mut listed = good.clone();
    related(&mut listed, &|class| class.not_listed = None);
    fails("a, listed", &listed, &OLD, &[]).await;

    // b. Numbers that begin with one another: 1 stands for all.
    let mut prefix = good.clone();
    unrelated(&mut prefix, &|class| class.clients[0].number = identity(1)[..12].to_owned());
    // All but those that end in "allowed" anyway; the row that is barred at the gateway has no cases.
    let stricter = TABLE.iter().flat_map(|row| [row.2, row.3]).filter(|action| *action != N).count() - 2;
    provision(&lab, &prefix, knowing).await;
    assert_eq!(mismatches(&lab, knowing).await.len(), knowing.len() * stricter, "b");

    // c. "Not allowed" as an entry: a node that does not know it reads "allowed".
    let mut entries = good.clone();
    unrelated(&mut entries, &|class| {
        class.clients.extend([5, 6, 8, 11].map(|n| client(&identity(n), X)));
    });
    fails("c, understood", &entries, knowing, &[]).await;
    fails(
        "c",
        &entries,
        unknowing,
        &[(5, false), (5, true), (6, false), (6, true), (8, false), (8, true), (11, false)],
    )
    .await;

    // d. No more entries than a node before Rel-4 has room for: the rest is not listed.
    let mut short = good.clone();
    unrelated(&mut short, &|class| class.clients.truncate(5));
    fails("d", &short, knowing, &[(9, false), (10, false), (12, false), (13, false), (14, false)]).await;

    // f. The universal class in the register: it comes first, whatever else there is.
    let mut universal = good.clone();
    universal.classes.push(class(ClassWord::Universal, None, Vec::new()));
    provision(&lab, &universal, knowing).await;
    assert_eq!(mismatches(&lab, knowing).await.len(), knowing.len() * stricter, "f");

    // g. An entry restricted to gateways among which this one is not.
    let mut restricted = good.clone();
    restricted.gmlc_list = vec!["99912349999".to_owned()];
    unrelated(&mut restricted, &|class| class.clients[0].through = Some(testbed::scenario::ThroughWord::GmlcList));
    fails("g", &restricted, knowing, &[(1, false), (1, true)]).await;
    restricted.gmlc_list = vec!["999123400".to_owned()];
    fails("g, this one", &restricted, knowing, &[]).await;

    // Back to what is right.
    provision(&lab, &good, &OLD).await;
    assert_eq!(mismatches(&lab, &OLD).await, []);
}

/// f, the other half: a service type class loosens whatever class allows.
#[tokio::test]
async fn a_service_type_class_in_the_register_loosens() {
    let lab = lab().await;
    let mut spec = recommended();
    let find_your_friend =
        testbed::scenario::ServiceEntrySpec { service_type: 16, setting: SettingWord::Allowed, through: None };
    let listed = ClassSpec { service_types: vec![find_your_friend], ..class(ClassWord::ServiceType, None, Vec::new()) };
    spec.classes.push(listed);
    // Set 2 knows no service types, set 3 does.
    provision(&lab, &spec, &[1, 2]).await;
    let asked = |phone| ReceivedPsl { service_type: lcs::ServiceType::new(16), ..psl(phone, &identity(4)) };
    assert_eq!(observed(&lab, 1, false, asked).await, VR);
    assert_eq!(observed(&lab, 2, false, asked).await, N);
}
