//! What holds for any subscriber, client and edit.

use super::super::Unresolved;
use super::{FLEET, NOW, ROTATION_S, pmd, pseudonym, resolves};
use base64ct::{Base64UrlUnpadded, Encoding};
use lcs::{Digits, Duration, Identities, Imsi, Msisdn};
use proptest::prelude::*;
use std::collections::HashSet;

fn digits(count: core::ops::RangeInclusive<usize>) -> impl Strategy<Value = Digits> {
    proptest::collection::vec(0_u8..10, count).prop_map(|values| Digits::from_digits(values).unwrap())
}

fn identities() -> impl Strategy<Value = Identities> {
    let imsi = proptest::option::of(digits(6..=15).prop_map(|digits| Imsi::new(digits).unwrap()));
    let msisdn = proptest::option::of(digits(5..=15).prop_map(|digits| Msisdn::new(digits).unwrap()));
    (imsi, msisdn)
        .prop_map(|(imsi, msisdn)| Identities { imsi, msisdn, imei: None })
        .prop_filter("an identity", |known| known.imsi.is_some() || known.msisdn.is_some())
}

fn octets(text: &str) -> [u8; 42] {
    let mut octets = [0; 42];
    Base64UrlUnpadded::decode(&text[..56], &mut octets).unwrap();
    octets
}

/// The octets that the cipher made.
fn sealed(text: &str) -> Vec<u8> {
    octets(text)[2..].to_vec()
}

/// Whether any `run` octets of one occur anywhere in the other.
fn share(one: &[u8], other: &[u8], run: usize) -> bool {
    let runs: HashSet<&[u8]> = one.windows(run).collect();
    other.windows(run).any(|octets| runs.contains(octets))
}

proptest! {
    #[test]
    fn what_is_assigned_comes_back_and_stays_the_same(
        who in identities(), client in ".{0,80}", into_s in 0_u64..3 * ROTATION_S, later_s in 0_u64..ROTATION_S,
    ) {
        let pmd = pmd();
        let now = NOW.after(Duration::from_secs(into_s));
        let assigned = pmd.assign(&who, &client, now).unwrap();
        prop_assert_eq!(resolves(&pmd, &assigned, &client, now), Some(who));
        let rotates = pmd.term(now).unwrap().rotates;
        let again = now.after(Duration::from_secs(later_s));
        prop_assert_eq!(pmd.assign(&who, &client, again).unwrap() == assigned, again < rotates);
    }

    #[test]
    fn two_clients_have_nothing_in_common(who in identities(), one in ".{0,40}", other in ".{0,40}") {
        prop_assume!(one != other);
        let pmd = pmd();
        let (first, second) = (pmd.assign(&who, &one, NOW).unwrap(), pmd.assign(&who, &other, NOW).unwrap());
        // Six octets are alike by chance once in two hundred thousand million pairs.
        prop_assert!(!share(&sealed(first.expose()), &sealed(second.expose()), 6));
        prop_assert_eq!(pmd.resolve(&first, &other, NOW), Err(Unresolved));
        prop_assert_eq!(pmd.resolve(&second, &one, NOW), Err(Unresolved));
    }

    #[test]
    fn two_periods_and_two_generations_have_nothing_in_common(who in identities()) {
        let pmd = pmd();
        let first = pmd.assign(&who, FLEET, NOW).unwrap();
        let next = pmd.assign(&who, FLEET, NOW.after(Duration::from_secs(ROTATION_S))).unwrap();
        pmd.revocations().revoke_pair(&who, FLEET, NOW).unwrap();
        let anew = pmd.assign(&who, FLEET, NOW).unwrap();
        for (one, other) in [(&first, &next), (&first, &anew), (&next, &anew)] {
            prop_assert!(!share(&sealed(one.expose()), &sealed(other.expose()), 6));
        }
    }

    #[test]
    fn nothing_else_resolves(who in identities(), text in "\\PC{1,120}") {
        let pmd = pmd();
        prop_assert_eq!(pmd.resolve(&pseudonym(text.clone()), FLEET, NOW), Err(Unresolved));
        let assigned = pmd.assign(&who, FLEET, NOW).unwrap();
        let realm = &assigned.expose()[56..];
        prop_assert_eq!(pmd.resolve(&pseudonym(format!("{text}{realm}")), FLEET, NOW), Err(Unresolved));
    }

    #[test]
    fn another_character_anywhere_never_resolves(who in identities(), at in any::<prop::sample::Index>(), with in "\\PC") {
        let pmd = pmd();
        let text = pmd.assign(&who, FLEET, NOW).unwrap().expose().to_owned();
        let at = at.index(text.len());
        let mut edited = text.clone();
        edited.replace_range(at..=at, &with);
        prop_assume!(edited != text);
        prop_assert_eq!(pmd.resolve(&pseudonym(edited), FLEET, NOW), Err(Unresolved));
        let cut = &text[..at];
        prop_assert!(cut.is_empty() || pmd.resolve(&pseudonym(cut), FLEET, NOW).is_err());
    }
}

#[test]
fn no_flipped_bit_resolves() {
    let pmd = pmd();
    let text = super::given(&pmd, NOW).expose().to_owned();
    for bit in 0..42 * 8 {
        let mut flipped = octets(&text);
        flipped[bit / 8] ^= 1 << (bit % 8);
        let shown = pseudonym(format!("{}{}", Base64UrlUnpadded::encode(&flipped, &mut [0; 56]).unwrap(), &text[56..]));
        assert_eq!(pmd.resolve(&shown, FLEET, NOW), Err(Unresolved), "bit {bit}");
    }
}
