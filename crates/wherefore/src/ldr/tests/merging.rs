//! Requests that are alike share one request to the network (TS 23.271 clause 4.5), and nobody notices.

use super::*;
use crate::ldr::{Asker, Road};
use proptest::prelude::*;
use std::collections::BTreeMap;

const OF_MERGING: &str = "merging";

/// A request of this client that others may join.
fn of(client: u8, multiple: bool) -> LdrRequest {
    let mut request = leaving(client, multiple);
    request.request.account = format!("{OF_MERGING}-{client}").into();
    request
}

/// The same of a client that the subscriber wants to be told of.
fn announced(client: u8) -> LdrRequest {
    let mut request = of(client, true);
    request.request.client.external = lcs::Address::international("+4930101").ok();
    request
}

fn profile() -> ProfileBody {
    let clients = serde_json::json!([{"number": "+4930100"}, {"number": "+4930101", "setting": "notify"}]);
    serde_json::from_value(serde_json::json!({"unrelated": {"clients": clients}})).unwrap()
}

fn counted(lab: &Lab) -> (usize, usize) {
    let asked = lab.asked();
    let of = |kind| asked.iter().filter(|(asked, ..)| *asked == kind).count();
    (of(LocationType::ActivateDeferred), of(LocationType::CancelDeferred))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_clients_cost_one_request_and_each_is_checked_recorded_and_told() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let before = gateway.log.durable();
    for client in 0..10 {
        let armed = gateway.deferred().arm(&gateway, of(client, false)).await.unwrap();
        assert_eq!((armed.id.0[0], armed.reference.0), (client, 0));
    }
    assert_eq!((counted(&lab), gateway.log.durable()), ((1, 0), before + 10));
    assert_eq!(lab.report(0, happened(LEFT)).await, 2001);
    assert_eq!(gateway.log.durable(), before + 20);
    let mut told: Vec<_> = lab.news().iter().map(reported).map(|told| (told.id.0[0], told.number, told.last)).collect();
    told.sort_unstable();
    assert_eq!(told, (0..10).map(|client| (client, 1, true)).collect::<Vec<_>>());
    assert_eq!(lab.report(0, happened(LEFT)).await, 4226);
    assert_eq!((counted(&lab), gateway.deferred().index.len()), ((1, 0), 0));
    gateway.0.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_shows_for_which_of_them_the_network_was_asked() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let mut armed = Vec::new();
    for client in 0..3 {
        armed.push(gateway.deferred().arm(&gateway, of(client, true)).await.unwrap());
    }
    let merged = async |gateway: &Gateway| -> Vec<bool> {
        let page = gateway.deferred().page(None, 10).await;
        let clients_by_slg = page.iter().all(|one| (one.asked_by, one.road) == (Asker::Client, Road::Slg));
        assert!(clients_by_slg, "{page:?}");
        page.iter().map(|one| one.merged).collect()
    };
    assert_eq!(merged(&gateway).await, [false, true, true]);
    // Whoever takes the place of the first is the one that the node waits for.
    gateway.deferred().cancel(&gateway, &format!("{OF_MERGING}-0"), armed[0].id).await.unwrap();
    lab.until(|_| gateway.deferred().index.len() == 2).await;
    let asked = merged(&gateway).await.into_iter().filter(|merged| !merged).count();
    assert_eq!(asked, 1);
    gateway.0.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_is_told_when_the_last_leaves_whoever_that_is() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let mut armed = Vec::new();
    for client in 0..3 {
        armed.push(gateway.deferred().arm(&gateway, of(client, true)).await.unwrap());
    }
    let cancel = async |gateway: &Gateway, client: usize| {
        let account = format!("{OF_MERGING}-{client}");
        gateway.deferred().cancel(gateway, &account, armed[client].id).await.unwrap();
    };
    // The one that the node was asked for.
    cancel(&gateway, 0).await;
    lab.until(|_| gateway.deferred().index.len() == 2).await;
    assert_eq!(lab.report(0, happened(LEFT)).await, 2001);
    assert_eq!(lab.news().len(), 2);
    gateway.0.stop().await.unwrap();
    let gateway = lab.start().await;
    // It moves, and one of the two begins anew.
    let restart = Some(LcsTerminationCause::MT_LR_RESTART);
    let moved = move |lrr: &mut Lrr<'_>| lrr.deferred_mt_lr_data = Some(data(LEFT, restart));
    assert_eq!(lab.report(0, moved).await, 2001);
    lab.until(|lab| counted(lab) == (2, 0)).await;
    cancel(&gateway, 2).await;
    lab.until(|_| gateway.deferred().index.len() == 1).await;
    assert_eq!(counted(&lab), (2, 0));
    cancel(&gateway, 1).await;
    lab.until(|_| gateway.deferred().index.len() == 0).await;
    assert_eq!((counted(&lab), lab.news().len()), ((2, 1), 2));
    gateway.0.stop().await.unwrap();
}

/// Clause 4.5 principle 1 b: no notification may be left out by merging.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_to_be_told_is_told_by_a_request_of_its_own() {
    let lab = Lab::with(profile()).await;
    let gateway = lab.start().await;
    let mut references = Vec::new();
    for request in [of(1, true), announced(2), of(3, true), announced(4)] {
        references.push(gateway.deferred().arm(&gateway, request).await.unwrap().reference.0);
    }
    assert_eq!((references, counted(&lab)), (vec![0, 1, 0, 2], (3, 0)));
    gateway.0.stop().await.unwrap();
}

