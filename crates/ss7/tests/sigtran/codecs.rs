//! Codecs under arbitrary values: what is encoded decodes to the same, and no octets are too odd.

use bytes::{Bytes, BytesMut};
use lcs::Digits;
use proptest::prelude::*;
use ss7::m3ua::{
    Affected, Congestion, Data, DecodeFault, ErrorCode, ErrorReport, Framer, Message as M3ua, Network,
    NetworkIndicator, Notify, NotifyStatus, PointCode, TrafficMode, Transfer, UserPartUnavailable,
};
use ss7::sccp::{
    Class, Extension, Form, GlobalTitle, Message as Sccp, NatureIndicator, PlanIndicator, ReturnCause, Routing,
    SccpAddress, Segmentation, Ssn, UnitdataMessage, UnitdataService,
};

fn octets(most: usize) -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..=most).prop_map(Bytes::from)
}

fn point_code() -> impl Strategy<Value = PointCode> {
    (0..=u32::from(PointCode::MAX)).prop_map(|value| PointCode::new(value).unwrap())
}

fn contexts() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 0..4)
}

fn affected() -> impl Strategy<Value = Affected> {
    (any::<u8>(), 0..0x0100_0000u32).prop_map(|(mask_bits, point_code)| Affected { mask_bits, point_code })
}

fn destinations() -> impl Strategy<Value = (Network, Vec<Affected>)> {
    let network = (any::<Option<u32>>(), contexts())
        .prop_map(|(appearance, routing_contexts)| Network { appearance, routing_contexts });
    (network, prop::collection::vec(affected(), 1..5))
}

fn mode() -> impl Strategy<Value = Option<TrafficMode>> {
    (0..4u32).prop_map(TrafficMode::from_code)
}

fn data() -> impl Strategy<Value = Data> {
    let label = (point_code(), point_code(), any::<u8>(), 0..4u8, 0..4u8, any::<u8>());
    (label, octets(300), any::<Option<u32>>(), any::<Option<u32>>(), any::<Option<u32>>()).prop_map(
        |((opc, dpc, service, network, priority, sls), data, network_appearance, routing_context, correlation)| {
            let network = NetworkIndicator::from_code(network).unwrap();
            let transfer = Transfer { opc, dpc, service, network, priority, sls, data };
            Data { network_appearance, routing_context, transfer, correlation }
        },
    )
}

fn m3ua() -> impl Strategy<Value = M3ua> {
    let report = (any::<u32>(), contexts(), any::<Option<u32>>(), prop::collection::vec(affected(), 0..3), octets(40));
    let report = report.prop_map(|(code, routing_contexts, network_appearance, affected, diagnostic)| ErrorReport {
        code: ErrorCode::from_code(code),
        routing_contexts,
        network_appearance,
        affected,
        diagnostic,
    });
    let notify =
        (any::<u32>(), any::<Option<u32>>(), contexts()).prop_map(|(code, asp_identifier, routing_contexts)| Notify {
            status: NotifyStatus::from_code(code),
            asp_identifier,
            routing_contexts,
        });
    let level = prop::option::of(0..4u8);
    let congestion =
        (prop::option::of(0..0x0100_0000u32), level).prop_map(|(concerned, level)| Congestion { concerned, level });
    prop_oneof![
        report.prop_map(M3ua::Error),
        notify.prop_map(M3ua::Notify),
        data().prop_map(M3ua::Data),
        destinations().prop_map(|(network, affected)| M3ua::Duna(network, affected)),
        destinations().prop_map(|(network, affected)| M3ua::Dava(network, affected)),
        destinations().prop_map(|(network, affected)| M3ua::Daud(network, affected)),
        destinations().prop_map(|(network, affected)| M3ua::Drst(network, affected)),
        (destinations(), congestion).prop_map(|((network, affected), c)| M3ua::Scon(network, affected, c)),
        (destinations(), any::<(u16, u16)>()).prop_map(|((network, affected), (cause, user))| {
            M3ua::Dupu(network, UserPartUnavailable { affected: affected[0], cause, user })
        }),
        any::<Option<u32>>().prop_map(|asp_identifier| M3ua::AspUp { asp_identifier }),
        any::<Option<u32>>().prop_map(|asp_identifier| M3ua::AspUpAck { asp_identifier }),
        Just(M3ua::AspDown),
        Just(M3ua::AspDownAck),
        octets(70).prop_map(M3ua::Beat),
        octets(70).prop_map(M3ua::BeatAck),
        (mode(), contexts())
            .prop_map(|(traffic_mode, routing_contexts)| M3ua::AspActive { traffic_mode, routing_contexts }),
        (mode(), contexts())
            .prop_map(|(traffic_mode, routing_contexts)| M3ua::AspActiveAck { traffic_mode, routing_contexts }),
        contexts().prop_map(M3ua::AspInactive),
        contexts().prop_map(M3ua::AspInactiveAck),
    ]
}

fn title() -> impl Strategy<Value = GlobalTitle> {
    let digits = prop::collection::vec(0..10u8, 1..=15).prop_map(|values| Digits::from_digits(values).unwrap());
    (0..4u8, any::<u8>(), 0..16u8, 0..128u8, digits).prop_map(|(kind, translation_type, plan, nature, digits)| {
        let (plan, nature) = (PlanIndicator(plan), NatureIndicator(nature));
        match kind {
            0 => GlobalTitle::Nature { nature, digits },
            1 => GlobalTitle::Type { translation_type, digits },
            2 => GlobalTitle::Plan { translation_type, plan, digits },
            _ => GlobalTitle::Full { translation_type, plan, nature, digits },
        }
    })
}

