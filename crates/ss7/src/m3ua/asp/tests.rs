use super::super::{Affected, CloseReason, ErrorReport, Notify};
use super::*;
use bytes::Bytes;

const SECOND: Duration = Duration::from_secs(1);
const STATES: [AspState; 7] = [
    AspState::Disconnected,
    AspState::UpSent,
    AspState::Inactive,
    AspState::ActiveSent,
    AspState::Active,
    AspState::InactiveSent,
    AspState::DownSent,
];

fn config() -> AspConfig {
    AspConfig {
        asp_identifier: Some(7),
        routing_context: Some(10),
        network_appearance: None,
        traffic_mode: Some(TrafficMode::Override),
        network: NetworkIndicator::National,
        timers: AspTimers::default(),
    }
}

fn pc(value: u32) -> PointCode {
    PointCode::new(value).unwrap()
}

fn transfer() -> Transfer {
    Transfer {
        opc: pc(1),
        dpc: pc(2),
        service: SERVICE_SCCP,
        network: NetworkIndicator::National,
        priority: 0,
        sls: 3,
        data: Bytes::from_static(b"unitdata"),
    }
}

fn data() -> Data {
    Data { network_appearance: None, routing_context: Some(10), transfer: transfer(), correlation: None }
}

fn notify(status: NotifyStatus) -> Message {
    Message::Notify(Notify { status, asp_identifier: None, routing_contexts: vec![10] })
}

fn active_ack() -> Message {
    Message::AspActiveAck { traffic_mode: None, routing_contexts: vec![10] }
}

/// A machine in this state, everything due far away.
fn in_state(state: AspState) -> Asp {
    let mut asp = Asp::new(config());
    let up = Message::AspUpAck { asp_identifier: None };
    let path: &[AspEvent] = &match state {
        AspState::Disconnected => vec![],
        AspState::UpSent => vec![AspEvent::AssociationUp],
        AspState::ActiveSent => vec![AspEvent::AssociationUp, AspEvent::Received(Ok(up))],
        AspState::Active => {
            vec![AspEvent::AssociationUp, AspEvent::Received(Ok(up)), AspEvent::Received(Ok(active_ack()))]
        }
        AspState::Inactive => vec![
            AspEvent::AssociationUp,
            AspEvent::Received(Ok(up)),
            AspEvent::Received(Ok(active_ack())),
            AspEvent::Received(Ok(notify(NotifyStatus::AlternateAspActive))),
        ],
        AspState::InactiveSent => vec![
            AspEvent::AssociationUp,
            AspEvent::Received(Ok(up)),
            AspEvent::Received(Ok(active_ack())),
            AspEvent::Stop,
        ],
        AspState::DownSent => vec![AspEvent::AssociationUp, AspEvent::Stop],
    };
    for event in path {
        asp.handle(event.clone(), Duration::ZERO);
    }
    assert_eq!(asp.state(), state);
    asp
}

/// What was sent and told, in one word each.
fn words(actions: &[Action]) -> String {
    let word = |action: &Action| match action {
        Action::Send { message: Message::Error(report), stream: Stream::Management } => {
            format!("ERR:{:?}", report.code)
        }
        Action::Send { message, stream: Stream::Management } => format!("{:?}", message.kind()),
        Action::Send { .. } => "traffic".to_owned(),
        Action::Deliver(_) => "deliver".to_owned(),
        Action::Active => "active".to_owned(),
        Action::Inactive => "inactive".to_owned(),
        Action::Destination(_) => "destination".to_owned(),
        Action::Notified(_) => "notified".to_owned(),
        Action::Reported(_) => "reported".to_owned(),
        Action::Discarded(_) => "drop".to_owned(),
        Action::Close(reason) => format!("close:{reason:?}"),
    };
    actions.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Name, event; what is done in each state and the next state where it is another.
type Row = (&'static str, AspEvent, [(&'static str, Option<AspState>); 7]);

