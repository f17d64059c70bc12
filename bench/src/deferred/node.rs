//! The serving node: acknowledges what it is asked, and reports.

use super::{Event, PATIENCE, REALM, gateway_host, subscriber};
use crate::answer::answer;
use crate::gateway::{imsi, msisdn};
use crate::wire::{be32, find};
use anyhow::{Context, Result, bail};
use diameter::Octets;
use diameter::base::Origin;
use diameter::codec::Identifiers;
use diameter::slg::{DeferredLocationType, DeferredMtLrData, Envelope, LocationEvent, Lrr, ReferenceNumber};
use lcs::{Identities, Imsi, Msisdn};
use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Connections of those that asked for one, by the name that they gave.
type Connections = Mutex<HashMap<String, TcpStream>>;

/// A node.
pub(super) struct Mme {
    pub(super) port: u16,
    host: String,
    connections: Arc<Connections>,
    sessions: u64,
}

impl Mme {
    /// Serves until the process ends.
    pub(super) fn start(told: Sender<Event>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let (port, host) = (listener.local_addr()?.port(), format!("mme.{REALM}"));
        let connections = Arc::new(Connections::default());
        let (all, own) = (Arc::clone(&connections), host.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (all, own, told) = (Arc::clone(&all), own.clone(), told.clone());
                std::thread::spawn(move || converse(stream, &own, &all, &told));
            }
        });
        Ok(Self { port, host, connections, sessions: 0 })
    }

    /// Waits until somebody of this name is connected.
    pub(super) fn wait_for(&self, name: &str) -> Result<()> {
        let begun = Instant::now();
        while !locked(&self.connections).contains_key(name) {
            if begun.elapsed() > PATIENCE {
                bail!("{name} does not connect to the node");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Forgets a connection: who had it was ended.
    pub(super) fn forget(&self, name: &str) {
        locked(&self.connections).remove(name);
    }

    /// Reports that subscriber number `at` entered the area. `false`: nobody of this name is connected.
    pub(super) fn report(&mut self, to: &str, at: u64) -> Result<bool> {
        let n = subscriber(at);
        self.sessions += 1;
        let session_id = format!("{};1;{}", self.host, self.sessions);
        let target = Identities {
            imsi: Some(Imsi::parse(&imsi(n)).context("an IMSI of the benches")?),
            msisdn: Some(Msisdn::parse(&msisdn(n)).context("a number of the benches")?),
            imei: None,
        };
        let envelope = Envelope {
            session_id: &session_id,
            origin: Origin { host: &self.host, realm: REALM },
            destination_host: &gateway_host(),
            destination_realm: REALM,
        };
        let lrr = Lrr {
            location_estimate: Some(Octets(&[0x10, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A])),
            age_min: Some(0),
            reference_number: Some(ReferenceNumber(0)),
            deferred_mt_lr_data: Some(DeferredMtLrData {
                deferred_location_type: DeferredLocationType::ENTERING_AREA,
                termination_cause: None,
                serving_node: None,
                extra: Vec::new(),
            }),
            ..Lrr::new(envelope, LocationEvent::DEFERRED_MT_LR_RESPONSE, target)
        };
        let ids = Identifiers { hop_by_hop: u32::try_from(n)?, end_to_end: u32::try_from(self.sessions)? };
        let mut message = Vec::with_capacity(512);
        lrr.encode(ids, &mut message)?;
        let mut connections = locked(&self.connections);
        let Some(stream) = connections.get_mut(to) else { return Ok(false) };
        if stream.write_all(&message).is_err() {
            connections.remove(to);
            return Ok(false);
        }
        Ok(true)
    }
}

fn locked(connections: &Connections) -> MutexGuard<'_, HashMap<String, TcpStream>> {
    connections.lock().unwrap_or_else(PoisonError::into_inner)
}

fn converse(mut stream: TcpStream, own: &str, all: &Connections, told: &Sender<Event>) {
    let (mut input, mut output, mut chunk) = (Vec::new(), Vec::new(), vec![0u8; 256 << 10]);
    let _no_delay = stream.set_nodelay(true);
    while let Ok(read) = stream.read(&mut chunk) {
        if read == 0 {
            return;
        }
        input.extend_from_slice(&chunk[..read]);
        let (mut at, mut named) = (0, None);
        while input.len() - at >= 20 {
            let length = (be32(&input[at..]) & 0xFF_FFFF) as usize;
            if length < 20 || input.len() - at < length {
                break;
            }
            let message = &input[at..at + length];
            if message[4] & 0x80 == 0 {
                let (n, result, at) = (be32(&message[12..]).into(), result(message), Instant::now());
                // Nobody listens any more when the bench is over.
                let _ = told.send(Event::Answered { n, result, at });
            } else {
                named = named.or_else(|| name_of(message));
                answer(message, own, &mut output);
            }
            at += length;
        }
        input.drain(..at);
        // One writer at a time: reports go over the same connection.
        let mut connections = locked(all);
        if stream.write_all(&output).is_err() {
            return;
        }
        output.clear();
        if let (Some(name), Ok(writer)) = (named, stream.try_clone()) {
            connections.insert(name, writer);
        }
    }
}

/// The name in a capabilities exchange.
fn name_of(message: &[u8]) -> Option<String> {
    let exchange = be32(&message[4..]) & 0xFF_FFFF == 257;
    let name = find(&message[20..], 264).flatten().filter(|_| exchange)?;
    String::from_utf8(name.to_vec()).ok()
}

/// The result of an answer, that of 3GPP where there is one; 0 for none.
fn result(message: &[u8]) -> u32 {
    let body = &message[20..];
    let experimental = find(body, 297).flatten().and_then(|group| find(group, 298).flatten());
    let code = experimental.or_else(|| find(body, 268).flatten());
    code.filter(|code| code.len() == 4).map_or(0, be32)
}
