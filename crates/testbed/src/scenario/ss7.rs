//! The legacy half of a network: home location register, MSCs and SGSNs, reached by MAP over M3UA.

use super::{ScenarioError, check::value};
use crate::fault::FaultRule;
use lcs::{
    Address, PlmnClient, PlmnId, PrivacySetting, ServiceType,
    slpp::{
        ExternalClientEntry, GmlcRestrictionCode, LcsInformation, MoLrClass, MoLrCode, NotificationToUser,
        PrivacyClass, PrivacyClassCode, ServiceTypeEntry, SsStatus,
    },
};
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};

/// Everything that speaks SS7.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ss7Spec {
    /// Network indicator: 0 international, 2 national (default), 3 national spare (ITU-T Q.704 clause 14.2.1).
    #[serde(default = "national")]
    pub network_indicator: u8,
    /// Country code of the network: gateways whose number begins with it are of the home country (TS 23.271 clause 9.5.1).
    pub country_code: String,
    /// The operator's fourteen pseudo-external identities (TS 23.271 Annex C), for a gateway that is started beside the network. A
    /// tour asks such a gateway what the home register must hold, and writes it there for subscribers without `lcs_information`.
    #[serde(default)]
    pub pseudo_external: Vec<String>,
    /// Gateways that nodes know the way to; anybody else gets no answer.
    #[serde(rename = "gateway", default)]
    pub gateways: Vec<Ss7Gateway>,
    /// The home location register.
    pub hlr: HlrSpec,
    /// Mobile switching centres, each with its visitor location register.
    #[serde(rename = "msc", default)]
    pub mscs: Vec<LegacyNodeSpec>,
    /// Serving GPRS support nodes.
    #[serde(rename = "sgsn", default)]
    pub sgsns: Vec<LegacyNodeSpec>,
}

fn national() -> u8 {
    2
}

/// A gateway as the signalling network knows it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ss7Gateway {
    /// Point code, 0-16383.
    pub point_code: u32,
    /// E.164 number, its global title.
    pub number: String,
}

/// The home location register.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HlrSpec {
    /// Name by which faults and outputs speak of the node.
    #[serde(default = "hlr_name")]
    pub name: String,
    /// E.164 number, its global title.
    pub number: String,
    /// Point code, 0-16383.
    pub point_code: u32,
    /// Where it listens for M3UA over TCP.
    pub listen: SocketAddr,
    /// Numbers of gateways whose requests are answered 52, unauthorizedRequestingNetwork.
    #[serde(default)]
    pub unauthorised: Vec<String>,
    /// Address of the home gateway that it tells (TS 29.002 clause 13A.2, h-gmlc-Address).
    pub h_gmlc: Option<IpAddr>,
    /// Address of the privacy profile register that it tells.
    pub ppr: Option<IpAddr>,
    /// What the operator provisioned for subscribers without data of their own.
    #[serde(default)]
    pub lcs_information: Option<LcsInformationSpec>,
    /// Faults that hold from the start.
    #[serde(default)]
    pub faults: Vec<FaultRule>,
}

fn hlr_name() -> String {
    "hlr".to_owned()
}

/// An MSC or SGSN.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegacyNodeSpec {
    /// Name by which subscribers, faults and outputs speak of the node.
    pub name: String,
    /// E.164 number, its global title.
    pub number: String,
    /// Point code, 0-16383.
    pub point_code: u32,
    /// Where it listens for M3UA over TCP.
    pub listen: SocketAddr,
    /// Highest LCS capability set, 1-5 (TS 23.271 clause 10.5.1). Absent: the node tells the home register none. An MSC acts as one
    /// of set 1 then, an SGSN has no LCS.
    pub capability_set: Option<u8>,
    /// Whether it knows "location not allowed" in an entry or class, which came after the extension marker (TS 29.002 clause
    /// 17.7.1, NotificationToMSUser). Default: from set 2 on.
    pub knows_not_allowed: Option<bool>,
    /// Numbers of gateways that may ask; all with a way to them if empty. Others are answered 52.
    #[serde(default)]
    pub authorised: Vec<String>,
    /// Its network as `001-02`; that of the realm of `[network]` if absent.
    pub plmn: Option<String>,
    /// Its visited gateway, which the home register tells.
    pub v_gmlc: Option<IpAddr>,
    /// Diameter identity, if it can also be reached over Lgd; told by the home subscriber server alone, nothing listens there.
    pub host: Option<String>,
    /// Faults that hold from the start.
    #[serde(default)]
    pub faults: Vec<FaultRule>,
}

impl LegacyNodeSpec {
    /// Capability set that the node acts by: what it has, or 1 (TS 29.002 clause 17.7.1, SupportedLCS-CapabilitySets).
    #[must_use]
    pub fn acts_by_set(&self) -> u8 {
        self.capability_set.unwrap_or(1)
    }

