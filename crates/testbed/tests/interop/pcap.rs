//! Captures of Diameter over TCP, written without capturing: octets in the frames of the libpcap format, link type raw IP.

use parking_lot::Mutex;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Link type of packets that begin with their IP header.
const LINKTYPE_RAW: u32 = 101;
/// What dissectors take for Diameter.
const PORT: u16 = 3868;
/// Octets of one segment, well below the length field of IP.
const SEGMENT: usize = 32_768;

/// Which way a segment went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the node that listens.
    ToServer,
    /// From it.
    ToClient,
}

/// Segments of any number of connections, in order; clones write the same capture.
#[derive(Debug, Clone, Default)]
pub struct Capture(Arc<Mutex<Written>>);

#[derive(Debug, Default)]
struct Written {
    packets: Vec<u8>,
    count: u32,
    /// Octets that went each way, by the client's port.
    sequence: std::collections::HashMap<(u16, bool), u32>,
}

impl Capture {
    /// Adds octets of the connection with this number.
    pub fn add(&self, connection: u16, way: Way, octets: &[u8]) {
        octets.chunks(SEGMENT).for_each(|segment| self.0.lock().add(connection, way, segment));
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
    fn add(&mut self, connection: u16, way: Way, segment: &[u8]) {
        let up = way == Way::ToServer;
        let sequence = self.sequence.get(&(connection, up)).copied().unwrap_or(1);
        let acknowledged = self.sequence.get(&(connection, !up)).copied().unwrap_or(1);
        let length = u32::try_from(segment.len()).unwrap();
        self.sequence.insert((connection, up), sequence + length);
        let total = u16::try_from(40 + segment.len()).unwrap();
        let (client, server) = (Ipv4Addr::new(192, 0, 2, 1).octets(), Ipv4Addr::new(192, 0, 2, 2).octets());
        let (from, to) = if up { (client, server) } else { (server, client) };
        let (from_port, to_port) = if up { (40_000 + connection, PORT) } else { (PORT, 40_000 + connection) };

        // Time of each packet: its number, in milliseconds.
        self.count += 1;
        for word in [self.count / 1000, self.count % 1000 * 1000, u32::from(total), u32::from(total)] {
            self.packets.extend(word.to_be_bytes());
        }
        // IPv4: 20 octets, no fragment, 64 hops, TCP; no checksum, which nobody looks at in a capture.
        self.packets.extend([0x45, 0]);
        self.packets.extend(total.to_be_bytes());
        self.packets.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        self.packets.extend([from, to].concat());
        // TCP: 20 octets, PSH and ACK.
        self.packets.extend([from_port.to_be_bytes(), to_port.to_be_bytes()].concat());
        self.packets.extend([sequence.to_be_bytes(), acknowledged.to_be_bytes()].concat());
        self.packets.extend([0x50, 0x18, 0xFF, 0xFF, 0, 0, 0, 0]);
        self.packets.extend_from_slice(segment);
    }
}

/// Stands before a node and writes down all that passes. Returns where to connect instead.
pub async fn before(node: SocketAddr, first_connection: u16, capture: &Capture) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let capture = capture.clone();
    tokio::spawn(async move {
        for connection in first_connection.. {
            let Ok((client, _)) = listener.accept().await else { return };
            let Ok(server) = TcpStream::connect(node).await else { return };
            let ((client_in, client_out), (server_in, server_out)) = (client.into_split(), server.into_split());
            tokio::spawn(pass(client_in, server_out, capture.clone(), connection, Way::ToServer));
            tokio::spawn(pass(server_in, client_out, capture.clone(), connection, Way::ToClient));
        }
    });
    address
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, capture: Capture, connection: u16, way: Way) {
    let mut buffer = vec![0; SEGMENT];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        capture.add(connection, way, &buffer[..read]);
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
    to.shutdown().await.ok();
}
