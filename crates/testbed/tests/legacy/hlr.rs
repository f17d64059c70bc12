//! The home register on the wire: routing information (TS 29.002 clause 13A.1), and what it tells the HSS's side (TS 29.173).

use super::lab::{GMLC, HEAD, HLR, Lab, imsi, msc, msc_number, msisdn, number, sgsn, sgsn_number, subscriber};
use lcs::{LcsCapabilitySets, NodeKind, ServingNode};
use ss7::map::{
    AbsentSubscriberReason, MapError, Operation, RoutingInfoForLcsArg, RoutingInfoForLcsRes, SubscriberIdentity,
};
use transport::sigtran::{InvokeOutcome, Ssn};

fn scenario() -> String {
    let head = HEAD
        .replace("[ss7.hlr]", "[ss7.hlr]\nunauthorised = ['+99912349999']\nh_gmlc = '192.0.2.10'\nppr = '2001:db8::1'");
    [
        head,
        msc(1, ""),
        msc(2, "capability_set = 2\nv_gmlc = '192.0.2.20'"),
        sgsn(1, "capability_set = 4\nv_gmlc = '192.0.2.30'\nhost = 'sgsn1.epc.mnc001.mcc001.3gppnetwork.org'"),
        sgsn(2, ""),
        subscriber(1, "msc = 'msc-1'"),
        subscriber(2, "msc = 'msc-2'\nsgsn = 'sgsn-1'"),
        subscriber(3, "msc = 'msc-2'\nsgsn = 'sgsn-2'\nmme = 'mme-1'\nfirst_node = 'sgsn'"),
        subscriber(4, ""),
        subscriber(5, "msc = 'msc-1'\nstate = 'absent'"),
        subscriber(6, "msc = 'msc-1'\nstate = 'unknown_to_hss'"),
        subscriber(7, "msc = 'msc-1'\nstate = 'detached'"),
    ]
    .concat()
}

async fn ask(lab: &Lab, target_ms: SubscriberIdentity, gmlc: &str) -> Result<RoutingInfoForLcsRes, MapError> {
    let argument = RoutingInfoForLcsArg { mlc_number: number(gmlc), target_ms };
    let asked = lab.invoke(number(HLR), Ssn::HLR, Operation::SendRoutingInfoForLcs, argument.encode()).await;
    match asked.unwrap() {
        InvokeOutcome::Result(result) => Ok(RoutingInfoForLcsRes::decode(&result).unwrap()),
        InvokeOutcome::Error { code, parameter } => Err(MapError::decode(code, &parameter).unwrap()),
        other => panic!("{other:?}"),
    }
}

async fn nodes(lab: &Lab, n: u8) -> Vec<ServingNode> {
    let asked = SubscriberIdentity::Msisdn(msisdn(n));
    let told = ask(lab, asked, GMLC).await.unwrap();
    assert_eq!(told.target_ms, SubscriberIdentity::Imsi(imsi(n)));
    let routing = told.routing_info(asked.identities()).unwrap();
    assert_eq!(routing.h_gmlc, Some("192.0.2.10".parse().unwrap()));
    assert_eq!(routing.ppr, Some("2001:db8::1".parse().unwrap()));
    routing.nodes.to_vec()
}

#[tokio::test]
async fn nodes_and_capability_sets_are_those_that_the_nodes_told() {
    let lab = Lab::start(&scenario()).await;
    let mme = ServingNode {
        kind: NodeKind::Mme {
            name: "mme1.epc.mnc001.mcc001.3gppnetwork.org".to_owned(),
            realm: "epc.mnc001.mcc001.3gppnetwork.org".to_owned(),
        },
        capabilities: None,
        v_gmlc: None,
    };
    let old_msc = ServingNode { kind: NodeKind::Msc { number: msc_number(1) }, capabilities: None, v_gmlc: None };
    let msc = ServingNode {
        kind: NodeKind::Msc { number: msc_number(2) },
        capabilities: Some(LcsCapabilitySets(0b11)),
        v_gmlc: Some("192.0.2.20".parse().unwrap()),
    };
    let diameter = ("sgsn1.epc.mnc001.mcc001.3gppnetwork.org", "epc.mnc001.mcc001.3gppnetwork.org");
    let sgsn = ServingNode {
        kind: NodeKind::Sgsn {
            number: Some(sgsn_number(1)),
            diameter: Some((diameter.0.to_owned(), diameter.1.to_owned())),
        },
        capabilities: Some(LcsCapabilitySets(0b1110)),
        v_gmlc: Some("192.0.2.30".parse().unwrap()),
    };
    let mute_sgsn = ServingNode {
        kind: NodeKind::Sgsn { number: Some(sgsn_number(2)), diameter: None },
        capabilities: None,
        v_gmlc: None,
    };
    assert_eq!(nodes(&lab, 1).await, [old_msc]);
    assert_eq!(nodes(&lab, 2).await, [msc.clone(), sgsn]);
    // MAP tells nodes with a number first.
    assert_eq!(nodes(&lab, 3).await, [mute_sgsn, msc, mme.clone()]);
    assert_eq!(nodes(&lab, 4).await, [mme]);
    assert_eq!(nodes(&lab, 7).await.len(), 1);
    assert_eq!((lab.network.counted().sri, lab.network.counted().location_updates), (5, 8));
}

#[tokio::test]
async fn whichever_identity_is_missing_comes_back() {
    let lab = Lab::start(&scenario()).await;
    let by_imsi = ask(&lab, SubscriberIdentity::Imsi(imsi(1)), GMLC).await.unwrap();
    assert_eq!(by_imsi.target_ms, SubscriberIdentity::Msisdn(msisdn(1)));
    assert!(!by_imsi.lcs_location_info.gprs_node_indicator);
    let first_sgsn = ask(&lab, SubscriberIdentity::Imsi(imsi(3)), GMLC).await.unwrap();
    assert!(first_sgsn.lcs_location_info.gprs_node_indicator);
}

#[tokio::test]
async fn errors_are_told() {
    let lab = Lab::start(&scenario()).await;
    let by = |n| SubscriberIdentity::Msisdn(msisdn(n));
    let absent = MapError::AbsentSubscriber(Some(AbsentSubscriberReason::PurgedMs));
    assert_eq!(ask(&lab, by(99), GMLC).await, Err(MapError::UnknownSubscriber(None)));
    assert_eq!(ask(&lab, by(6), GMLC).await, Err(MapError::UnknownSubscriber(None)));
    assert_eq!(ask(&lab, by(5), GMLC).await, Err(absent));
    assert_eq!(ask(&lab, by(1), "99912349999").await, Err(MapError::UnauthorizedRequestingNetwork));
    assert_eq!(lab.network.counted().sri_refused, 4);
    let rejected = lab.invoke(number(HLR), Ssn::HLR, Operation::SendRoutingInfoForLcs, vec![0x30, 0x00]).await.unwrap();
    assert!(matches!(rejected, InvokeOutcome::Rejected(_)), "{rejected:?}");
}
