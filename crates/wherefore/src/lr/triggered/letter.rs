//! What is kept with a deferred request of another gateway to tell it news by. Sealed where the request is kept.

use crate::forms::Number;
use gmlc::Instruction;
use lcs::{
    Address, Identities, Imsi, LcsCapabilitySets, Msisdn, NodeKind, PlmnId, PrivacyIndicators, PrivacySetting,
    Pseudonym, RoutingInfo, ServingNode,
};
use mlp::rlp::{Subject, Version};
use privacy::disclosure::RequestId;
use privacy::{HomeAuthority, HomeWord};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;

/// Whom a gateway is told of, and by what name. Has no printable form.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    /// The gateway.
    pub(super) peer: String,
    /// What it knows the request by.
    pub(super) request_id: String,
    version: u8,
    imsi: Option<u64>,
    msisdn: Option<u64>,
    pseudonym: Option<String>,
    /// Of the home gateway of somebody who is in this network.
    #[serde(default)]
    word: Option<KeptWord>,
}

/// What is kept of a gateway cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is kept of the gateway that asked cannot be read")]
pub(crate) struct UnreadableLetter;

/// What a home gateway told, to be looked at again with each report.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptWord {
    /// Codes of indicators.
    unrelated: Option<u8>,
    related: Option<u8>,
    /// Of a pseudo-external identity.
    number: Option<String>,
    node: KeptNode,
    /// Bit n is set n+1.
    capabilities: Option<u32>,
    h_gmlc: Option<IpAddr>,
    /// Octets of networks.
    #[serde(default)]
    reporting: Vec<[u8; 3]>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum KeptNode {
    Mme { name: String, realm: String },
    Sgsn { number: Option<String>, diameter: Option<(String, String)> },
    Msc { number: String },
    Aaa { name: String },
}

impl KeptNode {
    fn of(kind: &NodeKind) -> Self {
        let text = |number: Address| Number(number).to_string();
        match kind.clone() {
            NodeKind::Mme { name, realm } => Self::Mme { name, realm },
            NodeKind::Sgsn { number, diameter } => Self::Sgsn { number: number.map(text), diameter },
            NodeKind::Msc { number } => Self::Msc { number: text(number) },
            NodeKind::Aaa { name } => Self::Aaa { name },
        }
    }

    fn kind(self) -> Option<NodeKind> {
        let number = |text: String| text.parse::<Number>().ok().map(|number| number.0);
        Some(match self {
            Self::Mme { name, realm } => NodeKind::Mme { name, realm },
            Self::Sgsn { number: None, diameter } => NodeKind::Sgsn { number: None, diameter },
            Self::Sgsn { number: Some(text), diameter } => NodeKind::Sgsn { number: Some(number(text)?), diameter },
            Self::Msc { number: text } => NodeKind::Msc { number: number(text)? },
            Self::Aaa { name } => NodeKind::Aaa { name },
        })
    }
}

impl KeptWord {
    /// `None`: it names no node, or more than one.
    fn of(instruction: &Instruction) -> Option<Self> {
        let Instruction { word, route, h_gmlc, reporting_plmns, .. } = instruction;
        let [node] = &route.nodes[..] else { return None };
        Some(Self {
            unrelated: word.indicators.map(|indicators| indicators.unrelated().code()),
            related: word.indicators.and_then(|indicators| indicators.related()).map(|setting| setting.code()),
            number: word.number.map(|number| Number(number).to_string()),
            node: KeptNode::of(&node.kind),
            capabilities: node.capabilities.map(|sets| sets.0),
            h_gmlc: *h_gmlc,
            reporting: reporting_plmns.iter().map(|plmn| plmn.octets()).collect(),
        })
    }

    fn word(&self) -> Option<HomeWord> {
        let setting = |code: u8| PrivacySetting::from_code(code.into());
        let related = match self.related {
            None => None,
            Some(code) => Some(setting(code)?),
        };
        let indicators = match self.unrelated {
            None => None,
            Some(code) => Some(PrivacyIndicators::new(setting(code)?, related).ok()?),
        };
        let number = match &self.number {
            None => None,
            Some(text) => Some(text.parse::<Number>().ok()?.0),
        };
        Some(HomeWord { indicators, number })
    }
}

