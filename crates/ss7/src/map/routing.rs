//! Where a subscriber is served (TS 29.002 clauses 13A.1 and 17.7.13).

use super::{
    ber::{Element, OCTET_STRING, Place, SEQUENCE, message, put, sequence},
    value::{DiameterIdentity, Lmsi, SubscriberIdentity},
};
use bcder::{
    Tag,
    decode::{Content, DecodeError as BerError, Source},
};
use lcs::{Address, Identities, LcsCapabilitySets, NodeKind, RoutingInfo, ServingNode};
use std::net::IpAddr;

/// Additional-Number: a second node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdditionalNumber {
    /// An MSC server.
    Msc(Address),
    /// An SGSN.
    Sgsn(Address),
}

impl Element for AdditionalNumber {
    // A CHOICE has no tag; it stands only where the notation gives one.
    const NATURAL: u32 = SEQUENCE;
    const CONSTRUCTED: bool = true;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        content.as_constructed()?.take_value(|tag, content| {
            if tag == Tag::CTX_0 {
                Address::read(content, place).map(Self::Msc)
            } else if tag == Tag::CTX_1 {
                Address::read(content, place).map(Self::Sgsn)
            } else {
                Err(content.content_err("no alternative of the choice"))
            }
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Msc(number) => put(out, 0, number),
            Self::Sgsn(number) => put(out, 1, number),
        }
    }
}

sequence! {
    /// LCSLocationInfo: one or more nodes that serve.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LcsLocationInfo {
        /// Number of an MSC server, or of an SGSN where `gprs_node_indicator` says so; "0" stands for none.
        req network_node_number: Address = OCTET_STRING;
        /// LMSI.
        opt lmsi: Lmsi = 0;
        /// The first number is of an SGSN.
        flag gprs_node_indicator: bool = 2;
        /// Number of a second node.
        opt additional_number: AdditionalNumber = 3;
        /// Capability sets of the first node.
        opt supported_lcs_capability_sets: LcsCapabilitySets = 4;
        /// Capability sets of the second node.
        opt additional_lcs_capability_sets: LcsCapabilitySets = 5;
        /// Diameter name of an MME.
        opt mme_name: DiameterIdentity = 6;
        /// Diameter name of a 3GPP AAA server.
        opt aaa_server_name: DiameterIdentity = 8;
        /// Diameter name of the SGSN.
        opt sgsn_name: DiameterIdentity = 9;
        /// Diameter realm of the SGSN.
        opt sgsn_realm: DiameterIdentity = 10;
    }
}

sequence! {
    /// RoutingInfoForLCS-Arg.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct RoutingInfoForLcsArg {
        /// Number of the gateway that asks.
        req mlc_number: Address = 0;
        /// Whom it asks about.
        req target_ms: SubscriberIdentity = 1;
    }
}

sequence! {
    /// RoutingInfoForLCS-Res.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RoutingInfoForLcsRes {
        /// The identity that the gateway did not have.
        req target_ms: SubscriberIdentity = 0;
        /// The nodes.
        req lcs_location_info: LcsLocationInfo = 1;
        /// Visited gateway of the first node.
        opt v_gmlc_address: IpAddr = 3;
        /// Home gateway.
        opt h_gmlc_address: IpAddr = 4;
        /// Privacy profile register.
        opt ppr_address: IpAddr = 5;
        /// Visited gateway of the second node.
        opt additional_v_gmlc_address: IpAddr = 6;
    }
}

message! {
    RoutingInfoForLcsArg = "RoutingInfoForLCS-Arg";
    RoutingInfoForLcsRes = "RoutingInfoForLCS-Res";
}

impl LcsLocationInfo {
    /// One node by its number.
    #[must_use]
    pub fn of_number(network_node_number: Address, is_sgsn: bool) -> Self {
        Self {
            network_node_number,
            lmsi: None,
            gprs_node_indicator: is_sgsn,
            additional_number: None,
            supported_lcs_capability_sets: None,
            additional_lcs_capability_sets: None,
            mme_name: None,
            aaa_server_name: None,
            sgsn_name: None,
            sgsn_realm: None,
        }
    }

    /// The nodes told, without visited gateways.
    #[must_use]
    pub fn serving_nodes(&self) -> Vec<ServingNode> {
        self.nodes(None, None)
    }

    /// The nodes told, with the visited gateways of the first and second number: by number first, in order, then the MME and the AAA
    /// server.
    fn nodes(&self, v_gmlc: Option<IpAddr>, additional_v_gmlc: Option<IpAddr>) -> Vec<ServingNode> {
        let mut sgsn_diameter = self.sgsn_diameter();
        let mut by_number = |sgsn: bool, number: Address| {
            let number = Some(number).filter(|number| !is_dummy(*number));
            if sgsn {
                let diameter = sgsn_diameter.take();
                (number.is_some() || diameter.is_some()).then_some(NodeKind::Sgsn { number, diameter })
            } else {
                number.map(|number| NodeKind::Msc { number })
            }
        };
        let first = by_number(self.gprs_node_indicator, self.network_node_number);
        let second = match self.additional_number {
            Some(AdditionalNumber::Sgsn(number)) => by_number(true, number),
            Some(AdditionalNumber::Msc(number)) => by_number(false, number),
            None => None,
        };
        let diameter_alone = sgsn_diameter.map(|told| NodeKind::Sgsn { number: None, diameter: Some(told) });
        let mme = self
            .mme_name
            .as_ref()
            .map(|name| NodeKind::Mme { name: name.as_str().to_owned(), realm: name.realm().to_owned() });
        let aaa = self.aaa_server_name.as_ref().map(|name| NodeKind::Aaa { name: name.as_str().to_owned() });
        let node =
            |kind: Option<NodeKind>, capabilities, v_gmlc| kind.map(|kind| ServingNode { kind, capabilities, v_gmlc });
        let nodes = [
            node(first, self.supported_lcs_capability_sets, v_gmlc),
            node(second, self.additional_lcs_capability_sets, additional_v_gmlc),
            node(diameter_alone, None, None),
            node(mme, None, v_gmlc),
            node(aaa, None, None),
        ];
        nodes.into_iter().flatten().collect()
    }

