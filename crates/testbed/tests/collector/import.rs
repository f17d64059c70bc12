//! Files of others into the running gateway: the same rows as from a folder, beside logs that go on coming in (B26, B30).

use super::keeping::exported;
use super::process;
use super::scene::{AREA, MODELS, RLF, SUBSCRIBER, Scene, USUAL, entries, job, trace};
use super::stream::log;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::process::Output;
use testbed::mdt_stream::Record;

/// A line as captures have them: a log of a job that began a minute ago.
pub(crate) fn line(job: u8, entries: u16) -> String {
    let Record::Message(channel, octets) = log(job, entries) else { panic!("no message") };
    let digits: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    format!("{channel}: {digits}\n")
}

/// `wherefore mdt import KIND …` into the gateway.
pub(crate) async fn import(scene: &Scene, kind: &str, more: &[&str]) -> Output {
    let admin = format!("http://{}", scene.gateway.doors.admin);
    process::run(scene.lab.path(), &[&["mdt", "import", kind, "--admin", &admin], more].concat()).await
}

/// The same, which must succeed; its one report.
pub(crate) async fn imported(scene: &Scene, kind: &str, more: &[&str]) -> Value {
    let output = import(scene, kind, &[&["--json"], more].concat()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) fn file(scene: &Scene, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(scene.lab.path().join(name), content).unwrap();
}

/// A measurement of a minute ago, of a session of the job of an area; `ue` is whose.
fn trace_file(ue: &str) -> String {
    let began = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() - 60).unwrap();
    format!(
        r#"<?xml version="1.0"?>
<traceCollecFile xmlns="http://www.3gpp.org/ftp/specs/archive/32_series/32.423#traceData">
<fileHeader fileFormatVersion="32.423 V16.0"><fileSender elementType="eNB"/><traceCollec beginTime="{began}"/></fileHeader>
<traceRecSession traceRecSessionRef="0001" stime="{began}">{ue}
<meas name="RSRP" changeTime="1" vendorSpecific="false">61</meas>
<traceSessionRef><MCC>234</MCC><MNC>15</MNC><TRACE_ID>000001</TRACE_ID></traceSessionRef>
</traceRecSession></traceCollecFile>"#
    )
}

/// Rows of a capture are in exports at once, once; the books of uploads stay true through a kill.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_rows_of_the_running_gateway_once() {
    let scene = Scene::new(USUAL).await;
    file(&scene, "lines.txt", line(AREA, 3) + &line(77, 1));
    let report = imported(&scene, "rrc", &["lines.txt"]).await;
    assert_eq!(
        (&report["file"], &report["outcome"], &report["rows"]),
        (&json!("lines.txt"), &json!("kept"), &json!(3))
    );
    assert_eq!((&report["counts"]["logs"], &report["counts"]["logs_of_other_jobs"]), (&json!(2), &json!(1)));
    let (segment, unlock) = scene.segment(AREA, &entries(2), b"");
    let answer = scene.uploader().begin(&segment.octets, Some(&unlock)).await.unwrap();
    assert_eq!(scene.counts(&answer.body), (2, 0, 0));
    assert_eq!(imported(&scene, "rrc", &["lines.txt"]).await["outcome"], "kept_before");
    assert_eq!(exported(&scene, "all", &["--job", &trace(AREA)]).await.1.len(), 5);
    let counted = "wherefore_mdt_imports_total{kind=\"rrc\",outcome=\"kept\"}";
    assert_eq!(scene.gateway.metric(counted).await, 1.0);
    let scene = scene.restarted().await;
    let again = scene.uploader().begin(&segment.octets, Some(&unlock)).await.unwrap();
    assert_eq!((again.status, &again.body), (StatusCode::OK, &answer.body), "the upload is in the books");
    assert_eq!(imported(&scene, "rrc", &["lines.txt"]).await["outcome"], "kept_before");
    assert_eq!(exported(&scene, "after", &[]).await.1.len(), 5);
    // By the job they go, and do not come back.
    scene.gateway.done(Method::POST, "/v1/mdt/erase", None, Some(&json!({"job": trace(AREA)}))).await;
    assert_eq!(imported(&scene, "rrc", &["lines.txt"]).await["outcome"], "kept_before");
    assert_eq!(scene.rows().await.len(), 0);
}

