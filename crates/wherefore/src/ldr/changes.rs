//! A subscriber changed the profile: every outstanding request about them is checked again, and ended if that fails (TS 23.271 clauses
//! 9.1.8.4 and 9.1.9.1).

use super::Deferred;
use super::arm::{ask, ticket};
use super::index::Slot;
use super::requesting::{CheckedBy, checked_by};
use crate::core::Core;
use crate::lpp::ProfileChanges;
use gmlc::{EndReason, Instruction, LdrEvent};
use lcs::{Identities, LocationType, RefusalReason};
use privacy::disclosure::Ending;
use privacy::{Barred, PrivacyCheck as _, Refusal};
use std::sync::Arc;

impl Deferred {
    /// Checks again what the changes of profiles in this process concern, until the gateway stops.
    pub(crate) async fn follow(&self, core: &Arc<Core>, changes: &ProfileChanges) {
        // What changed before is known to whoever checked since.
        let now = changes.told(None, 0);
        let (feed, mut acknowledged) = (now.feed.0, now.last);
        loop {
            let told = changes.after(Some(feed), acknowledged).await;
            acknowledged = told.last;
            if told.resync {
                self.profiles_changed(core).await;
            }
            for update in told.updates {
                if let Some(whose) = update.target.identities() {
                    self.profile_changed(core, &whose).await;
                }
            }
        }
    }

    /// Checks every outstanding request about this subscriber again.
    pub(crate) async fn profile_changed(&self, core: &Arc<Core>, whose: &Identities) {
        for slot in self.index.of_target(whose) {
            self.check_again(core, &slot).await;
        }
    }

    /// The same for all: it is not known what changed.
    pub(crate) async fn profiles_changed(&self, core: &Arc<Core>) {
        let mut after = None;
        loop {
            let page = self.index.page(after, 16_384);
            let Some(last) = page.last().map(|slot| slot.id) else { return };
            after = Some(last);
            for slot in page {
                self.check_again(core, &slot).await;
            }
        }
    }

    async fn check_again(&self, core: &Arc<Core>, slot: &Arc<Slot>) {
        let (agreed, over) = {
            let state = slot.state.lock().await;
            (state.agreed, state.ldr.is_over())
        };
        let Some(request) = (if over { None } else { self.read(slot).await }) else { return };
        let asked = ask(core, &request, Some(&slot.target)).request;
        let checked = match checked_by(core, &request) {
            Some(CheckedBy::Word(_, Instruction { authority, word, route, .. })) => {
                let identities = &route.identities;
                let permit = core.checks.authorise_instructed_deferred(&authority, word, &asked, identities).await;
                permit.map_err(|refusal| Barred { refusal, subject: core.checks.subject(identities) })
            }
            // A gateway that may ask no more is refused at its next report.
            other => {
                let number = match other {
                    Some(CheckedBy::Profile(gateway)) => gateway.number,
                    _ => core.number,
                };
                core.checks.authorise_deferred(&asked, &slot.target, core.now(), &number).await
            }
        };
        let barred = match checked {
            Ok(permit) if permit.settings().0 > agreed => {
                (Refusal { rule: permit.rule(), reason: RefusalReason::ClassBars }, permit.subject())
            }
            Ok(_) => return,
            Err(barred) => (barred.refusal, barred.subject),
        };
        let (refusal, subject) = barred;
        // Of the moment: each report is checked by itself.
        if super::passes(refusal.reason) {
            return;
        }
        let mut ticket = ticket(core, &request, LocationType::CancelDeferred);
        ticket.identify(subject, slot.target);
        let recorded = ticket.record(Ending::refusal(refusal).at(core.now()), ()).await;
        if let Err(error) = recorded {
            tracing::error!(request = %slot.id, %error, "the end of a deferred request by its subscriber is not recorded");
        }
        // Ended whether recorded or not: that is the more private of the two.
        let mut state = slot.state.lock().await;
        let ended = LdrEvent::Cancel(EndReason::Refused(refusal.reason));
        if self.happened(core, slot, &mut state, ended).await.is_err() {
            tracing::error!(request = %slot.id, "a deferred request that its subscriber refuses could not be ended; its reports are refused");
        }
    }
}
