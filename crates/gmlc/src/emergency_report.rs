//! Network induced location report of an EPC emergency call (TS 23.271 clause 9.1.17, TS 29.172 clause 6.2.3).
//!
//! Nobody asks: the serving node tells of the call of its own accord. The profile is not read, as local regulation has such
//! reports allowed (clause 9.5.2); the record is written like any other.

use crate::{
    Gateway,
    network::Network,
    progress::{Answer, Progress},
};
use lcs::{Failure, Fix, Identities};
use privacy::{
    Basis, PrivacyCheck, RuleId,
    disclosure::{LogUnavailable, Recorded, Ticket},
};

/// What happened to the emergency call (TS 29.172 clause 7.4.20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmergencyEvent {
    /// It began: 0.
    Origination,
    /// It was released: 1.
    Release,
    /// It was handed over to another serving node: 3.
    Handover,
}

/// Report of a serving node on an emergency call. `Debug` shows no identity and no place.
#[derive(Debug, Clone, PartialEq)]
pub struct EmergencyReport {
    /// The caller, as far as the node knows: a phone without a SIM has an IMEI alone.
    pub identities: Identities,
    /// What happened.
    pub event: EmergencyEvent,
    /// The position; `None` if positioning failed or was not tried.
    pub fix: Option<Fix>,
}

/// Takes a report and records it under `ticket`, which must be one of a report by the network to an emergency client. Without
/// a position the answer is [`Failure::PositioningFailed`].
///
/// # Errors
/// The log could not make the end durable; whatever the position was, it is gone. The node should be told to report again.
pub async fn emergency_report<N: Network>(
    gateway: &Gateway<'_, N>,
    report: EmergencyReport,
    mut ticket: Ticket,
) -> Result<Recorded<Answer>, LogUnavailable> {
    let mut progress = Progress::default();
    ticket.identify(gateway.ppr.subject(&report.identities), report.identities);
    progress.on(Basis::Emergency, RuleId::Override);
    let answer = match report.fix {
        Some(fix) => privacy::clear_emergency_report(fix, &ticket).map_err(|refusal| progress.refused(refusal)),
        None => Err(Failure::PositioningFailed),
    };
    let ending = progress.ending(&answer, gateway.keeps_coordinates).at(gateway.now());
    ticket.record(ending, answer).await
}
