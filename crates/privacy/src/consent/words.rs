//! The closed sets of the register, each with one word and one number that are never reused.

use minicbor::{Decode, Encode};

/// A closed set: number for CBOR and store, word for people and JSON.
macro_rules! closed {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:tt $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
        #[cbor(index_only)]
        pub enum $name {
            $($(#[$variant_doc])* #[n($code)] $variant,)*
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// By its word; `None` for any other text.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

closed! {
    /// For what measurements are collected: each is told, and decided, by itself.
    Purpose {
        /// Logged MDT: logged by the phone in idle or inactive state (TS 37.320 clause 5.1.1).
        LoggedMdt = 1 "logged-mdt",
        /// Immediate MDT: reported while connected (TS 37.320 clause 5.1.2).
        ImmediateMdt = 2 "immediate-mdt",
        /// Reports of radio link and connection failures.
        FailureReports = 3 "failure-reports",
        /// Bluetooth, WLAN and sensors beside logged measurements: they tell about third parties too.
        BtWlanSensor = 4 "bt-wlan-sensor",
    }
}

closed! {
    /// How a person was told.
    Channel {
        /// On paper.
        Letter = 1 "letter",
        /// As part of a contract that was handed over.
        Contract = 2 "contract",
        /// By text message.
        Sms = 3 "sms",
        /// By electronic mail.
        Email = 4 "email",
        /// In an application of the operator.
        App = 5 "app",
        /// On the subscriber's portal.
        Portal = 6 "portal",
    }
}

closed! {
    /// Whose word a change is.
    Source {
        /// The person's own, identified by app, portal or phone.
        Person = 1 "person",
        /// The person's, as customer care took it down.
        CustomerCare = 2 "customer-care",
        /// Another system's record: HSS, UDM, a file. Restricts freely; gives only where nobody ever decided.
        Import = 3 "import",
        /// A duty of law: exclusions.
        Law = 4 "law",
    }
}

closed! {
    /// How exactly a place may be kept.
    Precision {
        /// Made coarser before it is stored.
        Coarse = 1 "coarse",
        /// As measured.
        Exact = 2 "exact",
    }
}

closed! {
    /// What of an identity stays with the measurements (TS 32.422 clauses 4.7, 5.10.12).
    Keeps {
        /// Nothing: NO_IDENTITY.
        NoIdentity = 1 "no-identity",
        /// The model of the phone: TAC_OF_IMEI.
        TacOfImei = 2 "tac-of-imei",
        /// All: signalling based collection from one subscriber.
        Identified = 3 "identified",
    }
}

closed! {
    /// On what the register rests where nobody decided. A refusal counts in both.
    Mode {
        /// Only who said yes is asked. The default.
        Consent = 1 "consent",
        /// Who was told and did not say no is asked, for measurements that keep no identity.
        OptOut = 2 "opt-out",
    }
}

/// A set of purposes. One bit each, by number.
#[derive(Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Purposes(#[n(0)] u8);

impl Purposes {
    const fn bit(purpose: Purpose) -> u8 {
        match purpose {
            Purpose::LoggedMdt => 1,
            Purpose::ImmediateMdt => 2,
            Purpose::FailureReports => 4,
            Purpose::BtWlanSensor => 8,
        }
    }

    /// Whether it holds this one.
    #[must_use]
    pub const fn contains(self, purpose: Purpose) -> bool {
        self.0 & Self::bit(purpose) != 0
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that it holds, in order.
    pub fn iter(self) -> impl Iterator<Item = Purpose> {
        Purpose::ALL.iter().copied().filter(move |purpose| self.contains(*purpose))
    }
}

impl FromIterator<Purpose> for Purposes {
    fn from_iter<I: IntoIterator<Item = Purpose>>(purposes: I) -> Self {
        Self(purposes.into_iter().fold(0, |all, purpose| all | Self::bit(purpose)))
    }
}

impl core::fmt::Debug for Purposes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_set().entries(self.iter().map(Purpose::word)).finish()
    }
}
