//! RRC messages in lines of hexadecimal digits and in captures: every form of file and every way to wrap a message gives the same octets.
#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

use lcs::Timestamp;
use mdt::capture::{CaptureFault, Channel, Found, Holds, Mode, Place, UserLinkTypes, read_lines, read_packets};
use mdt::rrc::{LogColumns, UperError};
use proptest::prelude::*;

/// UL-DCCH of LTE, UEInformationResponse with one entry and a point in London (pycrate).
const LTE: &str = "580b02020222400012340a800000800080800800c92828affd17800591a05448d1405428";
/// UL-DCCH of NR, the same (pycrate).
const NR: &str = "8c100040404448000246815000001000101001c8201c1250515ffa2f0000b91a05448d1400040048d1de418400";
/// DL-DCCH of LTE, LoggedMeasurementConfiguration.
const CONFIGURATION: &str = "50246815000001000101101011120000a8";

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

/// 2010-10-11T12:00:07.25Z.
const CAPTURED: Timestamp = Timestamp::from_micros(1_286_798_407_250_000);

/// A pcap file: magic, version 2.4, zone, accuracy, snap length, link type; each packet with time and both lengths.
fn pcap(magic: u32, big: bool, link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    let number = |file: &mut Vec<u8>, n: u32| file.extend(if big { n.to_be_bytes() } else { n.to_le_bytes() });
    number(&mut file, magic);
    number(&mut file, if big { 0x0002_0004 } else { 0x0004_0002 });
    [0, 0, 65_535, link].into_iter().for_each(|n| number(&mut file, n));
    for packet in packets {
        let part = if magic == 0xA1B2_3C4D { 250_000_000 } else { 250_000 };
        [1_286_798_407, part, packet.len() as u32, packet.len() as u32].into_iter().for_each(|n| number(&mut file, n));
        file.extend(packet);
    }
    file
}

/// A pcapng file with one interface: section header, interface description, enhanced packets, in microseconds.
fn pcapng(link: u16, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut block = |kind: u32, body: &[u8]| {
        let length = (12 + body.len()) as u32;
        file.extend(kind.to_le_bytes());
        file.extend(length.to_le_bytes());
        file.extend(body);
        file.extend(length.to_le_bytes());
    };
    // Order, version 1.0, length of the section not told.
    block(0x0A0D_0D0A, &octets("4d3c2b1a 01000000 ffffffffffffffff"));
    block(1, &[&link.to_le_bytes()[..], &octets("0000 00000400")].concat());
    for packet in packets {
        let at = CAPTURED.micros();
        let mut body = vec![0; 4];
        body.extend(((at >> 32) as u32).to_le_bytes());
        body.extend((at as u32).to_le_bytes());
        body.extend((packet.len() as u32).to_le_bytes());
        body.extend((packet.len() as u32).to_le_bytes());
        body.extend(packet);
        body.resize(body.len().next_multiple_of(4), 0);
        block(6, &body);
    }
    file
}

/// GSMTAP version 2: four words, type LTE RRC, then what a phone measured, and the channel in octet 12.
fn gsmtap(channel: u8, message: &[u8]) -> Vec<u8> {
    [&octets("02 04 0d 00 4000 00 00 00000000")[..], &[channel, 0, 0, 0], message].concat()
}

/// GSMTAP version 3: a header of two words and one word of metadata, type, subtype.
fn gsmtap3(kind: &str, message: &[u8]) -> Vec<u8> {
    [&octets("03 00 0003")[..], &octets(kind), &octets("fffe0000"), message].concat()
}

fn udp4(port: u16, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()) as u16;
    // Version 4 and five words, length, neither fragment nor more of them, UDP, addresses of the machine itself.
    let ip = [&octets("4500")[..], &(20 + length).to_be_bytes(), &octets("0001 0000 40 11 0000 7f000001 7f000001")];
    let udp = [&port.to_be_bytes()[..], &port.to_be_bytes(), &length.to_be_bytes(), &[0, 0], payload];
    [ip.concat(), udp.concat()].concat()
}

