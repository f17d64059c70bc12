//! Random lists of operations, each seed the same every time, with what must never happen looked for after every step.

use crate::{
    network::{Hss, Node, User},
    oracle,
    people::{self, Asked, Class, N, NT, Plain, VA, VR, WORD, Whereabouts, Who, X, Zone},
    run::{Profiled, Run, Seen},
};
use lcs::{Duration, Failure, LocationType, Qos, QosClass, Target};
use privacy::{CodewordHandling, disclosure::StorageError};

/// A small generator (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// Phones: the profile of 4 is under the IMSI alone, and 5 never has one.
const PHONES: usize = 6;
const STEPS: usize = 160;
const SEEDS: u64 = 160;

fn plain(random: &mut Random) -> Plain {
    let allowing = [N, N, NT, NT, VA, VR, X];
    let class = |random: &mut Random, others: &[lcs::PrivacySetting]| Class {
        listed: (!random.one_in(4)).then(|| random.of(&allowing)),
        others: random.of(others),
    };
    Plain {
        universal: random.one_in(8),
        unrelated: (!random.one_in(5)).then(|| class(random, &[X, X, NT, VA, VR])),
        related: random.one_in(2).then(|| class(random, &[X, N, NT, VA, VR])),
        service: random.one_in(3).then(|| (random.of(&allowing), random.of(&[X, NT, VA, VR]))),
        plmn: random.one_in(2),
        codeword: random.one_in(6).then(|| random.of(&[CodewordHandling::Network, CodewordHandling::Ue])),
        zone: random.one_in(4).then(|| random.of(&[Zone::Allow, Zone::Refuse, Zone::Coarsen])),
        notify_after: random.one_in(4),
        opted_out: false,
        switched_off: false,
        paused_until: None,
    }
}

fn asked(random: &mut Random) -> Asked {
    let phone = random.below(PHONES);
    let emergency = Who::Emergency { overrides: random.one_in(2) };
    let by = random.of(&[Who::Listed, Who::Listed, Who::Listed, Who::Other, Who::Plmn, emergency, Who::Lawful]);
    let assured =
        Qos { class: QosClass::Assured, horizontal_m: random.of(&[None, Some(50), Some(500)]), ..Qos::BEST_EFFORT };
    let by_imsi = random.one_in(3);
    Asked {
        target: if by_imsi { Target::Imsi(people::imsi(phone)) } else { Target::Msisdn(people::msisdn(phone)) },
        names_apn: random.one_in(2),
        service: random.of(&[None, Some(64), Some(65)]),
        word: random.of(&[None, Some(WORD), Some("wrong")]),
        location_type: random.of(&[LocationType::Current, LocationType::CurrentOrLastKnown]),
        max_age_s: random.of(&[None, Some(60), Some(900), Some(900)]),
        qos: if random.one_in(4) { assured } else { Qos::BEST_EFFORT },
        coverage: if random.one_in(8) { vec![random.of(&[49, 33])] } else { Vec::new() },
        deadline_s: if random.one_in(6) { random.of(&[0, 2, 10]) } else { 60 },
        ..Asked::by(by, phone)
    }
}

/// Changes a phone, its user or the network round it.
fn disturb_phone(random: &mut Random, run: &mut Run) {
    let phone = random.below(PHONES);
    let failure = random.of(&[
        Failure::UnknownSubscriber,
        Failure::AbsentSubscriber,
        Failure::DetachedSubscriber,
        Failure::PositioningFailed,
        Failure::NetworkUnreachable,
        Failure::NetworkCongestion,
        Failure::NetworkProtocol,
    ]);
    let nodes = [
        Node::Slow(1),
        Node::Slow(100),
        Node::Mute,
        Node::Fails(failure),
        Node::Confused,
        Node::TransientlyUnreachable,
        Node::CellOnly,
    ];
    let what = random.below(9);
    let (user, at) = (
        random.of(&[User::Accepts, User::Refuses, User::NeverAnswers, User::CannotBeTold]),
        random.of(&Whereabouts::ALL),
    );
    let node = if random.one_in(2) { Node::Answers } else { random.of(&nodes) };
    let hss =
        if random.one_in(2) { Hss::Answers } else { random.of(&[Hss::Mute, Hss::Fails(failure), Hss::Contradicts]) };
    let (served_by, fulfilled) = (random.of(&[0, 0, 1, 1, 2, 3, 4, 6]), random.of(&[None, Some(true), Some(false)]));
    let kept = random.one_in(2).then_some(Whereabouts::Away);
    run.change_phone(phone, |phone| match what {
        0 => phone.user = user,
        1 => phone.session = !phone.session,
        2 => phone.at = at,
        3 | 4 => phone.served_by = served_by,
        5 => phone.node = node,
        6 => phone.hss = hss,
        7 => phone.accuracy_fulfilled = fulfilled,
        _ => phone.kept = kept,
    });
}

