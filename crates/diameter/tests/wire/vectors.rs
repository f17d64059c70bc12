//! Octets of AVPs and messages, in both directions (vectors W-01 to W-09, W-15, W-16, P-01, P-17 of the digest).

use crate::common::{ENVELOPE, GMLC, IDS, MME, avps, contains, decode, hex, imsi, message, msisdn, target, unknown};
use diameter::{
    base::{AuthSessionState, error_answer, failure_answer},
    codec::{
        ApplicationId, Avps, Builder, CommandCode, DecodeError, EncodeError, ExperimentalResult, FailedAvp, Header,
        Outcome, ResultCode,
    },
    dictionary as avp,
    slg::{Pla, Plr, ReceivedPlr, ReferenceNumber},
    slh::{Ria, Rir},
};
use lcs::{
    ApnNi, ClientName, FormatIndicator, Identities, LcsClientType, LocationType, NodeKind, PrivacyIndicators,
    PrivacySetting,
};

/// A sound PLR of a value added client about an IMSI.
fn plr(indicators: PrivacyIndicators, apn: Option<&ApnNi>) -> Result<Plr<'_>, EncodeError> {
    let target = Identities { imsi: Some(imsi()), ..Identities::default() };
    Plr::new(ENVELOPE, LocationType::Current, target, LcsClientType::ValueAdded, indicators, apn)
}

fn encoded(plr: &Plr<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    assert_eq!(plr.encode(IDS, &mut out).unwrap(), out.len());
    out
}

/// W-01, W-02, P-01: related indicator, unrelated "not allowed", APN-NI (TS 29.172 clauses 7.4.14, 7.4.23, 7.4.24).
#[test]
fn both_indicators_and_the_apn_are_sent() {
    let indicators =
        PrivacyIndicators::new(PrivacySetting::NotAllowed, Some(PrivacySetting::AllowedWithNotification)).unwrap();
    let apn = ApnNi::new("fleet.example").unwrap();
    let octets = encoded(&plr(indicators, Some(&apn)).unwrap());
    let session = "000009DA C000001C 000028AF 000009D0 C0000010 000028AF 00000001"; // 2522 { 2512 = 1 }
    let non_session = "000009D9 C000001C 000028AF 000009D0 C0000010 000028AF 00000004"; // 2521 { 2512 = 4 }
    let service_selection = "000001ED 40000015 666C6565742E6578616D706C65 000000"; // 493, M, no V
    for part in [session, non_session, service_selection] {
        assert!(contains(&octets, &hex(part)), "{part}");
    }
    let received = decode(&octets);
    let received = ReceivedPlr::decode(&received).unwrap();
    assert_eq!(received.privacy(), (Some(PrivacySetting::NotAllowed), Some(PrivacySetting::AllowedWithNotification)));
    assert_eq!(received.apn, Some("fleet.example"));
}

/// W-02: unrelated alone; a related "not allowed" is never sent and takes the APN with it.
#[test]
fn unrelated_alone_is_always_sent() {
    let apn = ApnNi::new("fleet.example").unwrap();
    for setting in PrivacySetting::ALL.into_iter().take(4) {
        let indicators = PrivacyIndicators::new(setting, Some(PrivacySetting::NotAllowed)).unwrap();
        let octets = encoded(&plr(indicators, Some(&apn)).unwrap());
        let wanted = format!("000009D9 C000001C 000028AF 000009D0 C0000010 000028AF 0000000{}", setting.code());
        assert!(contains(&octets, &hex(&wanted)));
        let message = decode(&octets);
        let received = ReceivedPlr::decode(&message).unwrap();
        assert_eq!((received.privacy(), received.apn), ((Some(setting), None), None));
    }
}

#[test]
fn related_indicator_without_apn_is_refused() {
    let indicators =
        PrivacyIndicators::new(PrivacySetting::NotAllowed, Some(PrivacySetting::AllowedWithNotification)).unwrap();
    assert_eq!(plr(indicators, None), Err(EncodeError::RelatedWithoutApn));
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
    let nobody =
        Plr::new(ENVELOPE, LocationType::Current, Identities::default(), LcsClientType::Emergency, indicators, None);
    assert_eq!(nobody, Err(EncodeError::NoTarget));
}

