//! Deferred requests at an MME and in a phone, on the wire (TS 29.172 clauses 6.2.2 and 6.2.3, TS 23.271 clauses 9.1.8 and 9.1.19).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

mod support;

use diameter::{
    codec::{Builder, Message},
    dictionary as avp,
};
use lcs::{AreaIdentity, PlmnId};
use std::{sync::Arc, time::Duration};
use support::{HEAD, Lab, Plr, Reports, imsi, result, subscriber, u32_of};
use testbed::{
    fault::{Fault, FaultRule, Scope},
    scenario::{PhoneState, Waypoint},
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const CELLS: &str = "
[[cell]]
cell = 1
tac = 7
latitude = 52.52
longitude = 13.405
range_m = 1000
[[cell]]
cell = 2
tac = 8
latitude = 52.53
longitude = 13.405
range_m = 1000
";

/// Bits of Deferred-Location-Type.
const AVAILABLE: u32 = 1;
const ENTERING: u32 = 2;
const LEAVING: u32 = 4;
const INSIDE: u32 = 8;
const PERIODIC: u32 = 16;
const MOTION: u32 = 32;
const ACTIVATED: u32 = 64;
const MAX_OVER: u32 = 128;

struct World {
    lab: Lab,
    reports: UnboundedReceiver<Message>,
}

/// What a report says: event, cause, reference, number, whether there is a position.
type Told = (u32, Option<u32>, u8, Option<u32>, bool);

impl World {
    async fn with(more: &str) -> Self {
        let (sender, reports) = unbounded_channel();
        let lab = Lab::with(&[HEAD, CELLS, &subscriber(1, more)].concat(), Reports(sender)).await;
        Self { lab, reports }
    }

    async fn next(&mut self) -> Message {
        tokio::time::timeout(support::TIMEOUT, self.reports.recv()).await.expect("a report").expect("a report")
    }

    async fn told(&mut self) -> Told {
        let report = self.next().await;
        assert_eq!(report.find(&avp::LOCATION_EVENT).unwrap().u32().unwrap(), 4);
        assert_eq!(report.find(&avp::USER_NAME).unwrap().utf8().unwrap(), imsi(1));
        assert_eq!(
            report.find(&avp::GMLC_ADDRESS).unwrap().address().unwrap(),
            H_GMLC.parse::<std::net::IpAddr>().unwrap()
        );
        let data = report.find(&avp::DEFERRED_MT_LR_DATA).unwrap().grouped().unwrap();
        (
            data.find(&avp::DEFERRED_LOCATION_TYPE).unwrap().u32().unwrap(),
            data.find(&avp::LCS_TERMINATION_CAUSE).map(|cause| cause.u32().unwrap()),
            report.find(&avp::LCS_REFERENCE_NUMBER).unwrap().data[0],
            report.find(&avp::REPORTING_AMOUNT).map(|number| number.u32().unwrap()),
            report.find(&avp::LOCATION_ESTIMATE).is_some(),
        )
    }

    /// Nothing came that was not told; what comes next is of another request.
    fn quiet(&mut self) {
        assert!(self.reports.try_recv().is_err(), "a report that nobody expects");
    }

    async fn ask(
        &self,
        setting: u32,
        reference: u8,
        kind: u32,
        more: impl Fn(&mut Builder<'_>) + Send + Sync + 'static,
    ) -> i64 {
        let plr =
            Plr { location_type: 3, more: Arc::new(deferred(reference, kind, more)), ..Plr::unrelated(1, setting) };
        let answer = self.lab.ask_mme(&plr).await.unwrap();
        if result(&answer) == 2001 {
            assert_eq!(u32_of(&answer, &avp::PLA_FLAGS), Some(1));
            assert!(answer.find(&avp::LOCATION_ESTIMATE).is_none());
        }
        result(&answer)
    }

    async fn cancel(&self, reference: u8, kind: u32) -> i64 {
        let plr = Plr { location_type: 4, more: Arc::new(deferred(reference, kind, |_| ())), ..Plr::unrelated(1, 0) };
        result(&self.lab.ask_mme(&plr).await.unwrap())
    }

    /// So many reports have been answered, and the phone looks out again.
    async fn accepted(&self, reports: u64) {
        while self.lab.network.counted().lrr_accepted < reports {
            tokio::task::yield_now().await;
        }
        self.silent(0).await;
    }

    /// So much later nothing has been reported. Phone and test share a thread, so it has had its turn.
    async fn silent(&self, seconds: u64) {
        let before = self.lab.network.counted().lrr;
        self.advance(seconds);
        for _ in 0..16 {
            tokio::task::yield_now().await;
        }
        assert_eq!(self.lab.network.counted().lrr, before, "a report that nobody expects");
    }

    fn phone(&self) -> &testbed::Phone {
        self.lab.network.phones().labelled("sub-01").unwrap()
    }

    fn north(&self, latitude: f64) {
        let place = Waypoint { latitude, longitude: 13.405, altitude_m: 0.0, speed_km_h: None, at_s: None };
        self.phone().go(Some(place), None);
    }

    fn advance(&self, seconds: u64) {
        self.lab.network.phones().clock().advance(Duration::from_secs(seconds));
    }
}

const H_GMLC: &str = "192.0.2.10";

fn deferred(
    reference: u8,
    kind: u32,
    more: impl Fn(&mut Builder<'_>) + Send + Sync + 'static,
) -> impl Fn(&mut Builder<'_>) + Send + Sync {
    move |builder| {
        builder
            .u32(&avp::DEFERRED_LOCATION_TYPE, kind)
            .avp(&avp::LCS_REFERENCE_NUMBER, &[reference])
            .address(&avp::GMLC_ADDRESS, H_GMLC.parse().unwrap());
        more(builder);
    }
}

/// An area event about these tracking areas, those after the first in Additional-Area.
fn areas(codes: impl Into<Vec<u16>>, details: fn(&mut Builder<'_>)) -> impl Fn(&mut Builder<'_>) + Send + Sync {
    let codes = codes.into();
    move |builder| {
        builder.group(&avp::AREA_EVENT_INFO, |info| {
            info.group(&avp::AREA_DEFINITION, |definition| {
                for (at, code) in codes.iter().enumerate() {
                    let area = AreaIdentity::TrackingArea(PlmnId::new("001", "01").unwrap(), *code);
                    let def = if at == 0 { &avp::AREA } else { &avp::ADDITIONAL_AREA };
                    definition.group(def, |group| {
                        group
                            .u32(&avp::AREA_TYPE, area.area_type().into())
                            .avp(&avp::AREA_IDENTIFICATION, &area.octets());
                    });
                }
            });
            details(info);
        });
    }
}

fn often(info: &mut Builder<'_>) {
    info.u32(&avp::OCCURRENCE_INFO, 1)
        .u32(&avp::INTERVAL_TIME, 10)
        .u32(&avp::MAXIMUM_INTERVAL, 600)
        .u32(&avp::REPORTING_DURATION, 3600)
        .u32(&avp::REPORTING_LOCATION_REQUIREMENTS, 1);
}

#[tokio::test]
async fn each_area_event_alone() {
    let mut world = World::with("").await;
    for (kind, code, away, back) in [(ENTERING, 8, 52.53, 52.52), (LEAVING, 7, 52.53, 52.52)] {
        assert_eq!(world.ask(0, 5, kind, areas([99, code], |_| ())).await, 2001);
        assert_eq!(world.told().await, (ACTIVATED, None, 5, None, false));
        world.north(away);
        assert_eq!(world.told().await, (kind, Some(0), 5, Some(1), false));
        world.north(back);
    }
    assert_eq!(world.ask(0, 6, INSIDE, areas([7], |_| ())).await, 2001);
    assert_eq!(world.told().await, (ACTIVATED, None, 6, None, false));
    assert_eq!(world.told().await, (INSIDE, Some(0), 6, Some(1), false));
    world.quiet();
}

#[tokio::test]
async fn many_reports_with_their_intervals_until_the_time_is_over() {
    let mut world = World::with("").await;
    assert_eq!(world.ask(0, 9, INSIDE, areas([8], often)).await, 2001);
    assert_eq!(world.told().await, (ACTIVATED, None, 9, None, false));
    world.north(52.53);
    assert_eq!(world.told().await, (INSIDE, None, 9, Some(1), true));
    // Still there: not before ten seconds have passed.
    world.advance(10);
    assert_eq!(world.told().await, (INSIDE, None, 9, Some(2), true));
    world.north(52.52);
    world.advance(600);
    assert_eq!(world.told().await, (INSIDE | MAX_OVER, None, 9, Some(3), true));
    assert_eq!(world.lab.network.deferred("sub-01"), [9]);
    world.advance(3600);
    while !world.lab.network.deferred("sub-01").is_empty() {
        tokio::task::yield_now().await;
    }
    world.quiet();
}

#[tokio::test]
async fn periodic_and_motion() {
    let mut world = World::with("").await;
    let periodic = |builder: &mut Builder<'_>| {
        builder.group(&avp::PERIODIC_LDR_INFORMATION, |info| {
            info.u32(&avp::REPORTING_AMOUNT, 3).u32(&avp::REPORTING_INTERVAL, 600);
        });
    };
    assert_eq!(world.ask(0, 1, PERIODIC, periodic).await, 2001);
    assert_eq!(world.told().await, (ACTIVATED, None, 1, None, false));
    for (number, cause) in [(1, None), (2, None), (3, Some(0))] {
        world.advance(600);
        assert_eq!(world.told().await, (PERIODIC, cause, 1, Some(number), true));
    }
    let motion = |builder: &mut Builder<'_>| {
        builder.group(&avp::MOTION_EVENT_INFO, |info| {
            info.u32(&avp::LINEAR_DISTANCE, 1000).u32(&avp::OCCURRENCE_INFO, 1);
        });
    };
    assert_eq!(world.ask(0, 2, MOTION, motion).await, 2001);
    assert_eq!(world.told().await, (ACTIVATED, None, 2, None, false));
    for (latitude, number) in [(52.53, 1), (52.52, 2)] {
        world.north(latitude);
        world.advance(2);
        assert_eq!(world.told().await, (MOTION, None, 2, Some(number), false));
    }
    assert_eq!(world.cancel(2, MOTION).await, 2001);
    assert_eq!(world.lab.network.deferred("sub-01"), [0u8; 0]);
    // A phone that knows nothing of it acknowledges too; one that cannot be reached cannot.
    assert_eq!(world.cancel(2, MOTION).await, 2001);
    world.phone().change(|spec| spec.state = PhoneState::Unreachable);
    assert_eq!(world.cancel(2, MOTION).await, -4221);
    world.quiet();
}

/// MMEs of two other networks.
const ELSEWHERE: &str = "mme = 'mme-1'\n[[mme]]\nname = 'mme-3'\nhost = 'mme3.epc.mnc002.mcc001.3gppnetwork.org'\n\
     realm = 'epc.mnc002.mcc001.3gppnetwork.org'\nlisten = '127.0.0.1:0'\n\
     [[mme]]\nname = 'mme-4'\nhost = 'mme4.epc.mnc003.mcc001.3gppnetwork.org'\n\
     realm = 'epc.mnc003.mcc001.3gppnetwork.org'\nlisten = '127.0.0.1:0'\n";

/// Without a list it is the network where it was armed (TS 23.271 clause 9.1.19.1 step 12).
#[tokio::test]
async fn without_a_list_a_phone_reports_where_it_was_armed() {
    let mut world = World::with(ELSEWHERE).await;
    let periodic = |builder: &mut Builder<'_>| {
        builder.group(&avp::PERIODIC_LDR_INFORMATION, |info| {
            info.u32(&avp::REPORTING_AMOUNT, 2).u32(&avp::REPORTING_INTERVAL, 600);
        });
    };
    assert_eq!(world.ask(0, 1, PERIODIC, periodic).await, 2001);
    assert_eq!(world.told().await, (ACTIVATED, None, 1, None, false));
    world.advance(600);
    assert_eq!(world.told().await, (PERIODIC, None, 1, Some(1), true));
    world.accepted(2).await;
    // What got lost is not sent again elsewhere either.
    let lost = FaultRule { fault: Fault::LostReport, times: Some(1) };
    world.lab.network.faults().add(Scope::Subscriber("sub-01".to_owned()), lost);
    world.silent(600).await;
    world.phone().go(None, Some("mme-3".to_owned()));
    world.silent(6000).await;
    // Another MME of the same network.
    world.phone().go(None, Some("mme-2".to_owned()));
    world.advance(60);
    assert_eq!(world.told().await, (PERIODIC, Some(0), 1, Some(2), true));
}

/// Reporting-PLMN-List (TS 29.172 clause 7.4.48): the phone reports in the networks that are listed, and in no other, whichever MME has it.
#[tokio::test]
async fn a_phone_reports_in_the_networks_that_are_listed() {
    let mut world = World::with(ELSEWHERE).await;
    let listed = |builder: &mut Builder<'_>| {
        builder
            .group(&avp::PERIODIC_LDR_INFORMATION, |info| {
                info.u32(&avp::REPORTING_AMOUNT, 4).u32(&avp::REPORTING_INTERVAL, 600);
            })
            .group(&avp::REPORTING_PLMN_LIST, |list| {
                // TS 24.008 Figure 10.5.3: 001-01 and 001-02.
                for network in [[0x00, 0xF1, 0x10], [0x00, 0xF1, 0x20]] {
                    list.group(&avp::PLMN_ID_LIST, |of| {
                        of.avp(&avp::VISITED_PLMN_ID, &network);
                    });
                }
            });
    };
    assert_eq!(world.ask(0, 1, PERIODIC, listed).await, 2001);
    assert_eq!(world.told().await, (ACTIVATED, None, 1, None, false));
    let periodic = (PERIODIC, None, 1);
    let next = |number: u32| (periodic.0, periodic.1, periodic.2, Some(number), true);
    world.advance(600);
    assert_eq!(world.told().await, next(1));
    // In a network that nobody listed: silence, however long.
    world.accepted(2).await;
    world.phone().go(None, Some("mme-4".to_owned()));
    world.silent(6000).await;
    assert_eq!(world.lab.network.deferred("sub-01"), [1]);
    // In the other one that is listed: what is due now, through the MME there.
    world.phone().go(None, Some("mme-3".to_owned()));
    let report = world.next().await;
    let host = report.find(&avp::ORIGIN_HOST).unwrap().identity().unwrap().to_owned();
    assert_eq!(host, "mme3.epc.mnc002.mcc001.3gppnetwork.org");
    // A list without a network, and one with half a network, are no lists.
    world.phone().go(None, Some("mme-1".to_owned()));
    for octets in [&[][..], &[0x00, 0xF1]] {
        let broken = move |builder: &mut Builder<'_>| {
            builder.group(&avp::PERIODIC_LDR_INFORMATION, |info| {
                info.u32(&avp::REPORTING_AMOUNT, 4).u32(&avp::REPORTING_INTERVAL, 600);
            });
            builder.group(&avp::REPORTING_PLMN_LIST, |list| {
                if !octets.is_empty() {
                    list.group(&avp::PLMN_ID_LIST, |of| {
                        of.avp(&avp::VISITED_PLMN_ID, octets);
                    });
                }
            });
        };
        let answer = world.ask(0, 2, PERIODIC, broken).await;
        assert!((5001..6000).contains(&answer), "{answer}");
    }
}

