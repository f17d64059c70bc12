//! One run of random operations, and what is checked after each.

use crate::{
    network::{Hss, Phone, Sent},
    oracle::{self, Given},
    people::{self, Asked, COARSE_M, Plain, Who},
    world::{End, World, is_sound, name_of},
};
use lcs::{Fix, Identities, Target, Timestamp};
use privacy::{
    Basis, Subscriber,
    disclosure::{Content, Given as Told, Outcome, StorageError, Subject},
};
use std::collections::BTreeMap;

/// What the register has of a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profiled {
    Nobody,
    Unreadable { opted_out: bool },
    Plain(Plain),
}

/// A request from its beginning to its end.
struct Flight {
    asked: Asked,
    began: Timestamp,
    /// Something that bears on it changed on the way, or was broken.
    disturbed: bool,
    dropped: bool,
    checked: bool,
}

/// How often what came up.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) released: usize,
    pub(crate) overridden: usize,
    pub(crate) coarsened: usize,
    pub(crate) kept: usize,
    pub(crate) second_rounds: usize,
    pub(crate) asked_twice: usize,
    pub(crate) refused: usize,
    pub(crate) failed: usize,
    pub(crate) unrecorded: usize,
    pub(crate) abandoned: usize,
    pub(crate) gaps: usize,
    pub(crate) withdrawn: usize,
    pub(crate) exact: usize,
}

impl Seen {
    fn counts(&self) -> [usize; 13] {
        let Self { released, overridden, coarsened, kept, second_rounds, asked_twice, refused, .. } = self;
        let Self { failed, unrecorded, abandoned, gaps, withdrawn, exact, .. } = self;
        [
            released,
            overridden,
            coarsened,
            kept,
            second_rounds,
            asked_twice,
            refused,
            failed,
            unrecorded,
            abandoned,
            gaps,
            withdrawn,
            exact,
        ]
        .map(|count| *count)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let sum = |to: &mut usize, from: usize| *to += from;
        sum(&mut self.released, other.released);
        sum(&mut self.overridden, other.overridden);
        sum(&mut self.coarsened, other.coarsened);
        sum(&mut self.kept, other.kept);
        sum(&mut self.second_rounds, other.second_rounds);
        sum(&mut self.asked_twice, other.asked_twice);
        sum(&mut self.refused, other.refused);
        sum(&mut self.failed, other.failed);
        sum(&mut self.unrecorded, other.unrecorded);
        sum(&mut self.abandoned, other.abandoned);
        sum(&mut self.gaps, other.gaps);
        sum(&mut self.withdrawn, other.withdrawn);
        sum(&mut self.exact, other.exact);
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.counts().iter().all(|count| *count > 0)
    }
}

pub(crate) struct Run {
    pub(crate) world: World,
    flights: BTreeMap<usize, Flight>,
    /// What the register had of each phone, since when.
    versions: Vec<Vec<(Timestamp, Profiled)>>,
    seen: Seen,
}

impl Run {
    pub(crate) fn new(phones: usize) -> Self {
        let world = World::new(phones);
        let versions = vec![vec![(Timestamp::default(), Profiled::Nobody)]; phones];
        Self { world, flights: BTreeMap::new(), versions, seen: Seen::default() }
    }

    pub(crate) fn live(&self) -> usize {
        self.world.executor.live().len()
    }

    fn disturb(&mut self, bears_on: impl Fn(&Asked) -> bool) {
        let flights = self.flights.values_mut().filter(|flight| !flight.checked && bears_on(&flight.asked));
        flights.for_each(|flight| flight.disturbed = true);
    }

    pub(crate) fn ask(&mut self, asked: Asked) {
        self.world.network.tick();
        let (began, broken_disk) = (self.world.now(), self.world.disk.is_faulty() || self.world.log.state().failed);
        let broken = self.world.network.phone(asked.phone, |phone| !is_sound(phone.node) || phone.hss != Hss::Answers);
        let disturbed = broken || broken_disk || asked.deadline_s < 60;
        let task = self.world.ask(&asked);
        self.flights.insert(task, Flight { asked, began, disturbed, dropped: false, checked: false });
        self.world.run();
    }

    pub(crate) fn advance(&mut self) {
        self.world.network.tick();
        self.world.network.advance();
        self.world.run();
    }

    pub(crate) fn write(&mut self) {
        self.world.network.tick();
        self.world.writer.step();
        self.world.run();
    }

    pub(crate) fn drop_one(&mut self, pick: usize) {
        self.world.network.tick();
        let live = self.world.executor.live();
        let Some(task) = live.get(pick % live.len().max(1)) else { return };
        self.world.executor.drop_task(*task);
        self.flights.get_mut(task).unwrap().dropped = true;
    }

