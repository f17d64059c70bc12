//! Consent, looked up again when a log arrives (TS 32.422 clause 4.9.1): the third of the three points that each refuse alone.

use super::jobs::Jobs;
use super::reference::References;
use crate::clock;
use crate::config::MdtConsent;
use crate::consent::Consents;
use lcs::{Identities, PlmnId, Timestamp};
use mdt::job::{JobType, Subscriber, TraceJob};
use mdt::rrc::{Plmn, TraceReference};
use mdt::selection::{Candidate, ConsentPort, Plan, admit_upload};
use mdt_log::{ReportHead, SegmentHead};
use mdt_store::{ConsentError, ConsentRegister, ConsentWord, SignallingConsent, SubjectId};
use privacy::consent::{Denied, MdtPermit, PersonId, Precision, Question};
use std::sync::Arc;

/// That a log may be opened, and what may be kept of it.
pub(super) struct Admitted {
    /// Of a job of one subscriber.
    pub(super) signalling: Option<SignallingConsent>,
    /// Networks whose rows are kept; all where the network alone selects.
    pub(super) networks: Option<Vec<Plmn>>,
    /// Whether positions go.
    pub(super) coarse: bool,
}

/// Why it may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// For good.
    NotWanted,
    /// The register does not answer: nobody knows yet.
    Unavailable,
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        if denied == Denied::Unavailable { Self::Unavailable } else { Self::NotWanted }
    }
}

/// The register, asked about whoever has an identity.
pub(super) struct ByIdentity<'a>(pub(super) &'a Consents);

impl ConsentPort for ByIdentity<'_> {
    fn permit(&self, who: &Identities, question: &Question, _: Timestamp) -> Result<MdtPermit, Denied> {
        self.0.permit(who, question)
    }
}

/// The register, asked about a record of its own; no identity is known.
struct ByRecord<'a>(&'a Consents, PersonId);

impl ConsentPort for ByRecord<'_> {
    fn permit(&self, _: &Identities, question: &Question, _: Timestamp) -> Result<MdtPermit, Denied> {
        self.0.permit_record(self.1, question)
    }
}

/// Permits for every network of a job where there is one.
fn permits(
    plan: &Plan,
    reference: TraceReference,
    register: &impl ConsentPort,
    who: &Identities,
) -> Result<Vec<(PlmnId, MdtPermit)>, Refusal> {
    let now = clock::now();
    let home = network(reference.plmn).ok_or(Refusal::NotWanted)?;
    let listed = plan.question(home).plmns;
    let networks = if listed.is_empty() { vec![home] } else { listed };
    let mut given = Vec::new();
    for network in networks {
        match admit_upload(plan, &Candidate { who: *who, registered: network }, register, now) {
            Ok(permit) => given.push((network, permit)),
            Err(Denied::Unavailable) => return Err(Refusal::Unavailable),
            Err(_) => {}
        }
    }
    if given.is_empty() { Err(Refusal::NotWanted) } else { Ok(given) }
}

fn network(plmn: Plmn) -> Option<PlmnId> {
    let mcc = format!("{:03}", plmn.mcc()?);
    PlmnId::new(&mcc, &format!("{:0width$}", plmn.mnc(), width = plmn.mnc_digits()))
}

fn packed(plmn: PlmnId) -> Option<Plmn> {
    Plmn::from_octets(plmn.octets())
}

/// Whether any permit keeps no exact place.
fn is_coarse(given: &[(PlmnId, MdtPermit)]) -> bool {
    given.iter().any(|(_, permit)| permit.precision() != Precision::Exact)
}

/// What the register said of the subscriber of one job, as the store of rows asks for it.
struct Asked<'a> {
    consents: &'a Consents,
    given: &'a [(PlmnId, MdtPermit)],
}

/// Whom a job is about, to ask the register by.
pub(super) fn identities(subscriber: &Subscriber) -> Identities {
    match subscriber {
        Subscriber::Imsi(imsi) => Identities { imsi: Some(*imsi), ..Identities::default() },
        Subscriber::Imei(imei) => Identities { imei: Some(*imei), ..Identities::default() },
    }
}

impl ConsentRegister for Asked<'_> {
    fn signalling(&self, subscriber: &Subscriber, _: TraceReference, _: Timestamp) -> ConsentWord {
        let Self { consents, given } = *self;
        let (Some((_, first)), Ok(picture)) = (given.first(), consents.picture(&identities(subscriber))) else {
            return ConsentWord::NoWord;
        };
        let identified = given.iter().all(|(_, permit)| permit.allows_identified());
        let Some(decision) = picture.person.decision(first.purpose()).filter(|_| identified) else {
            return ConsentWord::Refused;
        };
        ConsentWord::Given {
            subject: SubjectId(first.person().0),
            networks: given.iter().filter_map(|(network, _)| packed(*network)).collect(),
            since: decision.at,
            until: None,
        }
    }
}

