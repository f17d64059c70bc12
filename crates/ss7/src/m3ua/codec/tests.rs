use super::*;

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn both_ways(message: &Message, hex: &str) {
    let wire = octets(hex);
    assert_eq!(Message::decode(&wire).as_ref(), Ok(message), "decoding {hex}");
    assert_eq!(message.encode(), wire, "encoding {message:?}");
}

fn network(appearance: Option<u32>, contexts: &[u32]) -> Network {
    Network { appearance, routing_contexts: contexts.to_vec() }
}

fn at(mask_bits: u8, point_code: u32) -> Affected {
    Affected { mask_bits, point_code }
}

#[test]
fn state_maintenance_has_these_octets() {
    // RFC 4666 section 3.5: version 1, reserved, class 3, type, length; then parameters of tag, length, value.
    both_ways(&Message::AspUp { asp_identifier: Some(7) }, "01000301 00000010  0011 0008 00000007");
    both_ways(&Message::AspUp { asp_identifier: None }, "01000301 00000008");
    both_ways(&Message::AspDown, "01000302 00000008");
    both_ways(&Message::Beat(Bytes::from_static(&[0, 0, 0, 1])), "01000303 00000010  0009 0008 00000001");
    both_ways(&Message::AspUpAck { asp_identifier: Some(7) }, "01000304 00000010  0011 0008 00000007");
    both_ways(&Message::AspDownAck, "01000305 00000008");
    // Three octets and one of padding, which the message length counts and the parameter length does not.
    both_ways(&Message::BeatAck(Bytes::from_static(&[0xAA, 0xBB, 0xCC])), "01000306 00000010  0009 0007 aabbcc00");
}

#[test]
fn traffic_maintenance_has_these_octets() {
    // RFC 4666 section 3.7: traffic mode 000b, routing contexts 0006.
    let (traffic_mode, routing_contexts) = (Some(TrafficMode::Override), vec![10, 11]);
    both_ways(
        &Message::AspActive { traffic_mode, routing_contexts },
        "01000401 0000001c  000b 0008 00000001  0006 000c 0000000a 0000000b",
    );
    both_ways(
        &Message::AspActiveAck { traffic_mode: Some(TrafficMode::Loadshare), routing_contexts: vec![10] },
        "01000403 00000018  000b 0008 00000002  0006 0008 0000000a",
    );
    both_ways(&Message::AspInactive(vec![10]), "01000402 00000010  0006 0008 0000000a");
    both_ways(&Message::AspInactiveAck(Vec::new()), "01000404 00000008");
}

#[test]
fn data_has_these_octets() {
    // RFC 4666 section 3.3.1: OPC, DPC, service indicator 3, network indicator 2, priority 0, link selection 5.
    let transfer = Transfer {
        opc: PointCode::new(0x123).unwrap(),
        dpc: PointCode::new(0x456).unwrap(),
        service: 3,
        network: NetworkIndicator::National,
        priority: 0,
        sls: 5,
        data: Bytes::from_static(&[9, 0, 3]),
    };
    both_ways(
        &Message::Data(Data {
            network_appearance: Some(1),
            routing_context: Some(10),
            transfer: transfer.clone(),
            correlation: Some(0xC0FFEE),
        }),
        "01000101 00000034  0200 0008 00000001  0006 0008 0000000a \
         0210 0013 00000123 00000456 03020005 090003 00  0013 0008 00c0ffee",
    );
    let data = Data { network_appearance: None, routing_context: None, transfer, correlation: None };
    both_ways(&Message::Data(data.clone()), "01000101 0000001c  0210 0013 00000123 00000456 03020005 090003 00");
    // The length may leave the padding of the last parameter out (RFC 4666 section 3.1.4).
    let unpadded = octets("01000101 0000001b  0210 0013 00000123 00000456 03020005 090003");
    assert_eq!(Message::decode(&unpadded), Ok(Message::Data(data)));
}

