//! The one decision of the register, as a table over a finite domain.
//!
//! ```text
//!  reach        opt-out  excluded  paused  informed  said         keeps            result
//!  unreachable  any      any       any     any       any          any              DENY unavailable
//!  here         yes, ?   any       any     any       any          any              DENY opted out
//!  here         no       yes, ?    any     any       any          any              DENY excluded
//!  here         no       no        yes, ?  any       any          any              DENY paused
//!  here         no       no        no      no, ?     any          any              DENY not informed
//!  here         no       no        no      yes       given        as agreed        ALLOW by consent
//!  here         no       no        no      yes       given        identity, not so DENY not identified
//!  here         no       no        no      yes       never asked  no identity      ALLOW by notice, in mode opt-out
//!  here         no       no        no      yes       anything else                 DENY no consent
//! ```

/// Whether the register can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// It answers.
    Here,
    /// It does not, or not all of it was read.
    Unreachable,
}

/// Whether the person opted out for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OptOut {
    /// No.
    No,
    /// Yes.
    Yes,
    /// What is kept about the person cannot be read.
    Unknown,
}

/// Whether the person must not be asked at all: a minor, an order of law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exclusion {
    /// No.
    No,
    /// Yes.
    Yes,
    /// Cannot be read.
    Unknown,
}

/// Whether a pause runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PauseState {
    /// No.
    No,
    /// Yes.
    Active,
    /// Cannot be read.
    Unknown,
}

/// Whether the person was told of this purpose in advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Informed {
    /// Yes, and the time to think is over.
    Yes,
    /// No notice that names the purpose was delivered.
    NotDelivered,
    /// Delivered, and its date or the time to think is still to come.
    TooEarly,
    /// The notice delivered is not known here.
    Unknown,
}

/// What the person said for this purpose and network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Said {
    /// Yes, identified collection included.
    GivenIdentified,
    /// Yes, as long as no identity stays with the measurements.
    Given,
    /// Nothing, ever.
    Never,
    /// No, or no longer.
    Withdrawn,
    /// Yes, and its time is over.
    Expired,
    /// Yes, for other networks.
    OtherPlmn,
    /// Yes, to terms that were changed since so that they need a new answer.
    OtherNotice,
    /// Cannot be read.
    Unknown,
}

/// Everything that the decision rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Facts {
    /// The register.
    pub reach: Reach,
    /// Opt-out.
    pub opt_out: OptOut,
    /// Exclusion.
    pub exclusion: Exclusion,
    /// Pause.
    pub pause: PauseState,
    /// Notice.
    pub informed: Informed,
    /// Decision.
    pub said: Said,
    /// Mode of the register.
    pub mode: super::Mode,
    /// What the job keeps of an identity.
    pub keeps: super::Keeps,
}

/// On what a permit rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ground {
    /// The person said yes.
    Consent,
    /// The person was told and did not say no, in mode opt-out.
    Notice,
}

/// Why a person must not be asked. Goes into counts, never beside a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Denied {
    /// The register does not answer.
    #[error("the consent register does not answer")]
    Unavailable,
    /// Opted out for good.
    #[error("opted out for good")]
    OptedOut,
    /// Must not be asked at all.
    #[error("excluded")]
    Excluded,
    /// A pause runs.
    #[error("paused")]
    Paused,
    /// Was not told in advance.
    #[error("not informed")]
    NotInformed,
    /// Did not agree to this purpose in this network.
    #[error("no consent")]
    NoConsent,
    /// Agreed, and not to identified collection.
    #[error("no consent to identified collection")]
    NotIdentified,
}

impl Denied {
    /// Every value, in the order in which they are looked at.
    pub const ALL: [Self; 7] = [
        Self::Unavailable,
        Self::OptedOut,
        Self::Excluded,
        Self::Paused,
        Self::NotInformed,
        Self::NoConsent,
        Self::NotIdentified,
    ];
}

/// The decision. Every unknown refuses.
///
/// # Errors
/// The first reason in the order of [`Denied::ALL`].
pub fn settle(facts: &Facts) -> Result<Ground, Denied> {
    use super::{Keeps, Mode};
    if facts.reach != Reach::Here {
        return Err(Denied::Unavailable);
    }
    if facts.opt_out != OptOut::No {
        return Err(Denied::OptedOut);
    }
    if facts.exclusion != Exclusion::No {
        return Err(Denied::Excluded);
    }
    if facts.pause != PauseState::No {
        return Err(Denied::Paused);
    }
    if facts.informed != Informed::Yes {
        return Err(Denied::NotInformed);
    }
    match (facts.said, facts.keeps, facts.mode) {
        (Said::GivenIdentified, _, _) | (Said::Given, Keeps::NoIdentity | Keeps::TacOfImei, _) => Ok(Ground::Consent),
        (Said::Given, Keeps::Identified, _) => Err(Denied::NotIdentified),
        (Said::Never, Keeps::NoIdentity, Mode::OptOut) => Ok(Ground::Notice),
        (Said::Never, _, _)
        | (Said::Withdrawn | Said::Expired | Said::OtherPlmn | Said::OtherNotice | Said::Unknown, _, _) => {
            Err(Denied::NoConsent)
        }
    }
}
