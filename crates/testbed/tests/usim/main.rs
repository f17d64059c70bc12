//! The change-of-area event over SMS to the (U)SIM (TS 23.271 Annex F) by real sockets: a client of an SMS centre that speaks the gateway's
//! end of crate `usat`, the centre, and subscribers with cards.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests, outside of test functions"
)]

#[path = "../interop/mod.rs"]
mod interop;

mod scene;

use interop::{pcap, tshark};
use lcs::{AreaEvent, Duration, PrivacySetting};
use scene::{Came, NUMBER, SERVICE, Scene, cell, install, place};
use testbed::smsc::Party;
use testbed::usim::Answer;
use usat::exchange::{ExchangeError, Word};
use usat::message::{Install, Installed, Message};
use usat::packet::{PacketError, Status};
use usat::toolkit::AccessTechnology;

/// F-24 and F-25, and what a user who is asked may do: what is told the client, and whether reports come.
#[tokio::test(flavor = "multi_thread")]
async fn verification_accepted_refused_and_not_answered() {
    let table = [
        (PrivacySetting::RestrictedIfNoResponse, Answer::Yes, Installed::Yes),
        (PrivacySetting::RestrictedIfNoResponse, Answer::No, Installed::Denied),
        (PrivacySetting::RestrictedIfNoResponse, Answer::Nothing, Installed::NoResponse),
        (PrivacySetting::AllowedIfNoResponse, Answer::Nothing, Installed::YesWithoutResponse),
    ];
    let mut scene = Scene::new(None).await;
    for (privacy, answer, expected) in table {
        let install = Install { privacy, ..install(7, scene.instance()) };
        scene.subscriber.handset.set_answer(answer);
        let came = scene.exchange(&Message::Install(install.clone())).await;
        assert_eq!(came, [Came::Proof(Status::Ok), Came::Word(Word::Acknowledged(install.name, expected))]);
        let shown = scene.subscriber.handset.shown().last().unwrap().clone();
        assert!(shown.contains("School bus") && shown.contains("Mum"), "{shown}");
        let installed = matches!(expected, Installed::Yes | Installed::YesWithoutResponse);
        // In, and out again.
        scene.go(1).await;
        scene.go(2).await;
        let reported = scene.came().await;
        assert_eq!(reported.len(), usize::from(installed), "{privacy:?} {answer:?}");
        for came in reported {
            let Came::Word(Word::Reported(report)) = came else { panic!("{came:?}") };
            assert_eq!((report.name, report.sequence, report.location), (install.name, 1, Some(cell(2))));
        }
        assert_eq!(scene.subscriber.handset.requests(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_reports_a_loss_of_power_and_a_cancellation() {
    let mut scene = Scene::new(None).await;
    let request = Install { multiple: true, min_interval_s: 30, event: AreaEvent::Entering, ..install(9, 1) };
    scene.exchange(&Message::Install(request.clone())).await;
    let mut sequence = vec![];
    for round in 0..3 {
        if round == 1 {
            scene.switch_off_and_on().await;
        }
        scene.wait(60).await;
        scene.go(1).await;
        scene.go(2).await;
        for came in scene.came().await {
            let Came::Word(Word::Reported(report)) = came else { panic!("{came:?}") };
            sequence.push(report.sequence);
        }
    }
    assert_eq!(sequence, [1, 2, 3]);
    // Out of service the card keeps what it has seen.
    scene.wait(60).await;
    scene.subscriber.handset.set_service(false).unwrap();
    scene.go(1).await;
    assert_eq!(scene.came().await, []);
    scene.subscriber.handset.set_service(true).unwrap();
    scene.subscriber.send(&scene.smsc).await.unwrap();
    assert_eq!(scene.came().await.len(), 1);
    let came = scene.exchange(&Message::Cancel(request.name)).await;
    let cancelled = Word::Acknowledged(request.name, Installed::Cancelled);
    assert_eq!(came, [Came::Proof(Status::Ok), Came::Word(cancelled)]);
    scene.go(2).await;
    scene.go(1).await;
    assert_eq!(scene.came().await, []);
}

/// F-27: what the network carries twice, or turns around, is taken once and one way.
#[tokio::test(flavor = "multi_thread")]
async fn replayed_and_reflected() {
    let mut scene = Scene::new(None).await;
    let parts = scene.parts(&Message::Install(install(7, 1)));
    scene.submit(&parts).await;
    assert_eq!(scene.came().await.len(), 2);
    scene.submit(&parts).await;
    assert_eq!(scene.came().await, [Came::Proof(Status::CounterLow)]);
    scene.go(1).await;
    scene.go(2).await;
    let report = scene.next().await;
    assert!(matches!(scene.take(&report).unwrap(), Came::Word(Word::Reported(_))));
    let again = scene.take(&report).unwrap_err();
    assert_eq!(again, ExchangeError::Packet(PacketError::Counter(Status::CounterLow)));
    // To the gateway what was for the card.
    assert_eq!(scene.take(&parts[0]).unwrap_err(), ExchangeError::Packet(PacketError::OtherLevel));
    // To the card what was for the gateway.
    scene.submit(&[report]).await;
    assert_eq!(scene.came().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dissector_reads_smpp_and_the_headers_of_the_short_messages() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("a_dissector_reads_smpp_and_the_headers_of_the_short_messages", missing);
    }
    let capture = pcap::Capture::default();
    let mut scene = Scene::new(Some(&capture)).await;
    // Long enough for several messages.
    let request = Install { areas: (1..=30).map(cell).collect(), ..install(7, 1) };
    let parts = scene.parts(&Message::Install(request));
    assert!(parts.len() > 1);
    scene.submit(&parts).await;
    assert_eq!(scene.came().await.len(), 2);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("usim.pcap");
    capture.write(&file);
    let text = tshark::run(&file, &["-d", "tcp.port==3868,smpp", "-V"]);
    let doubtful = |line: &&str| line.to_lowercase().contains("malformed");
    let doubts: Vec<&str> = text.lines().filter(doubtful).collect();
    assert!(doubts.is_empty(), "{doubts:?}");
    let count = |what: &str| text.lines().filter(|line| line.contains(what)).count();
    assert_eq!(count("Operation: Submit_sm (0x"), parts.len());
    assert_eq!(count("Operation: Deliver_sm (0x"), 2);
    for expected in ["UDHI", SERVICE, NUMBER] {
        assert!(count(expected) > 0, "{expected}\n{text}");
    }
    // The header of each short message as TS 23.040 has it: parts of a command packet, then a response and a command in one each.
    let first = text.lines().find(|line| line.contains("Concatenated short messages"));
    assert!(first.is_some(), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_access_is_another_place() {
    let mut scene = Scene::new(None).await;
    scene.go(1).await;
    scene.exchange(&Message::Install(install(7, 1))).await;
    scene.subscriber.handset.go(place(1), AccessTechnology::Eutran).unwrap();
    scene.subscriber.send(&scene.smsc).await.unwrap();
    assert!(matches!(scene.came().await.as_slice(), [Came::Word(Word::Reported(_))]));
    scene.subscriber.handset.wait(Duration::from_secs(4000)).unwrap();
    assert_eq!(Party::international(NUMBER).text, scene.subscriber.msisdn);
}
