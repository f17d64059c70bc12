//! The gateway and the legacy half of a network: every pair of settings through the whole of it, the home register's data that it
//! asks for, what it makes of traps in that data, and reports of nodes (TS 23.271 Annexes A and C).

use super::{
    ask::{ask, result},
    lab::{CLIENT, Lab, client_record},
    process::Gateway,
    table::{self, Row, TABLE, identity},
};
use lcs::{
    Address, CallSession,
    PrivacySetting::{
        self, AllowedIfNoResponse as VA, AllowedWithNotification as NT, AllowedWithoutNotification as N,
        NotAllowed as X, RestrictedIfNoResponse as VR,
    },
};
use mlp::client::{ClientTarget, Request};
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};
use testbed::scenario::{ClassSpec, ClassWord, LcsInformationSpec, ThroughWord};
use tokio::task::JoinSet;

/// MSCs: of sets 2 and 3, knowing "not allowed" and not, and of set 5.
const NODES: [&str; 5] = ["2", "3", "2\nknows_not_allowed = false", "3\nknows_not_allowed = false", "5"];
/// Places of the old ones, and of those among them that know "not allowed".
const OLD: [usize; 4] = [0, 1, 2, 3];
const KNOWING: [usize; 2] = [0, 1];
const UNKNOWING: [usize; 2] = [2, 3];
const NEW: usize = 4;

/// Number of the phone at this node with the settings of this row, in a call to the client or not.
fn phone(node: usize, row: usize, in_call: bool) -> usize {
    node * 100 + row * 2 + usize::from(in_call)
}

fn label(phone: usize) -> String {
    format!("old-{phone:03}")
}

fn msisdn(phone: usize) -> String {
    format!("9990001{phone:04}")
}

fn who(phone: usize) -> String {
    format!("msisdn:{},imsi:00101000001{phone:04}", msisdn(phone))
}

fn phones(nodes: &[usize]) -> impl Iterator<Item = (usize, usize, bool)> + use<'_> {
    let of = |node: usize| (0..TABLE.len()).flat_map(move |row| [true, false].map(move |call| (node, row, call)));
    nodes.iter().flat_map(move |node| of(*node))
}

fn network() -> String {
    let identities: Vec<String> = (1..=14).map(|n| format!("'+{}'", identity(n))).collect();
    let mut text = format!(
        "[ss7]\ncountry_code = '999'\npseudo_external = [{}]\n[[ss7.gateway]]\npoint_code = 100\nnumber = '+99912340000'\n\
         [ss7.hlr]\nnumber = '+99900100001'\npoint_code = 201\nlisten = '127.0.0.1:0'\n",
        identities.join(", ")
    );
    for (set, node) in NODES.iter().zip(1..) {
        // Writing to a String cannot fail.
        write!(
            text,
            "[[ss7.msc]]\nname = 'msc-{node}'\nnumber = '+9990020000{node}'\npoint_code = {}\nlisten = '127.0.0.1:0'\n\
             capability_set = {set}\n",
            210 + node
        )
        .unwrap();
    }
    let all: Vec<usize> = (0..NODES.len()).collect();
    for (node, row, call) in phones(&all) {
        let phone = phone(node, row, call);
        write!(
            text,
            "[[subscriber]]\nlabel = '{}'\nimsi = '00101000001{phone:04}'\nmsisdn = '{}'\nmsc = 'msc-{}'\n\
             user = {{ answer = 'silent' }}\nposition = {{ latitude = 52.52, longitude = 13.405 }}\n",
            label(phone),
            msisdn(phone),
            node + 1
        )
        .unwrap();
        if call {
            write!(text, "[[subscriber.call]]\nnumber = '{}'\n", table::CLIENT).unwrap();
        }
    }
    text
}

/// The profile of a subscriber with these settings for the client.
fn profile(related: PrivacySetting, unrelated: PrivacySetting) -> Value {
    let clients = |setting| match setting {
        X => json!([]),
        setting => json!([{"number": format!("+{}", table::CLIENT), "setting": word(setting)}]),
    };
    json!({
        "related": {"clients": clients(related), "not_listed": "denied"},
        "unrelated": {"clients": clients(unrelated)},
    })
}

fn word(setting: PrivacySetting) -> &'static str {
    match setting {
        N => "allowed",
        NT => "notify",
        VA => "verify_allow",
        VR => "verify_restrict",
        X => "denied",
    }
}

/// A network, a gateway beside it, and the secret of its client.
struct Beside {
    lab: Lab,
    gateway: Gateway,
    secret: String,
}