/// B26: an identity in the file of an anonymised job sets the whole aside; the gateway keeps and tells nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn b26_an_identity_is_set_aside_by_the_command_and_kept_by_nobody() {
    let scene = Scene::new(USUAL).await;
    let imsi = r#"<ue idType="IMSI" idValue="234150000000001"/>"#;
    file(&scene, "whose.xml", trace_file(imsi));
    file(&scene, "good.xml", trace_file(""));
    let output = import(&scene, "trace", &["whose.xml", "good.xml", "--json"]).await;
    assert_eq!(output.status.code(), Some(1));
    let (said, told) = (String::from_utf8(output.stderr).unwrap(), String::from_utf8(output.stdout).unwrap());
    assert!(said.contains("an identity came with a job that is anonymised") && said.contains("whose.xml"), "{said}");
    let outcomes = serde_json::Deserializer::from_str(&told).into_iter::<Value>();
    let outcomes: Vec<Value> = outcomes.map(Result::unwrap).collect();
    assert_eq!((&outcomes[0]["outcome"], &outcomes[1]["outcome"]), (&json!("set_aside"), &json!("kept")));
    let directory = scene.lab.path();
    assert!(!directory.join("whose.xml").exists() && directory.join("mdt-quarantine/whose.xml").exists());
    let counted = "wherefore_mdt_imports_total{kind=\"trace\",outcome=\"set_aside\"}";
    assert_eq!(scene.gateway.metric(counted).await, 1.0);
    let written = std::fs::read_to_string(directory.join("gateway.log")).unwrap();
    assert!(written.contains("nothing of it was kept") && !written.contains("23415000000000"));
    assert_eq!(scene.rows().await.len(), 1);
}

/// What the gateway does not read, and why.
#[tokio::test(flavor = "multi_thread")]
async fn files_and_jobs_that_are_not_taken() {
    let scene = Scene::new(USUAL).await;
    let refused = async |kind: &str, more: &[&str], status: i32, why: &str| {
        let output = import(&scene, kind, more).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{said}");
        assert!(said.contains(why), "{said}");
    };
    file(&scene, "lines.txt", line(AREA, 1));
    file(&scene, "person.json", job(SUBSCRIBER).to_string());
    let mut other = job(AREA);
    other["mdtConfig"]["anonymizationOfMdtData"] = json!("TAC_OF_IMEI");
    file(&scene, "other.json", other.to_string());
    file(&scene, "new.json", job(0x20).to_string());
    refused("rrc", &["lines.txt", "--job", "person.json"], 1, "a file brings no consent").await;
    refused("rrc", &["lines.txt", "--job", "other.json"], 1, "another one or was stopped").await;
    refused("rrc", &["lines.txt", "--session-key-file", "x"], 2, "for a folder").await;
    refused("rrc", &["missing.txt"], 2, "missing.txt").await;
    refused("rrc", &["mdt", "lines.txt"], 2, "a folder needs --job and --session-key-file").await;
    file(&scene, "no.txt", "lte-rrc.ul.dcch: zz\n");
    refused("rrc", &["no.txt"], 1, "no.txt: not imported: line 1").await;
    file(&scene, "survey.csv", "time,latitude,longitude,mcc,mnc,pci,rsrp\n");
    refused("survey", &["survey.csv", "--rat", "lte"], 1, "a survey names no job").await;
    // One octet more than a trace file may have: told, though the gateway does not read it to its end.
    std::fs::File::create(scene.lab.path().join("long.xml")).unwrap().set_len((64 << 20) + 1).unwrap();
    refused("trace", &["long.xml"], 1, "at most 67108864 octets").await;
    for body in [json!({"kind": "rrc", "what": 1}), json!({"kind": "trace", "jobs": [{"x": 1}]})] {
        let (status, _) = scene.gateway.admin(Method::POST, "/v1/mdt/import", None, Some(&body)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "no line");
    }
    // A job that the collector does not have may be brought, one that it has in the same words; a stopped one takes nothing any more.
    assert_eq!(imported(&scene, "rrc", &["lines.txt", "--job", "new.json"]).await["outcome"], "nothing");
    file(&scene, "same.json", job(AREA).to_string());
    assert_eq!(imported(&scene, "rrc", &["lines.txt", "--job", "same.json"]).await["rows"], 1);
    scene.gateway.done(Method::POST, "/v1/mdt/jobs/stop", None, Some(&json!({"job": trace(AREA)}))).await;
    file(&scene, "more.txt", line(AREA, 2));
    refused("rrc", &["more.txt", "--job", "same.json"], 1, "another one or was stopped").await;
    assert_eq!(imported(&scene, "rrc", &["more.txt"]).await["outcome"], "nothing");
    assert_eq!(scene.rows().await.len(), 1);
}

