//! The MME on S6a: keeps what it is told of consent, and lets a job through to the radio network or refuses it, by what it holds itself.

use super::{
    JobOutcome, MdtCore, handsets,
    hss::LOGGED_MDT,
    radio::{self, Told},
};
use crate::{
    network::Shared,
    phones::Phone,
    wire::{self, Origin},
};
use diameter::{
    codec::{ExperimentalResult, Message, Outcome},
    s6a::{Idr, MdtUserConsent, TraceData},
};
use std::sync::Arc;
use transport::{Answer, Handler, PeerInfo};

/// An MME.
pub(super) struct S6aMme {
    pub(super) name: String,
    pub(super) origin: Origin,
    pub(super) shared: Arc<Shared>,
}

impl Handler for S6aMme {
    async fn handle(&self, request: Message, _from: PeerInfo) -> Answer {
        let read = match Idr::decode(&request) {
            Ok(read) => read,
            Err(error) => return Answer::Undecodable(error),
        };
        let served = |phone: &&Arc<Phone>| phone.mme().as_deref() == Some(&self.name);
        let (Some(core), Some(phone)) =
            (self.shared.mdt.as_ref(), self.shared.phones.with_imsi(read.imsi).filter(served))
        else {
            let unknown = Outcome::Experimental(ExperimentalResult::USER_UNKNOWN);
            return wire::answer(&request, &self.origin, unknown, |_| ());
        };
        // What is not in the request stays as it was (TS 29.272 clause 5.2.2.1.2).
        if read.subscription_data.mdt_user_consent.is_some() {
            let consent = MdtUserConsent::of(&read.subscription_data);
            core.visited.lock().entry(self.name.clone()).or_default().insert(read.imsi, consent);
        }
        if let Some(trace) = &read.subscription_data.trace_data {
            let outcome = self.begin(core, phone, trace).await;
            core.outcomes.lock().insert(read.imsi, outcome);
        }
        wire::answer(&request, &self.origin, Outcome::Success, |_| ())
    }
}

impl S6aMme {
    /// A job of the subscriber. The data were taken whatever becomes of it: the answer over S6a does not say.
    async fn begin(&self, core: &MdtCore, phone: &Arc<Phone>, trace: &TraceData<'_>) -> JobOutcome {
        let logged = trace.mdt_configuration.as_ref().filter(|mdt| mdt.job_type == LOGGED_MDT);
        let Some(mdt) = logged else { return JobOutcome::NotLoggedMdt };
        if !core.consents(&self.name, phone) {
            return JobOutcome::NoConsent;
        }
        let told = match radio::configuration(core, &self.shared, trace, mdt) {
            Ok(told) => told,
            Err(outcome) => return outcome,
        };
        // Without a list it is for this network alone.
        let own = wire::plmn(&self.origin.realm);
        let allowed = match &mdt.mdt_allowed_plmn_id[..] {
            [] => vec![own],
            listed => listed.to_vec(),
        };
        let delivered = handsets::with(&self.shared, Arc::clone(phone), {
            let phone = Arc::clone(phone);
            move |handset, core| {
                // The network that the phone is registered in, or this one while it was in none.
                let registered = handset.phone.registered().unwrap_or(own);
                if !allowed.contains(&registered) {
                    return JobOutcome::NotAllowedHere;
                }
                handsets::deliver(core, handset, &phone, Told::Lte(told))
            }
        });
        delivered.await.unwrap_or(JobOutcome::PhoneFailed)
    }
}

impl MdtCore {
    /// Whether an MME holds the consent of a subscriber. It holds none that it was not told of.
    pub(super) fn consents(&self, mme: &str, phone: &Phone) -> bool {
        let visited = self.visited.lock();
        let held = visited.get(mme).and_then(|of| of.get(&phone.identities.imsi?)).copied();
        MdtUserConsent::allows_mdt(held)
    }
}
