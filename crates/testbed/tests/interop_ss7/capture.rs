//! Captures of M3UA, written without capturing: messages in the DATA chunks of SCTP (RFC 9260 section 3.3.1), as they travel where
//! there is SCTP, in the frames of the libpcap format, link type raw IP.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Link type of packets that begin with their IP header.
const LINKTYPE_RAW: u32 = 101;
/// Port of M3UA, and its payload protocol identifier (RFC 4666 section 1.4.8).
const PORT: u16 = 2905;
const PAYLOAD_M3UA: u32 = 3;
/// Octets of the common header of M3UA (RFC 4666 section 3.1).
const HEADER: usize = 8;
/// Class and type of DATA.
const DATA: [u8; 2] = [1, 1];

/// Messages of any number of associations, in order; clones write the same capture.
#[derive(Clone, Default)]
pub struct Capture(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    packets: Vec<u8>,
    /// Association, class and type of each.
    messages: Vec<(u16, [u8; 2])>,
    /// Messages that went each way, by association.
    sent: HashMap<(u16, bool), u32>,
}

impl Capture {
    /// How many messages there are so far.
    pub fn len(&self) -> usize {
        self.0.lock().messages.len()
    }

    /// Whether a message with this class and type went on each of these associations.
    pub fn had(&self, class_type: [u8; 2], mut associations: RangeInclusive<u16>) -> bool {
        let written = self.0.lock();
        associations.all(|association| written.messages.contains(&(association, class_type)))
    }

    /// Adds a message of an association, to the side that listens or from it.
    pub fn add(&self, association: u16, up: bool, message: &[u8]) {
        self.0.lock().add(association, up, message);
    }

    /// Writes the capture to a file.
    pub fn write(&self, file: &Path) {
        let mut out = Vec::new();
        // Magic, version 2.4, zone, accuracy, longest packet, link type.
        for word in [0xA1B2_C3D4, 0x0002_0004, 0, 0, 65_535, LINKTYPE_RAW] {
            out.extend(u32::to_be_bytes(word));
        }
        out.extend_from_slice(&self.0.lock().packets);
        std::fs::write(file, out).unwrap();
    }
}

impl Written {
    fn add(&mut self, association: u16, up: bool, message: &[u8]) {
        let number = self.sent.entry((association, up)).or_default();
        let packet = sctp(association, up, *number, message);
        *number += 1;
        self.messages.push((association, [message[2], message[3]]));
        let total = u16::try_from(20 + packet.len()).unwrap();
        // Time of each packet: its number, in milliseconds.
        let count = u32::try_from(self.messages.len()).unwrap();
        for word in [count / 1000, count % 1000 * 1000, u32::from(total), u32::from(total)] {
            self.packets.extend(word.to_be_bytes());
        }
        let (client, server) = (Ipv4Addr::new(192, 0, 2, 1).octets(), Ipv4Addr::new(192, 0, 2, 2).octets());
        // IPv4: 20 octets, no fragment, 64 hops, SCTP; no checksum of its own, which nobody looks at in a capture.
        self.packets.extend([0x45, 0]);
        self.packets.extend(total.to_be_bytes());
        self.packets.extend([0, 0, 0x40, 0, 64, 132, 0, 0]);
        self.packets.extend(if up { [client, server].concat() } else { [server, client].concat() });
        self.packets.extend(packet);
    }
}

/// An SCTP packet with one DATA chunk: the whole message, ordered, on stream 1, or on stream 0 if it is not DATA of M3UA.
fn sctp(association: u16, up: bool, number: u32, message: &[u8]) -> Vec<u8> {
    let client = 40_000 + association;
    let (from, to) = if up { (client, PORT) } else { (PORT, client) };
    let stream = u16::from(message[2..4] == DATA);
    let mut packet = [from.to_be_bytes(), to.to_be_bytes()].concat();
    // Verification tag, room for the checksum.
    packet.extend((0x5753_0000 | u32::from(association) << 1 | u32::from(up)).to_be_bytes());
    packet.extend([0; 4]);
    // DATA, first and last fragment at once.
    packet.extend([0, 3]);
    packet.extend(u16::try_from(16 + message.len()).unwrap().to_be_bytes());
    packet.extend((1 + number).to_be_bytes());
    packet.extend([stream.to_be_bytes(), u16::try_from(number).unwrap().to_be_bytes()].concat());
    packet.extend(PAYLOAD_M3UA.to_be_bytes());
    packet.extend_from_slice(message);
    packet.resize(packet.len().next_multiple_of(4), 0);
    let checksum = crc32c(&packet);
    packet[8..12].copy_from_slice(&checksum.to_le_bytes());
    packet
}

/// CRC-32C, as SCTP has it (RFC 9260 appendix A).
fn crc32c(octets: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0x82F6_3B78 } else { crc >> 1 };
    !octets.iter().fold(!0, |crc, octet| (0..8).fold(crc ^ u32::from(*octet), |crc, _| step(crc)))
}

/// Stands before a node and writes down all messages that pass, before they pass. Returns where to connect instead.
pub async fn before(node: SocketAddr, association: u16, capture: &Capture) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let capture = capture.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(node).await else { return };
            let ((client_in, client_out), (server_in, server_out)) = (client.into_split(), server.into_split());
            tokio::spawn(pass(client_in, server_out, capture.clone(), association, true));
            tokio::spawn(pass(server_in, client_out, capture.clone(), association, false));
        }
    });
    address
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, capture: Capture, association: u16, up: bool) {
    let mut header = [0; HEADER];
    while from.read_exact(&mut header).await.is_ok() {
        let length = u32::from_be_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let mut message = header.to_vec();
        message.resize(length, 0);
        from.read_exact(&mut message[HEADER..]).await.unwrap();
        capture.add(association, up, &message);
        if to.write_all(&message).await.is_err() {
            return;
        }
    }
    to.shutdown().await.ok();
}

#[test]
fn the_checksum_is_that_of_sctp() {
    assert_eq!(crc32c(b"123456789"), 0xE306_9283);
}
