//! Device watchdog: DWR and DWA (RFC 6733 section 5.5).

use crate::{
    codec::{AvpRef, ExperimentalResult, ResultCode},
    grammar::{command, grammar},
    value::HiddenText,
};

grammar! {
    /// Device-Watchdog-Request (RFC 6733 section 5.5.1).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open DeviceWatchdogRequest {
        /// Host of the sender.
        req origin_host: &'a str = ORIGIN_HOST;
        /// Realm of the sender.
        req origin_realm: &'a str = ORIGIN_REALM;
        /// Grows with each restart that lost state.
        opt origin_state_id: u32 = ORIGIN_STATE_ID;
    }
}
command!(DeviceWatchdogRequest, request, COMMON, DEVICE_WATCHDOG);

grammar! {
    /// Device-Watchdog-Answer (RFC 6733 section 5.5.2).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open DeviceWatchdogAnswer {
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
        /// Grows with each restart that lost state.
        opt origin_state_id: u32 = ORIGIN_STATE_ID;
    }
}
command!(DeviceWatchdogAnswer, answer, COMMON, DEVICE_WATCHDOG);
