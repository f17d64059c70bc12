//! Global titles (ITU-T Q.713 clause 3.4.2.3).

use lcs::{Address, Digits, NatureOfAddress, NumberingPlan};

/// Nature of address indicator (ITU-T Q.713 clause 3.4.2.3.1), 7 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NatureIndicator(pub u8);

impl NatureIndicator {
    /// Unknown.
    pub const UNKNOWN: Self = Self(0);
    /// Subscriber number.
    pub const SUBSCRIBER: Self = Self(1);
    /// National significant number.
    pub const NATIONAL: Self = Self(3);
    /// International number.
    pub const INTERNATIONAL: Self = Self(4);
}

/// Numbering plan indicator (ITU-T Q.713 clause 3.4.2.3.3), 4 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlanIndicator(pub u8);

impl PlanIndicator {
    /// ISDN and telephony, E.164.
    pub const ISDN: Self = Self(1);
    /// Land mobile, E.212: the digits are an IMSI.
    pub const LAND_MOBILE: Self = Self(6);
    /// ISDN and mobile, E.214: the digits are made from an IMSI.
    pub const ISDN_MOBILE: Self = Self(7);
}

/// A global title with decimal digits.
///
/// The digits may be a subscriber's number: `Debug` shows how many there are and no more, and there is no `Display`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GlobalTitle {
    /// Indicator 1: nature of address alone.
    Nature {
        /// Nature of address.
        nature: NatureIndicator,
        /// Digits.
        digits: Digits,
    },
    /// Indicator 2: translation type alone.
    Type {
        /// Translation type.
        translation_type: u8,
        /// Digits.
        digits: Digits,
    },
    /// Indicator 3: translation type and numbering plan.
    Plan {
        /// Translation type.
        translation_type: u8,
        /// Numbering plan.
        plan: PlanIndicator,
        /// Digits.
        digits: Digits,
    },
    /// Indicator 4: translation type, numbering plan and nature of address. What mobile networks send (TS 29.002 clause 6.1.3).
    Full {
        /// Translation type.
        translation_type: u8,
        /// Numbering plan.
        plan: PlanIndicator,
        /// Nature of address.
        nature: NatureIndicator,
        /// Digits.
        digits: Digits,
    },
}

/// Why an address has no global title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no global title: the address has to be an E.164 number, international, national or of a subscriber")]
pub struct TitleError;

impl GlobalTitle {
    /// Indicator 4, translation type 0, E.164, from the number of a network node.
    ///
    /// # Errors
    /// Another plan, or a nature that titles do not have.
    pub const fn e164(address: Address) -> Result<Self, TitleError> {
        let nature = match address.nature {
            NatureOfAddress::International => NatureIndicator::INTERNATIONAL,
            NatureOfAddress::National => NatureIndicator::NATIONAL,
            NatureOfAddress::Subscriber => NatureIndicator::SUBSCRIBER,
            _ => return Err(TitleError),
        };
        match address.plan {
            NumberingPlan::Isdn => {
                Ok(Self::Full { translation_type: 0, plan: PlanIndicator::ISDN, nature, digits: address.digits })
            }
            NumberingPlan::Other(_) => Err(TitleError),
        }
    }

    /// The digits.
    #[must_use]
    pub const fn digits(self) -> Digits {
        match self {
            Self::Nature { digits, .. }
            | Self::Type { digits, .. }
            | Self::Plan { digits, .. }
            | Self::Full { digits, .. } => digits,
        }
    }

    /// The numbering plan; E.164 when the title does not tell.
    #[must_use]
    pub const fn plan(self) -> PlanIndicator {
        match self {
            Self::Nature { .. } | Self::Type { .. } => PlanIndicator::ISDN,
            Self::Plan { plan, .. } | Self::Full { plan, .. } => plan,
        }
    }

    /// The nature of address; international when the title does not tell.
    #[must_use]
    pub const fn nature(self) -> NatureIndicator {
        match self {
            Self::Type { .. } | Self::Plan { .. } => NatureIndicator::INTERNATIONAL,
            Self::Nature { nature, .. } | Self::Full { nature, .. } => nature,
        }
    }

    /// The number as an address; what the title does not tell counts as international and E.164.
    ///
    /// An [`Address`] can be printed: only for titles of network nodes.
    #[must_use]
    pub const fn node_address(self) -> Address {
        let nature = match self.nature() {
            NatureIndicator::INTERNATIONAL => NatureOfAddress::International,
            NatureIndicator::NATIONAL => NatureOfAddress::National,
            NatureIndicator::SUBSCRIBER => NatureOfAddress::Subscriber,
            NatureIndicator(other) => NatureOfAddress::Other(other),
        };
        let plan = match self.plan() {
            PlanIndicator::ISDN => NumberingPlan::Isdn,
            PlanIndicator(other) => NumberingPlan::Other(other),
        };
        Address { nature, plan, digits: self.digits() }
    }
}
