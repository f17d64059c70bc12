//! The immediate requests, standard and emergency: `srlir` and `erlir` (TS 23.271 clause 5.6.1).

use super::{
    answer::AnswerElement,
    extension::{RequestExtension, Transaction, is_extension},
    init::HeaderPart,
    instruction::{InstructionError, PrivacyInstruction},
    names,
    routing::Routing,
    subject::Subject,
};
use crate::{
    cursor::Cursor,
    error::Fault,
    header::{self, HeaderRequestor, PrivacyAction},
    immediate::{PushAddress, geo_info, loc_type, prio, pushaddr, service_coverage},
    quality::{Quality, whole},
    targets::{TargetEntry, TargetList, set},
    triggered::WaitingPart,
};
use lcs::{
    Address, CallSession, Codeword, LcsClientId, LeastPrivacy, LocationRequest, LocationType, NodeKind, PlmnId,
    Priority, PrivacyIndicators, ServiceType, ServingNode, Timestamp, gad::ShapeSet,
};
use std::sync::Arc;

/// Which immediate service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImmediateService {
    /// Standard roaming location immediate request.
    Srlir,
    /// Emergency roaming location immediate request: its client is an emergency one. That a gateway says so proves nothing.
    Erlir,
}

impl ImmediateService {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Srlir, Self::Erlir];

    /// Name of the request element.
    #[must_use]
    pub fn element(self) -> &'static str {
        match self {
            Self::Srlir => "srlir",
            Self::Erlir => "erlir",
        }
    }

    /// Where its answer goes.
    #[must_use]
    pub fn answer(self) -> AnswerElement {
        match self {
            Self::Srlir => AnswerElement::Srlia,
            Self::Erlir => AnswerElement::Erlia,
        }
    }

    /// Name of the report element.
    pub(super) fn report(self) -> &'static str {
        match self {
            Self::Srlir => "srlirep",
            Self::Erlir => "erlirep",
        }
    }
}

/// An immediate request as received. To send one, see [`Outgoing`](super::Outgoing).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Immediate {
    /// Which of the two.
    pub service: ImmediateService,
    /// `res_type` ASYNC: the answer is a request id, the position follows as a report.
    pub asynchronous: bool,
    /// Whom it is about.
    pub subject: Subject,
    /// The client, sound by Annex B.
    pub client: LcsClientId,
    /// Service identity of the client, if told beside the service type.
    pub service_id: Option<String>,
    /// Service type.
    pub service_type: Option<ServiceType>,
    /// Codeword given for the target.
    pub codeword: Option<Codeword>,
    /// Type of location; [`LocationType::NotificationVerificationOnly`] asks for no position (clause 9.1.1 step 12).
    pub location_type: LocationType,
    /// Quality wanted, greatest age and time to wait.
    pub quality: Quality,
    /// Whether velocity is wanted.
    pub velocity: bool,
    /// Priority.
    pub priority: Priority,
    /// E.164 country codes that the service covers; empty: everywhere.
    pub service_coverage: Vec<u16>,
    /// Shapes that the requesting side takes.
    pub shapes: ShapeSet,
    /// Privacy override indicator; of an emergency or lawful interception client.
    pub privacy_override: bool,
    /// `serving_node_action` as told: what the client wants at least, to a home gateway; the indicators, to a visited one.
    pub privacy_action: Option<PrivacyAction>,
    /// Number of a pseudo-external identity.
    pub pseudo_external: Option<Address>,
    /// Where the target is served, as far as told.
    pub routing: Routing,
    /// Where a report goes, if the request says so. Named by the peer: the daemon decides whether it may be called.
    pub push_address: Option<PushAddress>,
    /// LDR reference number.
    pub lcs_ref: Option<u8>,
    /// Networks in which the phone may report beside the one that serves (TS 23.271 clause 9.1.19.1 step 2).
    pub reporting_plmns: Vec<PlmnId>,
    /// Name of this exchange, told back in the answer.
    pub transaction: Option<Transaction>,
    /// When it was sent, by the clock of the sender.
    pub sent: Option<Timestamp>,
}

