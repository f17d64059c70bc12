//! Application contexts (TS 29.002 clause 17.3.2).

use crate::tcap::ApplicationContext;

/// networkLocUpContext-v3: an MSC/VLR updates a location.
pub const NETWORK_LOC_UP_V3: ApplicationContext = ApplicationContext::map(1, 3);
/// subscriberDataMngtContext-v3: a home register changes what a node holds of a subscriber.
pub const SUBSCRIBER_DATA_MNGT_V3: ApplicationContext = ApplicationContext::map(16, 3);
/// gprsLocationUpdateContext-v3: an SGSN updates a location.
pub const GPRS_LOCATION_UPDATE_V3: ApplicationContext = ApplicationContext::map(32, 3);
/// locationSvcGatewayContext-v3: a gateway asks the home register where a subscriber is served.
pub const LOCATION_SVC_GATEWAY_V3: ApplicationContext = ApplicationContext::map(37, 3);
/// locationSvcEnquiryContext-v3: a gateway asks a node where a phone is, and the node reports.
pub const LOCATION_SVC_ENQUIRY_V3: ApplicationContext = ApplicationContext::map(38, 3);
