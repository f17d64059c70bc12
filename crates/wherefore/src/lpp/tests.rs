use super::follow::{Keeps, follow};
use super::{HttpRoad, ProfileChange, ProfileChanges, Served, WORDS, router, wire};
use crate::certified::{self, testing::Authority};
use crate::clock;
use crate::config::{self, LppPeer, LppRight};
use crate::pmd::LocalPmd;
use crate::store::Store;
use axum::Router;
use axum::routing::post;
use lcs::{
    Address, ClientName, FormatIndicator, Identities, Imsi, LcsClientId, LcsClientType, LeastPrivacy, LocationRequest,
    LocationType, Msisdn, Priority, PrivacySetting, Pseudonym, Qos, RefusalReason, Target,
};
use privacy::disclosure::Subject;
use privacy::{
    Barred, HomeNetwork, Policy, Ppr, PrivacyCheck, Profile, Refusal, Register, RemotePpr, RuleId, Rules, Standing,
    SubjectSalt, Subscriber,
};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A register that is served over Lpp on loopback.
struct Lpp {
    dir: tempfile::TempDir,
    served: Arc<Served>,
    address: SocketAddr,
    _stop: DropGuard,
}

fn policy() -> Policy {
    Policy::new(HomeNetwork { country_codes: Vec::new(), realms: Vec::new(), node_numbers: Vec::new() })
}

fn person() -> Identities {
    Identities { imsi: Imsi::parse("001010000000001").ok(), msisdn: Msisdn::parse("491701234567").ok(), imei: None }
}

const SALT: SubjectSalt = SubjectSalt::from_octets([7; 16]);

impl Lpp {
    async fn new() -> Self {
        // Harmless when another test has done it.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (Authority::new(dir.path(), "ours"), Authority::new(dir.path(), "theirs"));
        for name in ["register", "gmlc", "plain", "nobody"] {
            ours.signs(name);
        }
        theirs.signs("stranger");
        let register = Register::new();
        let rules = Rules { universal: true, ..Rules::default() };
        let profile = Profile { standing: Standing::default(), rules }.compile().unwrap();
        let subscriber = Subscriber { imsi: person().imsi, msisdn: person().msisdn, salt: SALT };
        register.put(&subscriber, &profile).unwrap();
        let store = config::Store {
            path: dir.path().join("w.db"),
            key_file: dir.path().join("w.key"),
            ..config::Store::default()
        };
        let settings = config::Pmd {
            realm: Some("h.gmlc.example".into()),
            key_file: dir.path().join("pseudonym.keys"),
            ..config::Pmd::default()
        };
        let store = Arc::new(Store::open(&store).await.unwrap());
        let pmd = LocalPmd::open(&settings, store, clock::now()).await.unwrap();
        let served = Arc::new(Served {
            ppr: Ppr::new(Arc::new(register), policy()),
            pmd: Some(Arc::new(pmd)),
            changes: Arc::default(),
        });
        let (address, stop) = serve(&dir, router(Arc::clone(&served))).await;
        Self { dir, served, address, _stop: stop }
    }

    /// A gateway that shows this certificate and trusts this authority.
    fn gateway(&self, name: &str, trusts: &str, address: SocketAddr) -> RemotePpr<HttpRoad> {
        RemotePpr::new(self.road(name, trusts, address, 10_000), policy())
    }

    fn road(&self, name: &str, trusts: &str, address: SocketAddr, timeout_ms: u64) -> HttpRoad {
        let file = |name: String| Some(self.dir.path().join(name));
        let remote = config::PprRemote {
            url: Some(format!("https://localhost:{}", address.port())),
            cert_file: file(format!("{name}.pem")),
            key_file: file(format!("{name}.key")),
            ca_file: file(format!("{trusts}.ca")),
            timeout_ms,
            pseudonyms: true,
        };
        HttpRoad::new(&remote).unwrap().unwrap()
    }

    fn standing(&self, standing: Standing) {
        assert!(self.served.ppr.register().set_standing(&person(), standing));
    }

