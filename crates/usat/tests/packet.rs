//! Secured packets, octet by octet, and what is not one.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

mod support;

use proptest::prelude::*;
use support::keys;
use usat::packet::*;

fn usable(value: u64) -> Usable {
    Counter::new(value - 1).unwrap().next().unwrap().store(|_| Ok::<_, ()>(())).unwrap()
}

fn counter(value: u64) -> Counter {
    Counter::new(value).unwrap()
}

const TAR: Tar = Tar::CHANGE_OF_AREA;

fn open(level: Level, last: u64, packet: &[u8]) -> Result<Vec<u8>, PacketError> {
    let received = open_command(&keys(), level, TAR, counter(last), packet).map_err(|rejected| rejected.error)?;
    Ok(received.accept(|_| Ok::<_, ()>(())).unwrap())
}

/// F-26: SPI 16 39, and all the header of a packet that is not enciphered.
#[test]
fn the_header() {
    let clear = Level { ciphered: false, ..Level::TO_CARD };
    let packet = seal_command(&keys(), clear, TAR, &usable(5), b"data").unwrap();
    let expected = [
        0x00, 0x1A, // CPL: 26
        0x15, // CHL: 13 and the checksum
        0x12, 0x39, // SPI
        0x32, 0x32, // KIc, KID: key set 3, AES
        0xBF, 0xFF, 0x23, // TAR
        0, 0, 0, 0, 5, // CNTR
        0, // PCNTR
    ];
    assert_eq!(packet[..16], expected);
    assert_eq!(&packet[24..], b"data");
    let said = Header { level: clear, tar: TAR, key_set: 3 };
    assert_eq!(header(&packet), Ok(said));
    let ciphered = seal_command(&keys(), Level::TO_CARD, TAR, &usable(5), b"data").unwrap();
    assert_eq!(ciphered[3..5], [0x16, 0x39]);
    assert_eq!((ciphered.len() - 10) % 16, 0);
    assert_eq!(open(Level::TO_CARD, 4, &ciphered).unwrap(), b"data");
}

#[test]
fn counters() {
    let plus_one = Level { counter: CounterCheck::PlusOne, ..Level::TO_CARD };
    let table = [
        // level, last, came, verdict
        (Level::TO_CARD, 4, 5, Ok(())),
        (Level::TO_CARD, 4, 500, Ok(())),
        (Level::TO_CARD, 5, 5, Err(Status::CounterLow)),
        (Level::TO_CARD, 6, 5, Err(Status::CounterLow)),
        (Level::TO_CARD, 4, (1 << 40) - 1, Err(Status::CounterBlocked)),
        (plus_one, 4, 5, Ok(())),
        (plus_one, 4, 6, Err(Status::CounterHigh)),
        (plus_one, 5, 5, Err(Status::CounterLow)),
    ];
    for (level, last, came, verdict) in table {
        let packet = seal_command(&keys(), level, TAR, &usable(came), b"x").unwrap();
        let found = open_command(&keys(), level, TAR, counter(last), &packet).map(|received| received.counter());
        match verdict {
            Ok(()) => assert_eq!(found.map(Counter::value).map_err(|rejected| rejected.error), Ok(came)),
            Err(status) => {
                let rejected = found.unwrap_err();
                assert_eq!((rejected.error.status(), rejected.proven), (status, Some(counter(came))));
            }
        }
    }
    assert!(counter((1 << 40) - 1).next().is_none() && Counter::new(1 << 40).is_none());
    // What cannot be stored is not sent, and not seen.
    assert_eq!(counter(1).next().unwrap().store(|_| Err("disk")).map(|_| ()), Err("disk"));
    let packet = seal_command(&keys(), Level::TO_CARD, TAR, &usable(5), b"x").unwrap();
    let received = open_command(&keys(), Level::TO_CARD, TAR, counter(0), &packet).map_err(|_| ()).unwrap();
    assert_eq!(received.accept(|_| Err("disk")), Err("disk"));
}

#[test]
fn refused_by_policy() {
    let packet = seal_command(&keys(), Level::TO_CARD, TAR, &usable(5), b"data").unwrap();
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = packet.clone();
        change(&mut changed);
        let rejected = open_command(&keys(), Level::TO_CARD, TAR, counter(0), &changed).map(|_| ()).unwrap_err();
        // Nobody has proven anything: nobody is answered.
        assert_eq!(rejected.proven, None);
        rejected.error
    };
    // DES and both 3DES; another key set; algorithms known implicitly, or the operator's own.
    for kic in [0x31, 0x35, 0x39, 0x42, 0x30, 0x33] {
        assert_eq!(refused(&|packet| packet[5..7].fill(kic)), PacketError::Algorithm, "{kic:02x}");
    }
    assert_eq!(refused(&|packet| packet[9] = 0), PacketError::Tar);
    // Not enciphered where it must be; no proof wanted; redundancy check, nothing, signature; counters of no use.
    assert_eq!(refused(&|packet| packet[3] = 0x12), PacketError::OtherLevel);
    assert_eq!(refused(&|packet| packet[4] = 0x00), PacketError::OtherLevel);
    for spi in [0x14, 0x15, 0x17] {
        assert_eq!(refused(&|packet| packet[3] = spi), PacketError::Level(LevelError::NoChecksum));
    }
    for spi in [0x06, 0x0E] {
        assert_eq!(refused(&|packet| packet[3] = spi), PacketError::Level(LevelError::NoCounter));
    }
    let others = CardKeys::new(3, &[0x11; 16], &[0x23; 16]).unwrap();
    let rejected = open_command(&others, Level::TO_CARD, TAR, counter(0), &packet).map(|_| ()).unwrap_err();
    assert_eq!(rejected.error, PacketError::Checksum);
}

