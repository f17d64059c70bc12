use super::*;

/// Tables of peers `host realm priority` with `*` before the host of a relay.
fn table(rows: &[&str]) -> Routing {
    let mut routing = Routing::new();
    for row in rows {
        let mut words = row.split(' ');
        let (host, realm, priority) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        routing.add(RoutePeer {
            host: host.trim_start_matches('*').to_owned(),
            realm: realm.to_owned(),
            relay: host.starts_with('*'),
            priority: priority.parse().unwrap(),
        });
    }
    routing
}

fn pick(routing: &Routing, destination: &Destination, tried: &[u32], down: &[u32]) -> Option<String> {
    let tried: Vec<_> = tried.iter().copied().map(PeerIndex).collect();
    let load = |index: PeerIndex| (!down.contains(&index.0)).then_some(0);
    let index = routing.select(destination, &tried, load)?;
    Some(routing.peer(index)?.host.clone())
}

const ROWS: &[&str] = &["mme1.lab lab 0", "mme2.lab lab 0", "*dra1.lab lab 1", "*dra2.other other 0", "hss.far far 0"];

/// RFC 6733 section 6.1.5: a connected Destination-Host first, then its realm's relays, then the default relay.
#[test]
fn a_named_host_is_reached_directly_or_through_a_relay() {
    let routing = table(ROWS);
    let mme2 = Destination::to_host("MME2.Lab", "LAB");
    assert_eq!(pick(&routing, &mme2, &[], &[]).as_deref(), Some("mme2.lab"));
    assert_eq!(pick(&routing, &mme2, &[], &[1]).as_deref(), Some("dra1.lab"), "not another server of the realm");
    assert_eq!(pick(&routing, &mme2, &[1], &[]).as_deref(), Some("dra1.lab"));
    assert_eq!(pick(&routing, &mme2, &[1, 2], &[]).as_deref(), Some("dra2.other"));
    assert_eq!(pick(&routing, &mme2, &[1, 2, 3], &[]), None);
    let stranger = Destination::to_host("mme9.lab", "lab");
    assert_eq!(pick(&routing, &stranger, &[], &[]).as_deref(), Some("dra1.lab"));
}

#[test]
fn a_realm_alone_takes_its_servers_by_priority_then_relays() {
    let routing = table(ROWS);
    let lab = Destination::to_realm("lab");
    assert_eq!(pick(&routing, &lab, &[0], &[]).as_deref(), Some("mme2.lab"));
    assert_eq!(pick(&routing, &lab, &[], &[0, 1]).as_deref(), Some("dra1.lab"));
    assert_eq!(pick(&routing, &lab, &[], &[0, 1, 2]).as_deref(), Some("dra2.other"));
    assert_eq!(pick(&routing, &Destination::to_realm("far"), &[], &[]).as_deref(), Some("hss.far"));
    assert_eq!(pick(&routing, &Destination::to_realm("nowhere"), &[], &[]).as_deref(), Some("dra2.other"));
}

#[test]
fn equal_peers_share_the_load_in_turn() {
    let routing = table(&["a lab 0", "b lab 0", "c lab 0", "d lab 1"]);
    let mut counts = HashMap::new();
    for _ in 0..300 {
        *counts.entry(pick(&routing, &Destination::to_realm("lab"), &[], &[]).unwrap()).or_insert(0) += 1;
    }
    assert_eq!(counts, HashMap::from([("a".to_owned(), 100), ("b".to_owned(), 100), ("c".to_owned(), 100)]));
}

#[test]
fn the_peer_with_fewer_requests_under_way_is_preferred() {
    let routing = table(&["a lab 0", "b lab 0", "c lab 0"]);
    let loads = [5, 3, 9];
    let chosen = routing.select(&Destination::to_realm("lab"), &[], |index| loads.get(index.0 as usize).copied());
    assert_eq!(chosen, Some(PeerIndex(1)));
}

#[test]
fn a_peer_can_leave_and_another_take_its_place() {
    let mut routing = table(&["a lab 0", "b lab 0"]);
    let a = routing.find("A").unwrap();
    routing.remove(a);
    assert_eq!(routing.find("a"), None);
    assert_eq!(pick(&routing, &Destination::to_realm("lab"), &[], &[]).as_deref(), Some("b"));
    let c = RoutePeer { host: "c".to_owned(), realm: "far".to_owned(), relay: true, priority: 0 };
    assert_eq!(routing.add(c.clone()), a);
    assert_eq!(routing.add(RoutePeer { relay: false, ..c }), a, "a host keeps its place");
    assert_eq!(pick(&routing, &Destination::to_realm("nowhere"), &[], &[]), None);
}

/// RFC 6733 section 7.1.3.
#[test]
fn four_protocol_errors_ask_for_another_peer() {
    let asking: Vec<u32> = (3000..=3011).filter(|&code| asks_for_alternate(code)).collect();
    assert_eq!(asking, [3002, 3003, 3004, 3005]);
}
