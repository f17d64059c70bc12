//! Two operators on the wire: each register knows its own, and tells nodes and gateways of the other (TS 29.173 clauses 5.2.1.2 and
//! 6.2.4, TS 29.172 clause 7.5.3.2).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests, outside of test functions")]

mod support;

use diameter::{codec::Builder, dictionary as avp};
use std::net::IpAddr;
use support::{HEAD, Lab, MME, REALM, imsi, result, subscriber};

const OTHER: &str = "
[[operator]]
name = 'other'
realm = 'epc.mnc002.mcc001.3gppnetwork.org'
[operator.gateway]
number = '+99812340000'
country_code = 998
plmns = ['00102']
address = '192.0.2.20'
ppr = '192.0.2.21'
[operator.hss]
name = 'hss-other'
host = 'hss.epc.mnc002.mcc001.3gppnetwork.org'
listen = '127.0.0.1:0'
authorised = ['epc.mnc002.mcc001.3gppnetwork.org', 'partner.test']
[[operator.mme]]
name = 'mme-other'
host = 'mme.epc.mnc002.mcc001.3gppnetwork.org'
listen = '127.0.0.1:0'
";
const OTHER_REALM: &str = "epc.mnc002.mcc001.3gppnetwork.org";
const OTHER_MME: &str = "mme.epc.mnc002.mcc001.3gppnetwork.org";

/// The first subscriber is abroad, the second at home; the third is of the other operator and abroad, the fourth at home there.
async fn lab() -> Lab {
    let head = HEAD.replace("[hss]", "[network.gateway]\naddress = '192.0.2.10'\n[hss]");
    let text = [
        head,
        OTHER.to_owned(),
        subscriber(1, "mme = 'mme-other'"),
        subscriber(2, ""),
        subscriber(3, "operator = 'other'\nmme = 'mme-1'"),
        subscriber(4, "operator = 'other'"),
    ];
    Lab::start(&text.concat()).await
}

fn named(n: u8) -> impl Fn(&mut Builder<'_>) + Send + Sync {
    move |builder| {
        builder.text(&avp::USER_NAME, &imsi(n));
    }
}

fn plr(n: u8) -> impl Fn(&mut Builder<'_>) + Send + Sync {
    move |builder| {
        builder.u32(&avp::SLG_LOCATION_TYPE, 0).text(&avp::USER_NAME, &imsi(n)).u32(&avp::LCS_CLIENT_TYPE, 1);
        builder.group(&avp::LCS_EPS_CLIENT_NAME, |group| {
            group.text(&avp::LCS_NAME_STRING, "Example Fleet").u32(&avp::LCS_FORMAT_INDICATOR, 0);
        });
        builder.group(&avp::LCS_PRIVACY_CHECK_NON_SESSION, |group| {
            group.u32(&avp::LCS_PRIVACY_CHECK, 0);
        });
    }
}

#[tokio::test]
async fn each_register_knows_its_own_subscribers_wherever_they_are() {
    let lab = lab().await;
    let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
    for (n, register, realm, mme, mme_realm, v_gmlc, h_gmlc, ppr) in [
        (1, "hss", REALM, OTHER_MME, OTHER_REALM, ip("192.0.2.20"), ip("192.0.2.10"), None),
        (2, "hss", REALM, MME, REALM, ip("192.0.2.10"), ip("192.0.2.10"), None),
        (3, "hss-other", OTHER_REALM, MME, REALM, ip("192.0.2.10"), ip("192.0.2.20"), ip("192.0.2.21")),
        (4, "hss-other", OTHER_REALM, OTHER_MME, OTHER_REALM, ip("192.0.2.20"), ip("192.0.2.20"), ip("192.0.2.21")),
    ] {
        let told = lab.ask_for(realm, register, named(n)).await.unwrap();
        assert_eq!(result(&told), 2001, "{n}");
        let node = told.find(&avp::SERVING_NODE).unwrap().grouped().unwrap();
        assert_eq!(node.find(&avp::MME_NAME).unwrap().utf8().unwrap(), mme);
        assert_eq!(node.find(&avp::MME_REALM).unwrap().utf8().unwrap(), mme_realm);
        assert_eq!(node.find(&avp::GMLC_ADDRESS).map(|avp| avp.address().unwrap()), v_gmlc, "{n}");
        assert_eq!(told.find(&avp::GMLC_ADDRESS).map(|avp| avp.address().unwrap()), h_gmlc, "{n}");
        assert_eq!(told.find(&avp::PPR_ADDRESS).map(|avp| avp.address().unwrap()), ppr, "{n}");
        let other = if register == "hss" { ("hss-other", OTHER_REALM) } else { ("hss", REALM) };
        assert_eq!(result(&lab.ask_for(other.1, other.0, named(n)).await.unwrap()), -5001, "{n}");
    }
}

#[tokio::test]
async fn registers_and_nodes_refuse_gateways_of_other_operators_before_anything_else() {
    let lab = lab().await;
    for (realm, node, expected) in [
        (OTHER_REALM, "hss", -5490),
        ("partner.test", "hss", -5490),
        (REALM, "hss", 2001),
        (REALM, "hss-other", -5490),
        ("partner.test", "hss-other", -5001),
        (OTHER_REALM, "hss-other", -5001),
    ] {
        assert_eq!(result(&lab.ask_for(realm, node, named(1)).await.unwrap()), expected, "{realm} at {node}");
    }
    // A node that serves somebody, and one that does not, refuse alike.
    for (n, realm, node, expected) in [
        (1, REALM, "mme-other", -5490),
        (2, REALM, "mme-other", -5490),
        (1, OTHER_REALM, "mme-other", 2001),
        (3, OTHER_REALM, "mme-1", -5490),
        (3, "partner.test", "mme-1", -5490),
        (3, REALM, "mme-1", 2001),
        (4, REALM, "mme-1", -5001),
    ] {
        let answer = lab.ask_for(realm, node, plr(n)).await.unwrap();
        assert_eq!(result(&answer), expected, "{n}, {realm} at {node}");
        assert_eq!(answer.find(&avp::LOCATION_ESTIMATE).is_some(), expected == 2001);
    }
    assert_eq!(lab.network.counted().plr_refused, 5);
}
