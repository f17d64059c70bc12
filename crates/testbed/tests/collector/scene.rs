//! A collector with keys, jobs and a register, and phones that upload to it.

use super::lab::Lab;
use super::phone::{Phone, SealedSegment, entry};
use super::process::{self, Gateway, Starting};
use mdt_log::{CloseReason, CollectorKey, JobReference, KeyId, KeyList, Rat, Receipt, ReceiptKey, Received, Suite};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::Arc;
use testbed::Laboratory;
use testbed::mdt_upload::Uploader;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};

/// PLMN 234/15, as NAS and sealed logs write it.
pub(crate) const PLMN: [u8; 3] = [0x32, 0xf4, 0x51];
/// PLMN 234/30.
pub(crate) const OTHER_PLMN: [u8; 3] = [0x32, 0xf4, 0x03];
/// A cell of NR.
pub(crate) const CELL: u64 = 0x1_2345_6701;
/// London, in the codes of TS 23.032.
pub(crate) const LONDON: (u32, u32) = (4_800_837, 1000);
/// The token of the phones.
pub(crate) const TOKEN: &str = "a-token-of-phones";
/// Jobs by trace id: an area without identity, an area with models, one subscriber.
pub(crate) const AREA: u8 = 1;
pub(crate) const MODELS: u8 = 2;
pub(crate) const SUBSCRIBER: u8 = 3;
/// Jobs that take single reports of failures, which [`Scene::job`] adds: of radio links, of connections, of one subscriber's links.
pub(crate) const RLF: u8 = 4;
pub(crate) const RCEF: u8 = 5;
pub(crate) const RLF_OF_ONE: u8 = 6;
/// The subscriber of the third, and whom references are drawn for.
pub(crate) const IMSI: &str = "imsi:234150000000001";

/// The settings of most tests.
pub(crate) const USUAL: &str = "consent = 'network'\n";

pub(crate) fn trace(job: u8) -> String {
    format!("234-15-0000{job:02x}")
}

/// The job of this trace id, as its maker writes it.
pub(crate) fn job(trace_id: u8) -> Value {
    let mut job = json!({
        "jobType": "LOGGED_MDT_ONLY",
        "traceReference": {"mcc": "234", "mnc": "15", "traceId": format!("0000{trace_id:02x}")},
        "mdtConfig": {"loggedMDTConfig": {
            "traceCollectionEntityId": 1, "loggingDuration": "7200s", "loggingInterval": {"NR": ["5.12s"]},
            "plmnList": [{"mcc": "234", "mnc": "15"}],
        }},
    });
    match trace_id {
        MODELS => job["mdtConfig"]["anonymizationOfMdtData"] = json!("TAC_OF_IMEI"),
        RLF | RLF_OF_ONE => job["jobType"] = json!("RLF_REPORT_ONLY"),
        RCEF => job["jobType"] = json!("RCEF_REPORT_ONLY"),
        _ => {}
    }
    if matches!(trace_id, SUBSCRIBER | RLF_OF_ONE) {
        job["traceTarget"] = json!({"TargetIdType": "IMSI", "TargetIdValue": "234150000000001"});
    }
    job
}

/// `absoluteTimeInfo`, UTC: two digits each of year, month, day, hour, minute and second.
fn bcd(at: jiff::Timestamp) -> [u8; 6] {
    let text = at.to_string();
    let digits: Vec<u8> = text[2..19].bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    std::array::from_fn(|at| digits[2 * at] << 4 | digits[2 * at + 1])
}

/// The reference of a job in a log that begins now.
pub(crate) fn reference(trace_id: u8) -> JobReference {
    reference_at(trace_id, jiff::Timestamp::now())
}

/// The same in a log that began then.
pub(crate) fn reference_at(trace_id: u8, began: jiff::Timestamp) -> JobReference {
    JobReference {
        trace_reference: [PLMN.as_slice(), &[0, 0, trace_id]].concat(),
        recording_session: [0, 1],
        tce_id: 1,
        rat: Rat::Nr,
        absolute_time: bcd(began),
        interval_ms: 5120,
        duration_s: 7200,
    }
}

/// So many entries in London, from five seconds after the beginning on.
pub(crate) fn entries(count: u16) -> Vec<Vec<u8>> {
    (1..=count).map(|at| entry(5 * at, PLMN, CELL, Some(LONDON))).collect()
}

/// The collector, running.
pub(crate) struct Scene {
    pub(crate) lab: Lab,
    pub(crate) gateway: Gateway,
    pub(crate) list: KeyList,
}

/// Where phones upload, as the program told it.
fn door(lab: &Lab) -> std::net::SocketAddr {
    let log = std::fs::read_to_string(lab.path().join("gateway.log")).unwrap();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told = lines.into_iter().find(|line| line["fields"]["message"] == "mdt ready").unwrap();
    told["fields"]["address"].as_str().unwrap().parse().unwrap()
}

