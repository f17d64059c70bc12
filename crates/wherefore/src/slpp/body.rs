//! The data of a home register as JSON.

use crate::clients::PlmnClientType;
use crate::config::MoLrWord;
use crate::forms::Number;
use lcs::slpp::{
    ExternalClientEntry, GmlcRestrictionCode, LcsInformation, MoLrClass, NotificationToUser, PrivacyClass,
    PrivacyClassCode, ServiceTypeEntry, SsStatus,
};
use lcs::{PlmnClient, ServiceType};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a home register holds of a subscriber (TS 29.002 clause 17.7.1, LCSInformation).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SlppBody {
    /// Gateways for entries restricted to them.
    pub gmlc_list: Vec<Number>,
    /// Privacy classes.
    pub classes: Vec<ClassBody>,
    /// Self location services.
    pub mo_lr: Vec<MoLrBody>,
}

/// A privacy class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassBody {
    /// Which.
    pub class: ClassWord,
    /// Status: bits Q, P, R and A (TS 29.002 clause 17.7.4). Default 5: provisioned, active and operative.
    #[serde(default = "active")]
    pub status: u8,
    /// Option for clients not listed. Absent: the default of the class, "allowed" in the related one and "not allowed" in the
    /// unrelated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_listed: Option<NotificationWord>,
    /// External clients, those of the extended list last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<EntryBody>,
    /// Clients of the PLMN operator.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plmn_clients: Vec<PlmnClientType>,
    /// Service types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_types: Vec<ServiceEntryBody>,
}

fn active() -> u8 {
    SsStatus::ACTIVE.0
}

/// A privacy class by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassWord {
    /// Every client is allowed.
    Universal,
    /// Call/session related.
    CallSessionRelated,
    /// Call/session unrelated.
    CallSessionUnrelated,
    /// Clients of the PLMN operator.
    PlmnOperator,
    /// By service type.
    ServiceType,
}

/// What a client gets, where the data says it. "Allowed without notification" is said by absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotificationWord {
    /// 0: notify; location allowed.
    Notify,
    /// 1: notify and verify; allowed if there is no answer.
    VerifyAllow,
    /// 2: notify and verify; restricted if there is no answer.
    VerifyRestrict,
    /// 3: location not allowed.
    Denied,
}

/// Through which gateways a client of an entry may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestrictionWord {
    /// 0: those of the list.
    GmlcList,
    /// 1: those of the home country.
    HomeCountry,
}

/// An entry of the list of external clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryBody {
    /// Number of the client; absent if the register holds one that is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Number>,
    /// Through which gateways. Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gmlc: Option<RestrictionWord>,
    /// What it gets. Absent: allowed without notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option: Option<NotificationWord>,
}

/// An entry of the list of service types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceEntryBody {
    /// The type, 0-127.
    #[schema(maximum = 127)]
    pub service_type: u8,
    /// Through which gateways. Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gmlc: Option<RestrictionWord>,
    /// What it gets. Absent: allowed without notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option: Option<NotificationWord>,
}

/// A self location service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoLrBody {
    /// Which.
    pub service: MoLrWord,
    /// Status: bits Q, P, R and A. Default 5: provisioned, active and operative.
    #[serde(default = "active")]
    pub status: u8,
}

/// What a home register really holds, in one of three forms.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HeldBody {
    /// As JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<SlppBody>,
    /// MAP InsertSubscriberDataArg or LCSInformation, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    /// The LCS-Info AVP of S6a and S6d, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avp: Option<String>,
}

/// Words for values, both ways.
macro_rules! words {
    ($word:ident, $value:ident, $($name:ident = $code:ident),* $(,)?) => {
        impl From<$word> for $value {
            fn from(word: $word) -> Self {
                match word { $($word::$name => Self::$code),* }
            }
        }
        impl From<$value> for $word {
            fn from(value: $value) -> Self {
                match value { $($value::$code => Self::$name),* }
            }
        }
    };
}
words!(
    ClassWord,
    PrivacyClassCode,
    Universal = Universal,
    CallSessionRelated = CallSessionRelated,
    CallSessionUnrelated = CallSessionUnrelated,
    PlmnOperator = PlmnOperator,
    ServiceType = ServiceType,
);
words!(
    NotificationWord,
    NotificationToUser,
    Notify = NotifyLocationAllowed,
    VerifyAllow = VerifyAllowedIfNoResponse,
    VerifyRestrict = VerifyNotAllowedIfNoResponse,
    Denied = LocationNotAllowed,
);
words!(RestrictionWord, GmlcRestrictionCode, GmlcList = GmlcList, HomeCountry = HomeCountry);

