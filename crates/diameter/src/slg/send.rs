//! Provide-Location-Request as a gateway sends it: never without privacy indicators.

use super::{
    AreaEventInfo, DeferredLocationType, LcsEpsClientName, LcsQos, LcsRequestorName, MotionEventInfo,
    PeriodicLdrInformation, PlrFlags, PrivacyCheck, ReceivedPlr, ReferenceNumber, ReportingPlmnList,
};
use crate::{
    base::{AuthSessionState, Origin},
    codec::{ApplicationId, AvpRef, CommandCode, EncodeError, Header, Identifiers},
    value::HiddenText,
};
use lcs::{
    ApnNi, ClientName, Codeword, Identities, LcsClientType, LocationRequest, LocationType, Priority, PrivacyIndicators,
    Qos, Requestor, ServiceType, gad::ShapeSet,
};
use std::net::IpAddr;

/// Session and addresses of a request to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Session-Id.
    pub session_id: &'a str,
    /// The gateway.
    pub origin: Origin<'a>,
    /// Host of the node, mandatory on SLg.
    pub destination_host: &'a str,
    /// Realm of the node.
    pub destination_realm: &'a str,
}

/// Provide-Location-Request to send (TS 29.172 clause 7.3.1). Made from privacy indicators, which have no default, because
/// a request without LCS-Privacy-Check-Non-Session reads as "allowed without notification" (TS 29.172 clause 7.4.23).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plr<'a> {
    request: ReceivedPlr<'a>,
}

impl<'a> Plr<'a> {
    /// A request for a location of a target. LCS-Privacy-Check-Non-Session is always sent; LCS-Privacy-Check-Session and
    /// Service-Selection only together, when there is a related indicator (TS 23.271 clause 9.5.4). The client has no
    /// name yet: its group is empty.
    ///
    /// # Errors
    /// [`EncodeError::RelatedWithoutApn`] for a related indicator without the APN-NI, [`EncodeError::NoTarget`] without an
    /// identity.
    pub fn new(
        envelope: Envelope<'a>,
        location_type: LocationType,
        target: Identities,
        client_type: LcsClientType,
        indicators: PrivacyIndicators,
        apn: Option<&'a ApnNi>,
    ) -> Result<Self, EncodeError> {
        let related = match (indicators.related(), apn) {
            (None, _) => None,
            (Some(setting), Some(apn)) => Some((PrivacyCheck::new(setting), apn.as_str())),
            (Some(_), None) => return Err(EncodeError::RelatedWithoutApn),
        };
        if target == Identities::default() {
            return Err(EncodeError::NoTarget);
        }
        let (privacy_check_session, apn) = related.unzip();
        let request = ReceivedPlr {
            session_id: envelope.session_id,
            auth_session_state: AuthSessionState::NO_STATE_MAINTAINED,
            origin_host: envelope.origin.host,
            origin_realm: envelope.origin.realm,
            destination_host: envelope.destination_host,
            destination_realm: envelope.destination_realm,
            location_type,
            imsi: target.imsi,
            msisdn: target.msisdn,
            imei: target.imei,
            client_name: LcsEpsClientName::default(),
            client_type,
            requestor_name: None,
            priority: None,
            qos: None,
            velocity_requested: None,
            supported_gad_shapes: None,
            service_type: None,
            codeword: None,
            privacy_check_non_session: Some(PrivacyCheck::new(indicators.unrelated())),
            privacy_check_session,
            apn,
            deferred_location_type: None,
            reference_number: None,
            area_event_info: None,
            gmlc_address: None,
            plr_flags: None,
            periodic_ldr_information: None,
            reporting_plmn_list: None,
            motion_event_info: None,
            supported_features: Vec::new(),
            proxy_info: Vec::new(),
            route_record: Vec::new(),
            extra: Vec::new(),
        };
        Ok(Self { request })
    }

    /// The request of a client for a target whose identities are known, with all that the client may ask for. The codeword
    /// goes along only if `codeword_to_user` says that the user checks it.
    ///
    /// # Errors
    /// Those of [`Plr::new`].
    pub fn of_request(
        envelope: Envelope<'a>,
        request: &'a LocationRequest,
        target: Identities,
        indicators: PrivacyIndicators,
        codeword_to_user: bool,
    ) -> Result<Self, EncodeError> {
        let client = &request.client;
        let mut plr =
            Self::new(envelope, request.location_type, target, client.client_type, indicators, client.apn.as_ref())?
                .priority(request.priority)
                .qos(request.qos)
                .shapes(request.shapes);
        plr.request.velocity_requested = request.velocity.then_some(true);
        plr.request.service_type = request.service_type;
        plr.request.codeword =
            request.codeword.as_ref().filter(|_| codeword_to_user).map(|word| HiddenText(word.expose()));
        plr.request.client_name = client.name.as_ref().map(client_name).unwrap_or_default();
        plr.request.requestor_name = client.requestor.as_ref().map(requestor_name);
        Ok(plr)
    }

