//! The planner: whom a job is given to (TS 37.320 clause 5.1.3). Asks the register about each candidate, and draws among the allowed.

use super::Collector;
use super::desk::ReferError;
use crate::clock;
use crate::consent::plmn;
use crate::forms::to_hex;
use crate::store::StoreError;
use mdt::selection::{
    AreaRules, Audit, Candidate, Chosen, Count, Draw, Plan, Reason, Selection, SubscriberRefusal, select_area,
    select_subscriber,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Candidates in one request.
const MOST_CANDIDATES: usize = 10_000;

/// Who could be given a job: whoever is in its area, or its subscriber.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectBody {
    /// Trace reference, as `234-15-000001`.
    pub job: String,
    /// The candidates, 10000 at most.
    pub candidates: Vec<CandidateBody>,
}

/// One of them. `Debug` shows no identity.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CandidateBody {
    /// `msisdn:DIGITS`, `imsi:DIGITS` or `imei:DIGITS`.
    pub subscriber: String,
    /// Network where it is registered, as `234-15`.
    pub registered: String,
}

impl core::fmt::Debug for CandidateBody {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "CandidateBody({})", self.registered)
    }
}

/// What a selection came to. Names nobody: candidates are told by their place in the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SelectionView {
    /// Who is given the job.
    pub chosen: Vec<ChosenView>,
    /// Too few in the area are allowed, so that nobody is asked and nothing more is told.
    pub area_refused: bool,
    /// Why others are not, by reason: a number, or `few` for less than five. Of the job of one subscriber the reason alone.
    pub not_chosen: BTreeMap<String, String>,
}

/// Somebody chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChosenView {
    /// Place in the list of candidates, from 0.
    pub candidate: usize,
    /// Networks where the phone may log, as `234-15`: its MDT PLMN list.
    pub plmns: Vec<String>,
    /// Reference to the consent, hexadecimal: the phone's log brings it back. Of a job of an area alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Nobody was selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// There is no such job, or it was stopped.
    #[error("no such job runs")]
    Job,
    /// A candidate cannot be read, by its place.
    #[error(
        "candidate {0}: give \"subscriber\" as imsi:DIGITS, msisdn:DIGITS or imei:DIGITS, and \"registered\" as 234-15"
    )]
    Candidate(usize),
    /// Too many.
    #[error("10000 candidates at most; ask about one part of the area after the other")]
    TooMany,
    /// Of one subscriber, and not exactly one candidate.
    #[error("the job is of one subscriber: name that one and nobody else")]
    OneSubscriber,
    /// No random numbers, or who is given the job cannot be kept.
    #[error("nobody can be selected now; see the program's log and try again")]
    Unavailable,
}

impl From<ReferError> for SelectError {
    fn from(error: ReferError) -> Self {
        if error == ReferError::Job { Self::Job } else { Self::Unavailable }
    }
}

/// Random numbers of the system.
#[derive(Default)]
struct Lots {
    failed: bool,
}

impl Draw for Lots {
    fn below(&mut self, bound: usize) -> usize {
        let mut octets = [0; 8];
        if aws_lc_rs::rand::fill(&mut octets).is_err() {
            self.failed = true;
            return 0;
        }
        // 64 bits to a number below 2^17: what is uneven about it nobody can see.
        usize::try_from(u64::from_ne_bytes(octets) % bound.max(1) as u64).unwrap_or(0)
    }
}

fn counts(audit: &Audit) -> BTreeMap<String, String> {
    let told = |count| match count {
        Count::None => "0".to_owned(),
        Count::Few => "few".to_owned(),
        Count::Exactly(count) => count.to_string(),
    };
    audit.counts().into_iter().map(|(reason, count)| (reason.to_owned(), told(count))).collect()
}

