//! A node under arbitrary messages, segments and times (ITU-T Q.714 clauses 2.3, 4 and 5): reassembly against a model, what
//! comes back, and that all of it ends.
#![no_main]

use std::collections::BTreeSet;
use std::time::Duration;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use ss7::m3ua::{NetworkIndicator, PointCode, SERVICE_SCCP, Transfer};
use ss7::sccp::{
    Class, Discard, Endpoint, EndpointConfig, Extension, Form, Indication, Message, MessageId, SccpAddress,
    Segmentation, Ssn, Unitdata, UnitdataMessage, UnitdataService,
};

#[derive(Debug, Arbitrary)]
struct Input {
    seed: u32,
    max_segment: u8,
    max_reassemblies: u8,
    max_returns: u8,
    steps: Vec<Step>,
}

#[derive(Debug, Arbitrary)]
enum Step {
    Wait {
        ms: u16,
    },
    Octets(Vec<u8>),
    Segment {
        first: bool,
        remaining: u8,
        reference: u8,
        octets: u8,
        calling: u8,
        ssn: bool,
    },
    Send {
        octets: u16,
        ordered: bool,
        back: bool,
    },
    /// The other end sends back what was sent, or something else.
    Return {
        which: u8,
        cause: u8,
        other: bool,
    },
}

/// A message in segments as the model has it: what came, what is to come, when it is too late.
struct Partial {
    key: (u8, u8),
    octets: Vec<u8>,
    first: usize,
    remaining: u8,
    due: Duration,
}

struct World {
    now: Duration,
    endpoint: Endpoint,
    room: usize,
    partial: Vec<Partial>,
    sent: Vec<(MessageId, Vec<Transfer>)>,
    noticed: BTreeSet<MessageId>,
    count: u8,
}

fn point_code(value: u32) -> PointCode {
    PointCode::new(value).expect("14 bits")
}

fuzz_target!(|input: Input| {
    let config = EndpointConfig {
        max_segment: usize::from(input.max_segment),
        max_reassemblies: usize::from(input.max_reassemblies % 8),
        max_returns: usize::from(input.max_returns % 8),
        ..EndpointConfig::new(point_code(1), NetworkIndicator::National, vec![Ssn::GMLC])
    };
    let room = config.max_reassemblies;
    let mut world = World {
        now: Duration::ZERO,
        endpoint: Endpoint::new(config, input.seed),
        room,
        partial: Vec::new(),
        sent: Vec::new(),
        noticed: BTreeSet::new(),
        count: 0,
    };
    for step in input.steps {
        world.step(step);
    }
    world.now += Duration::from_secs(30);
    world.endpoint.expire(world.now);
    assert_eq!(world.endpoint.deadline(), None, "all of it ends");
});

impl World {
    fn step(&mut self, step: Step) {
        match step {
            Step::Wait { ms } => {
                self.now += Duration::from_millis(u64::from(ms));
                let late = self.endpoint.expire(self.now);
                let told =
                    late.iter().filter(|i| matches!(i, Indication::Discarded(Discard::ReassemblyTimeout))).count();
                let before = self.partial.len();
                self.partial.retain(|partial| self.now < partial.due);
                assert!(told <= before);
                assert!(self.endpoint.deadline().is_none_or(|due| due > self.now));
            }
            Step::Octets(octets) => {
                // Whatever it is, it brings one thing, and at most one that goes back; segments are for the step below.
                if let Ok(Message::Unitdata(message)) = Message::decode(&octets)
                    && matches!(message.form, Form::Extended(e) | Form::Long(e) if e.segmentation.is_some())
                {
                    return;
                }
                assert!(self.receive(octets).len() <= 2);
            }
            Step::Segment { first, remaining, reference, octets, calling, ssn } => {
                self.segment(first, remaining % 4, reference % 2, octets % 8, calling % 2, ssn);
            }
            Step::Send { octets, ordered, back } => self.send(usize::from(octets), ordered, back),
            Step::Return { which, cause, other } => self.sent_back(which, cause, other),
        }
    }

    fn receive(&mut self, octets: Vec<u8>) -> Vec<Indication> {
        self.endpoint.receive(&transfer(octets), self.now)
    }