#[tokio::test]
async fn a_phone_that_cannot_be_reached_is_waited_for_and_told_of_where_it_went() {
    let mut world = World::with("state = 'unreachable'").await;
    assert_eq!(world.ask(0, 3, AVAILABLE, |_| ()).await, 2001);
    assert_eq!(world.lab.network.deferred("sub-01"), [3]);
    world.phone().change(|spec| spec.state = PhoneState::Attached);
    assert_eq!(world.told().await, (AVAILABLE, Some(0), 3, Some(1), true));
    // The phone comes up elsewhere: its new node is told, and the old one says so.
    world.phone().change(|spec| spec.state = PhoneState::Detached);
    assert_eq!(world.ask(0, 4, AVAILABLE, |_| ()).await, 2001);
    world.phone().go(None, Some("mme-2".to_owned()));
    let report = world.next().await;
    let data = report.find(&avp::DEFERRED_MT_LR_DATA).unwrap().grouped().unwrap();
    assert_eq!(data.find(&avp::LCS_TERMINATION_CAUSE).unwrap().u32().unwrap(), 4);
    let node = data.find(&avp::SERVING_NODE).unwrap().grouped().unwrap();
    assert_eq!(node.find(&avp::MME_NAME).unwrap().utf8().unwrap(), "mme2.epc.mnc001.mcc001.3gppnetwork.org");
    assert_eq!(node.find(&avp::MME_REALM).unwrap().utf8().unwrap(), "visited.test");
    assert_eq!(report.find(&avp::ORIGIN_HOST).unwrap().utf8().unwrap(), support::MME);
    world.quiet();
}

