//! Consent at planner, core network and collector: what the register says reaches all three, and each refuses alone (TS 32.422 clause 4.9.1, B21).

use super::keeping::exported;
use super::network::NETWORK;
use super::phone::entry;
use super::scene::{CELL, IMSI, LONDON, PLMN, Scene, reference};
use mdt::job::TraceJob;
use mdt_log::{CloseReason, Suite};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use testbed::mdt_core::{JobOutcome, Mdt};
use testbed::{Network, NetworkOptions, scenario::Scenario};

/// The job of the subscriber, for LTE.
const JOB: u8 = 0x0B;

fn job() -> Value {
    json!({
        "jobType": "LOGGED_MDT_ONLY",
        "traceReference": {"mcc": "234", "mnc": "15", "traceId": format!("0000{JOB:02x}")},
        "traceTarget": {"TargetIdType": "IMSI", "TargetIdValue": "234150000000001"},
        "mdtConfig": {"loggedMDTConfig": {
            "traceCollectionEntityId": 1, "loggingDuration": "600s", "loggingInterval": {"LTE": ["5.12s"]},
            "plmnList": [{"mcc": "234", "mnc": "15"}],
        }},
    })
}

struct World {
    scene: Scene,
    network: Network,
    mdt: Mdt,
    job: TraceJob,
}

impl World {
    async fn new() -> Self {
        let scene = Scene::without_jobs("").await;
        scene.gateway.done(Method::POST, "/v1/mdt/jobs", None, Some(&job())).await;
        // The home network knows nothing but what it is told.
        let scenario = NETWORK.replace("consent = true", "consent = false");
        let network = Network::start(&Scenario::parse(&scenario).unwrap(), NetworkOptions::default()).await.unwrap();
        let mdt = network.mdt().unwrap();
        mdt.trust(&scene.list).unwrap();
        let job = TraceJob::from_json(job().to_string().as_bytes()).unwrap();
        Self { scene, network, mdt, job }
    }

    /// Whether the planner chooses the subscriber; if not, why.
    async fn planned(&self) -> Result<(), String> {
        let body = json!({"job": format!("234-15-0000{JOB:02x}"),
            "candidates": [{"subscriber": IMSI, "registered": "234-15"}]});
        let told = self.scene.gateway.done(Method::POST, "/v1/mdt/selection", None, Some(&body)).await;
        if told["chosen"] == json!([{"candidate": 0, "plmns": ["234-15"]}]) {
            assert_eq!(told["not_chosen"], json!({}));
            return Ok(());
        }
        assert_eq!(told["chosen"], json!([]));
        Err(told["not_chosen"].as_object().unwrap().keys().next().unwrap().clone())
    }

    /// What the core makes of the job; `home_check`: whether the home network looks.
    async fn given(&self, home_check: bool) -> JobOutcome {
        self.mdt.job(&self.job, home_check).await.unwrap()[0].1
    }

    /// The home network holds this, whatever the register says, and tells the MME.
    async fn home(&self, consent: bool) {
        self.mdt.consent("phone", consent, None).await.unwrap();
    }

    /// What the register says to a home network goes there.
    async fn pass_on(&self) {
        let word = self.scene.gateway.done(Method::GET, "/v1/consent/am-data/234-15", Some(IMSI), None).await;
        self.home(word["mdtUserConsent"] == "CONSENT_GIVEN").await;
    }

    /// Kept, not wanted, unreadable of a log that some phone made for the job.
    async fn collected(&self) -> (u32, u32, u32) {
        let (mut phone, key) = (super::phone::Phone::new(), self.scene.key(Suite::Hybrid));
        let entries: Vec<_> = (1..=3).map(|at| entry(5 * at, PLMN, CELL, Some(LONDON))).collect();
        let segment = phone.segment(key, &reference(JOB), b"", &entries, Some(CloseReason::Upload)).unwrap();
        let unlock = phone.unlock(key).unwrap();
        let answer = self.scene.uploader().begin(&segment.octets, Some(&unlock)).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        self.scene.counts(&answer.body)
    }

    async fn says(&self, path: &str, body: Value) {
        self.scene.gateway.done(Method::POST, path, Some(IMSI), Some(&body)).await;
    }
}

