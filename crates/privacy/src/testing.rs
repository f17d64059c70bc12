//! What the tests of this crate share: one subscriber, one client, one gateway.

use crate::{
    ClassRules, CompiledProfile, HomeNetwork, ListedClient, OperatorFloor, Policy, Ppr, Profile, Provisioned,
    PseudoExternalTable, Register, Rules, SubjectSalt, Subscriber,
};
use lcs::{
    Address, ApnNi, ClientName, Digits, FormatIndicator, Identities, Imsi, LcsClientId, LcsClientType, LocationRequest,
    LocationType, Msisdn, NodeKind, PlmnClient, Priority, PrivacySetting, Qos, RoutingInfo, ServingNode, Target,
    Timestamp, gad::ShapeSet,
};
use std::sync::Arc;

pub(crate) const N: PrivacySetting = PrivacySetting::AllowedWithoutNotification;
pub(crate) const NT: PrivacySetting = PrivacySetting::AllowedWithNotification;
pub(crate) const VA: PrivacySetting = PrivacySetting::AllowedIfNoResponse;
pub(crate) const VR: PrivacySetting = PrivacySetting::RestrictedIfNoResponse;
pub(crate) const X: PrivacySetting = PrivacySetting::NotAllowed;

pub(crate) const REALM: &str = "epc.mnc001.mcc262.3gppnetwork.org";
/// Wednesday, 2026-11-25, 10:00 UTC.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_795_600_800);

pub(crate) fn imsi() -> Imsi {
    Imsi::parse("262011234567890").unwrap()
}

pub(crate) fn msisdn() -> Msisdn {
    Msisdn::parse("491700000001").unwrap()
}

pub(crate) fn by_msisdn() -> Identities {
    Identities { msisdn: Some(msisdn()), ..Identities::default() }
}

pub(crate) fn both() -> Identities {
    Identities { imsi: Some(imsi()), msisdn: Some(msisdn()), imei: None }
}

pub(crate) fn subscriber() -> Subscriber {
    Subscriber { imsi: Some(imsi()), msisdn: Some(msisdn()), salt: SubjectSalt::from_octets([7; 16]) }
}

pub(crate) fn address(text: &str) -> Address {
    Address::international(text).unwrap()
}

/// The gateway: at home, +49.
pub(crate) fn gmlc() -> Address {
    address("+49170999")
}

/// The client's number.
pub(crate) fn client() -> Address {
    address("+4930123456")
}

pub(crate) fn home() -> HomeNetwork {
    HomeNetwork {
        country_codes: vec![Digits::parse("49").unwrap()],
        realms: vec![REALM.to_owned()],
        node_numbers: vec![Digits::parse("49170").unwrap()],
    }
}

/// The numbers of the pseudo-external identities: +49 900 0000 01 to 14.
pub(crate) fn pseudo_external(provisioned: Provisioned) -> PseudoExternalTable {
    let numbers = core::array::from_fn(|at| address(&format!("+4990000000{:02}", at + 1)));
    PseudoExternalTable::new(numbers, provisioned).unwrap()
}

pub(crate) fn policy() -> Policy {
    Policy::new(home())
}

/// A request of a value added client, without call or session.
pub(crate) fn request() -> LocationRequest {
    LocationRequest {
        account: Arc::from("fleet"),
        client: LcsClientId {
            client_type: LcsClientType::ValueAdded,
            external: Some(client()),
            internal: None,
            dialled: None,
            apn: None,
            name: Some(ClientName::new("Fleet", FormatIndicator::LogicalName).unwrap()),
            requestor: None,
            call_session_related: false,
        },
        target: Target::Msisdn(msisdn()),
        service_type: None,
        codeword: None,
        location_type: LocationType::Current,
        max_age_s: None,
        qos: Qos::BEST_EFFORT,
        velocity: false,
        priority: Priority::Normal,
        service_coverage: Vec::new(),
        shapes: ShapeSet::ALL,
        least_privacy: lcs::LeastPrivacy::NONE,
    }
}

pub(crate) fn apn_request() -> LocationRequest {
    let mut request = request();
    request.client.apn = Some(ApnNi::new("fleet.example").unwrap());
    request
}

pub(crate) fn dialled_request() -> LocationRequest {
    let mut request = request();
    request.client.dialled = Some(address("+4930123456"));
    request
}

pub(crate) fn request_of(client_type: LcsClientType) -> LocationRequest {
    let mut request = request();
    if client_type != LcsClientType::ValueAdded {
        request.client = LcsClientId {
            client_type,
            external: None,
            internal: (client_type == LcsClientType::PlmnOperator).then_some(PlmnClient::AnonymousLocation),
            name: None,
            ..request.client
        };
    }
    request
}

/// Rules whose classes give these settings to the client, by entries of their own.
pub(crate) fn listed(related: Option<PrivacySetting>, unrelated: Option<PrivacySetting>) -> Rules {
    let entry = |setting| ListedClient { setting, ..ListedClient::new(client()) };
    Rules {
        related: related.map(|r| ClassRules { not_listed: X, clients: vec![entry(r)] }),
        unrelated: unrelated.map(|u| ClassRules::unrelated(vec![entry(u)])),
        ..Rules::default()
    }
}

pub(crate) fn compiled(rules: Rules) -> CompiledProfile {
    Profile { rules, ..Profile::default() }.compile().unwrap()
}

pub(crate) fn ppr(rules: Rules) -> Ppr {
    ppr_under(rules, policy())
}

pub(crate) fn ppr_under(rules: Rules, policy: Policy) -> Ppr {
    let register = Register::new();
    register.put(&subscriber(), &compiled(rules)).unwrap();
    Ppr::new(Arc::new(register), policy)
}

pub(crate) fn floor_for_all(setting: PrivacySetting) -> OperatorFloor {
    LcsClientType::ALL.into_iter().fold(OperatorFloor::none(), |floor, t| floor.for_client_type(t, setting))
}

pub(crate) fn mme() -> ServingNode {
    let kind = NodeKind::Mme { name: format!("mme1.{REALM}"), realm: REALM.to_owned() };
    ServingNode { kind, capabilities: None, v_gmlc: None }
}

pub(crate) fn route() -> RoutingInfo {
    RoutingInfo { identities: both(), nodes: [mme()].into(), h_gmlc: None, ppr: None, optimised_lcs: false }
}