#[tokio::test]
async fn the_user_is_asked_when_the_phone_takes_the_request() {
    let refuses = "user = { answer = 'refuses' }";
    for (user, setting, expected) in
        [(refuses, 3, (INSIDE, Some(5))), (refuses, 1, (ACTIVATED, None)), ("", 3, (ACTIVATED, None))]
    {
        let mut world = World::with(user).await;
        assert_eq!(world.ask(setting, 1, INSIDE, areas([99], |_| ())).await, 2001);
        let (kind, cause, ..) = world.told().await;
        assert_eq!((kind, cause), expected, "{user} {setting}");
        assert_eq!(world.lab.network.screens().of("sub-01").len(), 1);
    }
    let world = World::with("").await;
    // Not allowed: nobody waits for anything.
    assert_eq!(world.ask(4, 1, INSIDE, areas([7], |_| ())).await, -4224);
    assert_eq!(world.lab.network.deferred("sub-01"), [0u8; 0]);
    // Two events at once, and an area that nobody can read.
    assert_eq!(world.ask(0, 1, ENTERING | LEAVING, areas([7], |_| ())).await, 5004);
    let no_area = |builder: &mut Builder<'_>| {
        builder.group(&avp::AREA_EVENT_INFO, |info| {
            info.group(&avp::AREA_DEFINITION, |definition| {
                definition.group(&avp::AREA, |area| {
                    area.u32(&avp::AREA_TYPE, 6).avp(&avp::AREA_IDENTIFICATION, &[1, 2]);
                });
            });
        });
    };
    assert_eq!(world.ask(0, 1, INSIDE, no_area).await, 5004);
}