    pub(crate) fn fault(&mut self, fault: Option<StorageError>) {
        self.world.network.tick();
        self.world.disk.fault(fault);
        self.disturb(|_| true);
        if fault.is_none() {
            self.world.log.retry();
        }
    }

    pub(crate) fn change_phone(&mut self, phone: usize, change: impl FnOnce(&mut Phone)) {
        self.world.network.tick();
        self.world.network.phone(phone, change);
        self.disturb(|asked| asked.phone == phone);
    }

    fn profiled(&self, phone: usize) -> Profiled {
        self.versions[phone].last().unwrap().1
    }

    fn version(&mut self, phone: usize, profiled: Profiled) {
        self.versions[phone].push((self.world.now(), profiled));
        self.disturb(|asked| asked.phone == phone);
    }

    fn subscriber(phone: usize) -> Subscriber {
        let subscriber = people::subscriber(phone);
        if phone == 4 { Subscriber { msisdn: None, ..subscriber } } else { subscriber }
    }

    fn key(phone: usize) -> Identities {
        Identities { imsi: Some(people::imsi(phone)), ..Identities::default() }
    }

    /// Puts what the register has of a subscriber. An opt-out stays.
    pub(crate) fn profile(&mut self, phone: usize, profiled: Profiled) {
        self.world.network.tick();
        let register = self.world.ppr.register();
        let before = match self.profiled(phone) {
            Profiled::Nobody => false,
            Profiled::Unreadable { opted_out } | Profiled::Plain(Plain { opted_out, .. }) => opted_out,
        };
        let now = match profiled {
            Profiled::Nobody => {
                register.remove(&Self::key(phone));
                Profiled::Nobody
            }
            Profiled::Unreadable { .. } => {
                register.put_unreadable(&Self::subscriber(phone)).unwrap();
                Profiled::Unreadable { opted_out: before }
            }
            Profiled::Plain(plain) => {
                register.put(&Self::subscriber(phone), &plain.profile().compile().unwrap()).unwrap();
                Profiled::Plain(Plain { opted_out: plain.opted_out || before, ..plain })
            }
        };
        self.version(phone, now);
    }

    /// Changes standing in place.
    pub(crate) fn standing(&mut self, phone: usize, change: impl FnOnce(&mut Plain)) {
        let Profiled::Plain(mut plain) = self.profiled(phone) else { return };
        self.world.network.tick();
        let before = plain.opted_out;
        change(&mut plain);
        plain.opted_out |= before;
        assert!(self.world.ppr.register().set_standing(&Self::key(phone), plain.standing()));
        self.version(phone, Profiled::Plain(plain));
    }

    pub(crate) fn withdraw_opt_out(&mut self, phone: usize) {
        self.world.network.tick();
        let profiled = match self.profiled(phone) {
            Profiled::Nobody => return,
            Profiled::Unreadable { .. } => Profiled::Unreadable { opted_out: false },
            Profiled::Plain(plain) => Profiled::Plain(Plain { opted_out: false, ..plain }),
        };
        assert!(self.world.ppr.register().withdraw_opt_out(&Self::key(phone)));
        self.version(phone, profiled);
    }

    /// Looks at every request that has ended since the last step.
    pub(crate) fn check(&mut self) {
        let ended: Vec<_> = self.world.ends.borrow().iter().map(|(task, end)| (*task, end.clone())).collect();
        for (task, end) in ended {
            let flight = self.flights.get_mut(&task).unwrap();
            if !core::mem::replace(&mut flight.checked, true) {
                self.check_end(task, &end);
            }
        }
    }

    fn check_end(&mut self, task: usize, end: &End) {
        self.check_traffic(task);
        let flight = &self.flights[&task];
        let calm = !flight.disturbed;
        match end {
            End::Released { fix, index } => {
                let answered = self.check_recorded(task, fix, *index);
                self.check_allowed(task, fix, answered);
                self.seen.released += 1;
            }
            End::Failed { index, .. } => {
                let entry = self.entry_at(*index);
                assert_eq!(entry.facts.request, name_of(task));
                match entry.ending.outcome {
                    Outcome::Refused(_) => self.seen.refused += 1,
                    Outcome::Failed(_) => self.seen.failed += 1,
                    other => panic!("a client was told of a failure, and the log says {other:?}"),
                }
            }
            End::Unrecorded(_) => self.seen.unrecorded += 1,
        }
        if calm {
            self.check_exact(task, end);
        }
    }

    fn entry_at(&self, index: u64) -> privacy::disclosure::Entry {
        self.world.entry_at(index).unwrap_or_else(|| panic!("an answer went out and entry {index} is not durable"))
    }

