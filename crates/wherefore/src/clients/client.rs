//! A client record made ready for the hot path.

use super::admission::Admission;
use super::record::{CallSessionIdentity, ClientRecord, ExternalIdentity, RequestType, Service};
use super::target::Targets;
use crate::config::Limits;
use lcs::{
    CallSession, ClientName, Failure, Identities, LcsClientId, LcsClientType, LeastPrivacy, LocationRequest,
    PrivacySetting, RefusalReason, Requestor, ServiceType, Timestamp,
};
use std::num::NonZeroU32;
use std::sync::Arc;

/// A registered LCS client: what it may ask, of whom, how much.
#[derive(Debug)]
pub struct Client {
    record: ClientRecord,
    account: Arc<str>,
    /// Argon2id hash in PHC form; none: it authenticates by certificate only.
    secret_phc: Option<Arc<str>>,
    version: u64,
    targets: Option<Targets>,
    fingerprints: Vec<[u8; 32]>,
    max_targets: u32,
    admission: Arc<Admission>,
}

/// A record with its secret's hash and its version, as the store keeps them.
#[derive(Clone)]
pub struct StoredClient {
    /// The record.
    pub record: ClientRecord,
    /// Argon2id hash of the secret, PHC string.
    pub secret_phc: Option<String>,
    /// Counts the changes, from 1.
    pub version: u64,
}

impl core::fmt::Debug for StoredClient {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "StoredClient({}, version {})", self.record.id, self.version)
    }
}

impl Client {
    /// Makes a record ready. Rate and quota go on counting from `before` if they are the same.
    pub(super) fn new(stored: StoredClient, limits: &Limits, before: Option<&Self>) -> Self {
        let StoredClient { record, secret_phc, version } = stored;
        let fresh = Admission::new(&record, limits);
        let admission = before.map(|client| &client.admission).filter(|old| old.same_limits(&fresh)).cloned();
        let fingerprints = record.certificate_sha256.iter().filter_map(|text| crate::forms::from_hex(text));
        Self {
            account: record.id.as_str().into(),
            secret_phc: secret_phc.map(Into::into),
            version,
            targets: record.targets.as_deref().map(Targets::new),
            fingerprints: fingerprints.filter_map(|bytes| bytes.try_into().ok()).collect(),
            max_targets: record.max_targets.unwrap_or(limits.client_max_targets),
            admission: admission.unwrap_or_else(|| Arc::new(fresh)),
            record,
        }
    }

    /// The account name.
    #[must_use]
    pub fn account(&self) -> &Arc<str> {
        &self.account
    }

    /// The record as the operator wrote it.
    #[must_use]
    pub fn record(&self) -> &ClientRecord {
        &self.record
    }

    /// Client type, fixed by the operator.
    #[must_use]
    pub fn client_type(&self) -> LcsClientType {
        self.record.client_type.into()
    }

