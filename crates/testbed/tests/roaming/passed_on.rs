//! A phone takes its request along to a network in which it was not armed, and reports there: the gateway of that network passes it on to the
//! home gateway, `b`, which knows whose it is (TS 23.271 clause 9.1.19.1 NOTE 6 and steps 19 to 22).

use super::operators::{AT_HOME, OWN, Person, ROAMER, World, gateway_name, plmn};
use super::process::until;
use super::rlp::{now, tell};
use super::school::{HOME, SCHOOL};
use super::watcher::{Watcher, armed_at_home, entries, lines, looking_out, reported};
use lcs::{Identities, TerminationCause};
use mlp::rlp::{OutgoingPassedOn, PassedOnTold, Sender, Subject, Version};
use mlp::{AreaChange, TriggerWord, TriggeredOutcome};
use std::time::Duration;
use testbed::scenario::Waypoint;

const ARMED: [&str; 4] = ["activate deferred", "allowed", "subscriber's profile", "mlp"];
const ARMED_BY_WORD: [&str; 4] = ["activate deferred", "allowed", "instruction of the home gateway", "rlp"];
const TOLD: [&str; 4] = ["current", "allowed", "subscriber's profile", "mlp"];
const PASSED_ON: [&str; 4] = ["current", "allowed", "instruction of the home gateway", "rlp"];

/// Goes to the network of an operator, to this latitude.
fn travel(world: &World, person: &Person, operator: &str, latitude: f64) {
    let place = Waypoint { latitude, longitude: 13.405, altitude_m: 0.0, speed_km_h: None, at_s: None };
    world.network.phones().labelled(&person.label()).unwrap().go(Some(place), Some(format!("mme-{operator}")));
}

/// Armed through one visited network, reported from another: a third operator's, which only has the report.
#[tokio::test]
async fn what_was_armed_in_one_visited_network_is_reported_from_another() {
    let world = World::with_cells().await;
    report_in(&world, "a");
    let (a, b, c) = (world.start("a").await, world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &ROAMER, 1).await;
    travel(&world, &ROAMER, "a", SCHOOL);
    reported(&watcher.next().await, &leaving, &ROAMER, SCHOOL);
    let taken = async || (world.network.counted().lrr_accepted >= 2).then_some(());
    until("the node is told that its report was taken", taken).await;
    for gateway in [a, b, c] {
        gateway.gateway.stop().await;
    }
    assert_eq!(entries(&world, "a").await, lines([PASSED_ON]));
    assert_eq!(entries(&world, "b").await, lines([ARMED, TOLD]));
    assert_eq!(entries(&world, "c").await, lines([ARMED_BY_WORD]));
}

/// The home operator's list goes through the visited gateway to the phone, which reports in no other network than those of it and the one where it
/// was armed: not at home, and through the home gateway's own node where home is listed.
#[tokio::test]
async fn the_home_operator_says_where_a_phone_reports_that_is_abroad() {
    let world = World::with_cells().await;
    report_in(&world, "a");
    let (a, b, c) = (world.start("a").await, world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &ROAMER, 1).await;
    travel(&world, &ROAMER, "b", SCHOOL);
    tokio::task::yield_now().await;
    travel(&world, &ROAMER, "a", SCHOOL);
    reported(&watcher.next().await, &leaving, &ROAMER, SCHOOL);
    for gateway in [a, b, c] {
        gateway.gateway.stop().await;
    }
    assert_eq!(entries(&world, "a").await, lines([PASSED_ON]));
    assert_eq!(entries(&world, "b").await, lines([ARMED, TOLD]));
}

#[tokio::test]
async fn a_phone_that_comes_home_with_its_request_reports_there() {
    let world = World::with_cells().await;
    report_in(&world, "b");
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &ROAMER, 1).await;
    travel(&world, &ROAMER, "b", SCHOOL);
    reported(&watcher.next().await, &leaving, &ROAMER, SCHOOL);
    b.gateway.stop().await;
    c.gateway.stop().await;
    assert_eq!(entries(&world, "b").await, lines([ARMED, TOLD]));
    assert_eq!(entries(&world, "c").await, lines([ARMED_BY_WORD]));
}

