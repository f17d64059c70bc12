//! Hostile octets: each is refused with the right result code, and nothing grows, hangs or panics.

use crate::common::{ENVELOPE, IDS, MME, avps, decode, hex, imsi, message, target, unknown};
use bytes::{Bytes, BytesMut};
use diameter::{
    base::{DeviceWatchdogRequest, error_answer},
    codec::{
        ApplicationId, AvpFlags, AvpRef, Builder, CommandCode, CommandFlags, DecodeError, Framer, Header,
        MAX_GROUP_DEPTH, Malformed, Message, ResultCode, frame_length,
    },
    dictionary as avp,
    slg::{Plr, ReceivedPlr},
    slh::Rir,
};
use lcs::{Identities, LcsClientType, LocationType, PrivacyIndicators, PrivacySetting};

fn malformed(octets: &[u8]) -> Malformed {
    Message::decode(Bytes::copy_from_slice(octets)).unwrap_err()
}

fn request() -> Header {
    Header::request(ApplicationId::SLG, CommandCode::PROVIDE_LOCATION, IDS)
}

fn failed(error: &DecodeError) -> &[u8] {
    error.failed_avp().unwrap().octets()
}

/// RFC 6733 section 3: version 1, length at least 20, a multiple of 4, and within the limit.
#[test]
fn framing() {
    let prefix = |length: u32| (0x0100_0000 | length).to_be_bytes();
    let limit = Framer::default().max_message;
    assert_eq!(frame_length(prefix(20), limit), Ok(20));
    assert_eq!(frame_length(prefix(65_536), limit), Ok(65_536));
    for length in [0, 4, 19, 21, 22, 23, 65_540, 0x00FF_FFFC, 0x00FF_FFFF] {
        assert_eq!(frame_length(prefix(length), limit), Err(DecodeError::InvalidMessageLength(length)));
    }
    for version in [0, 2, 0x16, 0xFF] {
        assert_eq!(frame_length([version, 0, 0, 20], limit), Err(DecodeError::UnsupportedVersion(version)));
    }
    // A claim of 16 MiB is refused on its first four octets: nothing is waited for.
    let mut buffer = BytesMut::from(&[1, 0xFF, 0xFF, 0xFC][..]);
    assert_eq!(Framer::default().next_frame(&mut buffer), Err(DecodeError::InvalidMessageLength(0x00FF_FFFC)));
}

#[test]
fn frames_are_cut_whole_however_they_arrive() {
    let one = message(
        request(),
        &avps(|b| {
            b.text(&avp::SESSION_ID, "s;1;1");
        }),
    );
    let stream = [one.clone(), message(request(), &[]), one.clone()].concat();
    for step in 1..stream.len() {
        let (mut buffer, mut frames) = (BytesMut::new(), Vec::new());
        for chunk in stream.chunks(step) {
            buffer.extend_from_slice(chunk);
            while let Some(frame) = Framer::default().next_frame(&mut buffer).unwrap() {
                frames.push(frame);
            }
        }
        assert_eq!(frames.len(), 3);
        assert!(buffer.is_empty());
        assert_eq!((&frames[0][..], &frames[2][..]), (&one[..], &one[..]));
    }
}

#[test]
fn a_frame_must_be_as_long_as_it_says() {
    let whole = message(request(), &hex("00000107 4000000C 733B313B"));
    for cut in 0..whole.len() {
        let malformed = malformed(&whole[..cut]);
        assert_eq!(malformed.error.result_code(), ResultCode::INVALID_MESSAGE_LENGTH);
        assert_eq!(malformed.message.is_some(), cut >= 20);
    }
    let mut longer = whole.clone();
    longer.extend_from_slice(&[0; 4]);
    assert_eq!(malformed(&longer).error, DecodeError::InvalidMessageLength(32));
}

/// RFC 6733 section 7.1.5: 5014 with the header of the AVP, its length put right and the least data of its type.
#[test]
fn avp_lengths() {
    let cases = [
        // length 0, 7: below the header
        ("00000107 40000000", "00000107 40000008"),
        ("00000107 40000007", "00000107 40000008"),
        // V set, length 8 and 11: below the header with vendor
        ("000009C4 C0000008 000028AF 00000000", "000009C4 C0000010 000028AF 00000000"),
        ("000009C4 C000000B 000028AF 00000000", "000009C4 C0000010 000028AF 00000000"),
        // beyond the end, by one octet and by 16 MiB
        ("0000010C 4000000D 000007D1", "0000010C 4000000C 00000000"),
        ("0000010C 40FFFFFF 000007D1", "0000010C 4000000C 00000000"),
        // header cut short
        ("00000107", "00000107 00000008"),
        // vendor cut off: zero, as padding of the header
        ("000009C4 C0000010", "000009C4 C000000C 00000000"),
        ("000003E7 8000000C", "000003E7 8000000C 00000000"),
    ];
    for (body, wanted) in cases {
        let malformed = malformed(&message(request(), &hex(body)));
        assert!(matches!(malformed.error, DecodeError::InvalidAvpLength(_)), "{body}: {malformed}");
        assert_eq!(failed(&malformed.error), hex(wanted), "{body}");
    }
}