/// An indicator of an unknown value, or a group without one, is refused, never taken as "allowed".
#[test]
fn unknown_or_empty_indicator_is_refused() {
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithNotification, None).unwrap();
    let sound = encoded(&plr(indicators, None).unwrap());
    let at = sound.windows(4).position(|w| w == hex("000009D9")).unwrap();
    let mut unknown = sound.clone();
    unknown[at + 27] = 5;
    let message = decode(&unknown);
    let error = ReceivedPlr::decode(&message).unwrap_err();
    assert_eq!(error.result_code(), ResultCode::INVALID_AVP_VALUE);
    assert_eq!(error.failed_avp().unwrap().octets(), &unknown[at..at + 28], "the group holds the offending member");

    let body = &sound[20..];
    let at = at - 20;
    let empty = [&body[..at], &hex("000009D9 C000000C 000028AF"), &body[at + 28..]].concat();
    let message = decode(&crate::common::message(message.header, &empty));
    let error = ReceivedPlr::decode(&message).unwrap_err();
    assert_eq!(error.result_code(), ResultCode::MISSING_AVP);
    assert_eq!(
        error.failed_avp().unwrap().octets(),
        hex("000009D9 C000001C 000028AF 000009D0 C0000010 000028AF 00000000")
    );
}

/// Request bits: R and P set, E and T clear; the header is that of RFC 6733 section 3.
#[test]
fn header_of_a_plr() {
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
    let octets = encoded(&plr(indicators, None).unwrap());
    let length = u32::try_from(octets.len()).unwrap();
    assert_eq!(&octets[..4], &(0x0100_0000 | length).to_be_bytes());
    assert_eq!(&octets[4..20], hex("C080000C 01000027 01020304 05060708"));
    assert_eq!(&octets[20..28], hex("00000107 4000001C"), "Session-Id comes first");
}