    fn sgsn_diameter(&self) -> Option<(String, String)> {
        let name = self.sgsn_name.as_ref()?;
        let realm = self.sgsn_realm.as_ref().map_or_else(|| name.realm(), DiameterIdentity::as_str);
        Some((name.as_str().to_owned(), realm.to_owned()))
    }

    /// The nodes, as a home register tells them; `None` if one cannot be said: a third node with a number, or a name that is no
    /// Diameter identity.
    fn of(nodes: &[ServingNode]) -> Option<Self> {
        let mut numbers = nodes.iter().filter_map(|node| node.number().map(|number| (node, number)));
        let (first, second) = (numbers.next(), numbers.next());
        if numbers.next().is_some() {
            return None;
        }
        let is_sgsn = |node: &ServingNode| matches!(node.kind, NodeKind::Sgsn { .. });
        let mut info = match first {
            Some((node, number)) => {
                Self { supported_lcs_capability_sets: node.capabilities, ..Self::of_number(number, is_sgsn(node)) }
            }
            None => Self::of_number(dummy()?, false),
        };
        if let Some((node, number)) = second {
            info.additional_number = Some(match is_sgsn(node) {
                true => AdditionalNumber::Sgsn(number),
                false => AdditionalNumber::Msc(number),
            });
            info.additional_lcs_capability_sets = node.capabilities;
        }
        for node in nodes {
            match &node.kind {
                NodeKind::Mme { name, .. } => info.mme_name = Some(DiameterIdentity::new(name)?),
                NodeKind::Aaa { name } => info.aaa_server_name = Some(DiameterIdentity::new(name)?),
                NodeKind::Sgsn { diameter: Some((name, realm)), .. } => {
                    info.sgsn_name = Some(DiameterIdentity::new(name)?);
                    info.sgsn_realm = Some(DiameterIdentity::new(realm)?);
                }
                NodeKind::Sgsn { .. } | NodeKind::Msc { .. } => {}
            }
        }
        Some(info)
    }
}

impl RoutingInfoForLcsRes {
    /// Where the subscriber is served; `None` if no node is told, which breaks the protocol. Identities are completed by what was
    /// asked with. The realm of an MME is taken from its name. That an MSISDN is fifteen zeroes says that there is none.
    #[must_use]
    pub fn routing_info(&self, asked: Identities) -> Option<RoutingInfo> {
        let nodes = self.lcs_location_info.nodes(self.v_gmlc_address, self.additional_v_gmlc_address);
        let mut told = self.target_ms.identities();
        told.msisdn = told.msisdn.filter(|msisdn| !msisdn.is_dummy());
        (!nodes.is_empty()).then_some(RoutingInfo {
            identities: told.or(asked),
            nodes: nodes.into(),
            h_gmlc: self.h_gmlc_address,
            ppr: self.ppr_address,
            optimised_lcs: false,
        })
    }

    /// The answer of a home register to a gateway that asked with `asked`: the other identity, or the same one where the subscriber
    /// has no other. `None` if the routing cannot be said in MAP.
    #[must_use]
    pub fn of(routing: &RoutingInfo, asked: SubscriberIdentity) -> Option<Self> {
        let Identities { imsi, msisdn, .. } = routing.identities;
        let other = match asked {
            SubscriberIdentity::Imsi(_) => msisdn.map(SubscriberIdentity::Msisdn),
            SubscriberIdentity::Msisdn(_) => imsi.map(SubscriberIdentity::Imsi),
        };
        let mut v_gmlcs = routing.nodes.iter().filter(|node| node.number().is_some()).map(|node| node.v_gmlc);
        let by_name = routing.nodes.iter().find_map(|node| node.v_gmlc);
        Some(Self {
            target_ms: other.unwrap_or(asked),
            lcs_location_info: LcsLocationInfo::of(&routing.nodes)?,
            v_gmlc_address: v_gmlcs.next().unwrap_or(by_name),
            h_gmlc_address: routing.h_gmlc,
            ppr_address: routing.ppr,
            additional_v_gmlc_address: v_gmlcs.next().flatten(),
        })
    }
}

/// The number that stands where no node has one.
fn dummy() -> Option<Address> {
    Address::international("0").ok()
}

fn is_dummy(number: Address) -> bool {
    number.digits.values().all(|digit| digit == 0)
}
