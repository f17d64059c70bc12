//! Every message as annotated octets, both directions: what we write is these octets, which the library reads the same
//! way, and these octets are read as what they say.

use ss7::tcap::{
    AbortReason, Component, Indication, InvokeProblem, Outcome, Problem, ProviderAbortCause, Refusal, Request,
    TcapFault,
};

use crate::support::*;

/// Begin: AARQ and one Invoke (Q.773 clauses 3.1 and 3.2).
fn begin(otid: u32) -> Vec<u8> {
    octets(&format!(
        "62 35                                    ; Begin
           48 04 {otid:08x}                       ; originating transaction identifier
           6b 1e                                  ; dialogue portion
             28 1c                                ; EXTERNAL
               06 07 00 11 86 05 01 01 01         ; direct-reference: dialogue-as-id
               a0 11                              ; single-ASN1-type
                 60 0f                            ; AARQ
                   80 02 07 80                    ; protocol-version: version1
                   a1 09 06 07 04 00 00 01 00 26 03 ; application-context-name: locationSvcEnquiry, 3
           6c 0d                                  ; component portion
             a1 0b                                ; Invoke
               02 01 01                           ; invoke identifier 1
               02 01 53                           ; local operation 83
               30 03 80 01 05                     ; argument"
    ))
}

/// The dialogue portion with an AARE: context, result, diagnostic of the dialogue-service-user.
fn aare(version: u8, result: u8, diagnostic: u8) -> String {
    format!(
        "6b 2a                                    ; dialogue portion
           28 28                                  ; EXTERNAL
             06 07 00 11 86 05 01 01 01           ; dialogue-as-id
             a0 1d
               61 1b                              ; AARE
                 80 02 07 80                      ; version1
                 a1 09 06 07 04 00 00 01 00 26 {version:02x} ; application-context-name
                 a2 03 02 01 {result:02x}         ; result: accepted 0, reject-permanent 1
                 a3 05 a1 03 02 01 {diagnostic:02x} ; dialogue-service-user: null 0, no-reason 1, context 2
"
    )
}

/// End: AARE accepted and ReturnResultLast.
fn end(dtid: u32) -> Vec<u8> {
    octets(&format!(
        "64 43                                    ; End
           49 04 {dtid:08x}                       ; destination transaction identifier
           {}
           6c 0f                                  ; component portion
             a2 0d                                ; ReturnResultLast
               02 01 01                           ; invoke identifier 1
               30 08                              ; result
                 02 01 53                         ; local operation 83
                 30 03 80 01 07                   ; parameter",
        aare(3, 0, 0)
    ))
}

/// Continue: AARE accepted, a segment of a result, and an Invoke linked to ours.
fn proceed(otid: u32, dtid: u32) -> Vec<u8> {
    octets(&format!(
        "65 56                                    ; Continue
           48 04 {otid:08x}                       ; originating transaction identifier
           49 04 {dtid:08x}                       ; destination transaction identifier
           {}
           6c 1c                                  ; component portion
             a7 0d                                ; ReturnResultNotLast
               02 01 01
               30 08
                 02 01 53
                 30 03 80 01 07
             a1 0b                                ; Invoke
               02 01 ff                           ; invoke identifier -1
               80 01 01                           ; linked identifier 1
               02 01 07                           ; local operation 7
               05 00                              ; argument",
        aare(3, 0, 0)
    ))
}

#[test]
fn a_begin_goes_out_and_comes_in() {
    let mut gmlc = party(1);
    let ours = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    let (to, written) = sent(&mut gmlc);
    assert_eq!((to, &written), (HLR, &begin(ours.transaction_id())));
    let read = tcap::decode(&written).unwrap();
    assert_eq!(read.otid(), Some(&identifier(ours)));
    assert_eq!(read.components().len(), 1);

    let mut hlr = party(2);
    hlr.receive(&begin(0x0102_0304), &GMLC, NOW);
    let Indication::Begin { dialogue, from, application_context, user_information, components } = told(&mut hlr) else {
        panic!("no Begin");
    };
    assert_eq!((from, application_context, user_information), (GMLC, Some(ENQUIRY), vec![]));
    assert_eq!(components, [invoked(1, PSL)]);

    hlr.end(dialogue, &[result(1)]).unwrap();
    assert_eq!(sent(&mut hlr), (GMLC, end(0x0102_0304)));
    assert!(hlr.is_empty() && hlr.deadline().is_none());
}

