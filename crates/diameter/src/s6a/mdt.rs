//! Consent to MDT as subscription data (TS 29.272 clause 7.3.148, TS 32.422 clause 4.9.1).

use super::SubscriptionData;
use crate::codec::{Builder, EncodeError};
use crate::dictionary;
use crate::value::Value as _;

/// Whether the subscriber consented to MDT, as the home network says it for the network that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MdtUserConsent {
    /// CONSENT_NOT_GIVEN, and what stands for it: no AVP, or a value that is none.
    NotGiven,
    /// CONSENT_GIVEN.
    Given,
}

impl MdtUserConsent {
    /// What subscription data says. Absent and unknown are not given.
    #[must_use]
    pub fn of(data: &SubscriptionData<'_>) -> Self {
        match data.mdt_user_consent {
            Some(1) => Self::Given,
            Some(_) | None => Self::NotGiven,
        }
    }

    /// Subscription data that says it, and always says it: a node keeps what it had of an AVP that is missing.
    #[must_use]
    pub fn data<'a>(self) -> SubscriptionData<'a> {
        let code = match self {
            Self::NotGiven => 0,
            Self::Given => 1,
        };
        SubscriptionData { mdt_user_consent: Some(code), ..SubscriptionData::default() }
    }

    /// The Subscription-Data AVP that says it, header and all.
    ///
    /// # Errors
    /// Never in practice: it has 28 octets.
    pub fn avp(self) -> Result<Vec<u8>, EncodeError> {
        let mut out = Vec::new();
        let mut builder = Builder::fragment(&mut out);
        self.data().write(&dictionary::SUBSCRIPTION_DATA, &mut builder);
        builder.finish()?;
        Ok(out)
    }

    /// Whether a serving node may have a phone asked to measure: of a management based job that is the indication which it gives the radio
    /// network, and of a signalling based one whether it starts at all. A node decides by what it holds itself, whatever the planner
    /// decided before; it refuses where it holds nothing.
    #[must_use]
    pub fn allows_mdt(held: Option<Self>) -> bool {
        held == Some(Self::Given)
    }
}
