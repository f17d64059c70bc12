//! The format octet by octet (docs/mdt-log.md), both ways. The generator gives one octet value per call, so that every draw can be told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod support;

use mdt_log::open::{CollectorPrivateKey, End, ReceiptSigner, RootSigner, open_report, open_segment, unlock};
use mdt_log::rand_core::{TryCryptoRng, TryRng};
use mdt_log::*;
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use support::facts;

/// Fills the first draw with one octet, the second with the next, and so on.
struct Calls(u8);

impl TryRng for Calls {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0 += 1;
        Ok(u32::from_be_bytes([self.0; 4]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 += 1;
        Ok(u64::from_be_bytes([self.0; 8]))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        self.0 += 1;
        into.fill(self.0);
        Ok(())
    }
}

impl TryCryptoRng for Calls {}

fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

const PRIVATE: &str = "902172977ff6cce1ddfc15ce43c936939458a19333816a57377c460d684fb249";
const PUBLIC: &str = "0001566477145eb68bc33f7014eecad5b9c78950bab64cbadbd0cf17fdcefe22";

const HEAD: &str = concat!(
    "4d44545301",                           // "MDTS", version 1
    "0075",                                 // 117 octets of CBOR
    "89",                                   // array of 9
    "01",                                   // suite 1: X25519, HKDF-SHA256, AES-128-GCM
    "48c1c1c1c1c1c1c1c1",                   // key
    "5001010101010101010101010101010101",   // epoch
    "5040404040404040404040404040404040",   // segment
    "00",                                   // number 0 in its epoch
    "02",                                   // LogMeasInfo-r16 in UPER
    "87",                                   // job, array of 7
    "4632f451000001",                       // trace reference: 234/15, 000001
    "420001",                               // trace recording session reference
    "01",                                   // trace collection entity
    "01",                                   // NR
    "46101011120000",                       // 10-10-11 12:00:00
    "191400",                               // 5120 ms
    "191c20",                               // 7200 s
    "49636f6e73656e742d31",                 // "consent-1"
    "58200a2a62c6ace9fa7bc48a948a79ad6483", // SHA-256 of the erasure token
    "8caec332c6b5c84821959664712803e5",
    "fd2c4dd1c8a6b88fe1fc59ce441398f5", // encapsulated key
    "ea83a9296e210997ac63bed970b86028",
    "628790d08e0ef3f8cf0c3ceb8727a3bc", // confirmation: export "mdt-log confirm"
);

const RECORDS: [&str; 3] = [
    // 32 octets; kind 0, "an entry", 80, zeroes to 16; tag
    concat!("0020", "be00f5aa218225e564f4ada329290d41", "83ef203838e9649ede6f222c2ffb8120"),
    // 48 octets; kind 0, 30 octets ee, 80: just 32; tag
    concat!(
        "0030",
        "7d49641ee62ec0baab77728fc690bd8c33180d6d561e8585ebfbed80895f9f5f",
        "cc66fba11a893437aaf979c23b98ca6d"
    ),
    // 32 octets; kind 4, count 00000002, reason 01, 80, zeroes; tag
    concat!("0020", "e225936c8984166808ebec549591d1f5", "23dc0886ebebdb28ee9baef126348e29"),
];

const UNLOCK: &str = concat!(
    "4d44545501",                                                       // "MDTU", version 1
    "01",                                                               // suite 1
    "c1c1c1c1c1c1c1c1",                                                 // key
    "01010101010101010101010101010101",                                 // epoch
    "5c68e9aae059b5779daf0721a7c11cd25c8f124a684fee9d7d6185e901612d61", // encapsulated key
    "0ec839b65b65b26e5c3284402b9b185d4bc7b0e4246fe1a1f280931796532260", // the epoch key, sealed
    "1390311c8a56c29752b290a0d16020d8",                                 // tag
);

const REPORT: &str = concat!(
    "4d44545201",                           // "MDTR", version 1
    "0050",                                 // 80 octets of CBOR
    "86",                                   // array of 6
    "48c1c1c1c1c1c1c1c1",                   // key
    "5001010101010101010101010101010101",   // epoch
    "5060606060606060606060606060606060",   // report
    "02",                                   // NR, UPER
    "40",                                   // no evidence of consent
    "58206dea05902b5bcef10e1237dc2e6da184", // SHA-256 of the erasure token
    "6ec647e25ea8a2cb42049225d61fa3fc",
    "d7b24ff791fbdd03310c3e15aecc0a974fb0025e3bce54ab72501ac5a6c33721", // encapsulated key
    "70173df56577b08724af919f4b8f50d2",                                 // kind 1, "a failure", 80, zeroes to 16
    "d22b5560eec3c10b0db921f21c93074e",                                 // tag
);

const ROOT: &str = "5b6489c9c7fd0dcf50545e7c164886ef40491ec06c7f1b123041797e8117535e";
const RECEIPT_KEY: &str = "e2fe2a39b7326642827d6d82d497622cd6c297fe78270eaa436b01f086b6f3cb";

const LIST: &str = concat!(
    "4d44544b01", // "MDTK", version 1
    "85",         // array of 5
    "03",         // version of the list
    "1a6b000000", // signed
    "1a6b100000", // expires
    "81",         // one key to seal to, array of 6
    "86",
    "48c1c1c1c1c1c1c1c1", // its name
    "01",                 // trace collection entity
    "01",                 // suite 1
    "1a6b000000",         // from
    "1a6b300000",         // until
    "58200001566477145eb68bc33f7014eecad5b9c78950bab64cbadbd0cf17fdcefe22",
    "81", // one key for receipts, array of 4
    "84",
    "48c9c9c9c9c9c9c9c9", // its name
    "1a6b000000",         // from
    "1a6b300000",         // until
    "5820e2fe2a39b7326642827d6d82d497622cd6c297fe78270eaa436b01f086b6f3cb",
    "b3fc4d63379cf9cbb82aada33a5c47c5c4401d8b26214cbbe525ffed57ddb14c", // Ed25519 signature of all before it
    "94fe54a6751df71e3bbe389b8b544f9403406421279a2a91dd384d27c8185b00",
);

const RECEIPT: &str = concat!(
    "4d44544301",                         // "MDTC", version 1
    "84",                                 // array of 4
    "48c9c9c9c9c9c9c9c9",                 // key
    "5001010101010101010101010101010101", // epoch
    "1a6b000001",                         // when
    "81",                                 // one segment, array of 6
    "86",
    "5040404040404040404040404040404040", // its name
    "190122",                             // 290 octets
    "5820c2c114e788ed2aa76b3eac443146424d991bccac40c5e16e510a9500b3b61f22", // SHA-256 of them
    "02",                                 // records kept
    "01",                                 // not wanted
    "00",                                 // unreadable
    "23968a6145f61a4db2335dc790e1487185a193fc8ec58870c45b87ec3f4f668a", // Ed25519 signature of all before it
    "37526f74bcf7675ba23bfe0856d3e0428adb77666c5826adc943909b92aedf02",
);

const NOW_S: u64 = 0x6b00_0001;

fn key() -> CollectorKey {
    CollectorKey::new(KeyId([0xc1; 8]), 1, Suite::Small, 0x6b00_0000, 0x6b30_0000, unhex(PUBLIC)).unwrap()
}

fn private() -> Vec<CollectorPrivateKey> {
    vec![CollectorPrivateKey::from_octets(KeyId([0xc1; 8]), Suite::Small, &unhex(PRIVATE)).unwrap()]
}

fn segment() -> Vec<u8> {
    unhex(&[HEAD, RECORDS[0], RECORDS[1], RECORDS[2]].concat())
}

fn list() -> KeyList {
    let public = unhex(RECEIPT_KEY).try_into().unwrap();
    let receipt = ReceiptKey { id: KeyId([0xc9; 8]), from_s: 0x6b00_0000, until_s: 0x6b30_0000, public };
    KeyList { version: 3, issued_s: 0x6b00_0000, expires_s: 0x6b10_0000, keys: vec![key()], receipts: vec![receipt] }
}

#[test]
fn a_segment_is_sealed_to_these_octets() {
    let (epoch, device) = (EpochKey::generate(&mut Calls(0)), DeviceSecret::generate(&mut Calls(0x2f)));
    let mut octets = vec![];
    let (mut sealer, _) =
        SegmentSealer::begin(&facts(0), &key(), &epoch, &device, &mut Calls(0x3f), &mut octets).unwrap();
    sealer.seal(Kind::Entry, b"an entry", &mut octets).unwrap();
    sealer.seal(Kind::Entry, &[0xee; 30], &mut octets).unwrap();
    assert_eq!(sealer.sealed(), 2);
    sealer.close(CloseReason::Upload, &mut octets).unwrap();
    assert_eq!(octets, segment());
    assert_eq!(epoch.unlock(&key(), &mut Calls(0x4f)).unwrap(), unhex(UNLOCK));
    let facts = ReportFacts { content: Content::NrUper, consent: vec![] };
    let report =
        seal_report(Kind::RadioLinkFailure, b"a failure", &facts, &key(), &epoch, &device, &mut Calls(0x5f)).unwrap();
    assert_eq!(report.1, unhex(REPORT));
}

#[test]
fn these_octets_open() {
    assert_eq!(private()[0].public(), unhex(PUBLIC));
    let epoch = unlock(&unhex(UNLOCK), &private()).unwrap();
    let mut seen = vec![];
    let verdict = open_segment(&segment(), &private(), &epoch, |record| {
        seen.push((record.number, record.kind, record.content.to_vec()));
    })
    .unwrap();
    assert_eq!(seen, [(0, Kind::Entry, b"an entry".to_vec()), (1, Kind::Entry, vec![0xee; 30])]);
    assert_eq!((verdict.is_complete(), verdict.end), (true, End::Closed(CloseReason::Upload)));
    let octets = segment();
    let parsed = SegmentHead::parse(&octets).unwrap();
    assert_eq!((parsed.head.suite(), parsed.head.job), (Suite::Small, support::job()));
    open_report(&unhex(REPORT), &private(), &epoch, |head, record| {
        assert_eq!(
            (head.report, record.kind, record.content),
            (SegmentId([0x60; 16]), Kind::RadioLinkFailure, &b"a failure"[..])
        );
    })
    .unwrap();
}

#[test]
fn the_erasure_token_is_what_the_head_committed_to() {
    let token = DeviceSecret::generate(&mut Calls(0x2f)).erasure_token(SegmentId([0x40; 16]));
    assert_eq!(token.0.to_vec(), unhex("832c4ade772b18876ae44a67814a369ccaf5d27ce37490edf2a7575f63edd27e"));
    assert_eq!(SegmentHead::parse(&segment()).unwrap().head.erasure, token.commitment());
}

#[test]
fn key_list_both_ways() {
    let root = RootSigner::from_seed(&[0x72; 32]);
    assert_eq!(root.public().to_vec(), unhex(ROOT));
    assert_eq!(root.sign(&list()).unwrap(), unhex(LIST));
    assert_eq!(KeyList::verify(&unhex(LIST), &[root.public()], 0, NOW_S), Ok(list()));
}

#[test]
fn receipt_both_ways() {
    let signer = ReceiptSigner::from_seed(KeyId([0xc9; 8]), &[0x71; 32]);
    let received = vec![Received {
        segment: SegmentId([0x40; 16]),
        octets: segment().len() as u32,
        digest: Sha256::digest(segment()).into(),
        kept: 2,
        not_wanted: 1,
        unreadable: 0,
    }];
    let octets = signer.sign(EpochId([1; 16]), NOW_S, received.clone()).unwrap();
    assert_eq!(octets, unhex(RECEIPT));
    let receipt = Receipt { key: KeyId([0xc9; 8]), epoch: EpochId([1; 16]), at_s: NOW_S, received };
    assert_eq!(Receipt::verify(&octets, &list(), NOW_S), Ok(receipt));
}

#[test]
fn lists_that_are_not_taken() {
    // Check B33, threats T8 and T10: an expired list, an older one, one of another root, any other octet.
    let (octets, root) = (unhex(LIST), unhex(ROOT).try_into().unwrap());
    let verify = |octets: &[u8], known, now| KeyList::verify(octets, &[[9; 32], root], known, now).err();
    assert_eq!(verify(&octets, 3, NOW_S), None, "the same again");
    assert_eq!(verify(&octets, 4, NOW_S), Some(KeyListError::Older { known: 4, offered: 3 }));
    assert_eq!(verify(&octets, 3, 0x6b10_0000), Some(KeyListError::Expired));
    assert_eq!(KeyList::verify(&octets, &[[9; 32]], 0, NOW_S), Err(KeyListError::Signature));
    for at in 0..octets.len() {
        let mut altered = octets.clone();
        altered[at] ^= 1;
        assert_eq!(verify(&altered, 3, NOW_S), Some(KeyListError::Signature), "octet {at}");
        assert_eq!(verify(&octets[..at], 3, NOW_S), Some(KeyListError::Signature));
    }
    // Signed, and not sound: a key that is none of its suite cannot be listed.
    assert!(CollectorKey::new(KeyId([1; 8]), 1, Suite::Small, 1, 2, vec![1; 31]).is_none());
    assert!(CollectorKey::new(KeyId([1; 8]), 1, Suite::Small, 2, 2, unhex(PUBLIC)).is_none());
}

#[test]
fn rotation_takes_the_newest_key_that_is_valid() {
    let named = |id: u8, from_s, until_s| {
        CollectorKey::new(KeyId([id; 8]), 1, Suite::Small, from_s, until_s, unhex(PUBLIC)).unwrap()
    };
    let keys = vec![named(1, 100, 300), named(2, 200, 400)];
    let list = KeyList { version: 1, issued_s: 0, expires_s: 350, keys, receipts: vec![] };
    let at = |now_s| list.collector(1, Suite::Small, now_s).map(|key| key.id().0[0]);
    let expected = [(99, None), (100, Some(1)), (199, Some(1)), (200, Some(2)), (349, Some(2)), (350, None)];
    for (now_s, id) in expected {
        assert_eq!(at(now_s), id, "at {now_s}");
    }
    assert!(list.collector(2, Suite::Small, 200).is_none(), "another entity");
    assert!(list.collector(1, Suite::Hybrid, 200).is_none(), "another suite");
}

#[test]
fn receipts_that_count_for_nothing() {
    let octets = unhex(RECEIPT);
    assert_eq!(Receipt::verify(&octets, &list(), 0x6b30_0000), Err(ReceiptError::Key), "the key's time is over");
    for at in 0..octets.len() {
        let mut altered = octets.clone();
        altered[at] ^= 1;
        assert!(Receipt::verify(&altered, &list(), NOW_S).is_err(), "octet {at}");
        assert!(Receipt::verify(&octets[..at], &list(), NOW_S).is_err());
    }
}

#[test]
fn t18_lengths_tell_a_bucket_and_no_more() {
    // TS 36.331: a point alone takes 18 octets, with six neighbours 41.
    let mut seen = std::collections::BTreeSet::new();
    for octets in 15..=30 {
        seen.insert(SegmentSealer::frame_octets(octets).unwrap());
    }
    for octets in 31..=62 {
        seen.insert(SegmentSealer::frame_octets(octets).unwrap());
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [50, 82]);
    assert_eq!(SegmentSealer::frame_octets(MAX_ENTRY), Ok(2066));
    let limit = MAX_ENTRY;
    assert_eq!(SegmentSealer::frame_octets(limit + 1), Err(SealError::TooLong { octets: limit + 1, limit }));
}
