//! Any octets as a request of another gateway: read or refused, answered either way, and what was read is sent on as it was.
#![no_main]

use std::hint::black_box;

use lcs::Timestamp;
use libfuzzer_sys::fuzz_target;
use mlp::rlp::{
    Answer, AnswerBody, Immediate, Outgoing, PeerNews, PeerOutcome, Report, Sender, Service, Stop, Subject, SvcInit,
    SvcResult, Triggered, Version, parse_news, parse_svc_init, parse_svc_result, write_stopped,
};
use mlp::{Limits, MlpArea, ResultId, Trigger, TriggerEvent};

fuzz_target!(|data: &[u8]| {
    match parse_svc_init(data, &Limits::default()) {
        Err(error) => {
            black_box(format!("{error} {error:?}"));
            assert!(matches!(error.http_status(), 200 | 404));
            let mut out = String::new();
            error.write(&mut out);
            let read = sound(&out);
            assert_eq!((read.element, read.outcome), (error.answer, PeerOutcome::Failed(error.result)));
        }
        Ok(init) => {
            black_box(format!("{init:?}"));
            match &init.service {
                Service::Immediate(request) => {
                    answered(&init, request);
                    sent_on(request);
                }
                Service::Triggered(triggered) => waited_on(triggered),
                Service::Stop(stop) => stopped(stop),
                Service::Unsupported(_) => {}
            }
        }
    }
});

/// Whatever we write is read by the other side.
fn sound(xml: &str) -> SvcResult {
    parse_svc_result(xml.as_bytes(), &Limits::default()).expect("our own answer")
}

fn answered(init: &SvcInit, request: &Immediate) {
    let sender = Sender::new("h-gmlc.example");
    let failed = AnswerBody::Failed { result: ResultId::POSITIONING_NOT_ALLOWED, add_info: None };
    for body in [AnswerBody::Notified, AnswerBody::Accepted { request_id: "4711" }, failed] {
        let answer = Answer::to(init.version, request, &sender, body);
        let mut out = String::new();
        answer.write(&mut out);
        let read = sound(&out);
        assert_eq!((read.element, &read.transaction), (request.service.answer(), &request.transaction));
        if !matches!(body, AnswerBody::Accepted { .. }) {
            out.clear();
            Report { answer, request_id: "4711" }.write(&mut out);
            assert!(sound(&out).report);
        }
    }
}

/// A triggered request that was read can be asked on, and the next gateway waits for the same.
fn waited_on(triggered: &Triggered) {
    let sender = Sender::new("h-gmlc.example");
    let asked = triggered.request.location_request("peer".into()).expect("a subject with an identity");
    let Ok(outgoing) = Outgoing::to_home(&sender, &asked, triggered.request.subject.clone()) else { return };
    let xml = outgoing.waiting(&triggered.waiting).expect("no emergency").to_xml();
    let shape =
        |trigger: &Trigger| matches!(trigger, Trigger::Event(TriggerEvent::ChangeArea { area: MlpArea::Shape(_), .. }));
    match parse_svc_init(xml.as_bytes(), &Limits::default()).map(|init| init.service) {
        Ok(Service::Triggered(again)) => assert_eq!(again.waiting, triggered.waiting),
        Ok(other) => panic!("{other:?}"),
        // An area told in octets alone may be none that its element can hold.
        Err(error) => assert!(shape(&triggered.waiting.trigger), "our own request: {error}"),
    }
}

fn stopped(stop: &Stop) {
    let sender = Sender::new("h-gmlc.example");
    let mut out = String::new();
    write_stopped(&mut out, Version::V1_1, &sender, &stop.request_id, stop.transaction.as_ref());
    let read = sound(&out);
    assert_eq!((read.request_id.as_ref(), &read.transaction), (Some(&stop.request_id), &stop.transaction));
    let news = parse_news(out.as_bytes(), &Limits::default()).expect("an end");
    assert_eq!((&news.request_id, news.told), (&stop.request_id, PeerNews::Ended { by_network: false, cause: None }));
}

/// A request that was read can be asked on, and the next gateway reads the same of it; an instruction goes on as it came.
fn sent_on(request: &Immediate) {
    let sender = Sender::new("h-gmlc.example");
    let asked = request.location_request("peer".into()).expect("a subject with an identity");
    let again = |xml: String| match parse_svc_init(xml.as_bytes(), &Limits::default()).expect("our own request").service
    {
        Service::Immediate(again) => *again,
        other => panic!("{other:?}"),
    };
    if let Ok(outgoing) = Outgoing::to_home(&sender, &asked, request.subject.clone()) {
        let read = again(outgoing.routing(request.routing.clone()).to_xml());
        assert_eq!(read.client, request.client);
        assert_eq!(read.least_privacy(), request.least_privacy());
        assert_eq!((read.location_type, &read.routing), (request.location_type, &request.routing));
    }
    if let (Subject::Known(identities), Ok(instruction)) = (&request.subject, request.instruction()) {
        let outgoing =
            Outgoing::to_visited(&sender, &asked, *identities, instruction).expect("what was read can be sent");
        let read = again(
            outgoing.transaction(mlp::rlp::Transaction::new("t").expect("a name"), Timestamp::from_secs(1)).to_xml(),
        );
        assert_eq!(read.instruction(), Ok(instruction));
    }
}