impl Beside {
    async fn start() -> Arc<Self> {
        let more = network();
        let lab = Lab::with(&more, "[cache]\nrouting_s = 600\n").await;
        super::process::ok(lab.path(), &["init", "."]).await;
        let gateway = lab.start().await;
        lab.network.connected().await;
        let mut record = client_record(CLIENT);
        record["call_session_identities"] = json!([{"number": format!("+{}", table::CLIENT)}]);
        let secret = gateway.client(CLIENT, record).await;
        let all: Vec<usize> = (0..NODES.len()).collect();
        for (node, row, call) in phones(&all) {
            let (related, unrelated, ..) = TABLE[row];
            let who = who(phone(node, row, call));
            gateway.done(Method::PUT, "/v1/subscriber", Some(&who), Some(&profile(related, unrelated))).await;
        }
        Arc::new(Self { lab, gateway, secret })
    }

    /// What the home register must hold of a subscriber, as the gateway says.
    async fn asked_for(&self, phone: usize) -> Value {
        self.gateway.done(Method::GET, "/v1/subscriber/slpp", Some(&who(phone)), None).await
    }

    /// Writes it there over the control API, as octets.
    async fn provision_as_told(&self, nodes: &[usize]) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let control = self.lab.network.control_address();
        for (node, row, call) in phones(nodes) {
            let phone = phone(node, row, call);
            let hex = self.asked_for(phone).await["map"].clone();
            let url = format!("http://{control}/hlr/lcs-information/{}", label(phone));
            let put = http.put(url).json(&json!({"hex": hex})).send().await.unwrap();
            assert_eq!(put.status().as_u16(), 204);
        }
    }

    /// Writes something else there, past any checker.
    async fn force(&self, spec: &LcsInformationSpec, nodes: &[usize]) {
        for (node, row, call) in phones(nodes) {
            let label = label(phone(node, row, call));
            self.lab.network.provision(&label, spec.data().unwrap()).await.unwrap();
        }
    }

    /// What the gateway says of such data: whether it is sound.
    async fn is_sound(&self, spec: &LcsInformationSpec) -> bool {
        let phone = phone(OLD[0], 0, true);
        let profile = ss7::map::LcsProfile::new(spec.data().unwrap()).unwrap();
        let octets = ss7::map::InsertSubscriberDataArg::of_profile(None, profile).encode();
        let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        let (who, held) = (who(phone), json!({"map": hex}));
        let told = self.gateway.done(Method::POST, "/v1/subscriber/slpp", Some(&who), Some(&held)).await;
        told["sound"] == true
    }

    /// What came of a request of the client about a phone: seen in the answer, and on the screen of a user who does not answer.
    async fn observed(&self, phone: usize) -> PrivacySetting {
        let screens = self.lab.network.screens();
        screens.wipe(&label(phone));
        let mut target = ClientTarget::msisdn(msisdn(phone));
        target.session = Some(CallSession::Dialled(Address::international(table::CLIENT).unwrap()));
        let mut request = Request::new(CLIENT, &self.secret, vec![target]);
        request.active = true;
        let answer = ask(self.gateway.doors.mlp, &request).await;
        let shown: Vec<&str> = screens.of(&label(phone)).iter().map(|sight| sight.shown).collect();
        match (result(&answer), shown[..].first().copied(), shown.len()) {
            (0, None, 0) => N,
            (0, Some("notification"), 1) => NT,
            (0, Some("question_allow"), 1) => VA,
            (202, Some("question_restrict"), 1) => VR,
            (202, None, 0) => X,
            other => panic!("no action of the five: {other:?}"),
        }
    }
}

/// Cases at these nodes that end otherwise than the table has it. A few at a time, so that users do not wait for each other.
async fn mismatches(beside: &Arc<Beside>, nodes: &[usize]) -> Vec<(usize, bool, Row)> {
    let mut under_way = JoinSet::new();
    for node in nodes {
        for call in [true, false] {
            let (beside, node) = (Arc::clone(beside), *node);
            under_way.spawn(async move {
                let mut wrong = Vec::new();
                for (row, of_row) in TABLE.iter().enumerate() {
                    let expected = if call { of_row.2 } else { of_row.3 };
                    if beside.observed(phone(node, row, call)).await != expected {
                        wrong.push((node, call, *of_row));
                    }
                }
                wrong
            });
        }
    }
    under_way.join_all().await.concat()
}

