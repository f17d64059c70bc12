//! What goes wrong between a home and a visited gateway: nodes that say things twice, gateways that die in the middle of an answer, a client
//! that is not there to be told.

use super::operators::{ROAMER, Started, World};
use super::process::until;
use super::school::SCHOOL;
use super::visited::{ARMED_BY_PROFILE, ARMED_BY_WORD, TOLD_BY_PROFILE, TOLD_BY_WORD};
use super::watcher::{
    Watcher, armed_at_home, counted, entries, go, leaves_again, lines, looking_out, nothing_is_left, of_request,
    reported, stop,
};
use mlp::AreaChange;
use mlp::client::SvcResult;
use reqwest::Method;
use testbed::fault::{Fault, FaultRule, Scope};

/// Spoils one report, or answer, of the node that serves her.
fn once(world: &World, fault: Fault) {
    world.network.faults().add(Scope::Node("mme-c".into()), FaultRule { fault, times: Some(1) });
}

#[tokio::test]
async fn each_event_is_told_once_whatever_the_node_of_the_visited_network_does_wrong() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(4)).await);
    looking_out(&world, &ROAMER, 1).await;
    once(&world, Fault::ReportTwice);
    go(&world, &ROAMER, SCHOOL).await;
    reported(&watcher.next().await, &leaving, &ROAMER, SCHOOL);
    for (accepted, fault) in [(3, Fault::ForgedReport), (4, Fault::LostReport), (5, Fault::ReportTwice)] {
        once(&world, fault);
        leaves_again(&world, &ROAMER, accepted).await;
        reported(&watcher.next().await, &leaving, &ROAMER, SCHOOL);
    }
    nothing_is_left(&world, &ROAMER, &[&b.gateway, &c.gateway]).await;
    let unknown = c.gateway.metric("wherefore_deferred_node_reports_total{outcome=\"unknown\"}").await;
    assert!(unknown > 0.5, "the forged report came to the gateway");
    stop([b, c]).await;
    let four = |armed, told| lines([armed, told, told, told, told]);
    assert_eq!(entries(&world, "b").await, four(ARMED_BY_PROFILE, TOLD_BY_PROFILE));
    assert_eq!(of_request(&world, "c").await.0, four(ARMED_BY_WORD, TOLD_BY_WORD));
}

/// A client of `by` asks about her, whose node does not answer; what it is answered comes when the caller has done something about that.
async fn asked_in_vain<T>(world: &World, by: &Started, meanwhile: impl AsyncFnOnce() -> T) -> (SvcResult, T) {
    let watcher = Watcher::of(&by.gateway).await;
    once(world, Fault::Drop);
    let meanwhile = async {
        until("the node is asked", async || (world.network.counted().plr >= 1).then_some(())).await;
        meanwhile().await
    };
    tokio::join!(watcher.wait(&by.gateway, &ROAMER, AreaChange::Leaving, Some(5)), meanwhile)
}

#[tokio::test]
async fn a_visited_gateway_that_dies_before_it_answers_waits_for_nobody_when_it_is_back() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let (refused, ()) = asked_in_vain(&world, &b, async || c.gateway.kill().await).await;
    assert!(refused.request_id.is_none() && refused.result.is_some(), "{refused:?}");
    let listed = b.gateway.done(Method::GET, "/v1/deferred", None, None).await;
    assert_eq!(listed["requests"].as_array().map(Vec::len), Some(1), "the visited gateway may wait: {listed}");
    // It goes on with what it had begun, and is told that nobody waits: at once by a gateway that was away as well, else after a minute.
    let c = world.again("c").await;
    b.gateway.kill().await;
    let b = world.again("b").await;
    nothing_is_left(&world, &ROAMER, &[&b, &c]).await;
    b.stop().await;
    c.stop().await;
    let failed = ["activate deferred", "failed", "subscriber's profile", "mlp"];
    assert_eq!(entries(&world, "b").await, lines([failed]));
}

#[tokio::test]
async fn a_home_gateway_that_dies_before_it_answers_waits_for_nobody_when_it_is_back() {
    let world = World::with_cells().await;
    let (a, b, c) = (world.start("a").await, world.start("b").await, world.start("c").await);
    let (refused, ()) = asked_in_vain(&world, &a, async || b.gateway.kill().await).await;
    assert!(refused.request_id.is_none() && refused.result.is_some(), "{refused:?}");
    let b = world.again("b").await;
    nothing_is_left(&world, &ROAMER, &[&a.gateway, &b, &c.gateway]).await;
    stop([a, c]).await;
    b.stop().await;
    let failed = ["activate deferred", "failed", "answer of the home gateway", "mlp"];
    assert_eq!(entries(&world, "a").await, lines([failed]));
}

#[tokio::test]
async fn what_a_visited_gateway_told_waits_at_home_for_a_client_that_is_away() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::away(&b.gateway).await;
    let leaving = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &ROAMER, 1).await;
    go(&world, &ROAMER, SCHOOL).await;
    let taken = async |times| {
        let news = counted(&c.gateway, "wherefore_lr_news_total", "b", "outcome=\"taken\"").await;
        (news >= times).then_some(())
    };
    until("the home gateway has the first", async || taken(1).await).await;
    leaves_again(&world, &ROAMER, 3).await;
    until("and the second", async || taken(2).await).await;
    // Both are made, whether the position had to be asked for or not.
    let made = async || {
        let told = b.gateway.metric("wherefore_deferred_reports_total").await;
        (told > 1.5).then_some(())
    };
    until("both reports are made", made).await;
    b.gateway.kill().await;
    let b = world.again("b").await;
    watcher.listen().await;
    for _ in 0..2 {
        reported(&watcher.next().await, &leaving, &ROAMER, SCHOOL);
    }
    assert_eq!(watcher.stop(&b, &leaving).await.element, "tlrsa");
    nothing_is_left(&world, &ROAMER, &[&b, &c.gateway]).await;
    b.stop().await;
    stop([c]).await;
    assert_eq!(entries(&world, "b").await, lines([ARMED_BY_PROFILE, TOLD_BY_PROFILE, TOLD_BY_PROFILE]));
}
