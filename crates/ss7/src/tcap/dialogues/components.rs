//! Components of a peer (ITU-T Q.774 clauses 3.2.1.1 and 3.2.2.2).

use tcap::{Component as Wire, ComponentType, ErrorCode, OperationCode, Reject, ReturnResult};

use super::super::codec::Faulty;
use super::super::codes::{InvokeProblem, Problem, ReturnErrorProblem, ReturnResultProblem};
use super::super::component::Component;
use super::super::limits::TcapLimits;
use super::dialogue::{Asked, Dialogue};

impl<A> Dialogue<A> {
    /// Takes the components of one message, in order, and tells what became of them. A segment that is not the last of
    /// its result is kept and tells nothing.
    pub(super) fn take(
        &mut self,
        components: Vec<Wire>,
        faulty: Option<Faulty>,
        limits: &TcapLimits,
    ) -> Vec<Component> {
        let mut taken = Vec::with_capacity(components.len());
        for component in components {
            taken.extend(match component {
                Wire::Invoke(invoke) => Some(self.invoked(invoke, limits)),
                Wire::ReturnResultLast(result) => Some(self.returned_last(result, limits)),
                Wire::ReturnResultNotLast(result) => self.returned_segment(result, limits),
                Wire::ReturnError(error) => Some(self.failed(error, limits)),
                Wire::Reject(reject) => Some(self.rejected(reject)),
            });
        }
        taken.extend(faulty.map(|faulty| self.not_understood(faulty, limits)));
        taken
    }

    fn invoked(&mut self, invoke: tcap::Invoke, limits: &TcapLimits) -> Component {
        let invoke_id = invoke.invoke_id;
        let problem = if self.has_asked(invoke_id) {
            Some(InvokeProblem::DuplicateInvokeId)
        } else if invoke.linked_id.is_some_and(|linked| self.invocation(linked).is_none()) {
            Some(InvokeProblem::UnrecognizedLinkedId)
        } else if self.asked.len() >= limits.components {
            Some(InvokeProblem::ResourceLimitation)
        } else {
            None
        };
        match (problem, invoke.operation_code) {
            (None, OperationCode::Local(operation)) => {
                self.asked.push(Asked { invoke_id, operation });
                let argument = invoke.parameter.map(rasn::types::Any::into_bytes).unwrap_or_default();
                Component::Invoke { invoke_id, linked_id: invoke.linked_id, operation, argument }
            }
            (problem, _) => {
                let problem = Problem::Invoke(problem.unwrap_or(InvokeProblem::UnrecognizedOperation));
                self.unacceptable(Some(invoke_id), problem, false, limits)
            }
        }
    }

    fn returned_last(&mut self, result: ReturnResult, limits: &TcapLimits) -> Component {
        let invoke_id = result.invoke_id;
        match self.add_segment(result, limits) {
            Ok(over) => {
                let over = self.invocations.swap_remove(over);
                Component::ResultLast { invoke_id, operation: over.operation, result: over.segments }
            }
            Err(problem) => self.unacceptable_result(invoke_id, problem, limits),
        }
    }

    fn returned_segment(&mut self, result: ReturnResult, limits: &TcapLimits) -> Option<Component> {
        let invoke_id = result.invoke_id;
        self.add_segment(result, limits).err().map(|problem| self.unacceptable_result(invoke_id, problem, limits))
    }

    /// Adds a segment to the result of its invocation, and tells which that is, or the problem of the segment.
    fn add_segment(&mut self, result: ReturnResult, limits: &TcapLimits) -> Result<usize, ReturnResultProblem> {
        let mut invocations = self.invocations.iter_mut().enumerate();
        let (at, invocation) = invocations
            .find(|(_, invocation)| invocation.invoke_id == result.invoke_id)
            .ok_or(ReturnResultProblem::UnrecognizedInvokeId)?;
        let Some(value) = result.result else { return Ok(at) };
        if value.operation_code != OperationCode::Local(invocation.operation) {
            // X.880: the operation code has to be that of the invocation that the identifier names.
            return Err(ReturnResultProblem::UnrecognizedInvokeId);
        }
        let segment = value.parameter.map(rasn::types::Any::into_bytes).unwrap_or_default();
        if invocation.segments.len() + segment.len() > limits.result_octets {
            return Err(ReturnResultProblem::MistypedParameter);
        }
        if invocation.segments.is_empty() {
            invocation.segments = segment;
        } else {
            invocation.segments.extend_from_slice(&segment);
        }
        Ok(at)
    }

    fn unacceptable_result(&mut self, invoke_id: i8, problem: ReturnResultProblem, limits: &TcapLimits) -> Component {
        let ends_invocation = self.finish(invoke_id).is_some();
        self.unacceptable(Some(invoke_id), Problem::ReturnResult(problem), ends_invocation, limits)
    }

    fn failed(&mut self, error: tcap::ReturnError, limits: &TcapLimits) -> Component {
        let invoke_id = error.invoke_id;
        let over = self.finish(invoke_id);
        let problem = match (&over, error.error_code) {
            (Some(over), ErrorCode::Local(code)) => {
                let parameter = error.parameter.map(rasn::types::Any::into_bytes).unwrap_or_default();
                return Component::Error { invoke_id, operation: over.operation, code, parameter };
            }
            (Some(_), ErrorCode::Global(_)) => ReturnErrorProblem::UnrecognizedError,
            (None, _) => ReturnErrorProblem::UnrecognizedInvokeId,
        };
        self.unacceptable(Some(invoke_id), Problem::ReturnError(problem), over.is_some(), limits)
    }

    /// A Reject names an invocation of ours unless its problem is one of an answer, and then an answer of ours. It is never
    /// answered.
    fn rejected(&mut self, reject: Reject) -> Component {
        let problem = Problem::from_library(reject.problem);
        let of_invocation = matches!(problem, Problem::General(_) | Problem::Invoke(_));
        let over = reject.invoke_id.filter(|_| of_invocation).and_then(|invoke_id| self.finish(invoke_id));
        Component::Rejected { invoke_id: reject.invoke_id, problem, ends_invocation: over.is_some() }
    }

    /// Rejects an invocation of the peer that was taken: no operation is expected in this dialogue.
    pub(super) fn decline(&mut self, invoke_id: i8, limits: &TcapLimits) {
        self.asked.retain(|asked| asked.invoke_id != invoke_id);
        self.unacceptable(Some(invoke_id), Problem::Invoke(InvokeProblem::UnrecognizedOperation), false, limits);
    }

    fn not_understood(&mut self, faulty: Faulty, limits: &TcapLimits) -> Component {
        let Faulty { component_type, invoke_id, problem } = faulty;
        let is_answer = matches!(
            component_type,
            Some(ComponentType::ReturnResultLast | ComponentType::ReturnResultNotLast | ComponentType::ReturnError)
        );
        let over = invoke_id.filter(|_| is_answer).and_then(|invoke_id| self.finish(invoke_id));
        if component_type == Some(ComponentType::Reject) {
            return Component::Unacceptable { invoke_id, problem, ends_invocation: false };
        }
        self.unacceptable(invoke_id, problem, over.is_some(), limits)
    }

    /// Notes the Reject for a component of the peer.
    fn unacceptable(
        &mut self,
        invoke_id: Option<i8>,
        problem: Problem,
        ends_invocation: bool,
        limits: &TcapLimits,
    ) -> Component {
        if self.rejects.len() < limits.components {
            self.rejects.push(Reject { invoke_id, problem: problem.to_library() });
        }
        Component::Unacceptable { invoke_id, problem, ends_invocation }
    }
}