impl Immediate {
    /// What the home gateway tells this one, as a visited gateway, to pass to the serving node.
    ///
    /// # Errors
    /// It tells nothing, or nothing that allows a position: no node may then be asked. A request with a privacy override
    /// needs none, and is not for this method.
    pub fn instruction(&self) -> Result<PrivacyInstruction, InstructionError> {
        let session = self.client.dialled.is_some() || self.client.apn.is_some();
        let indicators = match self.privacy_action {
            None => None,
            Some(action) => Some(PrivacyIndicators::new(action.passive, Some(action.active))?),
        };
        if indicators.is_some_and(|indicators| indicators.related().is_some()) && !session {
            return Err(InstructionError::RelatedWithoutSession);
        }
        match (indicators, self.pseudo_external) {
            (Some(indicators), Some(number)) => Ok(PrivacyInstruction::Either(indicators, number)),
            (Some(indicators), None) => Ok(PrivacyInstruction::Indicators(indicators)),
            (None, Some(number)) => Ok(PrivacyInstruction::PseudoExternal(number)),
            (None, None) => Err(InstructionError::Missing),
        }
    }

    /// What the requesting side wants at least, for the check at home.
    #[must_use]
    pub fn least_privacy(&self) -> LeastPrivacy {
        self.privacy_action
            .map_or(LeastPrivacy::NONE, |action| LeastPrivacy { unrelated: action.passive, related: action.active })
    }

    /// The request in the words of the privacy check and the procedures; `account` is the name under which the operator
    /// registered the gateway that asks. `None` if the subject has no identity, which no request that was read lacks.
    #[must_use]
    pub fn location_request(&self, account: Arc<str>) -> Option<LocationRequest> {
        Some(LocationRequest {
            account,
            client: self.client.clone(),
            target: self.subject.target()?,
            service_type: self.service_type,
            codeword: self.codeword.clone(),
            location_type: self.location_type,
            max_age_s: self.quality.max_age_s,
            qos: self.quality.qos,
            velocity: self.velocity,
            priority: self.priority,
            service_coverage: self.service_coverage.clone(),
            shapes: self.shapes,
            least_privacy: self.least_privacy(),
        })
    }

    /// One request of what header and body say.
    pub(super) fn join(header: HeaderPart, body: BodyPart) -> Result<Self, Fault> {
        let BodyPart { service, asynchronous, mut target, extension, .. } = body;
        let requestor = match (header.requestor, body.requestor) {
            (Some(_), Some(_)) => return Err(Fault::syntax("requestor", "given more than once")),
            (one, other) => one.or(other).map(|told: HeaderRequestor| told.requestor),
        };
        let codeword = target.codeword.take();
        let mut session = target.session.take();
        if let (Some(CallSession::Dialled(number)), Some(nature)) = (&mut session, extension.dialled_nature) {
            number.nature = nature;
        }
        let subject = Subject::read(target, header.net.imsi)?;
        let client = match (header.client, service) {
            (Some(client), _) => client,
            (None, ImmediateService::Erlir) => super::client::ClientPart::default(),
            (None, ImmediateService::Srlir) => return Err(Fault::syntax("rlp_hdr", "client is needed")),
        };
        let (service_type, pseudo_external) = (client.service_type, client.pseudo_external);
        let (service_id, privacy_override) = (client.service_id.clone(), client.privacy_override);
        // The extension tells all nodes with their capabilities; the standard has a place for an MSC alone.
        let nodes = if extension.nodes.is_empty() { msc(header.net.msc) } else { extension.nodes };
        let location_type = match extension.notification_only {
            true => LocationType::NotificationVerificationOnly,
            false => body.location_type.unwrap_or(LocationType::Current),
        };
        Ok(Self {
            service,
            asynchronous,
            subject,
            client: client.identity(service, session, requestor)?,
            service_id,
            service_type,
            codeword,
            location_type,
            quality: body.quality.unwrap_or(Quality::UNSPECIFIED),
            velocity: extension.velocity,
            priority: body.priority.unwrap_or(Priority::Normal),
            service_coverage: body.coverage.unwrap_or_default(),
            shapes: extension.shapes.or(header.shapes.map(|shapes| shapes.gad_shapes())).unwrap_or(ShapeSet::ALL),
            privacy_override,
            privacy_action: header.action,
            pseudo_external,
            routing: Routing {
                h_gmlc: header.net.h_gmlc,
                v_gmlc: header.net.v_gmlc,
                ppr: header.net.ppr,
                nodes,
                optimised_lcs: extension.optimised_lcs,
            },
            push_address: body.push_address,
            lcs_ref: body.lcs_ref,
            reporting_plmns: extension.reporting_plmns,
            transaction: extension.transaction,
            sent: extension.sent,
        })
    }
}

