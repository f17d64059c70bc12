//! What of a subscriber's LCS privacy profile (SLPP) a home register holds and downloads to its serving nodes: the same data
//! that MAP calls LCSInformation and S6a/S6d calls LCS-Info (TS 23.271 clause 10.1, TS 29.002 clause 17.7.1, TS 29.272 clause 7.3.84).

mod reading;

pub use reading::{NodeKnowledge, NodeRequest};

use crate::{address::Address, client::PlmnClient, service::ServiceType, setting::PrivacySetting};

/// A privacy class by its supplementary service code (TS 29.002 clause 17.7.5, SS-Code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum PrivacyClassCode {
    /// Every client is allowed.
    Universal = 0xB1,
    /// Call/session related.
    CallSessionRelated = 0xB2,
    /// Call/session unrelated.
    CallSessionUnrelated = 0xB3,
    /// Clients of the PLMN operator.
    PlmnOperator = 0xB4,
    /// By service type.
    ServiceType = 0xB5,
}

impl PrivacyClassCode {
    /// All five, by code.
    pub const ALL: [Self; 5] =
        [Self::Universal, Self::CallSessionRelated, Self::CallSessionUnrelated, Self::PlmnOperator, Self::ServiceType];

    /// The code on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// From the wire; `None` for the code of no privacy class.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }
}

/// A way to locate oneself, by its supplementary service code (TS 29.002 clause 17.7.5, SS-Code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum MoLrCode {
    /// Basic self location.
    BasicSelfLocation = 0xC1,
    /// Autonomous self location.
    AutonomousSelfLocation = 0xC2,
    /// Transfer to a third party.
    TransferToThirdParty = 0xC3,
}

impl MoLrCode {
    /// All three, by code.
    pub const ALL: [Self; 3] = [Self::BasicSelfLocation, Self::AutonomousSelfLocation, Self::TransferToThirdParty];

    /// The code on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// From the wire; `None` for the code of no such service.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.code() == code)
    }
}

/// State of a supplementary service: bits Q, P, R and A from 8 down to 1 (TS 29.002 clause 17.7.4, Ext-SS-Status). An LCS service is
/// either not provisioned or provisioned, active and operative (TS 23.271 Table 10.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SsStatus(pub u8);

impl SsStatus {
    /// Provisioned, active and operative.
    pub const ACTIVE: Self = Self(0b0101);
    /// Not provisioned.
    pub const NOT_PROVISIONED: Self = Self(0);

    /// Whether the service counts: provisioned, active, and operative, which the quiescent bit would deny.
    #[must_use]
    pub fn counts(self) -> bool {
        self.0 & 0b1101 == 0b0101
    }
}

/// NotificationToMSUser of MAP, Notification-To-UE-User of S6a/S6d. Counts from "notify"; "allowed without notification" is its
/// absence (TS 29.002 clause 17.7.1, TS 29.272 clause 7.3.89).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum NotificationToUser {
    /// Notify; location allowed.
    NotifyLocationAllowed = 0,
    /// Notify and verify; allowed if no response.
    VerifyAllowedIfNoResponse = 1,
    /// Notify and verify; not allowed if no response.
    VerifyNotAllowedIfNoResponse = 2,
    /// Location not allowed. Came after the extension marker: a node that does not know it takes the default instead.
    LocationNotAllowed = 3,
}

impl NotificationToUser {
    /// All four, in wire order.
    pub const ALL: [Self; 4] = [
        Self::NotifyLocationAllowed,
        Self::VerifyAllowedIfNoResponse,
        Self::VerifyNotAllowedIfNoResponse,
        Self::LocationNotAllowed,
    ];

    /// The value on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// From the wire; `None` for an unknown value, which a receiver passes over as if it were absent (TS 29.002 clause 17.7.1).
    #[must_use]
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }

    /// The value that stands for a setting; `None`: it is said by absence.
    #[must_use]
    pub fn of(setting: PrivacySetting) -> Option<Self> {
        match setting {
            PrivacySetting::AllowedWithoutNotification => None,
            PrivacySetting::AllowedWithNotification => Some(Self::NotifyLocationAllowed),
            PrivacySetting::AllowedIfNoResponse => Some(Self::VerifyAllowedIfNoResponse),
            PrivacySetting::RestrictedIfNoResponse => Some(Self::VerifyNotAllowedIfNoResponse),
            PrivacySetting::NotAllowed => Some(Self::LocationNotAllowed),
        }
    }

    /// The setting that it stands for.
    #[must_use]
    pub fn setting(self) -> PrivacySetting {
        match self {
            Self::NotifyLocationAllowed => PrivacySetting::AllowedWithNotification,
            Self::VerifyAllowedIfNoResponse => PrivacySetting::AllowedIfNoResponse,
            Self::VerifyNotAllowedIfNoResponse => PrivacySetting::RestrictedIfNoResponse,
            Self::LocationNotAllowed => PrivacySetting::NotAllowed,
        }
    }
}

/// Through which gateways a client of an entry may ask (TS 29.002 clause 17.7.1, GMLC-Restriction). Its absence: through any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum GmlcRestrictionCode {
    /// Those of the subscriber's GMLC list.
    GmlcList = 0,
    /// Those of the home country.
    HomeCountry = 1,
}

