//! Goal P2: Diameter answers a core, as a client of four nodes: the product's node beside a hand-written client.

use crate::Settings;
use crate::floor::Peer;
use crate::measure::thread_cpu_s;
use crate::programs::{Programs, Running, free_port, wait_for};
use crate::wire;
use anyhow::{Context, Result, bail};
use diameter::base::Origin;
use diameter::codec::ApplicationId;
use diameter::slg::{Envelope, Pla, Plr};
use lcs::gad::ShapeSet;
use lcs::{
    ClientName, FormatIndicator, Identities, Imsi, LcsClientType, LocationType, Msisdn, PositioningOutcome, Priority,
    PrivacyIndicators, PrivacySetting, Qos, QosClass, Requestor, ResponseTime, ServiceType,
};
use rustix::event::epoll;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use transport::{Application, Destination, NoCommands, Node, NodeConfig, PeerConfig};

/// Connections, and requests under way on each.
const POINTS: [(usize, usize); 4] = [(1, 1), (1, 64), (4, 64), (4, 512)];
const ROUNDS: usize = 3;
const REALM: &str = "floor.example";
const WARM_UP: Duration = Duration::from_millis(500);

/// Which client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Side {
    /// The hand-written one.
    Floor,
    /// `transport::Node` with typed requests and answers.
    Product,
}

/// What one window gave.
#[derive(Debug, Clone, Copy, Default)]
struct Window {
    per_s: f64,
    per_cpu_s: f64,
}

/// Runs floor and product in turns at each point, each in a process of its own on core 0.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let (programs, seconds) = (&settings.programs, settings.seconds);
    let dir = tempfile::tempdir()?;
    let nodes = (0..4).map(|at| start_node(programs, dir.path(), at)).collect::<Result<Vec<_>>>()?;
    println!("Diameter, typed PLR out and PLA in, client side; per processor second of the client's one thread");
    println!("{:>9}  {:>28}  {:>28}  {:>5}", "conns x n", "floor", "wherefore", "ratio");
    for (connections, outstanding) in POINTS {
        let (mut floor, mut product) = (Window::default(), Window::default());
        for _ in 0..ROUNDS {
            for (side, best) in [(Side::Floor, &mut floor), (Side::Product, &mut product)] {
                let window = client(programs, side, &nodes[..connections], outstanding, seconds / 2.0)?;
                if window.per_cpu_s > best.per_cpu_s {
                    *best = window;
                }
            }
        }
        let show = |window: Window| format!("{:.0}/s {:.0}/cpu·s", window.per_s, window.per_cpu_s);
        println!(
            "{:>9}  {:>28}  {:>28}  {:>4.0}%",
            format!("{connections} x {outstanding}"),
            show(floor),
            show(product),
            100.0 * product.per_cpu_s / floor.per_cpu_s
        );
    }
    println!("target: 300,000 per processor second at 4 x 64 (goal 1,000,000)");
    Ok(())
}

/// One answerer.
struct Answerer {
    port: u16,
    _running: Running,
}

fn start_node(programs: &Programs, dir: &Path, at: usize) -> Result<Answerer> {
    let port = free_port()?;
    let errors = dir.join(format!("node{at}.err"));
    let running = programs.start("1", "bench", &["answer", &port.to_string(), &host(at)], &errors)?;
    wait_for(port, "an answerer", &errors)?;
    Ok(Answerer { port, _running: running })
}

fn host(at: usize) -> String {
    format!("mme{at}.{REALM}")
}

fn client(programs: &Programs, side: Side, nodes: &[Answerer], outstanding: usize, seconds: f64) -> Result<Window> {
    let ports: Vec<String> = nodes.iter().map(|node| node.port.to_string()).collect();
    let (side, outstanding) = (if side == Side::Floor { "floor" } else { "product" }, outstanding.to_string());
    let arguments = ["exchange", side, "--outstanding", &outstanding, "--ports", &ports.join(",")];
    let seconds = format!("{seconds}");
    let said = programs.run_on("0", "bench", &[&["--seconds", &seconds][..], &arguments[..]].concat())?;
    let mut numbers = said.split_whitespace().map(str::parse::<f64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(per_s)), Some(Ok(per_cpu_s))) => Ok(Window { per_s, per_cpu_s }),
        _ => bail!("the client said {said:?}"),
    }
}

/// The work of a client's process: prints answers a second, and a processor second.
pub(crate) fn measure(side: Side, ports: &[u16], outstanding: usize, seconds: f64) -> Result<()> {
    let (answers, wall, cpu) = match side {
        Side::Floor => floor(ports, outstanding, seconds)?,
        Side::Product => tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(product(
            ports,
            outstanding,
            seconds,
        ))?,
    };
    println!("{:.1} {:.1}", answers as f64 / wall, answers as f64 / cpu);
    Ok(())
}