/// Has phones of `b` told that they may report in the network of this operator, too.
fn report_in(world: &World, operator: &str) {
    let file = world.directory("b").join("wherefore.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let changed = text.replacen("[deferred]\n", &format!("[deferred]\nreporting_plmns = ['{}']\n", plmn(operator)), 1);
    assert_ne!(changed, text);
    std::fs::write(&file, changed).unwrap();
}

/// Armed at home, reported from a network of `deferred.reporting_plmns`, while the home gateway is away at first: nothing is kept on the
/// way, and nothing is lost.
#[tokio::test]
async fn what_was_armed_at_home_is_reported_from_a_visited_network() {
    let world = World::with_cells().await;
    report_in(&world, "c");
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let leaving = armed_at_home(watcher.wait(&b.gateway, &AT_HOME, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &AT_HOME, 1).await;

    b.gateway.kill().await;
    let before = world.network.counted().lrr;
    travel(&world, &AT_HOME, "c", SCHOOL);
    let tried = async || (world.network.counted().lrr > before).then_some(());
    until("the node reports to the gateway of its network", tried).await;
    let b = world.again("b").await;
    let taken = async || {
        world.network.phones().clock().advance(Duration::from_secs(16));
        (world.network.counted().lrr_accepted >= 2).then_some(())
    };
    until("the node reports again", taken).await;
    reported(&watcher.next().await, &leaving, &AT_HOME, SCHOOL);
    b.stop().await;
    c.gateway.stop().await;
    assert_eq!(entries(&world, "b").await, lines([ARMED, TOLD]));
    // An entry each time that it was told.
    let passed_on = entries(&world, "c").await;
    assert!(!passed_on.is_empty() && passed_on.iter().all(|entry| *entry == PASSED_ON), "{passed_on:?}");
}

/// A gateway that does not know the home gateway as that passes nothing on.
#[tokio::test]
async fn nothing_is_passed_on_for_who_is_no_home_gateway() {
    let world = World::with_cells().await;
    world.take_role("a", "b", "home");
    report_in(&world, "a");
    let (a, b, c) = (world.start("a").await, world.start("b").await, world.start("c").await);
    let watcher = Watcher::of(&b.gateway).await;
    armed_at_home(watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await);
    looking_out(&world, &ROAMER, 1).await;
    let (before, accepted) = (world.network.counted().lrr, world.network.counted().lrr_accepted);
    travel(&world, &ROAMER, "a", SCHOOL);
    let again = async || {
        world.network.phones().clock().advance(Duration::from_secs(16));
        (world.network.counted().lrr >= before + 2).then_some(())
    };
    until("the node reports again what was not taken", again).await;
    assert_eq!(world.network.counted().lrr_accepted, accepted);
    for gateway in [a, b, c] {
        gateway.gateway.stop().await;
    }
    assert_eq!(entries(&world, "a").await, lines([]));
    assert_eq!(entries(&world, "b").await, lines([ARMED]));
}

fn passed_on(from: &str, (name, reference): (&str, u8), whom: Identities, told: PassedOnTold<'_>) -> String {
    let (sender, subject) = (Sender::new(gateway_name(from)), Subject::Known(whom));
    let mut out = String::new();
    OutgoingPassedOn { version: Version::V1_1, sender: &sender, name, reference, subject: &subject, told }
        .write(&mut out);
    out
}

fn imsi_of(person: &Person) -> Identities {
    Identities { imsi: person.identities().imsi, ..Identities::default() }
}

/// Gateways of others are believed of phones that are in their networks by what the home register says, and of requests that there are.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_is_believed_of_the_phones_in_its_network_alone() {
    let world = World::with_cells().await;
    let (b, c) = (world.start("b").await, world.start("c").await);
    let mut watcher = Watcher::of(&b.gateway).await;
    let answer = watcher.wait(&b.gateway, &ROAMER, AreaChange::Leaving, Some(5)).await;
    let reference = answer.lcs_ref.unwrap();
    let leaving = armed_at_home(answer);
    looking_out(&world, &ROAMER, 1).await;
    let (by_a, by_c) = (gateway_name("a"), gateway_name("c"));
    let outcome = TriggeredOutcome::Event { at: now() };
    let report = |trigger| PassedOnTold::Report { trigger, max_interval_over: false, number: None, outcome };
    let change = report(TriggerWord::ChangeArea);
    let (roamer, at_home, own) = (imsi_of(&ROAMER), imsi_of(&AT_HOME), imsi_of(&OWN));
    let number = Identities { msisdn: ROAMER.identities().msisdn, ..Identities::default() };
    let ours = ("1", reference);
    for (what, by, body, status) in [
        ("not where the phone is", &by_a, passed_on("a", ours, roamer, change), 410),
        ("in the name of another", &by_a, passed_on("c", ours, roamer, change), 403),
        ("another reference", &by_c, passed_on("c", ("1", reference + 1), roamer, change), 410),
        ("about somebody else", &by_c, passed_on("c", ours, at_home, change), 410),
        ("about nobody of this operator", &by_c, passed_on("c", ours, own, change), 410),
        ("by a number, which may have moved", &by_c, passed_on("c", ours, number, change), 410),
        ("what a phone does not wait for", &by_c, passed_on("c", ours, roamer, report(TriggerWord::Available)), 403),
        ("what it was not asked for", &by_c, passed_on("c", ours, roamer, report(TriggerWord::Equidistance)), 403),
        ("an end where it is not", &by_a, passed_on("a", ours, roamer, ended(TerminationCause::UeTermination)), 410),
        ("that it went", &by_c, passed_on("c", ours, roamer, ended(TerminationCause::MtLrRestart)), 403),
    ] {
        assert_eq!(tell(&world, by, "b", &body).await, status, "{what}");
    }
    // The position that it does not tell is asked for; the same report twice is one.
    for _ in 0..2 {
        assert_eq!(tell(&world, &by_c, "b", &passed_on("c", ours, roamer, change)).await, 200);
    }
    reported(&watcher.next().await, &leaving, &ROAMER, HOME);
    let end = passed_on("c", ours, roamer, ended(TerminationCause::UeTermination));
    assert_eq!(tell(&world, &by_c, "b", &end).await, 200);
    let told = watcher.next().await;
    assert_eq!((told.element.as_str(), told.request_id.as_deref()), ("tlrep", Some(leaving.as_str())), "{told:?}");
    assert_eq!(watcher.next().await.element, "tlrsa");
    assert_eq!(tell(&world, &by_c, "b", &end).await, 410, "it is over");
    b.gateway.stop().await;
    c.gateway.stop().await;
}

fn ended(cause: TerminationCause) -> PassedOnTold<'static> {
    PassedOnTold::Ended(cause)
}
