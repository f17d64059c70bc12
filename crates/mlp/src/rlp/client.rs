//! `client` of the header: who asks, by type and components (RLP 1.0; TS 23.271 clause 5.6.1 and Annex B).

use super::{immediate::ImmediateService, names::stray};
use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    header::plain,
    quality::whole,
    targets::set,
    write,
};
use lcs::{
    Address, CallSession, ClientName, FormatIndicator, LcsClientId, LcsClientType, PlmnClient, Requestor, ServiceType,
};

/// `client` as read, not yet put together with what the body says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ClientPart {
    kind: Option<LcsClientType>,
    id: Option<String>,
    pub(super) service_id: Option<String>,
    pub(super) service_type: Option<ServiceType>,
    active: bool,
    name: Option<ClientName>,
    pub(super) pseudo_external: Option<Address>,
    pub(super) privacy_override: bool,
}

/// Words for the form of a name, as `requestor` of MLP has them (OMA MLP section 5.3.105.1).
pub(super) fn format_word(format: FormatIndicator) -> &'static str {
    match format {
        FormatIndicator::LogicalName => "NAME",
        FormatIndicator::EmailAddress => "E-MAIL",
        FormatIndicator::Msisdn => "MSISDN",
        FormatIndicator::Url => "URL",
        FormatIndicator::SipUrl => "SIPURL",
    }
}

