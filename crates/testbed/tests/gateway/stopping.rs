//! SIGTERM: what was accepted is finished, nobody who asks nothing holds the stop up, and a second signal ends at once.

use super::{
    ask::{about, ask, result},
    lab::{Lab, MME},
    process::{Gateway, until},
};
use testbed::fault::{Fault, FaultRule, Scope};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

fn slow(lab: &Lab, ms: u64) {
    lab.network.faults().add(Scope::Node(MME.into()), FaultRule { fault: Fault::Delay { ms }, times: None });
}

/// Waits until the network positions so many.
async fn under_way(lab: &Lab, count: u64) {
    until("the network is asked", async || (lab.network.counted().plr >= count).then_some(())).await;
}

async fn refuses(gateway: &Gateway) {
    until("the door is closed", async || TcpStream::connect(gateway.doors.mlp).await.is_err().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_is_finished() {
    let lab = Lab::new("").await;
    let (gateway, secret) = lab.first_start().await;
    assert_eq!(result(&ask(gateway.doors.mlp, &about(&secret, &[1])).await), 0);
    slow(&lab, 1500);

    // Nobody asks on these, so nobody waits for them.
    let mut idle = Vec::new();
    for door in [gateway.doors.mlp, gateway.doors.admin, gateway.doors.metrics] {
        idle.push(TcpStream::connect(door).await.unwrap());
        let mut half = TcpStream::connect(door).await.unwrap();
        half.write_all(b"POST / HTTP/1.1\r\nHost").await.unwrap();
        idle.push(half);
    }
    let asked = tokio::spawn({
        let (mlp, request) = (gateway.doors.mlp, about(&secret, &[1, 2]));
        async move { super::ask::results(&ask(mlp, &request).await) }
    });
    under_way(&lab, 3).await;
    gateway.terminate().await;
    refuses(&gateway).await;
    assert_eq!(asked.await.unwrap(), [0, 0]);
    assert_eq!(gateway.ended().await.code(), Some(0));
    drop(idle);
    let report = lab.verified().await;
    assert_eq!((report["size"].as_u64(), report["published"].as_u64()), (Some(3), Some(3)), "{report}");
    assert!(lab.entries().await.iter().all(|entry| entry["outcome"] == "allowed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once() {
    let lab = Lab::new("").await;
    let (gateway, secret) = lab.first_start().await;
    slow(&lab, 20_000);
    let request = about(&secret, &[1]).to_xml();
    let mut stream = TcpStream::connect(gateway.doors.mlp).await.unwrap();
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{request}", request.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    under_way(&lab, 1).await;
    gateway.terminate().await;
    refuses(&gateway).await;
    gateway.terminate().await;
    // Had it waited for the request, this were a success.
    let status = gateway.ended().await;
    assert_eq!(status.code(), Some(3), "{status}");
    let mut answer = Vec::new();
    // Reset or closed; in no case answered.
    stream.read_to_end(&mut answer).await.ok();
    assert_eq!(answer, b"");
    lab.verified().await;
}
