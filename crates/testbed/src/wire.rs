//! The messages of SLh and SLg as a node of the network sees them, AVP by AVP.
//!
//! Read and written apart from the typed messages of the crate `diameter`, which the gateway uses: a mistake there does
//! not cancel out here.

pub(crate) mod deferred;

use diameter::{
    codec::{
        AvpRef, Builder, CommandFlags, DecodeError, ExperimentalResult, FailedAvp, Header, Identifiers, Message,
        Outcome, ResultCode, VendorId,
    },
    dictionary::{self as avp, AvpDef},
};
use lcs::{
    ApnNi, Identities, Imei, Imsi, LcsClientType, LocationType, Msisdn, PrivacySetting,
    gad::{Shape, ShapeSet, Uncertainty, Velocity},
};
use transport::Answer;

/// NO_STATE_MAINTAINED of Auth-Session-State (TS 29.172 clause 7.1.6).
const NO_STATE_MAINTAINED: u32 = 1;

/// Who answers.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) host: String,
    pub(crate) realm: String,
}

/// Value of the Session-Id, for marks; empty if there is none.
pub(crate) fn session_id(message: &Message) -> &[u8] {
    message.find(&avp::SESSION_ID).map(|avp| avp.data).unwrap_or_default()
}

/// Value of the Origin-Realm.
pub(crate) fn origin_realm(message: &Message) -> Option<&str> {
    message.find(&avp::ORIGIN_REALM)?.identity().ok()
}

/// Whether a request comes from one of these realms; from wherever if there are none.
pub(crate) fn is_from(message: &Message, realms: &[String]) -> bool {
    let listed = |realm: &str| realms.iter().any(|listed| listed.eq_ignore_ascii_case(realm));
    realms.is_empty() || origin_realm(message).is_some_and(listed)
}

/// Digits of the GMLC-Number of a routing information request (TS 29.173 clause 6.2.3).
pub(crate) fn gmlc_number(message: &Message) -> Option<String> {
    let digits = lcs::Digits::from_tbcd(message.find(&avp::GMLC_NUMBER)?.data).ok()?;
    Some(digits.values().map(|value| char::from(b'0' + value)).collect())
}

/// The identities of a request. A sound AVP that is no identity counts as one that nobody has.
pub(crate) fn identities(message: &Message) -> Result<(Identities, bool), DecodeError> {
    let imsi = message.find(&avp::USER_NAME).map(|avp| avp.utf8()).transpose()?;
    let msisdn = message.find(&avp::MSISDN);
    let imei = message.find(&avp::IMEI).map(|avp| avp.utf8()).transpose()?;
    let given = imsi.is_some() || msisdn.is_some() || imei.is_some();
    let identities = Identities {
        imsi: imsi.and_then(|text| Imsi::parse(text).ok()),
        msisdn: msisdn.and_then(|avp| Msisdn::new(lcs::Digits::from_tbcd(avp.data).ok()?).ok()),
        imei: imei.and_then(|text| Imei::parse(text).ok()),
    };
    Ok((identities, given))
}

/// What of a Provide-Location-Request a node acts on (TS 29.172 clause 7.3.1).
pub(crate) struct Plr<'a> {
    pub(crate) location_type: LocationType,
    pub(crate) client_type: LcsClientType,
    pub(crate) client_name: Option<&'a str>,
    pub(crate) requestor: Option<&'a str>,
    pub(crate) service_type: Option<u32>,
    pub(crate) codeword: Option<&'a str>,
    pub(crate) related: Option<PrivacySetting>,
    pub(crate) unrelated: Option<PrivacySetting>,
    pub(crate) apn: Option<ApnNi>,
    pub(crate) horizontal_m: Option<f64>,
    pub(crate) velocity: bool,
    pub(crate) shapes: ShapeSet,
}

