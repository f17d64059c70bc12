//! Charging records of deferred requests.

use super::*;
use crate::charging::Record;

fn records(lab: &Lab) -> Vec<Record> {
    let mut files: Vec<_> =
        std::fs::read_dir(lab.directory.path().join("charging")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let text = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    text.flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Record>>())
        .collect()
}

/// What a record says of its part of the request.
fn said(record: &Record) -> (&str, &str, Option<u32>, Option<&str>) {
    let deferred = record.deferred.as_ref();
    let event = deferred.and_then(|deferred| deferred.event.as_deref().or(deferred.reason.as_deref()));
    (&record.location_type, &record.result, deferred.and_then(|deferred| deferred.number), event)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_arming_each_report_and_the_end_are_charged() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let armed = gateway.deferred().arm(&gateway, leaving(1, true)).await.unwrap();
    let placed = |lrr: &mut Lrr<'_>| {
        happened(LEFT)(lrr);
        lrr.location_estimate = Some(diameter::Octets(&[0x00, 0x4A, 0xB1, 0x7C, 0x09, 0x88, 0x2E]));
    };
    assert_eq!(lab.report(armed.reference.0, placed).await, 2001);
    gateway.deferred().cancel(&gateway, "fleet", armed.id).await.unwrap();
    // One without a position, which is its last.
    let once = gateway.deferred().arm(&gateway, leaving(2, false)).await.unwrap();
    assert_eq!(lab.report(once.reference.0, happened(LEFT)).await, 2001);
    // One that comes to nothing.
    lab.seen.refuses.store(true, Ordering::SeqCst);
    gateway.deferred().arm(&gateway, leaving(3, false)).await.unwrap_err();
    gateway.0.stop().await.unwrap();

    let records = records(&lab);
    let of = |id: privacy::disclosure::RequestId| {
        let of_it = records.iter().filter(|record| record.request == id.to_string());
        of_it.map(said).collect::<Vec<_>>()
    };
    let (arming, current) = ("activate_deferred", "current");
    let whole = [
        (arming, "armed", None, None),
        (current, "located", Some(1), Some("leaving")),
        ("cancel_deferred", "ended", None, Some("by_client")),
    ];
    assert_eq!(of(armed.id), whole);
    assert_eq!(of(once.id), [(arming, "armed", None, None), (current, "reported", Some(1), Some("leaving"))]);
    let third = of(privacy::disclosure::RequestId([3; 16]));
    assert_eq!(third, [(arming, Failure::PositioningDenied.as_str(), None, None)]);
    assert!(records.iter().all(|record| record.node.as_deref() == Some(MME)), "{records:?}");
    assert!(records.iter().all(|record| record.visited_plmn.as_deref() == Some("00101")));
    assert_eq!(records.iter().filter(|record| record.position.is_some()).count(), 1);
}
