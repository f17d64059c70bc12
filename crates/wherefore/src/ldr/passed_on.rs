//! What a phone reports in another network than the one in which its request was armed (TS 23.271 clause 9.1.19.1 NOTE 6): the gateway there,
//! which knows of no request, passes it on to the home gateway (steps 19 to 21, clause 9.1.19.3 step 3), and that takes it as a node's (step 22).
//!
//! ```text
//!   node ── report, address of the home gateway ──> pass_home ── recorded ── Lr, by reference and IMSI ──> take_passed_on ── as of a node
//!        <───────────────────────── what the home gateway made of it ─────────────────────────┘
//! ```
//!
//! Nothing is kept here: a node whose report was not taken reports again.

use super::intake::{FromWaiter, NodeWord, NotTaken};
use super::referred::NewsFate;
use super::visited::fate_of;
use super::{Deferred, Speaker};
use crate::core::Core;
use crate::lr::NewsTaken;
use gmlc::{Instruction, LdrAsk, Mark, NodeReport, PeerGateway, ReportedEvent};
use lcs::{
    Failure, Fix, Identities, LcsClientId, LcsClientType, LdrReference, LeastPrivacy, LocationRequest, LocationType,
    Priority, PrivacySetting, Qos, RefusalReason, Target, TerminationCause, gad::ShapeSet,
};
use mlp::rlp::{News, OutgoingPassedOn, PassedOn, PassedOnTold, PeerNews, PeerReported, Subject, Version};
use mlp::{TriggerWord, TriggeredOutcome};
use privacy::disclosure::{Facts, Recorded, RequestId, Via};
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

impl Deferred {
    /// Passes on what a node says of a request that nobody here knows, if it is the phone of a subscriber of the home gateway that it names.
    ///
    /// # Errors
    /// The home gateway did not take it, or is none that is known, or it could not be recorded.
    pub(super) async fn pass_home(&self, core: &Arc<Core>, told: &FromWaiter<'_>) -> Result<(), NotTaken> {
        let Speaker::Host(host) = told.speaker else { return Err(NotTaken::Unknown) };
        let Some(name) = name_of(&told.word) else { return Err(NotTaken::Unknown) };
        let gateways = core.network.gateways();
        let whose = Identities { imsi: told.target.imsi, ..Identities::default() };
        let home = told.h_gmlc.and_then(|address| Some((address, gateways.home_of_report(address, &whose)?)));
        let (address, (home, authority)) = home.ok_or(NotTaken::Unknown)?;
        if gateways.is_of_a_peer(host) {
            return Err(NotTaken::OtherNode);
        }
        let instruction = Instruction::of_report(authority, whose, address);
        let instruction = instruction.ok_or(NotTaken::ForNow(Failure::SystemFailure))?;
        let fix = recorded(core, &home, &instruction, told.fix.clone()).await?;
        let at = core.now();
        let outcome = match &fix {
            Some(fix) => TriggeredOutcome::Fixed { fix, at },
            None => TriggeredOutcome::Event { at },
        };
        let outgoing = outgoing_of(&told.word, outcome).ok_or(NotTaken::Unknown)?;
        let (sender, subject) = (gateways.sender(), Subject::Known(whose));
        let (version, name, reference) = (Version::V1_1, name.as_str(), told.reference.0);
        let passed_on = OutgoingPassedOn { version, sender, name, reference, subject: &subject, told: outgoing };
        let taken = gateways.pass_on(&home, &passed_on).await;
        let word = match taken {
            NewsTaken::Taken => "taken",
            NewsTaken::Gone => "unknown",
            NewsTaken::NotTaken => "for_now",
        };
        metrics::counter!("wherefore_deferred_passed_on_total", "outcome" => word).increment(1);
        match taken {
            NewsTaken::Taken => Ok(()),
            NewsTaken::Gone => Err(NotTaken::Unknown),
            NewsTaken::NotTaken => Err(NotTaken::ForNow(Failure::NetworkUnreachable)),
        }
    }

    /// Takes what the gateway of another network passes on, if the phone is there by what the home register says.
    pub(super) async fn take_passed_on(
        &self,
        core: &Arc<Core>,
        gateway: &str,
        (news, passed_on): (&News, &PassedOn),
    ) -> NewsFate {
        // A report is known by the reference and the IMSI (step 22).
        let target = match &passed_on.subject {
            Subject::Known(identities) if identities.imsi.is_some() => *identities,
            Subject::Known(_) | Subject::Pseudonym(_) => return NewsFate::Unknown,
        };
        let Some((word, fix)) = word_of(core, gateway, news, passed_on) else { return NewsFate::Broken("other_event") };
        let (speaker, reference) = (Speaker::Elsewhere(gateway), LdrReference(passed_on.reference));
        fate_of(self.take(core, FromWaiter { speaker, target, reference, word, fix, h_gmlc: None }).await)
    }
}

