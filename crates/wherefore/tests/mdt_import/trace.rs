//! `wherefore mdt import trace` and `wherefore mdt export --format 32.423`: B26, B30 through the command line.

use crate::scene::{Scene, run, there};
use mdt::rrc::lte;
use serde_json::json;

/// Four measurements of a base station, in the form of TS 32.423 clause D.1.4; `{ue}` is whose.
fn station(ue: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<traceCollecFile xmlns="http://www.3gpp.org/ftp/specs/archive/32_series/32.423#traceData">
<fileHeader fileFormatVersion="32.423 V16.0" vendorName="Maker">
<pOPLMN><MCC>234</MCC><MNC>15</MNC></pOPLMN>
<fileSender elementDn="ManagedElement=eNB-1" elementType="eNB"/>
<traceCollec beginTime="2026-11-28T12:00:00Z"/>
</fileHeader>
<traceRecSession traceRecSessionRef="00A1" stime="2026-11-28T12:00:00Z">
{ue}<meas name="RSRP" changeTime="0.005" vendorSpecific="false" targetCell="Cell-1"> 60 55 </meas>
<meas name="RSRQ" changeTime="0.005" vendorSpecific="false" targetCell="Cell-1">20</meas>
<meas name="Power Headroom" changeTime="0.005" vendorSpecific="false">5</meas>
<meas name="RSRP" changeTime="5.250" vendorSpecific="false">61</meas>
<traceSessionRef><MCC>234</MCC><MNC>15</MNC><TRACE_ID>00000a</TRACE_ID></traceSessionRef>
</traceRecSession>
</traceCollecFile>
"#
    )
}

fn scene() -> Scene {
    let scene = Scene::new();
    let job = json!({
        "jobType": "IMMEDIATE_MDT_ONLY",
        "traceReference": {"mcc": "234", "mnc": "15", "traceId": "00000a"},
        "mdtConfig": {"immediateMDTConfig": {
            "listOfMeasurements": {"LTE": ["M1"]}, "reportingTrigger": ["PERIODICAL"], "reportAmount": "INFINITY",
            "reportInterval": {"LTE": ["5120ms"]}
        }}
    });
    scene.file("job.json", job.to_string());
    scene
}

#[test]
fn a_trace_file_becomes_rows_once() {
    let scene = scene();
    scene.file("A.xml", station(""));
    let report = scene.import("trace", "A.xml", &[]);
    assert_eq!((&report["outcome"], &report["rows"]), (&json!("kept"), &json!(2)));
    let counts = &report["counts"];
    assert_eq!(
        (&counts["measurements"], &counts["without_column"], &counts["sessions"]),
        (&4.into(), &2.into(), &1.into())
    );
    let rows = scene.rows();
    let values: Vec<_> = rows.iter().map(|row| (row.time_ms - 1_795_867_200_000, row.rsrp, row.rsrq)).collect();
    assert_eq!(
        values,
        [(0, Some(60), Some(20)), (5000, Some(61), None)],
        "of a list the first; times to whole seconds"
    );
    assert_eq!(scene.import("trace", "A.xml", &[])["outcome"], "kept_before");
    let none = station("").replace("00000a", "00000b");
    scene.file("B.xml", none);
    let report = scene.import("trace", "B.xml", &[]);
    assert_eq!((&report["outcome"], &report["counts"]["sessions_of_other_jobs"]), (&json!("nothing"), &json!(1)));
}

