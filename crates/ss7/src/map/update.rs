//! How a node tells the home register that it serves, and which LCS capability sets it has (TS 29.002 clauses 8.1 and 17.7.1).

use super::ber::{OCTET_STRING, message, sequence};
use lcs::{Address, Imsi, LcsCapabilitySets};
use std::net::IpAddr;

use super::value::{DiameterIdentity, Lmsi};

sequence! {
    /// VLR-Capability, as far as it is about LCS.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct VlrCapability {
        /// Capability sets; absent: set 1 at most.
        opt supported_lcs_capability_sets: LcsCapabilitySets = 5;
    }
}

sequence! {
    /// SGSN-Capability, as far as it is about LCS.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct SgsnCapability {
        /// Capability sets; absent: no LCS. Set 1 is none that an SGSN may have.
        opt supported_lcs_capability_sets: LcsCapabilitySets = 5;
    }
}

sequence! {
    /// UpdateLocationArg, as far as it is about LCS.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct UpdateLocationArg {
        /// The subscriber.
        req imsi: Imsi = OCTET_STRING;
        /// Number of the MSC server.
        req msc_number: Address = 1;
        /// Number of the visitor register.
        req vlr_number: Address = OCTET_STRING;
        /// LMSI.
        opt lmsi: Lmsi = 10;
        /// What the visitor register can do.
        opt vlr_capability: VlrCapability = 6;
        /// The phone does not support LCS.
        flag cs_lcs_not_supported_by_ue: bool = 12;
        /// Visited gateway.
        opt v_gmlc_address: IpAddr = 2;
    }
}

sequence! {
    /// UpdateLocationRes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct UpdateLocationRes {
        /// Number of the home register.
        req hlr_number: Address = OCTET_STRING;
    }
}

sequence! {
    /// UpdateGprsLocationArg, as far as it is about LCS.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UpdateGprsLocationArg {
        /// The subscriber.
        req imsi: Imsi = OCTET_STRING;
        /// Number of the SGSN.
        req sgsn_number: Address = OCTET_STRING;
        /// Address of the SGSN.
        req sgsn_address: IpAddr = OCTET_STRING;
        /// What the SGSN can do.
        opt sgsn_capability: SgsnCapability = 0;
        /// The phone does not support LCS.
        flag ps_lcs_not_supported_by_ue: bool = 2;
        /// Visited gateway.
        opt v_gmlc_address: IpAddr = 3;
        /// Diameter name of the SGSN.
        opt sgsn_name: DiameterIdentity = 19;
        /// Diameter realm of the SGSN.
        opt sgsn_realm: DiameterIdentity = 20;
        /// The SGSN supports Lgd.
        flag lgd_support_indicator: bool = 21;
    }
}

sequence! {
    /// UpdateGprsLocationRes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct UpdateGprsLocationRes {
        /// Number of the home register.
        req hlr_number: Address = OCTET_STRING;
    }
}

message! {
    UpdateLocationArg = "UpdateLocationArg";
    UpdateLocationRes = "UpdateLocationRes";
    UpdateGprsLocationArg = "UpdateGprsLocationArg";
    UpdateGprsLocationRes = "UpdateGprsLocationRes";
}
