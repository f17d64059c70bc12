//! The collector of MDT logs as a process: from TLS to Parquet, and at a steady rate (P10, B40 scaled to two cores).
//!
//! Each upload is a phone of its own: its own keys, its own TLS connection, a whole job of two hours. The gateway has core 0, the phones core 1.

use crate::Settings;
use crate::gateway::{CLIENT, Gateway, LOAD_CORE, Operator};
use crate::measure::{Histogram, peak_resident_bytes, process_cpu_s, resident_bytes};
use crate::programs::{free_port, pin_self, wait_for};
use anyhow::{Context as _, Result, bail, ensure};
use lcs::Timestamp;
use lcs::gad::{Latitude, Longitude, Point, Shape};
use mdt::rrc::{AbsoluteTime, Plmn, lte};
use mdt_log::rand_core::{TryCryptoRng, TryRng, UnwrapErr};
use mdt_log::{
    CloseReason, CollectorKey, Content, DeviceSecret, EpochKey, JobReference, KeyId, Kind, Rat, SegmentFacts,
    SegmentId, SegmentSealer, Suite,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use testbed::Laboratory;
use testbed::mdt_upload::Uploader;

/// Entries of a job of two hours at 5.12 s.
const JOB: usize = 1406;
/// Uploads of the part that runs as fast as it can, and how many at once.
const UPLOADS: usize = 300;
const AT_ONCE: usize = 8;
/// Records a second of the steady part, and how long.
const RATE: usize = 20_000;
const STEADY: Duration = Duration::from_secs(60);
/// Phones that are known apart: a phone may have only so many uploads at once.
const PHONES: usize = 256;

/// Starts the collector, uploads as fast as it takes, then steadily.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let dir = folder.path().join("gateway");
    std::fs::create_dir_all(&dir)?;
    let port = free_port()?;
    let key = prepare(&dir)?;
    let sections = format!(
        "[roles]\nmdt = true\n[log]\nsegment_mib = 1\n[mdt]\nlisten = \"127.0.0.1:{port}\"\ncert_file = \"server.pem\"\n\
         key_file = \"server.key\"\ntokens_file = \"phones.tokens\"\nconsent = \"network\"\n"
    );
    let operator = Operator {
        name: "bench",
        number: "491700000001",
        country: 49,
        plmn: None,
        realm: "floor.example",
        subscribers: 0,
        client: CLIENT,
    };
    let gateway = Gateway::of(&operator, &settings.programs, &dir, &sections)?;
    wait_for(port, "the collector", &dir.join("wherefore.err"))?;
    let file = |name: &str| dir.join(name).to_str().map(str::to_owned).context("a directory without a UTF-8 name");
    let config = file("wherefore.toml")?;
    settings.programs.run("wherefore", &["mdt", "job", "import", &file("job.json")?, "--config", &config])?;
    pin_self(LOAD_CORE);
    let tls = client(&dir)?;
    let steady = RATE * usize::try_from(STEADY.as_secs())? / JOB;
    let mut logs = (0..UPLOADS + steady).map(|_| log(&key)).collect::<Result<Vec<_>>>()?;
    let later = logs.split_off(UPLOADS);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (pid, base) = (gateway.running.pid(), format!("https://localhost:{port}"));

    let (before, start) = (process_cpu_s(Some(pid)), Instant::now());
    let fast = runtime.block_on(upload_all(logs, &base, &tls, None))?;
    let (spent, took) = (process_cpu_s(Some(pid)) - before, start.elapsed().as_secs_f64());
    let rows = (UPLOADS * JOB) as f64;
    println!("{UPLOADS} logs of {JOB} entries with six neighbours, a TLS connection each, {AT_ONCE} at once");
    println!("rows per processor second of the gateway, TLS to Parquet  {:>9.0}", rows / spent);
    println!("rows per second                                           {:>9.0}", rows / took);
    println!("from request to receipt, ms, p50 and p99                  {:>9.1} {:>7.1}", fast.p50, fast.p99);

    let (before, resident) = (process_cpu_s(Some(pid)), resident_bytes(Some(pid)));
    let slow =
        runtime.block_on(upload_all(later, &base, &tls, Some(Duration::from_secs_f64(JOB as f64 / RATE as f64))))?;
    let spent = process_cpu_s(Some(pid)) - before;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!("{RATE} records/s for {} s", STEADY.as_secs());
    println!("share of the gateway's core                               {:>9.2}", spent / STEADY.as_secs_f64());
    println!("from request to receipt, ms, p50 and p99                  {:>9.1} {:>7.1}", slow.p50, slow.p99);
    println!(
        "resident before, after, the most ever, MiB                {:>9.1} {:>7.1} {:>7.1}",
        mib(resident),
        mib(resident_bytes(Some(pid))),
        mib(peak_resident_bytes(pid))
    );
    drop(gateway);
    let store = mdt_store::Store::open(wherefore::mdt::Folder::open(&dir.join("mdt"))?)?;
    let sent = ((UPLOADS + steady) * JOB) as u64;
    ensure!(store.len() == sent, "{} rows of {sent} are in the store", store.len());
    println!("lost                                                      {:>9}", sent - store.len());
    Ok(())
}

