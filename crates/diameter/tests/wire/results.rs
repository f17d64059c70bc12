//! Result codes and the failures that they mean.

use crate::common::{IDS, MME, avps, decode, hex, message};
use diameter::{
    base::{error_answer, failure_answer},
    codec::{
        ApplicationId, CommandCode, CommandFlags, DecodeError, ExperimentalResult, FailedAvp, Header, Outcome,
        ResultCode, VendorId,
    },
    dictionary as avp,
    slg::{self, Pla},
    slh,
};
use lcs::Failure;

/// TS 29.172 clause 7.5, TS 29.173 clause 6.3, RFC 6733 section 7.1: the literal table.
#[test]
fn codes_to_failures() {
    let experimental: [(u32, Failure); 9] = [
        (5001, Failure::UnknownSubscriber),
        (5490, Failure::NetworkNotAuthorised),
        (4201, Failure::AbsentSubscriber),
        (4221, Failure::AbsentSubscriber),
        (4222, Failure::SuspendedSubscriber),
        (4223, Failure::DetachedSubscriber),
        (4224, Failure::PositioningDenied),
        (4225, Failure::PositioningFailed),
        (4226, Failure::NetworkProtocol),
    ];
    for (code, failure) in experimental {
        let outcome = Outcome::Experimental(ExperimentalResult::tgpp(code));
        assert_eq!(slg::failure(outcome), Some(failure), "{code}");
        assert_eq!(slh::failure(outcome), Some(failure), "{code}");
    }
    let base: [(u32, Failure); 35] = [
        (1001, Failure::NetworkProtocol),
        (3001, Failure::NetworkUnreachable),
        (3002, Failure::NetworkUnreachable),
        (3003, Failure::NetworkUnreachable),
        (3004, Failure::NetworkCongestion),
        (3005, Failure::NetworkUnreachable),
        (3006, Failure::NetworkUnreachable),
        (3007, Failure::NetworkUnreachable),
        (3008, Failure::NetworkFault),
        (3009, Failure::NetworkFault),
        (3010, Failure::NetworkUnreachable),
        (4001, Failure::NetworkFault),
        (4002, Failure::NetworkCongestion),
        (4003, Failure::NetworkFault),
        (5001, Failure::NetworkFault), // AVP unsupported: not "user unknown"
        (5002, Failure::NetworkFault),
        (5003, Failure::NetworkNotAuthorised),
        (5004, Failure::NetworkFault),
        (5005, Failure::NetworkFault),
        (5006, Failure::NetworkCongestion),
        (5007, Failure::NetworkFault),
        (5008, Failure::NetworkFault),
        (5009, Failure::NetworkFault),
        (5010, Failure::NetworkFault),
        (5011, Failure::NetworkFault),
        (5012, Failure::NetworkFault),
        (5013, Failure::NetworkFault),
        (5014, Failure::NetworkFault),
        (5015, Failure::NetworkFault),
        (5016, Failure::NetworkFault),
        (5017, Failure::NetworkFault),
        (4224, Failure::PositioningDenied), // sent so by some nodes
        (0, Failure::NetworkProtocol),
        (6000, Failure::NetworkProtocol),
        (u32::MAX, Failure::NetworkProtocol),
    ];
    for (code, failure) in base {
        assert_eq!(slg::failure(Outcome::Base(ResultCode(code))), Some(failure), "{code}");
    }
    assert_eq!(slh::failure(Outcome::Base(ResultCode::CONTRADICTING_AVPS)), Some(Failure::UnknownSubscriber));
    assert_eq!(slg::failure(Outcome::Success), None);
}

/// Every code of every class ends in some failure, and only 2xxx in success.
#[test]
fn no_code_is_without_a_failure() {
    for code in 0..=7000 {
        let base = Outcome::of(Some(ResultCode(code)), None).unwrap();
        let vendor = VendorId(if code % 2 == 0 { 10415 } else { 9 });
        let experimental = Outcome::of(None, Some(ExperimentalResult { vendor, code })).unwrap();
        for outcome in [base, experimental] {
            assert_eq!(slg::failure(outcome).is_none(), code / 1000 == 2, "{outcome:?}");
            assert_eq!(slh::failure(outcome).is_none(), code / 1000 == 2, "{outcome:?}");
        }
    }
}

/// A success beside an error is an error; the vendor's error outweighs the base one.
#[test]
fn two_results_in_one_answer() {
    let denied = ExperimentalResult::POSITIONING_DENIED;
    assert_eq!(Outcome::of(Some(ResultCode::SUCCESS), Some(denied)), Some(Outcome::Experimental(denied)));
    assert_eq!(Outcome::of(Some(ResultCode::TOO_BUSY), Some(denied)), Some(Outcome::Experimental(denied)));
    let fine = ExperimentalResult::tgpp(2001);
    assert_eq!(Outcome::of(Some(ResultCode::TOO_BUSY), Some(fine)), Some(Outcome::Base(ResultCode::TOO_BUSY)));
    assert_eq!(Outcome::of(None, Some(fine)), Some(Outcome::Success));
    assert_eq!(Outcome::of(None, None), None);
}

