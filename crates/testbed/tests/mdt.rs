//! MDT in the lab network, over its sockets: consents and jobs on S6a, each point that refuses alone, phones and their users.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

use mdt::{job::TraceJob, rrc::lte};
use mdt_log::open::{CollectorPrivateKey, RootSigner, open_segment, unlock};
use mdt_log::{CollectorKey, KeyId, KeyList, Kind, Suite};
use serde_json::{Value, json};
use std::time::Duration;
use testbed::{
    Network, NetworkOptions,
    mdt_core::{JobOutcome, Mdt},
    mdt_phone::Entropy,
    scenario::Scenario,
};

const SCENARIO: &str = r#"
[network]
realm = "epc.mnc001.mcc001.3gppnetwork.org"
control = "127.0.0.1:0"
# The clock stands but for what tests move it on.
clock_rate = 0.000001
[hss]
host = "hss.epc.mnc001.mcc001.3gppnetwork.org"
listen = "127.0.0.1:0"
[[mme]]
name = "mme-1"
host = "mme1.epc.mnc001.mcc001.3gppnetwork.org"
listen = "127.0.0.1:0"
[[mme]]
name = "mme-2"
host = "mme2.epc.mnc001.mcc001.3gppnetwork.org"
listen = "127.0.0.1:0"
[ran]
seed = 5
[[ran.collector]]
id = 1
address = "192.0.2.7"
[[ran.site]]
latitude = 52.52
longitude = 13.4
[[ran.site.cell]]
cell = 257
tac = 7
pci = 1
[[ran.hole]]
latitude = 52.6
longitude = 13.4
radius_m = 100

[[subscriber]]
label = "willing"
imsi = "001010000000001"
position = { latitude = 52.5209, longitude = 13.4 }
mdt = { consent = true, fix_every_s = 1 }
[[subscriber]]
label = "unasked"
imsi = "001010000000002"
position = { latitude = 52.5209, longitude = 13.4 }
mdt = {}
[[subscriber]]
label = "elsewhere"
imsi = "001010000000003"
position = { latitude = 52.5209, longitude = 13.4 }
mdt = { consent = true, plmns = ["262-02"] }
[[subscriber]]
label = "out"
imsi = "001010000000004"
position = { latitude = 52.5209, longitude = 13.4 }
mdt = { consent = true, opted_out = true }
[[subscriber]]
label = "plain"
imsi = "001010000000005"
position = { latitude = 52.5209, longitude = 13.4 }
"#;

struct Lab {
    network: Network,
    mdt: Mdt,
    private: Vec<CollectorPrivateKey>,
    public: Vec<CollectorKey>,
}

impl Lab {
    async fn start() -> Self {
        // Another test of the program may have been first.
        tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let scenario = Scenario::parse(SCENARIO).unwrap();
        let network = Network::start(&scenario, NetworkOptions::default()).await.unwrap();
        let mdt = network.mdt().unwrap();
        // For the log, and for reports of failures.
        let pair = |(at, suite)| {
            let (private, public) = CollectorPrivateKey::generate(KeyId([at; 8]), suite, &mut Entropy::new([at; 32]));
            (private, CollectorKey::new(KeyId([at; 8]), 1, suite, 0, u64::MAX, public).unwrap())
        };
        let (private, public) = [(1, Suite::Hybrid), (2, Suite::Small)].map(pair).into_iter().unzip();
        Self { network, mdt, private, public }
    }

    /// Phones learn the key over the control API, as signed octets.
    async fn trusted() -> Self {
        let lab = Self::start().await;
        let root = RootSigner::from_seed(&[5; 32]);
        let keys = lab.public.clone();
        let list = KeyList { version: 1, issued_s: 0, expires_s: u64::MAX, keys, receipts: Vec::new() };
        let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        let body = json!({ "list": hex(&root.sign(&list).unwrap()), "root": hex(&root.public()) });
        assert_eq!(lab.ask(reqwest::Method::PUT, "mdt-keys", body).await.0, 204);
        lab
    }