    /// No position without a durable entry that says that exactly this was allowed to exactly this request.
    fn check_recorded(&mut self, task: usize, fix: &Fix, index: u64) -> Timestamp {
        let entry = self.entry_at(index);
        let asked = &self.flights[&task].asked;
        assert_eq!((entry.facts.request, &entry.facts.target), (name_of(task), &asked.target));
        let Outcome::Allowed(told) = &entry.ending.outcome else { panic!("released, and recorded as {entry:?}") };
        assert_eq!(Told { coarsened: told.coarsened, ..Told::of(fix) }, *told);
        self.seen.coarsened += usize::from(told.coarsened);
        let basis = match asked.by {
            Who::Emergency { overrides: true } => Basis::Emergency,
            Who::Lawful => Basis::LawfulIntercept,
            Who::Plmn if entry.ending.rule == Some(privacy::RuleId::PlmnOperator) => Basis::PlmnOperator,
            _ => Basis::Profile,
        };
        assert_eq!(entry.ending.basis, Some(basis));
        self.seen.overridden += usize::from(oracle::overrides(asked.by));
        entry.ending.answered.unwrap()
    }

    /// The profiles that a request may have met, from its beginning to `until`.
    fn met(&self, task: usize, until: Timestamp) -> Vec<Plain> {
        let flight = &self.flights[&task];
        let versions = &self.versions[flight.asked.phone];
        let from = versions.iter().rposition(|(since, _)| *since <= flight.began).unwrap_or(0);
        let met = versions[from..].iter().filter(|(since, _)| *since <= until || *since <= flight.began);
        met.filter_map(|(_, profiled)| match profiled {
            Profiled::Plain(plain) => Some(*plain),
            Profiled::Nobody | Profiled::Unreadable { .. } => None,
        })
        .collect()
    }

    /// A position went out: some profile that the request met allows it, with what the users did, and when the decision fell
    /// the subscriber barred nobody.
    fn check_allowed(&mut self, task: usize, fix: &Fix, answered: Timestamp) {
        let asked = self.flights[&task].asked.clone();
        let (mut positioning, mut notification) = (None, None);
        for sent in self.world.network.sent(task) {
            match sent {
                Sent::Positioning(plr) => positioning = Some(plr),
                Sent::Notification(plr) => notification = Some(plr),
                Sent::Routing { .. } => {}
            }
        }
        self.seen.second_rounds += usize::from(notification.is_some());
        if fix.age_min.is_some() {
            self.seen.kept += 1;
            assert!(self.met(task, answered).iter().any(|plain| oracle::takes_kept(plain, &asked)), "{asked:?}");
        } else {
            let Some(plr) = positioning else { panic!("a fresh position, and no node was asked") };
            let (placed, consulted) = (plr.phone.clone().unwrap(), notification.as_ref().unwrap_or(&plr));
            let ((_, met), consenting) = (consulted.action.unwrap(), consulted.phone.clone().unwrap());
            // Whatever the profile, nobody without the override gets what the node did not act on as told.
            let given = |plain: &Plain| {
                let rounds = oracle::after(plain, &asked) == notification.is_some();
                let given = oracle::verdict(plain, &asked, plr.node, met, &consenting, &placed);
                if rounds { given } else { Given::Nothing }
            };
            let coarse = fix.shape.as_ref().and_then(|shape| shape.horizontal_uncertainty_m());
            let is_coarse = fix.cell.is_none() && coarse.is_none_or(|metres| metres >= f64::from(COARSE_M));
            let fits = |given: Given| given == Given::AsItIs || (given == Given::Coarsened && is_coarse);
            let any = match oracle::overrides(asked.by) {
                true => given(&Plain::default()) == Given::AsItIs,
                false => self.met(task, answered).iter().any(|plain| fits(given(plain))),
            };
            assert!(any, "no profile that was met allows this: {asked:?} {plr:?}");
        }
        if !oracle::overrides(asked.by) {
            let versions = &self.versions[asked.phone];
            let (_, profiled) = versions.iter().rfind(|(since, _)| *since <= answered).unwrap();
            let Profiled::Plain(plain) = profiled else { panic!("given without a readable profile: {profiled:?}") };
            assert!(!oracle::bars(plain, answered), "given although the subscriber had barred it: {plain:?}");
        }
    }

    /// Signalling of one request: the user is bothered once, by positioning or after it.
    fn check_traffic(&mut self, task: usize) {
        let sent = self.world.network.sent(task);
        let asked = &self.flights[&task].asked;
        let (mut nodes, mut notified) = (Vec::new(), 0);
        for one in &sent {
            match one {
                Sent::Positioning(plr) => {
                    assert_eq!(notified, 0, "positioning after the second round");
                    nodes.push((plr.node, plr.by_kept_route));
                    assert_eq!(plr.client_type, asked.by.client_type());
                    if oracle::overrides(asked.by) {
                        assert_eq!(plr.indicators.unrelated(), people::N);
                    }
                }
                Sent::Notification(_) => notified += 1,
                Sent::Routing { .. } => {}
            }
        }
        match nodes[..] {
            [] | [_] => {}
            [(kept, true), (fresh, false)] => {
                assert_ne!(kept, fresh, "the same node was asked twice");
                self.seen.asked_twice += 1;
            }
            _ => panic!("asked more than once: {nodes:?}"),
        }
        assert!(notified <= 1 && (notified == 0 || !nodes.is_empty()));
    }

