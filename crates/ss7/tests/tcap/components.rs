//! Components that are not as they should be (ITU-T Q.774 clause 3.2.2.2, Q.772 clause 3.7).

use ss7::tcap::{
    AbortReason, Component, DialogueId, GeneralProblem, Indication, InvokeProblem, Outcome, Problem,
    ProviderAbortCause, ReturnErrorProblem, ReturnResultProblem, TcapLimits,
};
use tcap::{
    Continue, End, ErrorCode, Invoke, OperationCode, ReturnError, ReturnResult, ReturnResultValue, TcapMessage,
};

use crate::support::*;

/// An active dialogue of the GMLC, which has invoked 1 (PSL), and what the peer sends in it.
struct Scene {
    gmlc: Party,
    hlr: Party,
    ours: DialogueId,
    theirs: DialogueId,
}

fn scene() -> Scene {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = active(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    Scene { gmlc, hlr, ours, theirs }
}

impl Scene {
    /// A Continue whose component portion has these content octets.
    fn raw(&self, components: &str) -> Vec<u8> {
        let components = octets(components);
        let mut message = octets(&format!(
            "65 {:02x} 48 04 {:08x} 49 04 {:08x} 6c {:02x}",
            components.len() + 14,
            self.theirs.transaction_id(),
            self.ours.transaction_id(),
            components.len()
        ));
        message.extend(components);
        message
    }

    /// What the GMLC's user is told of a Continue with these, and what its next message then rejects.
    fn takes(&mut self, message: &[u8]) -> (Vec<Component>, Vec<Component>) {
        self.gmlc.receive(message, &HLR, NOW);
        let Indication::Continue { components: told, .. } = told(&mut self.gmlc) else { panic!("no Continue") };
        self.gmlc.proceed(self.ours, &[], NOW).unwrap();
        self.hlr.receive(&sent(&mut self.gmlc).1, &GMLC, NOW);
        let Indication::Continue { components, .. } = crate::support::told(&mut self.hlr) else {
            panic!("no Continue")
        };
        (told, components)
    }

    fn takes_components(&mut self, components: Vec<tcap::Component>) -> (Vec<Component>, Vec<Component>) {
        let message = written(TcapMessage::Continue(Continue {
            otid: identifier(self.theirs),
            dtid: identifier(self.ours),
            dialogue_portion: None,
            components: Some(components),
        }));
        self.takes(&message)
    }
}

fn any() -> Option<rasn::types::Any> {
    Some(rasn::types::Any::new(RESULT.to_vec()))
}

fn asks(invoke_id: i8, linked_id: Option<i8>, operation_code: OperationCode) -> tcap::Component {
    tcap::Component::Invoke(Invoke { invoke_id, linked_id, operation_code, parameter: any() })
}

fn returns(invoke_id: i8, operation_code: OperationCode) -> tcap::Component {
    let result = Some(ReturnResultValue { operation_code, parameter: any() });
    tcap::Component::ReturnResultLast(ReturnResult { invoke_id, result })
}

fn global() -> rasn::types::ObjectIdentifier {
    rasn::types::ObjectIdentifier::new(vec![2, 999, 1]).unwrap()
}

fn unacceptable(invoke_id: i8, problem: Problem, ends_invocation: bool) -> Component {
    Component::Unacceptable { invoke_id: Some(invoke_id), problem, ends_invocation }
}

fn rejected(invoke_id: i8, problem: Problem) -> Component {
    Component::Rejected { invoke_id: Some(invoke_id), problem, ends_invocation: false }
}

#[test]
fn every_component_out_of_order_is_rejected_with_its_problem() {
    use Problem::{Invoke as I, ReturnError as E, ReturnResult as R};
    let local = OperationCode::Local;
    let fails =
        |invoke_id, error_code| tcap::Component::ReturnError(ReturnError { invoke_id, error_code, parameter: None });
    let segment = |invoke_id, operation| {
        let result = Some(ReturnResultValue { operation_code: local(operation), parameter: any() });
        tcap::Component::ReturnResultNotLast(ReturnResult { invoke_id, result })
    };
    // Component, problem, whether our invocation 1 ends.
    let cases = [
        (asks(2, Some(9), local(ISD)), 2, I(InvokeProblem::UnrecognizedLinkedId), false),
        (asks(2, None, OperationCode::Global(global())), 2, I(InvokeProblem::UnrecognizedOperation), false),
        (returns(2, local(PSL)), 2, R(ReturnResultProblem::UnrecognizedInvokeId), false),
        (segment(2, PSL), 2, R(ReturnResultProblem::UnrecognizedInvokeId), false),
        (returns(1, local(ISD)), 1, R(ReturnResultProblem::UnrecognizedInvokeId), true),
        (segment(1, ISD), 1, R(ReturnResultProblem::UnrecognizedInvokeId), true),
        (returns(1, OperationCode::Global(global())), 1, R(ReturnResultProblem::UnrecognizedInvokeId), true),
        (fails(2, ErrorCode::Local(1)), 2, E(ReturnErrorProblem::UnrecognizedInvokeId), false),
        (fails(1, ErrorCode::Global(global())), 1, E(ReturnErrorProblem::UnrecognizedError), true),
    ];
    for (component, invoke_id, problem, ends) in cases {
        let mut scene = scene();
        let (told, answer) = scene.takes_components(vec![component]);
        assert_eq!(told, [unacceptable(invoke_id, problem, ends)]);
        assert_eq!(answer, [rejected(invoke_id, problem)]);
        // The invocation that ended is over; the other one still has its answer.
        let (told, _) = scene.takes_components(vec![returns(1, local(PSL))]);
        assert_eq!(matches!(told[..], [Component::ResultLast { invoke_id: 1, .. }]), !ends, "{told:?}");
    }
}

#[test]
fn an_invocation_with_the_identifier_of_one_not_yet_answered_is_a_duplicate() {
    let mut scene = scene();
    let local = OperationCode::Local(ISD);
    let asked = asks(5, None, local);
    let (told, answer) = scene.takes_components(vec![asked.clone(), asked.clone()]);
    let problem = Problem::Invoke(InvokeProblem::DuplicateInvokeId);
    assert!(matches!(told[..], [Component::Invoke { invoke_id: 5, .. }, Component::Unacceptable { .. }]), "{told:?}");
    assert_eq!(told[1], unacceptable(5, problem, false));
    assert_eq!(answer, [rejected(5, problem)]);
    let (told, _) = scene.takes_components(vec![asked.clone()]);
    assert_eq!(told, [unacceptable(5, problem, false)]);
    // Once answered, the identifier is free.
    scene.gmlc.proceed(scene.ours, &[result(5)], NOW).unwrap();
    drain(&mut scene.gmlc);
    let (told, answer) = scene.takes_components(vec![asked]);
    assert!(matches!(told[..], [Component::Invoke { invoke_id: 5, .. }]) && answer.is_empty());
}

#[test]
fn components_that_cannot_be_understood_are_rejected_with_a_general_problem() {
    use GeneralProblem::{BadlyStructuredComponent, MistypedComponent, UnrecognizedComponent};
    // Octets, identifier that can be read, problem, whether our invocation 1 ends.
    let cases = [
        ("a5 03 02 01 01                    ; [5] is no component", None, UnrecognizedComponent, false),
        ("a1 03 02 01 02                    ; Invoke without operation code", Some(2), MistypedComponent, false),
        ("a1 06 04 01 02 02 01 07           ; Invoke without identifier", None, MistypedComponent, false),
        ("a1 08 02 01 02 02 01 07 30 05     ; Invoke whose argument is cut", Some(2), BadlyStructuredComponent, false),
        ("a2 08 02 01 01 30 03 02 05 53     ; ReturnResult, cut", Some(1), BadlyStructuredComponent, true),
        ("a2 05 02 01 01 04 00              ; ReturnResult with a string", Some(1), MistypedComponent, true),
        ("a3 03 02 01 01                    ; ReturnError without code", Some(1), MistypedComponent, true),
        ("a2 05 02 01 02 04 00              ; of no invocation of ours", Some(2), MistypedComponent, false),
        ("a1 20 02 01 02                    ; longer than the portion", Some(2), BadlyStructuredComponent, false),
    ];
    for (text, invoke_id, problem, ends_invocation) in cases {
        let mut scene = scene();
        let message = scene.raw(text);
        let (told, answer) = scene.takes(&message);
        let problem = Problem::General(problem);
        assert_eq!(told, [Component::Unacceptable { invoke_id, problem, ends_invocation }], "{text}");
        let rejected = Component::Rejected { invoke_id, problem, ends_invocation: false };
        assert_eq!(answer, [rejected], "{text}");
    }
}

/// What stands before the bad component counts, what follows is dropped; a bad Reject is told and not answered.
#[test]
fn components_before_a_bad_one_stand_and_a_reject_is_never_rejected() {
    let mut scene = scene();
    let message = scene.raw(
        "a2 0d 02 01 01 30 08 02 01 53 30 03 80 01 07  ; ReturnResultLast
         a1 03 02 01 02                                ; Invoke without operation code
         a1 06 02 01 03 02 01 07                       ; Invoke, never seen",
    );
    let (told, answer) = scene.takes(&message);
    assert!(matches!(told[..], [Component::ResultLast { invoke_id: 1, .. }, Component::Unacceptable { .. }]));
    assert_eq!(answer.len(), 1);

    let message = scene.raw("a4 03 02 01 01  ; Reject without problem");
    let (told, answer) = scene.takes(&message);
    let problem = Problem::General(GeneralProblem::MistypedComponent);
    assert_eq!(told, [unacceptable(1, problem, false)]);
    assert_eq!(answer, []);
}

#[test]
fn rejects_end_the_invocation_that_they_name() {
    // Problem in octets, whether it names our invocation (and not an answer of ours).
    let cases = [
        ("80 01 00", Problem::General(GeneralProblem::UnrecognizedComponent), true),
        ("81 01 02", Problem::Invoke(InvokeProblem::MistypedParameter), true),
        ("81 01 63", Problem::Invoke(InvokeProblem::Other(99)), true),
        ("82 01 02", Problem::ReturnResult(ReturnResultProblem::MistypedParameter), false),
        ("83 01 03", Problem::ReturnError(ReturnErrorProblem::UnexpectedError), false),
    ];
    for (octets, problem, names) in cases {
        let mut scene = scene();
        let message = scene.raw(&format!("a4 06 02 01 01 {octets}"));
        let (told, answer) = scene.takes(&message);
        assert_eq!(told, [Component::Rejected { invoke_id: Some(1), problem, ends_invocation: names }]);
        assert_eq!(answer, []);
        // Of an invocation that is not under way.
        let message = scene.raw(&format!("a4 06 02 01 02 {octets}"));
        let (told, _) = scene.takes(&message);
        assert_eq!(told, [rejected(2, problem)]);
        // Not derivable: NULL.
        let message = scene.raw(&format!("a4 05 05 00 {octets}"));
        let (told, _) = scene.takes(&message);
        assert_eq!(told, [Component::Rejected { invoke_id: None, problem, ends_invocation: false }]);
    }
}

#[test]
fn one_operation_whose_answer_cannot_be_understood_ends_so() {
    let accept = "6b 2a 28 28 06 07 00 11 86 05 01 01 01 a0 1d 61 1b 80 02 07 80
                  a1 09 06 07 04 00 00 01 00 26 03 a2 03 02 01 00 a3 05 a1 03 02 01 00";
    let general = |problem| Outcome::Unacceptable(Problem::General(problem));
    let cases = [
        ("6c 07 a2 05 02 01 01 04 00", general(GeneralProblem::MistypedComponent)),
        ("6c 05 a5 03 02 01 01      ", general(GeneralProblem::UnrecognizedComponent)),
        ("6c 07 a4 05 05 00 80 01 02", Outcome::Rejected(Problem::General(GeneralProblem::BadlyStructuredComponent))),
        (
            "6c 0f a2 0d 02 01 01 30 08 02 01 07 30 03 80 01 07",
            Outcome::Unacceptable(Problem::ReturnResult(ReturnResultProblem::UnrecognizedInvokeId)),
        ),
    ];
    for (portion, outcome) in cases {
        let mut gmlc = party(4);
        let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
        sent(&mut gmlc);
        let content = octets(&format!("49 04 {:08x} {accept} {portion}", dialogue.transaction_id()));
        let mut message = vec![0x64, u8::try_from(content.len()).unwrap()];
        message.extend(content);
        gmlc.receive(&message, &HLR, NOW);
        assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue, outcome });
    }
}

