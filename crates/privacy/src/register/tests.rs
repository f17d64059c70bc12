//! The register against a plain model, and what it must keep.

use super::*;
use crate::{
    Rules,
    testing::{self, N, NT, VR, compiled, listed},
};
use lcs::{Digits, Timestamp};
use proptest::prelude::*;
use std::collections::HashMap;

fn imsi(number: u32) -> Imsi {
    Imsi::new(Digits::parse(&format!("26201{number:010}")).unwrap()).unwrap()
}

fn msisdn(number: u32) -> Msisdn {
    Msisdn::new(Digits::parse(&format!("4917{number:08}")).unwrap()).unwrap()
}

fn salt(number: u32) -> SubjectSalt {
    let mut octets = [0; 16];
    octets[..4].copy_from_slice(&number.to_be_bytes());
    SubjectSalt::from_octets(octets)
}

fn subscriber(number: u32) -> Subscriber {
    Subscriber { imsi: Some(imsi(number)), msisdn: Some(msisdn(number)), salt: salt(number) }
}

fn by_imsi(number: u32) -> Identities {
    Identities { imsi: Some(imsi(number)), ..Identities::default() }
}

fn by_msisdn(number: u32) -> Identities {
    Identities { msisdn: Some(msisdn(number)), ..Identities::default() }
}

fn both(imsi_of: u32, msisdn_of: u32) -> Identities {
    by_imsi(imsi_of).or(by_msisdn(msisdn_of))
}

/// What a lookup meets, by name.
fn met(register: &Register, identities: &Identities) -> &'static str {
    register.with(identities, |found| match found {
        Found::Record(record) if record.rules().is_some() => "record",
        Found::Record(_) => "broken",
        Found::TwoSubscribers => "two",
        Found::Unreadable => "unreadable",
        Found::Nobody => "nobody",
    })
}

#[test]
fn a_record_takes_48_octets() {
    assert_eq!(size_of::<Record>(), 48);
}

#[test]
fn a_hundred_thousand_are_found_by_either_identity_and_share_their_rules() {
    let (register, kinds) = (Register::new(), [N, NT, VR].map(|setting| compiled(listed(None, Some(setting)))));
    register.reserve(50_000);
    for number in 0..100_000 {
        register.put(&subscriber(number), &kinds[number as usize % 3]).unwrap();
    }
    assert_eq!(register.len(), 100_000);
    for number in 0..100_000 {
        assert_eq!(register.salt(&by_imsi(number)), Some(salt(number)));
        assert_eq!(register.salt(&by_msisdn(number)), Some(salt(number)));
    }
    assert_eq!(register.salt(&by_imsi(100_000)), None);
    assert_eq!(register.writer().count(), 3);
    let memory = register.memory();
    assert!(memory.total() < 80 * 100_000, "{memory:?}");
    for number in 0..100_000 {
        assert!(register.remove(&by_msisdn(number)));
    }
    assert!(register.is_empty() && !register.remove(&by_msisdn(0)));
    drop(kinds);
    register.put(&subscriber(1), &compiled(listed(None, Some(N)))).unwrap();
    assert!(register.remove(&by_imsi(1)));
}

#[test]
fn rules_go_with_their_last_record() {
    let register = Register::new();
    register.put(&subscriber(1), &compiled(listed(None, Some(N)))).unwrap();
    register.put(&subscriber(2), &compiled(listed(None, Some(N)))).unwrap();
    assert_eq!(register.writer().count(), 1);
    register.put(&subscriber(1), &compiled(listed(None, Some(NT)))).unwrap();
    assert_eq!(register.writer().count(), 2);
    register.remove(&by_imsi(2));
    assert_eq!(register.writer().count(), 1);
}

#[test]
fn identities_of_two_subscribers_are_told_apart() {
    let (register, profile) = (Register::new(), compiled(Rules::default()));
    register.put(&subscriber(1), &profile).unwrap();
    register.put(&Subscriber { msisdn: None, ..subscriber(2) }, &profile).unwrap();
    register.put(&Subscriber { imsi: None, ..subscriber(3) }, &profile).unwrap();
    let cases = [
        (both(1, 1), "record"),
        (both(1, 9), "record"),
        (both(9, 1), "two"),
        (both(2, 1), "two"),
        (both(2, 9), "record"),
        (both(2, 3), "two"),
        (both(9, 3), "record"),
        (both(9, 9), "nobody"),
        (Identities::default(), "nobody"),
    ];
    for (at, (identities, expected)) in cases.iter().enumerate() {
        assert_eq!(met(&register, identities), *expected, "row {at}");
    }
    let clash = Subscriber { msisdn: Some(msisdn(1)), ..subscriber(2) };
    assert_eq!(register.put(&clash, &profile), Err(RegisterError::InUse));
    let renumbered = Subscriber { imsi: Some(imsi(9)), ..subscriber(1) };
    assert_eq!(register.put(&renumbered, &profile), Err(RegisterError::InUse));
    let nobody = Subscriber { imsi: None, msisdn: None, salt: salt(0) };
    assert_eq!(register.put(&nobody, &profile), Err(RegisterError::NoIdentity));
    assert_eq!(register.len(), 3);
}

