//! The running gateway with a home register, an SMS centre and a phone with a card: armed, asked, reported, cancelled, restarted.

mod lab;
mod phone;

use crate::config::UsimRoad;
use crate::ldr::{Armed, LdrNews};
use crate::smsc::{FromPhones as _, Refused, ShortMessage, SubmitFailure};
use crate::store::{CardName, CardRecord};
use gmlc::{EndReason, Phase};
use lab::{IMSI, Lab, NUMBER, event, leaving, news_word};
use lcs::{AreaEvent, Duration, Failure, Imsi, Msisdn, RefusalReason};
use phone::{User, keys};
use usat::exchange::to_card;
use usat::message::{Installed, Message, Report, RequestName};
use usat::packet::{Counter, Level, Tar, seal_command};
use usat::sms::{Carried, split};

/// A message of a card with these keys.
fn word(key: u8, counter: u64, message: &Message) -> ShortMessage {
    let before = Counter::new(counter - 1).unwrap();
    let usable = before.next().unwrap().store(|_| Ok::<_, ()>(())).unwrap();
    let data = message.encode().unwrap();
    let packet = seal_command(&keys(key), Level::FROM_CARD, Tar::CHANGE_OF_AREA, &usable, &data).unwrap();
    let [user_data] = split(Carried::Command, &packet, 0).unwrap().try_into().unwrap();
    ShortMessage { protocol_id: 0, data_coding: 0xF6, has_header: true, user_data, validity: None }
}

fn reported(name: RequestName, sequence: u16) -> Message {
    Message::Report(Report { name, sequence, at: crate::clock::now(), location: None })
}

/// The name under which the card watches a request.
fn name_of(armed: &Armed) -> RequestName {
    RequestName { reference: armed.reference, instance: crate::ldr::instance_of(armed.id) }
}