#[test]
fn every_state_and_event_follows_the_table() {
    use AspState::{Active as A, ActiveSent as AS, Disconnected as D, DownSent as DS, Inactive as I};
    use AspState::{InactiveSent as IS, UpSent as U};
    let message = |message: Message| AspEvent::Received(Ok(message));
    let affected = vec![Affected::one(pc(2))];
    let network = Network::default();
    let none = ("", None);
    let refused = ("ERR:UnexpectedMessage drop", None);
    // RFC 4666 section 4.3.4. Columns are the states in the order of STATES; the next state is named where it is another.
    let rows: Vec<Row> = vec![
        (
            "association up",
            AspEvent::AssociationUp,
            [
                ("AspUp", Some(U)),
                ("AspUp", None),
                ("AspUp", Some(U)),
                ("AspUp", Some(U)),
                ("inactive AspUp", Some(U)),
                ("close:Stopped", Some(D)),
                ("close:Stopped", Some(D)),
            ],
        ),
        (
            "association lost",
            AspEvent::AssociationLost,
            [none, ("", Some(D)), ("", Some(D)), ("", Some(D)), ("inactive", Some(D)), ("", Some(D)), ("", Some(D))],
        ),
        (
            "ASPUP ACK",
            message(Message::AspUpAck { asp_identifier: None }),
            [
                none,
                ("AspActive", Some(AS)),
                none,
                none,
                ("ERR:UnexpectedMessage drop inactive AspActive", Some(AS)),
                none,
                none,
            ],
        ),
        (
            "ASPAC ACK",
            message(active_ack()),
            [none, refused, ("active", Some(A)), ("active", Some(A)), none, none, none],
        ),
        (
            "ASPIA ACK",
            message(Message::AspInactiveAck(vec![10])),
            [none, refused, none, none, ("inactive AspActive", Some(AS)), ("AspDown", Some(DS)), none],
        ),
        (
            "ASPDN ACK",
            message(Message::AspDownAck),
            [
                none,
                none,
                ("AspUp", Some(U)),
                ("AspUp", Some(U)),
                ("inactive AspUp", Some(U)),
                ("close:Stopped", Some(D)),
                ("close:Stopped", Some(D)),
            ],
        ),
        (
            "DATA",
            message(Message::Data(data())),
            [
                none,
                ("drop", None),
                ("drop", None),
                ("deliver", None),
                ("deliver", None),
                ("deliver", None),
                ("drop", None),
            ],
        ),
        ("BEAT", message(Message::Beat(Bytes::from_static(b"x"))), {
            let echo = ("BeatAck", None);
            [none, echo, echo, echo, echo, echo, echo]
        }),
        ("NTFY alternate", message(notify(NotifyStatus::AlternateAspActive)), {
            let told = ("notified", None);
            [none, told, told, told, ("notified inactive", Some(I)), told, told]
        }),
        ("NTFY pending", message(notify(NotifyStatus::AsPending)), {
            let told = ("notified", None);
            [none, told, ("notified AspActive", Some(AS)), told, told, told, told]
        }),
        ("NTFY active", message(notify(NotifyStatus::AsActive)), {
            let told = ("notified", None);
            [none, told, told, told, told, told, told]
        }),
        ("DUNA", message(Message::Duna(network.clone(), affected.clone())), {
            let noted = ("destination", None);
            [none, ("drop", None), noted, noted, noted, noted, ("drop", None)]
        }),
        (
            "DAUD",
            message(Message::Daud(network, affected)),
            [none, refused, refused, refused, refused, refused, refused],
        ),
        (
            "ASPUP",
            message(Message::AspUp { asp_identifier: None }),
            [none, refused, refused, refused, refused, refused, refused],
        ),
        (
            "ASPAC",
            message(Message::AspActive { traffic_mode: None, routing_contexts: vec![] }),
            [none, refused, refused, refused, refused, refused, refused],
        ),
        ("ERR", message(Message::Error(ErrorReport::new(ErrorCode::ProtocolError))), {
            let told = ("reported", None);
            [none, told, told, told, told, told, told]
        }),
        (
            "stop",
            AspEvent::Stop,
            [
                none,
                ("AspDown", Some(DS)),
                ("AspDown", Some(DS)),
                ("AspDown", Some(DS)),
                ("inactive AspInactive", Some(IS)),
                none,
                none,
            ],
        ),
    ];
    for (name, event, columns) in rows {
        for (state, (expected, next)) in STATES.into_iter().zip(columns) {
            let mut asp = in_state(state);
            let actions = asp.handle(event.clone(), SECOND);
            assert_eq!(words(&actions), expected, "{name} in {state:?}");
            assert_eq!(asp.state(), next.unwrap_or(state), "{name} in {state:?}");
        }
    }
}

