//! Requests to send: to a home gateway, to a visited one, or past the check with an override.

use super::{
    answer::AnswerElement,
    client::may_override,
    extension::Transaction,
    immediate::ImmediateService,
    init::Sender,
    instruction::PrivacyInstruction,
    routing::{Routing, ServerAddress},
    subject::Subject,
    version::Version,
};
use crate::{immediate::PushAddress, triggered::Waiting};
use lcs::{
    Address, Identities, LcsClientType, LeastPrivacy, LocationRequest, LocationType, NatureOfAddress, NodeKind,
    NumberingPlan, PlmnId, PrivacySetting, Timestamp,
};

/// A request to send. The one to a visited gateway is made from a [`PrivacyInstruction`], which has no default; the check at
/// home happens before, and a visited gateway makes none.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing<'a> {
    pub(super) version: Version,
    pub(super) sender: &'a Sender,
    pub(super) request: &'a LocationRequest,
    pub(super) subject: Subject,
    pub(super) routing: Routing,
    pub(super) action: Option<(PrivacySetting, Option<PrivacySetting>)>,
    pub(super) pseudo_external: Option<Address>,
    pub(super) privacy_override: bool,
    pub(super) codeword: bool,
    pub(super) response_timer_s: Option<u32>,
    pub(super) push_address: Option<&'a PushAddress>,
    pub(super) lcs_ref: Option<u8>,
    pub(super) reporting_plmns: Vec<PlmnId>,
    pub(super) notification_only: bool,
    pub(super) transaction: Option<Transaction>,
    pub(super) sent: Option<Timestamp>,
    pub(super) waiting: Option<&'a Waiting>,
}

/// Why a request cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// No identity of the target.
    #[error("no identity of the target")]
    NoTarget,
    /// A related indicator without a call or session.
    #[error("a related indicator without the call or session that it is about (TS 23.271 clause 9.5.4)")]
    RelatedWithoutSession,
    /// The client's components do not fit its type.
    #[error("the client's components do not fit its type (TS 23.271 Annex B)")]
    Client,
    /// A number that does not travel: neither of the E.164 plan nor, for a client or a node, international.
    #[error("a number that cannot travel between networks: clients and nodes have international E.164 numbers")]
    Number,
    /// The client's type has no override.
    #[error("a client of this type has no privacy override (TS 23.271 clause 9.5.1)")]
    Override,
    /// A deferred request.
    #[error("not an immediate request")]
    Deferred,
}

impl<'a> Outgoing<'a> {
    /// Requesting to home gateway (TS 23.271 clause 9.1.1 step 4). What the client wants at least goes along; so does its
    /// codeword. A pseudonym goes unresolved.
    ///
    /// # Errors
    /// The request cannot be put into the protocol: see [`OutgoingError`].
    pub fn to_home(sender: &'a Sender, request: &'a LocationRequest, subject: Subject) -> Result<Self, OutgoingError> {
        let mut outgoing = Self::new(sender, request, subject)?;
        if request.least_privacy != LeastPrivacy::NONE {
            outgoing.action = Some((request.least_privacy.unrelated, Some(request.least_privacy.related)));
        }
        outgoing.codeword = true;
        Ok(outgoing)
    }

    /// Home to visited gateway (step 8), with what the check at home decided. The codeword stays behind, unless the user
    /// checks it: see [`Outgoing::codeword_to_user`].
    ///
    /// # Errors
    /// As [`Outgoing::to_home`], and a related indicator without a session.
    pub fn to_visited(
        sender: &'a Sender,
        request: &'a LocationRequest,
        identities: Identities,
        instruction: PrivacyInstruction,
    ) -> Result<Self, OutgoingError> {
        let mut outgoing = Self::new(sender, request, Subject::Known(identities))?;
        let session = request.client.dialled.is_some() || request.client.apn.is_some();
        if let Some(indicators) = instruction.indicators() {
            if indicators.related().is_some() && !session {
                return Err(OutgoingError::RelatedWithoutSession);
            }
            outgoing.action = Some((indicators.unrelated(), indicators.related()));
        }
        if !instruction.is_international() {
            return Err(OutgoingError::Number);
        }
        outgoing.pseudo_external = instruction.pseudo_external();
        Ok(outgoing)
    }

    /// Requesting to visited gateway, past home gateway and profile (clause 9.1.1A). The visited gateway judges whether the
    /// override holds there.
    ///
    /// # Errors
    /// As [`Outgoing::to_home`], and a client that has no override.
    pub fn overriding(
        sender: &'a Sender,
        request: &'a LocationRequest,
        identities: Identities,
    ) -> Result<Self, OutgoingError> {
        if !may_override(request.client.client_type) {
            return Err(OutgoingError::Override);
        }
        let mut outgoing = Self::new(sender, request, Subject::Known(identities))?;
        outgoing.privacy_override = true;
        Ok(outgoing)
    }

