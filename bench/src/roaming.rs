//! What other operators' gateways add: the same request answered at home, over a requesting gateway, and over requesting, home and
//! visited one, which speak RLP over TLS with certificates on both sides (TS 23.271 clause 9.1.1). Each leaves its own durable record.

use crate::Settings;
use crate::answer::ABROAD;
use crate::gateway::{CLIENT, Gateway, LOAD_CORE, Operator, SUBSCRIBERS, msisdn, routes_kept_s};
use crate::load::{Outcome, closed_loop, keep_best, slir};
use crate::programs::{Programs, Running, free_port, pin_self, wait_for};
use anyhow::{Context, Result};
use aws_lc_rs::digest::{SHA256, digest};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::path::Path;
use testbed::Authority;

/// Clients when none are asked for.
const CLIENTS: &[usize] = &[1];
const ROUNDS: usize = 3;
const HOME: &str = "epc.mnc001.mcc001.3gppnetwork.org";

/// Where the client asks, the home register, and where the target roams.
const OPERATORS: [Operator<'_>; 3] = [
    Operator {
        name: "requesting.example",
        number: "99912340000",
        country: 999,
        plmn: Some("00103"),
        realm: "epc.mnc003.mcc001.3gppnetwork.org",
        subscribers: 0,
        client: CLIENT,
    },
    Operator {
        name: "home.example",
        number: "491700000001",
        country: 49,
        plmn: Some("00101"),
        realm: HOME,
        subscribers: SUBSCRIBERS,
        client: CLIENT,
    },
    Operator {
        name: "visited.example",
        number: "88812340000",
        country: 888,
        plmn: Some("00102"),
        realm: ABROAD,
        subscribers: 0,
        client: CLIENT,
    },
];

/// Which way a request goes.
struct Road {
    name: &'static str,
    /// The gateways that work on it, the one that the client asks first.
    gateways: std::ops::Range<usize>,
    /// 1: subscribers who are abroad.
    odd: u64,
}

const ROADS: [Road; 3] = [
    Road { name: "home", gateways: 1..2, odd: 0 },
    Road { name: "requesting, home", gateways: 0..2, odd: 0 },
    Road { name: "requesting, home, visited", gateways: 0..3, odd: 1 },
];

/// Runs the three roads in turns and prints what each adds to the first.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let (gateways, _nodes) = start(&settings.programs, dir.path())?;
    pin_self(LOAD_CORE);
    println!(
        "whole MT-LR over other operators' gateways, RLP over mutual TLS; gateways on one core, nodes and load on the other"
    );
    println!("{:>7}  {:<26}  {:>40}  {:>6}  {:>5}  {:>9}", "clients", "over", "", "rate", "p50", "p50 added");
    let asked = if settings.clients.is_empty() { CLIENTS } else { &settings.clients };
    for clients in asked {
        let mut best = [const { None::<Outcome> }; 3];
        for _ in 0..ROUNDS {
            for (best, road) in best.iter_mut().zip(&ROADS) {
                let subscriber = |at: usize| (at as u64 * 977 * 2 + road.odd) % SUBSCRIBERS;
                let body = |at: usize| slir("bench", "bench-secret-of-a-client", &msisdn(subscriber(at)));
                let used = gateways.get(road.gateways.clone()).context("a road over gateways that are not there")?;
                let pids: Vec<u32> = used.iter().map(|gateway| gateway.running.pid()).collect();
                let address = used.first().context("a road over no gateway")?.address();
                keep_best(best, closed_loop(&address, *clients, settings.seconds, body, "CircularArea", &pids)?);
            }
        }
        let [Some(at_home), ..] = &best else { continue };
        for (outcome, road) in best.iter().zip(&ROADS) {
            let outcome = outcome.as_ref().context("nothing was measured")?;
            let p50 = |outcome: &Outcome| outcome.latency.quantile_us(0.5);
            println!(
                "{clients:>7}  {:<26}  {:>40}  {:>5.0}%  {:>4.1}x  {:>6.0} us{}",
                road.name,
                outcome.to_string(),
                100.0 * outcome.per_cpu_s / at_home.per_cpu_s,
                p50(outcome) / p50(at_home),
                p50(outcome) - p50(at_home),
                outcome.complaint(),
            );
        }
    }
    println!("target: one client, over all three, adds less than 3,000 us to p50");
    Ok(())
}