fn address() -> impl Strategy<Value = SccpAddress> {
    let ssn = prop::option::of(any::<u8>().prop_map(Ssn));
    (any::<bool>(), prop::option::of(point_code()), ssn, prop::option::of(title())).prop_map(
        |(by_ssn, point_code, ssn, title)| {
            let routing = if by_ssn { Routing::Ssn } else { Routing::GlobalTitle };
            SccpAddress { routing, point_code, ssn, title }
        },
    )
}

fn class() -> impl Strategy<Value = Class> {
    prop_oneof![Just(Class::Basic), Just(Class::Sequenced)]
}

fn form() -> impl Strategy<Value = Form> {
    let segmentation = (any::<bool>(), class(), 0..16u8, 0..0x0100_0000u32)
        .prop_map(|(first, class, remaining, reference)| Segmentation { first, class, remaining, reference });
    let extension = (1..16u8, prop::option::of(segmentation), prop::option::of(0..8u8))
        .prop_map(|(hop_counter, segmentation, importance)| Extension { hop_counter, segmentation, importance });
    (0..3u8, extension).prop_map(|(kind, extension)| match kind {
        0 => Form::Short,
        1 => Form::Extended(extension),
        _ => Form::Long(extension),
    })
}

fn sccp() -> impl Strategy<Value = Sccp> {
    (form(), class(), any::<bool>(), address(), address(), octets(200), prop::option::of(any::<u8>())).prop_map(
        |(form, class, return_on_error, called, calling, data, cause)| match cause {
            None => Sccp::Unitdata(UnitdataMessage { form, class, return_on_error, called, calling, data }),
            Some(cause) => {
                let cause = ReturnCause::from_code(cause);
                Sccp::Service(UnitdataService { form, cause, called, calling, data })
            }
        },
    )
}

proptest! {
    #[test]
    fn m3ua_decodes_to_what_was_encoded(message in m3ua()) {
        let wire = message.encode();
        prop_assert_eq!(M3ua::decode(&wire), Ok(message));
    }

    #[test]
    fn sccp_decodes_to_what_was_encoded(message in sccp()) {
        let wire = message.encode().unwrap();
        prop_assert_eq!(Sccp::decode(&wire), Ok(message));
    }

    #[test]
    fn m3ua_reads_any_octets(class in 0..10u8, kind in 0..8u8, body in octets(200), honest in any::<bool>()) {
        let length = if honest { body.len() as u32 + 8 } else { u32::from(class) << 24 };
        let wire = [&[1, 0, class, kind], length.to_be_bytes().as_slice(), &body].concat();
        if let Ok(message) = M3ua::decode(&wire) {
            prop_assert_eq!(M3ua::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn m3ua_reads_what_is_bent(message in m3ua(), at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut wire = message.encode().to_vec();
        *at.get_mut(&mut wire) = value;
        if let Ok(message) = M3ua::decode(&wire) {
            prop_assert_eq!(M3ua::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn sccp_reads_any_octets_and_what_is_bent(
        message in sccp(), at in any::<prop::sample::Index>(), value in any::<u8>(), junk in octets(80), kind in 0..0x20u8,
    ) {
        let mut wire = message.encode().unwrap();
        *at.get_mut(&mut wire) = value;
        for octets in [wire, [&[kind], junk.as_ref()].concat()] {
            if let Ok(message) = Sccp::decode(&octets)
                && let Ok(again) = message.encode()
            {
                prop_assert_eq!(Sccp::decode(&again), Ok(message));
            }
        }
    }

    #[test]
    fn frames_come_out_whole_however_they_arrive(messages in prop::collection::vec(m3ua(), 1..6), cut in 1..40usize) {
        let stream: Vec<u8> = messages.iter().flat_map(|message| message.encode().to_vec()).collect();
        let (mut buffer, mut found) = (BytesMut::new(), Vec::new());
        for piece in stream.chunks(cut) {
            buffer.extend_from_slice(piece);
            while let Some(frame) = Framer::default().next_frame(&mut buffer).unwrap() {
                found.push(M3ua::decode(&frame).unwrap());
            }
        }
        prop_assert_eq!(found, messages);
        prop_assert!(buffer.is_empty());
    }
}

#[test]
fn a_frame_of_an_absurd_length_or_another_version_ends_the_stream() {
    let framer = Framer { max_message: 64 };
    let next = |octets: &[u8]| framer.next_frame(&mut BytesMut::from(octets));
    assert_eq!(next(&[1, 0, 3, 1, 0, 0, 0]), Ok(None));
    for length in [0, 7, 65, 0x7FFF_FFFF, u32::MAX] {
        let octets = [&[1, 0, 3, 1], length.to_be_bytes().as_slice()].concat();
        assert_eq!(next(&octets), Err(DecodeFault::Length { length, max: 64 }));
    }
    assert_eq!(next(b"GET / HT"), Err(DecodeFault::Version(b'G')));
    assert_eq!(next(&[1, 0, 3, 2, 0, 0, 0, 8, 9]), Ok(Some(Bytes::from_static(&[1, 0, 3, 2, 0, 0, 0, 8]))));
}
