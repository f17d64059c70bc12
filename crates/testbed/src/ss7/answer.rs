//! What goes back over MAP: errors, rejects, and what faults make of them.

use super::{Denial, Diagnostic};
use crate::{counters::count, fault::Fault, network::Shared};
use ss7::{
    map::{
        AbsentSubscriberReason, DecodeError, MapError, Octets, PositionMethodFailureDiagnostic, PslRes, Reply,
        SystemFailure, UnauthorizedLcsClientDiagnostic,
    },
    tcap::Problem,
};
use std::time::Duration;
use transport::sigtran::{Answer, InvokeProblem};

/// A result that breaks off: a SEQUENCE of sixteen octets of which three come.
const TRUNCATED: [u8; 5] = [0x30, 0x10, 0x04, 0x08, 0x10];
/// A SEQUENCE of indefinite length without end, with an element whose tag number has 35 bits.
const ABSURD: [u8; 10] = [0x30, 0x80, 0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x01, 0x00];

/// An error.
pub(super) fn error(error: MapError) -> Answer {
    Answer::Error { code: error.code(), parameter: error.parameter() }
}

/// What an argument that cannot be used is answered with.
pub(super) fn undecodable(fault: DecodeError) -> Answer {
    match fault.reply() {
        Reply::Error(told) => error(told),
        Reply::Reject(Problem::Invoke(problem)) => Answer::Reject(problem),
        Reply::Reject(_) => Answer::Reject(InvokeProblem::MistypedParameter),
    }
}

/// The error that a denial is.
pub(super) fn denied(denial: Denial) -> Answer {
    error(match denial {
        Denial::Unidentified => MapError::UnidentifiedSubscriber,
        Denial::Detached => MapError::AbsentSubscriber(Some(AbsentSubscriberReason::ImsiDetach)),
        Denial::NoPageResponse => MapError::AbsentSubscriber(Some(AbsentSubscriberReason::NoPageResponse)),
        Denial::SystemFailure => MapError::SystemFailure(SystemFailure::default()),
        Denial::FacilityNotSupported => MapError::SHAPE_NOT_SUPPORTED,
        Denial::NoLcs => {
            MapError::FacilityNotSupported { shape_of_location_estimate: false, needed_lcs_capability: true }
        }
        Denial::DataMissing => MapError::DataMissing,
        Denial::UnexpectedDataValue => MapError::UnexpectedDataValue { unexpected_subscriber: false },
        Denial::UnauthorizedNetwork => MapError::UnauthorizedRequestingNetwork,
        Denial::UnauthorizedClient(diagnostic) => MapError::UnauthorizedLcsClient(Some(told(diagnostic))),
        Denial::PositioningFailed => {
            MapError::PositionMethodFailure(Some(PositionMethodFailureDiagnostic::LocationProcedureNotCompleted))
        }
        Denial::NotSupportedByPhone => MapError::PositionMethodFailure(Some(
            PositionMethodFailureDiagnostic::LocationProcedureNotSupportedByTargetMs,
        )),
    })
}

fn told(diagnostic: Diagnostic) -> UnauthorizedLcsClientDiagnostic {
    use UnauthorizedLcsClientDiagnostic as D;
    match diagnostic {
        Diagnostic::NoAdditionalInformation => D::NoAdditionalInformation,
        Diagnostic::NotInExceptionList => D::ClientNotInMsPrivacyExceptionList,
        Diagnostic::CallNotSetUp => D::CallToClientNotSetup,
        Diagnostic::OverrideNotApplicable => D::PrivacyOverrideNotApplicable,
        Diagnostic::LocalRegulation => D::DisallowedByLocalRegulatoryRequirements,
        Diagnostic::PrivacyClass => D::UnauthorizedPrivacyClass,
        Diagnostic::UnrelatedClient => D::UnauthorizedCallSessionUnrelatedExternalClient,
        Diagnostic::RelatedClient => D::UnauthorizedCallSessionRelatedExternalClient,
    }
}

/// What the faults of the node's own logic leave of a result.
pub(super) fn spoiled(mut result: PslRes, faults: &[Fault]) -> PslRes {
    let has = |fault| faults.contains(&fault);
    if has(Fault::CellOnly) {
        let cell = result.cell_id_or_sai;
        result = PslRes { cell_id_or_sai: cell, ..PslRes::without_place(false) };
    }
    if has(Fault::NoAgeNorAccuracy) {
        (result.age_min, result.accuracy_fulfilment) = (None, None);
    }
    if has(Fault::LowNibbleGad) {
        let mut octets = result.location_estimate.as_slice().to_vec();
        octets.iter_mut().take(1).for_each(|octet| *octet = octet.rotate_left(4));
        result.location_estimate = Octets::new(octets).unwrap_or(result.location_estimate);
    }
    result
}

impl Shared {
    /// What a legacy node does before its own logic: waits, stays silent, hangs up, aborts, or answers with something else; `None`
    /// to go on. What is done on the wire is marked.
    pub(crate) async fn misbehave_in_map(&self, node: &str, faults: &[Fault]) -> Option<Answer> {
        for fault in faults {
            if let Fault::Delay { ms } = *fault {
                count(&self.counters.spoiled);
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
        }
        self.marks.mark_with(node.as_bytes(), faults, Fault::Disconnect);
        let answer = faults.iter().find_map(|fault| match *fault {
            Fault::Drop => Some(Answer::Silence),
            Fault::Result { code, .. } => Some(Answer::Error { code: i64::from(code), parameter: Vec::new() }),
            Fault::Abort => Some(Answer::Abort(Vec::new())),
            Fault::WrongContext => Some(Answer::ContextNotSupported { alternative: None }),
            Fault::TruncatedBer => Some(Answer::Result(TRUNCATED.to_vec())),
            Fault::AbsurdTag => Some(Answer::Result(ABSURD.to_vec())),
            Fault::Delay { .. }
            | Fault::Disconnect
            | Fault::Mute
            | Fault::Gone
            | Fault::Garbage
            | Fault::Truncated
            | Fault::Duplicate
            | Fault::AnswerToNothing
            | Fault::WrongHopByHop
            | Fault::CellOnly
            | Fault::LowNibbleGad
            | Fault::WithoutVendorBit
            | Fault::NoAgeNorAccuracy
            | Fault::LostReport
            | Fault::ReportTwice
            | Fault::ForgedReport => None,
        })?;
        count(&self.counters.spoiled);
        Some(answer)
    }
}
