//! The side of the register: the check, asked from elsewhere.

use super::question::{Allowed, Authorisation, PseudoExternalOffer, Stage, Standing, Stands, Verdict};
use crate::{
    decide::{Decision, NoTrace, Question, Refusal, RuleId, Subject, check, check_area},
    ppr::{Ppr, Whose, whose},
    register::RecordView,
};
use lcs::{LcsClientType, PrivacySetting, RefusalReason, Target, Timestamp};

impl Ppr {
    /// Answers a gateway elsewhere (TS 23.271 clause 9.1.1.1 step 2). A pseudonym must have been turned back before: one that
    /// still stands in the request bars it.
    #[must_use]
    pub fn answer(&self, asked: &Authorisation<'_>, now: Timestamp) -> Verdict {
        let salt = self.register().salt(&asked.identities);
        let barred = |refusal| Verdict {
            id: asked.id,
            identities: asked.identities,
            verinym: None,
            salt,
            outcome: Err(refusal),
        };
        if matches!(asked.request.target, Target::Pseudonym(_)) {
            return barred(Refusal::new(RuleId::OneSubscriber, RefusalReason::PseudonymUnresolved));
        }
        self.register().with(&asked.identities, |found| {
            let judged = whose(found, &asked.identities, self.policy(), &mut NoTrace).and_then(|whose| {
                let question = Question { request: asked.request, gmlc: asked.gmlc, now, policy: self.policy() };
                let subject = Subject { standing: whose.standing, rules: whose.rules.map(|shared| &**shared) };
                let decision = check(question, subject, &mut NoTrace)?;
                let allowed = self.allowed(asked, &whose, &decision)?;
                let identities =
                    whose.record.map_or(asked.identities, |record| asked.identities.or(record.identities()));
                let salt = whose.record.map(RecordView::salt);
                Ok(Verdict { id: asked.id, identities, verinym: None, salt, outcome: Ok(allowed) })
            });
            judged.unwrap_or_else(barred)
        })
    }

    /// Answers whether a subscriber still stands.
    #[must_use]
    pub fn answer_standing(&self, asked: &Standing, now: Timestamp) -> Stands {
        let outcome = self.stands(&asked.identities, asked.by_default, now);
        Stands { id: asked.id, salt: self.register().salt(&asked.identities), outcome }
    }

    fn allowed(&self, asked: &Authorisation<'_>, whose: &Whose<'_>, decision: &Decision) -> Result<Allowed, Refusal> {
        let coarsen_m = match (asked.stage, whose.rules) {
            (Stage::AfterPositioning(shape), Some(shared)) => check_area(&shared.rules, decision.contributors, shape)?,
            _ => None,
        };
        Ok(Allowed {
            unrelated: decision.unrelated,
            // Asked for, it is told: a class that is not subscribed allows nothing.
            related: asked.asks_related().then(|| decision.related.unwrap_or(PrivacySetting::NotAllowed)),
            rule: decision.rule,
            forwards_codeword: decision.forwards_codeword,
            additional_check: decision.checks_area,
            additional_notification: decision.notifies_after,
            home_plmn_only: decision.home_plmn_only,
            by_default: whose.record.is_none(),
            coarsen_m,
            pseudo_external: self.offer(asked, decision),
            // No setting of a profile is about it.
            mo_lr_short_circuit: false,
        })
    }

    fn offer(&self, asked: &Authorisation<'_>, decision: &Decision) -> Option<PseudoExternalOffer> {
        let table = self.policy().pseudo_external.filter(|_| asked.may_need_pseudo_external())?;
        let results = |related: Option<PrivacySetting>| {
            let first = |setting: PrivacySetting| match setting {
                PrivacySetting::NotAllowed => setting,
                _ if decision.notifies_after => PrivacySetting::AllowedWithoutNotification,
                _ => setting,
            };
            [(related, decision.unrelated), (related.map(first), first(decision.unrelated))]
        };
        match asked.request.client.client_type {
            LcsClientType::ValueAdded => {
                let ([a, b], [c, d]) = (results(decision.related), results(None));
                Some(PseudoExternalOffer::of(&table, &[a, b, c, d]))
            }
            _ => Some(PseudoExternalOffer::of(&table, &[])),
        }
    }
}
