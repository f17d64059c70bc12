//! AVPs that SLg and SLh take from other 3GPP applications (TS 29.172 clause 7.4.1, TS 29.173 clause 6.4.1).

super::avps! {
    Some(crate::codec::VendorId::TGPP);
    AAA_SERVER_NAME = 318, "3GPP-AAA-Server-Name", DiameterIdentity, M, shown, "TS 29.273 clause 8.2.3.24";
    SUPPORTED_FEATURES = 628, "Supported-Features", Grouped, -, shown, "TS 29.229 clause 6.3.29";
    FEATURE_LIST_ID = 629, "Feature-List-ID", Unsigned32, -, shown, "TS 29.229 clause 6.3.30";
    FEATURE_LIST = 630, "Feature-List", Unsigned32, -, shown, "TS 29.229 clause 6.3.31";
    MSISDN = 701, "MSISDN", OctetString, M, hidden, "TS 29.329 clause 6.3.2";
    LCS_FORMAT_INDICATOR = 1237, "LCS-Format-Indicator", Enumerated, M, shown, "TS 32.299 clause 7.2.84";
    LCS_NAME_STRING = 1238, "LCS-Name-String", Utf8String, M, hidden, "TS 32.299 clause 7.2.86";
    LCS_REQUESTOR_ID_STRING = 1240, "LCS-Requestor-Id-String", Utf8String, M, hidden, "TS 32.299 clause 7.2.88";
    LCS_CLIENT_TYPE = 1241, "LCS-Client-Type", Enumerated, M, shown, "TS 32.299 clause 7.2.82";
    LOCATION_ESTIMATE = 1242, "Location-Estimate", OctetString, M, hidden, "TS 32.299 clause 7.2.90";
    IMEI = 1402, "IMEI", Utf8String, M, hidden, "TS 29.272 clause 7.3.4";
    VISITED_PLMN_ID = 1407, "Visited-PLMN-Id", OctetString, M, shown, "TS 29.272 clause 7.3.9";
    GMLC_NUMBER = 1474, "GMLC-Number", OctetString, M, shown, "TS 29.272 clause 7.3.85";
    SGSN_NUMBER = 1489, "SGSN-Number", OctetString, M, shown, "TS 29.272 clause 7.3.102";
    CELL_GLOBAL_IDENTITY = 1604, "Cell-Global-Identity", OctetString, -, hidden, "TS 29.272 clause 7.3.119";
    SERVICE_AREA_IDENTITY = 1607, "Service-Area-Identity", OctetString, -, hidden, "TS 29.272 clause 7.3.122";
}
