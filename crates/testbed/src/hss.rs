//! The home subscriber server: says which node serves a subscriber (SLh, TS 29.173).

use crate::{
    counters::count,
    fault::Fault,
    network::Shared,
    phones::Phone,
    scenario::{FirstNode, PhoneState},
    ss7::Domain,
    wire::{self, Origin},
};
use diameter::{
    codec::{
        ApplicationId, Builder, CommandCode, DecodeError, ExperimentalResult, FailedAvp, Message, Outcome, ResultCode,
    },
    dictionary as avp,
};
use lcs::{Address, Identities, Msisdn, NodeKind, ServingNode};
use std::{net::IpAddr, sync::Arc, time::Duration};
use transport::{Answer, Handler, PeerInfo};

/// The MSISDN that stands for none: 15 zeroes (TS 23.003 clause 3.3).
const DUMMY_MSISDN: &str = "000000000000000";

/// Serves routing information requests from the scenario.
pub(crate) struct Hss {
    pub(crate) name: String,
    /// Name of the operator whose subscribers it knows.
    pub(crate) operator: String,
    pub(crate) origin: Origin,
    pub(crate) unauthorised: Vec<String>,
    /// Realms whose gateways may ask; all if empty.
    pub(crate) authorised: Vec<String>,
    /// Home gateway and privacy profile register of its subscribers.
    pub(crate) h_gmlc: Option<IpAddr>,
    pub(crate) ppr: Option<IpAddr>,
    pub(crate) shared: Arc<Shared>,
}

impl Handler for Hss {
    async fn handle(&self, request: Message, _from: PeerInfo) -> Answer {
        if let Err(error) = request.expect(ApplicationId::SLH, CommandCode::LCS_ROUTING_INFO, true) {
            return Answer::Undecodable(error);
        }
        count(&self.shared.counters.rir);
        let (identities, given) = match wire::identities(&request) {
            Ok(read) => read,
            Err(error) => return Answer::Undecodable(error),
        };
        if !given {
            return Answer::Undecodable(DecodeError::MissingAvp(FailedAvp::example(&avp::USER_NAME)));
        }
        let phone = self.subscriber(identities);
        let faults = self.shared.faults.strike(&self.name, phone.map(|phone| phone.label.as_str()));
        if let Some(answer) = self.shared.misbehave(&faults, &request, &self.origin).await {
            return answer;
        }
        self.shared.marks.mark(wire::session_id(&request), &faults);
        match self.look_up(&request, identities) {
            Ok(phone) => self.success(&request, identities, phone),
            Err(outcome) => {
                count(&self.shared.counters.rir_refused);
                wire::answer(&request, &self.origin, outcome, |_| ())
            }
        }
    }
}

impl Hss {
    /// A subscriber of this operator; those of others are nobody's here.
    fn subscriber(&self, identities: Identities) -> Option<&Arc<Phone>> {
        self.shared.phones.identified(identities).filter(|phone| phone.operator == self.operator)
    }

    /// The checks in the order of TS 29.173 clause 5.2.1.2.
    fn look_up(&self, request: &Message, identities: Identities) -> Result<&Arc<Phone>, Outcome> {
        let refused = |of: &str| self.unauthorised.iter().any(|listed| listed.eq_ignore_ascii_case(of));
        let by_realm = wire::origin_realm(request).is_some_and(refused) || !wire::is_from(request, &self.authorised);
        if by_realm || wire::gmlc_number(request).is_some_and(|number| refused(&number)) {
            return Err(Outcome::Experimental(ExperimentalResult::UNAUTHORIZED_REQUESTING_NETWORK));
        }
        let unknown = Outcome::Experimental(ExperimentalResult::USER_UNKNOWN);
        let phone = self.subscriber(identities).ok_or(unknown)?;
        let state = phone.now().state;
        if state == PhoneState::UnknownToHss {
            return Err(unknown);
        }
        let contradicts = |a: Option<Msisdn>, b: Option<Msisdn>| a.is_some() && a != b;
        if identities.imsi.is_some_and(|imsi| phone.identities.imsi != Some(imsi))
            || contradicts(identities.msisdn, phone.identities.msisdn)
        {
            return Err(Outcome::Base(ResultCode::CONTRADICTING_AVPS));
        }
        if state == PhoneState::Absent {
            return Err(Outcome::Experimental(ExperimentalResult::ABSENT_USER));
        }
        Ok(phone)
    }

