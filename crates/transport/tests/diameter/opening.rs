//! How connections open, and how they do not (RFC 6733 sections 5.3 and 5.6).

use std::time::Duration;

use diameter::base::DisconnectCause;
use diameter::codec::{ApplicationId, Avps, CommandCode, Header, Identifiers, ResultCode};
use diameter::dictionary;
use diameter::peer::State;
use tokio::net::TcpListener;
use transport::{
    Destination, LinkError, Listen, NoCommands, Node, NodeConfig, PeerConfig, RequestError, StartError, Transport,
    UnknownPeers,
};

use crate::common::*;

async fn server(change: impl FnOnce(&mut NodeConfig)) -> Node {
    let mut config = config("mme.lab");
    config.limits.unknown_peers = UnknownPeers::Accept;
    change(&mut config);
    Node::start(config, echo("mme.lab")).await.unwrap()
}

/// The CEA of a refusal, and the end of the connection.
async fn refused(raw: &mut Raw) -> u32 {
    let cea = raw.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
    assert!(raw.next().await.is_none(), "closed after the refusal");
    result_of(&cea)
}

#[tokio::test]
async fn an_unknown_peer_is_refused() {
    let node = server(|config| config.limits.unknown_peers = UnknownPeers::Refuse).await;
    let mut raw = Raw::connect(node.local_addrs()[0], "stranger.lab").await;
    raw.cer().await;
    assert_eq!(refused(&mut raw).await, 3010);
    assert!(node.peers().is_empty());
}

#[tokio::test]
async fn a_peer_without_an_application_in_common_is_refused() {
    let node = server(|_| {}).await;
    let mut raw = Raw::connect(node.local_addrs()[0], "hss.lab").await;
    let capabilities = raw.capabilities(diameter::codec::ApplicationId::SLH);
    raw.send(|out| capabilities.encode_cer(Identifiers::default(), &[ANY.ip()], out)).await;
    assert_eq!(refused(&mut raw).await, 5010);
}

#[tokio::test]
async fn a_peer_with_our_own_identity_is_refused() {
    let node = server(|_| {}).await;
    let mut raw = Raw::connect(node.local_addrs()[0], "MME.lab").await;
    raw.cer().await;
    assert_eq!(refused(&mut raw).await, 3010);
}

#[tokio::test]
async fn a_cer_without_its_mandatory_avps_is_refused_with_the_reason() {
    let node = server(|_| {}).await;
    let mut raw = Raw::connect(node.local_addrs()[0], "gmlc.lab").await;
    let header = Header::request(
        diameter::codec::ApplicationId::COMMON,
        CommandCode::CAPABILITIES_EXCHANGE,
        Identifiers::default(),
    );
    raw.send(|out| diameter::codec::Builder::new(out, header).finish()).await;
    let cea = raw.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
    assert_eq!(result_of(&cea), 5005);
    let failed = cea.find(&dictionary::FAILED_AVP).unwrap();
    assert!(Avps::new(failed.data).next().unwrap().is(&dictionary::ORIGIN_HOST), "RFC 6733 section 7.1.5 asks for it");
    assert!(cea.find(&dictionary::HOST_IP_ADDRESS).is_some(), "the rest of a CEA is there too");
    assert!(raw.next().await.is_none());
}

/// RFC 6733 sections 7.1.3 and 7.1.5: what can be told of a CER that is no sound message is told.
#[tokio::test]
async fn a_cer_that_is_malformed_is_answered_and_the_connection_closed() {
    let node = server(|_| {}).await;
    type Break = (u32, fn(&mut [u8]));
    let broken: [Break; 5] = [
        (5014, |octets| octets[20 + 7] = 0xff),
        (3008, |octets| octets[4] |= 0x20),
        (5011, |octets| octets[0] = 2),
        (5015, |octets| octets[3] |= 1),
        (5015, |octets| octets[1] = 0xff),
    ];
    for (result, break_it) in broken {
        let mut raw = Raw::connect(node.local_addrs()[0], "gmlc.lab").await;
        let mut octets = Vec::new();
        let ids = Identifiers { hop_by_hop: 5, end_to_end: 6 };
        raw.capabilities(SLG).encode_cer(ids, &[ANY.ip()], &mut octets).unwrap();
        break_it(&mut octets);
        raw.write(&octets).await;
        let cea = raw.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
        assert_eq!((result_of(&cea), cea.header.ids), (result, ids));
        assert_eq!(cea.header.is_error(), result < 4000);
        assert!(raw.next().await.is_none());
    }
}

