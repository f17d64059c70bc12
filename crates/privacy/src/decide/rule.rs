//! The rules of the privacy check by name, each with its clause.

use lcs::RefusalReason;

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $word:literal, $clause:literal;)*) => {
        /// A rule of the privacy check. Codes are kept in disclosure logs: they are never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum RuleId {
            $($(#[$doc])* $name = $code,)*
        }

        impl RuleId {
            /// Every rule.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The clause that the rule carries out, as in `TS 23.271 clause 9.5.4`.
            #[must_use]
            pub fn clause(self) -> &'static str {
                match self { $(Self::$name => $clause,)* }
            }

            /// A word for it in lists and logs.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}
rules! {
    /// The subscriber opted out for good.
    OptOut = 1, "opt-out", "TS 23.271 clause 10.3.2";
    /// The global location privacy switch.
    Switch = 2, "switch", "TS 23.271 clause 10.3.2";
    /// The subscriber paused location.
    Pause = 3, "pause", "TS 23.271 clause 10.3.2";
    /// The profile must be readable.
    ProfileReadable = 4, "profile-readable", "TS 23.271 clause 9.1.1";
    /// There must be a profile, the subscriber's or the operator's default.
    ProfileKnown = 5, "profile-known", "TS 23.271 clause 9.5.3";
    /// IMSI and MSISDN must belong to one subscriber.
    OneSubscriber = 6, "one-subscriber", "TS 23.271 clause 10.3.2";
    /// Client types that the classes serve.
    ClientType = 7, "client-type", "TS 23.271 clause 9.5.3";
    /// Codeword.
    Codeword = 8, "codeword", "TS 23.271 clause 10.3.2";
    /// Requestors that the whole profile allows.
    Requestor = 9, "requestor", "TS 23.271 clause 10.3.2";
    /// Hours that the whole profile allows.
    Hours = 10, "hours", "TS 23.271 clause 10.3.2";
    /// Universal class.
    Universal = 11, "universal-class", "TS 23.271 clause 9.5.3.1";
    /// PLMN operator class.
    PlmnOperator = 12, "plmn-operator-class", "TS 23.271 clause 9.5.3.4";
    /// Operation and maintenance of the home PLMN, only while that serves.
    PlmnScope = 13, "plmn-operator-scope", "TS 23.271 clause 9.5.3.4";
    /// Whether a class for value added clients is subscribed that fits.
    ClassSubscribed = 14, "class-subscribed", "TS 23.271 clause 9.5.3";
    /// Unrelated class, entry of a listed client.
    UnrelatedListed = 15, "unrelated-listed", "TS 23.271 clause 9.5.3.3.1";
    /// Unrelated class, clients not listed.
    UnrelatedNotListed = 16, "unrelated-not-listed", "TS 23.271 clause 9.5.3.3.2";
    /// Related class, entry of a listed client.
    RelatedListed = 17, "related-listed", "TS 23.271 clause 9.5.3.2.1";
    /// Related class, clients not listed.
    RelatedNotListed = 18, "related-not-listed", "TS 23.271 clause 9.5.3.2.3";
    /// GMLC restriction of an entry.
    GmlcRestriction = 19, "gmlc-restriction", "TS 23.271 clause 9.5.3.2";
    /// Requestors that an entry allows.
    EntryRequestor = 20, "entry-requestor", "TS 23.271 clause 10.3.2";
    /// Hours that an entry allows.
    EntryHours = 21, "entry-hours", "TS 23.271 clause 10.3.2";
    /// Service type listed.
    ServiceListed = 22, "service-type-listed", "TS 23.271 clause 9.5.3.5";
    /// Service types not listed.
    ServiceNotListed = 23, "service-type-not-listed", "TS 23.271 Table 10.11";
    /// Service type result folded into an indicator, the looser wins.
    ServiceFold = 24, "service-type-fold", "TS 23.271 clause A.3";
    /// The operator's floor.
    OperatorFloor = 25, "operator-floor", "TS 23.271 clause 10.3.2";
    /// Nothing allowed, so no request goes to the serving node.
    Barring = 26, "barring", "TS 23.271 clause 9.1.1";
    /// Rules that depend on where the subscriber is.
    AreaRule = 27, "area-rule", "TS 23.271 clause 9.1.1";
    /// Notification after positioning.
    NotifyAfter = 28, "notify-after-positioning", "TS 23.271 clause 9.1.18";
    /// Capabilities of the serving node.
    NodeCapability = 29, "node-capability", "TS 23.271 clause 10.5.1";
    /// The related indicator needs a call or session identity that the serving node is told.
    SessionIdentity = 30, "session-identity", "TS 23.271 clause 9.5.4";
    /// Privacy override.
    Override = 31, "privacy-override", "TS 23.271 clause 9.5.1";
    /// A stored estimate may serve only if nobody need be told.
    CachedLocation = 32, "cached-location", "TS 23.271 clause 9.1.1";
    /// The operator's default profile, for want of the subscriber's own.
    DefaultProfile = 33, "default-profile", "TS 23.271 clause 9.5.3";
    /// What the client's record, or the client itself, wants at least.
    LeastPrivacy = 34, "least-privacy", "TS 23.271 clause 10.7";
    /// The subscriber's own request to have the position sent to a client.
    OwnRequest = 35, "own-request", "TS 23.271 clause 9.2.1";
    /// The home gateway of the subscriber checks, and it is another.
    HomeGateway = 36, "home-gateway", "TS 23.271 clause 9.1.1";
    /// What the home gateway of the subscriber tells this one to do, as a visited gateway.
    HomeInstruction = 37, "home-instruction", "TS 23.271 clause 9.1.1";
    /// For another gateway only nodes of the own network are asked.
    OwnNode = 38, "own-node", "TS 23.271 clause 6.3.3";
    /// A register elsewhere must answer, and soundly.
    PprAnswer = 40, "ppr-answer", "TS 23.271 clause 9.1.1.1";
}

impl RuleId {
    /// The number kept in disclosure logs.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// By its word; `None` for an unknown one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.word() == word)
    }

    /// From the number; `None` for an unknown one.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.code() == code)
    }
}

impl core::fmt::Display for RuleId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.word())
    }
}

/// A request refused by the privacy check: why, and by which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (rule {rule}, {clause})", clause = rule.clause())]
pub struct Refusal {
    /// Why.
    pub reason: RefusalReason,
    /// The rule that decided.
    pub rule: RuleId,
}

impl Refusal {
    pub(crate) fn new(rule: RuleId, reason: RefusalReason) -> Self {
        Self { reason, rule }
    }

    /// The clause of the rule that decided.
    #[must_use]
    pub fn clause(self) -> &'static str {
        self.rule.clause()
    }
}

impl From<Refusal> for lcs::Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.reason)
    }
}
