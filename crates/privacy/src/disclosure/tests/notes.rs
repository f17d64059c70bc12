//! Checkpoints byte for byte, and keys in their text form.

use super::*;

// Made once with an independent implementation of Ed25519 and base 64 from the seed 00 01 … 1f.
const SEED: [u8; 32] = {
    let mut seed = [0; 32];
    let mut at = 0;
    while at < 32 {
        seed[at] = at as u8;
        at += 1;
    }
    seed
};
const ROOT: Hash = [
    0x6e, 0x34, 0x0b, 0x9c, 0xff, 0xb3, 0x7a, 0x98, 0x9c, 0xa5, 0x44, 0xe6, 0xbb, 0x78, 0x0a, 0x2c, 0x78, 0x90, 0x1d,
    0x3f, 0xb3, 0x37, 0x38, 0x76, 0x85, 0x11, 0xa3, 0x06, 0x17, 0xaf, 0xa0, 0x1d,
];
const NOTE: &str = "example.com/log42\n20852163\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n\n\u{2014} example.com/log42 YVgb+WiEinEc3ty4QLVT5aNaBML5Lad6yf62sZbbKANEqqTyEWJPu5A1VcLy5zXTZKlfLFwaduNhjxsLfG0z6CURJQ4=\n";
const VKEY: &str = "example.com/log42+61581bf9+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const SKEY: &str = "PRIVATE+KEY+example.com/log42+61581bf9+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

fn signer() -> SigningKey {
    SigningKey::from_seed(Origin::new("example.com/log42").unwrap(), SEED).unwrap()
}

#[test]
fn a_checkpoint_is_byte_exact() {
    let signer = signer();
    let checkpoint = Checkpoint { size: 20_852_163, root: ROOT };
    let note = signer.verifier().note(&checkpoint, &signer.sign(&checkpoint).unwrap());
    assert_eq!(note, NOTE);
    assert_eq!(signer.verifier().read_note(NOTE), Ok(checkpoint));
}

#[test]
fn keys_are_byte_exact_and_come_back() {
    let signer = signer();
    assert_eq!(signer.verifier().to_text(), VKEY);
    assert_eq!(*signer.to_text(), SKEY);
    assert_eq!(VerifierKey::parse(VKEY).unwrap().to_text(), VKEY);
    assert_eq!(*SigningKey::parse(&format!("{SKEY}\n")).unwrap().to_text(), SKEY);
    let master = MasterKey::from_octets([3; 32]);
    assert_eq!(*MasterKey::parse(&master.to_text()).unwrap().to_text(), *master.to_text());
    assert!(VerifierKey::parse(&VKEY.replace("log42", "log43")).is_err_and(|error| error == NoteError::KeyId));
    assert!(VerifierKey::parse("example.com/log42").is_err_and(|error| error == NoteError::KeyForm));
    assert!(SigningKey::parse(VKEY).is_err_and(|error| error == NoteError::KeyForm));
    assert!(MasterKey::parse(SKEY).is_err_and(|error| error == NoteError::KeyForm));
}

#[test]
fn a_published_note_of_another_implementation_verifies() {
    // The example key and note of Go's package golang.org/x/mod/sumdb/note.
    let key = VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    assert_eq!(key.to_text(), "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
}

#[test]
fn signatures_by_others_are_tolerated_and_ours_is_needed() {
    let key = signer().verifier().clone();
    let witness = "\u{2014} witness.example mJirIklj1r9Kz0mKa3n7o0sJ8t1uY9v2B5bg\n";
    let witnessed = format!("{NOTE}{witness}");
    assert!(key.read_note(&witnessed).is_ok());
    let (text, _) = NOTE.split_at(NOTE.find("\n\n").unwrap() + 2);
    assert_eq!(key.read_note(&format!("{text}{witness}")), Err(NoteError::Unsigned));
    let extended = NOTE.replacen("\n\n", "\nextension\n\n", 1);
    assert_eq!(key.read_note(&extended), Err(NoteError::BadSignature));
    assert_eq!(key.read_note(&NOTE.replace("20852163", "20852164")), Err(NoteError::BadSignature));
    assert_eq!(key.read_note(&NOTE.replace("20852163", "020852163")), Err(NoteError::Form));
    assert_eq!(key.read_note(&NOTE.replace("example.com/log42\n", "example.com/log43\n")), Err(NoteError::OtherLog));
    for cut in 1..NOTE.len() {
        if let Some(part) = NOTE.get(..cut) {
            assert!(key.read_note(part).is_err(), "{cut}");
        }
    }
    // A key of the same name and another id: its signature is one by somebody else.
    let other = SigningKey::from_seed(Origin::new("example.com/log42").unwrap(), [1; 32]).unwrap();
    assert_eq!(other.verifier().read_note(NOTE), Err(NoteError::Unsigned));
}

#[test]
fn any_changed_octet_of_a_note_is_noticed() {
    let key = signer().verifier().clone();
    for at in 0..NOTE.len() {
        for bit in [0x01, 0x20] {
            let mut octets = NOTE.as_bytes().to_vec();
            octets[at] ^= bit;
            if let Ok(text) = String::from_utf8(octets) {
                assert!(key.read_note(&text).is_err(), "octet {at}: {text}");
            }
        }
    }
}

#[test]
fn names_that_no_note_can_have_are_refused() {
    for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b", &"x".repeat(256)] {
        assert_eq!(Origin::new(name), Err(NoteError::Name));
    }
    assert!(Origin::new(&"x".repeat(255)).is_ok());
}