    /// Its network, if it has one of its own; `None` in the network of the realm.
    #[must_use]
    pub fn network(&self) -> Option<PlmnId> {
        self.plmn.as_deref().and_then(network)
    }

    /// Whether it knows "location not allowed".
    #[must_use]
    pub fn knows_not_allowed(&self) -> bool {
        self.knows_not_allowed.unwrap_or(self.acts_by_set() >= 2)
    }
}

/// A network as `001-02`.
fn network(text: &str) -> Option<PlmnId> {
    text.split_once('-').and_then(|(country, network)| PlmnId::new(country, network))
}

/// A call of a phone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallSpec {
    /// The number dialled, in international form with or without `+`.
    pub number: String,
    /// Who made it; only calls of the phone's own making meet the criteria of TS 23.271 clause 9.5.3.2.1.
    #[serde(default)]
    pub originated_by: super::Originator,
}

/// What of LCS privacy a home register holds for a subscriber, as scenarios and the control API write it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LcsInformationSpec {
    /// Gateways for entries restricted to them, at most 5.
    pub gmlc_list: Vec<String>,
    /// Privacy classes.
    #[serde(rename = "class")]
    pub classes: Vec<ClassSpec>,
    /// Self location services.
    pub mo_lr: Vec<MoLrWord>,
}

/// One privacy class.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassSpec {
    /// Which one.
    pub class: ClassWord,
    /// What clients get that are not listed. Absent: the default of the class.
    pub not_listed: Option<SettingWord>,
    /// External clients, at most 40.
    #[serde(default)]
    pub clients: Vec<ClientEntrySpec>,
    /// Clients of the operator, 0-4.
    #[serde(default)]
    pub plmn_clients: Vec<u8>,
    /// Service types.
    #[serde(default)]
    pub service_types: Vec<ServiceEntrySpec>,
    /// Whether it is active. Default: yes.
    #[serde(default = "super::yes")]
    pub active: bool,
}

/// An external client of a class.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientEntrySpec {
    /// E.164 number of the client or its group.
    pub number: String,
    /// What it gets. `allowed`, the default, is said by absence on the wire.
    #[serde(default = "allowed")]
    pub setting: SettingWord,
    /// Through which gateways it may ask; any if absent.
    pub through: Option<ThroughWord>,
}

/// A service type of a class.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceEntrySpec {
    /// 0-127.
    pub service_type: u8,
    /// What it gets.
    #[serde(default = "allowed")]
    pub setting: SettingWord,
    /// Through which gateways; any if absent.
    pub through: Option<ThroughWord>,
}

fn allowed() -> SettingWord {
    SettingWord::Allowed
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident -> $means:ty { $($word:ident = $value:expr,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs)] // Named as what they stand for.
        pub enum $name { $($word,)* }

        impl $name {
            /// What the word stands for.
            #[must_use]
            pub fn means(self) -> $means {
                match self { $(Self::$word => $value,)* }
            }
        }
    };
}

words! {
    /// A privacy class.
    ClassWord -> PrivacyClassCode {
        Universal = PrivacyClassCode::Universal,
        Related = PrivacyClassCode::CallSessionRelated,
        Unrelated = PrivacyClassCode::CallSessionUnrelated,
        PlmnOperator = PrivacyClassCode::PlmnOperator,
        ServiceType = PrivacyClassCode::ServiceType,
    }
}
words! {
    /// A privacy setting, in the words of the gateway's profiles.
    SettingWord -> PrivacySetting {
        Allowed = PrivacySetting::AllowedWithoutNotification,
        Notify = PrivacySetting::AllowedWithNotification,
        VerifyAllow = PrivacySetting::AllowedIfNoResponse,
        VerifyRestrict = PrivacySetting::RestrictedIfNoResponse,
        Denied = PrivacySetting::NotAllowed,
    }
}
words! {
    /// A restriction to gateways.
    ThroughWord -> GmlcRestrictionCode {
        GmlcList = GmlcRestrictionCode::GmlcList,
        HomeCountry = GmlcRestrictionCode::HomeCountry,
    }
}
words! {
    /// A self location service.
    MoLrWord -> MoLrCode {
        BasicSelf = MoLrCode::BasicSelfLocation,
        AutonomousSelf = MoLrCode::AutonomousSelfLocation,
        ThirdParty = MoLrCode::TransferToThirdParty,
    }
}

