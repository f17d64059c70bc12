//! The capabilities exchange as decisions: what we say of ourselves, what we think of what the peer says (RFC 6733
//! section 5.3).

use std::net::IpAddr;

use crate::base::{
    CapabilitiesExchangeAnswer, CapabilitiesExchangeRequest, InbandSecurity, VendorSpecificApplicationId,
    common_applications,
};
use crate::codec::{
    ApplicationId, AvpRef, DecodeError, EncodeError, Header, Identifiers, Message, ResultCode, VendorId,
};
use crate::{HiddenText, dictionary};

#[cfg(test)]
mod tests;

/// What a node says of itself in CER and CEA (RFC 6733 section 5.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalCapabilities {
    /// Origin-Host.
    pub host: String,
    /// Origin-Realm.
    pub realm: String,
    /// Vendor-Id.
    pub vendor: VendorId,
    /// Product-Name.
    pub product_name: String,
    /// Applications, each with the vendor that makes it a Vendor-Specific-Application-Id.
    pub applications: Vec<(ApplicationId, Option<VendorId>)>,
    /// Origin-State-Id (RFC 6733 section 8.16).
    pub state_id: u32,
}

/// What a peer said of itself and shares with us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCapabilities {
    /// Its Origin-Host.
    pub host: String,
    /// Its Origin-Realm.
    pub realm: String,
    /// Its Product-Name, empty when it has none.
    pub product_name: String,
    /// Applications in common: all of ours if the peer announced the relay application.
    pub applications: Vec<ApplicationId>,
    /// Those of ours that the peer announced by name, relay or not; none if we are a relay ourselves.
    pub named: Vec<ApplicationId>,
    /// Whether it announced the relay application, so that it forwards anything.
    pub relay: bool,
}

/// Why a CER is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CerRefusal {
    /// It does not decode.
    #[error("the CER is unsound: {0}")]
    Unsound(DecodeError),
    /// The sender says that it is us.
    #[error("the peer has our own identity")]
    OwnIdentity,
    /// It wants security that we do not offer inside the connection.
    #[error("no security in common")]
    NoCommonSecurity,
    /// No application in common.
    #[error("no application in common")]
    NoCommonApplication,
}

impl CerRefusal {
    /// The Result-Code of the CEA that reports it (RFC 6733 section 5.3).
    #[must_use]
    pub fn result_code(&self) -> ResultCode {
        match self {
            Self::Unsound(error) => error.result_code(),
            Self::OwnIdentity => ResultCode::UNKNOWN_PEER,
            Self::NoCommonSecurity => ResultCode::NO_COMMON_SECURITY,
            Self::NoCommonApplication => ResultCode::NO_COMMON_APPLICATION,
        }
    }
}

/// Why a CEA does not open the connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CeaFault {
    /// It does not decode, or is no CEA at all.
    #[error("the CEA is unsound: {0}")]
    Unsound(DecodeError),
    /// It has other identifiers than our CER.
    #[error("the CEA answers another request")]
    Unasked,
    /// It comes from another identity than the one connected to.
    #[error("the peer has another identity than configured")]
    WrongIdentity,
    /// The peer refused.
    #[error("the peer refused with result {0}")]
    Refused(u32),
    /// It succeeds without an application in common.
    #[error("no application in common")]
    NoCommonApplication,
}

impl LocalCapabilities {
    fn vendors(&self) -> Vec<VendorId> {
        let mut vendors: Vec<_> = self.applications.iter().filter_map(|&(_, vendor)| vendor).collect();
        vendors.sort_unstable();
        vendors.dedup();
        vendors
    }

    fn plain(&self) -> Vec<ApplicationId> {
        self.applications.iter().filter(|(_, vendor)| vendor.is_none()).map(|&(id, _)| id).collect()
    }

