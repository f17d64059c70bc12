//! A subsystem of TCAP under arbitrary users and peers: an invocation ends once, an indication is of a dialogue that its
//! user knows of, and table and model agree.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use ss7::tcap::{
    ApplicationContext, Component, DialogueId, Dialogues, Indication, Output, Refusal, Request, TcapFault, TcapLimits,
};

const CONTEXT: ApplicationContext = ApplicationContext::map(1, 3);

#[derive(Debug, Arbitrary)]
enum Step {
    Wait { ms: u16 },
    Invoke { timeout_ms: u16 },
    Begin { context: bool, invocations: u8 },
    Proceed { which: u8, answers: Vec<Answer>, asks: Option<i8> },
    End { which: u8, answers: Vec<Answer> },
    Refuse { which: u8 },
    Abort { which: u8, prearranged: bool },
    Message { which: u8, kind: u8, otid: [u8; 2], portion: u8, from: bool, components: Vec<Sent> },
    Raw { octets: Vec<u8> },
}

#[derive(Debug, Arbitrary)]
struct Answer {
    invoke_id: i8,
    how: u8,
}

/// A component of the peer: its tag and content as they come, or one that is sound.
#[derive(Debug, Arbitrary)]
enum Sent {
    Invoke { invoke_id: i8, linked_id: Option<i8> },
    Result { invoke_id: i8, operation: bool, last: bool },
    Error { invoke_id: i8 },
    Reject { invoke_id: Option<i8>, problem: u8, class: u8 },
    Raw { tag: u8, content: Vec<u8> },
}

struct Known {
    single: bool,
    mine: BTreeSet<i8>,
    theirs: BTreeSet<i8>,
}

struct World {
    party: Dialogues<u8>,
    known: BTreeMap<DialogueId, Known>,
    now: Duration,
}

fuzz_target!(|steps: Vec<Step>| {
    let limits = TcapLimits { dialogues: 8, components: 5, result_octets: 12, ..TcapLimits::default() };
    let mut world = World { party: Dialogues::new(limits, 7), known: BTreeMap::new(), now: Duration::ZERO };
    for step in steps {
        world.take(step);
        world.settle();
    }
    world.now += Duration::from_secs(601);
    world.party.expire(world.now);
    world.settle();
    assert!(world.known.is_empty() && world.party.deadline().is_none());
});

