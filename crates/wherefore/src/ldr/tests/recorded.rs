//! Entries of the disclosure log about requests that nobody waits for.

use super::*;
use crate::log::{Filter, Shown, read_master, show};
use privacy::disclosure::Origin as LogOrigin;

/// All entries of a gateway that has stopped: type of location, outcome, why, target.
async fn entries(config: &Config) -> Vec<(&'static str, &'static str, Option<String>, String)> {
    let store = Store::open(&config.store).await.unwrap();
    let salts = store.salts().await.unwrap();
    store.close().await;
    let master = read_master(&config.log.content_key_file).unwrap();
    let origin = LogOrigin::new(config.log_origin()).unwrap();
    let filter = Filter { operator: true, ..Filter::default() };
    let (shown, closed) = show(&config.log.dir, &master, &origin, salts, &filter).unwrap();
    assert_eq!(closed, 0);
    let of_requests = shown.into_iter().filter_map(|shown| match shown {
        Shown::Entry(_, entry) => Some((entry.location_type, entry.outcome, entry.why, entry.target)),
        Shown::Consent(..) | Shown::Gap(..) => None,
    });
    of_requests.collect()
}

/// Each is answered the same, and has its entry, as one that the network was asked about.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_waited_for_is_recorded_before_it_is_answered() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let now = crate::clock::now();
    let areas = Vec::new();
    let nowhere = DeferredEvent::Area { event: AreaEvent::Leaving, areas, reporting: Reporting::ONCE };
    let longer = Duration::from_secs(lab.config().deferred.max_duration_s + 3600);
    for (name, request) in [
        ("over already", LdrRequest { stop: now, ..soon(1) }),
        ("no area", LdrRequest { event: nowhere, ..soon(2) }),
        ("too long", LdrRequest { stop: now.after(longer), ..soon(3) }),
        ("too long, later", {
            let start = now.after(Duration::from_secs(60));
            LdrRequest { start: Some(start), stop: start.after(longer), ..soon(4) }
        }),
    ] {
        let before = gateway.log.durable();
        assert_eq!(gateway.deferred().arm(&gateway, request).await, Err(Failure::InvalidRequest), "{name}");
        assert_eq!(gateway.log.durable(), before + 1, "{name}: not durable before it was answered");
    }
    assert_eq!((lab.asked(), lab.news()), (vec![], vec![]), "the network is not asked");
    gateway.0.stop().await.unwrap();

    let why = Some(Failure::InvalidRequest.to_string());
    let wanted = vec![("activate deferred", "failed", why, format!("msisdn {NUMBER}")); 4];
    assert_eq!(entries(&lab.config()).await, wanted);
}
