//! Answers (TS 23.271 clause 7.4.2).

use super::words::{Reason, Setting, ShortCircuit};
use super::{RequestId, Subscriber};
use crate::forms::{Number, from_hex, to_hex};
use lcs::{Identities, LcsClientType, PseudoExternalIdentity};
use privacy::{Allowed, LppFault, LppId, PseudoExternalOffer, Refusal, RuleId, Stands, SubjectSalt, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A request is barred. No indicator goes along (clause 7.4.2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bar {
    /// Why.
    pub(crate) reason: Reason,
    /// The rule that decided, by the word that `wherefore explain` uses.
    pub(crate) rule: String,
}

/// A request is allowed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Allow {
    /// Indicator for the call/session unrelated class.
    pub(crate) unrelated: Setting,
    /// Indicator for the call/session related class: there if, and only if, it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) related: Option<Setting>,
    /// The rule that decided, by its word.
    pub(crate) rule: String,
    /// The codeword goes to the serving node, for the user to see (Table 10.12a).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) codeword_to_ue: bool,
    /// Indicator on additional privacy check with location estimate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) additional_check: bool,
    /// Indicator on additional notification or verification without positioning.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) additional_notification: bool,
    /// Holds only while the home PLMN serves (clause 9.5.3.4).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) home_plmn_only: bool,
    /// By the operator's default profile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) by_default: bool,
    /// The position may be given no finer than a circle of this radius, m, 1-1000000; after positioning only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) coarsen_m: Option<u32>,
    /// Pseudo external identities for nodes below capability set 4 (Annex C).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pseudo_external: Option<PseudoExternal>,
    /// Indicator for MO-LR short circuit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mo_lr_short_circuit: Option<ShortCircuit>,
}

/// Pseudo external identities that this result can come to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PseudoExternal {
    /// The lowest capability set whose nodes can be told by them, 1 or 2.
    pub(crate) lowest_set: u8,
    /// At most four; none for a PLMN operator client.
    pub(crate) identities: Vec<PseudoExternalNumber>,
}

/// One pseudo external identity.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PseudoExternalNumber {
    /// Its number in Table C.1, 1-14.
    pub(crate) identity: u8,
    /// The address that stands for it.
    pub(crate) number: Number,
}

/// LCS Authorisation Response (clause 7.4.2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorisationResponse {
    /// Name of the request that it answers.
    pub(crate) request_id: RequestId,
    /// Whom it is about, completed from the register. Absent where a pseudonym does not resolve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Subscriber>,
    /// What the pseudonym stands for, if one was asked about and it resolves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) verinym: Option<Subscriber>,
    /// Salt of the subscriber's entries in the disclosure log, 32 hexadecimal digits, for a gateway that may have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log_salt: Option<String>,
    /// The request is to be barred. Exactly one of `bar` and `allow` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bar: Option<Bar>,
    /// The request is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) allow: Option<Allow>,
}

/// Answer to whether a subscriber has withdrawn.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandingResponse {
    /// Name of the request that it answers.
    pub(crate) request_id: RequestId,
    /// As in the other answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log_salt: Option<String>,
    /// Whether nothing stands against it. Exactly one of `bar` and a true `stands` is there.
    pub(crate) stands: bool,
    /// What stands against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bar: Option<Bar>,
}

/// What a peer that reads an answer may see of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader {
    /// Salts of the disclosure log.
    pub(crate) salts: bool,
}

/// How a pseudonym was turned back, where the request named one.
pub(crate) enum Resolved {
    /// It named a subscriber.
    NoPseudonym,
    /// It stands for these.
    To(Identities),
}

fn bar(refusal: Refusal) -> Bar {
    Bar { reason: refusal.reason.into(), rule: refusal.rule.word().to_owned() }
}

fn refusal(bar: &Bar) -> Result<Refusal, LppFault> {
    let rule = RuleId::from_word(&bar.rule).ok_or(LppFault::Strange)?;
    Ok(Refusal { reason: bar.reason.into(), rule })
}

fn salt_text(salt: Option<SubjectSalt>, reader: Reader) -> Option<String> {
    salt.filter(|_| reader.salts).map(|salt| to_hex(&salt.octets()))
}

fn salt(text: Option<&str>) -> Result<Option<SubjectSalt>, LppFault> {
    let octets = |text: &str| from_hex(text).and_then(|octets| octets.try_into().ok()).ok_or(LppFault::Strange);
    Ok(text.map(octets).transpose()?.map(SubjectSalt::from_octets))
}

impl AuthorisationResponse {
    /// As the register answers. `client_type` and `short_circuit` are of the request.
    pub(crate) fn of(verdict: &Verdict, resolved: &Resolved, reader: Reader, short_circuit: bool) -> Self {
        let (bar, allow) = match verdict.outcome {
            Err(refusal) => (Some(bar(refusal)), None),
            Ok(allowed) => (None, Some(Allow::of(&allowed, short_circuit))),
        };
        let target = Subscriber::of(&verdict.identities);
        Self {
            request_id: RequestId(verdict.id),
            target: (target != Subscriber::default()).then_some(target),
            verinym: match resolved {
                Resolved::NoPseudonym => None,
                Resolved::To(verinym) => Some(Subscriber::of(verinym)),
            },
            log_salt: salt_text(verdict.salt, reader),
            bar,
            allow,
        }
    }