/// What precedes the fault can still be used: the answer repeats Session-Id.
#[test]
fn a_broken_request_is_answered_with_its_session() {
    let mut body = avps(|b| {
        b.text(&avp::SESSION_ID, "s;1;1");
    });
    body.extend_from_slice(&hex("00000001 40000003"));
    let malformed = malformed(&message(request(), &body));
    let broken = malformed.message.unwrap();
    let mut out = Vec::new();
    error_answer(&broken, MME, &malformed.error, &mut out).unwrap();
    let answer = decode(&out);
    assert_eq!(answer.find(&avp::SESSION_ID).unwrap().utf8(), Ok("s;1;1"));
    assert_eq!(answer.find(&avp::RESULT_CODE).unwrap().u32(), Ok(5014));
    assert_eq!(answer.header.ids, IDS);
}

/// Padding: between AVPs it must be there, as the message is a multiple of 4; the last member of a group may lack it.
#[test]
fn missing_padding_at_the_end_of_a_group() {
    let body = hex("0000011C 4000001D 00000118 40000009 61 000000 00000021 40000009 31 000000");
    let sound = decode(&message(request(), &body));
    let proxy = sound.find(&avp::PROXY_INFO).unwrap();
    let members: Vec<_> = proxy.grouped().unwrap().map(|member| member.data.to_vec()).collect();
    assert_eq!(members, [b"a".to_vec(), b"1".to_vec()]);
}

/// Depth of groups is bounded, so 900 KB of them are as harmless as nine.
#[test]
fn nested_bombs() {
    fn nested(levels: usize) -> Vec<u8> {
        let mut body = Vec::new();
        for _ in 0..levels {
            body = avps(|b| {
                b.avp(&avp::PROXY_INFO, &body);
            });
        }
        body
    }
    decode(&message(request(), &nested(MAX_GROUP_DEPTH)));
    let deep = malformed(&message(request(), &nested(MAX_GROUP_DEPTH + 1)));
    assert!(matches!(deep.error, DecodeError::TooDeep(_)));
    assert_eq!(deep.error.result_code(), ResultCode::INVALID_AVP_VALUE);

    let levels: u32 = 115_000;
    let bomb: Vec<u8> =
        (0..levels).flat_map(|level| [284, 0x4000_0000 | (8 * (levels - level))]).flat_map(u32::to_be_bytes).collect();
    assert!(bomb.len() > 900_000);
    let error = malformed(&message(request(), &bomb)).error;
    assert!(matches!(error, DecodeError::TooDeep(_)));
    assert!(failed(&error).len() < 200, "the answer does not carry the bomb");

    // Inside Failed-AVP and inside unknown AVPs nothing is followed.
    let mut opaque = bomb.clone();
    opaque[..4].copy_from_slice(&279u32.to_be_bytes());
    decode(&message(request().answer(), &opaque));
}

/// RFC 6733 sections 3 and 4.1.
#[test]
fn flag_bits() {
    let header = Header { flags: CommandFlags(0xA0), ..request() };
    let error = malformed(&message(header, &[])).error;
    assert_eq!((error.result_code(), error.is_protocol_error()), (ResultCode::INVALID_HDR_BITS, true));
    // Reserved bits of header and AVP are kept and ignored.
    let header = Header { flags: CommandFlags(0xCF), ..request() };
    let octets = message(header, &hex("00000107 5F00000C 733B313B"));
    let mut again = Vec::new();
    decode(&octets).encode(&mut again);
    assert_eq!(again, octets);
    // V with vendor 0: refused in a request, taken in an answer.
    let body = hex("00000107 C0000010 00000000 733B313B");
    let error = malformed(&message(request(), &body)).error;
    assert_eq!(error.result_code(), ResultCode::INVALID_AVP_BITS);
    assert_eq!(failed(&error), body);
    decode(&message(request().answer(), &body));
}

fn sound_plr() -> Vec<u8> {
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithNotification, None).unwrap();
    let plr = Plr::new(ENVELOPE, LocationType::Current, target(), LcsClientType::ValueAdded, indicators, None).unwrap();
    let mut out = Vec::new();
    plr.encode(IDS, &mut out).unwrap();
    out
}

