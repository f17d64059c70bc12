//! The LCS client of a request (TS 23.271 clause 7.4.1, Annex B).

use super::Unsound;
use super::words::{Format, Internal, TypeOfClient};
use crate::forms::Number;
use lcs::{ApnNi, ClientName, LcsClientId, Requestor};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// LCS client identity, type, name and requestor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Client {
    /// Client type.
    #[serde(rename = "type")]
    pub(crate) client_type: TypeOfClient,
    /// Account that the asking gateway admitted, 1-64 characters: floors and pseudonyms belong to it.
    pub(crate) account: String,
    /// External identity: the E.164 address of the client or its group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) external: Option<Number>,
    /// Internal identity of a PLMN operator client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) internal: Option<Internal>,
    /// Client name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
    /// Requestor identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) requestor: Option<Name>,
    /// The number that the UE dialled: the client's called party number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dialled: Option<Number>,
    /// APN-NI of the target's session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) apn: Option<String>,
}

/// A name and its form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Name {
    /// The text, 1-512 octets.
    pub(crate) text: String,
    /// Its form.
    pub(crate) format: Format,
}

/// Longest name or requestor, octets.
const NAME_MAX: usize = 512;

impl Client {
    pub(crate) fn of(account: &str, client: &LcsClientId) -> Self {
        Self {
            client_type: client.client_type.into(),
            account: account.to_owned(),
            external: client.external.map(Number),
            internal: client.internal.map(Into::into),
            name: client.name.as_ref().map(|name| Name { text: name.text.clone(), format: name.format.into() }),
            requestor: client
                .requestor
                .as_ref()
                .map(|requestor| Name { text: requestor.text.clone(), format: requestor.format.into() }),
            dialled: client.dialled.map(Number),
            apn: client.apn.as_ref().map(|apn| apn.as_str().to_owned()),
        }
    }

    /// Account and identity, sound by Annex B.
    pub(super) fn parts(self, call_session_related: bool) -> Result<(Arc<str>, LcsClientId), Unsound> {
        if !(1..=64).contains(&self.account.len()) {
            return Err("client.account: 1-64 characters");
        }
        if call_session_related != (self.dialled.is_some() || self.apn.is_some()) {
            return Err("call_session_related: true if, and only if, a dialled number or an APN-NI is named");
        }
        let text = |name: Name| {
            let sound = (1..=NAME_MAX).contains(&name.text.len());
            sound.then_some(name).ok_or("a name or requestor has 1-512 octets")
        };
        let name = self.name.map(text).transpose()?.map(|name| {
            ClientName::new(name.text, name.format.into()).map_err(|_| "client.name: cannot be shown to a user")
        });
        let requestor = self.requestor.map(text).transpose()?;
        let client = LcsClientId {
            client_type: self.client_type.into(),
            external: self.external.map(|number| number.0),
            internal: self.internal.map(Into::into),
            dialled: self.dialled.map(|number| number.0),
            apn: self.apn.map(|apn| ApnNi::new(&apn)).transpose().map_err(|_| "client.apn: not an APN-NI")?,
            name: name.transpose()?,
            requestor: requestor.map(|it| Requestor { text: it.text, format: it.format.into() }),
            call_session_related,
        };
        client.validate().map_err(|_| "client: its components do not fit its type (TS 23.271 Annex B)")?;
        Ok((self.account.into(), client))
    }
}
