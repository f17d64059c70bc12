//! A Diameter answerer for benches: HSS and MME in one, as fast as a page of code can be.

use crate::wire::{self, avp, avp_u32, be32, finish};
use anyhow::Result;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// Realm of the network that subscribers with an odd number are told to be in, by a register that knows one.
pub(crate) const ABROAD: &str = "epc.mnc002.mcc001.3gppnetwork.org";

/// Answers every request on a port of loopback until the process ends, one thread a connection. Its realm is what follows the first
/// dot of `host`.
pub(crate) fn serve(port: u16, host: &str) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    for stream in listener.incoming() {
        let stream = stream?;
        let host = host.to_owned();
        std::thread::spawn(move || converse(stream, &host));
    }
    Ok(())
}

fn converse(mut stream: TcpStream, host: &str) {
    let (mut input, mut output, mut chunk) = (Vec::new(), Vec::new(), vec![0u8; 256 << 10]);
    let _no_delay = stream.set_nodelay(true);
    while let Ok(n) = stream.read(&mut chunk) {
        if n == 0 {
            return;
        }
        input.extend_from_slice(&chunk[..n]);
        let mut at = 0;
        while input.len() - at >= 20 {
            let length = (be32(&input[at..]) & 0xFF_FFFF) as usize;
            if length < 20 || input.len() - at < length {
                break;
            }
            answer(&input[at..at + length], host, &mut output);
            at += length;
        }
        input.drain(..at);
        if stream.write_all(&output).is_err() {
            return;
        }
        output.clear();
    }
}

/// Appends the answer to a request; nothing for an answer.
pub(crate) fn answer(request: &[u8], host: &str, out: &mut Vec<u8>) {
    let (command, application) = (be32(&request[4..]) & 0xFF_FFFF, be32(&request[8..]));
    let Some(session) = wire::session_id(&request[20..]) else { return };
    let (_, realm) = host.split_once('.').unwrap_or_default();
    if request[4] & 0x80 == 0 {
        return;
    }
    let start = out.len();
    out.extend_from_slice(&request[..20]);
    out[start + 4] &= 0x7F;
    if application != 0 {
        avp(out, 263, false, session);
    }
    avp_u32(out, 268, false, 2001);
    avp(out, 264, false, host.as_bytes());
    avp(out, 296, false, realm.as_bytes());
    match command {
        257 => {
            avp(out, 257, false, &[0, 1, 127, 0, 0, 1]);
            avp_u32(out, 266, false, 10415);
            avp(out, 269, false, b"answerer");
            for application in [wire::SLH, wire::SLG] {
                avp_u32(out, 258, false, application);
            }
        }
        wire::RIR => {
            avp_u32(out, 277, false, 1);
            let msisdn = wire::find(&request[20..], 701).flatten();
            let imsi = msisdn.and_then(imsi_of).unwrap_or_else(|| b"001010123456789".to_vec());
            avp(out, 1, false, &imsi);
            // A register of the floor has its people at home; another those with an odd number abroad.
            let served = if realm != "floor.example" && imsi.last().is_some_and(|digit| digit % 2 == 1) {
                ABROAD
            } else {
                realm
            };
            let mut node = Vec::new();
            avp(&mut node, 2402, true, format!("mme.{served}").as_bytes());
            avp(&mut node, 2408, true, served.as_bytes());
            avp(out, 2401, true, &node);
        }
        wire::PLR => {
            avp_u32(out, 277, false, 1);
            avp(out, 1242, true, &[0x10, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A]);
            avp_u32(out, 2513, true, 0);
            avp_u32(out, 2514, true, 0);
            avp(out, 2517, true, &[0, 0xF1, 0x10, 1, 2, 3, 4]);
        }
        _ => {}
    }
    finish(out, start);
}

/// The IMSI that goes with a number of the benches: 00101, then the last seven digits of the number as ten.
fn imsi_of(msisdn: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        msisdn.iter().flat_map(|octet| [octet & 15, octet >> 4]).filter(|digit| *digit < 10).collect();
    let last = digits.get(digits.len().checked_sub(7)?..)?;
    Some([b"00101000".as_slice(), &last.iter().map(|digit| b'0' + digit).collect::<Vec<_>>()].concat())
}