/// B26: nothing of the file is kept, it lies elsewhere whole, whoever runs it is told, and no identity is.
#[test]
fn b26_an_identity_sets_the_whole_file_aside() {
    let scene = scene();
    let (imsi, model) =
        (r#"<ue idType="IMSI" idValue="234150000000001"/>"#, r#"<ue idType="IMEI-TAC" idValue="35123456"/>"#);
    // A second session without one does not save the file; a model is too much for a job that says nothing.
    let session = station("").split("</fileHeader>\n").nth(1).unwrap().replace("</traceCollecFile>\n", "");
    let two = station(imsi).replace("</fileHeader>\n", &format!("</fileHeader>\n{session}"));
    for (file, text) in [("one.xml", station(imsi)), ("two.xml", two), ("model.xml", station(model))] {
        scene.file(file, &text);
        let output = scene.try_import("trace", file, &["--json", "--lenient"]);
        assert_eq!(output.status.code(), Some(1), "{file}");
        let (said, report) = (String::from_utf8(output.stderr).unwrap(), String::from_utf8(output.stdout).unwrap());
        assert!(said.contains("an identity came with a job that is anonymised") && said.contains(file), "{said}");
        assert!(report.contains("set_aside") && !(said + &report).contains("23415000"), "{report}");
        assert!(!scene.path(file).exists());
        assert_eq!(std::fs::read_to_string(scene.path("store-quarantine").join(file)).unwrap(), text);
    }
    assert_eq!(scene.rows().len(), 0);
    // The same name again does not overwrite the first; a good file beside it is kept all the same.
    scene.file("one.xml", station(imsi));
    scene.file("good.xml", station(""));
    let output = scene.try_import("trace", "one.xml", &["--quarantine", "store-quarantine", "good.xml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(scene.path("store-quarantine/one.xml.1").exists() && scene.path("store-quarantine/one.xml").exists());
    assert_eq!(scene.rows().len(), 2);
}

#[test]
fn a_file_that_is_not_sound_is_refused_or_reported() {
    let scene = scene();
    scene.file("comma.xml", station("").replace("00A1\" stime", "00A1\", stime"));
    let refused = scene.try_import("trace", "comma.xml", &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("line 8, traceRecSession: a comma between attributes"));
    let report = scene.import("trace", "comma.xml", &["--lenient"]);
    assert_eq!((&report["rows"], &report["counts"]["faults"]), (&2.into(), &1.into()));
    scene.file("value.xml", station("").replace(">20<", ">200<"));
    assert_eq!(scene.try_import("trace", "value.xml", &[]).status.code(), Some(1));
    let report = scene.import("trace", "value.xml", &["--lenient"]);
    assert_eq!(report["faults"][0], "meas: a value is none of its name's");
}

/// B30 through the command line: what a store exports, another one imports and exports the same, octet by octet.
#[test]
fn b30_export_import_export_is_identical() {
    let scene = Scene::new();
    // Two sessions of LTE with neighbours (pycrate, V5) and one of NR, of a job that keeps models.
    let kept = std::fs::read_to_string(scene.path("job.json")).unwrap();
    scene.file(
        "job.json",
        kept.replace("\"loggedMDTConfig\"", "\"anonymizationOfMdtData\":\"TAC_OF_IMEI\",\"loggedMDTConfig\""),
    );
    scene.file("lines", LINES);
    let received = ["--received", "2010-10-12T00:00:00Z"];
    assert_eq!(scene.import("rrc", "lines", &received)["rows"], 4);
    let export = |store: &str, to: &str| {
        let done = scene.mdt(&["export", store, "--to", to, "--format", "32.423", "--model-floor", "2"]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        std::fs::read_to_string(scene.path(to)).unwrap()
    };
    let once = export("store", "once.xml");
    // Models, which logs do not tell, come in by a trace file.
    let with_models = once.replacen(
        "<meas name=\"wherefore-flags\"",
        "<ue idType=\"IMEI-TAC\" idValue=\"35123456\"/>\n<meas name=\"wherefore-flags\"",
        1,
    );
    let with_models = replace_in_second_session(&with_models);
    scene.file("models.xml", &with_models);
    scene.file("models.csv", "35123456,1000\n");
    for store in ["second", "third"] {
        std::fs::create_dir(scene.path(store)).unwrap();
    }
    let import = |store: &str, file: &str| {
        let fixed = ["import", "trace", store, file, "--job", "job.json", "--session-key-file", "session.key"];
        let done = scene.mdt(&[&fixed[..], &["--models-file", "models.csv"]].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    import("second", "models.xml");
    let twice = export("second", "twice.xml");
    assert_eq!(twice, with_models, "what was exported is what was imported");
    import("third", "twice.xml");
    assert_eq!(export("third", "thrice.xml"), twice);
    for text in ["wherefore-position", "wherefore-neighbour", "SS-SINR", "35123456", "<TRACE_ID>000001</TRACE_ID>"] {
        assert!(twice.contains(text), "{text} is not in\n{twice}");
    }

    let again = scene.mdt(&["export", "store", "--to", "once.xml", "--format", "32.423"]);
    assert_eq!(again.status.code(), Some(2), "nothing is overwritten");
    if there("xmllint", "libxml2-utils") {
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../mdt/tests/trace_file.xsd");
        run("xmllint", &scene.path("."), &["--noout", "--nonet", "--schema", schema, "once.xml", "twice.xml"]);
    }
}

/// Messages of a trace: a response of a phone is read, of others nothing is looked at.
#[test]
fn responses_in_a_trace_file_become_rows_and_failures_of_the_job_of_their_session() {
    let scene = scene();
    let line = LINES.lines().nth(1).unwrap().rsplit(' ').next().unwrap();
    // An RLF report (V7) in a response behind UL-DCCH.
    let response = lte::UlDcch::UeInformationResponse(lte::UeInformationResponse {
        rlf: lte::UeInformationResponse::decode(&unhex(RLF)).unwrap().rlf,
        ..Default::default()
    });
    let digits: String = response.encode().unwrap().iter().map(|octet| format!("{octet:02X}")).collect();
    let message = |name: &str, protocol: &str, digits: &str| {
        format!(
            r#"<msg function="Uu" name="{name}" changeTime="30" vendorSpecific="false">
<initiator type="UE">1</initiator><rawMsg protocol="{protocol}" version="16">{digits}</rawMsg><ie name="x">y</ie></msg>
"#
        )
    };
    let with = |message: &str| station("").replace("<traceSessionRef>", &format!("{message}<traceSessionRef>"));
    let messages = [
        message("UEInformationResponse", "RRC", &digits),
        message("Attach Request", "NAS", "0741"),
        // A log of another job than the session's.
        message("UE information response", "LTE-RRC", line),
    ];
    scene.file("A.xml", with(&messages.concat()));
    let report = scene.import("trace", "A.xml", &[]);
    assert_eq!((&report["rows"], &report["failures"]), (&json!(2), &json!(1)));
    let counts = &report["counts"];
    assert_eq!((&counts["radio_link_failures"], &counts["logs_of_other_jobs"]), (&json!(1), &json!(1)));
    let done = scene.mdt(&["export", "store", "--to", "f.json", "--format", "json", "--failures"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let failure: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(scene.path("f.json")).unwrap()).unwrap();
    assert_eq!((&failure["job"], &failure["kind"]), (&json!("234-15-00000a"), &json!("RLF")));
    // A session of a job of connections takes no failure of a link.
    scene.file(
        "job.json",
        r#"{"jobType":"RCEF_REPORT_ONLY","traceReference":{"mcc":"234","mnc":"15","traceId":"00000a"}}"#,
    );
    scene.file("B.xml", with(&messages[0]) + "\n");
    assert_eq!(scene.import("trace", "B.xml", &[])["counts"]["failures_of_no_job"], 1);
    for (broken, why) in [("zz", "no hexadecimal digits"), ("00", "no UEInformationResponse")] {
        scene.file("C.xml", with(&message("UEInformationResponse", "RRC", broken)));
        let refused = scene.try_import("trace", "C.xml", &[]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(String::from_utf8(refused.stderr).unwrap().contains(why), "{broken}");
        assert_eq!(scene.import("trace", "C.xml", &["--lenient"])["counts"]["faults"], 1);
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

const RLF: &str = "42a3c413400efe0064941457fe8bc48d02a2468a032340a891a28101891a05448d140802c003d0001e00";

/// The second session of the file is of the same model.
fn replace_in_second_session(text: &str) -> String {
    let second = text.match_indices("<traceRecSession").nth(1).unwrap().0;
    let (head, tail) = text.split_at(second);
    let ue = "<ue idType=\"IMEI-TAC\" idValue=\"35123456\"/>\n<meas name=\"wherefore-flags\"";
    head.to_owned() + &tail.replacen("<meas name=\"wherefore-flags\"", ue, 1)
}

/// Logs of job 234-15-000001 of 2010-10-11T12:00:00Z, by pycrate.
const LINES: &str = "\
lte-rrc.ue-information-response: 0164404044480002468150000010001010058019250515ffa2f000b2340a891a280a8520028a5029a3480b6891031a1400d680f0399f380f678d40064941457fe8bc00548d02a2468a029d20
lte-rrc.ul.dcch: 580b02020222400012340a80000080008080000012340a891a280a8500
nr-rrc.ul.dcch: 8c100040404448000246815000001000101001c8201c1250515ffa2f0000b91a05448d1400040048d1de418400
";
