//! Any text as a pseudonym, and edits of a genuine one: only what was assigned resolves, and only for its client.
#![no_main]

use std::hint::black_box;
use std::sync::OnceLock;

use lcs::{Duration, Identities, Imsi, Msisdn, Pseudonym, Timestamp};
use libfuzzer_sys::fuzz_target;
use privacy::{Pmd, PseudonymKey, PseudonymMaster, Realm, home_of};

const NOW: Timestamp = Timestamp::from_secs(1_795_600_800);
const CLIENT: &str = "fleet";

struct Device {
    pmd: Pmd,
    subscriber: Identities,
    genuine: Pseudonym,
}

fn device() -> &'static Device {
    static DEVICE: OnceLock<Device> = OnceLock::new();
    DEVICE.get_or_init(|| {
        let key = PseudonymKey {
            id: 7,
            master: PseudonymMaster::from_octets([7; 32]),
            from: Timestamp::default(),
            until: Timestamp::from_secs(4_000_000_000),
            rotation: Duration::from_secs(30 * 86_400),
            overlap: Duration::from_secs(86_400),
        };
        let realm = Realm::new("h.gmlc.example").expect("a domain name");
        let pmd = Pmd::new(realm, &[key], Default::default()).expect("a sound key");
        let subscriber = Identities {
            imsi: Imsi::parse("262011234567890").ok(),
            msisdn: Msisdn::parse("491700000001").ok(),
            imei: None,
        };
        let genuine = pmd.assign(&subscriber, CLIENT, NOW).expect("a key in force");
        Device { pmd, subscriber, genuine }
    })
}

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        judge(text);
        black_box(Realm::new(text).is_ok());
    }
    // The input as an edit of the genuine one: replaced from somewhere on, and cut there.
    if let [at, edit @ ..] = data {
        let mut octets = device().genuine.expose().as_bytes().to_vec();
        let at = usize::from(*at) % octets.len();
        octets[at..].iter_mut().zip(edit).for_each(|(octet, mask)| *octet ^= mask);
        judge(&String::from_utf8_lossy(&octets));
        judge(&String::from_utf8_lossy(&octets[..at]));
    }
});

fn judge(text: &str) {
    let Device { pmd, subscriber, genuine } = device();
    let Some(shown) = Pseudonym::new(text.to_owned()) else { return };
    let known = shown == *genuine;
    assert_eq!(pmd.resolve(&shown, CLIENT, NOW).ok(), known.then_some(*subscriber));
    assert!(pmd.resolve(&shown, "shop", NOW).is_err());
    let (answer, cause) = pmd.resolve_for_audit(&shown, CLIENT, NOW);
    assert_eq!(answer.is_ok(), cause.is_none());
    if let Some(home) = home_of(&shown) {
        assert!(Realm::new(home.realm).is_ok_and(|realm| text.ends_with(realm.as_str())));
    } else {
        assert!(!known, "the genuine one has a home");
    }
}
