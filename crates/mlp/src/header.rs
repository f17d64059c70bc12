//! The header of a request: who asks (OMA MLP section 5.2.3.1).

use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    hidden::Hidden,
    result::ResultId,
    shapes::SupportedShapes,
    targets::set,
};
use lcs::{FormatIndicator, PrivacySetting, Requestor};

/// The header of a request. Nothing in it is verified.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Header {
    /// The client; absent when a session id stands for it.
    pub client: Option<ClientCredentials>,
    /// Session id in place of, or beside, the client's credentials.
    pub session_id: Option<Hidden>,
    /// Other service providers between network and end user, in the order given.
    pub subclients: Vec<Subclient>,
    /// Who asked the client.
    pub requestor: Option<HeaderRequestor>,
    /// Shapes that the client takes (3.5); `None`: it says nothing.
    pub supported_shapes: Option<SupportedShapes>,
    /// Privacy action that the client asks for on top of the server's policies, which win.
    pub privacy_action: Option<PrivacyAction>,
}

/// Identity and secret of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCredentials {
    /// Name of the client account.
    pub id: String,
    /// Password.
    pub password: Option<Hidden>,
    /// Service identity, the one that counts for the privacy check (OMA MLP section 5.2.3.1).
    pub service_id: Option<String>,
    /// Request mode ACTIVE: the service is one that the target initiates (section 5.3.104). PASSIVE when not told.
    pub active: bool,
    /// Application in the client.
    pub application: Option<Application>,
}

/// Application information (OMA MLP section 5.3.11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Provider, 1-24 characters.
    pub provider: String,
    /// Name, 1-32 characters.
    pub name: String,
    /// Version, 1-8 characters.
    pub version: Option<String>,
}

/// A service provider in the chain to the end user (OMA MLP section 5.3.125).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subclient {
    /// Its name.
    pub id: String,
    /// Its service identity.
    pub service_id: Option<String>,
    /// Whether it is the one that the end user communicates with.
    pub last_client: bool,
}

/// Who asked the client (OMA MLP section 5.3.105).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderRequestor {
    /// Identity and its form.
    pub requestor: Requestor,
    /// Service identity given with it.
    pub service_id: Option<String>,
}

/// Privacy action that the client asks for (OMA MLP section 5.3.114).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivacyAction {
    /// When the target is not the originator of the request.
    pub passive: PrivacySetting,
    /// When the target is the originator.
    pub active: PrivacySetting,
}

/// Longest text taken for a name or an identity in a header, characters.
const TEXT_MAX: usize = 256;

/// Reads `hdr` after its start tag, its version already judged.
pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Header, Fault> {
    let mut header = Header::default();
    while let Some(tag) = cursor.child("hdr")? {
        match tag.name() {
            "client" => set(&mut header.client, client(cursor, &tag)?, "client")?,
            "sessionid" => {
                tag.attributes("sessionid", [])?;
                set(&mut header.session_id, Hidden::new(text(cursor, "sessionid")?), "sessionid")?;
            }
            "subclient" => header.subclients.push(subclient(cursor, &tag)?),
            "requestor" => set(&mut header.requestor, requestor(cursor, &tag)?, "requestor")?,
            "supported_shapes" => {
                set(&mut header.supported_shapes, SupportedShapes::parse(&tag)?, "supported_shapes")?;
                cursor.empty("supported_shapes")?;
            }
            "serving_node_privacy_action" => {
                let element = "serving_node_privacy_action";
                set(&mut header.privacy_action, privacy_action(&tag, element)?, element)?;
                cursor.empty("serving_node_privacy_action")?;
            }
            other => return Err(misplaced(other, "not an element of hdr")),
        }
    }
    if header.client.is_none() && header.session_id.is_none() {
        return Err(Fault::syntax("hdr", "client or sessionid is needed"));
    }
    Ok(header)
}

/// An element where it does not belong: 106 if the standard defines it, else 107.
pub(crate) fn misplaced(name: &str, rule: &'static str) -> Fault {
    match crate::names::defined(name) {
        Some(defined) => Fault::syntax(defined, rule),
        None => Fault::outside(ResultId::PROTOCOL_ELEMENT_NOT_SUPPORTED, name, "element not known"),
    }
}

fn text(cursor: &mut Cursor<'_>, element: &'static str) -> Result<String, Fault> {
    let text = cursor.text(element)?;
    if text.chars().nth(TEXT_MAX).is_some() {
        return Err(Fault::value(element, "longer than 256 characters"));
    }
    Ok(text.into_owned())
}

pub(crate) fn plain(cursor: &mut Cursor<'_>, tag: &Tag<'_>, element: &'static str) -> Result<String, Fault> {
    tag.attributes(element, [])?;
    text(cursor, element)
}