#[test]
fn network_management_has_these_octets() {
    // RFC 4666 section 3.4: affected point codes 0012, a mask octet before each.
    both_ways(
        &Message::Duna(network(Some(1), &[10]), vec![at(0, 0x456), at(3, 0x800)]),
        "01000201 00000024  0200 0008 00000001  0006 0008 0000000a  0012 000c 00000456 03000800",
    );
    both_ways(&Message::Dava(network(None, &[]), vec![at(0, 1)]), "01000202 00000010  0012 0008 00000001");
    both_ways(&Message::Daud(network(None, &[]), vec![at(0, 1)]), "01000203 00000010  0012 0008 00000001");
    both_ways(
        &Message::Scon(network(None, &[]), vec![at(0, 1)], Congestion { concerned: Some(2), level: Some(3) }),
        "01000204 00000020  0012 0008 00000001  0206 0008 00000002  0205 0008 00000003",
    );
    both_ways(
        &Message::Dupu(network(None, &[]), UserPartUnavailable { affected: at(0, 1), cause: 1, user: 3 }),
        "01000205 00000018  0012 0008 00000001  0204 0008 0001 0003",
    );
    both_ways(&Message::Drst(network(None, &[]), vec![at(0, 1)]), "01000206 00000010  0012 0008 00000001");
}

#[test]
fn management_has_these_octets() {
    // RFC 4666 section 3.8: error code 000c, status 000d, diagnostic 0007.
    both_ways(
        &Message::Error(ErrorReport {
            code: ErrorCode::InvalidRoutingContext,
            routing_contexts: vec![10],
            network_appearance: Some(1),
            affected: vec![at(0, 1)],
            diagnostic: Bytes::from_static(&[1, 0]),
        }),
        "01000000 00000030  000c 0008 00000019  0006 0008 0000000a  0200 0008 00000001  0012 0008 00000001 \
         0007 0006 0100 0000",
    );
    both_ways(
        &Message::Notify(Notify {
            status: NotifyStatus::AsPending,
            asp_identifier: Some(7),
            routing_contexts: vec![10],
        }),
        "01000001 00000020  000d 0008 0001 0004  0011 0008 00000007  0006 0008 0000000a",
    );
}

#[test]
fn an_info_string_and_unknown_parameters_are_passed_over() {
    let wire = octets("01000301 00000018  0004 0005 78 000000  7fff 0008 00000001");
    assert_eq!(Message::decode(&wire), Ok(Message::AspUp { asp_identifier: None }));
}

