//! Stable numbers for the closed sets that entries contain. A number is never reused or given another meaning.

use super::entry::{Notification, Via};
use crate::Basis;
use lcs::gad::{HaRange, HaUncertainty, Shape, Uncertainty};
use lcs::{Failure, LocationType, NatureOfAddress, NumberingPlan, QosClass, RefusalReason, ResponseTime};

/// A set of values with one number each. The number of a value is found by an exhaustive match, so that a new value
/// without a number does not compile; the value of a number is found by search.
macro_rules! codes {
    ($code:ident, $from:ident, $type:ty, { $($value:path => $number:literal,)* }) => {
        pub(super) fn $code(value: $type) -> u8 {
            match value { $($value => $number,)* }
        }
        pub(super) fn $from(code: u8) -> Option<$type> {
            match code { $($number => Some($value),)* _ => None }
        }
    };
}

/// Number of a failure; a refusal has its own place in an entry and is 0 here.
pub(super) fn failure_code(failure: Failure) -> u8 {
    match failure {
        Failure::Refused(_) => 0,
        Failure::PositioningDenied => 1,
        Failure::UnknownSubscriber => 2,
        Failure::AbsentSubscriber => 3,
        Failure::DetachedSubscriber => 4,
        Failure::SuspendedSubscriber => 5,
        Failure::PositioningFailed => 6,
        Failure::QosNotAttainable => 7,
        Failure::NetworkNotAuthorised => 8,
        Failure::NetworkCongestion => 9,
        Failure::NetworkUnreachable => 10,
        Failure::NetworkFault => 11,
        Failure::NetworkProtocol => 12,
        Failure::TimedOut => 13,
        Failure::OutsideCoverage => 14,
        Failure::ServingNodeUnsupported => 15,
        Failure::UnauthorisedApplication => 16,
        Failure::TooManyTargets => 17,
        Failure::OverQuota => 18,
        Failure::InvalidRequest => 19,
        Failure::Cancelled => 20,
        Failure::Congestion => 21,
        Failure::Stopping => 22,
        Failure::LogUnavailable => 23,
        Failure::SystemFailure => 24,
    }
}

pub(super) fn failure_from(code: u8) -> Option<Failure> {
    Some(match code {
        1 => Failure::PositioningDenied,
        2 => Failure::UnknownSubscriber,
        3 => Failure::AbsentSubscriber,
        4 => Failure::DetachedSubscriber,
        5 => Failure::SuspendedSubscriber,
        6 => Failure::PositioningFailed,
        7 => Failure::QosNotAttainable,
        8 => Failure::NetworkNotAuthorised,
        9 => Failure::NetworkCongestion,
        10 => Failure::NetworkUnreachable,
        11 => Failure::NetworkFault,
        12 => Failure::NetworkProtocol,
        13 => Failure::TimedOut,
        14 => Failure::OutsideCoverage,
        15 => Failure::ServingNodeUnsupported,
        16 => Failure::UnauthorisedApplication,
        17 => Failure::TooManyTargets,
        18 => Failure::OverQuota,
        19 => Failure::InvalidRequest,
        20 => Failure::Cancelled,
        21 => Failure::Congestion,
        22 => Failure::Stopping,
        23 => Failure::LogUnavailable,
        24 => Failure::SystemFailure,
        _ => return None,
    })
}

codes!(reason_code, reason_from, RefusalReason, {
    RefusalReason::OptedOut => 1,
    RefusalReason::SwitchedOff => 2,
    RefusalReason::Paused => 3,
    RefusalReason::NoProfile => 4,
    RefusalReason::ProfileUnreadable => 5,
    RefusalReason::NoClass => 6,
    RefusalReason::ClientNotListed => 7,
    RefusalReason::ClassBars => 8,
    RefusalReason::GmlcRestriction => 9,
    RefusalReason::PlmnClientNotListed => 10,
    RefusalReason::CodewordMissing => 11,
    RefusalReason::CodewordWrong => 12,
    RefusalReason::RequestorNotAllowed => 13,
    RefusalReason::OutsideHours => 14,
    RefusalReason::AreaRule => 15,
    RefusalReason::RefusedAfterPositioning => 16,
    RefusalReason::OperatorFloor => 17,
    RefusalReason::NodeIncapable => 18,
    RefusalReason::OverrideNotApplicable => 19,
    RefusalReason::LocalRegulation => 20,
    RefusalReason::TargetNotAuthorised => 21,
    RefusalReason::PseudonymUnresolved => 22,
    RefusalReason::GatewayNotAuthorised => 23,
});

