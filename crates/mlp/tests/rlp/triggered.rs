//! Triggered requests between gateways: what is waited for comes back as it was sent, whatever it is; and what is told of it.

use crate::samples::*;
use lcs::{
    Duration, Identities, LcsClientType, PlmnId, PrivacyIndicators, PrivacySetting, QosClass, TerminationCause,
    Timestamp, gad::Shape,
};
use mlp::{
    AreaChange, Limits, MlpArea, ResultId, Trigger, TriggerEvent, TriggerWord, TriggeredOutcome, Waiting,
    rlp::{
        AnswerElement, Outgoing, OutgoingError, OutgoingNews, OutgoingPassedOn, OutgoingTold, PassedOn, PassedOnTold,
        PeerNews, PeerOutcome, PeerReported, PrivacyInstruction, Service, Subject, Version, is_svc_result, parse_news,
        parse_svc_init,
    },
};

/// Every kind of event and area.
fn triggers() -> Vec<Trigger> {
    let areas = [
        MlpArea::Shape(area()),
        MlpArea::CountryCode(49),
        MlpArea::Plmn(PlmnId::new("262", "01").unwrap()),
        MlpArea::Plmn(PlmnId::new("310", "410").unwrap()),
        MlpArea::Named("school & yard".to_owned()),
    ];
    let changes = AreaChange::ALL.into_iter().flat_map(|change| areas.clone().map(|area| (change, area)));
    let mut all: Vec<_> = changes
        .zip([true, false].into_iter().cycle())
        .zip([1, 2, 65_535].into_iter().cycle())
        .map(|(((change, area), estimates), reports)| {
            let min_interval_s = Some(reports).filter(|reports| *reports > 1);
            Trigger::Event(TriggerEvent::ChangeArea { change, area, estimates, reports, min_interval_s })
        })
        .collect();
    for (distance_m, estimates) in [(1, true), (10_000, false)] {
        let min_interval_s = None;
        all.push(Trigger::Event(TriggerEvent::Equidistance { distance_m, estimates, reports: 3, min_interval_s }));
    }
    all.push(Trigger::Event(TriggerEvent::Available));
    all.extend([1, 59, 86_400].map(|interval_s| Trigger::Periodic { interval_s }));
    all.push(Trigger::PeriodicOrAvailable { interval_s: 61 });
    all
}

fn area() -> Shape {
    let Trigger::Event(TriggerEvent::ChangeArea { area: MlpArea::Shape(shape), .. }) = leaving().trigger else {
        panic!("a circle")
    };
    shape
}

#[test]
fn what_is_waited_for_comes_back_as_it_was_sent() {
    let (sender, request) = (home(), full());
    let later = |seconds| Some(NOW.after(Duration::from_secs(seconds)));
    for trigger in triggers() {
        for (start, stop, duration_s) in [(None, None, None), (later(10), later(70), None), (later(10), None, Some(60))]
        {
            let waiting = Waiting { trigger: trigger.clone(), start, stop, duration_s };
            let outgoing = Outgoing::to_home(&sender, &request, Subject::Known(target())).unwrap();
            let outgoing = outgoing.routing(routing()).transaction(transaction(), NOW).waiting(&waiting).unwrap();
            assert_eq!(outgoing.answer(), AnswerElement::Trlra);
            let read = triggered(&outgoing.to_xml());
            assert_eq!(read.waiting, waiting);
            assert_eq!((&read.request.subject, &read.request.client), (&Subject::Known(target()), &request.client));
            assert_eq!((read.request.quality.qos, &read.request.codeword), (request.qos, &request.codeword));
            assert_eq!(read.request.transaction, Some(transaction()));
        }
    }
}

#[test]
fn an_emergency_waits_for_nothing() {
    let (sender, request, waiting) = (home(), least(LcsClientType::Emergency), periodic());
    let outgoing = Outgoing::to_home(&sender, &request, Subject::Known(target())).unwrap();
    assert_eq!(outgoing.waiting(&waiting), Err(OutgoingError::Client));
}