fn udp6(payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()) as u16;
    let ip = [&octets("60000000")[..], &length.to_be_bytes(), &octets("11 40"), &[0; 32]];
    let udp = [&4729_u16.to_be_bytes()[..], &4729_u16.to_be_bytes(), &length.to_be_bytes(), &[0, 0], payload];
    [ip.concat(), udp.concat()].concat()
}

/// An exported PDU: the name of its dissector padded to four octets, a tag that is passed over, the end of tags.
fn exported(name: &str, message: &[u8]) -> Vec<u8> {
    let mut padded = name.as_bytes().to_vec();
    padded.resize((name.len() + 1).next_multiple_of(4), 0);
    let tag = [&[0, 12][..], &(padded.len() as u16).to_be_bytes(), &padded];
    [&tag.concat()[..], &octets("0014 0004 7f000001"), &octets("0000 0000"), message].concat()
}

/// Channel, octets, time.
type Plain = (Channel, Vec<u8>, Option<Timestamp>);

fn packets(file: &[u8]) -> (Vec<Plain>, u64) {
    let (found, report) = read_packets(file, &UserLinkTypes::default(), Mode::Strict).unwrap();
    let plain = |found: &Found<'_>| (found.channel, found.octets.to_vec(), found.at);
    (found.iter().map(plain).collect(), report.other)
}

#[test]
fn every_form_of_file_gives_the_same_message() {
    let packet = udp4(4729, &gsmtap(3, &octets(LTE)));
    let expected = vec![(Channel::LteUlDcch, octets(LTE), Some(CAPTURED)); 2];
    let two = [packet.clone(), packet];
    for file in [
        pcap(0xA1B2_C3D4, false, 101, &two),
        pcap(0xA1B2_C3D4, true, 101, &two),
        pcap(0xA1B2_3C4D, false, 101, &two),
        pcap(0xA1B2_3C4D, true, 101, &two),
        pcapng(101, &two),
    ] {
        assert_eq!(packets(&file), (expected.clone(), 0), "{:02x?}", &file[..4]);
    }
}

#[test]
fn every_wrapping_gives_the_message_in_it() {
    let (lte, nr, down) = (octets(LTE), octets(NR), octets(CONFIGURATION));
    let ip = udp4(4729, &gsmtap(3, &lte));
    let ethernet = |kind: &str| [&octets("020000000001 020000000002")[..], &octets(kind), &ip].concat();
    for (link, packet, channel, message) in [
        (1, ethernet("0800"), Channel::LteUlDcch, &lte),
        (1, ethernet("8100 0064 0800"), Channel::LteUlDcch, &lte),
        (0, [&octets("02000000")[..], &ip].concat(), Channel::LteUlDcch, &lte),
        (113, [&octets("0000 0304 0000 0000000000000000 0800")[..], &ip].concat(), Channel::LteUlDcch, &lte),
        (276, [&octets("0800 0000 00000001 0304 00 00 0000000000000000")[..], &ip].concat(), Channel::LteUlDcch, &lte),
        (228, ip.clone(), Channel::LteUlDcch, &lte),
        (229, udp6(&gsmtap(1, &down)), Channel::LteDlDcch, &down),
        (217, gsmtap(3, &lte), Channel::LteUlDcch, &lte),
        (217, gsmtap3("0403 000b", &lte), Channel::LteUlDcch, &lte),
        (217, gsmtap3("0403 0009", &down), Channel::LteDlDcch, &down),
        (217, gsmtap3("0503 0009", &nr), Channel::NrUlDcch, &nr),
        (217, gsmtap3("0503 0004", &nr), Channel::NrDlDcch, &nr),
        (252, exported("lte_rrc.ul_dcch", &lte), Channel::LteUlDcch, &lte),
        (252, exported("lte-rrc.dl.dcch", &down), Channel::LteDlDcch, &down),
        (252, exported("nr-rrc.ul.dcch", &nr), Channel::NrUlDcch, &nr),
    ] {
        let expected = (vec![(channel, message.clone(), Some(CAPTURED))], 0);
        assert_eq!(packets(&pcap(0xA1B2_C3D4, false, link, std::slice::from_ref(&packet))), expected, "{link}");
        assert_eq!(packets(&pcapng(link as u16, &[packet])), expected, "{link}");
    }
}