/// The word of a PLMN operator client type.
pub(super) fn plmn_word(client: PlmnClient) -> PlmnClientType {
    match client {
        PlmnClient::Broadcast => PlmnClientType::Broadcast,
        PlmnClient::OmHplmn => PlmnClientType::OmHplmn,
        PlmnClient::OmVplmn => PlmnClientType::OmVplmn,
        PlmnClient::AnonymousLocation => PlmnClientType::AnonymousLocation,
        PlmnClient::TargetSubscribed => PlmnClientType::TargetSubscribed,
    }
}

impl From<&LcsInformation> for SlppBody {
    fn from(information: &LcsInformation) -> Self {
        let service = |service: &MoLrClass| MoLrBody { service: service.code.into(), status: service.status.0 };
        Self {
            gmlc_list: information.gmlc_list.iter().map(|gmlc| Number(*gmlc)).collect(),
            classes: information.privacy_classes.iter().map(ClassBody::from).collect(),
            mo_lr: information.mo_lr.iter().map(service).collect(),
        }
    }
}

impl From<&PrivacyClass> for ClassBody {
    fn from(class: &PrivacyClass) -> Self {
        let entry = |entry: &ExternalClientEntry| EntryBody {
            client: entry.client.map(Number),
            gmlc: entry.gmlc_restriction.map(Into::into),
            option: entry.notification.map(Into::into),
        };
        let service = |entry: &ServiceTypeEntry| ServiceEntryBody {
            service_type: entry.service_type.code(),
            gmlc: entry.gmlc_restriction.map(Into::into),
            option: entry.notification.map(Into::into),
        };
        Self {
            class: class.code.into(),
            status: class.status.0,
            not_listed: class.not_listed.map(Into::into),
            clients: class.external_clients.iter().map(entry).collect(),
            plmn_clients: class.plmn_clients.iter().map(|client| plmn_word(*client)).collect(),
            service_types: class.service_types.iter().map(service).collect(),
        }
    }
}

impl SlppBody {
    /// The same in the words of the standard; `None` for a service type beyond 127.
    #[must_use]
    pub fn information(&self) -> Option<LcsInformation> {
        let service = |body: &MoLrBody| MoLrClass { code: body.service.into(), status: SsStatus(body.status) };
        Some(LcsInformation {
            gmlc_list: self.gmlc_list.iter().map(|number| number.0).collect(),
            privacy_classes: self.classes.iter().map(ClassBody::class).collect::<Option<_>>()?,
            mo_lr: self.mo_lr.iter().map(service).collect(),
        })
    }
}

impl ClassBody {
    fn class(&self) -> Option<PrivacyClass> {
        let entry = |body: &EntryBody| ExternalClientEntry {
            client: body.client.map(|number| number.0),
            gmlc_restriction: body.gmlc.map(Into::into),
            notification: body.option.map(Into::into),
        };
        let service = |body: &ServiceEntryBody| {
            Some(ServiceTypeEntry {
                service_type: ServiceType::new(body.service_type.into())?,
                gmlc_restriction: body.gmlc.map(Into::into),
                notification: body.option.map(Into::into),
            })
        };
        Some(PrivacyClass {
            code: self.class.into(),
            status: SsStatus(self.status),
            not_listed: self.not_listed.map(Into::into),
            external_clients: self.clients.iter().map(entry).collect(),
            plmn_clients: self.plmn_clients.iter().map(|word| (*word).into()).collect(),
            service_types: self.service_types.iter().map(service).collect::<Option<_>>()?,
        })
    }
}
