//! Any octets as an answer or a report of another gateway: what is read can be told on and is the same then.
#![no_main]

use std::hint::black_box;

use lcs::Timestamp;
use libfuzzer_sys::fuzz_target;
use mlp::Limits;
use mlp::rlp::{PeerNews, PeerOutcome, PeerReported, is_svc_result, parse_news, parse_svc_result, peer_failure};

fuzz_target!(|data: &[u8]| {
    answer(data);
    news(data);
});

fn news(data: &[u8]) {
    match parse_news(data, &Limits::default()) {
        Err(error) => {
            black_box(format!("{error} {error:?}"));
        }
        Ok(news) => {
            assert!(is_svc_result(data, &Limits::default()));
            black_box(format!("{news:?}"));
            assert!(news.passed_on.is_none_or(|passed_on| passed_on.subject.target().is_some()));
            let PeerNews::Report(report) = news.told else { return };
            assert!(report.subject.target().is_some() && report.number != Some(0));
            match report.outcome {
                PeerReported::Position(position) => {
                    assert!(position.fix(Timestamp::from_secs(1_700_000_000)).shape.is_some())
                }
                PeerReported::Failed(result) => assert_ne!(result.0, 0, "0 is no failure"),
                PeerReported::Event => {}
            }
        }
    }
}

fn answer(data: &[u8]) {
    match parse_svc_result(data, &Limits::default()) {
        Err(error) => {
            black_box(format!("{error} {error:?}"));
        }
        Ok(answer) => {
            black_box(format!("{answer:?}"));
            match answer.outcome {
                PeerOutcome::Position(position) => {
                    let fix = position.fix(Timestamp::from_secs(1_700_000_000));
                    assert!(fix.shape.is_some() || fix.cell.is_some());
                    assert!(fix.age_min.is_some());
                    assert!(position.subject.target().is_some() && position.subject.is(&position.subject));
                    if let Some(shape) = &fix.shape {
                        assert!(shape.centre().lat_deg.abs() <= 90.0 && shape.centre().lon_deg.abs() <= 180.0);
                        assert_eq!(lcs::gad::Shape::decode(&shape.encode()).as_ref(), Ok(shape));
                    }
                }
                PeerOutcome::Failed(result) => {
                    assert_ne!(result.0, 0, "0 is no failure");
                    black_box(peer_failure(result));
                }
                PeerOutcome::Accepted => assert!(answer.request_id.is_some() && !answer.report),
                PeerOutcome::Notified => {}
            }
        }
    }
}