    async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
        let answer = self.raw().post(format!("https://localhost:{}{path}", self.address.port())).body(body).send();
        let answer = answer.await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    fn raw(&self) -> reqwest::Client {
        let (cert, key) = (self.dir.path().join("plain.pem"), self.dir.path().join("plain.key"));
        let identity = crate::tls::Identity { cert_file: Some(&cert), key_file: Some(&key) };
        let tls = crate::tls::client(&identity, Some(&self.dir.path().join("ours.ca"))).unwrap();
        reqwest::Client::builder().no_proxy().tls_backend_preconfigured((*tls).clone()).build().unwrap()
    }
}

async fn serve(dir: &tempfile::TempDir, router: Router) -> (SocketAddr, DropGuard) {
    let file = |name: &str| Some(dir.path().join(name));
    let peer = |name: &str, allow: &[LppRight]| LppPeer {
        name: name.to_owned(),
        certificate_sha256: Vec::new(),
        certificate_subjects: vec![format!("CN={name}")],
        allow: allow.to_vec(),
    };
    let lpp = config::Lpp {
        listen: "127.0.0.1:0".parse().unwrap(),
        cert_file: file("register.pem"),
        key_file: file("register.key"),
        ca_file: file("ours.ca"),
        timeout_ms: 10_000,
        peer: vec![
            peer("gmlc", &[LppRight::Authorise, LppRight::Pseudonyms, LppRight::Salts]),
            peer("plain", &[LppRight::Authorise]),
        ],
        ..config::Lpp::default()
    };
    let listener = certified::bind(&lpp, &WORDS).await.unwrap().unwrap();
    let address = listener.address().unwrap();
    let stop = CancellationToken::new();
    tokio::spawn(certified::serve(listener, router, stop.clone()));
    (address, stop.drop_guard())
}

fn asked(target: Target) -> LocationRequest {
    LocationRequest {
        account: "fleet".into(),
        client: LcsClientId {
            client_type: LcsClientType::ValueAdded,
            external: Address::international("+4930123456").ok(),
            internal: None,
            dialled: None,
            apn: None,
            name: ClientName::new("Fleet", FormatIndicator::LogicalName).ok(),
            requestor: None,
            call_session_related: false,
        },
        target,
        service_type: None,
        codeword: None,
        location_type: LocationType::Current,
        max_age_s: None,
        qos: Qos::BEST_EFFORT,
        velocity: false,
        priority: Priority::Normal,
        service_coverage: Vec::new(),
        shapes: lcs::gad::ShapeSet::ALL,
        least_privacy: LeastPrivacy::NONE,
    }
}

fn about() -> LocationRequest {
    asked(Target::Msisdn(person().msisdn.unwrap()))
}

fn by_number() -> Identities {
    Identities { imsi: None, ..person() }
}

/// The identities, the setting and the salt of a permit, or why there is none.
async fn ask(gateway: &RemotePpr<HttpRoad>) -> Result<(Identities, PrivacySetting, Subject), Barred> {
    let gmlc = Address::international("+4917100000").unwrap();
    let permit = gateway.authorise(&about(), &by_number(), clock::now(), &gmlc).await?;
    Ok((permit.identities(), permit.settings().0, permit.subject()))
}