/// Where consent is looked up by reference a file of phones brings none; a survey is of whoever measured.
#[tokio::test(flavor = "multi_thread")]
async fn where_consent_is_by_reference_surveys_alone_are_taken() {
    let scene = Scene::without_jobs("").await;
    scene.job(MODELS).await;
    file(&scene, "lines.txt", line(MODELS, 1));
    let output = import(&scene, "rrc", &["lines.txt"]).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("a file brings none"), "{said}");
    let now = jiff::Timestamp::now();
    let survey = format!("time,latitude,longitude,mcc,mnc,pci,rsrp,servingCell\n{now},51.5,-0.1,234,15,7,-80,true\n");
    file(&scene, "survey.csv", survey);
    let report = imported(&scene, "survey", &["survey.csv", "--rat", "lte"]).await;
    assert_eq!((&report["outcome"], &report["rows"]), (&json!("kept"), &json!(1)));
    let (_, rows) = exported(&scene, "survey", &[]).await;
    assert_eq!((rows[0]["job"].as_str(), rows[0]["rat"].as_str()), (Some(trace(MODELS).as_str()), Some("LTE")));
}

/// Failures of a capture are of the job that asks for them, and leave for maps; a trace file of the running gateway is the one that its
/// folder gives, octet by octet.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_imported_leaves_in_every_form() {
    let scene = Scene::new(USUAL).await;
    scene.job(RLF).await;
    // UEInformationResponse of LTE with an RLF report (vector V7).
    let failure = "42a3c413400efe0064941457fe8bc48d02a2468a032340a891a28101891a05448d140802c003d0001e00";
    file(&scene, "failure.txt", format!("lte-rrc.ue-information-response: {failure}\n"));
    file(&scene, "lines.txt", line(AREA, 3));
    let report = imported(&scene, "rrc", &["failure.txt"]).await;
    assert_eq!((&report["rows"], &report["failures"]), (&json!(0), &json!(1)));
    imported(&scene, "rrc", &["lines.txt"]).await;
    let (_, failures) = exported(&scene, "failures", &["--failures"]).await;
    assert_eq!((failures.len(), failures[0]["kind"].as_str()), (1, Some("RLF")));
    assert_eq!(failures[0]["job"].as_str(), Some(trace(RLF).as_str()));
    let admin = format!("http://{}", scene.gateway.doors.admin);
    let directory = scene.lab.path().to_owned();
    let export = async |to: &str, format: &str, more: &[&str]| {
        let fixed = ["mdt", "export", "--to", to, "--format", format, "--admin", &admin];
        process::run(&directory, &[&fixed, more].concat()).await
    };
    let packed = export("failures.gpkg", "geopackage", &["--failures"]).await;
    assert_eq!(String::from_utf8_lossy(&packed.stdout), "1 rows\n");
    let url = format!("sqlite://{}", directory.join("failures.gpkg").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let found: (String, String) = sqlx::query_as("SELECT kind, job FROM failures").fetch_one(&pool).await.unwrap();
    assert_eq!(found, ("RLF".to_owned(), trace(RLF)));
    pool.close().await;
    let token = std::fs::read_to_string(directory.join("admin.token")).unwrap();
    let traced = async |more: &str| {
        let url = format!("{admin}/v1/mdt/export?form=32.423{more}");
        reqwest::Client::new().get(url).bearer_auth(token.trim()).send().await.unwrap()
    };
    assert_eq!(traced("&failures=true").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let answer = traced("").await;
    assert_eq!(answer.headers()["mdt-rows"], "3");
    std::fs::write(directory.join("running.xml"), answer.bytes().await.unwrap()).unwrap();
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    process::ok(lab.path(), &["mdt", "export", "mdt", "--to", "folder.xml", "--format", "32.423"]).await;
    let read = |name: &str| std::fs::read_to_string(lab.path().join(name)).unwrap();
    assert!(read("running.xml") == read("folder.xml") && read("running.xml").contains("SS-RSRP"));
}