/// 50 cases at each node, and no mismatch: the old nodes know the data that the gateway asked for and the pseudo-external
/// identity, the new one the indicators.
#[tokio::test(flavor = "multi_thread")]
async fn every_pair_ends_alike_at_old_nodes_and_new_ones() {
    let beside = Beside::start().await;
    beside.provision_as_told(&OLD).await;
    assert_eq!(mismatches(&beside, &[NEW]).await, []);
    let new = beside.lab.network.counted();
    // The one pair that allows nothing is barred at the gateway, in a call and out of one.
    assert_eq!((new.psl, new.psl_with_indicators), (48, 48));
    assert_eq!(mismatches(&beside, &OLD).await, []);
    let all = beside.lab.network.counted();
    assert_eq!((all.psl - new.psl, all.psl_with_indicators), (48 * OLD.len() as u64, 48));
    drop_gateway(beside).await;
}

/// What is wrong, the data, the nodes that it deceives, and the identities that go wrong there, in a call or not; `None`: many.
type Trap<'t> = (&'t str, LcsInformationSpec, &'t [usize], Option<&'t [(u8, bool)]>);

/// Each trap of the home register's data, forced past the checker, makes cases fail; and the checker would have found it.
#[tokio::test(flavor = "multi_thread")]
async fn each_trap_is_found_by_the_checker_and_makes_a_case_fail_without_it() {
    let beside = Beside::start().await;
    let good = table::recommended();
    let related = |spec: &mut LcsInformationSpec, how: &dyn Fn(&mut ClassSpec)| how(&mut spec.classes[0]);
    let unrelated = |spec: &mut LcsInformationSpec, how: &dyn Fn(&mut ClassSpec)| how(&mut spec.classes[1]);
    let unlisted = |class: &mut ClassSpec| {
        class.clients.retain(|entry| !["02", "03", "04"].iter().any(|n| entry.number.ends_with(n)));
    };
    let changed = |how: &dyn Fn(&mut LcsInformationSpec)| {
        let mut spec = good.clone();
        how(&mut spec);
        spec
    };
    let loosened: &[(u8, bool)] = &[(2, true), (3, true), (4, true)];
    let traps: [Trap; 7] = [
        (
            "a: the related default left open",
            changed(&|spec| {
                related(spec, &|class| {
                    class.not_listed = None;
                    unlisted(class);
                });
            }),
            &KNOWING,
            Some(loosened),
        ),
        (
            "a: the related default said, and not understood",
            changed(&|spec| related(spec, &unlisted)),
            &UNKNOWING,
            Some(loosened),
        ),
        (
            "b: one number begins with another",
            changed(&|spec| unrelated(spec, &|class| class.clients[0].number = identity(1)[..12].to_owned())),
            &KNOWING,
            None,
        ),
        (
            "c: entries that an old node reads as allowed",
            changed(&|spec| {
                unrelated(spec, &|class| {
                    class.clients.extend([5, 6, 8, 11].map(|n| table::client(&identity(n), X)));
                });
            }),
            &UNKNOWING,
            Some(&[(5, false), (5, true), (6, false), (6, true), (8, false), (8, true), (11, false)]),
        ),
        (
            "d: entries left out",
            changed(&|spec| unrelated(spec, &|class| class.clients.truncate(5))),
            &KNOWING,
            Some(&[(9, false), (10, false), (12, false), (13, false), (14, false)]),
        ),
        (
            "f: the universal class",
            changed(&|spec| spec.classes.push(table::class(ClassWord::Universal, None, Vec::new()))),
            &KNOWING,
            None,
        ),
        (
            "g: an entry that shuts this gateway out",
            changed(&|spec| {
                spec.gmlc_list = vec!["99912349999".to_owned()];
                unrelated(spec, &|class| class.clients[0].through = Some(ThroughWord::GmlcList));
            }),
            &KNOWING,
            Some(&[(1, false), (1, true)]),
        ),
    ];
    for (what, spec, nodes, expected) in traps {
        assert!(!beside.is_sound(&spec).await, "{what}");
        beside.force(&spec, nodes).await;
        let wrong = mismatches(&beside, nodes).await;
        assert!(!wrong.is_empty(), "{what}");
        let found: BTreeSet<(u8, bool)> = wrong.iter().map(|(_, call, row)| (row.4.unwrap(), *call)).collect();
        if let Some(expected) = expected {
            assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{what}");
        }
    }
    beside.force(&good, &OLD).await;
    assert_eq!(mismatches(&beside, &OLD).await, []);
    drop_gateway(beside).await;
}

async fn drop_gateway(beside: Arc<Beside>) {
    let Some(beside) = Arc::into_inner(beside) else { panic!("somebody still asks") };
    beside.gateway.stop().await;
    beside.lab.verified().await;
}
