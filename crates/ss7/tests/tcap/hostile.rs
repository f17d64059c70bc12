//! Octets from anybody: nothing panics, little is answered, nothing is kept that does not end.

use proptest::prelude::*;
use ss7::tcap::{Indication, Output, Request};

use crate::support::*;

/// A party with one dialogue in each state, and messages that fit them.
fn busy() -> (Party, Vec<Vec<u8>>) {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let mut messages = Vec::new();
    let (_, theirs) = active(&mut gmlc, &mut hlr, &[invoke(1, PSL), invoke(2, PSL)]);
    let segment = Request::ResultNotLast { invoke_id: 1, result: &RESULT };
    hlr.proceed(theirs, &[segment, invoke(1, ISD)], NOW).unwrap();
    messages.push(sent(&mut hlr).1);
    let error = Request::Error { invoke_id: 2, code: 52, parameter: &ARGUMENT };
    hlr.end(theirs, &[result(1), error]).unwrap();
    messages.push(sent(&mut hlr).1);
    let (_, theirs) = begun(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    hlr.abort(theirs, &[]).unwrap();
    messages.push(sent(&mut hlr).1);
    gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    let (_, begin) = sent(&mut gmlc);
    hlr.receive(&begin, &GMLC, NOW);
    let Indication::Begin { dialogue, .. } = told(&mut hlr) else { panic!("no Begin") };
    hlr.end(dialogue, &[result(1)]).unwrap();
    messages.push(sent(&mut hlr).1);
    messages.push(begin);
    (gmlc, messages)
}

/// Takes one message and checks what came of it.
fn takes(gmlc: &mut Party, message: &[u8]) {
    let before = gmlc.len();
    gmlc.receive(message, &HLR, NOW);
    let outputs = drain(gmlc);
    let messages = outputs.iter().filter(|output| matches!(output, Output::Send { .. })).count();
    assert!(messages <= 1 && outputs.len() <= 2, "{outputs:?}");
    assert!(gmlc.len() <= before + 1);
    for output in outputs {
        if let Output::Send { octets, .. } = output {
            assert!(octets.len() <= 200 && tcap::decode(&octets).is_ok(), "{octets:02x?}");
        }
    }
}

fn ends(mut gmlc: Party) {
    gmlc.expire(NOW + core::time::Duration::from_secs(601));
    drain(&mut gmlc);
    assert!(gmlc.is_empty() && gmlc.deadline().is_none());
}

#[test]
fn every_flipped_bit_and_every_cut_of_every_message_is_survived() {
    let (_, messages) = busy();
    for (at, message) in messages.iter().enumerate() {
        for bit in 0..message.len() * 8 {
            let mut broken = message.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            let (mut gmlc, _) = busy();
            takes(&mut gmlc, &broken);
            takes(&mut gmlc, &messages[at]);
            ends(gmlc);
        }
        for length in 0..message.len() {
            let (mut gmlc, _) = busy();
            takes(&mut gmlc, &message[..length]);
            ends(gmlc);
        }
    }
}

#[test]
fn deep_nesting_is_survived() {
    for nest in [&[0x62, 0x80][..], &[0x30, 0x80], &[0xa1, 0x80], &[0x28, 0x80]] {
        let mut hlr = party(4);
        let deep = nest.repeat(1_970);
        takes(&mut hlr, &deep);
        takes(&mut hlr, &[&octets("62 80 48 04 01020304 6c 80")[..], &deep[..3_900]].concat());
        takes(&mut hlr, &[&octets("62 80 48 04 01020304 6b 80")[..], &deep[..3_900]].concat());
        ends(hlr);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_octets_are_survived(messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..8)) {
        let (mut gmlc, _) = busy();
        for message in messages {
            takes(&mut gmlc, &message);
        }
        ends(gmlc);
    }

    /// Good messages with some octets changed, some put in and some left out.
    #[test]
    fn mended_messages_are_survived(
        which in 0..5_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        let (mut gmlc, messages) = busy();
        let mut message = messages[which].clone();
        for (at, octet, how) in changes {
            let at = at.index(message.len());
            match how {
                0 => message[at] = octet,
                1 => message.insert(at, octet),
                _ => { message.remove(at); }
            }
            if message.is_empty() {
                break;
            }
        }
        takes(&mut gmlc, &message);
        ends(gmlc);
    }

    /// What one party sends, the other reads; the library reads the same.
    #[test]
    fn what_is_sent_is_read(
        invocations in prop::collection::vec((any::<i8>(), any::<i64>(), prop::collection::vec(any::<u8>(), 0..40)), 0..8),
        context in prop::option::of((0..128_u8, 0..128_u8)),
    ) {
        let context = context.map(|(number, version)| ss7::tcap::ApplicationContext::map(number, version));
        let mut used = std::collections::BTreeSet::new();
        let invocations: Vec<_> = invocations
            .into_iter()
            .filter(|(invoke_id, ..)| used.insert(*invoke_id))
            .map(|(invoke_id, operation, argument)| (invoke_id, operation, [&[0x04, argument.len() as u8], &argument[..]].concat()))
            .collect();
        let requests: Vec<_> = invocations
            .iter()
            .map(|(invoke_id, operation, argument)| Request::Invoke {
                invoke_id: *invoke_id,
                linked_id: None,
                operation: *operation,
                argument,
                timeout: TEN_SECONDS,
            })
            .collect();
        let (mut gmlc, mut hlr) = (party(5), party(6));
        let ours = gmlc.begin(HLR, context, &requests, NOW).unwrap();
        let (_, begin) = sent(&mut gmlc);
        prop_assert_eq!(tcap::decode(&begin).unwrap().components().len(), requests.len());
        hlr.receive(&begin, &GMLC, NOW);
        let Indication::Begin { dialogue: theirs, application_context, components, .. } = told(&mut hlr) else {
            panic!("no Begin");
        };
        prop_assert_eq!(application_context, context);
        for (component, (id, code, octets)) in components.iter().zip(&invocations) {
            let expected = ss7::tcap::Component::Invoke {
                invoke_id: *id, linked_id: None, operation: *code, argument: octets.clone(),
            };
            prop_assert_eq!(component, &expected);
        }
        let answers: Vec<_> = invocations
            .iter()
            .map(|(invoke_id, _, argument)| Request::ResultLast { invoke_id: *invoke_id, result: argument })
            .collect();
        hlr.end(theirs, &answers).unwrap();
        gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
        let Indication::End { dialogue, components } = told(&mut gmlc) else { panic!("no End") };
        prop_assert_eq!(dialogue, ours);
        for (component, (id, code, octets)) in components.iter().zip(&invocations) {
            let expected = ss7::tcap::Component::ResultLast {
                invoke_id: *id, operation: *code, result: octets.clone(),
            };
            prop_assert_eq!(component, &expected);
        }
        prop_assert_eq!(components.len(), invocations.len());
    }
}