#[tokio::test]
async fn reports_are_sent_again_and_go_wrong_on_demand() {
    let mut world = World::with("").await;
    let faults = world.lab.network.faults();
    let scope = || Scope::Subscriber("sub-01".to_owned());
    let once = |fault| FaultRule { fault, times: Some(1) };
    faults.add(scope(), once(Fault::LostReport));
    assert_eq!(world.ask(0, 1, AVAILABLE, |_| ()).await, 2001);
    // The answer to the request is not what the fault spoils, and the report comes a second later by the phone's clock.
    let clock = world.lab.network.phones().clock();
    while world.reports.is_empty() {
        clock.advance(Duration::from_millis(100));
        tokio::task::yield_now().await;
    }
    assert_eq!(world.told().await, (AVAILABLE, Some(0), 1, Some(1), true));
    for fault in [Fault::ReportTwice, Fault::ForgedReport] {
        world.lab.network.faults().add(scope(), once(fault));
    }
    assert_eq!(world.ask(0, 2, AVAILABLE, |_| ()).await, 2001);
    let (forged, first, second) = (world.next().await, world.next().await, world.next().await);
    let reference = |report: &Message| report.find(&avp::LCS_REFERENCE_NUMBER).unwrap().data[0];
    let session = |report: &Message| report.find(&avp::SESSION_ID).unwrap().data.to_vec();
    assert_eq!((reference(&forged), reference(&first), reference(&second)), (130, 2, 2));
    assert!(session(&first) == session(&second) && session(&forged) != session(&first));
}

#[tokio::test]
async fn an_active_request_is_the_phones_and_goes_with_it() {
    let mut world = World::with("").await;
    assert_eq!(world.ask(0, 1, LEAVING, areas([7], |_| ())).await, 2001);
    assert_eq!(world.told().await, (ACTIVATED, None, 1, None, false));
    // In another network now, so outside; reported through the new node.
    world.phone().go(None, Some("mme-2".to_owned()));
    let report = world.next().await;
    assert_eq!(report.find(&avp::ORIGIN_REALM).unwrap().utf8().unwrap(), "visited.test");
    let data = report.find(&avp::DEFERRED_MT_LR_DATA).unwrap().grouped().unwrap();
    assert_eq!(data.find(&avp::DEFERRED_LOCATION_TYPE).unwrap().u32().unwrap(), LEAVING);
}
