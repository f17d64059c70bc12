//! A million deferred requests: what they take in memory and how long a restart takes with them; and how long it is from the report of a
//! node to the client's push.

mod arm;
mod listener;
mod node;
mod relay;
mod reports;

pub(crate) use relay::serve as relay;

use crate::Settings;
use crate::gateway::{Gateway, LOAD_CORE, Operator, PROFILE};
use crate::measure::{peak_resident_bytes, process_cpu_s, resident_bytes};
use crate::programs::{free_port, pin_self, wait_for};
use anyhow::{Context, Result, bail, ensure};
use node::Mme;
use reports::Reports;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Realm of gateway and nodes; the names of nodes tell the network whose cells are meant.
const REALM: &str = "epc.mnc001.mcc001.3gppnetwork.org";
/// Starts whose time is taken.
const RESTARTS: usize = 3;
/// How long a gateway may take to serve.
const PATIENCE: Duration = Duration::from_secs(300);

/// Something that happened outside of the gateway.
#[derive(Debug)]
enum Event {
    /// A report about subscriber `n` was answered with this result.
    Answered { n: u64, result: u32, at: Instant },
    /// The client was told of subscriber `n`.
    Pushed { n: u64, at: Instant },
}

/// The subscriber of request `at`: an even number, for the register of the benches has the others abroad.
fn subscriber(at: u64) -> u64 {
    at * 2
}

/// Runs all of it.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let (programs, requests) = (&settings.programs, settings.requests);
    let dir = tempfile::tempdir()?;
    pin_self(LOAD_CORE);
    let (told, events) = mpsc::channel();
    let push = listener::start(told.clone())?;
    let mme = Mme::start(told)?;
    let (hss_port, hss, errors) = (free_port()?, format!("hss.{REALM}"), dir.path().join("hss.err"));
    let _hss = programs.start(LOAD_CORE, "bench", &["answer", &hss_port.to_string(), &hss], &errors)?;
    wait_for(hss_port, "the HSS", &errors)?;

    let (own, client) = (dir.path().join("gateway"), client(push));
    let operator = Operator {
        name: "bench",
        number: crate::gateway::GMLC_NUMBER,
        country: 49,
        plmn: Some("00101"),
        realm: REALM,
        subscribers: 0,
        client: &client,
    };
    let gateway = Gateway::of(&operator, programs, &own, &sections(&own, hss_port, mme.port)?)?;
    let pid = gateway.running.pid();
    mme.wait_for(&gateway_host())?;
    let empty = resident_bytes(Some(pid));
    println!("empty gateway: {:.1} MB resident", mb(empty));

    let (begun, cpu_s) = (Instant::now(), process_cpu_s(Some(pid)));
    arm::all(&gateway.address(), requests)?;
    let (took_s, cpu_s) = (begun.elapsed().as_secs_f64(), process_cpu_s(Some(pid)) - cpu_s);
    ensure!(events.try_recv().is_err(), "a client was told of a request that is not armed");
    println!(
        "{requests} area requests of as many subscribers armed over MLP in {took_s:.1} s, {:.0}/s, {:.0} per processor second",
        requests as f64 / took_s,
        requests as f64 / cpu_s.max(0.01)
    );
    tell_memory("as they were armed", &gateway, empty, requests);

    let mut reports = Reports { mme, events, next: 0, requests };
    let gateway = restarts(gateway, programs, &mut reports, &own)?;
    tell_memory("after a restart", &gateway, empty, requests);
    reports.beside_floor(settings, dir.path(), &gateway, push)
}

/// Restarts a few times; the floor is to read the database once.
fn restarts(
    mut gateway: Gateway,
    programs: &crate::programs::Programs,
    reports: &mut Reports,
    own: &Path,
) -> Result<Gateway> {
    for _ in 0..RESTARTS {
        let begun = Instant::now();
        gateway = gateway.again(programs)?;
        reports.until_taken(PATIENCE)?;
        let served = begun.elapsed().as_secs_f64();
        let cpu_s = process_cpu_s(Some(gateway.running.pid()));
        let (octets, floor) = read_whole(&own.join("wherefore.db"))?;
        println!(
            "killed and started again: the first report of a node is taken after {served:.2} s ({cpu_s:.2} s of processor time); \
             floor: {:.0} MB of database read in {floor:.2} s",
            mb(octets)
        );
        gateway.wait()?;
    }
    println!("target: under 10 s with 1000000 requests");
    Ok(gateway)
}

