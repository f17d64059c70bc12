use super::*;

/// locationSvcEnquiryContext-v3: { map-ac locationSvcEnquiry(38) version3(3) } (TS 29.002 clause 17.3.3).
const LOCATION_SVC_ENQUIRY_V3: [u32; 8] = [0, 4, 0, 0, 1, 0, 38, 3];

#[test]
fn a_map_context_is_the_same_from_every_side() {
    let map = ApplicationContext::map(38, 3);
    assert_eq!(map.content(), [0x04, 0x00, 0x00, 0x01, 0x00, 0x26, 0x03]);
    assert_eq!(ApplicationContext::from_arcs(&LOCATION_SVC_ENQUIRY_V3), Ok(map));
    assert_eq!(map.arcs(), LOCATION_SVC_ENQUIRY_V3);
    assert_eq!(map.map_parts(), Some((38, 3)));
    assert_eq!(format!("{map} {map:?}"), "0.4.0.0.1.0.38.3 0.4.0.0.1.0.38.3");
}

#[test]
fn arcs_of_every_length_come_back() {
    // 2.999.1: the first subidentifier is 80 + 999 = 1079 = 8*128 + 55.
    let name = ApplicationContext::from_arcs(&[2, 999, 1]).unwrap();
    assert_eq!(name.content(), [0x88, 0x37, 0x01]);
    assert_eq!(name.map_parts(), None);
    for arc in [0, 1, 127, 128, 16_383, 16_384, u32::MAX - 80, u32::MAX] {
        let arcs = [2, 5, arc, 7];
        assert_eq!(ApplicationContext::from_arcs(&arcs).unwrap().arcs(), arcs);
    }
    assert_eq!(ApplicationContext::from_arcs(&[1, 39]).unwrap().arcs(), [1, 39]);
}

#[test]
fn what_is_no_object_identifier_is_refused() {
    for arcs in [&[][..], &[0], &[3, 1], &[0, 40], &[1, 40], &[2, u32::MAX]] {
        assert_eq!(ApplicationContext::from_arcs(arcs), Err(InvalidContext), "{arcs:?}");
    }
    for content in [
        &[][..],
        &[0x04, 0x86],                         // a subidentifier that does not end
        &[0x04, 0x80, 0x01],                   // a subidentifier that begins with 80
        &[0x90, 0x80, 0x80, 0x80, 0x00],       // 2^32
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], // more than 32 bits
        &[1; 25],                              // too long
    ] {
        assert_eq!(ApplicationContext::from_content(content), Err(InvalidContext), "{content:02x?}");
    }
    assert!(ApplicationContext::from_content(&[0x8f, 0xff, 0xff, 0xff, 0x7f]).is_ok());
    assert!(ApplicationContext::from_content(&[1; 24]).is_ok());
}
