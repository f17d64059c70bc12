//! Random lists of operations over three networks, and what must never happen in any order.

use crate::{
    network::{Lie, Mode, NodeAsked, SORTS, User},
    people::{Asked, N, NT, Plain, VA, VR, Who, X},
    world::{Answered, World, by_number, by_pseudonym, name_of},
};
use lcs::{Failure, LocationType, PrivacySetting, Target};
use privacy::{Basis, Standing, disclosure::Outcome};
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use std::{cell::RefCell, collections::BTreeMap};

const PHONES: usize = 4;

#[derive(Debug, Clone)]
enum Operation {
    Ask {
        site: usize,
        phone: usize,
        pseudonym: bool,
        listed: bool,
        deadline_s: u64,
    },
    /// Runs what can run; the clock goes on to the next timer.
    Run {
        advances: usize,
    },
    Move {
        phone: usize,
        to: usize,
        sort: usize,
    },
    User {
        phone: usize,
        user: User,
    },
    OptOut {
        phone: usize,
    },
    Fails {
        phone: usize,
        failure: Option<Failure>,
        slow_s: u64,
    },
    Drop {
        pick: usize,
    },
}

fn operation() -> impl Strategy<Value = Operation> {
    let phone = 0..PHONES;
    let failure = prop_oneof![
        Just(None),
        Just(Some(Failure::AbsentSubscriber)),
        Just(Some(Failure::UnknownSubscriber)),
        Just(Some(Failure::PositioningFailed)),
        Just(Some(Failure::TimedOut)),
    ];
    let user = prop_oneof![Just(User::Accepts), Just(User::Refuses), Just(User::NeverAnswers)];
    prop_oneof![
        6 => (0..3usize, phone.clone(), any::<bool>(), prop::bool::weighted(0.8), prop_oneof![Just(60), Just(2), Just(10)])
            .prop_map(|(site, phone, pseudonym, listed, deadline_s)| Operation::Ask { site, phone, pseudonym, listed, deadline_s }),
        6 => (1..6usize).prop_map(|advances| Operation::Run { advances }),
        2 => (phone.clone(), 0..3usize, 0..3usize).prop_map(|(phone, to, sort)| Operation::Move { phone, to, sort }),
        2 => (phone.clone(), user).prop_map(|(phone, user)| Operation::User { phone, user }),
        1 => phone.clone().prop_map(|phone| Operation::OptOut { phone }),
        1 => (phone, failure, 0..3u64).prop_map(|(phone, failure, slow_s)| Operation::Fails { phone, failure, slow_s: slow_s * 15 }),
        1 => any::<usize>().prop_map(|pick| Operation::Drop { pick }),
    ]
}

fn plain() -> impl Strategy<Value = Option<Plain>> {
    let setting = prop_oneof![Just(N), Just(NT), Just(VA), Just(VR), Just(X)];
    prop::option::weighted(
        0.85,
        (setting, any::<bool>()).prop_map(|(setting, notify_after)| Plain { notify_after, ..Plain::listed(setting) }),
    )
}

fn mode() -> impl Strategy<Value = Mode> {
    let lie = prop_oneof![
        8 => Just(Lie::None),
        1 => Just(Lie::OtherSubscriber),
        1 => Just(Lie::Nobody),
        1 => Just(Lie::Acknowledges),
        1 => Just(Lie::Positions),
    ];
    (prop::array::uniform6(any::<bool>()), prop::array::uniform3(prop::array::uniform3(prop::bool::weighted(0.8))), lie)
        .prop_map(|([table, told_home, told_visited, keeps_routes, default_profile, elsewhere], lr, lie)| Mode {
            table,
            told_home,
            told_visited,
            keeps_routes,
            default_profile,
            elsewhere,
            lr,
            lie,
            ..Mode::roaming()
        })
}

struct Flight {
    site: usize,
    asked: Asked,
    phone: usize,
    /// Whether the subscriber had opted out before the client asked.
    opted_out: bool,
    dropped: bool,
}

struct Run {
    world: World,
    phones: Vec<(usize, Option<Plain>)>,
    opted_out: Vec<bool>,
    flights: BTreeMap<usize, Flight>,
}

impl Run {
    fn new(mode: Mode, phones: Vec<(usize, usize, usize, Option<Plain>)>) -> Self {
        let places: Vec<(usize, usize)> = phones.iter().map(|(home, at, ..)| (*home, *at)).collect();
        let world = World::new(mode, &places);
        for (number, (_, _, sort, plain)) in phones.iter().enumerate() {
            world.networks.phone(number, |phone| phone.sort = SORTS[*sort]);
            if let Some(plain) = plain {
                world.subscribe(number, *plain);
            }
        }
        let opted_out = vec![false; phones.len()];
        let phones = phones.into_iter().map(|(home, _, _, plain)| (home, plain)).collect();
        Self { world, phones, opted_out, flights: BTreeMap::new() }
    }

