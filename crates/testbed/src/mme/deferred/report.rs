//! Reports on their way to the gateway: sent again until they are answered, doubled or forged where a fault says so.

use super::reports_in;
use crate::{
    counters::count,
    fault::Fault,
    network::Shared,
    phones::Phone,
    wire::{
        Located, Origin,
        deferred::{Deferral, DeferredReport},
        ecgi, plmn,
    },
};
use diameter::{
    codec::{ApplicationId, Message},
    dictionary as avp,
};
use lcs::gad::ShapeSet;
use std::time::Duration;
use transport::{Destination, Node};

/// How long a node waits for the answer to a report.
const ANSWER: Duration = Duration::from_secs(5);
/// How often a report is sent before the node gives it up.
pub(crate) const TRIES: u32 = 40;
/// The longest wait between two tries, by the clock of the phones.
const LONGEST_WAIT: Duration = Duration::from_secs(16);

/// Through which node a report goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ReportedBy<'a> {
    /// This one.
    Node(&'a str),
    /// Whichever serves the phone.
    Phone,
}

/// What a report says.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) kind: u32,
    pub(super) cause: Option<u32>,
    pub(super) serving: Option<Origin>,
    pub(super) sequence: Option<u32>,
    /// With a position.
    pub(super) located: bool,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// The gateway has it.
    Taken,
    /// The gateway will not have it, or nobody could be told.
    Refused,
}

/// A report that nothing stands behind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ForgedReport {
    pub(crate) reference: u8,
    pub(crate) kind: u32,
    pub(crate) sequence: Option<u32>,
}

/// A node, and the gateway that it reports to.
struct Way {
    name: String,
    node: Node,
    origin: Origin,
    gateway: (String, String),
}

/// Result code of an answer; that of 3GPP first.
fn result(answer: &Message) -> Option<u32> {
    let experimental = answer.find(&avp::EXPERIMENTAL_RESULT).and_then(|avp| avp.grouped().ok());
    let experimental = experimental.and_then(|group| group.find(&avp::EXPERIMENTAL_RESULT_CODE));
    experimental.or_else(|| answer.find(&avp::RESULT_CODE)).and_then(|avp| avp.u32().ok())
}

impl Shared {
    /// Reports until it is answered for good. What is wrong for now is tried again: no gateway there, no answer, results below 5000.
    pub(super) async fn tell(&self, by: ReportedBy<'_>, phone: &Phone, deferral: &Deferral, told: Told) -> Delivered {
        let mut session: Option<(String, String)> = None;
        for attempt in 0..TRIES {
            if let Some(way) = self.way(by, phone, (&deferral.gateway, &deferral.networks)) {
                let faults = self.faults.strike_reports(&way.name, &phone.label);
                // The same message by the same node has the same session.
                let session_id = match &session {
                    Some((name, id)) if *name == way.name => id.clone(),
                    _ => way.node.session_id(),
                };
                session = Some((way.name.clone(), session_id.clone()));
                if faults.contains(&Fault::ForgedReport) {
                    let forged = Deferral { reference: deferral.reference.wrapping_add(128), ..deferral.clone() };
                    self.send(&way, &way.node.session_id(), phone, &forged, &told).await;
                }
                let lost = faults.contains(&Fault::LostReport);
                let code = if lost { None } else { self.send(&way, &session_id, phone, deferral, &told).await };
                match code {
                    Some(2001) => {
                        if faults.contains(&Fault::ReportTwice) {
                            self.send(&way, &session_id, phone, deferral, &told).await;
                        }
                        // Last, so that whoever sees the count knows that the phone looks out again.
                        count(&self.counters.lrr_accepted);
                        return Delivered::Taken;
                    }
                    Some(code) if code >= 5000 => {
                        tracing::info!(node = %way.name, subscriber = %phone.label, code, "a report is refused");
                        return Delivered::Refused;
                    }
                    _ => {}
                }
            }
            self.until_next_try(attempt).await;
        }
        tracing::warn!(subscriber = %phone.label, "a report of a deferred request came to nothing");
        Delivered::Refused
    }

    /// Waits before a report is sent again, longer after each try.
    pub(crate) async fn until_next_try(&self, attempt: u32) {
        let wait = Duration::from_secs(1 << attempt.min(4)).min(LONGEST_WAIT);
        let clock = self.phones.clock();
        clock.reach(clock.now() + wait).await;
    }

    fn way(
        &self,
        by: ReportedBy<'_>,
        phone: &Phone,
        (asked, networks): (&(String, String), &[[u8; 3]]),
    ) -> Option<Way> {
        let name = match by {
            ReportedBy::Node(name) => name.to_owned(),
            ReportedBy::Phone => phone.mme()?,
        };
        let (node, origin) = self.diameter_node(&name)?;
        // The phone may have gone on to a network where it does not report.
        if matches!(by, ReportedBy::Phone) && !reports_in(networks, plmn(&origin.realm)) {
            return None;
        }
        // The gateway that asked, if it is connected; else another one passes it on.
        let peers: Vec<_> = node.peers().into_iter().filter(|peer| peer.usable).collect();
        let peer = peers.iter().find(|peer| peer.host.eq_ignore_ascii_case(&asked.0)).or(peers.first())?;
        let gateway = (peer.host.clone(), peer.realm.clone());
        Some(Way { name, node, origin, gateway })
    }

    /// Sends once; the result code, or none if there was no answer.
    async fn send(&self, way: &Way, session_id: &str, phone: &Phone, deferral: &Deferral, told: &Told) -> Option<u32> {
        let located = told.located.then(|| self.located(&phone.now(), ShapeSet::ALL, &way.origin).ok()).flatten();
        let located = located.map(|located| Located { age_min: Some(0), velocity: None, ..located });
        let cell = self.watched(&phone.now(), &way.origin.realm).map(|of| ecgi(&way.origin.realm, of.cell));
        let report = DeferredReport {
            session_id,
            origin: &way.origin,
            gateway: (&way.gateway.0, &way.gateway.1),
            identities: phone.identities,
            reference: deferral.reference,
            h_gmlc: deferral.h_gmlc,
            kind: told.kind,
            cause: told.cause,
            serving: told.serving.as_ref(),
            sequence: told.sequence,
            located: located.as_ref(),
            ecgi: cell.filter(|_| located.is_none()),
        };
        count(&self.counters.lrr);
        let destination = Destination::to_host(&way.gateway.0, &way.gateway.1);
        let answer =
            way.node.request(ApplicationId::SLG, destination, |ids, out| report.encode(ids, out), ANSWER).await.ok()?;
        result(&answer)
    }

    /// Sends a report that nothing stands behind, once, by the node of this name; the result code.
    pub(crate) async fn forge(&self, node: &str, phone: &Phone, forged: ForgedReport) -> Option<u32> {
        let way = self.way(ReportedBy::Node(node), phone, (&Default::default(), &[]))?;
        let deferral = Deferral {
            kind: forged.kind,
            reference: forged.reference,
            h_gmlc: None,
            gateway: Default::default(),
            order: None,
            estimate: true,
            networks: Vec::new(),
        };
        let told = Told { kind: forged.kind, sequence: forged.sequence, located: true, ..Told::default() };
        self.send(&way, &way.node.session_id(), phone, &deferral, &told).await
    }
}