/// As gateways of others may write it: no extension, `qop`, the event without much.
#[test]
fn a_request_of_another_make_is_read() {
    let read = |inside: &str| {
        let body = format!(
            "<rlp_svc_init><rlp_hdr><locationserver><id>other</id></locationserver><client><id>+4930555000</id>\
             <clientname>Fleet</clientname></client></rlp_hdr>{inside}</rlp_svc_init>"
        );
        parse_svc_init(body.as_bytes(), &Limits::default()).map_err(|error| (error.result.0, error.answer))
    };
    let asked = "<trlrr res_type=\"SYNC\"><tlrr_event><ms_action type=\"MS_AVAIL\"/></tlrr_event><qop><hor_acc>50</hor_acc></qop>\
                 <msid>4915110000001</msid></trlrr>";
    let Service::Triggered(request) = read(asked).unwrap().service else { panic!("triggered") };
    assert_eq!(request.waiting.trigger, Trigger::Event(TriggerEvent::Available));
    assert_eq!((request.request.quality.qos.horizontal_m, request.request.transaction), (Some(50), None));
    let stop = "<trlrsr><msid>4915110000001</msid><req_id>25267</req_id></trlrsr>";
    let Service::Stop(stop) = read(stop).unwrap().service else { panic!("a stop") };
    assert_eq!((stop.request_id.as_str(), stop.transaction), ("25267", None));

    let event = "<tlrr_event><ms_action type=\"MS_AVAIL\"/></tlrr_event>";
    let msid = "<msid>4915110000001</msid>";
    let exact =
        "<lr_extension xmlns=\"urn:x-wherefore:rlp:1\"><target_gad>104AB1F209884E24</target_gad></lr_extension>";
    let point = exact.replace("104AB1F209884E24", "004AB1F209884E");
    for (inside, result) in [
        (format!("<trlrr>{msid}</trlrr>"), 106),
        (format!("<trlrr>{event}</trlrr>"), 106),
        (format!("<trlrr>{msid}{event}{event}</trlrr>"), 106),
        (format!("<trlrr>{msid}<interval>00000000</interval></trlrr>"), 110),
        (format!("<trlrr>{msid}<interval>1</interval></trlrr>"), 105),
        (format!("<trlrr>{msid}{event}<tlrr_event/></trlrr>"), 106),
        (format!("<trlrr>{msid}{event}{exact}</trlrr>"), 110),
        (format!("<trlrr>{msid}{event}{point}</trlrr>"), 110),
        (format!("<srlir>{msid}{exact}</srlir>"), 106),
        (format!("<srlir>{msid}{event}</srlir>"), 106),
        ("<trlrsr/>".to_owned(), 106),
        ("<trlrsr><req_id/></trlrsr>".to_owned(), 110),
        ("<trlrsr><req_id>a b</req_id></trlrsr>".to_owned(), 110),
        (format!("<trlrsr><req_id>{}</req_id></trlrsr>", "a".repeat(129)), 110),
        ("<trlrsr><req_id>a</req_id><eqop/></trlrsr>".to_owned(), 106),
    ] {
        let (found, answer) = read(&inside).unwrap_err();
        let element = match inside.get(..6) {
            Some("<trlrr") => AnswerElement::Trlra,
            _ => AnswerElement::Srlia,
        };
        let element = if inside.starts_with("<trlrsr") { AnswerElement::Trlrsa } else { element };
        assert_eq!((found, answer), (result, element), "{inside}");
    }
}

fn told(told: OutgoingTold<'_>) -> String {
    let sender = home();
    let mut out = String::new();
    OutgoingNews { version: Version::V1_0, sender: &sender, request_id: "r-1", told }.write(&mut out);
    assert!(is_svc_result(out.as_bytes(), &Limits::default()));
    out
}

#[test]
fn reports_and_ends_come_back_as_they_were_told() {
    let (known, hidden) = (Subject::Known(target()), Subject::Pseudonym(pseudonym()));
    let (fix, unmet) = (fix(), lcs::Fix { accuracy_fulfilled: Some(false), ..fix() });
    let failed = |result| TriggeredOutcome::Failed { result, add_info: None, at: NOW };
    for trigger in TriggerWord::ALL {
        for (subject, last) in [(&known, false), (&hidden, true)] {
            let report = |outcome| OutgoingTold::Report {
                number: 7,
                last,
                subject,
                trigger,
                outcome,
                qos_class: QosClass::Assured,
            };
            let read = |outcome| {
                let news = parse_told(&told(report(outcome)));
                assert_eq!((news.sender, news.request_id.as_str()), (Some(home()), "r-1"));
                let PeerNews::Report(read) = news.told else { panic!("a report") };
                assert!(subject.is(&read.subject));
                assert_eq!((read.number, read.last, read.trigger), (Some(7), last, trigger));
                read.outcome
            };
            let PeerReported::Position(position) = read(TriggeredOutcome::Fixed { fix: &fix, at: NOW }) else {
                panic!("a position")
            };
            assert_eq!((position.fix(NOW).shape, position.fix(NOW).age_min), (fix.shape.clone(), fix.age_min));
            // One that is told late is older by then, by whole minutes, and none is younger than it was.
            let age = |later: i64| position.fix(Timestamp::from_secs(NOW.secs().saturating_add_signed(later))).age_min;
            assert_eq!([-3600, 59, 60, 3600].map(age), [Some(2), Some(2), Some(3), Some(62)]);
            // Where it is counts from the estimate alone: not the cell, nor what beside it tells of the place.
            assert_eq!((position.fix(NOW).cell, position.fix(NOW).civic_address), (None, None));
            assert_eq!(read(TriggeredOutcome::Event { at: NOW }), PeerReported::Event);
            // An assured position that misses its accuracy is not told in any way.
            assert_eq!(
                read(TriggeredOutcome::Fixed { fix: &unmet, at: NOW }),
                PeerReported::Failed(ResultId::QOP_NOT_ATTAINABLE)
            );
            for result in [ResultId::ABSENT_SUBSCRIBER, ResultId::POSITION_METHOD_FAILURE] {
                assert_eq!(read(failed(result)), PeerReported::Failed(result));
            }
        }
    }
    for by_network in [true, false] {
        for cause in core::iter::once(None).chain(TerminationCause::ALL.map(Some)) {
            let ended = OutgoingTold::Ended { by_network, cause };
            assert_eq!(parse_told(&told(ended)).told, PeerNews::Ended { by_network, cause });
        }
    }
}