#[test]
fn what_is_no_dedicated_channel_is_counted_and_not_looked_at() {
    let lte = octets(LTE);
    let mut fragment = udp4(4729, &gsmtap(3, &lte));
    fragment[6] = 0x20;
    for (link, packet) in [
        (101, udp4(4728, &gsmtap(3, &lte))),
        (101, fragment),
        (217, gsmtap(6, &lte)),
        (217, gsmtap3("0503 0006", &lte)),
        (252, exported("sip", &lte)),
        (252, octets("000c")),
        (147, lte.clone()),
        (9999, lte),
    ] {
        assert_eq!(packets(&pcap(0xA1B2_C3D4, false, link, &[packet])), (vec![], 1), "{link}");
    }
}

#[test]
fn link_types_of_users_mean_what_they_are_told() {
    let file = pcap(0xA1B2_C3D4, false, 150, &[octets(NR)]);
    let users = UserLinkTypes::default().with(150, Channel::NrUlDcch).unwrap();
    let (found, _) = read_packets(&file, &users, Mode::Strict).unwrap();
    assert_eq!(found[0].channel, Channel::NrUlDcch);
    assert!(UserLinkTypes::default().with(146, Channel::NrUlDcch).is_none());
    assert!(UserLinkTypes::default().with(163, Channel::NrUlDcch).is_none());
}

#[test]
fn a_file_or_packet_that_is_cut_off_is_refused_or_reported() {
    let packet = udp4(4729, &gsmtap(3, &octets(LTE)));
    for file in [
        pcap(0xA1B2_C3D4, false, 101, &[packet.clone(), packet.clone()]),
        pcapng(101, &[packet.clone(), packet.clone()]),
    ] {
        let mut whole = 0;
        for length in 0..file.len() {
            let strict = read_packets(&file[..length], &UserLinkTypes::default(), Mode::Strict);
            whole += usize::from(strict.is_ok());
            match read_packets(&file[..length], &UserLinkTypes::default(), Mode::Lenient) {
                Ok((found, report)) => assert!(found.len() < 2 && report.faults == u64::from(strict.is_err())),
                Err(fault) => assert!(matches!(fault, CaptureFault::File { packet: 0, .. })),
            }
        }
        // Behind the head, where pcapng has two blocks, and behind the first packet.
        assert!((2..=3).contains(&whole), "{whole}");
    }
    // The packet was longer on its way than what was captured of it.
    let mut cut = pcap(0xA1B2_C3D4, false, 101, &[packet]);
    cut[24 + 12] += 1;
    let fault = CaptureFault::Cut { packet: 1 };
    assert_eq!(read_packets(&cut, &UserLinkTypes::default(), Mode::Strict).unwrap_err(), fault);
    let (found, report) = read_packets(&cut, &UserLinkTypes::default(), Mode::Lenient).unwrap();
    assert_eq!((found.len(), report.first), (0, vec![fault]));
}

