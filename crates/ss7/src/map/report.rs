//! What a node reports of its own (TS 29.002 clauses 13A.3 and 17.7.13).

use super::{
    ClientId, DecodeError, Estimate, LcsLocationInfo, PeriodicLdrInfo, ReportingPlmnList, ServingNodeAddress,
    ber::{BIT_STRING, ENUMERATED, SEQUENCE, message, sequence},
    estimate::CellOrArea,
    value::{AccuracyFulfilment, DeferredEvents, LcsEvent, Number, Octets},
};
use lcs::{Address, Identities, Imei, Imsi, Msisdn, ServiceType, TerminationCause};
use std::net::IpAddr;

sequence! {
    /// Deferredmt-lrData: what came of a deferred request.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DeferredMtLrData {
        /// The events that it waited for.
        req deferred_location_event_type: DeferredEvents = BIT_STRING;
        /// Why it ended, if it did.
        opt termination_cause: TerminationCause = 0;
        /// Where the phone is served now; only where the gateway is to begin anew.
        opt lcs_location_info: LcsLocationInfo = 1;
    }
    check check
}

impl DeferredMtLrData {
    fn check(&self) -> Result<(), DecodeError> {
        let restarts = self.termination_cause == Some(TerminationCause::MtLrRestart);
        let fits = self.lcs_location_info.is_none() || restarts;
        if fits { Ok(()) } else { Err(DecodeError::UnexpectedDataValue("lcs_location_info")) }
    }
}

sequence! {
    /// SubscriberLocationReport-Arg.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SlrArg {
        /// What happened.
        req lcs_event: LcsEvent = ENUMERATED;
        /// For which client.
        req lcs_client_id: ClientId = SEQUENCE;
        /// Which node reports.
        req lcs_location_info: LcsLocationInfo = SEQUENCE;
        /// MSISDN; it or the IMSI is there.
        opt msisdn: Msisdn = 0;
        /// IMSI.
        opt imsi: Imsi = 1;
        /// IMEI; alone only in an emergency call of a phone without a SIM.
        opt imei: Imei = 2;
        /// Number that routes an emergency call in North America.
        opt na_esrd: Address = 3;
        /// Number that names an emergency call in North America.
        opt na_esrk: Address = 4;
        /// One of five shapes of TS 23.032, or one octet that says nothing.
        opt location_estimate: Octets<1, 20> = 5;
        /// Age, minutes.
        opt age_min: Number<0, 32_767> = 6;
        /// Any shape.
        opt add_location_estimate: Octets<1, 91> = 8;
        /// What came of a deferred request.
        opt deferred_mt_lr_data: DeferredMtLrData = 9;
        /// Reference of the deferred request.
        opt lcs_reference_number: u8 = 10;
        /// Positioning data of GERAN (TS 49.031).
        opt geran_positioning_data: Octets<2, 10> = 11;
        /// Positioning data of UTRAN (TS 25.413).
        opt utran_positioning_data: Octets<3, 11> = 12;
        /// Cell, service area or location area.
        opt cell_id_or_sai: CellOrArea = 13;
        /// Home gateway.
        opt h_gmlc_address: IpAddr = 14;
        /// Service type.
        opt lcs_service_type_id: ServiceType = 15;
        /// The cell is a service area.
        flag sai_present: bool = 17;
        /// The phone wants to be told to the client by a pseudonym.
        flag pseudonym_indicator: bool = 18;
        /// Whether the accuracy asked for was met; a value that is not known counts as not told.
        lax accuracy_fulfilment: AccuracyFulfilment = 19;
        /// Velocity (TS 23.032 clause 8).
        opt velocity_estimate: Octets<4, 7> = 20;
        /// Number of the report among those of a periodic request.
        opt sequence_number: Number<1, 8_639_999> = 21;
        /// Periodic reports.
        opt periodic_ldr_info: PeriodicLdrInfo = 22;
        /// MO-LR short circuit is asked for.
        flag mo_lr_short_circuit: bool = 23;
        /// GANSS positioning data of GERAN (TS 49.031).
        opt geran_ganss_positioning_data: Octets<2, 10> = 24;
        /// GANSS positioning data of UTRAN (TS 25.413).
        opt utran_ganss_positioning_data: Octets<1, 9> = 25;
        /// Where an emergency call was handed over to.
        opt target_serving_node_for_handover: ServingNodeAddress = 26;
        /// Additional positioning data of UTRAN (TS 25.413).
        opt utran_additional_positioning_data: Octets<1, 8> = 27;
        /// Barometric pressure, Pa.
        opt utran_baro_pressure_pa: Number<30_000, 115_000> = 28;
        /// Civic address (TS 25.413).
        opt utran_civic_address: Octets<0, 16_384> = 29;
    }
    check check
}

sequence! {
    /// SubscriberLocationReport-Res.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct SlrRes {
        /// Number that names an emergency call in North America.
        opt na_esrk: Address = 0;
        /// Number that routes an emergency call in North America; not beside the other one.
        opt na_esrd: Address = 1;
        /// Home gateway.
        opt h_gmlc_address: IpAddr = 2;
        /// MO-LR short circuit may be used.
        flag mo_lr_short_circuit: bool = 3;
        /// Networks where reports may be made.
        opt reporting_plmn_list: ReportingPlmnList = 4;
        /// Reference of a deferred request that the phone began.
        opt lcs_reference_number: u8 = 5;
    }
    check check
}