/// F-24, F-25, and what else a user may do: what the client hears, what is on the card, and whether it is said to be armed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_profile_says_the_card_asks_and_what_the_user_says_counts() {
    let lab = Lab::new().await;
    let gateway = lab.start(|_| ()).await;
    let denied = Err(Failure::PositioningDenied);
    let table = [
        ("allowed", User::No, Ok(()), 0),
        ("notify", User::No, Ok(()), 1),
        ("verify_allow", User::Yes, Ok(()), 1),
        ("verify_allow", User::Silent, Ok(()), 1),
        ("verify_allow", User::No, denied, 1),
        ("verify_restrict", User::Yes, Ok(()), 1),
        ("verify_restrict", User::Silent, denied, 1),
        ("verify_restrict", User::No, denied, 1),
        ("denied", User::Yes, Err(Failure::Refused(RefusalReason::ClassBars)), 0),
    ];
    for ((setting, user, expected, shown), name) in table.into_iter().zip(1..) {
        lab.set(&gateway, setting).await;
        {
            let mut phone = lab.phone.lock().unwrap();
            phone.user = user;
            phone.shown.clear();
        }
        let before = gateway.log.durable();
        let armed = gateway.deferred().arm(&gateway, leaving(name, false)).await;
        assert_eq!(armed.map(|_| ()), expected, "{setting} {user:?}");
        assert_eq!(gateway.log.durable(), before + 1, "{setting} {user:?}: recorded, however it ends");
        let phone_shown = lab.phone.lock().unwrap().shown.clone();
        assert_eq!(phone_shown.len(), shown, "{setting} {user:?}: {phone_shown:?}");
        assert!(phone_shown.iter().all(|text| text.contains("Fleet")), "{phone_shown:?}");
        assert_eq!(lab.phone.lock().unwrap().requests(), usize::from(expected.is_ok()), "{setting} {user:?}");
        if let Ok(armed) = armed {
            let stands = gateway.deferred().query("fleet", armed.id).await.unwrap();
            assert_eq!((stands.phase, stands.activated), (Phase::Armed, true));
            lab.centre().go(2);
            lab.until(|lab| lab.news_count() > 0).await;
            let news = lab.take_news();
            assert_eq!(news, [news_word(&armed, 1, AreaEvent::Leaving, true)], "{setting} {user:?}");
            lab.centre().go(1);
        }
        lab.until_none(&gateway).await;
        assert!(lab.take_news().is_empty(), "who asked was answered");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_reports_a_restart_in_between_and_a_cancellation() {
    let lab = Lab::new().await;
    let mut gateway = lab.start(|_| ()).await;
    let armed = gateway.deferred().arm(&gateway, event(1, true, AreaEvent::Entering)).await.unwrap();
    for number in 1..=3 {
        lab.centre().go(2);
        lab.centre().wait(Duration::from_secs(60));
        lab.centre().go(1);
        lab.until(|lab| lab.news_count() > 0).await;
        assert_eq!(lab.take_news(), [news_word(&armed, number, AreaEvent::Entering, false)]);
        // What the store holds suffices: the reference, the instance, the counters of both ways.
        gateway.stop().await;
        gateway = lab.start(|_| ()).await;
    }
    gateway.deferred().cancel(&gateway, "fleet", armed.id).await.unwrap();
    lab.until_none(&gateway).await;
    assert_eq!(lab.phone.lock().unwrap().requests(), 0, "the card watches no longer");
    lab.centre().go(2);
    lab.centre().go(1);
    assert!(lab.take_news().is_empty());
    gateway.stop().await;
}

/// F-27, and everything else that somebody may send: refused, and nothing comes of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_proven_or_was_taken_is_refused() {
    let lab = Lab::new().await;
    let gateway = lab.start(|_| ()).await;
    let armed = gateway.deferred().arm(&gateway, event(1, true, AreaEvent::Leaving)).await.unwrap();
    let name = name_of(&armed);
    lab.centre().go(2);
    lab.until(|lab| lab.news_count() > 0).await;
    assert_eq!(lab.take_news(), [news_word(&armed, 1, AreaEvent::Leaving, false)]);
    lab.until(|lab| lab.centre().answered.lock().unwrap().len() >= 3).await;
    let (genuine, answer) = lab.centre().answered.lock().unwrap().last().cloned().unwrap();
    assert_eq!(answer, Ok(()));
    let (from, stranger) = (Msisdn::parse(NUMBER).unwrap(), Msisdn::parse("99900000009").unwrap());
    let take = |from, message| gateway.from_cards.take(from, message);
    assert_eq!(take(from, genuine.clone()).await, Err(Refused::ForGood), "replayed");
    assert_eq!(take(stranger, genuine.clone()).await, Err(Refused::ForGood), "a number without a card");
    // Every bit of the packet, and every length.
    for bit in (0..genuine.user_data.len() * 8).step_by(7) {
        let mut forged = genuine.clone();
        forged.user_data[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(take(from, forged).await, Err(Refused::ForNow), "bit {bit}");
    }
    for length in 0..genuine.user_data.len() {
        let mut cut = genuine.clone();
        cut.user_data.truncate(length);
        assert_eq!(take(from, cut).await, Err(Refused::ForGood), "length {length}");
    }
    let no_header = ShortMessage { has_header: false, ..genuine };
    assert_eq!(take(from, no_header).await, Err(Refused::ForGood));
    // Another card's key; what the gateway itself sent, turned around.
    assert_eq!(take(from, word(9, 90, &reported(name, 2))).await, Err(Refused::ForGood));
    let usable = Counter::new(99).unwrap().next().unwrap().store(|_| Ok::<_, ()>(())).unwrap();
    let [turned] =
        to_card(&keys(7), Tar::CHANGE_OF_AREA, &usable, &Message::Cancel(name), 0).unwrap().try_into().unwrap();
    let turned = ShortMessage { user_data: turned, ..word(7, 90, &reported(name, 2)) };
    assert_eq!(take(from, turned).await, Err(Refused::ForGood));
    // Proven, and about nothing that this card has: taken, so that it does not come again, and nothing comes of it.
    let others = [
        RequestName { instance: name.instance ^ 1, ..name },
        RequestName { reference: lcs::LdrReference(name.reference.0 ^ 1), ..name },
    ];
    for (other, counter) in others.into_iter().zip(90..) {
        assert_eq!(take(from, word(7, counter, &reported(other, 2))).await, Ok(()));
    }
    // Another card, with a key of its own, about this card's request.
    let other = CardRecord {
        imsi: Imsi::parse("001010000000002").unwrap(),
        iccid: None,
        keys: keys(8),
        tar: None,
        sent: Counter::default(),
    };
    let of_other = CardName::Imsi(other.imsi);
    gateway.store.put_cards(&[other]).await.unwrap();
    let card = gateway.store.card(&of_other).await.unwrap().unwrap();
    gateway.store.next_card_counter(&card, stranger).await.unwrap();
    assert_eq!(take(stranger, word(8, 1, &reported(name, 2))).await, Ok(()));
    assert_eq!(take(stranger, word(8, 2, &Message::Acknowledge(name, Installed::Cancelled))).await, Ok(()));
    assert!(lab.take_news().is_empty());
    assert_eq!(gateway.deferred().query("fleet", armed.id).await.unwrap().reports, 1);
    // And the card itself is still heard: a counter that was skipped does no harm.
    assert_eq!(take(from, word(7, 92, &reported(name, 3))).await, Ok(()));
    lab.until(|lab| lab.news_count() > 0).await;
    assert_eq!(lab.take_news(), [news_word(&armed, 2, AreaEvent::Leaving, false)]);
    gateway.stop().await;
}

/// A report that could not be kept comes again, is not taken for a replay, and survives the end of the process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_cannot_be_kept_is_not_lost() {
    let lab = Lab::new().await;
    let gateway = lab.start(|_| ()).await;
    let armed = gateway.deferred().arm(&gateway, event(1, true, AreaEvent::Leaving)).await.unwrap();
    let other = gateway.deferred().arm(&gateway, event(2, true, AreaEvent::Leaving)).await.unwrap();
    let from = Msisdn::parse(NUMBER).unwrap();
    lab.outbox_fails(true);
    let first = word(7, 50, &reported(name_of(&armed), 1));
    assert_eq!(gateway.from_cards.take(from, first.clone()).await, Err(Refused::ForNow));
    assert_eq!(gateway.from_cards.take(from, first.clone()).await, Err(Refused::ForNow));
    assert!(lab.take_news().is_empty());
    lab.outbox_fails(false);
    assert_eq!(gateway.from_cards.take(from, first.clone()).await, Ok(()));
    assert_eq!(lab.take_news(), [news_word(&armed, 1, AreaEvent::Leaving, false)]);
    assert_eq!(gateway.from_cards.take(from, first).await, Err(Refused::ForGood));
    lab.outbox_fails(true);
    let second = word(7, 51, &reported(name_of(&other), 1));
    assert_eq!(gateway.from_cards.take(from, second.clone()).await, Err(Refused::ForNow));
    gateway.stop().await;
    lab.outbox_fails(false);
    let gateway = lab.start(|_| ()).await;
    lab.until(|lab| lab.news_count() > 0).await;
    assert_eq!(lab.take_news(), [news_word(&other, 1, AreaEvent::Leaving, false)]);
    assert_eq!(gateway.from_cards.take(from, second).await, Err(Refused::ForGood));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn which_road_is_taken() {
    let lab = Lab::new().await;
    let table = [
        (UsimRoad::Never, false, Err(Failure::ServingNodeUnsupported), 0),
        (UsimRoad::Never, true, Ok(()), 0),
        (UsimRoad::WhenNoNodeCan, false, Ok(()), 1),
        (UsimRoad::WhenNoNodeCan, true, Ok(()), 0),
        (UsimRoad::Preferred, true, Ok(()), 1),
    ];
    for ((road, node_can, expected, on_card), name) in table.into_iter().zip(1..) {
        lab.serve_by_mme(node_can);
        let gateway = lab.start(|config| config.usim.road = road).await;
        let before = lab.nodes_asked();
        let armed = gateway.deferred().arm(&gateway, leaving(name, false)).await;
        assert_eq!(armed.map(|_| ()), expected, "{road:?} {node_can}");
        assert_eq!(lab.phone.lock().unwrap().requests(), on_card, "{road:?} {node_can}");
        assert_eq!(lab.nodes_asked() - before, usize::from(expected.is_ok()) - on_card, "{road:?} {node_can}");
        if let Ok(armed) = armed {
            gateway.deferred().cancel(&gateway, "fleet", armed.id).await.unwrap();
            lab.until_none(&gateway).await;
        }
        assert_eq!(lab.phone.lock().unwrap().requests(), 0);
        gateway.stop().await;
    }
    // Without a card in the store there is no such road.
    let gateway = lab.start(|config| config.usim.road = UsimRoad::Preferred).await;
    gateway.store.remove_card(&CardName::Imsi(Imsi::parse(IMSI).unwrap())).await.unwrap();
    lab.serve_by_mme(false);
    gateway.network.forget_routes();
    let armed = gateway.deferred().arm(&gateway, leaving(9, false)).await;
    assert_eq!(armed.map(|_| ()), Err(Failure::ServingNodeUnsupported));
    gateway.stop().await;
}

/// Who does not answer is not armed, and is told that it is over once it can be reached.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_is_no_arming() {
    let lab = Lab::new().await;
    let gateway = lab.start(|config| config.usim.acknowledgement_s = 1).await;
    *lab.centre().unreachable.lock().unwrap() = true;
    let armed = gateway.deferred().arm(&gateway, leaving(1, false)).await;
    assert_eq!(armed.map(|_| ()), Err(Failure::TimedOut));
    let standing = gateway.deferred().page(None, 2).await;
    assert_eq!(standing.first().map(|standing| standing.phase), Some(Phase::Cancelling));
    assert!(lab.take_news().is_empty());
    gateway.stop().await;
    let gateway = lab.start(|_| ()).await;
    lab.until_none(&gateway).await;
    // A centre that takes nothing.
    *lab.centre().fails.lock().unwrap() = Some(SubmitFailure::NotBound);
    let armed = gateway.deferred().arm(&gateway, leaving(2, false)).await;
    assert_eq!(armed.map(|_| ()), Err(Failure::NetworkUnreachable));
    gateway.stop().await;
}