    fn segment(&mut self, first: bool, remaining: u8, reference: u8, octets: u8, calling: u8, ours: bool) {
        self.count = self.count.wrapping_add(1);
        let data = vec![self.count; usize::from(octets)];
        let segmentation = Segmentation { first, class: Class::Basic, remaining, reference: u32::from(reference) };
        let message = UnitdataMessage {
            form: Form::Extended(Extension { segmentation: Some(segmentation), ..Extension::NEW }),
            class: Class::Sequenced,
            return_on_error: first,
            called: SccpAddress::by_ssn(point_code(1), if ours { Ssn::GMLC } else { Ssn::HLR }),
            calling: SccpAddress::by_ssn(point_code(2), Ssn(calling)),
            data: data.clone().into(),
        };
        let wire = Message::Unitdata(message).encode().expect("it fits");
        let expected = if ours { self.model(first, remaining, (reference, calling), &data) } else { None };
        let got = self.receive(wire).into_iter().find_map(|indication| match indication {
            Indication::Unitdata(received) => Some(received.data.to_vec()),
            _ => None,
        });
        assert_eq!(got, expected);
    }

    /// What a node gets from a segment (ITU-T Q.714 clause 4.1.1.2.3), the slow way.
    fn model(&mut self, first: bool, remaining: u8, key: (u8, u8), data: &[u8]) -> Option<Vec<u8>> {
        self.partial.retain(|partial| self.now < partial.due);
        if first && remaining == 0 {
            return Some(data.to_vec());
        }
        let before = self.partial.iter().position(|partial| partial.key == key).map(|at| self.partial.remove(at));
        if first {
            if !data.is_empty() && self.partial.len() < self.room {
                let due = self.now + Duration::from_secs(10);
                self.partial.push(Partial { key, octets: data.to_vec(), first: data.len(), remaining, due });
            }
            return None;
        }
        let mut partial = before?;
        if remaining + 1 != partial.remaining || data.is_empty() || data.len() > partial.first {
            return None;
        }
        partial.octets.extend_from_slice(data);
        partial.remaining = remaining;
        if remaining == 0 {
            return Some(partial.octets);
        }
        self.partial.push(partial);
        None
    }

    fn send(&mut self, octets: usize, ordered: bool, back: bool) {
        self.count = self.count.wrapping_add(1);
        let unitdata = Unitdata {
            called: SccpAddress::by_ssn(point_code(2), Ssn::MSC),
            calling: SccpAddress::by_ssn(point_code(1), Ssn::GMLC),
            sequence: ordered.then_some(5),
            return_on_error: back,
            data: vec![self.count; octets].into(),
        };
        let Ok(sent) = self.endpoint.send(&unitdata, self.now) else {
            assert!(octets == 0 || octets > 16);
            return;
        };
        assert!((1..=16).contains(&sent.transfers.len()));
        assert!(sent.transfers.iter().all(|t| t.data.len() <= 268 && t.sls == sent.transfers[0].sls));
        let whole: usize = sent.transfers.iter().map(|transfer| unitdata_of(transfer).data.len()).sum();
        assert_eq!(whole, octets);
        if back {
            self.sent.push((sent.message, sent.transfers));
        }
    }

    fn sent_back(&mut self, which: u8, cause: u8, other: bool) {
        let Some((id, transfers)) = self.sent.get(usize::from(which) % self.sent.len().max(1)) else { return };
        let (id, message) = (*id, unitdata_of(&transfers[0]));
        let mut data = message.data.to_vec();
        if other {
            data.push(0);
        }
        let service = UnitdataService {
            form: message.form,
            cause: ss7::sccp::ReturnCause::from_code(cause),
            called: message.calling,
            calling: message.called,
            data: data.into(),
        };
        let Ok(wire) = Message::Service(service).encode() else { return };
        for indication in self.receive(wire) {
            if let Indication::Notice(notice) = indication {
                assert!(!other && self.noticed.insert(notice.message), "only what was sent, and once");
                // The same octets may have been sent twice; the later counts.
                assert!(notice.message >= id);
            }
        }
    }
}

fn unitdata_of(transfer: &Transfer) -> UnitdataMessage {
    match Message::decode(&transfer.data) {
        Ok(Message::Unitdata(message)) => message,
        other => panic!("{other:?}"),
    }
}

fn transfer(octets: Vec<u8>) -> Transfer {
    Transfer {
        opc: point_code(2),
        dpc: point_code(1),
        service: SERVICE_SCCP,
        network: NetworkIndicator::National,
        priority: 0,
        sls: 0,
        data: octets.into(),
    }
}
