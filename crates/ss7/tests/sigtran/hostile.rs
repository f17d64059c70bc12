//! A peer that breaks every rule it knows.

use core::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use ss7::m3ua::{Data, ErrorCode, Message, NetworkIndicator, TrafficMode, Transfer};
use ss7::sccp::{
    Class, Endpoint, EndpointConfig, Extension, Form, Indication, Message as Sccp, SccpAddress, Segmentation, Ssn,
    UnitdataMessage,
};

use crate::world::{NODES, World, address, point_code};

const ZERO: Duration = Duration::ZERO;

fn transfer(opc: usize, data: Bytes) -> Transfer {
    let (dpc, network) = (point_code(0), NetworkIndicator::National);
    Transfer { opc: point_code(opc), dpc, service: 3, network, priority: 0, sls: 0, data }
}

proptest! {
    #[test]
    fn segments_of_any_sort_are_whole_messages_or_nothing(
        segments in prop::collection::vec((any::<bool>(), 0..4u8, 0..3u32, 1..4usize, 0..3u8), 1..60),
    ) {
        let config = EndpointConfig::new(point_code(0), NetworkIndicator::National, vec![Ssn::GMLC]);
        let mut endpoint = Endpoint::new(config, 0);
        let mut now = ZERO;
        for (at, (first, remaining, reference, octets, calling)) in segments.iter().enumerate() {
            now += Duration::from_millis(700);
            let segmentation =
                Segmentation { first: *first, class: Class::Basic, remaining: *remaining, reference: *reference };
            // Each octet tells from which segment it is.
            let message = UnitdataMessage {
                form: Form::Extended(Extension { segmentation: Some(segmentation), ..Extension::NEW }),
                class: Class::Sequenced,
                return_on_error: true,
                called: SccpAddress::by_ssn(point_code(0), Ssn::GMLC),
                calling: SccpAddress::by_ssn(point_code(1), Ssn(*calling)),
                data: vec![at as u8; *octets].into(),
            };
            let octets = Sccp::Unitdata(message).encode().unwrap();
            for indication in endpoint.receive(&transfer(1, octets.into()), now) {
                let Indication::Unitdata(received) = indication else { continue };
                let mut parts: Vec<usize> = received.data.iter().map(|octet| usize::from(*octet)).collect();
                parts.dedup();
                prop_assert_eq!(*parts.last().unwrap(), at);
                let head = &segments[parts[0]];
                prop_assert!(head.0, "begins with a first segment");
                prop_assert_eq!(parts.len(), usize::from(head.1) + 1, "as many as the first announced");
                for (count, part) in parts.iter().enumerate() {
                    let segment = &segments[*part];
                    prop_assert_eq!((segment.2, segment.4), (head.2, head.4), "of one message");
                    prop_assert_eq!(usize::from(segment.1), usize::from(head.1) - count, "in order");
                }
                let whole: usize = parts.iter().map(|part| segments[*part].3).sum();
                prop_assert_eq!(received.data.len(), whole);
                prop_assert!(at - parts[0] < 15, "within ten seconds");
            }
        }
        endpoint.expire(now + Duration::from_secs(10));
        prop_assert_eq!(endpoint.deadline(), None);
    }

    #[test]
    fn a_node_takes_any_octets(data in prop::collection::vec(any::<u8>(), 0..300), kind in 9..0x15u8) {
        let config = EndpointConfig::new(point_code(0), NetworkIndicator::National, vec![Ssn::GMLC]);
        let mut endpoint = Endpoint::new(config, 0);
        let got = endpoint.receive(&transfer(1, [&[kind], data.as_slice()].concat().into()), ZERO);
        prop_assert!(got.len() <= 2, "one message brings one thing, and one that goes back");
    }

    #[test]
    fn machines_take_any_octets(messages in prop::collection::vec((any::<bool>(), 0..10u8, 0..8u8, any::<[u8; 8]>()), 1..40)) {
        let mut world = World::new(TrafficMode::Override, false);
        world.advance(Duration::from_secs(1));
        for (to_gateway, class, kind, body) in messages {
            world.inject(0, to_gateway, [&[1, 0, class, kind, 0, 0, 0, 16], body.as_slice()].concat().into());
            world.settle();
        }
        world.advance(Duration::from_secs(100));
    }
}

#[test]
fn each_rule_that_is_broken_is_answered_by_name() {
    let mut world = World::new(TrafficMode::Override, true);
    world.advance(Duration::from_secs(1));
    let data = Data {
        network_appearance: None,
        routing_context: Some(99),
        transfer: transfer(1, Bytes::new()),
        correlation: None,
    };
    let broken: [(Bytes, ErrorCode); 6] = [
        (Bytes::from_static(&[3, 0, 3, 1, 0, 0, 0, 8]), ErrorCode::InvalidVersion),
        (Bytes::from_static(&[1, 0, 9, 1, 0, 0, 0, 8]), ErrorCode::UnsupportedMessageClass),
        (Bytes::from_static(&[1, 0, 4, 9, 0, 0, 0, 8]), ErrorCode::UnsupportedMessageType),
        (Bytes::from_static(&[1, 0, 1, 1, 0, 0, 0, 8]), ErrorCode::MissingParameter),
        (Message::Data(data).encode(), ErrorCode::InvalidRoutingContext),
        (Message::AspActiveAck { traffic_mode: None, routing_contexts: vec![] }.encode(), ErrorCode::UnexpectedMessage),
    ];
    for (at, (octets, code)) in broken.into_iter().enumerate() {
        world.inject(0, true, octets);
        world.settle();
        assert_eq!(world.processes[0].errors, at + 1, "{code:?}");
        assert_eq!(world.processes[0].last_error, Some(code));
    }
    assert!(world.active_at_gateway(0), "and nothing else happens");
}

#[test]
fn a_process_cannot_speak_for_the_node_of_another() {
    let mut world = World::new(TrafficMode::Override, true);
    world.advance(Duration::from_secs(1));
    let unitdata = UnitdataMessage {
        form: Form::Short,
        class: Class::Basic,
        return_on_error: false,
        called: address(1),
        calling: address(1),
        data: Bytes::from_static(b"forged"),
    };
    let forged = Transfer { dpc: point_code(1), ..transfer(1, Sccp::Unitdata(unitdata).encode().unwrap().into()) };
    let context = Some(NODES[0].3);
    let data = Data { network_appearance: None, routing_context: context, transfer: forged.clone(), correlation: None };
    world.inject(0, true, Message::Data(data.clone()).encode());
    world.settle();
    assert!(world.processes[1].received.is_empty());
    let honest = Transfer { opc: point_code(0), ..forged };
    world.inject(0, true, Message::Data(Data { transfer: honest, ..data }).encode());
    world.settle();
    assert_eq!(world.processes[1].received, [Bytes::from_static(b"forged")]);
}
