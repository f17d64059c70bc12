use super::words::{Format, Internal, Reason, Setting, TypeOfClient, TypeOfLocation};
use super::*;
use lcs::{LcsClientType, PrivacySetting, PseudoExternalIdentity, RefusalReason};
use privacy::{Allowed, LppFault, PseudoExternalOffer, Refusal, RuleId, Stands, SubjectSalt, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

const ID: &str = "000102030405060708090a0b0c0d0e0f";

/// All that a request can say, but for what belongs to deferred ones.
fn full() -> Value {
    json!({
        "request_id": ID,
        "stage": "after_positioning",
        "target": {"msisdn": "491701234567", "imsi": "001010000000001"},
        "call_session_related": true,
        "client": {
            "type": "value_added",
            "account": "fleet",
            "external": "+4930123456",
            "name": {"text": "Fleet", "format": "logical_name"},
            "requestor": {"text": "alice@example.com", "format": "email_address"},
            "dialled": "abbreviated:112"
        },
        "gmlc": "+4917100000",
        "service_type": 64,
        "codeword": "open sesame",
        "location_type": "current_or_last_known",
        "velocity": true,
        "capability_sets": [1, 2, 3, 4, 5],
        "least_privacy": {"unrelated": "allowed_with_notification", "related": "allowed_without_notification"},
        "estimate": "104ab1f209884e1a"
    })
}

fn least() -> Value {
    json!({
        "request_id": ID,
        "stage": "before_positioning",
        "target": {"imsi": "001010000000001"},
        "call_session_related": false,
        "client": {"type": "plmn_operator", "account": "om", "internal": "om_hplmn"},
        "gmlc": "+4917100000",
        "location_type": "current"
    })
}

fn request(value: &Value) -> AuthorisationRequest {
    serde_json::from_value(value.clone()).unwrap()
}

fn changed(value: &Value, pointer: &str, to: Value) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let mut value = value.clone();
    let object = value.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if to.is_null() {
        object.remove(member);
    } else {
        object.insert(member.to_owned(), to);
    }
    value
}

/// TS 23.271 clause 7.4.1: what is read is written back member by member, through what the check sees.
#[test]
fn requests_read_and_write_the_same() {
    for value in [full(), least()] {
        let asked = request(&value).asked().unwrap();
        let written = serde_json::to_value(AuthorisationRequest::of(&asked.authorisation())).unwrap();
        assert_eq!(written, value);
    }
    let pseudonym = changed(&least(), "/target", json!({"pseudonym": "AQei@h.gmlc.example"}));
    let asked = request(&pseudonym).asked().unwrap();
    assert_eq!(asked.identities, Identities::default());
    assert_eq!(serde_json::to_value(AuthorisationRequest::of(&asked.authorisation())).unwrap(), pseudonym);
}

#[test]
fn parameters_of_deferred_requests_are_read() {
    let reporting = json!({
        "multiple_reports": true, "minimum_interval_s": 60, "location_estimates": true,
        "duration_s": 3600, "maximum_interval_s": 600, "maximum_sampling_interval_s": 30
    });
    let area = json!({"event": "entering", "area": "104ab1f209884e1a", "reporting": reporting});
    let deferred = |kind: &str| {
        changed(&changed(&least(), "/location_type", json!("activate_deferred")), "/deferred", json!(kind))
    };
    let motion = json!({"linear_distance_m": 500, "reporting": reporting});
    let periodic = json!({"interval_s": 60, "reports": 10, "mo_lr_short_circuit": true});
    let sound = [
        deferred("ue_available"),
        changed(&deferred("change_of_area"), "/change_of_area", area.clone()),
        changed(&deferred("motion"), "/motion", motion.clone()),
        changed(&deferred("periodic"), "/periodic", periodic.clone()),
    ];
    for value in &sound {
        assert!(request(value).asked().is_ok(), "{value}");
        assert_eq!(serde_json::to_value(request(value)).unwrap(), *value);
    }
    assert!(request(&sound[3]).asks_short_circuit());
    assert!(!request(&sound[0]).asks_short_circuit());
    let unsound = [
        deferred("change_of_area"),
        changed(&deferred("ue_available"), "/periodic", periodic.clone()),
        changed(&least(), "/motion", motion.clone()),
        changed(&sound[2], "/motion/linear_distance_m", json!(0)),
        changed(&sound[2], "/motion/linear_distance_m", json!(10_001)),
        changed(&sound[1], "/change_of_area/reporting/minimum_interval_s", json!(0)),
        changed(&sound[1], "/change_of_area/reporting/maximum_interval_s", json!(90_000)),
        changed(&sound[3], "/periodic/reports", json!(0)),
        changed(&sound[3], "/periodic/reports", json!(144_000)),
    ];
    for value in unsound {
        assert!(request(&value).asked().is_err(), "{value}");
    }
}

