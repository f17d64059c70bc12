//! The floor of one MT-LR: HTTP and MLP in, XML parsed, a decision on a 64-byte profile among a million, SLh and SLg round
//! trips, a hash-chained record made durable by group commit, then the answer. One epoll thread and one committing
//! thread, written by hand, without any feature: the yardstick that the gateway is held against.

use crate::wire::{self, be32};
use anyhow::{Context, Result};
use aws_lc_rs::digest;
use quick_xml::events::Event;
use rustix::event::{EventfdFlags, epoll, eventfd};
use std::io::{Read, Seek, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex};

const LISTENER: u64 = u64::MAX;
const SLH: u64 = u64::MAX - 1;
const SLG: u64 = u64::MAX - 2;
const COMMITTED: u64 = u64::MAX - 3;
const RECORD: usize = 512;

#[derive(Default)]
struct Batch {
    slots: Vec<usize>,
    octets: Vec<u8>,
}

#[derive(Default)]
struct Queue {
    waiting: Batch,
    committed: Vec<usize>,
}

/// A connection to an answerer.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Peer {
    pub(crate) fn connect(address: &str, application: u32) -> Result<Self> {
        let mut stream = TcpStream::connect(address).with_context(|| format!("no answerer at {address}"))?;
        stream.set_nodelay(true)?;
        stream.write_all(&wire::cer(application))?;
        let _cea = stream.read(&mut [0; 2048])?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, input: Vec::new(), output: Vec::new() })
    }

    pub(crate) fn send(&mut self, template: &[u8], slot: u32) {
        let start = self.output.len();
        self.output.extend_from_slice(template);
        self.output[start + 12..start + 16].copy_from_slice(&slot.to_be_bytes());
        self.output[start + 16..start + 20].copy_from_slice(&slot.to_be_bytes());
    }

    pub(crate) fn flush(&mut self) {
        while !self.output.is_empty() {
            match self.stream.write(&self.output) {
                Ok(n) => drop(self.output.drain(..n)),
                Err(_) => return,
            }
        }
    }

    /// Slots whose answers have come.
    pub(crate) fn receive(&mut self, chunk: &mut [u8], answered: &mut Vec<u32>) {
        let Ok(n) = self.stream.read(chunk) else { return };
        self.input.extend_from_slice(&chunk[..n]);
        let mut at = 0;
        while self.input.len() - at >= 20 {
            let length = (be32(&self.input[at..]) & 0xFF_FFFF) as usize;
            if length < 20 || self.input.len() - at < length {
                break;
            }
            let message = &self.input[at..at + length];
            if wire::session_id(&message[20..]).is_some() {
                answered.push(be32(&message[12..]));
            }
            at += length;
        }
        self.input.drain(..at);
    }
}

/// Runs the floor on a port of loopback until the process ends.
pub(crate) fn serve(port: u16, slh: &str, slg: &str, log: &std::path::Path) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    let (mut hss, mut mme) = (Peer::connect(slh, wire::SLH)?, Peer::connect(slg, wire::SLG)?);
    let rir = wire::request(wire::RIR, wire::SLH, "hss.floor.example", false);
    let plr = wire::request(wire::PLR, wire::SLG, "mme.floor.example", true);
    let profiles: Vec<[u32; 16]> =
        (0..1_000_000u32).map(|i| [1, 7, 22, 50, i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).collect();
    let queue = Arc::new((Mutex::new(Queue::default()), Condvar::new()));
    let wake = Arc::new(eventfd(0, EventfdFlags::NONBLOCK)?);
    commit_forever(log, Arc::clone(&queue), Arc::clone(&wake))?;
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&poll, &listener, epoll::EventData::new_u64(LISTENER), epoll::EventFlags::IN)?;
    epoll::add(&poll, &hss.stream, epoll::EventData::new_u64(SLH), epoll::EventFlags::IN)?;
    epoll::add(&poll, &mme.stream, epoll::EventData::new_u64(SLG), epoll::EventFlags::IN)?;
    epoll::add(&poll, &*wake, epoll::EventData::new_u64(COMMITTED), epoll::EventFlags::IN)?;
    let answer = answer();
    let mut clients: Vec<Option<TcpStream>> = Vec::new();
    let (mut events, mut chunk) = (Vec::with_capacity(1024), vec![0u8; 256 << 10]);
    let (mut answered, mut done, mut record, mut chain) = (Vec::new(), Vec::new(), vec![0u8; RECORD], [0u8; 32]);
    loop {
        events.clear();
        epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), None)?;
        for event in &events {
            match event.data.u64() {
                LISTENER => accept(&listener, &poll, &mut clients)?,
                SLH => {
                    hss.receive(&mut chunk, &mut answered);
                    answered.drain(..).for_each(|slot| mme.send(&plr, slot));
                }
                SLG => {
                    mme.receive(&mut chunk, &mut answered);
                    let mut queue = queue.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    for slot in answered.drain(..) {
                        record[..4].copy_from_slice(&slot.to_be_bytes());
                        record[RECORD - 32..].copy_from_slice(&chain);
                        chain.copy_from_slice(digest::digest(&digest::SHA256, &record).as_ref());
                        queue.waiting.octets.extend_from_slice(&record);
                        queue.waiting.slots.push(slot as usize);
                    }
                }
                COMMITTED => {
                    let _count = rustix::io::read(&*wake, &mut [0u8; 8][..]);
                    std::mem::swap(
                        &mut queue.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).committed,
                        &mut done,
                    );
                    for slot in done.drain(..) {
                        if let Some(Some(client)) = clients.get_mut(slot) {
                            let _gone = client.write_all(&answer);
                        }
                    }
                }
                slot => {
                    let client = &mut clients[slot as usize];
                    let n = client.as_mut().and_then(|c| c.read(&mut chunk).ok()).unwrap_or(0);
                    if n == 0 {
                        *client = None;
                    } else if allowed(&chunk[..n], &profiles) {
                        hss.send(&rir, slot as u32);
                    }
                }
            }
        }
        hss.flush();
        mme.flush();
        queue.1.notify_one();
    }
}