impl Scene {
    /// Starts it with these settings of `[mdt]` and its jobs.
    pub(crate) async fn new(settings: &str) -> Self {
        let scene = Self::without_jobs(settings).await;
        for trace_id in [AREA, MODELS, SUBSCRIBER] {
            scene.gateway.done(Method::POST, "/v1/mdt/jobs", None, Some(&job(trace_id))).await;
        }
        scene
    }

    /// Adds a job.
    pub(crate) async fn job(&self, trace_id: u8) {
        self.gateway.done(Method::POST, "/v1/mdt/jobs", None, Some(&job(trace_id))).await;
    }

    pub(crate) async fn without_jobs(settings: &str) -> Self {
        // Most tests ask one person again and again.
        let duty = if settings.contains("duty_jobs") { "" } else { "duty_jobs = 100\n" };
        let lab = Lab::new(&format!(
            "[roles]\nmdt = true\n[mdt]\nlisten = '127.0.0.1:0'\ncert_file = 'server.pem'\nkey_file = 'server.key'\n\
             client_ca_file = 'ca.pem'\ntokens_file = 'phones.tokens'\n{duty}{settings}"
        ))
        .await;
        let directory = lab.path();
        Laboratory::new(&[], "phone").unwrap().write(directory).unwrap();
        let hash: String = Sha256::digest(TOKEN).iter().map(|octet| format!("{octet:02x}")).collect();
        std::fs::write(directory.join("phones.tokens"), format!("# of the lab\n{hash}\n")).unwrap();
        // Of network elements, for whom the settings let in.
        std::fs::write(directory.join("producers.tokens"), format!("{hash}\n")).unwrap();
        // For who asks for models: one that many phones are of, and a rare one.
        std::fs::write(directory.join("models.csv"), "35123456,1000\n35999999,5\n").unwrap();
        for suite in ["small", "hybrid"] {
            process::ok(directory, &["mdt", "key", "create", "mdt-keys", "--suite", suite]).await;
        }
        process::ok(directory, &["init", "."]).await;
        let gateway = Starting::new(directory).listening().await;
        let keys = gateway.done(Method::GET, "/v1/mdt/keys", None, None).await;
        Self { list: key_list(&keys), lab, gateway }
    }

    /// Kills it and starts it again.
    pub(crate) async fn restarted(self) -> Self {
        let Self { lab, gateway, list } = self;
        gateway.kill().await;
        Self { gateway: Starting::new(lab.path()).listening().await, lab, list }
    }

    /// Starts it again with records of the register that cannot be read.
    pub(crate) async fn spoil_records(self) -> Self {
        let Self { lab, gateway, list } = self;
        gateway.stop().await;
        let url = format!("sqlite://{}", lab.path().join("wherefore.db").display());
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        let spoilt = sqlx::query("UPDATE consent_persons SET record = record || X'00'").execute(&pool).await.unwrap();
        assert_eq!(spoilt.rows_affected(), 1);
        pool.close().await;
        Self { gateway: Starting::new(lab.path()).listening().await, lab, list }
    }

    pub(crate) fn key(&self, suite: Suite) -> &CollectorKey {
        self.list.collector(1, suite, now_s()).unwrap()
    }

    /// Where phones upload.
    pub(crate) fn door(&self) -> std::net::SocketAddr {
        door(&self.lab)
    }

    pub(crate) fn base(&self) -> String {
        format!("https://localhost:{}", self.door().port())
    }

    /// A phone's way here, by token.
    pub(crate) fn uploader(&self) -> Uploader {
        Uploader::new(&self.base(), &tls(self.lab.path(), false, &version::TLS13), Some(TOKEN)).unwrap()
    }

    /// The same with a certificate, a token, or neither.
    pub(crate) fn uploader_as(&self, certificate: bool, token: Option<&str>) -> Uploader {
        Uploader::new(&self.base(), &tls(self.lab.path(), certificate, &version::TLS13), token).unwrap()
    }

    /// A closed segment of a job, sealed by a new phone, and its unlock message.
    pub(crate) fn segment(&self, job: u8, entries: &[Vec<u8>], consent: &[u8]) -> (SealedSegment, Vec<u8>) {
        let mut phone = Phone::new();
        let (key, job) = (self.key(Suite::Hybrid), reference(job));
        let segment = phone.segment(key, &job, consent, entries, Some(CloseReason::Upload)).unwrap();
        (segment, phone.unlock(key).unwrap())
    }

    /// What a receipt says, its signature checked.
    pub(crate) fn received(&self, receipt: &[u8]) -> Received {
        let receipt = Receipt::verify(receipt, &self.list, now_s()).unwrap();
        let [received] = <[Received; 1]>::try_from(receipt.received).unwrap();
        received
    }

    /// Kept, not wanted, unreadable.
    pub(crate) fn counts(&self, receipt: &[u8]) -> (u32, u32, u32) {
        let Received { kept, not_wanted, unreadable, .. } = self.received(receipt);
        (kept, not_wanted, unreadable)
    }