#[test]
fn requests_are_sent_again_until_they_were_sent_often_enough() {
    let cases = [
        (AspState::UpSent, MessageKind::AspUp, CloseReason::NoAcknowledgement),
        (AspState::ActiveSent, MessageKind::AspActive, CloseReason::NoAcknowledgement),
        (AspState::InactiveSent, MessageKind::AspInactive, CloseReason::Stopped),
        (AspState::DownSent, MessageKind::AspDown, CloseReason::Stopped),
    ];
    for (state, kind, reason) in cases {
        let mut asp = in_state(state);
        for round in 1..5 {
            let due = SECOND * 2 * round;
            assert_eq!(asp.deadline(), Some(due), "{state:?}");
            assert_eq!(asp.handle(AspEvent::Timeout, due - Duration::from_nanos(1)), [], "{state:?}: too early");
            let sent = asp.handle(AspEvent::Timeout, due);
            assert!(matches!(&sent[..], [Action::Send { message, .. }] if message.kind() == kind), "{state:?}");
        }
        assert_eq!(asp.handle(AspEvent::Timeout, SECOND * 10), [Action::Close(reason)], "{state:?}");
        assert_eq!((asp.state(), asp.deadline()), (AspState::Disconnected, None));
    }
}

#[test]
fn states_that_wait_for_nothing_have_only_the_heartbeat() {
    for state in [AspState::Inactive, AspState::Active] {
        assert_eq!(in_state(state).deadline(), Some(SECOND * 30));
    }
    let mut quiet = Asp::new(AspConfig { timers: AspTimers { heartbeat: None, ..AspTimers::default() }, ..config() });
    quiet.handle(AspEvent::AssociationUp, Duration::ZERO);
    quiet.handle(AspEvent::Received(Ok(Message::AspUpAck { asp_identifier: None })), Duration::ZERO);
    quiet.handle(AspEvent::Received(Ok(active_ack())), Duration::ZERO);
    assert_eq!((quiet.state(), quiet.deadline()), (AspState::Active, None));
}

#[test]
fn a_peer_that_answers_heartbeats_stays_and_a_silent_one_is_left() {
    let mut asp = in_state(AspState::Active);
    for round in 1..10 {
        let sent = asp.handle(AspEvent::Timeout, SECOND * 30 * round);
        let [Action::Send { message: Message::Beat(beat), .. }] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!(asp.handle(AspEvent::Received(Ok(Message::BeatAck(beat.clone()))), SECOND * 30 * round), []);
    }
    let now = SECOND * 300;
    assert_eq!(words(&asp.handle(AspEvent::Timeout, now)), "Beat");
    let wrong = Message::BeatAck(Bytes::from_static(b"other"));
    assert_eq!(words(&asp.handle(AspEvent::Received(Ok(wrong)), now)), "drop");
    assert_eq!(words(&asp.handle(AspEvent::Timeout, now + SECOND * 30)), "Beat");
    assert_eq!(words(&asp.handle(AspEvent::Timeout, now + SECOND * 60)), "inactive close:NoHeartbeat");
    assert_eq!(asp.state(), AspState::Disconnected);
}

#[test]
fn a_silent_peer_is_left_in_every_state() {
    for state in STATES.into_iter().filter(|state| *state != AspState::Disconnected) {
        let mut asp = in_state(state);
        asp.config.timers.attempts = u8::MAX;
        let mut last = Vec::new();
        while let Some(due) = asp.deadline() {
            last = asp.handle(AspEvent::Timeout, due);
            assert!(due <= SECOND * 90, "{state:?}");
        }
        let told = if state == AspState::Active { "inactive close:NoHeartbeat" } else { "close:NoHeartbeat" };
        assert!(words(&last).ends_with(told), "{state:?}: {last:?}");
        assert_eq!(asp.state(), AspState::Disconnected, "{state:?}");
    }
}

