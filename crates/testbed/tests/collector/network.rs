//! From the air to the store: phones of the lab network take a job over S6a and RRC, log what the radio network has for them, and bring it up
//! over TLS; the rows say what was true, and the phone deletes for the receipt.

use super::scene::{Scene, USUAL};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use testbed::{Network, NetworkOptions, mdt_core::JobOutcome, ran::Heard, scenario::Scenario};

pub(crate) const NETWORK: &str = r#"
[network]
realm = "epc.mnc015.mcc234.3gppnetwork.org"
control = "127.0.0.1:0"
# The clock stands but for what the test moves it on.
clock_rate = 0.000001
[hss]
host = "hss.epc.mnc015.mcc234.3gppnetwork.org"
listen = "127.0.0.1:0"
[[mme]]
name = "mme-1"
host = "mme1.epc.mnc015.mcc234.3gppnetwork.org"
listen = "127.0.0.1:0"
[ran]
[[ran.collector]]
id = 1
address = "127.0.0.1"
[[ran.site]]
latitude = 51.5
longitude = -0.12
[[ran.site.cell]]
cell = 257
tac = 7
pci = 1
[[subscriber]]
label = "phone"
imsi = "234150000000001"
route = [{ latitude = 51.501, longitude = -0.12 }, { latitude = 51.502, longitude = -0.118, at_s = 400.0 }]
mdt = { consent = true, fix_every_s = 1 }
"#;

/// Logged MDT of an area for LTE, 5.12 s.
pub(crate) fn area_job() -> Value {
    json!({
        "jobType": "LOGGED_MDT_ONLY",
        "traceReference": {"mcc": "234", "mnc": "15", "traceId": "000009"},
        "mdtConfig": {"loggedMDTConfig": {
            "traceCollectionEntityId": 1, "loggingDuration": "600s", "loggingInterval": {"LTE": ["5.12s"]},
            "plmnList": [{"mcc": "234", "mnc": "15"}],
        }},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_phone_logged_is_in_the_store_as_it_was_true_and_no_longer_on_the_phone() {
    // 300 s in intervals of 5.12 s.
    goes_all_the_way(NETWORK, &area_job(), 58, |heard| heard.lte()).await;
}

/// A cell of 36 bits, an interval that LTE has not.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_of_a_phone_in_nr() {
    let network = NETWORK.replace("[ran]\n", "[ran]\ntechnology = 'nr'\n").replace("cell = 257", "cell = 41068921601");
    let mut job = area_job();
    job["mdtConfig"]["loggedMDTConfig"]["loggingInterval"] = json!({"NR": ["0.64s"]});
    goes_all_the_way(&network, &job, 468, |heard| (heard.nr().0, heard.nr().1)).await;
}

async fn goes_all_the_way(network: &str, job: &Value, entries: usize, measured: fn(&Heard) -> (i8, i8)) {
    let scene = Scene::without_jobs(USUAL).await;
    scene.gateway.done(Method::POST, "/v1/mdt/jobs", None, Some(job)).await;
    let network = Network::start(&Scenario::parse(network).unwrap(), NetworkOptions::default()).await.unwrap();
    let mdt = network.mdt().unwrap();
    mdt.trust(&scene.list).unwrap();
    let job = serde_json::from_value(job.clone()).unwrap();
    assert_eq!(mdt.job(&job, true).await.unwrap(), [("phone".to_owned(), JobOutcome::Taken)]);
    network.phones().clock().advance(Duration::from_secs(300));
    let mut wanted = mdt
        .phone("phone", move |phone, ran| {
            let of = |truth: &testbed::mdt_phone::Truth| {
                let serving = truth.serving.unwrap();
                let (rsrp, rsrq) = measured(truth.survey.of(serving).unwrap());
                (ran.cells()[serving].cell, rsrp, rsrq)
            };
            phone.truths().iter().map(of).collect::<Vec<_>>()
        })
        .await
        .unwrap();
    assert_eq!(wanted.len(), entries);
    assert_eq!(mdt.upload("phone", &scene.uploader()).await.unwrap(), 1);
    let left = mdt.phone("phone", |phone, _| (phone.flash().image().len(), phone.overview().available)).await.unwrap();
    assert_eq!(left, (0, false), "what was received is gone");
    // Nothing is left to bring up.
    assert_eq!(mdt.upload("phone", &scene.uploader()).await.unwrap(), 0);
    network.stop().await;
    let rows = scene.rows().await;
    let number = |row: &Value, of: &str| row[of].as_i64().unwrap();
    let mut kept: Vec<_> = rows
        .iter()
        .map(|row| (number(row, "cell") as u64, number(row, "rsrp") as i8, number(row, "rsrq") as i8))
        .collect();
    kept.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(kept, wanted);
    assert!(rows.iter().all(|row| row["network"] == "234-15"), "{:?}", rows.first());
}
