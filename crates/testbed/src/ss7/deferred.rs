//! Deferred requests that wait until a phone can be reached (TS 23.271 clauses 9.1.8.1 and 9.1.8.2).

use super::{Denial, ServingNode, serving::NotLocated};
use crate::{
    mme::{Showing, may_go_on},
    phones::Phone,
    scenario::PhoneState,
};
use lcs::LcsClientType;
use parking_lot::Mutex;
use ss7::map::{ClientId, DeferredEvents, DeferredMtLrData, LcsEvent, PslRes, ReceivedPsl, SlrArg, TerminationCause};
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, Weak},
};
use tokio::task::AbortHandle;

/// Requests that wait, by phone and reference.
#[derive(Default)]
pub(crate) struct Deferred {
    waiting: Mutex<HashMap<(String, u8), AbortHandle>>,
    /// The node itself, for the tasks that wait.
    this: OnceLock<Weak<ServingNode>>,
}

impl Deferred {
    /// Tells whose requests they are.
    pub(super) fn belongs_to(&self, node: &Arc<ServingNode>) {
        self.this.get_or_init(|| Arc::downgrade(node));
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        self.waiting.lock().values().for_each(AbortHandle::abort);
    }
}

impl ServingNode {
    /// Accepts a request that waits for the phone to be reachable; no other event is served. The report follows, at once if the phone
    /// can be reached now.
    pub(super) fn defer(&self, psl: &ReceivedPsl, phone: &Arc<Phone>, showing: Showing) -> Result<PslRes, NotLocated> {
        let only = psl.location_type.deferred_event_type == Some(DeferredEvents::MS_AVAILABLE);
        let (Some(reference), true) = (psl.reference_number, only) else {
            return Err(Denial::FacilityNotSupported.into());
        };
        let Some(this) = self.deferred.this.get().and_then(Weak::upgrade) else {
            return Err(Denial::SystemFailure.into());
        };
        let (psl, waiting) = (psl.clone(), Arc::clone(phone));
        let task = tokio::spawn(async move {
            waiting.when(|spec| spec.state == PhoneState::Attached).await;
            this.deferred.waiting.lock().remove(&(waiting.label.clone(), reference));
            this.available(&psl, &waiting, showing, reference).await;
        });
        let before = self.deferred.waiting.lock().insert((phone.label.clone(), reference), task.abort_handle());
        before.iter().for_each(AbortHandle::abort);
        Ok(PslRes::without_place(true))
    }

    /// Cancels a request that waits.
    pub(super) fn cancel(&self, psl: &ReceivedPsl, phone: &Phone) -> Result<PslRes, NotLocated> {
        let key = psl.reference_number.map(|reference| (phone.label.clone(), reference));
        match key.and_then(|key| self.deferred.waiting.lock().remove(&key)) {
            Some(task) => {
                task.abort();
                Ok(PslRes::without_place(true))
            }
            None => Err(Denial::UnexpectedDataValue.into()),
        }
    }

    /// The phone is there: the user has a say, then the report goes to the gateway that asked.
    async fn available(&self, psl: &ReceivedPsl, phone: &Phone, showing: Showing, reference: u8) {
        let spec = phone.now();
        let response = self.show(psl, phone, &spec, showing).await;
        let granted = may_go_on(showing, response);
        let client = psl.client_id.clone().unwrap_or_else(|| ClientId::new(LcsClientType::ValueAdded));
        let data = DeferredMtLrData {
            deferred_location_event_type: DeferredEvents::MS_AVAILABLE,
            termination_cause: Some(if granted {
                TerminationCause::Normal
            } else {
                TerminationCause::PrivacyViolation
            }),
            lcs_location_info: None,
        };
        let report = SlrArg::new(LcsEvent::DeferredMtLrResponse, client, self.location_info(), phone.identities);
        let mut report = report.deferred(data, reference);
        report.h_gmlc_address = psl.h_gmlc_address;
        if granted && let Ok(estimate) = self.estimate(&spec, psl.supported_gad_shapes) {
            report = report.with_estimate(estimate);
        }
        if let Err(error) = self.report(psl.mlc_number, &report).await {
            tracing::warn!(node = %self.name, subscriber = %phone.label, %error, "a deferred report came to nothing");
        }
    }
}