/// TS 23.271 clause 9.1.19.1 step 2.
#[test]
fn the_networks_in_which_a_phone_may_report_come_back() {
    let (sender, request) = (home(), least(LcsClientType::ValueAdded));
    let plmns = vec![PlmnId::new("262", "01").unwrap(), PlmnId::new("310", "410").unwrap()];
    let outgoing = |plmns| {
        let trigger = Trigger::Periodic { interval_s: 60 };
        let waiting = Waiting { trigger, start: None, stop: None, duration_s: Some(600) };
        let asked = PrivacyInstruction::Indicators(
            PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap(),
        );
        let outgoing = Outgoing::to_visited(&sender, &request, target(), asked).unwrap().lcs_ref(7);
        outgoing.reporting_plmns(plmns).waiting(&waiting).unwrap().to_xml()
    };
    for plmns in [plmns.clone(), Vec::new(), vec![plmns[0]; 19]] {
        let init = parse_svc_init(outgoing(plmns.clone()).as_bytes(), &Limits::default()).unwrap();
        let Service::Triggered(read) = init.service else { panic!("a triggered request") };
        assert_eq!(read.request.reporting_plmns, plmns);
    }
    // More than a phone is told, and what is no network.
    let one = "<reporting_plmn>62F210</reporting_plmn>";
    let whole = outgoing(vec![plmns[0]]);
    assert!(whole.contains(one), "{whole}");
    for wrong in
        [whole.replace(one, &one.repeat(20)), whole.replace("62F210", "62F2"), whole.replace("62F210", "ABCDEF")]
    {
        assert!(parse_svc_init(wrong.as_bytes(), &Limits::default()).is_err(), "{wrong}");
    }
}

fn passed_on(told: PassedOnTold<'_>, subject: &Subject) -> String {
    let sender = home();
    let mut out = String::new();
    let (version, name, reference) = (Version::V1_1, "0123456789abcdef", 255);
    OutgoingPassedOn { version, sender: &sender, name, reference, subject, told }.write(&mut out);
    assert!(is_svc_result(out.as_bytes(), &Limits::default()));
    out
}

