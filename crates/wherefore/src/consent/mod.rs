//! The consent register of MDT in the running gateway: durable before acknowledged, and every change in the disclosure log.
//!
//! ```text
//!   admin API ──> Consents ── looser:   disclosure log ──> store ──> memory ──> answer
//!                          └─ stricter: memory ──> store ──> disclosure log ──> answer
//! ```

mod body;
mod export;
mod import;
mod receipt;
#[cfg(test)]
mod tests;

pub use body::{
    AmDataView, DecisionBody, DecisionView, EraseBody, ErasedView, ExclusionBody, InformedBody, LiftBody, LinkBody,
    NoticeBody, NoticeList, NoticeTextBody, PauseUntilBody, PersonView, SourceBody,
};
pub(crate) use body::{plmn, source};
pub use export::{AccessView, DecisionExport, DeliveryView, HeldView, SubscriptionDataView};
pub use import::{CsvError, ImportBody, ImportRow, ImportView, RefusedRow, read_csv};
pub use receipt::{ReceiptError, SignedReceipt, verify};

use crate::clock;
use crate::store::{Store, StoreError};
use lcs::{Identities, PlmnId, Timestamp};
use privacy::consent::{
    Change, ChangeError, ConsentRegister, Denied, Draft, Keeps, MdtPermit, Mode, Notice, NoticeError, Order, Person,
    PersonId, Picture, Purpose, Question, RecordedDraft, Source,
};
use privacy::disclosure::{Log, LogUnavailable, RequestId, SigningKey, Via};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Whose hand wrote a change down.
const BY_ADMIN: (Via, &str) = (Via::Admin, "admin");
const BY_PHONE: (Via, &str) = (Via::Phone, "phone");

/// Why a change of the register was not made, or is in force and not recorded.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// The change cannot be made.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The notice cannot be taken.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// A member of the request is not as it must be.
    #[error("{0}")]
    Body(&'static str),
    /// The store cannot do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disclosure log cannot record it.
    #[error("{0}; what restricts is in force all the same, what allows is not: repeat the request")]
    Log(#[from] LogUnavailable),
    /// The receipt cannot be made.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
}

/// The consent register.
pub struct Consents {
    register: ConsentRegister,
    store: Arc<Store>,
    log: Log,
    key: Arc<SigningKey>,
    /// Held from the draft until memory has it, so that log, store and memory see changes in one order. Within: whose opt-out by phone
    /// was recorded, so that a phone that says it again and again fills no log.
    changing: Mutex<HashSet<PersonId>>,
}

impl core::fmt::Debug for Consents {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Consents({:?})", self.register)
    }
}