impl Plr<'_> {
    /// Whether something is to wait, or to wait no longer.
    pub(crate) fn is_deferred(&self) -> bool {
        matches!(self.location_type, LocationType::ActivateDeferred | LocationType::CancelDeferred)
    }
}

fn missing(def: &AvpDef) -> DecodeError {
    DecodeError::MissingAvp(FailedAvp::example(def))
}

fn required<'m>(message: &'m Message, def: &AvpDef) -> Result<AvpRef<'m>, DecodeError> {
    message.find(def).ok_or_else(|| missing(def))
}

impl<'a> Plr<'a> {
    pub(crate) fn read(message: &'a Message) -> Result<Self, DecodeError> {
        for def in [
            &avp::SESSION_ID,
            &avp::AUTH_SESSION_STATE,
            &avp::ORIGIN_HOST,
            &avp::ORIGIN_REALM,
            &avp::DESTINATION_HOST,
            &avp::DESTINATION_REALM,
        ] {
            required(message, def)?;
        }
        let name = required(message, &avp::LCS_EPS_CLIENT_NAME)?.grouped()?;
        let requestor = message.find(&avp::LCS_REQUESTOR_NAME).map(AvpRef::grouped).transpose()?;
        let qos = message.find(&avp::LCS_QOS).map(AvpRef::grouped).transpose()?;
        let accuracy = qos.and_then(|qos| qos.find(&avp::HORIZONTAL_ACCURACY)).map(AvpRef::u32).transpose()?;
        let text = |avp: Option<AvpRef<'a>>| avp.map(AvpRef::utf8).transpose();
        Ok(Self {
            location_type: required(message, &avp::SLG_LOCATION_TYPE)?.enumerated(LocationType::from_code)?,
            client_type: required(message, &avp::LCS_CLIENT_TYPE)?.enumerated(LcsClientType::from_code)?,
            client_name: text(name.find(&avp::LCS_NAME_STRING))?,
            requestor: text(requestor.and_then(|group| group.find(&avp::LCS_REQUESTOR_ID_STRING)))?,
            service_type: message.find(&avp::LCS_SERVICE_TYPE_ID).map(AvpRef::u32).transpose()?,
            codeword: text(message.find(&avp::LCS_CODEWORD))?,
            related: privacy_check(message, &avp::LCS_PRIVACY_CHECK_SESSION)?,
            unrelated: privacy_check(message, &avp::LCS_PRIVACY_CHECK_NON_SESSION)?,
            apn: text(message.find(&avp::SERVICE_SELECTION))?.and_then(|apn| ApnNi::new(apn).ok()),
            // Bits 6 to 0 are the uncertainty code, the rest is ignored (TS 29.172 clause 7.4.7).
            horizontal_m: accuracy
                .and_then(|code| Uncertainty::from_code((code & 0x7F) as u8))
                .map(Uncertainty::metres),
            velocity: message.find(&avp::VELOCITY_REQUESTED).map(AvpRef::u32).transpose()? == Some(1),
            shapes: message
                .find(&avp::SUPPORTED_GAD_SHAPES)
                .map(AvpRef::u32)
                .transpose()?
                .map_or(ShapeSet::ALL, ShapeSet),
        })
    }
}

/// An indicator. A value that nobody knows is read as "not allowed"; a group without its AVP is an error.
fn privacy_check(message: &Message, def: &AvpDef) -> Result<Option<PrivacySetting>, DecodeError> {
    let Some(group) = message.find(def) else { return Ok(None) };
    let check = group.grouped()?.find(&avp::LCS_PRIVACY_CHECK).ok_or_else(|| missing(&avp::LCS_PRIVACY_CHECK))?;
    Ok(Some(PrivacySetting::from_code(check.u32()?).unwrap_or(PrivacySetting::NotAllowed)))
}

