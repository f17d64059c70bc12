//! The LCS privacy profile that a home register gives to a serving node: LCSInformation (TS 29.002 clause 17.7.1).

use super::{
    ClientExternalId, DecodeError,
    ber::{Element, INTEGER, OCTET_STRING, Place, SEQUENCE, message, sequence},
    value::{List, Octets},
};
use bcder::decode::{Content, DecodeError as BerError, Source};
use lcs::{
    Address, LcsCapabilitySets, PlmnClient, ServiceType,
    slpp::{
        ExternalClientEntry, GmlcRestrictionCode, LcsInformation, MoLrClass, MoLrCode, NotificationToUser,
        PrivacyClass, PrivacyClassCode, ServiceTypeEntry, SsStatus,
    },
};

/// A profile that MAP can carry, and what a node could not make of the one that it received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LcsProfile {
    information: LcsInformation,
    unknown_ss_codes: Vec<u8>,
}

message! { LcsProfile = "LCSInformation"; }

/// Why a profile does not fit into LCSInformation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// A list is longer than MAP has room for.
    #[error("{0}: {1} entries, and MAP has room for {2}")]
    TooMany(&'static str, usize, usize),
    /// A class or service is there twice.
    #[error("supplementary service {0:#04x} is there twice")]
    Twice(u8),
}

/// Most classes in the first list; a fifth goes into the second one.
const FIRST_CLASSES: usize = 4;

impl LcsProfile {
    /// Takes a profile that fits.
    ///
    /// # Errors
    /// A list that is too long, a class or service that is there twice.
    pub fn new(information: LcsInformation) -> Result<Self, ProfileError> {
        let fits = |name, count, most| {
            if count > most { Err(ProfileError::TooMany(name, count, most)) } else { Ok(()) }
        };
        fits("gmlc_list", information.gmlc_list.len(), 5)?;
        twice(information.privacy_classes.iter().map(|class| class.code.code()))?;
        twice(information.mo_lr.iter().map(|class| class.code.code()))?;
        for class in &information.privacy_classes {
            let most_clients = PrivacyClass::MAX_EXTERNAL_CLIENTS + PrivacyClass::MAX_EXTENDED_CLIENTS;
            fits("external_clients", class.external_clients.len(), most_clients)?;
            fits("plmn_clients", class.plmn_clients.len(), 5)?;
            fits("service_types", class.service_types.len(), 32)?;
        }
        Ok(Self { information, unknown_ss_codes: Vec::new() })
    }

    /// What of the profile a home register gives to a node with these capability sets: see [`LcsInformation::sent_to`].
    #[must_use]
    pub fn for_node(self, capabilities: LcsCapabilitySets) -> Self {
        Self { information: self.information.sent_to(capabilities.highest()), ..self }
    }

    /// The profile.
    #[must_use]
    pub fn information(&self) -> &LcsInformation {
        &self.information
    }

    /// Supplementary services in the received profile that are no LCS service known here. A node tells them in its answer.
    #[must_use]
    pub fn unknown_ss_codes(&self) -> &[u8] {
        &self.unknown_ss_codes
    }
}

fn twice(codes: impl Iterator<Item = u8>) -> Result<(), ProfileError> {
    let mut seen = [false; 256];
    for code in codes {
        if core::mem::replace(&mut seen[usize::from(code)], true) {
            return Err(ProfileError::Twice(code));
        }
    }
    Ok(())
}

sequence! {
    struct ExternalClient {
        req client_identity: ClientExternalId = SEQUENCE;
        lax gmlc_restriction: GmlcRestrictionCode = 0;
        lax notification_to_ms_user: NotificationToUser = 1;
    }
}

sequence! {
    struct ServiceTypeOfList {
        req service_type_identity: ServiceType = INTEGER;
        lax gmlc_restriction: GmlcRestrictionCode = 0;
        lax notification_to_ms_user: NotificationToUser = 1;
    }
}

/// Ext-SS-Status: bits Q, P, R and A in the first octet; the others are reserved and passed over.
type ExtSsStatus = Octets<1, 5>;

sequence! {
    struct LcsPrivacyClass {
        req ss_code: u8 = OCTET_STRING;
        req ss_status: ExtSsStatus = OCTET_STRING;
        lax notification_to_ms_user: NotificationToUser = 0;
        opt external_client_list: List<ExternalClient, 0, 5> = 1;
        opt plmn_client_list: List<AnyPlmnClient, 1, 5> = 2;
        opt ext_external_client_list: List<ExternalClient, 1, 35> = 4;
        opt service_type_list: List<ServiceTypeOfList, 1, 32> = 5;
    }
}

sequence! {
    struct MolrClass {
        req ss_code: u8 = OCTET_STRING;
        req ss_status: ExtSsStatus = OCTET_STRING;
    }
}

sequence! {
    struct LcsInformationElements {
        opt gmlc_list: List<Address, 1, 5> = 0;
        opt lcs_privacy_exception_list: List<LcsPrivacyClass, 1, FIRST_CLASSES> = 1;
        opt molr_list: List<MolrClass, 1, 3> = 2;
        opt add_lcs_privacy_exception_list: List<LcsPrivacyClass, 1, FIRST_CLASSES> = 3;
    }
}

/// A PLMN client; `None` for one that is not listed, who is then in no list.
struct AnyPlmnClient(Option<PlmnClient>);

