//! Streams of trace records from the network: B32 over a real socket, who may stream what, and that identities end at the door.

use super::process;
use super::scene::{AREA, PLMN, SUBSCRIBER, Scene, TOKEN, USUAL, tls};
use jiff::Timestamp as Now;
use lcs::Timestamp;
use mdt::rrc::{AbsoluteTime, Plmn, TraceReference, nr};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testbed::mdt_stream::{CONNECTIONS, Producer, Record, Socket, record};
use tokio_rustls::rustls::version;

const STREAMS: &str = "consent = 'network'\nproducer_tokens_file = 'producers.tokens'\n";

fn job(number: u8) -> [u8; 6] {
    let [a, b, c] = PLMN;
    [a, b, c, 0, 0, number]
}

fn producer(scene: &Scene) -> Producer {
    Producer::new(scene.door().port(), &tls(scene.lab.path(), false, &version::TLS13), Some(TOKEN)).unwrap()
}

/// UL-DCCH of NR with a log of so many entries that began a minute ago.
pub(crate) fn log(number: u8, entries: u16) -> Record {
    let plmn = Plmn::new("234", "15").unwrap();
    let began = Timestamp::from_secs(u64::try_from(Now::now().as_second()).unwrap() - 60);
    // An entry of another codec (pycrate), with other times.
    let octets = super::scene::unhex(
        "8c100040404448000246815000001000101001c8201c1250515ffa2f0000b91a05448d1400040048d1de418400",
    );
    let nr::UlDcch::UeInformationResponse(read) = nr::UlDcch::decode(&octets).unwrap();
    let entry = read.log.unwrap().entries.remove(0);
    let log = nr::LogMeasReport {
        absolute_time: AbsoluteTime::from_timestamp(began),
        trace_reference: TraceReference { plmn, trace_id: [0, 0, number] },
        recording_session: [0, 1],
        tce_id: 1,
        entries: (1..=entries).map(|at| nr::LogMeasInfo { relative_time_s: at, ..entry.clone() }).collect(),
        available: false,
        available_bluetooth: false,
        available_wlan: false,
    };
    let response = nr::UeInformationResponse { log: Some(log), ..Default::default() };
    Record::Message("nr-rrc.ul.dcch", nr::UlDcch::UeInformationResponse(response).encode().unwrap())
}

/// A connection for the job of an area.
async fn connected(producer: &Producer) -> (String, Socket) {
    let (status, location, body) = producer.establish(&Producer::streams(&[job(AREA)])).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{body}");
    let location = location.unwrap();
    let socket = producer.connect(&location).await.unwrap();
    (location, socket)
}