#[test]
fn results_and_unanswered_invocations_are_bounded() {
    let limits = TcapLimits { components: 4, result_octets: 12, ..TcapLimits::default() };
    let (mut gmlc, mut hlr) = (narrow(limits), party(2));
    let (ours, theirs) = active(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    let mut scene = Scene { gmlc, hlr, ours, theirs };
    // Segments of five octets: two fit.
    let segment = || {
        let result = Some(ReturnResultValue { operation_code: OperationCode::Local(PSL), parameter: any() });
        tcap::Component::ReturnResultNotLast(ReturnResult { invoke_id: 1, result })
    };
    assert_eq!(scene.takes_components(vec![segment(), segment()]), (vec![], vec![]));
    let problem = Problem::ReturnResult(ReturnResultProblem::MistypedParameter);
    let (told, answer) = scene.takes_components(vec![segment()]);
    assert_eq!((told, answer), (vec![unacceptable(1, problem, true)], vec![rejected(1, problem)]));

    let local = || OperationCode::Local(ISD);
    let (told, _) = scene.takes_components((1..=3).map(|id| asks(id, None, local())).collect());
    assert_eq!(told.len(), 3);
    let (told, answer) = scene.takes_components((4..=5).map(|id| asks(id, None, local())).collect());
    let problem = Problem::Invoke(InvokeProblem::ResourceLimitation);
    assert!(matches!(told[0], Component::Invoke { invoke_id: 4, .. }));
    assert_eq!((&told[1], answer), (&unacceptable(5, problem, false), vec![rejected(5, problem)]));
}

#[test]
fn a_message_with_more_components_than_allowed_is_not_taken() {
    let many: Vec<_> = (0..17).map(|id| asks(id, None, OperationCode::Local(ISD))).collect();
    let cause = ProviderAbortCause::ResourceLimitation;
    let abort = |identifier: &str| octets(&format!("67 09 49 04 {identifier} 4a 01 04"));

    let mut hlr = party(1);
    let begin = tcap::Begin { otid: vec![1, 2, 3, 4].into(), dialogue_portion: None, components: Some(many.clone()) };
    hlr.receive(&written(TcapMessage::Begin(begin)), &GMLC, NOW);
    assert_eq!(sent(&mut hlr), (GMLC, abort("01020304")));
    assert!(hlr.is_empty());

    let Scene { mut gmlc, ours, theirs, .. } = scene();
    let (otid, dtid) = (identifier(theirs), identifier(ours));
    let proceed = Continue { otid, dtid, dialogue_portion: None, components: Some(many.clone()) };
    gmlc.receive(&written(TcapMessage::Continue(proceed)), &HLR, NOW);
    let mut outputs = drain(&mut gmlc);
    let told = Indication::Aborted { dialogue: ours, reason: AbortReason::Malformed(cause) };
    assert_eq!(outputs.pop(), Some(ss7::tcap::Output::Indication(told)));
    let octets = abort(&format!("{:08x}", theirs.transaction_id()));
    assert_eq!(outputs, [ss7::tcap::Output::Send { to: HLR, octets }]);

    let Scene { mut gmlc, ours, .. } = scene();
    let end = End { dtid: identifier(ours), dialogue_portion: None, components: Some(many) };
    gmlc.receive(&written(TcapMessage::End(end)), &HLR, NOW);
    let reason = AbortReason::Malformed(cause);
    assert_eq!(crate::support::told(&mut gmlc), Indication::Aborted { dialogue: ours, reason });
}
