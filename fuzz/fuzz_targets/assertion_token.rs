//! Any text as a token, edits of a genuine one, and any document as a set of keys: only what was signed is believed.
#![no_main]

use assertion::{Claims, KeySet, SigningKey, Verifier, key_set_json};
use libfuzzer_sys::fuzz_target;
use std::hint::black_box;
use std::sync::OnceLock;

const NOW: u64 = 1_795_600_800;

struct Sides {
    verifier: Verifier,
    genuine: String,
}

fn sides() -> &'static Sides {
    static SIDES: OnceLock<Sides> = OnceLock::new();
    SIDES.get_or_init(|| {
        let key = SigningKey::from_pkcs8(&SigningKey::generate().expect("randomness")).expect("a sound key");
        let keys = KeySet::parse(key_set_json([key.published()]).as_bytes()).expect("a sound set");
        let claims = Claims {
            iss: "https://p.example".into(),
            sub: "AQ@h.gmlc.example".into(),
            aud: "shop".into(),
            nonce: "0123456789abcdef".into(),
            iat: NOW,
            exp: NOW + 120,
            jti: "one".into(),
        };
        let genuine = key.sign(&claims).expect("a signature");
        Sides { verifier: Verifier::new("https://p.example", "shop", keys), genuine }
    })
}

fuzz_target!(|data: &[u8]| {
    let Sides { verifier, genuine } = sides();
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(text == genuine || verifier.verify(text, NOW).is_err());
    }
    black_box(KeySet::parse(data).is_ok());
    // The input as an edit of the genuine one: replaced from somewhere on, and cut there.
    if let [high, low, edit @ ..] = data {
        let mut octets = genuine.as_bytes().to_vec();
        let at = (usize::from(*high) << 8 | usize::from(*low)) % octets.len();
        octets[at..].iter_mut().zip(edit).for_each(|(octet, mask)| *octet ^= mask);
        for octets in [&octets[..], &octets[..at]] {
            if let Ok(text) = std::str::from_utf8(octets) {
                assert_eq!(verifier.verify(text, NOW).is_ok(), text == genuine);
            }
        }
    }
});