impl ClientPart {
    /// Reads `client` after its start tag.
    pub(super) fn parse(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Self, Fault> {
        let [kind] = tag.attributes("client", ["type"])?;
        // The codes of MAP's LCSClientType (TS 29.002 clause 17.7.13); its 0, emergency, has a service of its own here.
        let kind = match kind.as_deref() {
            None => None,
            Some("1") => Some(LcsClientType::ValueAdded),
            Some("2") => Some(LcsClientType::PlmnOperator),
            Some("3") => Some(LcsClientType::LawfulIntercept),
            Some(_) => return Err(Fault::attribute_value("client", "type")),
        };
        let (mut id, mut service_id, mut service_type, mut active) = (None, None, None, None);
        let (mut name, mut pseudo_external, mut privacy_override) = (None, None, None);
        while let Some(tag) = cursor.child("client")? {
            match tag.name() {
                "servicetype" => {
                    let code = plain(cursor, &tag, "servicetype")?;
                    set(&mut service_type, service_type_of(&code)?, "servicetype")?;
                }
                "id" => set(&mut id, plain(cursor, &tag, "id")?, "id")?,
                "serviceid" => set(&mut service_id, plain(cursor, &tag, "serviceid")?, "serviceid")?,
                "requestmode" => {
                    set(&mut active, requestmode(&tag)?, "requestmode")?;
                    cursor.empty("requestmode")?;
                }
                "clientname" => set(&mut name, client_name(cursor, &tag)?, "clientname")?,
                "pseudoid" => {
                    let number = Address::international(&plain(cursor, &tag, "pseudoid")?);
                    let number = number.map_err(|_| Fault::format("pseudoid", "an international E.164 number"))?;
                    set(&mut pseudo_external, number, "pseudoid")?;
                }
                "poi" => {
                    tag.attributes("poi", [])?;
                    cursor.empty("poi")?;
                    set(&mut privacy_override, true, "poi")?;
                }
                _ => stray(cursor, &tag, "not an element of client")?,
            }
        }
        Ok(Self {
            kind,
            id,
            service_id,
            service_type: service_type.flatten(),
            active: active.unwrap_or(false),
            name,
            pseudo_external,
            privacy_override: privacy_override.unwrap_or(false),
        })
    }

    /// The identity of the client, sound by Annex B.
    ///
    /// An emergency client has neither name nor requestor there: they are dropped, so that no emergency fails for them.
    pub(super) fn identity(
        self,
        service: ImmediateService,
        session: Option<CallSession>,
        requestor: Option<Requestor>,
    ) -> Result<LcsClientId, Fault> {
        let client_type = match service {
            ImmediateService::Erlir => LcsClientType::Emergency,
            // What a type left out means could not be found out: the one with the least rights.
            ImmediateService::Srlir => self.kind.unwrap_or(LcsClientType::ValueAdded),
        };
        let emergency = client_type == LcsClientType::Emergency;
        let (mut external, mut internal) = (None, None);
        match (client_type, self.id) {
            (_, None) => {}
            (LcsClientType::PlmnOperator, Some(code)) => {
                let known = whole(&code, "id").ok().and_then(PlmnClient::from_code);
                internal = Some(known.ok_or_else(|| Fault::value("id", "of a PLMN operator client: 0 to 4"))?);
            }
            (_, Some(number)) => {
                let number = Address::international(&number);
                external = Some(number.map_err(|_| Fault::format("id", "an international E.164 number"))?);
            }
        }
        if self.privacy_override && !may_override(client_type) {
            return Err(Fault::value(
                "poi",
                "emergency and lawful interception clients alone have it (TS 23.271 clause 9.5.1)",
            ));
        }
        let call_session_related = self.active || session.is_some();
        let (dialled, apn) = match session {
            None => (None, None),
            Some(CallSession::Dialled(number)) => (Some(number), None),
            Some(CallSession::Apn(apn)) => (None, Some(apn)),
        };
        let client = LcsClientId {
            client_type,
            external,
            internal,
            dialled,
            apn,
            name: self.name.filter(|_| !emergency),
            requestor: requestor.filter(|_| !emergency),
            call_session_related,
        };
        match client.validate() {
            Ok(()) => Ok(client),
            Err(_) => Err(Fault::syntax("client", "its components do not fit its type (TS 23.271 Annex B)")),
        }
    }
}

/// Whether a client of this type may have a privacy override (TS 23.271 clause 9.5.1).
pub(super) fn may_override(client_type: LcsClientType) -> bool {
    match client_type {
        LcsClientType::Emergency | LcsClientType::LawfulIntercept => true,
        LcsClientType::ValueAdded | LcsClientType::PlmnOperator => false,
    }
}

/// Appends `client`, its elements in the order of the DTD.
pub(super) fn write_client(
    out: &mut String,
    client: &LcsClientId,
    service_type: Option<ServiceType>,
    pseudo_external: Option<Address>,
    privacy_override: bool,
) {
    match client.client_type {
        LcsClientType::Emergency => write::open(out, "client"),
        LcsClientType::ValueAdded => write::start(out, "client", &[("type", "1")]),
        LcsClientType::PlmnOperator => write::start(out, "client", &[("type", "2")]),
        LcsClientType::LawfulIntercept => write::start(out, "client", &[("type", "3")]),
    }
    match service_type {
        Some(service_type) => write::number(out, "servicetype", u64::from(service_type.code())),
        // The DTD wants the element, a request need not have the value.
        None => write::empty(out, "servicetype", &[]),
    }
    if let Some(number) = client.external {
        write::element(out, "id", &digits(number));
    } else if let Some(internal) = client.internal {
        write::number(out, "id", u64::from(internal as u8));
    }
    if client.call_session_related {
        write::empty(out, "requestmode", &[("type", "ACTIVE")]);
    }
    if let Some(name) = &client.name {
        write::start(out, "clientname", &[("type", format_word(name.format))]);
        write::text(out, &name.text);
        write::close(out, "clientname");
    }
    if let Some(number) = pseudo_external {
        write::element(out, "pseudoid", &digits(number));
    }
    if privacy_override {
        write::empty(out, "poi", &[]);
    }
    write::close(out, "client");
}

/// The digits of a client's number, which is nobody's identity.
fn digits(number: Address) -> String {
    number.digits.values().map(|value| char::from(b'0' + value)).collect()
}

fn service_type_of(code: &str) -> Result<Option<ServiceType>, Fault> {
    if code.is_empty() {
        return Ok(None);
    }
    let known = ServiceType::new(whole(code, "servicetype")?);
    known.map(Some).ok_or_else(|| Fault::value("servicetype", "0 to 127 (TS 29.002 clause 17.7.8)"))
}

fn requestmode(tag: &Tag<'_>) -> Result<bool, Fault> {
    let [mode] = tag.attributes("requestmode", ["type"])?;
    match mode.as_deref() {
        None | Some("PASSIVE") => Ok(false),
        Some("ACTIVE") => Ok(true),
        Some(_) => Err(Fault::attribute_value("requestmode", "type")),
    }
}

fn client_name(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<ClientName, Fault> {
    let [word] = tag.attributes("clientname", ["type"])?;
    let format = match word.as_deref() {
        None => FormatIndicator::LogicalName,
        Some(word) => {
            let known = FormatIndicator::ALL.into_iter().find(|format| format_word(*format) == word);
            known.ok_or_else(|| Fault::attribute_value("clientname", "type"))?
        }
    };
    let text = cursor.text("clientname")?.into_owned();
    if text.len() > NAME_MAX {
        return Err(Fault::value("clientname", "longer than 256 octets"));
    }
    ClientName::new(text, format)
        .map_err(|_| Fault::value("clientname", "cannot be shown to a user (TS 23.271 Annex D)"))
}

/// Longest name taken, octets.
const NAME_MAX: usize = 256;
