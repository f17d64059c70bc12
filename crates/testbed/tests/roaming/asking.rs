//! Gateways that answer against the rules, or not at all: nothing is given, in time, and it is told whose fault it was.

use super::impostor::{Impostor, Reply};
use super::operators::{AT_HOME, ROAMER, World, gateway_name};
use super::process::until;
use super::rlp::{answer, position};
use mlp::rlp::{AnswerBody, Immediate, Subject, SvcInit, Transaction};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::{Duration, Instant};

/// What is wrong with an answer that has a position, and how the asking gateway counts it.
type Lie = (&'static str, fn(&SvcInit, &Immediate) -> String);

/// About somebody else.
fn about_another(init: &SvcInit, request: &Immediate) -> String {
    let other = Subject::Known(AT_HOME.identities());
    position(init, &Immediate { subject: other, ..request.clone() }, "c")
}

/// In the name of another exchange.
fn of_another_exchange(init: &SvcInit, request: &Immediate) -> String {
    position(init, &Immediate { transaction: Transaction::new("another"), ..request.clone() }, "c")
}

/// Of no exchange.
fn of_no_exchange(init: &SvcInit, request: &Immediate) -> String {
    position(init, &Immediate { transaction: None, ..request.clone() }, "c")
}

/// In another gateway's name.
fn in_anothers_name(init: &SvcInit, request: &Immediate) -> String {
    position(init, request, "b")
}

/// An acknowledgement for a position.
fn acknowledged(init: &SvcInit, request: &Immediate) -> String {
    answer(init, request, "c", AnswerBody::Notified)
}

/// A promise for a position.
fn promised(init: &SvcInit, request: &Immediate) -> String {
    answer(init, request, "c", AnswerBody::Accepted { request_id: "later" })
}

/// An answer of another service.
fn of_another_service(init: &SvcInit, request: &Immediate) -> String {
    position(init, request, "c").replace("srlia", "erlia").replace("<pos>", "<eme_pos>").replace("</pos>", "</eme_pos>")
}

const LIES: [Lie; 9] = [
    ("other_subscriber", about_another),
    ("other_exchange", of_another_exchange),
    ("other_exchange", of_no_exchange),
    ("other_sender", in_anothers_name),
    ("no_position", acknowledged),
    ("no_position", promised),
    ("other_service", of_another_service),
    ("unreadable", |_, _| "<rlp_svc_result><srlia/></rlp_svc_result>".to_owned()),
    ("too_long", |_, _| " ".repeat(100_000)),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_visited_gateway_that_lies_gets_nothing_released() {
    let world = World::new(&[]).await;
    let b = world.start("b").await;
    for (at, (word, lie)) in LIES.iter().enumerate() {
        let (lie, before) = (*lie, requests(&b.gateway, "c", word).await);
        let impostor =
            Impostor::start(&world, "c", &gateway_name("c"), move |init, request| Reply::Body(lie(init, request)))
                .await;
        assert_eq!(b.result(&b.about(&ROAMER)).await, 1, "{word} {at}");
        // Asked once: the user may have been asked.
        assert_eq!(impostor.asked(), 1, "{word} {at}");
        let after = requests(&b.gateway, "c", word).await;
        assert!((after - before - 1.0).abs() < 0.1, "{word} {at}: {before} {after}");
        impostor.stop().await;
    }
    // The same gateway when it tells the truth.
    let honest = Impostor::start(&world, "c", &gateway_name("c"), |init, request| {
        assert!(request.instruction().is_ok() && request.subject == Subject::Known(ROAMER.identities()));
        Reply::Body(position(init, request, "c"))
    })
    .await;
    assert_eq!(b.result(&b.about(&ROAMER)).await, 0);
    honest.stop().await;
    b.gateway.stop().await;
    let entries = world.entries("b").await;
    assert_eq!(entries.iter().filter(|entry| entry["outcome"] == "allowed").count(), 1);
    assert_eq!(entries.len(), LIES.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_gateway_that_lies_gets_nothing_released() {
    let world = World::new(&[]).await;
    let a = world.start("a").await;
    for (word, lie) in [LIES[0], LIES[1], LIES[4], LIES[5]] {
        // In `b`'s own name this time.
        let told = move |init: &SvcInit, request: &Immediate| {
            Reply::Body(lie(init, request).replace(&gateway_name("c"), &gateway_name("b")))
        };
        let impostor = Impostor::start(&world, "b", &gateway_name("b"), told).await;
        assert_eq!(a.result(&a.about(&ROAMER)).await, 1, "{word}");
        assert_eq!(impostor.asked(), 1, "{word}");
        impostor.stop().await;
    }
    a.gateway.stop().await;
    assert!(world.entries("a").await.iter().all(|entry| entry["outcome"] == "failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_down_slow_or_somebody_else_is_a_failure_in_time() {
    let world = World::new(&[("b", "answer_timeout_ms = 300\nconnect_timeout_ms = 1000")]).await;
    let b = world.start("b").await;
    let patience = Duration::from_secs(10);
    let ask = async || {
        let began = Instant::now();
        let result = b.result(&b.about(&ROAMER)).await;
        assert!(began.elapsed() < patience);
        result
    };
    // Nobody listens. The node refuses this operator's gateway, which is asked directly for want of the other.
    assert_ne!(ask().await, 0);
    let silent = Impostor::start(&world, "c", &gateway_name("c"), |_, _| Reply::Silence).await;
    assert_eq!(ask().await, 7);
    assert_eq!(silent.asked(), 1);
    silent.stop().await;
    // The request was sent, and what became of it nobody knows: it is not sent again.
    let gone = Impostor::start(&world, "c", &gateway_name("c"), |_, _| Reply::HangUp).await;
    assert_eq!(ask().await, 1);
    assert_eq!(gone.asked(), 1);
    gone.stop().await;
    // Another, whom the same authority signed, at the same place: it gets to see nothing.
    let other = Impostor::start(&world, "c", "gmlc.stranger.example", |init, request| {
        Reply::Body(position(init, request, "c"))
    })
    .await;
    assert_ne!(ask().await, 0);
    assert_eq!(other.asked(), 0);
    other.stop().await;
    b.gateway.stop().await;
    assert!(world.entries("b").await.iter().all(|entry| entry["outcome"] != "allowed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_connection_that_was_closed_costs_no_request_and_none_is_sent_twice() {
    let world = World::new(&[]).await;
    let b = world.start("b").await;
    // Closed as soon as it is idle, without a word: what was not sent on it goes over a fresh one.
    let leaving =
        Impostor::start(&world, "c", &gateway_name("c"), |init, request| Reply::Left(position(init, request, "c")))
            .await;
    for at in 1..=20 {
        assert_eq!(b.result(&b.about(&ROAMER)).await, 0, "{at}");
        assert_eq!(leaving.asked(), at);
        until("the connection is closed", async || (leaving.left() == at).then_some(())).await;
    }
    leaving.stop().await;
    // Taken on a kept connection, and then closed: it may have been carried out, so it is not sent again.
    let second = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&second);
    let gone = Impostor::start(&world, "c", &gateway_name("c"), move |init, request| {
        match counted.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::Kept(position(init, request, "c")),
            _ => Reply::HangUp,
        }
    })
    .await;
    assert_eq!(b.result(&b.about(&ROAMER)).await, 0);
    assert_eq!(b.result(&b.about(&ROAMER)).await, 1);
    assert_eq!(gone.asked(), 2);
    gone.stop().await;
    b.gateway.stop().await;
    assert_eq!(world.entries("b").await.iter().filter(|entry| entry["outcome"] == "allowed").count(), 21);
}

/// How many requests of a gateway to an operator's ended so.
async fn requests(gateway: &super::process::Gateway, operator: &str, outcome: &str) -> f64 {
    let name = gateway_name(operator);
    gateway.metric(&format!("wherefore_lr_requests_total{{peer=\"{name}\",outcome=\"{outcome}\"}}")).await
}
