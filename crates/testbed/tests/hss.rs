//! The HSS on the wire (TS 29.173 clause 5.2.1).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests, outside of test functions")]

mod support;

use diameter::dictionary as avp;
use support::{HEAD, Lab, MME, REALM, imsi, msisdn, put_msisdn, result, subscriber};

fn scenario() -> String {
    [
        HEAD.to_owned(),
        subscriber(1, ""),
        subscriber(2, "mme = 'mme-2'"),
        subscriber(3, "state = 'absent'"),
        subscriber(4, "state = 'unknown_to_hss'"),
        subscriber(5, "state = 'detached'"),
        "[[subscriber]]\nlabel = 'sub-06'\nimsi = '001010000000006'\nposition = { latitude = 1.0, longitude = 2.0 }\n"
            .into(),
    ]
    .concat()
}

#[tokio::test]
async fn the_missing_identity_and_the_serving_node_come_back() {
    let lab = Lab::start(&scenario()).await;
    let by_imsi = lab
        .ask_hss(|b| {
            b.text(&avp::USER_NAME, &imsi(1));
        })
        .await
        .unwrap();
    assert_eq!(result(&by_imsi), 2001);
    assert!(by_imsi.find(&avp::USER_NAME).is_none());
    let (octets, used) = lcs::Digits::parse(&msisdn(1)).unwrap().to_tbcd();
    assert_eq!(by_imsi.find(&avp::MSISDN).unwrap().data, &octets[..used]);
    let node = by_imsi.find(&avp::SERVING_NODE).unwrap().grouped().unwrap();
    assert_eq!(node.find(&avp::MME_NAME).unwrap().utf8().unwrap(), MME);
    assert_eq!(node.find(&avp::MME_REALM).unwrap().utf8().unwrap(), REALM);
    assert!(node.find(&avp::LCS_CAPABILITIES_SETS).is_none());

    let by_msisdn = lab.ask_hss(|b| put_msisdn(b, &msisdn(2))).await.unwrap();
    assert_eq!(by_msisdn.find(&avp::USER_NAME).unwrap().utf8().unwrap(), imsi(2));
    let node = by_msisdn.find(&avp::SERVING_NODE).unwrap().grouped().unwrap();
    assert_eq!(node.find(&avp::MME_REALM).unwrap().utf8().unwrap(), "visited.test");

    let numberless = lab
        .ask_hss(|b| {
            b.text(&avp::USER_NAME, &imsi(6));
        })
        .await
        .unwrap();
    assert_eq!(numberless.find(&avp::MSISDN).unwrap().data, [0, 0, 0, 0, 0, 0, 0, 0xF0]);
}

#[tokio::test]
async fn errors_come_in_the_order_of_the_standard() {
    let lab = Lab::start(&scenario()).await;
    let both = |n: u8, m: u8| {
        move |b: &mut diameter::codec::Builder<'_>| {
            b.text(&avp::USER_NAME, &imsi(n));
            put_msisdn(b, &msisdn(m));
        }
    };
    let number = |b: &mut diameter::codec::Builder<'_>| {
        let (octets, used) = lcs::Digits::parse("99900000666").unwrap().to_tbcd();
        b.text(&avp::USER_NAME, &imsi(99)).avp(&avp::GMLC_NUMBER, &octets[..used]);
    };
    assert_eq!(result(&lab.ask_hss_from("foreign.test", both(99, 1)).await.unwrap()), -5490);
    assert_eq!(result(&lab.ask_hss(number).await.unwrap()), -5490);
    assert_eq!(result(&lab.ask_hss(both(99, 1)).await.unwrap()), 5007);
    assert_eq!(result(&lab.ask_hss(both(99, 98)).await.unwrap()), -5001);
    assert_eq!(result(&lab.ask_hss(both(4, 4)).await.unwrap()), -5001);
    assert_eq!(result(&lab.ask_hss(both(1, 2)).await.unwrap()), 5007);
    assert_eq!(result(&lab.ask_hss(both(3, 1)).await.unwrap()), 5007);
    assert_eq!(result(&lab.ask_hss(both(3, 3)).await.unwrap()), -4201);
    assert_eq!(result(&lab.ask_hss(both(5, 5)).await.unwrap()), 2001);
    let nobody = lab.ask_hss(|_| ()).await.unwrap();
    assert_eq!(result(&nobody), 5005);
    assert!(nobody.find(&avp::FAILED_AVP).is_some());
    assert_eq!(lab.network.counted().rir_refused, 8);
}
