//! Random and mutated octets: decoding never panics, and encoding is its inverse.

use crate::common::{ENVELOPE, IDS, avps, decode, message, target};
use bytes::Bytes;
use diameter::{
    Dump, Octets,
    base::{
        CapabilitiesExchangeAnswer, CapabilitiesExchangeRequest, DeviceWatchdogAnswer, DeviceWatchdogRequest,
        DisconnectPeerAnswer, DisconnectPeerRequest, error_answer,
    },
    codec::{AvpCode, AvpFlags, AvpRef, Avps, CommandFlags, Header, Message, VendorId},
    dictionary::{self, AvpDef, AvpType},
    slg::{Lra, Lrr, Pla, Plr, ReceivedPlr},
    slh::{Ria, Rir},
};
use lcs::{LcsClientType, LocationType, PrivacyIndicators, PrivacySetting};
use proptest::prelude::*;

/// Reads a message in every way there is; whatever the octets, nothing panics.
fn read_all(message: &Message) {
    let _text = Dump(message).to_string();
    for avp in message.avps() {
        let _values = (avp.u32(), avp.u64(), avp.i32(), avp.utf8(), avp.identity(), avp.address(), avp.time());
        if let Ok(members) = avp.grouped() {
            assert!(members.count() <= avp.data.len());
        }
    }
    let mut out = Vec::new();
    let reads = [
        ReceivedPlr::decode(message).err(),
        Pla::decode(message).map(|pla| drop(pla.positioning_outcome(LocationType::Current))).err(),
        Lrr::decode(message).map(|lrr| drop(lrr.estimate().fix())).err(),
        Lra::decode(message).err(),
        Rir::decode(message).err(),
        Ria::decode(message).map(|ria| drop(ria.routing_info())).err(),
        CapabilitiesExchangeRequest::decode(message).err(),
        CapabilitiesExchangeAnswer::decode(message).err(),
        DeviceWatchdogRequest::decode(message).err(),
        DeviceWatchdogAnswer::decode(message).err(),
        DisconnectPeerRequest::decode(message).err(),
        DisconnectPeerAnswer::decode(message).err(),
    ];
    for error in reads.into_iter().flatten() {
        out.clear();
        error_answer(message, crate::common::MME, &error, &mut out).unwrap();
        decode(&out);
    }
}

/// Decodes a frame; sound or not, what there is of it can be read, and an error can be answered.
fn feed(frame: Vec<u8>) {
    match Message::decode(Bytes::from(frame.clone())) {
        Ok(message) => {
            let mut again = Vec::new();
            message.encode(&mut again);
            assert_eq!(again, frame, "encoding is the inverse of decoding");
            read_all(&message);
        }
        Err(malformed) => {
            if let Some(message) = &malformed.message {
                read_all(message);
                let mut out = Vec::new();
                error_answer(message, crate::common::MME, &malformed.error, &mut out).unwrap();
                decode(&out);
            }
        }
    }
}

fn any_def() -> impl Strategy<Value = &'static AvpDef> {
    let all: Vec<_> = dictionary::all().collect();
    prop::sample::select(all)
}

/// Encoded AVPs of the dictionary with data that mostly fits their type, groups up to three deep, and some unknown ones.
fn any_avps(depth: u32) -> BoxedStrategy<Vec<u8>> {
    let leaf = (any_def(), any::<[u8; 8]>(), prop::collection::vec(any::<u8>(), 0..24), any::<bool>()).prop_map(
        |(def, number, octets, exact)| {
            let data = match def.kind {
                AvpType::Unsigned64 => &number[..],
                AvpType::Unsigned32 | AvpType::Enumerated | AvpType::Integer32 | AvpType::Time => &number[4..],
                _ => &octets[..],
            };
            avps(|b| {
                b.avp(def, if exact { data } else { &octets });
            })
        },
    );
    let unknown = (any::<u32>(), prop::option::of(1u32..), any::<u8>(), prop::collection::vec(any::<u8>(), 0..24))
        .prop_map(|(code, vendor, flags, data)| {
            let avp = AvpRef { code: AvpCode(code), vendor: vendor.map(VendorId), flags: AvpFlags(flags), data: &data };
            avps(|b| {
                b.raw(avp);
            })
        });
    let groups: Vec<_> = dictionary::all().filter(|def| def.kind == AvpType::Grouped).collect();
    let one = if depth == 0 {
        prop_oneof![8 => leaf, 1 => unknown].boxed()
    } else {
        let group = (prop::sample::select(groups), any_avps(depth - 1)).prop_map(|(def, members)| {
            avps(|b| {
                b.avp(def, &members);
            })
        });
        prop_oneof![6 => leaf, 1 => unknown, 3 => group].boxed()
    };
    prop::collection::vec(one, 0..12).prop_map(|avps| avps.concat()).boxed()
}

