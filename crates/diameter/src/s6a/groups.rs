//! The groups within LCS-Info, as encoded (TS 29.272 clauses 7.3.84 to 7.3.96).

use crate::{codec::DecodeError, dictionary, grammar::grammar, value::Octets};
use lcs::{
    Address, Digits, NatureOfAddress, NumberingPlan, PlmnClient, ServiceType,
    slpp::{
        ExternalClientEntry, GmlcRestrictionCode, MoLrClass, MoLrCode, NotificationToUser, PrivacyClass,
        PrivacyClassCode, ServiceTypeEntry, SsStatus,
    },
};

grammar! {
    @group
    /// LCS-Info (TS 29.272 clause 7.3.84).
    #[derive(Debug)]
    open LcsInfo {
        /// Gateways, for entries restricted to them.
        many gmlc_number: Address = GMLC_NUMBER;
        /// Privacy classes.
        many lcs_privacy_exception: LcsPrivacyException<'a> = LCS_PRIVACY_EXCEPTION;
        /// Self location services.
        many mo_lr: MoLr<'a> = MO_LR;
    }
}

grammar! {
    @checked
    /// LCS-PrivacyException (TS 29.272 clause 7.3.86).
    #[derive(Debug)]
    open LcsPrivacyException {
        /// Which class.
        req ss_code: [u8; 1] = SS_CODE;
        /// Whether it counts; 1 to 5 octets, of which the first says it (TS 29.002 clause 17.7.4, Ext-SS-Status).
        req ss_status: Octets<'a> = SS_STATUS;
        /// For clients not listed.
        opt notification_to_ue_user: u32 = NOTIFICATION_TO_UE_USER;
        /// Clients listed.
        many external_client: ExternalClient<'a> = EXTERNAL_CLIENT;
        /// Clients of the PLMN operator.
        many plmn_client: u32 = PLMN_CLIENT;
        /// Service types.
        many service_type: ServiceTypeGroup<'a> = SERVICE_TYPE;
    }
}

grammar! {
    @group
    /// External-Client (TS 29.272 clause 7.3.90).
    #[derive(Debug)]
    open ExternalClient {
        /// Digits of its number.
        req client_identity: Octets<'a> = CLIENT_IDENTITY;
        /// Through which gateways.
        opt gmlc_restriction: u32 = GMLC_RESTRICTION;
        /// What it gets.
        opt notification_to_ue_user: u32 = NOTIFICATION_TO_UE_USER;
    }
}

grammar! {
    @group
    /// Service-Type (TS 29.272 clause 7.3.94).
    #[derive(Debug)]
    open ServiceTypeGroup {
        /// The type.
        req service_type_identity: u32 = SERVICE_TYPE_IDENTITY;
        /// Through which gateways.
        opt gmlc_restriction: u32 = GMLC_RESTRICTION;
        /// What it gets.
        opt notification_to_ue_user: u32 = NOTIFICATION_TO_UE_USER;
    }
}

grammar! {
    @checked
    /// MO-LR (TS 29.272 clause 7.3.96).
    #[derive(Debug)]
    open MoLr {
        /// Which service.
        req ss_code: [u8; 1] = SS_CODE;
        /// Whether it counts.
        req ss_status: Octets<'a> = SS_STATUS;
    }
}

fn status(octets: Octets<'_>) -> Result<SsStatus, DecodeError> {
    match octets.0 {
        [first, rest @ ..] if rest.len() < 5 => Ok(SsStatus(*first)),
        _ => Err(DecodeError::InvalidAvpLength(crate::value::failed(&octets, &dictionary::SS_STATUS))),
    }
}

impl LcsPrivacyException<'_> {
    fn check(&self) -> Result<(), DecodeError> {
        status(self.ss_status).map(|_| ())
    }

    pub(super) fn class(&self) -> Option<PrivacyClass> {
        let [code] = self.ss_code;
        Some(PrivacyClass {
            code: PrivacyClassCode::from_code(code)?,
            status: status(self.ss_status).ok()?,
            not_listed: self.notification_to_ue_user.and_then(NotificationToUser::from_code),
            external_clients: self.external_client.iter().map(ExternalClient::entry).collect(),
            plmn_clients: self.plmn_client.iter().filter_map(|code| PlmnClient::from_code(*code)).collect(),
            service_types: self.service_type.iter().filter_map(ServiceTypeGroup::entry).collect(),
        })
    }
}

impl ExternalClient<'_> {
    fn entry(&self) -> ExternalClientEntry {
        let number = |digits| Address { nature: NatureOfAddress::International, plan: NumberingPlan::Isdn, digits };
        ExternalClientEntry {
            client: Digits::from_tbcd(self.client_identity.0).ok().map(number),
            gmlc_restriction: self.gmlc_restriction.and_then(GmlcRestrictionCode::from_code),
            notification: self.notification_to_ue_user.and_then(NotificationToUser::from_code),
        }
    }
}

impl ServiceTypeGroup<'_> {
    fn entry(&self) -> Option<ServiceTypeEntry> {
        Some(ServiceTypeEntry {
            service_type: ServiceType::new(self.service_type_identity)?,
            gmlc_restriction: self.gmlc_restriction.and_then(GmlcRestrictionCode::from_code),
            notification: self.notification_to_ue_user.and_then(NotificationToUser::from_code),
        })
    }
}

impl MoLr<'_> {
    fn check(&self) -> Result<(), DecodeError> {
        status(self.ss_status).map(|_| ())
    }

    pub(super) fn service(&self) -> Option<MoLrClass> {
        let [code] = self.ss_code;
        Some(MoLrClass { code: MoLrCode::from_code(code)?, status: status(self.ss_status).ok()? })
    }
}
