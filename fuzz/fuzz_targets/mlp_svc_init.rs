//! Any octets as an MLP request (OMA MLP section 5.6.2.1): read or refused, and answered either way.
#![no_main]

use std::hint::black_box;

use lcs::Timestamp;
use libfuzzer_sys::fuzz_target;
use mlp::client::{SvcResult, parse_svc_result};
use mlp::{Answer, AnswerBody, Immediate, Limits, Outcome, Pos, Report, ResultId, Service, SvcInit, parse_svc_init};

fuzz_target!(|data: &[u8]| {
    let mut out = String::new();
    match parse_svc_init(data, &Limits::default()) {
        Err(error) => {
            black_box(format!("{error} {error:?}"));
            assert!(matches!(error.http_status(), 200 | 404));
            error.write(&mut out);
            let read = sound(&out);
            assert_eq!(read.element, error.answer.name());
            assert_eq!(read.result.map(|(result, _)| result), Some(error.result));
        }
        Ok(init) => {
            black_box(format!("{init:?}"));
            if let Service::Immediate(request) = &init.service {
                answered(&init, request, &mut out);
            }
        }
    }
});

/// Whatever we write is read by the client's parser.
fn sound(xml: &str) -> SvcResult {
    parse_svc_result(xml.as_bytes()).expect("our own answer")
}

fn answered(init: &SvcInit, request: &Immediate, out: &mut String) {
    assert!(!request.targets.is_empty() && request.targets.len() <= Limits::default().max_targets);
    let at = Timestamp::from_secs(1_700_000_000);
    let outcome = Outcome::Failed { result: ResultId::POSITION_METHOD_FAILURE, add_info: None, at };
    let positions: Vec<Pos<'_>> = request.targets.iter().map(|target| Pos { target, outcome }).collect();
    for body in [AnswerBody::Positions(&positions), AnswerBody::Accepted { request_id: "4711" }] {
        out.clear();
        Answer::to(init.version, &init.header, request, body).write(out);
        let read = sound(out);
        assert_eq!(read.element, request.service.answer().name());
        if matches!(body, AnswerBody::Positions(_)) {
            assert_eq!(read.positions.len(), positions.len());
        }
    }
    out.clear();
    Report {
        version: init.version,
        service: request.service,
        shapes: init.header.supported_shapes.as_ref(),
        qos_class: request.quality.qos.class,
        request_id: "4711",
        push_address: request.push_address.as_ref(),
        positions: &positions,
    }
    .write(out);
    assert_eq!(sound(out).positions.len(), positions.len());
}
