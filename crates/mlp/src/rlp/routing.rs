//! Where a target is served and by whom it is kept: `net_param`, and the serving nodes in the extension (TS 23.271 clause
//! 5.6.1: addresses of H-GMLC, V-GMLC and PPR, numbers and capability sets of serving nodes).

use super::names::stray;
use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    header::plain,
    quality::whole,
    result::ResultId,
    targets::set,
    write,
};
use lcs::{Address, Imsi, LcsCapabilitySets, NodeKind, RoutingInfo, ServingNode};
use std::borrow::Cow;
use std::net::IpAddr;

/// Address of a gateway or register.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ServerAddress {
    /// An IP address.
    Ip(IpAddr),
    /// A host name, with a port or without.
    Host(String),
}

impl ServerAddress {
    /// Reads an IP address or a host name, `None` for neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(ip) = text.parse() {
            return Some(Self::Ip(ip));
        }
        let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
        let label = |l: &str| {
            (1..=63).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        let port = port.is_none_or(|p| p.bytes().all(|b| b.is_ascii_digit()) && p.parse::<u16>().is_ok_and(|n| n > 0));
        (text.len() <= 255 && host.split('.').all(label) && port).then(|| Self::Host(text.to_owned()))
    }
}

impl core::fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Host(host) => f.write_str(host),
        }
    }
}

/// What one gateway tells another of where a target is served.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routing {
    /// Home gateway.
    pub h_gmlc: Option<ServerAddress>,
    /// Visited gateway.
    pub v_gmlc: Option<ServerAddress>,
    /// Privacy profile register.
    pub ppr: Option<ServerAddress>,
    /// Serving nodes, the preferred one first.
    pub nodes: Vec<ServingNode>,
    /// A combined MME and SGSN supports the optimised procedure (TS 23.271 clause 5.7).
    pub optimised_lcs: bool,
}

impl Routing {
    /// What the HSS told (step 4 and step 8 of TS 23.271 clause 9.1.1). The visited gateway is that of the preferred node.
    #[must_use]
    pub fn of(info: &RoutingInfo) -> Self {
        Self {
            h_gmlc: info.h_gmlc.map(ServerAddress::Ip),
            v_gmlc: info.nodes.first().and_then(|node| node.v_gmlc).map(ServerAddress::Ip),
            ppr: info.ppr.map(ServerAddress::Ip),
            nodes: info.nodes.to_vec(),
            optimised_lcs: info.optimised_lcs,
        }
    }
}

/// `net_param` as read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct NetParam {
    pub(super) h_gmlc: Option<ServerAddress>,
    pub(super) v_gmlc: Option<ServerAddress>,
    pub(super) ppr: Option<ServerAddress>,
    /// MSC of `neid`; its capabilities are not told there.
    pub(super) msc: Option<Address>,
    pub(super) imsi: Option<Imsi>,
}