#[test]
fn what_is_wrong_is_told_with_the_code_of_the_answer() {
    use ErrorCode as E;
    let cases = [
        ("", DecodeFault::TooShort, E::ProtocolError),
        ("010003010000", DecodeFault::TooShort, E::ProtocolError),
        ("02000301 00000008", DecodeFault::Version(2), E::InvalidVersion),
        ("01000501 00000008", DecodeFault::Class(5), E::UnsupportedMessageClass),
        ("01000901 00000008", DecodeFault::Class(9), E::UnsupportedMessageClass),
        ("0100ff01 00000008", DecodeFault::Class(255), E::UnsupportedMessageClass),
        ("01000300 00000008", DecodeFault::Type { class: 3, kind: 0 }, E::UnsupportedMessageType),
        ("01000307 00000008", DecodeFault::Type { class: 3, kind: 7 }, E::UnsupportedMessageType),
        ("01000301 00000000", DecodeFault::LengthMismatch { said: 0, found: 8 }, E::ProtocolError),
        ("01000301 ffffffff", DecodeFault::LengthMismatch { said: u32::MAX, found: 8 }, E::ProtocolError),
        // A parameter shorter than its header, one that leads out, half a header.
        ("01000301 0000000c 0011 0003", DecodeFault::ParameterLength { tag: 0x11 }, E::ParameterFieldError),
        ("01000301 0000000c 0011 0008", DecodeFault::ParameterLength { tag: 0x11 }, E::ParameterFieldError),
        ("01000301 0000000a 0011", DecodeFault::ParameterLength { tag: 0 }, E::ParameterFieldError),
        ("01000301 00000010 0011 0006 00070000", DecodeFault::ParameterLength { tag: 0x11 }, E::ParameterFieldError),
        (
            "01000301 00000018 0011 0008 00000007 0011 0008 00000008",
            DecodeFault::Repeated { tag: 0x11 },
            E::UnexpectedParameter,
        ),
        (
            "01000401 00000010 000b 0008 00000004",
            DecodeFault::ParameterValue { tag: 0x0B },
            E::UnsupportedTrafficModeType,
        ),
        ("01000402 0000000c 0006 0004", DecodeFault::ParameterLength { tag: 6 }, E::ParameterFieldError),
        ("01000101 00000008", DecodeFault::Missing { tag: 0x210 }, E::MissingParameter),
        ("01000101 00000010 0210 0008 00000001", DecodeFault::ParameterLength { tag: 0x210 }, E::ParameterFieldError),
        (
            "01000101 00000018 0210 0010 00004000 00000456 03020005",
            DecodeFault::ParameterValue { tag: 0x210 },
            E::InvalidParameterValue,
        ),
        (
            "01000101 00000018 0210 0010 00000123 00000456 03040005",
            DecodeFault::ParameterValue { tag: 0x210 },
            E::InvalidParameterValue,
        ),
        ("01000201 00000008", DecodeFault::Missing { tag: 0x12 }, E::MissingParameter),
        (
            "01000204 00000018 0012 0008 00000001 0205 0008 00000004",
            DecodeFault::ParameterValue { tag: 0x205 },
            E::InvalidParameterValue,
        ),
        ("01000205 00000010 0012 0008 00000001", DecodeFault::Missing { tag: 0x204 }, E::MissingParameter),
        ("01000001 00000008", DecodeFault::Missing { tag: 0x0D }, E::MissingParameter),
    ];
    for (hex, fault, code) in cases {
        let wire = octets(hex);
        let error = Message::decode(&wire).unwrap_err();
        assert_eq!((error.fault, error.fault.error_code()), (fault, code), "{hex}");
        let report = error.report().unwrap();
        assert_eq!((report.code, report.diagnostic.as_ref()), (code, &wire[..wire.len().min(40)]), "{hex}");
    }
}

#[test]
fn a_broken_error_message_is_not_answered() {
    let error = Message::decode(&octets("01000000 00000008")).unwrap_err();
    assert_eq!(error.fault, DecodeFault::Missing { tag: 0x0C });
    assert_eq!(error.report(), None);
}

#[test]
fn a_message_of_nothing_but_parameters_is_refused_before_it_takes_memory() {
    let mut wire = octets("01000301 00010000");
    while wire.len() < 65_536 {
        wire.extend_from_slice(&[0x7F, 0xFF, 0, 4]);
    }
    assert_eq!(Message::decode(&wire).unwrap_err().fault, DecodeFault::TooManyParameters);
    assert_eq!(Message::decode(&wire).unwrap_err().diagnostic.len(), 40);
}

#[test]
fn codes_are_the_same_both_ways() {
    for code in ErrorCode::NAMED {
        assert_eq!(ErrorCode::from_code(code.code()), *code);
    }
    for code in 0..0x100 {
        assert_eq!(ErrorCode::from_code(code).code(), code);
        assert_eq!(NotifyStatus::from_code(code << 12).code(), code << 12);
        assert!(TrafficMode::from_code(code).is_none_or(|mode| mode.code() == code));
    }
}

#[test]
fn longer_values_than_a_parameter_holds_are_cut_not_garbled() {
    let beat = Message::Beat(Bytes::from(vec![7; 100_000])).encode();
    assert_eq!(Message::decode(&beat), Ok(Message::Beat(Bytes::from(vec![7; MAX_VALUE]))));
}