/// B21: a job on a subscriber without consent is refused by planner, core and collector, each alone while the other two let it through.
#[tokio::test(flavor = "multi_thread")]
async fn b21_each_of_the_three_points_refuses_alone() {
    let world = World::new().await;
    // The planner alone: the home network was made to believe in a consent, and by the time a log arrives there is one.
    assert_eq!(world.planned().await, Err("not-informed".to_owned()));
    assert_eq!(world.given(true).await, JobOutcome::HomeNoConsent);
    world.home(true).await;
    assert_eq!(world.given(true).await, JobOutcome::Taken);
    world.network.phones().clock().advance(Duration::from_secs(60));
    world.scene.consent("exact", true, &["234-15"]).await;
    assert_eq!(world.mdt.upload("phone", &world.scene.uploader()).await.unwrap(), 1);
    assert_eq!(world.collected().await, (3, 0, 0));
    // The core alone: home network, and where that does not look, the MME.
    world.home(false).await;
    assert_eq!(world.planned().await, Ok(()));
    assert_eq!(world.given(true).await, JobOutcome::HomeNoConsent);
    assert_eq!(world.given(false).await, JobOutcome::NoConsent);
    assert_eq!(world.collected().await, (3, 0, 0));
    // The collector alone: chosen and given, and then the person says no.
    world.home(true).await;
    assert_eq!((world.planned().await, world.given(true).await), (Ok(()), JobOutcome::Taken));
    world.network.phones().clock().advance(Duration::from_secs(60));
    let no = json!({"purpose": "logged-mdt", "given": false, "source": "person", "notice": "drive-tests", "version": 1,
        "evidence_sha256": "0".repeat(64)});
    world.says("/v1/consent/decision", no).await;
    assert_eq!(world.given(true).await, JobOutcome::Taken, "nobody told the home network");
    world.network.phones().clock().advance(Duration::from_secs(60));
    assert_eq!(world.mdt.upload("phone", &world.scene.uploader()).await.unwrap(), 1);
    assert_eq!(world.collected().await, (0, 4, 0));
    let World { scene, network, .. } = world;
    network.stop().await;
    // 60 s in intervals of 5.12 s from the first phone's log, and twice three of the others.
    let (_, own) = exported(&scene, "own", &["--subscriber", IMSI]).await;
    assert_eq!((own.len(), scene.rows().await.len()), (11 + 2 * 3, 0), "a folder tells those of nobody");
}

/// A change in the register reaches home network and MME: granted, taken back, opted out.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_register_says_reaches_the_core() {
    let world = World::new().await;
    world.pass_on().await;
    assert_eq!((world.given(true).await, world.given(false).await), (JobOutcome::HomeNoConsent, JobOutcome::NoConsent));
    world.scene.consent("exact", false, &["234-15"]).await;
    assert_eq!(world.planned().await, Err("not-identified".to_owned()), "agreed, and not to a job of one subscriber");
    world.pass_on().await;
    assert_eq!((world.given(true).await, world.given(false).await), (JobOutcome::Taken, JobOutcome::Taken));
    world.says("/v1/consent/opt-out", json!({"source": "person"})).await;
    world.pass_on().await;
    assert_eq!((world.given(true).await, world.given(false).await), (JobOutcome::HomeNoConsent, JobOutcome::NoConsent));
    assert_eq!(world.planned().await, Err("opted-out".to_owned()));
    world.network.stop().await;
}

/// The planner of an area: whoever agreed and is not overburdened, by lot, and of the others counts alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_planner_chooses_for_an_area_and_names_nobody() {
    let scene = Scene::new("least_allowed = 2\nmost_selected = 2\nduty_jobs = 1\n").await;
    let area = super::scene::trace(super::scene::AREA);
    let select = async |candidates: Value| {
        let body = json!({"job": area, "candidates": candidates});
        scene.gateway.admin(Method::POST, "/v1/mdt/selection", None, Some(&body)).await
    };
    let of = |digit: u32| json!({"subscriber": format!("imsi:23415000000000{digit}"), "registered": "234-15"});
    scene.consent("exact", false, &["234-15"]).await;
    // One who agreed is no area: not even the counts are told.
    let (status, told) = select(json!([of(1), of(2)])).await;
    assert_eq!((status, told), (StatusCode::OK, json!({"chosen": [], "area_refused": true, "not_chosen": {}})));
    scene.consent_of("imsi:234150000000002", "exact", false, &["234-15"]).await;
    let (_, told) = select(json!([of(3), of(1), of(2), of(4)])).await;
    let mut chosen: Vec<_> = told["chosen"].as_array().unwrap().iter().map(|of| of["candidate"].as_u64()).collect();
    chosen.sort_unstable();
    assert_eq!((chosen, &told["area_refused"]), (vec![Some(1), Some(2)], &json!(false)));
    assert_eq!(told["not_chosen"], json!({"not-informed": "few"}));
    for chosen in told["chosen"].as_array().unwrap() {
        assert_eq!(chosen["plmns"], json!(["234-15"]));
        // What the log brings back, and the collector takes.
        let reference = super::scene::unhex(chosen["reference"].as_str().unwrap());
        let (segment, unlock) = scene.segment(super::scene::AREA, &super::scene::entries(2), &reference);
        let answer = scene.uploader().begin(&segment.octets, Some(&unlock)).await.unwrap();
        assert_eq!(scene.counts(&answer.body), (2, 0, 0));
    }
    assert!(!told.to_string().contains("23415000"), "{told}");
    // Their duty is done for today.
    let (_, told) = select(json!([of(1), of(2)])).await;
    assert_eq!(told["not_chosen"], json!({"duty": "few"}));
    // What cannot be asked about.
    for (candidates, wanted) in [
        (json!([{"subscriber": "imsi:x", "registered": "234-15"}]), StatusCode::UNPROCESSABLE_ENTITY),
        (json!([{"subscriber": "imsi:234150000000001", "registered": "23415"}]), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(select(candidates).await.0, wanted);
    }
    let unknown = json!({"job": "234-15-0000ff", "candidates": []});
    let (status, _) = scene.gateway.admin(Method::POST, "/v1/mdt/selection", None, Some(&unknown)).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let one = json!({"job": super::scene::trace(super::scene::SUBSCRIBER), "candidates": [of(2)]});
    let (status, _) = scene.gateway.admin(Method::POST, "/v1/mdt/selection", None, Some(&one)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "another person than the job's");
}