/// The AVPs of a message, changed by `change`, as a message.
fn changed(octets: &[u8], change: impl Fn(AvpRef<'_>, &mut Builder<'_>)) -> Message {
    let original = decode(octets);
    decode(&message(
        original.header,
        &avps(|b| {
            for avp in original.avps() {
                change(avp, b);
            }
        }),
    ))
}

/// Each mandatory AVP of a PLR in turn: 5005 with an example of it (RFC 6733 section 7.1.5).
#[test]
fn missing_avps() {
    let plr = sound_plr();
    let cases: [(_, &str); 9] = [
        (avp::SESSION_ID, "00000107 40000008"),
        (avp::AUTH_SESSION_STATE, "00000115 4000000C 00000000"),
        (avp::ORIGIN_HOST, "00000108 40000009 00 000000"),
        (avp::ORIGIN_REALM, "00000128 40000009 00 000000"),
        (avp::DESTINATION_HOST, "00000125 40000009 00 000000"),
        (avp::DESTINATION_REALM, "0000011B 40000009 00 000000"),
        (avp::SLG_LOCATION_TYPE, "000009C4 C0000010 000028AF 00000000"),
        (avp::LCS_EPS_CLIENT_NAME, "000009C5 C000000C 000028AF"),
        (avp::LCS_CLIENT_TYPE, "000004D9 C0000010 000028AF 00000000"),
    ];
    for (def, example) in cases {
        let without = changed(&plr, |avp, b| {
            if !avp.is(&def) {
                b.raw(avp);
            }
        });
        let error = ReceivedPlr::decode(&without).unwrap_err();
        assert_eq!(error.result_code(), ResultCode::MISSING_AVP, "{}", def.name);
        assert_eq!(failed(&error), hex(example), "{}", def.name);
    }
    let nobody = changed(&plr, |avp, b| {
        if ![&avp::USER_NAME, &avp::MSISDN, &avp::IMEI].into_iter().any(|def| avp.is(def)) {
            b.raw(avp);
        }
    });
    let error = ReceivedPlr::decode(&nobody).unwrap_err();
    assert_eq!((error.result_code(), failed(&error)), (ResultCode::MISSING_AVP, &hex("00000001 40000008")[..]));
}

/// Each AVP twice: 5009 with the second (RFC 6733 section 7.1.5). Each cut by an octet: 5014 or 5004.
#[test]
fn repeated_and_shortened_avps() {
    let plr = sound_plr();
    for avp in decode(&plr).avps() {
        let twice = changed(&plr, |other, b| {
            b.raw(other);
            if other == avp {
                b.raw(other);
            }
        });
        let error = ReceivedPlr::decode(&twice).unwrap_err();
        assert_eq!(error.result_code(), ResultCode::AVP_OCCURS_TOO_MANY_TIMES, "{avp:?}");
        assert_eq!(
            failed(&error),
            avps(|b| {
                b.raw(avp);
            })
        );
    }
    for def in [avp::AUTH_SESSION_STATE, avp::SLG_LOCATION_TYPE, avp::LCS_CLIENT_TYPE] {
        for data in [&[0u8; 3][..], &[0; 5], &[]] {
            let wrong = changed(&plr, |avp, b| {
                b.raw(if avp.is(&def) { AvpRef { data, ..avp } } else { avp });
            });
            let error = ReceivedPlr::decode(&wrong).unwrap_err();
            assert_eq!(error.result_code(), ResultCode::INVALID_AVP_LENGTH, "{}", def.name);
            assert_eq!(
                failed(&error),
                avps(|b| {
                    b.avp(&def, data);
                })
            );
        }
    }
}

/// Values that cannot be: 5004 with the AVP.
#[test]
fn unsound_values() {
    let plr = sound_plr();
    let cases: [(_, &[u8]); 9] = [
        (avp::SLG_LOCATION_TYPE, &[0, 0, 0, 6]),
        (avp::LCS_CLIENT_TYPE, &[0, 0, 0, 4]),
        (avp::USER_NAME, b"00101x000000001"),
        (avp::USER_NAME, b"0010100000000012"),
        (avp::USER_NAME, b"\xFF\xFE"),
        (avp::MSISDN, &[0x94, 0x7A]),
        (avp::MSISDN, &[]),
        (avp::ORIGIN_HOST, b"two words"),
        (avp::ORIGIN_HOST, b""),
    ];
    for (def, data) in cases {
        let wrong = changed(&plr, |avp, b| {
            b.raw(if avp.is(&def) { AvpRef { data, ..avp } } else { avp });
        });
        let error = ReceivedPlr::decode(&wrong).unwrap_err();
        assert_eq!(error.result_code(), ResultCode::INVALID_AVP_VALUE, "{} {data:?}", def.name);
        assert!(!format!("{error} {error:?}").contains("00101"), "an error names nobody");
    }
}

