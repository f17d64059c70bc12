//! No room for the disclosure log: nothing is given, the process stays and says why, and goes on once there is room.

use super::{
    ask::{about, ask, result},
    lab::Lab,
    process::until,
};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A small filesystem in memory, unmounted when dropped.
struct Small(PathBuf);

impl Small {
    /// Mounts one of so many KiB; `None` where that is not permitted.
    fn mount(at: &Path, kib: u32) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={kib}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(at.to_owned()))
    }

    fn enlarge(&self, kib: u32) {
        let size = format!("remount,size={kib}k");
        assert!(Command::new("mount").args(["-o", &size]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Lazily, for the gateway may be on it still when a test fails.
        if !Command::new("umount").arg("-l").arg(&self.0).status().is_ok_and(|status| status.success()) {
            eprintln!("{} stays mounted", self.0.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_given_while_the_log_has_no_room() {
    let lab = Lab::new("").await;
    let Some(small) = Small::mount(&lab.path().join("log"), 600) else {
        eprintln!("skipped: a small filesystem cannot be mounted here; run as root");
        return;
    };
    let (mut gateway, secret) = lab.first_start().await;

    // Nothing is there yet: not even the first segment can be made.
    let mlp = gateway.doors.mlp;
    let ask_one = async || result(&ask(mlp, &about(&secret, &[1])).await);
    for _ in 0..3 {
        assert_eq!(ask_one().await, 1, "system failure");
    }
    let (ready, why) = gateway.readiness().await;
    assert!(!ready && why.contains("disclosure log cannot write"), "{why}");
    assert_eq!(gateway.metric("wherefore_log_failed").await, 1.0);
    let spare = lab.path().join("log/segment/spare.tmp");
    until("half a segment takes no room", async || (!spare.exists()).then_some(())).await;
    assert_eq!(lab.network.counted().plr, 3, "the network was asked, and its answers were kept from the client");

    // Room for one segment: it goes on by itself, without a request that would pay for the attempt.
    small.enlarge(1800);
    until("the log writes again", async || gateway.readiness().await.0.then_some(())).await;
    assert_eq!(ask_one().await, 0);

    // The same once that is full: positions while there is room, none without, and again when there is.
    let mut given = 1;
    let failed = loop {
        let answer = ask(mlp, &about(&secret, &[1, 2, 3, 4, 5, 6, 7, 8])).await;
        let results = super::ask::results(&answer);
        given += results.iter().filter(|result| **result == 0).count();
        if results.contains(&1) {
            break results;
        }
        assert!(given < 100_000, "the segment never fills: {results:?}");
    };
    assert!(failed.iter().all(|result| [0, 1].contains(result)), "{failed:?}");
    assert!(!gateway.readiness().await.0);
    small.enlarge(4 << 10);
    until("the log writes again", async || gateway.readiness().await.0.then_some(())).await;
    assert_eq!(ask_one().await, 0);
    given += 1;

    assert!(gateway.is_up());
    gateway.stop().await;
    lab.verified().await;
    let entries = lab.entries().await;
    let allowed = entries.iter().filter(|entry| entry["outcome"] == "allowed").count();
    assert!(allowed >= given, "{given} positions given, {allowed} recorded");
    assert!(
        entries.iter().any(|entry| entry["outcome"] == "gap" && entry["lost"].as_u64() >= Some(1)),
        "no word of the gap"
    );
}
