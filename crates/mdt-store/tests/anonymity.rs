//! What may be kept of whom: B21, B24, B25, B26, and consent as the one way to rows that name a subscriber.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

mod support;

use lcs::{Duration, Timestamp};
use mdt::job::Subscriber;
use mdt::rrc::{Plmn, Rat, TraceReference};
use mdt_store::*;
use support::*;

struct Counted(u64);

impl Models for Counted {
    fn phones(&self, _: Model) -> Option<u64> {
        Some(self.0)
    }
}

struct Register(ConsentWord);

impl ConsentRegister for Register {
    fn signalling(&self, _: &Subscriber, _: TraceReference, _: Timestamp) -> ConsentWord {
        self.0.clone()
    }
}

fn one_row(job: &mdt::job::TraceJob, session: u16) -> mdt::rrc::LogColumns {
    let mut log = empty_log(job, session, Rat::Lte, NOON);
    add(&mut log, &london(5, 0));
    log
}

fn model() -> Model {
    Model::parse("35123456").unwrap()
}

/// Every level of a job against everything that may be told of a phone, and what is kept of it.
#[test]
fn what_a_job_allows_is_kept_and_nothing_else() {
    let levels = [(None, false), (Some("NO_IDENTITY"), false), (Some("TAC_OF_IMEI"), true)];
    for (level, allows_model) in levels {
        let job = job("000001", level, None);
        for told in [Told::Nothing, Told::Model(model()), Told::Identity] {
            for phones in [0, 99, 100, 101] {
                let anonymiser = Anonymiser::new(SessionKey::new([7; 32]), Counted(phones), 100);
                let kept = anonymiser.management(&job, &one_row(&job, 1), told, None, NOON);
                let expected = match told {
                    Told::Nothing => Ok((None, false)),
                    Told::Model(model) if allows_model && phones >= 100 => Ok((Some(model), false)),
                    Told::Model(_) if allows_model => Ok((None, true)),
                    Told::Model(_) | Told::Identity => Err(AnonymiseError::Identity),
                };
                let found = kept.map(|(rows, dropped)| {
                    let origin = rows.row(0).unwrap().origin;
                    assert_eq!(origin.subject, None);
                    (origin.model, dropped.model_suppressed)
                });
                assert_eq!(found, expected, "{level:?} {told:?} {phones}");
            }
        }
    }
}

#[test]
fn who_counted_nothing_keeps_no_model() {
    let job = job("000001", Some("TAC_OF_IMEI"), None);
    let (rows, dropped) = anonymiser().management(&job, &one_row(&job, 1), Told::Model(model()), None, NOON).unwrap();
    assert_eq!((rows.row(0).unwrap().origin.model, dropped.model_suppressed), (None, true));
}

/// B25: exactly eight digits.
#[test]
fn a_model_is_eight_digits() {
    for text in ["", "3512345", "351234567", "351234567890123", "3512345a", "\u{663}512345", "-5123456"] {
        assert_eq!(Model::parse(text), None, "{text}");
    }
    assert_eq!(Model::parse("00123456").unwrap().as_str(), "00123456");
}

/// B24: the session's two octets do not come through, and do not tie jobs together.
#[test]
fn sessions_are_keyed_by_job() {
    let of = |key: [u8; 32], trace_id: &str, session: u16| {
        let job = job(trace_id, None, None);
        let anonymiser = Anonymiser::new(SessionKey::new(key), NoModels, 100);
        let (rows, _) = anonymiser.management(&job, &one_row(&job, session), Told::Nothing, None, NOON).unwrap();
        rows.row(0).unwrap().origin.session
    };
    let seen = [of([7; 32], "000001", 1), of([7; 32], "000001", 2), of([7; 32], "000002", 1), of([8; 32], "000001", 1)];
    assert_eq!(of([7; 32], "000001", 1), seen[0], "a session stays one");
    for (at, session) in seen.iter().enumerate() {
        assert!(*session > 0xFFFF, "nothing to guess by counting");
        assert!(!seen[..at].contains(session), "one each");
    }
}

