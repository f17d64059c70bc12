use super::super::{Congestion, Network, UserPartUnavailable};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn pc(value: u32) -> PointCode {
    PointCode::new(value).unwrap()
}

fn network() -> Network {
    Network::default()
}

fn told(messages: &[Message]) -> Destinations {
    let mut destinations = Destinations::new(4, SECOND);
    for message in messages {
        destinations.take(message, Duration::ZERO);
    }
    destinations
}

#[test]
fn the_last_statement_counts_and_silence_means_available() {
    let one = Affected::one(pc(8));
    let (duna, dava) = (Message::Duna(network(), vec![one]), Message::Dava(network(), vec![one]));
    let drst = Message::Drst(network(), vec![one]);
    assert_eq!(told(&[]).of(pc(8), Duration::ZERO), Destination::Available);
    assert_eq!(told(core::slice::from_ref(&duna)).of(pc(8), Duration::ZERO), Destination::Unavailable);
    assert_eq!(told(core::slice::from_ref(&duna)).of(pc(9), Duration::ZERO), Destination::Available);
    assert_eq!(told(&[duna.clone(), drst]).of(pc(8), Duration::ZERO), Destination::Restricted);
    assert_eq!(told(&[duna, dava]).of(pc(8), Duration::ZERO), Destination::Available);
}

#[test]
fn a_mask_covers_a_range_of_which_one_can_come_back() {
    let range = Affected { mask_bits: 3, point_code: 8 };
    let both = told(&[Message::Duna(network(), vec![range]), Message::Dava(network(), vec![Affected::one(pc(10))])]);
    for value in 0..24 {
        let gone = (8..16).contains(&value) && value != 10;
        let expected = if gone { Destination::Unavailable } else { Destination::Available };
        assert_eq!(both.of(pc(value), Duration::ZERO), expected, "point code {value}");
    }
    let every = Affected { mask_bits: 255, point_code: 0 };
    assert_eq!(told(&[Message::Duna(network(), vec![every])]).of(pc(16_383), Duration::ZERO), Destination::Unavailable);
}

#[test]
fn congestion_passes_and_does_not_hide_that_a_destination_is_gone() {
    let one = vec![Affected::one(pc(8))];
    let scon = |level| Message::Scon(network(), one.clone(), Congestion { concerned: None, level });
    let duna = Message::Duna(network(), one.clone());
    assert_eq!(told(&[scon(None)]).of(pc(8), Duration::ZERO), Destination::Congested(1));
    assert_eq!(told(&[scon(Some(3))]).of(pc(8), SECOND / 2), Destination::Congested(3));
    assert_eq!(told(&[scon(Some(3))]).of(pc(8), SECOND), Destination::Available);
    assert_eq!(told(&[scon(Some(3)), scon(Some(0))]).of(pc(8), Duration::ZERO), Destination::Available);
    assert_eq!(told(&[duna, scon(Some(3))]).of(pc(8), Duration::ZERO), Destination::Unavailable);
}

#[test]
fn each_entry_is_told_to_the_user() {
    let (a, b) = (Affected::one(pc(1)), Affected::one(pc(2)));
    let mut destinations = Destinations::new(4, SECOND);
    let mut take = |message: &Message| destinations.take(message, Duration::ZERO);
    assert_eq!(
        take(&Message::Duna(network(), vec![a, b])),
        [DestinationChange::Paused(a), DestinationChange::Paused(b)]
    );
    assert_eq!(take(&Message::Dava(network(), vec![a])), [DestinationChange::Resumed(a)]);
    assert_eq!(take(&Message::Drst(network(), vec![a])), [DestinationChange::Restricted(a)]);
    let scon = Message::Scon(network(), vec![a], Congestion { concerned: None, level: Some(2) });
    assert_eq!(take(&scon), [DestinationChange::Congested(a, 2)]);
    let dupu = Message::Dupu(network(), UserPartUnavailable { affected: a, cause: 1, user: 3 });
    assert_eq!(take(&dupu), [DestinationChange::UserPartUnavailable(a, 1)]);
    assert_eq!(take(&Message::AspDown), []);
}

#[test]
fn statements_are_bounded_and_forgotten_together() {
    let mut destinations = Destinations::new(4, SECOND);
    let all: Vec<Affected> = (0..100).map(|value| Affected::one(pc(value))).collect();
    destinations.take(&Message::Duna(network(), all.clone()), Duration::ZERO);
    destinations.take(&Message::Scon(network(), all, Congestion::default()), Duration::ZERO);
    assert_eq!((destinations.reach.len(), destinations.congested.len()), (4, 4));
    assert_eq!(destinations.of(pc(99), Duration::ZERO), Destination::Unavailable);
    destinations.clear();
    assert_eq!(destinations.of(pc(99), Duration::ZERO), Destination::Available);
}