#[test]
fn a_subscriber_may_get_another_number_or_an_imsi() {
    let (register, profile) = (Register::new(), compiled(Rules::default()));
    register.put(&Subscriber { imsi: None, ..subscriber(1) }, &profile).unwrap();
    register.put(&subscriber(1), &profile).unwrap();
    register.put(&Subscriber { msisdn: Some(msisdn(2)), ..subscriber(1) }, &profile).unwrap();
    assert_eq!(register.len(), 1);
    assert_eq!((met(&register, &by_imsi(1)), met(&register, &by_msisdn(2))), ("record", "record"));
    assert_eq!(met(&register, &by_msisdn(1)), "nobody");
    assert_eq!(register.salt(&by_msisdn(2)), Some(salt(1)));
}

#[test]
fn an_opt_out_stays_until_it_is_withdrawn() {
    let (register, profile) = (Register::new(), compiled(Rules::default()));
    let opted_out = |register: &Register| register.standing(&by_imsi(1)).unwrap().opted_out;
    register.put(&subscriber(1), &profile).unwrap();
    assert!(!opted_out(&register));
    assert!(register.set_standing(&by_msisdn(1), Standing { opted_out: true, ..Standing::default() }));
    register.set_standing(&by_msisdn(1), Standing::default());
    register.put(&subscriber(1), &profile).unwrap();
    register.put(&Subscriber { msisdn: Some(msisdn(7)), ..subscriber(1) }, &profile).unwrap();
    register.put_unreadable(&subscriber(1)).unwrap();
    assert!(opted_out(&register));
    assert!(register.withdraw_opt_out(&by_imsi(1)));
    assert!(!opted_out(&register));
    assert!(!register.withdraw_opt_out(&by_imsi(2)) && !register.set_standing(&by_imsi(2), Standing::default()));
}

#[test]
fn a_standing_comes_back_as_it_was_put() {
    let (register, profile) = (Register::new(), compiled(Rules::default()));
    register.put(&subscriber(1), &profile).unwrap();
    let pauses = [None, Some(1), Some(1_795_600_800), Some(u64::from(u32::MAX) - 1)];
    for (pause_s, offset) in pauses.into_iter().zip([-720, 0, 60, 840]) {
        let standing = Standing {
            opted_out: false,
            switched_off: offset > 0,
            paused_until: pause_s.map(Timestamp::from_secs),
            utc_offset_min: offset,
        };
        register.set_standing(&by_imsi(1), standing);
        assert_eq!(register.standing(&by_imsi(1)), Some(standing));
    }
    // Rounded up, never down; beyond what the record holds: for ever.
    let until = |micros| {
        let paused_until = Some(Timestamp::from_micros(micros));
        register.set_standing(&by_imsi(1), Standing { paused_until, ..Standing::default() });
        register.standing(&by_imsi(1)).unwrap().paused_until.unwrap()
    };
    assert_eq!(until(1_000_001), Timestamp::from_secs(2));
    assert_eq!(until(u64::MAX), Timestamp::from_micros(u64::MAX));
}

#[test]
fn an_unreadable_profile_is_there_and_not_readable_until_put_again() {
    let (register, profile) = (Register::new(), compiled(Rules::default()));
    register.put_unreadable(&subscriber(1)).unwrap();
    assert_eq!((met(&register, &by_imsi(1)), met(&register, &by_msisdn(1))), ("broken", "broken"));
    assert_eq!(register.salt(&by_imsi(1)), Some(salt(1)));
    register.put(&subscriber(1), &profile).unwrap();
    assert_eq!(met(&register, &by_imsi(1)), "record");
}

#[test]
fn a_poisoned_shard_is_unreadable() {
    let (register, profile) = (Register::new(), compiled(Rules::default()));
    register.put(&subscriber(1), &profile).unwrap();
    let poison = |lock: &dyn Fn()| assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(lock)).is_err());
    let home = Location::of(msisdn_word(Some(msisdn(1)))).shard();
    poison(&|| {
        let _guard = register.shards[home].write();
        panic!("poisons the lock");
    });
    assert_eq!((met(&register, &by_imsi(1)), met(&register, &by_msisdn(1))), ("unreadable", "unreadable"));
    assert_eq!(met(&register, &both(1, 1)), "unreadable");
}

