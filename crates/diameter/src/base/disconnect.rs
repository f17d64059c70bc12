//! Disconnection: DPR and DPA (RFC 6733 section 5.4).

use crate::{
    codec::{AvpRef, Builder, DecodeError, ExperimentalResult, ResultCode, number},
    dictionary::AvpDef,
    grammar::{command, grammar},
    value::{HiddenText, Value, number_value},
};

number! {
    /// Disconnect-Cause (RFC 6733 section 5.4.3).
    DisconnectCause {
        /// REBOOTING: connect again later.
        REBOOTING = 0;
        /// BUSY: no resources for this connection.
        BUSY = 1;
        /// DO_NOT_WANT_TO_TALK_TO_YOU: do not connect again.
        DO_NOT_WANT_TO_TALK_TO_YOU = 2;
    }
}
number_value!(DisconnectCause);

grammar! {
    /// Disconnect-Peer-Request (RFC 6733 section 5.4.1).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open DisconnectPeerRequest {
        /// Host of the sender.
        req origin_host: &'a str = ORIGIN_HOST;
        /// Realm of the sender.
        req origin_realm: &'a str = ORIGIN_REALM;
        /// Why.
        req disconnect_cause: DisconnectCause = DISCONNECT_CAUSE;
    }
}
command!(DisconnectPeerRequest, request, COMMON, DISCONNECT_PEER);

grammar! {
    /// Disconnect-Peer-Answer (RFC 6733 section 5.4.2).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open DisconnectPeerAnswer {
        /// Result.
        opt result_code: ResultCode = RESULT_CODE;
        /// Result of a vendor; not in the grammar, taken all the same.
        opt experimental_result: ExperimentalResult = EXPERIMENTAL_RESULT;
        /// Host of the sender.
        req origin_host: &'a str = ORIGIN_HOST;
        /// Realm of the sender.
        req origin_realm: &'a str = ORIGIN_REALM;
        /// What the sender says of an error.
        opt error_message: HiddenText<'a> = ERROR_MESSAGE;
        /// What was wrong in the request.
        many failed_avp: AvpRef<'a> = FAILED_AVP;
    }
}
command!(DisconnectPeerAnswer, answer, COMMON, DISCONNECT_PEER);
