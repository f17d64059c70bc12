//! From a packet to the RRC message in it: link layers, IP, UDP, GSMTAP, and Wireshark's exported PDUs.
//!
//! Numbers are those of tcpdump.org's list of link types, of `gsmtap.h` and `gsmtapv3.h` (libosmocore), and of Wireshark's
//! `exported_pdu.h`.

use super::Channel;

/// What stands at the beginning of packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkType(pub u32);

/// Channels of the link types that users give a meaning (147 to 162), as Wireshark's table of user DLTs.
#[derive(Debug, Clone, Default)]
pub struct UserLinkTypes([Option<Channel>; 16]);

const FIRST_USER: u32 = 147;

impl UserLinkTypes {
    /// Gives one a meaning; `None` for a link type that is none of users.
    #[must_use]
    pub fn with(mut self, link: u32, channel: Channel) -> Option<Self> {
        let place = link.checked_sub(FIRST_USER).and_then(|at| self.0.get_mut(at as usize))?;
        *place = Some(channel);
        Some(self)
    }

    fn get(&self, link: LinkType) -> Option<Channel> {
        link.0.checked_sub(FIRST_USER).and_then(|at| self.0.get(at as usize).copied().flatten())
    }
}

/// UDP port of GSMTAP.
const GSMTAP_PORT: u16 = 4729;
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86DD;
const UDP: u8 = 17;

/// The message of a packet; `None` where it holds none of a dedicated channel.
pub(super) fn message<'a>(link: LinkType, packet: &'a [u8], users: &UserLinkTypes) -> Option<(Channel, &'a [u8])> {
    if let Some(channel) = users.get(link) {
        return Some((channel, packet));
    }
    match link.0 {
        // Loopback of BSD: four octets of an address family in either order.
        0 | 108 => ip(packet.get(4..)?),
        1 => ethernet(packet.get(12..)?),
        // Raw IP, in three numbers.
        12 | 14 | 101 | 228 | 229 => ip(packet),
        // Linux cooked capture, both versions.
        113 => by_type(number(packet, 14)?, packet.get(16..)?),
        276 => by_type(number(packet, 0)?, packet.get(20..)?),
        // GSMTAP without anything below.
        217 => gsmtap(packet),
        252 => exported(packet),
        _ => None,
    }
}

fn number(octets: &[u8], at: usize) -> Option<u16> {
    octets.get(at..)?.first_chunk().map(|pair| u16::from_be_bytes(*pair))
}

/// From the type of an Ethernet frame on; tags of virtual networks are passed over.
fn ethernet(mut octets: &[u8]) -> Option<(Channel, &[u8])> {
    for _ in 0..4 {
        let kind = number(octets, 0)?;
        octets = octets.get(2..)?;
        if !matches!(kind, 0x8100 | 0x88A8 | 0x9100) {
            return by_type(kind, octets);
        }
        octets = octets.get(2..)?;
    }
    None
}

fn by_type(kind: u16, octets: &[u8]) -> Option<(Channel, &[u8])> {
    matches!(kind, IPV4 | IPV6).then(|| ip(octets))?
}

/// A whole datagram; fragments are passed over.
fn ip(octets: &[u8]) -> Option<(Channel, &[u8])> {
    match octets.first()? >> 4 {
        4 => {
            let header = usize::from(octets.first()? & 15) * 4;
            let whole = number(octets, 6)? & 0x3FFF == 0;
            let length = usize::from(number(octets, 2)?);
            (whole && header >= 20 && *octets.get(9)? == UDP).then(|| udp(octets.get(header..length)?))?
        }
        6 => {
            let length = usize::from(number(octets, 4)?);
            (*octets.get(6)? == UDP).then(|| udp(octets.get(40..40 + length)?))?
        }
        _ => None,
    }
}

fn udp(octets: &[u8]) -> Option<(Channel, &[u8])> {
    let ports = [number(octets, 0)?, number(octets, 2)?];
    let length = usize::from(number(octets, 4)?);
    ports.contains(&GSMTAP_PORT).then(|| gsmtap(octets.get(8..length)?))?
}

/// Version 2 knows LTE alone, by the subtype in octet 12; version 3 has LTE and NR, and numbers of 16 bits.
fn gsmtap(octets: &[u8]) -> Option<(Channel, &[u8])> {
    match octets.first()? {
        2 => {
            let header = usize::from(*octets.get(1)?) * 4;
            let channel = match (octets.get(2)?, octets.get(12)?) {
                (0x0D, 1) => Channel::LteDlDcch,
                (0x0D, 3) => Channel::LteUlDcch,
                _ => return None,
            };
            (header >= 16).then(|| Some((channel, octets.get(header..)?)))?
        }
        3 => {
            let header = usize::from(number(octets, 2)?) * 4;
            let channel = match (number(octets, 4)?, number(octets, 6)?) {
                (0x0403, 0x09) => Channel::LteDlDcch,
                (0x0403, 0x0B) => Channel::LteUlDcch,
                (0x0503, 0x04) => Channel::NrDlDcch,
                (0x0503, 0x09) => Channel::NrUlDcch,
                _ => return None,
            };
            (header >= 8).then(|| Some((channel, octets.get(header..)?)))?
        }
        _ => None,
    }
}

/// Tags of 16 bits with a length each, to the tag 0; tag 12 names the dissector.
fn exported(mut octets: &[u8]) -> Option<(Channel, &[u8])> {
    let mut channel = None;
    loop {
        let (tag, length) = (number(octets, 0)?, usize::from(number(octets, 2)?));
        let value = octets.get(4..4 + length)?;
        octets = octets.get(4 + length..)?;
        match tag {
            0 => return channel.map(|channel| (channel, octets)),
            12 => {
                let name = value.split(|octet| *octet == 0).next().unwrap_or_default();
                channel = core::str::from_utf8(name).ok().and_then(Channel::from_name);
            }
            _ => {}
        }
    }
}
