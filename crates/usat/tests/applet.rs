//! The application on the card against literal tables, and under random lists of operations.

mod support;

use lcs::{AreaEvent, AreaIdentity, LdrReference, PrivacySetting, Timestamp};
use proptest::prelude::*;
use std::collections::HashMap;
use support::*;
use usat::applet::{Phase, REQUEST_LIMIT};
use usat::message::{Install, Installed, Message, Report, RequestName};
use usat::packet::{Counter, Level, Status, Tar, seal_command};

use AreaEvent::{Entering, Inside, Leaving};
use Came::{Proof, Said};

fn acknowledged(name: RequestName, installed: Installed) -> Came {
    Said(Message::Acknowledge(name, installed))
}

fn reports(came: &[Came]) -> Vec<Report> {
    came.iter().filter_map(|came| if let Said(Message::Report(report)) = came { Some(*report) } else { None }).collect()
}

/// TS 23.271 Annex F.1 step 4, whole: each action of privacy by what the user does. F-24 and F-25 are in it.
#[test]
fn every_action_and_every_user() {
    use Installed::{Denied, NoResponse, NoUserInterface, Yes, YesWithoutResponse};
    use PrivacySetting::{
        AllowedIfNoResponse, AllowedWithNotification, AllowedWithoutNotification, RestrictedIfNoResponse,
    };
    let users = [User::Yes, User::No, User::Silent, User::Ends, User::Busy, User::NoDisplay];
    let table = [
        //                            Yes  No      Silent              Ends    Busy             NoDisplay
        (AllowedWithoutNotification, [Yes, Yes, Yes, Yes, Yes, Yes], 0),
        (AllowedWithNotification, [Yes, Yes, Yes, Yes, NoUserInterface, NoUserInterface], 1),
        (AllowedIfNoResponse, [Yes, Denied, YesWithoutResponse, Denied, NoUserInterface, NoUserInterface], 1),
        (RestrictedIfNoResponse, [Yes, Denied, NoResponse, Denied, NoUserInterface, NoUserInterface], 1),
    ];
    for (privacy, results, texts) in table {
        for (user, installed) in users.into_iter().zip(results) {
            let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
            phone.user = user;
            let install = Install { privacy, ..install(7, Leaving) };
            let mut came = exchange(&mut gateway, &mut phone, &Message::Install(install.clone()));
            // A busy phone is asked again for a while.
            phone.wait(10 * u64::from(POLL_S));
            came.extend(gateway.drain(&mut phone));
            assert_eq!(came, [Proof(Status::Ok), acknowledged(install.name, installed)], "{privacy:?} {user:?}");
            let watching = matches!(installed, Yes | YesWithoutResponse);
            assert_eq!(phone.applet().requests().count(), usize::from(watching));
            let shown = if user == User::Busy { 5 * texts } else { texts };
            assert_eq!(phone.shown.len(), shown);
            assert!(phone.shown.iter().all(|text| text.contains("School") && !text.contains("262")));
            // Denied: no later report.
            phone.move_to(1);
            phone.move_to(2);
            assert_eq!(reports(&gateway.drain(&mut phone)).len(), usize::from(watching), "{privacy:?} {user:?}");
        }
    }
}

