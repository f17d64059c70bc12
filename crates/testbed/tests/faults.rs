//! Every fault, seen from the gateway's side of the wire.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests, outside of test functions")]

mod support;

use diameter::{
    codec::{AvpRef, Message},
    dictionary as avp,
};
use std::time::Duration;
use support::{HEAD, Lab, Plr, TIMEOUT, imsi, result, subscriber};
use testbed::fault::{Fault, FaultRule, Scope};
use transport::RequestError;

const SHORT: Duration = Duration::from_millis(150);
const NODE: &str = "mme-1";

async fn lab() -> Lab {
    Lab::start(&[HEAD.to_owned(), subscriber(1, ""), subscriber(2, "")].concat()).await
}

async fn located(lab: &Lab) -> Message {
    let answer = lab.ask_mme(&Plr::of(1)).await.unwrap();
    assert_eq!(result(&answer), 2001);
    answer
}

fn estimate(answer: &Message) -> AvpRef<'_> {
    Iterator::find(&mut answer.avps(), |avp| avp.code == avp::LOCATION_ESTIMATE.code).unwrap()
}

/// After trouble the node must be reachable again, once the connection is back.
async fn recovered(lab: &Lab) {
    tokio::time::timeout(TIMEOUT, async {
        loop {
            lab.gateway.wait_usable(3).await;
            if lab.ask_mme(&Plr::of(1)).await.is_ok() {
                return;
            }
        }
    })
    .await
    .expect("the node comes back");
}

/// The next request costs the connection. The gateway may send it again over the next one, where it is answered.
async fn loses_connection(lab: &Lab) {
    let before = lab.gateway.counters().connections_closed;
    match lab.ask_mme(&Plr::of(1)).await {
        Ok(answer) => assert_eq!(result(&answer), 2001),
        Err(error) => assert_eq!(error, RequestError::Disconnected),
    }
    assert_eq!(lab.gateway.counters().connections_closed, before + 1);
    recovered(lab).await;
}

#[tokio::test]
async fn a_late_answer_about_one_does_not_hold_up_another() {
    let lab = lab().await;
    let slow = FaultRule { fault: Fault::Delay { ms: 300 }, times: None };
    lab.network.faults().add(Scope::Subscriber("sub-01".into()), slow);
    let (one, two) = (Plr::of(1), Plr::of(2));
    let (slow, quick) = (lab.ask_mme(&one), lab.ask_mme(&two));
    tokio::pin!(slow);
    let first = tokio::select! {
        answer = &mut slow => (1, answer),
        answer = quick => (2, answer),
    };
    assert_eq!((first.0, result(&first.1.unwrap())), (2, 2001));
    assert_eq!(result(&slow.await.unwrap()), 2001);
}

#[tokio::test]
async fn silence_and_hanging_up() {
    let lab = lab().await;
    lab.fault(NODE, Fault::Drop, Some(1));
    assert_eq!(lab.ask_mme_within(&Plr::of(1), SHORT).await.unwrap_err(), RequestError::TimedOut);
    located(&lab).await;
    lab.fault(NODE, Fault::Disconnect, Some(1));
    loses_connection(&lab).await;
}

#[tokio::test]
async fn error_results_of_both_kinds() {
    let lab = lab().await;
    for (code, experimental, expected) in [(5012, false, 5012), (4225, true, -4225), (5490, true, -5490)] {
        lab.fault(NODE, Fault::Result { code, experimental }, Some(1));
        assert_eq!(result(&lab.ask_mme(&Plr::of(1)).await.unwrap()), expected);
    }
    lab.fault(NODE, Fault::Result { code: 3004, experimental: false }, None);
    let busy = lab.ask_mme(&Plr::of(1)).await.unwrap_err();
    assert_eq!(busy, RequestError::Protocol { result_code: 3004 });
    lab.fault("hss", Fault::Result { code: 5012, experimental: false }, Some(1));
    let asked = |builder: &mut diameter::codec::Builder<'_>| {
        builder.text(&avp::USER_NAME, &imsi(1));
    };
    assert_eq!(result(&lab.ask_hss(asked).await.unwrap()), 5012);
    assert_eq!(result(&lab.ask_hss(asked).await.unwrap()), 2001);
}

#[tokio::test]
async fn a_mute_node_reads_on_and_says_nothing() {
    let lab = lab().await;
    lab.fault(NODE, Fault::Mute, None);
    assert_eq!(lab.ask_mme_within(&Plr::of(1), SHORT).await.unwrap_err(), RequestError::TimedOut);
    assert_eq!(lab.network.counted().plr, 1);
    lab.network.faults().clear_all();
    located(&lab).await;
}

#[tokio::test]
async fn a_node_that_is_gone_comes_back() {
    let lab = lab().await;
    lab.fault(NODE, Fault::Gone, None);
    let lost = tokio::time::timeout(TIMEOUT, async { while lab.ask_mme_within(&Plr::of(1), SHORT).await.is_ok() {} });
    lost.await.expect("the connection is closed");
    assert_eq!(lab.ask_mme(&Plr::of(1)).await.unwrap_err(), RequestError::NoPeer);
    lab.network.faults().clear(&Scope::Node(NODE.into()));
    recovered(&lab).await;
}

#[tokio::test]
async fn what_cannot_be_framed_ends_the_connection() {
    let lab = lab().await;
    for fault in [Fault::Garbage, Fault::Truncated] {
        lab.fault(NODE, fault, Some(1));
        loses_connection(&lab).await;
    }
    assert_eq!(lab.network.spoiled_on_the_wire(), 2);
}

#[tokio::test]
async fn answers_to_nothing_are_there_to_be_ignored() {
    let lab = lab().await;
    for (fault, stray) in [(Fault::Duplicate, 1), (Fault::AnswerToNothing, 2)] {
        lab.fault(NODE, fault, Some(1));
        located(&lab).await;
        // The next answer comes behind the stray one, so that has been read by now.
        located(&lab).await;
        assert_eq!(lab.gateway.counters().stray_answers, stray, "{fault:?}");
    }
    lab.fault(NODE, Fault::WrongHopByHop, Some(1));
    assert_eq!(lab.ask_mme_within(&Plr::of(1), SHORT).await.unwrap_err(), RequestError::TimedOut);
    assert_eq!(lab.gateway.counters().stray_answers, 3);
}

#[tokio::test]
async fn positions_as_peers_get_them_wrong() {
    let lab = lab().await;
    let sound = located(&lab).await;
    assert_eq!((estimate(&sound).data[0], estimate(&sound).vendor), (0x10, avp::LOCATION_ESTIMATE.vendor));

    lab.fault(NODE, Fault::LowNibbleGad, Some(1));
    assert_eq!(estimate(&located(&lab).await).data[0], 0x01);

    lab.fault(NODE, Fault::WithoutVendorBit, Some(1));
    let bare = located(&lab).await;
    assert_eq!((estimate(&bare).vendor, estimate(&bare).data), (None, estimate(&sound).data));

    lab.fault(NODE, Fault::CellOnly, Some(1));
    let cell = located(&lab).await;
    assert!(cell.find(&avp::LOCATION_ESTIMATE).is_none() && cell.find(&avp::ECGI).is_some());

    lab.fault(NODE, Fault::NoAgeNorAccuracy, Some(1));
    let bare = located(&lab).await;
    assert!(bare.find(&avp::AGE_OF_LOCATION_ESTIMATE).is_none());
    assert!(bare.find(&avp::ACCURACY_FULFILMENT_INDICATOR).is_none());
    assert_eq!(estimate(&located(&lab).await), estimate(&sound));
}
