//! Location-Report: what a serving node reports on its own (TS 29.172 clauses 7.3.3 and 7.3.4).

use super::{
    AccuracyFulfilment, DeferredMtLrData, DelayedLocationReportingData, EsmlcCellInfo, Estimate, GeranPositioningInfo,
    LcsEpsClientName, LocationEvent, LraFlags, LrrFlags, PeriodicLdrInformation, ReferenceNumber, ReportingAmount,
    ReportingPlmnList, UtranPositioningInfo, estimate::esmlc_ecgi,
};
use crate::{
    base::{AuthSessionState, Origin},
    codec::{AvpRef, ExperimentalResult, Message, Outcome, ResultCode},
    dictionary,
    grammar::{command, grammar},
    slh::ServingNode,
    value::{HiddenOctets, HiddenText, Octets},
};
use lcs::{Identities, Imei, Imsi, Msisdn, QosClass, ServiceType};
use std::net::IpAddr;

grammar! {
    /// Location-Report-Request (TS 29.172 clause 7.3.3).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open Lrr {
        /// Session.
        req session_id: &'a str = SESSION_ID;
        /// NO_STATE_MAINTAINED.
        req auth_session_state: AuthSessionState = AUTH_SESSION_STATE;
        /// Host of the node.
        req origin_host: &'a str = ORIGIN_HOST;
        /// Realm of the node.
        req origin_realm: &'a str = ORIGIN_REALM;
        /// Host of the gateway.
        req destination_host: &'a str = DESTINATION_HOST;
        /// Realm of the gateway.
        req destination_realm: &'a str = DESTINATION_REALM;
        /// What happened.
        req location_event: LocationEvent = LOCATION_EVENT;
        /// Client that the report is for.
        opt client_name: LcsEpsClientName<'a> = LCS_EPS_CLIENT_NAME;
        /// IMSI.
        opt imsi: Imsi = USER_NAME;
        /// MSISDN.
        opt msisdn: Msisdn = MSISDN;
        /// IMEI.
        opt imei: Imei = IMEI;
        /// Location-Estimate: a shape of TS 23.032.
        opt location_estimate: Octets<'a> = LOCATION_ESTIMATE;
        /// Accuracy-Fulfilment-Indicator.
        opt accuracy_fulfilment: AccuracyFulfilment = ACCURACY_FULFILMENT_INDICATOR;
        /// Age-Of-Location-Estimate, minutes.
        opt age_min: u32 = AGE_OF_LOCATION_ESTIMATE;
        /// Velocity-Estimate of TS 23.032.
        opt velocity_estimate: Octets<'a> = VELOCITY_ESTIMATE;
        /// EUTRAN-Positioning-Data (TS 29.171).
        opt eutran_positioning_data: Octets<'a> = EUTRAN_POSITIONING_DATA;
        /// ECGI (TS 29.274 clause 8.21.5).
        opt ecgi: HiddenOctets<7> = ECGI;
        /// GERAN-Positioning-Info.
        opt geran_positioning_info: GeranPositioningInfo<'a> = GERAN_POSITIONING_INFO;
        /// Cell-Global-Identity.
        opt cell_global_identity: HiddenOctets<7> = CELL_GLOBAL_IDENTITY;
        /// UTRAN-Positioning-Info.
        opt utran_positioning_info: UtranPositioningInfo<'a> = UTRAN_POSITIONING_INFO;
        /// Service-Area-Identity.
        opt service_area_identity: HiddenOctets<7> = SERVICE_AREA_IDENTITY;
        /// Service type.
        opt service_type: ServiceType = LCS_SERVICE_TYPE_ID;
        /// Whether a pseudonym is wanted; absent means no.
        opt pseudonym_requested: bool = PSEUDONYM_INDICATOR;
        /// LCS-QoS-Class.
        opt qos_class: QosClass = LCS_QOS_CLASS;
        /// Target node of the handover of an emergency call.
        opt serving_node: ServingNode<'a> = SERVING_NODE;
        /// Flags; unknown bits mean nothing.
        opt lrr_flags: LrrFlags = LRR_FLAGS;
        /// Reference of the deferred or delayed request.
        opt reference_number: ReferenceNumber = LCS_REFERENCE_NUMBER;
        /// What a deferred request waited for.
        opt deferred_mt_lr_data: DeferredMtLrData<'a> = DEFERRED_MT_LR_DATA;
        /// Home gateway.
        opt gmlc_address: IpAddr = GMLC_ADDRESS;
        /// Reporting-Amount: here the sequence number of the report.
        opt reporting_amount: ReportingAmount = REPORTING_AMOUNT;
        /// Periodic reporting.
        opt periodic_ldr_information: PeriodicLdrInformation<'a> = PERIODIC_LDR_INFORMATION;
        /// Cell as the E-SMLC knows it.
        opt esmlc_cell_info: EsmlcCellInfo<'a> = ESMLC_CELL_INFO;
        /// 1xRTT-RCID.
        opt one_x_rtt_rcid: Octets<'a> = ONE_X_RTT_RCID;
        /// Why a delayed report comes.
        opt delayed_location_reporting_data: DelayedLocationReportingData<'a> = DELAYED_LOCATION_REPORTING_DATA;
        /// Civic-Address, an XML document.
        opt civic_address: HiddenText<'a> = CIVIC_ADDRESS;
        /// Barometric-Pressure, Pa.
        opt barometric_pressure_pa: u32 = BAROMETRIC_PRESSURE;
        /// Features of the sender, as encoded.
        many supported_features: AvpRef<'a> = SUPPORTED_FEATURES;
        /// State of agents on the way, to come back in the answer.
        many proxy_info: AvpRef<'a> = PROXY_INFO;
        /// Hosts passed.
        many route_record: &'a str = ROUTE_RECORD;
    }
}
command!(Lrr, request, SLG, LOCATION_REPORT);

