//! Reports that nodes send of their own accord (LRR, TS 29.172 clause 6.2.3): emergency calls, and what becomes of them and of
//! those that come over MAP.

use super::deferred_reports;
use super::emergency_calls::Call;
use crate::clock;
use crate::core::Core;
use crate::store::ReportKind;
use diameter::base::Origin;
use diameter::codec::{DecodeError, ExperimentalResult, Message, Outcome as Result3gpp, ResultCode};
use diameter::slg::{Estimate, LocationEvent, Lra, Lrr, outcome};
use gmlc::{EmergencyEvent, EmergencyReport};
use lcs::{
    Address, Digits, Duration, Failure, Fix, Identities, LcsClientType, LocationType, NodeKind, Pseudonym, Qos,
    ServiceType, ServingNode, Target,
};
use privacy::disclosure::{Facts, RequestId, Via};
use std::sync::{Arc, OnceLock};
use transport::{Answer, Handler, PeerInfo};

/// Takes reports from serving nodes. The gateway is set once it runs; before that nodes are told to try elsewhere.
#[derive(Clone, Default)]
pub(crate) struct Reports {
    core: Arc<OnceLock<Arc<Core>>>,
}

impl Reports {
    /// The gateway, once it runs.
    pub(super) fn core(&self) -> Option<&Arc<Core>> {
        self.core.get()
    }

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
        let result = match (event(lrr.location_event), deferred_reports::is_one(&lrr)) {
            (Some(event), _) => {
                let reported = Reported {
                    identities: lrr.identities(),
                    fix: fix(&lrr.estimate()),
                    node: node_of(&lrr),
                    esrk: None,
                    esrd: None,
                };
                taken(take_emergency(core, reported, event).await)
            }
            (None, true) => deferred_reports::take(core, &lrr).await,
            (None, false) => taken(Err(Failure::UnauthorisedApplication)),
        };
        let node = core.network.node();
        let origin = Origin { host: node.origin_host(), realm: node.origin_realm() };
        Answer::encode(|out| Lra::to(&request, origin, result).encode(request.header, out))
    }
}

/// What a node is told of a report.
fn taken(taken: Result<(), Failure>) -> Result3gpp {
    match taken {
        Ok(()) => Result3gpp::Success,
        // Nobody here waits for it (TS 29.172 clause 7.5.4.6).
        Err(Failure::UnauthorisedApplication) => {
            Result3gpp::Experimental(ExperimentalResult::UNKNOWN_UNREACHABLE_LCS_CLIENT)
        }
        Err(failure) => outcome(failure),
    }
}

/// What a serving node reports of its own accord, over whatever interface.
pub(super) struct Reported {
    pub(super) identities: Identities,
    pub(super) fix: Option<Fix>,
    /// The node that reports, or to which it handed the call over.
    pub(super) node: Option<ServingNode>,
    /// The key of an emergency call (NA-ESRK), and the digits by which it was routed (NA-ESRD).
    pub(super) esrk: Option<Digits>,
    pub(super) esrd: Option<Digits>,
}

impl Reported {
    /// The call that it is about, under the key that names it alone.
    fn call(&self) -> Call {
        Call { identities: self.identities, node: self.node.clone(), key: self.esrk }
    }
}

/// Records the report of an emergency call, keeps it for whoever answers emergency calls, and only then lets the node be answered.
/// Delivery goes on apart from that, so a sink that is down or slow never delays the network.
pub(super) async fn take_emergency(core: &Arc<Core>, reported: Reported, event: EmergencyEvent) -> Result<(), Failure> {
    // Without a sink nobody here waits for it.
    let url = core.config.mlp.push.emergency_url.as_deref().ok_or(Failure::UnauthorisedApplication)?;
    let call = reported.call();
    let Reported { identities, fix, esrk, esrd, .. } = reported;
    match event {
        EmergencyEvent::Origination | EmergencyEvent::Handover => core.network.calls.begun(call),
        EmergencyEvent::Release => core.network.calls.ended(&call),
    }
    let report = EmergencyReport { identities, event, fix };
    let facts = facts("emergency".into(), LcsClientType::Emergency, LocationType::Initial, &identities)?;
    let ticket = core.log.open(facts);
    let recorded = gmlc::emergency_report(&core.gateway(), report, ticket).await?;
    let ended = recorded.release();
    let at = clock::now();
    let mut body = String::with_capacity(1024);
    let told = ended.as_ref().map(|fix| (fix, at)).map_err(|failure| (mlp::result_of(*failure, false), at));
    let mut report = mlp::EmergencyReport::of(event_trigger(event), &identities, told);
    if let Some(esrk) = esrk {
        report = report.esrk(mlp::EmergencyKey::north_american(esrk));
    }
    if let Some(esrd) = esrd {
        report = report.esrd(mlp::EmergencyKey::north_american(esrd));
    }
    report.write(&mut body);
    keep(core, ReportKind::Emerep, "emergency", url, &body).await
}

