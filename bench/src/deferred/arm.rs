//! Arming over MLP, as a client does it.

use super::subscriber;
use crate::gateway::msisdn;
use crate::load::whole_message;
use anyhow::{Context, Result, bail, ensure};
use lcs::gad::Position;
use mlp::AreaChange;
use mlp::client::{ClientArea, ClientEvent, ClientTarget, Request, TriggeredRequest};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};

/// Connections.
const CONNECTIONS: usize = 8;
/// Targets in one request.
const TARGETS: u64 = 50;
/// Where the area is.
const MIDDLE: Position = Position { lat_deg: 48.1, lon_deg: 11.5 };
/// Cells across the square that they cover, and degrees of latitude between two.
const ACROSS: i32 = 12;
const STEP_DEG: f64 = 0.006;

/// A table of cells that cover the area, one tracking area for all.
pub(super) fn cells() -> String {
    let mut text = String::new();
    for cell in 0..ACROSS * ACROSS {
        let step = |at: i32| f64::from(at - ACROSS / 2) * STEP_DEG;
        let (lat, lon) = (MIDDLE.lat_deg + step(cell / ACROSS), MIDDLE.lon_deg + 1.5 * step(cell % ACROSS));
        // Writing to a text does not fail.
        let _ = writeln!(text, "LTE,1,1,7,{},0,{lon:.6},{lat:.6},800,9,1,0,0,0", cell + 1);
    }
    text
}

/// Twelve corners within 1.7 km.
fn area() -> ClientArea {
    let corner = |at: u32| {
        let (sin, cos) = (f64::from(at) * core::f64::consts::TAU / 12.0).sin_cos();
        let reach = if at.is_multiple_of(2) { 0.015 } else { 0.012 };
        Position { lat_deg: MIDDLE.lat_deg + reach * sin, lon_deg: MIDDLE.lon_deg + 1.5 * reach * cos }
    };
    ClientArea::Polygon((0..12).map(corner).collect())
}

/// Arms a request for each of so many subscribers.
pub(super) fn all(address: &str, requests: u64) -> Result<()> {
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let work = |_| scope.spawn(|| connection(address, &next, requests));
        let threads: Vec<_> = (0..CONNECTIONS).map(work).collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(done) => done,
            Err(_) => bail!("a connection that arms requests broke"),
        })
    })
}

fn connection(address: &str, next: &AtomicU64, requests: u64) -> Result<()> {
    let mut stream = TcpStream::connect(address).context("no gateway there")?;
    stream.set_nodelay(true)?;
    let (mut input, mut chunk) = (Vec::new(), vec![0u8; 64 << 10]);
    loop {
        let from = next.fetch_add(TARGETS, Ordering::Relaxed);
        let until = (from + TARGETS).min(requests);
        if from >= until {
            return Ok(());
        }
        let body = request(from..until);
        let head = format!(
            "POST / HTTP/1.1\r\nHost: gateway\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
        input.clear();
        while whole_message(&input).is_none() {
            let read = stream.read(&mut chunk)?;
            ensure!(read > 0, "the gateway closed a connection");
            input.extend_from_slice(&chunk[..read]);
        }
        let text = String::from_utf8_lossy(&input);
        ensure!(text.contains("<req_id>"), "not armed: {text}");
    }
}

fn request(numbers: core::ops::Range<u64>) -> String {
    let targets = numbers.map(|at| ClientTarget::msisdn(msisdn(subscriber(at)))).collect();
    let asked =
        Request { service_id: Some("fleet".to_owned()), ..Request::new("bench", "bench-secret-of-a-client", targets) };
    let event = ClientEvent::ChangeArea {
        change: AreaChange::Entering,
        area: area(),
        estimates: true,
        reports: Some(1000),
        min_interval_s: None,
    };
    TriggeredRequest::on(asked, event).to_xml()
}
