//! What the centre says became of a message ends the wait for the card's word. That it was delivered, which this centre says of every message in the
//! other tests, does not stand for that word.

use super::process::PATIENCE;
use super::scene::{Scene, school, told};
use mlp::{AreaChange, ResultId};
use testbed::smsc::{End, Written};

#[tokio::test]
async fn a_message_that_does_not_reach_the_phone_is_told_at_once() {
    let (mut scene, gateway) = Scene::with("", false).await;
    scene.smsc.hold_receipts(true);
    // Their phones are out of reach.
    let ends = [
        (1, End::Undeliverable, Written::Text, ResultId::ABSENT_SUBSCRIBER),
        (2, End::MemoryFull, Written::Parameters, ResultId::CONGESTION_IN_MOBILE_NETWORK),
    ];
    for (number, end, written, expected) in ends {
        let number_of = scene.detach(number);
        let settle = async {
            let message = scene.smsc.next_for_terminal(&number_of, PATIENCE).await.unwrap();
            scene.smsc.settle(&message.message_id, end, written).await.unwrap()
        };
        let (answered, _) = tokio::join!(scene.ask(&gateway, number, school(AreaChange::Entering, None)), settle);
        // Without the receipt it would be that no word came in time.
        let result = answered.result.map(|(result, _)| result);
        assert_eq!((answered.request_id, result), (None, Some(expected)), "{end:?}");
    }
    // The cards are being told that it is over, which nobody waits for here.
    gateway.kill().await;
    let entries = scene.lab.entries().await;
    let mut activations = told(&entries);
    activations.retain(|(kind, _)| *kind == "activate deferred");
    assert_eq!(activations, [("activate deferred", "failed"); 2]);
}