/// Each event by where the phone was at the first sample and where it goes: entering and leaving are changes, inside holds at once (A19).
#[test]
fn every_event_and_every_move() {
    // Cell 1 is in, 2 is out.
    let table = [
        //         first, then, fires at the first, fires then
        (Entering, 1, 1, false, false),
        (Entering, 1, 2, false, false),
        (Entering, 2, 1, false, true),
        (Entering, 2, 2, false, false),
        (Leaving, 1, 1, false, false),
        (Leaving, 1, 2, false, true),
        (Leaving, 2, 1, false, false),
        (Leaving, 2, 2, false, false),
        (Inside, 1, 1, true, false),
        (Inside, 1, 2, true, false),
        (Inside, 2, 1, false, true),
        (Inside, 2, 2, false, false),
    ];
    for (event, first, then, at_first, at_then) in table {
        let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
        phone.cell = first;
        let install = install(7, event);
        let came = exchange(&mut gateway, &mut phone, &Message::Install(install.clone()));
        assert_eq!(reports(&came).len(), usize::from(at_first), "{event:?} {first}");
        phone.wait(10);
        phone.move_to(then);
        let moved = reports(&gateway.drain(&mut phone));
        assert_eq!(moved.len(), usize::from(at_then), "{event:?} {first} {then}");
        if let [report] = moved.as_slice() {
            let expected = Report { name: install.name, sequence: 1, at: at(10), location: Some(cell(then)) };
            assert!(*report == expected);
        }
        // One report, then it is gone.
        assert_eq!(phone.applet().requests().count(), usize::from(!at_first && !at_then));
    }
}

/// F-15: many reports with 60 s between them; events at 0 and 30 are reported at 0 and 60.
#[test]
fn the_least_interval() {
    let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
    let request = Install { multiple: true, min_interval_s: 60, ..install(7, Entering) };
    exchange(&mut gateway, &mut phone, &Message::Install(request));
    phone.move_to(1);
    phone.wait(30);
    phone.move_to(2);
    phone.move_to(1);
    assert_eq!(reports(&gateway.drain(&mut phone)).len(), 1);
    phone.wait(29);
    assert_eq!(reports(&gateway.drain(&mut phone)).len(), 0);
    phone.wait(1);
    let late = reports(&gateway.drain(&mut phone));
    assert_eq!(late.iter().map(|report| (report.sequence, report.at)).collect::<Vec<_>>(), [(2, at(30))]);
    // Being inside, many: each interval, as long as it holds.
    let inside = Install { multiple: true, min_interval_s: 600, ..install(8, Inside) };
    exchange(&mut gateway, &mut phone, &Message::Install(inside));
    phone.wait(1800);
    assert_eq!(reports(&gateway.drain(&mut phone)).len(), 3);
}

#[test]
fn sent_late_but_sent() {
    let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
    exchange(&mut gateway, &mut phone, &Message::Install(install(7, Entering)));
    phone.move_to(1);
    gateway.drain(&mut phone);
    exchange(&mut gateway, &mut phone, &Message::Install(install(8, Leaving)));
    phone.cell = 2;
    phone.set_service(false);
    // Out of the area and out of service: seen when service is back.
    phone.wait(600);
    phone.power_cycle();
    assert_eq!(gateway.drain(&mut phone), []);
    phone.set_service(true);
    phone.wait(u64::from(POLL_S));
    let late = reports(&gateway.drain(&mut phone));
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].name.reference, LdrReference(8));
}

#[test]
fn power_keeps_what_is_installed() {
    let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
    exchange(&mut gateway, &mut phone, &Message::Install(install(7, Leaving)));
    phone.move_to(1);
    phone.power_cycle();
    assert_eq!(phone.applet().requests().collect::<Vec<_>>(), [(install(7, Leaving).name, Phase::Watching)]);
    // The baseline is kept too.
    phone.move_to(2);
    assert_eq!(reports(&gateway.drain(&mut phone)).len(), 1);
    // One that was about to ask asks again.
    phone.user = User::Busy;
    let asked = Install { privacy: PrivacySetting::RestrictedIfNoResponse, ..install(8, Leaving) };
    exchange(&mut gateway, &mut phone, &Message::Install(asked.clone()));
    phone.user = User::Yes;
    phone.power_cycle();
    assert_eq!(gateway.drain(&mut phone), [acknowledged(asked.name, Installed::Yes)]);
}