/// Records the position that a subscriber sends to a client, keeps it for the client, and only then lets the node be answered
/// (TS 23.271 clauses 9.2.1 and 9.2.2). With `by_pseudonym` the client is told a pseudonym and nothing else of who it is (clause
/// 9.2.2.3 step 8).
///
/// # Errors
/// No client has this number and takes such positions; the subscriber withdrew; there is no position; a pseudonym is wanted and
/// cannot be had.
pub(super) async fn take_own_location(
    core: &Arc<Core>,
    reported: Reported,
    client: Option<Address>,
    service_type: Option<ServiceType>,
    by_pseudonym: bool,
) -> Result<(), Failure> {
    let client = client.and_then(|number| core.clients.of_external_identity(number));
    let client = client.ok_or(Failure::UnauthorisedApplication)?;
    let url = client.record().own_location_url.as_deref().ok_or(Failure::UnauthorisedApplication)?;
    let Reported { identities, fix, .. } = reported;
    let facts = facts(Arc::clone(client.account()), LcsClientType::ValueAdded, LocationType::Current, &identities)?;
    let external = client.record().external_identities.first().map(|own| own.number.0);
    let ticket = core.log.open(Facts { external, service_type, ..facts });
    // Without one the ticket ends as abandoned, and nothing was disclosed.
    let pseudonym = if by_pseudonym { Some(pseudonym(core, &identities, client.account()).await?) } else { None };
    let recorded = gmlc::mo_lr(&core.gateway(), identities, fix, ticket).await?;
    let fix = recorded.release()?;
    let mut body = String::with_capacity(1024);
    let told = Ok((&fix, clock::now()));
    let report = match &pseudonym {
        Some(pseudonym) => mlp::StandardReport::under(pseudonym, told),
        None => mlp::StandardReport::of(&identities, told),
    };
    report.write(&mut body);
    keep(core, ReportKind::Slrep, client.account(), url, &body).await
}

/// The pseudonym by which a client may be told of a subscriber.
async fn pseudonym(core: &Core, who: &Identities, client: &str) -> Result<Pseudonym, Failure> {
    // As if nobody here took it: what cannot be hidden is not told.
    let pmd = core.pseudonyms.as_ref().ok_or(Failure::UnauthorisedApplication)?;
    let assigned = pmd.assign(who, client).await.map_err(|error| {
        tracing::error!(%error, "a subscriber's own location was not forwarded: no pseudonym");
        Failure::SystemFailure
    })?;
    Ok(assigned.pseudonym)
}

fn facts(
    account: Arc<str>,
    client_type: LcsClientType,
    location_type: LocationType,
    identities: &Identities,
) -> Result<Facts, Failure> {
    let msisdn = identities.msisdn.map(Target::Msisdn);
    let target = msisdn.or(identities.imsi.map(Target::Imsi)).or(identities.imei.map(Target::Imei));
    Ok(Facts {
        time: clock::now(),
        request: RequestId::random().ok_or(Failure::SystemFailure)?,
        via: Via::Network,
        account,
        client_type,
        external: None,
        requestor: None,
        service_type: None,
        location_type,
        qos: Qos::BEST_EFFORT,
        target: target.ok_or(Failure::InvalidRequest)?,
    })
}

async fn keep(core: &Arc<Core>, kind: ReportKind, account: &str, url: &str, body: &str) -> Result<(), Failure> {
    let expires = clock::now().after(Duration::from_secs(core.config.mlp.push.keep_s));
    let kept = core.store.keep_report(kind, account, url, body.as_bytes(), expires).await;
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
        // Answers to deferred requests, which are taken elsewhere, and requests of the phone itself.
        _ => None,
    }
}

/// The node that has the call now: the one that reports, or the one to which it was handed over.
fn node_of(lrr: &Lrr<'_>) -> Option<ServingNode> {
    if lrr.location_event == LocationEvent::EMERGENCY_CALL_HANDOVER {
        // Without an address there, nothing is known.
        return lrr.serving_node.as_ref().and_then(|node| node.nodes(lrr.origin_realm).next());
    }
    let (name, realm) = (lrr.origin_host.to_owned(), lrr.origin_realm.to_owned());
    Some(ServingNode { kind: NodeKind::Mme { name, realm }, capabilities: None, v_gmlc: None })
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

    /// TS 23.271 clause 9.1.3: an NA-ESRK names a call, an NA-ESRD the place that all calls from there have in common.
    #[test]
    fn a_call_is_known_by_its_key_and_not_by_the_digits_of_its_place() {
        let digits = |text| Digits::parse(text).ok();
        let (esrk, esrd) = (digits("5551234567"), digits("5550000001"));
        let reported = |esrk, esrd| Reported { identities: Identities::default(), fix: None, node: None, esrk, esrd };
        assert_eq!(reported(esrk, esrd).call().key, esrk);
        assert_eq!(reported(None, esrd).call().key, None);
    }

    #[test]
    fn events_of_emergency_calls_are_taken_and_no_others() {
        let taken: Vec<_> = (0..10).filter(|code| event(LocationEvent(*code)).is_some()).collect();
        assert_eq!(taken, [0, 1, 3]);
    }
}
