//! Grouped AVPs of SLg, but for areas and reporting (TS 29.172 clause 7.4).

use super::{DeferredLocationType, LcsTerminationCause};
use crate::{
    grammar::grammar,
    slh::ServingNode,
    value::{HiddenOctets, HiddenText, Octets},
};
use lcs::{
    FormatIndicator, PrivacySetting, Qos, QosClass, ResponseTime,
    gad::{AltitudeUncertainty, Uncertainty},
};

grammar! {
    @group
    /// LCS-EPS-Client-Name (TS 29.172 clause 7.4.3). The group is mandatory in a request and both members are not: clients
    /// without a name send it empty.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    closed LcsEpsClientName {
        /// LCS-Name-String.
        opt name: &'a str = LCS_NAME_STRING;
        /// LCS-Format-Indicator.
        opt format: FormatIndicator = LCS_FORMAT_INDICATOR;
    }
}

grammar! {
    @group
    /// LCS-Requestor-Name (TS 29.172 clause 7.4.4).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    closed LcsRequestorName {
        /// LCS-Requestor-Id-String; may name a person.
        opt name: HiddenText<'a> = LCS_REQUESTOR_ID_STRING;
        /// LCS-Format-Indicator.
        opt format: FormatIndicator = LCS_FORMAT_INDICATOR;
    }
}

grammar! {
    @group
    /// LCS-Privacy-Check-Non-Session or LCS-Privacy-Check-Session (TS 29.172 clauses 7.4.23 and 7.4.24).
    #[derive(Debug, Clone, PartialEq, Eq)]
    closed PrivacyCheck {
        /// LCS-Privacy-Check.
        req setting: PrivacySetting = LCS_PRIVACY_CHECK;
    }
}

impl PrivacyCheck<'_> {
    /// The group with this setting.
    #[must_use]
    pub fn new(setting: PrivacySetting) -> Self {
        Self { setting, extra: Vec::new() }
    }
}

grammar! {
    @group
    /// LCS-QoS (TS 29.172 clause 7.4.6).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    closed LcsQos {
        /// LCS-QoS-Class.
        opt class: QosClass = LCS_QOS_CLASS;
        /// Horizontal-Accuracy: uncertainty code in bits 6-0, the rest is ignored.
        opt horizontal_accuracy: u32 = HORIZONTAL_ACCURACY;
        /// Vertical-Accuracy: altitude uncertainty code in bits 6-0, the rest is ignored.
        opt vertical_accuracy: u32 = VERTICAL_ACCURACY;
        /// Vertical-Requested; absent means no.
        opt vertical_requested: bool = VERTICAL_REQUESTED;
        /// Response-Time.
        opt response_time: ResponseTime = RESPONSE_TIME;
    }
}

impl LcsQos<'_> {
    /// From the vocabulary. An accuracy becomes the greatest uncertainty code within it, so never less is asked for.
    #[must_use]
    pub fn from_lcs(qos: Qos) -> Self {
        let horizontal = |m| Uncertainty::for_request(f64::from(m)).ok().map(|code| u32::from(code.code()));
        let vertical = |m| AltitudeUncertainty::for_request(f64::from(m)).ok().map(|code| u32::from(code.code()));
        Self {
            class: Some(qos.class),
            horizontal_accuracy: qos.horizontal_m.and_then(horizontal),
            vertical_accuracy: qos.vertical_m.and_then(vertical),
            vertical_requested: qos.vertical_m.map(|_| true),
            response_time: qos.response_time,
            extra: Vec::new(),
        }
    }

    /// To the vocabulary: metres rounded to the nearest, best effort if no class is told.
    #[must_use]
    pub fn to_lcs(&self) -> Qos {
        // Bits 6-0: always a code.
        let low = |code: u32| (code & 0x7F) as u8;
        let horizontal = |code| Uncertainty::from_code(low(code)).map(|u| u.metres().round() as u32);
        let vertical = |code| AltitudeUncertainty::from_code(low(code)).map(|u| u.metres().round() as u32);
        Qos {
            class: self.class.unwrap_or(QosClass::BestEffort),
            horizontal_m: self.horizontal_accuracy.and_then(horizontal),
            vertical_m: self.vertical_accuracy.and_then(vertical),
            response_time: self.response_time,
        }
    }
}

grammar! {
    @group
    /// GERAN-Positioning-Info (TS 29.172 clause 7.4.29).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open GeranPositioningInfo {
        /// GERAN-Positioning-Data (TS 49.031).
        opt positioning_data: Octets<'a> = GERAN_POSITIONING_DATA;
        /// GERAN-GANSS-Positioning-Data (TS 49.031).
        opt ganss_positioning_data: Octets<'a> = GERAN_GANSS_POSITIONING_DATA;
    }
}

grammar! {
    @group
    /// UTRAN-Positioning-Info (TS 29.172 clause 7.4.32).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open UtranPositioningInfo {
        /// UTRAN-Positioning-Data (TS 25.413).
        opt positioning_data: Octets<'a> = UTRAN_POSITIONING_DATA;
        /// UTRAN-GANSS-Positioning-Data (TS 25.413).
        opt ganss_positioning_data: Octets<'a> = UTRAN_GANSS_POSITIONING_DATA;
        /// UTRAN-Additional-Positioning-Data (TS 25.413).
        opt additional_positioning_data: Octets<'a> = UTRAN_ADDITIONAL_POSITIONING_DATA;
    }
}

grammar! {
    @group
    /// ESMLC-Cell-Info (TS 29.172 clause 7.4.57).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open EsmlcCellInfo {
        /// ECGI.
        opt ecgi: HiddenOctets<7> = ECGI;
        /// Cell-Portion-ID.
        opt cell_portion_id: u32 = CELL_PORTION_ID;
    }
}

grammar! {
    @group
    /// Deferred-MT-LR-Data (TS 29.172 clause 7.4.54).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open DeferredMtLrData {
        /// The event that occurred.
        req deferred_location_type: DeferredLocationType = DEFERRED_LOCATION_TYPE;
        /// Why the request ends.
        opt termination_cause: LcsTerminationCause = LCS_TERMINATION_CAUSE;
        /// Where the phone has gone; only with MT_LR_Restart.
        opt serving_node: ServingNode<'a> = SERVING_NODE;
    }
}

grammar! {
    @group
    /// Delayed-Location-Reporting-Data (TS 29.172 clause 7.4.60).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open DelayedLocationReportingData {
        /// Why the request ends.
        opt termination_cause: LcsTerminationCause = LCS_TERMINATION_CAUSE;
        /// Where the phone has gone; only with MT_LR_Restart.
        opt serving_node: ServingNode<'a> = SERVING_NODE;
    }
}