impl GmlcRestrictionCode {
    /// Both, in wire order.
    pub const ALL: [Self; 2] = [Self::GmlcList, Self::HomeCountry];

    /// The value on the wire.
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

/// An entry of the external client list of a class (TS 29.002 clause 17.7.1, ExternalClient).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExternalClientEntry {
    /// Address of the client or its group; `None` if the register sent one that is no number.
    pub client: Option<Address>,
    /// Through which gateways.
    pub gmlc_restriction: Option<GmlcRestrictionCode>,
    /// What it gets; absent: allowed without notification (TS 23.271 Table 10.2).
    pub notification: Option<NotificationToUser>,
}

/// An entry of the service type list (TS 29.002 clause 17.7.1, ServiceType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServiceTypeEntry {
    /// The service type.
    pub service_type: ServiceType,
    /// Through which gateways.
    pub gmlc_restriction: Option<GmlcRestrictionCode>,
    /// What it gets; absent: allowed without notification (TS 23.271 Table 10.3).
    pub notification: Option<NotificationToUser>,
}

/// One privacy class of a subscriber (TS 29.002 clause 17.7.1, LCS-PrivacyClass).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivacyClass {
    /// Which class.
    pub code: PrivacyClassCode,
    /// Whether it counts.
    pub status: SsStatus,
    /// What clients get that are not listed, in the call/session related and unrelated classes. Absent: in the related class
    /// allowed without notification, in the unrelated class not allowed (TS 23.271 Table 10.2).
    pub not_listed: Option<NotificationToUser>,
    /// External clients: of the list of at most 5 and, from the sixth on, of the extended list of at most 35 more.
    pub external_clients: Vec<ExternalClientEntry>,
    /// Clients of the PLMN operator, at most 5.
    pub plmn_clients: Vec<PlmnClient>,
    /// Service types, at most 32.
    pub service_types: Vec<ServiceTypeEntry>,
}

impl PrivacyClass {
    /// Most entries of the list that a node of capability set 1 knows (TS 29.002 clause 17.7.1, ExternalClientList).
    pub const MAX_EXTERNAL_CLIENTS: usize = 5;
    /// Most entries of the extended list (TS 29.002 clause 17.7.1, Ext-ExternalClientList).
    pub const MAX_EXTENDED_CLIENTS: usize = 35;

    /// A class that counts, with nothing in it.
    #[must_use]
    pub fn active(code: PrivacyClassCode) -> Self {
        Self {
            code,
            status: SsStatus::ACTIVE,
            not_listed: None,
            external_clients: Vec::new(),
            plmn_clients: Vec::new(),
            service_types: Vec::new(),
        }
    }
}

/// One self location service of a subscriber (TS 29.002 clause 17.7.1, MOLR-Class).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MoLrClass {
    /// Which service.
    pub code: MoLrCode,
    /// Whether it counts.
    pub status: SsStatus,
}

/// The whole of it (TS 29.002 clause 17.7.1, LCSInformation; TS 29.272 clause 7.3.84, LCS-Info).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LcsInformation {
    /// Addresses of gateways, for entries restricted to them; at most 5.
    pub gmlc_list: Vec<Address>,
    /// Privacy classes, each code at most once.
    pub privacy_classes: Vec<PrivacyClass>,
    /// Self location services, each code at most once.
    pub mo_lr: Vec<MoLrClass>,
}

impl LcsInformation {
    /// The class of this code, if it counts.
    #[must_use]
    pub fn class(&self, code: PrivacyClassCode) -> Option<&PrivacyClass> {
        self.privacy_classes.iter().find(|class| class.code == code && class.status.counts())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_goes_to_the_wire_and_back() {
        let classes: Vec<u8> = (0..=255).filter(|code| PrivacyClassCode::from_code(*code).is_some()).collect();
        assert_eq!(classes, [0xB1, 0xB2, 0xB3, 0xB4, 0xB5]);
        let services: Vec<u8> = (0..=255).filter(|code| MoLrCode::from_code(*code).is_some()).collect();
        assert_eq!(services, [0xC1, 0xC2, 0xC3]);
        for (at, notification) in NotificationToUser::ALL.into_iter().enumerate() {
            assert_eq!(
                (usize::from(notification.code()), NotificationToUser::from_code(at as u32)),
                (at, Some(notification))
            );
            assert_eq!(NotificationToUser::of(notification.setting()), Some(notification));
        }
        assert_eq!(NotificationToUser::of(PrivacySetting::AllowedWithoutNotification), None);
        assert_eq!((NotificationToUser::from_code(4), GmlcRestrictionCode::from_code(2)), (None, None));
    }

    #[test]
    fn a_class_counts_when_provisioned_active_and_operative() {
        // Bits Q P R A; TS 23.271 Table 10.1 knows two states and no others.
        let counting: Vec<u8> = (0..16).filter(|bits| SsStatus(*bits).counts()).collect();
        assert_eq!(counting, [0b0101, 0b0111]);
    }
}