impl LcsInformationSpec {
    /// The data as registers and nodes hold it; what is wrong if it cannot be.
    pub fn data(&self) -> Result<LcsInformation, &'static str> {
        const NUMBER: &str = "lcs_information: a number must be 1-15 digits, with or without +";
        if self.gmlc_list.len() > 5 {
            return Err("lcs_information: gmlc_list has 5 numbers at most");
        }
        let number = |text: &String| Address::international(text).map_err(|_| NUMBER);
        let status = |active: bool| if active { SsStatus::ACTIVE } else { SsStatus::NOT_PROVISIONED };
        let mut data = LcsInformation {
            gmlc_list: self.gmlc_list.iter().map(number).collect::<Result<_, _>>()?,
            privacy_classes: Vec::new(),
            mo_lr: self.mo_lr.iter().map(|word| MoLrClass { code: word.means(), status: SsStatus::ACTIVE }).collect(),
        };
        for spec in &self.classes {
            let code = spec.class.means();
            if data.privacy_classes.iter().any(|class| class.code == code) {
                return Err("lcs_information: a class occurs twice");
            }
            let mut class = PrivacyClass { status: status(spec.active), ..PrivacyClass::active(code) };
            class.not_listed = spec.not_listed.and_then(|word| NotificationToUser::of(word.means()));
            if spec.clients.len() > PrivacyClass::MAX_EXTERNAL_CLIENTS + PrivacyClass::MAX_EXTENDED_CLIENTS {
                return Err("lcs_information: a class has 40 external clients at most");
            }
            for entry in &spec.clients {
                class.external_clients.push(ExternalClientEntry {
                    client: Some(number(&entry.number)?),
                    gmlc_restriction: entry.through.map(ThroughWord::means),
                    notification: NotificationToUser::of(entry.setting.means()),
                });
            }
            let plmn = |code: &u8| PlmnClient::from_code(u32::from(*code));
            class.plmn_clients = spec.plmn_clients.iter().map(plmn).collect::<Option<_>>().unwrap_or_default();
            if class.plmn_clients.len() != spec.plmn_clients.len() || class.plmn_clients.len() > 5 {
                return Err("lcs_information: plmn_clients are at most 5 of 0-4");
            }
            for entry in &spec.service_types {
                class.service_types.push(ServiceTypeEntry {
                    service_type: ServiceType::new(u32::from(entry.service_type))
                        .ok_or("lcs_information: service_type is 0-127")?,
                    gmlc_restriction: entry.through.map(ThroughWord::means),
                    notification: NotificationToUser::of(entry.setting.means()),
                });
            }
            data.privacy_classes.push(class);
        }
        Ok(data)
    }
}

impl Ss7Spec {
    /// Names of all nodes.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let nodes = self.mscs.iter().chain(&self.sgsns).map(|node| node.name.as_str());
        std::iter::once(self.hlr.name.as_str()).chain(nodes)
    }

    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        let digits = |text: &str| Address::international(text).is_ok();
        if self.network_indicator > 3 {
            return Err(value("[ss7]", "network_indicator must be 0-3"));
        }
        if self.country_code.is_empty() || self.country_code.len() > 3 || !digits(&self.country_code) {
            return Err(value("[ss7]", "country_code must be 1-3 digits"));
        }
        let nodes = self.mscs.iter().chain(&self.sgsns);
        let numbers = self.gateways.iter().map(|gateway| (gateway.point_code, &gateway.number));
        let numbers = numbers.chain([(self.hlr.point_code, &self.hlr.number)]);
        let mut codes = std::collections::HashSet::new();
        for (point_code, number) in numbers.chain(nodes.map(|node| (node.point_code, &node.number))) {
            if point_code > 0x3FFF || !codes.insert(point_code) {
                return Err(value("[ss7]", "point codes must be 0-16383 and differ"));
            }
            if !digits(number) {
                return Err(value("[ss7]", "a number must be 1-15 digits, with or without +"));
            }
        }
        let numbers = self.hlr.unauthorised.iter();
        if !numbers.chain(self.mscs.iter().chain(&self.sgsns).flat_map(|node| &node.authorised)).all(|n| digits(n)) {
            return Err(value("[ss7]", "unauthorised and authorised hold numbers of 1-15 digits"));
        }
        if ![0, 14].contains(&self.pseudo_external.len()) || !self.pseudo_external.iter().all(|number| digits(number)) {
            return Err(value("[ss7]", "pseudo_external has 14 numbers of 1-15 digits, or none"));
        }
        let sound = |set: Option<u8>, least| set.is_none_or(|set| (least..=5).contains(&set));
        if !self.mscs.iter().all(|node| sound(node.capability_set, 1)) {
            return Err(value("[[ss7.msc]]", "capability_set must be 1-5"));
        }
        if !self.sgsns.iter().all(|node| sound(node.capability_set, 2)) {
            return Err(value("[[ss7.sgsn]]", "capability_set must be 2-5 (TS 23.271 clause 10.5.1)"));
        }
        let nodes = self.mscs.iter().chain(&self.sgsns);
        if !nodes.filter_map(|node| node.plmn.as_deref()).all(|text| network(text).is_some()) {
            return Err(value("[ss7]", "the plmn of a node is country and network code, as 001-02"));
        }
        let information = self.hlr.lcs_information.as_ref().map_or(Ok(()), |spec| spec.data().map(|_| ()));
        information.map_err(|what| value("[ss7.hlr]", what))
    }
}