/// A listener of both families shows an IPv4 peer as an IPv6 address; it is the same peer all the same.
#[tokio::test]
async fn a_peer_of_ipv4_is_known_on_a_listener_of_both_families() {
    let mut config = config("mme.lab");
    config.listen = vec![Listen { address: "[::]:0".parse().unwrap(), transport: Transport::Tcp }];
    let peer = PeerConfig { address: Some(ANY), ..PeerConfig::accept("gmlc.lab", "lab") };
    config.peers = vec![peer];
    let node = match Node::start(config, NoCommands).await {
        Ok(node) => node,
        Err(StartError::Listen { .. }) => return println!("skipped: no IPv6 here"),
        Err(other) => panic!("{other}"),
    };
    let address = (ANY.ip(), node.local_addrs()[0].port()).into();
    let mut raw = Raw::connect(address, "gmlc.lab").await;
    raw.cer().await;
    let cea = raw.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
    assert_eq!(result_of(&cea), 2001);
    assert_eq!(cea.find(&dictionary::HOST_IP_ADDRESS).unwrap().address(), Ok(ANY.ip()));
}

/// Server software that can relay says so unless told otherwise. A peer that is not configured as a relay gets only what it
/// named, so that an MME is not asked in place of the HSS of its realm.
#[tokio::test]
async fn a_server_that_could_relay_gets_what_it_serves() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let mut config = config("gmlc.lab");
    config.applications.push(transport::Application::tgpp(ApplicationId::SLH));
    config.peers = vec![PeerConfig::initiate("mme.lab", "lab", listener.local_addr().unwrap())];
    let node = Node::start(config, NoCommands).await.unwrap();
    let mut raw = Raw::accept(&listener, "mme.lab").await;
    let cer = raw.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
    let mut capabilities = raw.capabilities(SLG);
    capabilities.applications.push((ApplicationId::RELAY, None));
    raw.send(|out| capabilities.encode_cea(cer.header, ResultCode::SUCCESS, &[ANY.ip()], out)).await;
    usable(&node, 1).await;
    assert_eq!(node.peers()[0].applications, [SLG]);
}

/// Strangers may fill the places for connections: our own peers are connected to all the same.
#[tokio::test]
async fn connections_of_strangers_do_not_keep_a_node_from_its_peers() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let mut config = config("gmlc.lab");
    config.limits.max_connections = 1;
    config.peers = vec![PeerConfig::initiate("mme.lab", "lab", listener.local_addr().unwrap())];
    let node = Node::start(config, NoCommands).await.unwrap();
    let first = Raw::welcome(&listener, "mme.lab").await;
    usable(&node, 1).await;
    let _stranger = Raw::connect(node.local_addrs()[0], "stranger.lab").await;
    assert!(Raw::connect(node.local_addrs()[0], "stranger.lab").await.next().await.is_none(), "all places are taken");
    drop(first);
    let _again = Raw::welcome(&listener, "mme.lab").await;
    until(|| node.counters().connections_opened == 2).await;
}