    /// A bar without a word on anybody.
    pub(crate) fn barred(id: LppId, refusal: Refusal) -> Self {
        Self {
            request_id: RequestId(id),
            target: None,
            verinym: None,
            log_salt: None,
            bar: Some(bar(refusal)),
            allow: None,
        }
    }

    /// As the gateway reads it. Whether it belongs to the question is for the crate `privacy` to see.
    ///
    /// # Errors
    /// Members contradict each other or are out of range.
    pub(crate) fn verdict(&self, client_type: LcsClientType) -> Result<Verdict, LppFault> {
        let subscriber = |it: &Subscriber| it.identities().ok_or(LppFault::Strange);
        let outcome = match (&self.bar, &self.allow) {
            (Some(bar), None) => Err(refusal(bar)?),
            (None, Some(allow)) => Ok(allow.allowed(client_type)?),
            (Some(_), Some(_)) | (None, None) => return Err(LppFault::Strange),
        };
        Ok(Verdict {
            id: self.request_id.0,
            identities: self.target.as_ref().map(subscriber).transpose()?.unwrap_or_default(),
            verinym: self.verinym.as_ref().map(subscriber).transpose()?,
            salt: salt(self.log_salt.as_deref())?,
            outcome,
        })
    }
}

impl Allow {
    fn of(allowed: &Allowed, short_circuit: bool) -> Self {
        let numbers = |offer: PseudoExternalOffer| {
            let number = |(identity, number): (PseudoExternalIdentity, lcs::Address)| PseudoExternalNumber {
                identity: identity.number(),
                number: Number(number),
            };
            let identities = offer.numbers.into_iter().flatten().map(number).collect();
            PseudoExternal { lowest_set: offer.lowest_set, identities }
        };
        Self {
            unrelated: allowed.unrelated.into(),
            related: allowed.related.map(Into::into),
            rule: allowed.rule.word().to_owned(),
            codeword_to_ue: allowed.forwards_codeword,
            additional_check: allowed.additional_check,
            additional_notification: allowed.additional_notification,
            home_plmn_only: allowed.home_plmn_only,
            by_default: allowed.by_default,
            coarsen_m: allowed.coarsen_m,
            pseudo_external: allowed.pseudo_external.map(numbers),
            mo_lr_short_circuit: short_circuit.then_some(if allowed.mo_lr_short_circuit {
                ShortCircuit::Allowed
            } else {
                ShortCircuit::NotAllowed
            }),
        }
    }

    fn allowed(&self, client_type: LcsClientType) -> Result<Allowed, LppFault> {
        let sound = self.coarsen_m.is_none_or(|radius_m| (1..=1_000_000).contains(&radius_m));
        let offer = self.pseudo_external.as_ref().map(|offer| offer.offer(client_type)).transpose()?;
        if !sound {
            return Err(LppFault::Strange);
        }
        Ok(Allowed {
            unrelated: self.unrelated.into(),
            related: self.related.map(Into::into),
            rule: RuleId::from_word(&self.rule).ok_or(LppFault::Strange)?,
            forwards_codeword: self.codeword_to_ue,
            additional_check: self.additional_check,
            additional_notification: self.additional_notification,
            home_plmn_only: self.home_plmn_only,
            by_default: self.by_default,
            coarsen_m: self.coarsen_m,
            pseudo_external: offer,
            mo_lr_short_circuit: self.mo_lr_short_circuit == Some(ShortCircuit::Allowed),
        })
    }
}

impl PseudoExternal {
    fn offer(&self, client_type: LcsClientType) -> Result<PseudoExternalOffer, LppFault> {
        let most = if client_type == LcsClientType::ValueAdded { PseudoExternalOffer::MOST } else { 0 };
        if !(1..=2).contains(&self.lowest_set) || self.identities.len() > most {
            return Err(LppFault::Strange);
        }
        let mut numbers = [None; PseudoExternalOffer::MOST];
        for (slot, told) in numbers.iter_mut().zip(&self.identities) {
            let identity = PseudoExternalIdentity::new(told.identity).ok_or(LppFault::Strange)?;
            let international = told.number.0.nature == lcs::NatureOfAddress::International;
            *slot = Some((identity, told.number.0)).filter(|_| international);
        }
        Ok(PseudoExternalOffer { lowest_set: self.lowest_set, numbers })
    }
}

impl StandingResponse {
    pub(crate) fn of(stands: &Stands, reader: Reader) -> Self {
        Self {
            request_id: RequestId(stands.id),
            log_salt: salt_text(stands.salt, reader),
            stands: stands.outcome.is_ok(),
            bar: stands.outcome.err().map(bar),
        }
    }

    /// # Errors
    /// Members contradict each other.
    pub(crate) fn stands(&self) -> Result<Stands, LppFault> {
        let outcome = match (self.stands, &self.bar) {
            (true, None) => Ok(()),
            (false, Some(bar)) => Err(refusal(bar)?),
            (true, Some(_)) | (false, None) => return Err(LppFault::Strange),
        };
        Ok(Stands { id: self.request_id.0, salt: salt(self.log_salt.as_deref())?, outcome })
    }
}