#[test]
fn an_end_comes_in() {
    let mut gmlc = party(1);
    let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    sent(&mut gmlc);
    gmlc.receive(&end(dialogue.transaction_id()), &HLR, NOW);
    assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue, outcome: Outcome::Result(RESULT.to_vec()) });
    assert!(gmlc.is_empty() && gmlc.deadline().is_none());
}

#[test]
fn a_continue_goes_out_and_comes_in() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = begun(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    let linked = Request::Invoke {
        invoke_id: -1,
        linked_id: Some(1),
        operation: ISD,
        argument: &[0x05, 0x00],
        timeout: TEN_SECONDS,
    };
    hlr.proceed(theirs, &[Request::ResultNotLast { invoke_id: 1, result: &RESULT }, linked], NOW).unwrap();
    let (to, written) = sent(&mut hlr);
    assert_eq!((to, &written), (GMLC, &proceed(theirs.transaction_id(), ours.transaction_id())));
    assert_eq!(tcap::decode(&written).unwrap().components().len(), 2);

    gmlc.receive(&proceed(0xffff_fffe, ours.transaction_id()), &HLR, NOW);
    let told = told(&mut gmlc);
    let asked = Component::Invoke { invoke_id: -1, linked_id: Some(1), operation: ISD, argument: vec![0x05, 0x00] };
    assert_eq!(told, Indication::Continue { dialogue: ours, from: HLR, components: vec![asked] });

    // The AARE is said once.
    gmlc.proceed(ours, &[Request::Error { invoke_id: -1, code: 34, parameter: &[] }], NOW).unwrap();
    let expected = octets(&format!(
        "65 16                                    ; Continue
           48 04 {:08x}
           49 04 ffff fffe
           6c 08                                  ; component portion
             a3 06                                ; ReturnError
               02 01 ff                           ; invoke identifier -1
               02 01 22                           ; local error 34, systemFailure",
        ours.transaction_id()
    ));
    assert_eq!(sent(&mut gmlc), (HLR, expected));
}

#[test]
fn an_end_with_error_and_reject_goes_out_and_comes_in() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = active(&mut gmlc, &mut hlr, &[invoke(1, PSL), invoke(2, PSL)]);
    let error = Request::Error { invoke_id: 1, code: 52, parameter: &[0x0a, 0x01, 0x02] };
    let problem = Problem::Invoke(InvokeProblem::UnrecognizedOperation);
    hlr.end(theirs, &[error, Request::Reject { invoke_id: 2, problem }]).unwrap();
    let (_, written) = sent(&mut hlr);
    let expected = octets(&format!(
        "64 1b                                    ; End
           49 04 {:08x}
           6c 13                                  ; component portion
             a3 09                                ; ReturnError
               02 01 01
               02 01 34                           ; local error 52, unauthorizedLCSClient
               0a 01 02                           ; parameter
             a4 06                                ; Reject
               02 01 02
               81 01 01                           ; invoke problem 1, unrecognizedOperation",
        ours.transaction_id()
    ));
    assert_eq!(written, expected);
    gmlc.receive(&written, &HLR, NOW);
    let failed = Component::Error { invoke_id: 1, operation: PSL, code: 52, parameter: vec![0x0a, 0x01, 0x02] };
    let rejected = Component::Rejected { invoke_id: Some(2), problem, ends_invocation: true };
    assert_eq!(told(&mut gmlc), Indication::End { dialogue: ours, components: vec![failed, rejected] });
}

