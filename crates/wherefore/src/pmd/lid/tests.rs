use super::client::RemotePmd;
use super::{WORDS, router};
use crate::certified::{self, testing::Authority};
use crate::clock;
use crate::config::{self, LidPeer, LidRight};
use crate::pmd::{LocalPmd, PseudonymError, Revoke};
use crate::store::Store;
use lcs::{Duration, Identities, Imsi, Msisdn, Pseudonym, Timestamp};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A device that is served over Lid on loopback.
struct Served {
    dir: tempfile::TempDir,
    pmd: Arc<LocalPmd>,
    address: SocketAddr,
    _stop: DropGuard,
}

impl Served {
    async fn new() -> Self {
        // Harmless when another test has done it.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let dir = tempfile::tempdir().unwrap();
        let ours = Authority::new(dir.path(), "ours");
        let theirs = Authority::new(dir.path(), "theirs");
        let resolver = ours.signs("resolver");
        for name in ["device", "assigner", "nobody"] {
            ours.signs(name);
        }
        theirs.signs("stranger");
        let file = |name: &str| Some(dir.path().join(name));
        let peer = |name: &str, prints: Vec<String>, subjects: Vec<String>, allow| LidPeer {
            name: name.to_owned(),
            certificate_sha256: prints,
            certificate_subjects: subjects,
            allow,
        };
        let lid = config::Lid {
            listen: "127.0.0.1:0".parse().unwrap(),
            cert_file: file("device.pem"),
            key_file: file("device.key"),
            ca_file: file("ours.ca"),
            timeout_ms: 10_000,
            peer: vec![
                peer("gmlc2", vec![resolver], Vec::new(), vec![LidRight::Resolve]),
                peer("sms", Vec::new(), vec!["CN=assigner".to_owned()], vec![LidRight::Assign]),
            ],
            ..config::Lid::default()
        };
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
        let pmd = Arc::new(LocalPmd::open(&settings, store, clock::now()).await.unwrap());
        let listener = certified::bind(&lid, &WORDS).await.unwrap().unwrap();
        let address = listener.address().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(certified::serve(listener, router(Arc::clone(&pmd)), stop.clone()));
        Self { dir, pmd, address, _stop: stop.drop_guard() }
    }

    /// A gateway that shows this certificate and trusts this authority.
    fn as_gateway(&self, name: &str, trusts: &str) -> RemotePmd {
        self.gateway_of(name, trusts, self.address)
    }

    fn gateway_of(&self, name: &str, trusts: &str, address: SocketAddr) -> RemotePmd {
        let file = |name: String| Some(self.dir.path().join(name));
        let remote = config::PmdRemote {
            url: Some(format!("https://localhost:{}", address.port())),
            cert_file: file(format!("{name}.pem")),
            key_file: file(format!("{name}.key")),
            ca_file: file(format!("{trusts}.ca")),
            timeout_ms: 10_000,
        };
        RemotePmd::new(&remote).unwrap().unwrap()
    }

