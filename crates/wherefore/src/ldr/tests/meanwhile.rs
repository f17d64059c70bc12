//! What ends while somebody is being asked to wait for it.

use super::*;

/// A node that serves now is asked, and the request ends before it has acknowledged: it may hear of the end first, which then means nothing to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_acknowledges_what_ended_meanwhile_is_told_once_more() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let armed = gateway.deferred().arm(&gateway, soon(1)).await.unwrap();
    let acknowledges = Arc::new(Notify::new());
    *lab.seen.acknowledges.lock().unwrap() = Some(Arc::clone(&acknowledges));
    let available = DeferredLocationType::UE_AVAILABLE;
    let restart = Some(LcsTerminationCause::MT_LR_RESTART);
    let moved = move |lrr: &mut Lrr<'_>| lrr.deferred_mt_lr_data = Some(data(available, restart));
    assert_eq!(lab.report(armed.reference.0, moved).await, 2001);
    lab.until(|lab| lab.asked().len() == 2).await;

    gateway.deferred().cancel(&gateway, "fleet", armed.id).await.unwrap();
    lab.until(|lab| lab.asked().len() == 3 && gateway.deferred().index.len() == 0).await;
    acknowledges.notify_one();
    lab.until(|lab| lab.asked().len() == 4).await;
    let cancelled = (LocationType::CancelDeferred, Some(armed.reference.0), Some(available.0));
    assert_eq!(lab.asked()[2..], [cancelled, cancelled]);
    assert_eq!(lab.news(), []);
    gateway.0.stop().await.unwrap();
}
