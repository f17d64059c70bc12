//! What goes over Lpp, member by member as TS 23.271 clause 7.4 lists it. `Debug` shows none of it.
//!
//! Unknown members are refused in both directions: one that this side does not know may narrow what the other side meant.

mod answer;
mod client;
mod deferred;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use answer::{AuthorisationResponse, StandingResponse};
pub(super) use answer::{Reader, Resolved};
pub(crate) use client::Client;
pub(crate) use deferred::{ChangeOfArea, Motion, Periodic};
pub(crate) use words::{Estimate, ProfileChange, Setting, TypeOfLocation};

use crate::forms::{Number, from_hex, to_hex};
use crate::pmd::{digits_text, pseudonym_text};
use lcs::{
    Codeword, Identities, Imsi, LcsCapabilitySets, LeastPrivacy, LocationRequest, Msisdn, Priority, Pseudonym, Qos,
    ServiceType, Target, gad::ShapeSet,
};
use privacy::{Authorisation, LppId, LppStage, LppStanding};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use words::{StageWord, TypeOfDeferred};

/// Path of the privacy check (clauses 7.4.1 and 7.4.2).
pub(crate) const AUTHORISATION: &str = "/lpp/v1/authorisation";
/// Path of the question whether a subscriber has withdrawn.
pub(crate) const STANDING: &str = "/lpp/v1/standing";
/// Path of the changes of profiles (clauses 7.4.3 and 7.4.4).
pub(crate) const PROFILE_UPDATES: &str = "/lpp/v1/profile-updates";
/// Longest body of either direction, octets.
pub(crate) const BODY_MAX: usize = 16 * 1024;

/// Name of a question: 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct RequestId(pub(crate) LppId);

impl TryFrom<String> for RequestId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let octets = from_hex(&text).and_then(|octets| octets.try_into().ok());
        octets.map(|octets| Self(LppId(octets))).ok_or("a request_id is 32 hexadecimal digits")
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> Self {
        to_hex(&id.0.0)
    }
}

impl utoipa::PartialSchema for RequestId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[0-9a-fA-F]{32}$"))
            .description(Some("Random name of the question, which the answer repeats"))
            .into()
    }
}
impl ToSchema for RequestId {}

/// Target UE identity: MSISDN, IMSI or both; or a pseudonym, at a register that turns those back.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetUe {
    /// MSISDN, 1-15 digits without plus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) msisdn: Option<String>,
    /// IMSI, 6-15 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) imsi: Option<String>,
    /// Pseudonym, up to 512 octets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pseudonym: Option<String>,
}

/// A subscriber: MSISDN, IMSI or both.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subscriber {
    /// MSISDN, 1-15 digits without plus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) msisdn: Option<String>,
    /// IMSI, 6-15 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) imsi: Option<String>,
}

impl Subscriber {
    pub(crate) fn of(identities: &Identities) -> Self {
        let none = Identities::default();
        Self {
            msisdn: identities.msisdn.map(|msisdn| digits_text(&Identities { msisdn: Some(msisdn), ..none })),
            imsi: identities.imsi.map(|imsi| digits_text(&Identities { imsi: Some(imsi), ..none })),
        }
    }

    /// `None` if there is neither, or one is not what it is called.
    pub(crate) fn identities(&self) -> Option<Identities> {
        let msisdn = self.msisdn.as_deref().map(Msisdn::parse).transpose().ok()?;
        let imsi = self.imsi.as_deref().map(Imsi::parse).transpose().ok()?;
        (msisdn.is_some() || imsi.is_some()).then_some(Identities { imsi, msisdn, imei: None })
    }
}

/// Settings that the request gets at least.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Least {
    /// Where no call or session counts.
    pub(crate) unrelated: Setting,
    /// Where a call or session does.
    pub(crate) related: Setting,
}

/// LCS Authorisation Request (clause 7.4.1).
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorisationRequest {
    /// Its name.
    pub(crate) request_id: RequestId,
    /// Before positioning, or after it with the estimate.
    pub(crate) stage: StageWord,
    /// Whom it is about.
    pub(crate) target: TargetUe,
    /// Whether both results are asked for: if, and only if, the client names a dialled number or an APN-NI (clause 9.1.1.1).
    pub(crate) call_session_related: bool,
    /// The LCS client.
    pub(crate) client: Client,
    /// Number of the gateway that the client asked.
    pub(crate) gmlc: Number,
    /// Service type, 0-127.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service_type: Option<u8>,
    /// Codeword, 1-255 octets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) codeword: Option<String>,
    /// Type of location.
    pub(crate) location_type: TypeOfLocation,
    /// Whether velocity is wanted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) velocity: bool,
    /// LCS capability sets of the serving node, 1-5; absent where it is not known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) capability_sets: Option<Vec<u8>>,
    /// What the client's record, or the client itself, wants at least. Absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) least_privacy: Option<Least>,
    /// Location estimate, after positioning; absent where the network knows a cell at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) estimate: Option<Estimate>,
    /// Type of deferred location request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deferred: Option<TypeOfDeferred>,
    /// Parameters for a change of area event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) change_of_area: Option<ChangeOfArea>,
    /// Parameters for a motion event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) motion: Option<Motion>,
    /// Parameters for periodic location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) periodic: Option<Periodic>,
}

