//! Two subsystems, and octets written as text.

use core::time::Duration;

use ss7::tcap::{ApplicationContext, Component, DialogueId, Dialogues, Indication, Output, Request, TcapLimits};

pub(crate) type Party = Dialogues<&'static str>;
pub(crate) type Told = Indication<&'static str>;

pub(crate) const GMLC: &str = "gmlc";
pub(crate) const HLR: &str = "hlr";
pub(crate) const ELSEWHERE: &str = "elsewhere";

/// locationSvcEnquiryContext-v3 (TS 29.002 clause 17.3.3).
pub(crate) const ENQUIRY: ApplicationContext = ApplicationContext::map(38, 3);
pub(crate) const ENQUIRY_V2: ApplicationContext = ApplicationContext::map(38, 2);
/// networkLocUpContext-v3.
pub(crate) const LOCATION_UPDATE: ApplicationContext = ApplicationContext::map(1, 3);
/// provideSubscriberLocation.
pub(crate) const PSL: i64 = 83;
/// updateLocation.
pub(crate) const UL: i64 = 2;
/// insertSubscriberData.
pub(crate) const ISD: i64 = 7;

pub(crate) const ARGUMENT: [u8; 5] = [0x30, 0x03, 0x80, 0x01, 0x05];
pub(crate) const RESULT: [u8; 5] = [0x30, 0x03, 0x80, 0x01, 0x07];
pub(crate) const NOW: Duration = Duration::from_secs(1_000);
pub(crate) const TEN_SECONDS: Duration = Duration::from_secs(10);

pub(crate) fn party(random: u64) -> Party {
    Dialogues::new(TcapLimits::default(), random)
}

/// A small one, for tests of its bounds.
pub(crate) fn narrow(limits: TcapLimits) -> Party {
    Dialogues::new(limits, 7)
}

/// Octets from hexadecimal text; what follows `;` on a line is a note.
pub(crate) fn octets(text: &str) -> Vec<u8> {
    let digits: String =
        text.lines().flat_map(|line| line.split(';').next().unwrap().chars()).filter(|c| !c.is_whitespace()).collect();
    assert!(digits.len().is_multiple_of(2), "{digits}");
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

pub(crate) fn drain(party: &mut Party) -> Vec<Output<&'static str>> {
    core::iter::from_fn(|| party.poll()).collect()
}

/// The one message that waits.
pub(crate) fn sent(party: &mut Party) -> (&'static str, Vec<u8>) {
    let mut outputs = drain(party);
    match (outputs.pop(), outputs.len()) {
        (Some(Output::Send { to, octets }), 0) => (to, octets),
        (last, more) => panic!("{last:?} and {more} more instead of one message"),
    }
}

/// The one indication that waits.
pub(crate) fn told(party: &mut Party) -> Told {
    let mut outputs = drain(party);
    match (outputs.pop(), outputs.len()) {
        (Some(Output::Indication(indication)), 0) => indication,
        (last, more) => panic!("{last:?} and {more} more instead of one indication"),
    }
}

pub(crate) fn nothing(party: &mut Party) {
    assert_eq!(drain(party), []);
}

pub(crate) const fn invoke(invoke_id: i8, operation: i64) -> Request<'static> {
    Request::Invoke { invoke_id, linked_id: None, operation, argument: &ARGUMENT, timeout: TEN_SECONDS }
}

pub(crate) const fn result(invoke_id: i8) -> Request<'static> {
    Request::ResultLast { invoke_id, result: &RESULT }
}

pub(crate) fn invoked(invoke_id: i8, operation: i64) -> Component {
    Component::Invoke { invoke_id, linked_id: None, operation, argument: ARGUMENT.to_vec() }
}

/// A dialogue that the GMLC began with these invocations and the HLR knows of: both names of it.
pub(crate) fn begun(gmlc: &mut Party, hlr: &mut Party, requests: &[Request<'_>]) -> (DialogueId, DialogueId) {
    let ours = gmlc.begin(HLR, Some(ENQUIRY), requests, NOW).unwrap();
    hlr.receive(&sent(gmlc).1, &GMLC, NOW);
    let Indication::Begin { dialogue, .. } = told(hlr) else { panic!("no Begin") };
    (ours, dialogue)
}

/// The same, continued once by the HLR: Active on both sides.
pub(crate) fn active(gmlc: &mut Party, hlr: &mut Party, requests: &[Request<'_>]) -> (DialogueId, DialogueId) {
    let (ours, theirs) = begun(gmlc, hlr, requests);
    hlr.proceed(theirs, &[], NOW).unwrap();
    gmlc.receive(&sent(hlr).1, &HLR, NOW);
    assert_eq!(told(gmlc), Indication::Continue { dialogue: ours, from: HLR, components: vec![] });
    (ours, theirs)
}

/// A message as the library writes it, to play a peer that does what ours never would.
pub(crate) fn written(message: tcap::TcapMessage) -> Vec<u8> {
    tcap::encode(&message).unwrap()
}

pub(crate) fn identifier(dialogue: DialogueId) -> tcap::TransactionId {
    dialogue.transaction_id().to_be_bytes().to_vec().into()
}