#[test]
fn traffic_goes_out_only_while_active_and_where_it_can_arrive() {
    for state in STATES {
        let sent = in_state(state).send(transfer(), SECOND);
        if state == AspState::Active {
            assert_eq!(sent, Ok((Stream::Traffic { sls: 3 }, Message::Data(data()))));
        } else {
            assert_eq!(sent, Err(SendError::NotActive), "{state:?}");
        }
    }
    let mut asp = in_state(AspState::Active);
    let duna = Message::Duna(Network { appearance: None, routing_contexts: vec![10] }, vec![Affected::one(pc(2))]);
    asp.handle(AspEvent::Received(Ok(duna)), SECOND);
    assert_eq!(asp.send(transfer(), SECOND), Err(SendError::Unavailable(pc(2))));
    assert!(asp.send(Transfer { dpc: pc(3), ..transfer() }, SECOND).is_ok());
    let long = Transfer { data: Bytes::from(vec![0; Transfer::MAX_DATA + 1]), ..transfer() };
    assert_eq!(asp.send(long, SECOND), Err(SendError::Invalid { max: Transfer::MAX_DATA }));
    assert!(asp.send(Transfer { priority: 4, ..transfer() }, SECOND).is_err());
    asp.handle(AspEvent::AssociationLost, SECOND);
    asp.handle(AspEvent::AssociationUp, SECOND);
    assert_eq!(asp.destinations().of(pc(2), SECOND), Destination::Available, "a new association knows nothing");
}

#[test]
fn data_of_another_network_context_or_user_is_not_delivered() {
    let cases = [
        (Data { network_appearance: Some(1), ..data() }, "ERR:InvalidNetworkAppearance drop"),
        (Data { routing_context: Some(11), ..data() }, "ERR:InvalidRoutingContext drop"),
        (Data { transfer: Transfer { service: 5, ..transfer() }, ..data() }, "drop"),
        (Data { transfer: Transfer { network: NetworkIndicator::International, ..transfer() }, ..data() }, "drop"),
        (Data { routing_context: None, ..data() }, "deliver"),
    ];
    for (data, expected) in cases {
        let mut asp = in_state(AspState::Active);
        assert_eq!(words(&asp.handle(AspEvent::Received(Ok(Message::Data(data))), SECOND)), expected);
    }
}

#[test]
fn acknowledgements_and_notices_for_another_server_mean_nothing() {
    let other = Message::AspActiveAck { traffic_mode: None, routing_contexts: vec![11] };
    let mut asp = in_state(AspState::ActiveSent);
    assert_eq!(words(&asp.handle(AspEvent::Received(Ok(other)), SECOND)), "drop");
    assert_eq!(asp.state(), AspState::ActiveSent);
    let status = NotifyStatus::AlternateAspActive;
    let other = Message::Notify(Notify { status, asp_identifier: None, routing_contexts: vec![11] });
    let mut asp = in_state(AspState::Active);
    assert_eq!(words(&asp.handle(AspEvent::Received(Ok(other)), SECOND)), "notified");
    assert_eq!(asp.state(), AspState::Active);
}

#[test]
fn an_audit_asks_once_up() {
    for state in STATES {
        let asked = words(&in_state(state).handle(AspEvent::Audit(vec![pc(2)]), SECOND));
        let up = matches!(state, AspState::Inactive | AspState::ActiveSent | AspState::Active);
        assert_eq!(asked, if up { "Daud" } else { "" }, "{state:?}");
    }
    assert_eq!(in_state(AspState::Active).handle(AspEvent::Audit(vec![]), SECOND), []);
}

#[test]
fn octets_that_are_no_message_are_answered_in_any_state_but_without_an_association() {
    for state in STATES {
        let mut asp = in_state(state);
        let words = words(&asp.handle(AspEvent::Received(Message::decode(&[2, 0, 3, 1, 0, 0, 0, 8])), SECOND));
        assert_eq!(words, if state == AspState::Disconnected { "" } else { "ERR:InvalidVersion drop" });
        assert_eq!(asp.state(), state);
    }
}
