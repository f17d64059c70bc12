//! A relay between client and server (RFC 6733 section 2.8.1).

use diameter::codec::CommandFlags;
use diameter::dictionary;
use transport::{Destination, NoCommands, Node, PeerConfig, RequestError};

use crate::common::*;

#[tokio::test]
async fn a_request_finds_its_host_through_a_relay_and_its_answer_the_way_back() {
    let probe = echo("mme.lab");
    let mut served = config("mme.lab");
    served.peers = vec![PeerConfig::accept("dra.lab", "lab").relay()];
    let server = Node::start(served, probe.clone()).await.unwrap();

    let mut relaying = config("dra.lab");
    relaying.relay = true;
    relaying.applications.clear();
    relaying.peers = vec![
        PeerConfig::initiate("mme.lab", "lab", server.local_addrs()[0]),
        PeerConfig::accept("gmlc.lab", "lab"),
        PeerConfig::accept("hss.lab", "lab"),
    ];
    let relay = Node::start(relaying, NoCommands).await.unwrap();
    usable(&relay, 1).await;

    let mut asking = config("gmlc.lab");
    asking.peers = vec![PeerConfig::initiate("dra.lab", "other", relay.local_addrs()[0]).relay()];
    let client = Node::start(asking, NoCommands).await.unwrap();
    usable(&client, 1).await;

    let to = Destination::to_host("mme.lab", "lab");
    assert_eq!(ask(&client, "relayed", &to).await.as_deref(), Ok("relayed"));
    let seen = probe.seen.lock().unwrap()[0];
    assert!(!seen.flags.contains(CommandFlags::RETRANSMITTED));

    // An error of the server passes; a host that nobody knows is the relay's to refuse.
    let busy = client.request(SLG, to.clone(), plr("busy", &to), PATIENCE).await;
    assert_eq!(busy.unwrap_err(), RequestError::Protocol { result_code: 3004 });
    let nowhere = Destination::to_host("nowhere.lab", "lab");
    assert_eq!(ask(&client, "x", &nowhere).await, Err(RequestError::Protocol { result_code: 3002 }));

    // What arrives has the identifiers of its sender end to end and a Route-Record of the hop before.
    let mut raw = Raw::open(relay.local_addrs()[0], "hss.lab").await;
    let ids = diameter::codec::Identifiers { hop_by_hop: 77, end_to_end: 78 };
    raw.send(|out| plr("by hand", &to)(ids, out)).await;
    let answer = raw.expect(PLR).await;
    assert_eq!((answer.header.ids, text_of(&answer)), (ids, "by hand"));
    assert_eq!(probe.seen.lock().unwrap().last().unwrap().ids.end_to_end, 78);
    assert!(answer.find(&dictionary::ROUTE_RECORD).is_none());
}