/// Asks whether a subscriber is known and has not withdrawn.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandingRequest {
    /// Its name.
    pub(crate) request_id: RequestId,
    /// The subscriber.
    pub(crate) target: Subscriber,
    /// The check before was by the operator's default profile.
    pub(crate) by_default: bool,
}

/// A request as the register reads it.
pub(crate) struct Asked {
    pub(crate) id: LppId,
    pub(crate) identities: Identities,
    pub(crate) request: LocationRequest,
    pub(crate) gmlc: lcs::Address,
    pub(crate) capabilities: Option<LcsCapabilitySets>,
    after: bool,
    estimate: Option<Estimate>,
}

impl Asked {
    /// The same without a wire.
    pub(crate) fn authorisation(&self) -> Authorisation<'_> {
        let estimate = self.estimate.as_ref().map(|estimate| &estimate.0);
        Authorisation {
            id: self.id,
            identities: self.identities,
            request: &self.request,
            gmlc: &self.gmlc,
            capabilities: self.capabilities,
            stage: if self.after { LppStage::AfterPositioning(estimate) } else { LppStage::BeforePositioning },
        }
    }
}

/// Why a request that parses is none, in words without values.
pub(crate) type Unsound = &'static str;

impl AuthorisationRequest {
    /// As the gateway asks.
    pub(crate) fn of(asked: &Authorisation<'_>) -> Self {
        let request = asked.request;
        let subscriber = Subscriber::of(&asked.identities);
        let pseudonym = match &request.target {
            Target::Pseudonym(pseudonym) => Some(pseudonym_text(pseudonym)),
            Target::Imsi(_) | Target::Msisdn(_) | Target::Imei(_) => None,
        };
        let estimate = match asked.stage {
            LppStage::AfterPositioning(Some(shape)) => Some(Estimate(shape.clone())),
            LppStage::AfterPositioning(None) | LppStage::BeforePositioning => None,
        };
        Self {
            request_id: RequestId(asked.id),
            stage: match asked.stage {
                LppStage::BeforePositioning => StageWord::BeforePositioning,
                LppStage::AfterPositioning(_) => StageWord::AfterPositioning,
            },
            target: TargetUe { msisdn: subscriber.msisdn, imsi: subscriber.imsi, pseudonym },
            call_session_related: asked.asks_related(),
            client: Client::of(&request.account, &request.client),
            gmlc: Number(*asked.gmlc),
            service_type: request.service_type.map(ServiceType::code),
            codeword: request.codeword.as_ref().map(|word| word.expose().to_owned()),
            location_type: request.location_type.into(),
            velocity: request.velocity,
            capability_sets: asked.capabilities.map(sets),
            least_privacy: (request.least_privacy != LeastPrivacy::NONE).then(|| Least {
                unrelated: request.least_privacy.unrelated.into(),
                related: request.least_privacy.related.into(),
            }),
            estimate,
            // This gateway asks about immediate requests.
            deferred: None,
            change_of_area: None,
            motion: None,
            periodic: None,
        }
    }