    /// The identity that was missing, and the serving nodes, the preferred one first (TS 29.173 clause 6.2.3).
    fn success(&self, request: &Message, asked: Identities, phone: &Phone) -> Answer {
        let nodes = self.shared.serving_nodes(phone);
        if nodes.is_empty() {
            count(&self.shared.counters.rir_refused);
            let absent = Outcome::Experimental(ExperimentalResult::ABSENT_USER);
            return wire::answer(request, &self.origin, absent, |_| ());
        }
        wire::answer(request, &self.origin, Outcome::Success, |builder| {
            if let (None, Some(imsi)) = (asked.imsi, phone.identities.imsi) {
                wire::put_imsi(builder, imsi);
            }
            let msisdn = phone.identities.msisdn.or_else(|| Msisdn::parse(DUMMY_MSISDN).ok());
            if let (None, Some(msisdn)) = (asked.msisdn, msisdn) {
                wire::put_msisdn(builder, msisdn);
            }
            let places = std::iter::once(&avp::SERVING_NODE).chain(std::iter::repeat(&avp::ADDITIONAL_SERVING_NODE));
            for (place, node) in places.zip(&nodes) {
                builder.group(place, |group| put_node(group, node));
            }
            self.h_gmlc.iter().for_each(|address| _ = builder.address(&avp::GMLC_ADDRESS, *address));
            self.ppr.iter().for_each(|address| _ = builder.address(&avp::PPR_ADDRESS, *address));
        })
    }
}

/// The AVPs of a serving node (TS 29.173 clause 6.4.4). An MME has no capability AVP (clause 6.4.6).
fn put_node(group: &mut Builder<'_>, node: &ServingNode) {
    let number = |group: &mut Builder<'_>, def, number: Address| {
        let (octets, used) = number.digits.to_tbcd();
        group.avp(def, octets.get(..used).unwrap_or_default());
    };
    match &node.kind {
        NodeKind::Mme { name, realm } => {
            group.text(&avp::MME_NAME, name).text(&avp::MME_REALM, realm);
        }
        NodeKind::Msc { number: told } => number(group, &avp::MSC_NUMBER, *told),
        NodeKind::Sgsn { number: told, diameter } => {
            told.iter().for_each(|told| number(group, &avp::SGSN_NUMBER, *told));
            if let Some((name, realm)) = diameter {
                group.text(&avp::SGSN_NAME, name).text(&avp::SGSN_REALM, realm);
            }
        }
        NodeKind::Aaa { .. } => {}
    }
    if let Some(sets) = node.capabilities {
        group.u32(&avp::LCS_CAPABILITIES_SETS, sets.0);
    }
    if let Some(v_gmlc) = node.v_gmlc {
        group.address(&avp::GMLC_ADDRESS, v_gmlc);
    }
}

impl Shared {
    /// The nodes that serve, the preferred one first: the MME of the scenario, and the MSC and SGSN that registered with the home
    /// location register.
    pub(crate) fn serving_nodes(&self, phone: &Phone) -> Vec<ServingNode> {
        let mme = phone.mme().and_then(|name| self.mmes.get(&name)).into_iter().map(|mme| ServingNode {
            kind: NodeKind::Mme { name: mme.origin.host.clone(), realm: mme.origin.realm.clone() },
            capabilities: None,
            v_gmlc: mme.v_gmlc,
        });
        let legacy = self.ss7.iter().flat_map(|ss7| {
            ss7.register.serving(&phone.label).into_iter().map(|told| ServingNode {
                kind: match told.domain {
                    Domain::Cs => NodeKind::Msc { number: told.number },
                    Domain::Ps => NodeKind::Sgsn {
                        number: Some(told.number),
                        diameter: ss7.lgd_host(told.number).map(|host| (host.to_owned(), self.realm.clone())),
                    },
                },
                capabilities: told.capabilities,
                v_gmlc: told.v_gmlc,
            })
        });
        let mut nodes: Vec<ServingNode> = mme.chain(legacy).collect();
        let first = phone.now().first_node;
        nodes.sort_by_key(|node| {
            !matches!(
                (first, &node.kind),
                (FirstNode::Mme, NodeKind::Mme { .. })
                    | (FirstNode::Msc, NodeKind::Msc { .. })
                    | (FirstNode::Sgsn, NodeKind::Sgsn { .. })
            )
        });
        nodes
    }

    /// What a node does before its own logic: waits, stays silent, hangs up, or answers with an error; `None` to go on.
    pub(crate) async fn misbehave(&self, faults: &[Fault], request: &Message, origin: &Origin) -> Option<Answer> {
        for fault in faults {
            match *fault {
                Fault::Delay { ms } => {
                    count(&self.counters.spoiled);
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                }
                Fault::Drop => {
                    count(&self.counters.spoiled);
                    return Some(Answer::Silence);
                }
                Fault::Disconnect => {
                    count(&self.counters.spoiled);
                    return Some(Answer::Disconnect);
                }
                Fault::Result { code, experimental } => {
                    count(&self.counters.spoiled);
                    return Some(wire::answer(request, origin, wire::faulty_outcome(code, experimental), |_| ()));
                }
                Fault::Mute
                | Fault::Gone
                | Fault::Garbage
                | Fault::Truncated
                | Fault::Duplicate
                | Fault::AnswerToNothing
                | Fault::WrongHopByHop
                | Fault::CellOnly
                | Fault::LowNibbleGad
                | Fault::WithoutVendorBit
                | Fault::NoAgeNorAccuracy
                | Fault::Abort
                | Fault::WrongContext
                | Fault::TruncatedBer
                | Fault::AbsurdTag
                | Fault::LostReport
                | Fault::ReportTwice
                | Fault::ForgedReport => {}
            }
        }
        None
    }
}
