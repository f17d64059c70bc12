use super::Action::{
    Accept, Cleanup, Disc, Elect, Error, Process, ProcessCea, ProcessCer, ProcessDwa, ProcessDwr, Reject, SndCea,
    SndCer, SndConnReq, SndDpa, SndDpr, SndDwa, SndMessage,
};
use super::Event::{
    Cea, Cer, ConnAck, ConnCer, ConnNack, Dpa, Dpr, Dwa, Dwr, Message, NonCea, PeerDisc, SendMessage, Start, Stop,
    Timeout, WinElection,
};
use super::Side::{Initiator as I, Responder as R};
use super::State::{Closed, Closing, IOpen, ROpen, WaitConnAck, WaitConnAckElect, WaitICea, WaitReturns};
use super::*;

const STATES: [State; 8] = [Closed, WaitConnAck, WaitICea, WaitConnAckElect, WaitReturns, ROpen, IOpen, Closing];

const EVENTS: [Event; 23] = [
    Start,
    ConnCer,
    ConnAck,
    ConnNack,
    Timeout,
    Cea,
    NonCea,
    PeerDisc(I),
    PeerDisc(R),
    WinElection,
    SendMessage,
    Message(I),
    Message(R),
    Cer(I),
    Cer(R),
    Dwr(I),
    Dwr(R),
    Dwa(I),
    Dwa(R),
    Stop,
    Dpr(I),
    Dpr(R),
    Dpa(I),
];