/// Every bit and every length: nothing that was changed is taken.
#[test]
fn forged_and_truncated() {
    let proof = Level::TO_CARD.proof.unwrap();
    let response = Response { tar: TAR, counter: counter(5), status: Status::Ok, data: vec![1, 2, 3] };
    let answer = seal_response(&keys(), proof, &response).unwrap();
    assert_eq!(open_response(&keys(), proof, TAR, &answer), Ok(response));
    let command = seal_command(&keys(), Level::TO_CARD, TAR, &usable(5), b"some data that is longer").unwrap();
    let opens = |packet: &[u8]| open(Level::TO_CARD, 0, packet).is_ok();
    let proves = |packet: &[u8]| open_response(&keys(), proof, TAR, packet).is_ok();
    for (packet, taken) in [(&command, &opens as &dyn Fn(&[u8]) -> bool), (&answer, &proves)] {
        assert!(taken(packet));
        for (index, bit) in (0..packet.len()).flat_map(|index| (0..8).map(move |bit| (index, bit))) {
            let mut forged = packet.clone();
            forged[index] ^= 1 << bit;
            assert!(!taken(&forged), "{index} {bit}");
        }
        assert!((0..packet.len()).all(|end| !taken(&packet[..end])));
        assert!(!taken(&[&packet[..], &[0]].concat()));
    }
}

/// All eight forms of a proof: opened as what was asked, and as nothing else.
#[test]
fn every_form_of_proof() {
    let bits = [false, true];
    let forms: Vec<Proof> = bits
        .iter()
        .flat_map(|checksum| bits.map(|ciphered| (*checksum, ciphered)))
        .map(|(checksum, ciphered)| Proof { when: ProofWhen::Always, checksum, ciphered, by_submit: true })
        .collect();
    for status in (0..=255).map(Status::from_octet) {
        let response = Response { tar: TAR, counter: counter(7), status, data: b"what it says".to_vec() };
        for sealed in &forms {
            let packet = seal_response(&keys(), *sealed, &response).unwrap();
            for asked in &forms {
                let opened = open_response(&keys(), *asked, TAR, &packet);
                if asked == sealed {
                    assert_eq!(opened.as_ref(), Ok(&response));
                } else if asked.checksum || sealed.checksum {
                    assert!(opened.is_err());
                }
            }
            assert_eq!(open_response(&keys(), *sealed, Tar([0; 3]), &packet), Err(PacketError::Tar));
        }
    }
    // In the clear: length 14, header 10, TAR, counter, no padding, status.
    let clear = Proof { when: ProofWhen::Always, checksum: false, ciphered: false, by_submit: true };
    let response = Response { tar: TAR, counter: counter(7), status: Status::TarUnknown, data: vec![] };
    let packet = seal_response(&keys(), clear, &response).unwrap();
    assert_eq!(packet, [0x00, 0x0B, 0x0A, 0xBF, 0xFF, 0x23, 0, 0, 0, 0, 7, 0, 0x09]);
}

#[test]
fn keys_that_are_none() {
    for length in 0..40 {
        let sound = matches!(length, 16 | 24 | 32);
        assert_eq!(CardKeys::new(1, &vec![1; length], &[2; 16]).is_ok(), sound);
        assert_eq!(CardKeys::new(1, &[2; 16], &vec![1; length]).is_ok(), sound);
    }
    for set in 0..=255 {
        assert_eq!(CardKeys::new(set, &[1; 16], &[2; 16]).is_ok(), (1..=15).contains(&set));
    }
    assert_eq!(CardKeys::new(1, &[1; 16], &[1; 16]).map(|_| ()), Err(KeyError::Same));
}

proptest! {
    /// Any data under any length of keys comes back, enciphered or not.
    #[test]
    fn any_data(data in proptest::collection::vec(any::<u8>(), 0..500), length in 0usize..3, ciphered: bool, value in 1u64..1 << 39) {
        let octets = [16, 24, 32][length];
        let keys = CardKeys::new(9, &vec![5; octets], &vec![6; octets]).unwrap();
        let level = Level { ciphered, ..Level::FROM_CARD };
        let packet = seal_command(&keys, level, TAR, &usable(value), &data).unwrap();
        let received = open_command(&keys, level, TAR, counter(value - 1), &packet).map_err(|rejected| rejected.error).unwrap();
        prop_assert_eq!(received.accept(|_| Ok::<_, ()>(())).unwrap(), data);
    }

    #[test]
    fn any_octets(octets in proptest::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(open(Level::TO_CARD, 0, &octets).is_err());
    }
}