/// An answer with this outcome; Proxy-Info goes back as it came (RFC 6733 section 6.2).
pub(crate) fn answer(
    request: &Message,
    origin: &Origin,
    outcome: Outcome,
    fill: impl FnOnce(&mut Builder<'_>),
) -> Answer {
    let mut header: Header = request.header.answer();
    if outcome.result_code().is_some_and(ResultCode::is_protocol_error) {
        header.flags = header.flags.with(CommandFlags::ERROR);
    }
    Answer::encode(|out| {
        let mut builder = Builder::new(out, header);
        if let Some(session) = request.find(&avp::SESSION_ID) {
            builder.raw(session);
        }
        if let Some(code) = outcome.result_code() {
            builder.u32(&avp::RESULT_CODE, code.0);
        }
        if let Some(result) = outcome.experimental_result() {
            builder.group(&avp::EXPERIMENTAL_RESULT, |group| {
                group.u32(&avp::VENDOR_ID, result.vendor.0).u32(&avp::EXPERIMENTAL_RESULT_CODE, result.code);
            });
        }
        builder
            .u32(&avp::AUTH_SESSION_STATE, NO_STATE_MAINTAINED)
            .text(&avp::ORIGIN_HOST, &origin.host)
            .text(&avp::ORIGIN_REALM, &origin.realm);
        fill(&mut builder);
        for proxy in request.all(&avp::PROXY_INFO) {
            builder.raw(proxy);
        }
        builder.finish()
    })
}

/// The outcome for a result that a fault asks for.
pub(crate) fn faulty_outcome(code: u32, experimental: bool) -> Outcome {
    if experimental {
        Outcome::Experimental(ExperimentalResult { vendor: VendorId::TGPP, code })
    } else {
        Outcome::Base(ResultCode(code))
    }
}

/// Appends an IMSI as User-Name.
pub(crate) fn put_imsi(builder: &mut Builder<'_>, imsi: Imsi) {
    let digits: String = imsi.expose_digits().values().map(|value| char::from(b'0' + value)).collect();
    builder.text(&avp::USER_NAME, &digits);
}

/// Appends an MSISDN.
pub(crate) fn put_msisdn(builder: &mut Builder<'_>, msisdn: Msisdn) {
    let (octets, used) = msisdn.expose_digits().to_tbcd();
    builder.avp(&avp::MSISDN, octets.get(..used).unwrap_or_default());
}

/// A position to send.
#[derive(Debug, Clone, Default)]
pub(crate) struct Located {
    pub(crate) shape: Option<Shape>,
    pub(crate) accuracy_fulfilled: Option<bool>,
    pub(crate) age_min: Option<u32>,
    pub(crate) velocity: Option<Velocity>,
    pub(crate) ecgi: Option<[u8; 7]>,
}

/// Appends the AVPs of a position, in an answer (TS 29.172 clause 7.3.2) or a report (clause 7.3.3).
pub(crate) fn put_located(builder: &mut Builder<'_>, located: &Located) {
    if let Some(shape) = &located.shape {
        builder.avp(&avp::LOCATION_ESTIMATE, &shape.encode());
    }
    if let Some(fulfilled) = located.accuracy_fulfilled {
        builder.u32(&avp::ACCURACY_FULFILMENT_INDICATOR, u32::from(!fulfilled));
    }
    if let Some(age_min) = located.age_min {
        builder.u32(&avp::AGE_OF_LOCATION_ESTIMATE, age_min);
    }
    if let Some(velocity) = &located.velocity {
        builder.avp(&avp::VELOCITY_ESTIMATE, &velocity.encode());
    }
    if let Some(ecgi) = located.ecgi {
        builder.avp(&avp::ECGI, &ecgi);
    }
}

/// A Location-Report-Request of an emergency call that begins (TS 29.172 clause 7.3.3, Location-Event 0).
pub(crate) struct EmergencyReport<'a> {
    pub(crate) session_id: &'a str,
    pub(crate) origin: &'a Origin,
    pub(crate) gateway_host: &'a str,
    pub(crate) gateway_realm: &'a str,
    pub(crate) identities: Identities,
    pub(crate) located: &'a Located,
}