#[test]
fn a_log_of_another_job_or_time_is_refused() {
    let (job, other) = (area_job(), job("000002", None, None));
    let refused = |log: &mdt::rrc::LogColumns, received| {
        anonymiser().management(&job, log, Told::Nothing, None, received).unwrap_err()
    };
    assert_eq!(refused(&one_row(&other, 1), NOON), AnonymiseError::OtherJob { report: 0 });
    let week = NOON.after(Duration::from_secs(7 * 86_400));
    assert_eq!(refused(&one_row(&job, 1), week), AnonymiseError::Time { report: 0 });
    let mut two = one_row(&job, 1);
    two.heads.push(one_row(&other, 1).heads[0]);
    assert_eq!(refused(&two, NOON), AnonymiseError::OtherJob { report: 1 });
}

/// B21 at the collector: whatever is no clear yes is a no.
#[test]
fn a_signalling_job_needs_the_word_of_the_register() {
    let job = job("000003", None, Some("234150000000001"));
    let log = one_row(&job, 1);
    for told in [Told::Nothing, Told::Model(model()), Told::Identity] {
        let refused = anonymiser().management(&job, &log, told, None, NOON).unwrap_err();
        assert_eq!(refused, AnonymiseError::Signalling);
    }
    for (word, error) in [(ConsentWord::Refused, ConsentError::Refused), (ConsentWord::NoWord, ConsentError::NoWord)] {
        assert_eq!(SignallingConsent::ask(&Register(word), &job, NOON), Err(error));
    }
    assert_eq!(SignallingConsent::ask(&NoRegister, &job, NOON), Err(ConsentError::NoWord));
    let given = Register(ConsentWord::Given {
        subject: SubjectId([1; 16]),
        networks: vec![uk()],
        since: Timestamp::from_secs(0),
        until: None,
    });
    assert_eq!(SignallingConsent::ask(&given, &area_job(), NOON), Err(ConsentError::NotSignalling));
    let consent = SignallingConsent::ask(&given, &job, NOON).unwrap();
    let (rows, _) = anonymiser().signalling(&consent, &job, &log, None, NOON).unwrap();
    assert_eq!(rows.row(0).unwrap().origin.subject, Some(SubjectId([1; 16])));
    let other = support::job("000004", None, Some("234150000000001"));
    let refused = anonymiser().signalling(&consent, &other, &one_row(&other, 1), None, NOON).unwrap_err();
    assert_eq!(refused, AnonymiseError::OtherConsent);
}

/// A5, B22: what was logged outside of the consent is dropped and counted.
#[test]
fn consent_covers_a_time_and_networks() {
    let job = job("000003", None, Some("234150000000001"));
    let mut log = empty_log(&job, 1, Rat::Lte, NOON);
    for time_s in [9, 10, 19, 20] {
        add(&mut log, &london(time_s, 0));
    }
    add(&mut log, &Made { network: Plmn::new("234", "150"), ..london(15, 0) });
    add(&mut log, &Made { network: None, ..london(15, 0) });
    let at = |seconds| NOON.after(Duration::from_secs(seconds));
    let given = Register(ConsentWord::Given {
        subject: SubjectId([1; 16]),
        networks: vec![uk()],
        since: at(10),
        until: Some(at(20)),
    });
    let consent = SignallingConsent::ask(&given, &job, NOON).unwrap();
    let (rows, dropped) = anonymiser().signalling(&consent, &job, &log, None, NOON).unwrap();
    let began = NOON.micros() as i64 / 1000;
    let times: Vec<i64> = (0..rows.len()).map(|at| rows.row(at).unwrap().time_ms - began).collect();
    assert_eq!((times, dropped.outside_consent), (vec![10_000, 19_000], 4));
    assert_eq!(rows.neighbours(1).count(), 1, "each with its own neighbours");
}

#[test]
fn nothing_of_a_row_is_printed() {
    let rows = kept(&area_job(), 1, Some([9; 32]), &[london(5, 0)]);
    let row = rows.row(0).unwrap();
    let shown = format!("{rows:?} {row:?} {:?} {:?}", row.origin, rows.neighbours(0).next());
    assert_eq!(shown, "AnonymisedRows(1 of 1 logs) Row(hidden) Origin(234-15-000001) Some(Neighbour(hidden))");
}
