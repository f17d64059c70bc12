use bytes::Bytes;

use super::super::{Extension, Form, Ssn};
use super::*;

const TEN: Duration = Duration::from_secs(10);
const ZERO: Duration = Duration::ZERO;

fn pc(value: u32) -> PointCode {
    PointCode::new(value).unwrap()
}

fn segment(first: bool, remaining: u8, reference: u32, data: &[u8]) -> (UnitdataMessage, Segmentation) {
    let segmentation = Segmentation { first, class: Class::Basic, remaining, reference };
    let message = UnitdataMessage {
        form: Form::Extended(Extension { segmentation: Some(segmentation), ..Extension::NEW }),
        class: Class::Sequenced,
        return_on_error: first,
        called: SccpAddress::by_ssn(pc(1), Ssn::GMLC),
        calling: SccpAddress::by_ssn(pc(2), Ssn::MSC),
        data: Bytes::copy_from_slice(data),
    };
    (message, segmentation)
}

fn take(reassembly: &mut Reassembly, (message, segmentation): (UnitdataMessage, Segmentation)) -> Outcome {
    reassembly.take(message, segmentation, pc(3), ZERO)
}

/// Whether it is the first, how many follow, octets.
type Sent = (bool, u8, &'static [u8]);

fn run(segments: &[Sent]) -> Vec<Outcome> {
    let mut reassembly = Reassembly::new(4, TEN);
    segments.iter().map(|(first, left, data)| take(&mut reassembly, segment(*first, *left, 5, data))).collect()
}

#[test]
fn segments_in_order_make_the_message() {
    let outcomes = run(&[(true, 2, b"aaaa"), (false, 1, b"bbbb"), (false, 0, b"c")]);
    assert_eq!(outcomes, [Outcome::Waiting, Outcome::Waiting, Outcome::Whole(Class::Basic, b"aaaabbbbc".to_vec())]);
}

#[test]
fn anything_else_breaks_it() {
    let first = segment(true, 2, 5, b"aaaa").0;
    let broken = || Outcome::Broken(Some(first.clone()));
    let none = || Outcome::Broken(None);
    let wait = || Outcome::Waiting;
    let cases: Vec<(&str, Vec<Sent>, Vec<Outcome>)> = vec![
        ("without a beginning", vec![(false, 1, b"bbbb")], vec![none()]),
        ("one left out", vec![(true, 2, b"aaaa"), (false, 0, b"c")], vec![wait(), broken()]),
        ("one repeated", vec![(true, 2, b"aaaa"), (false, 1, b"b"), (false, 1, b"b")], vec![wait(), wait(), broken()]),
        ("more than announced", vec![(true, 2, b"aaaa"), (false, 3, b"b")], vec![wait(), broken()]),
        ("longer than the first", vec![(true, 2, b"aaaa"), (false, 1, b"bbbbb")], vec![wait(), broken()]),
        ("empty", vec![(true, 2, b"aaaa"), (false, 1, b"")], vec![wait(), broken()]),
        (
            "after it broke",
            vec![(true, 2, b"aaaa"), (false, 0, b"c"), (false, 1, b"b")],
            vec![wait(), broken(), none()],
        ),
    ];
    for (name, segments, outcomes) in cases {
        assert_eq!(run(&segments), outcomes, "{name}");
    }
}

#[test]
fn a_first_segment_begins_anew() {
    let outcomes =
        run(&[(true, 2, b"aaaa"), (true, 1, b"xxxx"), (false, 1, b"bbbb"), (true, 1, b"yyyy"), (false, 0, b"z")]);
    assert_eq!(outcomes[1], Outcome::Waiting);
    assert!(matches!(&outcomes[2], Outcome::Broken(Some(first)) if first.data == "xxxx"));
    assert_eq!(outcomes[4], Outcome::Whole(Class::Basic, b"yyyyz".to_vec()));
}

#[test]
fn messages_do_not_mix() {
    let mut reassembly = Reassembly::new(8, TEN);
    let other_sender = |first, remaining, data| {
        let (mut message, segmentation) = segment(first, remaining, 5, data);
        message.calling = SccpAddress::by_ssn(pc(2), Ssn::VLR);
        (message, segmentation)
    };
    assert_eq!(take(&mut reassembly, segment(true, 1, 5, b"a1")), Outcome::Waiting);
    assert_eq!(take(&mut reassembly, segment(true, 1, 6, b"b1")), Outcome::Waiting);
    assert_eq!(take(&mut reassembly, other_sender(true, 1, b"c1")), Outcome::Waiting);
    let (message, segmentation) = segment(true, 1, 5, b"d1");
    assert_eq!(reassembly.take(message, segmentation, pc(4), ZERO), Outcome::Waiting);
    assert_eq!(take(&mut reassembly, other_sender(false, 0, b"c2")), Outcome::Whole(Class::Basic, b"c1c2".to_vec()));
    assert_eq!(take(&mut reassembly, segment(false, 0, 5, b"a2")), Outcome::Whole(Class::Basic, b"a1a2".to_vec()));
    assert_eq!(take(&mut reassembly, segment(false, 0, 6, b"b2")), Outcome::Whole(Class::Basic, b"b1b2".to_vec()));
    let (message, segmentation) = segment(false, 0, 5, b"d2");
    assert_eq!(reassembly.take(message, segmentation, pc(4), ZERO), Outcome::Whole(Class::Basic, b"d1d2".to_vec()));
    assert_eq!((reassembly.partial.len(), reassembly.deadline()), (0, None));
}

#[test]
fn a_segment_to_another_address_does_not_join() {
    let mut reassembly = Reassembly::new(8, TEN);
    take(&mut reassembly, segment(true, 1, 5, b"a1"));
    let (mut message, segmentation) = segment(false, 0, 5, b"a2");
    message.called = SccpAddress::by_ssn(pc(1), Ssn::HLR);
    assert!(matches!(take(&mut reassembly, (message, segmentation)), Outcome::Broken(Some(_))));
}

#[test]
fn number_size_and_time_are_bounded() {
    let mut reassembly = Reassembly::new(2, TEN);
    assert_eq!(take(&mut reassembly, segment(true, 1, 1, b"a")), Outcome::Waiting);
    let (message, segmentation) = segment(true, 1, 2, b"b");
    assert_eq!(reassembly.take(message, segmentation, pc(3), TEN / 2), Outcome::Waiting);
    assert_eq!(take(&mut reassembly, segment(true, 1, 3, b"c")), Outcome::Full);
    assert_eq!(reassembly.deadline(), Some(TEN));
    assert_eq!(reassembly.expire(TEN - Duration::from_nanos(1)), None);
    let (first, opc) = reassembly.expire(TEN).unwrap();
    assert_eq!((first.data.as_ref(), opc), (&b"a"[..], pc(3)));
    assert_eq!(reassembly.expire(TEN), None);
    assert_eq!(reassembly.deadline(), Some(TEN + TEN / 2));
    assert_eq!(take(&mut reassembly, segment(true, 1, 3, b"c")), Outcome::Waiting);

    let mut long = Reassembly::new(2, TEN);
    assert_eq!(take(&mut long, segment(true, 15, 1, &[7; 3000])), Outcome::Waiting);
    assert!(matches!(take(&mut long, segment(false, 14, 1, &[7; 3000])), Outcome::Broken(Some(_))));
    assert!(matches!(take(&mut long, segment(true, 15, 1, &[7; MOST + 1])), Outcome::Broken(Some(_))));
    assert!(matches!(take(&mut long, segment(true, 15, 1, b"")), Outcome::Broken(Some(_))));
    assert_eq!((long.partial.len(), long.due.len()), (0, 0));
}
