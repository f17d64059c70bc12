//! Provide-Location-Request as a node receives it (TS 29.172 clause 7.3.1).

use super::{
    AreaEventInfo, DeferredLocationType, LcsEpsClientName, LcsQos, LcsRequestorName, MotionEventInfo,
    PeriodicLdrInformation, PlrFlags, PrivacyCheck, ReferenceNumber, ReportingPlmnList,
};
use crate::{
    base::AuthSessionState,
    codec::{AvpRef, Builder, DecodeError, EncodeError, Header},
    dictionary,
    grammar::{command, grammar, missing},
    value::HiddenText,
};
use lcs::{
    Identities, Imei, Imsi, LcsClientType, LocationType, Msisdn, Priority, PrivacySetting, ServiceType, gad::ShapeSet,
};
use std::net::IpAddr;

grammar! {
    /// Provide-Location-Request with everything its grammar has (TS 29.172 clause 7.3.1), as received. To send one, see
    /// [`Plr`](super::Plr).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open ReceivedPlr {
        /// Session.
        req session_id: &'a str = SESSION_ID;
        /// NO_STATE_MAINTAINED.
        req auth_session_state: AuthSessionState = AUTH_SESSION_STATE;
        /// Host of the gateway.
        req origin_host: &'a str = ORIGIN_HOST;
        /// Realm of the gateway.
        req origin_realm: &'a str = ORIGIN_REALM;
        /// Host of the node.
        req destination_host: &'a str = DESTINATION_HOST;
        /// Realm of the node.
        req destination_realm: &'a str = DESTINATION_REALM;
        /// Type of location.
        req location_type: LocationType = SLG_LOCATION_TYPE;
        /// IMSI; one of the three identities is there.
        opt imsi: Imsi = USER_NAME;
        /// MSISDN.
        opt msisdn: Msisdn = MSISDN;
        /// IMEI.
        opt imei: Imei = IMEI;
        /// Name of the client; may be empty.
        req client_name: LcsEpsClientName<'a> = LCS_EPS_CLIENT_NAME;
        /// Type of the client.
        req client_type: LcsClientType = LCS_CLIENT_TYPE;
        /// Who asked the client.
        opt requestor_name: LcsRequestorName<'a> = LCS_REQUESTOR_NAME;
        /// Priority.
        opt priority: Priority = LCS_PRIORITY;
        /// Quality wanted.
        opt qos: LcsQos<'a> = LCS_QOS;
        /// Whether velocity is wanted; absent means no.
        opt velocity_requested: bool = VELOCITY_REQUESTED;
        /// Shapes that the client takes.
        opt supported_gad_shapes: ShapeSet = SUPPORTED_GAD_SHAPES;
        /// Service type.
        opt service_type: ServiceType = LCS_SERVICE_TYPE_ID;
        /// Codeword to show to the user.
        opt codeword: HiddenText<'a> = LCS_CODEWORD;
        /// Indicator outside sessions. Absent means "allowed without notification" by the letter of TS 29.172 clause
        /// 7.4.23: a node should honour that for emergency, operator and lawful clients only.
        opt privacy_check_non_session: PrivacyCheck<'a> = LCS_PRIVACY_CHECK_NON_SESSION;
        /// Indicator inside a session with the client. Absent means "not allowed" (TS 29.172 clause 7.4.24).
        opt privacy_check_session: PrivacyCheck<'a> = LCS_PRIVACY_CHECK_SESSION;
        /// APN-NI of the session; only in session related requests.
        opt apn: &'a str = SERVICE_SELECTION;
        /// Events that a deferred request waits for.
        opt deferred_location_type: DeferredLocationType = DEFERRED_LOCATION_TYPE;
        /// Reference of a deferred or delayed request.
        opt reference_number: ReferenceNumber = LCS_REFERENCE_NUMBER;
        /// Area event.
        opt area_event_info: AreaEventInfo<'a> = AREA_EVENT_INFO;
        /// Home gateway of a deferred request.
        opt gmlc_address: IpAddr = GMLC_ADDRESS;
        /// Flags; unknown bits mean nothing.
        opt plr_flags: PlrFlags = PLR_FLAGS;
        /// Periodic reporting.
        opt periodic_ldr_information: PeriodicLdrInformation<'a> = PERIODIC_LDR_INFORMATION;
        /// Networks where reports may be made.
        opt reporting_plmn_list: ReportingPlmnList<'a> = REPORTING_PLMN_LIST;
        /// Motion event.
        opt motion_event_info: MotionEventInfo<'a> = MOTION_EVENT_INFO;
        /// Features of the sender, as encoded.
        many supported_features: AvpRef<'a> = SUPPORTED_FEATURES;
        /// State of agents on the way, to come back in the answer.
        many proxy_info: AvpRef<'a> = PROXY_INFO;
        /// Hosts passed.
        many route_record: &'a str = ROUTE_RECORD;
    }
}
command!(ReceivedPlr, checked decode_request, SLG, PROVIDE_LOCATION);

impl ReceivedPlr<'_> {
    /// The identities of the target.
    #[must_use]
    pub fn identities(&self) -> Identities {
        Identities { imsi: self.imsi, msisdn: self.msisdn, imei: self.imei }
    }

    /// The two indicators as received, outside sessions first; `None` where there is none.
    #[must_use]
    pub fn privacy(&self) -> (Option<PrivacySetting>, Option<PrivacySetting>) {
        let setting = |check: &Option<PrivacyCheck<'_>>| check.as_ref().map(|check| check.setting);
        (setting(&self.privacy_check_non_session), setting(&self.privacy_check_session))
    }

    /// One identity must be there (TS 29.172 clause 6.2.2, NOTE 1).
    fn check(&self) -> Result<(), DecodeError> {
        let none = self.imsi.is_none() && self.msisdn.is_none() && self.imei.is_none();
        if none { Err(missing(&dictionary::USER_NAME)) } else { Ok(()) }
    }

    /// For [`Plr`](super::Plr), which alone may send.
    pub(super) fn encode(&self, header: Header, out: &mut Vec<u8>) -> Result<usize, EncodeError> {
        let mut builder = Builder::new(out, header);
        self.write_avps(&mut builder);
        builder.finish()
    }
}
