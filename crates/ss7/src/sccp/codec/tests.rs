use super::*;

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn both_ways(message: &Message, hex: &str) {
    let wire = octets(hex);
    assert_eq!(Message::decode(&wire).as_ref(), Ok(message), "decoding {hex}");
    assert_eq!(message.encode(), Ok(wire), "encoding {message:?}");
}

fn pc(value: u32) -> PointCode {
    PointCode::new(value).unwrap()
}

fn digits(text: &str) -> Digits {
    Digits::parse(text).unwrap()
}

fn full(text: &str) -> GlobalTitle {
    GlobalTitle::Full {
        translation_type: 0,
        plan: PlanIndicator::ISDN,
        nature: NatureIndicator::INTERNATIONAL,
        digits: digits(text),
    }
}

/// HLR by title: indicator 12 (title 4, subsystem), 06, then type 00, E.164 and odd or even, nature 04, digits.
fn hlr() -> SccpAddress {
    SccpAddress::by_title(full("49170123456"), Ssn::HLR)
}

/// GMLC by subsystem: indicator 43 (by subsystem, no title, subsystem, point code), 0x1234 low octet first, 145.
fn gmlc() -> SccpAddress {
    SccpAddress::by_ssn(pc(0x1234), Ssn::GMLC)
}

const HLR: &str = "0b 12 06 00 11 04 94 71 10 32 54 06";
const GMLC: &str = "04 43 34 12 91";

fn unitdata(form: Form, class: Class, return_on_error: bool) -> Message {
    let data = Bytes::from_static(&[0x62, 0x00]);
    Message::Unitdata(UnitdataMessage { form, class, return_on_error, called: hlr(), calling: gmlc(), data })
}

fn service(form: Form, cause: ReturnCause) -> Message {
    let data = Bytes::from_static(&[0x62, 0x00]);
    Message::Service(UnitdataService { form, cause, called: gmlc(), calling: hlr(), data })
}

const SEGMENT: Extension = Extension {
    hop_counter: 15,
    segmentation: Some(Segmentation { first: true, class: Class::Sequenced, remaining: 2, reference: 0x00AB_CDEF }),
    importance: None,
};

#[test]
fn unitdata_has_these_octets() {
    // Q.713 clause 4.10: type 09, class and handling, pointers to called, calling and data, each counted from itself.
    both_ways(&unitdata(Form::Short, Class::Basic, false), &format!("09 00  03 0e 12  {HLR}  {GMLC}  02 6200"));
    both_ways(&unitdata(Form::Short, Class::Sequenced, true), &format!("09 81  03 0e 12  {HLR}  {GMLC}  02 6200"));
}

#[test]
fn extended_unitdata_has_these_octets() {
    // Q.713 clause 4.18: type 11, class and handling, hops, four pointers; the last is 0 without an optional part.
    both_ways(
        &unitdata(Form::Extended(Extension::NEW), Class::Basic, false),
        &format!("11 00 0f  04 0f 13 00  {HLR}  {GMLC}  02 6200"),
    );
    // Segmentation 10: first, class 1, two to come, reference; end 00 (clause 3.17).
    both_ways(
        &unitdata(Form::Extended(SEGMENT), Class::Sequenced, true),
        &format!("11 81 0f  04 0f 13 15  {HLR}  {GMLC}  02 6200  10 04 c2 abcdef 00"),
    );
    both_ways(
        &unitdata(Form::Extended(Extension { importance: Some(5), hop_counter: 1, ..SEGMENT }), Class::Sequenced, true),
        &format!("11 81 01  04 0f 13 15  {HLR}  {GMLC}  02 6200  10 04 c2 abcdef 12 01 05 00"),
    );
}

#[test]
fn long_unitdata_has_these_octets() {
    // Q.713 clause 4.20: pointers and the length of data in two octets, low first; pointers count from their second octet.
    both_ways(
        &unitdata(Form::Long(Extension::NEW), Class::Basic, false),
        &format!("13 00 0f  0700 1100 1400 0000  {HLR}  {GMLC}  0200 6200"),
    );
    let Message::Unitdata(mut long) = unitdata(Form::Long(SEGMENT), Class::Sequenced, true) else { unreachable!() };
    long.data = Bytes::from(vec![7; MAX_DATA]);
    let wire = Message::Unitdata(long.clone()).encode().unwrap();
    assert_eq!(Message::decode(&wire), Ok(Message::Unitdata(long)));
}