fn client(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<ClientCredentials, Fault> {
    tag.attributes("client", [])?;
    let (mut id, mut password, mut service_id, mut active, mut application) = (None, None, None, None, None);
    while let Some(tag) = cursor.child("client")? {
        match tag.name() {
            "id" => set(&mut id, plain(cursor, &tag, "id")?, "id")?,
            "pwd" => set(&mut password, Hidden::new(plain(cursor, &tag, "pwd")?), "pwd")?,
            "serviceid" => set(&mut service_id, plain(cursor, &tag, "serviceid")?, "serviceid")?,
            "requestmode" => {
                let [mode] = tag.attributes("requestmode", ["type"])?;
                let mode = match mode.as_deref() {
                    None | Some("PASSIVE") => false,
                    Some("ACTIVE") => true,
                    Some(_) => return Err(Fault::attribute_value("requestmode", "type")),
                };
                set(&mut active, mode, "requestmode")?;
                cursor.empty("requestmode")?;
            }
            "applicationid" => {
                set(&mut application, applicationid(&tag)?, "applicationid")?;
                cursor.empty("applicationid")?;
            }
            other => return Err(misplaced(other, "not an element of client")),
        }
    }
    let id = id.ok_or_else(|| Fault::syntax("client", "id is needed"))?;
    Ok(ClientCredentials { id, password, service_id, active: active.unwrap_or(false), application })
}

fn applicationid(tag: &Tag<'_>) -> Result<Application, Fault> {
    let [provider, name, version] = tag.attributes("applicationid", ["appProvider", "appName", "appVersion"])?;
    let checked = |value: Option<std::borrow::Cow<'_, str>>, attribute: &'static str, max: usize| match value {
        None => Ok(None),
        Some(v) if !v.is_empty() && v.chars().count() <= max => Ok(Some(v.into_owned())),
        Some(_) => Err(Fault::attribute(
            ResultId::INVALID_PROTOCOL_ELEMENT_ATTRIBUTE_VALUE,
            "applicationid",
            attribute,
            "empty or too long",
        )),
    };
    let provider = checked(provider, "appProvider", 24)?;
    let name = checked(name, "appName", 32)?;
    let version = checked(version, "appVersion", 8)?;
    match (provider, name) {
        (Some(provider), Some(name)) => Ok(Application { provider, name, version }),
        _ => Err(Fault::syntax("applicationid", "appProvider and appName are needed")),
    }
}

fn subclient(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Subclient, Fault> {
    let [last] = tag.attributes("subclient", ["last_client"])?;
    let last_client = match last.as_deref() {
        None | Some("NO") => false,
        Some("YES") => true,
        Some(_) => return Err(Fault::attribute_value("subclient", "last_client")),
    };
    let (mut id, mut password, mut service_id) = (None, None, None);
    while let Some(tag) = cursor.child("subclient")? {
        match tag.name() {
            "id" => set(&mut id, plain(cursor, &tag, "id")?, "id")?,
            "pwd" => set(&mut password, plain(cursor, &tag, "pwd")?, "pwd")?,
            "serviceid" => set(&mut service_id, plain(cursor, &tag, "serviceid")?, "serviceid")?,
            other => return Err(misplaced(other, "not an element of subclient")),
        }
    }
    let id = id.ok_or_else(|| Fault::syntax("subclient", "id is needed"))?;
    Ok(Subclient { id, service_id, last_client })
}

pub(crate) fn requestor(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<HeaderRequestor, Fault> {
    let [kind] = tag.attributes("requestor", ["type"])?;
    // TS 23.271 knows five forms; what is none of them is shown as the name that it is.
    let format = match kind.as_deref() {
        None | Some("MSISDN" | "MDN") => FormatIndicator::Msisdn,
        Some("NAME" | "IMSI" | "ASID" | "ASPID") => FormatIndicator::LogicalName,
        Some("E-MAIL") => FormatIndicator::EmailAddress,
        Some("URL") => FormatIndicator::Url,
        Some("SIPURL" | "IMS") => FormatIndicator::SipUrl,
        Some(_) => return Err(Fault::attribute_value("requestor", "type")),
    };
    let (mut id, mut service_id) = (None, None);
    while let Some(tag) = cursor.child("requestor")? {
        match tag.name() {
            "id" => set(&mut id, plain(cursor, &tag, "id")?, "id")?,
            "serviceid" => set(&mut service_id, plain(cursor, &tag, "serviceid")?, "serviceid")?,
            other => return Err(misplaced(other, "not an element of requestor")),
        }
    }
    let text = id.ok_or_else(|| Fault::syntax("requestor", "id is needed"))?;
    Ok(HeaderRequestor { requestor: Requestor { text, format }, service_id })
}

/// The word of the protocol for a setting (OMA MLP section 5.3.114).
pub(crate) fn action_word(setting: PrivacySetting) -> &'static str {
    match setting {
        PrivacySetting::AllowedWithoutNotification => "POSITION",
        PrivacySetting::AllowedWithNotification => "NOTIFY_AND_POSITION",
        PrivacySetting::AllowedIfNoResponse => "POSITION_IF_NOT_DISALLOWED",
        PrivacySetting::RestrictedIfNoResponse => "POSITION_IF_ALLOWED",
        PrivacySetting::NotAllowed => "POSITION_NOT_ALLOWED",
    }
}

/// Reads the attributes of `serving_node_privacy_action`, or of what has the same ones under another name.
pub(crate) fn privacy_action(tag: &Tag<'_>, element: &'static str) -> Result<PrivacyAction, Fault> {
    let [passive, active] = tag.attributes(element, ["passive_type", "active_type"])?;
    let setting = |text: &str, attribute: &'static str| {
        let found = PrivacySetting::ALL.into_iter().find(|setting| action_word(*setting) == text);
        found.ok_or_else(|| Fault::attribute_value(element, attribute))
    };
    let passive = passive.ok_or_else(|| Fault::syntax(element, "passive_type is needed"))?;
    let passive = setting(&passive, "passive_type")?;
    let active = active.map_or(Ok(PrivacySetting::NotAllowed), |text| setting(&text, "active_type"))?;
    Ok(PrivacyAction { passive, active })
}