    /// Publishes a notice without time to think, has it delivered to the subscriber, and takes a yes.
    pub(crate) async fn consent(&self, precision: &str, identified: bool, plmns: &[&str]) {
        self.consent_of(IMSI, precision, identified, plmns).await;
    }

    /// The same of somebody.
    pub(crate) async fn consent_of(&self, who: &str, precision: &str, identified: bool, plmns: &[&str]) {
        self.consent_for(who, "logged-mdt", precision, identified, plmns).await;
    }

    /// The same for another purpose, under a notice of its own.
    pub(crate) async fn consent_to(&self, purpose: &str, precision: &str, identified: bool, plmns: &[&str]) {
        self.consent_for(IMSI, purpose, precision, identified, plmns).await;
    }

    async fn consent_for(&self, who: &str, purpose: &str, precision: &str, identified: bool, plmns: &[&str]) {
        let zeroes = "0".repeat(64);
        let name = if purpose == "logged-mdt" { "drive-tests".to_owned() } else { format!("notice-{purpose}") };
        let notice = json!({
            "name": name, "version": 1, "not_before": "2020-01-01T00:00:00Z", "wait_s": 0,
            "purposes": [purpose], "recipients": ["the operator"], "data": ["radio"], "retention_days": 90,
            "texts": [{"language": "en", "sha256": zeroes}],
        });
        // It may be out already.
        self.gateway.admin(Method::POST, "/v1/consent/notices", None, Some(&notice)).await;
        let informed = json!({"notice": name, "version": 1, "language": "en", "channel": "app",
            "evidence_sha256": zeroes, "source": "customer-care"});
        self.gateway.done(Method::POST, "/v1/consent/informed", Some(who), Some(&informed)).await;
        let decision = json!({"purpose": purpose, "given": true, "plmns": plmns, "precision": precision,
            "identified": identified, "notice": name, "version": 1, "source": "person",
            "evidence_sha256": zeroes});
        self.gateway.done(Method::POST, "/v1/consent/decision", Some(who), Some(&decision)).await;
    }

    /// The reference of the subscriber's consent to a job.
    pub(crate) async fn consent_reference(&self, job: u8) -> Vec<u8> {
        let body = json!({"job": trace(job)});
        let told = self.gateway.done(Method::POST, "/v1/mdt/consent-reference", Some(IMSI), Some(&body)).await;
        unhex(told["reference"].as_str().unwrap())
    }

    /// Rows of the store as JSON. The gateway must not run.
    pub(crate) async fn rows_of(lab: &Lab) -> Vec<Value> {
        let to = lab.path().join("rows.json");
        std::fs::remove_file(&to).ok();
        process::ok(lab.path(), &["mdt", "export", "mdt", "--to", "rows.json", "--format", "json"]).await;
        let text = std::fs::read_to_string(to).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Stops the gateway and gives the rows that are there.
    pub(crate) async fn rows(self) -> Vec<Value> {
        self.gateway.stop().await;
        Self::rows_of(&self.lab).await
    }

    /// Files of unfinished uploads.
    pub(crate) fn unfinished(&self) -> usize {
        std::fs::read_dir(self.lab.path().join("mdt-spool")).unwrap().count()
    }
}

pub(crate) fn now_s() -> u64 {
    jiff::Timestamp::now().as_second().try_into().unwrap()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// What phones know of the collector's keys; the root's signature is a matter of `mdt-log`.
fn key_list(told: &Value) -> KeyList {
    let (from_s, until_s) = (now_s() - 3600, now_s() + 86_400);
    let mut list = KeyList { version: 1, issued_s: from_s, expires_s: until_s, keys: vec![], receipts: vec![] };
    for key in told["keys"].as_array().unwrap() {
        let id = KeyId(unhex(key["id"].as_str().unwrap()).try_into().unwrap());
        let public = unhex(key["public"].as_str().unwrap());
        let suite = match key["suite"].as_str().unwrap() {
            "small" => Suite::Small,
            "hybrid" => Suite::Hybrid,
            _ => {
                list.receipts.push(ReceiptKey { id, from_s, until_s, public: public.try_into().unwrap() });
                continue;
            }
        };
        list.keys.push(CollectorKey::new(id, 1, suite, from_s, until_s, public).unwrap());
    }
    list
}

/// A client that trusts the laboratory and speaks this version of TLS.
pub(crate) fn tls(directory: &Path, certificate: bool, version: &'static SupportedProtocolVersion) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(directory.join("ca.pem")).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_protocol_versions(&[version]).unwrap().with_root_certificates(roots);
    if !certificate {
        return builder.with_no_client_auth();
    }
    let chain = vec![CertificateDer::from_pem_file(directory.join("client.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(directory.join("client.key")).unwrap();
    builder.with_client_auth_cert(chain, key).unwrap()
}
