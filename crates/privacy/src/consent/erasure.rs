//! Forgetting a person: recorded, then durable, then in force. What restricts stays: an opt-out for ever, an exclusion.

use super::change::{ChangeError, Order};
use super::notice::NoticeBook;
use super::person::{Person, PersonId};
use super::register::fresh_names;
use crate::disclosure::{Log, Recording, RequestId, Subject, Via};
use crate::permit::sealed;
use crate::{Cleared, Releasable, ReleaseKey};
use lcs::Identities;
use std::sync::Arc;

/// That a person is forgotten, drafted and not done yet.
#[derive(Debug)]
#[must_use = "a draft erases nothing"]
pub struct ErasureDraft {
    order: Order,
    erasure: RecordedErasure,
}

/// The same once it stands in the disclosure log. Comes out of [`crate::disclosure::Recorded::release`] alone.
#[derive(Debug)]
#[must_use = "write it to the store and take it into the register"]
pub struct RecordedErasure {
    gone: PersonId,
    remains: Option<Arc<Person>>,
}

impl ErasureDraft {
    pub(super) fn new(person: &Person, order: Order, notices: &NoticeBook) -> Result<Self, ChangeError> {
        // Sees that the source may.
        Person::clone(person).apply(&order, notices)?;
        let (id, salt) = fresh_names()?;
        let remains = person.remains(id, salt).map(Arc::new);
        Ok(Self { order, erasure: RecordedErasure { gone: person.id(), remains } })
    }

    /// Writes into the disclosure log that somebody was forgotten. The entry names nobody and is under the operator's own key: that of the
    /// person is destroyed with the record, and then nobody reads the person's entries.
    pub fn record(self, log: &Log, request: RequestId, via: Via, account: Arc<str>) -> Recording<Self> {
        let entry = self.order.entry(Identities::default(), request, via, account);
        log.record_consent(&entry, &Subject::Operator, self)
    }
}

impl sealed::Sealed for ErasureDraft {
    fn position(&self) -> Option<&Cleared> {
        None
    }
}

impl Releasable for ErasureDraft {
    type Released = RecordedErasure;

    fn release(self, _: &ReleaseKey) -> RecordedErasure {
        self.erasure
    }
}

impl RecordedErasure {
    /// The record that goes.
    #[must_use]
    pub fn gone(&self) -> PersonId {
        self.gone
    }

    /// The record that stands in its place, if something has to stay.
    #[must_use]
    pub fn remains(&self) -> Option<&Person> {
        self.remains.as_deref()
    }

    pub(super) fn into_remains(self) -> Option<Arc<Person>> {
        self.remains
    }
}