/// Killed while the card was being asked: begun again under the same name, which the card knows, and the client hears by a report.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_while_the_card_is_asked() {
    let lab = Lab::new().await;
    let gateway = lab.start(|config| config.usim.acknowledgement_s = 600).await;
    *lab.centre().unreachable.lock().unwrap() = true;
    let arming = tokio::spawn({
        let (core, deferred) = (gateway.core(), std::sync::Arc::clone(gateway.deferred()));
        async move { deferred.arm(&core, leaving(1, false)).await.map(|_| ()) }
    });
    lab.until(|lab| !lab.centre().submitted.lock().unwrap().is_empty()).await;
    arming.abort();
    arming.await.ok();
    gateway.stop().await;
    let gateway = lab.start(|_| ()).await;
    lab.until(|lab| lab.phone.lock().unwrap().requests() == 1).await;
    lab.centre().go(2);
    lab.until(|lab| lab.news_count() > 0).await;
    assert!(matches!(lab.take_news().as_slice(), [LdrNews::Report(report)] if report.number == 1 && report.last));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_profile_ends_it_on_the_card_too() {
    let lab = Lab::new().await;
    let gateway = lab.start(|_| ()).await;
    gateway.deferred().arm(&gateway, event(1, true, AreaEvent::Leaving)).await.unwrap();
    lab.set(&gateway, "denied").await;
    gateway.deferred().profile_changed(&gateway, &lab::identities()).await;
    lab.until_none(&gateway).await;
    let refused = EndReason::Refused(RefusalReason::ClassBars);
    assert!(matches!(lab.take_news().as_slice(), [LdrNews::End(end)] if end.reason == refused));
    assert_eq!(lab.phone.lock().unwrap().requests(), 0);
    gateway.stop().await;
}
