//! One entry for each target of each request, whatever its end.

use super::{
    ask::{about, ask, endpoint, result, results},
    lab::{CLIENT, CLOSED, Lab, MME, STRANGER, client_record},
    process::{PATIENCE, free_address, until},
};
use mlp::{ImmediateService, client::Request};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testbed::{
    fault::{Fault, FaultRule, Scope},
    tour::PushListener,
};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

/// How many entries with which outcome are wanted of each request, by its requestor.
#[derive(Default)]
struct Wanted(BTreeMap<String, Vec<&'static str>>);

impl Wanted {
    /// A request that is told from all others, and must end in these entries.
    fn request(&mut self, mut request: Request, outcomes: &[&'static str]) -> Request {
        let requestor = format!("request {}", self.0.len());
        request.requestor = Some(("NAME".to_owned(), requestor.clone()));
        self.0.insert(requestor, outcomes.to_vec());
        request
    }

    fn compare(&self, entries: &[Value]) {
        let mut found: BTreeMap<String, Vec<&str>> = self.0.keys().map(|key| (key.clone(), Vec::new())).collect();
        for entry in entries {
            let requestor = entry["requestor"].as_str().unwrap_or_default();
            let of_it = found.get_mut(requestor).unwrap_or_else(|| panic!("of no request: {entry}"));
            of_it.push(entry["outcome"].as_str().unwrap());
        }
        for outcomes in found.values_mut() {
            outcomes.sort_unstable();
        }
        assert_eq!(found, self.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_entry_for_each_target_of_each_request() {
    let limits = "[limits]\nmax_concurrent = 4\nmax_waiting = 0\nemergency_reserve = 0\n";
    let lab = Lab::new(limits).await;
    let (gateway, secret) = lab.first_start().await;
    let mlp = gateway.doors.mlp;
    let mut wanted = Wanted::default();
    let mut few = client_record("few");
    (few["max_targets"], few["daily_quota"]) = (json!(3), json!(3));
    let of_few = gateway.client("few", few).await;

    // Several targets, each with its own end; the same one twice is two. What names nobody has no entry.
    let mut request = about(&secret, &[1, CLOSED, STRANGER, 1]);
    request.targets.push(mlp::client::ClientTarget::msisdn("nobody's number"));
    let request = wanted.request(request, &["allowed", "allowed", "failed", "refused"]);
    let told = results(&ask(mlp, &request).await);
    assert_eq!((told.len(), &told[..4]), (5, &[0, 202, 4, 0][..]), "{told:?}");
    assert_ne!(told[4], 0);

    // Refused as a whole: too many targets, more than the quota, a kind of request that is not the client's, nobody.
    let of =
        |client: &str, secret: &str, targets: &[u32]| Request { client_id: client.into(), ..about(secret, targets) };
    let request = wanted.request(of("few", &of_few, &[1, 2, 3, 4]), &["failed"; 4]);
    assert_eq!(results(&ask(mlp, &request).await), [104]);
    let request = wanted.request(of("few", &of_few, &[1, 2, 3]), &["allowed"; 3]);
    assert_eq!(results(&ask(mlp, &request).await), [0, 0, 0]);
    let request = wanted.request(of("few", &of_few, &[1, 2, 3]), &["failed"; 3]);
    assert_eq!(results(&ask(mlp, &request).await), [101]);
    let mut request = about(&secret, &[1, 2]);
    request.service = ImmediateService::EmeLir;
    let request = wanted.request(request, &["failed"; 2]);
    assert_eq!(results(&ask(mlp, &request).await).len(), 1);
    let request = wanted.request(of("nobody", &secret, &[1, 2]), &["failed"; 2]);
    assert_eq!(results(&ask(mlp, &request).await), [3]);

    // Failures of the network.
    let at_mme = Scope::Node(MME.into());
    for fault in [
        Fault::Result { code: 4225, experimental: true },
        Fault::Result { code: 5012, experimental: false },
        Fault::CellOnly,
    ] {
        lab.network.faults().add(at_mme.clone(), FaultRule { fault, times: Some(1) });
        let request = wanted.request(about(&secret, &[2]), &["failed"]);
        assert_ne!(result(&ask(mlp, &request).await), 0, "{fault:?}");
        lab.network.faults().clear(&at_mme);
    }

    // Asynchronous: the answer is a promise, the entries come with the report.
    let mut listener = PushListener::start(free_address().await).await.unwrap();
    let mut record = client_record(CLIENT);
    record["push_urls"] = json!([listener.prefix()]);
    gateway.done(Method::PUT, "/v1/clients/lab", None, Some(&record)).await;
    let mut request = about(&secret, &[3, CLOSED]);
    request.asynchronous = true;
    request.push_address = Some((listener.url(), None, None));
    let request = wanted.request(request, &["allowed", "refused"]);
    let promised = ask(mlp, &request).await;
    assert!(promised.request_id.is_some(), "{:?}", promised.result);
    let report = listener.next(PATIENCE).await.unwrap();
    assert!(promised.request_id.is_some_and(|id| report.contains(&id)), "{report}");
    // To an address that is not the client's: refused as a whole.
    let mut request = about(&secret, &[3, 4]);
    request.asynchronous = true;
    request.push_address = Some(("http://elsewhere.example/".to_owned(), None, None));
    let request = wanted.request(request, &["failed"; 2]);
    assert_eq!(results(&ask(mlp, &request).await).len(), 1);

    // Four places taken by a client that goes before its answer: the next one is refused at once, and both are recorded.
    lab.network.faults().add(at_mme.clone(), FaultRule { fault: Fault::Delay { ms: 3000 }, times: Some(4) });
    let before = lab.network.counted().plr;
    let request = wanted.request(about(&secret, &[1, 2, 3, 4]), &["allowed"; 4]);
    let mut gone = TcpStream::connect(mlp).await.unwrap();
    gone.write_all(&endpoint(mlp).request(&request.to_xml())).await.unwrap();
    until("four are under way", async || (lab.network.counted().plr >= before + 4).then_some(())).await;
    drop(gone);
    let request = wanted.request(about(&secret, &[5, 6]), &["failed"; 2]);
    assert_eq!(results(&ask(mlp, &request).await), [101]);

    // Stopping finishes what was begun.
    gateway.stop().await;
    lab.verified().await;
    wanted.compare(&lab.entries().await);
}
