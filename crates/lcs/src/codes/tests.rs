use crate::{Failure, Fault, RefusalReason};
use std::collections::HashSet;

#[test]
fn every_reason_has_its_own_number_and_name() {
    let codes: Vec<u16> = RefusalReason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes, (1..=23).collect::<Vec<_>>());
    let names: HashSet<&str> = RefusalReason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(names.len(), 23);
    for code in 0..=u16::MAX {
        assert_eq!(RefusalReason::from_code(code).map(RefusalReason::code), (1..=23).contains(&code).then_some(code));
    }
}

#[test]
fn every_failure_has_its_own_number() {
    let codes: Vec<u16> = Failure::ALL.iter().map(|failure| failure.code()).collect();
    assert_eq!(codes, (1..=24).chain(1001..=1023).collect::<Vec<_>>());
    for code in 0..=u16::MAX {
        let known = (1..=24).contains(&code) || (1001..=1023).contains(&code);
        assert_eq!(Failure::from_code(code).map(Failure::code), known.then_some(code));
    }
    for reason in RefusalReason::ALL {
        assert_eq!(Failure::from_code(1000 + reason.code()), Some(Failure::Refused(reason)));
        assert_eq!(Failure::Refused(reason).reason(), Some(reason));
    }
}

#[test]
fn numbers_in_old_logs_keep_their_meaning() {
    // Picked from the tables once and never to change.
    assert_eq!(Failure::from_code(1), Some(Failure::PositioningDenied));
    assert_eq!(Failure::from_code(13), Some(Failure::TimedOut));
    assert_eq!(Failure::from_code(24), Some(Failure::SystemFailure));
    assert_eq!(Failure::from_code(1001), Some(Failure::Refused(RefusalReason::OptedOut)));
    assert_eq!(Failure::from_code(1022), Some(Failure::Refused(RefusalReason::PseudonymUnresolved)));
    assert_eq!(Failure::from_code(1023), Some(Failure::Refused(RefusalReason::GatewayNotAuthorised)));
}

#[test]
fn names_are_snake_case_and_tell_failures_apart() {
    let plain = Failure::ALL.iter().filter(|failure| failure.reason().is_none());
    let names: Vec<&str> = plain.map(|failure| failure.as_str()).chain(["refused"]).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), 25);
    for name in names.into_iter().chain(RefusalReason::ALL.map(RefusalReason::as_str)) {
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !name.is_empty());
    }
    assert!(
        Failure::ALL.iter().filter(|failure| failure.reason().is_some()).all(|failure| failure.as_str() == "refused")
    );
}

#[test]
fn every_failure_has_a_fault_and_a_message() {
    for failure in Failure::ALL {
        assert!(!failure.to_string().is_empty());
        assert_eq!(failure.reason().is_some(), failure.to_string().starts_with("refused: "));
        assert!(failure.reason().is_none() || failure.fault() == Fault::PolicyRefused);
    }
}
