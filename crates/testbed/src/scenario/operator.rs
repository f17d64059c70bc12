//! Operators: each has its own realm, home subscriber server, MMEs and gateway, and is home of its own subscribers.

use super::{HssSpec, MmeSpec, Scenario};
use serde::Deserialize;
use std::net::IpAddr;

/// An operator beside the one of `[network]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorSpec {
    /// Name by which subscribers, clients and outputs speak of it.
    pub name: String,
    /// Diameter realm of its network.
    pub realm: String,
    /// Diameter identities of gateways that may connect; any if empty.
    #[serde(default)]
    pub gateways: Vec<String>,
    /// Its gateway, for whoever starts one beside the network.
    pub gateway: GatewaySpec,
    /// Its home subscriber server.
    pub hss: HssSpec,
    /// Its mobility management entities, at least one.
    #[serde(rename = "mme")]
    pub mmes: Vec<MmeSpec>,
}

/// What an operator's gateway is to others; `demo` starts one so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewaySpec {
    /// Its E.164 number. Default +99912340000.
    pub number: String,
    /// E.164 code of its country. Default 999.
    pub country_code: u16,
    /// The operator's networks as MCC and MNC. Default 00101.
    pub plmns: Vec<String>,
    /// Beginnings of its subscribers' numbers, by which other gateways know it as their home. Default none.
    pub number_prefixes: Vec<String>,
    /// Address by which home registers tell it: home gateway of the operator's subscribers, and visited gateway of its MMEs (TS 29.173
    /// clause 6.4.7). Default none: they tell no gateway.
    pub address: Option<IpAddr>,
    /// Address of the privacy profile register that the home register tells (TS 29.173 clause 6.4.9). Default none.
    pub ppr: Option<IpAddr>,
    /// Country codes with which it agreed that emergency services override privacy. Default none.
    pub emergency_agreements: Vec<u16>,
    /// The same of lawful interception. Default none: the override of such clients does not count.
    pub lawful_agreements: Option<Vec<u16>>,
}

impl Default for GatewaySpec {
    fn default() -> Self {
        Self {
            number: "+99912340000".to_owned(),
            country_code: 999,
            plmns: vec!["00101".to_owned()],
            number_prefixes: Vec::new(),
            address: None,
            ppr: None,
            emergency_agreements: Vec::new(),
            lawful_agreements: None,
        }
    }
}

/// An operator of a scenario, that of `[network]` included.
#[derive(Debug, Clone, Copy)]
pub struct Operator<'s> {
    /// Its name.
    pub name: &'s str,
    /// Diameter realm of its network.
    pub realm: &'s str,
    /// Diameter identities of gateways that may connect; any if empty.
    pub gateways: &'s [String],
    /// Its gateway.
    pub gateway: &'s GatewaySpec,
    /// Its home subscriber server.
    pub hss: &'s HssSpec,
    /// Its mobility management entities.
    pub mmes: &'s [MmeSpec],
    /// Whether there are others.
    one_of_several: bool,
}

impl Operator<'_> {
    /// Realms whose gateways a node of this operator serves; every one if empty.
    #[must_use]
    pub fn authorised(&self, written: Option<&Vec<String>>) -> Vec<String> {
        match written {
            Some(realms) => realms.clone(),
            None if self.one_of_several => vec![self.realm.to_owned()],
            None => Vec::new(),
        }
    }
}

impl Scenario {
    /// All operators, that of `[network]` first.
    pub fn operators(&self) -> impl Iterator<Item = Operator<'_>> {
        let one_of_several = !self.operators.is_empty();
        let network = &self.network;
        let first = Operator {
            name: &network.operator,
            realm: &network.realm,
            gateways: &network.gateways,
            gateway: &network.gateway,
            hss: &self.hss,
            mmes: &self.mmes,
            one_of_several,
        };
        let further = self.operators.iter().map(move |of| Operator {
            name: &of.name,
            realm: &of.realm,
            gateways: &of.gateways,
            gateway: &of.gateway,
            hss: &of.hss,
            mmes: &of.mmes,
            one_of_several,
        });
        std::iter::once(first).chain(further)
    }

    /// The operator that something names, or that of `[network]` if it names none.
    #[must_use]
    pub fn operator(&self, named: Option<&str>) -> Option<Operator<'_>> {
        self.operators().find(|operator| named.is_none_or(|name| operator.name == name))
    }
}
