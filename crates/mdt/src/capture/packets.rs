//! Captures: pcap in either order of octets, pcapng.

use super::frame::message;
use super::{CaptureFault, CaptureReport, Found, LinkType, MAX_FILE, Mode, Place, UserLinkTypes};
use lcs::Timestamp;
use pcap_parser::pcapng::{Block, PcapNGSlice};
use pcap_parser::traits::PcapNGPacketBlock as _;
use pcap_parser::{
    PcapBlockOwned, PcapHeader, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified, parse_pcap_header,
};
use std::borrow::Cow;

const SECTION_HEADER: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];
const MICROS: u64 = 1_000_000;

/// Reads a capture.
///
/// # Errors
/// The file is too long or no capture; in [`Mode::Strict`] where it ends within a packet, or a packet was cut off.
pub fn read<'a>(
    octets: &'a [u8],
    users: &UserLinkTypes,
    mode: Mode,
) -> Result<(Vec<Found<'a>>, CaptureReport), CaptureFault> {
    if octets.len() > MAX_FILE {
        return Err(CaptureFault::TooLong { octets: octets.len() });
    }
    let mut taken = Taken { found: Vec::new(), report: CaptureReport::default(), users, mode };
    if octets.starts_with(&SECTION_HEADER) {
        taken.blocks(octets)?;
    } else {
        taken.frames(octets)?;
    }
    Ok((taken.found, taken.report))
}

struct Taken<'a, 'u> {
    found: Vec<Found<'a>>,
    report: CaptureReport,
    users: &'u UserLinkTypes,
    mode: Mode,
}

/// One packet.
struct Packet<'a> {
    link: LinkType,
    at: Option<Timestamp>,
    octets: &'a [u8],
    whole: bool,
}

/// An interface of a pcapng file.
struct Interface {
    link: LinkType,
    /// Units in a second, where there is such a number.
    resolution: Option<u64>,
    offset_s: i64,
}

impl<'a> Taken<'a, '_> {
    fn packet(&mut self, packet: Packet<'a>) -> Result<(), CaptureFault> {
        self.report.read += 1;
        let number = self.report.read;
        let Some((channel, octets)) = message(packet.link, packet.octets, self.users) else {
            self.report.other += 1;
            return Ok(());
        };
        if !packet.whole {
            return self.report.fault(self.mode, CaptureFault::Cut { packet: number });
        }
        self.report.found += 1;
        let place = Place::Packet(number);
        self.found.push(Found { channel, octets: Cow::Borrowed(octets), at: packet.at, place });
        Ok(())
    }

    fn broken(&mut self, what: &'static str) -> Result<(), CaptureFault> {
        let packet = self.report.read;
        self.report.fault(self.mode, CaptureFault::File { packet, what })
    }

    fn frames(&mut self, octets: &'a [u8]) -> Result<(), CaptureFault> {
        let no_capture = CaptureFault::File { packet: 0, what: "the file is neither pcap nor pcapng" };
        let (mut rest, header) = parse_pcap_header(octets).map_err(|_| no_capture)?;
        let units = if header.is_nanosecond_precision() { 1000 * MICROS } else { MICROS };
        // Above the link type stand the length of checksums and whether it is told.
        let link = LinkType(header.network.0.cast_unsigned() & 0xFFFF);
        while !rest.is_empty() {
            let Ok((after, frame)) = frame(&header, rest) else {
                return self.broken("the file ends within a packet");
            };
            rest = after;
            let at = micros(u64::from(frame.ts_sec), u64::from(frame.ts_usec), units);
            self.packet(Packet { link, at, octets: frame.data, whole: frame.caplen >= frame.origlen })?;
        }
        Ok(())
    }

    fn blocks(&mut self, octets: &'a [u8]) -> Result<(), CaptureFault> {
        let no_capture = CaptureFault::File { packet: 0, what: "the file is no pcapng" };
        let (blocks, mut interfaces) = (PcapNGSlice::from_slice(octets).map_err(|_| no_capture)?, Vec::new());
        for block in blocks {
            match block {
                Ok(PcapBlockOwned::NG(Block::SectionHeader(_))) => interfaces.clear(),
                Ok(PcapBlockOwned::NG(Block::InterfaceDescription(described))) => interfaces.push(Interface {
                    link: LinkType(described.linktype.0.cast_unsigned()),
                    resolution: described.ts_resolution(),
                    offset_s: described.ts_offset(),
                }),
                Ok(PcapBlockOwned::NG(Block::EnhancedPacket(packet))) => {
                    let Some(interface) = interfaces.get(packet.if_id as usize) else {
                        self.broken("a packet is of an interface that is not described")?;
                        continue;
                    };
                    let (link, at) = (interface.link, interface.time(packet.ts_high, packet.ts_low));
                    let data = packet.data.get(..packet.caplen as usize).unwrap_or(packet.data);
                    self.packet(Packet { link, at, octets: data, whole: !packet.truncated() })?;
                }
                Ok(PcapBlockOwned::NG(Block::SimplePacket(packet))) => {
                    let Some(interface) = interfaces.first() else {
                        self.broken("a packet is of an interface that is not described")?;
                        continue;
                    };
                    let whole = packet.origlen as usize <= packet.data.len();
                    let octets = packet.data.get(..packet.origlen as usize).unwrap_or(packet.data);
                    self.packet(Packet { link: interface.link, at: None, octets, whole })?;
                }
                Ok(_) => {}
                Err(_) => return self.broken("the file ends within a block, or a block is none"),
            }
        }
        Ok(())
    }
}

type Frame<'a> = pcap_parser::LegacyPcapBlock<'a>;

fn frame<'a>(header: &PcapHeader, octets: &'a [u8]) -> Result<(&'a [u8], Frame<'a>), ()> {
    let read = match (header.is_modified_format(), header.is_bigendian()) {
        (true, _) => parse_pcap_frame_modified(octets),
        (false, true) => parse_pcap_frame_be(octets),
        (false, false) => parse_pcap_frame(octets),
    };
    read.map_err(drop)
}

impl Interface {
    fn time(&self, high: u32, low: u32) -> Option<Timestamp> {
        let (units, resolution) = (u64::from(high) << 32 | u64::from(low), self.resolution?);
        let seconds = (units.checked_div(resolution)?).checked_add_signed(self.offset_s)?;
        micros(seconds, units % resolution, resolution)
    }
}

fn micros(seconds: u64, units: u64, in_a_second: u64) -> Option<Timestamp> {
    let part = u128::from(units) * u128::from(MICROS) / u128::from(in_a_second.max(1));
    let all = u128::from(seconds) * u128::from(MICROS) + part;
    u64::try_from(all).ok().map(Timestamp::from_micros)
}