    fn carry_out(&mut self, operation: &Operation) {
        match *operation {
            Operation::Ask { site, phone, pseudonym, listed, deadline_s } => {
                let home = self.phones[phone].0;
                let asked = if pseudonym { by_pseudonym(phone, Some(home)) } else { by_number(phone, home) };
                let by = if listed { Who::Listed } else { Who::Other };
                let asked = Asked { by, deadline_s, ..asked };
                let task = self.world.ask(site, &asked);
                let opted_out = self.opted_out[phone];
                self.flights.insert(task, Flight { site, asked, phone, opted_out, dropped: false });
            }
            Operation::Run { advances } => {
                for _ in 0..advances {
                    while self.world.step() {}
                    self.world.networks.advance();
                }
            }
            Operation::Move { phone, to, sort } => {
                self.world.networks.phone(phone, |phone| (phone.at, phone.sort) = (to, SORTS[sort]));
            }
            Operation::User { phone, user } => self.world.networks.phone(phone, |phone| phone.user = user),
            Operation::OptOut { phone } => {
                let (home, plain) = self.phones[phone];
                if plain.is_some() {
                    let standing = Standing { opted_out: true, ..Standing::default() };
                    let identities = crate::network::identities(phone, home);
                    self.world.networks.site(home).register.set_standing(&identities, standing);
                    self.opted_out[phone] = true;
                }
            }
            Operation::Fails { phone, failure, slow_s } => {
                self.world.networks.phone(phone, |phone| (phone.fails, phone.slow_s) = (failure, slow_s));
            }
            Operation::Drop { pick } => {
                let live = self.world.live();
                if let Some(task) = live.get(pick % live.len().max(1)) {
                    self.world.drop_task(*task);
                    self.flights.get_mut(task).unwrap().dropped = true;
                }
            }
        }
    }

    fn finish(mut self, seen: &mut Seen) {
        self.world.settle();
        for (task, flight) in &self.flights {
            let answered = self.world.answered(*task);
            self.check(*task, flight, &answered);
            let pseudonym = matches!(flight.asked.target, Target::Pseudonym(_));
            seen.note(flight.site, self.phones[flight.phone].0, pseudonym, &answered);
        }
        let resolved = self.world.networks.resolved();
        assert!(resolved.iter().all(|(by, home)| by == home), "a pseudonym was turned back outside its home");
    }

    /// The setting at home for a client, if the home gateway would allow it anything.
    fn verdict(&self, flight: &Flight) -> Option<(PrivacySetting, bool)> {
        match self.phones[flight.phone].1 {
            // The operator's default: the listed client, and nobody else, at home.
            None => (self.world.networks.mode.default_profile && flight.asked.by == Who::Listed).then_some((N, false)),
            Some(plain) => {
                let setting = plain.unrelated?.listed.filter(|_| flight.asked.by == Who::Listed)?;
                (setting != X).then_some((setting, plain.notify_after && setting.notifies()))
            }
        }
    }

    fn check(&self, task: usize, flight: &Flight, answered: &Answered) {
        let home = self.phones[flight.phone].0;
        let verdict = self.verdict(flight).filter(|_| !flight.opted_out);
        let lie = self.world.networks.mode.lie;

        // One entry in the log of each gateway for each time that it took part, and in no other.
        let mut opened = [0; 3];
        self.world.networks.opened(name_of(task)).iter().for_each(|site| opened[*site] += 1);
        assert_eq!(answered.counts(), opened, "{answered:?}");

        // No node is asked, and no position reaches a client, whom the check at home refuses.
        if verdict.is_none() {
            assert!(answered.nodes.is_empty() && answered.fix().is_none(), "{answered:?}");
        }
        // What the nodes are told is the verdict, in its order; the user sees one question or notice at most.
        if let Some((setting, after)) = verdict {
            for asked in &answered.nodes {
                let second = asked.told == Some((setting, None)) && after;
                let first = asked.told == Some((if after { N } else { setting }, None));
                assert!(first || second, "{setting:?} {after} {asked:?}");
                assert_eq!(asked.phone, Some(flight.phone));
            }
        }
        let shown = answered.nodes.iter().filter(|asked| asked.shown).count();
        assert!(shown <= 1, "asked twice: {answered:?}");
        if let Some(at) = answered.nodes.iter().position(|asked| asked.shown) {
            assert_eq!(at + 1, answered.nodes.len(), "nobody is asked after the user: {answered:?}");
        }
        // A node is asked by its own network's gateway, or by the home gateway.
        let by_right = |asked: &NodeAsked| asked.by == asked.node || asked.by == home;
        assert!(answered.nodes.iter().all(by_right), "{answered:?}");
        assert!(answered.referred.len() <= 1, "referred once: {answered:?}");
        assert!(answered.referred.iter().all(|(from, to)| (*from, *to) == (flight.site, home)));

        if answered.fix().is_some() {
            self.check_released(flight, answered, verdict);
        }
        if answered.end.is_none() {
            assert!(flight.dropped);
            let own = &answered.entries[flight.site];
            assert!(own.iter().any(|(_, entry)| entry.ending.outcome == Outcome::Abandoned) || own.is_empty());
        }
        if matches!(lie, Lie::OtherSubscriber | Lie::Nobody) && !answered.referred.is_empty() {
            assert!(answered.fix().is_none());
        }
    }

