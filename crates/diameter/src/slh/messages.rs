//! The two messages of SLh (TS 29.173 clause 6.2).

use super::ServingNode;
use crate::{
    base::{AuthSessionState, Origin},
    codec::{AvpRef, Builder, DecodeError, ExperimentalResult, ResultCode, number},
    dictionary::{self, AvpDef},
    grammar::{command, grammar, missing},
    value::{HiddenOctets, HiddenText, Value, number_value},
};
use lcs::{Address, Identities, Imsi, Msisdn};
use std::net::IpAddr;

number! {
    /// RIA-Flags (TS 29.173 clause 6.4.15).
    RiaFlags {
        /// Combined-MME/SGSN-Supporting-Optimized-LCS-Proc.
        OPTIMISED_LCS = 1;
    }
}
number_value!(RiaFlags);

grammar! {
    /// LCS-Routing-Info-Request (TS 29.173 clause 6.2.3).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open Rir {
        /// Session.
        req session_id: &'a str = SESSION_ID;
        /// NO_STATE_MAINTAINED.
        req auth_session_state: AuthSessionState = AUTH_SESSION_STATE;
        /// Host of the gateway.
        req origin_host: &'a str = ORIGIN_HOST;
        /// Realm of the gateway.
        req origin_realm: &'a str = ORIGIN_REALM;
        /// Host of the HSS, if known.
        opt destination_host: &'a str = DESTINATION_HOST;
        /// Realm of the subscriber's home.
        req destination_realm: &'a str = DESTINATION_REALM;
        /// IMSI; this or the MSISDN is there.
        opt imsi: Imsi = USER_NAME;
        /// MSISDN.
        opt msisdn: Msisdn = MSISDN;
        /// ISDN number of the gateway.
        opt gmlc_number: Address = GMLC_NUMBER;
        /// Features of the sender, as encoded.
        many supported_features: AvpRef<'a> = SUPPORTED_FEATURES;
        /// State of agents on the way, to come back in the answer.
        many proxy_info: AvpRef<'a> = PROXY_INFO;
        /// Hosts passed.
        many route_record: &'a str = ROUTE_RECORD;
    }
}
command!(Rir, checked request, SLH, LCS_ROUTING_INFO);

impl<'a> Rir<'a> {
    /// A request about a subscriber.
    #[must_use]
    pub fn new(session_id: &'a str, origin: Origin<'a>, destination_realm: &'a str, target: Identities) -> Self {
        Self {
            session_id,
            auth_session_state: AuthSessionState::NO_STATE_MAINTAINED,
            origin_host: origin.host,
            origin_realm: origin.realm,
            destination_host: None,
            destination_realm,
            imsi: target.imsi,
            msisdn: target.msisdn,
            gmlc_number: None,
            supported_features: Vec::new(),
            proxy_info: Vec::new(),
            route_record: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// IMSI or MSISDN must be there (TS 29.173 clause 5.2.1.1).
    fn check(&self) -> Result<(), DecodeError> {
        if self.imsi.is_none() && self.msisdn.is_none() { Err(missing(&dictionary::USER_NAME)) } else { Ok(()) }
    }
}

grammar! {
    /// LCS-Routing-Info-Answer (TS 29.173 clause 6.2.4). Session-Id and Auth-Session-State are mandatory in the grammar
    /// and optional here, because answers that report a protocol error leave them out (RFC 6733 section 7.2).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open Ria {
        /// Session.
        opt session_id: &'a str = SESSION_ID;
        /// Result of the base protocol.
        opt result_code: ResultCode = RESULT_CODE;
        /// Result of 3GPP.
        opt experimental_result: ExperimentalResult = EXPERIMENTAL_RESULT;
        /// NO_STATE_MAINTAINED.
        opt auth_session_state: AuthSessionState = AUTH_SESSION_STATE;
        /// Host that answers.
        req origin_host: &'a str = ORIGIN_HOST;
        /// Realm that answers.
        req origin_realm: &'a str = ORIGIN_REALM;
        /// Features of the sender, as encoded.
        many supported_features: AvpRef<'a> = SUPPORTED_FEATURES;
        /// IMSI.
        opt imsi: Imsi = USER_NAME;
        /// MSISDN; fifteen zeroes for a subscriber without one (TS 29.173 clause 5.2.1.2).
        opt msisdn: Msisdn = MSISDN;
        /// LMSI, 4 octets (TS 29.173 clause 6.4.2).
        opt lmsi: HiddenOctets<4> = LMSI;
        /// Serving node.
        opt serving_node: ServingNode<'a> = SERVING_NODE;
        /// Other serving nodes, used after the first (TS 29.173 clause 5.2.1.3).
        many additional_serving_node: ServingNode<'a> = ADDITIONAL_SERVING_NODE;
        /// The subscriber's home gateway.
        opt gmlc_address: IpAddr = GMLC_ADDRESS;
        /// The subscriber's privacy profile register.
        opt ppr_address: IpAddr = PPR_ADDRESS;
        /// Flags; unknown bits mean nothing.
        opt ria_flags: RiaFlags = RIA_FLAGS;
        /// What the sender says of an error.
        opt error_message: HiddenText<'a> = ERROR_MESSAGE;
        /// What was wrong in the request.
        many failed_avp: AvpRef<'a> = FAILED_AVP;
        /// State of agents on the way, as in the request.
        many proxy_info: AvpRef<'a> = PROXY_INFO;
        /// Hosts passed.
        many route_record: &'a str = ROUTE_RECORD;
    }
}
command!(Ria, answer, SLH, LCS_ROUTING_INFO);