    fn of_vendors(&self) -> Vec<VendorSpecificApplicationId<'static>> {
        let one = |&(id, vendor): &(ApplicationId, Option<VendorId>)| {
            vendor.map(|vendor| VendorSpecificApplicationId {
                vendor_id: vec![vendor],
                auth_application_id: Some(id),
                ..VendorSpecificApplicationId::default()
            })
        };
        self.applications.iter().filter_map(one).collect()
    }

    fn ids(&self) -> Vec<ApplicationId> {
        self.applications.iter().map(|&(id, _)| id).collect()
    }

    fn named(&self, announced: impl Iterator<Item = ApplicationId>) -> Vec<ApplicationId> {
        let (announced, ours): (Vec<_>, _) = (announced.collect(), self.ids());
        let relays = ours.contains(&ApplicationId::RELAY);
        ours.into_iter().filter(|id| !relays && announced.contains(id)).collect()
    }

    /// Appends our CER with the addresses given.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    pub fn encode_cer(&self, ids: Identifiers, addresses: &[IpAddr], out: &mut Vec<u8>) -> Result<usize, EncodeError> {
        CapabilitiesExchangeRequest {
            origin_host: &self.host,
            origin_realm: &self.realm,
            host_ip_address: addresses.to_vec(),
            vendor_id: self.vendor,
            product_name: &self.product_name,
            origin_state_id: Some(self.state_id),
            supported_vendor_id: self.vendors(),
            auth_application_id: self.plain(),
            inband_security_id: vec![InbandSecurity::NONE],
            acct_application_id: Vec::new(),
            vendor_specific_application_id: self.of_vendors(),
            firmware_revision: None,
            extra: Vec::new(),
        }
        .encode(ids, out)
    }

    /// Appends our CEA with this result; any but success says no more than who we are.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    pub fn encode_cea(
        &self,
        request: Header,
        result: ResultCode,
        addresses: &[IpAddr],
        out: &mut Vec<u8>,
    ) -> Result<usize, EncodeError> {
        let state_id = result.is_success().then_some(self.state_id);
        let answer = CapabilitiesExchangeAnswer { origin_state_id: state_id, ..self.cea(result, addresses) };
        answer.encode(request, out)
    }

    /// Appends our CEA to a CER that is unsound: the result code, what was wrong as Failed-AVP, and its wording
    /// (RFC 6733 sections 5.3.2 and 7.5).
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    pub fn encode_cea_error(
        &self,
        request: Header,
        error: &DecodeError,
        addresses: &[IpAddr],
        out: &mut Vec<u8>,
    ) -> Result<usize, EncodeError> {
        let def = &dictionary::FAILED_AVP;
        let failed = |octets| AvpRef { code: def.code, vendor: def.vendor, flags: def.flags(), data: octets };
        let text = error.to_string();
        CapabilitiesExchangeAnswer {
            error_message: Some(HiddenText(&text)),
            failed_avp: error.failed_avp().map(|avp| failed(avp.octets())).into_iter().collect(),
            ..self.cea(error.result_code(), addresses)
        }
        .encode(request, out)
    }

    fn cea(&self, result: ResultCode, addresses: &[IpAddr]) -> CapabilitiesExchangeAnswer<'_> {
        CapabilitiesExchangeAnswer {
            result_code: Some(result),
            origin_host: &self.host,
            origin_realm: &self.realm,
            host_ip_address: addresses.to_vec(),
            vendor_id: Some(self.vendor),
            product_name: Some(&self.product_name),
            supported_vendor_id: self.vendors(),
            auth_application_id: self.plain(),
            vendor_specific_application_id: self.of_vendors(),
            ..CapabilitiesExchangeAnswer::default()
        }
    }

    /// Judges a CER. Whether its sender is a known peer is for the caller, who then answers DIAMETER_UNKNOWN_PEER.
    ///
    /// # Errors
    /// [`CerRefusal`], with the Result-Code for the CEA.
    pub fn examine_cer(&self, message: &Message) -> Result<PeerCapabilities, CerRefusal> {
        let cer = CapabilitiesExchangeRequest::decode(message).map_err(CerRefusal::Unsound)?;
        if cer.origin_host.eq_ignore_ascii_case(&self.host) {
            return Err(CerRefusal::OwnIdentity);
        }
        if !cer.inband_security_id.is_empty() && !cer.inband_security_id.contains(&InbandSecurity::NONE) {
            return Err(CerRefusal::NoCommonSecurity);
        }
        let applications = common_applications(&self.ids(), cer.applications());
        if applications.is_empty() {
            return Err(CerRefusal::NoCommonApplication);
        }
        Ok(PeerCapabilities {
            host: cer.origin_host.to_owned(),
            realm: cer.origin_realm.to_owned(),
            product_name: cer.product_name.to_owned(),
            named: self.named(cer.applications()),
            relay: cer.applications().any(|id| id == ApplicationId::RELAY),
            applications,
        })
    }

    /// Judges the CEA to our CER, which had the identifiers `sent` and went to the peer `host`.
    ///
    /// # Errors
    /// [`CeaFault`]; the connection is then closed (RFC 6733 section 5.6, I-Rcv-Non-CEA).
    pub fn examine_cea(&self, message: &Message, sent: Identifiers, host: &str) -> Result<PeerCapabilities, CeaFault> {
        let cea = CapabilitiesExchangeAnswer::decode(message).map_err(CeaFault::Unsound)?;
        if message.header.ids.hop_by_hop != sent.hop_by_hop {
            return Err(CeaFault::Unasked);
        }
        let result = cea.result_code.map_or(0, |code| code.0);
        if !ResultCode(result).is_success() {
            return Err(CeaFault::Refused(result));
        }
        if !cea.origin_host.eq_ignore_ascii_case(host) {
            return Err(CeaFault::WrongIdentity);
        }
        let applications = common_applications(&self.ids(), cea.applications());
        if applications.is_empty() {
            return Err(CeaFault::NoCommonApplication);
        }
        Ok(PeerCapabilities {
            host: cea.origin_host.to_owned(),
            realm: cea.origin_realm.to_owned(),
            product_name: cea.product_name.unwrap_or_default().to_owned(),
            named: self.named(cea.applications()),
            relay: cea.applications().any(|id| id == ApplicationId::RELAY),
            applications,
        })
    }
}