    /// Counts the changes of the record, from 1.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether it has a secret.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        self.secret_phc.is_some()
    }

    pub(super) fn secret_phc(&self) -> Option<&Arc<str>> {
        self.secret_phc.as_ref()
    }

    /// Whether emergency or lawful, which may use the places set apart for them.
    #[must_use]
    pub fn privileged(&self) -> bool {
        matches!(self.client_type(), LcsClientType::Emergency | LcsClientType::LawfulIntercept)
    }

    /// Whether it may send requests of this type (TS 23.271 Table 10.7).
    #[must_use]
    pub fn may(&self, request: RequestType) -> bool {
        self.record.requests.contains(&request)
    }

    /// The services type that a service identity stands for, and the most targets in one request.
    ///
    /// # Errors
    /// The identity is not the client's, or is missing though the client has some (TS 23.271 clause 9.1.1 step 1).
    pub fn service(&self, id: Option<&str>) -> Result<(Option<ServiceType>, u32), Failure> {
        let Some(id) = id else {
            let needed = !self.record.services.is_empty();
            return if needed { Err(Failure::UnauthorisedApplication) } else { Ok((None, self.max_targets)) };
        };
        let known = self.record.services.iter().find(|service| service.id == id);
        let Service { service_type, max_targets, .. } = known.ok_or(Failure::UnauthorisedApplication)?;
        let most = max_targets.map_or(self.max_targets, |most| most.min(self.max_targets));
        Ok((ServiceType::new(u32::from(*service_type)), most))
    }

    /// Whether it may ask about this subscriber: the authorised UE list (TS 23.271 Table 10.7).
    ///
    /// # Errors
    /// It may not.
    pub fn authorised_for(&self, target: &Identities) -> Result<(), RefusalReason> {
        let allowed = self.targets.as_ref().is_none_or(|targets| targets.holds(target));
        if allowed { Ok(()) } else { Err(RefusalReason::TargetNotAuthorised) }
    }

    /// Keeps a request to the authorised UE list, which is of requests that are not related to a call or session (TS 23.271
    /// Table 10.7). One that is may go beyond the list, but only as such: without the call or session the serving node must not
    /// fall back to what the subscriber allows to anybody.
    ///
    /// # Errors
    /// The list does not hold the target, and the request is not related to a call or session.
    pub fn keep_to_list(&self, request: &mut LocationRequest) -> Result<(), RefusalReason> {
        let target = Identities::of(&request.target).unwrap_or_default();
        match self.authorised_for(&target) {
            Err(_) if request.client.call_session_related => {
                request.least_privacy.unrelated = PrivacySetting::NotAllowed;
                Ok(())
            }
            checked => checked,
        }
    }

    /// The settings that a request gets at least: those of the record and those that the client itself asks for.
    #[must_use]
    pub fn least_privacy(&self, asked: Option<mlp::PrivacyAction>) -> LeastPrivacy {
        let extra = self.record.extra_privacy.map_or(LeastPrivacy::NONE, |extra| LeastPrivacy {
            unrelated: extra.unrelated.into(),
            related: extra.related.into(),
        });
        let asked = asked.map(|asked| LeastPrivacy { unrelated: asked.passive, related: asked.active });
        asked.map_or(extra, |asked| extra.stricter(asked))
    }

    /// Takes `targets` from rate and daily quota.
    ///
    /// # Errors
    /// [`Failure::OverQuota`].
    pub fn admit(&self, targets: NonZeroU32, now: Timestamp) -> Result<(), Failure> {
        self.admission.admit(targets, now)
    }

    /// Whether reports may be pushed to `url`: it begins with one of the record's.
    #[must_use]
    pub fn may_push_to(&self, url: &str) -> bool {
        super::push::allowed(&self.record.push_urls, url)
    }

    /// The LCS client identity of a request of this client (TS 23.271 Annex B). Only value added clients carry a name, a
    /// requestor and a call or session; for others these are left out.
    #[must_use]
    pub fn identity(&self, requestor: Option<Requestor>, session: Option<CallSession>) -> LcsClientId {
        let client_type = self.client_type();
        let value_added = client_type == LcsClientType::ValueAdded;
        let session = session.filter(|_| value_added);
        let known = session.as_ref().and_then(|session| self.call_session_identity(session));
        let first = self.record.external_identities.first();
        let tied = known.and_then(|known| known.external_identity);
        let external = tied.and_then(|n| self.record.external_identities.iter().find(|e| e.number == n)).or(first);
        let call_session_related = session.is_some();
        let (dialled, apn) = match session {
            Some(CallSession::Dialled(number)) => (Some(number), None),
            Some(CallSession::Apn(apn)) => (None, Some(apn)),
            None => (None, None),
        };
        LcsClientId {
            client_type,
            external: external.map(|identity| identity.number.0),
            internal: self.record.internal_identity.map(Into::into),
            dialled,
            apn,
            name: self.name(external, known),
            requestor: requestor.filter(|_| value_added),
            call_session_related,
        }
    }

    /// Whether the number or APN of a request is one of the client's own. A client without any may not send call or
    /// session related requests.
    #[must_use]
    pub fn owns_session(&self, session: &CallSession) -> bool {
        self.call_session_identity(session).is_some()
    }

    fn call_session_identity(&self, session: &CallSession) -> Option<&CallSessionIdentity> {
        self.record.call_session_identities.iter().find(|known| match session {
            CallSession::Dialled(number) => known.number.is_some_and(|own| own.0 == *number),
            CallSession::Apn(apn) => {
                known.apn.as_deref().and_then(|own| lcs::ApnNi::new(own).ok()).as_ref() == Some(apn)
            }
        })
    }

    /// The most particular name: of the number or APN, of the external identity, of the client.
    fn name(&self, external: Option<&ExternalIdentity>, session: Option<&CallSessionIdentity>) -> Option<ClientName> {
        let general = self.record.name.as_ref()?;
        let particular = session.and_then(|s| s.name.as_ref()).or_else(|| external.and_then(|e| e.name.as_ref()));
        Some(match particular {
            Some(text) => ClientName { text: text.clone(), format: lcs::FormatIndicator::LogicalName },
            None => ClientName { text: general.text.clone(), format: general.format.into() },
        })
    }

    /// SHA-256 fingerprints of its certificates.
    pub(super) fn fingerprints(&self) -> &[[u8; 32]] {
        &self.fingerprints
    }
}
