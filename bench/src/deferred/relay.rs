//! The floor of a report: read, one record made durable, the client told over a connection that stays, the node answered. Nothing is
//! looked up, checked, encrypted or kept for a second try.

use crate::wire::{self, avp, avp_u32, be32, finish};
use anyhow::{Context, Result};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Octets of a record, and of the file that is set aside for them.
const RECORD: usize = 512;
const ROOM: u64 = 64 << 20;
/// Octets of what the client reads, as many as the product sends.
const LETTER: usize = 900;

/// Serves the node at this address until it is killed.
pub(crate) fn serve(node: &str, client: &str, log: &Path) -> Result<()> {
    let log = File::create(log)?;
    for at in 0..ROOM >> 20 {
        log.write_all_at(&[0; 1 << 20], at << 20)?;
    }
    log.sync_all()?;
    let mut client = TcpStream::connect(client).context("no client there")?;
    let mut node = TcpStream::connect(node).context("no node there")?;
    client.set_nodelay(true)?;
    node.set_nodelay(true)?;
    node.write_all(&wire::cer(wire::SLG))?;
    let (mut input, mut chunk, mut offset) = (Vec::new(), vec![0u8; 256 << 10], 0);
    loop {
        let read = node.read(&mut chunk)?;
        if read == 0 {
            return Ok(());
        }
        input.extend_from_slice(&chunk[..read]);
        let (mut answers, mut letters, mut told, mut at) = (Vec::new(), Vec::new(), 0, 0);
        while input.len() - at >= 20 {
            let length = (be32(&input[at..]) & 0xFF_FFFF) as usize;
            if length < 20 || input.len() - at < length {
                break;
            }
            let message = &input[at..at + length];
            if message[4] & 0x80 != 0 {
                take(message, &mut answers, &mut letters);
                told += 1;
            }
            at += length;
        }
        input.drain(..at);
        if told == 0 {
            continue;
        }
        // One commit for all that came together.
        log.write_all_at(&vec![7; RECORD * told], offset)?;
        log.sync_data()?;
        offset = (offset + (RECORD * told) as u64) % (ROOM / 2);
        node.write_all(&answers)?;
        client.write_all(&letters)?;
        drain(&mut client, told, &mut chunk)?;
    }
}

fn take(message: &[u8], answers: &mut Vec<u8>, letters: &mut Vec<u8>) {
    let body = &message[20..];
    let start = answers.len();
    answers.extend_from_slice(&message[..20]);
    answers[start + 4] &= 0x7F;
    avp(answers, 263, false, wire::session_id(body).unwrap_or_default());
    avp_u32(answers, 268, false, 2001);
    avp(answers, 264, false, b"gmlc.floor.example");
    avp(answers, 296, false, b"floor.example");
    finish(answers, start);
    let packed = wire::find(body, 701).flatten().unwrap_or_default();
    let digits = packed.iter().flat_map(|octet| [octet & 15, octet >> 4]).filter(|digit| *digit < 10);
    let number: String = digits.map(|digit| char::from(b'0' + digit)).collect();
    let letter = format!("<msid>{number}</msid>{:1$}", "", LETTER - 32);
    let head =
        format!("POST / HTTP/1.1\r\nHost: c\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n", letter.len());
    letters.extend_from_slice(head.as_bytes());
    letters.extend_from_slice(letter.as_bytes());
}

/// Reads as many answers of the client.
fn drain(client: &mut TcpStream, letters: usize, chunk: &mut [u8]) -> Result<()> {
    let mut ends = 0;
    let mut last = [0u8; 3];
    while ends < letters {
        let read = client.read(chunk)?;
        anyhow::ensure!(read > 0, "the client closed its connection");
        let text = [&last, &chunk[..read]].concat();
        ends += text.windows(4).filter(|octets| octets == b"\r\n\r\n").count();
        if let Some(end) = text.last_chunk::<3>() {
            last = *end;
        }
    }
    Ok(())
}
