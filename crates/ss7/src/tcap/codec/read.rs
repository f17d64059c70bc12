//! Octets to messages.

use tcap::{
    AbortReason, AbortSource, AssociateResult, AssociateSourceDiagnostic, Component, ComponentType, DialogueContent,
    DialoguePdu, DialoguePortion, External, Fault, MessageType, ProtocolVersion, TcapMessage,
};

use super::super::codes::{GeneralProblem, Problem, ProviderAbortCause};
use super::super::context::ApplicationContext;
use super::{PeerTransactionId, local};

/// Message types of Q.773 table 8 that belong to a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Kind {
    Begin,
    Continue,
    End,
    Abort,
}

/// What the octets are.
#[derive(Debug)]
pub(in super::super) enum Decoded {
    /// A message whose transaction portion is sound.
    Message(Message),
    /// A Unidirectional message, sound or not.
    Unidirectional,
    /// A message whose transaction portion is not (Q.774 clause 3.3.4): no kind where that is unknown too.
    Damaged { kind: Option<Kind>, otid: Option<PeerTransactionId>, dtid: Option<u32>, cause: ProviderAbortCause },
}

/// A message whose transaction portion is sound.
#[derive(Debug)]
pub(in super::super) struct Message {
    pub(in super::super) kind: Kind,
    /// Sender's identifier, in Begin and Continue.
    pub(in super::super) otid: Option<PeerTransactionId>,
    /// Our identifier, in Continue, End and Abort; none where it cannot be one of ours.
    pub(in super::super) dtid: Option<u32>,
    pub(in super::super) portion: Portion,
    /// P-Abort cause, in an Abort of the transaction sub-layer.
    pub(in super::super) cause: Option<ProviderAbortCause>,
    pub(in super::super) components: Vec<Component>,
    /// The component after these that could not be understood; what follows it is dropped (Q.774 clause 3.2.2.2).
    pub(in super::super) faulty: Option<Faulty>,
}

/// A component that could not be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Faulty {
    pub(in super::super) component_type: Option<ComponentType>,
    pub(in super::super) invoke_id: Option<i8>,
    pub(in super::super) problem: Problem,
}

/// The dialogue portion (Q.773 clause 3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Portion {
    Absent,
    /// AARQ.
    Request {
        context: ApplicationContext,
        user_information: Vec<u8>,
    },
    /// AARQ that does not list version 1.
    OtherVersion {
        context: ApplicationContext,
    },
    /// AARE, accepted.
    Accepted {
        context: ApplicationContext,
    },
    /// AARE, rejected.
    Rejected {
        context: ApplicationContext,
        diagnostic: AssociateSourceDiagnostic,
        user_information: Vec<u8>,
    },
    /// ABRT.
    Abort {
        by_user: bool,
        user_information: Vec<u8>,
    },
    /// An EXTERNAL in an abstract syntax that is not of Q.773.
    Foreign(Vec<u8>),
    /// Malformed, or with a context name longer than any that is in use.
    Malformed,
}

/// Reads one TCAP message.
pub(in super::super) fn decode(octets: &[u8]) -> Decoded {
    match tcap::decode_detailed(octets) {
        tcap::Decoded::Complete(message) => of_message(message, None),
        tcap::Decoded::Problem(problem) => of_problem(*problem),
    }
}