#[test]
fn it_ends_when_its_time_is_over() {
    let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
    exchange(&mut gateway, &mut phone, &Message::Install(install(7, Entering)));
    phone.wait(3599);
    assert_eq!(phone.applet().requests().count(), 1);
    phone.wait(1);
    assert_eq!((phone.applet().requests().count(), phone.timer), (0, None));
    assert!(!phone.events);
    phone.move_to(1);
    assert_eq!(gateway.drain(&mut phone), []);
    // Over before it came.
    let name = install(8, Entering).name;
    let came = exchange(&mut gateway, &mut phone, &Message::Install(install(8, Entering)));
    assert_eq!(came, [Proof(Status::Ok), acknowledged(name, Installed::Expired)]);
    // Not yet begun: what is before the start sets no baseline.
    let later = Install { start: at(7200), stop: at(9000), ..install(9, Leaving) };
    phone.cell = 1;
    exchange(&mut gateway, &mut phone, &Message::Install(later));
    phone.move_to(2);
    phone.wait(3600);
    assert_eq!(gateway.drain(&mut phone), []);
    phone.move_to(1);
    phone.move_to(2);
    assert_eq!(reports(&gateway.drain(&mut phone)).len(), 1);
}

#[test]
fn cancelled_replaced_and_twice() {
    let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
    let request = Install { multiple: true, ..install(7, Entering) };
    exchange(&mut gateway, &mut phone, &Message::Install(request.clone()));
    // The same again is acknowledged again; the card does not forget what it knows.
    let came = exchange(&mut gateway, &mut phone, &Message::Install(request.clone()));
    assert_eq!(came, [Proof(Status::Ok), acknowledged(request.name, Installed::Yes)]);
    // Another of the same reference takes its place.
    let other = Install { name: RequestName { instance: 2, ..request.name }, ..request.clone() };
    exchange(&mut gateway, &mut phone, &Message::Install(other.clone()));
    assert_eq!(phone.applet().requests().map(|(name, _)| name).collect::<Vec<_>>(), [other.name]);
    // A cancellation of the old one is for nothing that is there.
    for (name, left) in [(request.name, 1), (other.name, 0)] {
        let came = exchange(&mut gateway, &mut phone, &Message::Cancel(name));
        assert_eq!(came, [Proof(Status::Ok), acknowledged(name, Installed::Cancelled)]);
        assert_eq!(phone.applet().requests().count(), left);
    }
    phone.move_to(1);
    assert_eq!(gateway.drain(&mut phone), []);
}

#[test]
fn several_requests_and_a_full_card() {
    let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
    for reference in 1..=REQUEST_LIMIT as u8 {
        let event = AreaEvent::ALL[usize::from(reference) % 2];
        exchange(&mut gateway, &mut phone, &Message::Install(install(reference, event)));
    }
    assert_eq!(
        exchange(&mut gateway, &mut phone, &Message::Install(install(100, Entering))),
        [Proof(Status::InsufficientMemory)]
    );
    phone.move_to(1);
    assert_eq!(reports(&gateway.drain(&mut phone)).len(), REQUEST_LIMIT / 2);
    phone.move_to(2);
    assert_eq!(reports(&gateway.drain(&mut phone)).len(), REQUEST_LIMIT / 2);
    // There is room again.
    let came = exchange(&mut gateway, &mut phone, &Message::Install(install(100, Entering)));
    assert_eq!(came.last(), Some(&acknowledged(install(100, Entering).name, Installed::Yes)));
}

#[test]
fn a_phone_that_tells_nothing_and_areas_that_no_card_knows() {
    let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
    phone.tells_place = false;
    let request = install(7, Entering);
    let came = exchange(&mut gateway, &mut phone, &Message::Install(request.clone()));
    assert_eq!(came, [Proof(Status::Ok), acknowledged(request.name, Installed::NoLocalInformation)]);
    let routing = Install { areas: vec![cell(1), AreaIdentity::RoutingArea(plmn(), 1, 1)], ..request.clone() };
    let came = exchange(&mut gateway, &mut phone, &Message::Install(routing));
    assert_eq!(came, [Proof(Status::Ok), acknowledged(request.name, Installed::AreaNotSupported)]);
}