/// What may be told of where the phone is, once it is recorded that the home gateway is told.
async fn recorded(
    core: &Core,
    home: &PeerGateway,
    instruction: &Instruction,
    fix: Option<Fix>,
) -> Result<Option<Fix>, NotTaken> {
    let imsi = instruction.route.identities.imsi.ok_or(NotTaken::Unknown)?;
    let request = of_nobody(home, Target::Imsi(imsi));
    let ticket = core.log.open(Facts {
        time: core.now(),
        request: RequestId::random().ok_or(NotTaken::ForNow(Failure::SystemFailure))?,
        via: Via::Rlp,
        account: Arc::clone(&request.account),
        client_type: request.client.client_type,
        external: None,
        requestor: None,
        service_type: None,
        location_type: LocationType::Current,
        qos: request.qos,
        target: request.target.clone(),
    });
    let ask = LdrAsk {
        request: &request,
        target: instruction.route.identities,
        agreed: PrivacySetting::AllowedWithoutNotification,
        fix,
        locate: None,
    };
    let recorded = gmlc::report_instructed(&core.gateway(), instruction, ask, ticket).await;
    let recorded = recorded.map_err(|unavailable| NotTaken::ForNow(unavailable.into()))?;
    match Recorded::release(recorded) {
        Ok(fix) => Ok(Some(fix).filter(|fix| fix.shape.is_some())),
        Err(failure @ Failure::Refused(RefusalReason::ProfileUnreadable)) => Err(NotTaken::ForNow(failure)),
        Err(_) => Err(NotTaken::Unknown),
    }
}

/// The name of a report towards the home gateway, the same when the node sends it again; `None`: nothing that a phone carries elsewhere.
fn name_of(word: &NodeWord) -> Option<String> {
    match word {
        NodeWord::Report(NodeReport { mark: Mark::Message(hash), event, .. }) => {
            // For these a node waits.
            let by_node = matches!(event, ReportedEvent::UeAvailable | ReportedEvent::NotAvailable);
            (!by_node).then(|| format!("{hash:016x}"))
        }
        // Whoever hears it twice has nothing to end the second time.
        NodeWord::Terminated(cause) => Some(format!("ended-{}", *cause as u8)),
        NodeWord::Report(_)
        | NodeWord::AreaEvent(_)
        | NodeWord::TakenOff
        | NodeWord::NotInstalled(_)
        | NodeWord::Activated
        | NodeWord::Moved => None,
    }
}

/// What is passed on; `None`: a node waits for it, and not the phone.
fn outgoing_of<'a>(word: &NodeWord, outcome: TriggeredOutcome<'a>) -> Option<PassedOnTold<'a>> {
    let report = match word {
        NodeWord::Report(report) => report,
        NodeWord::Terminated(cause) => return Some(PassedOnTold::Ended(*cause)),
        _ => return None,
    };
    let trigger = match report.event {
        ReportedEvent::Area(_) | ReportedEvent::MaximumIntervalExpired => TriggerWord::ChangeArea,
        ReportedEvent::Periodic => TriggerWord::Periodic,
        ReportedEvent::Motion => TriggerWord::Equidistance,
        ReportedEvent::UeAvailable | ReportedEvent::NotAvailable => return None,
    };
    let max_interval_over = report.event == ReportedEvent::MaximumIntervalExpired;
    Some(PassedOnTold::Report { trigger, max_interval_over, number: report.sequence, outcome })
}

/// What another gateway passes on, as a node would say it; `None`: nothing that a phone says.
fn word_of(core: &Core, gateway: &str, news: &News, passed_on: &PassedOn) -> Option<(NodeWord, Option<Fix>)> {
    let report = match &news.told {
        PeerNews::Ended { cause, .. } => {
            // Where it would be begun anew, nobody has said yet that it is active.
            let cause = cause.filter(|cause| *cause != TerminationCause::MtLrRestart)?;
            return Some((NodeWord::Terminated(cause), None));
        }
        PeerNews::Report(report) => report,
    };
    let mut hasher = DefaultHasher::new();
    hasher.write(gateway.as_bytes());
    hasher.write_u8(0);
    hasher.write(news.request_id.as_bytes());
    let mark = hasher.finish().max(1);
    let of = |event| NodeWord::Report(NodeReport { event, sequence: report.number, mark: Mark::Message(mark) });
    let word = match report.trigger {
        _ if passed_on.max_interval_over => of(ReportedEvent::MaximumIntervalExpired),
        // Which one, the request knows.
        TriggerWord::ChangeArea => NodeWord::AreaEvent(mark),
        TriggerWord::Periodic => of(ReportedEvent::Periodic),
        TriggerWord::Equidistance => of(ReportedEvent::Motion),
        _ => return None,
    };
    let fix = match &report.outcome {
        PeerReported::Position(position) => Some(position.fix(core.now())),
        PeerReported::Event | PeerReported::Failed(_) => None,
    };
    Some((word, fix))
}

/// The request of which nothing is known here but whose phone it is, and who asked: its client is the home gateway's.
fn of_nobody(home: &PeerGateway, target: Target) -> LocationRequest {
    LocationRequest {
        account: format!("lr/{}", home.0).into(),
        client: LcsClientId {
            client_type: LcsClientType::ValueAdded,
            external: None,
            internal: None,
            dialled: None,
            apn: None,
            name: None,
            requestor: None,
            call_session_related: false,
        },
        target,
        service_type: None,
        codeword: None,
        location_type: LocationType::Current,
        max_age_s: None,
        qos: Qos::BEST_EFFORT,
        velocity: false,
        priority: Priority::Normal,
        service_coverage: Vec::new(),
        shapes: ShapeSet::ALL,
        least_privacy: LeastPrivacy::NONE,
    }
}