fn floor(ports: &[u16], outstanding: usize, seconds: f64) -> Result<(u64, f64, f64)> {
    let plr = wire::request(wire::PLR, wire::SLG, &host(0), true);
    let connect = |port: &u16| Peer::connect(&format!("127.0.0.1:{port}"), wire::SLG);
    let mut peers = ports.iter().map(connect).collect::<Result<Vec<_>>>()?;
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    for (at, peer) in peers.iter_mut().enumerate() {
        epoll::add(&poll, &peer.stream, epoll::EventData::new_u64(at as u64), epoll::EventFlags::IN)?;
        (0..outstanding).for_each(|slot| peer.send(&plr, slot as u32));
        peer.flush();
    }
    let (mut events, mut chunk, mut answered) = (Vec::with_capacity(16), vec![0u8; 256 << 10], Vec::new());
    let (start, mut begun, mut count) = (Instant::now(), None, 0u64);
    loop {
        match begun {
            None if start.elapsed() > WARM_UP => {
                begun = Some((Instant::now(), thread_cpu_s()));
                count = 0;
            }
            Some((at, cpu)) if Instant::elapsed(&at).as_secs_f64() > seconds => {
                return Ok((count, at.elapsed().as_secs_f64(), thread_cpu_s() - cpu));
            }
            _ => {}
        }
        events.clear();
        epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), None)?;
        for event in &events {
            let peer = &mut peers[event.data.u64() as usize];
            peer.receive(&mut chunk, &mut answered);
            count += answered.len() as u64;
            answered.drain(..).for_each(|slot| peer.send(&plr, slot));
            peer.flush();
        }
    }
}

/// What every request of the product's client is made of.
struct Asker {
    node: Node,
    target: Identities,
    name: ClientName,
    requestor: Requestor,
    indicators: PrivacyIndicators,
    answers: AtomicU64,
    failures: AtomicU64,
}

async fn product(ports: &[u16], outstanding: usize, seconds: f64) -> Result<(u64, f64, f64)> {
    let mut config = NodeConfig::new("gmlc.floor.example", REALM);
    config.applications = vec![Application::tgpp(ApplicationId::SLG)];
    let peer = |(at, port): (usize, &u16)| PeerConfig::initiate(&host(at), REALM, ([127, 0, 0, 1], *port).into());
    config.peers = ports.iter().enumerate().map(peer).collect();
    let node = Node::start(config, NoCommands).await?;
    node.wait_usable(ports.len()).await;
    let asker = Arc::new(Asker {
        target: Identities {
            imsi: Some(Imsi::parse("001010123456789")?),
            msisdn: Some(Msisdn::parse("491700000042")?),
            imei: None,
        },
        name: ClientName::new("fleet-tracker.example", FormatIndicator::LogicalName)?,
        requestor: Requestor { text: "dispatcher".to_owned(), format: FormatIndicator::LogicalName },
        indicators: PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None)?,
        answers: AtomicU64::new(0),
        failures: AtomicU64::new(0),
        node,
    });
    for at in 0..ports.len() {
        for _ in 0..outstanding {
            let asker = Arc::clone(&asker);
            tokio::spawn(async move {
                let host = host(at);
                loop {
                    match asker.ask(&host).await {
                        Ok(()) => asker.answers.fetch_add(1, Ordering::Relaxed),
                        Err(_) => asker.failures.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
    }
    tokio::time::sleep(WARM_UP).await;
    let (count, cpu, start) = (asker.answers.load(Ordering::Relaxed), thread_cpu_s(), Instant::now());
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    let (wall, cpu) = (start.elapsed().as_secs_f64(), thread_cpu_s() - cpu);
    if asker.failures.load(Ordering::Relaxed) > 0 {
        bail!("{} requests failed", asker.failures.load(Ordering::Relaxed));
    }
    Ok((asker.answers.load(Ordering::Relaxed) - count, wall, cpu))
}

impl Asker {
    /// One exchange as the gateway makes it: a typed request out, a typed answer in, down to the position.
    async fn ask(&self, host: &str) -> Result<()> {
        let session_id = self.node.session_id();
        let envelope = Envelope {
            session_id: &session_id,
            origin: Origin { host: self.node.origin_host(), realm: self.node.origin_realm() },
            destination_host: host,
            destination_realm: REALM,
        };
        let (asked, client) = (LocationType::Current, LcsClientType::ValueAdded);
        let qos = Qos {
            class: QosClass::BestEffort,
            horizontal_m: Some(1000),
            vertical_m: None,
            response_time: Some(ResponseTime::LowDelay),
        };
        let plr = Plr::new(envelope, asked, self.target, client, self.indicators, None)?
            .priority(Priority::Normal)
            .qos(qos)
            .shapes(ShapeSet::ALL)
            .service_type(ServiceType::new(3).context("a service type is below 128")?)
            .client_name(&self.name)
            .requestor(&self.requestor);
        let encode = |ids, out: &mut Vec<u8>| plr.encode(ids, out);
        let destination = Destination::to_host(host, REALM);
        let limit = Duration::from_secs(5);
        let answer = self.node.request(ApplicationId::SLG, destination, encode, limit).await?;
        match Pla::decode(&answer)?.positioning_outcome(asked) {
            Ok(PositioningOutcome::Fixed(_)) => Ok(()),
            _ => bail!("no position"),
        }
    }
}