#[tokio::test]
async fn anything_but_a_cer_first_closes_the_connection() {
    let node = server(|_| {}).await;
    let address = node.local_addrs()[0];
    let garbage: [&[u8]; 3] = [b"GET / HTTP/1.1\r\n\r\n", &[0; 64], &[1, 0, 0, 8, 0, 0, 0, 0]];
    for octets in garbage {
        let mut raw = Raw::connect(address, "gmlc.lab").await;
        raw.write(octets).await;
        assert!(raw.next().await.is_none());
    }
    let mut raw = Raw::connect(address, "gmlc.lab").await;
    let to = Destination::to_realm("lab");
    raw.send(|out| plr("early", &to)(Identifiers::default(), out)).await;
    assert!(raw.next().await.is_none());
    assert_eq!(node.counters().connections_refused, 4);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stays_silent_after_connecting_is_closed() {
    let node = server(|_| {}).await;
    let mut silent = Raw::connect(node.local_addrs()[0], "gmlc.lab").await;
    let begun = tokio::time::Instant::now();
    assert!(silent.next().await.is_none());
    assert_eq!(begun.elapsed().as_secs(), 10, "the time configured for the capabilities exchange");
}

#[tokio::test]
async fn only_so_many_connections_are_taken() {
    let node = server(|config| config.limits.max_connections = 2).await;
    let address = node.local_addrs()[0];
    let _first = Raw::open(address, "a.lab").await;
    let second = Raw::open(address, "b.lab").await;
    assert!(Raw::connect(address, "c.lab").await.next().await.is_none());
    drop(second);
    until(|| node.peers().len() == 1).await;
    Raw::open(address, "c.lab").await;
}

#[tokio::test]
async fn a_second_connection_of_an_open_peer_is_rejected() {
    let node = server(|_| {}).await;
    let address = node.local_addrs()[0];
    let mut first = Raw::open(address, "gmlc.lab").await;
    let mut second = Raw::connect(address, "gmlc.lab").await;
    second.cer().await;
    assert!(second.next().await.is_none());
    let to = Destination::to_host("mme.lab", "lab");
    first.send(|out| plr("still here", &to)(Identifiers::default(), out)).await;
    assert_eq!(text_of(&first.expect(PLR).await), "still here");
}

#[tokio::test]
async fn messages_split_and_joined_at_any_octet_are_read() {
    let node = server(|_| {}).await;
    let mut raw = Raw::connect(node.local_addrs()[0], "gmlc.lab").await;
    let to = Destination::to_host("mme.lab", "lab");
    let mut octets = Vec::new();
    raw.capabilities(SLG).encode_cer(Identifiers::default(), &[ANY.ip()], &mut octets).unwrap();
    for number in 0..20 {
        plr(&format!("number {number}"), &to)(Identifiers { hop_by_hop: number, end_to_end: 1 }, &mut octets).unwrap();
    }
    // All at once first, then octet by octet.
    raw.write(&octets).await;
    raw.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
    for number in 0..20 {
        let answer = raw.expect(PLR).await;
        assert_eq!((answer.header.ids.hop_by_hop, text_of(&answer)), (number, format!("number {number}").as_str()));
    }
    let mut octets = Vec::new();
    plr("slowly", &to)(Identifiers::default(), &mut octets).unwrap();
    for octet in octets {
        raw.write(&[octet]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(text_of(&raw.expect(PLR).await), "slowly");
}

/// Both begin at once: exactly one connection stays, whoever has the greater name (RFC 6733 section 5.6.4).
#[tokio::test]
async fn nodes_that_connect_to_each_other_end_with_one_connection() {
    for round in 0..20 {
        let listener = TcpListener::bind(ANY).await.unwrap();
        let (a_address, b_address) = {
            let other = TcpListener::bind(ANY).await.unwrap();
            (listener.local_addr().unwrap(), other.local_addr().unwrap())
        };
        drop(listener);
        let node = async |host: &str, other: &str, here, there| {
            let mut config = config(host);
            config.listen = vec![Listen { address: here, transport: Transport::Tcp }];
            config.peers = vec![PeerConfig::initiate(other, "lab", there)];
            Node::start(config, echo("x")).await.unwrap()
        };
        let (a, b) =
            tokio::join!(node("a.lab", "b.lab", a_address, b_address), node("b.lab", "a.lab", b_address, a_address));
        usable(&a, 1).await;
        usable(&b, 1).await;
        assert_eq!(ask(&a, "to b", &Destination::to_host("b.lab", "lab")).await.as_deref(), Ok("to b"), "{round}");
        assert_eq!(ask(&b, "to a", &Destination::to_host("a.lab", "lab")).await.as_deref(), Ok("to a"), "{round}");
        let (state_a, state_b) = (a.peers()[0].state, b.peers()[0].state);
        assert!(
            matches!((state_a, state_b), (State::IOpen, State::ROpen) | (State::ROpen, State::IOpen)),
            "{state_a:?} {state_b:?}"
        );
        tokio::join!(a.shutdown(DisconnectCause::REBOOTING), b.shutdown(DisconnectCause::REBOOTING));
    }
}

/// The election itself, each octet scripted: the peer's CER arrives while our CER is unanswered.
#[tokio::test]
async fn the_winner_of_an_election_closes_its_own_connection() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    for (ours, wins) in [("z.lab", true), ("a.lab", false)] {
        let mut config = config(ours);
        config.peers = vec![PeerConfig::initiate("mme.lab", "lab", listener.local_addr().unwrap())];
        let node = Node::start(config, NoCommands).await.unwrap();
        let mut theirs = Raw::accept(&listener, "mme.lab").await;
        let cer = theirs.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
        let mut own = Raw::connect(node.local_addrs()[0], "mme.lab").await;
        own.cer().await;
        if wins {
            let cea = own.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
            assert_eq!(result_of(&cea), 2001);
            assert!(theirs.next().await.is_none());
            usable(&node, 1).await;
            assert_eq!(node.peers()[0].state, State::ROpen);
        } else {
            until(|| node.peers()[0].state == State::WaitReturns).await;
            let capabilities = theirs.capabilities(SLG);
            theirs.send(|out| capabilities.encode_cea(cer.header, ResultCode::SUCCESS, &[ANY.ip()], out)).await;
            assert!(own.next().await.is_none());
            usable(&node, 1).await;
            assert_eq!(node.peers()[0].state, State::IOpen);
        }
        assert_eq!((node.counters().elections, node.counters().election_closes), (1, 1));
    }
}

#[tokio::test]
async fn a_cea_that_is_wrong_in_any_way_does_not_open() {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let mut config = config("gmlc.lab");
    config.timers.peer_wait = Duration::ZERO;
    config.peers = vec![PeerConfig::initiate("mme.lab", "lab", listener.local_addr().unwrap())];
    let node = Node::start(config, NoCommands).await.unwrap();
    type Wrong = (&'static str, fn(&Raw, Header, &mut Vec<u8>), LinkError);
    let cases: [Wrong; 6] = [
        ("refused", |raw, cer, out| cea(raw, cer, ResultCode::UNKNOWN_PEER, out), LinkError::Refused(3010)),
        ("no success", |raw, cer, out| cea(raw, cer, ResultCode(0), out), LinkError::Refused(0)),
        (
            "another host",
            |raw, cer, out| cea(&Raw2("other.lab").of(raw), cer, ResultCode::SUCCESS, out),
            LinkError::WrongIdentity,
        ),
        (
            "another request's",
            |raw, mut cer, out| {
                cer.ids.hop_by_hop ^= 1;
                cea(raw, cer, ResultCode::SUCCESS, out);
            },
            LinkError::Handshake,
        ),
        (
            "no CEA",
            |_, cer, out| {
                plr("x", &Destination::to_realm("lab"))(cer.ids, out).unwrap();
            },
            LinkError::Handshake,
        ),
        ("garbage", |_, _, out| out.extend_from_slice(b"SSH-2.0-OpenSSH_9.2p1\r\n"), LinkError::Garbage),
    ];
    for (what, wrong, error) in cases {
        let mut raw = Raw::accept(&listener, "mme.lab").await;
        let cer = raw.expect(CommandCode::CAPABILITIES_EXCHANGE).await;
        let mut out = Vec::new();
        wrong(&raw, cer.header, &mut out);
        raw.write(&out).await;
        assert!(raw.next().await.is_none(), "{what}");
        until(|| node.peers()[0].last_error == Some(error)).await;
        let to = Destination::to_host("mme.lab", "lab");
        assert_eq!(ask(&node, "x", &to).await, Err(RequestError::NoPeer), "{what}");
    }
    let _sound = Raw::welcome(&listener, "mme.lab").await;
    usable(&node, 1).await;
}

fn cea(raw: &impl Speaks, cer: Header, result: ResultCode, out: &mut Vec<u8>) {
    raw.says().encode_cea(cer, result, &[ANY.ip()], out).unwrap();
}

trait Speaks {
    fn says(&self) -> diameter::peer::LocalCapabilities;
}

impl Speaks for Raw {
    fn says(&self) -> diameter::peer::LocalCapabilities {
        self.capabilities(SLG)
    }
}

/// The same peer under another name.
struct Raw2(&'static str);

impl Raw2 {
    fn of(self, raw: &Raw) -> diameter::peer::LocalCapabilities {
        diameter::peer::LocalCapabilities { host: self.0.to_owned(), ..raw.capabilities(SLG) }
    }
}

impl Speaks for diameter::peer::LocalCapabilities {
    fn says(&self) -> diameter::peer::LocalCapabilities {
        self.clone()
    }
}

#[tokio::test]
async fn a_node_keeps_trying_until_its_peer_is_there() {
    let address = TcpListener::bind(ANY).await.unwrap().local_addr().unwrap();
    let mut config = config("gmlc.lab");
    config.peers = vec![PeerConfig::initiate("mme.lab", "lab", address)];
    let node = Node::start(config, NoCommands).await.unwrap();
    until(|| node.counters().connect_failures >= 2).await;
    assert_eq!(node.peers()[0].last_error, Some(LinkError::Connect(std::io::ErrorKind::ConnectionRefused)));
    let listener = TcpListener::bind(address).await.unwrap();
    let mut raw = Raw::welcome(&listener, "mme.lab").await;
    let to = Destination::to_host("mme.lab", "lab");
    let asking = ask(&node, "waited for", &to);
    let answering = async {
        let request = raw.expect(PLR).await;
        raw.answer(&request).await;
    };
    assert_eq!(tokio::join!(asking, answering).0.as_deref(), Ok("waited for"));
}

#[tokio::test]
async fn a_configuration_that_contradicts_itself_does_not_start() {
    async fn start(change: impl FnOnce(&mut NodeConfig)) -> StartError {
        let mut config = config("gmlc.lab");
        change(&mut config);
        Node::start(config, NoCommands).await.unwrap_err()
    }
    let peer = || PeerConfig::accept("mme.lab", "lab");
    assert!(matches!(start(|c| c.origin_host = "not a name".to_owned()).await, StartError::Identity { .. }));
    assert!(matches!(start(|c| c.origin_realm = String::new()).await, StartError::Identity { .. }));
    assert!(matches!(start(|c| c.peers = vec![peer(), peer()]).await, StartError::DuplicateIdentity { .. }));
    assert!(matches!(
        start(|c| c.peers = vec![PeerConfig::accept("GMLC.lab", "lab")]).await,
        StartError::DuplicateIdentity { .. }
    ));
    let lost = PeerConfig { address: None, ..PeerConfig::initiate("mme.lab", "lab", ANY) };
    assert!(matches!(start(|c| c.peers = vec![lost]).await, StartError::AddressMissing { .. }));
    let tls = Listen { address: ANY, transport: Transport::Tls };
    assert!(matches!(start(|c| c.listen = vec![tls]).await, StartError::TlsMissing));
    let taken = TcpListener::bind(ANY).await.unwrap();
    let busy = Listen { address: taken.local_addr().unwrap(), transport: Transport::Tcp };
    assert!(matches!(start(|c| c.listen = vec![busy]).await, StartError::Listen { .. }));
}

/// Where the kernel has SCTP, two nodes speak over it; elsewhere a node says so clearly.
#[tokio::test]
async fn sctp_works_or_is_said_to_be_missing() {
    let mut served = config("mme.lab");
    served.limits.unknown_peers = UnknownPeers::Accept;
    served.listen = vec![Listen { address: ANY, transport: Transport::Sctp }];
    match Node::start(served, echo("mme.lab")).await {
        Ok(server) => {
            let mut config = config("gmlc.lab");
            let peer = PeerConfig::initiate("mme.lab", "lab", server.local_addrs()[0]).over(Transport::Sctp);
            config.peers = vec![peer];
            let client = Node::start(config, NoCommands).await.unwrap();
            usable(&client, 1).await;
            let to = Destination::to_host("mme.lab", "lab");
            assert_eq!(ask(&client, "over sctp", &to).await.as_deref(), Ok("over sctp"));
        }
        Err(StartError::SctpUnavailable { .. }) => {
            println!("skipped in part: the kernel has no SCTP");
            let mut config = config("gmlc.lab");
            config.peers = vec![PeerConfig::initiate("mme.lab", "lab", ANY).over(Transport::Sctp)];
            let client = Node::start(config, NoCommands).await.unwrap();
            until(|| client.peers()[0].last_error == Some(LinkError::SctpUnavailable)).await;
        }
        Err(other) => panic!("{other}"),
    }
}