/// Long names and many areas: several short messages there, in whatever order they come.
#[test]
fn parts_in_any_order() {
    let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
    let request =
        Install { areas: (0..32).map(cell).collect(), requestor: Some("x".repeat(120)), ..install(7, Leaving) };
    let mut tpdus = gateway.send(&Message::Install(request));
    assert!(tpdus.len() > 3);
    tpdus.reverse();
    for tpdu in tpdus {
        assert_eq!(gateway.drain(&mut phone), []);
        phone.deliver(tpdu);
    }
    assert_eq!(gateway.drain(&mut phone).len(), 2);
}

/// What comes from others, comes twice, or is not what it should be: nothing is installed, and who cannot prove it is not answered.
#[test]
fn forged_replayed_reflected() {
    let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
    let request = Message::Install(install(7, Entering));
    let [tpdu] = gateway.send(&request).try_into().unwrap();
    for index in 0..tpdu.len() {
        for bit in 0..8 {
            let mut forged = tpdu.clone();
            forged[index] ^= 1 << bit;
            // Other bits of the first octet and the addresses are not of the packet.
            if index == 0 || index >= 8 && (forged[8..10] != tpdu[8..10] || index > 16) {
                phone.deliver(forged.clone());
            }
        }
    }
    let installed = phone.applet().requests().count();
    let came = gateway.drain(&mut phone);
    // The first octet says nothing that the packet hangs on but that there is a header: then it was genuine, once.
    assert_eq!(installed, 1);
    assert!(
        came.iter().all(|came| matches!(came, Proof(Status::Ok | Status::CounterLow) | Said(Message::Acknowledge(..))))
    );
    // Replayed.
    phone.deliver(tpdu);
    assert_eq!(gateway.drain(&mut phone), [Proof(Status::CounterLow)]);
    // What a card says to a gateway, said to a card; and a message that is none.
    let sealed = |level, counter: u64, data: &[u8]| {
        let counter = Counter::new(counter).unwrap().next().unwrap().store(|_| Ok::<_, ()>(())).unwrap();
        seal_command(&keys(), level, Tar::CHANGE_OF_AREA, &counter, data).unwrap()
    };
    let acknowledge = Message::Acknowledge(install(7, Entering).name, Installed::Yes).encode().unwrap();
    phone.deliver(delivers(&sealed(Level::FROM_CARD, 50, &acknowledge), 1).remove(0));
    assert_eq!(gateway.drain(&mut phone), []);
    for (counter, data) in [(60, acknowledge.as_slice()), (61, b"nothing"), (62, b"")] {
        phone.deliver(delivers(&sealed(Level::TO_CARD, counter, data), 1).remove(0));
        assert_eq!(gateway.drain(&mut phone), [Proof(Status::Other(0xC0))]);
    }
}

#[derive(Debug, Clone)]
enum Operation {
    Install(u8, usize, bool, u8),
    Cancel(u8),
    Move(u16),
    Service(bool),
    Wait(u16),
    Power,
    User(User),
    Envelope(Vec<u8>),
}

fn operation() -> impl Strategy<Value = Operation> {
    let user =
        prop_oneof![Just(User::Yes), Just(User::No), Just(User::Silent), Just(User::Busy), Just(User::NoDisplay)];
    prop_oneof![
        3 => (0u8..12, 0usize..3, any::<bool>(), 0u8..4).prop_map(|(r, e, m, p)| Operation::Install(r, e, m, p)),
        1 => (0u8..12).prop_map(Operation::Cancel),
        4 => (1u16..4).prop_map(Operation::Move),
        1 => any::<bool>().prop_map(Operation::Service),
        3 => (1u16..900).prop_map(Operation::Wait),
        1 => Just(Operation::Power),
        1 => user.prop_map(Operation::User),
        1 => proptest::collection::vec(any::<u8>(), 0..20).prop_map(Operation::Envelope),
    ]
}

