//! What goes over Lid. `Debug` shows none of it.

use crate::pmd::{Assigned, digits_text, pseudonym_text};
use lcs::{Identities, Imsi, Msisdn, Pseudonym, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Path of the resolution (Identity Request, TS 23.271 clause 7.5.1).
pub(super) const RESOLVE: &str = "/lid/v1/resolve";
/// Path of the assignment, which the standard needs (clause 9.2.6 step 10, Annex E) and gives no message for.
pub(super) const ASSIGN: &str = "/lid/v1/assign";
/// Longest body of either direction, octets.
pub(super) const BODY_MAX: usize = 4096;

/// A pseudonym to be turned back.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResolveRequest {
    /// The pseudonym.
    pub(super) pseudonym: String,
    /// Account of the client that was given it, as the asking gateway admitted it.
    pub(super) client: String,
}

/// A subscriber: one of the two or both. An Identity Response (clause 7.5.2).
#[derive(Default, Serialize, Deserialize, ToSchema)]
pub(super) struct Subscriber {
    /// MSISDN, 1-15 digits without plus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) msisdn: Option<String>,
    /// IMSI, 6-15 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) imsi: Option<String>,
}

/// A subscriber who is to have a pseudonym.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssignRequest {
    /// Who: all identities that the asking gateway knows.
    pub(super) subscriber: Subscriber,
    /// Account of the client for which.
    pub(super) client: String,
}

/// A pseudonym that was assigned.
#[derive(Serialize, Deserialize, ToSchema)]
pub(super) struct AssignAnswer {
    /// The pseudonym, up to 96 characters.
    pub(super) pseudonym: String,
    /// From when another is assigned, seconds since 1970.
    pub(super) rotates: u64,
    /// From when it does not resolve any more, seconds since 1970.
    pub(super) ends: u64,
}

impl Subscriber {
    pub(super) fn of(identities: &Identities) -> Self {
        Self {
            msisdn: identities.msisdn.map(|msisdn| digits_text(&Identities { msisdn: Some(msisdn), ..none() })),
            imsi: identities.imsi.map(|imsi| digits_text(&Identities { imsi: Some(imsi), ..none() })),
        }
    }

    /// `None` if there is neither, or one is not what it is called.
    pub(super) fn identities(&self) -> Option<Identities> {
        let msisdn = self.msisdn.as_deref().map(Msisdn::parse).transpose().ok()?;
        let imsi = self.imsi.as_deref().map(Imsi::parse).transpose().ok()?;
        (msisdn.is_some() || imsi.is_some()).then_some(Identities { imsi, msisdn, imei: None })
    }
}

fn none() -> Identities {
    Identities::default()
}

impl AssignAnswer {
    pub(super) fn of(assigned: &Assigned) -> Self {
        Self {
            pseudonym: pseudonym_text(&assigned.pseudonym),
            rotates: assigned.rotates.secs(),
            ends: assigned.ends.secs(),
        }
    }

    pub(super) fn assigned(self) -> Option<Assigned> {
        let [rotates, ends] = [self.rotates, self.ends].map(Timestamp::from_secs);
        Some(Assigned { pseudonym: Pseudonym::new(self.pseudonym)?, rotates, ends })
    }
}