/// One AVP: its octets, and what a reader makes of them.
fn avp_is(octets: &str, fill: impl FnOnce(&mut Builder<'_>)) -> Vec<u8> {
    let written = avps(fill);
    assert_eq!(written, hex(octets), "{octets}");
    written
}

/// W-03, W-04: addresses (TS 29.173 clauses 6.4.7, 6.4.9; RFC 6733 section 4.3.1).
#[test]
fn addresses() {
    let v4 = "192.0.2.10".parse().unwrap();
    let octets = avp_is("00000967 C0000012 000028AF 0001C000020A 0000", |b| {
        b.address(&avp::PPR_ADDRESS, v4);
    });
    assert_eq!(Avps::new(&octets).next().unwrap().address(), Ok(v4));
    let v6 = "2001:db8::1".parse().unwrap();
    let octets = avp_is("00000967 C000001E 000028AF 0002 20010DB8000000000000000000000001 0000", |b| {
        b.address(&avp::PPR_ADDRESS, v6);
    });
    assert_eq!(Avps::new(&octets).next().unwrap().address(), Ok(v6));
}

/// W-05: MSISDN as TBCD without an octet for nature and plan (TS 29.329 clause 6.3.2).
#[test]
fn msisdn_of_a_routing_request() {
    let rir = Rir::new("s;1;1", GMLC, "example.net", Identities { msisdn: Some(msisdn()), ..Identities::default() });
    let mut out = Vec::new();
    rir.encode(IDS, &mut out).unwrap();
    assert!(contains(&out, &hex("000002BD C0000012 000028AF 947110325476 0000")));
    assert_eq!(&out[4..12], hex("C080000E 0100004B"));
    let message = decode(&out);
    assert_eq!(Rir::decode(&message).unwrap(), rir);
}

/// W-06: reference number, M clear (TS 29.172 clause 7.4.37).
#[test]
fn reference_number_never_has_m() {
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
    let octets = encoded(&plr(indicators, None).unwrap().delayed_reporting(ReferenceNumber(7)));
    assert!(contains(&octets, &hex("000009E3 8000000D 000028AF 07 000000")));
    assert!(contains(&octets, &hex("000009F1 80000010 000028AF 00000004")), "PLR-Flags bit 2");
    let message = decode(&octets);
    assert_eq!(ReceivedPlr::decode(&message).unwrap().reference_number, Some(ReferenceNumber(7)));
}

/// W-07, W-09, and an empty group for a client without a name (TS 29.172 clause 7.4.3).
#[test]
fn client_name_and_type() {
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
    let name = ClientName { text: "Acme".into(), format: FormatIndicator::LogicalName };
    let octets = encoded(&plr(indicators, None).unwrap().client_name(&name));
    let group = "000009C5 C000002C 000028AF 000004D6 C0000010 000028AF 41636D65 000004D5 C0000010 000028AF 00000000";
    assert!(contains(&octets, &hex(group)));
    assert!(contains(&octets, &hex("000004D9 C0000010 000028AF 00000001")));
    let message = decode(&octets);
    let received = ReceivedPlr::decode(&message).unwrap();
    assert_eq!((received.client_name.name, received.client_name.format), (Some("Acme"), Some(name.format)));

    let octets = encoded(&plr(indicators, None).unwrap());
    assert!(contains(&octets, &hex("000009C5 C000000C 000028AF")));
}

/// W-08: 3GPP errors come without Result-Code (TS 29.172 clause 7.5.3).
#[test]
fn experimental_result_stands_alone() {
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
    let request = decode(&encoded(&plr(indicators, None).unwrap()));
    let mut out = Vec::new();
    let outcome = Outcome::Experimental(ExperimentalResult::POSITIONING_DENIED);
    Pla::to(&request, MME, outcome).encode(request.header, &mut out).unwrap();
    let mut same = Vec::new();
    failure_answer(&request, MME, outcome, &mut same).unwrap();
    for octets in [&out, &same] {
        let result = "00000129 40000020 0000010A 4000000C 000028AF 0000012A 4000000C 00001080";
        assert!(contains(octets, &hex(result)));
        let message = decode(octets);
        assert!(message.find(&avp::RESULT_CODE).is_none());
        assert_eq!(message.header.flags.0, 0x40, "P as in the request, no E");
        assert_eq!(Pla::decode(&message).unwrap().outcome(), Ok(outcome));
    }
}

/// W-15: AVPs 2524-2565 are taken with M, and never sent with it.
#[test]
fn m_is_taken_where_it_must_not_be() {
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
    let mut octets = encoded(&plr(indicators, None).unwrap().delayed_reporting(ReferenceNumber(7)));
    let at = octets.windows(4).position(|w| w == hex("000009E3")).unwrap();
    octets[at + 4] |= 0x40;
    let message = decode(&octets);
    let received = ReceivedPlr::decode(&message).unwrap();
    assert_eq!(received.reference_number, Some(ReferenceNumber(7)));
    for def in avp::all().filter(|def| (2524..=2565).contains(&def.code.0)) {
        assert_eq!(def.flags().0, 0x80, "{}", def.name);
    }
}

/// W-16: IMSI and MSISDN of two subscribers (TS 29.173 clause 5.2.1.2).
#[test]
fn contradicting_identities_are_a_result_code() {
    let rir = Rir::new("s;1;1", GMLC, "example.net", target());
    let mut out = Vec::new();
    rir.encode(IDS, &mut out).unwrap();
    let request = decode(&out);
    let error = DecodeError::ContradictingAvps(FailedAvp::copy_of(request.find(&avp::MSISDN).unwrap()));
    out.clear();
    error_answer(&request, MME, &error, &mut out).unwrap();
    let answer = decode(&out);
    assert_eq!(answer.find(&avp::RESULT_CODE).unwrap().u32(), Ok(5007));
    assert!(answer.find(&avp::EXPERIMENTAL_RESULT).is_none());
    let ria = Ria::decode(&answer).unwrap();
    assert_eq!(ria.routing_info(), Err(lcs::Failure::UnknownSubscriber));
    assert_eq!(ria.auth_session_state, Some(AuthSessionState::NO_STATE_MAINTAINED));
}

/// P-17: an MME has capability set 5, told or not (TS 29.173 clause 5.2.1.2).
#[test]
fn mme_without_capabilities_takes_indicators() {
    let header = Header {
        flags: diameter::codec::CommandFlags(0x40),
        ..Header::request(ApplicationId::SLH, CommandCode::LCS_ROUTING_INFO, IDS)
    };
    let octets = message(
        header,
        &hex(concat!(
            "00000107 4000000D 733B313B31 000000",                 // Session-Id "s;1;1"
            "0000010C 4000000C 000007D1",                          // Result-Code 2001
            "00000115 4000000C 00000001",                          // Auth-Session-State
            "00000108 4000000B 687373 00",                         // Origin-Host "hss"
            "00000128 40000013 6578616D706C652E6E6574 00",         // Origin-Realm "example.net"
            "00000001 40000017 303031303130303030303030303031 00", // User-Name 001010000000001
            "00000961 C000003C 000028AF",                          // Serving-Node
            "00000962 C000001B 000028AF 6D6D652E6578616D706C652E6E6574 00", // MME-Name "mme.example.net"
            "00000965 C0000012 000028AF 0001C0000214 0000"         // GMLC-Address 192.0.2.20, the V-GMLC
        )),
    );
    let message = decode(&octets);
    let routing = Ria::decode(&message).unwrap().routing_info().unwrap();
    let [node] = &*routing.nodes else { panic!("one node") };
    assert_eq!(node.kind, NodeKind::Mme { name: "mme.example.net".into(), realm: "example.net".into() });
    assert_eq!((node.capabilities, node.effective_capabilities().highest()), (None, 5));
    assert_eq!(node.v_gmlc, Some("192.0.2.20".parse().unwrap()));
    assert_eq!(routing.identities.imsi, Some(imsi()));
    let mut again = Vec::new();
    message.encode(&mut again);
    assert_eq!(again, octets);
}

/// Location-Estimate and LCS-Client-Type are taken without their vendor and sent with it.
#[test]
fn vendor_may_be_missing_from_two_avps() {
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
    let octets = encoded(&plr(indicators, None).unwrap());
    let at = octets.windows(4).position(|w| w == hex("000004D9")).unwrap();
    let bare = [&octets[20..at], &hex("000004D9 4000000C 00000001"), &octets[at + 16..]].concat();
    let bare = decode(&message(decode(&octets).header, &bare));
    let received = ReceivedPlr::decode(&bare).unwrap();
    assert_eq!(received.client_type, LcsClientType::ValueAdded);
    let known = received.extra.is_empty();
    assert!(known);

    let mut out = Vec::new();
    Pla::to(&bare, MME, Outcome::Success).encode(bare.header, &mut out).unwrap();
    out.extend_from_slice(&hex("000004DA 40000010 104AB1F2 09884E1A")); // Location-Estimate, circle, no vendor
    let n = out.len();
    out[1..4].copy_from_slice(&u32::try_from(n).unwrap().to_be_bytes()[1..]);
    let answer = decode(&out);
    let pla = Pla::decode(&answer).unwrap();
    let outcome = pla.positioning_outcome(LocationType::Current).unwrap();
    assert!(matches!(outcome, lcs::PositioningOutcome::Fixed(fix) if fix.shape.is_some()));
}

#[test]
fn unknown_avps_are_kept() {
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
    let octets = encoded(&plr(indicators, None).unwrap().extra(unknown(0x05, b"later")));
    let message = decode(&octets);
    let received = ReceivedPlr::decode(&message).unwrap();
    assert_eq!(received.extra, [unknown(0x05, b"later")], "reserved flag bits too");
    let mut again = Vec::new();
    message.encode(&mut again);
    assert_eq!(again, octets);
}