#[test]
fn lines_of_digits() {
    let spaced: String =
        LTE.as_bytes().chunks(2).map(|pair| format!("{}:", core::str::from_utf8(pair).unwrap())).collect();
    let text = format!(
        "# a drive\n\n{LTE}\r\n0x{LTE}\nlte_rrc.ul_dcch: {}\n  NR-RRC.UL.DCCH : {}\nlte-rrc.dl.dcch:{CONFIGURATION}\n",
        spaced.trim_end_matches(':'),
        NR.to_uppercase(),
    );
    let (found, report) = read_lines(text.as_bytes(), Some(Channel::LteUlDcch), Mode::Strict).unwrap();
    let plain: Vec<_> = found.iter().map(|found| (found.channel, found.octets.to_vec(), found.place)).collect();
    let expected = vec![
        (Channel::LteUlDcch, octets(LTE), Place::Line(3)),
        (Channel::LteUlDcch, octets(LTE), Place::Line(4)),
        (Channel::LteUlDcch, octets(LTE), Place::Line(5)),
        (Channel::NrUlDcch, octets(NR), Place::Line(6)),
        (Channel::LteDlDcch, octets(CONFIGURATION), Place::Line(7)),
    ];
    assert_eq!((plain, report.read), (expected, 5));
}

#[test]
fn lines_that_are_no_message_are_refused_or_reported() {
    for (line, what) in [
        ("580b0", "line 2: its digits are odd in number"),
        ("580g", "line 2: it is not hexadecimal digits"),
        ("lte-rrc.pcch: 00", "line 2: no channel of that name is known"),
        ("nr-rrc.ul.dcch:", "line 2: it has no digits"),
    ] {
        let text = format!("{LTE}\n{line}\n");
        let refused = read_lines(text.as_bytes(), Some(Channel::LteUlDcch), Mode::Strict).unwrap_err();
        assert_eq!(refused.to_string(), what);
        let (found, report) = read_lines(text.as_bytes(), Some(Channel::LteUlDcch), Mode::Lenient).unwrap();
        assert_eq!((found.len(), report.faults, report.first), (1, 1, vec![refused]));
    }
    let unnamed = read_lines(LTE.as_bytes(), None, Mode::Strict).unwrap_err();
    assert_eq!(unnamed.to_string(), "line 1: it names no channel, and none was given for such lines");
    let long = "00".repeat(1 << 18);
    let refused = read_lines(long.as_bytes(), Some(Channel::LteUlDcch), Mode::Strict).unwrap_err();
    assert_eq!(refused.to_string(), "line 1: it is longer than any message");
}

#[test]
fn messages_say_what_they_hold() {
    let decoded = |channel, hex: &str| {
        let place = Place::Line(1);
        let found = Found { channel, octets: octets(hex).into(), at: None, place };
        let mut columns = LogColumns::default();
        (found.decode_into(&mut columns), columns.len())
    };
    for (channel, hex) in [(Channel::LteUlDcch, LTE), (Channel::NrUlDcch, NR)] {
        let (holds, entries) = decoded(channel, hex);
        let holds = holds.unwrap();
        assert!(holds.response && holds.log.is_some() && !holds.rlf, "{hex}");
        assert_eq!(entries, 1);
    }
    let configuration = Holds { configuration: true, ..Holds::default() };
    assert_eq!(decoded(Channel::LteDlDcch, CONFIGURATION), (Ok(configuration), 0));
    assert_eq!(decoded(Channel::LteUlDcch, "00"), (Err(UperError::OtherMessage), 0));
    let (cut, entries) = decoded(Channel::LteUlDcch, &LTE[..40]);
    assert!(cut.is_err_and(|error| error != UperError::OtherMessage) && entries == 0);
    let place = Place::Packet(7);
    let found = Found { channel: Channel::NrUlDcch, octets: octets(NR).into(), at: None, place };
    assert_eq!(format!("{found:?}"), "Found(nr-rrc.ul.dcch, packet 7)");
}

proptest! {
    #[test]
    fn any_octets_are_read_or_refused(tail in prop::collection::vec(any::<u8>(), 0..200), link in 0_u32..300) {
        for head in [pcap(0xA1B2_C3D4, false, link, &[]), pcap(0xA1B2_C3D4, true, link, &[]), pcapng(link as u16, &[])] {
            let file = [head, tail.clone()].concat();
            read_packets(&file, &UserLinkTypes::default(), Mode::Lenient).ok();
        }
        prop_assert!(read_lines(&tail, Some(Channel::LteUlDcch), Mode::Lenient).is_ok());
    }
}
