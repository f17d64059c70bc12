//! Result codes, as two types: the same number means one thing in Result-Code and another in Experimental-Result.

use super::{VendorId, number};

number! {
    /// Result-Code of the base protocol (RFC 6733 section 7.1).
    ResultCode {
        /// DIAMETER_MULTI_ROUND_AUTH.
        MULTI_ROUND_AUTH = 1001;
        /// DIAMETER_SUCCESS.
        SUCCESS = 2001;
        /// DIAMETER_LIMITED_SUCCESS.
        LIMITED_SUCCESS = 2002;
        /// DIAMETER_COMMAND_UNSUPPORTED.
        COMMAND_UNSUPPORTED = 3001;
        /// DIAMETER_UNABLE_TO_DELIVER.
        UNABLE_TO_DELIVER = 3002;
        /// DIAMETER_REALM_NOT_SERVED.
        REALM_NOT_SERVED = 3003;
        /// DIAMETER_TOO_BUSY.
        TOO_BUSY = 3004;
        /// DIAMETER_LOOP_DETECTED.
        LOOP_DETECTED = 3005;
        /// DIAMETER_REDIRECT_INDICATION.
        REDIRECT_INDICATION = 3006;
        /// DIAMETER_APPLICATION_UNSUPPORTED.
        APPLICATION_UNSUPPORTED = 3007;
        /// DIAMETER_INVALID_HDR_BITS.
        INVALID_HDR_BITS = 3008;
        /// DIAMETER_INVALID_AVP_BITS.
        INVALID_AVP_BITS = 3009;
        /// DIAMETER_UNKNOWN_PEER.
        UNKNOWN_PEER = 3010;
        /// DIAMETER_AUTHENTICATION_REJECTED.
        AUTHENTICATION_REJECTED = 4001;
        /// DIAMETER_OUT_OF_SPACE.
        OUT_OF_SPACE = 4002;
        /// ELECTION_LOST.
        ELECTION_LOST = 4003;
        /// DIAMETER_AVP_UNSUPPORTED. The same number in Experimental-Result is "user unknown".
        AVP_UNSUPPORTED = 5001;
        /// DIAMETER_UNKNOWN_SESSION_ID.
        UNKNOWN_SESSION_ID = 5002;
        /// DIAMETER_AUTHORIZATION_REJECTED.
        AUTHORIZATION_REJECTED = 5003;
        /// DIAMETER_INVALID_AVP_VALUE. The same number in Experimental-Result is "roaming not allowed" (TS 29.229).
        INVALID_AVP_VALUE = 5004;
        /// DIAMETER_MISSING_AVP.
        MISSING_AVP = 5005;
        /// DIAMETER_RESOURCES_EXCEEDED.
        RESOURCES_EXCEEDED = 5006;
        /// DIAMETER_CONTRADICTING_AVPS.
        CONTRADICTING_AVPS = 5007;
        /// DIAMETER_AVP_NOT_ALLOWED.
        AVP_NOT_ALLOWED = 5008;
        /// DIAMETER_AVP_OCCURS_TOO_MANY_TIMES.
        AVP_OCCURS_TOO_MANY_TIMES = 5009;
        /// DIAMETER_NO_COMMON_APPLICATION.
        NO_COMMON_APPLICATION = 5010;
        /// DIAMETER_UNSUPPORTED_VERSION.
        UNSUPPORTED_VERSION = 5011;
        /// DIAMETER_UNABLE_TO_COMPLY.
        UNABLE_TO_COMPLY = 5012;
        /// DIAMETER_INVALID_BIT_IN_HEADER.
        INVALID_BIT_IN_HEADER = 5013;
        /// DIAMETER_INVALID_AVP_LENGTH.
        INVALID_AVP_LENGTH = 5014;
        /// DIAMETER_INVALID_MESSAGE_LENGTH.
        INVALID_MESSAGE_LENGTH = 5015;
        /// DIAMETER_INVALID_AVP_BIT_COMBO.
        INVALID_AVP_BIT_COMBO = 5016;
        /// DIAMETER_NO_COMMON_SECURITY.
        NO_COMMON_SECURITY = 5017;
    }
}

impl ResultCode {
    /// Whether it says success, 2xxx (RFC 6733 section 7.1.2).
    #[must_use]
    pub fn is_success(self) -> bool {
        self.0 / 1000 == 2
    }