#[test]
fn an_answer_without_any_result_is_a_protocol_failure() {
    let header = Header { flags: CommandFlags(0x40), ..plr_header() };
    let octets = message(
        header,
        &avps(|b| {
            b.text(&avp::ORIGIN_HOST, "mme").text(&avp::ORIGIN_REALM, "net");
        }),
    );
    let answer = decode(&octets);
    let pla = Pla::decode(&answer).unwrap();
    assert_eq!(pla.positioning_outcome(lcs::LocationType::Current), Err(Failure::NetworkProtocol));
}

fn plr_header() -> Header {
    Header::request(ApplicationId::SLG, CommandCode::PROVIDE_LOCATION, IDS)
}

/// RFC 6733 section 7.2: E with 3xxx only; Session-Id first; Proxy-Info back in order; Failed-AVP; P and identifiers kept,
/// T cleared.
#[test]
fn answers_that_report_an_error() {
    let header = Header { flags: CommandFlags(0xD0), ..plr_header() };
    let request = decode(&message(
        header,
        &avps(|b| {
            b.text(&avp::ORIGIN_HOST, "gmlc").text(&avp::SESSION_ID, "s;1;1").u32(&avp::AUTH_SESSION_STATE, 1);
            for (host, state) in [("a", b"1"), ("b", b"2")] {
                b.group(&avp::PROXY_INFO, |b| {
                    b.text(&avp::PROXY_HOST, host).avp(&avp::PROXY_STATE, state);
                });
            }
        }),
    ));
    let failed = FailedAvp::example(&avp::SLG_LOCATION_TYPE);
    let mut out = Vec::new();
    error_answer(&request, MME, &DecodeError::MissingAvp(failed.clone()), &mut out).unwrap();
    let answer = decode(&out);
    assert_eq!(answer.header, Header { flags: CommandFlags(0x40), ..header });
    let codes: Vec<u32> = answer.avps().map(|a| a.code.0).collect();
    assert_eq!(codes, [263, 268, 277, 264, 296, 281, 279, 284, 284]);
    assert_eq!(answer.find(&avp::RESULT_CODE).unwrap().u32(), Ok(5005));
    assert_eq!(answer.find(&avp::FAILED_AVP).unwrap().data, hex("000009C4 C0000010 000028AF 00000000"));
    assert_eq!(answer.all(&avp::PROXY_INFO).collect::<Vec<_>>(), request.all(&avp::PROXY_INFO).collect::<Vec<_>>());

    out.clear();
    error_answer(&request, MME, &DecodeError::CommandUnsupported(CommandCode(1)), &mut out).unwrap();
    let answer = decode(&out);
    assert_eq!(answer.header.flags, CommandFlags(0x60), "P and E");
    let codes: Vec<u32> = answer.avps().map(|a| a.code.0).collect();
    assert_eq!(codes, [263, 268, 264, 296, 281, 284, 284]);

    let errors = [
        (DecodeError::UnsupportedVersion(2), 5011),
        (DecodeError::InvalidMessageLength(19), 5015),
        (DecodeError::InvalidHeaderBits(CommandFlags(0xA0)), 3008),
        (DecodeError::InvalidAvpBits(failed.clone()), 3009),
        (DecodeError::CommandUnsupported(CommandCode(1)), 3001),
        (DecodeError::ApplicationUnsupported(ApplicationId(1)), 3007),
        (DecodeError::AvpUnsupported(failed.clone()), 5001),
        (DecodeError::InvalidAvpValue(failed.clone()), 5004),
        (DecodeError::TooDeep(failed.clone()), 5004),
        (DecodeError::MissingAvp(failed.clone()), 5005),
        (DecodeError::ContradictingAvps(failed.clone()), 5007),
        (DecodeError::AvpNotAllowed(failed.clone()), 5008),
        (DecodeError::AvpOccursTooManyTimes(failed.clone()), 5009),
        (DecodeError::InvalidAvpLength(failed), 5014),
    ];
    for (error, code) in errors {
        assert_eq!(error.result_code().0, code);
        assert_eq!(error.is_protocol_error(), code / 1000 == 3);
        out.clear();
        error_answer(&request, MME, &error, &mut out).unwrap();
        let answer = decode(&out);
        assert_eq!(answer.find(&avp::RESULT_CODE).unwrap().u32(), Ok(code));
        assert_eq!(answer.header.is_error(), code / 1000 == 3, "{error}");
        assert_eq!(answer.find(&avp::FAILED_AVP).is_some(), error.failed_avp().is_some(), "{error}");
    }
}

/// What a node says for each failure is read as that failure again, where SLg has a code for it.
#[test]
fn failures_come_back() {
    for failure in [
        Failure::UnknownSubscriber,
        Failure::NetworkNotAuthorised,
        Failure::AbsentSubscriber,
        Failure::SuspendedSubscriber,
        Failure::DetachedSubscriber,
        Failure::PositioningDenied,
        Failure::PositioningFailed,
        Failure::NetworkCongestion,
        Failure::NetworkUnreachable,
        Failure::NetworkFault,
    ] {
        assert_eq!(slg::failure(slg::outcome(failure)), Some(failure));
    }
    assert_eq!(slh::outcome(Failure::DetachedSubscriber), Outcome::Experimental(ExperimentalResult::ABSENT_USER));
    let header = Header::request(ApplicationId::SLH, CommandCode::LCS_ROUTING_INFO, IDS);
    let request = decode(&message(header, &[]));
    let mut out = Vec::new();
    failure_answer(&request, MME, Outcome::Base(ResultCode::TOO_BUSY), &mut out).unwrap();
    assert!(decode(&out).header.is_error());
}
