use super::*;

const PLAIN: &[(Failure, u16)] = &[
    (Failure::PositioningDenied, 202),
    (Failure::UnknownSubscriber, 4),
    (Failure::AbsentSubscriber, 5),
    (Failure::DetachedSubscriber, 5),
    (Failure::SuspendedSubscriber, 5),
    (Failure::PositioningFailed, 6),
    (Failure::QosNotAttainable, 201),
    (Failure::NetworkNotAuthorised, 2),
    (Failure::NetworkCongestion, 203),
    (Failure::NetworkUnreachable, 1),
    (Failure::NetworkFault, 1),
    (Failure::NetworkProtocol, 1),
    (Failure::TimedOut, 7),
    (Failure::OutsideCoverage, 202),
    (Failure::ServingNodeUnsupported, 6),
    (Failure::UnauthorisedApplication, 3),
    (Failure::TooManyTargets, 104),
    (Failure::OverQuota, 101),
    (Failure::InvalidRequest, 110),
    (Failure::Cancelled, 2),
    (Failure::Congestion, 101),
    (Failure::Stopping, 101),
    (Failure::LogUnavailable, 1),
    (Failure::SystemFailure, 1),
];

const REFUSALS: &[(RefusalReason, u16, u16)] = &[
    (RefusalReason::OptedOut, 202, 2),
    (RefusalReason::SwitchedOff, 202, 2),
    (RefusalReason::Paused, 202, 2),
    (RefusalReason::NoProfile, 202, 2),
    (RefusalReason::ProfileUnreadable, 202, 2),
    (RefusalReason::NoClass, 202, 2),
    (RefusalReason::ClientNotListed, 202, 2),
    (RefusalReason::ClassBars, 202, 2),
    (RefusalReason::GmlcRestriction, 202, 2),
    (RefusalReason::PlmnClientNotListed, 202, 2),
    (RefusalReason::CodewordMissing, 202, 2),
    (RefusalReason::CodewordWrong, 202, 2),
    (RefusalReason::RequestorNotAllowed, 202, 2),
    (RefusalReason::OutsideHours, 202, 2),
    (RefusalReason::AreaRule, 202, 2),
    (RefusalReason::RefusedAfterPositioning, 202, 2),
    (RefusalReason::OperatorFloor, 202, 2),
    (RefusalReason::NodeIncapable, 202, 2),
    (RefusalReason::OverrideNotApplicable, 202, 2),
    (RefusalReason::LocalRegulation, 204, 2),
    (RefusalReason::TargetNotAuthorised, 202, 2),
    (RefusalReason::PseudonymUnresolved, 4, 4),
    (RefusalReason::GatewayNotAuthorised, 3, 3),
];

#[test]
fn every_failure_has_its_result() {
    // A33: whether reasons are hidden changes refusals alone.
    for (failure, expected) in PLAIN {
        assert_eq!(ResultId::from(*failure), ResultId(*expected), "{failure:?}");
        let hidden = if *expected == 202 { 2 } else { *expected };
        assert_eq!(result_of(*failure, true), ResultId(hidden), "{failure:?} hidden");
    }
    for (reason, told, hidden) in REFUSALS {
        assert_eq!(result_of(Failure::Refused(*reason), false), ResultId(*told), "{reason:?}");
        assert_eq!(result_of(Failure::Refused(*reason), true), ResultId(*hidden), "{reason:?} hidden");
    }
}

#[test]
fn result_ids_have_the_slogans_of_the_table() {
    let ids: Vec<u16> = ResultId::ALL.iter().map(|r| r.0).collect();
    assert_eq!(
        ids,
        [
            0, 1, 2, 3, 4, 5, 6, 7, 101, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117,
            201, 202, 203, 204, 207, 208, 601, 602, 603, 604, 605
        ]
    );
    for result in ResultId::ALL {
        let slogan = result.slogan();
        assert_eq!(slogan == "UNSPECIFIED ERROR", *result == ResultId::UNSPECIFIED_ERROR, "{result:?}");
        assert!(slogan.bytes().all(|b| b.is_ascii_uppercase() || b == b' ' || b == b'/'), "{slogan}");
    }
    assert_eq!(ResultId(102).slogan(), "UNSPECIFIED ERROR");
    assert_eq!(ResultId(555).slogan(), "VENDOR SPECIFIC ERROR");
}