fn of_problem(problem: tcap::DecodeProblem) -> Decoded {
    let kind = match problem.message_type {
        Some(MessageType::Unidirectional) => return Decoded::Unidirectional,
        Some(MessageType::Begin) => Some(Kind::Begin),
        Some(MessageType::Continue) => Some(Kind::Continue),
        Some(MessageType::End) => Some(Kind::End),
        Some(MessageType::Abort) => Some(Kind::Abort),
        None => None,
    };
    let otid = problem.otid.as_deref().and_then(PeerTransactionId::new);
    let dtid = problem.dtid.as_deref().and_then(local);
    let damaged = |cause| Decoded::Damaged { kind, otid, dtid, cause };
    match (problem.fault, kind, problem.partial) {
        (Fault::TransactionPortion { cause }, ..) => damaged(ProviderAbortCause::from_number(cause.value())),
        (Fault::DialoguePortion, Some(kind), _) => Decoded::Message(Message {
            kind,
            otid,
            dtid,
            portion: Portion::Malformed,
            cause: None,
            components: Vec::new(),
            faulty: None,
        }),
        (Fault::Component { component_type, invoke_id, problem, .. }, _, Some(partial)) => {
            let problem = Problem::General(GeneralProblem::from_number(problem.value()));
            of_message(partial, Some(Faulty { component_type, invoke_id, problem }))
        }
        _ => damaged(ProviderAbortCause::IncorrectTransactionPortion),
    }
}

fn of_message(message: TcapMessage, faulty: Option<Faulty>) -> Decoded {
    let (kind, otid, dtid, portion, components) = match message {
        TcapMessage::Unidirectional(_) => return Decoded::Unidirectional,
        TcapMessage::Begin(begin) => (Kind::Begin, Some(begin.otid), None, begin.dialogue_portion, begin.components),
        TcapMessage::Continue(more) => {
            (Kind::Continue, Some(more.otid), Some(more.dtid), more.dialogue_portion, more.components)
        }
        TcapMessage::End(end) => (Kind::End, None, Some(end.dtid), end.dialogue_portion, end.components),
        TcapMessage::Abort(abort) => return Decoded::Message(of_abort(abort)),
    };
    Decoded::Message(Message {
        kind,
        otid: otid.as_deref().and_then(PeerTransactionId::new),
        dtid: dtid.as_deref().and_then(local),
        portion: portion.as_ref().map_or(Portion::Absent, of_portion),
        cause: None,
        components: components.unwrap_or_default(),
        faulty,
    })
}

fn of_abort(abort: tcap::Abort) -> Message {
    let (portion, cause) = match &abort.reason {
        None => (Portion::Absent, None),
        Some(AbortReason::PAbort(cause)) => (Portion::Absent, Some(ProviderAbortCause::from_number(cause.value()))),
        Some(AbortReason::UAbort(portion)) => (of_portion(portion), None),
    };
    let dtid = local(&abort.dtid);
    Message { kind: Kind::Abort, otid: None, dtid, portion, cause, components: Vec::new(), faulty: None }
}

fn of_portion(portion: &DialoguePortion) -> Portion {
    let context = |name: &[u32]| ApplicationContext::from_arcs(name).ok();
    let read = match portion.parse() {
        Err(_) => None,
        Ok(DialogueContent::Unmodelled(external)) => Some(Portion::Foreign(external.encode())),
        Ok(DialogueContent::Pdu(DialoguePdu::Aarq {
            protocol_version,
            application_context_name,
            user_information,
        })) => context(&application_context_name).map(|context| match protocol_version {
            ProtocolVersion::Version1 => Portion::Request { context, user_information: octets(user_information) },
            ProtocolVersion::Other(_) => Portion::OtherVersion { context },
        }),
        Ok(DialogueContent::Pdu(DialoguePdu::Aare {
            application_context_name,
            result,
            result_source_diagnostic: diagnostic,
            user_information,
            ..
        })) => context(&application_context_name).map(|context| match result {
            AssociateResult::Accepted => Portion::Accepted { context },
            AssociateResult::RejectedPermanent => {
                Portion::Rejected { context, diagnostic, user_information: octets(user_information) }
            }
        }),
        Ok(DialogueContent::Pdu(DialoguePdu::Abrt { abort_source, user_information })) => Some(Portion::Abort {
            by_user: abort_source == AbortSource::DialogueServiceUser,
            user_information: octets(user_information),
        }),
        Ok(DialogueContent::Pdu(DialoguePdu::Audt { .. })) => None,
    };
    read.unwrap_or(Portion::Malformed)
}

fn octets(user_information: Option<Vec<External>>) -> Vec<u8> {
    user_information.iter().flatten().flat_map(External::encode).collect()
}
