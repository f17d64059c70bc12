//! Subscriber data of LCS that a home register inserts into a node and deletes there (TS 29.002 clauses 8.8 and 17.7.1).

use super::{
    DecodeError, LcsProfile,
    ber::{message, sequence},
    value::{List, enumeration},
};
use lcs::{Imsi, Msisdn};

sequence! {
    /// InsertSubscriberDataArg, as far as it is about LCS: everything else is passed over.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct InsertSubscriberDataArg {
        /// The subscriber; absent inside the dialogue of a location update.
        opt imsi: Imsi = 0;
        /// MSISDN.
        opt msisdn: Msisdn = 1;
        /// Privacy profile and gateways.
        opt lcs_information: LcsProfile = 22;
    }
}

sequence! {
    /// InsertSubscriberDataRes, as far as it is about LCS.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct InsertSubscriberDataRes {
        /// Supplementary services that the node does not support.
        opt ss_list: List<u8, 1, 30> = 3;
    }
}

sequence! {
    /// DeleteSubscriberDataArg, as far as it is about LCS.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DeleteSubscriberDataArg {
        /// The subscriber.
        req imsi: Imsi = 0;
        /// Supplementary services to delete, among them the classes and the self location services of LCS, one by one or as groups.
        opt ss_list: List<u8, 1, 30> = 2;
        /// All addresses of gateways are to be deleted.
        flag gmlc_list_withdraw: bool = 13;
    }
}

enumeration! {
    /// What a node makes of zone codes: RegionalSubscriptionResponse.
    RegionalSubscriptionResponse {
        /// The node serves none of the zones.
        NetworkNodeAreaRestricted = 0,
        /// Too many zones.
        TooManyZoneCodes = 1,
        /// Zones contradict each other.
        ZoneCodesConflict = 2,
        /// The node does not support zones.
        RegionalSubscNotSupported = 3,
    } unknown None;
}

sequence! {
    /// DeleteSubscriberDataRes, as far as it is about LCS: nothing.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct DeleteSubscriberDataRes {
        /// About zone codes, which are no data of LCS.
        lax regional_subscription_response: RegionalSubscriptionResponse = 0;
    }
}

message! {
    InsertSubscriberDataArg = "InsertSubscriberDataArg";
    InsertSubscriberDataRes = "InsertSubscriberDataRes";
    DeleteSubscriberDataArg = "DeleteSubscriberDataArg";
    DeleteSubscriberDataRes = "DeleteSubscriberDataRes";
}

impl InsertSubscriberDataArg {
    /// A profile for a subscriber.
    #[must_use]
    pub fn of_profile(imsi: Option<Imsi>, profile: LcsProfile) -> Self {
        Self { imsi, msisdn: None, lcs_information: Some(profile) }
    }
}

impl InsertSubscriberDataRes {
    /// Reads a result, which may be absent.
    ///
    /// # Errors
    /// As `decode`.
    pub fn decode_optional(octets: &[u8]) -> Result<Self, DecodeError> {
        if octets.is_empty() { Ok(Self::default()) } else { Self::decode(octets) }
    }

    /// The result of a node that read this argument: the services that it does not know.
    #[must_use]
    pub fn to(argument: &InsertSubscriberDataArg) -> Self {
        let unknown = argument.lcs_information.as_ref().map(LcsProfile::unknown_ss_codes).unwrap_or_default();
        Self { ss_list: List::new(unknown.to_vec()) }
    }
}

impl DeleteSubscriberDataRes {
    /// Reads a result, which may be absent.
    ///
    /// # Errors
    /// As `decode`.
    pub fn decode_optional(octets: &[u8]) -> Result<Self, DecodeError> {
        if octets.is_empty() { Ok(Self::default()) } else { Self::decode(octets) }
    }
}

impl DeleteSubscriberDataArg {
    /// Code of all privacy classes together.
    pub const ALL_LCS_PRIVACY_EXCEPTION: u8 = 0xB0;
    /// Code of all self location services together.
    pub const ALL_MO_LR: u8 = 0xC0;

    /// Whether this supplementary service is to be deleted, by its own code or that of its group.
    #[must_use]
    pub fn withdraws(&self, ss_code: u8) -> bool {
        let list = self.ss_list.as_ref().map(List::as_slice).unwrap_or_default();
        list.iter().any(|listed| *listed == ss_code || (*listed & 0xF == 0 && *listed == ss_code & 0xF0))
    }
}
