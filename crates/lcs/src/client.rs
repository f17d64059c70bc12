//! The LCS client identity and which of its components must be present (TS 23.271 Annex B).

use crate::address::{Address, ApnNi};

/// LCS client type (TS 29.172 clause 7.4.1, LCS-Client-Type; TS 32.299). The operator fixes it per client; callers never choose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum LcsClientType {
    /// Emergency services.
    Emergency = 0,
    /// Value added services: every commercial or private application.
    ValueAdded = 1,
    /// Services of the PLMN operator.
    PlmnOperator = 2,
    /// Lawful interception.
    LawfulIntercept = 3,
}

impl LcsClientType {
    /// All four, in wire order.
    pub const ALL: [Self; 4] = [Self::Emergency, Self::ValueAdded, Self::PlmnOperator, Self::LawfulIntercept];

    /// Value on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// From the wire; `None` for an unknown value.
    #[must_use]
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }
}

/// Generic type of a PLMN operator client: its internal identity (TS 23.271 clause 9.5.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum PlmnClient {
    /// Location related broadcast.
    Broadcast = 0,
    /// Operation and maintenance in the home PLMN, while the UE is served there.
    OmHplmn = 1,
    /// Operation and maintenance in the visited PLMN.
    OmVplmn = 2,
    /// Anonymous location, for statistics.
    AnonymousLocation = 3,
    /// A service that the target subscribes to.
    TargetSubscribed = 4,
}

impl PlmnClient {
    /// All five, in wire order.
    pub const ALL: [Self; 5] =
        [Self::Broadcast, Self::OmHplmn, Self::OmVplmn, Self::AnonymousLocation, Self::TargetSubscribed];

    /// From the wire; `None` for an unknown value.
    #[must_use]
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }
}

/// Form of a client or requestor name (TS 29.172 clause 7.4.1, LCS-Format-Indicator).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FormatIndicator {
    /// A logical name.
    LogicalName = 0,
    /// An e-mail address.
    EmailAddress = 1,
    /// A telephone number.
    Msisdn = 2,
    /// A URL.
    Url = 3,
    /// A SIP URL.
    SipUrl = 4,
}

impl FormatIndicator {
    /// All five, in wire order.
    pub const ALL: [Self; 5] = [Self::LogicalName, Self::EmailAddress, Self::Msisdn, Self::Url, Self::SipUrl];

    /// From the wire; `None` for an unknown value.
    #[must_use]
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }
}

/// Name of an LCS client, shown to the user in a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientName {
    /// The text; "==" must not occur in it (TS 23.271 clause 10.7 NOTE 2).
    pub text: String,
    /// Its form.
    pub format: FormatIndicator,
}

/// Why a text is no client name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientNameError {
    /// No character at all.
    #[error("client name: empty")]
    Empty,
    /// "==" occurs in it, which parts the name from the requestor where both share a field.
    #[error("client name: \"==\" must not occur in it (TS 23.271 clause 10.7 NOTE 2)")]
    Separator,
    /// It ends with "=", so that the separator after it would be found one character too early.
    #[error("client name: must not end with \"=\", because \"==\" follows it in a merged name (TS 23.271 Annex D)")]
    EndsWithEquals,
    /// A control character, which could change what the user is shown.
    #[error("client name: control character at position {0}")]
    Control(usize),
}

impl ClientName {
    /// Takes a text that can be shown to a user and merged with a requestor (TS 23.271 clause 10.7 NOTE 2, Annex D). The rule on
    /// a final "=" is this gateway's own.
    pub fn new(text: impl Into<String>, format: FormatIndicator) -> Result<Self, ClientNameError> {
        let text = text.into();
        if text.is_empty() {
            Err(ClientNameError::Empty)
        } else if text.contains("==") {
            Err(ClientNameError::Separator)
        } else if text.ends_with('=') {
            Err(ClientNameError::EndsWithEquals)
        } else if let Some(at) = text.chars().position(char::is_control) {
            Err(ClientNameError::Control(at))
        } else {
            Ok(Self { text, format })
        }
    }
}

/// Who originally asked the LCS client (TS 23.271 clause 9.1.1 step 1). May be a person: `Debug` hides the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Requestor {
    /// The identity as the client gave it.
    pub text: String,
    /// Its form.
    pub format: FormatIndicator,
}

impl core::fmt::Debug for Requestor {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Requestor(hidden, {:?})", self.format)
    }
}

/// The call or session that the target has with the client, as the request claims it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallSession {
    /// The number that the UE dialled to reach the client (CS).
    Dialled(Address),
    /// The APN network identifier of the session (PS, EPS).
    Apn(ApnNi),
}