/// Certificates, token, key and job, where the gateway looks for them.
fn prepare(dir: &Path) -> Result<CollectorKey> {
    Laboratory::new(&[], "phone")?.write(dir)?;
    let hash = |token: String| -> String { Sha256::digest(token).iter().map(|octet| format!("{octet:02x}")).collect() };
    std::fs::write(dir.join("phones.tokens"), (0..PHONES).map(|phone| hash(token(phone)) + "\n").collect::<String>())?;
    std::fs::write(
        dir.join("job.json"),
        r#"{"jobType":"LOGGED_MDT_ONLY","traceReference":{"mcc":"234","mnc":"15","traceId":"000001"},
        "mdtConfig":{"loggedMDTConfig":{"traceCollectionEntityId":1,"loggingDuration":"7200s",
        "loggingInterval":{"LTE":["5.12s"]},"plmnList":[{"mcc":"234","mnc":"15"}]}}}"#,
    )?;
    let keys = dir.join("mdt-keys");
    let made = wherefore::mdt::create_key(&keys, Suite::Hybrid)?;
    let (Some(id), Some(public)) = (octets(&made.id).try_into().ok(), Some(octets(&made.public))) else {
        bail!("the key has no name");
    };
    CollectorKey::new(KeyId(id), 1, Suite::Hybrid, 0, u64::MAX, public).context("a key of its own suite")
}

fn token(phone: usize) -> String {
    format!("bench-token-of-phone-{phone}")
}

fn octets(hex: &str) -> Vec<u8> {
    let digit = |at: usize| hex.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    (0..hex.len()).step_by(2).filter_map(digit).collect()
}

fn client(dir: &Path) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(dir.join("ca.pem"))?)?;
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    Ok(builder.with_protocol_versions(&[&rustls::version::TLS13])?.with_root_certificates(roots).with_no_client_auth())
}

/// A sealed log, ready to go.
struct Log {
    id: SegmentId,
    octets: Vec<u8>,
    unlock: Vec<u8>,
}

/// Random numbers of the system.
struct System;

impl TryRng for System {
    type Error = aws_lc_rs::error::Unspecified;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets)?;
        Ok(u32::from_be_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets)?;
        Ok(u64::from_be_bytes(octets))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Self::Error> {
        aws_lc_rs::rand::fill(into)
    }
}

impl TryCryptoRng for System {}