impl Collector {
    /// Selects for a job that runs. Whoever is chosen for an area has done their duty for the time of the cap, and that is durable before it is
    /// said. Waits: not to be called where tasks run.
    pub(crate) fn select(&self, body: &SelectBody) -> Result<SelectionView, SelectError> {
        let reference = mdt_store::job_of(body.job.as_bytes()).ok_or(SelectError::Job)?;
        let job = self.jobs.running(reference).ok_or(SelectError::Job)?;
        let plan = Plan::of(&job).map_err(|_| SelectError::Job)?;
        if body.candidates.len() > MOST_CANDIDATES {
            return Err(SelectError::TooMany);
        }
        let read = |(at, candidate): (usize, &CandidateBody)| {
            let who = crate::admin::parse_person(&candidate.subscriber).ok_or(SelectError::Candidate(at))?;
            let registered = plmn(&candidate.registered).map_err(|_| SelectError::Candidate(at))?;
            Ok(Candidate { who, registered })
        };
        let candidates = body.candidates.iter().enumerate().map(read).collect::<Result<Vec<_>, SelectError>>()?;
        if plan.subscriber().is_some() {
            return self.select_one(&plan, &candidates);
        }
        let Selection { chosen, audit } = self.select_among(&plan, &candidates)?;
        let view = |chosen: Chosen| {
            let sealed = self.references.seal(chosen.permit.person(), reference).ok_or(SelectError::Unavailable)?;
            let place = candidates.iter().position(|candidate| candidate.who == chosen.who);
            let candidate = place.ok_or(SelectError::Unavailable)?;
            Ok(ChosenView { candidate, plmns: networks(&chosen), reference: Some(to_hex(&sealed)) })
        };
        Ok(SelectionView {
            chosen: chosen.into_iter().map(view).collect::<Result<_, SelectError>>()?,
            area_refused: audit.refused_area(),
            not_chosen: counts(&audit),
        })
    }

    fn select_among(&self, plan: &Plan, candidates: &[Candidate]) -> Result<Selection, SelectError> {
        let cap = self.duties.cap;
        let rules = AreaRules { least_allowed: self.config.least_allowed, most: self.config.most_selected, duty: cap };
        let (now, mut lots) = (clock::now(), Lots::default());
        let mut known = self.duties.blocking_lock();
        known.ledger.prune(cap, now);
        let register = self.duties.port(&self.consents, &known);
        let selection = select_area(plan, candidates, &register, &mut known.ledger, &rules, &mut lots, now);
        let selection = selection.map_err(|_| SelectError::Job)?;
        if lots.failed {
            return Err(SelectError::Unavailable);
        }
        let chosen: Vec<_> = selection.chosen.iter().map(|chosen| chosen.permit.person()).collect();
        self.duties.keep(&known.ledger, &chosen).map_err(not_kept)?;
        Ok(selection)
    }

    fn select_one(&self, plan: &Plan, candidates: &[Candidate]) -> Result<SelectionView, SelectError> {
        let [candidate] = candidates else { return Err(SelectError::OneSubscriber) };
        let mut known = self.duties.blocking_lock();
        let register = self.duties.port(&self.consents, &known);
        let mut view = SelectionView { chosen: Vec::new(), area_refused: false, not_chosen: BTreeMap::new() };
        match select_subscriber(plan, candidate, &register, &mut known.ledger, clock::now()) {
            Ok(chosen) => {
                self.duties.keep(&known.ledger, &[chosen.permit.person()]).map_err(not_kept)?;
                view.chosen.push(ChosenView { candidate: 0, plmns: networks(&chosen), reference: None });
            }
            Err(SubscriberRefusal::Denied(denied)) => {
                view.not_chosen.insert(Reason::Denied(denied).word().to_owned(), "1".to_owned());
            }
            Err(SubscriberRefusal::OtherSubscriber) => return Err(SelectError::OneSubscriber),
            Err(SubscriberRefusal::Plan(_)) => return Err(SelectError::Job),
        }
        Ok(view)
    }
}

fn not_kept(error: StoreError) -> SelectError {
    tracing::error!(%error, "who is given a job of MDT cannot be kept, so nobody is");
    SelectError::Unavailable
}

fn networks(chosen: &Chosen) -> Vec<String> {
    chosen.permit.plmns().iter().map(ToString::to_string).collect()
}