/// The LCS client identity of a request: type and components (TS 23.271 Annex B).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LcsClientId {
    /// Client type, always present.
    pub client_type: LcsClientType,
    /// External identity: the E.164 address of the client or its group.
    pub external: Option<Address>,
    /// Internal identity, PLMN operator clients only.
    pub internal: Option<PlmnClient>,
    /// Dialled number, if the request is call related.
    pub dialled: Option<Address>,
    /// APN-NI, if the request is session related.
    pub apn: Option<ApnNi>,
    /// Client name.
    pub name: Option<ClientName>,
    /// Requestor identity.
    pub requestor: Option<Requestor>,
    /// Whether the request is call or session related, so that dialled number or APN-NI must be there.
    pub call_session_related: bool,
}

/// A component of the client identity: a column of the table of Annex B.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Component {
    /// External identity.
    ExternalIdentity,
    /// Internal identity.
    InternalIdentity,
    /// Dialled number or APN-NI.
    CallSessionIdentity,
    /// Client name.
    ClientName,
    /// Requestor identity.
    RequestorIdentity,
}

impl Component {
    /// All five, in the order of the table.
    pub const ALL: [Self; 5] = [
        Self::ExternalIdentity,
        Self::InternalIdentity,
        Self::CallSessionIdentity,
        Self::ClientName,
        Self::RequestorIdentity,
    ];
}

/// What Annex B asks of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// Must be there.
    Mandatory,
    /// May be there.
    Optional,
    /// Must not be there.
    NotApplicable,
}

/// One broken rule of Annex B.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PresenceError {
    /// A mandatory component is missing.
    #[error("{1:?} is mandatory for a client of type {0:?} and missing (TS 23.271 Annex B)")]
    Missing(LcsClientType, Component),
    /// A component is there that the client type never has.
    #[error("{1:?} is not applicable to a client of type {0:?} and present (TS 23.271 Annex B)")]
    NotApplicable(LcsClientType, Component),
    /// Related to a call or session, and neither dialled number nor APN-NI is given.
    #[error(
        "the request is call or session related and names neither dialled number nor APN-NI (TS 23.271 Annex B NOTE)"
    )]
    NoCallSession,
    /// Both dialled number and APN-NI are given.
    #[error("dialled number and APN-NI are both given, only one can be meant (TS 23.271 Annex B NOTE)")]
    TwoCallSessions,
}

/// The table of TS 23.271 Annex B. The optional call or session identity of a value added client is mandatory once the request
/// is related to a call or session: see [`LcsClientId::validate`].
#[must_use]
pub fn presence(client_type: LcsClientType, component: Component) -> Presence {
    use Component as C;
    use LcsClientType as T;
    match (client_type, component) {
        (T::Emergency, C::ExternalIdentity) => Presence::Optional,
        (T::ValueAdded, C::ExternalIdentity | C::ClientName) => Presence::Mandatory,
        (T::ValueAdded, C::CallSessionIdentity | C::RequestorIdentity) => Presence::Optional,
        (T::PlmnOperator, C::InternalIdentity) => Presence::Mandatory,
        (T::Emergency | T::ValueAdded | T::PlmnOperator | T::LawfulIntercept, _) => Presence::NotApplicable,
    }
}

impl LcsClientId {
    /// Whether the component is there.
    fn has(&self, component: Component) -> bool {
        match component {
            Component::ExternalIdentity => self.external.is_some(),
            Component::InternalIdentity => self.internal.is_some(),
            Component::CallSessionIdentity => self.dialled.is_some() || self.apn.is_some(),
            Component::ClientName => self.name.is_some(),
            Component::RequestorIdentity => self.requestor.is_some(),
        }
    }

    /// Checks the presence of every component by TS 23.271 Annex B; one error per rule broken, in the order of the table.
    ///
    /// That the request is call or session related counts for value added clients only: the others have no such identity.
    pub fn validate(&self) -> Result<(), Vec<PresenceError>> {
        let mut broken = Vec::new();
        for component in Component::ALL {
            match (presence(self.client_type, component), self.has(component)) {
                (Presence::Mandatory, false) => broken.push(PresenceError::Missing(self.client_type, component)),
                (Presence::NotApplicable, true) => {
                    broken.push(PresenceError::NotApplicable(self.client_type, component));
                }
                (Presence::Optional, there) if component == Component::CallSessionIdentity => {
                    if self.call_session_related && !there {
                        broken.push(PresenceError::NoCallSession);
                    }
                    if self.dialled.is_some() && self.apn.is_some() {
                        broken.push(PresenceError::TwoCallSessions);
                    }
                }
                _ => {}
            }
        }
        if broken.is_empty() { Ok(()) } else { Err(broken) }
    }
}