/// B32: three records in one message, among them a sign of life and five dropped events; the rows are there and name nobody.
#[tokio::test(flavor = "multi_thread")]
async fn b32_records_become_rows_without_whose_they_are() {
    let scene = Scene::new(STREAMS).await;
    let producer = producer(&scene);
    let (location, mut socket) = connected(&producer).await;
    let message =
        [log(AREA, 3), Record::Heartbeat, Record::Dropped(5)].iter().flat_map(|of| record(job(AREA), of)).collect();
    socket.send(message).await.unwrap();
    socket.send(record(job(AREA), &log(AREA, 2))).await.unwrap();
    // The log is of another job than its record says, or of one that was not announced.
    socket.send(record(job(AREA), &log(2, 1))).await.unwrap();
    socket.send(record(job(2), &log(2, 1))).await.unwrap();
    let told: Value = producer.request(Method::GET, &location).send().await.unwrap().json().await.unwrap();
    assert_eq!(told["streams"], json!(["32f451000001"]));
    assert_eq!(socket.close().await.unwrap(), None, "a close without a code is answered by one without");
    let gone = producer.request(Method::GET, &location).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);

    assert_eq!(scene.gateway.metric("wherefore_mdt_stream_dropped_events_total").await, 5.0);
    for (kind, count) in [("normal", 4.0), ("heartbeat", 1.0), ("dropped_events", 1.0)] {
        let line = format!("wherefore_mdt_stream_records_total{{kind=\"{kind}\"}}");
        assert_eq!(scene.gateway.metric(&line).await, count, "{kind}");
    }
    assert_eq!(scene.gateway.metric("wherefore_mdt_stream_logs_total{outcome=\"other_job\"}").await, 2.0);
    let written = std::fs::read_to_string(scene.lab.path().join("gateway.log")).unwrap();
    assert!(!written.contains("4711") && !written.contains("234150000000001"), "no identity in the program's log");
    let rows = scene.rows().await;
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row["rsrp"] == 60 && row["cell"] == 0x1_2345_0001_u64 && row["rat"] == "NR"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_stream_what() {
    let scene = Scene::new(STREAMS).await;
    let own = producer(&scene);
    let config = tls(scene.lab.path(), true, &version::TLS13);
    // A certificate lets phones in, and nobody else; a wrong token nobody.
    for token in [None, Some("another")] {
        let stranger = Producer::new(scene.door().port(), &config, token).unwrap();
        let (status, _, body) = stranger.establish(&Producer::streams(&[job(AREA)])).await.unwrap();
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
    }
    let mut other = Producer::streams(&[job(AREA)]);
    for (streams, reason) in [
        (Producer::streams(&[job(77)]), "no such job runs here"),
        (Producer::streams(&[job(AREA), job(SUBSCRIBER)]), "a stream brings nobody's consent"),
        (with(&mut other, "streamType", "PERFORMANCE"), "only streams of TRACE"),
        (with(&mut other, "serializationFormat", "ASN1"), "only GPB"),
        (with(&mut other, "streamId", "<x>"), "no trace reference"),
    ] {
        let (status, location, body) = own.establish(&streams).await.unwrap();
        assert_eq!((status, location), (StatusCode::FORBIDDEN, None), "{reason}");
        assert!(body.contains(reason) && !body.contains("<x>"), "{body}");
    }
    for body in [json!({}), json!({"producer": "x", "streams": []}), json!([])] {
        let answer = own.request(Method::POST, CONNECTIONS).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{body}");
    }

    // One socket a connection; streams come and go.
    let (location, mut socket) = connected(&own).await;
    assert!(own.connect(&location).await.is_err(), "a second socket");
    let more = own.request(Method::POST, &format!("{location}/streams"));
    let answer = more.json(&Producer::streams(&[job(2)])).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let streams = own.request(Method::GET, &format!("{location}/streams")).send().await.unwrap();
    assert_eq!(streams.json::<Value>().await.unwrap().as_array().unwrap().len(), 2);
    let off = own.request(Method::DELETE, &format!("{location}/streams?streamIds=32F451000001")).send().await.unwrap();
    assert_eq!(off.status(), StatusCode::NO_CONTENT);
    let list = own.request(Method::GET, CONNECTIONS).send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(list[0]["streams"], json!(["32f451000002"]));
    socket.send(record(job(AREA), &log(AREA, 1))).await.unwrap();
    socket.send(record(job(2), &log(2, 1))).await.unwrap();
    socket.close().await.unwrap();

    // A job that was stopped is taken no more.
    let (_, mut socket) = connected(&own).await;
    let stop = json!({"job": "234-15-000001"});
    scene.gateway.done(Method::POST, "/v1/mdt/jobs/stop", None, Some(&stop)).await;
    socket.send(record(job(AREA), &log(AREA, 1))).await.unwrap();
    socket.close().await.unwrap();
    let rows = scene.rows().await;
    assert_eq!(rows.iter().map(|row| row["job"].as_str().unwrap()).collect::<Vec<_>>(), ["234-15-000002"]);
}

fn with(streams: &mut Value, member: &str, value: &str) -> Value {
    let mut changed = streams.clone();
    changed[0][member] = json!(value);
    changed
}

/// What is no record ends the stream, and what came before it is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_torn_message_ends_the_stream() {
    let scene = Scene::new(STREAMS).await;
    let producer = producer(&scene);
    let (_, mut socket) = connected(&producer).await;
    let good = record(job(AREA), &log(AREA, 1));
    socket.send(good.clone()).await.unwrap();
    socket.send([good.as_slice(), &[0x80]].concat()).await.unwrap();
    assert_eq!(socket.ended().await, Some(1007));
    let (_, mut socket) = connected(&producer).await;
    socket.send_text("{}").await.unwrap();
    assert_eq!(socket.ended().await, Some(1003));
    let (_, mut socket) = connected(&producer).await;
    // Too long for any message: the socket itself refuses it.
    socket.send(vec![0; (1 << 20) + 1]).await.ok();
    assert!(matches!(socket.ended().await, None | Some(1007 | 1009)));
    assert_eq!(scene.gateway.metric("wherefore_mdt_stream_messages_total{outcome=\"malformed\"}").await, 1.0);
    assert_eq!(scene.rows().await.len(), 1);
}

/// Where consent is looked up by reference, a stream brings none; and without a file of tokens nobody streams.
#[tokio::test(flavor = "multi_thread")]
async fn streams_are_off_unless_they_can_be_allowed() {
    let scene = Scene::new("producer_tokens_file = 'producers.tokens'\n").await;
    let (status, _, body) = producer(&scene).establish(&Producer::streams(&[job(AREA)])).await.unwrap();
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body.contains("consent is looked up by reference"), "{body}");
    scene.gateway.stop().await;
    let scene = Scene::new(USUAL).await;
    let (status, ..) = producer(&scene).establish(&Producer::streams(&[job(AREA)])).await.unwrap();
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    process::ok(scene.lab.path(), &["check-config", "wherefore.toml"]).await;
    scene.gateway.stop().await;
}
