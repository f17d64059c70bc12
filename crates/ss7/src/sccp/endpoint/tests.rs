use super::super::management::Management;
use super::super::{DecodeError, GlobalTitle, Route, TranslationError, UnitdataService};
use super::*;

const ZERO: Duration = Duration::ZERO;
const SECOND: Duration = Duration::from_secs(1);
const GMLC_NUMBER: &str = "491720000001";
const MSC_NUMBER: &str = "491710000001";

fn pc(value: u32) -> PointCode {
    PointCode::new(value).unwrap()
}

fn title(text: &str) -> GlobalTitle {
    GlobalTitle::e164(Address::international(text).unwrap()).unwrap()
}

fn by_title(text: &str, ssn: Ssn) -> SccpAddress {
    SccpAddress::by_title(title(text), ssn)
}

/// A node that knows the way to both numbers.
fn node(point_code: u32, number: &str, ssn: Ssn) -> Endpoint {
    let mut config = EndpointConfig::new(pc(point_code), NetworkIndicator::National, vec![ssn]);
    config.titles = vec![Address::international(number).unwrap()];
    for (number, point_code) in [(GMLC_NUMBER, 1), (MSC_NUMBER, 2)] {
        let route = Route { point_code: pc(point_code), ssn: None, routing: Routing::GlobalTitle };
        config.translation.insert(Address::international(number).unwrap(), route).unwrap();
    }
    Endpoint::new(config, 0x00FF_FFFF)
}

fn gmlc() -> Endpoint {
    node(1, GMLC_NUMBER, Ssn::GMLC)
}

fn msc() -> Endpoint {
    node(2, MSC_NUMBER, Ssn::MSC)
}

fn unitdata(octets: usize) -> Unitdata {
    Unitdata {
        called: by_title(MSC_NUMBER, Ssn::MSC),
        calling: by_title(GMLC_NUMBER, Ssn::GMLC),
        sequence: None,
        return_on_error: true,
        data: (0..octets).map(|at| at as u8).collect(),
    }
}

fn message(transfer: &Transfer) -> UnitdataMessage {
    match Message::decode(&transfer.data).unwrap() {
        Message::Unitdata(message) => message,
        Message::Service(message) => panic!("{message:?}"),
    }
}

fn returned(indications: &[Indication]) -> Vec<UnitdataService> {
    let transfers = indications.iter().filter_map(|indication| match indication {
        Indication::Transfer(transfer) => Message::decode(&transfer.data).ok(),
        _ => None,
    });
    transfers
        .map(|message| match message {
            Message::Service(message) => message,
            Message::Unitdata(message) => panic!("{message:?}"),
        })
        .collect()
}

fn deliver(to: &mut Endpoint, transfers: &[Transfer]) -> Vec<Indication> {
    transfers.iter().flat_map(|transfer| to.receive(transfer, ZERO)).collect()
}

#[test]
fn any_length_arrives_as_it_was_sent() {
    let (mut gmlc, mut msc) = (gmlc(), msc());
    for octets in (1..=3600).step_by(37).chain([230, 231, 232, 233, 255, 256]) {
        let request = unitdata(octets);
        let Ok(sent) = gmlc.send(&request, ZERO) else {
            assert!(octets > 16 * 220, "{octets}");
            continue;
        };
        assert!(sent.transfers.iter().all(|transfer| transfer.data.len() <= 268 && transfer.dpc == pc(2)), "{octets}");
        let got = deliver(&mut msc, &sent.transfers);
        let Unitdata { called, calling, data, .. } = request;
        let expected = Received { called, calling, opc: pc(1), class: Class::Basic, data };
        assert_eq!(got, [Indication::Unitdata(expected)], "{octets}");
    }
    assert_eq!(msc.deadline(), None);
}

#[test]
fn segments_share_a_reference_and_a_link_and_only_the_first_comes_back() {
    let mut gmlc = gmlc();
    let sent = gmlc.send(&Unitdata { sequence: Some(21), ..unitdata(700) }, ZERO).unwrap();
    let messages: Vec<UnitdataMessage> = sent.transfers.iter().map(message).collect();
    for (at, segment) in messages.iter().enumerate() {
        let expected =
            Segmentation { first: at == 0, class: Class::Sequenced, remaining: 3 - at as u8, reference: 0x00FF_FFFF };
        let Form::Extended(Extension { hop_counter: 15, segmentation: Some(found), .. }) = segment.form else {
            panic!()
        };
        assert_eq!(found, expected);
        assert_eq!((segment.class, segment.return_on_error), (Class::Sequenced, at == 0));
    }
    assert!(sent.transfers.iter().all(|transfer| transfer.sls == 21 % 16));
    let next = gmlc.send(&unitdata(700), ZERO).unwrap();
    let Form::Extended(extension) = message(&next.transfers[0]).form else { panic!() };
    let segmentation = extension.segmentation.unwrap();
    assert_eq!((segmentation.reference, segmentation.class), (0, Class::Basic), "24 bits, then from the start");
}