type Row = (State, Event, &'static [Action], State);

/// RFC 6733 section 5.6, row by row; R-Rcv-Message and the like are spelt with their side.
const STANDARD: &[Row] = &[
    (Closed, Start, &[SndConnReq], WaitConnAck),
    (Closed, ConnCer, &[Accept, ProcessCer, SndCea(R)], ROpen),
    (WaitConnAck, ConnAck, &[SndCer], WaitICea),
    (WaitConnAck, ConnNack, &[Cleanup], Closed),
    (WaitConnAck, ConnCer, &[Accept, ProcessCer], WaitConnAckElect),
    (WaitConnAck, Timeout, &[Error], Closed),
    (WaitICea, Cea, &[ProcessCea], IOpen),
    (WaitICea, ConnCer, &[Accept, ProcessCer, Elect], WaitReturns),
    (WaitICea, PeerDisc(I), &[Disc(I)], Closed),
    (WaitICea, NonCea, &[Error], Closed),
    (WaitICea, Timeout, &[Error], Closed),
    (WaitConnAckElect, ConnAck, &[SndCer, Elect], WaitReturns),
    (WaitConnAckElect, ConnNack, &[SndCea(R)], ROpen),
    (WaitConnAckElect, PeerDisc(R), &[Disc(R)], WaitConnAck),
    (WaitConnAckElect, ConnCer, &[Reject], WaitConnAckElect),
    (WaitConnAckElect, Timeout, &[Error], Closed),
    (WaitReturns, WinElection, &[Disc(I), SndCea(R)], ROpen),
    (WaitReturns, PeerDisc(I), &[Disc(I), SndCea(R)], ROpen),
    (WaitReturns, Cea, &[Disc(R), ProcessCea], IOpen),
    (WaitReturns, PeerDisc(R), &[Disc(R)], WaitICea),
    (WaitReturns, ConnCer, &[Reject], WaitReturns),
    (WaitReturns, Timeout, &[Error], Closed),
    (ROpen, SendMessage, &[SndMessage(R)], ROpen),
    (ROpen, Message(R), &[Process], ROpen),
    (ROpen, Dwr(R), &[ProcessDwr, SndDwa(R)], ROpen),
    (ROpen, Dwa(R), &[ProcessDwa], ROpen),
    (ROpen, ConnCer, &[Reject], ROpen),
    (ROpen, Stop, &[SndDpr(R)], Closing),
    (ROpen, Dpr(R), &[SndDpa(R)], Closing),
    (ROpen, PeerDisc(R), &[Disc(R)], Closed),
    (IOpen, SendMessage, &[SndMessage(I)], IOpen),
    (IOpen, Message(I), &[Process], IOpen),
    (IOpen, Dwr(I), &[ProcessDwr, SndDwa(I)], IOpen),
    (IOpen, Dwa(I), &[ProcessDwa], IOpen),
    (IOpen, ConnCer, &[Reject], IOpen),
    (IOpen, Stop, &[SndDpr(I)], Closing),
    (IOpen, Dpr(I), &[SndDpa(I)], Closing),
    (IOpen, PeerDisc(I), &[Disc(I)], Closed),
    (Closing, Dpa(I), &[Disc(I)], Closed),
    (Closing, Dpa(R), &[Disc(R)], Closed),
    (Closing, Timeout, &[Error], Closed),
    (Closing, PeerDisc(I), &[Disc(I)], Closed),
    (Closing, PeerDisc(R), &[Disc(R)], Closed),
];

/// Rows that the table leaves out and that have to mean something.
const BEYOND: &[Row] = &[
    (WaitConnAck, Stop, &[Error], Closed),
    (WaitICea, Stop, &[Error], Closed),
    (WaitConnAckElect, Stop, &[Error], Closed),
    (WaitReturns, Stop, &[Error], Closed),
    // A message before the CEA on the responder connection ends that connection.
    (WaitConnAckElect, Message(R), &[Disc(R)], WaitConnAck),
    (WaitConnAckElect, Cer(R), &[Disc(R)], WaitConnAck),
    (WaitConnAckElect, Dwr(R), &[Disc(R)], WaitConnAck),
    (WaitConnAckElect, Dwa(R), &[Disc(R)], WaitConnAck),
    (WaitConnAckElect, Dpr(R), &[Disc(R)], WaitConnAck),
    (WaitConnAckElect, Dpa(R), &[Disc(R)], WaitConnAck),
    (WaitReturns, Message(R), &[Disc(R)], WaitICea),
    (WaitReturns, Cer(R), &[Disc(R)], WaitICea),
    (WaitReturns, Dwr(R), &[Disc(R)], WaitICea),
    (WaitReturns, Dwa(R), &[Disc(R)], WaitICea),
    (WaitReturns, Dpr(R), &[Disc(R)], WaitICea),
    (WaitReturns, Dpa(R), &[Disc(R)], WaitICea),
    // Anything but a CEA on our connection is its end.
    (WaitReturns, NonCea, &[Disc(I), SndCea(R)], ROpen),
    // A CER on an open connection.
    (ROpen, Cer(R), &[ProcessCer, SndCea(R)], ROpen),
    (IOpen, Cer(I), &[ProcessCer, SndCea(I)], IOpen),
    // Still served while closing: answers under way, watchdogs, a DPR that crosses ours.
    (Closing, ConnCer, &[Reject], Closing),
    (Closing, Message(I), &[Process], Closing),
    (Closing, Message(R), &[Process], Closing),
    (Closing, Dwr(I), &[ProcessDwr, SndDwa(I)], Closing),
    (Closing, Dwr(R), &[ProcessDwr, SndDwa(R)], Closing),
    (Closing, Dpr(I), &[SndDpa(I)], Closing),
    (Closing, Dpr(R), &[SndDpa(R)], Closing),
];

/// Every pair of state and event is a row of one table, or ignored.
#[test]
fn every_state_and_event_follows_the_table() {
    let mut used = 0;
    for state in STATES {
        for event in EVENTS.into_iter().chain([Dpa(R)]) {
            let rows: Vec<_> = STANDARD.iter().chain(BEYOND).filter(|row| row.0 == state && row.1 == event).collect();
            assert!(rows.len() <= 1, "{state:?} {event:?} stands twice");
            let expected = rows.first().map(|row| (row.2, row.3));
            assert_eq!(transition(state, event), expected, "{state:?} {event:?}");
            used += rows.len();
        }
    }
    assert_eq!(used, STANDARD.len() + BEYOND.len());
}

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn machine(local: &str, peer: &str) -> PeerMachine {
    PeerMachine::new(local, peer, PeerTimers { connect: at(5), capabilities: at(10), closing: at(2) })
}

/// RFC 6733 section 5.6.4.
#[test]
fn election_compares_octets_without_regard_to_case() {
    assert!(wins_election("b.lab", "a.lab"));
    assert!(!wins_election("a.lab", "b.lab"));
    assert!(wins_election("B.lab", "a.lab"));
    assert!(wins_election("b.lab", "A.lab"));
    assert!(!wins_election("A.lab", "a.lab"));
    assert!(wins_election("gmlc.lab.x", "gmlc.lab"));
    assert!(wins_election("gmlc2", "gmlc10"));
}

#[test]
fn winner_of_an_election_keeps_the_connection_of_the_peer() {
    let mut winner = machine("b", "a");
    assert_eq!(winner.handle(Start, at(0)), [SndConnReq]);
    assert_eq!(winner.handle(ConnAck, at(0)), [SndCer]);
    assert_eq!(winner.handle(ConnCer, at(0)), [Accept, ProcessCer, Elect, Disc(I), SndCea(R)]);
    assert_eq!((winner.state(), winner.open_side(), winner.deadline()), (ROpen, Some(R), None));
}

#[test]
fn loser_of_an_election_waits_for_the_answer_on_its_own_connection() {
    let mut loser = machine("a", "b");
    loser.handle(Start, at(0));
    assert_eq!(loser.handle(ConnCer, at(0)), [Accept, ProcessCer]);
    assert_eq!(loser.state(), WaitConnAckElect);
    assert_eq!(loser.handle(ConnAck, at(1)), [SndCer, Elect]);
    assert_eq!((loser.state(), loser.deadline()), (WaitReturns, Some(at(11))));
    assert_eq!(loser.handle(Cea, at(2)), [Disc(R), ProcessCea]);
    assert_eq!(loser.open_side(), Some(I));
}

#[test]
fn every_waiting_state_ends_at_its_deadline_and_not_before() {
    let mut peer = machine("a", "b");
    peer.handle(Start, at(100));
    assert_eq!(peer.deadline(), Some(at(105)));
    assert_eq!(peer.handle(Timeout, at(104)), []);
    assert_eq!(peer.handle(Timeout, at(105)), [Error]);
    assert_eq!((peer.state(), peer.deadline()), (Closed, None));

    peer.handle(Start, at(200));
    peer.handle(ConnAck, at(201));
    assert_eq!(peer.handle(Timeout, at(210)), []);
    assert_eq!(peer.handle(Timeout, at(211)), [Error]);

    peer.handle(ConnCer, at(300));
    assert_eq!(peer.handle(Timeout, at(1000)), [], "an open peer has no deadline of its own");
    assert_eq!(peer.handle(Stop, at(1000)), [SndDpr(R)]);
    assert_eq!(peer.handle(Timeout, at(1002)), [Error]);
    assert_eq!(peer.state(), Closed);
}

#[test]
fn an_event_without_a_row_changes_nothing() {
    let mut peer = machine("a", "b");
    peer.handle(ConnCer, at(0));
    for event in [Start, ConnAck, ConnNack, Cea, NonCea, PeerDisc(I), Message(I), Dpr(I), Dpa(R)] {
        assert_eq!(peer.handle(event, at(1)), []);
        assert_eq!(peer.state(), ROpen);
    }
}