impl NetParam {
    /// Reads `net_param` after its start tag. The parameters of the radio networks are hints that this gateway does not need.
    pub(super) fn parse(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Self, Fault> {
        tag.attributes("net_param", [])?;
        let mut read = Self::default();
        let (mut neid_seen, mut radio_seen) = (None, None);
        while let Some(tag) = cursor.child("net_param")? {
            match tag.name() {
                "h_ls" => set(&mut read.h_gmlc, address(cursor, &tag, "h_ls")?, "h_ls")?,
                "v_ls" => set(&mut read.v_gmlc, address(cursor, &tag, "v_ls")?, "v_ls")?,
                "pce" => set(&mut read.ppr, address(cursor, &tag, "pce")?, "pce")?,
                "imsi" => {
                    let imsi = Imsi::parse(&plain(cursor, &tag, "imsi")?);
                    set(&mut read.imsi, imsi.map_err(|_| Fault::format("imsi", "6 to 15 digits"))?, "imsi")?;
                }
                "neid" => {
                    tag.attributes("neid", [])?;
                    set(&mut neid_seen, (), "neid")?;
                    read.msc = neid(cursor)?;
                }
                "gsm_net_param" | "wcdma_net_param" | "cdma_net_param" => {
                    set(&mut radio_seen, (), "net_param")?;
                    cursor.skip()?;
                }
                _ => stray(cursor, &tag, "not an element of net_param")?,
            }
        }
        Ok(read)
    }
}

/// Appends `net_param`, its elements in the order of the DTD; nothing if it would be empty.
pub(super) fn write_net_param(out: &mut String, routing: &Routing, imsi: Option<Imsi>) {
    let msc = routing.nodes.iter().find_map(|node| match node.kind {
        NodeKind::Msc { number } => Some(number),
        NodeKind::Mme { .. } | NodeKind::Sgsn { .. } | NodeKind::Aaa { .. } => None,
    });
    let start = out.len();
    write::open(out, "net_param");
    let empty = out.len();
    for (name, server) in [("h_ls", &routing.h_gmlc), ("v_ls", &routing.v_gmlc), ("pce", &routing.ppr)] {
        if let Some(server) = server {
            write::element(out, name, &server.to_string());
        }
    }
    if let Some(number) = msc {
        out.push_str("<neid><vmscid>");
        write::element(out, "vmscno", &number_text(number));
        out.push_str("</vmscid></neid>");
    }
    if let Some(imsi) = imsi {
        write::open(out, "imsi");
        imsi.expose_digits().values().for_each(|value| out.push(char::from(b'0' + value)));
        write::close(out, "imsi");
    }
    if out.len() == empty { out.truncate(start) } else { write::close(out, "net_param") }
}

fn address(cursor: &mut Cursor<'_>, tag: &Tag<'_>, element: &'static str) -> Result<ServerAddress, Fault> {
    ServerAddress::parse(&plain(cursor, tag, element)?)
        .ok_or_else(|| Fault::format(element, "an IP address or a host name, a port after a colon"))
}

/// `neid` (OMA MLP section 5.2.2.7): the number of an MSC, in one piece or with country and national codes apart. That of a
/// VLR is not used: positioning asks the MSC.
fn neid(cursor: &mut Cursor<'_>) -> Result<Option<Address>, Fault> {
    let mut msc = None;
    while let Some(tag) = cursor.child("neid")? {
        match tag.name() {
            "vmscid" => {
                let (mut country, mut national, mut number) = (None, None, None);
                while let Some(tag) = cursor.child("vmscid")? {
                    match tag.name() {
                        "cc" => set(&mut country, plain(cursor, &tag, "cc")?, "cc")?,
                        "ndc" => set(&mut national, plain(cursor, &tag, "ndc")?, "ndc")?,
                        "vmscno" => set(&mut number, plain(cursor, &tag, "vmscno")?, "vmscno")?,
                        _ => stray(cursor, &tag, "not an element of vmscid")?,
                    }
                }
                let number = number.ok_or_else(|| Fault::syntax("vmscid", "vmscno is needed"))?;
                let whole = format!("{}{}{number}", country.unwrap_or_default(), national.unwrap_or_default());
                let number = Address::international(&whole).map_err(|_| Fault::format("vmscid", "up to 15 digits"))?;
                set(&mut msc, number, "vmscid")?;
            }
            "vlrid" => cursor.skip()?,
            _ => stray(cursor, &tag, "not an element of neid")?,
        }
    }
    Ok(msc)
}

fn number_text(number: Address) -> String {
    number.digits.values().map(|value| char::from(b'0' + value)).collect()
}

const NODE: &str = "serving_node";

/// Appends `serving_node` of the extension.
pub(super) fn write_node(out: &mut String, node: &ServingNode) {
    let (kind, name, realm, number) = match &node.kind {
        NodeKind::Mme { name, realm } => ("MME", Some(name), Some(realm), None),
        NodeKind::Sgsn { number, diameter } => {
            let (name, realm) = diameter.as_ref().map(|(name, realm)| (name, realm)).unzip();
            ("SGSN", name, realm, *number)
        }
        NodeKind::Msc { number } => ("MSC", None, None, Some(*number)),
        NodeKind::Aaa { name } => ("AAA", Some(name), None, None),
    };
    let number = number.map(number_text);
    let capabilities = node.capabilities.map(|sets| sets.0.to_string());
    let v_gmlc = node.v_gmlc.map(|ip| ip.to_string());
    let told = [
        ("name", name.map(String::as_str)),
        ("realm", realm.map(String::as_str)),
        ("number", number.as_deref()),
        ("capability_sets", capabilities.as_deref()),
        ("v_gmlc", v_gmlc.as_deref()),
    ];
    let told = told.into_iter().filter_map(|(attribute, value)| Some((attribute, value?)));
    write::empty(out, NODE, &core::iter::once(("type", kind)).chain(told).collect::<Vec<_>>());
}

/// Reads the attributes of `serving_node`.
pub(super) fn read_node(tag: &Tag<'_>) -> Result<ServingNode, Fault> {
    let names = ["type", "name", "realm", "number", "capability_sets", "v_gmlc"];
    let [kind, name, realm, number, capabilities, v_gmlc] = tag.attributes(NODE, names)?;
    let wrong =
        |attribute, rule| Fault::attribute(ResultId::INVALID_PROTOCOL_ELEMENT_ATTRIBUTE_VALUE, NODE, attribute, rule);
    let identity = |value: Option<Cow<'_, str>>, attribute| match value {
        None => Ok(None),
        Some(text) if (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(Some(text.into_owned()))
        }
        Some(_) => Err(wrong(attribute, "a Diameter identity")),
    };
    let (name, realm) = (identity(name, "name")?, identity(realm, "realm")?);
    let number = number.map(|text| Address::international(&text)).transpose();
    let number = number.map_err(|_| wrong("number", "an international E.164 number"))?;
    let kind = match (kind.as_deref(), name, realm, number) {
        (Some("MME"), Some(name), Some(realm), None) => NodeKind::Mme { name, realm },
        (Some("SGSN"), None, None, Some(number)) => NodeKind::Sgsn { number: Some(number), diameter: None },
        (Some("SGSN"), Some(name), Some(realm), number) => NodeKind::Sgsn { number, diameter: Some((name, realm)) },
        (Some("MSC"), None, None, Some(number)) => NodeKind::Msc { number },
        (Some("AAA"), Some(name), None, None) => NodeKind::Aaa { name },
        (Some("MME" | "SGSN" | "MSC" | "AAA"), ..) => {
            return Err(Fault::syntax(NODE, "its addresses do not fit its type"));
        }
        _ => return Err(wrong("type", "MME, SGSN, MSC or AAA")),
    };
    let capabilities = capabilities.map(|bits| whole(&bits, NODE).map(LcsCapabilitySets)).transpose()?;
    let v_gmlc = v_gmlc.map(|text| text.parse()).transpose().map_err(|_| wrong("v_gmlc", "an IP address"))?;
    Ok(ServingNode { kind, capabilities, v_gmlc })
}