fn log(key: &CollectorKey) -> Result<Log> {
    let mut rng = UnwrapErr(System);
    let (epoch, device) = (EpochKey::generate(&mut rng), DeviceSecret::generate(&mut rng));
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let job = JobReference {
        trace_reference: vec![0x32, 0xf4, 0x51, 0, 0, 1],
        recording_session: [0, 1],
        tce_id: 1,
        rat: Rat::Eutra,
        absolute_time: AbsoluteTime::from_timestamp(Timestamp::from_secs(now - 7200)).0,
        interval_ms: 5120,
        duration_s: 7200,
    };
    let facts = SegmentFacts { number: 0, content: Content::EutraUper, job, consent: vec![] };
    let mut octets = Vec::new();
    let (mut sealer, id) = SegmentSealer::begin(&facts, key, &epoch, &device, &mut rng, &mut octets)?;
    for at in 0..JOB {
        sealer.seal(Kind::Entry, &entry(at)?, &mut octets)?;
    }
    sealer.close(CloseReason::DurationOver, &mut octets)?;
    Ok(Log { id, octets, unlock: epoch.unlock(key, &mut rng)? })
}

/// An entry of a walk through London, with a point and six neighbours.
fn entry(at: usize) -> Result<Vec<u8>> {
    let cell = lte::Ecgi { plmn: Plmn::new("234", "15").context("a network")?, cell: 257 + (at / 100) as u32 };
    let serving = lte::ServingResult { rsrp: 40 + (at % 30) as i8, rsrq: 20 };
    let mut info = lte::LogMeasInfo::new((at * 5) as u16, cell, serving);
    let latitude = Latitude::from_degrees(51.5 + at as f64 * 1e-5)?;
    let longitude = Longitude::from_degrees(-0.12 + at as f64 * 2e-5)?;
    info.location = Some(lte::LocationInfo::at(&Shape::Point(Point { latitude, longitude }))?);
    let near = |pci: u16| lte::EutraCell {
        pci,
        cgi: None,
        result: lte::EutraResult { rsrp: Some(30 - pci as i8), rsrq: Some(15), ..lte::EutraResult::default() },
    };
    let eutra = vec![lte::EutraCarrier { earfcn: 1300, cells: (1..=6).map(near).collect() }];
    info.neighbours = Some(lte::Neighbours { eutra: Some(eutra), ..lte::Neighbours::default() });
    Ok(info.encode()?)
}

/// Latencies, ms.
struct Latency {
    p50: f64,
    p99: f64,
}

/// Uploads each over a connection of its own: so many at once, or one begun every `every` and then timed from when it was due.
async fn upload_all(logs: Vec<Log>, base: &str, tls: &ClientConfig, every: Option<Duration>) -> Result<Latency> {
    let times = Arc::new(Mutex::new(Histogram::default()));
    let places = Arc::new(tokio::sync::Semaphore::new(if every.is_some() { 256 } else { AT_ONCE }));
    let (mut tasks, begin) = (tokio::task::JoinSet::new(), tokio::time::Instant::now());
    for (number, log) in logs.into_iter().enumerate() {
        let due = every.map(|every| begin + every * number as u32);
        if let Some(due) = due {
            tokio::time::sleep_until(due).await;
        }
        let place = Arc::clone(&places).acquire_owned().await?;
        let (uploader, times) = (Uploader::new(base, tls, Some(&token(number % PHONES)))?, Arc::clone(&times));
        tasks.spawn(async move {
            let start = due.map_or_else(Instant::now, tokio::time::Instant::into_std);
            let answer = uploader.begin(&log.octets, Some(&log.unlock)).await?;
            ensure!(answer.status.is_success(), "{:?}: {}", log.id, String::from_utf8_lossy(&answer.body));
            if let Ok(mut times) = times.lock() {
                times.add(start.elapsed());
            }
            drop(place);
            Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let times = times.lock().map_err(|_| anyhow::anyhow!("an upload died"))?;
    Ok(Latency { p50: times.quantile_us(0.5) / 1000.0, p99: times.quantile_us(0.99) / 1000.0 })
}