message! {
    SlrArg = "SubscriberLocationReport-Arg";
    SlrRes = "SubscriberLocationReport-Res";
}

impl SlrArg {
    /// A report of an event about a phone, without a place yet.
    #[must_use]
    pub fn new(event: LcsEvent, client: ClientId, node: LcsLocationInfo, target: Identities) -> Self {
        Self {
            lcs_event: event,
            lcs_client_id: client,
            lcs_location_info: node,
            msisdn: target.msisdn,
            imsi: target.imsi,
            imei: target.imei,
            na_esrd: None,
            na_esrk: None,
            location_estimate: None,
            age_min: None,
            add_location_estimate: None,
            deferred_mt_lr_data: None,
            lcs_reference_number: None,
            geran_positioning_data: None,
            utran_positioning_data: None,
            cell_id_or_sai: None,
            h_gmlc_address: None,
            lcs_service_type_id: None,
            sai_present: false,
            pseudonym_indicator: false,
            accuracy_fulfilment: None,
            velocity_estimate: None,
            sequence_number: None,
            periodic_ldr_info: None,
            mo_lr_short_circuit: false,
            geran_ganss_positioning_data: None,
            utran_ganss_positioning_data: None,
            target_serving_node_for_handover: None,
            utran_additional_positioning_data: None,
            utran_baro_pressure_pa: None,
            utran_civic_address: None,
        }
    }

    /// This report as one of a deferred request, with its reference.
    #[must_use]
    pub fn deferred(mut self, data: DeferredMtLrData, reference: u8) -> Self {
        self.lcs_event = LcsEvent::DeferredMtLrResponse;
        self.deferred_mt_lr_data = Some(data);
        self.lcs_reference_number = Some(reference);
        self
    }

    /// This report with a place.
    #[must_use]
    pub fn with_estimate(self, estimate: Estimate) -> Self {
        Self {
            location_estimate: estimate.location_estimate,
            age_min: estimate.age_min,
            add_location_estimate: estimate.add_location_estimate,
            cell_id_or_sai: estimate.cell_id_or_sai,
            sai_present: estimate.sai_present,
            accuracy_fulfilment: estimate.accuracy_fulfilment,
            velocity_estimate: estimate.velocity_estimate,
            utran_baro_pressure_pa: estimate.utran_baro_pressure_pa,
            utran_civic_address: estimate.utran_civic_address,
            ..self
        }
    }

    /// The identities of the phone.
    #[must_use]
    pub fn identities(&self) -> Identities {
        Identities { imsi: self.imsi, msisdn: self.msisdn, imei: self.imei }
    }

    /// What the report says of the place.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        Estimate {
            location_estimate: self.location_estimate.clone(),
            add_location_estimate: self.add_location_estimate.clone(),
            age_min: self.age_min,
            accuracy_fulfilment: self.accuracy_fulfilment,
            velocity_estimate: self.velocity_estimate.clone(),
            cell_id_or_sai: self.cell_id_or_sai,
            sai_present: self.sai_present,
            utran_baro_pressure_pa: self.utran_baro_pressure_pa,
            utran_civic_address: self.utran_civic_address.clone(),
        }
    }

    /// Whether the report is about an emergency call.
    #[must_use]
    pub fn is_emergency(&self) -> bool {
        match self.lcs_event {
            LcsEvent::EmergencyCallOrigination | LcsEvent::EmergencyCallRelease | LcsEvent::EmergencyCallHandover => {
                true
            }
            LcsEvent::MoLr | LcsEvent::DeferredMtLrResponse | LcsEvent::DeferredMoLrTttpInitiation => false,
        }
    }

    /// An identity is there, IMEI alone in an emergency call; data and reference of a deferred request are there exactly with its
    /// event.
    fn check(&self) -> Result<(), DecodeError> {
        let by_equipment = self.imei.is_some() && self.is_emergency();
        if self.imsi.is_none() && self.msisdn.is_none() && !by_equipment {
            return Err(DecodeError::DataMissing("imsi"));
        }
        let deferred = self.lcs_event == LcsEvent::DeferredMtLrResponse;
        match &self.deferred_mt_lr_data {
            None if deferred => Err(DecodeError::DataMissing("deferred_mt_lr_data")),
            Some(_) if !deferred => Err(DecodeError::UnexpectedDataValue("deferred_mt_lr_data")),
            Some(_) if self.lcs_reference_number.is_none() => Err(DecodeError::DataMissing("lcs_reference_number")),
            _ => Ok(()),
        }
    }
}

impl SlrRes {
    /// The two numbers of North America exclude each other.
    fn check(&self) -> Result<(), DecodeError> {
        let both = self.na_esrk.is_some() && self.na_esrd.is_some();
        if both { Err(DecodeError::UnexpectedDataValue("na_esrd")) } else { Ok(()) }
    }
}
