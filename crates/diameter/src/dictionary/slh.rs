//! AVPs of SLh (TS 29.173 clause 6.4): 2400-2407 with M, 2408-2411 without.

super::avps! {
    Some(crate::codec::VendorId::TGPP);
    LMSI = 2400, "LMSI", OctetString, M, hidden, "TS 29.173 clause 6.4.2";
    SERVING_NODE = 2401, "Serving-Node", Grouped, M, shown, "TS 29.173 clause 6.4.3";
    MME_NAME = 2402, "MME-Name", DiameterIdentity, M, shown, "TS 29.173 clause 6.4.4";
    MSC_NUMBER = 2403, "MSC-Number", OctetString, M, shown, "TS 29.173 clause 6.4.5";
    LCS_CAPABILITIES_SETS = 2404, "LCS-Capabilities-Sets", Unsigned32, M, shown, "TS 29.173 clause 6.4.6";
    GMLC_ADDRESS = 2405, "GMLC-Address", Address, M, shown, "TS 29.173 clause 6.4.7";
    ADDITIONAL_SERVING_NODE = 2406, "Additional-Serving-Node", Grouped, M, shown, "TS 29.173 clause 6.4.8";
    PPR_ADDRESS = 2407, "PPR-Address", Address, M, shown, "TS 29.173 clause 6.4.9";
    MME_REALM = 2408, "MME-Realm", DiameterIdentity, -, shown, "TS 29.173 clause 6.4.12";
    SGSN_NAME = 2409, "SGSN-Name", DiameterIdentity, -, shown, "TS 29.173 clause 6.4.13";
    SGSN_REALM = 2410, "SGSN-Realm", DiameterIdentity, -, shown, "TS 29.173 clause 6.4.14";
    RIA_FLAGS = 2411, "RIA-Flags", Unsigned32, -, shown, "TS 29.173 clause 6.4.15";
}