impl Consents {
    /// Loads the register.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn open(store: Arc<Store>, log: Log, key: Arc<SigningKey>) -> Result<Self, StoreError> {
        let register = ConsentRegister::new(store.consent_key()?, Mode::Consent);
        let unreadable = store.load_consents(&register).await?;
        if unreadable > 0 {
            tracing::error!(unreadable, "records of consent cannot be read; whoever they are about is refused");
        }
        tracing::info!(persons = register.len(), "consents in memory");
        Ok(Self { register, store, log, key, changing: Mutex::default() })
    }

    /// Publishes a notice.
    ///
    /// # Errors
    /// It is not sound or not the next version, or the store failed.
    pub async fn publish(&self, notice: Notice) -> Result<(), ConsentError> {
        let _changing = self.changing.lock().await;
        self.register.check_notice(&notice)?;
        self.store.put_notice(&notice).await?;
        self.register.load_notice(notice);
        Ok(())
    }

    /// Every version of every notice.
    #[must_use]
    pub fn notices(&self) -> Vec<Arc<Notice>> {
        self.register.notices()
    }

    /// Makes a change now. In force, durable and recorded when this returns.
    ///
    /// # Errors
    /// As [`ConsentError`] says.
    pub async fn change(
        &self,
        who: &Identities,
        source: Source,
        change: impl FnOnce(Timestamp) -> Result<Change, ConsentError>,
    ) -> Result<(), ConsentError> {
        let _changing = self.changing.lock().await;
        let at = clock::now();
        let order = Order { change: change(at)?, source, at };
        self.carry_out(self.register.draft(who, &order)?, BY_ADMIN).await
    }

    /// Notes that a person has other identities from now on.
    ///
    /// # Errors
    /// As [`ConsentError`] says.
    pub async fn link(&self, who: &Identities, new: &Identities, source: Source) -> Result<(), ConsentError> {
        let _changing = self.changing.lock().await;
        let order = Order { change: Change::Linked, source, at: clock::now() };
        self.carry_out(self.register.draft_link(who, new, &order)?, BY_ADMIN).await
    }

    /// The person of a record opts out, by the word of a phone that brought a reference to it. In force, durable and recorded when this
    /// returns; nothing where the record is nobody's.
    ///
    /// # Errors
    /// As [`ConsentError`] says; the phone is to say it again.
    pub(crate) async fn opt_out_record(&self, person: PersonId) -> Result<(), ConsentError> {
        let mut recorded = self.changing.lock().await;
        let Some(draft) = self.register.draft_opt_out_of_record(person, clock::now())? else { return Ok(()) };
        // Only a lifted opt-out makes the same word news again.
        if self.register.is_opted_out(person) && recorded.contains(&person) {
            return Ok(());
        }
        self.carry_out(vec![draft], BY_PHONE).await?;
        recorded.insert(person);
        Ok(())
    }

    /// Notes that identities are a person's no longer. Gives the number of those left.
    ///
    /// # Errors
    /// As [`ConsentError`] says.
    pub async fn unlink(&self, who: &Identities, gone: &Identities, source: Source) -> Result<usize, ConsentError> {
        let _changing = self.changing.lock().await;
        let order = Order { change: Change::Unlinked, source, at: clock::now() };
        let draft = self.register.draft_unlink(who, gone, &order)?;
        let left = draft.person().identities().iter().filter(|held| held.current).count();
        self.carry_out(vec![draft], BY_ADMIN).await?;
        Ok(left)
    }

    /// Takes decisions of another system, in their order. One that is refused stops no other.
    ///
    /// # Errors
    /// Store or log failed. What restricts is in force; the rest is not, from some row on.
    pub async fn import(
        &self,
        rows: Vec<(Result<Identities, ConsentError>, DecisionBody)>,
    ) -> Result<ImportView, ConsentError> {
        let _changing = self.changing.lock().await;
        let at = clock::now();
        let (mut view, mut together) = (ImportView::default(), Vec::new());
        for (row, (who, decision)) in rows.into_iter().enumerate() {
            let order = decision.import(at).map(|change| Order { change, source: Source::Import, at });
            let drafts = match who.and_then(|who| Ok((who, order?))) {
                Ok((who, order)) => {
                    let drafts = self.register.draft(&who, &order);
                    // A person's second decision is drafted on what the first one left.
                    if drafts.as_ref().is_ok_and(|drafts| drafts.iter().any(|draft| is_among(&together, draft))) {
                        self.carry_out(std::mem::take(&mut together), BY_ADMIN).await?;
                        self.register.draft(&who, &order).map_err(ConsentError::from)
                    } else {
                        drafts.map_err(ConsentError::from)
                    }
                }
                Err(error) => Err(error),
            };
            match drafts {
                Ok(drafts) => {
                    view.written += 1;
                    together.extend(drafts);
                }
                Err(error) => view.refused.push(RefusedRow { row, what: error.to_string() }),
            }
        }
        self.carry_out(together, BY_ADMIN).await?;
        Ok(view)
    }

    /// Forgets a person, on their own demand; says what stays. Recorded, durable and in force when this returns. Doing it twice is no error.
    ///
    /// # Errors
    /// As [`ConsentError`] says; after [`StoreError::StillRead`] it is in force, and has to be repeated until nothing is left on disk.
    pub async fn erase(&self, who: &Identities) -> Result<ErasedView, ConsentError> {
        let _changing = self.changing.lock().await;
        let order = Order { change: Change::Erased, source: Source::Person, at: clock::now() };
        let mut view = ErasedView::default();
        match self.register.draft_erasure(who, &order) {
            Ok(draft) => {
                let request = RequestId::random().ok_or(ChangeError::Unavailable)?;
                let erasure = draft.record(&self.log, request, Via::Admin, "admin".into()).await?.release();
                self.store.erase_consent(&erasure).await?;
                view.known = true;
                view.opt_out_stays = erasure.remains().is_some_and(|stays| stays.opted_out().is_some());
                view.exclusion_stays = erasure.remains().is_some_and(Person::is_excluded);
                self.register.erase(erasure);
            }
            Err(ChangeError::Nobody) => {}
            Err(error) => return Err(error.into()),
        }
        // Also when nobody was found: an earlier call may have been cut off before this.
        self.store.forget_octets().await?;
        Ok(view)
    }

    /// Carries out changes of as many persons, all in one write of the store and one wait for the log.
    async fn carry_out(&self, drafts: Vec<Draft>, (via, account): (Via, &'static str)) -> Result<(), ConsentError> {
        if drafts.is_empty() {
            return Ok(());
        }
        let request = RequestId::random().ok_or(ChangeError::Unavailable)?;
        let (restricting, loosening): (Vec<_>, Vec<_>) =
            drafts.into_iter().partition(|draft| draft.restriction().is_some());
        restricting.iter().filter_map(Draft::restriction).for_each(|restriction| self.register.restrict(restriction));
        if !restricting.is_empty() {
            self.store.put_consents(restricting.iter().map(Draft::person)).await?;
        }
        let record = |draft: Draft| draft.record(&self.log, request, via, account.into());
        let restricting: Vec<_> = restricting.into_iter().map(record).collect();
        let loosening: Vec<_> = loosening.into_iter().map(record).collect();
        let mut recorded = Vec::new();
        for recording in loosening {
            recorded.push(recording.await?.release());
        }
        if !recorded.is_empty() {
            self.store.put_consents(recorded.iter().map(RecordedDraft::person)).await?;
        }
        recorded.into_iter().for_each(|recorded| self.register.take(recorded));
        for recording in restricting {
            drop(recording.await?.release());
        }
        Ok(())
    }

    /// What is kept about a person.
    ///
    /// # Errors
    /// Nobody, several, or unreadable.
    pub fn picture(&self, who: &Identities) -> Result<Picture, ConsentError> {
        Ok(self.register.picture(who)?)
    }

    /// A signed receipt of what is kept about a person.
    ///
    /// # Errors
    /// Nobody, several, unreadable, or the cryptographic library failed.
    pub fn receipt(&self, who: &Identities) -> Result<SignedReceipt, ConsentError> {
        Ok(receipt::make(&self.register.picture(who)?, &self.key, clock::now())?)
    }

    /// Whether a person may be asked now.
    ///
    /// # Errors
    /// Why not.
    pub fn permit(&self, who: &Identities, question: &Question) -> Result<MdtPermit, Denied> {
        self.register.permit(who, question, clock::now())
    }

    /// The same of a record by its name.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn permit_record(&self, person: PersonId, question: &Question) -> Result<MdtPermit, Denied> {
        self.register.permit_record(person, question, clock::now())
    }

    /// What an HSS or UDM is told about a person in a network: whether logged MDT that keeps no identity is allowed there now.
    #[must_use]
    pub fn network_word(&self, who: &Identities, plmn: PlmnId) -> bool {
        let question =
            Question { purpose: Purpose::LoggedMdt, registered: plmn, plmns: Vec::new(), keeps: Keeps::NoIdentity };
        self.permit(who, &question).is_ok()
    }
}

fn is_among(drafts: &[Draft], draft: &Draft) -> bool {
    drafts.iter().any(|other| other.person().id() == draft.person().id())
}