impl Letter {
    /// Of a request about `subject`; `None`: about nobody whose phone is known.
    pub(super) fn new(peer: &str, request_id: &str, version: Version, subject: &Subject) -> Option<Self> {
        let known = match subject {
            Subject::Known(identities) => *identities,
            Subject::Pseudonym(_) => Identities::default(),
        };
        let pseudonym = match subject {
            Subject::Known(_) => None,
            Subject::Pseudonym(pseudonym) => Some(pseudonym.expose().to_owned()),
        };
        let imsi = known.imsi.map(|imsi| imsi.expose_digits().to_word());
        let msisdn = known.msisdn.map(|number| number.expose_digits().to_word());
        if imsi.is_none() && msisdn.is_none() && pseudonym.is_none() {
            return None;
        }
        let version = u8::from(version == Version::V1_1);
        let (peer, request_id) = (peer.to_owned(), request_id.to_owned());
        Some(Self { peer, request_id, version, imsi, msisdn, pseudonym, word: None })
    }

    /// The same with what a home gateway told; `None`: it names no node, or more than one.
    pub(super) fn told(self, instruction: &Instruction) -> Option<Self> {
        Some(Self { word: Some(KeptWord::of(instruction)?), ..self })
    }

    /// Whether it is of a home gateway, for which this is the visited one.
    pub(super) fn is_of_home(&self) -> bool {
        self.word.is_some()
    }

    /// What the home gateway told, if it is of one, with `authority` by the operator's record.
    pub(super) fn instruction(&self, authority: HomeAuthority) -> Result<Option<Instruction>, UnreadableLetter> {
        let Some(kept) = &self.word else { return Ok(None) };
        let word = kept.word().ok_or(UnreadableLetter)?;
        let kind = kept.node.clone().kind().ok_or(UnreadableLetter)?;
        let Some(Subject::Known(identities)) = self.subject() else { return Err(UnreadableLetter) };
        let capabilities = kept.capabilities.map(LcsCapabilitySets);
        let nodes = [ServingNode { kind, capabilities, v_gmlc: None }].into();
        let route = RoutingInfo { identities, nodes, h_gmlc: None, ppr: None, optimised_lcs: false };
        let reporting = kept.reporting.iter().map(|octets| PlmnId::from_octets(*octets));
        let reporting_plmns = reporting.collect::<Option<Vec<_>>>().ok_or(UnreadableLetter)?;
        Ok(Some(Instruction { authority, word, route: Arc::new(route), h_gmlc: kept.h_gmlc, reporting_plmns }))
    }

    pub(super) fn octets(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok()
    }

    /// `None`: not written by [`Letter::octets`].
    pub(super) fn from_octets(octets: &[u8]) -> Option<Self> {
        serde_json::from_slice(octets).ok()
    }

    pub(super) fn version(&self) -> Version {
        if self.version == 0 { Version::V1_0 } else { Version::V1_1 }
    }

    /// Whom it is about, by the name that they were asked by.
    pub(super) fn subject(&self) -> Option<Subject> {
        if let Some(text) = &self.pseudonym {
            return Pseudonym::new(text.clone()).map(Subject::Pseudonym);
        }
        let digits = |word: Option<u64>| word.and_then(lcs::Digits::from_word);
        let imsi = digits(self.imsi).and_then(|digits| Imsi::new(digits).ok());
        let msisdn = digits(self.msisdn).and_then(|digits| Msisdn::new(digits).ok());
        Some(Subject::Known(Identities { imsi, msisdn, imei: None }))
    }
}

