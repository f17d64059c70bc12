//! Emergency reports of the network: answered at once, kept while nobody takes them, delivered when somebody does.

use super::{
    lab::Lab,
    process::{PATIENCE, free_address, until},
};
use testbed::tour::PushListener;

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_kept_until_its_sink_is_up_even_over_a_restart() {
    let sink = free_address().await;
    let lab = Lab::new(&format!("[mlp.push]\nemergency_url = 'http://{sink}/push'\n")).await;
    let (gateway, _) = lab.first_start().await;
    lab.network.connected().await;
    // Success, although nobody listens at the sink.
    for subscriber in ["sub-1", "sub-2"] {
        assert_eq!(lab.network.emergency_call(subscriber).await.unwrap(), 2001);
    }
    until("a delivery was tried in vain", async || {
        (gateway.metric("wherefore_report_tries_failed_total").await >= 1.0).then_some(())
    })
    .await;
    gateway.kill().await;
    let gateway = lab.start().await;
    let mut listener = PushListener::start(sink).await.unwrap();
    let mut reports = [listener.next(PATIENCE).await.unwrap(), listener.next(PATIENCE).await.unwrap()];
    reports.sort();
    for (report, number) in reports.iter().zip([1, 2]) {
        assert!(report.contains("<emerep") && report.contains(&super::lab::msisdn(number)), "{report}");
    }
    gateway.stop().await;
    let entries = lab.entries().await;
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| entry["basis"] == "emergency" && entry["via"] == "network"), "{entries:?}");
    lab.verified().await;
}
