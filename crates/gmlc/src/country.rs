//! Countries of serving nodes: from a Diameter realm or an E.164 number to a country calling code.
//!
//! Service coverage is told in E.164 country codes (TS 23.271 clause 9.1.1 step 8), an MME by a name with a mobile country
//! code in it (TS 23.003 clause 19.2). The table below leads from ITU-T E.212 codes to ITU-T E.164 ones.

use lcs::{NatureOfAddress, NodeKind, ServingNode};

/// Country calling code of the network that a node is in; `None` if its address does not tell.
pub(crate) fn calling_code_of_node(node: &ServingNode) -> Option<u16> {
    let number = match &node.kind {
        NodeKind::Msc { number } => Some(*number),
        NodeKind::Sgsn { number, .. } => *number,
        NodeKind::Mme { .. } | NodeKind::Aaa { .. } => None,
    };
    let by_realm = node.realm().and_then(mcc_of_realm).and_then(calling_code_of);
    by_realm.or_else(|| number.and_then(calling_code_of_number))
}

/// Mobile country code in a realm of the form `epc.mnc001.mcc262.3gppnetwork.org` (TS 23.003 clause 19.2).
#[must_use]
pub fn mcc_of_realm(realm: &str) -> Option<u16> {
    let mut labels = realm.rsplit('.');
    let ends = labels.next()?.eq_ignore_ascii_case("org") && labels.next()?.eq_ignore_ascii_case("3gppnetwork");
    let label = labels.next().filter(|_| ends)?;
    let (word, code) = (label.get(..3)?, label.get(3..)?);
    let sound = word.eq_ignore_ascii_case("mcc") && code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit());
    code.parse().ok().filter(|_| sound)
}

/// E.164 country calling code of a mobile country code.
#[must_use]
pub fn calling_code_of(mcc: u16) -> Option<u16> {
    let at = TABLE.partition_point(|(first, ..)| *first <= mcc).checked_sub(1)?;
    let (_, last, code) = *TABLE.get(at)?;
    (mcc <= last).then_some(code)
}

/// The mobile country codes of a country calling code: none if nobody is known to have it. The other way round than
/// [`calling_code_of`].
#[must_use]
pub fn mobile_codes_of(calling_code: u16) -> Vec<u16> {
    let runs = TABLE.iter().filter(|(.., code)| *code == calling_code);
    runs.flat_map(|(first, last, _)| *first..=*last).collect()
}

/// The calling code that an international number begins with: the longest that the table knows.
pub(crate) fn calling_code_of_number(number: lcs::Address) -> Option<u16> {
    if number.nature != NatureOfAddress::International {
        return None;
    }
    let (mut code, mut found) = (0u16, None);
    for digit in number.digits.values().take(4) {
        code = code.checked_mul(10)?.checked_add(u16::from(digit))?;
        if TABLE.iter().any(|(.., known)| *known == code) {
            found = Some(code);
        }
    }
    found
}

