//! Whether a position is as good as asked (TS 23.271 clauses 6.5.1 and 9.1.1 steps 5 and 10).

use lcs::{Fix, LocationRequest, Qos, QosClass};
use privacy::disclosure::Given;

/// Whether an assured request takes it; a best effort one takes anything. Without a word of the node on accuracy, figures
/// decide; where none are told, it is not "indicated to fulfil the requested accuracy" (clause 9.1.1 step 10).
pub(crate) fn is_assured(qos: &Qos, given: &Given) -> bool {
    qos.class == QosClass::BestEffort
        || given.accuracy_fulfilled.unwrap_or_else(|| qos.vertical_m.is_none() && is_within(qos, given))
}

/// [`is_assured`] of a position that was not yet checked again.
pub(crate) fn is_assured_by(qos: &Qos, fix: &Fix) -> bool {
    is_assured(qos, &Given::of(fix))
}

/// Whether a position given earlier spares asking the network: within the age and the accuracy asked for, and with altitude
/// and velocity where they are wanted. What the node said of another request's accuracy does not count.
pub(crate) fn serves(request: &LocationRequest, max_age_s: u32, fix: &Fix) -> bool {
    let altitude = fix.shape.as_ref().is_some_and(|shape| shape.altitude_m().is_some());
    fix.shape.is_some()
        && fix.age_min.is_some_and(|age_min| u64::from(age_min) * 60 <= u64::from(max_age_s))
        && is_within(&request.qos, &Given::of(fix))
        && (request.qos.vertical_m.is_none() || altitude)
        && (!request.velocity || fix.velocity.is_some())
}

fn is_within(qos: &Qos, given: &Given) -> bool {
    qos.horizontal_m.is_none_or(|wanted_m| given.accuracy_m.is_some_and(|told_m| told_m <= wanted_m))
}