    fn new(sender: &'a Sender, request: &'a LocationRequest, subject: Subject) -> Result<Self, OutgoingError> {
        let client = &request.client;
        if subject.target().is_none() {
            return Err(OutgoingError::NoTarget);
        }
        if client.validate().is_err() {
            return Err(OutgoingError::Client);
        }
        let international = |number: Address| number.nature == NatureOfAddress::International;
        let external = client.external.is_none_or(international);
        let plan = [client.external, client.dialled].iter().flatten().all(|number| number.plan == NumberingPlan::Isdn);
        if !external || !plan {
            return Err(OutgoingError::Number);
        }
        if matches!(request.location_type, LocationType::ActivateDeferred | LocationType::CancelDeferred) {
            return Err(OutgoingError::Deferred);
        }
        Ok(Self {
            version: Version::default(),
            sender,
            request,
            subject,
            routing: Routing::default(),
            action: None,
            pseudo_external: None,
            privacy_override: false,
            codeword: false,
            response_timer_s: None,
            push_address: None,
            lcs_ref: None,
            reporting_plmns: Vec::new(),
            notification_only: request.location_type == LocationType::NotificationVerificationOnly,
            transaction: None,
            sent: None,
            waiting: None,
        })
    }

    /// The same in another version.
    #[must_use]
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Tells where the target is served. A node without an address that could be asked is left out.
    #[must_use]
    pub fn routing(mut self, mut routing: Routing) -> Self {
        routing.nodes.retain(|node| !matches!(node.kind, NodeKind::Sgsn { number: None, diameter: None }));
        self.routing = routing;
        self
    }

    /// Tells the address of the home gateway, where the visited one finds whom to believe.
    #[must_use]
    pub fn home(mut self, address: ServerAddress) -> Self {
        self.routing.h_gmlc = Some(address);
        self
    }

    /// Sends the codeword along, for the user to check.
    #[must_use]
    pub fn codeword_to_user(mut self) -> Self {
        self.codeword = true;
        self
    }

    /// Asks to have the user notified or asked alone, without a positioning (clause 9.1.1 step 12). A gateway that does not
    /// know the extension positions again, as with a pseudo-external identity.
    #[must_use]
    pub fn notification_only(mut self) -> Self {
        self.notification_only = true;
        self
    }

    /// Says how long an answer is waited for, seconds.
    #[must_use]
    pub fn response_timer_s(mut self, seconds: u32) -> Self {
        self.response_timer_s = Some(seconds);
        self
    }

    /// Asks for the position as a report to this address, after an answer at once.
    #[must_use]
    pub fn asynchronous(mut self, to: &'a PushAddress) -> Self {
        self.push_address = Some(to);
        self
    }

    /// Makes it a triggered request, `trlrr`: what is waited for is reported by the gateway that is asked.
    ///
    /// # Errors
    /// [`OutgoingError::Client`]: an emergency client, which waits for nothing.
    pub fn waiting(mut self, waiting: &'a Waiting) -> Result<Self, OutgoingError> {
        if self.service() == ImmediateService::Erlir {
            return Err(OutgoingError::Client);
        }
        self.waiting = Some(waiting);
        Ok(self)
    }

    /// Where the answer is.
    #[must_use]
    pub fn answer(&self) -> AnswerElement {
        if self.waiting.is_some() { AnswerElement::Trlra } else { self.service().answer() }
    }

    /// Names the LDR reference.
    #[must_use]
    pub fn lcs_ref(mut self, reference: u8) -> Self {
        self.lcs_ref = Some(reference);
        self
    }

    /// Names the networks in which the phone may report beside the one that serves, 19 at most (TS 23.271 clause 9.1.19.1 step 2).
    #[must_use]
    pub fn reporting_plmns(mut self, plmns: Vec<PlmnId>) -> Self {
        self.reporting_plmns = plmns;
        self
    }

    /// Names the exchange and the time of sending.
    #[must_use]
    pub fn transaction(mut self, transaction: Transaction, sent: Timestamp) -> Self {
        (self.transaction, self.sent) = (Some(transaction), Some(sent));
        self
    }

    /// The service that is called: by the type of the client.
    #[must_use]
    pub fn service(&self) -> ImmediateService {
        match self.request.client.client_type {
            LcsClientType::Emergency => ImmediateService::Erlir,
            LcsClientType::ValueAdded | LcsClientType::PlmnOperator | LcsClientType::LawfulIntercept => {
                ImmediateService::Srlir
            }
        }
    }

    /// Whom it asks about, to compare with whom the answer tells of.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }
}