/// RFC 6733 section 4.1: M on an unknown AVP is 5001, in a group too; without M it is kept. M on a known AVP in a group that
/// does not admit it is 5008.
#[test]
fn unknown_mandatory_avps() {
    let plr = sound_plr();
    let with = |avp: AvpRef<'_>| {
        let original = decode(&plr);
        decode(&message(
            original.header,
            &avps(|b| {
                original.avps().for_each(|avp| {
                    b.raw(avp);
                });
                b.raw(avp);
            }),
        ))
    };
    let message = with(unknown(0x40, b"x"));
    let error = ReceivedPlr::decode(&message).unwrap_err();
    assert_eq!(error.result_code(), ResultCode::AVP_UNSUPPORTED);
    assert_eq!(failed(&error), hex("000F423F C000000D 0001869F 78 000000"));
    assert!(ReceivedPlr::decode(&with(unknown(0, b"x"))).is_ok());

    let inside = |member: AvpRef<'_>| {
        changed(&plr, |avp, b| {
            if avp.is(&avp::LCS_EPS_CLIENT_NAME) {
                b.group(&avp::LCS_EPS_CLIENT_NAME, |b| {
                    b.raw(member);
                });
            } else {
                b.raw(avp);
            }
        })
    };
    let message = inside(unknown(0x40, b"x"));
    let error = ReceivedPlr::decode(&message).unwrap_err();
    assert_eq!(error.result_code(), ResultCode::AVP_UNSUPPORTED);
    assert_eq!(failed(&error), hex("000009C5 C000001C 000028AF 000F423F C000000D 0001869F 78 000000"));
    let known = AvpRef {
        code: avp::LCS_QOS_CLASS.code,
        vendor: avp::LCS_QOS_CLASS.vendor,
        flags: AvpFlags(0xC0),
        data: &[0, 0, 0, 1],
    };
    let message = inside(known);
    assert_eq!(ReceivedPlr::decode(&message).unwrap_err().result_code(), ResultCode::AVP_NOT_ALLOWED);
    let message = inside(unknown(0, b"x"));
    assert_eq!(ReceivedPlr::decode(&message).unwrap().client_name.extra, [unknown(0, b"x")]);
}

/// The order of checks: application, command, direction.
#[test]
fn a_message_of_another_kind() {
    let plr = sound_plr();
    let message = decode(&plr);
    assert_eq!(Rir::decode(&message), Err(DecodeError::ApplicationUnsupported(ApplicationId::SLG)));
    assert_eq!(
        diameter::slg::Lrr::decode(&message),
        Err(DecodeError::CommandUnsupported(CommandCode::PROVIDE_LOCATION))
    );
    let mut answer = message.clone();
    answer.header = answer.header.answer();
    assert!(matches!(ReceivedPlr::decode(&answer), Err(DecodeError::InvalidHeaderBits(_))));
    let rir = Rir::new("s", crate::common::GMLC, "net", Identities::default());
    let mut out = Vec::new();
    rir.encode(IDS, &mut out).unwrap();
    assert_eq!(Rir::decode(&decode(&out)).unwrap_err().result_code(), ResultCode::MISSING_AVP, "nobody asked for");
    assert!(imsi() == target().imsi.unwrap());
    let watchdog =
        decode(&crate::common::message(Header::request(ApplicationId::COMMON, CommandCode::DEVICE_WATCHDOG, IDS), &[]));
    assert_eq!(DeviceWatchdogRequest::decode(&watchdog).unwrap_err().result_code(), ResultCode::MISSING_AVP);
}

/// Found by a property: a broken Proxy-Info was copied into the answer and broke it.
#[test]
fn a_broken_proxy_info_does_not_come_back() {
    // A member that is a group of one octet, deeper than the first look goes.
    let inner = hex("0000011C 40000018 000005CB C000000D 000028AF 00000000");
    let sound = hex("0000011C 40000014 00000118 40000009 61 000000");
    let cut = hex("0000011C 40000010 00000118 4000000D"); // member longer than the group
    for (body, proxies) in [(&inner, 0), (&sound, 1), (&cut, 0)] {
        let frame = message(request(), body);
        let request = Message::decode(Bytes::from(frame)).unwrap_or_else(|malformed| malformed.message.unwrap());
        let mut out = Vec::new();
        let error = DecodeError::CommandUnsupported(CommandCode(1));
        error_answer(&request, MME, &error, &mut out).unwrap();
        assert_eq!(decode(&out).all(&avp::PROXY_INFO).count(), proxies);
    }
}