/// What a gateway believes of a request.
struct Believed {
    install: Install,
    allowed: bool,
    sequence: u16,
    last: Option<Timestamp>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever happens: reports come of what was acknowledged alone, numbered without a gap, one where one was wanted, not of events
    /// outside of the validity, and no event closer after the last report than the phone may tell; and everything that went to the card
    /// is proven or refused.
    #[test]
    fn any_list_of_operations(operations in proptest::collection::vec(operation(), 1..60)) {
        let (mut gateway, mut phone) = (Gateway::new(), Phone::new());
        let mut believed: HashMap<RequestName, Believed> = HashMap::new();
        let (mut instance, mut commands, mut proofs) = (0, 0, 0);
        let settle = [Operation::Service(true), Operation::User(User::Yes), Operation::Wait(900)];
        for operation in operations.into_iter().chain(settle) {
            let sent = match operation {
                Operation::Install(reference, event, multiple, privacy) => {
                    instance += 1;
                    let name = RequestName { reference: LdrReference(reference), instance };
                    let stop = phone.now.after(lcs::Duration::from_secs(1200));
                    let privacy = PrivacySetting::ALL[usize::from(privacy)];
                    let base = support::install(reference, AreaEvent::ALL[event]);
                    let install = Install { name, start: phone.now, stop, multiple, privacy, min_interval_s: 120, ..base };
                    believed.insert(name, Believed { install: install.clone(), allowed: false, sequence: 0, last: None });
                    Some(Message::Install(install))
                }
                Operation::Cancel(reference) => {
                    let name = believed.keys().filter(|name| name.reference.0 == reference).max().copied();
                    name.map(Message::Cancel)
                }
                Operation::Move(cell) => { phone.move_to(cell); None }
                Operation::Service(service) => { phone.set_service(service); None }
                Operation::Wait(seconds) => { phone.wait(seconds.into()); None }
                Operation::Power => { phone.power_cycle(); None }
                Operation::User(user) => { phone.user = user; None }
                Operation::Envelope(octets) => {
                    let word = phone.applet().envelope(&octets);
                    if word != usat::applet::StatusWord::Wrong { phone.serve(word); }
                    None
                }
            };
            if let Some(message) = sent {
                commands += 1;
                for tpdu in gateway.send(&message) {
                    phone.deliver(tpdu);
                }
            }
            for came in gateway.drain(&mut phone) {
                match came {
                    Proof(status) => {
                        proofs += 1;
                        prop_assert!(matches!(status, Status::Ok | Status::InsufficientMemory), "{status:?}");
                    }
                    Said(Message::Acknowledge(name, installed)) => {
                        let request = believed.get_mut(&name).unwrap();
                        request.allowed = matches!(installed, Installed::Yes | Installed::YesWithoutResponse);
                    }
                    Said(Message::Report(report)) => {
                        let request = believed.get_mut(&report.name).unwrap();
                        prop_assert!(request.allowed);
                        prop_assert_eq!(report.sequence, request.sequence + 1);
                        prop_assert!(request.install.multiple || report.sequence == 1);
                        prop_assert!(request.install.start <= report.at && report.at < request.install.stop);
                        if let Some(last) = request.last {
                            prop_assert!(phone.now.since(last).as_secs() >= 120 || phone.now < last);
                        }
                        let inside = report.location == Some(cell(1));
                        prop_assert_eq!(inside, request.install.event != Leaving);
                        request.sequence = report.sequence;
                        request.last = Some(report.at);
                    }
                    Said(other) => prop_assert!(false, "{other:?}"),
                }
            }
            prop_assert!(phone.applet().requests().count() <= REQUEST_LIMIT);
        }
        prop_assert_eq!(commands, proofs);
        prop_assert!(phone.waiting.is_empty());
    }
}