    /// Sends a body as a gateway: status and the octets of the answer.
    async fn post(&self, name: &str, path: &str, body: impl Into<reqwest::Body>) -> (StatusCode, String) {
        let answer = self.raw(name).post(format!("https://localhost:{}{path}", self.address.port())).body(body).send();
        let answer = answer.await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    fn raw(&self, name: &str) -> reqwest::Client {
        let (cert, key) = (self.dir.path().join(format!("{name}.pem")), self.dir.path().join(format!("{name}.key")));
        let identity = crate::tls::Identity { cert_file: Some(&cert), key_file: Some(&key) };
        let tls = crate::tls::client(&identity, Some(&self.dir.path().join("ours.ca"))).unwrap();
        reqwest::Client::builder().no_proxy().tls_backend_preconfigured((*tls).clone()).build().unwrap()
    }
}

fn person() -> Identities {
    Identities { imsi: Imsi::parse("001010000000001").ok(), msisdn: Msisdn::parse("491701234567").ok(), imei: None }
}

fn soon() -> Timestamp {
    clock::now().after(Duration::from_secs(10))
}

fn refused(result: Result<Identities, privacy::Unresolved>) -> bool {
    result.is_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_gateway_has_it_assigned_and_another_has_it_turned_back() {
    let served = Served::new().await;
    let (sms, gmlc) = (served.as_gateway("assigner", "ours"), served.as_gateway("resolver", "ours"));
    for who in [person(), Identities { imsi: None, ..person() }, Identities { msisdn: None, ..person() }] {
        let assigned = sms.assign(&who, "fleet").await.unwrap();
        assert_eq!(gmlc.resolve(&assigned.pseudonym, "fleet", soon()).await, Ok(who));
        let own = served.pmd.assign(&who, "fleet", clock::now()).await.unwrap();
        assert_eq!((own.pseudonym, own.ends.secs()), (assigned.pseudonym, assigned.ends.secs()));
    }
    let given = sms.assign(&person(), "fleet").await.unwrap().pseudonym;
    assert!(refused(gmlc.resolve(&given, "shop", soon()).await));
    served.pmd.revoke(Revoke::Pair(&person(), "fleet"), clock::now()).await.unwrap();
    assert!(refused(gmlc.resolve(&given, "fleet", soon()).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_may_do_what_its_certificate_allows_and_nothing_else() {
    let served = Served::new().await;
    let given = served.pmd.assign(&person(), "fleet", clock::now()).await.unwrap().pseudonym;
    // Shown, trusted authority, may assign, may resolve.
    let cases = [
        ("assigner", "ours", true, false),
        ("resolver", "ours", false, true),
        ("nobody", "ours", false, false),
        ("stranger", "ours", false, false),
        // The device is not who the gateway trusts.
        ("resolver", "theirs", false, false),
        ("assigner", "theirs", false, false),
    ];
    for (name, trusts, assigns, resolves) in cases {
        let gateway = served.as_gateway(name, trusts);
        let told = gateway.assign(&person(), "fleet").await;
        assert_eq!(told.is_ok(), assigns, "{name} {trusts}");
        assert_eq!(!refused(gateway.resolve(&given, "fleet", soon()).await), resolves, "{name} {trusts}");
        if let Err(error) = told {
            let expected = if name == "stranger" || trusts == "theirs" { "unreachable" } else { "forbidden" };
            assert!(matches!(error, PseudonymError::Remote(word) if word == expected), "{name} {trusts}: {error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pseudonym_that_does_not_resolve_has_the_same_answer() {
    let served = Served::new().await;
    let given = served.pmd.assign(&person(), "fleet", clock::now()).await.unwrap().pseudonym;
    let text = given.expose().to_owned();
    let other = Identities { imsi: Imsi::parse("001010000000002").ok(), ..Identities::default() };
    let revoked = served.pmd.assign(&other, "fleet", clock::now()).await.unwrap().pseudonym;
    served.pmd.revoke(Revoke::Subscriber(&other), clock::now()).await.unwrap();
    let flipped = text.replacen(|c: char| c.is_ascii_digit() || c.is_ascii_lowercase(), "Z", 1);
    let (short, elsewhere, long) = (&text[..text.len() - 1], text.replace("h.gmlc", "x.gmlc"), "A".repeat(600));
    let wrong: [(&str, &str); 7] = [
        ("shop", text.as_str()),
        ("fleet", flipped.as_str()),
        ("fleet", short),
        ("fleet", elsewhere.as_str()),
        ("fleet", revoked.expose()),
        ("fleet", ""),
        ("fleet", long.as_str()),
    ];
    let mut answers = std::collections::BTreeSet::new();
    for (client, pseudonym) in wrong {
        let body = json!({"client": client, "pseudonym": pseudonym}).to_string();
        answers.insert(served.post("resolver", "/lid/v1/resolve", body).await);
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers.first().unwrap().0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_none_are_refused_without_being_repeated() {
    let served = Served::new().await;
    let secret = "4917012345678";
    let cases = [
        ("resolver", "/lid/v1/resolve", String::new(), StatusCode::BAD_REQUEST),
        ("resolver", "/lid/v1/resolve", "{".to_owned(), StatusCode::BAD_REQUEST),
        ("resolver", "/lid/v1/resolve", json!({"client": secret}).to_string(), StatusCode::BAD_REQUEST),
        ("resolver", "/lid/v1/resolve", "x".repeat(5000), StatusCode::PAYLOAD_TOO_LARGE),
        (
            "assigner",
            "/lid/v1/assign",
            json!({"client": "a", "subscriber": {}}).to_string(),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "assigner",
            "/lid/v1/assign",
            json!({"client": "a", "subscriber": {"msisdn": format!("x{secret}")}}).to_string(),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "assigner",
            "/lid/v1/assign",
            json!({"client": "", "subscriber": {"msisdn": secret}}).to_string(),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        ("assigner", "/lid/v2/assign", String::new(), StatusCode::NOT_FOUND),
    ];
    for (name, path, body, expected) in cases {
        let (status, answer) = served.post(name, path, body.clone()).await;
        assert_eq!(status, expected, "{body}");
        assert!(!answer.contains(secret), "{answer}");
    }
    let document = served.raw("nobody").get(format!("https://localhost:{}/lid/v1/openapi.json", served.address.port()));
    let document: Value = serde_json::from_str(&document.send().await.unwrap().text().await.unwrap()).unwrap();
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/lid/v1/assign", "/lid/v1/resolve"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_down_slow_or_strange_is_a_refusal() {
    let served = Served::new().await;
    let given = served.pmd.assign(&person(), "fleet", clock::now()).await.unwrap().pseudonym;
    // Nobody listens.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    // Listens and never answers: no time is left for it.
    let slow = served.gateway_of("resolver", "ours", address);
    assert!(refused(slow.resolve(&given, "fleet", clock::now().after(Duration::from_millis(50))).await));
    drop(silent);
    assert!(refused(slow.resolve(&given, "fleet", soon()).await));
    let told = slow.assign(&person(), "fleet").await;
    assert!(matches!(told, Err(PseudonymError::Remote("unreachable"))));
    // Past its deadline a request asks nobody.
    assert!(refused(served.as_gateway("resolver", "ours").resolve(&given, "fleet", Timestamp::from_secs(1)).await));
}

#[test]
fn answers_that_are_none_name_nobody() {
    use super::wire::{AssignAnswer, Subscriber};
    for text in [r#"{}"#, r#"{"msisdn": ""}"#, r#"{"imsi": "12"}"#, r#"{"msisdn": "49170", "imsi": "x"}"#] {
        let subscriber: Subscriber = serde_json::from_str(text).unwrap();
        assert_eq!(subscriber.identities(), None, "{text}");
    }
    let answer = |pseudonym: String| AssignAnswer { pseudonym, rotates: 1, ends: 2 }.assigned();
    assert_eq!(answer(String::new()), None);
    assert_eq!(answer("x".repeat(513)), None);
    assert_eq!(answer("x".into()).unwrap().pseudonym, Pseudonym::new("x".into()).unwrap());
}
