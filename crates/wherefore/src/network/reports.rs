//! Reports that nodes send of their own accord (LRR, TS 29.172 clause 6.2.3): emergency calls.

use crate::clock;
use crate::core::Core;
use crate::store::ReportKind;
use diameter::base::Origin;
use diameter::codec::{DecodeError, ExperimentalResult, Message, Outcome as Result3gpp, ResultCode};
use diameter::slg::{Estimate, LocationEvent, Lra, Lrr, outcome};
use gmlc::{EmergencyEvent, EmergencyReport};
use lcs::{Duration, Failure, Fix, LcsClientType, LocationType, Qos, Target};
use privacy::disclosure::{Facts, RequestId, Via};
use std::sync::{Arc, OnceLock};
use transport::{Answer, Handler, PeerInfo};

/// Takes reports from serving nodes. The gateway is set once it runs; before that nodes are told to try elsewhere.
#[derive(Clone, Default)]
pub(crate) struct Reports {
    core: Arc<OnceLock<Arc<Core>>>,
}

impl Reports {
    pub(crate) fn serve(&self, core: Arc<Core>) {
        if self.core.set(core).is_err() {
            tracing::error!("the gateway was set twice");
        }
    }
}

impl Handler for Reports {
    async fn handle(&self, request: Message, _from: PeerInfo) -> Answer {
        let Some(core) = self.core.get() else { return Answer::Refused(ResultCode::TOO_BUSY) };
        if request.header.command != diameter::codec::CommandCode::LOCATION_REPORT {
            return Answer::Undecodable(DecodeError::CommandUnsupported(request.header.command));
        }
        let lrr = match Lrr::decode(&request) {
            Ok(lrr) => lrr,
            Err(error) => return Answer::Undecodable(error),
        };
        let url = core.config.mlp.push.emergency_url.as_deref();
        let result = match event(lrr.location_event).zip(url) {
            Some((event, url)) => take(core, &lrr, event, url).await.map_or_else(outcome, |()| Result3gpp::Success),
            // Nobody here waits for it (TS 29.172 clause 7.5.4.6).
            None => Result3gpp::Experimental(ExperimentalResult::UNKNOWN_UNREACHABLE_LCS_CLIENT),
        };
        let node = core.network.node();
        let origin = Origin { host: node.origin_host(), realm: node.origin_realm() };
        Answer::encode(|out| Lra::to(&request, origin, result).encode(request.header, out))
    }
}

/// Records the report, keeps it for whoever answers emergency calls, and only then lets the node be answered. Delivery goes on
/// apart from that, so a sink that is down or slow never delays the network.
async fn take(core: &Arc<Core>, lrr: &Lrr<'_>, event: EmergencyEvent, url: &str) -> Result<(), Failure> {
    let identities = lrr.identities();
    let report = EmergencyReport { identities, event, fix: fix(&lrr.estimate()) };
    let msisdn = identities.msisdn.map(Target::Msisdn);
    let target = msisdn.or(identities.imsi.map(Target::Imsi)).or(identities.imei.map(Target::Imei));
    let facts = Facts {
        time: clock::now(),
        request: RequestId::random().ok_or(Failure::SystemFailure)?,
        via: Via::Network,
        account: "emergency".into(),
        client_type: LcsClientType::Emergency,
        external: None,
        requestor: None,
        service_type: None,
        location_type: LocationType::Initial,
        qos: Qos::BEST_EFFORT,
        target: target.ok_or(Failure::InvalidRequest)?,
    };
    let ticket = core.log.open(facts);
    let recorded = gmlc::emergency_report(&core.gateway(), report, ticket).await?;
    let ended = recorded.release();
    let at = clock::now();
    let mut body = String::with_capacity(1024);
    let told = ended.as_ref().map(|fix| (fix, at)).map_err(|failure| (mlp::result_of(*failure, false), at));
    mlp::EmergencyReport::of(event_trigger(event), &identities, told).write(&mut body);
    let expires = at.after(Duration::from_secs(core.config.mlp.push.keep_s));
    let kept = core.store.keep_report(ReportKind::Emerep, "emergency", url, body.as_bytes(), expires).await;
    kept.map_err(|_| Failure::SystemFailure)?;
    core.reports_due.notify_one();
    Ok(())
}

/// The event of a report that is taken.
fn event(told: LocationEvent) -> Option<EmergencyEvent> {
    match told {
        LocationEvent::EMERGENCY_CALL_ORIGINATION => Some(EmergencyEvent::Origination),
        LocationEvent::EMERGENCY_CALL_RELEASE => Some(EmergencyEvent::Release),
        LocationEvent::EMERGENCY_CALL_HANDOVER => Some(EmergencyEvent::Handover),
        // Answers to deferred requests, of which this gateway has none, and requests of the phone itself.
        _ => None,
    }
}

/// The position told, or what of it can be read: an emergency call is told of even if its estimate is broken.
fn fix(told: &Estimate<'_>) -> Option<Fix> {
    told.fix().unwrap_or_else(|_| {
        metrics::counter!("wherefore_emergency_estimates_unreadable_total").increment(1);
        let rest = Estimate { location_estimate: None, velocity_estimate: None, ..told.clone() };
        rest.fix().ok().flatten()
    })
}

fn event_trigger(event: EmergencyEvent) -> mlp::EmergencyTrigger {
    match event {
        EmergencyEvent::Origination => mlp::EmergencyTrigger::Origination,
        EmergencyEvent::Release => mlp::EmergencyTrigger::Release,
        EmergencyEvent::Handover => mlp::EmergencyTrigger::Handover,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diameter::{HiddenOctets, Octets};

    #[test]
    fn a_broken_estimate_costs_an_emergency_report_no_more_than_itself() {
        let ecgi = Some(HiddenOctets([0, 0xF1, 0x10, 0, 1, 2, 3]));
        let broken = Estimate { location_estimate: Some(Octets(&[0x10, 1])), ecgi, ..Estimate::default() };
        let told = fix(&broken).unwrap();
        assert!(told.shape.is_none() && told.cell.is_some());
        assert_eq!(fix(&Estimate { ecgi: None, ..broken }), None);
    }

    #[test]
    fn events_of_emergency_calls_are_taken_and_no_others() {
        let taken: Vec<_> = (0..10).filter(|code| event(LocationEvent(*code)).is_some()).collect();
        assert_eq!(taken, [0, 1, 3]);
    }
}