impl World {
    fn take(&mut self, step: Step) {
        match step {
            Step::Wait { ms } => {
                self.now += Duration::from_millis(u64::from(ms));
                self.party.expire(self.now);
                assert!(self.party.deadline().is_none_or(|due| due > self.now));
            }
            Step::Invoke { timeout_ms } => {
                let timeout = Duration::from_millis(u64::from(timeout_ms));
                let begun = self.party.invoke(1, CONTEXT, 2, &[5, 0], timeout, self.now);
                self.enter(begun, Known { single: true, mine: [1].into(), theirs: BTreeSet::new() });
            }
            Step::Begin { context, invocations } => {
                let mine: BTreeSet<i8> = (1..=i8::try_from(invocations % 4).unwrap_or(0)).collect();
                let requests: Vec<_> = mine.iter().map(|id| ask(*id)).collect();
                let begun = self.party.begin(1, context.then_some(CONTEXT), &requests, self.now);
                self.enter(begun, Known { single: false, mine, theirs: BTreeSet::new() });
            }
            Step::Proceed { which, answers, asks } => {
                let Some(dialogue) = self.pick(which) else { return };
                let mut requests: Vec<_> = answers.iter().map(answer).collect();
                requests.extend(asks.map(ask));
                let known = self.known.get_mut(&dialogue).expect("picked");
                if self.party.proceed(dialogue, &requests, self.now).is_ok() {
                    for request in &requests {
                        match *request {
                            Request::Invoke { invoke_id, .. } => assert!(known.mine.insert(invoke_id)),
                            Request::ResultNotLast { invoke_id, .. } => assert!(known.theirs.contains(&invoke_id)),
                            Request::ResultLast { invoke_id, .. } | Request::Error { invoke_id, .. } => {
                                assert!(known.theirs.remove(&invoke_id));
                            }
                            Request::Reject { .. } => {}
                        }
                    }
                }
            }
            Step::End { which, answers } => {
                let Some(dialogue) = self.pick(which) else { return };
                let requests: Vec<_> = answers.iter().map(answer).collect();
                if self.party.end(dialogue, &requests).is_ok() {
                    self.known.remove(&dialogue);
                }
            }
            Step::Refuse { which } => {
                let Some(dialogue) = self.pick(which) else { return };
                if self.party.refuse(dialogue, Refusal::NoReasonGiven, &[]).is_ok() {
                    self.known.remove(&dialogue);
                }
            }
            Step::Abort { which, prearranged } => {
                let Some(dialogue) = self.pick(which) else { return };
                let party = &mut self.party;
                let done = if prearranged { party.end_prearranged(dialogue) } else { party.abort(dialogue, &[]) };
                assert_eq!(done, Ok(()), "every dialogue can be given up");
                self.known.remove(&dialogue);
            }
            Step::Message { which, kind, otid, portion, from, components } => {
                let dtid = self.pick(which).map_or(0, DialogueId::transaction_id);
                let octets = message(kind, otid, dtid, portion, &components);
                self.party.receive(&octets, &u8::from(from), self.now);
            }
            Step::Raw { octets } => self.party.receive(&octets, &1, self.now),
        }
    }

    fn enter(&mut self, begun: Result<DialogueId, TcapFault>, known: Known) {
        match begun {
            Ok(dialogue) => assert!(self.known.insert(dialogue, known).is_none()),
            Err(fault) => assert!(fault == TcapFault::Full && self.party.is_full()),
        }
    }

    fn pick(&self, which: u8) -> Option<DialogueId> {
        let count = self.known.len().max(1);
        self.known.keys().nth(usize::from(which) % count).copied()
    }

    fn settle(&mut self) {
        while let Some(output) = self.party.poll() {
            if let Output::Indication(indication) = output {
                self.told(indication);
            }
        }
        assert_eq!(self.party.len(), self.known.len());
        assert_eq!(self.party.deadline().is_none(), self.party.is_empty());
    }

    fn told(&mut self, indication: Indication<u8>) {
        match indication {
            Indication::Begin { dialogue, components, .. } => {
                let mut known = Known { single: false, mine: BTreeSet::new(), theirs: BTreeSet::new() };
                known.take(components);
                assert!(self.known.insert(dialogue, known).is_none());
            }
            Indication::Continue { dialogue, components, .. } => {
                let known = self.known.get_mut(&dialogue).expect("known");
                assert!(!known.single);
                known.take(components);
            }
            Indication::End { dialogue, components } => {
                let mut known = self.known.remove(&dialogue).expect("known");
                assert!(!known.single);
                known.take(components);
            }
            Indication::Aborted { dialogue, .. } => assert!(!self.known.remove(&dialogue).expect("known").single),
            Indication::Cancelled { dialogue, invoke_id } => {
                let known = self.known.get_mut(&dialogue).expect("known");
                assert!(!known.single && known.mine.remove(&invoke_id));
            }
            Indication::Outcome { dialogue, .. } => assert!(self.known.remove(&dialogue).expect("known").single),
        }
    }
}

impl Known {
    fn take(&mut self, components: Vec<Component>) {
        for component in components {
            match component {
                Component::Invoke { invoke_id, .. } => assert!(self.theirs.insert(invoke_id)),
                Component::ResultLast { invoke_id, .. } | Component::Error { invoke_id, .. } => {
                    assert!(self.mine.remove(&invoke_id));
                }
                Component::Rejected { invoke_id, ends_invocation: true, .. }
                | Component::Unacceptable { invoke_id, ends_invocation: true, .. } => {
                    assert!(self.mine.remove(&invoke_id.expect("named")));
                }
                Component::Rejected { .. } | Component::Unacceptable { .. } => {}
            }
        }
    }
}

