//! Transaction portions that are not as they should be (ITU-T Q.774 clause 3.3.4 and table 7, Q.772 clause 2.3).

use ss7::tcap::{AbortReason, Indication, Outcome, Output, ProviderAbortCause};

use crate::support::*;

use ProviderAbortCause::{
    BadlyFormattedTransactionPortion as BadlyFormatted, IncorrectTransactionPortion as Incorrect,
    UnrecognizedMessageType as UnknownType, UnrecognizedTransactionId as UnknownId,
};

/// Messages for no dialogue here: the P-Abort that the sender gets, if any.
#[test]
fn the_sender_is_told_the_cause_where_it_can_be() {
    let cases = [
        // Message types.
        ("63 06 48 04 01020304                 ; [APPLICATION 3]", Some(UnknownType)),
        ("42 06 48 04 01020304                 ; Begin, primitive: nothing can be found in it", None),
        ("e2 06 48 04 01020304                 ; [PRIVATE 2]", Some(UnknownType)),
        // Begin.
        ("62 00                                ; nothing", None),
        ("62 02 48 00                          ; empty identifier", None),
        ("62 07 48 05 0102030405               ; identifier too long", None),
        ("62 07 48 04 01020304                 ; shorter than it says", Some(BadlyFormatted)),
        ("62 06 48 04 01020304 00              ; longer than it says", Some(BadlyFormatted)),
        ("62 08 48 04 01020304 6c 00           ; no component in the portion", Some(Incorrect)),
        ("62 0c 49 04 05060708 48 04 01020304  ; destination identifier in a Begin", Some(Incorrect)),
        ("62 08 48 04 01020304 4a 00           ; cause in a Begin", Some(Incorrect)),
        ("62 08 48 04 01020304 6b 01           ; portion longer than the message", Some(BadlyFormatted)),
        ("62 08 48 04 01020304 4c 00           ; component portion, primitive", Some(BadlyFormatted)),
        ("62 06 68 04 01020304                 ; identifier, constructed", None),
        // Continue.
        ("65 06 48 04 01020304                 ; no destination identifier", Some(Incorrect)),
        ("65 06 49 04 05060708                 ; no originating identifier", None),
        ("65 0c 48 04 01020304 49 04 05060708  ; unknown destination", Some(UnknownId)),
        ("65 0e 48 04 01020304 49 04 05060708 7f 00 ; incorrect", Some(BadlyFormatted)),
        // End and Abort: never answered.
        ("64 06 48 04 01020304", None),
        ("64 06 49 04 05060708", None),
        ("64 08 49 04 05060708 6c 00", None),
        ("67 06 48 04 01020304", None),
        ("67 06 49 04 05060708", None),
        ("67 09 49 04 05060708 4a 01 01", None),
        // Unidirectional, sound and not.
        ("61 0a 6c 08 a1 06 02 01 01 02 01 07", None),
        ("61 02 6c 00", None),
        // Hardly octets.
        ("", None),
        ("62", None),
        ("62 80 00 00", None),
        ("7f ff ff ff ff ff", None),
    ];
    for (text, cause) in cases {
        let mut hlr = party(1);
        hlr.receive(&octets(text), &GMLC, NOW);
        let outputs = drain(&mut hlr);
        let expected = cause.map(|cause| Output::Send {
            to: GMLC,
            octets: octets(&format!("67 09 49 04 01020304 4a 01 {:02x}", cause.number())),
        });
        assert_eq!(outputs, Vec::from_iter(expected), "{text}");
        assert!(hlr.is_empty());
    }
}

/// Messages for a dialogue under way: its user is told, and the sender where it can be. `U` is our identifier.
#[test]
fn the_dialogue_that_a_damaged_message_names_is_over() {
    let cases = [
        ("65 0e 48 04 01020304 49 04 U 6c 00   ; Continue without a component", Incorrect, true),
        ("65 0d 48 04 01020304 49 04 U         ; Continue, cut", BadlyFormatted, true),
        ("63 0c 48 04 01020304 49 04 U         ; unknown type", UnknownType, true),
        ("64 08 49 04 U 6c 00                  ; End without a component", Incorrect, false),
        ("64 08 49 04 U 6b 01                  ; End, cut", BadlyFormatted, false),
        ("67 08 49 04 U 48 00                  ; Abort with something else", Incorrect, false),
    ];
    for (text, cause, answered) in cases {
        let mut gmlc = party(2);
        let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
        sent(&mut gmlc);
        gmlc.receive(&octets(&text.replace(" U", &format!("{:08x}", dialogue.transaction_id()))), &HLR, NOW);
        let mut outputs = drain(&mut gmlc);
        let outcome = Outcome::Aborted(AbortReason::Malformed(cause));
        let told = Indication::Outcome { dialogue, outcome };
        assert_eq!(outputs.pop(), Some(Output::Indication(told)), "{text}");
        let abort =
            Output::Send { to: HLR, octets: octets(&format!("67 09 49 04 01020304 4a 01 {:02x}", cause.number())) };
        assert_eq!(outputs, if answered { vec![abort] } else { vec![] }, "{text}");
        assert!(gmlc.is_empty());
    }
}

#[test]
fn messages_longer_than_allowed_and_unidirectional_ones_are_counted_and_dropped() {
    let mut hlr = party(3);
    let mut long = octets("62 82 0f ff 48 04 01020304");
    long.resize(0x0fff + 4, 0);
    hlr.receive(&long, &GMLC, NOW);
    hlr.receive(&octets("61 0a 6c 08 a1 06 02 01 01 02 01 07"), &GMLC, NOW);
    hlr.receive(&octets("64 06 48 04 01020304"), &GMLC, NOW);
    nothing(&mut hlr);
    let counters = hlr.counters();
    assert_eq!((counters.discarded, counters.unidirectional, counters.strays), (2, 1, 0));
}
