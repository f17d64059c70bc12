//! Invocations per processor second: two nodes on loopback in one thread, an echo of 100 octets, 64 at a time.
//!
//! `cargo run --release -p transport --example sigtran_echo [seconds [octets [at a time]]]`
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program for a person, without a caller to tell"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lcs::Address;
use transport::sigtran::{
    Admission, Answer, ApplicationContext, AssociationConfig, Dialogue, DialogueHandler, GtRoute, Incoming, Invoke,
    InvokeOutcome, NoOperations, PointCode, SigtranConfig, SigtranNode, Ssn, by_number,
};

struct Echo;

impl DialogueHandler for Echo {
    async fn handle(&self, incoming: Incoming, _dialogue: Dialogue) -> Answer {
        Answer::Result(incoming.argument)
    }
}

/// Processor seconds, user and system, of this process, in ticks of 10 ms.
fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = text.rsplit(')').next().unwrap();
    let ticks = after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap());
    ticks.sum::<f64>() / 100.0
}

fn node(point_code: u32, number: &str, subsystem: Ssn, association: AssociationConfig, other: u32) -> SigtranConfig {
    let own = Address::international(number).unwrap();
    let mut config = SigtranConfig::new(PointCode::new(point_code).unwrap(), own, subsystem);
    config.associations = vec![association];
    let prefix = Address::international("49177").unwrap();
    config.routes = vec![GtRoute { prefix, point_code: PointCode::new(other).unwrap() }];
    config.admission = Admission::Anyone;
    config
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let argument =
        |at: usize, default: usize| std::env::args().nth(at).map_or(default, |text| text.parse().expect("a number"));
    let (seconds, octets, at_a_time) = (argument(1, 5), argument(2, 100), argument(3, 64));
    let any = "127.0.0.1:0".parse().unwrap();
    let server = AssociationConfig::server("centre", any, [PointCode::new(1).unwrap()]);
    let register = SigtranNode::start(node(2, "491770000006", Ssn::HLR, server, 1), Echo).await.unwrap();
    let address = register.local_addrs()[0].unwrap();
    let asp = AssociationConfig::asp("register", address, [PointCode::new(2).unwrap()]);
    let centre = SigtranNode::start(node(1, "491770000145", Ssn::GMLC, asp, 2), NoOperations).await.unwrap();
    centre.wait_active(1).await;
    let to = by_number(Address::international("491770000006").unwrap(), Ssn::HLR).unwrap();
    let mut element = vec![0x04, 0x82, (octets >> 8) as u8, octets as u8];
    element.resize(4 + octets, 0x55);
    let count = Arc::new(AtomicU64::new(0));
    for _ in 0..at_a_time {
        let (centre, count, element) = (centre.clone(), Arc::clone(&count), element.clone());
        tokio::spawn(async move {
            loop {
                let context = ApplicationContext::map(38, 3);
                let call = Invoke::new(to, context, 83, element.clone(), Duration::from_secs(10));
                assert!(matches!(centre.invoke(call).await, Ok(InvokeOutcome::Result(_))));
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (begun, before, cpu) = (Instant::now(), count.load(Ordering::Relaxed), cpu_s());
    tokio::time::sleep(Duration::from_secs(seconds as u64)).await;
    let done = (count.load(Ordering::Relaxed) - before) as f64;
    let (wall, cpu) = (begun.elapsed().as_secs_f64(), cpu_s() - cpu);
    println!(
        "{octets} octets, {at_a_time} at a time: {:.0}/s, {:.0} per processor second of both",
        done / wall,
        done / cpu
    );
    println!("{:?}", centre.counters());
}