    /// As the register reads it.
    ///
    /// # Errors
    /// Members contradict each other or are out of range.
    pub(crate) fn asked(self) -> Result<Asked, Unsound> {
        self.deferred_is_sound()?;
        let verinym = Subscriber { msisdn: self.target.msisdn, imsi: self.target.imsi };
        let named = verinym.msisdn.is_some() || verinym.imsi.is_some();
        let (identities, target) = match self.target.pseudonym {
            Some(text) if !named => {
                let pseudonym = Pseudonym::new(text).ok_or("target: the pseudonym is not one")?;
                (Identities::default(), Target::Pseudonym(pseudonym))
            }
            Some(_) => return Err("target: name a subscriber or a pseudonym, not both"),
            None => {
                let identities = verinym.identities().ok_or("target: give msisdn, imsi or both, digits alone")?;
                let target = identities.msisdn.map(Target::Msisdn).or(identities.imsi.map(Target::Imsi));
                (identities, target.ok_or("target: nobody is named")?)
            }
        };
        let (account, client) = self.client.parts(self.call_session_related)?;
        let service_type = self.service_type.map(|code| ServiceType::new(code.into()).ok_or("service_type: 0-127"));
        let codeword = self.codeword.map(|word| Codeword::new(word).ok_or("codeword: 1-255 octets"));
        let after = self.stage == StageWord::AfterPositioning;
        if self.estimate.is_some() && !after {
            return Err("estimate: only after positioning");
        }
        let request = LocationRequest {
            account,
            client,
            target,
            service_type: service_type.transpose()?,
            codeword: codeword.transpose()?,
            location_type: self.location_type.into(),
            max_age_s: None,
            qos: Qos::BEST_EFFORT,
            velocity: self.velocity,
            priority: Priority::Normal,
            service_coverage: Vec::new(),
            shapes: ShapeSet(0),
            least_privacy: self.least_privacy.map_or(LeastPrivacy::NONE, |least| LeastPrivacy {
                unrelated: least.unrelated.into(),
                related: least.related.into(),
            }),
        };
        let capabilities = self.capability_sets.map(|sets| capabilities(&sets)).transpose()?;
        let (id, gmlc, estimate) = (self.request_id.0, self.gmlc.0, self.estimate);
        Ok(Asked { id, identities, request, gmlc, capabilities, after, estimate })
    }

    /// Whether it asks about MO-LR short circuit.
    pub(crate) fn asks_short_circuit(&self) -> bool {
        self.periodic.as_ref().is_some_and(|periodic| periodic.mo_lr_short_circuit)
    }

    fn deferred_is_sound(&self) -> Result<(), Unsound> {
        let Self { deferred, change_of_area, motion, periodic, .. } = self;
        let is = |kind| *deferred == Some(kind);
        let agree = change_of_area.is_some() == is(TypeOfDeferred::ChangeOfArea)
            && motion.is_some() == is(TypeOfDeferred::Motion)
            && periodic.is_some() == is(TypeOfDeferred::Periodic);
        if !agree {
            return Err("deferred: its parameters, and no others, must be there");
        }
        change_of_area.as_ref().map_or(Ok(()), ChangeOfArea::is_sound)?;
        motion.as_ref().map_or(Ok(()), Motion::is_sound)?;
        periodic.as_ref().map_or(Ok(()), Periodic::is_sound)
    }
}

fn sets(capabilities: LcsCapabilitySets) -> Vec<u8> {
    (1..=5).filter(|set| capabilities.0 & (1 << (set - 1)) != 0).collect()
}

fn capabilities(sets: &[u8]) -> Result<LcsCapabilitySets, Unsound> {
    let bits = sets.iter().try_fold(0, |bits, set| (1..=5).contains(set).then(|| bits | (1 << (set - 1))));
    bits.filter(|_| sets.len() <= 5).map(LcsCapabilitySets).ok_or("capability_sets: 1-5")
}

impl StandingRequest {
    pub(crate) fn of(asked: &LppStanding) -> Self {
        Self {
            request_id: RequestId(asked.id),
            target: Subscriber::of(&asked.identities),
            by_default: asked.by_default,
        }
    }

    pub(crate) fn asked(&self) -> Option<LppStanding> {
        let identities = self.target.identities()?;
        Some(LppStanding { id: self.request_id.0, identities, by_default: self.by_default })
    }
}

/// Asks for changes of profiles, and acknowledges those told before (clauses 7.4.3 and 7.4.4).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdatesRequest {
    /// The feed that was told before, 32 hexadecimal digits. Absent at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) feed: Option<RequestId>,
    /// All changes up to this one have taken effect at the gateway: the acknowledgement.
    pub(crate) acknowledged: u64,
}

/// Changes of profiles: LCS Privacy Profile Update notifications (clause 7.4.3).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdatesResponse {
    /// The feed, anew with each start of the register.
    pub(crate) feed: RequestId,
    /// Number of the last change told.
    pub(crate) last: u64,
    /// Changes may be missing: the gateway must drop what it keeps about every subscriber.
    pub(crate) resync: bool,
    /// The changes, the oldest first, at most 128.
    pub(crate) updates: Vec<ProfileUpdate>,
}

/// One change.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileUpdate {
    /// Whose profile.
    pub(crate) target: Subscriber,
    /// What happened to it.
    pub(crate) change: ProfileChange,
}
