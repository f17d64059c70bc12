//! A closed loop of HTTP clients over keep-alive connections, in one thread: each sends its next request as its answer comes.

use crate::measure::{Histogram, process_cpu_s};
use anyhow::{Context, Result, bail};
use rustix::event::epoll;
use std::fmt;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// What a run gave.
pub(crate) struct Outcome {
    /// Answers a second.
    pub(crate) rate_per_s: f64,
    /// Answers per processor second of the gateways, taken together.
    pub(crate) per_cpu_s: f64,
    /// Latency.
    pub(crate) latency: Histogram,
    /// Answers whose body did not hold the wanted text.
    pub(crate) unwanted: u64,
}

impl Outcome {
    /// What went wrong, for the end of a line; empty when nothing did.
    pub(crate) fn complaint(&self) -> String {
        if self.unwanted == 0 { String::new() } else { format!("  {} answers without a position", self.unwanted) }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (p50, p99) = (self.latency.quantile_us(0.5), self.latency.quantile_us(0.99));
        write!(f, "{:.0}/s {:.0}/cpu·s p50 {p50:.0} p99 {p99:.0} us", self.rate_per_s, self.per_cpu_s)
    }
}

/// Keeps the outcome that took less processor time for an answer.
pub(crate) fn keep_best(best: &mut Option<Outcome>, outcome: Outcome) {
    if best.as_ref().is_none_or(|best| outcome.per_cpu_s > best.per_cpu_s) {
        *best = Some(outcome);
    }
}

struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    sent: Instant,
    input: Vec<u8>,
}

/// Runs `clients` for `seconds` after one second of warming up. `body(i)` is what client i sends, `wanted` must occur in
/// every good answer, `gateways` are the processes whose time is taken.
pub(crate) fn closed_loop(
    address: &str,
    clients: usize,
    seconds: f64,
    body: impl Fn(usize) -> String,
    wanted: &str,
    gateways: &[u32],
) -> Result<Outcome> {
    let cpu_s = || gateways.iter().map(|pid| process_cpu_s(Some(*pid))).sum::<f64>();
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut all = Vec::with_capacity(clients);
    for at in 0..clients {
        let stream = TcpStream::connect(address).with_context(|| format!("no gateway at {address}"))?;
        stream.set_nodelay(true)?;
        epoll::add(&poll, &stream, epoll::EventData::new_u64(at as u64), epoll::EventFlags::IN)?;
        let body = body(at);
        let head = format!(
            "POST / HTTP/1.1\r\nHost: gateway\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        all.push(Client {
            stream,
            request: [head.as_bytes(), body.as_bytes()].concat(),
            sent: Instant::now(),
            input: Vec::new(),
        });
    }
    for client in &mut all {
        client.sent = Instant::now();
        client.stream.write_all(&client.request)?;
    }
    let wanted = wanted.as_bytes();
    let (start, warm_up) = (Instant::now(), Duration::from_secs(1));
    let (mut latency, mut unwanted, mut begun) = (Histogram::default(), 0, None);
    let (mut events, mut chunk) = (Vec::with_capacity(1024), vec![0u8; 64 << 10]);
    loop {
        if begun.is_none() && start.elapsed() > warm_up {
            begun = Some((Instant::now(), cpu_s()));
            (latency, unwanted) = (Histogram::default(), 0);
        }
        if let Some((at, cpu)) = begun.filter(|(at, _)| at.elapsed().as_secs_f64() >= seconds) {
            let (wall, cpu) = (at.elapsed().as_secs_f64(), cpu_s() - cpu);
            let n = latency.count() as f64;
            return Ok(Outcome { rate_per_s: n / wall, per_cpu_s: n / cpu.max(0.01), latency, unwanted });
        }
        events.clear();
        let five_s = rustix::event::Timespec { tv_sec: 5, tv_nsec: 0 };
        epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), Some(&five_s))?;
        if events.is_empty() {
            bail!("the gateway at {address} gave no answer for 5 s");
        }
        for event in &events {
            let client = &mut all[event.data.u64() as usize];
            let n = client.stream.read(&mut chunk)?;
            if n == 0 {
                bail!("the gateway closed a connection");
            }
            client.input.extend_from_slice(&chunk[..n]);
            let Some(length) = whole_message(&client.input) else { continue };
            latency.add(client.sent.elapsed());
            unwanted += u64::from(!client.input[..length].windows(wanted.len()).any(|w| w == wanted));
            client.input.drain(..length);
            client.sent = Instant::now();
            client.stream.write_all(&client.request)?;
        }
    }
}

/// Length of the HTTP message at the start of `input`, once all of it is there.
pub(crate) fn whole_message(input: &[u8]) -> Option<usize> {
    let head = input.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&input[..head]).ok()?;
    let length = text.lines().find_map(|l| {
        let (name, value) = l.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    (input.len() >= head + length).then_some(head + length)
}

/// A request of about 1 KB, as a real client sends it.
pub(crate) fn slir(client: &str, secret: &str, msisdn: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<svc_init ver="3.5.0"><hdr ver="3.5.0"><client><id>{client}</id><pwd>{secret}</pwd><serviceid>fleet</serviceid><requestmode type="PASSIVE"/></client><requestor type="NAME"><id>dispatcher</id></requestor></hdr>
<slir ver="3.5.0" res_type="SYNC"><msids><msid type="MSISDN" enc="ASC">{msisdn}</msid></msids><eqop><resp_req type="LOW_DELAY"/><resp_timer>30</resp_timer><hor_acc qos_class="BEST_EFFORT">1000</hor_acc></eqop>
<geo_info><CoordinateReferenceSystem><Identifier><code>4326</code><codeSpace>EPSG</codeSpace><edition>6.1</edition></Identifier></CoordinateReferenceSystem></geo_info><loc_type type="CURRENT_OR_LAST"/><prio type="NORMAL"/></slir></svc_init>"#
    )
}