/// Whom and which, of a request that the one who tells was not asked for.
#[test]
fn what_is_passed_on_comes_back_with_reference_and_subscriber() {
    let subject = Subject::Known(Identities { imsi: target().imsi, ..Identities::default() });
    let (fix, at) = (fix(), NOW);
    for (trigger, max_interval_over) in TriggerWord::ALL.into_iter().flat_map(|word| [(word, false), (word, true)]) {
        for (number, outcome) in [
            (None, TriggeredOutcome::Event { at }),
            (Some(3), TriggeredOutcome::Fixed { fix: &fix, at }),
            (Some(0), TriggeredOutcome::Event { at }),
        ] {
            let report = PassedOnTold::Report { trigger, max_interval_over, number, outcome };
            let news = parse_told(&passed_on(report, &subject));
            let expected = PassedOn { reference: 255, subject: subject.clone(), max_interval_over };
            assert_eq!((news.request_id.as_str(), news.passed_on), ("0123456789abcdef", Some(expected)));
            let PeerNews::Report(read) = news.told else { panic!("a report") };
            assert_eq!((read.trigger, &read.subject, read.last), (trigger, &subject, false));
            assert_eq!(read.number, number.filter(|number| *number > 0));
            match read.outcome {
                PeerReported::Position(position) => assert_eq!(position.fix(NOW).shape, fix.shape),
                other => assert_eq!(other, PeerReported::Event),
            }
        }
    }
    for cause in TerminationCause::ALL {
        let news = parse_told(&passed_on(PassedOnTold::Ended(cause), &subject));
        let expected = PassedOn { reference: 255, subject: subject.clone(), max_interval_over: false };
        assert_eq!(news.passed_on, Some(expected));
        assert_eq!(news.told, PeerNews::Ended { by_network: true, cause: Some(cause) });
    }
    // What was asked for is told by its name alone.
    let ended = OutgoingTold::Ended { by_network: true, cause: None };
    assert_eq!(parse_told(&told(ended)).passed_on, None);
    // One of nobody, and one of no octet.
    let whole = passed_on(PassedOnTold::Ended(TerminationCause::UeTermination), &subject);
    let (begin, end) = (whole.find("<msid").unwrap(), whole.find("</msid>").unwrap() + "</msid>".len());
    let nobodys = format!("{}{}", &whole[..begin], &whole[end..]);
    let beyond = whole.replace("<lcs_ref>255", "<lcs_ref>256");
    assert_ne!(beyond, whole);
    for wrong in [nobodys, beyond] {
        assert!(parse_news(wrong.as_bytes(), &Limits::default()).is_err(), "{wrong}");
    }
}

#[test]
fn news_that_are_not_understood_are_not_taken() {
    let news =
        |inside: &str| parse_news(format!("<rlp_svc_result>{inside}</rlp_svc_result>").as_bytes(), &Limits::default());
    let id = "<req_id>1</req_id>";
    let pos = |inside: &str| format!("<trlrep>{id}<trl_pos trl_trigger=\"MS_AVAIL\">{inside}</trl_pos></trlrep>");
    let (msid, time) = ("<msid>4915110000001</msid>", "<time>20260301001005</time>");
    assert!(news(&pos(&format!("{msid}{time}"))).is_ok());
    let numbered = |told: &str| {
        let extension = format!("<lr_extension xmlns=\"urn:x-wherefore:rlp:1\">{told}</lr_extension></trlrep>");
        news(&pos(&format!("{msid}{time}")).replace("</trlrep>", &extension))
    };
    assert!(numbered("<report_number>1</report_number><last_report/>").is_ok());
    for told in ["<report_number>0</report_number>", "<report_number/>", "<last_report>1</last_report>", "<hidden/>"] {
        assert!(numbered(told).is_err(), "{told}");
    }
    for inside in [
        String::new(),
        "<trlrep/>".to_owned(),
        format!("<trlrep>{id}</trlrep>"),
        "<trlrsa/>".to_owned(),
        format!("<trlrsa>{id}</trlrsa><trlrsa>{id}</trlrsa>"),
        format!("<srlia>{id}</srlia>"),
        pos(""),
        pos(msid),
        pos(time),
        pos(&format!("{msid}{msid}{time}")),
        pos(&format!("{msid}{time}<poserr><result resid=\"5\"/></poserr>")),
        pos(&format!("{msid}<poserr><result resid=\"0\"/></poserr>")),
        pos(&format!("{msid}{time}")).replace("MS_AVAIL", "SPEED"),
        pos(&format!("{msid}{time}")).replace("<req_id>1</req_id>", ""),
    ] {
        assert!(news(&inside).is_err(), "{inside}");
    }
    for other in ["", "<svc_result/>", "<rlp_svc_init/>", "nothing"] {
        assert!(parse_news(other.as_bytes(), &Limits::default()).is_err());
        assert!(!is_svc_result(other.as_bytes(), &Limits::default()));
    }
}

#[test]
fn an_answer_to_a_triggered_request_says_armed_or_why_not() {
    let request = received(&Subject::Known(target()), false);
    let sender = home();
    let answer = |body| {
        let mut out = String::new();
        mlp::rlp::Answer::to(Version::V1_1, &request, &sender, body).to_triggered().write(&mut out);
        parse_answer(&out)
    };
    let armed = answer(mlp::rlp::AnswerBody::Accepted { request_id: "r-1" });
    assert_eq!((armed.element, armed.outcome), (AnswerElement::Trlra, PeerOutcome::Accepted));
    assert_eq!((armed.request_id.as_deref(), armed.transaction), (Some("r-1"), Some(transaction())));
    let result = ResultId::POSITIONING_NOT_ALLOWED;
    let refused = answer(mlp::rlp::AnswerBody::Failed { result, add_info: None });
    assert_eq!((refused.element, refused.outcome), (AnswerElement::Trlra, PeerOutcome::Failed(result)));
}