/// The name here of the request that a gateway knows by `request_id`: of this gateway alone, and the same whenever it is asked for.
pub(super) fn name_of(peer: &str, request_id: &str) -> RequestId {
    let text = [b"triggered\0", peer.as_bytes(), b"\0", request_id.as_bytes()].concat();
    let whole = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &text);
    RequestId(whole.as_ref().first_chunk().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_back_from_the_octets() {
        let (imsi, msisdn) = (Imsi::parse("001010000000001").ok(), Msisdn::parse("99900000001").ok());
        for subject in [
            Subject::Known(Identities { imsi, msisdn, imei: None }),
            Subject::Known(Identities { imsi: None, msisdn, imei: None }),
            Subject::Pseudonym(Pseudonym::new("p@h.example".to_owned()).unwrap()),
        ] {
            for version in [Version::V1_0, Version::V1_1] {
                let letter = Letter::new("gmlc.a.example", "r-1", version, &subject).unwrap();
                let back = Letter::from_octets(&letter.octets().unwrap()).unwrap();
                assert_eq!((back.peer.as_str(), back.request_id.as_str()), ("gmlc.a.example", "r-1"));
                assert_eq!((back.version(), back.subject()), (version, Some(subject.clone())));
            }
        }
        assert!(Letter::from_octets(b"{}").is_none());
        // As it was written before there were visited gateways.
        let before = br#"{"peer":"a","request_id":"r","version":1,"imsi":null,"msisdn":99900000001,"pseudonym":null}"#;
        assert!(Letter::from_octets(before).is_some_and(|letter| !letter.is_of_home()));
        assert!(Letter::new("a", "r", Version::V1_1, &Subject::Known(Identities::default())).is_none());
    }

    /// Every kind of node and every pair of indicators, and a number beside them or alone.
    #[test]
    fn what_a_home_gateway_told_comes_back() {
        let number = Address::international("+4930123").unwrap();
        let diameter = Some(("sgsn".to_owned(), "lab".to_owned()));
        let nodes = [
            NodeKind::Mme { name: "mme".into(), realm: "lab".into() },
            NodeKind::Sgsn { number: Some(number), diameter: diameter.clone() },
            NodeKind::Sgsn { number: None, diameter },
            NodeKind::Msc { number },
            NodeKind::Aaa { name: "aaa".into() },
        ];
        let settings = PrivacySetting::ALL.map(Some).into_iter().chain([None]);
        let pairs = PrivacySetting::ALL.into_iter().flat_map(|one| settings.clone().map(move |other| (one, other)));
        let indicators = pairs.filter_map(|(one, other)| PrivacyIndicators::new(one, other).ok()).map(Some);
        let words = indicators
            .chain([None])
            .flat_map(|indicators| [None, Some(number)].map(|number| HomeWord { indicators, number }));
        let imsi = Imsi::parse("001010000000001").ok();
        let identities = Identities { imsi, msisdn: None, imei: None };
        let authority = HomeAuthority::over_nobody();
        let address = ["192.0.2.1".parse().ok(), None].into_iter().cycle();
        for ((word, kind), h_gmlc) in words.zip(nodes.into_iter().cycle()).zip(address) {
            let capabilities = h_gmlc.map(|_| LcsCapabilitySets(0b11_1010));
            let node = ServingNode { kind, capabilities, v_gmlc: None };
            let told = |nodes: &[ServingNode]| {
                let route =
                    RoutingInfo { identities, nodes: nodes.into(), h_gmlc: None, ppr: None, optimised_lcs: false };
                let reporting_plmns = h_gmlc.and_then(|_| PlmnId::new("310", "410")).into_iter().collect();
                Instruction { authority: authority.clone(), word, route: Arc::new(route), h_gmlc, reporting_plmns }
            };
            let letter = || Letter::new("a", "r", Version::V1_1, &Subject::Known(identities)).unwrap();
            let one = told(std::slice::from_ref(&node));
            let octets = letter().told(&one).unwrap().octets().unwrap();
            let back = Letter::from_octets(&octets).unwrap().instruction(authority.clone()).unwrap().unwrap();
            assert_eq!((back.word, back.route, back.h_gmlc), (one.word, one.route, one.h_gmlc));
            assert_eq!(back.reporting_plmns, one.reporting_plmns);
            assert!(letter().told(&told(&[])).is_none() && letter().told(&told(&[node.clone(), node])).is_none());
        }
        // What does not fit is nobody's word.
        let letter = r#"{"peer":"a","request_id":"r","version":1,"imsi":PHONE,"msisdn":null,"pseudonym":null,"word":{"unrelated":UNRELATED,
            "related":null,"number":null,"node":{"msc":{"number":"NUMBER"}},"capabilities":null,"h_gmlc":null}}"#;
        let read = |phone: &str, unrelated, number| {
            let text = letter.replace("PHONE", phone).replace("UNRELATED", unrelated).replace("NUMBER", number);
            Letter::from_octets(text.as_bytes()).map(|letter| letter.instruction(authority.clone()))
        };
        let phone = imsi.unwrap().expose_digits().to_word().to_string();
        assert!(matches!(read(&phone, "0", "+4930123"), Some(Ok(Some(_)))));
        for (unrelated, number) in [("9", "+4930123"), ("0", "nobody")] {
            assert_eq!(read(&phone, unrelated, number).unwrap().err(), Some(UnreadableLetter), "{unrelated} {number}");
        }
        assert!(read(&phone, "\"0\"", "+4930123").is_none());
    }

    #[test]
    fn a_request_has_one_name_and_no_other_gateway_has_it() {
        assert_eq!(name_of("a", "r-1"), name_of("a", "r-1"));
        assert_ne!(name_of("a", "r-1"), name_of("b", "r-1"));
        assert_ne!(name_of("a", "r-1"), name_of("a", "r-2"));
    }
}
