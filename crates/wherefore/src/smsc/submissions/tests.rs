use super::*;

const SECOND: Duration = Duration::from_secs(1);
const TERMS: Terms = Terms {
    window: 2,
    queue: 5,
    interval: Duration::from_millis(100),
    patience: Duration::from_secs(30),
    response: Duration::from_secs(10),
    pause: (SECOND, Duration::from_secs(4)),
};

/// Submissions under a clock that is moved by hand.
struct Bench {
    now: Instant,
    number: u32,
    submissions: Submissions<u32>,
}

impl Bench {
    fn new(terms: Terms) -> Self {
        let now = Instant::now();
        Self { now, number: 0, submissions: Submissions::new(terms, now) }
    }

    fn order(&mut self, who: u32) -> Option<(u32, Outcome)> {
        // Who it is stands in the body, so that it can be told what is sent.
        self.submissions.take(Pdu::of(command::SUBMIT_SM, 0, 0, &who.to_be_bytes()), who, self.now)
    }

    /// Who is sent now, with its number.
    fn sent(&mut self) -> Vec<(u32, u32)> {
        let mut sent = Vec::new();
        let number = &mut self.number;
        while let Some(pdu) = self.submissions.send(self.now, || {
            *number += 1;
            *number
        }) {
            sent.push((u32::from_be_bytes(pdu.body().try_into().unwrap()), pdu.sequence()));
        }
        sent
    }

    fn answer(&mut self, number: u32, status: u32) -> Answered<u32> {
        let body: &[u8] = if status == 0 { b"0A\0" } else { b"" };
        self.submissions.answer(&Pdu::of(command::SUBMIT_SM | command::RESPONSE, status, number, body), self.now)
    }

    fn wait(&mut self, span: Duration) {
        self.now += span;
    }
}

fn taken() -> Outcome {
    Ok(MessageId::new("0A"))
}

#[test]
fn no_more_than_the_window_is_under_way_and_no_more_than_the_rate_is_sent() {
    let mut bench = Bench::new(TERMS);
    for who in 1..=4 {
        assert_eq!(bench.order(who), None);
    }
    assert_eq!(bench.sent(), [(1, 1)]);
    assert_eq!(bench.submissions.deadline(true), Some(bench.now + TERMS.interval - CATCH_UP));
    bench.wait(TERMS.interval);
    assert_eq!(bench.sent(), [(2, 2)]);
    bench.wait(SECOND);
    assert_eq!(bench.sent(), [], "the window is full");
    assert_eq!(bench.answer(2, 0), Answered::Done(2, taken()));
    assert_eq!(bench.sent(), [(3, 3)]);
    assert_eq!(bench.answer(1, 0), Answered::Done(1, taken()));
    bench.wait(TERMS.interval);
    assert_eq!(bench.sent(), [(4, 4)]);
    assert_eq!(bench.answer(3, 0), Answered::Done(3, taken()));
    assert_eq!(bench.answer(4, 0), Answered::Done(4, taken()));
    assert!(bench.submissions.is_answered());
    assert_eq!(bench.submissions.deadline(true), None);
}

#[test]
fn a_pause_is_not_made_up_for() {
    let mut bench = Bench::new(Terms { window: 100, queue: 100, ..TERMS });
    bench.wait(60 * SECOND);
    for who in 1..=20 {
        bench.order(who);
    }
    assert_eq!(bench.sent().len(), 1);
    let mut most = 0;
    for _ in 0..100 {
        bench.wait(Duration::from_millis(10));
        most += bench.sent().len();
    }
    assert_eq!(most, 10, "ten in a second after the first");
}

#[test]
fn a_queue_that_is_full_says_so_at_once() {
    let mut bench = Bench::new(TERMS);
    for who in 1..=5 {
        assert_eq!(bench.order(who), None);
    }
    assert_eq!(bench.order(6), Some((6, Err(SubmitFailure::QueueFull))));
    assert_eq!(bench.sent().len(), 1);
    assert_eq!(bench.order(7), None);
}

#[test]
fn a_centre_that_throttles_gets_pauses_that_grow_until_it_takes_one() {
    let mut bench = Bench::new(Terms { interval: Duration::ZERO, ..TERMS });
    for who in 1..=3 {
        bench.order(who);
    }
    assert_eq!(bench.sent(), [(1, 1), (2, 2)]);
    // Told twice at once, out of order: one pause, and the order of submissions stays.
    assert_eq!(bench.answer(2, status::RTHROTTLED), Answered::PutOff);
    assert_eq!(bench.answer(1, RMSGQFUL), Answered::PutOff);
    let mut number = 2;
    for seconds in [1, 2, 4, 4] {
        assert_eq!(bench.submissions.deadline(true), Some(bench.now + seconds * SECOND));
        bench.wait(seconds * SECOND - Duration::from_millis(1));
        assert_eq!(bench.sent(), []);
        bench.wait(Duration::from_millis(1));
        assert_eq!(bench.sent(), [(1, number + 1), (2, number + 2)]);
        assert_eq!(bench.answer(number + 1, status::RTHROTTLED), Answered::PutOff);
        assert_eq!(bench.answer(number + 2, status::RTHROTTLED), Answered::PutOff);
        number += 2;
    }
    bench.wait(4 * SECOND);
    assert_eq!(bench.sent(), [(1, number + 1), (2, number + 2)]);
    assert_eq!(bench.answer(number + 1, 0), Answered::Done(1, taken()));
    assert_eq!(bench.sent(), [(3, number + 3)]);
    assert_eq!(bench.answer(number + 3, status::RTHROTTLED), Answered::PutOff);
    assert_eq!(bench.answer(number + 2, 0), Answered::Done(2, taken()));
    assert_eq!(bench.sent(), [(3, number + 4)], "one that is taken ends the pause");
    assert_eq!(bench.answer(number + 4, status::RTHROTTLED), Answered::PutOff);
    assert_eq!(bench.submissions.deadline(true), Some(bench.now + SECOND), "pauses begin anew");
}

