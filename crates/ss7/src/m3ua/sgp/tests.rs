use super::super::{
    Affected, Congestion, ErrorCode, ErrorReport, Notify, NotifyStatus, SERVICE_SCCP, UserPartUnavailable,
};
use super::servers::next_state;
use super::*;
use bytes::Bytes;

const SECOND: Duration = Duration::from_secs(1);
const ZERO: Duration = Duration::ZERO;

fn pc(value: u32) -> PointCode {
    PointCode::new(value).unwrap()
}

fn server(routing_context: u32, point_code: u32, traffic_mode: TrafficMode) -> ApplicationServer {
    ApplicationServer { routing_context, point_codes: vec![pc(point_code)], traffic_mode, members: Vec::new() }
}

fn config(servers: Vec<ApplicationServer>) -> SgpConfig {
    SgpConfig {
        servers,
        reachable: vec![pc(900)],
        network_appearance: None,
        network: NetworkIndicator::National,
        asp_identifier_required: false,
        max_links: 4,
        timers: SgpTimers { heartbeat: None, ..SgpTimers::default() },
    }
}

/// Server 10 at point code 1, override; server 20 at point code 2, loadshare.
fn two_servers() -> Sgp {
    Sgp::new(config(vec![server(10, 1, TrafficMode::Override), server(20, 2, TrafficMode::Loadshare)]))
}

fn active(contexts: &[u32]) -> Message {
    Message::AspActive { traffic_mode: None, routing_contexts: contexts.to_vec() }
}

fn up(asp_identifier: Option<u32>) -> Message {
    Message::AspUp { asp_identifier }
}

fn data(opc: u32, routing_context: Option<u32>) -> Data {
    let transfer = Transfer {
        opc: pc(opc),
        dpc: pc(2),
        service: SERVICE_SCCP,
        network: NetworkIndicator::National,
        priority: 0,
        sls: 3,
        data: Bytes::from_static(b"unitdata"),
    };
    Data { network_appearance: None, routing_context, transfer, correlation: None }
}

fn take(sgp: &mut Sgp, link: u32, message: Message) -> String {
    words(&sgp.handle(SgpEvent::Received(Link(link), Ok(message)), ZERO))
}

