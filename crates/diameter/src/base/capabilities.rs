//! Capabilities exchange: CER and CEA (RFC 6733 section 5.3).

use super::{VendorSpecificApplicationId, applications::advertised};
use crate::{
    codec::{ApplicationId, AvpRef, ExperimentalResult, ResultCode, VendorId, number},
    grammar::{command, grammar},
    value::{HiddenText, number_value},
};
use std::net::IpAddr;

number! {
    /// Inband-Security-Id (RFC 6733 section 6.10).
    InbandSecurity {
        /// NO_INBAND_SECURITY: TLS, if any, was set up before.
        NONE = 0;
        /// TLS.
        TLS = 1;
    }
}

use crate::{
    codec::{Builder, DecodeError},
    dictionary::AvpDef,
    value::Value,
};
number_value!(InbandSecurity);

grammar! {
    /// Capabilities-Exchange-Request (RFC 6733 section 5.3.1).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open CapabilitiesExchangeRequest {
        /// Host of the sender.
        req origin_host: &'a str = ORIGIN_HOST;
        /// Realm of the sender.
        req origin_realm: &'a str = ORIGIN_REALM;
        /// Addresses of the sender, one at least.
        some host_ip_address: IpAddr = HOST_IP_ADDRESS;
        /// Vendor of the sender's software.
        req vendor_id: VendorId = VENDOR_ID;
        /// Name of the sender's software.
        req product_name: &'a str = PRODUCT_NAME;
        /// Grows with each restart that lost state.
        opt origin_state_id: u32 = ORIGIN_STATE_ID;
        /// Vendors whose AVPs are known.
        many supported_vendor_id: VendorId = SUPPORTED_VENDOR_ID;
        /// Authentication applications of IETF.
        many auth_application_id: ApplicationId = AUTH_APPLICATION_ID;
        /// Security that can be set up inside the connection.
        many inband_security_id: InbandSecurity = INBAND_SECURITY_ID;
        /// Accounting applications of IETF.
        many acct_application_id: ApplicationId = ACCT_APPLICATION_ID;
        /// Applications of vendors.
        many vendor_specific_application_id: VendorSpecificApplicationId<'a> = VENDOR_SPECIFIC_APPLICATION_ID;
        /// Firmware revision.
        opt firmware_revision: u32 = FIRMWARE_REVISION;
    }
}
command!(CapabilitiesExchangeRequest, request, COMMON, CAPABILITIES_EXCHANGE);

grammar! {
    /// Capabilities-Exchange-Answer (RFC 6733 section 5.3.2). Its address, vendor and product are mandatory in the
    /// grammar and optional here, because answers that report an error leave them out (section 7.2).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open CapabilitiesExchangeAnswer {
        /// Result.
        opt result_code: ResultCode = RESULT_CODE;
        /// Result of a vendor; not in the grammar, taken all the same.
        opt experimental_result: ExperimentalResult = EXPERIMENTAL_RESULT;
        /// Host of the sender.
        req origin_host: &'a str = ORIGIN_HOST;
        /// Realm of the sender.
        req origin_realm: &'a str = ORIGIN_REALM;
        /// Addresses of the sender.
        many host_ip_address: IpAddr = HOST_IP_ADDRESS;
        /// Vendor of the sender's software.
        opt vendor_id: VendorId = VENDOR_ID;
        /// Name of the sender's software.
        opt product_name: &'a str = PRODUCT_NAME;
        /// Grows with each restart that lost state.
        opt origin_state_id: u32 = ORIGIN_STATE_ID;
        /// What the sender says of an error.
        opt error_message: HiddenText<'a> = ERROR_MESSAGE;
        /// What was wrong in the request.
        many failed_avp: AvpRef<'a> = FAILED_AVP;
        /// Vendors whose AVPs are known.
        many supported_vendor_id: VendorId = SUPPORTED_VENDOR_ID;
        /// Authentication applications of IETF.
        many auth_application_id: ApplicationId = AUTH_APPLICATION_ID;
        /// Security chosen.
        many inband_security_id: InbandSecurity = INBAND_SECURITY_ID;
        /// Accounting applications of IETF.
        many acct_application_id: ApplicationId = ACCT_APPLICATION_ID;
        /// Applications of vendors.
        many vendor_specific_application_id: VendorSpecificApplicationId<'a> = VENDOR_SPECIFIC_APPLICATION_ID;
        /// Firmware revision.
        opt firmware_revision: u32 = FIRMWARE_REVISION;
    }
}
command!(CapabilitiesExchangeAnswer, answer, COMMON, CAPABILITIES_EXCHANGE);

impl CapabilitiesExchangeRequest<'_> {
    /// Every application that the sender names, plainly or for a vendor.
    pub fn applications(&self) -> impl Iterator<Item = ApplicationId> {
        advertised(&self.auth_application_id, &self.acct_application_id, &self.vendor_specific_application_id)
    }
}

impl CapabilitiesExchangeAnswer<'_> {
    /// Every application that the sender names, plainly or for a vendor.
    pub fn applications(&self) -> impl Iterator<Item = ApplicationId> {
        advertised(&self.auth_application_id, &self.acct_application_id, &self.vendor_specific_application_id)
    }
}