#[test]
fn a_refusal_names_the_context_offered() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
    let Indication::Begin { dialogue: theirs, .. } = told(&mut hlr) else { panic!("no Begin") };
    let refusal = Refusal::ContextNotSupported { alternative: Some(ENQUIRY_V2) };
    hlr.refuse(theirs, refusal, &[]).unwrap();
    let (_, written) = sent(&mut hlr);
    let text = format!("67 32 49 04 {:08x} {}", dialogue.transaction_id(), aare(2, 1, 2));
    assert_eq!(written, octets(&text));
    assert!(hlr.is_empty());

    gmlc.receive(&written, &HLR, NOW);
    let outcome = Outcome::ContextNotSupported { alternative: Some(ENQUIRY_V2) };
    assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue, outcome });
    assert!(gmlc.is_empty());
}

#[test]
fn aborts_go_out_and_come_in() {
    let abrt = |source: u8| {
        format!(
            "6b 12                                ; dialogue portion
               28 10                              ; EXTERNAL
                 06 07 00 11 86 05 01 01 01       ; dialogue-as-id
                 a0 05
                   64 03                          ; ABRT
                     80 01 {source:02x}           ; abort-source: user 0, provider 1"
        )
    };
    // A TC-user aborts.
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = active(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    hlr.abort(theirs, &[]).unwrap();
    let (_, written) = sent(&mut hlr);
    assert_eq!(written, octets(&format!("67 1a 49 04 {:08x} {}", ours.transaction_id(), abrt(0))));
    gmlc.receive(&written, &HLR, NOW);
    assert_eq!(told(&mut gmlc), Indication::Aborted { dialogue: ours, reason: AbortReason::User(vec![]) });

    // The same with what no machine of ours sends.
    let cases = [
        (format!("67 1a 49 04 TTTTTTTT {}", abrt(1)), AbortReason::DialogueProvider),
        ("67 06 49 04 TTTTTTTT".into(), AbortReason::User(vec![])),
        ("67 09 49 04 TTTTTTTT 4a 01 00".into(), p_abort(ProviderAbortCause::UnrecognizedMessageType)),
        ("67 09 49 04 TTTTTTTT 4a 01 01".into(), p_abort(ProviderAbortCause::UnrecognizedTransactionId)),
        ("67 09 49 04 TTTTTTTT 4a 01 02".into(), p_abort(ProviderAbortCause::BadlyFormattedTransactionPortion)),
        ("67 09 49 04 TTTTTTTT 4a 01 03".into(), p_abort(ProviderAbortCause::IncorrectTransactionPortion)),
        ("67 09 49 04 TTTTTTTT 4a 01 04".into(), p_abort(ProviderAbortCause::ResourceLimitation)),
        ("67 09 49 04 TTTTTTTT 4a 01 05".into(), p_abort(ProviderAbortCause::Other(5))),
        (format!("67 32 49 04 TTTTTTTT {}", aare(3, 1, 1)), AbortReason::Refused { user_information: vec![] }),
        (
            format!("67 32 49 04 TTTTTTTT {}", aare(3, 1, 2)),
            AbortReason::ContextNotSupported { alternative: None, user_information: vec![] },
        ),
        (format!("67 32 49 04 TTTTTTTT {}", aare(3, 0, 0)), AbortReason::AbnormalDialogue),
        (
            // An EXTERNAL in an abstract syntax of the TC-user, {2 999 1}.
            "67 14 49 04 TTTTTTTT 6b 0c 28 0a 06 03 88 37 01 a0 03 04 01 2a".into(),
            AbortReason::User(octets("28 0a 06 03 88 37 01 a0 03 04 01 2a")),
        ),
    ];
    for (text, reason) in cases {
        let dialogue = gmlc.begin(HLR, Some(ENQUIRY), &[invoke(1, PSL)], NOW).unwrap();
        sent(&mut gmlc);
        let text = text.replace("TTTTTTTT", &format!("{:08x}", dialogue.transaction_id()));
        gmlc.receive(&octets(&text), &HLR, NOW);
        assert_eq!(told(&mut gmlc), Indication::Aborted { dialogue, reason }, "{text}");
        assert!(gmlc.is_empty());
    }
}

const fn p_abort(cause: ProviderAbortCause) -> AbortReason {
    AbortReason::Provider(cause)
}

#[test]
fn user_information_of_an_abort_and_a_refusal_is_carried() {
    let external = octets("28 0a 06 03 88 37 01 a0 03 04 01 2a");
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = begun(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    assert_eq!(hlr.abort(theirs, &[0x28, 0x01]), Err(TcapFault::NotOneElement));
    hlr.abort(theirs, &external).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
    let reason = AbortReason::User(external.clone());
    assert_eq!(told(&mut gmlc), Indication::Aborted { dialogue: ours, reason });

    let (ours, theirs) = begun(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    hlr.refuse(theirs, Refusal::NoReasonGiven, &external).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
    let reason = AbortReason::Refused { user_information: external };
    assert_eq!(told(&mut gmlc), Indication::Aborted { dialogue: ours, reason });
}

#[test]
fn indefinite_and_long_lengths_are_read() {
    let definite = begin(0x0a0b_0c0d);
    // Every constructed element in the indefinite form (Q.773 clause 4.1.2.3).
    let indefinite = octets(
        "62 80
           48 04 0a0b0c0d
           6b 80 28 80 06 07 00 11 86 05 01 01 01 a0 80 60 80 80 02 07 80
             a1 80 06 07 04 00 00 01 00 26 03 00 00 00 00 00 00 00 00 00 00
           6c 80 a1 80 02 01 01 02 01 53 30 03 80 01 05 00 00 00 00
         00 00",
    );
    // Lengths in more octets than needed.
    let long = octets(
        "62 82 00 39
           48 81 04 0a0b0c0d
           6b 1e 28 1c 06 07 00 11 86 05 01 01 01 a0 11 60 0f 80 02 07 80 a1 09 06 07 04 00 00 01 00 26 03
           6c 81 0f a1 81 0c 02 81 01 01 02 01 53 30 03 80 01 05",
    );
    let mut read = Vec::new();
    for message in [definite, indefinite, long] {
        let mut hlr = party(9);
        hlr.receive(&message, &GMLC, NOW);
        read.push(told(&mut hlr));
    }
    assert!(matches!(&read[0], Indication::Begin { components, .. } if *components == [invoked(1, PSL)]));
    assert!(read[1] == read[0] && read[2] == read[0], "{read:?}");
}

#[test]
fn peers_identifiers_of_one_to_four_octets_are_sent_back_as_they_came() {
    for identifier in ["01 07", "02 0102", "03 010203", "04 00000000"] {
        let begin = octets(&format!("62 {:02x} 48 {identifier}", 2 + identifier.replace(' ', "").len() / 2 - 1));
        let mut hlr = party(3);
        hlr.receive(&begin, &GMLC, NOW);
        let Indication::Begin { dialogue, application_context: None, .. } = told(&mut hlr) else { panic!("no Begin") };
        hlr.end(dialogue, &[]).unwrap();
        let end = octets(&format!("64 {:02x} 49 {identifier}", 2 + identifier.replace(' ', "").len() / 2 - 1));
        assert_eq!(sent(&mut hlr).1, end);
    }
}

#[test]
fn what_may_name_a_subscriber_is_not_printed() {
    let argument = [0x04, 0x03, 0xab, 0xcd, 0xef];
    let mut gmlc = party(1);
    gmlc.invoke(HLR, ENQUIRY, PSL, &argument, TEN_SECONDS, NOW).unwrap();
    let out = gmlc.poll().unwrap();
    let mut hlr = party(2);
    let printed = format!("{out:?}");
    let ss7::tcap::Output::Send { octets, .. } = out else { panic!("no message") };
    hlr.receive(&octets, &GMLC, NOW);
    let printed = format!("{printed} {:?}", told(&mut hlr));
    for trace in ["171", "205", "ab, cd", "AB, CD", "0xab"] {
        assert!(!printed.contains(trace), "{printed}");
    }
}