fn accept(listener: &TcpListener, poll: &OwnedFd, clients: &mut Vec<Option<TcpStream>>) -> Result<()> {
    while let Ok((stream, _)) = listener.accept() {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let slot = clients.iter().position(Option::is_none).unwrap_or_else(|| {
            clients.push(None);
            clients.len() - 1
        });
        epoll::add(poll, &stream, epoll::EventData::new_u64(slot as u64), epoll::EventFlags::IN)?;
        clients[slot] = Some(stream);
    }
    Ok(())
}

/// Parses the request and decides on the target's profile. A request comes whole in one read: the load sees to that.
fn allowed(request: &[u8], profiles: &[[u32; 16]]) -> bool {
    let Ok(text) = std::str::from_utf8(request) else { return false };
    let Some(body) = text.find("\r\n\r\n") else { return false };
    let mut reader = quick_xml::Reader::from_str(&text[body + 4..]);
    let (mut element, mut msisdn, mut accuracy) = (0u8, 0u64, 0u32);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                element = match start.local_name().as_ref() {
                    "msid" => 1,
                    "hor_acc" => 2,
                    _ => 0,
                }
            }
            Ok(Event::Text(text)) => match element {
                1 => msisdn = text.parse().unwrap_or_default(),
                2 => accuracy = text.parse().unwrap_or_default(),
                _ => {}
            },
            Ok(Event::End(_)) => element = 0,
            Ok(Event::Eof) | Err(_) => break,
            _ => {}
        }
    }
    let profile = &profiles[(msisdn % profiles.len() as u64) as usize];
    profile[0] == 1 && 13 >= profile[1] && 13 < profile[2] && accuracy >= profile[3]
}

fn commit_forever(log: &std::path::Path, queue: Arc<(Mutex<Queue>, Condvar)>, wake: Arc<OwnedFd>) -> Result<()> {
    let mut file = std::fs::File::options().create(true).write(true).truncate(true).open(log)?;
    let zeros = vec![0u8; 1 << 20];
    for _ in 0..256 {
        file.write_all(&zeros)?;
    }
    file.sync_all()?;
    file.rewind()?;
    std::thread::spawn(move || {
        let (mut batch, mut position) = (Batch::default(), 0);
        loop {
            {
                let mut held = queue.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                while held.waiting.slots.is_empty() {
                    held = queue.1.wait(held).unwrap_or_else(std::sync::PoisonError::into_inner);
                }
                std::mem::swap(&mut held.waiting, &mut batch);
            }
            if position + batch.octets.len() > 250 << 20 {
                position = 0;
                let _rewound = file.rewind();
            }
            position += batch.octets.len();
            if file.write_all(&batch.octets).and_then(|()| file.sync_data()).is_err() {
                return;
            }
            batch.octets.clear();
            queue.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).committed.append(&mut batch.slots);
            let _woken = rustix::io::write(&*wake, &1u64.to_ne_bytes());
        }
    });
    Ok(())
}

fn answer() -> Vec<u8> {
    let body = "<?xml version=\"1.0\"?><svc_result ver=\"3.5.0\"><slia ver=\"3.5.0\"><pos><msid>x</msid><pd><time>20261121120000</time>\
        <shape><CircularArea><coord><X>48 08 00.0N</X><Y>011 34 00.0E</Y></coord><radius>100</radius></CircularArea></shape></pd>\
        </pos></slia></svc_result>";
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