#[test]
fn services_have_these_octets() {
    // Q.713 clauses 4.11, 4.19, 4.21: types 0a, 12, 14; the cause in place of the class.
    both_ways(&service(Form::Short, ReturnCause::UnequippedUser), &format!("0a 04  03 07 12  {GMLC}  {HLR}  02 6200"));
    both_ways(
        &service(Form::Extended(SEGMENT), ReturnCause::HopCounterViolation),
        &format!("12 0c 0f  04 08 13 15  {GMLC}  {HLR}  02 6200  10 04 c2 abcdef 00"),
    );
    both_ways(
        &service(Form::Long(Extension::NEW), ReturnCause::Other(200)),
        &format!("14 c8 0f  0700 0a00 1400 0000  {GMLC}  {HLR}  0200 6200"),
    );
}

#[test]
fn every_form_of_address_has_these_octets() {
    let by_title = |title| SccpAddress { ssn: None, ..SccpAddress::by_title(title, Ssn::HLR) };
    let address = |address: SccpAddress, hex: &str| {
        let Message::Unitdata(mut message) = unitdata(Form::Short, Class::Basic, false) else { unreachable!() };
        (message.called, message.calling) = (address, SccpAddress::by_ssn(pc(0x1234), Ssn::GMLC));
        let wire = octets(hex);
        let (length, data) = (wire.len() as u8, wire.len() as u8 + 7);
        let whole = [&[9, 0, 3, 3 + length, data, length], wire.as_slice(), &octets(GMLC), &[2, 0x62, 0]].concat();
        assert_eq!(Message::Unitdata(message.clone()).encode().as_deref(), Ok(whole.as_slice()), "{hex}");
        assert_eq!(Message::decode(&whole), Ok(Message::Unitdata(message)), "{hex}");
    };
    // Indicator 1: bit 8 for an odd number of digits; filler 0.
    let nature = |text| GlobalTitle::Nature { nature: NatureIndicator::NATIONAL, digits: digits(text) };
    address(by_title(nature("123")), "04 83 21 03");
    address(by_title(nature("1234")), "04 03 21 43");
    // Indicator 2: only the filler tells the end.
    let kind = |text| GlobalTitle::Type { translation_type: 9, digits: digits(text) };
    address(by_title(kind("123")), "08 09 21 f3");
    // Indicator 3: plan and scheme.
    let plan = |text| GlobalTitle::Plan { translation_type: 9, plan: PlanIndicator::ISDN_MOBILE, digits: digits(text) };
    address(by_title(plan("123")), "0c 09 71 21 03");
    address(by_title(plan("1234")), "0c 09 72 21 43");
    // Indicator 4, with all there is, by subsystem.
    let title = Some(full("123456789012345"));
    let ssn = Some(Ssn::CAP);
    address(
        SccpAddress { routing: Routing::Ssn, point_code: Some(pc(0x3FFF)), ssn, title },
        "53 ff3f 92 00 11 04 21 43 65 87 09 21 43 05",
    );
    address(SccpAddress { routing: Routing::Ssn, point_code: None, ssn: None, title: None }, "40");
}

#[test]
fn what_is_wrong_is_told() {
    let cases = [
        (String::new(), DecodeError::Truncated),
        ("00".into(), DecodeError::MessageType(0)),
        // Connection request, of the connection-oriented service.
        ("01 000001 02 02 06 04 43 340291 00".into(), DecodeError::MessageType(1)),
        ("ff".into(), DecodeError::MessageType(0xFF)),
        ("09".into(), DecodeError::Truncated),
        (format!("09 02  03 0e 12  {HLR}  {GMLC}  02 6200"), DecodeError::Class(2)),
        // Pointers and lengths that lead out.
        (format!("09 00  ff 0e 12  {HLR}  {GMLC}  02 6200"), DecodeError::Truncated),
        (format!("09 00  03 0e ff  {HLR}  {GMLC}  02 6200"), DecodeError::Truncated),
        (format!("09 00  03 0e 12  {HLR}  {GMLC}  03 6200"), DecodeError::Truncated),
        (format!("11 00 0f  04 0f 13 ff  {HLR}  {GMLC}  02 6200"), DecodeError::Truncated),
        (format!("13 00 0f  ff7f 1100 1400 0000  {HLR}  {GMLC}  0200 6200"), DecodeError::Truncated),
        // Titles: indicator 5; scheme 3, national; a digit 'a'; sixteen digits; none.
        (format!("09 00  03 05 09  02 56 06  {GMLC}  02 6200"), DecodeError::TitleIndicator(5)),
        (format!("09 00  03 08 0c  05 10 00 13 04 21  {GMLC}  02 6200"), DecodeError::Digits),
        (format!("09 00  03 08 0c  05 10 00 12 04 2c  {GMLC}  02 6200"), DecodeError::Digits),
        (format!("09 00  03 0f 13  0c 10 00 12 04 2143658709214365  {GMLC}  02 6200"), DecodeError::Digits),
        (format!("09 00  03 07 0b  04 10 00 12 04  {GMLC}  02 6200"), DecodeError::Digits),
        // Optional parameters: a segmentation of three octets, a length that leads out, no length.
        (format!("11 81 0f  04 0f 13 15  {HLR}  {GMLC}  02 6200  10 03 c2abcd 00"), DecodeError::Optional(0x10)),
        (format!("11 81 0f  04 0f 13 15  {HLR}  {GMLC}  02 6200  10 04 c2abcd"), DecodeError::Optional(0x10)),
        (format!("11 81 0f  04 0f 13 15  {HLR}  {GMLC}  02 6200  12"), DecodeError::Optional(0x12)),
    ];
    for (hex, error) in cases {
        assert_eq!(Message::decode(&octets(&hex)), Err(error), "{hex}");
    }
    let long = [octets(&format!("13 00 0f  0700 1100 1400 0000  {HLR}  {GMLC}  710f")), vec![0; 3953]].concat();
    assert_eq!(Message::decode(&long), Err(DecodeError::Data(3953)));
}