impl EmergencyReport<'_> {
    pub(crate) fn encode(&self, ids: Identifiers, out: &mut Vec<u8>) -> Result<usize, diameter::codec::EncodeError> {
        use diameter::codec::{ApplicationId, CommandCode};
        let header = Header::request(ApplicationId::SLG, CommandCode::LOCATION_REPORT, ids);
        let mut builder = Builder::new(out, header);
        builder
            .text(&avp::SESSION_ID, self.session_id)
            .u32(&avp::AUTH_SESSION_STATE, NO_STATE_MAINTAINED)
            .text(&avp::ORIGIN_HOST, &self.origin.host)
            .text(&avp::ORIGIN_REALM, &self.origin.realm)
            .text(&avp::DESTINATION_HOST, self.gateway_host)
            .text(&avp::DESTINATION_REALM, self.gateway_realm)
            .u32(&avp::LOCATION_EVENT, 0);
        if let Some(imsi) = self.identities.imsi {
            put_imsi(&mut builder, imsi);
        }
        if let Some(msisdn) = self.identities.msisdn {
            put_msisdn(&mut builder, msisdn);
        }
        put_located(&mut builder, self.located);
        builder.finish()
    }
}

/// E-UTRAN cell global identity (TS 29.274 clause 8.21.5): the PLMN of a realm of the form of TS 23.003 clause 19.2, MCC 001
/// and MNC 01 for another, and 28 bits of cell.
pub(crate) fn ecgi(realm: &str, cell: u32) -> [u8; 7] {
    let [a, b, c] = plmn(realm);
    let [c0, c1, c2, c3] = (cell & 0x0FFF_FFFF).to_be_bytes();
    [a, b, c, c0, c1, c2, c3]
}

/// Cell global identity (TS 23.003 clause 4.3.1): a network as it is on the wire, location area 1, and 16 bits of cell.
pub(crate) fn cgi(network: [u8; 3], cell: u32) -> [u8; 7] {
    let [a, b, c] = network;
    let [_, _, high, low] = cell.to_be_bytes();
    [a, b, c, 0, 1, high, low]
}

/// The PLMN of a realm, as three octets.
pub(crate) fn plmn(realm: &str) -> [u8; 3] {
    let digits = |label: &str| -> Option<[u8; 3]> {
        let part = realm.split('.').find_map(|part| part.strip_prefix(label))?;
        let digits: Vec<u8> = part.bytes().map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10).collect();
        digits.try_into().ok()
    };
    let [mcc1, mcc2, mcc3] = digits("mcc").unwrap_or([0, 0, 1]);
    let mnc = digits("mnc").unwrap_or([0, 0, 1]);
    // A network code of two digits is written with a zero in front.
    let (mnc1, mnc2, mnc3) = match mnc {
        [0, tens, ones] => (tens, ones, 0xF),
        [hundreds, tens, ones] => (hundreds, tens, ones),
    };
    [mcc2 << 4 | mcc1, mnc3 << 4 | mcc3, mnc2 << 4 | mnc1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cell_has_the_network_of_the_realm() {
        assert_eq!(ecgi("epc.mnc001.mcc001.3gppnetwork.org", 257), [0x00, 0xF1, 0x10, 0, 0, 1, 1]);
        assert_eq!(ecgi("epc.mnc410.mcc310.3gppnetwork.org", 0x0FFF_FFFF), [0x13, 0x00, 0x14, 0x0F, 0xFF, 0xFF, 0xFF]);
        assert_eq!(ecgi("r.test", 1), [0x00, 0xF1, 0x10, 0, 0, 0, 1]);
        assert_eq!(cgi(plmn("epc.mnc001.mcc001.3gppnetwork.org"), 0x1_0203), [0x00, 0xF1, 0x10, 0, 1, 2, 3]);
    }
}