fn msc(number: Option<Address>) -> Vec<ServingNode> {
    let node = |number| ServingNode { kind: NodeKind::Msc { number }, capabilities: None, v_gmlc: None };
    number.map(node).into_iter().collect()
}

/// The service element as read.
pub(super) struct BodyPart {
    service: ImmediateService,
    asynchronous: bool,
    target: TargetEntry,
    requestor: Option<HeaderRequestor>,
    quality: Option<Quality>,
    location_type: Option<LocationType>,
    priority: Option<Priority>,
    push_address: Option<PushAddress>,
    coverage: Option<Vec<u16>>,
    lcs_ref: Option<u8>,
    pub(super) extension: RequestExtension,
}

/// Reads `srlir`, `erlir`, or `trlrr` with what is `waiting`, after its start tag. Elements may come in any order; one that neither RLP, as far as it is known,
/// nor MLP defines is an extension and passed over.
pub(super) fn parse(
    cursor: &mut Cursor<'_>,
    service: ImmediateService,
    asynchronous: bool,
    mut waiting: Option<&mut WaitingPart>,
) -> Result<BodyPart, Fault> {
    let element = if waiting.is_some() { "trlrr" } else { service.element() };
    let srlir = service == ImmediateService::Srlir;
    let of_mlp = if srlir { crate::ImmediateService::Slir } else { crate::ImmediateService::EmeLir };
    let mut targets = TargetList::new(1, of_mlp);
    let (mut msids_seen, mut geo_info_seen, mut requestor, mut quality, mut location) = (None, None, None, None, None);
    let (mut priority, mut push_address, mut coverage, mut lcs_ref, mut extension) = (None, None, None, None, None);
    while let Some(tag) = cursor.child(element)? {
        match tag.name() {
            "msids" if targets.is_empty() => {
                targets.msids(cursor, &tag)?;
                msids_seen = Some(());
            }
            "msids" => return Err(Fault::syntax("msids", "given more than once, or beside msid")),
            "msid" if msids_seen.is_some() => return Err(Fault::syntax("msid", "given beside msids")),
            "msid" => targets.msid(cursor, &tag, true)?,
            "requestor" => set(&mut requestor, header::requestor(cursor, &tag)?, "requestor")?,
            "eqop" => set(&mut quality, Quality::parse(cursor, &tag)?, "eqop")?,
            "geo_info" => set(&mut geo_info_seen, geo_info(cursor, &tag, srlir)?, "geo_info")?,
            "loc_type" => set(&mut location, loc_type(cursor, &tag)?.0, "loc_type")?,
            "prio" => {
                set(&mut priority, prio(&tag)?, "prio")?;
                cursor.empty("prio")?;
            }
            "pushaddr" => set(&mut push_address, pushaddr(cursor, &tag)?, "pushaddr")?,
            "service_coverage" => set(&mut coverage, service_coverage(cursor, &tag)?, "service_coverage")?,
            "lcs_ref" => {
                let number = whole(&header::plain(cursor, &tag, "lcs_ref")?, "lcs_ref")?;
                let octet = u8::try_from(number).map_err(|_| Fault::value("lcs_ref", "one octet"))?;
                set(&mut lcs_ref, octet, "lcs_ref")?;
            }
            _ if is_extension(&tag) => {
                set(&mut extension, RequestExtension::parse(cursor, &tag)?, "lr_extension")?;
            }
            // As MLP has it in its triggered request.
            "qop" if waiting.is_some() => set(&mut quality, Quality::parse_as(cursor, &tag, "qop")?, "qop")?,
            name => {
                if let Some(waiting) = waiting.as_deref_mut()
                    && waiting.element(cursor, &tag, name)?
                {
                    continue;
                }
                let companion = msids_seen.is_none() && targets.companion(cursor, &tag, name)?;
                match names::defined(name) {
                    _ if companion => {}
                    Some(defined) if !tag.is_foreign() => {
                        return Err(Fault::syntax(defined, "not an element of this request, or not here"));
                    }
                    _ => cursor.skip()?,
                }
            }
        }
    }
    let mut target = targets.finish(element)?;
    let target = target.pop().ok_or_else(|| Fault::syntax(element, "no target"))?;
    Ok(BodyPart {
        service,
        asynchronous,
        target,
        requestor,
        quality,
        location_type: location,
        priority,
        push_address,
        coverage,
        lcs_ref,
        extension: extension.unwrap_or_default(),
    })
}