codes!(via_code, via_from, Via, {
    Via::Mlp => 1,
    Via::Rlp => 2,
    Via::Camara => 3,
    Via::Admin => 4,
    Via::Network => 5,
    Via::Portal => 6,
    Via::Pull => 7,
    Via::Phone => 8,
});

codes!(basis_code, basis_from, Basis, {
    Basis::Profile => 1,
    Basis::PlmnOperator => 2,
    Basis::Emergency => 3,
    Basis::LawfulIntercept => 4,
    Basis::OwnRequest => 5,
    Basis::HomeGateway => 6,
    Basis::HomeInstruction => 7,
});

codes!(notification_code, notification_from, Notification, {
    Notification::NotNeeded => 0,
    Notification::Ordered => 1,
    Notification::Accepted => 2,
    Notification::Denied => 3,
    Notification::NoAnswer => 4,
});

codes!(location_type_code, location_type_from, LocationType, {
    LocationType::Current => 0,
    LocationType::CurrentOrLastKnown => 1,
    LocationType::Initial => 2,
    LocationType::ActivateDeferred => 3,
    LocationType::CancelDeferred => 4,
    LocationType::NotificationVerificationOnly => 5,
});

codes!(qos_class_code, qos_class_from, QosClass, {
    QosClass::Assured => 0,
    QosClass::BestEffort => 1,
});

codes!(response_time_code, response_time_from, ResponseTime, {
    ResponseTime::LowDelay => 0,
    ResponseTime::DelayTolerant => 1,
});

/// Nature of address as one octet: 3 bits of any other value are kept above 0x10.
pub(super) fn nature_code(nature: NatureOfAddress) -> u8 {
    match nature {
        NatureOfAddress::International => 1,
        NatureOfAddress::National => 2,
        NatureOfAddress::NetworkSpecific => 3,
        NatureOfAddress::Subscriber => 4,
        NatureOfAddress::Abbreviated => 6,
        NatureOfAddress::Other(bits) => 0x10 | (bits & 7),
    }
}

pub(super) fn nature_from(code: u8) -> Option<NatureOfAddress> {
    Some(match code {
        1 => NatureOfAddress::International,
        2 => NatureOfAddress::National,
        3 => NatureOfAddress::NetworkSpecific,
        4 => NatureOfAddress::Subscriber,
        6 => NatureOfAddress::Abbreviated,
        0x10..=0x17 => NatureOfAddress::Other(code & 7),
        _ => return None,
    })
}

pub(super) fn plan_code(plan: NumberingPlan) -> u8 {
    match plan {
        NumberingPlan::Isdn => 1,
        NumberingPlan::Other(bits) => 0x10 | (bits & 0xF),
    }
}

pub(super) fn plan_from(code: u8) -> Option<NumberingPlan> {
    match code {
        1 => Some(NumberingPlan::Isdn),
        0x10..=0x1F => Some(NumberingPlan::Other(code & 0xF)),
        _ => None,
    }
}

/// Type code of a shape (TS 23.032 clause 7.2) and its greater uncertainty in metres, rounded up.
pub(super) fn shape_facts(shape: &Shape) -> (u8, Option<u32>) {
    match shape {
        Shape::Point(_) => (0, None),
        Shape::Circle(_, radius) => (1, Some(metres(*radius))),
        Shape::Ellipse(_, ellipse) => (3, Some(metres(ellipse.semi_major))),
        Shape::Polygon(_) => (5, None),
        Shape::PointAltitude(..) => (8, None),
        Shape::AltitudeEllipsoid(_, _, ellipse, _) => (9, Some(metres(ellipse.semi_major))),
        Shape::Arc { uncertainty, .. } => (10, Some(metres(*uncertainty))),
        Shape::HaEllipse(_, ellipse) => (11, ha_metres(ellipse.semi_major, HaRange::Default)),
        Shape::HaAltitudeEllipsoid(_, _, ellipse, ..) => (12, ha_metres(ellipse.semi_major, HaRange::Default)),
        Shape::HaScalableEllipse(_, ellipse, range) => (13, ha_metres(ellipse.semi_major, *range)),
        Shape::HaAltitudeScalableEllipsoid { ellipse, horizontal_range, .. } => {
            (14, ha_metres(ellipse.semi_major, *horizontal_range))
        }
    }
}

fn metres(code: Uncertainty) -> u32 {
    whole(code.metres())
}

/// `None` for the open-ended code, "more than 200 m".
fn ha_metres(code: HaUncertainty, range: HaRange) -> Option<u32> {
    code.metres(range).map(whole)
}

fn whole(metres: f64) -> u32 {
    // Saturates: the greatest code is 1,800 km.
    metres.ceil() as u32
}