/// What a job asks of the register, and of whom.
struct Asking<'a> {
    consents: &'a Consents,
    mode: MdtConsent,
    plan: &'a Plan,
    job: &'a TraceJob,
    reference: TraceReference,
    /// Whom the reference is about that came with it.
    person: Option<PersonId>,
}

impl Asking<'_> {
    fn admit(&self, now: Timestamp) -> Result<Admitted, Refusal> {
        let Self { consents, plan, job, reference, .. } = *self;
        if let Some(subscriber) = job.subscriber() {
            let given = permits(plan, reference, &ByIdentity(consents), &identities(subscriber))?;
            let asked = Asked { consents, given: &given };
            let consent = SignallingConsent::ask(&asked, job, now).map_err(|error| match error {
                ConsentError::NoWord => Refusal::Unavailable,
                _ => Refusal::NotWanted,
            })?;
            return Ok(Admitted { signalling: Some(consent), networks: None, coarse: is_coarse(&given) });
        }
        if self.mode == MdtConsent::Network {
            return Ok(Admitted { signalling: None, networks: None, coarse: false });
        }
        let person = self.person.ok_or(Refusal::NotWanted)?;
        let given = permits(plan, reference, &ByRecord(consents, person), &Identities::default())?;
        let networks = given.iter().filter_map(|(network, _)| packed(*network)).collect();
        Ok(Admitted { signalling: None, networks: Some(networks), coarse: is_coarse(&given) })
    }
}

/// Asks about a log of this job with this head; what may be kept of the log, and, where that is agreed to besides, of failures in it.
pub(super) fn admit(
    consents: &Consents,
    references: &References,
    mode: MdtConsent,
    job: (&TraceJob, TraceReference),
    head: &SegmentHead,
    now: Timestamp,
) -> Result<(Admitted, Option<Admitted>), Refusal> {
    let (job, reference) = job;
    let plan = Plan::of(job).map_err(|_| Refusal::NotWanted)?;
    let person = references.open(&head.consent, reference);
    let asking = Asking { consents, mode, plan: &plan, job, reference, person };
    let log = asking.admit(now)?;
    let failures = Asking { plan: &plan.clone().of_failures(), ..asking }.admit(now);
    match failures {
        Ok(failures) => Ok((log, Some(failures))),
        Err(Refusal::NotWanted) => Ok((log, None)),
        Err(Refusal::Unavailable) => Err(Refusal::Unavailable),
    }
}

/// Asks about a single report: of the job that its reference is about; where the network selects and none came, of all jobs of areas that
/// ask for reports. Never an empty list.
pub(super) fn admit_report(
    consents: &Consents,
    references: &References,
    mode: MdtConsent,
    jobs: &Jobs,
    head: &ReportHead,
    now: Timestamp,
) -> Result<Vec<(Arc<TraceJob>, Admitted)>, Refusal> {
    let named = references.open_any(&head.consent);
    let asked = match named {
        Some((_, reference)) => jobs.running(reference).map(|job| (reference, job)).into_iter().collect(),
        None if mode == MdtConsent::Network => jobs.reporting(),
        None => Vec::new(),
    };
    let mut admitted = Vec::new();
    for (reference, job) in asked.into_iter().filter(|(_, job)| job.job_type != JobType::LoggedMdtOnly) {
        let plan = Plan::of(&job).map_err(|_| Refusal::NotWanted)?;
        let person = named.map(|(person, _)| person);
        let one = Asking { consents, mode, plan: &plan, job: &job, reference, person }.admit(now)?;
        // A report says nothing of its subscriber: the reference does, and must be that subscriber's.
        let is_theirs = |person: PersonId| one.signalling.as_ref().is_none_or(|one| one.is_of(SubjectId(person.0)));
        if person.is_none_or(is_theirs) {
            admitted.push((job, one));
        }
    }
    if admitted.is_empty() { Err(Refusal::NotWanted) } else { Ok(admitted) }
}

/// Asks whether a person may be given a job for which a reference goes to the phone: whose it is, and the networks where it holds. Of jobs of
/// one subscriber those of reports alone need one: a log says which job it is of.
pub(super) fn refer(
    register: &impl ConsentPort,
    plan: &Plan,
    job: (&TraceJob, TraceReference),
    who: &Identities,
) -> Result<(PersonId, Vec<PlmnId>), Refusal> {
    let (job, reference) = job;
    if let Some(subscriber) = plan.subscriber() {
        let named = identities(subscriber);
        let is_theirs =
            (named.imsi.is_some() && named.imsi == who.imsi) || (named.imei.is_some() && named.imei == who.imei);
        if job.job_type == JobType::LoggedMdtOnly || !is_theirs {
            return Err(Refusal::NotWanted);
        }
    }
    let given = permits(plan, reference, register, who)?;
    let person = given.first().map(|(_, permit)| permit.person()).ok_or(Refusal::NotWanted)?;
    Ok((person, given.into_iter().map(|(network, _)| network).collect()))
}