/// Whoever a job names by the phone is a candidate by the phone.
#[tokio::test(flavor = "multi_thread")]
async fn the_planner_takes_a_candidate_by_imei() {
    const IMEI: &str = "imei:490154203237518";
    let scene = Scene::without_jobs("").await;
    let mut job = job();
    job["traceTarget"] = json!({"TargetIdType": "IMEI", "TargetIdValue": "490154203237518"});
    scene.gateway.done(Method::POST, "/v1/mdt/jobs", None, Some(&job)).await;
    scene.consent_of(IMEI, "exact", true, &["234-15"]).await;
    let body = json!({"job": format!("234-15-0000{JOB:02x}"),
        "candidates": [{"subscriber": IMEI, "registered": "234-15"}]});
    let told = scene.gateway.done(Method::POST, "/v1/mdt/selection", None, Some(&body)).await;
    assert_eq!(told["chosen"], json!([{"candidate": 0, "plmns": ["234-15"]}]));
    // By which the operator finds rows, too.
    let subject = scene.gateway.done(Method::GET, "/v1/mdt/subject", Some(IMEI), None).await;
    assert_eq!(subject["subject"].as_str().map(str::len), Some(32));
    let erased = scene.gateway.done(Method::POST, "/v1/mdt/erase", Some(IMEI), Some(&json!({}))).await;
    assert_eq!(erased["rows"], 0);
}

/// The same by the command line: a table or JSON, no identity in either, and status 1 when nobody is chosen.
#[tokio::test(flavor = "multi_thread")]
async fn the_planner_by_command() {
    let scene = Scene::new("least_allowed = 2\nmost_selected = 1\nduty_jobs = 1\n").await;
    let people = ["imsi:234150000000001", "imsi:234150000000002"];
    for who in people {
        scene.consent_of(who, "exact", false, &["234-15"]).await;
    }
    let admin = format!("http://{}", scene.gateway.doors.admin);
    let (directory, area) = (scene.lab.path(), super::scene::trace(super::scene::AREA));
    let select = async |candidates: &str, more: &[&str]| {
        std::fs::write(directory.join("people.txt"), candidates).unwrap();
        let command = ["mdt", "select", &area, "--candidates", "people.txt", "--admin", &admin];
        let output = super::process::run(directory, &[&command, more].concat()).await;
        let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(!told.contains("23415000"), "{told}");
        (output.status.code(), told)
    };
    let lines = format!("# who is there\n{},234-15\n\n{}, 234-15\nimsi:234150000000009,234-15\n", people[0], people[1]);
    let (status, told) = select(&lines, &[]).await;
    assert!(status == Some(0) && told.contains("not chosen: enough few, not-informed few"), "{told}");
    // As JSON, in and out. Whoever was chosen has done their duty.
    let list = people.map(|who| json!({"subscriber": who, "registered": "234-15"}));
    let (status, told) = select(&json!(list).to_string(), &["--json"]).await;
    let view: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((status, &view["not_chosen"]), (Some(0), &json!({"duty": "few"})));
    assert_eq!(view["chosen"][0]["reference"].as_str().map(str::len), Some(102));
    let (status, told) = select(&lines, &[]).await;
    assert!(status == Some(1) && told.contains("duty few") && !told.contains("networks"), "{told}");
    let (status, told) = select(&format!("{},234-15\n", people[0]), &[]).await;
    assert!(status == Some(1) && told.contains("nothing more is told"), "{told}");
    let (status, told) = select("234150000000001\n", &[]).await;
    assert!(status == Some(2) && told.contains("line 1"), "{told}");
}