#[test]
fn what_waits_too_long_fails_by_what_kept_it() {
    let ends = |bound, said: Option<u32>| {
        let mut bench = Bench::new(TERMS);
        bench.order(1);
        if let Some(said) = said {
            assert_eq!(bench.sent(), [(1, 1)]);
            assert_eq!(bench.answer(1, said), Answered::PutOff);
        }
        assert_eq!(bench.submissions.deadline(false), Some(bench.now + TERMS.patience));
        bench.wait(TERMS.patience - Duration::from_millis(1));
        assert_eq!(bench.submissions.expire(bound, bench.now), []);
        bench.wait(Duration::from_millis(1));
        let over = bench.submissions.expire(bound, bench.now);
        assert_eq!(bench.submissions.deadline(true), None);
        over
    };
    assert_eq!(ends(false, None), [(1, Err(SubmitFailure::NotBound))]);
    assert_eq!(ends(true, None), [(1, Err(SubmitFailure::Throttled))], "never got its turn");
    assert_eq!(ends(true, Some(status::RTHROTTLED)), [(1, Err(SubmitFailure::Throttled))]);
    assert_eq!(ends(true, Some(RMSGQFUL)), [(1, Err(SubmitFailure::QueueFull))]);
    assert_eq!(ends(false, Some(RMSGQFUL)), [(1, Err(SubmitFailure::NotBound))]);
    // Put off when its time is over.
    let mut bench = Bench::new(Terms { response: 60 * SECOND, ..TERMS });
    bench.order(1);
    assert_eq!(bench.sent(), [(1, 1)]);
    bench.wait(TERMS.patience);
    assert_eq!(bench.answer(1, RMSGQFUL), Answered::Done(1, Err(SubmitFailure::QueueFull)));
}

#[test]
fn silence_and_a_lost_session_leave_it_open_and_late_answers_are_strays() {
    let mut bench = Bench::new(TERMS);
    bench.order(1);
    assert_eq!(bench.sent(), [(1, 1)]);
    bench.wait(TERMS.response);
    assert_eq!(bench.submissions.expire(true, bench.now), [(1, Err(SubmitFailure::NoAnswer))]);
    assert_eq!(bench.answer(1, 0), Answered::Stray);
    bench.order(2);
    bench.order(3);
    assert_eq!(bench.sent(), [(2, 2)]);
    assert_eq!(bench.submissions.lost(), [(2, Err(SubmitFailure::NoAnswer))]);
    assert_eq!(bench.answer(2, 0), Answered::Stray, "it is of another session");
    assert_eq!(bench.submissions.close(), [(3, Err(SubmitFailure::NotBound))]);
}

#[test]
fn every_status_of_3_4_is_for_now_or_for_good() {
    use SubmitFailure as F;
    // SMPP 3.4 section 5.1.3, table 5-2; and beyond.
    for said in (1..=0x500).chain([0xFFFF_FFFF]) {
        let mut bench = Bench::new(TERMS);
        bench.order(1);
        assert_eq!(bench.sent(), [(1, 1)]);
        let expected = match said {
            0x04 => Answered::Unbound,
            0x14 | 0x58 => Answered::PutOff,
            0x08 | 0x45 | 0x64 => Answered::Done(1, Err(F::Unavailable(said))),
            0x0B => Answered::Done(1, Err(F::NoSuchSubscriber)),
            _ => Answered::Done(1, Err(F::Refused(said))),
        };
        assert_eq!(bench.answer(1, said), expected, "{said:#x}");
    }
}

#[test]
fn an_answer_must_be_one_to_a_submission() {
    let mut bench = Bench::new(TERMS);
    bench.order(1);
    assert_eq!(bench.sent(), [(1, 1)]);
    let other = Pdu::of(command::QUERY_SM | command::RESPONSE, 0, 1, b"");
    assert_eq!(bench.submissions.answer(&other, bench.now), Answered::Stray);
    // A nack with status 0 says no more than that the centre did not understand.
    let nack = Pdu::of(command::GENERIC_NACK, 0, 1, b"");
    assert_eq!(bench.submissions.answer(&nack, bench.now), Answered::Done(1, Err(SubmitFailure::Refused(0))));
    bench.order(2);
    bench.wait(SECOND);
    assert_eq!(bench.sent(), [(2, 2)]);
    let nack = Pdu::of(command::GENERIC_NACK, status::RTHROTTLED, 2, b"");
    assert_eq!(bench.submissions.answer(&nack, bench.now), Answered::PutOff, "some centres throttle by a nack");
}

#[test]
fn a_centre_that_knows_of_no_session_gets_it_in_the_next() {
    let mut bench = Bench::new(TERMS);
    bench.order(1);
    bench.order(2);
    assert_eq!(bench.sent(), [(1, 1)]);
    assert_eq!(bench.answer(1, status::RINVBNDSTS), Answered::Unbound);
    assert_eq!(bench.submissions.lost(), []);
    bench.wait(SECOND);
    assert_eq!(bench.sent(), [(1, 2)]);
}