impl Element for AnyPlmnClient {
    const NATURAL: u32 = super::ber::ENUMERATED;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, _: &mut Place) -> Result<Self, BerError<S::Error>> {
        content.to_u32().map(PlmnClient::from_code).map(Self)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.0.map(|client| client as u8));
    }
}

impl Element for LcsProfile {
    const NATURAL: u32 = SEQUENCE;
    const CONSTRUCTED: bool = true;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        let elements = LcsInformationElements::read(content, place)?;
        let first = elements.lcs_privacy_exception_list.map(List::into_vec).unwrap_or_default();
        let second = elements.add_lcs_privacy_exception_list.map(List::into_vec).unwrap_or_default();
        // The second list counts only beside a full first one, else it is discarded.
        let second = if first.len() == FIRST_CLASSES { second } else { Vec::new() };
        let mut unknown_ss_codes = Vec::new();
        let mut information = LcsInformation {
            gmlc_list: elements.gmlc_list.map(List::into_vec).unwrap_or_default(),
            ..Default::default()
        };
        for class in first.into_iter().chain(second) {
            match PrivacyClassCode::from_code(class.ss_code) {
                Some(code) => information.privacy_classes.push(class.privacy_class(code)),
                None => unknown_ss_codes.push(class.ss_code),
            }
        }
        for class in elements.molr_list.map(List::into_vec).unwrap_or_default() {
            match MoLrCode::from_code(class.ss_code) {
                Some(code) => information.mo_lr.push(MoLrClass { code, status: status(&class.ss_status) }),
                None => unknown_ss_codes.push(class.ss_code),
            }
        }
        let profile = Self::new(information)
            .map_err(|_| place.refuse(content, DecodeError::UnexpectedDataValue("lcs_privacy_exception_list")))?;
        Ok(Self { unknown_ss_codes, ..profile })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let LcsInformation { gmlc_list, privacy_classes, mo_lr } = &self.information;
        let mut classes = privacy_classes.iter().map(LcsPrivacyClass::of);
        let elements = LcsInformationElements {
            gmlc_list: List::new(gmlc_list.clone()),
            lcs_privacy_exception_list: List::new(classes.by_ref().take(FIRST_CLASSES).collect()),
            molr_list: List::new(mo_lr.iter().map(MolrClass::of).collect()),
            add_lcs_privacy_exception_list: List::new(classes.collect()),
        };
        elements.write(out);
    }
}

fn status(octets: &ExtSsStatus) -> SsStatus {
    SsStatus(octets.as_slice().first().copied().unwrap_or_default())
}

impl LcsPrivacyClass {
    fn privacy_class(self, code: PrivacyClassCode) -> PrivacyClass {
        let clients = self.external_client_list.map(List::into_vec).unwrap_or_default();
        let extended = self.ext_external_client_list.map(List::into_vec).unwrap_or_default();
        let plmn_clients = self.plmn_client_list.map(List::into_vec).unwrap_or_default();
        let service_types = self.service_type_list.map(List::into_vec).unwrap_or_default();
        PrivacyClass {
            code,
            status: status(&self.ss_status),
            not_listed: self.notification_to_ms_user,
            external_clients: clients.into_iter().chain(extended).map(ExternalClient::entry).collect(),
            plmn_clients: plmn_clients.into_iter().filter_map(|client| client.0).collect(),
            service_types: service_types.into_iter().map(ServiceTypeOfList::entry).collect(),
        }
    }

    fn of(class: &PrivacyClass) -> Self {
        let mut clients = class.external_clients.iter().map(ExternalClient::of);
        let first: Vec<_> = clients.by_ref().take(PrivacyClass::MAX_EXTERNAL_CLIENTS).collect();
        Self {
            ss_code: class.code.code(),
            ss_status: ExtSsStatus::of(vec![class.status.0]),
            notification_to_ms_user: class.not_listed,
            external_client_list: List::new(first).filter(|list| !list.as_slice().is_empty()),
            plmn_client_list: List::new(class.plmn_clients.iter().map(|client| AnyPlmnClient(Some(*client))).collect()),
            ext_external_client_list: List::new(clients.collect()),
            service_type_list: List::new(class.service_types.iter().map(ServiceTypeOfList::of).collect()),
        }
    }
}

impl ExternalClient {
    fn entry(self) -> ExternalClientEntry {
        ExternalClientEntry {
            client: self.client_identity.external_address,
            gmlc_restriction: self.gmlc_restriction,
            notification: self.notification_to_ms_user,
        }
    }

    fn of(entry: &ExternalClientEntry) -> Self {
        Self {
            client_identity: ClientExternalId { external_address: entry.client },
            gmlc_restriction: entry.gmlc_restriction,
            notification_to_ms_user: entry.notification,
        }
    }
}

impl ServiceTypeOfList {
    fn entry(self) -> ServiceTypeEntry {
        ServiceTypeEntry {
            service_type: self.service_type_identity,
            gmlc_restriction: self.gmlc_restriction,
            notification: self.notification_to_ms_user,
        }
    }

    fn of(entry: &ServiceTypeEntry) -> Self {
        Self {
            service_type_identity: entry.service_type,
            gmlc_restriction: entry.gmlc_restriction,
            notification_to_ms_user: entry.notification,
        }
    }
}

impl MolrClass {
    fn of(class: &MoLrClass) -> Self {
        Self { ss_code: class.code.code(), ss_status: ExtSsStatus::of(vec![class.status.0]) }
    }
}