impl<'a> Lrr<'a> {
    /// A report of an event about a phone, without a place yet.
    #[must_use]
    pub fn new(envelope: super::Envelope<'a>, event: LocationEvent, target: Identities) -> Self {
        Self {
            session_id: envelope.session_id,
            auth_session_state: AuthSessionState::NO_STATE_MAINTAINED,
            origin_host: envelope.origin.host,
            origin_realm: envelope.origin.realm,
            destination_host: envelope.destination_host,
            destination_realm: envelope.destination_realm,
            location_event: event,
            client_name: None,
            imsi: target.imsi,
            msisdn: target.msisdn,
            imei: target.imei,
            location_estimate: None,
            accuracy_fulfilment: None,
            age_min: None,
            velocity_estimate: None,
            eutran_positioning_data: None,
            ecgi: None,
            geran_positioning_info: None,
            cell_global_identity: None,
            utran_positioning_info: None,
            service_area_identity: None,
            service_type: None,
            pseudonym_requested: None,
            qos_class: None,
            serving_node: None,
            lrr_flags: None,
            reference_number: None,
            deferred_mt_lr_data: None,
            gmlc_address: None,
            reporting_amount: None,
            periodic_ldr_information: None,
            esmlc_cell_info: None,
            one_x_rtt_rcid: None,
            delayed_location_reporting_data: None,
            civic_address: None,
            barometric_pressure_pa: None,
            supported_features: Vec::new(),
            proxy_info: Vec::new(),
            route_record: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// This report with a place.
    #[must_use]
    pub fn with_estimate(self, estimate: Estimate<'a>) -> Self {
        let esmlc = estimate.esmlc_ecgi.map(|ecgi| EsmlcCellInfo { ecgi: Some(ecgi), ..EsmlcCellInfo::default() });
        Self {
            location_estimate: estimate.location_estimate,
            accuracy_fulfilment: estimate.accuracy_fulfilment,
            age_min: estimate.age_min,
            velocity_estimate: estimate.velocity_estimate,
            ecgi: estimate.ecgi,
            cell_global_identity: estimate.cell_global_identity,
            service_area_identity: estimate.service_area_identity,
            esmlc_cell_info: esmlc.or(self.esmlc_cell_info),
            civic_address: estimate.civic_address,
            barometric_pressure_pa: estimate.barometric_pressure_pa,
            ..self
        }
    }

    /// The identities of the phone; all may be missing.
    #[must_use]
    pub fn identities(&self) -> Identities {
        Identities { imsi: self.imsi, msisdn: self.msisdn, imei: self.imei }
    }

    /// What the report says of the place.
    #[must_use]
    pub fn estimate(&self) -> Estimate<'a> {
        Estimate {
            location_estimate: self.location_estimate,
            accuracy_fulfilment: self.accuracy_fulfilment,
            age_min: self.age_min,
            velocity_estimate: self.velocity_estimate,
            ecgi: self.ecgi,
            cell_global_identity: self.cell_global_identity,
            service_area_identity: self.service_area_identity,
            esmlc_ecgi: esmlc_ecgi(&self.esmlc_cell_info),
            civic_address: self.civic_address,
            barometric_pressure_pa: self.barometric_pressure_pa,
        }
    }
}

grammar! {
    /// Location-Report-Answer (TS 29.172 clause 7.3.4). Session-Id and Auth-Session-State are mandatory in the grammar and
    /// optional here, because answers that report a protocol error leave them out (RFC 6733 section 7.2).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open Lra {
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
        /// Home gateway, towards an SGSN.
        opt gmlc_address: IpAddr = GMLC_ADDRESS;
        /// Flags, towards an SGSN.
        opt lra_flags: LraFlags = LRA_FLAGS;
        /// Networks where reports may be made, towards an SGSN.
        opt reporting_plmn_list: ReportingPlmnList<'a> = REPORTING_PLMN_LIST;
        /// Reference of the deferred request, towards an SGSN.
        opt reference_number: ReferenceNumber = LCS_REFERENCE_NUMBER;
        /// Features of the sender, as encoded.
        many supported_features: AvpRef<'a> = SUPPORTED_FEATURES;
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
command!(Lra, answer, SLG, LOCATION_REPORT);

impl<'a> Lra<'a> {
    /// An answer to `request` with this outcome, Session-Id and Proxy-Info as there.
    #[must_use]
    pub fn to(request: &'a Message, origin: Origin<'a>, outcome: Outcome) -> Self {
        Self {
            session_id: request.find(&dictionary::SESSION_ID).and_then(|avp| avp.utf8().ok()),
            result_code: outcome.result_code(),
            experimental_result: outcome.experimental_result(),
            auth_session_state: Some(AuthSessionState::NO_STATE_MAINTAINED),
            origin_host: origin.host,
            origin_realm: origin.realm,
            proxy_info: request.avps().filter(|avp| avp.is(&dictionary::PROXY_INFO)).collect(),
            ..Self::default()
        }
    }
}