#[test]
fn requests_that_contradict_themselves_are_none() {
    let cases = [
        changed(&full(), "/call_session_related", json!(false)),
        changed(&least(), "/call_session_related", json!(true)),
        changed(&full(), "/client/apn", json!("internet")),
        changed(&full(), "/client/external", Value::Null),
        changed(&full(), "/client/name/text", json!("")),
        changed(&full(), "/client/name/text", json!("a==b")),
        changed(&full(), "/client/requestor/text", json!("x".repeat(513))),
        changed(&full(), "/client/account", json!("")),
        changed(&full(), "/client/account", json!("x".repeat(65))),
        changed(&full(), "/service_type", json!(128)),
        changed(&full(), "/codeword", json!("")),
        changed(&full(), "/capability_sets", json!([6])),
        changed(&full(), "/capability_sets", json!([1, 1, 1, 1, 1, 1])),
        changed(&full(), "/stage", json!("before_positioning")),
        changed(&full(), "/target", json!({})),
        changed(&full(), "/target", json!({"msisdn": "+49170"})),
        changed(&full(), "/target/pseudonym", json!("AQei@h.gmlc.example")),
        changed(&least(), "/client/internal", Value::Null),
        changed(&least(), "/client/external", json!("+4930")),
    ];
    for value in cases {
        let fault = request(&value).asked().err();
        assert!(fault.is_some(), "{value}");
    }
}

/// Every member is needed or known, every word is of a closed list, and no depth or length is taken without bound.
#[test]
fn what_is_not_known_is_refused() {
    let cases = [
        changed(&full(), "/more", json!(1)),
        changed(&full(), "/client/more", json!(1)),
        changed(&full(), "/target/more", json!(1)),
        changed(&full(), "/client/type", json!("valueadded")),
        changed(&full(), "/stage", json!("later")),
        changed(&full(), "/location_type", json!("anything")),
        changed(&full(), "/least_privacy/unrelated", json!("notify")),
        changed(&full(), "/estimate", json!("zz")),
        changed(&full(), "/estimate", json!("ff")),
        changed(&full(), "/estimate", json!("10".repeat(200))),
        changed(&full(), "/request_id", json!("00")),
        changed(&full(), "/request_id", Value::Null),
        changed(&full(), "/stage", Value::Null),
        changed(&full(), "/call_session_related", Value::Null),
        changed(&full(), "/client", Value::Null),
        changed(&full(), "/gmlc", Value::Null),
        changed(&full(), "/location_type", Value::Null),
    ];
    for value in cases {
        assert!(serde_json::from_value::<AuthorisationRequest>(value.clone()).is_err(), "{value}");
    }
    let deep = "[".repeat(100_000);
    assert!(serde_json::from_str::<AuthorisationRequest>(&deep).is_err());
    assert!(serde_json::from_str::<AuthorisationResponse>(&deep).is_err());
}

fn allowed() -> Allowed {
    Allowed {
        unrelated: PrivacySetting::NotAllowed,
        related: Some(PrivacySetting::AllowedWithNotification),
        rule: RuleId::RelatedListed,
        forwards_codeword: true,
        additional_check: true,
        additional_notification: true,
        home_plmn_only: true,
        by_default: true,
        coarsen_m: Some(500),
        pseudo_external: Some(PseudoExternalOffer {
            lowest_set: 2,
            numbers: [
                Some((PseudoExternalIdentity::new(8).unwrap(), lcs::Address::international("4990000000008").unwrap())),
                None,
                None,
                None,
            ],
        }),
        mo_lr_short_circuit: true,
    }
}

fn verdict(outcome: Result<Allowed, Refusal>) -> Verdict {
    let both = Subscriber { msisdn: Some("491701234567".into()), imsi: Some("001010000000001".into()) };
    Verdict {
        id: LppId(core::array::from_fn(|at| u8::try_from(at).unwrap())),
        identities: both.identities().unwrap(),
        verinym: None,
        salt: Some(SubjectSalt::from_octets([7; 16])),
        outcome,
    }
}

