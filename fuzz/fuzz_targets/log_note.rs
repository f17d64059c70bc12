//! Texts of the disclosure log: keys, signed checkpoints, proofs. None is taken for genuine that is not.
#![no_main]

use fuzz::log::{genuine, keys, origin};
use libfuzzer_sys::fuzz_target;
use privacy::disclosure::{MasterKey, Origin, Proven, SigningKey, VerifierKey, verify_proofs};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let genuine = genuine();
    let key = keys().verifier().clone();
    if let Ok(name) = Origin::new(&text) {
        assert_eq!(name.as_str(), text);
    }
    if let Ok(key) = VerifierKey::parse(&text) {
        assert_eq!(key.to_text(), text.trim_end_matches(['\r', '\n']));
    }
    if let Ok(key) = SigningKey::parse(&text) {
        assert_eq!(
            VerifierKey::parse(&key.verifier().to_text()).map(|key| key.to_text()),
            Ok(key.verifier().to_text())
        );
        assert!(SigningKey::parse(&key.to_text()).is_ok());
    }
    if let Ok(master) = MasterKey::parse(&text) {
        assert!(MasterKey::parse(&master.to_text()).is_ok());
    }
    note(&text, &key);
    // The input as an edit of what is genuine: where, how much goes, and what comes instead.
    if let [at, cut, rest @ ..] = data {
        let rest = String::from_utf8_lossy(rest);
        note(&spliced(&genuine.note, *at, *cut, &rest), &key);
        proofs(&spliced(&genuine.proofs, *at, *cut, &rest), &key);
    }
    proofs(&text, &key);
    assert_eq!(key.origin().as_str(), origin().as_str());
});

fn spliced(text: &str, at: u8, cut: u8, instead: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let at = usize::from(at) * letters.len() / 255;
    let after = (at + usize::from(cut & 0x3F)).min(letters.len());
    letters[..at].iter().copied().chain(instead.chars()).chain(letters[after..].iter().copied()).collect()
}

fn note(text: &str, key: &VerifierKey) {
    if let Ok(checkpoint) = key.read_note(text) {
        assert!(genuine().checkpoints.contains(&checkpoint), "a checkpoint that was never signed");
    }
}

fn proofs(text: &str, key: &VerifierKey) {
    let genuine = genuine();
    for proven in verify_proofs(text, key).into_iter().flatten() {
        match proven {
            Proven::Inclusion { index, record, checkpoint } => {
                assert!(genuine.checkpoints.contains(&checkpoint));
                assert_eq!(Some(&record), genuine.records.get(index as usize));
            }
            Proven::Consistency { checkpoint, .. } => assert!(genuine.checkpoints.contains(&checkpoint)),
        }
    }
}