#[test]
fn readers_never_miss_a_subscriber_whom_a_writer_moves() {
    let (register, profile) = (Register::new(), compiled(Rules::default()));
    register.put(&subscriber(1), &profile).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for turn in 0..20_000 {
                let msisdn = Some(msisdn(1 + turn % 2 * 6));
                register.put(&Subscriber { msisdn, ..subscriber(1) }, &profile).unwrap();
            }
        });
        while !writer.is_finished() {
            assert_eq!(met(&register, &by_imsi(1)), "record");
        }
    });
}

#[derive(Debug, Clone)]
enum Act {
    Put(u32, Option<u32>),
    PutNumber(u32),
    Remove(u32),
    RemoveNumber(u32),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..40u32, prop::option::of(0..40u32)).prop_map(|(i, m)| Act::Put(i, m)),
        (0..40u32).prop_map(Act::PutNumber),
        (0..40u32).prop_map(Act::Remove),
        (0..40u32).prop_map(Act::RemoveNumber),
    ]
}

/// One subscriber of the model: IMSI, number.
type Known = (Option<u32>, Option<u32>);

fn model_put(model: &mut HashMap<u32, Known>, next: u32, imsi: Option<u32>, number: Option<u32>) -> Option<u32> {
    let by_imsi = model.iter().find(|(_, known)| imsi.is_some() && known.0 == imsi).map(|(id, _)| *id);
    let by_number = model.iter().find(|(_, known)| number.is_some() && known.1 == number).map(|(id, _)| *id);
    let id = match (by_imsi, by_number) {
        (Some(a), Some(b)) if a != b => return None,
        (a, b) => a.or(b),
    };
    if let Some(id) = id {
        if imsi.is_some() && model[&id].0.is_some() && model[&id].0 != imsi {
            return None;
        }
        model.remove(&id);
    }
    model.insert(next, (imsi, number));
    Some(next)
}

proptest! {
    #[test]
    fn the_register_is_its_model(acts in prop::collection::vec(act(), 1..200)) {
        let (register, profile) = (Register::new(), testing::compiled(Rules::default()));
        let mut model: HashMap<u32, Known> = HashMap::new();
        for (next, act) in (0u32..).zip(acts) {
            let put = match act {
                Act::Put(i, m) => Some((Some(i), m)),
                Act::PutNumber(m) => Some((None, Some(m))),
                Act::Remove(i) => {
                    let known = model.iter().find(|(_, known)| known.0 == Some(i)).map(|(id, _)| *id);
                    prop_assert_eq!(register.remove(&by_imsi(i)), known.is_some());
                    known.map(|id| model.remove(&id));
                    None
                }
                Act::RemoveNumber(m) => {
                    let known = model.iter().find(|(_, known)| known.1 == Some(m)).map(|(id, _)| *id);
                    prop_assert_eq!(register.remove(&by_msisdn(m)), known.is_some());
                    known.map(|id| model.remove(&id));
                    None
                }
            };
            if let Some((i, m)) = put {
                let subscriber = Subscriber { imsi: i.map(imsi), msisdn: m.map(msisdn), salt: salt(next) };
                prop_assert_eq!(register.put(&subscriber, &profile).is_ok(), model_put(&mut model, next, i, m).is_some());
            }
            prop_assert_eq!(register.len(), model.len());
        }
        for number in 0..40 {
            let of = |pick: fn(&Known) -> Option<u32>| model.iter().find(|(_, known)| pick(known) == Some(number)).map(|(id, _)| salt(*id));
            prop_assert_eq!(register.salt(&by_imsi(number)), of(|known| known.0));
            prop_assert_eq!(register.salt(&by_msisdn(number)), of(|known| known.1));
        }
    }

    #[test]
    fn a_table_finds_what_was_put_and_not_removed(keys in prop::collection::vec((1..60u64, any::<bool>()), 1..300)) {
        /// Few distinct tags, so that clusters run together and over the end.
        #[derive(Default, Clone, Copy, PartialEq, Debug)]
        struct Crowded(u64);
        impl Slot for Crowded {
            fn is_vacant(&self) -> bool {
                self.0 == 0
            }
            fn tag(&self) -> u32 {
                u32::MAX - (self.0 % 4) as u32 * (1 << 28)
            }
        }
        let (mut table, mut model) = (Table::default(), HashMap::new());
        for (key, put) in keys {
            let slot = Crowded(key);
            if put && !model.contains_key(&key) {
                table.insert(slot);
                model.insert(key, ());
            } else if !put {
                let removed = table.remove(slot.tag(), |other| *other == slot);
                prop_assert_eq!(removed.is_some(), model.remove(&key).is_some());
            }
            for key in 1..60 {
                let slot = Crowded(key);
                let found = table.cluster(slot.tag()).any(|other| *other == slot);
                prop_assert_eq!(found, model.contains_key(&key));
                prop_assert_eq!(table.find_mut(slot.tag(), |other| *other == slot).is_some(), found);
            }
            prop_assert_eq!(table.iter().count(), model.len());
        }
    }
}