#[test]
fn class_0_goes_round_the_links_and_class_1_stays_on_one() {
    let mut gmlc = gmlc();
    let mut sls = |sequence| gmlc.send(&Unitdata { sequence, ..unitdata(5) }, ZERO).unwrap().transfers[0].sls;
    let round: Vec<u8> = (0..18).map(|_| sls(None)).collect();
    assert_eq!(round, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1]);
    assert_eq!([sls(Some(5)), sls(Some(5)), sls(Some(4)), sls(None)], [5, 5, 4, 2]);
}

#[test]
fn what_leads_nowhere_is_an_error() {
    let mut gmlc = gmlc();
    let mut to = |called| gmlc.send(&Unitdata { called, ..unitdata(5) }, ZERO).map(|sent| sent.transfers[0].dpc);
    assert_eq!(to(by_title("33", Ssn::HLR)), Err(TranslationError::Address.into()));
    assert_eq!(to(SccpAddress::by_ssn(pc(9), Ssn::HLR)), Ok(pc(9)));
    let no_code = SccpAddress { point_code: None, ..SccpAddress::by_ssn(pc(9), Ssn::HLR) };
    assert_eq!(to(no_code), Err(SendError::Incomplete));
    let no_title = SccpAddress { title: None, ..by_title(MSC_NUMBER, Ssn::MSC) };
    assert_eq!(to(no_title), Err(SendError::Incomplete));
    assert_eq!(gmlc.send(&unitdata(0), ZERO), Err(SendError::Empty));
    let error = gmlc.send(&unitdata(100_000), ZERO).unwrap_err();
    assert!(matches!(error, SendError::TooLong { octets: 100_000, max } if max > 3500), "{error}");
}

#[test]
fn a_translation_may_end_the_routing_by_title() {
    let mut config = EndpointConfig::new(pc(1), NetworkIndicator::National, vec![Ssn::GMLC]);
    let route = Route { point_code: pc(7), ssn: Some(Ssn::HLR), routing: Routing::Ssn };
    config.translation.set_default(Some(route));
    let mut gmlc = Endpoint::new(config, 0);
    let sent = gmlc.send(&unitdata(5), ZERO).unwrap();
    let called = message(&sent.transfers[0]).called;
    let expected = SccpAddress {
        routing: Routing::Ssn,
        point_code: Some(pc(7)),
        ssn: Some(Ssn::HLR),
        title: Some(title(MSC_NUMBER)),
    };
    assert_eq!((called, sent.transfers[0].dpc), (expected, pc(7)));
}

#[test]
fn what_cannot_be_delivered_comes_back_to_its_sender_once() {
    let cases = [
        (by_title(MSC_NUMBER, Ssn::HLR), ReturnCause::UnequippedUser),
        (SccpAddress::by_ssn(pc(2), Ssn::HLR), ReturnCause::UnequippedUser),
        (SccpAddress { ssn: None, ..by_title(MSC_NUMBER, Ssn::MSC) }, ReturnCause::UnequippedUser),
    ];
    for (called, cause) in cases {
        for octets in [5, 700] {
            let (mut gmlc, mut msc) = (gmlc(), msc());
            let sent = gmlc.send(&Unitdata { called, ..unitdata(octets) }, ZERO).unwrap();
            let got = deliver(&mut msc, &sent.transfers);
            let [Indication::Transfer(back)] =
                &got.iter().filter(|i| matches!(i, Indication::Transfer(_))).cloned().collect::<Vec<_>>()[..]
            else {
                panic!("{got:?}")
            };
            let notice = gmlc.receive(back, SECOND);
            let [Indication::Notice(notice)] = &notice[..] else { panic!("{notice:?}") };
            assert_eq!((notice.message, notice.cause, notice.called), (sent.message, cause, called));
            assert_eq!(notice.calling, by_title(GMLC_NUMBER, Ssn::GMLC));
            assert_eq!(notice.data, message(&sent.transfers[0]).data);
            let again = gmlc.receive(back, SECOND);
            assert_eq!(again, [Indication::Discarded(Discard::UnknownReturn(cause))], "once");
        }
    }
}

#[test]
fn titles_of_others_have_no_translation_here() {
    let mut msc = msc();
    let cases = [
        ("33", NatureIs::Known, ReturnCause::NoTranslationAddress),
        ("33", NatureIs::Other, ReturnCause::NoTranslationNature),
    ];
    for (digits, nature, cause) in cases {
        let mut address = Address::international(digits).unwrap();
        if nature == NatureIs::Other {
            address.nature = lcs::NatureOfAddress::National;
        }
        let called = SccpAddress::by_title(GlobalTitle::e164(address).unwrap(), Ssn::MSC);
        let got = msc.receive(&incoming(called, Form::Short, true, b"x"), ZERO);
        assert_eq!(returned(&got).iter().map(|service| service.cause).collect::<Vec<_>>(), [cause]);
    }
}