fn read_whole(path: &Path) -> Result<(u64, f64)> {
    let (mut file, mut chunk, mut octets) = (File::open(path)?, vec![0u8; 1 << 20], 0);
    let begun = Instant::now();
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok((octets, begun.elapsed().as_secs_f64())),
            read => octets += read as u64,
        }
    }
}

fn tell_memory(when: &str, gateway: &Gateway, empty: u64, requests: u64) {
    let pid = gateway.running.pid();
    settle(pid);
    let (resident, peak) = (resident_bytes(Some(pid)), peak_resident_bytes(pid));
    println!(
        "memory {when}: {:.1} MB resident, at most {:.1} MB; {:.0} octets a request beyond an empty gateway (target: 1000 MB in all)",
        mb(resident),
        mb(peak),
        resident.saturating_sub(empty) as f64 / requests.max(1) as f64
    );
}

/// Waits until a process has nothing more to do, at most ten seconds.
fn settle(pid: u32) {
    let mut before = process_cpu_s(Some(pid));
    for _ in 0..20 {
        std::thread::sleep(Duration::from_millis(500));
        let now = process_cpu_s(Some(pid));
        if now - before < 0.02 {
            return;
        }
        before = now;
    }
}

fn mb(octets: u64) -> f64 {
    octets as f64 / 1e6
}

fn gateway_host() -> String {
    format!("gmlc.{REALM}")
}

fn client(push: u16) -> String {
    format!(
        r#"{{"id":"bench","client_type":"value_added","name":{{"text":"Fleet control"}},"external_identities":[{{"number":"+4930123456"}}],
    "services":[{{"id":"fleet","service_type":3}}],"requests":["non_call","current","change_of_area"],"push_urls":["http://127.0.0.1:{push}/"]}}"#
    )
}

/// Writes the files that these sections name.
fn sections(own: &Path, hss: u16, mme: u16) -> Result<String> {
    std::fs::create_dir_all(own)?;
    std::fs::write(own.join("default-profile.json"), PROFILE)?;
    std::fs::write(own.join("cells.csv"), arm::cells())?;
    let peer = |node: &str, port: u16| {
        format!(
            "[[diameter.peer]]\nhost = \"{node}.{REALM}\"\nrealm = \"{REALM}\"\nrole = \"{node}\"\naddress = \"127.0.0.1:{port}\"\n"
        )
    };
    let sections = "[privacy]\ndefault_profile_file = \"default-profile.json\"\n\
         [areas]\ncell_table_file = \"cells.csv\"\n\
         [deferred]\ngmlc_address = \"127.0.0.1\"\nmax_per_client = 10000000\n";
    Ok(sections.to_owned() + &peer("hss", hss) + &peer("mme", mme))
}

/// What came next, or that nothing did.
fn next(events: &mpsc::Receiver<Event>, within: Duration) -> Result<Option<Event>> {
    match events.recv_timeout(within) {
        Ok(event) => Ok(Some(event)),
        Err(mpsc::RecvTimeoutError::Timeout) => Ok(None),
        Err(mpsc::RecvTimeoutError::Disconnected) => bail!("the node and the client's listener are gone"),
    }
}

/// The number of a subscriber from the digits of an MSISDN.
fn of_digits(digits: &[u8]) -> Option<u64> {
    let number = std::str::from_utf8(digits.strip_prefix(b"49170")?).ok()?;
    number.parse().ok()
}

/// The address of a port of loopback.
fn loopback(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn lost() -> anyhow::Error {
    anyhow::anyhow!("nothing was heard for a while")
}

fn own_name(path: &Path) -> Result<&str> {
    path.to_str().context("the temporary directory has no UTF-8 name")
}