const ALL: Reader = Reader { salts: true };

fn written(verdict: &Verdict, reader: Reader, short_circuit: bool) -> Value {
    serde_json::to_value(AuthorisationResponse::of(verdict, &Resolved::NoPseudonym, reader, short_circuit)).unwrap()
}

fn read(value: &Value) -> Result<Verdict, LppFault> {
    let response = serde_json::from_value::<AuthorisationResponse>(value.clone()).map_err(|_| LppFault::Strange)?;
    response.verdict(LcsClientType::ValueAdded)
}

/// TS 23.271 clause 7.4.2.
#[test]
fn answers_read_and_write_the_same() {
    let value = json!({
        "request_id": ID,
        "target": {"msisdn": "491701234567", "imsi": "001010000000001"},
        "log_salt": "07".repeat(16),
        "allow": {
            "unrelated": "not_allowed",
            "related": "allowed_with_notification",
            "rule": "related-listed",
            "codeword_to_ue": true,
            "additional_check": true,
            "additional_notification": true,
            "home_plmn_only": true,
            "by_default": true,
            "coarsen_m": 500,
            "pseudo_external": {"lowest_set": 2, "identities": [{"identity": 8, "number": "+4990000000008"}]},
            "mo_lr_short_circuit": "allowed"
        }
    });
    let full = verdict(Ok(allowed()));
    assert_eq!(written(&full, ALL, true), value);
    assert_eq!(read(&value), Ok(full));
    let without_salt = written(&full, Reader { salts: false }, true);
    assert_eq!(without_salt.get("log_salt"), None);
    assert_eq!(read(&without_salt), Ok(Verdict { salt: None, ..full }));
    assert_eq!(written(&full, ALL, false)["allow"].get("mo_lr_short_circuit"), None);
    let least = json!({"request_id": ID, "target": {"imsi": "001010000000001"}, "allow": {
        "unrelated": "allowed_without_notification", "rule": "universal-class"}});
    let told = read(&least).unwrap();
    assert_eq!(written(&told, ALL, false), least);
}

/// Barred: no indicator goes along.
#[test]
fn every_reason_of_every_rule_is_a_bar_alone() {
    for reason in Reason::ALL.iter().map(|reason| RefusalReason::from(*reason)) {
        for rule in RuleId::ALL {
            let barred = verdict(Err(Refusal { reason, rule: *rule }));
            let value = written(&barred, ALL, true);
            assert_eq!(value.get("allow"), None);
            assert_eq!(read(&value), Ok(barred));
        }
    }
}

#[test]
fn all_results_come_through() {
    let settings: Vec<PrivacySetting> = Setting::ALL.iter().map(|setting| (*setting).into()).collect();
    assert_eq!(settings.len(), 5);
    for unrelated in &settings {
        for related in settings.iter().map(|related| Some(*related)).chain([None]) {
            let verdict = verdict(Ok(Allowed { unrelated: *unrelated, related, ..allowed() }));
            assert_eq!(read(&written(&verdict, ALL, true)), Ok(verdict));
        }
    }
}

#[test]
fn answers_that_are_none_are_strange() {
    let sound = written(&verdict(Ok(allowed())), ALL, true);
    let bar = json!({"reason": "opted_out", "rule": "opt-out"});
    let number = |identity: u8| json!({"identity": identity, "number": "+4990000000008"});
    let cases = [
        changed(&sound, "/bar", bar.clone()),
        changed(&sound, "/allow", Value::Null),
        changed(&sound, "/allow/unrelated", Value::Null),
        changed(&sound, "/allow/unrelated", json!("allowed")),
        changed(&sound, "/allow/rule", json!("no-such-rule")),
        changed(&sound, "/allow/rule", Value::Null),
        changed(&sound, "/allow/narrower", json!(true)),
        changed(&sound, "/narrower", json!(true)),
        changed(&sound, "/allow/coarsen_m", json!(0)),
        changed(&sound, "/allow/coarsen_m", json!(1_000_001)),
        changed(&sound, "/allow/pseudo_external/lowest_set", json!(3)),
        changed(&sound, "/allow/pseudo_external/identities", json!([number(0)])),
        changed(&sound, "/allow/pseudo_external/identities", json!([number(15)])),
        changed(&sound, "/allow/pseudo_external/identities", json!(vec![number(1); 5])),
        changed(&sound, "/target", json!({})),
        changed(&sound, "/target/msisdn", json!("x")),
        changed(&sound, "/verinym", json!({})),
        changed(&sound, "/log_salt", json!("07")),
        changed(&sound, "/request_id", json!("07")),
        changed(&changed(&sound, "/allow", Value::Null), "/bar", json!({"reason": "because", "rule": "opt-out"})),
    ];
    for value in cases {
        assert_eq!(read(&value), Err(LppFault::Strange), "{value}");
    }
    // A client that is told by no number has none.
    let response: AuthorisationResponse = serde_json::from_value(sound).unwrap();
    assert_eq!(response.verdict(LcsClientType::PlmnOperator), Err(LppFault::Strange));
}