#[derive(PartialEq)]
enum NatureIs {
    Known,
    Other,
}

/// A message from the GMLC, at node 1, to the node of the MSC.
fn incoming(called: SccpAddress, form: Form, return_on_error: bool, data: &'static [u8]) -> Transfer {
    let message = UnitdataMessage {
        form,
        class: Class::Basic,
        return_on_error,
        called,
        calling: by_title(GMLC_NUMBER, Ssn::GMLC),
        data: Bytes::from_static(data),
    };
    let octets = Message::Unitdata(message).encode().unwrap();
    Transfer {
        opc: pc(1),
        dpc: pc(2),
        service: SERVICE_SCCP,
        network: NetworkIndicator::National,
        priority: 0,
        sls: 0,
        data: octets.into(),
    }
}

#[test]
fn hops_are_counted_where_a_title_is_translated() {
    for hop_counter in 1..=15 {
        let form = Form::Extended(Extension { hop_counter, ..Extension::NEW });
        let got = msc().receive(&incoming(by_title(MSC_NUMBER, Ssn::MSC), form, true, b"x"), ZERO);
        if hop_counter == 1 {
            assert_eq!(returned(&got)[0].cause, ReturnCause::HopCounterViolation);
        } else {
            assert!(matches!(&got[..], [Indication::Unitdata(_)]), "{hop_counter}: {got:?}");
        }
        let got = msc().receive(&incoming(SccpAddress::by_ssn(pc(2), Ssn::MSC), form, true, b"x"), ZERO);
        assert!(matches!(&got[..], [Indication::Unitdata(_)]), "no title, no hop");
    }
}

#[test]
fn nothing_goes_back_that_did_not_ask_for_it() {
    let got = msc().receive(&incoming(by_title(MSC_NUMBER, Ssn::HLR), Form::Short, false, b"x"), ZERO);
    assert_eq!(got, [Indication::Discarded(Discard::Undeliverable(ReturnCause::UnequippedUser))]);
    let (mut gmlc, mut msc) = (gmlc(), msc());
    let quiet = Unitdata { called: by_title(MSC_NUMBER, Ssn::HLR), return_on_error: false, ..unitdata(700) };
    let sent = gmlc.send(&quiet, ZERO).unwrap();
    let got = deliver(&mut msc, &sent.transfers);
    assert!(returned(&got).is_empty() && gmlc.deadline().is_none());
}

#[test]
fn a_made_up_return_is_not_believed() {
    let mut gmlc = gmlc();
    gmlc.send(&unitdata(5), ZERO).unwrap();
    let forged = |data: Bytes, ssn| {
        let service = UnitdataService {
            form: Form::Short,
            cause: ReturnCause::SubsystemFailure,
            called: by_title(GMLC_NUMBER, ssn),
            calling: by_title(MSC_NUMBER, Ssn::MSC),
            data,
        };
        let data = Message::Service(service).encode().unwrap().into();
        Transfer { opc: pc(9), dpc: pc(1), data, ..incoming(by_title(MSC_NUMBER, Ssn::MSC), Form::Short, true, b"x") }
    };
    let unknown = Indication::Discarded(Discard::UnknownReturn(ReturnCause::SubsystemFailure));
    let guessed = gmlc.receive(&forged(Bytes::from_static(b"guess"), Ssn::GMLC), ZERO);
    assert_eq!(guessed, core::slice::from_ref(&unknown));
    let stranger = gmlc.receive(&forged(unitdata(5).data, Ssn::MSC), ZERO);
    assert_eq!(stranger, core::slice::from_ref(&unknown), "another subsystem");
    assert_eq!(gmlc.receive(&forged(unitdata(5).data, Ssn::GMLC), SECOND * 30), [unknown], "too late");
}

#[test]
fn returns_are_bounded_and_the_oldest_makes_room() {
    let mut gmlc = gmlc();
    gmlc.config.max_returns = 2;
    gmlc = Endpoint::new(gmlc.config, 0);
    for octets in 1..=3 {
        gmlc.send(&unitdata(octets), SECOND * octets as u32).unwrap();
    }
    assert_eq!(gmlc.deadline(), Some(SECOND * 32), "the first is forgotten");
    gmlc.send(&unitdata(2), SECOND * 5).unwrap();
    assert_eq!(gmlc.deadline(), Some(SECOND * 33), "the same octets again count from now");
    assert_eq!(gmlc.expire(SECOND * 35), []);
    assert_eq!(gmlc.deadline(), None);
}