#[test]
fn what_is_spare_or_unknown_is_passed_over() {
    let plain = unitdata(Form::Extended(SEGMENT), Class::Sequenced, false);
    // Spare message handling 1, spare bits of the segmentation, an unknown parameter, no end of the optional part.
    let wire = format!("11 11 0f  04 0f 13 15  {HLR}  {GMLC}  02 6200  10 04 f2 abcdef 77 02 0102");
    assert_eq!(Message::decode(&octets(&wire)).as_ref(), Ok(&plain));
    // The two high bits of a point code, the reserved bit of the indicator, filler f in place of 0.
    let wire = "09 00  03 0e 12  0b 92 06 00 11 04 94 71 10 32 54 f6  04 c3 34 d2 91  02 6200";
    assert_eq!(Message::decode(&octets(wire)), Ok(unitdata(Form::Short, Class::Basic, false)));
}

#[test]
fn data_that_does_not_fit_is_refused_and_what_fits_is_not_garbled() {
    let longest = SccpAddress { point_code: Some(pc(1)), ..SccpAddress::by_title(full("123456789012345"), Ssn::HLR) };
    let importance = Extension { importance: Some(1), ..Extension::NEW };
    let all = Extension { importance: Some(1), ..SEGMENT };
    let extended = [Extension::NEW, SEGMENT, importance, all].map(Form::Extended);
    for form in [Form::Short].into_iter().chain(extended) {
        for (called, calling) in [(gmlc(), gmlc()), (hlr(), gmlc()), (longest, longest)] {
            let max = max_data(form, called, calling);
            let message = |octets: usize| {
                let data = Bytes::from(vec![7; octets]);
                let (class, return_on_error) = (Class::Basic, false);
                Message::Unitdata(UnitdataMessage { form, class, return_on_error, called, calling, data })
            };
            let wire = message(max).encode().unwrap();
            assert_eq!(Message::decode(&wire), Ok(message(max)), "{form:?}");
            assert!(wire.len() <= MAX_UNIT, "{form:?}");
            assert_eq!(message(max + 1).encode(), Err(EncodeError::Data { octets: max + 1, max }));
        }
    }
}

#[test]
fn values_out_of_range_are_refused() {
    let wrong = |extension| unitdata(Form::Extended(extension), Class::Basic, false).encode();
    let segmentation = SEGMENT.segmentation.unwrap();
    let segment = |segmentation| Extension { segmentation: Some(segmentation), ..SEGMENT };
    assert_eq!(wrong(Extension { hop_counter: 0, ..SEGMENT }), Err(EncodeError::Value));
    assert_eq!(wrong(Extension { hop_counter: 16, ..SEGMENT }), Err(EncodeError::Value));
    assert_eq!(wrong(Extension { importance: Some(8), ..SEGMENT }), Err(EncodeError::Value));
    assert_eq!(wrong(segment(Segmentation { remaining: 16, ..segmentation })), Err(EncodeError::Value));
    assert_eq!(wrong(segment(Segmentation { reference: 1 << 24, ..segmentation })), Err(EncodeError::Value));
}

#[test]
fn causes_are_the_same_both_ways() {
    for code in 0..=255 {
        assert_eq!(ReturnCause::from_code(code).code(), code);
    }
    assert_eq!(ReturnCause::NAMED.len(), 15);
}

#[test]
fn no_digit_is_shown() {
    let shown =
        format!("{:?} {:?}", unitdata(Form::Short, Class::Basic, false), service(Form::Short, ReturnCause::MtpFailure));
    assert!(!shown.contains("4917") && !shown.contains("123456"), "{shown}");
    assert!(shown.contains("Digits(11 digits)") && shown.contains("GMLC (145)"), "{shown}");
}