    fn check_released(&self, flight: &Flight, answered: &Answered, verdict: Option<(PrivacySetting, bool)>) {
        let home = self.phones[flight.phone].0;
        let lie = self.world.networks.mode.lie;
        let (setting, after) = verdict.unwrap();
        let own = &answered.entries[flight.site];
        let of_client = own.iter().find(|(_, entry)| entry.facts.account.as_ref() == "fleet");
        let ending = &of_client.unwrap_or_else(|| panic!("{answered:?}")).1.ending;
        assert!(matches!(ending.outcome, Outcome::Allowed(_)));
        let expected = if flight.site == home { Basis::Profile } else { Basis::HomeGateway };
        assert_eq!(ending.basis, Some(expected));
        // Home has an entry that says the same, by its own profile.
        let at_home = answered.entries[home].iter().filter(|(_, entry)| entry.ending.basis == Some(Basis::Profile));
        assert!(at_home.clone().any(|(_, entry)| matches!(entry.ending.outcome, Outcome::Allowed(_))), "{answered:?}");
        // Where the user was to be told, a node told them.
        let last = answered.nodes.last().unwrap();
        assert_eq!(last.shown, setting.notifies(), "{answered:?}");
        if after {
            assert!(answered.nodes.len() >= 2);
            assert!(!matches!(lie, Lie::Positions) || last.location_type == LocationType::Current || last.by == home);
        }
    }
}

/// How often what came up, so that nothing is shown of what never did.
#[derive(Debug, Default)]
struct Seen {
    released: usize,
    referred: usize,
    relayed: usize,
    second_rounds: usize,
    refused_at_home: usize,
    by_pseudonym: usize,
    no_home: usize,
    lied_to: usize,
    abandoned: usize,
    denied: usize,
}

impl Seen {
    fn note(&mut self, site: usize, home: usize, pseudonym: bool, answered: &Answered) {
        let released = answered.fix().is_some();
        self.released += usize::from(released);
        self.referred += usize::from(released && !answered.referred.is_empty());
        self.relayed += usize::from(released && answered.nodes.iter().any(|asked| asked.by != home));
        let second = |asked: &NodeAsked| asked.location_type == LocationType::NotificationVerificationOnly;
        self.second_rounds += usize::from(released && answered.nodes.iter().any(second));
        let refused = |outcome: &Outcome| matches!(outcome, Outcome::Refused(_));
        let at_home = answered.entries[home].iter().any(|(_, entry)| refused(&entry.ending.outcome));
        self.refused_at_home += usize::from(site != home && at_home);
        self.by_pseudonym += usize::from(released && site != home && pseudonym);
        let no_profile = Some(Failure::Refused(lcs::RefusalReason::NoProfile));
        self.no_home += usize::from(site != home && answered.failure() == no_profile);
        self.lied_to += usize::from(answered.failure() == Some(Failure::NetworkProtocol));
        self.abandoned += usize::from(answered.end.is_none());
        self.denied += usize::from(answered.failure() == Some(Failure::PositioningDenied));
    }

    fn is_complete(&self) -> bool {
        let Self { released, referred, relayed, second_rounds, refused_at_home, .. } = self;
        let Self { by_pseudonym, no_home, lied_to, abandoned, denied, .. } = self;
        let first = [released, referred, relayed, second_rounds, refused_at_home];
        first.into_iter().chain([by_pseudonym, no_home, lied_to, abandoned, denied]).all(|count| *count > 0)
    }
}

#[test]
fn what_must_not_happen_does_not_in_any_order() {
    let phone = (0..3usize, 0..3usize, 0..3usize, plain());
    let phones = prop::collection::vec(phone, PHONES);
    let operations = prop::collection::vec(operation(), 1..40);
    let config = ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() };
    let seen = RefCell::new(Seen::default());
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let ran = runner.run(&(mode(), phones, operations), |(mode, phones, operations)| {
        let mut run = Run::new(mode, phones);
        operations.iter().for_each(|operation| run.carry_out(operation));
        run.finish(&mut seen.borrow_mut());
        Ok(())
    });
    ran.unwrap();
    let seen = seen.into_inner();
    println!("{seen:?}");
    assert!(seen.is_complete(), "{seen:?}");
}