#[test]
fn lost_segments_are_told_to_the_sender_when_the_time_is_over() {
    let (mut gmlc, mut msc) = (gmlc(), msc());
    let sent = gmlc.send(&unitdata(700), ZERO).unwrap();
    assert_eq!(deliver(&mut msc, &sent.transfers[..2]), []);
    let due = msc.deadline().unwrap();
    assert_eq!((due, msc.expire(due - Duration::from_nanos(1))), (SECOND * 10, vec![]));
    let got = msc.expire(due);
    assert_eq!(got.last(), Some(&Indication::Discarded(Discard::ReassemblyTimeout)));
    let [Indication::Transfer(back), _] = &got[..] else { panic!("{got:?}") };
    let notice = gmlc.receive(back, due);
    let [Indication::Notice(notice)] = &notice[..] else { panic!("{notice:?}") };
    assert_eq!((notice.message, notice.cause), (sent.message, ReturnCause::MessageTransport));
    assert_eq!(deliver(&mut msc, &sent.transfers[2..3]), [Indication::Discarded(Discard::Segment)]);
}

#[test]
fn more_messages_in_segments_than_there_is_room_for_go_back() {
    let (mut gmlc, mut msc) = (gmlc(), msc());
    msc.config.max_reassemblies = 1;
    msc = Endpoint::new(msc.config, 0);
    let (one, other) = (gmlc.send(&unitdata(700), ZERO).unwrap(), gmlc.send(&unitdata(701), ZERO).unwrap());
    assert_eq!(deliver(&mut msc, &one.transfers[..1]), []);
    let got = deliver(&mut msc, &other.transfers[..1]);
    assert_eq!(returned(&got)[0].cause, ReturnCause::CannotReassemble);
    assert!(matches!(deliver(&mut msc, &one.transfers[1..])[..], [Indication::Unitdata(_)]));
}

#[test]
fn a_subsystem_test_is_answered_for_what_is_here() {
    let test = |affected, ssn| {
        let octets = Management::Test(pc(affected), Ssn(ssn)).encode();
        let transfer = incoming(SccpAddress::by_ssn(pc(2), Ssn::MANAGEMENT), Form::Short, true, b"");
        let mut whole = transfer.data.to_vec();
        *whole.last_mut().unwrap() = 5;
        whole.extend_from_slice(&octets);
        msc().receive(&Transfer { data: whole.into(), ..transfer }, ZERO)
    };
    for ssn in [1, 8] {
        let got = test(2, ssn);
        let [Indication::Transfer(answer)] = &got[..] else { panic!("{got:?}") };
        let sent = message(answer);
        // SSA 01, subsystem, point code 2 low octet first, multiplicity unknown (Q.713 clause 5).
        assert_eq!(sent.data.as_ref(), [1, ssn, 2, 0, 0]);
        assert_eq!((answer.dpc, sent.called), (pc(1), SccpAddress::by_ssn(pc(1), Ssn::MANAGEMENT)));
    }
    assert_eq!(test(2, 6), [Indication::Discarded(Discard::Management(Ssn::HLR))]);
    assert_eq!(test(3, 8), [Indication::Discarded(Discard::Management(Ssn::MSC))]);
}

#[test]
fn news_of_other_subsystems_are_told_and_the_rest_of_management_is_dropped() {
    let told =
        |data| msc().receive(&incoming(SccpAddress::by_ssn(pc(2), Ssn::MANAGEMENT), Form::Short, true, data), ZERO);
    let expected = |allowed| [Indication::Subsystem { point_code: pc(0x123), ssn: Ssn::HLR, allowed }];
    assert_eq!(told(&[1, 6, 0x23, 0x01, 0]), expected(true));
    assert_eq!(told(&[2, 6, 0x23, 0x01, 0]), expected(false));
    for data in [&[4, 6, 0x23, 0x01, 0][..], &[6, 6, 0x23, 0x01, 0, 3], &[1, 6, 0x23, 0x01], &[0, 0, 0, 0, 0]] {
        assert_eq!(told(data), [Indication::Discarded(Discard::Management(Ssn::MANAGEMENT))], "{data:?}");
    }
}

#[test]
fn what_is_not_for_this_node_or_cannot_be_read_is_dropped() {
    let good = incoming(by_title(MSC_NUMBER, Ssn::MSC), Form::Short, true, b"x");
    let elsewhere = Transfer { dpc: pc(5), ..good.clone() };
    assert_eq!(msc().receive(&elsewhere, ZERO), [Indication::Discarded(Discard::NotForUs(pc(5)))]);
    let broken = Transfer { data: good.data.slice(..9), ..good };
    assert_eq!(msc().receive(&broken, ZERO), [Indication::Discarded(Discard::Malformed(DecodeError::Truncated))]);
}