/// All gateways, in the order of [`OPERATORS`], and their nodes.
fn start(programs: &Programs, dir: &Path) -> Result<(Vec<Gateway>, Vec<Running>)> {
    let authority = Authority::new()?;
    let mut nodes = Vec::new();
    let mut node = |host: String, role: &str| -> Result<String> {
        let (port, errors) = (free_port()?, dir.join(format!("{host}.err")));
        let running = programs.start(LOAD_CORE, "bench", &["answer", &port.to_string(), &host], &errors)?;
        wait_for(port, &host, &errors)?;
        nodes.push(running);
        let (_, realm) = host.split_once('.').context("a host without a realm")?;
        let address = format!("127.0.0.1:{port}");
        let peer = format!(
            "[[diameter.peer]]\nhost = \"{host}\"\nrealm = \"{realm}\"\nrole = \"{role}\"\naddress = \"{address}\"\n"
        );
        Ok(peer)
    };
    let mut doors = Vec::new();
    for operator in &OPERATORS {
        let pair = authority.for_both_ends(operator.name)?;
        let own = dir.join(operator.name);
        std::fs::create_dir_all(&own)?;
        pair.write(&own, "lr")?;
        std::fs::write(own.join("lr-ca.pem"), &authority.pem)?;
        let certificate = CertificateDer::from_pem_slice(pair.certificate_pem.as_bytes())?;
        let print =
            digest(&SHA256, &certificate).as_ref().iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        doors.push((free_port()?, print));
    }
    let mut gateways = Vec::new();
    for (at, operator) in OPERATORS.iter().enumerate() {
        let mut sections = routes_kept_s(0);
        // Who is at home with nobody here asks no register: the number leads to the home gateway.
        sections += &node(format!("hss.{}", operator.realm), "hss")?;
        sections += &node(format!("mme.{}", operator.realm), "mme")?;
        sections += &lr(at, &doors);
        gateways.push(Gateway::of(operator, programs, &dir.join(operator.name), &sections)?);
    }
    Ok((gateways, nodes))
}

/// The section on Lr of the operator at `at`. Bounds are out of the way: they are not what is measured.
fn lr(at: usize, doors: &[(u16, String)]) -> String {
    let mut text = String::new();
    for (other, (operator, (port, print))) in OPERATORS.iter().zip(doors).enumerate() {
        let Operator { name, number, country, plmn, .. } = operator;
        let plmn = plmn.unwrap_or_default();
        if other == at {
            text.insert_str(
                0,
                &format!(
                    "[lr]\nlisten = \"127.0.0.1:{port}\"\ncert_file = \"lr.pem\"\nkey_file = \"lr.key\"\nca_file = \"lr-ca.pem\"\n\
                     replay_entries = 10000000\nmax_connections = 4096\n"
                ),
            );
        } else {
            let prefix = if *country == 49 { "+49170".to_owned() } else { format!("+{country}") };
            text += &format!(
                "[[lr.peer]]\nname = \"{name}\"\nroles = [\"requesting\", \"home\", \"visited\"]\ncountry_code = {country}\n\
                 url = \"https://localhost:{port}\"\ncertificate_sha256 = [\"{print}\"]\nplmns = [\"{plmn}\"]\n\
                 number_prefixes = [\"{prefix}\"]\ngmlc_number = \"+{number}\"\n\
                 rate_per_s = 1000000\nburst = 1000000\nmax_concurrent = 1000000\n"
            );
        }
    }
    text
}