/// The profile refuses the one that the node was asked for, and another one goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_ends_one_and_no_other() {
    let lab = Lab::with(profile()).await;
    let gateway = lab.start().await;
    let first = gateway.deferred().arm(&gateway, of(1, true)).await.unwrap();
    let second = gateway.deferred().arm(&gateway, of(2, true)).await.unwrap();
    assert_eq!((second.reference, counted(&lab)), (first.reference, (1, 0)));
    let ended = gateway.deferred().cancel_one(&gateway, first.id, EndReason::Refused(RefusalReason::OptedOut)).await;
    assert_eq!(ended, Ok(1));
    lab.until(|_| gateway.deferred().index.len() == 1).await;
    assert_eq!((counted(&lab), lab.report(0, happened(LEFT)).await), ((1, 0), 2001));
    gateway.0.stop().await.unwrap();
}

/// Several clients, each of them armed, reported to, gone; the gateway restarted.
#[derive(Debug, Clone, Copy)]
enum Step {
    Arm(u8),
    Cancel(u8),
    Pause(u8),
    Resume(u8),
    Report,
    Moved,
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0..4_u8).prop_map(Step::Arm),
        3 => (0..4_u8).prop_map(Step::Cancel),
        1 => (0..4_u8).prop_map(Step::Pause),
        1 => (0..4_u8).prop_map(Step::Resume),
        5 => Just(Step::Report),
        1 => Just(Step::Moved),
        1 => Just(Step::Restart),
    ];
    proptest::collection::vec(step, 1..24)
}

/// What each client would have been told without merging, and how often the node had to be asked.
#[derive(Default)]
struct Model {
    /// Clients that wait, by name: whether they are paused.
    waiting: BTreeMap<u8, bool>,
    told: BTreeMap<u8, usize>,
    activated: usize,
    released: usize,
}

async fn run(steps: &[Step]) {
    let (lab, mut model) = (Lab::new().await, Model::default());
    let mut gateway = lab.start().await;
    let id = |client: u8| privacy::disclosure::RequestId([client; 16]);
    for step in steps {
        match *step {
            Step::Arm(client) if !model.waiting.contains_key(&client) => {
                let alone = model.waiting.is_empty();
                gateway.deferred().arm(&gateway, of(client, true)).await.unwrap();
                let slot = gateway.deferred().index.find(id(client)).unwrap();
                let mut state = slot.state.lock().await;
                state.ldr = no_least_time(&state.ldr);
                gateway.deferred().rows.update(&slot, &state).await.unwrap();
                model.waiting.insert(client, false);
                model.activated += usize::from(alone);
            }
            Step::Cancel(client) if model.waiting.remove(&client).is_some() => {
                let account = format!("{OF_MERGING}-{client}");
                gateway.deferred().cancel(&gateway, &account, id(client)).await.unwrap();
                model.released += usize::from(model.waiting.is_empty());
            }
            Step::Pause(client) | Step::Resume(client) if model.waiting.contains_key(&client) => {
                let paused = matches!(step, Step::Pause(_));
                let change = (Pauser::Operator, paused);
                gateway.deferred().pause(&gateway, (Some(id(client)), None), change).await.unwrap();
                model.waiting.insert(client, paused);
            }
            Step::Report if !model.waiting.is_empty() => {
                let reference = gateway.deferred().page(None, 1).await[0].reference.0;
                assert_eq!(lab.report(reference, happened(LEFT)).await, 2001);
                for (client, _) in model.waiting.iter().filter(|(_, paused)| !**paused) {
                    *model.told.entry(*client).or_default() += 1;
                }
            }
            Step::Moved if !model.waiting.is_empty() => {
                let reference = gateway.deferred().page(None, 1).await[0].reference.0;
                let restart = Some(LcsTerminationCause::MT_LR_RESTART);
                let moved = move |lrr: &mut Lrr<'_>| lrr.deferred_mt_lr_data = Some(data(LEFT, restart));
                assert_eq!(lab.report(reference, moved).await, 2001);
                model.activated += 1;
            }
            Step::Restart => {
                gateway.0.stop().await.unwrap();
                gateway = lab.start().await;
            }
            _ => {}
        }
        // Everything that was begun is done: who left is forgotten, and who waits is armed.
        lab.until(|_| gateway.deferred().index.len() == model.waiting.len()).await;
        while gateway.deferred().page(None, 9).await.iter().any(|stands| stands.phase != Phase::Armed) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert_eq!(counted(&lab), (model.activated, model.released), "{step:?} of {steps:?}");
        let mut told: BTreeMap<u8, usize> = BTreeMap::new();
        for news in lab.news() {
            if let News::Report(report) = news {
                *told.entry(report.id.0[0]).or_default() += 1;
            }
        }
        assert_eq!(told, model.told, "{step:?} of {steps:?}");
    }
    gateway.0.stop().await.unwrap();
}

/// The same without a least time between reports, so that none waits for the clock.
fn no_least_time(ldr: &gmlc::Ldr) -> gmlc::Ldr {
    let mut octets = ldr.octets();
    octets[4..6].fill(0);
    gmlc::Ldr::from_octets(&octets).unwrap()
}

#[test]
fn random_lists_of_operations_cost_no_more_than_needed_and_tell_as_if_alone() {
    let config =
        ProptestConfig { cases: 12, max_shrink_iters: 24, failure_persistence: None, ..ProptestConfig::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    proptest!(config, |(steps in steps())| runtime.block_on(run(&steps)));
}
