//! Random histories against a model that knows no hashes and no records: an opt-out is lifted by nobody but the person, an import never
//! gives what anybody refused, a pause takes nothing away, and links lose nobody.

use super::*;
use proptest::prelude::*;

/// One step: who of the people, what, and by whom.
#[derive(Debug, Clone)]
enum Step {
    Inform,
    Yes,
    No,
    Pause(u64),
    Resume,
    OptOut,
    Lift,
    Link(u8),
    Unlink(u8),
    Wait(u64),
    Exclude(bool),
}

fn step() -> impl Strategy<Value = (usize, Step, Source)> {
    let what = prop_oneof![
        3 => Just(Step::Inform),
        4 => Just(Step::Yes),
        2 => Just(Step::No),
        1 => (1_u64..40).prop_map(Step::Pause),
        1 => Just(Step::Resume),
        1 => Just(Step::OptOut),
        1 => Just(Step::Lift),
        2 => (0_u8..3).prop_map(Step::Link),
        1 => (0_u8..3).prop_map(Step::Unlink),
        3 => (1_u64..20).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Exclude),
    ];
    (0_usize..3, what, proptest::sample::select(Source::ALL))
}

#[derive(Clone, Copy, PartialEq)]
enum Word {
    Never,
    Yes(Source),
    No,
}

struct Model {
    /// By kind: SIM, number, phone. The last of each is theirs now, if they have one.
    had: [Vec<u64>; 3],
    has: [bool; 3],
    known: bool,
    told: Option<Timestamp>,
    word: Word,
    pause: Option<Timestamp>,
    opted_out: bool,
    excluded: bool,
}

fn identity(kind: usize, number: u64) -> Identities {
    [imsi, msisdn, imei][kind](number)
}

impl Model {
    fn who(&self) -> Identities {
        let kind = (0..3).find(|kind| self.has[*kind]).unwrap();
        identity(kind, *self.had[kind].last().unwrap())
    }

    fn expected(&self, is_current: bool, now: Timestamp) -> Result<Ground, Denied> {
        if self.opted_out {
            return Err(Denied::OptedOut);
        }
        if !is_current || !self.known {
            return Err(Denied::NotInformed);
        }
        if self.excluded {
            return Err(Denied::Excluded);
        }
        if self.pause.is_some_and(|until| now < until) {
            return Err(Denied::Paused);
        }
        if self.told.is_none_or(|told| now < told.after(Duration::from_secs(WAIT_S))) {
            return Err(Denied::NotInformed);
        }
        if matches!(self.word, Word::Yes(_)) { Ok(Ground::Consent) } else { Err(Denied::NoConsent) }
    }

    /// Whether the step is taken, and what follows.
    fn step(&mut self, step: &Step, source: Source, now: Timestamp) -> bool {
        let own = matches!(source, Source::Person | Source::CustomerCare);
        match step {
            Step::Inform if own => {
                self.known = true;
                self.told.get_or_insert(now);
            }
            Step::Yes if self.known && (own || source == Source::Import) => {
                let import = source == Source::Import;
                let free = matches!(self.word, Word::Never | Word::Yes(Source::Import));
                if self.opted_out || self.told.is_none() || (import && !free) {
                    return false;
                }
                self.word = Word::Yes(source);
            }
            Step::No if self.known && (own || source == Source::Import) => self.word = Word::No,
            Step::Pause(days) if self.known && own => self.pause = Some(now.after(DAY * u32::try_from(*days).unwrap())),
            Step::Resume if self.known && own => self.pause = None,
            Step::OptOut if own => {
                self.known = true;
                self.opted_out = true;
                self.word = Word::No;
            }
            Step::Lift if self.known && source == Source::Person => self.opted_out = false,
            Step::Exclude(excluded)
                if (self.known || *excluded) && matches!(source, Source::Law | Source::CustomerCare) =>
            {
                self.known = true;
                self.excluded = *excluded;
            }
            _ => return false,
        }
        true
    }
}

fn change(step: &Step, source: Source, now: Timestamp) -> Option<Change> {
    Some(match step {
        Step::Inform => informed(1, now),
        Step::Yes => yes(1, &[plmn("01")], source, now),
        Step::No => no(source, now),
        Step::Pause(days) => Change::Paused { until: Some(now.after(DAY * u32::try_from(*days).unwrap())) },
        Step::Resume => Change::Resumed,
        Step::OptOut => Change::OptedOut,
        Step::Lift => Change::OptOutLifted { evidence: [4; 32] },
        Step::Exclude(excluded) => Change::Excluded(*excluded),
        Step::Link(_) | Step::Unlink(_) | Step::Wait(_) => return None,
    })
}

/// Every record through its octets into a register that starts anew.
fn restarted(register: &ConsentRegister, people: &[Model]) -> ConsentRegister {
    let anew = empty(Mode::Consent);
    for person in people.iter().filter(|person| person.known) {
        let record = register.picture(&person.who()).unwrap().person.encode().unwrap();
        anew.load_person(Person::decode(&record).unwrap());
    }
    anew
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_history_ends_as_the_model_says(steps in proptest::collection::vec(step(), 1..60)) {
        let mut register = empty(Mode::Consent);
        let mut now = NOW;
        let mut next = 10;
        let mut people: Vec<Model> = (0..3)
            .map(|number| Model {
                had: [vec![number], vec![], vec![]],
                has: [true, false, false],
                known: false,
                told: None,
                word: Word::Never,
                pause: None,
                opted_out: false,
                excluded: false,
            })
            .collect();
        for (at, (number, step, source)) in steps.into_iter().enumerate() {
            let person = &mut people[number];
            match &step {
                Step::Wait(days) => now = now.after(DAY * u32::try_from(*days).unwrap()),
                Step::Link(kind) => {
                    let kind = usize::from(*kind);
                    next += 1;
                    let linked = link(&register, &person.who(), &identity(kind, next));
                    prop_assert_eq!(linked.is_ok(), person.known);
                    if person.known {
                        person.had[kind].push(next);
                        person.has[kind] = true;
                    }
                }
                Step::Unlink(kind) => {
                    let kind = usize::from(*kind);
                    let last = person.had[kind].last().copied();
                    let gone = last.map(|number| identity(kind, number)).unwrap_or_default();
                    let unlinked = unlink(&register, &person.who(), &gone);
                    let others = (0..3).any(|other| other != kind && person.has[other]);
                    prop_assert_eq!(unlinked.is_ok(), person.known && person.has[kind] && others);
                    if unlinked.is_ok() {
                        person.has[kind] = false;
                    }
                }
                other => {
                    let who = person.who();
                    let taken = person.step(other, source, now);
                    let made = make(&register, &who, change(other, source, now).unwrap(), source, now);
                    prop_assert_eq!(made.is_ok(), taken, "{:?} by {:?}: {:?}", other, source, made);
                }
            }
            if at % 7 == 0 {
                register = restarted(&register, &people);
            }
            for person in &people {
                for (kind, had) in person.had.iter().enumerate() {
                    for (place, number) in had.iter().enumerate() {
                        let got = register.permit(&identity(kind, *number), &question(plmn("01"), &[]), now);
                        let expected = person.expected(place + 1 == had.len() && person.has[kind], now);
                        prop_assert_eq!(got.map(|permit| permit.ground()), expected, "after {:?}", step);
                    }
                }
            }
        }
    }
}