/// First and last mobile country code of a run, and the calling code. Codes of the North American plan that have an area
/// code of their own are given with it.
const TABLE: &[(u16, u16, u16)] = &[
    (202, 202, 30),
    (204, 204, 31),
    (206, 206, 32),
    (208, 208, 33),
    (212, 212, 377),
    (213, 213, 376),
    (214, 214, 34),
    (216, 216, 36),
    (218, 218, 387),
    (219, 219, 385),
    (220, 220, 381),
    (221, 221, 383),
    (222, 222, 39),
    (225, 225, 379),
    (226, 226, 40),
    (228, 228, 41),
    (230, 230, 420),
    (231, 231, 421),
    (232, 232, 43),
    (234, 235, 44),
    (238, 238, 45),
    (240, 240, 46),
    (242, 242, 47),
    (244, 244, 358),
    (246, 246, 370),
    (247, 247, 371),
    (248, 248, 372),
    (250, 250, 7),
    (255, 255, 380),
    (257, 257, 375),
    (259, 259, 373),
    (260, 260, 48),
    (262, 262, 49),
    (266, 266, 350),
    (268, 268, 351),
    (270, 270, 352),
    (272, 272, 353),
    (274, 274, 354),
    (276, 276, 355),
    (278, 278, 356),
    (280, 280, 357),
    (282, 282, 995),
    (283, 283, 374),
    (284, 284, 359),
    (286, 286, 90),
    (288, 288, 298),
    (290, 290, 299),
    (292, 292, 378),
    (293, 293, 386),
    (294, 294, 389),
    (295, 295, 423),
    (297, 297, 382),
    (302, 302, 1),
    (308, 308, 508),
    (310, 316, 1),
    (330, 330, 1),
    (334, 334, 52),
    (338, 338, 1),
    (340, 340, 590),
    (342, 342, 1),
    (344, 344, 1),
    (346, 346, 1),
    (348, 348, 1),
    (350, 350, 1),
    (352, 352, 1),
    (354, 354, 1),
    (356, 356, 1),
    (358, 358, 1),
    (360, 360, 1),
    (362, 362, 599),
    (363, 363, 297),
    (364, 364, 1),
    (365, 365, 1),
    (366, 366, 1),
    (368, 368, 53),
    (370, 370, 1),
    (372, 372, 509),
    (374, 374, 1),
    (376, 376, 1),
    (400, 400, 994),
    (401, 401, 7),
    (402, 402, 975),
    (404, 406, 91),
    (410, 410, 92),
    (412, 412, 93),
    (413, 413, 94),
    (414, 414, 95),
    (415, 415, 961),
    (416, 416, 962),
    (417, 417, 963),
    (418, 418, 964),
    (419, 419, 965),
    (420, 420, 966),
    (421, 421, 967),
    (422, 422, 968),
    (424, 424, 971),
    (425, 425, 972),
    (426, 426, 973),
    (427, 427, 974),
    (428, 428, 976),
    (429, 429, 977),
    (430, 431, 971),
    (432, 432, 98),
    (434, 434, 998),
    (436, 436, 992),
    (437, 437, 996),
    (438, 438, 993),
    (440, 441, 81),
    (450, 450, 82),
    (452, 452, 84),
    (454, 454, 852),
    (455, 455, 853),
    (456, 456, 855),
    (457, 457, 856),
    (460, 461, 86),
    (466, 466, 886),
    (467, 467, 850),
    (470, 470, 880),
    (472, 472, 960),
    (502, 502, 60),
    (505, 505, 61),
    (510, 510, 62),
    (514, 514, 670),
    (515, 515, 63),
    (520, 520, 66),
    (525, 525, 65),
    (528, 528, 673),
    (530, 530, 64),
    (536, 536, 674),
    (537, 537, 675),
    (539, 539, 676),
    (540, 540, 677),
    (541, 541, 678),
    (542, 542, 679),
    (543, 543, 681),
    (544, 544, 1),
    (545, 545, 686),
    (546, 546, 687),
    (547, 547, 689),
    (548, 548, 682),
    (549, 549, 685),
    (550, 550, 691),
    (551, 551, 692),
    (552, 552, 680),
    (553, 553, 688),
    (554, 554, 690),
    (555, 555, 683),
    (602, 602, 20),
    (603, 603, 213),
    (604, 604, 212),
    (605, 605, 216),
    (606, 606, 218),
    (607, 607, 220),
    (608, 608, 221),
    (609, 609, 222),
    (610, 610, 223),
    (611, 611, 224),
    (612, 612, 225),
    (613, 613, 226),
    (614, 614, 227),
    (615, 615, 228),
    (616, 616, 229),
    (617, 617, 230),
    (618, 618, 231),
    (619, 619, 232),
    (620, 620, 233),
    (621, 621, 234),
    (622, 622, 235),
    (623, 623, 236),
    (624, 624, 237),
    (625, 625, 238),
    (626, 626, 239),
    (627, 627, 240),
    (628, 628, 241),
    (629, 629, 242),
    (630, 630, 243),
    (631, 631, 244),
    (632, 632, 245),
    (633, 633, 248),
    (634, 634, 249),
    (635, 635, 250),
    (636, 636, 251),
    (637, 637, 252),
    (638, 638, 253),
    (639, 639, 254),
    (640, 640, 255),
    (641, 641, 256),
    (642, 642, 257),
    (643, 643, 258),
    (645, 645, 260),
    (646, 646, 261),
    (647, 647, 262),
    (648, 648, 263),
    (649, 649, 264),
    (650, 650, 265),
    (651, 651, 266),
    (652, 652, 267),
    (653, 653, 268),
    (654, 654, 269),
    (655, 655, 27),
    (657, 657, 291),
    (658, 658, 290),
    (659, 659, 211),
    (702, 702, 501),
    (704, 704, 502),
    (706, 706, 503),
    (708, 708, 504),
    (710, 710, 505),
    (712, 712, 506),
    (714, 714, 507),
    (716, 716, 51),
    (722, 722, 54),
    (724, 724, 55),
    (730, 730, 56),
    (732, 732, 57),
    (734, 734, 58),
    (736, 736, 591),
    (738, 738, 592),
    (740, 740, 593),
    (742, 742, 594),
    (744, 744, 595),
    (746, 746, 597),
    (748, 748, 598),
    (750, 750, 500),
];

