//! ProvideSubscriberLocation-Arg as a node receives it (TS 29.002 clauses 13A.2 and 17.7.13).

use super::{
    AreaEventInfo, ClientId, CodewordString, DecodeError, PeriodicLdrInfo, ReportingPlmnList,
    ber::{ENUMERATED, OCTET_STRING, SEQUENCE, message, sequence},
    value::{DeferredEvents, Lmsi},
};
use lcs::{
    Address, Identities, Imei, Imsi, LocationType, Msisdn, Priority, PrivacySetting, Qos, QosClass, ResponseTime,
    ServiceType,
    gad::{AltitudeUncertainty, ShapeSet, Uncertainty},
};
use std::net::IpAddr;

sequence! {
    /// LocationType: what is asked for, and what a deferred request waits for.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct RequestedLocation {
        /// What is asked for.
        req estimate_type: LocationType = 0;
        /// Events of a deferred request.
        opt deferred_event_type: DeferredEvents = 1;
    }
}

sequence! {
    /// ResponseTime.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ResponseTimeCategory {
        /// Category; one that is not known counts as delay tolerant.
        req category: ResponseTime = ENUMERATED;
    }
}

sequence! {
    /// LCS-QoS.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct LcsQos {
        /// Code of an uncertainty (TS 23.032 clause 6.2); bit 8 means nothing.
        opt horizontal_accuracy: u8 = 0;
        /// Whether altitude is wanted.
        flag vertical_coordinate_request: bool = 1;
        /// Code of an uncertainty of altitude (TS 23.032 clause 6.4); bit 8 means nothing.
        opt vertical_accuracy: u8 = 2;
        /// How soon.
        opt response_time: ResponseTimeCategory = 3;
        /// Whether velocity is wanted.
        flag velocity_request: bool = 5;
    }
}

sequence! {
    /// LCS-PrivacyCheck: the two indicators of TS 23.271 clause 9.5.4.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct RequestedPrivacy {
        /// Outside calls and sessions with the client.
        req unrelated: PrivacySetting = 0;
        /// Inside one; absent means not allowed.
        opt related: PrivacySetting = 1;
    }
}

sequence! {
    /// ProvideSubscriberLocation-Arg as received, with everything that it told. To send one, see [`Psl`](super::Psl).
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ReceivedPsl {
        /// What is asked for.
        req location_type: RequestedLocation = SEQUENCE;
        /// Number of the gateway that asks.
        req mlc_number: Address = OCTET_STRING;
        /// The client.
        opt client_id: ClientId = 0;
        /// The subscriber's privacy is overridden.
        flag privacy_override: bool = 1;
        /// IMSI; it or the MSISDN is there.
        opt imsi: Imsi = 2;
        /// MSISDN.
        opt msisdn: Msisdn = 3;
        /// LMSI, by which the visitor register finds the subscriber.
        opt lmsi: Lmsi = 4;
        /// IMEI.
        opt imei: Imei = 5;
        /// Priority; absent means normal.
        opt priority: Priority = 6;
        /// Quality wanted.
        opt qos: LcsQos = 7;
        /// Shapes that the gateway takes; absent: only the five of old.
        opt supported_gad_shapes: ShapeSet = 9;
        /// Reference of a deferred request.
        opt reference_number: u8 = 10;
        /// Service type.
        opt service_type: ServiceType = 11;
        /// Codeword, to show to the user.
        opt codeword: CodewordString = 12;
        /// Privacy indicators. Absent from gateways that do not know them: then the node goes by the profile that its home register
        /// gave it (TS 23.271 Annex A). A node must not take absence for permission.
        opt privacy_check: RequestedPrivacy = 13;
        /// Area event.
        opt area_event_info: AreaEventInfo = 14;
        /// Home gateway, to which a deferred request reports.
        opt h_gmlc_address: IpAddr = 15;
        /// MO-LR short circuit may be used.
        flag mo_lr_short_circuit: bool = 16;
        /// Periodic reports.
        opt periodic_ldr_info: PeriodicLdrInfo = 17;
        /// Networks where reports may be made.
        opt reporting_plmn_list: ReportingPlmnList = 18;
    }
    check check
}

message! { ReceivedPsl = "ProvideSubscriberLocation-Arg"; }

impl ReceivedPsl {
    /// The identities of the target.
    #[must_use]
    pub fn identities(&self) -> Identities {
        Identities { imsi: self.imsi, msisdn: self.msisdn, imei: self.imei }
    }

    /// One of IMSI and MSISDN is mandatory; a deferred request has a reference, and when it begins, what its events need.
    fn check(&self) -> Result<(), DecodeError> {
        if self.imsi.is_none() && self.msisdn.is_none() {
            return Err(DecodeError::DataMissing("imsi"));
        }
        let begins = match self.location_type.estimate_type {
            LocationType::ActivateDeferred => true,
            LocationType::CancelDeferred => false,
            LocationType::Current
            | LocationType::CurrentOrLastKnown
            | LocationType::Initial
            | LocationType::NotificationVerificationOnly => return Ok(()),
        };
        if self.reference_number.is_none() {
            return Err(DecodeError::DataMissing("reference_number"));
        }
        match self.location_type.deferred_event_type {
            None if begins => Err(DecodeError::DataMissing("deferred_event_type")),
            Some(events) if begins && events.intersects(DeferredEvents::AREA) && self.area_event_info.is_none() => {
                Err(DecodeError::DataMissing("area_event_info"))
            }
            Some(events)
                if begins && events.intersects(DeferredEvents::PERIODIC_LDR) && self.periodic_ldr_info.is_none() =>
            {
                Err(DecodeError::DataMissing("periodic_ldr_info"))
            }
            _ => Ok(()),
        }
    }
}

impl LcsQos {
    /// The quality that a client wants. Accuracies round down to a code, so that what is asked for is not less than what was
    /// wanted. MAP has no class of quality.
    #[must_use]
    pub fn of(qos: Qos, velocity: bool) -> Self {
        let horizontal = |metres| Uncertainty::for_request(f64::from(metres)).ok().map(Uncertainty::code);
        let vertical = |metres| AltitudeUncertainty::for_request(f64::from(metres)).ok().map(AltitudeUncertainty::code);
        Self {
            horizontal_accuracy: qos.horizontal_m.and_then(horizontal),
            vertical_coordinate_request: qos.vertical_m.is_some(),
            vertical_accuracy: qos.vertical_m.and_then(vertical),
            response_time: qos.response_time.map(|category| ResponseTimeCategory { category }),
            velocity_request: velocity,
        }
    }

    /// The quality in the words of location services: metres rounded to the nearest, best effort. Altitude wanted without an
    /// accuracy has the least one.
    #[must_use]
    pub fn qos(&self) -> Qos {
        let horizontal = |code: u8| Uncertainty::from_code(code & 0x7F).map(|u| u.metres().round() as u32);
        let vertical = |code: u8| AltitudeUncertainty::from_code(code & 0x7F).map(|u| u.metres().round() as u32);
        let any_vertical = self.vertical_coordinate_request.then_some(AltitudeUncertainty::MAX.code());
        Qos {
            class: QosClass::BestEffort,
            horizontal_m: self.horizontal_accuracy.and_then(horizontal),
            vertical_m: self.vertical_accuracy.or(any_vertical).and_then(vertical),
            response_time: self.response_time.map(|told| told.category),
        }
    }
}