    /// Nothing changed and nothing was broken: the end is what the oracle says, neither more nor less, and what is refused
    /// before positioning costs no signalling.
    fn check_exact(&mut self, task: usize, end: &End) {
        self.seen.exact += 1;
        let flight = &self.flights[&task];
        let (asked, phone) = (&flight.asked, self.world.network.phone(flight.asked.phone, |phone| phone.clone()));
        let profiled = self.profiled(asked.phone);
        let plain = match profiled {
            Profiled::Plain(plain) => plain,
            Profiled::Nobody | Profiled::Unreadable { .. } => Plain::default(),
        };
        let met = phone.session && asked.names_apn;
        let now = self.world.now();
        // A pause that ran out on the way may have counted or not.
        if oracle::bars(&plain, flight.began) != oracle::bars(&plain, now) {
            return;
        }
        let (unrelated, related) = oracle::settings(&plain, asked);
        let barred = oracle::bars(&plain, now) || (unrelated, related) == (people::X, people::X);
        let by_network = oracle::verdict(&plain, asked, phone.served_by, met, &phone, &phone);
        let kept = phone.kept.is_some() && oracle::takes_kept(&plain, asked);
        let allowed = match (oracle::overrides(asked.by), barred) {
            (true, _) => by_network != Given::Nothing,
            (false, true) => false,
            (false, false) => kept || by_network != Given::Nothing,
        };
        let released = matches!(end, End::Released { .. });
        assert_eq!(released, allowed, "{asked:?} {profiled:?} {phone:?} {end:?}");
        if barred && !oracle::overrides(asked.by) {
            let sent = self.world.network.sent(task);
            assert!(!sent.iter().any(|sent| matches!(sent, Sent::Positioning(_) | Sent::Notification(_))));
            let by_number = matches!(asked.target, Target::Msisdn(_));
            let key_known = profiled != Profiled::Nobody && !(asked.phone == 4 && by_number);
            assert!(sent.is_empty() || !key_known, "{sent:?}");
        }
    }

    /// Lets all end, repairs the disk, and settles accounts: every request has one entry, or is among those lost.
    pub(crate) fn finish(mut self) -> Seen {
        self.world.disk.fault(None);
        self.world.log.retry();
        self.world.writer.step();
        self.world.settle();
        self.check();
        // Its entry brings one about earlier losses along.
        let last = self.world.executor.next();
        self.ask(Asked::by(Who::Other, 0));
        self.world.settle();
        self.check();
        assert!(matches!(self.world.ends.borrow()[&last], End::Failed { .. } | End::Released { .. }));
        let mut entries: BTreeMap<usize, Vec<Outcome>> = BTreeMap::new();
        let mut lost = 0;
        for (_, subject, content) in self.world.contents() {
            match content {
                Content::Gap { lost: these, .. } => {
                    assert_eq!(subject, Subject::Operator);
                    lost += these;
                    self.seen.gaps += 1;
                }
                Content::Consent(entry) => panic!("no location request changes consents: {entry:?}"),
                Content::Request(entry) => {
                    let number: [u8; 8] = entry.facts.request.0[..8].try_into().unwrap();
                    let outcomes = entries.entry(u64::from_be_bytes(number) as usize).or_default();
                    outcomes.push(entry.ending.outcome);
                }
            }
        }
        let mut missing = 0;
        for (task, flight) in &self.flights {
            let outcomes = entries.remove(task).unwrap_or_default();
            assert!(outcomes.len() <= 1, "{task}: {outcomes:?}");
            missing += u64::from(outcomes.is_empty());
            let end = self.world.ends.borrow().get(task).cloned();
            match end {
                Some(End::Unrecorded(_)) => {}
                Some(End::Released { .. } | End::Failed { .. }) => assert_eq!(outcomes.len(), 1),
                None => assert!(flight.dropped, "{task} never ended"),
            }
            self.seen.abandoned += usize::from(outcomes.first() == Some(&Outcome::Abandoned));
            self.seen.withdrawn +=
                usize::from(matches!(outcomes.first(), Some(Outcome::Refused(lcs::RefusalReason::OptedOut))));
        }
        assert!(entries.is_empty(), "entries of requests that nobody made");
        assert_eq!(missing, lost, "ends without an entry, and what the log says it lost");
        self.seen
    }
}
