//! RRC messages as other programs write them down: lines of hexadecimal digits, and captures of packets.
//!
//! ```text
//!   lines ────▶ lines::read ─┐
//!                            ├─▶ Found: channel, octets, when ──▶ Found::decode_into ──▶ LogColumns
//!   pcap ─────▶ packets::read┘
//! ```
//!
//! What is no RRC message of a dedicated channel, or none of MDT, is counted and passed over. What is one and cannot be read is a fault:
//! strictly the end, leniently counted and named by its place. No value is repeated.

mod frame;
mod lines;
mod message;
mod packets;

pub use frame::{LinkType, UserLinkTypes};
pub use lines::read as read_lines;
pub use message::{Channel, Found, Holds};
pub use packets::read as read_packets;

pub use crate::trace_file::Mode;

/// Longest file taken, octets.
pub const MAX_FILE: usize = 256 * 1024 * 1024;

/// Why a file, a line or a packet is refused. Never repeats a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureFault {
    /// Longer than [`MAX_FILE`].
    #[error("file of {octets} octets; at most 268435456 are taken")]
    TooLong {
        /// Its octets.
        octets: usize,
    },
    /// A line is no message.
    #[error("line {line}: {what}")]
    Line {
        /// Which, from 1.
        line: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The file is no capture, or ends within a packet.
    #[error("behind packet {packet}: {what}")]
    File {
        /// Packets that were read before.
        packet: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// A packet is cut off, so its message is not whole.
    #[error("packet {packet} was cut off when it was captured")]
    Cut {
        /// Which, from 1.
        packet: u64,
    },
    /// A message cannot be read.
    #[error("{place} holds a message that cannot be read")]
    Message {
        /// Where.
        place: Place,
    },
}

/// Where a message stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Line, from 1.
    Line(u64),
    /// Packet, from 1.
    Packet(u64),
}

impl core::fmt::Display for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Packet(packet) => write!(f, "packet {packet}"),
        }
    }
}

/// What became of the lines or packets of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaptureReport {
    /// Lines that are not empty, or packets.
    pub read: u64,
    /// Those that hold a message of a dedicated channel.
    pub found: u64,
    /// Those that hold something else, which was not looked at.
    pub other: u64,
    /// Things that were not as they should be.
    pub faults: u64,
    /// The first hundred of them.
    pub first: Vec<CaptureFault>,
}

impl CaptureReport {
    /// A fault: the end when strict, else an entry of the report.
    ///
    /// # Errors
    /// The fault, in [`Mode::Strict`].
    pub fn fault(&mut self, mode: Mode, fault: CaptureFault) -> Result<(), CaptureFault> {
        if mode == Mode::Strict {
            return Err(fault);
        }
        self.faults += 1;
        if self.first.len() < 100 {
            self.first.push(fault);
        }
        Ok(())
    }
}