const fn ask(invoke_id: i8) -> Request<'static> {
    let timeout = Duration::from_secs(10);
    Request::Invoke { invoke_id, linked_id: None, operation: 2, argument: &[5, 0], timeout }
}

fn answer(answer: &Answer) -> Request<'static> {
    let invoke_id = answer.invoke_id;
    match answer.how % 3 {
        0 => Request::ResultLast { invoke_id, result: &[5, 0] },
        1 => Request::ResultNotLast { invoke_id, result: &[5, 0] },
        _ => Request::Error { invoke_id, code: 34, parameter: &[] },
    }
}

fn message(kind: u8, otid: [u8; 2], dtid: u32, portion: u8, components: &[Sent]) -> Vec<u8> {
    let tag = [0x62, 0x64, 0x65, 0x67][usize::from(kind & 3)];
    let mut content = Vec::new();
    if tag == 0x62 || tag == 0x65 {
        content.extend(element(0x48, &otid));
    }
    if tag != 0x62 {
        content.extend(element(0x49, &dtid.to_be_bytes()));
    }
    let name = [&[0x80, 2, 7, 0x80, 0xa1, 9, 6, 7][..], CONTEXT.content()].concat();
    let pdu = match portion % 4 {
        0 => None,
        1 => Some(element(0x60, &name)),
        2 => Some(element(0x61, &[&name[..], &[0xa2, 3, 2, 1, 0, 0xa3, 5, 0xa1, 3, 2, 1, 0]].concat())),
        _ => Some(element(0x64, &[0x80, 1, portion >> 7])),
    };
    if let Some(pdu) = pdu {
        let external = [&[6, 7, 0, 0x11, 0x86, 5, 1, 1, 1][..], &element(0xa0, &pdu)].concat();
        content.extend(element(0x6b, &element(0x28, &external)));
    }
    let components: Vec<u8> = components.iter().flat_map(sent).collect();
    if !components.is_empty() && tag != 0x67 {
        content.extend(element(0x6c, &components));
    }
    element(tag, &content)
}

fn sent(component: &Sent) -> Vec<u8> {
    let octet = |number: i8| number.to_be_bytes()[0];
    match component {
        Sent::Invoke { invoke_id, linked_id: None } => vec![0xa1, 6, 2, 1, octet(*invoke_id), 2, 1, 7],
        Sent::Invoke { invoke_id, linked_id: Some(linked) } => {
            vec![0xa1, 9, 2, 1, octet(*invoke_id), 0x80, 1, octet(*linked), 2, 1, 7]
        }
        Sent::Result { invoke_id, operation, last } => {
            let (tag, operation) = (if *last { 0xa2 } else { 0xa7 }, if *operation { 2 } else { 3 });
            vec![tag, 12, 2, 1, octet(*invoke_id), 0x30, 7, 2, 1, operation, 4, 2, 0, 0]
        }
        Sent::Error { invoke_id } => vec![0xa3, 6, 2, 1, octet(*invoke_id), 2, 1, 34],
        Sent::Reject { invoke_id: None, problem, class } => vec![0xa4, 5, 5, 0, 0x80 | (class & 3), 1, *problem],
        Sent::Reject { invoke_id: Some(id), problem, class } => {
            vec![0xa4, 6, 2, 1, octet(*id), 0x80 | (class & 3), 1, *problem]
        }
        Sent::Raw { tag, content } => element(*tag, content),
    }
}

/// Short inputs: a length of two octets does.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    match content.len() {
        0..0x80 => [&[tag, length[1]], content].concat(),
        _ => [&[tag, 0x82, length[0], length[1]], content].concat(),
    }
}