#[test]
fn standing_reads_and_writes_the_same() {
    let value = json!({"request_id": ID, "target": {"msisdn": "491701234567"}, "by_default": true});
    let request: StandingRequest = serde_json::from_value(value.clone()).unwrap();
    let asked = request.asked().unwrap();
    assert_eq!(serde_json::to_value(StandingRequest::of(&asked)).unwrap(), value);
    let refusal = Refusal { reason: RefusalReason::Paused, rule: RuleId::Pause };
    for outcome in [Ok(()), Err(refusal)] {
        let stands = Stands { id: asked.id, salt: None, outcome };
        let value = serde_json::to_value(StandingResponse::of(&stands, ALL)).unwrap();
        let read: StandingResponse = serde_json::from_value(value).unwrap();
        assert_eq!(read.stands(), Ok(stands));
    }
    for value in [
        json!({"request_id": ID, "stands": false}),
        json!({"request_id": ID, "stands": true, "bar": {"reason": "paused", "rule": "pause"}}),
    ] {
        let read: StandingResponse = serde_json::from_value(value).unwrap();
        assert_eq!(read.stands(), Err(LppFault::Strange));
    }
}

/// Each word has one value and leads back; the lists are as long as those of the standard.
#[test]
fn words_are_one_to_one() {
    macro_rules! one_to_one {
        ($name:ident, $of:ty, $count:literal) => {
            assert_eq!($name::ALL.len(), $count);
            for word in $name::ALL {
                assert_eq!($name::from(<$of>::from(*word)), *word);
                let text = serde_json::to_value(word).unwrap();
                assert_eq!(serde_json::from_value::<$name>(text).unwrap(), *word);
            }
        };
    }
    one_to_one!(Setting, PrivacySetting, 5);
    one_to_one!(TypeOfClient, LcsClientType, 4);
    one_to_one!(Internal, lcs::PlmnClient, 5);
    one_to_one!(Format, lcs::FormatIndicator, 5);
    one_to_one!(TypeOfLocation, lcs::LocationType, 6);
    for reason in Reason::ALL {
        assert_eq!(Reason::from(RefusalReason::from(*reason)), *reason);
    }
}

proptest! {
    /// Nothing that is sent panics, and what reads as a request is written as what it was.
    #[test]
    fn no_text_panics(text in ".{0,200}") {
        drop(serde_json::from_str::<AuthorisationRequest>(&text).map(AuthorisationRequest::asked));
        drop(serde_json::from_str::<AuthorisationResponse>(&text).map(|answer| answer.verdict(LcsClientType::ValueAdded)));
        drop(serde_json::from_str::<UpdatesRequest>(&text));
        drop(serde_json::from_str::<UpdatesResponse>(&text));
    }

    /// One octet of a sound message changed: read or refused, never a panic.
    #[test]
    fn no_change_panics(at in 0usize..600, octet: u8, answer: bool) {
        let text = if answer { written(&verdict(Ok(allowed())), ALL, true) } else { full() }.to_string();
        let mut octets = text.into_bytes();
        let at = at % octets.len();
        octets[at] = octet;
        drop(serde_json::from_slice::<AuthorisationRequest>(&octets).map(AuthorisationRequest::asked));
        drop(serde_json::from_slice::<AuthorisationResponse>(&octets).map(|answer| answer.verdict(LcsClientType::ValueAdded)));
    }
}