    async fn ask(&self, method: reqwest::Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("http://{}/{path}", self.network.control_address());
        let response = reqwest::Client::new().request(method, url).json(&body).send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask(reqwest::Method::GET, path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn pass(&self, seconds: u64) {
        self.network.phones().clock().advance(Duration::from_secs(seconds));
    }

    async fn one(&self, job: &TraceJob, home_check: bool) -> JobOutcome {
        let outcomes = self.mdt.job(job, home_check).await.unwrap();
        assert_eq!(outcomes.len(), 1);
        outcomes[0].1
    }
}

/// A TraceJob of logged MDT, 5.12 s and 10 minutes.
fn written(target: Value, area: Value) -> Value {
    json!({
        "jobType": "LOGGED_MDT_ONLY",
        "traceCollectionEntityIpAddress": "192.0.2.7",
        "traceReference": { "mcc": "001", "mnc": "01", "traceId": "000001" },
        "traceTarget": target,
        "mdtConfig": {
            "areaScope": area,
            "loggedMDTConfig": {
                "traceCollectionEntityId": 1,
                "loggingDuration": "600s",
                "loggingInterval": { "LTE": ["5.12s"] },
            },
        },
    })
}

fn parse(job: &Value) -> TraceJob {
    TraceJob::from_json(job.to_string().as_bytes()).unwrap()
}

/// A job of one subscriber, by the last digit of its IMSI.
fn of(digit: u32) -> TraceJob {
    let imsi = format!("00101000000000{digit}");
    parse(&written(json!({ "TargetIdType": "IMSI", "TargetIdValue": imsi }), json!([])))
}

fn area(codes: Value) -> Value {
    written(json!({ "TargetIdType": "E-UTRAN_CELL", "TargetIdValue": "any" }), codes)
}

#[tokio::test]
async fn a_job_goes_over_s6a_to_the_phone_and_its_log_says_what_was_true() {
    let lab = Lab::trusted().await;
    assert_eq!(lab.one(&of(1), true).await, JobOutcome::Taken);
    lab.pass(300);
    let status = lab.get("mdt/willing").await;
    assert_eq!(
        (&status["phase"], &status["available"], &status["cell"]),
        (&json!("logging"), &json!(true), &json!(257))
    );
    // 300 s in intervals of 5.12 s.
    assert_eq!(status["entries"], 58);
    let truths = lab.get("mdt/willing/truth").await;
    let offered = lab.mdt.phone("willing", |phone, _| phone.offer()).await.unwrap().unwrap();
    let [segment] = &offered[..] else { panic!("{offered:?}") };
    let unlocked = unlock(&segment.unlock, &lab.private).unwrap();
    let mut entries = Vec::new();
    open_segment(&segment.octets, &lab.private, &unlocked, |record| {
        if record.kind == Kind::Entry {
            entries.push(lte::LogMeasInfo::decode(record.content).unwrap());
        }
    })
    .unwrap();
    assert_eq!(entries.len(), 58);
    for (entry, truth) in entries.iter().zip(truths.as_array().unwrap()) {
        assert_eq!(truth["relative_s"], entry.relative_time_s);
        assert_eq!(truth["serving"]["cell"], entry.serving_cell.cell);
        // RSRP index n holds [n - 141, n - 140) dBm, RSRQ [n/2 - 20, n/2 - 19.5) dB.
        let offset = truth["serving"]["rsrp_dbm"].as_f64().unwrap() + 141.0 - f64::from(entry.serving.rsrp);
        assert!((-1e-4..1.0001).contains(&offset), "{truth}");
        let offset = truth["serving"]["rsrq_db"].as_f64().unwrap() * 2.0 + 40.0 - f64::from(entry.serving.rsrq);
        assert!((-1e-4..1.0001).contains(&offset), "{truth}");
        assert!(entry.location.is_some());
    }
    lab.network.stop().await;
}

#[tokio::test]
async fn home_network_and_mme_refuse_each_alone() {
    let lab = Lab::trusted().await;
    // (whose, what the home network says, what the MME says when the home network does not look)
    for (digit, at_home, at_mme) in [
        (2, JobOutcome::HomeNoConsent, JobOutcome::NoConsent),
        // It consented elsewhere: the home network told this MME so.
        (3, JobOutcome::Taken, JobOutcome::NoConsent),
        (4, JobOutcome::OptedOut, JobOutcome::OptedOut),
    ] {
        let home = lab.one(&of(digit), true).await;
        let expected = if digit == 3 { JobOutcome::NoConsent } else { at_home };
        assert_eq!((home, lab.one(&of(digit), false).await), (expected, at_mme), "{digit}");
    }
    // Consent holds here, the job is for another network: home refuses, and so does the MME by the network that the phone is in.
    let mut job = of(1);
    job.mdt_config.as_mut().unwrap().logged_mdt_config.as_mut().unwrap().plmn_list =
        vec![mdt::job::PlmnId { mcc: "262".into(), mnc: "02".into() }];
    assert_eq!(lab.one(&job, true).await, JobOutcome::HomeNotAllowed);
    assert_eq!(lab.one(&job, false).await, JobOutcome::NotAllowedHere);
    // An address that the radio network has no number for.
    let mut job = of(1);
    job.trace_collection_entity_ip_address = Some("192.0.2.8".parse().unwrap());
    assert_eq!(lab.one(&job, true).await, JobOutcome::UnknownCollector);
    assert_eq!(lab.get("mdt/willing").await["phase"], "idle");
    lab.network.stop().await;
}

#[tokio::test]
async fn a_consent_that_is_taken_back_stops_the_next_job_at_the_mme() {
    let lab = Lab::trusted().await;
    assert_eq!(lab.one(&of(1), false).await, JobOutcome::Taken);
    for (consent, home, mme) in
        [(false, JobOutcome::HomeNoConsent, JobOutcome::NoConsent), (true, JobOutcome::Taken, JobOutcome::Taken)]
    {
        let body = json!({ "consent": consent });
        assert_eq!(lab.ask(reqwest::Method::PUT, "mdt/willing/consent", body).await.0, 204);
        assert_eq!((lab.one(&of(1), true).await, lab.one(&of(1), false).await), (home, mme));
    }
    // Who goes to another MME is known there too.
    let body = json!({ "subscriber": "willing", "mme": "mme-2" });
    assert_eq!(lab.ask(reqwest::Method::POST, "move", body).await.0, 204);
    assert_eq!(lab.one(&of(1), false).await, JobOutcome::Taken);
    let body = json!({ "consent": true, "plmns": ["262-02"] });
    assert_eq!(lab.ask(reqwest::Method::PUT, "mdt/willing/consent", body).await.0, 204);
    assert_eq!(lab.one(&of(1), false).await, JobOutcome::NoConsent);
    // The first MME does not remember the consent of before, had it not been told anew either.
    lab.network.phones().labelled("willing").unwrap().go(None, Some("mme-1".to_owned()));
    assert_eq!(lab.one(&of(1), false).await, JobOutcome::NoConsent);
    lab.network.stop().await;
}

#[tokio::test]
async fn a_job_of_an_area_takes_the_phones_that_may_be_picked() {
    let lab = Lab::trusted().await;
    let outcome = |answer: &Value, label: &str| {
        let all = answer.as_array().unwrap();
        all.iter().find(|became| became["subscriber"] == label).map(|became| became["outcome"].clone())
    };
    let body = json!({ "job": area(json!([["0000101"]])) });
    let (status, answer) = lab.ask(reqwest::Method::POST, "mdt-job", body).await;
    assert_eq!(status, 200, "{answer}");
    for (label, became) in
        [("willing", "taken"), ("unasked", "no_consent"), ("elsewhere", "no_consent"), ("out", "opted_out")]
    {
        assert_eq!(outcome(&answer, label), Some(json!(became)), "{label}: {answer}");
    }
    assert_eq!(outcome(&answer, "plain"), None);
    // Another cell; and a tracking area that is the phone's.
    let (_, answer) = lab.ask(reqwest::Method::POST, "mdt-job", json!({ "job": area(json!([["0000102"]])) })).await;
    assert_eq!(outcome(&answer, "willing"), Some(json!("outside_area")));
    let (_, answer) = lab.ask(reqwest::Method::POST, "mdt-job", json!({ "job": area(json!([["0007"]])) })).await;
    assert_eq!(outcome(&answer, "willing"), Some(json!("taken")));
    // One of the subscriber's own replaces it, and is not replaced while it runs.
    assert_eq!(lab.one(&of(1), true).await, JobOutcome::Taken);
    let again = || lab.ask(reqwest::Method::POST, "mdt-job", json!({ "job": area(json!([])) }));
    assert_eq!(outcome(&again().await.1, "willing"), Some(json!("signalling_job_runs")));
    lab.pass(601);
    assert_eq!(outcome(&again().await.1, "willing"), Some(json!("taken")));
    lab.network.stop().await;
}

#[tokio::test]
async fn users_clear_opt_out_and_come_back() {
    let lab = Lab::trusted().await;
    let does = |what: &str| {
        let body = json!({ "subscriber": "willing", "does": what });
        lab.ask(reqwest::Method::POST, "mdt-user", body)
    };
    assert_eq!(lab.one(&of(1), true).await, JobOutcome::Taken);
    lab.pass(60);
    assert!(lab.get("mdt/willing").await["octets"].as_u64().unwrap() > 0);
    assert_eq!(does("clear").await.0, 204);
    let status = lab.get("mdt/willing").await;
    assert_eq!((&status["octets"], &status["phase"]), (&json!(0), &json!("logging")));
    lab.pass(60);
    assert!(lab.get("mdt/willing").await["octets"].as_u64().unwrap() > 0);
    assert_eq!(does("opt_out").await.0, 204);
    lab.pass(3600);
    let status = lab.get("mdt/willing").await;
    assert_eq!((&status["octets"], &status["phase"]), (&json!(0), &json!("opted_out")));
    assert_eq!((&status["entries"], &status["register_waits"]), (&json!(0), &json!(true)));
    assert_eq!(lab.one(&of(1), true).await, JobOutcome::OptedOut);
    assert_eq!(does("opt_in").await.0, 204);
    assert_eq!(lab.one(&of(1), true).await, JobOutcome::Taken);
    // A phone that is off the network loses job and log, and gets none.
    lab.pass(60);
    let state =
        |state: &str| lab.ask(reqwest::Method::POST, "state", json!({ "subscriber": "willing", "state": state }));
    assert_eq!(state("detached").await.0, 204);
    let status = lab.get("mdt/willing").await;
    assert_eq!((&status["octets"], &status["phase"]), (&json!(0), &json!("idle")));
    assert_eq!(lab.one(&of(1), true).await, JobOutcome::NotServed);
    assert_eq!(state("attached").await.0, 204);
    assert_eq!(lab.one(&of(1), true).await, JobOutcome::Taken);
    lab.network.stop().await;
}

#[tokio::test]
async fn phones_lose_coverage_and_connect() {
    let lab = Lab::trusted().await;
    let connect = |up: bool| {
        let body = json!({ "subscriber": "willing", "up": up });
        lab.ask(reqwest::Method::POST, "mdt-connection", body)
    };
    assert_eq!(connect(true).await.0, 204);
    assert_eq!(lab.get("mdt/willing").await["connected"], true);
    // What is true there can be asked for: it is what the phone hears.
    let here = lab.get("ran?latitude=52.5209&longitude=13.4").await;
    assert_eq!((here.as_array().unwrap().len(), &here[0]["cell"]), (1, &json!(257)));
    assert!(here[0]["rsrp_dbm"].as_f64().unwrap() > -120.0);
    assert_eq!(lab.get("ran?latitude=52.6&longitude=13.4").await, json!([]));
    // Far from the only mast.
    let away = json!({ "subscriber": "willing", "latitude": 52.6, "longitude": 13.4 });
    assert_eq!(lab.ask(reqwest::Method::POST, "move", away).await.0, 204);
    lab.pass(10);
    let status = lab.get("mdt/willing").await;
    assert_eq!((&status["connected"], &status["reports"]), (&json!(false), &json!(1)));
    assert_eq!(connect(true).await.0, 409);
    assert_eq!(lab.one(&of(1), true).await, JobOutcome::NoCoverage);
    lab.network.stop().await;
}

#[tokio::test]
async fn what_nobody_can_do_is_told() {
    let lab = Lab::start().await;
    // No phone knows a key of the collector yet.
    assert_eq!(lab.one(&of(1), true).await, JobOutcome::NoKey);
    for (method, path, body, status) in [
        (reqwest::Method::GET, "mdt/nobody", Value::Null, 404),
        (reqwest::Method::GET, "mdt/plain", Value::Null, 404),
        (reqwest::Method::GET, "ran?latitude=91&longitude=0", Value::Null, 400),
        (reqwest::Method::PUT, "mdt/willing/consent", json!({ "consent": true, "plmns": ["1"] }), 400),
        (reqwest::Method::PUT, "mdt-keys", json!({ "list": "00", "root": "00" }), 400),
        (reqwest::Method::PUT, "mdt-keys", json!({ "list": "0x", "root": "00" }), 400),
        (reqwest::Method::POST, "mdt-user", json!({ "subscriber": "willing", "does": "dance" }), 422),
        (reqwest::Method::POST, "mdt-job", json!({ "job": {} }), 422),
    ] {
        let (told, answer) = lab.ask(method, path, body).await;
        assert_eq!(told, status, "{path}: {answer}");
        assert!(!answer.to_string().contains("00101000"), "{answer}");
    }
    // S6a has no word for events.
    let mut job = of(1);
    let logged = job.mdt_config.as_mut().unwrap().logged_mdt_config.as_mut().unwrap();
    logged.report_type = Some(mdt::job::ReportTypeWord::EventTriggered);
    logged.event_list_for_event_triggered_measurement = Some(mdt::job::EventWord::OutOfCoverage);
    assert!(lab.mdt.job(&job, true).await.unwrap_err().to_string().contains("S6a has no AVP"));
    lab.network.stop().await;
}