    /// Sets the client's name (TS 29.172 clause 7.4.3).
    #[must_use]
    pub fn client_name(mut self, name: &'a ClientName) -> Self {
        self.request.client_name = client_name(name);
        self
    }

    /// Sets the requestor (TS 29.172 clause 7.4.4).
    #[must_use]
    pub fn requestor(mut self, requestor: &'a Requestor) -> Self {
        self.request.requestor_name = Some(requestor_name(requestor));
        self
    }

    /// Sets the priority (TS 29.172 clause 7.4.5).
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.request.priority = Some(priority);
        self
    }

    /// Sets the quality wanted (TS 29.172 clause 7.4.6); accuracies round down to a code.
    #[must_use]
    pub fn qos(mut self, qos: Qos) -> Self {
        self.request.qos = Some(LcsQos::from_lcs(qos));
        self
    }

    /// Asks for velocity (TS 29.172 clause 7.4.10).
    #[must_use]
    pub fn velocity(mut self) -> Self {
        self.request.velocity_requested = Some(true);
        self
    }

    /// Sets the shapes that can be taken (TS 29.172 clause 7.4.12); bits without meaning are cleared.
    #[must_use]
    pub fn shapes(mut self, shapes: ShapeSet) -> Self {
        self.request.supported_gad_shapes = Some(ShapeSet(shapes.0 & ShapeSet::ALL.0));
        self
    }

    /// Sets the service type (TS 29.172 clause 7.4.22).
    #[must_use]
    pub fn service_type(mut self, service_type: ServiceType) -> Self {
        self.request.service_type = Some(service_type);
        self
    }

    /// Sends the codeword for the user to check (TS 29.172 clause 7.4.13).
    #[must_use]
    pub fn codeword(mut self, codeword: &'a Codeword) -> Self {
        self.request.codeword = Some(HiddenText(codeword.expose()));
        self
    }

    /// Accepts a later report if the phone is transiently unreachable, under this reference (TS 29.172 clause 6.2.2).
    #[must_use]
    pub fn delayed_reporting(mut self, reference: ReferenceNumber) -> Self {
        let flags = self.request.plr_flags.map_or(0, |flags| flags.0);
        self.request.plr_flags = Some(PlrFlags(flags | PlrFlags::DELAYED_REPORTING.0));
        self.request.reference_number = Some(reference);
        self
    }

    /// Makes it a deferred request (TS 29.172 clause 6.2.2): what it waits for, its reference, and where reports go.
    #[must_use]
    pub fn deferred(mut self, events: DeferredLocationType, reference: ReferenceNumber, h_gmlc: IpAddr) -> Self {
        self.request.deferred_location_type = Some(events);
        self.request.reference_number = Some(reference);
        self.request.gmlc_address = Some(h_gmlc);
        self
    }

    /// Sets the area event of a deferred request (TS 29.172 clause 7.4.38).
    #[must_use]
    pub fn area_event(mut self, info: AreaEventInfo<'a>) -> Self {
        self.request.area_event_info = Some(info);
        self
    }

    /// Sets the motion event of a deferred request (TS 29.172 clause 7.4.64).
    #[must_use]
    pub fn motion_event(mut self, info: MotionEventInfo<'a>) -> Self {
        self.request.motion_event_info = Some(info);
        self
    }

    /// Sets the periodic reporting of a deferred request (TS 29.172 clause 7.4.45).
    #[must_use]
    pub fn periodic(mut self, info: PeriodicLdrInformation<'a>) -> Self {
        self.request.periodic_ldr_information = Some(info);
        self
    }

    /// Sets where a deferred request may report (TS 29.172 clause 7.4.48).
    #[must_use]
    pub fn reporting_plmns(mut self, list: ReportingPlmnList<'a>) -> Self {
        self.request.reporting_plmn_list = Some(list);
        self
    }

    /// Appends an AVP that the grammar does not name.
    #[must_use]
    pub fn extra(mut self, avp: AvpRef<'a>) -> Self {
        self.request.extra.push(avp);
        self
    }

    /// The request as its receiver will see it.
    #[must_use]
    pub fn as_received(&self) -> &ReceivedPlr<'a> {
        &self.request
    }

    /// Appends the message to `out` and tells its length.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`]; `out` is then as before.
    pub fn encode(&self, ids: Identifiers, out: &mut Vec<u8>) -> Result<usize, EncodeError> {
        self.request.encode(Header::request(ApplicationId::SLG, CommandCode::PROVIDE_LOCATION, ids), out)
    }
}

fn client_name(name: &ClientName) -> LcsEpsClientName<'_> {
    LcsEpsClientName { name: Some(&name.text), format: Some(name.format), extra: Vec::new() }
}

fn requestor_name(requestor: &Requestor) -> LcsRequestorName<'_> {
    let name = Some(HiddenText(&requestor.text));
    LcsRequestorName { name, format: Some(requestor.format), extra: Vec::new() }
}