const UNANSWERED: Barred = Barred {
    refusal: Refusal { reason: RefusalReason::ProfileUnreadable, rule: RuleId::PprAnswer },
    subject: Subject::Operator,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_asks_a_register_elsewhere() {
    let lpp = Lpp::new().await;
    let gateway = lpp.gateway("gmlc", "ours", lpp.address);
    let allowed = (person(), PrivacySetting::AllowedWithoutNotification, Subject::Subscriber(SALT));
    assert_eq!(ask(&gateway).await, Ok(allowed));
    // Who may not have salts has none, and is answered as well.
    let plain = lpp.gateway("plain", "ours", lpp.address);
    assert_eq!(ask(&plain).await, Ok((allowed.0, allowed.1, Subject::Operator)));
    lpp.standing(Standing { opted_out: true, ..Standing::default() });
    let refusal = Refusal { reason: RefusalReason::OptedOut, rule: RuleId::OptOut };
    assert_eq!(ask(&gateway).await, Err(Barred { refusal, subject: Subject::Subscriber(SALT) }));
    assert_eq!(ask(&plain).await, Err(Barred { refusal, subject: Subject::Operator }));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_may_do_what_its_certificate_allows_and_nothing_else() {
    let lpp = Lpp::new().await;
    // Shown, trusted authority, may ask, may name pseudonyms.
    let cases = [
        ("gmlc", "ours", true, true),
        ("plain", "ours", true, false),
        ("nobody", "ours", false, false),
        ("stranger", "ours", false, false),
        // The register is not who the gateway trusts.
        ("gmlc", "theirs", false, false),
    ];
    let pmd = lpp.served.pmd.as_ref().unwrap();
    let pseudonym = pmd.assign(&person(), "fleet", clock::now()).await.unwrap().pseudonym;
    let gmlc = Address::international("+4917100000").unwrap();
    for (name, trusts, asks, resolves) in cases {
        let gateway = lpp.gateway(name, trusts, lpp.address);
        let told = ask(&gateway).await;
        assert_eq!(told.is_ok(), asks, "{name} {trusts}");
        assert!(asks || told == Err(UNANSWERED), "{name} {trusts}");
        let uncovered = gateway.uncover(&asked(Target::Pseudonym(pseudonym.clone())), "fleet", &gmlc).await;
        assert_eq!(uncovered.unwrap().ok(), resolves.then(person), "{name} {trusts}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pseudonym_is_turned_back_for_its_client_alone() {
    let lpp = Lpp::new().await;
    let gateway = lpp.gateway("gmlc", "ours", lpp.address);
    let pmd = lpp.served.pmd.as_ref().unwrap();
    let gmlc = Address::international("+4917100000").unwrap();
    let mine = pmd.assign(&person(), "fleet", clock::now()).await.unwrap().pseudonym;
    let refused = Err(Refusal { reason: RefusalReason::PseudonymUnresolved, rule: RuleId::PprAnswer });
    let nobodys = Pseudonym::new("nobody".into()).unwrap();
    for (pseudonym, account, expected) in
        [(&mine, "fleet", Ok(person())), (&mine, "shop", refused), (&nobodys, "fleet", refused)]
    {
        let request = asked(Target::Pseudonym(pseudonym.clone()));
        assert_eq!(gateway.uncover(&request, account, &gmlc).await, Some(expected), "{account}");
    }
    // A bar is told after the name.
    lpp.standing(Standing { switched_off: true, ..Standing::default() });
    assert_eq!(gateway.uncover(&asked(Target::Pseudonym(mine)), "fleet", &gmlc).await, Some(Ok(person())));
    assert_eq!(gateway.uncover(&about(), "fleet", &gmlc).await, None);
}

/// Down, slow, and every answer that is none: refused, and nothing is asked twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_is_down_slow_or_strange_is_a_refusal() {
    let lpp = Lpp::new().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    // Listens and never answers.
    let slow = RemotePpr::new(lpp.road("gmlc", "ours", address, 50), policy());
    assert_eq!(ask(&slow).await, Err(UNANSWERED));
    drop(silent);
    assert_eq!(ask(&slow).await, Err(UNANSWERED));
    let id = "00".repeat(16);
    let allow = json!({"unrelated": "allowed_without_notification", "rule": "universal-class"});
    let target = json!({"msisdn": "491701234567"});
    let bodies = [
        String::new(),
        "{}".into(),
        "null".into(),
        "<html>".into(),
        "x".repeat(100_000),
        json!({"request_id": id, "target": target, "allow": allow}).to_string(),
        json!({"request_id": id, "target": target, "allow": allow, "bar": {}}).to_string(),
        json!({"request_id": id, "target": target}).to_string(),
    ];
    for (status, body) in bodies
        .into_iter()
        .map(|body| (200, body))
        .chain([(200, "true".into())])
        .chain([201, 204, 301, 400, 403, 404, 418, 500, 503].map(|status| (status, String::new())))
    {
        let count = Arc::new(Mutex::new(0));
        let (counted, body) = (Arc::clone(&count), body.clone());
        let answer = move || {
            *counted.lock().unwrap() += 1;
            let answer = (axum::http::StatusCode::from_u16(status).unwrap(), body.clone());
            core::future::ready(answer)
        };
        let (address, _stop) = serve(&lpp.dir, Router::new().route(wire::AUTHORISATION, post(answer))).await;
        assert_eq!(ask(&lpp.gateway("gmlc", "ours", address)).await, Err(UNANSWERED), "{status}");
        assert_eq!(*count.lock().unwrap(), 1, "{status}");
    }
    // What answers with the same name is an answer, so that the others above are none for what they say.
    let echo = move |body: axum::body::Bytes| {
        let asked: Value = serde_json::from_slice(&body).unwrap();
        let answer = json!({"request_id": asked["request_id"], "target": asked["target"], "allow": allow});
        core::future::ready(axum::Json(answer))
    };
    let (address, _stop) = serve(&lpp.dir, Router::new().route(wire::AUTHORISATION, post(echo))).await;
    assert!(ask(&lpp.gateway("gmlc", "ours", address)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_none_are_refused_without_being_repeated() {
    let lpp = Lpp::new().await;
    let secret = "4917012345678";
    let request = |target: Value| {
        json!({
            "request_id": "00".repeat(16), "stage": "before_positioning", "target": target,
            "call_session_related": false, "client": {"type": "plmn_operator", "account": "om", "internal": "broadcast"},
            "gmlc": "+4917100000", "location_type": "current"
        })
    };
    let cases = [
        (wire::AUTHORISATION, String::new(), 400),
        (wire::AUTHORISATION, json!({"target": secret}).to_string(), 400),
        (wire::AUTHORISATION, "x".repeat(20_000), 413),
        (wire::AUTHORISATION, request(json!({"msisdn": format!("x{secret}")})).to_string(), 422),
        (wire::AUTHORISATION, request(json!({"pseudonym": secret})).to_string(), 403),
        (wire::AUTHORISATION, request(json!({"msisdn": secret})).to_string(), 200),
        (wire::STANDING, json!({"request_id": "00".repeat(16), "target": {}, "by_default": false}).to_string(), 422),
        (wire::STANDING, "{".into(), 400),
        (wire::PROFILE_UPDATES, "{}".into(), 400),
        ("/lpp/v2/authorisation", String::new(), 404),
    ];
    for (path, body, expected) in cases {
        let (status, answer) = lpp.post(path, body.clone()).await;
        assert_eq!(status, expected, "{body} {answer}");
        assert!(status == 200 || !answer.contains(secret), "{answer}");
    }
}

/// Members of a schema of the document.
fn members(document: &Value, schema: &str) -> Vec<String> {
    let properties = &document["components"]["schemas"][schema]["properties"];
    properties.as_object().unwrap_or_else(|| panic!("{schema}")).keys().cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_of_the_routes_and_their_members() {
    let lpp = Lpp::new().await;
    let document = lpp.raw().get(format!("https://localhost:{}/lpp/v1/openapi.json", lpp.address.port()));
    let document: Value = serde_json::from_str(&document.send().await.unwrap().text().await.unwrap()).unwrap();
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, [wire::AUTHORISATION, wire::PROFILE_UPDATES, wire::STANDING]);
    // Each route of the document is there.
    for path in paths {
        assert_eq!(lpp.post(path, "").await.0, 400, "{path}");
    }
    let mut request = members(&document, "AuthorisationRequest");
    request.sort();
    assert_eq!(
        request,
        [
            "call_session_related",
            "capability_sets",
            "change_of_area",
            "client",
            "codeword",
            "deferred",
            "estimate",
            "gmlc",
            "least_privacy",
            "location_type",
            "motion",
            "periodic",
            "request_id",
            "service_type",
            "stage",
            "target",
            "velocity"
        ]
    );
    let mut allow = members(&document, "Allow");
    allow.sort();
    assert_eq!(
        allow,
        [
            "additional_check",
            "additional_notification",
            "by_default",
            "coarsen_m",
            "codeword_to_ue",
            "home_plmn_only",
            "mo_lr_short_circuit",
            "pseudo_external",
            "related",
            "rule",
            "unrelated"
        ]
    );
    assert_eq!(document["components"]["schemas"]["Setting"]["enum"].as_array().unwrap().len(), 5);
}

/// What a gateway keeps, as a list of what it was told to drop.
#[derive(Default)]
struct Kept {
    dropped: Mutex<Vec<Option<Identities>>>,
    told: tokio::sync::Notify,
}

impl Kept {
    fn note(&self, dropped: Option<Identities>) {
        self.dropped.lock().unwrap().push(dropped);
        self.told.notify_one();
    }

    async fn until(&self, count: usize) -> Vec<Option<Identities>> {
        loop {
            let told = self.told.notified();
            let dropped = self.dropped.lock().unwrap().clone();
            if dropped.len() >= count {
                return dropped;
            }
            told.await;
        }
    }
}

impl Keeps for Kept {
    fn drop_of(&self, whose: &Identities) {
        self.note(Some(*whose));
    }

    fn drop_all(&self) {
        self.note(None);
    }
}

/// TS 23.271 clause 9.1.1.2.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_reaches_the_gateway() {
    let lpp = Lpp::new().await;
    let kept = Arc::new(Kept::default());
    let (road, following) = (lpp.road("plain", "ours", lpp.address, 10_000), Arc::clone(&kept));
    let task = tokio::spawn(async move { follow(road, &*following).await });
    // It may have missed anything before.
    assert_eq!(kept.until(1).await, [None]);
    lpp.served.changes.note(person(), ProfileChange::Changed);
    assert_eq!(kept.until(2).await, [None, Some(person())]);
    lpp.served.changes.note(by_number(), ProfileChange::Erased);
    assert_eq!(kept.until(3).await, [None, Some(person()), Some(by_number())]);
    task.abort();
}

#[tokio::test]
async fn changes_are_told_in_order_and_at_least_once_or_missing_is_said() {
    let changes = ProfileChanges::default();
    let start = changes.told(None, 0);
    assert!(start.resync && start.updates.is_empty());
    let feed = Some(start.feed.0);
    for _ in 0..300 {
        changes.note(person(), ProfileChange::Changed);
    }
    // Not acknowledged, it is told again; acknowledged, the next come.
    let first = changes.after(feed, 0).await;
    assert_eq!((first.updates.len(), first.last, first.resync), (128, 128, false));
    assert!(changes.after(feed, 0).await == first);
    let second = changes.after(feed, first.last).await;
    let third = changes.after(feed, second.last).await;
    assert_eq!((third.updates.len(), third.last), (44, 300));
    // Nothing more, and nothing is made up.
    let none = changes.told(feed, 300);
    assert_eq!((none.updates.len(), none.last, none.resync), (0, 300, false));
    // Acknowledged what was never told, another feed, or out of the queue.
    assert!(changes.told(feed, 301).resync);
    assert!(changes.told(Some(privacy::LppId([1; 16])), 300).resync);
    for _ in 0..4096 {
        changes.note(person(), ProfileChange::Changed);
    }
    assert!(changes.told(feed, 299).resync);
    assert!(!changes.told(feed, 300).resync);
    // Whoever waits is woken.
    let changes = Arc::new(changes);
    let last = changes.told(None, 0).last;
    let waiting = {
        let changes = Arc::clone(&changes);
        tokio::spawn(async move { changes.after(feed, last).await })
    };
    tokio::task::yield_now().await;
    changes.note(by_number(), ProfileChange::Erased);
    assert_eq!(waiting.await.unwrap().updates.len(), 1);
}
