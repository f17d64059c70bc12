//! Provide-Location-Answer (TS 29.172 clause 7.3.2).

use super::{
    AccuracyFulfilment, EsmlcCellInfo, Estimate, GeranPositioningInfo, PlaFlags, UtranPositioningInfo,
    estimate::esmlc_ecgi, failure,
};
use crate::{
    base::{AuthSessionState, Origin},
    codec::{AvpRef, ExperimentalResult, Message, Outcome, ResultCode},
    dictionary,
    grammar::{command, grammar},
    slh::ServingNode,
    value::{HiddenOctets, HiddenText, Octets},
};
use lcs::{Failure, LocationType, PositioningOutcome};

grammar! {
    /// Provide-Location-Answer (TS 29.172 clause 7.3.2). Session-Id and Auth-Session-State are mandatory in the grammar and
    /// optional here, because answers that report a protocol error leave them out (RFC 6733 section 7.2).
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open Pla {
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
        /// Target node of the handover of an emergency call.
        opt serving_node: ServingNode<'a> = SERVING_NODE;
        /// Flags; unknown bits mean nothing.
        opt pla_flags: PlaFlags = PLA_FLAGS;
        /// Cell as the E-SMLC knows it.
        opt esmlc_cell_info: EsmlcCellInfo<'a> = ESMLC_CELL_INFO;
        /// Civic-Address, an XML document.
        opt civic_address: HiddenText<'a> = CIVIC_ADDRESS;
        /// Barometric-Pressure, Pa.
        opt barometric_pressure_pa: u32 = BAROMETRIC_PRESSURE;
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
command!(Pla, answer, SLG, PROVIDE_LOCATION);

impl<'a> Pla<'a> {
    /// An answer to `request` with this outcome and no place, Session-Id and Proxy-Info as there.
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

    /// This answer with a place.
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

    /// What the answer says of the place.
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

    /// What the answer means for a request of type `asked`.
    ///
    /// A cell, or a civic address, without an estimate is a position. A place told in the acknowledgement of a deferred
    /// request (TS 29.172 clause 6.2.2) is dropped, and so is one beside "transiently unreachable"; one told where only notification
    /// was asked for is no acknowledgement.
    ///
    /// # Errors
    /// The failure that the outcome means; [`Failure::NetworkProtocol`] without a result or with an unsound estimate;
    /// [`Failure::PositioningFailed`] for a success that tells no place though one was asked for.
    pub fn positioning_outcome(&self, asked: LocationType) -> Result<PositioningOutcome, Failure> {
        let outcome = self.outcome().map_err(|_| Failure::NetworkProtocol)?;
        if let Some(failure) = failure(outcome) {
            return Err(failure);
        }
        let flags = self.pla_flags.unwrap_or(PlaFlags(0));
        if flags.contains(PlaFlags::TRANSIENTLY_UNREACHABLE) {
            return Ok(PositioningOutcome::TransientlyUnreachable);
        }
        let deferred = flags.contains(PlaFlags::DEFERRED_RESPONSE);
        match asked {
            // It has not been done yet, and nothing is known of the user's word.
            LocationType::NotificationVerificationOnly if deferred => Ok(PositioningOutcome::TransientlyUnreachable),
            // A node that positioned did not do what it was asked, and shows nothing of the user's word either.
            LocationType::NotificationVerificationOnly => Ok(match self.estimate().fix()? {
                Some(fix) if fix.shape.is_some() => PositioningOutcome::Fixed(fix),
                _ => PositioningOutcome::Notified,
            }),
            LocationType::ActivateDeferred | LocationType::CancelDeferred => Ok(PositioningOutcome::Notified),
            _ if deferred => Ok(PositioningOutcome::Notified),
            LocationType::Current | LocationType::CurrentOrLastKnown | LocationType::Initial => {
                self.estimate().fix()?.map(PositioningOutcome::Fixed).ok_or(Failure::PositioningFailed)
            }
        }
    }
}