/// The subscriber, or who looks after the profile, changes it.
fn change_profile(random: &mut Random, run: &mut Run) {
    // Phone 5 never has a profile.
    let phone = random.below(PHONES - 1);
    let now = run.world.now();
    match random.below(12) {
        0 => run.profile(phone, Profiled::Nobody),
        1 => run.profile(phone, Profiled::Unreadable { opted_out: false }),
        2 => run.withdraw_opt_out(phone),
        3..=6 => {
            let fresh = plain(random);
            run.profile(phone, Profiled::Plain(fresh));
        }
        7 => run.standing(phone, |plain| plain.opted_out = true),
        8 => run.standing(phone, |plain| plain.switched_off = true),
        9 => run.standing(phone, |plain| plain.switched_off = false),
        10 => {
            let until = lcs::Timestamp::from_secs(now.secs() + 1 + random.below(20) as u64);
            run.standing(phone, |plain| plain.paused_until = Some(until));
        }
        _ => run.standing(phone, |plain| plain.paused_until = None),
    }
}

fn step(random: &mut Random, run: &mut Run) {
    match random.below(100) {
        0..30 => {
            if run.live() < 8 {
                let asked = asked(random);
                run.ask(asked);
            }
        }
        30..60 => run.advance(),
        60..74 => run.write(),
        74..82 => change_profile(random, run),
        82..92 => disturb_phone(random, run),
        92..95 => {
            let pick = random.next() as usize;
            run.drop_one(pick);
        }
        95 => run.fault(Some(random.of(&[StorageError::Full, StorageError::Io(std::io::ErrorKind::Other)]))),
        _ => run.fault(None),
    }
    run.check();
}

fn seed(seed: u64) -> Seen {
    let mut random = Random(seed);
    let mut run = Run::new(PHONES);
    if random.one_in(2) {
        run.world.network.keep_routes();
    }
    for phone in 0..PHONES - 1 {
        let plain = plain(&mut random);
        run.profile(phone, Profiled::Plain(plain));
        let user = random.of(&[User::Accepts, User::Accepts, User::Refuses, User::NeverAnswers]);
        let session = random.one_in(2);
        let kept = random.one_in(2).then_some(Whereabouts::Away);
        run.change_phone(phone, |phone| (phone.user, phone.session, phone.kept) = (user, session, kept));
    }
    for _ in 0..STEPS {
        step(&mut random, &mut run);
    }
    run.finish()
}

/// A profile, a request to phone 0, what its user does, and whether its session is up.
pub(crate) fn case(seed: u64) -> (Plain, Asked, User, bool) {
    let mut random = Random(seed);
    let (plain, asked) = (plain(&mut random), asked(&mut random));
    let by_imsi = matches!(asked.target, Target::Imsi(_));
    let target = if by_imsi { Target::Imsi(people::imsi(0)) } else { Target::Msisdn(people::msisdn(0)) };
    let user = random.of(&[User::Accepts, User::Accepts, User::Refuses, User::NeverAnswers, User::CannotBeTold]);
    (plain, Asked { target, deadline_s: 60, ..asked }, user, random.one_in(2))
}

#[test]
fn nothing_that_must_not_happen_happens_in_any_order_of_events() {
    every_seed(0..SEEDS);
}

pub(crate) fn every_seed(seeds: core::ops::Range<u64>) {
    let mut all = Seen::default();
    for number in seeds {
        let seen = std::panic::catch_unwind(|| seed(number));
        match seen {
            Ok(seen) => all.add(&seen),
            Err(panic) => {
                eprintln!("seed {number}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    assert!(all.is_complete(), "some outcome never came up, so nothing was shown about it: {all:?}");
}

#[test]
fn the_oracle_bars_a_pause_until_it_is_over() {
    let until = crate::world::START.after(Duration::from_secs(5));
    let paused = Plain { paused_until: Some(until), ..Plain::listed(N) };
    assert!(oracle::bars(&paused, crate::world::START) && !oracle::bars(&paused, until));
}
