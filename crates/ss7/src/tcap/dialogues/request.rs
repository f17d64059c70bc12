//! Components that the TC-user wants to send: checked as a whole, then built, then entered.

use core::time::Duration;

use tcap::{Component, ErrorCode, Invoke, OperationCode, Reject, ReturnError, ReturnResult, ReturnResultValue};

use super::super::codes::Problem;
use super::super::component::Request;
use super::super::fault::TcapFault;
use super::super::limits::TcapLimits;
use super::dialogue::{Asked, Dialogue, Invocation};

/// Which message the components go into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Begin,
    Continue,
    End,
}

/// Whether these components may go out in this dialogue (none yet for a Begin), in this message.
pub(super) fn check<A>(
    dialogue: Option<&Dialogue<A>>,
    requests: &[Request<'_>],
    within: Within,
    limits: &TcapLimits,
) -> Result<(), TcapFault> {
    let new = requests.iter().filter(|request| matches!(request, Request::Invoke { .. })).count();
    let under_way = dialogue.map_or(0, |dialogue| dialogue.invocations.len());
    if requests.len() > limits.components || new + under_way > limits.components {
        return Err(TcapFault::TooManyComponents);
    }
    for (at, request) in requests.iter().enumerate() {
        let earlier = requests.get(..at).unwrap_or_default();
        let known = |invoke_id| {
            dialogue.is_some_and(|dialogue| dialogue.has_asked(invoke_id))
                && !earlier.iter().any(|earlier| answers(earlier) == Some(invoke_id))
        };
        match *request {
            Request::Invoke { .. } if within == Within::End => return Err(TcapFault::MisplacedComponent),
            Request::Invoke { invoke_id, linked_id, .. } => {
                let again =
                    earlier.iter().any(|r| matches!(r, Request::Invoke { invoke_id: id, .. } if *id == invoke_id));
                if again || dialogue.is_some_and(|dialogue| dialogue.invocation(invoke_id).is_some()) {
                    return Err(TcapFault::InvokeIdInUse(invoke_id));
                }
                if let Some(linked_id) = linked_id
                    && !known(linked_id)
                {
                    return Err(TcapFault::UnknownInvokeId(linked_id));
                }
            }
            _ if within == Within::Begin => return Err(TcapFault::MisplacedComponent),
            Request::ResultLast { invoke_id, .. }
            | Request::ResultNotLast { invoke_id, .. }
            | Request::Error { invoke_id, .. }
            | Request::Reject { invoke_id, problem: Problem::Invoke(_) } => {
                if !known(invoke_id) {
                    return Err(TcapFault::UnknownInvokeId(invoke_id));
                }
            }
            Request::Reject { .. } => {}
        }
    }
    Ok(())
}

/// The invocation of the peer that this component answers for good.
fn answers(request: &Request<'_>) -> Option<i8> {
    match *request {
        Request::ResultLast { invoke_id, .. }
        | Request::Error { invoke_id, .. }
        | Request::Reject { invoke_id, problem: Problem::Invoke(_) } => Some(invoke_id),
        Request::Invoke { .. } | Request::ResultNotLast { .. } | Request::Reject { .. } => None,
    }
}

/// The components as the library has them, after as many waiting Rejects as fit.
pub(super) fn build(
    asked: &[Asked],
    rejects: &[Reject],
    requests: &[Request<'_>],
    limits: &TcapLimits,
) -> Vec<Component> {
    let room = limits.components.saturating_sub(requests.len());
    let rejects = rejects.iter().take(room).copied().map(Component::Reject);
    rejects.chain(requests.iter().map(|request| component(asked, request))).collect()
}

fn component(asked: &[Asked], request: &Request<'_>) -> Component {
    match *request {
        Request::Invoke { invoke_id, linked_id, operation, argument, .. } => Component::Invoke(Invoke {
            invoke_id,
            linked_id,
            operation_code: OperationCode::Local(operation),
            parameter: parameter(argument),
        }),
        Request::ResultLast { invoke_id, result } => Component::ReturnResultLast(returned(asked, invoke_id, result)),
        Request::ResultNotLast { invoke_id, result } => {
            Component::ReturnResultNotLast(returned(asked, invoke_id, result))
        }
        Request::Error { invoke_id, code, parameter: octets } => Component::ReturnError(ReturnError {
            invoke_id,
            error_code: ErrorCode::Local(code),
            parameter: parameter(octets),
        }),
        Request::Reject { invoke_id, problem } => {
            Component::Reject(Reject { invoke_id: Some(invoke_id), problem: problem.to_library() })
        }
    }
}

/// The operation code goes with the result, and only with it (Q.773 clause 3.1).
fn returned(asked: &[Asked], invoke_id: i8, result: &[u8]) -> ReturnResult {
    let operation = asked.iter().find(|asked| asked.invoke_id == invoke_id).map_or(0, |asked| asked.operation);
    let result = parameter(result).map(|parameter| ReturnResultValue {
        operation_code: OperationCode::Local(operation),
        parameter: Some(parameter),
    });
    ReturnResult { invoke_id, result }
}

fn parameter(octets: &[u8]) -> Option<rasn::types::Any> {
    (!octets.is_empty()).then(|| rasn::types::Any::new(octets.to_vec()))
}

/// Enters what was sent: invocations wait from `now`, answered ones are forgotten, Rejects are told.
pub(super) fn enter<A>(dialogue: &mut Dialogue<A>, requests: &[Request<'_>], limits: &TcapLimits, now: Duration) {
    let told = limits.components.saturating_sub(requests.len()).min(dialogue.rejects.len());
    dialogue.rejects.drain(..told);
    for request in requests {
        if let Request::Invoke { invoke_id, operation, timeout, .. } = *request {
            let deadline = now.saturating_add(timeout);
            dialogue.invocations.push(Invocation { invoke_id, operation, deadline, segments: Vec::new() });
        }
        if let Some(answered) = answers(request) {
            dialogue.asked.retain(|asked| asked.invoke_id != answered);
        }
    }
    dialogue.stir(limits, now);
}