#[cfg(test)]
mod tests {
    use super::*;
    use lcs::Address;

    #[test]
    fn the_table_is_sorted_and_without_overlap() {
        assert!(TABLE.iter().all(|(first, last, code)| first <= last && (1..1000).contains(code)));
        assert!(TABLE.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn a_calling_code_leads_to_the_networks_that_have_it_and_to_no_other() {
        for mcc in 0..1000 {
            if let Some(code) = calling_code_of(mcc) {
                assert!(mobile_codes_of(code).contains(&mcc), "{mcc}");
            }
        }
        for code in 0..1000 {
            assert!(mobile_codes_of(code).iter().all(|mcc| calling_code_of(*mcc) == Some(code)), "{code}");
        }
    }

    #[test]
    fn every_code_outside_the_table_is_nobody() {
        let within = |mcc: u16| TABLE.iter().find(|(first, last, _)| (*first..=*last).contains(&mcc)).map(|row| row.2);
        for mcc in 0..=u16::MAX {
            assert_eq!(calling_code_of(mcc), within(mcc), "{mcc}");
        }
        assert_eq!(
            [262, 234, 235, 311, 999, 1].map(calling_code_of),
            [Some(49), Some(44), Some(44), Some(1), None, None]
        );
    }

    #[test]
    fn a_realm_of_the_standard_form_tells_its_country() {
        assert_eq!(mcc_of_realm("epc.mnc001.mcc262.3gppnetwork.org"), Some(262));
        assert_eq!(mcc_of_realm("EPC.MNC01.MCC001.3GPPNETWORK.ORG"), Some(1));
        for other in [
            "",
            "org",
            "3gppnetwork.org",
            "mcc26.3gppnetwork.org",
            "mcc2621.3gppnetwork.org",
            "mccabc.3gppnetwork.org",
            "epc.mnc001.mcc262.3gppnetwork.com",
            "xmcc262.3gppnetwork.org",
            "lab.example",
            "mc\u{e9}262.3gppnetwork.org",
        ] {
            assert_eq!(mcc_of_realm(other), None, "{other}");
        }
    }

    #[test]
    fn a_number_tells_its_country_by_the_longest_code() {
        let of = |text: &str| calling_code_of_number(Address::international(text).unwrap());
        assert_eq!(of("491701234567"), Some(49));
        assert_eq!(of("3531234567"), Some(353));
        assert_eq!(of("15551234567"), Some(1));
        let national = Address { nature: NatureOfAddress::National, ..Address::international("491701234567").unwrap() };
        assert_eq!(calling_code_of_number(national), None);
    }
}
