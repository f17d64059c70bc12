//! Insert-Subscriber-Data (TS 29.272 clauses 7.2.9 and 7.2.10): the HSS tells an MME or SGSN that a subscriber's data changed.

use super::TraceData;
use crate::{
    base::{AuthSessionState, Origin, VendorSpecificApplicationId},
    codec::{AvpRef, ExperimentalResult, ResultCode},
    grammar::{command, grammar},
    value::HiddenText,
};
use lcs::{Imsi, slpp::LcsInformation};

grammar! {
    @group
    /// Subscription-Data, of which this crate knows the LCS part, the consent to MDT and the trace that it may ask for (TS 29.272 clause
    /// 7.3.2).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open SubscriptionData {
        /// LCS privacy profile and self location; in place of all that the node has of it.
        opt lcs_info: LcsInformation = LCS_INFO;
        /// A trace session to begin, which may be one of MDT.
        opt trace_data: TraceData<'a> = TRACE_DATA;
        /// Consent to MDT, as received; see [`MdtUserConsent`](super::MdtUserConsent).
        opt mdt_user_consent: u32 = MDT_USER_CONSENT;
    }
}

grammar! {
    /// Insert-Subscriber-Data-Request (TS 29.272 clause 7.2.9).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open Idr {
        /// Session.
        req session_id: &'a str = SESSION_ID;
        /// S6a; some peers want it.
        opt vendor_specific_application_id: VendorSpecificApplicationId<'a> = VENDOR_SPECIFIC_APPLICATION_ID;
        /// NO_STATE_MAINTAINED.
        req auth_session_state: AuthSessionState = AUTH_SESSION_STATE;
        /// Host of the HSS.
        req origin_host: &'a str = ORIGIN_HOST;
        /// Realm of the HSS.
        req origin_realm: &'a str = ORIGIN_REALM;
        /// Host of the serving node.
        req destination_host: &'a str = DESTINATION_HOST;
        /// Realm of the serving node.
        req destination_realm: &'a str = DESTINATION_REALM;
        /// IMSI.
        req imsi: Imsi = USER_NAME;
        /// Features of the sender, as encoded.
        many supported_features: AvpRef<'a> = SUPPORTED_FEATURES;
        /// The data that changed.
        req subscription_data: SubscriptionData<'a> = SUBSCRIPTION_DATA;
        /// What else is asked of the node.
        opt idr_flags: u32 = IDR_FLAGS;
        /// State of agents on the way, to come back in the answer.
        many proxy_info: AvpRef<'a> = PROXY_INFO;
        /// Hosts passed.
        many route_record: &'a str = ROUTE_RECORD;
    }
}
command!(Idr, request, S6A, INSERT_SUBSCRIBER_DATA);

impl<'a> Idr<'a> {
    /// A request that gives a node the LCS data of a subscriber. For an MME see [`for_mme`](super::for_mme).
    #[must_use]
    pub fn new(
        session_id: &'a str,
        origin: Origin<'a>,
        destination_host: &'a str,
        destination_realm: &'a str,
        imsi: Imsi,
        lcs_info: LcsInformation,
    ) -> Self {
        let subscription_data = SubscriptionData { lcs_info: Some(lcs_info), ..SubscriptionData::default() };
        Self::with_data(session_id, origin, destination_host, destination_realm, imsi, subscription_data)
    }

    /// A request that gives a node data of a subscriber.
    #[must_use]
    pub fn with_data(
        session_id: &'a str,
        origin: Origin<'a>,
        destination_host: &'a str,
        destination_realm: &'a str,
        imsi: Imsi,
        subscription_data: SubscriptionData<'a>,
    ) -> Self {
        Self {
            session_id,
            vendor_specific_application_id: None,
            auth_session_state: AuthSessionState::NO_STATE_MAINTAINED,
            origin_host: origin.host,
            origin_realm: origin.realm,
            destination_host,
            destination_realm,
            imsi,
            supported_features: Vec::new(),
            subscription_data,
            idr_flags: None,
            proxy_info: Vec::new(),
            route_record: Vec::new(),
            extra: Vec::new(),
        }
    }
}

grammar! {
    /// Insert-Subscriber-Data-Answer (TS 29.272 clause 7.2.10). Session-Id and Auth-Session-State are mandatory in the grammar and
    /// optional here, because answers that report a protocol error leave them out (RFC 6733 section 7.2).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open Ida {
        /// Session.
        opt session_id: &'a str = SESSION_ID;
        /// S6a; some peers send it.
        opt vendor_specific_application_id: VendorSpecificApplicationId<'a> = VENDOR_SPECIFIC_APPLICATION_ID;
        /// Features of the sender, as encoded.
        many supported_features: AvpRef<'a> = SUPPORTED_FEATURES;
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
command!(Ida, answer, S6A, INSERT_SUBSCRIBER_DATA);