fn any_header() -> impl Strategy<Value = Header> {
    let commands = prop::sample::select(vec![
        (0, 257u32),
        (0, 280),
        (0, 282),
        (16_777_255u32, 8_388_620),
        (16_777_255, 8_388_621),
        (16_777_291, 8_388_622),
        (4, 272),
    ]);
    (commands, any::<u8>(), any::<[u32; 2]>()).prop_map(|((application, command), flags, [hop_by_hop, end_to_end])| {
        Header {
            flags: CommandFlags(flags),
            command: diameter::codec::CommandCode(command),
            application: diameter::codec::ApplicationId(application),
            ids: diameter::codec::Identifiers { hop_by_hop, end_to_end },
        }
    })
}

/// Sound messages to mutate.
fn seeds() -> Vec<Vec<u8>> {
    let indicators =
        PrivacyIndicators::new(PrivacySetting::AllowedIfNoResponse, Some(PrivacySetting::AllowedWithNotification));
    let apn = lcs::ApnNi::new("internet").unwrap();
    let client = LcsClientType::ValueAdded;
    let plr = Plr::new(ENVELOPE, LocationType::Current, target(), client, indicators.unwrap(), Some(&apn)).unwrap();
    let mut request = Vec::new();
    plr.encode(IDS, &mut request).unwrap();
    let header = decode(&request).header;
    let pla = Pla {
        origin_host: "mme",
        origin_realm: "net",
        result_code: Some(diameter::codec::ResultCode::SUCCESS),
        location_estimate: Some(Octets(&[0x10, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A])),
        velocity_estimate: Some(Octets(&[0, 0x5A, 0, 0x3B])),
        ..Pla::default()
    };
    let mut answer = Vec::new();
    pla.encode(header, &mut answer).unwrap();
    vec![request, answer]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_octets_do_not_panic(octets in prop::collection::vec(any::<u8>(), 0..512)) {
        feed(octets);
    }

    #[test]
    fn random_bodies_do_not_panic(header in any_header(), body in prop::collection::vec(any::<u8>(), 0..512)) {
        feed(message(header, &body));
    }

    #[test]
    fn messages_of_the_dictionary_come_back(header in any_header(), body in any_avps(2)) {
        feed(message(header, &body));
    }

    #[test]
    fn mutated_messages_do_not_panic(
        seed in prop::sample::select(seeds()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut octets = seed;
        for (at, value) in changes {
            let at = at.index(octets.len());
            octets[at] = value;
        }
        if let Some(cut) = cut {
            octets.truncate(cut.index(octets.len()));
        }
        feed(octets);
    }

    /// Every length field set to every small or huge value.
    #[test]
    fn mutated_lengths_do_not_panic(seed in prop::sample::select(seeds()), which in 0usize..24, length in prop_oneof![0u32..64, Just(0x00FF_FFFF)]) {
        let mut octets = seed;
        let body = octets[20..].to_vec();
        let mut at = 20;
        for (n, avp) in Avps::new(&body).enumerate() {
            if n == which {
                octets[at + 5..at + 8].copy_from_slice(&length.to_be_bytes()[1..]);
            }
            at += (avp.data.len() + if avp.vendor.is_some() { 12 } else { 8 }).next_multiple_of(4);
        }
        feed(octets);
    }

    /// What a typed message says is what it read: decode(encode(decode(x))) = decode(x).
    #[test]
    fn typed_messages_come_back(body in any_avps(2)) {
        let fixed = avps(|b| {
            b.text(&dictionary::ORIGIN_HOST, "mme").text(&dictionary::ORIGIN_REALM, "net");
        });
        let header = decode(&seeds()[1]).header;
        let octets = message(header, &[fixed, body].concat());
        let Ok(original) = Message::decode(Bytes::from(octets)) else { return Ok(()) };
        let Ok(pla) = Pla::decode(&original) else { return Ok(()) };
        let mut out = Vec::new();
        pla.encode(header, &mut out).unwrap();
        let again = decode(&out);
        prop_assert_eq!(Pla::decode(&again).unwrap(), pla);
    }
}
