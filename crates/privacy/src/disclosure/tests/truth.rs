//! What an entry says of a position that is released under it.

use super::*;
use crate::permit::Checked;
use crate::testing::{both, gmlc, listed, mme, ppr, request, route};
use crate::{Basis, Cleared, RuleId};
use lcs::Fix;
use lcs::gad::{Latitude, Longitude, Point, Shape};

fn fix() -> Fix {
    Fix {
        shape: Some(Shape::Point(Point {
            latitude: Latitude::from_degrees(52.5).unwrap(),
            longitude: Longitude::from_degrees(13.4).unwrap(),
        })),
        age_min: Some(0),
        accuracy_fulfilled: None,
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    }
}

/// A position of the subscriber of the crate's tests, cleared for the account `fleet`.
fn cleared() -> Cleared {
    let ppr = ppr(listed(None, Some(lcs::PrivacySetting::AllowedWithoutNotification)));
    let now = crate::testing::NOW;
    let permit = ppr.authorise(&request(), &both(), now, &gmlc()).unwrap();
    let permit = ppr
        .confirm(
            permit,
            &request(),
            &route(),
            lcs::Way { node: &mme(), interface: lcs::LcsInterface::Slg },
            now,
            &gmlc(),
        )
        .unwrap();
    match ppr.recheck(permit, fix(), now).unwrap() {
        Checked::Release(cleared) => cleared,
        Checked::NotifyFirst(_) => panic!("nobody is to be told"),
    }
}

fn facts_of(account: &str) -> Facts {
    Facts { account: account.into(), target: request().target, ..facts(1) }
}

/// Records `value` under a ticket and gives what came out with the one entry.
fn end<T: crate::Releasable>(facts: Facts, ending: Ending, value: T) -> (Result<T::Released, LogUnavailable>, Ending) {
    let mut storage = Memory::new(64 << 10);
    let (mut writer, log) = Writer::open(storage.clone(), keys(), Bounds::default()).unwrap();
    let recording = log.open(facts).record(ending, value);
    assert_eq!(writer.step(), Step::Committed(1));
    let sealer = Sealer::new(&keys().master, &origin()).unwrap();
    let entry = record_at(&mut storage, 0).unwrap().unwrap();
    let Ok(Content::Request(entry)) = sealer.open(&entry, &sealer.subject(&Subject::Operator)) else { panic!() };
    (now(recording).unwrap().map(Recorded::release), entry.ending)
}

#[test]
fn a_position_is_recorded_as_given_whatever_the_caller_says() {
    let lies = [
        Ending::refused(RefusalReason::OptedOut),
        Ending::failed(Failure::TimedOut),
        Ending::new(Outcome::Abandoned),
        Ending::allowed(Given::default(), Basis::LawfulIntercept).by(RuleId::Override),
    ];
    for lie in lies {
        let (released, ending) = end::<Result<Cleared, Failure>>(facts_of("fleet"), lie, Ok(cleared()));
        assert_eq!(released, Ok(Ok(fix())));
        assert_eq!(ending.outcome, Outcome::Allowed(Given::of(&fix())));
        assert_eq!((ending.basis, ending.rule), (Some(Basis::Profile), Some(RuleId::UnrelatedListed)));
    }
}

#[test]
fn a_position_cleared_for_somebody_else_is_dropped_and_its_end_is_a_failure() {
    let other = Target::Msisdn(Msisdn::parse("491720000002").unwrap());
    for facts in [facts_of("tracker"), Facts { target: other, ..facts_of("fleet") }] {
        let cleared = cleared();
        let (released, ending) = end(facts, Ending::cleared(&cleared, false), cleared);
        assert_eq!(released, Err(LogUnavailable::OtherRequest));
        assert_eq!(ending.outcome, Outcome::Failed(Failure::SystemFailure));
    }
}

#[test]
fn an_emergency_report_is_released_under_a_ticket_of_one_only() {
    let report = Facts { via: Via::Network, client_type: LcsClientType::Emergency, ..facts_of("emergency") };
    let storage = Memory::new(64 << 10);
    let (_writer, log) = Writer::open(storage, keys(), Bounds::default()).unwrap();
    let doors = [Via::Mlp, Via::Rlp, Via::Camara, Via::Admin, Via::Network, Via::Portal, Via::Pull, Via::Phone];
    for via in doors {
        for client_type in LcsClientType::ALL {
            let ticket = log.open(report.clone());
            let cleared = crate::clear_emergency_report(fix(), &ticket).unwrap();
            let (released, _) =
                end(Facts { via, client_type, ..report.clone() }, Ending::cleared(&cleared, false), cleared);
            let is_one = via == Via::Network && client_type == LcsClientType::Emergency;
            assert_eq!(released.is_ok(), is_one, "{via:?} {client_type:?}");
        }
    }
}

#[test]
fn coordinates_are_in_the_entry_only_where_they_are_kept() {
    for keep in [false, true] {
        let cleared = cleared();
        let Outcome::Allowed(before) = Ending::cleared(&cleared, keep).outcome else { panic!() };
        assert_eq!(
            (before.octets, cleared.given().octets),
            (None, None),
            "nothing to be read before the entry is written"
        );
        let (_, ending) = end(facts_of("fleet"), Ending::cleared(&cleared, keep), cleared);
        let Outcome::Allowed(given) = ending.outcome else { panic!() };
        assert_eq!(given.octets, keep.then(|| fix().shape.unwrap().encode()));
    }
}