/// What was sent and told on which link, a word each.
fn words(actions: &[(Link, Action)]) -> String {
    let word = |(link, action): &(Link, Action)| {
        let word = match action {
            Action::Send { message: Message::Error(report), .. } => {
                let contexts = report.routing_contexts.iter().map(|context| format!(",{context}"));
                format!("ERR:{:?}{}", report.code, contexts.collect::<String>())
            }
            Action::Send { message: Message::Notify(notify), .. } => {
                format!("NTFY:{:?},{}", notify.status, notify.routing_contexts[0])
            }
            Action::Send { message: Message::AspActiveAck { routing_contexts, .. }, .. } => {
                format!("AspActiveAck{routing_contexts:?}")
            }
            Action::Send { message, .. } => format!("{:?}", message.kind()),
            Action::Deliver(_) => "deliver".to_owned(),
            Action::Active => "active".to_owned(),
            Action::Inactive => "inactive".to_owned(),
            Action::Destination(_) => "destination".to_owned(),
            Action::Notified(_) => "notified".to_owned(),
            Action::Reported(_) => "reported".to_owned(),
            Action::Discarded(_) => "drop".to_owned(),
            Action::Close(reason) => format!("close:{reason:?}"),
        };
        format!("{}:{word}", link.0)
    };
    actions.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// One link, and one server with routing context 10 at point code 1.
fn in_state(state: LinkState) -> Sgp {
    let mut sgp = Sgp::new(config(vec![server(10, 1, TrafficMode::Override)]));
    sgp.handle(SgpEvent::LinkUp(Link(1)), ZERO);
    if state != LinkState::Down {
        take(&mut sgp, 1, up(None));
    }
    if state == LinkState::Active {
        take(&mut sgp, 1, active(&[10]));
    }
    assert_eq!(sgp.link_state(Link(1), 10), Some(state));
    sgp
}

#[test]
fn every_state_and_message_follows_the_table() {
    use LinkState::{Active as A, Down as D, Inactive as I};
    let refused = "1:ERR:UnexpectedMessage 1:drop";
    let refused_10 = "1:ERR:UnexpectedMessage,10 1:drop";
    let affected = || vec![Affected::one(pc(900))];
    let network = || Network { appearance: None, routing_contexts: vec![10] };
    let report = ErrorReport::new(ErrorCode::ProtocolError);
    let notify = Notify { status: NotifyStatus::AspFailure, asp_identifier: None, routing_contexts: vec![] };
    let user_part = UserPartUnavailable { affected: Affected::one(pc(900)), cause: 0, user: 3 };
    let beat = Bytes::from_static(b"x");
    let ack = Message::AspActiveAck { traffic_mode: None, routing_contexts: vec![10] };
    // RFC 4666 sections 4.3.4 and 3.8.1: message; what is done and the next state when it comes in Down, Inactive, Active.
    let rows: Vec<(Message, [(&str, LinkState); 3])> = vec![
        (
            up(None),
            [
                ("1:AspUpAck 1:NTFY:AsInactive,10", I),
                ("1:AspUpAck", I),
                ("1:AspUpAck 1:ERR:UnexpectedMessage 1:inactive 1:NTFY:AsPending,10", I),
            ],
        ),
        (Message::AspDown, [("1:AspDownAck", D), ("1:AspDownAck", D), ("1:AspDownAck 1:inactive", D)]),
        (
            active(&[10]),
            [(refused_10, D), ("1:AspActiveAck[10] 1:active 1:NTFY:AsActive,10", A), ("1:AspActiveAck[10]", A)],
        ),
        (
            Message::AspInactive(vec![10]),
            [(refused_10, D), ("1:AspInactiveAck", I), ("1:AspInactiveAck 1:inactive 1:NTFY:AsPending,10", I)],
        ),
        (Message::Data(data(1, Some(10))), [(refused_10, D), (refused_10, I), ("1:deliver", A)]),
        (Message::Daud(network(), affected()), [(refused_10, D), ("1:Dava", I), ("1:Dava", A)]),
        (
            Message::Scon(network(), affected(), Congestion::default()),
            [(refused_10, D), (refused_10, I), ("1:destination", A)],
        ),
        (Message::Duna(network(), affected()), [(refused_10, D), (refused_10, I), (refused_10, A)]),
        (Message::Dava(network(), affected()), [(refused_10, D), (refused_10, I), (refused_10, A)]),
        (Message::Drst(network(), affected()), [(refused_10, D), (refused_10, I), (refused_10, A)]),
        (Message::Dupu(network(), user_part), [(refused_10, D), (refused_10, I), (refused_10, A)]),
        (Message::AspUpAck { asp_identifier: None }, [(refused, D), (refused, I), (refused, A)]),
        (Message::AspDownAck, [(refused, D), (refused, I), (refused, A)]),
        (ack, [(refused_10, D), (refused_10, I), (refused_10, A)]),
        (Message::AspInactiveAck(vec![10]), [(refused_10, D), (refused_10, I), (refused_10, A)]),
        (Message::Beat(beat.clone()), [("1:BeatAck", D), ("1:BeatAck", I), ("1:BeatAck", A)]),
        (Message::BeatAck(beat), [("1:drop", D), ("1:drop", I), ("1:drop", A)]),
        (Message::Error(report), [("1:reported", D), ("1:reported", I), ("1:reported", A)]),
        (Message::Notify(notify), [("1:notified", D), ("1:notified", I), ("1:notified", A)]),
    ];
    assert_eq!(rows.len(), 19, "every kind of message");
    for (message, columns) in rows {
        for (state, (expected, next)) in [D, I, A].into_iter().zip(columns) {
            let mut sgp = in_state(state);
            assert_eq!(take(&mut sgp, 1, message.clone()), expected, "{:?} in {state:?}", message.kind());
            assert_eq!(sgp.link_state(Link(1), 10), Some(next), "{:?} in {state:?}", message.kind());
        }
    }
}

#[test]
fn every_state_of_a_server_follows_the_table() {
    use AsState::{Active as A, Down as D, Inactive as I, Pending as P};
    // RFC 4666 section 4.3.2: state; next when none is up, one is up, one is active; before and after T(r).
    let rows =
        [(D, [D, I, A], [D, I, A]), (I, [D, I, A], [D, I, A]), (A, [P, P, A], [P, P, A]), (P, [P, P, A], [D, I, A])];
    for (state, before, after) in rows {
        for (at, (any_up, any_active)) in [(false, false), (true, false), (true, true)].into_iter().enumerate() {
            assert_eq!(next_state(state, any_up, any_active, false), before[at], "{state:?} before T(r)");
            assert_eq!(next_state(state, any_up, any_active, true), after[at], "{state:?} after T(r)");
        }
    }
}

#[test]
fn in_override_mode_the_last_takes_the_traffic() {
    let mut sgp = Sgp::new(config(vec![server(10, 1, TrafficMode::Override)]));
    for link in [1, 2] {
        sgp.handle(SgpEvent::LinkUp(Link(link)), ZERO);
        take(&mut sgp, link, up(Some(link)));
    }
    assert_eq!(take(&mut sgp, 1, active(&[10])), "1:AspActiveAck[10] 1:active 1:NTFY:AsActive,10 2:NTFY:AsActive,10");
    assert_eq!(take(&mut sgp, 2, active(&[10])), "2:AspActiveAck[10] 1:NTFY:AlternateAspActive,10 1:inactive 2:active");
    assert_eq!(sgp.link_state(Link(1), 10), Some(LinkState::Inactive));
    for sls in 0..16 {
        let transfer = Transfer { sls, dpc: pc(1), ..data(2, None).transfer };
        assert_eq!(sgp.send(transfer).unwrap().0, Link(2));
    }
    // The other is told that it is needed, and takes over without the server becoming inactive.
    let lost = words(&sgp.handle(SgpEvent::LinkLost(Link(2)), ZERO));
    assert_eq!(lost, "2:inactive 1:NTFY:AsPending,10");
    assert_eq!(take(&mut sgp, 1, active(&[10])), "1:AspActiveAck[10] 1:active 1:NTFY:AsActive,10");
    assert_eq!((sgp.server_state(10), sgp.deadline()), (Some(AsState::Active), None));
}

#[test]
fn in_loadshare_mode_the_link_selection_names_the_process() {
    let mut sgp = Sgp::new(config(vec![server(20, 2, TrafficMode::Loadshare)]));
    for link in [1, 2, 3] {
        sgp.handle(SgpEvent::LinkUp(Link(link)), ZERO);
        take(&mut sgp, link, up(None));
        take(&mut sgp, link, active(&[20]));
    }
    let chosen: Vec<u32> =
        (0..6).map(|sls| sgp.send(Transfer { sls, ..data(1, None).transfer }).unwrap().0.0).collect();
    assert_eq!(chosen, [1, 2, 3, 1, 2, 3]);
    assert_eq!(take(&mut sgp, 2, Message::AspInactive(vec![])), "2:AspInactiveAck 2:inactive");
    let (link, stream, message) = sgp.send(Transfer { sls: 1, ..data(1, None).transfer }).unwrap();
    assert_eq!((link, stream), (Link(3), Stream::Traffic { sls: 1 }));
    assert!(matches!(message, Message::Data(Data { routing_context: Some(20), .. })));
}

#[test]
fn a_server_without_a_process_is_pending_for_its_time() {
    let mut sgp = in_state(LinkState::Active);
    sgp.handle(SgpEvent::LinkUp(Link(2)), ZERO);
    take(&mut sgp, 2, up(None));
    assert_eq!(words(&sgp.handle(SgpEvent::LinkLost(Link(1)), ZERO)), "1:inactive 2:NTFY:AsPending,10");
    let transfer = Transfer { dpc: pc(1), ..data(2, None).transfer };
    assert_eq!(sgp.send(transfer), Err(SendError::ServerNotActive(pc(1), AsState::Pending)));
    assert_eq!(sgp.deadline(), Some(SECOND * 2));
    assert_eq!(words(&sgp.handle(SgpEvent::Timeout, SECOND * 2 - Duration::from_nanos(1))), "");
    assert_eq!(words(&sgp.handle(SgpEvent::Timeout, SECOND * 2)), "2:NTFY:AsInactive,10");
    assert_eq!((sgp.server_state(10), sgp.deadline()), (Some(AsState::Inactive), None));
}

#[test]
fn routing_contexts_and_modes_are_checked_one_by_one() {
    let fresh = || {
        let mut sgp = two_servers();
        sgp.handle(SgpEvent::LinkUp(Link(1)), ZERO);
        let told = take(&mut sgp, 1, up(None));
        assert_eq!(told, "1:AspUpAck 1:NTFY:AsInactive,10 1:NTFY:AsInactive,20");
        sgp
    };
    let mode = |traffic_mode, contexts: &[u32]| Message::AspActive {
        traffic_mode: Some(traffic_mode),
        routing_contexts: contexts.to_vec(),
    };
    let cases = [
        (active(&[]), "1:ERR:NoConfiguredAsForAsp 1:drop"),
        (active(&[30]), "1:ERR:InvalidRoutingContext,30 1:drop"),
        (active(&[30, 20, 20]), "1:ERR:InvalidRoutingContext,30 1:drop 1:AspActiveAck[20] 1:active 1:NTFY:AsActive,20"),
        (mode(TrafficMode::Loadshare, &[20]), "1:AspActiveAck[20] 1:active 1:NTFY:AsActive,20"),
        (
            mode(TrafficMode::Loadshare, &[10, 20]),
            "1:ERR:UnsupportedTrafficModeType,10 1:drop 1:AspActiveAck[20] 1:active 1:NTFY:AsActive,20",
        ),
        (mode(TrafficMode::Broadcast, &[10]), "1:ERR:UnsupportedTrafficModeType,10 1:drop"),
        (Message::AspInactive(vec![30]), "1:ERR:InvalidRoutingContext,30 1:drop"),
        (Message::AspInactive(vec![]), "1:AspInactiveAck"),
    ];
    for (message, expected) in cases {
        assert_eq!(take(&mut fresh(), 1, message.clone()), expected, "{message:?}");
    }
    let mut implied = in_state(LinkState::Inactive);
    assert_eq!(take(&mut implied, 1, active(&[])), "1:AspActiveAck[] 1:active 1:NTFY:AsActive,10");
}

#[test]
fn asp_identifiers_are_asked_for_and_belong_to_one_process() {
    let mut sgp = Sgp::new(SgpConfig {
        asp_identifier_required: true,
        ..config(vec![ApplicationServer { members: vec![7], ..server(10, 1, TrafficMode::Override) }])
    });
    for link in 1..=3 {
        sgp.handle(SgpEvent::LinkUp(Link(link)), ZERO);
    }
    assert_eq!(take(&mut sgp, 1, up(None)), "1:ERR:AspIdentifierRequired 1:drop");
    assert_eq!(take(&mut sgp, 1, up(Some(7))), "1:AspUpAck 1:NTFY:AsInactive,10");
    assert_eq!(take(&mut sgp, 2, up(Some(7))), "2:ERR:InvalidAspIdentifier 2:drop");
    assert_eq!(take(&mut sgp, 3, up(Some(8))), "3:AspUpAck", "it serves nothing, so there is nothing to tell");
    assert_eq!(take(&mut sgp, 3, active(&[10])), "3:ERR:InvalidRoutingContext,10 3:drop");
    assert_eq!(take(&mut sgp, 3, active(&[])), "3:ERR:NoConfiguredAsForAsp 3:drop");
    sgp.handle(SgpEvent::LinkLost(Link(1)), ZERO);
    assert_eq!(take(&mut sgp, 2, up(Some(7))), "2:AspUpAck 2:NTFY:AsInactive,10");
}

#[test]
fn data_is_taken_only_from_its_server_and_its_point_code() {
    let cases = [
        (data(1, Some(10)), "1:deliver"),
        (data(1, None), "1:deliver"),
        (data(1, Some(30)), "1:ERR:InvalidRoutingContext,30 1:drop"),
        (data(2, Some(20)), "1:ERR:UnexpectedMessage,20 1:drop"),
        (data(2, Some(10)), "1:drop"),
        (Data { network_appearance: Some(1), ..data(1, Some(10)) }, "1:ERR:InvalidNetworkAppearance,10 1:drop"),
        (Data { transfer: Transfer { service: 5, ..data(1, None).transfer }, ..data(1, Some(10)) }, "1:Dupu 1:drop"),
        (
            Data {
                transfer: Transfer { network: NetworkIndicator::International, ..data(1, None).transfer },
                ..data(1, Some(10))
            },
            "1:drop",
        ),
    ];
    for (data, expected) in cases {
        let mut sgp = two_servers();
        sgp.handle(SgpEvent::LinkUp(Link(1)), ZERO);
        take(&mut sgp, 1, up(None));
        take(&mut sgp, 1, active(&[10]));
        assert_eq!(take(&mut sgp, 1, Message::Data(data.clone())), expected, "{data:?}");
    }
    let mut both = two_servers();
    both.handle(SgpEvent::LinkUp(Link(1)), ZERO);
    take(&mut both, 1, up(None));
    take(&mut both, 1, active(&[10, 20]));
    assert_eq!(take(&mut both, 1, Message::Data(data(1, None))), "1:ERR:NoConfiguredAsForAsp 1:drop");
}

#[test]
fn an_audit_is_answered_for_each_destination() {
    let mut sgp = in_state(LinkState::Active);
    let ask = |sgp: &mut Sgp, affected: Vec<Affected>| {
        let network = Network { appearance: Some(5), routing_contexts: vec![10] };
        let told = sgp.handle(SgpEvent::Received(Link(1), Ok(Message::Daud(network, affected))), ZERO);
        told.into_iter()
            .map(|(_, action)| match action {
                Action::Send { message: Message::Duna(_, affected), .. } => (false, affected),
                Action::Send { message: Message::Dava(network, affected), .. } => {
                    assert_eq!(network.appearance, Some(5));
                    (true, affected)
                }
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>()
    };
    let one = |value| Affected::one(pc(value));
    assert_eq!(
        ask(&mut sgp, vec![one(1), one(5), one(900)]),
        [(false, vec![one(5)]), (true, vec![one(1), one(900)])],
        "its own server is active, 900 is configured, 5 is unknown"
    );
    let all = Affected { mask_bits: 14, point_code: 0 };
    assert_eq!(ask(&mut sgp, vec![all]), [(true, vec![one(1), one(900)])]);
    sgp.handle(SgpEvent::Reachable(pc(900), false), ZERO);
    assert_eq!(ask(&mut sgp, vec![one(900)]), [(false, vec![one(900)])]);
    assert!(ask(&mut sgp, vec![one(5); 5000]).iter().all(|(_, affected)| affected.len() <= 5000));
    let unknown = Network { appearance: None, routing_contexts: vec![30] };
    assert_eq!(take(&mut sgp, 1, Message::Daud(unknown, vec![one(1)])), "1:ERR:InvalidRoutingContext,30 1:drop");
}

#[test]
fn processes_are_told_when_destinations_come_and_go() {
    let mut sgp = two_servers();
    for (link, context) in [(1, 10), (2, 20)] {
        sgp.handle(SgpEvent::LinkUp(Link(link)), ZERO);
        take(&mut sgp, link, up(None));
        take(&mut sgp, link, active(&[context]));
    }
    assert_eq!(words(&sgp.handle(SgpEvent::Reachable(pc(901), true), ZERO)), "1:Dava 2:Dava");
    assert_eq!(words(&sgp.handle(SgpEvent::Reachable(pc(901), true), ZERO)), "", "nothing new");
    assert_eq!(words(&sgp.handle(SgpEvent::Reachable(pc(901), false), ZERO)), "1:Duna 2:Duna");
    sgp.handle(SgpEvent::LinkLost(Link(2)), ZERO);
    let told = words(&sgp.handle(SgpEvent::Timeout, SECOND * 2));
    assert_eq!(told, "1:NTFY:AsInactive,20 1:Duna", "server 20 is gone, as far as server 10 can see");
    sgp.handle(SgpEvent::LinkUp(Link(2)), SECOND * 3);
    take(&mut sgp, 2, up(None));
    let told = take(&mut sgp, 2, active(&[20]));
    assert_eq!(told, "2:AspActiveAck[20] 2:active 1:NTFY:AsActive,20 2:NTFY:AsActive,20 1:Dava");
}

#[test]
fn links_are_bounded_and_begin_anew() {
    let mut sgp = two_servers();
    for link in 1..=4 {
        assert_eq!(sgp.handle(SgpEvent::LinkUp(Link(link)), ZERO), []);
    }
    assert_eq!(words(&sgp.handle(SgpEvent::LinkUp(Link(5)), ZERO)), "5:close:TooManyLinks");
    assert_eq!(take(&mut sgp, 5, up(None)), "", "nobody is there");
    take(&mut sgp, 1, up(None));
    take(&mut sgp, 1, active(&[10]));
    assert_eq!(words(&sgp.handle(SgpEvent::LinkUp(Link(1)), ZERO)), "1:inactive");
    assert_eq!(sgp.link_state(Link(1), 10), Some(LinkState::Down));
    let garbled = sgp.handle(SgpEvent::Received(Link(1), Message::decode(b"GET / HTTP/1.1")), ZERO);
    assert_eq!(words(&garbled), "1:ERR:InvalidVersion 1:drop");
}

#[test]
fn a_silent_link_is_given_up() {
    let timers = SgpTimers::default();
    let mut sgp = Sgp::new(SgpConfig { timers, ..config(vec![server(10, 1, TrafficMode::Override)]) });
    sgp.handle(SgpEvent::LinkUp(Link(1)), ZERO);
    take(&mut sgp, 1, up(None));
    take(&mut sgp, 1, active(&[10]));
    let due = |sgp: &mut Sgp, round: u32| {
        assert_eq!(sgp.deadline(), Some(SECOND * 30 * round));
        words(&sgp.handle(SgpEvent::Timeout, SECOND * 30 * round))
    };
    assert_eq!(due(&mut sgp, 1), "1:Beat");
    let ack = Message::BeatAck(Bytes::copy_from_slice(&1u32.to_be_bytes()));
    assert_eq!(take(&mut sgp, 1, ack), "");
    assert_eq!((due(&mut sgp, 2), due(&mut sgp, 3)), ("1:Beat".to_owned(), "1:Beat".to_owned()));
    assert_eq!(due(&mut sgp, 4), "1:inactive 1:close:NoHeartbeat");
    assert_eq!(sgp.link_state(Link(1), 10), None);
}

#[test]
fn what_cannot_be_sent_is_said() {
    let sgp = in_state(LinkState::Inactive);
    let transfer = |dpc| Transfer { dpc: pc(dpc), ..data(1, None).transfer };
    assert_eq!(sgp.send(transfer(9)), Err(SendError::NoRoute(pc(9))));
    assert_eq!(sgp.send(transfer(1)), Err(SendError::ServerNotActive(pc(1), AsState::Inactive)));
    let long = Transfer { data: Bytes::from(vec![0; Transfer::MAX_DATA + 1]), ..transfer(1) };
    assert_eq!(sgp.send(long), Err(SendError::Invalid { max: Transfer::MAX_DATA }));
}