    /// Whether the answer carries the E bit, 3xxx (RFC 6733 section 7.1.3).
    #[must_use]
    pub fn is_protocol_error(self) -> bool {
        self.0 / 1000 == 3
    }
}

/// Experimental-Result: the code of a vendor (RFC 6733 section 7.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExperimentalResult {
    /// Who assigned the code.
    pub vendor: VendorId,
    /// The code.
    pub code: u32,
}

impl ExperimentalResult {
    /// DIAMETER_ERROR_USER_UNKNOWN (TS 29.172 clause 7.5.3.1; TS 29.173 clause 6.3.3.1).
    pub const USER_UNKNOWN: Self = Self::tgpp(5001);
    /// DIAMETER_ERROR_UNAUTHORIZED_REQUESTING_NETWORK (TS 29.172 clause 7.5.3.2; TS 29.173 clause 6.3.3.2).
    pub const UNAUTHORIZED_REQUESTING_NETWORK: Self = Self::tgpp(5490);
    /// DIAMETER_ERROR_ABSENT_USER (TS 29.173 clause 6.3.4.1).
    pub const ABSENT_USER: Self = Self::tgpp(4201);
    /// DIAMETER_ERROR_UNREACHABLE_USER (TS 29.172 clause 7.5.4.1).
    pub const UNREACHABLE_USER: Self = Self::tgpp(4221);
    /// DIAMETER_ERROR_SUSPENDED_USER (TS 29.172 clause 7.5.4.2).
    pub const SUSPENDED_USER: Self = Self::tgpp(4222);
    /// DIAMETER_ERROR_DETACHED_USER (TS 29.172 clause 7.5.4.3).
    pub const DETACHED_USER: Self = Self::tgpp(4223);
    /// DIAMETER_ERROR_POSITIONING_DENIED (TS 29.172 clause 7.5.4.4).
    pub const POSITIONING_DENIED: Self = Self::tgpp(4224);
    /// DIAMETER_ERROR_POSITIONING_FAILED (TS 29.172 clause 7.5.4.5).
    pub const POSITIONING_FAILED: Self = Self::tgpp(4225);
    /// DIAMETER_ERROR_UNKNOWN_UNREACHABLE LCS_CLIENT, sent by a gateway (TS 29.172 clause 7.5.4.6).
    pub const UNKNOWN_UNREACHABLE_LCS_CLIENT: Self = Self::tgpp(4226);

    /// A code of 3GPP.
    #[must_use]
    pub const fn tgpp(code: u32) -> Self {
        Self { vendor: VendorId::TGPP, code }
    }
}

impl core::fmt::Display for ExperimentalResult {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}/{}", self.vendor, self.code)
    }
}

/// What an answer says of its request. 3GPP errors come in Experimental-Result, without Result-Code
/// (TS 29.172 clause 7.5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Any 2xxx.
    Success,
    /// Another Result-Code.
    Base(ResultCode),
    /// Another Experimental-Result.
    Experimental(ExperimentalResult),
}

impl Outcome {
    /// Reads the two AVPs of an answer. An error outweighs a success, and the vendor's error the base one, because it
    /// is the more exact; `None` if there is neither AVP.
    #[must_use]
    pub fn of(base: Option<ResultCode>, experimental: Option<ExperimentalResult>) -> Option<Self> {
        match (base, experimental) {
            (_, Some(experimental)) if experimental.code / 1000 != 2 => Some(Self::Experimental(experimental)),
            (Some(base), _) if !base.is_success() => Some(Self::Base(base)),
            (None, None) => None,
            _ => Some(Self::Success),
        }
    }

    /// The Result-Code AVP to send for this outcome.
    #[must_use]
    pub fn result_code(self) -> Option<ResultCode> {
        match self {
            Self::Success => Some(ResultCode::SUCCESS),
            Self::Base(code) => Some(code),
            Self::Experimental(_) => None,
        }
    }

    /// The Experimental-Result AVP to send for this outcome.
    #[must_use]
    pub fn experimental_result(self) -> Option<ExperimentalResult> {
        match self {
            Self::Experimental(result) => Some(result),
            Self::Success | Self::Base(_) => None,
        }
    }
}
